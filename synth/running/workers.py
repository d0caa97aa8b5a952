"""Worker processes that draw blocks of samples, and what happens when one dies."""

import multiprocessing
import os
import signal
import traceback
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from synth.rendering.sample import RenderEngine, Setup
from synth.running.blocks import Block, Done, draw_block
from textlines.errors import MendError
from textlines.files import is_of_the_machine, machine_error

AHEAD = 2
"""Blocks a worker holds at a time, so that it never waits for the next."""


ENDING = frozenset({signal.SIGINT, signal.SIGTERM})


class WorkerDiedError(MendError):
    """A worker process ended by itself."""


def draw_in_workers(
    setup: Setup, blocks: Iterator[Block], out: Path, workers: int
) -> Generator[Done, None, None]:
    """Draw the blocks in worker processes; they come back in the order of completion.

    Workers are forked: the engine with its decoded photos is shared, and starting one costs
    milliseconds. Called before anything here starts a thread, and before the engine has opened
    a face: a file that a parent opened has one read position for all its children.

    Raises:
        WorkerDiedError: a worker ended; names its exit code or signal.
        MendError: what a worker raised.
    """
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


def _send(pipe: "Connection[Any, Any]", process: BaseProcess, number: int, block: Block) -> None:
    try:
        pipe.send(block)
    except OSError:
        raise _last_word(pipe, process, number) from None


def _last_word(pipe: "Connection[Any, Any]", process: BaseProcess, number: int) -> BaseException:
    """Give the error that a worker sent before it ended, or else how it ended."""
    try:
        while pipe.poll():
            answer = pipe.recv()
            if isinstance(answer, BaseException):
                return answer
    except (EOFError, OSError):
        pass
    return _death(process, number)


def _receive(pipe: "Connection[Any, Any]", process: BaseProcess, number: int) -> Done:
    try:
        answer = pipe.recv()
    except (EOFError, OSError):
        raise _death(process, number) from None
    if isinstance(answer, BaseException):
        raise answer
    if not isinstance(answer, Done):
        raise TypeError(f"worker {number} answered {type(answer).__name__}")
    return answer


def _death(process: BaseProcess, number: int) -> WorkerDiedError:
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
