"""From a plan to finished shards: draws what is missing, here or in worker processes."""

import os
import signal
import traceback
from array import array
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from synth.rendering.sample import RenderEngine, Setup
from synth.run.folder import (
    Share,
    blocks_of,
    finish,
    finished,
    recording,
    shard_folders,
)
from synth.run.merging import LABELS, conclude
from synth.run.plan_files import PlanFiles, PlanOneBlock
from textlines.errors import InputError, MendError
from textlines.files import is_of_the_machine, machine_error
from textlines.formats.line_boxes import mask_path
from textlines.formats.manifest import manifest_line
from textlines.formats.plan_rows import PLAN, PlanRow
from textlines.formats.run_record import (
    RunRecord,
    planned_of,
)

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

BLOCK = 50
"""Samples in a block: small enough that a shard of 1,000 keeps eight workers busy, large
enough that handing it over costs nothing beside drawing it."""

AHEAD = 2
"""Blocks a worker holds at a time, so that it never waits for the next."""

ENDING = frozenset({signal.SIGINT, signal.SIGTERM})


@dataclass(frozen=True, slots=True)
class RowBlock:
    """Plan rows of one shard, as lines of its file; `number` is its place in the shard.

    `first` is the number of its first line in the file.
    """

    shard: int
    number: int
    first: int
    lines: list[str]
    file: str = PLAN


@dataclass(frozen=True, slots=True)
class DrawnBlock:
    """The manifest lines of one block, and how many of its samples fell back to plain."""

    shard: int
    number: int
    lines: list[str]
    fallbacks: int


def draw_block(
    engine: RenderEngine,
    block: RowBlock,
    out: Path,
    keep: Callable[[str, bytes], None] | None = None,
) -> DrawnBlock:
    """Draw a block and write its images, and their masks where the engine makes such.

    Args:
        keep: takes a file's path in the folder and its content; None writes it there.

    Raises:
        InputError: a line is no row of a plan, the folder cannot be written, the disk is full.
    """
    if keep is None:
        folder = str(out) + "/"

        def keep(path: str, data: bytes) -> None:
            write_image(folder + path, data)

    lines, fallbacks = [], 0
    for number, line in enumerate(block.lines, block.first):
        sample = engine.sample(PlanRow.from_json(line, f"{out / block.file}:{number}"))
        keep(sample.record["image"], sample.data)
        if "mask" in sample.record:
            keep(mask_path(sample.record["image"]), sample.mask)
        fallbacks += sample.record["fallback"]
        lines.append(manifest_line(sample.record))
    return DrawnBlock(block.shard, block.number, lines, fallbacks)


def write_image(path: str, data: bytes) -> None:
    """Write a file that a worker of a killed run, which still lives, may be writing too.

    Raises:
        InputError: it cannot be written, or the disk is full.
    """
    try:
        # Not emptied first: a worker of a killed run that still lives, or a share that overlaps,
        # writes the same bytes, and the file is never less than it was.
        handle = os.open(path, os.O_WRONLY | os.O_CREAT, 0o644)
        try:
            written = os.write(handle, data)
            os.ftruncate(handle, written)
        finally:
            os.close(handle)
        if written != len(data):
            raise OSError(28, "the disk is full")
    except OSError as error:
        raise InputError(
            path,
            f"cannot be written ({error.strerror})",
            "Make room or name another --out; the same call goes on from there.",
        ) from None


def draw_here(
    setup: Setup, blocks: Iterator[RowBlock], out: Path
) -> Generator[DrawnBlock, None, None]:
    """Draw all blocks in this process."""
    engine = setup.engine()
    for block in blocks:
        yield draw_block(engine, block, out)


class Watcher(Protocol):
    """Is told how a run goes on."""

    def __call__(self, done: int, total: int, fallbacks: int) -> None:
        """Take the number of samples drawn, of all, and of those that fell back to plain."""


@dataclass(frozen=True, slots=True)
class RunOutcome:
    """How a call of `render_run` ended.

    Attributes:
        samples: in the whole plan; as many as are asked for while blocks of it are missing.
        drawn: by this call.
        complete: all shards are there and merged.
        record: as it now stands in run.json.
    """

    samples: int
    drawn: int
    complete: bool
    record: RunRecord


Elsewhere = Callable[[PlanFiles, Sequence[int]], Generator[tuple[int, int], None, None]]
"""Draws shards of a plan on other machines. Yields, as each is finished, lines and fallbacks."""


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


def render_run(
    out: Path,
    record: RunRecord,
    setup: Setup,
    workers: int,
    share: Share,
    watch: Watcher | None = None,
    plan_block: PlanOneBlock | None = None,
    elsewhere: Elsewhere | None = None,
) -> RunOutcome:
    """Draw the shards of this machine that are missing; merge once all shards are there.

    The caller has the folder `locked` for the share and has ensured the plan, or begun its blocks.

    Args:
        plan_block: of a run in blocks: plans one that rows are drawn of and that is missing.
        elsewhere: draws them in the place of processes of this machine.

    Raises:
        WorkerDiedError, DrawingError, InputError: finished shards stay in every case.
    """
    if LABELS in record.outputs and (out / LABELS).exists():
        return RunOutcome(planned_of(out, record), 0, True, record)
    files = PlanFiles(out, record, plan_block)
    shards = share.of(files.shards, in_blocks=files.in_blocks)
    # Four bytes each: a share may hold a million.
    todo = array("I", (shard for shard in shards if not finished(out, shard)))
    total = sum(map(files.size, todo))
    drawn = fallbacks = 0
    if elsewhere is not None:
        stream = elsewhere(files, todo)
        if watch is not None:  # shards come whole: the first would count as done before
            watch(0, total, 0)
    else:
        masks = bool(record.configuration.get("masks"))
        stream = _draw_shards(setup, out, files, todo, masks, min(workers, -(-total // BLOCK)))
    with closing(files), closing(stream):
        for lines, plain in stream:
            drawn += lines
            fallbacks += plain
            if watch is not None:
                watch(drawn, total, fallbacks)
    files.plan_missing(shards)
    if not files.is_finished():
        return RunOutcome(files.rows, drawn, False, record)
    with recording(out):
        final = conclude(out, record)
    return RunOutcome(planned_of(out, final), drawn, True, final)


def _draw_shards(
    setup: Setup, out: Path, files: PlanFiles, shards: Sequence[int], masks: bool, workers: int
) -> Generator[tuple[int, int], None, None]:
    """Draw shards in processes of this machine; yield lines and fallbacks of each block."""
    making: dict[int, _Shard] = {}
    blocks = _blocks(files, shards, lambda shard: shard_folders(out, (shard,), masks=masks))
    with closing(_stream(setup, blocks, out, workers)) as stream:
        for done in stream:
            shard = making.setdefault(done.shard, _Shard(files.size(done.shard)))
            shard.blocks[done.number] = done.lines
            if shard.full():
                finish(out, done.shard, shard.lines())
                del making[done.shard]
            yield len(done.lines), done.fallbacks


def _stream(
    setup: Setup, blocks: Iterator[RowBlock], out: Path, workers: int
) -> Generator[DrawnBlock, None, None]:
    if workers <= 1:
        return draw_here(setup, blocks, out)
    return draw_in_workers(setup, blocks, out, workers)


def _blocks(
    files: PlanFiles, wanted: Iterable[int], begin: Callable[[int], None]
) -> Iterator[RowBlock]:
    """Stream the plan rows of the wanted shards, block by block; `begin` is told of each shard."""
    for shard in wanted:
        rows = files.shard_rows(shard)
        if rows:
            begin(shard)
        name, first = files.place(shard)
        for number, block in enumerate(blocks_of(iter(rows), BLOCK)):
            yield RowBlock(shard, number, first + number * BLOCK, block, name)


class WorkerDiedError(MendError):
    """A worker process ended by itself."""


def draw_in_workers(
    setup: Setup, blocks: Iterator[RowBlock], out: Path, workers: int
) -> Generator[DrawnBlock, None, None]:
    """Draw the blocks in worker processes; they come back in the order of completion.

    Workers are forked: the engine with its decoded photos is shared, and starting one costs
    milliseconds. Called before anything here starts a thread, and before the engine has opened
    a face: a file that a parent opened has one read position for all its children.

    Raises:
        WorkerDiedError: a worker ended; names its exit code or signal.
        MendError: what a worker raised.
    """
    # For one process nothing of these is needed.
    import multiprocessing
    from multiprocessing.connection import wait

    engine = setup.engine()
    context = multiprocessing.get_context("fork")
    processes: list[BaseProcess] = []
    pipes: list[Connection[Any, Any]] = []
    waiting: dict[int, int] = {}  # worker -> blocks it holds
    try:
        for number in range(workers):
            ours, theirs = context.Pipe()
            # A forked child holds copies of the pipes made before it and must close them: else
            # nobody sees the end of a pipe when the parent is killed.
            process = context.Process(
                target=_serve, args=(engine, out, theirs, [*pipes, ours]), daemon=True
            )
            with _signals_held():
                process.start()
            theirs.close()
            pipes.append(ours)
            processes.append(process)
            waiting[number] = 0
        exhausted = False
        while True:
            for number in range(workers):
                while not exhausted and waiting[number] < AHEAD:
                    block = next(blocks, None)
                    if block is None:
                        exhausted = True
                        break
                    _send(pipes[number], processes[number], number, block)
                    waiting[number] += 1
            if not any(waiting.values()):
                break
            busy = [pipes[number] for number in range(workers) if waiting[number]]
            for ready in wait(busy):
                number = pipes.index(ready)  # type: ignore[arg-type]
                answer = _receive(pipes[number], processes[number], number)
                waiting[number] -= 1
                yield answer
    finally:
        for pipe in pipes:
            pipe.close()
        for worker in processes:
            worker.terminate()
        for worker in processes:
            worker.join(5)


@contextmanager
def _signals_held() -> Iterator[None]:
    """Hold Ctrl-C back while a child is forked: it would meet it with the parent's handlers."""
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)


def _send(
    pipe: "Connection[Any, Any]", process: "BaseProcess", number: int, block: RowBlock
) -> None:
    try:
        pipe.send(block)
    except OSError:
        raise _last_word(pipe, process, number) from None


def _last_word(pipe: "Connection[Any, Any]", process: "BaseProcess", number: int) -> BaseException:
    """Return the error that a worker sent before it ended, or else how it ended."""
    try:
        while pipe.poll():
            answer = pipe.recv()
            if isinstance(answer, BaseException):
                return answer
    except (EOFError, OSError):
        pass
    return _death(process, number)


def _receive(pipe: "Connection[Any, Any]", process: "BaseProcess", number: int) -> DrawnBlock:
    try:
        answer = pipe.recv()
    except (EOFError, OSError):
        raise _death(process, number) from None
    if isinstance(answer, BaseException):
        raise answer
    if not isinstance(answer, DrawnBlock):
        raise TypeError(f"worker {number} answered {type(answer).__name__}")
    return answer


def _death(process: "BaseProcess", number: int) -> WorkerDiedError:
    process.join(5)
    code = process.exitcode
    if code is not None and code < 0:
        name = signal.Signals(-code).name
        cause = f"was killed by {name}"
        hint = "If memory ran out, use fewer --workers. " if name == "SIGKILL" else ""
    else:
        cause, hint = f"ended with exit code {code}", ""
    return WorkerDiedError(
        f"worker {number}", cause, f"{hint}Finished shards stay: the same call goes on with them."
    )


def _serve(
    engine: RenderEngine,
    out: Path,
    pipe: "Connection[Any, Any]",
    inherited: "list[Connection[Any, Any]]",
) -> None:
    """Draw blocks until the pipe ends. Runs in the worker process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)
    for other in inherited:
        other.close()
    try:
        while True:
            pipe.send(draw_block(engine, pipe.recv(), out))
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return
    except MendError as error:
        pipe.send(error)
    except Exception as error:
        if is_of_the_machine(error):
            pipe.send(machine_error(f"worker {os.getpid()}", error))
            return
        trace = traceback.format_exc(limit=-3)
        pipe.send(MendError(f"worker {os.getpid()}", f"{type(error).__name__}: {error}", trace))
