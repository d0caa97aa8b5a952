"""Blends of base and tuned detector, each at settings of its own.

Weights between the two: WiSE-FT (Wortsman et al. 2022, 2109.01903). A blend has other maps than its
neighbours (its cores are larger or smaller, and surer), so the settings that suited the base say
little about it: they are searched anew at each weight, on the pages that the run is blended by.
The general pages are judged at the settings as deployed, which is how they go on being read: by
hmean, and by lines read exactly where these are the objective, as a gate does. Boxes that end a few
pixels short of a line match all the same, and cost its last letter. Before that, a blend's logits
are shifted so that texts there keep the size of their cores (`core_shift`).

Settings are searched on pages that were not trained on alone, few as these are: on pages that were,
maps are surer than they will be, and what suits those (tighter boxes) reads fewer lines of others.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from textlines.partials import scratch_folder
from textlines.progress import Watching
from train.detection.detector import Detector
from train.detection.map_networks import OnnxMaps
from train.detection.page_intervals import hmean_error
from train.detection.page_outcomes import (
    BoxReader,
    Objective,
    PageOutcome,
    hmean_of,
    page_outcome,
    reading_of,
    score_of,
    scores_of,
)
from train.detection.settings import PredictionSettings
from train.detection.trial_maps import SizedPage, TrialMaps
from train.detection.tuning import Trials, limits_for, search
from train.models.base_folder import Tensors
from train.networks.map_graph import MapSpec
from train.page_tuning.core_shift import shifts_of
from train.tuning.full_run import blended


@dataclass(frozen=True, slots=True)
class DetStanding:
    """How a detector does on the pages that a run is blended by.

    Attributes:
        settings: searched on the target pages.
        target: the objective there; hmean: beside it. stock: hmean there at the settings as
            deployed.
        general: hmean of all general pages together, as deployed; None without any.
        general_reading: share of their labels read exactly; None where nothing is read.
        outcomes: of the target pages, at the searched settings.
        tried: settings that were tried.
    """

    settings: PredictionSettings
    target: float
    hmean: float
    stock: float
    general: float | None
    general_reading: float | None
    outcomes: tuple[PageOutcome, ...]
    tried: int

    @property
    def score(self) -> float | None:
        """What is read of the target, as it is compared (`score_of`); None where nothing is."""
        return score_of(self.outcomes) if any(one.read for one in self.outcomes) else None

    @property
    def goal(self) -> float:
        """What blends are chosen by: hmean, or what is read."""
        return self.target if self.score is None else self.score


@dataclass(frozen=True, slots=True)
class DetBlend:
    """One weight of the tuned model, and how it does.

    Attributes:
        shift: that was added to all logits, in nats.
    """

    alpha: float
    standing: DetStanding
    shift: float = 0.0


@dataclass(frozen=True, slots=True)
class BlendPages:
    """What blends are judged on.

    Attributes:
        target, general: pages. limits: long sides that settings may have, in pixels.
        reader: reads boxes, where lines read exactly are the objective.
    """

    target: Sequence[SizedPage]
    general: Sequence[SizedPage]
    limits: Sequence[int]
    objective: Objective = "hmean"
    reader: BoxReader | None = None
    workers: int = 1

    def standing(self, detector: Detector, watching: Watching) -> DetStanding:
        """Search settings for a detector on the target, and judge both kinds of pages.

        Args:
            detector: with the settings as deployed.
        """
        deployed = detector.settings
        sides = [max(page.size) for page in self.target]
        limits, _ = limits_for(deployed, sides, self._may_have)
        with scratch_folder() as folder, watching("settings tried") as watch:
            maps = TrialMaps(detector, self.target, folder, self.workers)
            reader = self.reader if self.objective == "reading" else None
            trials = Trials(maps, self.objective, reader)
            numbers = list(range(len(self.target)))
            best = search(trials, limits or [deployed], deployed, numbers, watch)
            outcomes = tuple(trials.outcomes(best.settings, numbers))
            stock = hmean_of(trials.outcomes(deployed, numbers))
        general = self._general(detector, watching)
        return DetStanding(
            settings=best.settings,
            target=self._figure(outcomes),
            hmean=hmean_of(outcomes),
            stock=stock,
            general=hmean_of(general) if general else None,
            general_reading=_share_read(general),
            outcomes=outcomes,
            tried=len(trials.tried),
        )

    def _figure(self, outcomes: Sequence[PageOutcome]) -> float:
        return reading_of(outcomes) if self.objective == "reading" else hmean_of(outcomes)

    def _may_have(self, settings: PredictionSettings) -> bool:
        within = min(self.limits) <= settings.limit_side_len <= max(self.limits)
        return settings.limit_type != "max" or within

    def _general(self, detector: Detector, watching: Watching) -> list[PageOutcome]:
        if not self.general:
            return []
        outcomes = []
        reader = self.reader if self.objective == "reading" else None
        with watching("general pages") as watch:
            for done, page in enumerate(self.general, 1):
                boxes = detector.boxes(page.image())
                outcomes.append(page_outcome(page.labels, boxes, reader, page.image))
                watch(done, len(self.general), "")
        return outcomes


def detector_with(base: Detector, spec: MapSpec, weights: Tensors, path: Path) -> Detector:
    """Write a graph with weights and open it, with the configuration of the base.

    Args:
        path: of the ONNX file that is written.
    """
    path.write_bytes(spec.filled(weights).SerializeToString(deterministic=True))
    source = replace(base.source, form="onnx", path=path, files=(path,), dictionary=None)
    return Detector(OnnxMaps(path, is_own=True), base.configuration, source)


def blend_weights(
    spec: MapSpec, weights: tuple[Tensors, Tensors], alpha: float, shift: float = 0.0
) -> Tensors:
    """Return weights between those of the base and of the tuned model.

    Args:
        shift: added to all logits, in nats. A network without a bias for them is left as it is.
    """
    mixed = blended(*weights, alpha)
    if spec.bias is None or not shift:
        return mixed
    return {**mixed, spec.bias: mixed[spec.bias] + np.float32(shift)}


def judged_blends(
    base: Detector,
    spec: MapSpec,
    weights: tuple[Tensors, Tensors],
    alphas: Sequence[float],
    pages: BlendPages,
    watching: Watching,
) -> tuple[DetBlend, ...]:
    """Judge the model at each weight, by rising weight, its logits shifted.

    Args:
        weights: of the base and of the tuned model.
    """
    blends = []
    alphas = sorted(set(alphas))
    with scratch_folder() as folder:

        def opened(alpha: float, shift: float = 0.0) -> Detector:
            path = folder / f"blend-{alpha:g}.onnx"
            return detector_with(base, spec, blend_weights(spec, weights, alpha, shift), path)

        moved = [alpha for alpha in alphas if alpha and spec.bias is not None and pages.general]
        found = shifts_of(base, [opened(alpha) for alpha in moved], pages.general, watching)
        shifts = dict(zip(moved, found, strict=True))
        for alpha in alphas:
            shift = shifts.get(alpha, 0.0)
            standing = pages.standing(opened(alpha, shift), watching)
            blends.append(DetBlend(alpha, standing, shift))
    return tuple(blends)


def chosen_blend(blends: Sequence[DetBlend], delta: float, objective: Objective) -> DetBlend:
    """Choose the blend nearest to the base that does as well on the target as the best of them.

    Candidates are those that keep the general pages. As well means by no more than a standard
    error worse than the best, page by page (Breiman et al. 1984, the rule of one standard error):
    on twenty pages one line more is chance, and each step away from the base costs what no page
    here shows. Where lines read exactly are the objective, few lines are compared by how like its
    label each is read (`scores_of`); and hmean must be as good too: boxes that fit by far more say
    that the blend is another.

    Args:
        blends: with alpha 0 among them, which is the base and always keeps them.
        delta: of hmean, and of lines read exactly, that the general pages may lose.

    Raises:
        ValueError: alpha 0 is not among them.
    """
    base = next((blend.standing for blend in blends if blend.alpha == 0), None)
    if base is None:
        raise ValueError("alpha 0, the base, is not among the blends")
    kept = [blend for blend in blends if _keeps(blend.standing, base, delta)]
    best = max(
        kept, key=lambda blend: (blend.standing.goal, blend.standing.hmean, -blend.alpha)
    ).standing
    as_good = [blend for blend in kept if _is_as_good(blend.standing, best, objective)]
    return min(as_good, key=lambda blend: blend.alpha)


def standard_error(best: DetStanding, other: DetStanding, objective: Objective) -> float:
    """Return the standard error of the difference of two detectors on the same pages, 0..1.

    By the pages' own differences; 0 where these cannot be told.
    """
    if len(best.outcomes) < 2:
        return 0.0
    if objective == "reading":
        lines = sum(len(outcome.read) for outcome in best.outcomes)
        scores = zip(scores_of(best.outcomes), scores_of(other.outcomes), strict=True)
        differences = [first - second for first, second in scores]
        spread = np.std(differences, ddof=1) * math.sqrt(len(differences))
        return float(spread / lines) if lines else 0.0
    return hmean_error(other.outcomes, best.outcomes)


def _is_as_good(standing: DetStanding, best: DetStanding, objective: Objective) -> bool:
    good = standing.goal >= best.goal - standard_error(best, standing, objective)
    if objective == "hmean" or not good:
        return good
    return standing.hmean >= best.hmean - standard_error(best, standing, "hmean")


def _keeps(standing: DetStanding, base: DetStanding, delta: float) -> bool:
    figures = (
        (standing.general, base.general),
        (standing.general_reading, base.general_reading),
    )
    return all(now is None or before is None or now >= before - delta for now, before in figures)


def _share_read(outcomes: Sequence[PageOutcome]) -> float | None:
    return reading_of(outcomes) if any(outcome.read for outcome in outcomes) else None
