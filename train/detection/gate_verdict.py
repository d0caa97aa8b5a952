"""A verdict on a detector as a value, and its JSON."""

import json
from collections.abc import Mapping
from typing import Any, Literal

from textlines.regions.matching import Failure
from textlines.wilson import Interval
from textlines.wording import Sentence
from train.detection.page_outcomes import Objective
from train.judging.evaluation import StrictValue
from train.judging.verdict import EXIT_CODES, Criterion, Look, Outcome, SeenRow

SetRole = Literal["target", "general"]

SettingsKind = Literal["tuned", "deployed", "as_base"]
"""How both predict. tuned: each as it was tuned on pages of this kind; deployed: each as it is
deployed; as_base: both as the base is deployed."""


class DetCriterion(Criterion):
    """One condition of the verdict.

    Attributes:
        set: the name of the one set that it is about; "" for several.
        settings: that it is judged at; None where it hangs on none, or on several.
    """

    set: str = ""
    settings: SettingsKind | None = None


class ShareChange(StrictValue):
    """A share under both detectors, 0..1.

    Attributes:
        interval: of after - before, 95 %, by page. p: two-sided, of the same.
        holm: adjusted over what is tested together; None for what is not tested.
    """

    before: float
    after: float
    interval: Interval
    p: float
    holm: float | None = None

    @property
    def value(self) -> float:
        """After - before."""
        return self.after - self.before


class FailureRow(StrictValue):
    """One class of failure on one set, as counts.

    Attributes:
        interval: of after - before, 95 %, by page.
        more, fewer: pages on which it rose, or fell.
        p: of the sign test of these, two-sided. holm: over all classes of the general sets; None
            for a target.
        has_risen: it rose clearly: its interval is above 0 and holm is below 0.05.
    """

    failure: Failure
    before: int
    after: int
    interval: Interval
    more: int
    fewer: int
    p: float
    holm: float | None = None
    has_risen: bool = False


class NegativeRow(StrictValue):
    """Pages without text.

    Attributes:
        before, after: pages with a box. boxes_before, boxes_after: all of them false.
        interval: of the change of the share of pages with a box, 95 %; None without a page.
    """

    pages: int
    before: int
    after: int
    boxes_before: int
    boxes_after: int
    interval: Interval | None


class JudgedRow(StrictValue):
    """One set under both detectors at one kind of settings.

    Attributes:
        changed: pages on which a label or a box counts otherwise.
        labels: that are not ignored. left_out: pages of the file that are not judged.
        hmean: None where no page has a label. reading: lines read exactly; None without a
            recognizer.
    """

    set: str
    role: SetRole
    settings: SettingsKind
    pages: int
    changed: int
    labels: int
    left_out: int
    hmean: ShareChange | None
    reading: ShareChange | None
    failures: tuple[FailureRow, ...]
    negatives: NegativeRow
    is_synthetic: bool = False


class ChangedPage(StrictValue):
    """A page on which the two differ, as PaddleOCR's metric counts it.

    Attributes:
        boxes, matched, read: of the base and of the candidate; read is None without a recognizer.
    """

    set: str
    settings: SettingsKind
    path: str
    labels: int
    boxes: tuple[int, int]
    matched: tuple[int, int]
    read: tuple[int, int] | None


class DetVerdict(StrictValue):
    """What `train det gate` tells.

    Attributes:
        is_refused: the pages were not judged, as an earlier step saw them.
        objective: what the target is to gain.
        synthetic: why this verdict says nothing about photographed pages; empty when it does.
        settings: that were predicted with: by role of the model, and by kind (a set's name for
            what was tuned for a general set).
        warnings: what got worse for sure and fails no candidate by itself.
        changed: the pages on which the two differ.
        looks: the sets that were read for it; none where it is refused.
        delta_points: what a general set may lose, in points.
        counts: what was left out, by reason. inputs: sha256 by name.
    """

    version: Literal[1] = 1
    judged: Literal["detector"] = "detector"
    outcome: Outcome
    is_refused: bool = False
    base: str
    candidate: str
    objective: Objective
    recognizer: str = ""
    synthetic: tuple[Sentence, ...] = ()
    criteria: tuple[DetCriterion, ...]
    warnings: tuple[Sentence, ...] = ()
    sets: tuple[JudgedRow, ...] = ()
    settings: Mapping[str, Mapping[str, Mapping[str, Any]]] = {}
    seen: tuple[SeenRow, ...] = ()
    looks: tuple[Look, ...] = ()
    changed: tuple[ChangedPage, ...] = ()
    delta_points: float
    seed: int
    counts: Mapping[str, int] = {}
    inputs: Mapping[str, str] = {}
    versions: Mapping[str, str] = {}
    notes: tuple[Sentence, ...] = ()

    @property
    def exit_code(self) -> int:
        """The exit code: 0 passed, 1 failed, 3 cannot tell."""
        return EXIT_CODES[self.outcome]

    def to_json(self) -> str:
        """Write the verdict as JSON, ending in a line feed."""
        return json.dumps(self.model_dump(mode="json"), ensure_ascii=False, indent=1) + "\n"
