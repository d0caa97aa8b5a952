"""Message catalogues: one `.po` file for each language but English, read as it is.

The msgid is the English text with its placeholders. `tests/messages.py` keeps the files in step
with the code; what is missing all the same is shown in English.
"""

from collections.abc import Mapping
from functools import lru_cache
from importlib import resources

from textlines.wording.languages import Language

Key = tuple[str, str]
"""Context ("" for most) and msgid, as gettext has them."""


@lru_cache
def catalogue(language: Language) -> Mapping[Key, str]:
    """Return the translations into a language; none into English, which is what msgids are.

    Languages that inflect a noun by its number have the form of `msgstr[0]` alone here: Korean
    has one.
    """
    if language == "en":
        return {}
    import polib  # here, as English needs none: `--help` is to be quick

    text = (resources.files("textlines.wording") / f"{language}.po").read_text(encoding="utf-8")
    return {
        (entry.msgctxt or "", entry.msgid): entry.msgstr_plural.get(0, "") or entry.msgstr
        for entry in polib.pofile(text)
        if entry.translated()
    }
