"""`det.json` as far as pages are drawn for it: which lines a detector misses, and what they share.

`train det mine` writes more (figures, conventions); what is drawn depends on the bins alone.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, Field, model_validator

from textlines.errors import InputError
from textlines.formats.contract import Document, check_version, read_document, validated

Property = Literal["height", "seen_height", "contrast", "place"]

Place = Literal[
    "edge",
    "upper_left", "upper_middle", "upper_right",
    "left", "middle", "right",
    "lower_left", "lower_middle", "lower_right",
]  # fmt: skip
"""At the border of the page, else in one of nine equal parts of it."""

PLACES: tuple[Place, ...] = (
    "edge",
    "upper_left", "upper_middle", "upper_right",
    "left", "middle", "right",
    "lower_left", "lower_middle", "lower_right",
)  # fmt: skip

VERSION = 1

KIND = Document("the profile of a detector", "a profile of a detector", "Run train det mine again.")


class _Share(BaseModel, frozen=True, extra="ignore"):
    value: float = Field(ge=0, le=1)


class MissedBin(BaseModel, frozen=True, extra="ignore"):
    """Lines that are alike in one property.

    Attributes:
        of_property: which. low, high: the range, low <= x < high: pixels of heights, 0..1 of
            contrast; None at an end without a bound, and of a place.
        place: of lines by their place.
        lines: how many. failed: share of them that the detector has no box for, 0..1.
    """

    of_property: Property = Field(alias="property")
    low: float | None = Field(None, ge=0)
    high: float | None = Field(None, gt=0)
    place: Place | None = None
    lines: int = Field(ge=0)
    failed: _Share

    @model_validator(mode="after")
    def _check(self) -> "MissedBin":
        if (self.of_property == "place") != (self.place is not None):
            raise ValueError(f"a bin of {self.of_property} is {'not ' * (not self.place)}by place")
        if self.low is not None and self.high is not None and self.high <= self.low:
            raise ValueError(f"high {self.high:g} is not above low {self.low:g}")
        return self

    @property
    def missed(self) -> float:
        """Return how many lines failed."""
        return self.lines * self.failed.value


class MissedLines(BaseModel, frozen=True, extra="ignore"):
    """What a detector misses.

    Attributes:
        detector: its name. bins: by property; those without a line are left out.
    """

    detector: str
    bins: tuple[MissedBin, ...] = Field(min_length=1)

    def of(self, name: Property) -> tuple[MissedBin, ...]:
        """Return the bins of one property in which lines failed."""
        return tuple(one for one in self.bins if one.of_property == name and one.missed > 0)


def read_missed(path: Path) -> MissedLines:
    """Read what `train det mine --out` wrote.

    Raises:
        InputError: the file cannot be read, is of another kind or version, or tells of no line
            that the detector missed.
    """
    content: Mapping[str, Any] = read_document(path, KIND)
    check_version(content, path, KIND, VERSION)
    missed = validated(MissedLines, content, path, KIND)
    if not any(one.missed for one in missed.bins):
        raise InputError(
            str(path),
            f"tells of no line that {missed.detector} missed",
            "Leave --profile out, or mine pages on which it fails.",
        )
    return missed
