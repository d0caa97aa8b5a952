"""Sentences in English that a page can show in another language.

`say` makes one; as a string it is English, wherever it goes. Only a page, built inside
`speaking(language)`, shows it translated.
"""

from textlines.wording.languages import (
    LANG_HELP,
    LANGUAGE_NAMES,
    LANGUAGES,
    Language,
    language_of,
    pages_in,
    speaking,
    spoken_language,
)
from textlines.wording.sentence import UNSAID, Said, Sentence, arranged, joined, say, say_n, spoken

__all__ = [
    "LANGUAGES",
    "LANGUAGE_NAMES",
    "LANG_HELP",
    "UNSAID",
    "Language",
    "Said",
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
