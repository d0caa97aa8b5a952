"""Pages under two detectors of known results.

One of known faults finds the labelled lines of a page but for those that it spoils.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Literal

import numpy as np
from hypothesis import strategies as st

from tests.train.detection.made_pages import box, labelled
from textlines.pixels.arrays import Image
from textlines.pixels.decode import read_image
from textlines.regions import Detected, Polygon
from textlines.regions.matching import FAILURES, PageCounts
from textlines.regions.page_file import LabelledRegion, PageLabels
from textlines.wording import Sentence
from train.detection.gate_decision import decide
from train.detection.gate_job import Gated, SetPages
from train.detection.gate_rows import judged_rows
from train.detection.gate_verdict import DetVerdict, SettingsKind
from train.detection.judged_changes import JudgedSetPages
from train.detection.judged_pages import judge_page
from train.detection.page_outcomes import PageOutcome
from train.detection.paired_pages import PageResult, PairedPage
from train.detection.settings import PredictionSettings

Fault = Literal["missed", "merged", "cut", "loose", "on_nothing"]

Faults = Mapping[Fault, float]
"""How likely each fault is on a line, 0..1 together."""

_BLANK: Image = np.zeros((600, 400, 3), np.uint8)


def page(number: int, lines: int) -> PageLabels:
    """Return a page of lines one below the other; without any it is one without text."""
    regions = tuple(
        LabelledRegion(box(40, 20 + 28 * at, 200, 14), f"{number}.{at}", "") for at in range(lines)
    )
    name = f"{number}.png"
    return PageLabels(name, Path(name), f"Label.txt:{number + 1}", regions, not lines)


class Faulty:
    """Spoils lines of a page by chance, the same of each page whenever it is asked."""

    def __init__(self, faults: Faults, seed: int) -> None:
        self._faults, self._seed = faults, seed

    def found(self, page: PageLabels, number: int) -> list[Detected]:
        """Return the boxes of a page."""
        random = np.random.default_rng([self._seed, number])
        polygons: list[Polygon] = []
        if not page.regions and random.random() < self._faults.get("on_nothing", 0):
            polygons.append(box(300, 20, 60, 14))
        for at, region in enumerate(page.regions):
            draw, so_far, fault = random.random(), 0.0, ""
            for name, likely in self._faults.items():
                if so_far <= draw < so_far + likely:
                    fault = name
                so_far += likely
            (left, top), (right, bottom) = region.polygon.min(axis=0), region.polygon.max(axis=0)
            if fault == "merged" and at and polygons:
                before = polygons.pop()
                corner = before.min(axis=0)
                polygons.append(box(left, corner[1], right - left, bottom - corner[1]))
            elif fault == "cut":
                polygons.append(box(left, top, (right - left) * 0.4, bottom - top))
            elif fault == "loose":
                polygons.append(box(left - 30, top - 6, right - left + 60, bottom - top + 12))
            elif fault != "missed":
                polygons.append(region.polygon)
            if fault == "on_nothing":
                polygons.append(box(300, top, 60, 14))
        return [Detected(polygon, 0.9) for polygon in polygons]


def judged(
    name: str,
    base: Faults,
    candidate: Faults,
    *,
    pages: int = 40,
    lines: int = 12,
    settings: SettingsKind = "deployed",
    is_target: bool = False,
    is_rendered: bool = False,
    seed: int = 0,
) -> JudgedSetPages:
    """Return a set under two such detectors; the same faults are the same detector.

    Args:
        lines: of each page. seed: of both; they share what is hard on a page.
    """
    paired = []
    for number in range(pages):
        shown = page(number, lines)
        results = [
            PageResult.of(judge_page(shown, _BLANK, Faulty(faults, seed).found(shown, number)))
            for faults in (base, candidate)
        ]
        paired.append(PairedPage(shown.path, shown.is_negative, results[0], results[1]))
    return JudgedSetPages(name, is_target, settings, tuple(paired), is_rendered)


def result(labels: int, right: int, boxes: int, read: int | None = None) -> PageResult:
    """Return a result by its counts; the first labels are right, and read."""
    return PageResult(
        PageOutcome(
            PageCounts(labels, boxes, right),
            tuple(at < right for at in range(labels)),
            () if read is None else tuple(at < read for at in range(labels)),
        ),
        {**dict.fromkeys(FAILURES, 0), "missed": labels - right, "on_nothing": boxes - right},
        boxes,
    )


def paired(
    rows: Sequence[tuple[PageResult, PageResult]], name: str = "set", *, is_target: bool = False
) -> JudgedSetPages:
    """Return a set of pages with these two results each."""
    pages = (PairedPage(f"{at}.png", False, *both) for at, both in enumerate(rows))
    return JudgedSetPages(name, is_target, "tuned" if is_target else "deployed", tuple(pages))


@st.composite
def page_results(draw: st.DrawFn) -> tuple[PageResult, PageResult]:
    """Return any two results on a page of up to six labels."""
    labels = draw(st.integers(0, 6))
    both = [
        result(labels, right, right + draw(st.integers(0, 3)), draw(st.integers(0, right)))
        for right in (draw(st.integers(0, labels)), draw(st.integers(0, labels)))
    ]
    return both[0], both[1]


def gated_on(
    folder: Path,
    names: tuple[str, str],
    *,
    text: str,
    notes: tuple[str, ...] = (),
) -> Gated:
    """Return a verdict on a target that got better, and pages of which each lost a line.

    Args:
        names: of the target and of the general set. text: of each label.
    """
    places = [(20.0, 20.0, 120.0, 20.0), (20.0, 80.0, 120.0, 20.0)]
    seen, paired_sets = [], []
    for at, (name, counts) in enumerate(zip(names, ((1, 2), (2, 1)), strict=True)):
        lines = [(text, place) for place in places]
        both = []
        for shown in labelled(folder / str(at), {f"{name}/{n}.png": lines for n in range(8)}):
            image = read_image(shown.image)
            first, second = (
                judge_page(shown, image, [Detected(box(*place), 0.9) for place in places[:count]])
                for count in counts
            )
            both.append((first, second))
        is_target = not at
        seen.append(SetPages(name, is_target, "deployed", tuple(both)))
        pages = tuple(
            PairedPage(one.labels.path, False, PageResult.of(one), PageResult.of(other))
            for one, other in both
        )
        paired_sets.append(JudgedSetPages(name, is_target, "deployed", pages))
    decision = decide(paired_sets)
    settings = {"deployed": asdict(PredictionSettings())}
    rows: dict[str, Any] = judged_rows(paired_sets, decision, {names[0]: 9, names[1]: 8})
    verdict = DetVerdict(
        outcome=decision.outcome,
        base="old",
        candidate="<i>new</i>",
        objective="hmean",
        criteria=decision.criteria,
        warnings=decision.warnings,
        settings={"base": settings, "candidate": settings},
        delta_points=1.0,
        seed=1,
        notes=tuple(map(Sentence.of, notes)),
        **rows,
    )
    return Gated(verdict, tuple(seen))
