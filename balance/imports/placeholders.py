"""Words that labelling tools write where nobody typed a text.

A word is left out as a mark only where that is certain: it is one that PPOCRLabel writes itself, as
it stands, in a format that PPOCRLabel writes. A new box gets the first of its language, a box in
which the model reads nothing the second (resources/strings of PPOCRLabel: `tempLabel`, `nullLabel`;
no language beside English and simplified Chinese has them):

    TEMPORARY   NULL        English
    待识别       无法识别     Chinese

Label Studio exports no such word (its `placeholder` is shown and never stored), nor does
X-AnyLabeling (it writes an empty text or null). But scripts between a tool and this one make a text
of a missing value, or take the name of a class for it. Such a word ("None", "text") is a true label
on many a screen, so it is taken, and told where it stands on at least `MANY` lines that are at
least `MANY_SHARE` of all. `--placeholder` says which words stand for none, instead of all this.
"""

from collections import Counter
from collections.abc import Iterable, Mapping

from balance.imports.forms import Format

PPOCRLABEL = ("TEMPORARY", "NULL", "待识别", "无法识别")

_FROM_TOOLS: tuple[Format, ...] = ("ppocr-det", "ppocr-rec", "lmdb", "label-studio")
"""What PPOCRLabel writes, what is made of that, and what is labelled from its readings. In public
sets, and in lines that were rendered, the same words are true labels."""

DOUBTFUL = frozenset({"none", "null", "nan", "undefined", "text", "recognized text"})
"""Casefolded: Python's, JSON's, pandas' and JavaScript's missing value; the class that OCR
templates name their boxes by; what Label Studio's OCR template shows in an empty field."""

MANY, MANY_SHARE = 3, 0.01


def placeholders_of(format: Format, named: tuple[str, ...] | None = None) -> frozenset[str]:
    """Return the texts that stand for none in a source; `named` ones take the place of the tool's.

    >>> sorted(placeholders_of("label-studio", ("NULL",))), sorted(placeholders_of("sroie"))
    (['NULL'], [])
    """
    if named is not None:
        return frozenset(named)
    return frozenset(PPOCRLABEL if format in _FROM_TOOLS else ())


def doubtful_words(labels: Iterable[str]) -> Mapping[str, int]:
    """Return the labels that many lines have and that may stand for none, with their counts.

    >>> doubtful_words(["None"] * 3 + ["값"] * 97), doubtful_words(["None"] * 2)
    ({'None': 3}, {})
    """
    counts = Counter(labels)
    least = max(MANY, MANY_SHARE * counts.total())
    return {
        word: count
        for word, count in counts.items()
        if word.casefold() in DOUBTFUL and count >= least
    }
