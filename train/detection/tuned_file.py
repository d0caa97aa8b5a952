"""`tuned.toml`: prediction settings that were searched, on what, and what they are worth."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, ValidationError

from textlines.errors import InputError
from textlines.files import read_text, replacing
from textlines.parsing import parse_toml, to_toml
from train.detection.deployment import MARK
from train.detection.page_intervals import FigureChange
from train.detection.page_outcomes import Objective
from train.detection.settings import BoxType, LimitType, PredictionSettings, ScoreMode

_MEND = "Make it again: train det tune."

Share = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=0)]
Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class SettingsRecord(BaseModel, frozen=True, extra="forbid"):
    """`PredictionSettings`, value by value; which values are allowed, that says."""

    limit_side_len: int
    limit_type: LimitType
    max_side_limit: int
    thresh: float
    box_thresh: float
    unclip_ratio: float
    use_dilation: bool
    score_mode: ScoreMode
    box_type: BoxType
    max_candidates: int
    min_size: int

    @classmethod
    def of(cls, settings: PredictionSettings) -> "SettingsRecord":
        """Return the record of settings."""
        return cls(**asdict(settings))

    def settings(self) -> PredictionSettings:
        """Return the settings.

        Raises:
            ValueError: a value is out of its range.
        """
        return PredictionSettings(**self.model_dump())


class FigureRecord(BaseModel, frozen=True, extra="forbid"):
    """A figure under the settings as deployed and under the tuned ones.

    Attributes:
        low, high: of the change, 95 %, by page; missing for a single page.
    """

    before: Share
    after: Share
    low: Annotated[float | None, Field(ge=-1, le=1)] = None
    high: Annotated[float | None, Field(ge=-1, le=1)] = None

    @classmethod
    def of(cls, change: FigureChange) -> "FigureRecord":
        """Return the record of a change."""
        low, high = change.interval or (None, None)
        return cls(before=change.before, after=change.after, low=low, high=high)

    @property
    def change(self) -> float:
        """After - before."""
        return self.after - self.before


class PagesRecord(BaseModel, frozen=True, extra="forbid"):
    """Pages, and what they gave.

    Attributes:
        labels: the page label file, as it was named. sha256: of it. images: the folder that its
            paths start from; "" for that of the file.
        regions: labelled lines that are not ignored.
        hmean, reading: the two figures; reading is missing where nothing was read.
        folds: of pages that were searched on themselves, each fold by the others; 0 for pages
            apart.
    """

    labels: str
    sha256: Sha256
    images: str = ""
    pages: Count
    regions: Count
    hmean: FigureRecord
    reading: FigureRecord | None = None
    folds: Count = 0


class TunedFile(BaseModel, frozen=True, extra="forbid"):
    """`tuned.toml`.

    Attributes:
        model: as it was named. model_files: sha256 by name.
        deployed: the settings that the search began with. tried: how many it looked at.
        searched: the pages of the search: what is found there is too good.
        judged: pages that the search has not seen; None where a run of training searched: its gate
            judges.
        memory_mb: that the largest page of both takes, in megabytes, about.
    """

    format: Literal[1] = 1
    model: str
    model_files: Mapping[str, Sha256]
    objective: Objective
    comparison: str = "exact"
    recognizer: str = ""
    tried: Count
    memory_mb: Count
    settings: SettingsRecord
    deployed: SettingsRecord
    searched: PagesRecord
    judged: PagesRecord | None = None

    def write(self, path: Path) -> None:
        """Write the file, whole or not at all.

        Raises:
            InputError: it cannot be written.
        """
        content = self.model_dump(exclude_none=True)
        with replacing(path) as out:
            out.write(f"{MARK}\n{to_toml(content)}")


def read_tuned(path: Path) -> TunedFile:
    """Read a `tuned.toml`.

    Raises:
        InputError: it cannot be read, or holds what it may not.
    """
    what = "the tuned settings"
    content: dict[str, Any] = parse_toml(read_text(path, what), str(path), what, _MEND)
    try:
        tuned = TunedFile.model_validate(content)
        tuned.settings.settings()
        tuned.deployed.settings()
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise InputError(
            str(path), f"is no file of tuned settings ({place}: {first['msg']})", _MEND
        ) from error
    except ValueError as error:
        raise InputError(str(path), f"is no file of tuned settings ({error})", _MEND) from error
    return tuned
