"""All images of the sets looked at, on several cores, going on where an earlier run stopped."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Future, wait
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from balance.checks.fact_cache import FactCache, Stamp
from balance.checks.image_facts import ImageFacts, look
from textlines.errors import MachineError
from textlines.progress import Watcher, unwatched
from textlines.signals import signals_held, worker_pool
from textlines.wording import say

CHUNK = 64
"""Images that a worker takes at once; so many at most are looked at again after a kill."""

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
        return sum(one.fault == "missing" for one in self.facts.values())

    @property
    def looked(self) -> int:
        """How many images were looked at, now or in an earlier run."""
        return len(self.facts) - self.missing

    def sizes(self) -> dict[str, tuple[int, int]]:
        """Return width and height of the images that could be read."""
        return {path: (one.width, one.height) for path, one in self.facts.items() if not one.fault}


def survey(
    paths: Iterable[str],
    *,
    cache: Path | None,
    workers: int,
    watch: Watcher = unwatched,
) -> Survey:
    """Look at every image once.

    Args:
        paths: on the disk; repeats are looked at once.
        cache: the file of facts from earlier runs; None keeps nothing.
        workers: processes; 1 works in this one.
        watch: called as the work goes on, and at the end.
    """
    wanted = list(dict.fromkeys(paths))
    stamps = {path: stamp for path in wanted if (stamp := stamp_of(path))}
    store = FactCache(cache)
    try:
        facts = {path: ImageFacts("missing", say("is not there")) for path in wanted}
        known = store.find(stamps)
        facts |= known
        changed: list[str] = []
        todo = [path for path in stamps if path not in known]
        done = len(wanted) - len(todo)
        watch(done, len(wanted), "")
        for looked in _look_at_all(todo, workers):
            steady = []
            for path, stamp, one in looked:
                facts[path] = one
                if stamp == stamps[path]:
                    steady.append((path, stamp, one))
                else:
                    changed.append(path)
            store.keep(steady)
            done += len(looked)
            watch(done, len(wanted), "")
        return Survey(facts, len(known), tuple(changed), store.trouble if cache else "")
    finally:
        store.close()


def stamp_of(path: str) -> Stamp | None:
    """Return size and time of change; None where nothing can be looked at."""
    try:
        stat = Path(path).stat()
    except FileNotFoundError:
        return None
    except (OSError, ValueError):  # a loop of links, no permission: `look` says which
        return (-1, -1)
    return (stat.st_size, stat.st_mtime_ns)


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


def _chunks(paths: Sequence[str]) -> Iterator[Sequence[str]]:
    return (paths[at : at + CHUNK] for at in range(0, len(paths), CHUNK))


def _look_at(paths: Sequence[str]) -> Looked:
    found = []
    for path in paths:
        facts = look(Path(path))
        found.append((path, stamp_of(path) or (-1, -1), facts))
    return found


def _one_thread() -> None:
    with suppress(ImportError):  # looking at the first image tells
        import cv2

        cv2.setNumThreads(1)
