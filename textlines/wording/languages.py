"""Which languages pages come in, and which of them the page that is being built is in.

The language is the context of a page, not an argument: hundreds of leaves (a column's title, the
note under a figure, the finding of a criterion) need it, and between the command and them nothing
does. It is set for the time in which a page is built, by the command alone, and outside of that
everything is English: terminals, JSON and SARIF cannot be reached by it.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from typing import Literal, get_args

Language = Literal["en", "ko"]

LANGUAGES: tuple[Language, ...] = get_args(Language)

LANGUAGE_NAMES: Mapping[Language, str] = {"en": "English", "ko": "한국어"}
"""As their readers call them."""

LANG_HELP = "Of the page. [default: that of LC_ALL, LC_MESSAGES or LANG, else en]"
"""What every `--lang` says of itself."""

VARIABLES = ("LC_ALL", "LC_MESSAGES", "LANG")
"""Of the environment; the first that is not empty says the language, as POSIX has it."""

_SPOKEN: ContextVar[Language] = ContextVar("language", default="en")


@contextmanager
def speaking(language: Language) -> Iterator[None]:
    """Build pages in a language; afterwards it is the one of before, whatever happened."""
    token = _SPOKEN.set(language)
    try:
        yield
    finally:
        _SPOKEN.reset(token)


def pages_in(asked: Language | None) -> AbstractContextManager[None]:
    """Build pages in the language that was asked for, else in that of the environment."""
    return speaking(language_of(asked, os.environ))


def spoken_language() -> Language:
    """Return the language of the page that is being built; English where none is."""
    return _SPOKEN.get()


def language_of(asked: Language | None, environment: Mapping[str, str]) -> Language:
    """Return the language that was asked for, else the one of the environment, else English.

    >>> language_of(None, {"LC_ALL": "", "LANG": "ko_KR.UTF-8"})
    'ko'
    >>> language_of("en", {"LANG": "ko_KR.UTF-8"}), language_of(None, {"LANG": "C.UTF-8"})
    ('en', 'en')
    """
    if asked is not None:
        return asked
    name = next((environment[name] for name in VARIABLES if environment.get(name)), "")
    wanted = name.partition(".")[0].partition("@")[0].partition("_")[0].lower()
    return next((one for one in LANGUAGES if one == wanted), "en")
