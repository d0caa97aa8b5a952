"""Earlier queues: what they asked for and saw, and what that leaves to a later one.

What judges has to be drawn at random from production, once, before anything is chosen. A later
queue that drew it anew from all crops would draw among those that earlier ones left over: chosen
crops are gone from them, and so is whatever shares a document with the random ones. So its random
part comes only from crops that arrived since, at the rate of the first queue; of all of production
the share that judges is then the same, whenever a crop arrived. Everything else that is labelled
is chosen.

No crop is asked for twice: neither its copies, nor near copies with the same reading, nor, where
it was random, any crop of its document.
"""

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import floor
from pathlib import Path

import numpy as np
import numpy.typing as npt

from textlines.array_files import read_npy
from textlines.errors import InputError, UsageError
from textlines.files import real_path, sha256_of
from textlines.formats.rows import RowKind, read_rows
from textlines.formats.seen_images import WIDTH, SeenImages, as_digests
from train.collect.choosing import Amounts, Pairs, copies_of, groups_of, near_copies
from train.collect.queue import LISTED, READINGS, Part, Queue, Queued, read_queue
from train.collect.suspicion import Crop
from train.seen import digests_of

_AGAIN = "Name the folder as `train collect` left it: its queue says what was asked for."

_READ = RowKind("the readings", "row of readings", _AGAIN)


@dataclass(frozen=True, slots=True)
class Earlier:
    """Queues that were made before.

    Attributes:
        queues: those without an earlier one first, then as they followed.
        listed: of every crop that any of them saw.
    """

    queues: tuple[Queue, ...]
    listed: SeenImages

    @property
    def asked(self) -> Mapping[str, Part]:
        """The part of each crop that was asked for, by the sha256 of its file."""
        return {row.sha256: row.part for queue in self.queues for row in queue.rows}

    @property
    def _first(self) -> tuple[Queue, ...]:
        return tuple(queue for queue in self.queues if not queue.record.earlier)

    @property
    def rate(self) -> float:
        """The share of crops that the first queue drew at random, 0..1."""
        drawn = sum(queue.count(part="random") for queue in self._first)
        among = sum(queue.record.fresh for queue in self._first)
        return drawn / among if among else 0.0

    @property
    def judged(self) -> float:
        """The share of the first queue's random crops that judge, 0..1."""
        drawn = sum(queue.count(part="random") for queue in self._first)
        return sum(queue.count(role="judge") for queue in self._first) / drawn if drawn else 0.0

    @property
    def arrived(self) -> int:
        """How many crops had arrived for the later ones of these queues."""
        return sum(queue.record.arrived for queue in self.queues if queue.record.earlier)

    def amounts(self, budget: int, arrived: int) -> Amounts:
        """Share the budget of a further queue out: random crops at the first one's rate.

        Rounded over all queues together, so that many small arrivals lose nothing by rounding.

        Args:
            arrived: crops that no earlier queue saw.
        """

        def random(crops: int) -> int:
            return floor(self.rate * crops + 0.5)

        def judges(crops: int) -> int:
            return floor(self.judged * random(crops) + 0.5)

        before = self.arrived
        wanted = random(before + arrived) - random(before)
        judge = min(judges(before + arrived) - judges(before), budget)
        stop = min(wanted - judge, budget - judge)
        return Amounts(budget - stop - judge, stop, judge)


@dataclass(frozen=True, slots=True, eq=False)
class Standing:
    """What each crop of a folder is to the earlier queues; arrays of one bool a crop.

    Attributes:
        was_asked: it is in one of them.
        is_barred: it may not be asked for: it was, or is a near copy of such a crop, or of a
            document of a random one.
        has_arrived: none of them saw it.
        may_judge: it arrived, is no near copy of a crop that was there, and of no document of a
            crop that was asked for.
    """

    was_asked: npt.NDArray[np.bool_]
    is_barred: npt.NDArray[np.bool_]
    has_arrived: npt.NDArray[np.bool_]
    may_judge: npt.NDArray[np.bool_]


def read_earlier(folders: Sequence[Path]) -> Earlier | None:
    """Read earlier queues; None for no folder.

    Raises:
        InputError: a folder holds no queue, or does not say which crops it saw.
        UsageError: one of them followed a queue that is not among them.
    """
    queues = {queue.record.queue_sha256: queue for queue in map(read_queue, folders)}
    for queue in queues.values():
        missing = set(queue.record.earlier) - queues.keys()
        if missing:
            raise UsageError(
                f"--earlier {queue.folder}",
                f"followed {len(missing)} more that this call does not name (its sha256 begins "
                f"with {min(missing)[:12]})",
                "Name all earlier queues: --earlier FIRST SECOND ...",
            )
    if not queues:
        return None
    ordered = sorted(
        queues.values(), key=lambda one: (len(one.record.earlier), one.record.queue_sha256)
    )
    listed = SeenImages()
    for queue in ordered:
        listed = listed | _listed(queue)
    return Earlier(tuple(ordered), listed)


def _listed(queue: Queue) -> SeenImages:
    """Return the crops that a queue saw.

    Of a queue of an older program: those that it read, as their files are now.
    """
    path = queue.folder / LISTED
    if queue.record.listed_sha256:
        digests = read_npy(path, "the list of a queue's crops", _AGAIN)
        if digests.dtype != np.uint8 or digests.ndim != 2 or digests.shape[1] != WIDTH:
            raise InputError(str(path), f"is no list of crops (need N x {WIDTH} uint8)", _AGAIN)
        if sha256_of(path) != queue.record.listed_sha256:
            raise InputError(str(path), "was changed after the queue was written", _AGAIN)
        return SeenImages.of(digests)
    if not (queue.folder / READINGS).is_file():
        raise InputError(
            str(queue.folder), f"holds neither {LISTED} nor {READINGS}: which crops it saw is "
            "not known", _AGAIN,
        )  # fmt: skip
    names = {path for path, _ in _fingerprints(queue)}
    digests, _ = digests_of([queue.images / name for name in sorted(names)])
    # What was asked for was there, whatever became of its file.
    asked = as_digests(bytes.fromhex(row.sha256)[:WIDTH] for row in queue.rows)
    return SeenImages.of(np.concatenate([digests, asked]))


def listed_bytes(hashes: Sequence[str | None]) -> bytes:
    """Return the file of a queue's crops: of each that could be read the hash, in their order."""
    digests = as_digests(bytes.fromhex(one)[:WIDTH] for one in hashes if one is not None)
    file = io.BytesIO()
    np.save(file, SeenImages.of(digests).digests, allow_pickle=False)
    return file.getvalue()


def _fingerprints(queue: Queue) -> Iterator[tuple[str, str]]:
    """Yield path and fingerprint of what a queue read; "" for what it could not."""
    yield from read_rows(
        queue.folder / READINGS,
        _READ,
        lambda row: (str(row.get("path", "")), str(row.get("fingerprint", ""))),
        whole=False,
    )


def standing(
    crops: Sequence[Crop],
    hashes: Sequence[str | None],
    earlier: Earlier,
    *,
    images: Path,
    group: str,
    near: Pairs,
) -> Standing:
    """Hold the crops of a folder against earlier queues.

    Args:
        crops: all of the folder. hashes: sha256 of their files; None where one cannot be read.
        images: the folder. group: expression that names documents, "" for none.
        near: pairs of near copies among the crops.
    """
    asked = earlier.asked
    there = set(hashes)
    gone = list(_gone(earlier, there, images, group))
    whole = [*crops, *(crop for crop, _ in gone)]
    near = near_copies(whole) if gone else near
    numbers: dict[str, int] = {}
    groups = np.array(
        [numbers.setdefault(name, len(numbers)) for name in groups_of(whole, group, near)]
    )
    copies = copies_of(range(len(whole)), near)
    pictures = np.array([copies.get(number, number) for number in range(len(whole))])
    parts = [asked.get(sha256 or "") for sha256 in hashes] + [part for _, part in gone]
    was_asked = np.array([part is not None for part in parts], np.bool_)
    was_random = np.array([part == "random" for part in parts], np.bool_)
    digests = as_digests(bytes.fromhex(one or "00" * 32)[:WIDTH] for one in hashes)
    known = np.array([one is not None for one in hashes], np.bool_)
    has_arrived = known & ~earlier.listed.holds(digests) & ~was_asked[: len(crops)]
    was_there = np.concatenate([~has_arrived, np.ones(len(gone), np.bool_)])
    barred = (
        was_asked | np.isin(pictures, pictures[was_asked]) | np.isin(groups, groups[was_random])
    )
    may_judge = ~(
        was_there | barred | np.isin(pictures, pictures[was_there])
        | np.isin(groups, groups[was_asked])
    )  # fmt: skip
    count = len(crops)
    return Standing(was_asked[:count], barred[:count], has_arrived, may_judge[:count])


def _gone(
    earlier: Earlier, there: set[str | None], images: Path, group: str
) -> Iterator[tuple[Crop, Part]]:
    """Yield crops that were asked for and lie in the folder no more, as they were read then."""
    for queue in earlier.queues:
        rows = {row.path: row for row in queue.rows if row.sha256 not in there}
        if not rows:
            continue
        prints = {}
        if (queue.folder / READINGS).is_file():
            prints = {path: one for path, one in _fingerprints(queue) if path in rows}
        is_same = bool(group) and real_path(queue.images) == real_path(images)
        for row in rows.values():
            # In another folder a name says nothing of a document of this one.
            path = row.path if is_same else f"{queue.record.queue_sha256}/{row.path}"
            yield _as_crop(row, path, prints.get(row.path, "")), row.part


def _as_crop(row: Queued, path: str, fingerprint: str) -> Crop:
    return Crop(
        path=path,
        fault="" if len(fingerprint) == 2 * WIDTH else "gone",
        turn=row.turn,
        text=row.text,
        fingerprint=bytes.fromhex(fingerprint),
        look=(),
        doubt=row.doubt,
        clear=0.0,
        rival=None,
        reasons=(),
    )
