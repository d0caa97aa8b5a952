"""Alphabets of one script: letters of several languages that look the same, and which is meant.

The Arabic script has letters of one shape that belong to different languages: `ى` and the Persian
`ی`, `ه` and the Urdu `ھ`, `٣` and the Persian `۳`. A dictionary for all of these languages holds
them all; a line is in one of them, and its other letters say in which.
"""

from collections.abc import Mapping
from functools import lru_cache

from textlines.labels.scripts import script_of

_SHARED = "ابتجخدرزسشغفقلمن"
_OF_ARABIC = "ءآأؤئثحذصضطظع"
_ARABIC_DIGITS, _PERSIAN_DIGITS = "٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹"

ALPHABETS: Mapping[str, frozenset[str]] = {
    name: frozenset(_SHARED + letters)
    for name, letters in {
        "Arabic": _OF_ARABIC + "إةكهوىي" + _ARABIC_DIGITS,
        "Persian": _OF_ARABIC + "پچژکگوهیۀ" + _PERSIAN_DIGITS,
        "Urdu": _OF_ARABIC + "پٹچڈڑژکگںوہھۂۃیےۓ" + _PERSIAN_DIGITS,
        "Pashto": _OF_ARABIC + "پټځچڅډړژږښکګڼوهةيیېۍ" + _PERSIAN_DIGITS,
        "Kurdish": "ئحعپچڕژڤکگڵوۆھەیێ" + _ARABIC_DIGITS,
        "Uyghur": "ئپچژكگڭھوۇۆۈۋەېىي",
    }.items()
}
"""Letters and digits of the languages that PaddleOCR's dictionary of the Arabic script is for."""

_LETTERS = frozenset().union(*ALPHABETS.values())


@lru_cache(maxsize=65_536)
def alphabets_of(text: str) -> frozenset[str]:
    """Name the alphabets that a line may be written in; none for one without such letters.

    An alphabet must hold all letters of the script in the line, and its digits. Digits alone say
    nothing.

    >>> sorted(alphabets_of("حتى")), sorted(alphabets_of("چای ۳")), sorted(alphabets_of("٣"))
    (['Arabic'], ['Pashto', 'Persian', 'Urdu'], [])
    """
    held = frozenset(char for char in text if char in _LETTERS or _is_letter(char))
    if not any(char.isalpha() for char in held):
        return frozenset()
    return frozenset(name for name, alphabet in ALPHABETS.items() if held <= alphabet)


def _is_letter(char: str) -> bool:
    return char.isalpha() and script_of(char) == "Arabic"


def meant(twins: tuple[str, ...], alphabets: frozenset[str]) -> tuple[str, ...]:
    """Return those of the look-alikes of a letter that a line in these alphabets may mean.

    Args:
        alphabets: as `alphabets_of` names them; without any, all are returned.

    >>> meant(("ی",), frozenset({"Arabic"})), meant(("ی",), frozenset())
    ((), ('ی',))
    """
    if not alphabets:
        return twins
    return tuple(
        twin
        for twin in twins
        if twin not in _LETTERS or any(twin in ALPHABETS[name] for name in alphabets)
    )
