"""`train det plan`: everything that a detector's run will do, worked out before it costs anything.

What can be known of labels and detector is measured here: at which size the scene's lines are found
at all, by which ratio labels are shrunk so that their cores are those that the detector finds, and
whether labels follow another convention than it. Pages to blend by are held out of the mix, where
none are named: by a hash of their path, so that they stay the same when pages come in.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from textlines.errors import InputError, UsageError
from textlines.files import sha256_of
from textlines.formats.history import History
from textlines.formats.page_mix import MixedPage, PageMixFolder, read_page_mix
from textlines.formats.roles import Role
from textlines.labels.tally import Tally
from textlines.pixels.arrays import Image
from textlines.pixels.decode import read_image
from textlines.progress import Watcher, Watching
from textlines.regions.page_file import PageLabels, label_file_of, read_pages
from train.detection.detector import Detector
from train.detection.detector_source import open_detector_source
from train.detection.judged_pages import judge_page
from train.detection.label_conventions import Convention, conventions_of
from train.detection.page_outcomes import hmean_of, page_outcome
from train.detection.postprocessing import boxes_of
from train.detection.settings import PredictionSettings
from train.detection.trial_maps import sized_pages
from train.detection.tuned_file import SettingsRecord, read_tuned
from train.detection.tuning import LIMITS
from train.models.base_folder import Tensors
from train.models.graph_files import load_onnx
from train.networks.devices import chosen_device, use_device
from train.networks.map_graph import MapSpec, map_graph_of
from train.networks.threshold_branch import head_input_of
from train.page_tuning.fitted_ratio import FittedRatio, SeenPage, fitted_ratio
from train.page_tuning.paddleocr_det_yaml import FROM_SCRATCH, det_guide_rate
from train.page_tuning.page_batches import TrainedPages
from train.page_tuning.page_pacing import paced
from train.page_tuning.page_plan import (
    OF_THE_SCENE,
    WITHOUT_LABELS,
    DetBasePlan,
    DetPlan,
    DetStepPlan,
    DetStopPlan,
    PageMixPlan,
    ShownPages,
    StopPages,
)
from train.page_tuning.page_plan_request import DetPlanRequest
from train.page_tuning.page_rules import page_rules
from train.reading.conversion import converted

TARGET_PAGES: str = "target_pages.txt"
GENERAL_PAGES: str = "general_pages.txt"
"""Of the run's folder: pages held out of the mix."""

MOST_HELD = 40
"""Pages that are held out of other scenes, at most."""

FEWEST_HELD = 4
"""Pages of the scene that are held out, at least: fewer choose by chance."""

SAMPLE = 32
"""Pages of a role that sizes and ratios are measured on."""

FIRST_LIMITS = (320, 416, 512, 608, 736, 960)
"""Long sides at which the scene is looked at, in pixels, to find where its lines are found."""

BELOW, ABOVE = 0.8, 1.2
"""How far beyond the limits of prediction pages are shown: a page is shown at every size between,
and prediction may be tuned a step further."""

EPOCHS = 8
"""Passes over the lists, without a budget."""

FINAL_SHARE = 0.05
"""Of the peak rate, at the end."""


@dataclass(frozen=True, slots=True, eq=False)
class Shot:
    """A page that things are measured on, decoded once: H x W x 3 uint8, BGR, upright."""

    labels: PageLabels
    image: Image


@dataclass(frozen=True, slots=True)
class PlannedPages:
    """A plan and what was found on the way.

    Attributes:
        spec, weights: of the base's graph. detector: the base, with its settings as deployed.
        lists: pages of each list, without those held out.
        held: pages to blend by that the mix gives, by role of the stopping sets.
        seconds: of the whole run, estimated; None without a budget of minutes.
        before: what the base has seen. program: the exported Paddle program of the base, if there
            is one.
        warnings: traps that are no errors.
    """

    plan: DetPlan
    mix: PageMixFolder
    spec: MapSpec
    weights: Tensors
    detector: Detector
    lists: tuple[tuple[MixedPage, ...], ...]
    held: dict[str, tuple[MixedPage, ...]]
    seconds: float | None
    before: History
    program: Path | None
    warnings: tuple[str, ...]


def graph_file(detector: Detector) -> Path:
    """Return the ONNX file of a detector; that of an exported folder is made once and kept."""
    source = detector.source
    return source.path if source.form == "onnx" else converted(source)


def plan_pages(request: DetPlanRequest, watching: Watching) -> PlannedPages:
    """Read all that a run will need, measure what can be, and fit it to the minutes.

    Raises:
        InputError: model, mix or label files cannot be read, or hold nothing to train on.
        UsageError: the options contradict each other.
    """
    device = chosen_device(request.device)
    use_device(device, "--device gpu")
    mix = read_page_mix(request.mix)
    source = open_detector_source(request.model)
    detector = source.detector
    path = graph_file(detector)
    spec, weights = map_graph_of(load_onnx(path), request.model, str(path))
    has_branch = request.threshold_branch == "on"
    if has_branch:
        head_input_of(spec)  # before anything is measured
    raw = [mix.pages(epoch) for epoch in mix.epochs]
    held = _held_out(request, raw)
    gone = {page.labels.path for pages in held.values() for page in pages}
    lists = tuple(tuple(page for page in pages if page.labels.path not in gone) for pages in raw)
    if not all(lists):
        raise InputError(
            str(request.mix), "holds no page to train on beside those held out", "Mix more pages."
        )
    deployed = detector.settings
    tuned = read_tuned(request.tuned).settings.settings() if request.tuned else None
    by_role = _by_role(lists)
    scene = _sample([page for role in OF_THE_SCENE for page in by_role.get(role, ())])
    if not scene:
        raise InputError(
            str(request.mix),
            "holds no page of the scene to be learnt (roles own, new)",
            "Mix some: balance mix --own pages/Label.txt.",
        )
    with watching("pages looked at") as watch:
        best = tuned or _where_found(detector, scene, watch)
        shown = []
        for role, pages in by_role.items():
            of_scene = role in OF_THE_SCENE
            settings = best if of_scene else deployed
            sample = _sample(pages)
            fitted = _fitted(detector, sample, settings)
            low, high = _sizes(sample, settings, deployed)
            shown.append(
                ShownPages(
                    role=role,
                    low=low,
                    high=high,
                    ratio=request.shrink_ratio or fitted.ratio,
                    overlap=fitted.overlap,
                    lines=fitted.lines,
                )
            )
        conventions = _conventions(detector, scene, best)
    rate = request.rate or det_guide_rate(request.batch)
    step = DetStepPlan(
        tunes=request.tune,
        replay=request.replay,
        batch=request.batch,
        side=request.side,
        rate=rate,
        final=rate * FINAL_SHARE,
        threshold_branch=request.threshold_branch,
        alone_rate=max(rate, FROM_SCRATCH),
    )
    low, high = (min(one.low for one in shown), max(one.high for one in shown))
    plan = DetPlan(
        base=DetBasePlan(
            model=request.model,
            name=source.name,
            path=str(path.absolute()),
            sha256=sha256_of(path),
            files=dict(detector.source.hashes()),
        ),
        mix=PageMixPlan(path=str(mix.path), sha256=mix.sha256, lists=tuple(map(len, lists))),
        stop=DetStopPlan(
            target=_stop_pages(request.stop_on, request.images, mix, held["target"], request.out),
            general=_general(request, mix, held["general"]),
            objective=request.objective,
            recognizer=request.recognizer or "",
            comparison=request.comparison,
        ),
        step=step,
        shown=tuple(shown),
        epochs=request.epochs or EPOCHS,
        steps=1,
        deployed=SettingsRecord.of(deployed),
        limits=_limits(low, high, deployed),
        minutes=request.minutes,
        device=device,
        seed=request.seed,
    )
    trained = TrainedPages(plan, detector.configuration, lists)
    judged = _judged_of_others(plan, held["general"]) if plan.minutes else []
    plan, seconds = paced(plan, trained, spec, weights, detector, scene[0].image, judged)
    plan = plan.model_copy(update={"rules": page_rules(plan, mix, conventions)})
    return PlannedPages(
        plan=plan,
        mix=mix,
        spec=spec,
        weights=weights,
        detector=detector,
        lists=lists,
        held=held,
        seconds=seconds,
        before=source.history,
        program=source.program,
        warnings=_warnings(plan, lists),
    )


def _held_out(
    request: DetPlanRequest, lists: Sequence[Sequence[MixedPage]]
) -> dict[str, tuple[MixedPage, ...]]:
    """Choose pages to blend by, where none are named.

    Raises:
        UsageError: none are named, and too few own pages are in the mix to hold some out.
    """
    known = {page.labels.path: page for pages in lists for page in pages}
    own = [page for page in known.values() if page.role == "own"]
    others = [page for page in known.values() if page.role not in (*OF_THE_SCENE, WITHOUT_LABELS)]
    target: tuple[MixedPage, ...] = ()
    if request.stop_on is None:
        wanted = max(FEWEST_HELD, round(request.hold_out * len(own)))
        if len(own) < 2 * FEWEST_HELD:
            raise UsageError(
                "--stop-on",
                f"is needed: {len(own)} own pages are in the mix, too few to hold some out",
                "Name a page label file of other pages of the scene.",
            )
        target = _chosen(own, wanted, request.seed)
    general: tuple[MixedPage, ...] = ()
    if not request.general_stop and others:
        wanted = min(MOST_HELD, max(1, round(request.hold_out * len(others))))
        general = _chosen(others, wanted, request.seed)
    return {"target": target, "general": general}


def _chosen(pages: Sequence[MixedPage], count: int, seed: int) -> tuple[MixedPage, ...]:
    def key(page: MixedPage) -> str:
        return hashlib.sha256(f"{seed} {page.labels.path}".encode()).hexdigest()

    return tuple(sorted(sorted(pages, key=key)[:count], key=lambda page: page.labels.path))


def _by_role(lists: Sequence[Sequence[MixedPage]]) -> dict[Role, list[MixedPage]]:
    found: dict[Role, dict[str, MixedPage]] = {}
    for pages in lists:
        for page in pages:
            found.setdefault(page.role, {})[page.labels.path] = page
    return {role: list(pages.values()) for role, pages in sorted(found.items())}


def _sample(pages: Sequence[MixedPage]) -> list[Shot]:
    """Decode some of the pages that hold a line, in their order."""
    with_lines = [
        page for page in pages if any(not region.is_ignored for region in page.labels.regions)
    ]
    order = np.random.default_rng(0).permutation(len(with_lines))[:SAMPLE]
    chosen = [with_lines[at].labels for at in sorted(order.tolist())]
    return [Shot(labels, read_image(labels.image)) for labels in chosen]


def _where_found(detector: Detector, shots: Sequence[Shot], watch: Watcher) -> PredictionSettings:
    """Return the deployed settings with the limit at which most lines of a scene are found."""
    deployed = detector.settings
    limits = sorted({*FIRST_LIMITS, deployed.limit_side_len})
    tried = [
        deployed,
        *(
            replace(deployed, limit_side_len=limit, limit_type="max")
            for limit in limits
            if (limit, "max") != (deployed.limit_side_len, deployed.limit_type)
        ),
    ]
    figures = []
    for done, settings in enumerate(tried, 1):
        outcomes = [
            page_outcome(shot.labels, detector.boxes(shot.image, settings)) for shot in shots
        ]
        figures.append(hmean_of(outcomes))
        watch(done * len(shots), len(tried) * len(shots), "")
    return tried[int(np.argmax(figures))]


def _fitted(detector: Detector, shots: Sequence[Shot], settings: PredictionSettings) -> FittedRatio:
    seen = []
    for shot in shots:
        map_ = detector.probability(shot.image, settings)
        height, width = shot.image.shape[:2]
        seen.append(
            SeenPage(
                regions=shot.labels.regions,
                detected=boxes_of(map_, settings, (height, width)),
                map_=map_,
                scale=(map_.shape[1] / width, map_.shape[0] / height),
            )
        )
    return fitted_ratio(seen, settings.thresh)


def _sizes(
    shots: Sequence[Shot], best: PredictionSettings, deployed: PredictionSettings
) -> tuple[float, float]:
    """Return between which sizes pages are shown: around all that they will be seen at."""
    seen = []
    for shot in shots:
        height, width = shot.image.shape[:2]
        seen += [max(settings.input_size(height, width)) for settings in (best, deployed)]
    if not seen:
        seen = [best.limit_side_len, deployed.limit_side_len]
    return float(round(BELOW * min(seen))), float(round(ABOVE * max(seen)))


def _limits(low: float, high: float, deployed: PredictionSettings) -> tuple[int, ...]:
    within = {limit for limit in LIMITS if low / BELOW <= limit * 1.01 and limit <= high}
    return tuple(sorted(within | {deployed.limit_side_len}))


def _conventions(
    detector: Detector, shots: Sequence[Shot], settings: PredictionSettings
) -> tuple[Convention, ...]:
    judged = [
        judge_page(shot.labels, shot.image, detector.boxes(shot.image, settings)) for shot in shots
    ]
    return tuple(one for one in conventions_of(judged) if one.is_one)


def _stop_pages(
    named: Path | None,
    images: Path | None,
    mix: PageMixFolder,
    held: Sequence[MixedPage],
    run: Path,
    name: str = TARGET_PAGES,
) -> StopPages:
    if named is None:
        return StopPages(
            labels=str((run / name).absolute()),
            sha256="0" * 64,  # written with the run, which fills it in
            images=str(mix.data),
            pages=len(held),
            held=True,
        )
    file = label_file_of(named)
    count = sum(1 for _ in read_pages(file, tally=Tally(), images=images))
    if not count:
        raise InputError(str(file), "holds no page", "Name a page label file with images.")
    return StopPages(
        labels=str(file.absolute()),
        sha256=sha256_of(file),
        images=str((images or file.parent).absolute()),
        pages=count,
    )


def _general(
    request: DetPlanRequest, mix: PageMixFolder, held: Sequence[MixedPage]
) -> tuple[StopPages, ...]:
    if request.general_stop:
        return tuple(
            _stop_pages(named, request.images, mix, (), request.out)
            for named in request.general_stop
        )
    if not held:
        return ()
    return (_stop_pages(None, None, mix, held, request.out, GENERAL_PAGES),)


def _judged_of_others(plan: DetPlan, held: Sequence[MixedPage]) -> list[list[PageLabels]]:
    """Return the pages of other scenes to blend by; those held out are not written yet."""
    return [
        [page.labels for page in held]
        if one.held
        else [page.labels for page in sized_pages(Path(one.labels), Tally(), Path(one.images))]
        for one in plan.stop.general
    ]


def _warnings(plan: DetPlan, lists: Sequence[Sequence[MixedPage]]) -> tuple[str, ...]:
    found = [
        f"{rule.rule}: {rule.why}"
        for rule in plan.rules
        if rule.code in ("meaning", "scales") and rule.state == "broken"
    ]
    if not plan.stop.general:
        found.append("no page of another scene to blend by: nothing tells when others are lost")
    if plan.epochs > len(lists) and any(page.role == "new" for page in lists[0]):
        found.append(
            f"{plan.epochs} epochs go over {len(lists)} lists: new pages are seen again. Make "
            f"more: balance mix --epochs {plan.epochs}"
        )
    return tuple(found)
