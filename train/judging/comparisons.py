"""What two texts are stripped of before they are compared, and how lines score under each."""

import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
import numpy.typing as npt
from rapidfuzz.distance import Levenshtein

from textlines.formats.judged_set import no_spaces
from textlines.profile.reading import Reading
from textlines.wording import say
from train.judging.intervals import Numbers

ComparisonName = Literal["all", "case_folded", "no_spaces", "no_punctuation"]


def no_punctuation(text: str) -> str:
    """Take punctuation and symbols out (Unicode's categories P and S); spaces stay.

    >>> no_punctuation("$1.00, 값!")
    '100 값'
    """
    return "".join([char for char in text if not _is_mark(char)])


@lru_cache(maxsize=4096)
def _is_mark(char: str) -> bool:
    return unicodedata.category(char)[0] in "PS"


def _same(text: str) -> str:
    return text


COMPARISONS: Mapping[ComparisonName, Callable[[str], str]] = {
    "all": _same,
    "case_folded": str.casefold,
    "no_spaces": no_spaces,
    "no_punctuation": no_punctuation,
}
"""Each is applied to the label and to the reading, both in NFC."""

COMPARISON_WORDS: Mapping[ComparisonName, str] = {
    "all": say("everything counted"),
    "case_folded": say("case folded"),
    "no_spaces": say("spaces ignored"),
    "no_punctuation": say("punctuation ignored"),
}

EXPLAINED = say(
    "Everything counted: spaces, case and punctuation, in NFC. PaddleOCR's own accuracy ignores "
    "spaces unless its configuration says ignore_space: False; it is the row 'spaces ignored'. "
    "Punctuation: Unicode's punctuation and symbols."
)


@dataclass(frozen=True, slots=True)
class Scores:
    """Lines under one comparison; all arrays have one number for each line.

    Attributes:
        right: 1 where label and reading are the same, else 0.
        accuracy: 1 - edits / length of the longer text (PaddleOCR's norm_edit_dis), 0..1; 1
            where both are empty.
        edits: characters replaced, lost or inserted.
        length: of the label, in characters (code points of NFC).
    """

    right: Numbers
    accuracy: Numbers
    edits: Numbers
    length: Numbers

    def of(self, chosen: npt.NDArray[np.intp]) -> "Scores":
        """Return the scores of some lines, by their numbers."""
        return Scores(
            self.right[chosen], self.accuracy[chosen], self.edits[chosen], self.length[chosen]
        )


def scores(readings: Sequence[Reading]) -> Mapping[ComparisonName, Scores]:
    """Score lines under every comparison."""
    pairs = [
        (
            unicodedata.normalize("NFC", reading.label),
            unicodedata.normalize("NFC", reading.prediction),
        )
        for reading in readings
    ]
    return {
        name: _scores((change(label), change(prediction)) for label, prediction in pairs)
        for name, change in COMPARISONS.items()
    }


def _scores(pairs: Iterable[tuple[str, str]]) -> Scores:
    rows = [(*_measured(label, prediction), float(len(label))) for label, prediction in pairs]
    table = np.array(rows, np.float64).reshape(len(rows), 4)
    return Scores(*(np.ascontiguousarray(column) for column in table.T))


def _measured(label: str, prediction: str) -> tuple[float, float, float]:
    """Return whether a line is right (1 or 0), its accuracy and its edits.

    >>> _measured("60.00", "6000"), _measured("", "")
    ((0.0, 0.8, 1.0), (1.0, 1.0, 0.0))
    """
    if label == prediction:
        return 1.0, 1.0, 0.0
    edits = Levenshtein.distance(label, prediction)
    return 0.0, 1 - edits / max(len(label), len(prediction)), float(edits)
