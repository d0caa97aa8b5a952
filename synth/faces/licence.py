"""A short name for the licence that a font's name table speaks of."""

# In the order of the test: the first pattern found decides. A notice on both ("GPL or OFL")
# is rare and is named by the stricter one, which stands first.
_KNOWN: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("AGPL", ("affero general public",)),
    ("LGPL", ("lesser general public", "lgpl")),
    ("GPL", ("general public license", "general public licence", "gnu gpl", "gpl")),
    ("OFL-1.1", ("sil open font license", "scripts.sil.org/ofl", "openfontlicense", "ofl")),
    ("Apache-2.0", ("apache license", "apache.org/licenses", "apache 2.0")),
    ("IPA", ("ipa font license", "ipafont.ipa.go.jp", "ipa_font_license")),
    ("Bitstream Vera", ("bitstream vera",)),
    ("Liberation", ("liberation fonts license", "licensing/liberationfontlicense")),
    ("UFL-1.0", ("ubuntu font licence",)),
    ("CC0-1.0", ("cc0", "publicdomain/zero")),
    ("Public domain", ("public domain",)),
    ("MIT", ("mit license", "opensource.org/licenses/mit")),
)


def short_licence(licence: str, url: str, copyright_notice: str) -> str:
    """Name the licence from name ids 13, 14 and 0; "unknown" when none is recognised.

    The three are read in this order: a copyright line often names fonts that the face was
    derived from, and their licences.

    >>> short_licence("This Font Software is licensed under the SIL Open Font License", "", "")
    'OFL-1.1'
    >>> short_licence("", "", "Copyright (c) 2003 by Bitstream, Inc. Bitstream Vera is a trademark")
    'Bitstream Vera'
    >>> short_licence("Free for personal use", "", "")
    'unknown'
    """
    for notice in (licence, url, copyright_notice):
        words = notice.casefold()
        for name, patterns in _KNOWN:
            if any(_holds(words, pattern) for pattern in patterns):
                return name
    return "unknown"


def is_known(licence: str) -> bool:
    """Say whether `--fonts-licence known` keeps a face with this licence."""
    return licence not in ("", "unknown")


def _holds(words: str, pattern: str) -> bool:
    """Find the pattern; a short one ("gpl", "ofl") only as a word of its own."""
    at = words.find(pattern)
    while at >= 0:
        before, after = words[at - 1 : at], words[at + len(pattern) : at + len(pattern) + 1]
        if len(pattern) > 4 or not (before.isalpha() or after.isalpha()):
            return True
        at = words.find(pattern, at + 1)
    return False
