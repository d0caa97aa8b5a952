"""Letters of other scripts that look like Latin ones, and the other way round."""

# Upper and lower case that are drawn alike in nearly every face, after Unicode's confusables
# (UTS #39), cut to what keyboards and OCR mix up in labels.
_PAIRS = (
    ("A", "АΑ"), ("B", "ВΒ"), ("C", "СϹ"), ("E", "ЕΕ"), ("H", "НΗ"), ("I", "ІΙ"),
    ("J", "Ј"), ("K", "КΚ"), ("M", "МΜ"), ("N", "Ν"), ("O", "ОΟ"), ("P", "РΡ"),
    ("S", "Ѕ"), ("T", "ТΤ"), ("X", "ХΧ"), ("Y", "ҮΥ"), ("Z", "Ζ"),
    ("a", "а"), ("c", "сϲ"), ("e", "е"), ("i", "і"), ("j", "ј"), ("o", "оο"),
    ("p", "рρ"), ("s", "ѕ"), ("v", "ν"), ("x", "х"), ("y", "у"),
    ("l", "ⅼӏ"), ("µ", "μ"), ("Ω", "Ω"), ("Å", "Å"),
    ("一", "ー"), ("二", "ニ"), ("口", "ロ"), ("力", "カ"), ("工", "エ"), ("卜", "ト"),
    ("八", "ハ"), ("夕", "タ"),
)  # fmt: skip

_ALIKE: dict[str, tuple[str, ...]] = {}
for _first, _others in _PAIRS:
    _group = (_first, *_others)
    for _char in _group:
        _ALIKE[_char] = tuple(other for other in _group if other != _char)


def look_alikes(char: str) -> tuple[str, ...]:
    """Return the characters that look like this one; () for most.

    >>> look_alikes("О"), look_alikes("값")
    (('O', 'Ο'), ())
    """
    return _ALIKE.get(char, ())
