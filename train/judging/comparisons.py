"""How a label and a reading are compared: what counts, how lines score, what labels allow.

An evaluation scores lines under each of `COMPARISONS`. The gate and a run judge each set by one
comparison, and by the strictest that its labels allow. Labels may not record all that stands in a
crop: word sets are written in capitals, or without spaces and marks. What they do record is seen by
laying the base model's readings beside them. Measured: `alnum` on receipts hid 24 of 32 broken
lines from stopping, blending and gate alike, for they had lost their spaces only.
"""

import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
import numpy.typing as npt
from rapidfuzz.distance import Levenshtein

from textlines.formats.judged_set import JudgedBy, letters_and_digits, no_spaces
from textlines.profile.reading import Reading
from textlines.wording import Sentence, say, say_n
from train.judging.intervals import Numbers

ComparisonName = Literal["all", "case_folded", "no_spaces", "no_punctuation"]


def no_punctuation(text: str) -> str:
    """Take punctuation and symbols out (Unicode's categories P and S); spaces stay.

    >>> no_punctuation("$1.00, 값!")
    '100 값'
    """
    return "".join([char for char in text if not _is_punctuation(char)])


@lru_cache(maxsize=4096)
def _is_punctuation(char: str) -> bool:
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


TextPart = Literal["case", "spaces", "marks"]
PARTS: tuple[TextPart, ...] = ("case", "spaces", "marks")

PART_WORDS: Mapping[TextPart, tuple[str, str]] = {
    "case": (say("case"), say("letters of both cases")),
    "spaces": (say("spaces"), say("spaces")),
    "marks": (say("punctuation"), say("punctuation")),
}
"""Each part by its name, and what a text holds that shows it."""

SILENT_SHARE = 0.05
"""Share of lines, read right but for a part, whose labels leave out what the base reads there, from
which on labels do not record it. Fewer are slips of the base: a space put into a number."""

SEEN_SHARE = 0.01
"""Share of lines in which labels and base both hold a part, from which on a comparison that does
not look at it is worth a warning."""


@dataclass(frozen=True, slots=True)
class Strictness:
    """What counts in a comparison, beside letters and digits.

    >>> str(Strictness()), str(Strictness(case=False, spaces=False, marks=False))
    ('exact', 'casefold+alnum')
    """

    case: bool = True
    spaces: bool = True
    marks: bool = True

    @classmethod
    def of(cls, comparison: JudgedBy) -> "Strictness":
        """Return what a comparison looks at.

        >>> Strictness.of("alnum")
        Strictness(case=True, spaces=False, marks=False)
        """
        return cls(
            case=comparison != "casefold",
            spaces=comparison not in ("alnum", "nospace"),
            marks=comparison != "alnum",
        )

    @classmethod
    def parse(cls, text: str) -> "Strictness":
        """Read what `str` wrote.

        Raises:
            ValueError: it is none.

        >>> Strictness.parse("casefold+nospace")
        Strictness(case=False, spaces=False, marks=True)
        """
        strictness = _named().get(text)
        if strictness is None:
            raise ValueError(f"{text!r} is none of {', '.join(_named())}")
        return strictness

    def __str__(self) -> str:
        names = [] if self.case else ["casefold"]
        if not self.spaces:
            names.append("nospace" if self.marks else "alnum")
        elif not self.marks:
            names.append("nomarks")
        return "+".join(names) or "exact"

    def looks_at(self, part: TextPart) -> bool:
        """Whether a part counts."""
        return {"case": self.case, "spaces": self.spaces, "marks": self.marks}[part]

    def sees_more_than(self, other: "Strictness") -> bool:
        """Whether it looks at something that another does not."""
        return any(self.looks_at(part) and not other.looks_at(part) for part in PARTS)

    def key(self, text: str) -> str:
        """Return what is left of a text to compare.

        >>> Strictness(marks=False).key("No. 1 - 2"), Strictness(case=False).key("Ab c")
        ('No 1 2', 'ab c')
        """
        text = unicodedata.normalize("NFC", text)
        if not self.spaces:
            text = no_spaces(text) if self.marks else letters_and_digits(text)
        elif not self.marks:
            text = " ".join(filter(None, map(letters_and_digits, text.split())))
        return text if self.case else text.casefold()

    def is_right(self, label: str, prediction: str) -> bool:
        """Whether a reading is that of its label."""
        return self.key(label) == self.key(prediction)


LOOSEST = Strictness(case=False, spaces=False, marks=False)


@lru_cache(maxsize=1)
def _named() -> Mapping[str, Strictness]:
    both = (True, False)
    every = [Strictness(case, spaces, marks) for case in both for spaces in both for marks in both]
    return {str(strictness): strictness for strictness in every}


@dataclass(frozen=True, slots=True)
class RecordedPart:
    """How far labels record one part.

    Attributes:
        labelled: lines whose label holds it. both: of these, those whose reading holds it too.
        silent: lines read right but for it, in which the reading alone holds it.
        right: lines that are read right but for case, spaces and punctuation.
        lines: all of them.
    """

    labelled: int
    both: int
    silent: int
    right: int
    lines: int

    @property
    def is_recorded(self) -> bool:
        """Whether the labels allow a comparison that looks at it."""
        is_slip = self.silent < SILENT_SHARE * self.right or not self.silent
        return is_slip or self.silent <= self.labelled

    @property
    def is_read(self) -> bool:
        """Whether labels and base both hold it, often enough for its loss to matter."""
        return self.is_recorded and self.both > 0 and self.both >= SEEN_SHARE * self.lines


@dataclass(frozen=True, slots=True)
class Labelling:
    """What the labels of a set record, by part."""

    parts: Mapping[TextPart, RecordedPart]

    @classmethod
    def of(cls, pairs: Iterable[tuple[str, str]]) -> "Labelling":
        """Lay readings of the base beside their labels.

        Args:
            pairs: label and reading of each line.

        >>> words = [("OPEN", "Open"), ("BAR", "Bar"), ("12", "12")]
        >>> str(Labelling.of(words).strictest)
        'casefold'
        """
        listed = [
            (unicodedata.normalize("NFC", label), unicodedata.normalize("NFC", prediction))
            for label, prediction in pairs
        ]
        right = [
            bool(LOOSEST.key(label)) and LOOSEST.is_right(label, prediction)
            for label, prediction in listed
        ]
        parts: dict[TextPart, RecordedPart] = {}
        for part, holds in _holders([label for label, _ in listed]).items():
            held = [(holds(label), holds(prediction)) for label, prediction in listed]
            parts[part] = RecordedPart(
                labelled=sum(label for label, _ in held),
                both=sum(label and prediction for label, prediction in held),
                silent=sum(
                    prediction and not label and is_right
                    for (label, prediction), is_right in zip(held, right, strict=True)
                ),
                right=sum(right),
                lines=len(listed),
            )
        return cls(parts)

    @property
    def strictest(self) -> Strictness:
        """The strictest comparison that the labels allow."""
        return Strictness(**{part: recorded.is_recorded for part, recorded in self.parts.items()})

    def beyond(self, comparison: JudgedBy) -> Strictness | None:
        """Return the strictest comparison where it sees more than the set's own; else None."""
        strictest = self.strictest
        return strictest if strictest.sees_more_than(Strictness.of(comparison)) else None

    def blind_spots(self, name: str, comparison: JudgedBy) -> tuple[Sentence, ...]:
        """Return what a comparison cannot see though labels and base both hold it.

        Args:
            name: of the set.
        """
        looks = Strictness.of(comparison)
        return tuple(
            say(
                "{name}:{comparison} does not look at {part}, while {labelled:,} of {labels} "
                "hold {held} and the base reads them in {both:,}: what is lost there is "
                "seen by the strictest comparison alone ({strictest})",
                name=name,
                comparison=comparison,
                part=PART_WORDS[part][0],
                labelled=recorded.labelled,
                labels=say_n("{n:,} label", "{n:,} labels", recorded.lines),
                held=PART_WORDS[part][1],
                both=recorded.both,
                strictest=str(self.strictest),
            )
            for part, recorded in self.parts.items()
            if recorded.is_read and not looks.looks_at(part)
        )


def _holders(labels: Iterable[str]) -> Mapping[TextPart, Callable[[str], bool]]:
    """Return how a text shows each part.

    Case is shown by a letter of the case that the labels hold less of: none in labels of capitals.
    """
    joined = "".join(labels)
    upper = sum(map(str.isupper, joined))
    is_rarer = str.islower if upper >= sum(map(str.islower, joined)) else str.isupper
    return {
        "case": lambda text: any(map(is_rarer, text)),
        "spaces": lambda text: len(text.split()) > 1,
        "marks": lambda text: any(map(_is_mark, text)),
    }


def _is_mark(char: str) -> bool:
    return not char.isspace() and unicodedata.category(char)[0] not in "LMN"
