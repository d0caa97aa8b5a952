"""`train det tune`: settings searched on some pages, and judged on others."""

import random
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from textlines.errors import InputError
from textlines.files import sha256_of
from textlines.labels.tally import Tally
from textlines.partials import scratch_folder
from textlines.progress import Watching
from textlines.regions.page_file import label_file_of
from textlines.wording.counts import count_of
from train.detection.detector import Detector
from train.detection.memory import MemoryNeed, free_memory, in_gigabytes, memory_warning
from train.detection.page_intervals import hmean_change, reading_change
from train.detection.page_outcomes import (
    BoxReader,
    Objective,
    PageOutcome,
    page_outcome,
)
from train.detection.settings import BoxType, PredictionSettings
from train.detection.trial_maps import Size, SizedPage, TrialMaps, sized_pages
from train.detection.tuned_file import FigureRecord, PagesRecord, SettingsRecord, TunedFile
from train.detection.tuning import Trials, folds_of, limits_for, search

MOST_READ = 600
"""Labels whose boxes are read again and again while reading is the objective: of more pages a
sample is searched on, and the result judged on all."""

SHARE_OF_FREE = 0.5
"""Of the free memory, that pages may take while they are searched on."""

CORNERS_OF_QUAD = 4

FEWEST_TO_FOLD = 2
"""Pages that are searched on and judged by: one of each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TuneJob:
    """What is searched, on what.

    Attributes:
        model: as it was named. need: of memory, measured.
        labels, images: the page label file of the search. judge, judge_images: of other pages;
            None judges by `folds`.
        reader: reads boxes; None reads nothing. recognizer: its name.
        forms: of boxes that are tried; () for that as deployed.
        memory: bytes that pages may take at once; None takes half of what is free.
    """

    detector: Detector
    model: str
    need: MemoryNeed
    labels: Path
    images: Path | None = None
    judge: Path | None = None
    judge_images: Path | None = None
    objective: Objective = "hmean"
    reader: BoxReader | None = None
    recognizer: str = ""
    folds: int = 4
    forms: tuple[BoxType, ...] = ()
    workers: int = 1
    memory: int | None = None
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Tuned:
    """The result: what is written, and what is to be told beside it."""

    file: TunedFile
    notes: tuple[str, ...]

    @property
    def settings(self) -> PredictionSettings:
        """The settings that were found."""
        return self.file.settings.settings()


def tune(
    job: TuneJob, tally: Tally, watching: Watching, tell: Callable[[str], None] = lambda line: None
) -> Tuned:
    """Search, judge, and put the result together.

    Args:
        tally: grows by what is left out of both label files.
        watching: opens a progress bar.
        tell: is told before the search what it will take.

    Raises:
        InputError: a label file holds no page with a label, or no limit fits into memory.
    """
    with ExitStack() as stack:
        pages = _pages(job.labels, job.images, tally, watching)
        others = _pages(job.judge, job.judge_images, tally, watching) if job.judge else []
        largest = _largest([*pages, *others])
        limits, notes = _limits(job, pages, largest)
        tell(_takes(job, limits, largest))
        folder = stack.enter_context(scratch_folder())
        maps = TrialMaps(job.detector, pages, folder, job.workers)
        objective_reader = job.reader if job.objective == "reading" else None
        trials = Trials(maps, job.objective, objective_reader)
        stock = job.detector.settings
        numbers = list(range(len(pages)))
        chosen, told = _sampled(job, pages)
        notes += [*told, *_forms(job, pages)]
        if not job.judge and len(pages) < FEWEST_TO_FOLD:
            raise InputError(
                str(job.labels),
                f"holds too few pages to judge by ({len(pages)})",
                "Name others to judge by: --judge.",
            )
        with watching("settings tried") as watch:
            best = search(trials, limits, stock, chosen, watch, job.forms)
        if job.judge:
            judged = _judged(job, others, best.settings, watching)
        else:
            judged = _out_of_fold(job, trials, limits, numbers, chosen, watching)
        reading = _reading(trials, job.reader)
        outcomes = [reading.outcomes(each, numbers) for each in (stock, best.settings)]
        searched = _record(job.labels, job.images, *outcomes)
    return Tuned(
        TunedFile(
            model=job.model,
            model_files=dict(job.detector.hashes()),
            objective=job.objective,
            comparison=job.reader.comparison if job.reader else "exact",
            recognizer=job.recognizer,
            tried=len(trials.tried),
            memory_mb=job.need.of(best.settings, largest) // 10**6,
            settings=SettingsRecord.of(best.settings),
            deployed=SettingsRecord.of(stock),
            searched=searched,
            judged=judged,
        ),
        tuple(notes),
    )


def _pages(path: Path, images: Path | None, tally: Tally, watching: Watching) -> list[SizedPage]:
    """List the pages of a label file.

    Raises:
        InputError: none has a label that counts.
    """
    with watching("pages looked at") as watch:
        pages = sized_pages(path, tally, images, watch)
    if not any(not region.is_ignored for page in pages for region in page.labels.regions):
        raise InputError(
            str(path),
            f"holds no page with a label that counts (of {len(pages):,} pages)",
            "Name a page label file: path, tab, a list of transcription and points.",
        )
    return pages


def _largest(pages: Sequence[SizedPage]) -> Size:
    return max((page.size for page in pages), key=lambda size: size[0] * size[1])


def _limits(
    job: TuneJob, pages: Sequence[SizedPage], largest: Size
) -> tuple[list[PredictionSettings], list[str]]:
    """List the limits that fit into memory, and what is to be told of those that do not.

    Raises:
        InputError: none fits.
    """
    free = free_memory()
    allowed = job.memory or (int(free * SHARE_OF_FREE) if free else None)

    def fits(settings: PredictionSettings) -> bool:
        return allowed is None or job.workers * job.need.of(settings, largest) <= allowed

    sides = [max(page.size) for page in pages]
    limits, refused = limits_for(job.detector.settings, sides, fits)
    room = f"{in_gigabytes(allowed)} of memory" if allowed else "memory"
    if not limits:
        raise InputError(
            "--memory",
            f"{room} holds no page at any limit",
            "Free memory, or take fewer --workers.",
        )
    if not refused:
        return limits, []
    left_out = ", ".join(
        f"{limit.limit_type} {limit.limit_side_len} "
        f"({in_gigabytes(job.workers * job.need.of(limit, largest))})"
        for limit in refused
    )
    return limits, [f"limits left out, as pages would take more than {room}: {left_out}"]


def _takes(job: TuneJob, limits: Sequence[PredictionSettings], largest: Size) -> str:
    """Say how much memory the search takes at the limit that takes most of it."""
    most = max(limits, key=lambda limit: job.need.of(limit, largest))
    tall, wide = most.input_size(*largest)
    takes = (
        f"limits {limits[0].limit_side_len} to {limits[-1].limit_side_len}: the largest page as "
        f"{wide} x {tall} pixels takes about {in_gigabytes(job.need.of(most, largest))} of memory, "
        f"{job.workers} at once"
    )
    warning = memory_warning(job.need, most, largest, job.workers)
    return f"{takes}\nwarning: {warning}" if warning else takes


def _forms(job: TuneJob, pages: Sequence[SizedPage]) -> list[str]:
    """Say that labels are polygons where boxes are not."""
    labels = [one for page in pages for one in page.labels.regions if not one.is_ignored]
    curved = sum(len(one.polygon) > CORNERS_OF_QUAD for one in labels)
    has_quads_alone = set(job.forms or [job.detector.settings.box_type]) == {"quad"}
    if not curved or not has_quads_alone:
        return []
    return [
        f"{curved:,} of {count_of(len(labels), 'label')} have more than four corners, and boxes "
        "are quads: --box-type best tries polygons too"
    ]


def _sampled(job: TuneJob, pages: Sequence[SizedPage]) -> tuple[list[int], list[str]]:
    """Choose the pages that are searched on: all, unless too many lines would be read."""
    numbers = list(range(len(pages)))
    lines = [sum(not one.is_ignored for one in page.labels.regions) for page in pages]
    if job.objective == "hmean" or sum(lines) <= MOST_READ:
        return numbers, []
    random.Random(job.seed).shuffle(numbers)
    chosen: list[int] = []
    read = 0
    for number in numbers:
        if chosen and read + lines[number] > MOST_READ:
            continue
        chosen.append(number)
        read += lines[number]
    told = (
        f"searched on {len(chosen):,} of {len(pages):,} pages, drawn by --seed {job.seed}: each "
        f"setting reads its boxes anew, and {MOST_READ} labels take minutes"
    )
    return sorted(chosen), [told]


def _both(
    job: TuneJob, pages: Sequence[SizedPage], settings: PredictionSettings, watching: Watching
) -> tuple[list[PageOutcome], list[PageOutcome]]:
    """Judge pages by the detector itself, as deployed and under other settings."""

    def judged(number: int) -> tuple[PageOutcome, PageOutcome]:
        page = pages[number]
        image = page.image()
        first, second = (
            page_outcome(page.labels, job.detector.boxes(image, each), job.reader, lambda: image)
            for each in (job.detector.settings, settings)
        )
        return first, second

    found = []
    with watching("pages judged") as watch, ThreadPoolExecutor(job.workers) as pool:
        for done, outcome in enumerate(pool.map(judged, range(len(pages))), 1):
            watch(done, len(pages), "")
            found.append(outcome)
    return [first for first, _ in found], [second for _, second in found]


def _judged(
    job: TuneJob, pages: Sequence[SizedPage], settings: PredictionSettings, watching: Watching
) -> PagesRecord:
    assert job.judge is not None  # the caller has seen to it
    return _record(job.judge, job.judge_images, *_both(job, pages, settings, watching))


def _out_of_fold(
    job: TuneJob,
    trials: Trials,
    limits: Sequence[PredictionSettings],
    numbers: Sequence[int],
    chosen: Sequence[int],
    watching: Watching,
) -> PagesRecord:
    """Judge each fold of the pages under settings that were searched on the others."""
    before: dict[int, PageOutcome] = {}
    after: dict[int, PageOutcome] = {}
    stock = job.detector.settings
    judging = _reading(trials, job.reader)
    folds = folds_of(len(numbers), job.folds)
    for fold in folds:
        others = [number for number in chosen if number not in set(fold)] or [
            number for number in numbers if number not in set(fold)
        ]
        with watching("settings tried without a fold") as watch:
            best = search(trials, limits, stock, others, watch, job.forms)
        before.update(zip(fold, judging.outcomes(stock, fold), strict=True))
        after.update(zip(fold, judging.outcomes(best.settings, fold), strict=True))
    ordered = [before[number] for number in numbers], [after[number] for number in numbers]
    record = _record(job.labels, job.images, *ordered)
    return record.model_copy(update={"folds": len(folds)})


def _reading(trials: Trials, reader: BoxReader | None) -> Trials:
    """Return trials on the same maps that read boxes too; the same ones where they do already."""
    return trials if trials.reader is reader else Trials(trials.maps, trials.objective, reader)


def _record(
    path: Path,
    images: Path | None,
    before: Sequence[PageOutcome],
    after: Sequence[PageOutcome],
) -> PagesRecord:
    has_read = any(outcome.read for outcome in before)
    return PagesRecord(
        labels=path.as_posix(),
        sha256=sha256_of(label_file_of(path)),
        images=images.as_posix() if images else "",
        pages=len(before),
        regions=sum(outcome.counts.labels for outcome in before),
        hmean=FigureRecord.of(hmean_change(before, after)),
        reading=FigureRecord.of(reading_change(before, after)) if has_read else None,
    )
