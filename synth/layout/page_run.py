"""From a plan of pages to a finished folder: draws what is missing, here or in worker processes.

    plan.jsonl     what may stand on each page
    shards/NNNN.jsonl    rows of finished pages, `SHARD_PAGES` each
    images/NNNN/NNNNNN.jpg
    Label.txt      the boxes, as PPOCRLabel writes them
    manifest.jsonl, run.json

The same bytes for any number of workers, whole or in shards; a run that was killed goes on where
its shards end.
"""

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from synth.layout.page_engine import PageEngine, PageSetup
from synth.layout.page_job import PageJob
from synth.layout.page_plan import PlannedPage, read_plan
from synth.layout.page_rows import PageRow, read_page_rows
from synth.run.drawing import WorkerDiedError, write_image
from synth.run.folder import (
    Share,
    ensure_plan,
    finish,
    finished,
    locked,
    make_folder,
    marker,
    open_run,
    recording,
)
from textlines.errors import InputError, MendError
from textlines.files import is_of_the_machine, machine_error, replacing, sha256_of
from textlines.formats.manifest import MANIFEST
from textlines.formats.plan_rows import PLAN
from textlines.formats.run_record import PAGES, RECORD, RunRecord, planned_of
from textlines.progress import Watcher, unwatched
from textlines.regions.page_file import write_pages
from textlines.signals import result_of, signals_held, worker_pool
from textlines.wording.counts import count_of, form_of

LABELS = "Label.txt"

SHARD_PAGES = 20
"""Pages in a shard: what a killed run draws again at most, a few seconds for each worker."""

DRAWN, LINES, DONT_CARE = "pages", "lines", "lines that nobody can read: "


WHOLE = Share()


@dataclass(frozen=True, slots=True)
class PagesOutcome:
    """How a call ended.

    Attributes:
        pages: of the whole run. drawn: by this call. complete: all shards are there, and merged.
        record: as it now stands in `run.json`.
    """

    pages: int
    drawn: int
    complete: bool
    record: RunRecord


def draw_pages(
    job: PageJob,
    out: Path,
    workers: int,
    watch: Watcher = unwatched,
    share: Share = WHOLE,
) -> PagesOutcome:
    """Plan and draw pages into a folder, or go on with what is there.

    Args:
        share: of the shards, that this machine draws; who draws the last of all merges them.

    Raises:
        InputError: the folder holds something else, or cannot be written.
        MendError: what a worker raised, or how it ended; finished shards stay.
    """
    make_folder(out)
    with locked(out, share):
        with recording(out):
            record = open_run(out, job.configuration, job.options.seed, job.inputs, command=PAGES)
            record = ensure_plan(
                out,
                record,
                lambda path: _planned(job, path),
            )
        pages = planned_of(out, record)
        if LABELS in record.outputs and (out / LABELS).exists():
            return PagesOutcome(pages, 0, True, record)
        setup = replace(job.setup, plan=record.outputs[PLAN])
        ours = share.of(-(-pages // SHARD_PAGES))
        todo = [number for number in missing_shards(out, pages) if number in ours]
        total = sum(min(SHARD_PAGES, pages - number * SHARD_PAGES) for number in todo)
        drawn = 0
        for number, rows in _shards(setup, out, todo, workers):
            finish(out, number, rows)
            drawn += len(rows)
            watch(drawn, total, "")
        if missing_shards(out, pages):
            return PagesOutcome(pages, drawn, False, record)
        with recording(out):
            return PagesOutcome(pages, drawn, True, _conclude(out, record, pages))


def missing_shards(out: Path, pages: int) -> list[int]:
    """List the shards that are not complete."""
    return [number for number in range(-(-pages // SHARD_PAGES)) if not finished(out, number)]


def merge_pages(out: Path, record: RunRecord) -> RunRecord:
    """Write labels and manifest of shards that several machines drew; return the final record.

    The caller holds the folder.

    Raises:
        InputError: shards are missing or damaged, or an image that one names is not there.
    """
    pages = planned_of(out, record)
    gaps = missing_shards(out, pages)
    if gaps:
        named = ", ".join(map(str, gaps[:20])) + (", …" if len(gaps) > 20 else "")
        raise InputError(
            str(out),
            f"{count_of(len(gaps), 'shard')} {form_of(len(gaps), 'is', 'are')} missing: {named}",
            "Draw them (synth pages with the same options and --shard), then merge.",
        )
    return _conclude(out, record, pages)


def _planned(job: PageJob, path: Path) -> tuple[int, dict[str, int]]:
    rows, counts = job.write_plan(path)
    return rows, {**job.oddities.by_effect(), **counts}


def _shards(
    setup: PageSetup, out: Path, todo: Sequence[int], workers: int
) -> Iterator[tuple[int, list[str]]]:
    """Draw shards; they come as they are done."""
    wanted = frozenset(todo)
    batches = ((number, batch) for number, batch in _batches(out / PLAN) if number in wanted)
    if min(workers, len(todo)) <= 1:
        engine = setup.engine()
        for number, batch in batches:
            yield number, draw_batch(engine, batch, out)
        return
    from concurrent.futures.process import BrokenProcessPool

    global _engine
    # Made before the workers are: they share it, with its photos, by being forked.
    _engine = setup.engine()
    with worker_pool(min(workers, len(todo)), method="fork") as pool:
        with signals_held():
            futures = [
                (number, pool.submit(_draw_in_worker, batch, str(out))) for number, batch in batches
            ]
        for number, future in futures:
            try:
                rows = result_of(future, pool)
            except BrokenProcessPool:
                raise WorkerDiedError(
                    "a worker",
                    "was killed",
                    "If memory ran out, use fewer --workers. Finished shards stay: the same call "
                    "goes on with them.",
                ) from None
            yield number, rows


_engine: PageEngine | None = None


def _draw_in_worker(batch: list[PlannedPage], out: str) -> list[str]:
    assert _engine is not None
    try:
        return draw_batch(_engine, batch, Path(out))
    except MendError:
        raise
    except Exception as error:
        if is_of_the_machine(error):
            raise machine_error(f"worker {os.getpid()}", error) from None
        raise


def _batches(plan: Path) -> Iterator[tuple[int, list[PlannedPage]]]:
    rows = read_plan(plan)
    number = 0
    while batch := list(islice(rows, SHARD_PAGES)):
        yield number, batch
        number += 1


def draw_batch(engine: PageEngine, batch: Sequence[PlannedPage], out: Path) -> list[str]:
    """Draw pages, write their images, and return their rows as lines without ends.

    Raises:
        InputError: the folder cannot be written, the disk is full.
    """
    lines = []
    for planned in batch:
        page = engine.page(planned)
        place = out / page.row.image
        place.parent.mkdir(parents=True, exist_ok=True)
        write_image(str(place), page.data)
        lines.append(page.row.to_json())
    return lines


def _conclude(out: Path, record: RunRecord, pages: int) -> RunRecord:
    """Write labels and manifest of finished shards, and the final record.

    Raises:
        InputError: a shard is damaged, or an image that it names is not there.
    """
    counts: Counter[str] = Counter()

    def rows() -> Iterator[PageRow]:
        expected = 0
        for number in range(-(-pages // SHARD_PAGES)):
            path = marker(out, number)
            for row in read_page_rows(path):
                if row.index != expected or not (out / row.image).is_file():
                    what = (
                        f"holds page {row.index} where {expected} should be"
                        if row.index != expected
                        else f"names {row.image}, which is not there"
                    )
                    raise InputError(str(path), what, "Delete it and call synth pages again.")
                expected += 1
                yield row
        if expected != pages:
            raise InputError(
                str(out), f"holds {expected} pages, and {pages} are planned", "Start afresh."
            )

    with replacing(out / MANIFEST) as manifest:

        def counted() -> Iterator[PageRow]:
            for row in rows():
                manifest.write(row.to_json() + "\n")
                counts[DRAWN] += 1
                for line in row.lines:
                    counts[LINES if line.fault is None else DONT_CARE + line.fault] += 1
                if row.cut_off:
                    counts["left out: lines beyond their page"] += row.cut_off
                yield row

        write_pages(out / LABELS, ((row.image, row.regions()) for row in counted()))
    final = record.model_copy(
        update={
            "outputs": {
                **record.outputs,
                LABELS: sha256_of(out / LABELS),
                MANIFEST: sha256_of(out / MANIFEST),
            },
            "counts": {**record.counts, **dict(sorted(counts.items()))},
        }
    )
    final.write(out / RECORD)
    return final
