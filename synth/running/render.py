"""From a plan to a finished folder: draws what is missing, then merges."""

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from synth.plan.report import is_short
from synth.rendering.sample import Setup
from synth.running.blocks import BLOCK, Block, Done, draw_here
from synth.running.marked import Marked
from synth.running.merge import LABELS, merge_shards
from synth.running.run_folder import recording, shard_folders
from synth.running.shards import Share, blocks_of, finish, finished, shard_count
from textlines.errors import MendError
from textlines.files import open_regular, sha256_of, unreadable
from textlines.formats.manifest import SHARD
from textlines.formats.plan_rows import KIND, PLAN
from textlines.formats.rows import RowError, refuse
from textlines.formats.run_record import (
    MARKED_BAD,
    PLANNED,
    RECORD,
    SERVED_SHORT,
    TARGETS,
    WANTED,
    AskedLines,
    RunRecord,
    planned_of,
)
from textlines.formats.teaching import Teaching

ATTEMPT = "attempt "
"""What the counts start with that say how many samples were drawn how often anew."""

SHORT = "short: "
"""What the counts start with that say why lines are missing."""

WARN_FALLBACK_SHARE = 0.02

REFUSED = "refused "
"""What the counts start with of attempts that were refused, by why."""

NAMED = 12
"""Characters that a message names at most."""


class TooFewError(MendError):
    """The run is complete but holds fewer images than were asked for."""


class TargetsShortError(MendError):
    """The run is complete, and characters that it is for stand in fewer lines than were asked."""


class Watcher(Protocol):
    """Is told how a run goes on."""

    def __call__(self, done: int, total: int, fallbacks: int) -> None:
        """Take the number of samples drawn, of all, and of those that fell back to plain."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a call of `render_run` ended.

    Attributes:
        samples: in the whole plan. drawn: by this call.
        complete: all shards are there and merged.
        record: as it now stands in run.json.
    """

    samples: int
    drawn: int
    complete: bool
    record: RunRecord


@dataclass(slots=True)
class _Shard:
    """A shard in the making: the manifest lines of its blocks so far."""

    expected: int
    blocks: dict[int, list[str]] = field(default_factory=dict)

    def lines(self) -> Iterator[str]:
        for number in sorted(self.blocks):
            yield from self.blocks[number]

    def full(self) -> bool:
        return sum(map(len, self.blocks.values())) == self.expected


def ensure_plan(
    out: Path,
    record: RunRecord,
    write: Callable[[Path], tuple[int, dict[str, int]]],
    teaching: Callable[[], Teaching | None] = lambda: None,
    asked: Callable[[], Mapping[str, AskedLines]] = dict,
) -> RunRecord:
    """Write the plan once; a run that goes on keeps the plan it has.

    Args:
        write: writes the plan to a path and gives its number of rows and its counts.
        teaching: gives what the plan just written teaches beside own lines. asked: gives the
            lines for each character that it is for.
    """
    path = out / PLAN
    known = record.outputs.get(PLAN)
    if known is not None and path.exists() and sha256_of(path) == known:
        return record
    samples, counts = write(path)
    updated = record.model_copy(
        update={
            "outputs": {PLAN: sha256_of(path)},
            "counts": {**counts, PLANNED: samples},
            "teaching": teaching(),
            "asked": dict(asked()),
        }
    )
    updated.write(out / RECORD)
    return updated


def render_run(
    out: Path,
    record: RunRecord,
    setup: Setup,
    workers: int,
    share: Share,
    watch: Watcher | None = None,
) -> Outcome:
    """Draw the shards of this machine that are missing; merge once all shards are there.

    The caller has the folder `locked` for the share and has ensured the plan.

    Raises:
        WorkerDiedError, DrawingError, InputError: finished shards stay in every case.
    """
    samples = planned_of(out, record)
    if LABELS in record.outputs and (out / LABELS).exists():
        return Outcome(samples, 0, True, record)
    todo = [
        shard
        for shard in range(shard_count(samples))
        if share.takes(shard) and not finished(out, shard)
    ]
    shard_folders(out, iter(todo))
    total = sum(_size(shard, samples) for shard in todo)
    drawn = fallbacks = 0
    making: dict[int, _Shard] = {}
    blocks = _blocks(out / PLAN, frozenset(todo))
    stream = _stream(setup, blocks, out, min(workers, -(-total // BLOCK)))
    with closing(stream):
        for done in stream:
            shard = making.setdefault(done.shard, _Shard(_size(done.shard, samples)))
            shard.blocks[done.number] = done.lines
            drawn += len(done.lines)
            fallbacks += done.fallbacks
            if shard.full():
                finish(out, done.shard, shard.lines())
                del making[done.shard]
            if watch is not None:
                watch(drawn, total, fallbacks)
    if not all(finished(out, shard) for shard in range(shard_count(samples))):
        return Outcome(samples, drawn, False, record)
    with recording(out):
        return Outcome(samples, drawn, True, conclude(out, record))


def conclude(
    out: Path, record: RunRecord, without: Mapping[str, Marked] | None = None
) -> RunRecord:
    """Merge all shards of a folder and write its final record. The caller holds `recording`.

    Args:
        without: samples to leave out, by image; None leaves out those that the record names.

    Raises:
        InputError: as `merge_shards`.
    """
    samples = planned_of(out, record)
    if without is None:
        without = dict.fromkeys(record.without, Marked(str(out / RECORD)))
    merged = merge_shards(out, samples, without)
    kept = {key: count for key, count in record.counts.items() if not _is_of_merge(key, record)}
    final = record.model_copy(
        update={
            "outputs": {**record.outputs, **merged.outputs},
            "counts": {
                **kept,
                "samples": merged.samples,
                "fallback": merged.fallbacks,
                **{f"{ATTEMPT}{key}": count for key, count in merged.attempts.items()},
                **{f"{REFUSED}{why}": count for why, count in merged.refused.items()},
                **({MARKED_BAD: len(merged.without)} if merged.without else {}),
                **_served_short(record.asked, merged.lost),
            },
            "without": merged.without,
        }
    )
    final.write(out / RECORD)
    return final


def _is_of_merge(key: str, record: RunRecord) -> bool:
    """Whether a count depends on what is left out, and is made anew by each merge."""
    if key.startswith(SERVED_SHORT):
        return key.removeprefix(SERVED_SHORT) in record.asked
    return key == MARKED_BAD or key.startswith((ATTEMPT, REFUSED))


def _served_short(asked: Mapping[str, AskedLines], lost: Mapping[str, int]) -> dict[str, int]:
    """Return the counts of characters that stand in fewer lines than asked, without lost ones."""
    left = {char: lines.planned - lost.get(char, 0) for char, lines in asked.items()}
    return {
        f"{SERVED_SHORT}{char}": count
        for char, count in left.items()
        if is_short(count, asked[char].wanted)
    }


def short_words(counts: Mapping[str, int]) -> str:
    """Say which of the characters that a run is for stand in fewer lines than asked; "" if none.

    >>> short_words({"targets": 4, "served short: O": 0, "served short: 값": 3})
    "2 of 4 characters stand in fewer lines than asked ('O' 0, '값' 3)"
    """
    short = _short(counts)
    if not short:
        return ""
    named = ", ".join(f"{char!r} {lines:,}" for char, lines in list(short.items())[:NAMED])
    more = f" and {len(short) - NAMED} more" if len(short) > NAMED else ""
    asked = counts.get(TARGETS, 0)
    return f"{len(short)} of {asked} characters stand in fewer lines than asked ({named}{more})"


def _short(counts: Mapping[str, int]) -> dict[str, int]:
    return {
        name.removeprefix(SERVED_SHORT): lines
        for name, lines in counts.items()
        if name.startswith(SERVED_SHORT)
    }


def require_wanted(out: Path, record: RunRecord) -> None:
    """Refuse to call a run good that could not be planned as large as it was asked for.

    Raises:
        TooFewError: gives both numbers and the reasons.
    """
    planned = planned_of(out, record)
    wanted = record.counts.get(WANTED, planned)
    if planned >= wanted:
        return
    reasons = [
        f"{name.removeprefix(SHORT)}: {count}"
        for name, count in record.counts.items()
        if name.startswith(SHORT)
    ]
    raise TooFewError(
        str(out),
        f"{wanted} images were asked for, {planned} could be planned "
        f"({', '.join(reasons) or 'the corpus is used up'})",
        "Add texts or fonts, raise --repeat-cap, or ask for fewer.",
    )


def require_targets(where: str, counts: Mapping[str, int], bearable: float) -> None:
    """Refuse to call a run good that is not for all that it was asked for.

    Args:
        counts: of a record, or of a report.
        bearable: share of the characters (0..1) that may be served short.

    Raises:
        TargetsShortError: names the characters, with their lines.
    """
    if len(_short(counts)) <= bearable * counts.get(TARGETS, 0):
        return
    raise TargetsShortError(
        where,
        short_words(counts),
        "Name a --corpus that holds them or --fonts that draw them, raise --repeat-cap, or ask for "
        "fewer lines; --allow-unserved takes the run as it is.",
    )


def _stream(
    setup: Setup, blocks: Iterator[Block], out: Path, workers: int
) -> Generator[Done, None, None]:
    if workers <= 1:
        return draw_here(setup, blocks, out)
    from synth.running.workers import draw_in_workers  # for one process nothing of it is needed

    return draw_in_workers(setup, blocks, out, workers)


def _size(shard: int, samples: int) -> int:
    return min(SHARD, samples - shard * SHARD)


def _blocks(plan: Path, wanted: frozenset[int]) -> Iterator[Block]:
    """Stream the plan rows of the wanted shards, block by block."""
    try:
        file = open_regular(plan)
    except OSError as error:
        raise unreadable(plan, error, "the plan") from error
    with file:
        lines = _decoded(plan, file)
        for shard in range(max(wanted, default=-1) + 1):
            rows = _take(lines, SHARD)
            if shard not in wanted:
                for _ in rows:
                    pass
                continue
            for number, block in enumerate(blocks_of(rows, BLOCK)):
                yield Block(shard, number, shard * SHARD + number * BLOCK + 1, block)


def _decoded(plan: Path, file: Iterable[bytes]) -> Iterator[str]:
    for number, line in enumerate(file, 1):
        try:
            yield line.decode().rstrip("\n")
        except UnicodeDecodeError as error:
            refuse(plan, number, KIND, RowError(f"not UTF-8 at byte {error.start} of the line"))


def _take(lines: Iterator[str], count: int) -> Iterator[str]:
    for _ in range(count):
        line = next(lines, None)
        if line is None:
            return
        yield line
