"""A detector's run on disk before its first step: its plan, its history, what it goes on from."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from shutil import copyfile

from textlines.errors import InputError, UsageError
from textlines.files import sha256_of, unwritable
from textlines.formats.history import (
    GENERAL_STOP,
    HISTORY,
    IMAGES,
    STOP,
    TRAINED,
    History,
    Step,
    write_history,
)
from textlines.formats.page_mix import MixedPage, PageMixFolder, read_page_mix
from textlines.formats.seen_images import SeenImages
from textlines.labels.tally import Tally
from textlines.partials import holds_anything
from textlines.regions.page_file import read_pages, write_pages
from textlines.wording.counts import count_of
from train.detection.detector import Detector
from train.detection.detector_source import BASE, open_detector_source
from train.detection.trial_maps import SizedPage, sized_pages
from train.models.base_folder import Tensors
from train.models.graph_files import load_onnx
from train.models.model_sources import CONFIGURATION, PARAMETERS
from train.networks.map_graph import MapSpec, map_graph_of
from train.page_tuning.page_plan import PLAN, DetPlan, StopPages, read_det_plan, write_det_plan
from train.page_tuning.page_planning import GENERAL_PAGES, TARGET_PAGES, PlannedPages, graph_file
from train.seen import digests_of
from train.tuning.run_states import checkpoints_of

_BEFORE_PLAN = (HISTORY, IMAGES, TARGET_PAGES, GENERAL_PAGES, BASE)


def check_new(run: Path) -> None:
    """Check that a folder may take a new plan.

    Raises:
        InputError: it holds a run that has begun, or other files.
    """
    if checkpoints_of(run):
        raise InputError(
            str(run),
            "holds a run that has begun",
            "Go on with `train det rec`, or name a new folder.",
        )
    if holds_anything(run, but=_BEFORE_PLAN) and not (run / PLAN).is_file():
        raise InputError(str(run), "holds other files", "Name a new or empty folder.")


def new_page_run(run: Path, planned: PlannedPages) -> DetPlan:
    """Write a run folder, ready for `train det rec`; the plan comes last.

    Returns:
        The plan as written: with the hashes of the pages held out.

    Raises:
        UsageError: a page is to be trained on and to be stopped by.
        InputError: the folder cannot be written.
    """
    check_new(run)
    try:
        run.mkdir(parents=True, exist_ok=True)
        (run / PLAN).unlink(missing_ok=True)
    except OSError as error:
        raise unwritable(run, error) from error
    plan = planned.plan
    stop = plan.stop
    target = _written(stop.target, planned.held["target"])
    general = tuple(_written(pages, planned.held["general"]) for pages in stop.general)
    plan = plan.model_copy(
        update={"stop": stop.model_copy(update={"target": target, "general": general})}
    )
    write_history(_history(plan, planned), run)
    _keep_program(planned.program, run / BASE)
    write_det_plan(plan, run / PLAN)
    return plan


def _keep_program(program: Path | None, folder: Path) -> None:
    """Copy the exported program of the base: tuned weights go back into it.

    Raises:
        InputError: the folder cannot be written.
    """
    if program is None:
        return
    files = [program, *(program.parent / name for name in (PARAMETERS, CONFIGURATION))]
    try:
        folder.mkdir(exist_ok=True)
        for file in files:
            if file.is_file():
                copyfile(file, folder / file.name)
    except OSError as error:
        raise unwritable(folder, error) from error


def _written(stop: StopPages, held: Sequence[MixedPage]) -> StopPages:
    if not stop.held:
        return stop
    path = Path(stop.labels)
    write_pages(path, [(page.labels.path, page.labels.regions) for page in held])
    return stop.model_copy(update={"sha256": sha256_of(path)})


def _history(plan: DetPlan, planned: PlannedPages) -> History:
    """Return what the base has seen, what is trained on, and what the run is blended by.

    Raises:
        UsageError: an image is in both of the last.
    """
    mix, now = planned.mix, planned.before.round + 1
    history, trained = planned.before, SeenImages()
    images_of = _images_by_source(planned)
    for source in mix.sources:
        digests, _ = digests_of(images_of[source.labels])
        seen = SeenImages.of(digests)
        trained = trained | seen
        history = history.with_step(
            Step(
                step=f"{TRAINED} ({source.role})",
                file=source.labels,
                sha256=source.sha256,
                lines=len(digests),
                synthetic=source.rendered > 0,
                round=now,
            ),
            seen,
        )
    for step, stop in (
        (STOP, plan.stop.target),
        *((GENERAL_STOP, one) for one in plan.stop.general),
    ):
        images = sorted({page.labels.image for page in stop_pages(stop)})
        digests, _ = digests_of(images)
        shared = trained.holds(digests)
        if shared.any():
            raise UsageError(
                stop.labels,
                f"shares {int(shared.sum()):,} of its {count_of(len(images), 'image')} with what "
                f"is trained on (first: {images[int(shared.argmax())].name})",
                "Take them out of one of the two.",
            )
        row = Step(step=step, file=stop.labels, sha256=stop.sha256, lines=len(digests), round=now)
        history = history.with_step(row, SeenImages.of(digests))
    return history


def _images_by_source(planned: PlannedPages) -> dict[str, list[Path]]:
    """List the images that are trained on, by the page label file that they came from.

    A label file that was changed or moved since tells nothing of them: those of its role then.
    """
    trained = {page.labels.image: page for pages in planned.lists for page in pages}
    found: dict[str, list[Path]] = {}
    for source in planned.mix.sources:
        file = planned.mix.place(source.labels)
        of_role = [image for image, page in trained.items() if page.role == source.role]
        if file.is_file() and sha256_of(file) == source.sha256:
            named = {page.image for page in read_pages(file, tally=Tally())}
            of_role = [image for image in of_role if image in named] or of_role
        found[source.labels] = sorted(of_role)
    return found


def stop_pages(stop: StopPages) -> list[SizedPage]:
    """Read the pages of a stopping set.

    Raises:
        InputError: the file is not the one that was planned with.
    """
    path = Path(stop.labels)
    if not path.is_file() or sha256_of(path) != stop.sha256:
        raise InputError(
            stop.labels,
            "is not the page label file that was planned with",
            "Put it back, or make a new plan.",
        )
    return sized_pages(path, Tally(), Path(stop.images))


@dataclass(frozen=True, slots=True)
class DetStart:
    """What a run goes on from: plan, base, mix."""

    plan: DetPlan
    mix: PageMixFolder
    detector: Detector
    spec: MapSpec
    weights: Tensors


def start_of_run(run: Path) -> DetStart:
    """Read a run's plan and all that it names.

    Raises:
        InputError: something is missing, or is not what was planned with.
    """
    plan = read_det_plan(run / PLAN)
    mix = read_page_mix(Path(plan.mix.path))
    if mix.sha256 != plan.mix.sha256:
        raise InputError(
            plan.mix.path,
            "is not the mix that was planned with",
            "Put the mix back, or make a new plan.",
        )
    detector = open_detector_source(plan.base.model).detector
    path = graph_file(detector)
    if sha256_of(path) != plan.base.sha256:
        raise InputError(
            plan.base.model,
            "is not the model that was planned with",
            "Put that model back, or make a new plan.",
        )
    spec, weights = map_graph_of(load_onnx(path), plan.base.model, str(path))
    settings = plan.deployed.settings()
    return DetStart(plan, mix, detector.with_settings(settings), spec, weights)
