"""Crops read by a model, on all cores: in memory, or into a folder that a killed run goes on from.

`predictions/NNNN.jsonl` holds the outcomes of 1,000 consecutive crops; `reading.json` beside them
says what read them. A shard is used again if it names the same crops, in order, and none of them
has changed since.
"""

import json
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

from textlines.defects.of_readings import IMAGE_FAULTS
from textlines.errors import InputError
from textlines.files import read_text, replacing
from textlines.formats.predictions import Outcome, Turn, read_outcomes, row_of
from textlines.parsing import parse_json
from textlines.partials import holds_anything
from textlines.pixels.arrays import Image
from textlines.pixels.decode import ImageError, read_image
from textlines.progress import Watcher, unwatched
from textlines.wording.counts import form_of
from train.models.records import Turning
from train.reading.engine import Engine
from train.reading.model_opening import Opened
from train.reading.turning import MARGIN, Turned, is_settled, prepared_turns, read_turns, surest

SHARD = 1000
"""Lines in a shard."""

Elsewhere = Callable[[Sequence[str], Path, Turning], Iterator[list[Outcome]]]
"""Reads crops, whose paths start from a folder, and gives the outcomes in order, some at a time."""

RECORD = "reading.json"


def usable_cores() -> int:
    """Count the cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def read_crops(
    engine: Engine, paths: Sequence[str], images: Path, workers: int, turning: Turning = "off"
) -> Iterator[list[Outcome]]:
    """Read crops and give the outcomes in their order, a chunk at a time.

    Each thread decodes, resizes, runs the network and decodes text: OpenCV and onnxruntime let go
    of the interpreter while they work, and no pixels travel between processes.

    Args:
        paths: from `images` on.
        workers: threads, at least 1.
        turning: whether crops are read in their turns too.
    """
    size = engine.batching.chunk
    chunks = (paths[at : at + size] for at in range(0, len(paths), size))
    pool = ThreadPoolExecutor(workers, thread_name_prefix="reading")
    waiting: deque[Future[list[Outcome]]] = deque()
    try:
        for chunk in chunks:
            waiting.append(pool.submit(read_chunk, engine, chunk, images, turning))
            if len(waiting) > 2 * workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


CropReader = Callable[[int, str], Image]
"""Decodes a crop of several, by its number and its path."""


def read_chunk(
    engine: Engine, paths: Sequence[str], images: Path | CropReader, turning: Turning = "off"
) -> list[Outcome]:
    """Read a few crops: those of one padded width together, and give them in order.

    Args:
        images: the folder that the paths start from, or what decodes a crop.

    Raises:
        InputError: the model gives no probabilities for one; names it.
    """
    prepared: dict[int, dict[Turn, Image]] = {}
    outcomes: dict[int, Outcome] = {}
    for number, path in enumerate(paths):
        try:
            image = read_image(images / path) if isinstance(images, Path) else images(number, path)
        except ImageError as error:
            outcomes[number] = Outcome(path, fault=error.reason)
            continue
        prepared[number] = prepared_turns(engine.prepare, image, turning)
    read = read_turns(engine, prepared, lambda _, line: is_settled(line), lambda at: paths[at])
    for number, lines in read.items():
        outcomes[number] = outcome_of_turns(paths[number], lines, surest(lines))
    return [outcomes[number] for number in range(len(paths))]


def outcome_of_turns(path: str, lines: Turned, turn: Turn) -> Outcome:
    """Return what came of a crop that was read in its turns and is kept in one of them."""
    unturned = lines[0].text if turn else None
    return Outcome(path, lines[turn].text, lines[turn].score, turn=turn, unturned=unturned)


def shard_path(folder: Path, number: int) -> Path:
    """Name a shard's file, counted from 0."""
    return folder / f"{number:04d}.jsonl"


def write_shard(path: Path, outcomes: Iterable[Outcome]) -> None:
    """Write a shard, whole or not at all.

    Raises:
        InputError: the file cannot be written.
    """
    with replacing(path) as out:
        out.writelines(map(row_of, outcomes))


def finished_shard(path: Path, crops: Sequence[str], images: Path) -> list[Outcome] | None:
    """Read a shard that still holds; None when it is not there or has to be made again."""
    try:
        written = path.stat().st_mtime_ns
        outcomes = list(read_outcomes(path))
    except (OSError, InputError):
        return None
    if [outcome.path for outcome in outcomes] != list(crops):
        return None
    if any(_has_changed(images / outcome.path, outcome.fault, written) for outcome in outcomes):
        return None
    return outcomes


def _has_changed(crop: Path, fault: str, since_ns: int) -> bool:
    """Whether a crop is another than when it was read, by the times of the file system."""
    try:
        status = crop.stat()
    except OSError:
        return fault not in ("missing", "unreadable")
    # The time of change too: a copy may keep the time of writing of an old file.
    return fault == "missing" or max(status.st_mtime_ns, status.st_ctime_ns) > since_ns


def claim(folder: Path, record: Mapping[str, Any]) -> None:
    """Write down what reads into a folder, or check that it is the same as before.

    Raises:
        InputError: the folder holds readings of another model or way of reading; names what
            differs.
    """
    path = folder / RECORD
    if path.is_file():
        try:
            what = "the record of the reading"
            known = parse_json(read_text(path, what), str(path), what, "Name another --out.")
        except InputError:
            known = None
        if known == dict(record):
            return
        differing = sorted(
            key
            for key in {*record, *(known if isinstance(known, dict) else {})}
            if not isinstance(known, dict) or known.get(key) != record.get(key)
        )
        raise InputError(
            str(folder),
            f"holds predictions of another reading ({', '.join(differing)} differs)",
            "Name another --out, or delete the folder.",
        )
    if holds_anything(folder):
        raise InputError(
            str(folder), f"holds files but no {RECORD}", "Name another --out, or delete the folder."
        )
    with replacing(path) as out:
        out.write(json.dumps(dict(record), ensure_ascii=False, indent=1, sort_keys=True) + "\n")


@dataclass(frozen=True, slots=True)
class ReadCrops:
    """What a reading gave.

    Attributes:
        outcomes: in the order of the paths.
        resumed: how many of them an earlier run had left.
    """

    outcomes: tuple[Outcome, ...]
    resumed: int

    def faults(self) -> dict[str, int]:
        """Count the crops that could not be read, by reason, most frequent first."""
        counts: dict[str, int] = {}
        for outcome in self.outcomes:
            if outcome.fault:
                counts[outcome.fault] = counts.get(outcome.fault, 0) + 1
        return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))

    def unreadable(self) -> list[str]:
        """Return what could not be read, of how many, a line for each reason; [] for nothing."""
        notes = []
        for fault, count in self.faults().items():
            first = next(outcome.path for outcome in self.outcomes if outcome.fault == fault)
            notes.append(
                f"{IMAGE_FAULTS[fault].sentence}: {count:,} of {len(self.outcomes):,} "
                f"(first: {first})"
            )
        return notes


def read_all(
    opened: Opened,
    paths: Sequence[str],
    images: Path,
    *,
    workers: int,
    turning: Turning = "off",
    out: Path | None = None,
    watch: Watcher = unwatched,
    elsewhere: Elsewhere | None = None,
) -> ReadCrops:
    """Read crops.

    Args:
        paths: from the folder `images` on.
        workers: threads.
        turning: whether crops are read in their turns too.
        out: the file for all predictions (JSON lines). Its shards are kept in the folder of the
            same name without its ending; what is in there is not read again.
        elsewhere: reads in the place of threads of this machine.

    Raises:
        InputError: there is no crop, none is where it should be, none can be read, or `out`
            belongs to another reading.
    """
    check_there(paths, images)
    watcher = _Watched(watch, len(paths))
    read = elsewhere or partial(_crops, opened, workers)
    if out is None:
        watcher.start(0)
        outcomes = list(watcher.through(read(paths, images, turning)))
        done = ReadCrops(tuple(outcomes), 0)
    else:
        done = _read_in_shards(opened, paths, images, read, turning, out, watcher)
    if all(outcome.fault for outcome in done.outcomes):
        raise InputError(
            str(images), f"holds no crop that can be read ({'; '.join(done.unreadable())})", ""
        )
    return done


def check_there(paths: Sequence[str], images: Path) -> None:
    """Stop before any work when the folder of images is surely another one.

    Raises:
        InputError: there is no path, or none of them is there.
    """
    if not paths:
        raise InputError("labels", "name no crop", "Name a label file with lines in it.")
    if not any((images / path).is_file() for path in paths):
        raise InputError(
            str(images),
            form_of(len(paths), "lacks the one crop", f"holds none of the {len(paths):,} crops")
            + f" that the labels name (first: {paths[0]})",
            "Is --images right? Paths start from it; by default from the label file's folder.",
        )


def _read_in_shards(
    opened: Opened,
    paths: Sequence[str],
    images: Path,
    read: Elsewhere,
    turning: Turning,
    out: Path,
    watcher: "_Watched",
) -> ReadCrops:
    folder = out.with_suffix("")
    if folder == out:
        raise InputError(str(out), "has no ending", f"Name a file: {out}.jsonl.")
    claim(folder, _record(opened, images, turning))
    shards = [paths[at : at + SHARD] for at in range(0, len(paths), SHARD)]
    finished = [
        finished_shard(shard_path(folder, number), shard, images)
        for number, shard in enumerate(shards)
    ]
    resumed = sum(len(shard_outcomes) for shard_outcomes in finished if shard_outcomes is not None)
    watcher.start(resumed)
    # One stream over all shards that are left: no core waits at the end of a shard.
    left = [number for number, shard_outcomes in enumerate(finished) if shard_outcomes is None]
    wanted = list(chain.from_iterable(shards[number] for number in left))
    stream = watcher.through(read(wanted, images, turning))
    for number in left:
        outcomes = [next(stream) for _ in shards[number]]
        write_shard(shard_path(folder, number), outcomes)
        finished[number] = outcomes
    all_outcomes = tuple(
        chain.from_iterable(
            shard_outcomes for shard_outcomes in finished if shard_outcomes is not None
        )
    )
    with replacing(out) as file:
        file.writelines(map(row_of, all_outcomes))
    return ReadCrops(all_outcomes, resumed)


def _crops(
    opened: Opened, workers: int, paths: Sequence[str], images: Path, turning: Turning
) -> Iterator[list[Outcome]]:
    if turning == "off":
        return read_crops(opened.engine, paths, images, workers)
    return read_crops(opened.engine, paths, images, workers, turning)


def _record(opened: Opened, images: Path, turning: Turning) -> dict[str, object]:
    # Without turning, as it was before there was any: readings that were begun then go on.
    turns = {} if turning == "off" else {"turn": turning, "margin": MARGIN}
    return {
        "version": 1,
        "shard": SHARD,
        "model": opened.source.name,
        "files": dict(opened.hashes),
        "engine": opened.engine.name,
        "images": images.absolute().as_posix(),
        **turns,
    }


class _Watched:
    """Counts outcomes as they pass, for whoever watches."""

    def __init__(self, watch: Watcher, total: int) -> None:
        self._watch, self._total, self._done, self._faults = watch, total, 0, 0

    def start(self, done: int) -> None:
        """Begin with what is done already."""
        self._done = done
        self._watch(done, self._total, "")

    def through(self, chunks: Iterator[list[Outcome]]) -> Iterator[Outcome]:
        """Hand outcomes on, one by one."""
        for chunk in chunks:
            self._done += len(chunk)
            self._faults += sum(1 for outcome in chunk if outcome.fault)
            note = f"{self._faults:,} unreadable" if self._faults else ""
            self._watch(self._done, self._total, note)
            yield from chunk
