"""`train collect`: crops read, doubted, drawn and chosen, into a queue with its page."""

import hashlib
import json
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar
from unicodedata import normalize

from textlines.errors import InputError
from textlines.files import real_path, unwritable
from textlines.formats.judged_set import JUDGED_BY, JudgedBy
from textlines.formats.line_roles import LineRole, read_line_roles
from textlines.formats.profile import load_profile
from textlines.formats.rows import RowError, parse_row
from textlines.labels.tally import Tally
from textlines.progress import Watcher, unwatched
from train.collect.choosing import Amounts, Pairs, chosen, copies_of, drawn, groups_of, near_copies
from train.collect.crop_files import list_crops
from train.collect.earlier_queues import Earlier, listed_bytes, standing
from train.collect.queue import (
    CONFIRMED_MOST,
    READINGS,
    Accepted,
    Part,
    Queue,
    Queued,
    QueueRecord,
    id_of,
    write_accepted,
    write_queue,
)
from train.collect.readings import CropReadings, Readers, gather, readings_of, row_of, stamp_of
from train.collect.suspicion import Canonical, Crop, Suspicion, crop_of, suspicions
from train.own.sharing import share_of
from train.reading.crop_reading import claim
from train.seen import hashes_of

Kept = TypeVar("Kept")


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectOptions:
    """What is asked for.

    Attributes:
        images, out: the folder of the crops, and that of the queue.
        amounts: of labels, by role.
        group: expression on the path whose first brackets name the document; "" for none.
        comparison: what counts as the same reading.
        seed: of all that is drawn.
        weak: by character, the share of its places that are misread.
        roles: files of roles whose crops have a label already.
        earlier: queues that came before; None where this is the first.
        keeps_rate: whether a later queue draws at random as the first did, whatever the amounts
            are for stopping and judging.
        accept: threshold of the doubt below which readings are taken without a label; None for
            none.
        pattern: that whole texts fit.
        is_random: whether what trains is drawn at random too.
        workers: threads.
    """

    images: Path
    out: Path
    amounts: Amounts
    group: str = ""
    comparison: JudgedBy = "exact"
    seed: int = 1
    weak: Mapping[str, float] | None = None
    roles: Sequence[Path] = ()
    earlier: Earlier | None = None
    keeps_rate: bool = True
    accept: float | None = None
    pattern: re.Pattern[str] | None = None
    is_random: bool = False
    workers: int = 1


def collect(
    readers: Readers,
    names: tuple[str, str],
    record: Mapping[str, object],
    options: CollectOptions,
    tally: Tally,
    watch: Watcher = unwatched,
) -> Queue:
    """Read all crops, and write the queue.

    A killed call goes on: readings are kept, and made anew where a crop has changed since.

    Args:
        names: of the model and the second one, "" for none.
        record: what reads, for the folder of the queue: readings of another are refused.
        tally: grows by `of_queues.LISTING`.

    Raises:
        InputError: there is no crop that can be read; or the folder holds another queue.
    """
    paths = list_crops(options.images, tally, without=options.out)
    canonical = comparing(options.comparison)
    crops = read_all(
        readers,
        paths=paths,
        options=options,
        record=record,
        keep=lambda readings: crop_of(readings, canonical),
        watch=watch,
    )
    whole = [crop for crop in crops if not crop.fault]
    if not whole:
        raise InputError(str(options.images), "holds no crop that can be read", "")
    near = near_copies(crops)
    groups = groups_of(crops, options.group, near)
    of_path = {crop.path: group for crop, group in zip(crops, groups, strict=True)}
    hashes = hashes_of([options.images / crop.path for crop in crops])
    known = _known(crops, hashes, options)
    barred, may_judge, amounts, counts = _after(crops, hashes, known, near, options)
    fresh = [crop for crop in whole if crop.path not in known | barred]
    names_of = [of_path[crop.path] for crop in fresh]
    roles = _drawn(fresh, names_of, may_judge, amounts, options.seed)
    taken = {names_of[number] for number in roles} | {of_path[path] for path in known}
    doubts = suspicions(fresh, options.weak, options.pattern)
    among = [
        n for n, crop in enumerate(crops) if not crop.fault and crop.path not in known | barred
    ]
    copies = {crops[number].path for number in copies_of(among, near)}
    left = [
        number
        for number, crop in enumerate(fresh)
        if names_of[number] not in taken and crop.path not in copies
    ]
    picked = _picked(fresh, doubts, left, amounts.train, options)
    accepted = _accepted(fresh, doubts, set(picked), left, options)
    confirmed = accepted[:CONFIRMED_MOST]
    rows = [_row(fresh[n], names_of[n], doubts[n], "random", role) for n, role in roles.items()]
    rows += [_row(fresh[n], names_of[n], doubts[n], "chosen", "train") for n in picked]
    rows += [_row(fresh[n], names_of[n], doubts[n], "confirm", "train") for n in confirmed]
    rows = _hashed(rows, options.images)
    write_accepted(
        options.out,
        [Accepted(fresh[n].path, fresh[n].text, fresh[n].turn) for n in accepted],
    )
    return write_queue(
        options.out,
        QueueRecord(
            images=os.path.relpath(real_path(options.images), real_path(options.out)),
            model=names[0],
            other=names[1],
            group=options.group,
            seed=options.seed,
            crops=len(crops),
            unreadable=len(crops) - len(whole),
            copies=len(copies),
            known=len(known),
            accept=options.accept,
            accepted=len(accepted),
            earlier=_earlier(options),
            asked=counts[0],
            arrived=counts[1],
        ),
        _shuffled(rows, options.seed),
        listed_bytes(hashes),
    )


def _earlier(options: CollectOptions) -> tuple[str, ...]:
    queues = options.earlier.queues if options.earlier else ()
    return tuple(queue.record.queue_sha256 for queue in queues)


def _after(
    crops: Sequence[Crop],
    hashes: Sequence[str | None],
    known: set[str],
    near: Pairs,
    options: CollectOptions,
) -> tuple[set[str], set[str] | None, Amounts, tuple[int, int]]:
    """Hold the crops against earlier queues.

    Returns:
        Paths that may not be asked for; those that may be drawn at random, None for all; the
        amounts; and how many crops were asked for before and arrived since.
    """
    if options.earlier is None:
        return set(), None, options.amounts, (0, 0)
    found = standing(
        crops, hashes, options.earlier, images=options.images, group=options.group, near=near
    )
    is_new = [not crop.fault and crop.path not in known for crop in crops]
    arrived = sum(is_new & found.has_arrived)
    asked = sum(is_new & found.was_asked)
    budget = options.amounts.train + options.amounts.random
    amounts = options.earlier.amounts(budget, arrived) if options.keeps_rate else options.amounts
    barred = {crop.path for crop, one in zip(crops, found.is_barred, strict=True) if one}
    may_judge = {crop.path for crop, one in zip(crops, found.may_judge, strict=True) if one}
    return barred, may_judge, amounts, (int(asked), int(arrived))


def _drawn(
    crops: Sequence[Crop],
    groups: Sequence[str],
    among: set[str] | None,
    amounts: Amounts,
    seed: int,
) -> dict[int, LineRole]:
    """Draw the random part from some of the crops, by their paths; None takes all."""
    numbers = [n for n, crop in enumerate(crops) if among is None or crop.path in among]
    roles = drawn([crops[n] for n in numbers], [groups[n] for n in numbers], amounts, seed)
    return {numbers[at]: role for at, role in roles.items()}


def weak_of(profile: Path) -> dict[str, float]:
    """Return by character the share of its places that are misread, as an error profile has it.

    Raises:
        InputError: the file is no profile.
    """
    errors = load_profile(profile)
    return {row.char: 1 - row.recall for row in errors.ranked}


def comparing(comparison: JudgedBy) -> Canonical:
    """Return what is left of a reading to compare: in NFC, runs of white space as one space."""
    key = JUDGED_BY[comparison]
    return lambda text: key(" ".join(normalize("NFC", text).split()))


def begin(out: Path, record: Mapping[str, object]) -> None:
    """Make the folder of a queue, or check that it is one whose crops are read in the same way.

    Raises:
        InputError: it holds something else, or cannot be made.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise unwritable(out, error) from error
    claim(out, {"version": 1, **record})


def read_all(
    readers: Readers,
    paths: Sequence[str],
    options: CollectOptions,
    record: Mapping[str, object],
    keep: Callable[[CropReadings], Kept],
    watch: Watcher = unwatched,
) -> list[Kept]:
    """Read crops into the queue's folder; those read by an earlier call are not read again.

    Args:
        keep: makes what is kept of each in memory.

    Raises:
        InputError: the folder holds readings of another model, or cannot be written.
    """
    begin(options.out, record)
    path = options.out / READINGS
    asked = set(paths)
    known = {
        readings.path: keep(readings)
        for readings in _read_before(path, options.images)
        if readings.path in asked
    }
    wanted = [name for name in paths if name not in known]
    done = len(paths) - len(wanted)
    watch(done, len(paths), "")
    try:
        # Appended, a chunk at a time: what a killed call has read stays.
        with path.open("a", encoding="utf-8") as out:
            for chunk in gather(readers, wanted, options.images, options.workers):
                out.writelines(map(row_of, chunk))
                out.flush()
                known |= {readings.path: keep(readings) for readings in chunk}
                done += len(chunk)
                watch(done, len(paths), "")
    except OSError as error:
        raise unwritable(path, error) from error
    return [known[name] for name in paths]


def _read_before(path: Path, images: Path) -> Iterator[CropReadings]:
    """Yield what earlier calls left: of crops that have not changed since; a cut row is dropped."""
    try:
        file = path.open("r+b")
    except OSError:
        return
    with file:
        end = 0
        for line in file:
            if not line.endswith(b"\n"):
                break
            end += len(line)
            try:
                readings = readings_of(parse_row(line.decode()))
                is_same = not readings.fault and stamp_of(images / readings.path) == readings.stamp
            except (RowError, OSError, UnicodeDecodeError):
                continue
            if is_same:
                yield readings
        file.truncate(end)


def _known(
    crops: Sequence[Crop], hashes: Sequence[str | None], options: CollectOptions
) -> set[str]:
    """Find the crops that have a role: their image stands in a file of roles."""
    known = {sha256 for file in options.roles for sha256 in read_line_roles(file)}
    return {crop.path for crop, sha256 in zip(crops, hashes, strict=True) if sha256 in known}


def _picked(
    crops: Sequence[Crop],
    doubts: Sequence[Suspicion],
    left: Sequence[int],
    count: int,
    options: CollectOptions,
) -> list[int]:
    if options.is_random:
        order = sorted(left, key=lambda number: share_of(crops[number].path, options.seed + 1))
        return order[:count]
    of_crop = {number: doubts[number] for number in left}
    return chosen(crops, of_crop, left, count)


def _accepted(
    crops: Sequence[Crop],
    doubts: Sequence[Suspicion],
    picked: set[int],
    left: Sequence[int],
    options: CollectOptions,
) -> list[int]:
    """Return the crops whose readings may be taken without a label, in a random order."""
    if options.accept is None:
        return []
    sure = [
        number
        for number in left
        if number not in picked and crops[number].text and doubts[number].doubt <= options.accept
    ]
    return sorted(sure, key=lambda number: share_of(crops[number].path, options.seed + 2))


def _row(crop: Crop, group: str, suspicion: Suspicion, part: Part, role: LineRole) -> Queued:
    return Queued(
        id=id_of(crop.path),
        path=crop.path,
        sha256="",
        group=group,
        part=part,
        role=role,
        text=crop.text,
        turn=crop.turn,
        doubt=round(suspicion.doubt, 4),
        rival=suspicion.rival or "",
        reasons=suspicion.reasons,
    )


def _hashed(rows: Sequence[Queued], images: Path) -> list[Queued]:
    hashes = hashes_of([images / row.path for row in rows])
    kept = []
    seen: set[str] = set()
    for row, sha256 in zip(rows, hashes, strict=True):
        # The same file under two names is labelled once.
        if sha256 is not None and sha256 not in seen:
            seen.add(sha256)
            kept.append(replace(row, sha256=sha256))
    return kept


def _shuffled(rows: Sequence[Queued], seed: int) -> list[Queued]:
    """Shuffle what is asked, so that a row's place does not tell what it is for."""

    def place(row: Queued) -> bytes:
        return hashlib.sha256(f"{seed} shown\n{row.path}".encode()).digest()

    return sorted(rows, key=place)


def record_of(models: Mapping[str, object], views: bool, turn: str) -> Iterator[tuple[str, object]]:
    """Return what a reading depends on, for the record of the folder."""
    yield "models", json.loads(json.dumps(models))
    yield "views", views
    yield "turn", turn
