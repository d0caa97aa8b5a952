"""Punctuation that different keyboards and encodings write with different characters."""

_GROUPS = (
    "-\u2010\u2011\u2012\u2013\u2014\u2015\u2212\uff0d\u30fc\u2500",  # dashes, minus, prolonged
    "~\u223c\u301c\uff5e\u02dc",
    "\u00b7\u2219\u22c5\u30fb\u2022\u318d\u2027\u0387\u119e",  # middle dots
    "'\u2018\u2019\u02bc\u2032\u00b4`\uff07",
    '"\u201c\u201d\u2033\uff02',
    "*\u2217\uff0a",
    "/\u2044\u2215\uff0f",
    ":\u2236\uff1a",
    "|\u2223\uff5c\u2502",
    ",\uff0c\u201a\u060c",
    "\u25cb\u25ef\u3007",  # circles, the Chinese zero
    "\u00b0\u02da\u00ba",  # degree, ring, ordinal
    "\u20a9\uffe6",  # won
    "\u00a5\uffe5",  # yen
    " \u00a0\u3000\u2002\u2003\u2007\u2009\u202f",
)

_TWINS = {
    char: tuple(twin for twin in group if twin != char) for group in _GROUPS for char in group
}
_TWINS["\u2026"] = ("...", "\u22ef")
_TWINS["\u22ef"] = ("\u2026", "...")


def twins_of(char: str) -> tuple[str, ...]:
    """Return the characters that people write for this one, commonest first; () for most.

    >>> twins_of("–")[:2], twins_of("값")
    (('-', '‐'), ())
    """
    return _TWINS.get(char, ())
