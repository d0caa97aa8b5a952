"""Sentences in English that a page can show in another language.

`say` makes one; as a string it is English, wherever it goes. Only a page, built inside
`speaking(language)`, shows it translated.
"""

from textlines.wording.languages import (
    LANG_HELP,
    LANGUAGES,
    Language,
    language_of,
    pages_in,
    speaking,
    spoken_language,
)
from textlines.wording.sentence import Sentence, arranged, joined, say, say_n, spoken

__all__ = [
    "LANGUAGES",
    "LANG_HELP",
    "Language",
    "Sentence",
    "arranged",
    "joined",
    "language_of",
    "pages_in",
    "say",
    "say_n",
    "speaking",
    "spoken",
    "spoken_language",
]
