"""Labelled crops read by a model: in memory, or into a folder that a killed run goes on from."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from textlines.errors import InputError
from textlines.files import replacing
from textlines.formats.predictions import CROP_FAULTS, Outcome, row_of
from textlines.progress import Watcher, unwatched
from train.models.records import Turning
from train.reading.crops import read_crops
from train.reading.opening import Opened
from train.reading.shards import SHARD, claim, finished_shard, shard_path, write_shard
from train.reading.turning import MARGIN


@dataclass(frozen=True, slots=True)
class Done:
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
        for one in self.outcomes:
            if one.fault:
                counts[one.fault] = counts.get(one.fault, 0) + 1
        return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))

    def unreadable(self) -> list[str]:
        """Say what could not be read, of how many, a line for each reason; [] for nothing."""
        told = []
        for fault, count in self.faults().items():
            first = next(one.path for one in self.outcomes if one.fault == fault)
            told.append(
                f"{CROP_FAULTS[fault]}, left out: {count:,} of {len(self.outcomes):,} "
                f"(first: {first})"
            )
        return told


def read_all(
    opened: Opened,
    paths: Sequence[str],
    images: Path,
    *,
    workers: int,
    turning: Turning = "off",
    out: Path | None = None,
    watch: Watcher = unwatched,
) -> Done:
    """Read crops.

    Args:
        paths: from the folder `images` on.
        workers: threads.
        turning: whether crops are read in their turns too.
        out: the file for all predictions (JSON lines). Its shards are kept in the folder of the
            same name without its ending; what is in there is not read again.

    Raises:
        InputError: there is no crop, none is where it should be, none can be read, or `out`
            belongs to another reading.
    """
    check_there(paths, images)
    watcher = _Watched(watch, len(paths))
    if out is None:
        watcher.start(0)
        outcomes = list(watcher.through(_crops(opened, paths, images, workers, turning)))
        done = Done(tuple(outcomes), 0)
    else:
        done = _read_in_shards(opened, paths, images, workers, turning, out, watcher)
    if all(one.fault for one in done.outcomes):
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
            f"holds none of the {len(paths):,} crops that the labels name (first: {paths[0]})",
            "Is --images right? Paths start from it; by default from the label file's folder.",
        )


def _read_in_shards(
    opened: Opened,
    paths: Sequence[str],
    images: Path,
    workers: int,
    turning: Turning,
    out: Path,
    watcher: "_Watched",
) -> Done:
    folder = out.with_suffix("")
    if folder == out:
        raise InputError(str(out), "has no ending", f"Name a file: {out}.jsonl.")
    claim(folder, _record(opened, images, turning))
    shards = [paths[at : at + SHARD] for at in range(0, len(paths), SHARD)]
    finished = [
        finished_shard(shard_path(folder, number), shard, images)
        for number, shard in enumerate(shards)
    ]
    resumed = sum(len(one) for one in finished if one is not None)
    watcher.start(resumed)
    # One stream over all shards that are left: no core waits at the end of a shard.
    left = [number for number, one in enumerate(finished) if one is None]
    wanted = list(chain.from_iterable(shards[number] for number in left))
    stream = watcher.through(_crops(opened, wanted, images, workers, turning))
    for number in left:
        outcomes = [next(stream) for _ in shards[number]]
        write_shard(shard_path(folder, number), outcomes)
        finished[number] = outcomes
    found = tuple(chain.from_iterable(one for one in finished if one is not None))
    with replacing(out) as file:
        file.writelines(map(row_of, found))
    return Done(found, resumed)


def _crops(
    opened: Opened, paths: Sequence[str], images: Path, workers: int, turning: Turning
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
            self._faults += sum(1 for one in chunk if one.fault)
            note = f"{self._faults:,} unreadable" if self._faults else ""
            self._watch(self._done, self._total, note)
            yield from chunk
