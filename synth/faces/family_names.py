"""The family and the style that a face's names say, the weight always in the style.

Names 1 and 2 hold families of at most four styles (OpenType, `name`, ids 1, 2, 16 and 17): a font
without 16 and 17 names its other weights as families of their own ("Walkway Bold", "Regular").
Drawn as families, eight weights of one design would be eight times as likely as another's one.
"""

import re

_WEIGHT = (
    "thin|hairline|(?:extra|ultra|semi|demi)[ -]?light|light|book|medium|"
    "(?:extra|ultra|semi|demi)[ -]?bold|bold|black|heavy"
)
_LAST_WORDS = re.compile(rf"(?:[ -]+(?:{_WEIGHT}|italic|oblique))+$", re.IGNORECASE)


def without_weight(family: str, style: str) -> tuple[str, str]:
    """Move words of weight and slant from the end of a family's name to the style.

    Args:
        family, style: names 1 and 2, of a face that has no name 16.

    >>> without_weight("Walkway Oblique SemiBold", "Regular")
    ('Walkway', 'Oblique SemiBold')
    >>> without_weight("Aller Light", "Italic"), without_weight("Sansation Light", "Light")
    (('Aller', 'Light Italic'), ('Sansation', 'Light'))
    >>> without_weight("Roboto Condensed", "Bold"), without_weight("Black", "Regular")
    (('Roboto Condensed', 'Bold'), ('Black', 'Regular'))
    >>> without_weight("NanumGothicBold", "Regular")
    ('NanumGothicBold', 'Regular')
    """
    found = _LAST_WORDS.search(family)
    if found is None or not found.start():
        return family, style
    words = found.group().split()
    said = {word.casefold() for word in words} | {"regular", "normal"}
    words += [word for word in style.split() if word.casefold() not in said]
    return family[: found.start()], " ".join(words)
