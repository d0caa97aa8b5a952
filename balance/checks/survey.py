"""All images of the sets looked at, on several cores, going on where an earlier run stopped.

Facts about images that were looked at before are known by path, size and time of change, from an
SQLite file in the user's cache folder: a run that was killed, or that checks the same set again,
looks at new and changed images only.
"""

import json
import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Future, wait
from contextlib import closing, suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from balance.checks.image_facts import ImageFacts, look
from textlines.cluster import Work
from textlines.errors import MachineError
from textlines.installing import installed_versions
from textlines.pixels.sent_images import BlockSender, ImageBlock, Stamp, stamp_of
from textlines.progress import Watcher, unwatched
from textlines.signals import signals_held, worker_pool
from textlines.wording import UNSAID, Sentence, say

if TYPE_CHECKING:
    from textlines.cluster import Cluster

FACTS_VERSION = 5
"""Of what `look` finds. Facts of another version are forgotten."""

_TABLE = """
create table if not exists facts (
  path text primary key, size integer, mtime integer, fault text, detail text,
  width integer, height integer, traits integer, blank integer, sha256 blob, hashes text, cells text
) without rowid
"""


def cache_file() -> Path:
    """Name the file: in `$XDG_CACHE_HOME/ocr-mend`, else `~/.cache/ocr-mend`. Creates nothing."""
    home = os.environ.get("XDG_CACHE_HOME", "")
    # The XDG specification has relative paths ignored.
    folder = Path(home) if home.startswith("/") else Path("~/.cache").expanduser()
    return folder / "ocr-mend" / f"images-{FACTS_VERSION}.sqlite"


class FactCache:
    """Facts by path; without a file that can be written it keeps nothing, and says so.

    Attributes:
        trouble: why nothing is kept; "" when all is well.
    """

    def __init__(self, file: Path | None) -> None:
        self.trouble = "" if file else "turned off"
        self._base: sqlite3.Connection | None = None
        if file is None:
            return
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            self._base = sqlite3.connect(file, timeout=30)
            # A cache may lose its last rows in a power cut; it must not wait for the disk.
            self._base.execute("pragma synchronous = off")
            self._base.execute("pragma journal_mode = wal")
            self._base.execute(_TABLE)
        except (OSError, sqlite3.Error) as error:
            self._fail(file, error)

    def _fail(self, file: Path, error: Exception) -> None:
        self.trouble = f"{file}: {error}"
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        if self._base is not None:
            with closing(self._base):
                self._base = None

    def find(self, stamps: dict[str, Stamp]) -> dict[str, ImageFacts]:
        """Return what is known of these files in their present state."""
        known: dict[str, ImageFacts] = {}
        if self._base is None:
            return known
        for batch in _batches(stamps, 500):
            marks = ",".join("?" * len(batch))
            try:
                rows = self._base.execute(
                    f"select * from facts where path in ({marks})", batch
                ).fetchall()
            except sqlite3.Error:  # a broken cache is no reason to fail
                return known
            for path, size, mtime, *rest in rows:
                if stamps[path] == (size, mtime):
                    known[path] = _from_row(rest)
        return known

    def keep(self, facts: Iterable[tuple[str, Stamp, ImageFacts]]) -> None:
        """Remember facts; they are on the disk when this returns."""
        if self._base is None:
            return
        rows = [(path, *stamp, *_to_row(each)) for path, stamp, each in facts]
        try:
            with self._base:
                marks = ",".join("?" * 12)
                self._base.executemany(f"insert or replace into facts values ({marks})", rows)
        except sqlite3.Error as error:  # the disk is full, or another program holds it
            self.trouble = str(error)
            self.close()


def _to_row(facts: ImageFacts) -> tuple[str | int | bytes, ...]:
    return (
        facts.fault,
        json.dumps(facts.detail.record()) if facts.detail else "",
        facts.width,
        facts.height,
        facts.traits,
        int(facts.is_blank),
        facts.sha256,
        json.dumps([hashed.hex() for hashed in facts.hashes]),
        json.dumps([cell.hex() for cell in facts.cells]),
    )


def _from_row(row: Sequence[object]) -> ImageFacts:
    fault, detail, width, height, traits, blank, sha256, hashes, cells = row
    return ImageFacts(
        str(fault),
        Sentence.of_record(json.loads(str(detail))) if detail else UNSAID,
        int(str(width)),
        int(str(height)),
        int(str(traits)),
        bool(blank),
        bytes(sha256) if isinstance(sha256, bytes) else b"",
        tuple(bytes.fromhex(hashed) for hashed in json.loads(str(hashes))),
        tuple(bytes.fromhex(cell) for cell in json.loads(str(cells))),
    )


def _batches(items: Iterable[str], size: int) -> Iterator[list[str]]:
    left = iter(items)
    while batch := list(islice(left, size)):
        yield batch


CHUNK = 64
"""Images that a worker takes at once; so many at most are looked at again after a kill."""

CLUSTER_CHUNK = 512
"""Images of one task on a cluster: a few seconds of work beside milliseconds of handing it over."""

ALONE = 128
"""Below this many images, starting workers costs more than it saves."""


@dataclass(frozen=True, slots=True)
class Survey:
    """Facts by path on the disk, and how many of them were known before.

    Attributes:
        changed: files that changed while they were looked at.
        cache_trouble: why nothing could be kept for the next run; "" when all is well.
    """

    facts: Mapping[str, ImageFacts]
    known: int
    changed: tuple[str, ...] = ()
    cache_trouble: str = ""

    @property
    def missing(self) -> int:
        """How many of them are not there, and were not looked at."""
        return sum(image.fault == "missing" for image in self.facts.values())

    @property
    def looked(self) -> int:
        """How many images were looked at, now or in an earlier run."""
        return len(self.facts) - self.missing

    def sizes(self) -> dict[str, tuple[int, int]]:
        """Return width and height of the images that could be read."""
        return {
            path: (image.width, image.height)
            for path, image in self.facts.items()
            if not image.fault
        }


def survey(
    paths: Iterable[str],
    *,
    cache: Path | None,
    workers: int,
    watch: Watcher = unwatched,
    cluster: "Cluster | None" = None,
) -> Survey:
    """Look at every image once.

    Args:
        paths: on the disk; repeats are looked at once.
        cache: the file of facts from earlier runs; None keeps nothing.
        workers: processes; 1 works in this one. On a cluster tasks at a time, 0 for all CPUs.
        cluster: looks in the place of this machine.
        watch: called as the work goes on, and at the end.
    """
    wanted = list(dict.fromkeys(paths))
    stamps = {path: stamp for path in wanted if (stamp := stamp_of(path))}
    store = FactCache(cache)
    try:
        facts = {path: ImageFacts("missing", say("is not there")) for path in wanted}
        known = store.find(stamps)
        facts |= known
        changed: set[str] = set()
        todo = [path for path in stamps if path not in known]
        done = len(wanted) - len(todo)
        watch(done, len(wanted), "")
        looking = (
            _look_on_cluster(cluster, todo, workers) if cluster else _look_at_all(todo, workers)
        )
        for looked in looking:
            steady = []
            for path, stamp, image in looked:
                facts[path] = image
                if stamp == stamps[path]:
                    steady.append((path, stamp, image))
                else:
                    changed.add(path)
            store.keep(steady)
            done += len(looked)
            watch(done, len(wanted), "")
        return Survey(
            facts,
            len(known),
            tuple(filter(changed.__contains__, todo)),
            store.trouble if cache else "",
        )
    finally:
        store.close()


Looked = list[tuple[str, Stamp, ImageFacts]]


def _look_at_all(paths: Sequence[str], workers: int) -> Iterator[Looked]:
    chunks = _chunks(paths)
    if workers <= 1 or len(paths) < ALONE:
        yield from map(_look_at, chunks)
        return
    # Not forked: where OpenCV has threads already, a forked worker waits for ever for them to end.
    with worker_pool(workers, method="spawn", initializer=_one_thread) as pool:
        # A few chunks ahead of the workers, so that a million paths are not pickled at once.
        with signals_held():
            waiting: set[Future[Looked]] = {
                pool.submit(_look_at, chunk) for chunk in islice(chunks, workers * 3)
            }
        while waiting:
            finished, waiting = wait(waiting, return_when=FIRST_COMPLETED)
            waiting |= {pool.submit(_look_at, chunk) for chunk in islice(chunks, len(finished))}
            for future in finished:
                try:
                    yield future.result()
                except BrokenExecutor as error:
                    raise MachineError(
                        "a process that looks at images",
                        "was ended by the system",
                        "If memory ran out, use fewer --workers.",
                    ) from error


def _look_on_cluster(cluster: "Cluster", paths: Sequence[str], most: int) -> Iterator[Looked]:
    sender = BlockSender()
    work = Work(_one_thread, _look_at_block, sender.fuller, _versions)
    blocks = (
        sender.block(paths[at : at + CLUSTER_CHUNK]) for at in range(0, len(paths), CLUSTER_CHUNK)
    )
    with closing(cluster.results(work, blocks, most=most)) as stream:
        for number, looked in stream:
            # By the paths as they were given, which the driver had made absolute.
            begin = number * CLUSTER_CHUNK
            given = paths[begin : begin + CLUSTER_CHUNK]
            yield [
                (path, stamp, facts) for path, (_, stamp, facts) in zip(given, looked, strict=True)
            ]


def _look_at_block(_: None, block: ImageBlock) -> Looked:
    block.require_seen()
    looked = []
    for number, path in enumerate(block.paths):
        facts = look(Path(path), lambda _, at=number: block.read(at))  # type: ignore[misc]
        # Of files that were sent, the state in which they were read.
        stamp = block.stamps[number] if block.data is not None else stamp_of(path)
        looked.append((path, stamp or (-1, -1), facts))
    return looked


def _versions() -> dict[str, str]:
    return installed_versions(
        ("numpy", "pillow", "opencv-python-headless", "opencv-python", "opencv-contrib-python")
    )


def _chunks(paths: Sequence[str]) -> Iterator[Sequence[str]]:
    return (paths[at : at + CHUNK] for at in range(0, len(paths), CHUNK))


def _look_at(paths: Sequence[str]) -> Looked:
    looked = []
    for path in paths:
        facts = look(Path(path))
        looked.append((path, stamp_of(path) or (-1, -1), facts))
    return looked


def _one_thread() -> None:
    with suppress(ImportError):  # looking at the first image tells
        import cv2

        cv2.setNumThreads(1)
