"""How many steps a detector's run makes, and what it takes, measured on this machine.

Blends take as long as steps do, or longer where lines are read: settings are searched at every
weight, each setting's boxes are read, and so are those of the general pages.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from textlines.errors import UsageError
from textlines.pixels.arrays import Image
from textlines.pixels.decode import read_image
from textlines.regions.page_file import PageLabels
from train.detection.detector import Detector
from train.detection.page_outcomes import BoxReader, page_outcome
from train.detection.postprocessing import boxes_of
from train.detection.tuning import most_tried
from train.models.base_folder import Tensors
from train.networks.map_graph import MapSpec
from train.page_tuning.page_batches import TrainedPages
from train.page_tuning.page_plan import DetPlan
from train.page_tuning.page_trainer import seconds_of_steps
from train.reading.model_opening import open_model

WARMUP_SHARE = 0.1
"""Of the steps, in which the rate climbs."""

ALONE_SHARE, LEAST_ALONE, MOST_ALONE = 0.1, 20, 0.5
"""Of the steps, those in which a branch of thresholds learns by itself; how many these are at least
in a run that is long enough: of a short one half of the steps."""

RESERVE = 0.1
"""Of a budget, for what was measured too short."""

TIMED = 2
"""General pages of a set that are timed, at most: the first and one from the middle."""


def paced(
    plan: DetPlan,
    pages: TrainedPages,
    spec: MapSpec,
    weights: Tensors,
    detector: Detector,
    image: Image,
    general: Sequence[Sequence[PageLabels]],
) -> tuple[DetPlan, float | None]:
    """Count the steps of a plan, and fit them to its minutes.

    Args:
        image: a page of the scene, H x W x 3 uint8, BGR, upright.
        general: pages of other scenes that blends are judged on, set by set; nothing asks for them
            without a budget of minutes.

    Returns:
        The plan with its steps, and seconds of the whole run; None without a budget of minutes.

    Raises:
        UsageError: blends alone take longer than the minutes.
    """
    steps = sum(pages.steps_of(epoch) for epoch in range(plan.epochs))
    each, added, seconds = 0.0, 0.0, None
    if plan.step.has_branch:
        off = plan.step.model_copy(update={"threshold_branch": "off"})
        plans = [plan, plan.model_copy(update={"step": off})]
        each, plain = seconds_of_steps(plans, spec, weights, pages, rounds=3)
        added = max(each - plain, 0.0)
    elif plan.minutes:
        (each,) = seconds_of_steps([plan], spec, weights, pages)
    if plan.minutes:
        behind = _seconds_of_blends(plan, detector, image, general)
        left = plan.minutes * 60 * (1 - RESERVE) - behind
        fitting = int(left / each)
        if fitting < 1:
            raise UsageError(
                f"--minutes {plan.minutes:g}",
                f"are too few: blends take some {behind / 60:.1f} of them, a step {each:.1f} s",
                "Give more minutes, or fewer pages to blend by.",
            )
        steps = min(steps, fitting)
        seconds = behind + steps * each
    alone = 0
    if plan.step.has_branch:
        alone = min(max(LEAST_ALONE, round(steps * ALONE_SHARE)), int(steps * MOST_ALONE))
    warmup = max(1, round((steps - alone) * WARMUP_SHARE)) if steps - alone > 1 else 0
    changed = {
        "steps": steps,
        "step": plan.step.model_copy(update={"warmup": warmup, "alone": alone}),
        "seconds_a_step": round(each, 3),
        "branch_seconds": round(added, 3),
    }
    return plan.model_copy(update=changed), seconds


@dataclass(frozen=True, slots=True)
class _Timed:
    """What is timed of a detector, and of the reader where lines are read."""

    detector: Detector
    reader: BoxReader | None

    def search(self, image: Image, plan: DetPlan) -> float:
        """Time one page of a search: its maps at every limit, boxes and readings at every try."""
        taken = 0.0
        for limit in plan.limits:
            settings = replace(self.detector.settings, limit_side_len=limit, limit_type="max")
            taken += _seconds(partial(self.detector.probability, image, settings))
        return taken + most_tried(len(plan.limits)) * _seconds(self._one_try(image))

    def _one_try(self, image: Image) -> Callable[[], object]:
        settings = self.detector.settings
        found = self.detector.probability(image, settings)
        size = (image.shape[0], image.shape[1])

        def tried() -> None:
            boxes = boxes_of(found, settings, size)
            if self.reader:
                self.reader.texts("", lambda: image, [box.polygon for box in boxes])

        return tried

    def general(self, page: PageLabels) -> float:
        """Time a page of another scene, as a blend is shifted by it and judged."""
        image = read_image(page.image)
        judged = _seconds(
            lambda: page_outcome(page, self.detector.boxes(image), self.reader, lambda: image)
        )
        return judged + _seconds(partial(self.detector.probability, image))


def _seconds_of_blends(
    plan: DetPlan,
    detector: Detector,
    image: Image,
    general: Sequence[Sequence[PageLabels]],
) -> float:
    """Estimate what all blends take, from pages that are gone through here."""
    stop, alphas = plan.stop, len(plan.stop.alphas)
    reader = None
    if stop.objective == "reading" and stop.recognizer:
        reader = BoxReader(open_model(stop.recognizer).engine, stop.comparison)
    timed = _Timed(detector, reader)
    seconds = alphas * stop.target.pages * timed.search(image, plan)
    for pages in filter(None, general):
        some = pages[:: max(1, -(-len(pages) // TIMED))]
        seconds += alphas * len(pages) * sum(map(timed.general, some)) / len(some)
    return seconds


def _seconds(work: Callable[[], object]) -> float:
    begun = time.monotonic()
    work()
    return time.monotonic() - begun
