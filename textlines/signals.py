"""SIGINT and SIGTERM end a command in one line and its own exit code, whatever it is doing."""

import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import IO, TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from concurrent.futures import Future, ProcessPoolExecutor

T = TypeVar("T")

ENDING = {signal.SIGINT: "interrupted", signal.SIGTERM: "terminated"}

GRACE_S = 6.0
"""How long a command may take to end by itself once it is asked to."""


NOTICED_S = 2.0
"""How often it is looked whether the workers of a pool still live."""

ONE_REQUEST_S = 1.0
"""A signal that follows another so soon is the same request: a terminal and a supervisor."""

_got: list[tuple[int, float]] = []
_told: list[int] = []


class AskedToEndError(KeyboardInterrupt):
    """The process got SIGINT or SIGTERM."""


def on_ending(number: int, frame: FrameType | None) -> None:
    """Remember the signal and raise `AskedToEndError`."""
    now = time.monotonic()
    is_again = bool(_got) and now - _got[-1][1] < ONE_REQUEST_S
    _got.append((number, now))
    if not is_again:
        raise AskedToEndError


def asked_to_end() -> int | None:
    """Return the first signal that the process was asked to end by, or None."""
    return _got[0][0] if _got else None


def tell_end(name: str, number: int) -> int:
    """Print to stderr, once, by which signal a command ends; return its exit code.

    The code is the one by which a shell knows of the signal: 130 or 143.
    """
    if not _told:
        _told.append(number)
        word = ENDING[signal.Signals(number)]
        # Past Python's own buffers: this may be said by a thread while the main one hangs.
        os.write(2, f"{name}: {word}. What is finished stays: call it again.\n".encode())
    return 128 + number


@contextmanager
def ending_by_signal(name: str, *, in_time: bool) -> Iterator[None]:
    """Turn SIGINT and SIGTERM into `AskedToEndError` inside the block.

    Only in the main thread, the only one that may; and a signal that the caller ignores (`nohup`,
    a shell that runs the command in the background) stays ignored.

    Args:
        name: of the command.
        in_time: end the process if it does not end by itself in `GRACE_S`. Python meets a signal
            only between two of its own steps, and one call of a library may take minutes; a
            thread is told by the system at once. Not for a command that forks: it would do so
            beside a thread.
    """
    _got.clear()
    _told.clear()
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in ENDING}
    for number, handler in before.items():
        if handler != signal.SIG_IGN:
            signal.signal(number, on_ending)
    tells = _watched(name) if in_time else None
    try:
        yield
    finally:
        for number, handler in before.items():
            # After a signal the command is ending: another one must not start it over.
            if handler is not None and not _got:
                signal.signal(number, handler)
        if tells and not _got:
            signal.set_wakeup_fd(-1)
            tells.close()


def _watched(name: str) -> socket.socket:
    """Start the thread that ends the process in time; it stops when what is returned is closed."""
    told, tells = socket.socketpair()
    tells.setblocking(False)
    signal.set_wakeup_fd(tells.fileno(), warn_on_full_buffer=False)

    def watch() -> None:
        with told:
            number = 0
            while number not in ENDING:
                byte = told.recv(1)
                if not byte:
                    return
                number = byte[0]
            threading.Event().wait(GRACE_S)
            _end_children()
            os._exit(tell_end(name, number))

    threading.Thread(target=watch, name="ending", daemon=True).start()
    return tells


def take_back() -> None:
    """Let SIGINT and SIGTERM come to Python again after a library took them for itself."""
    for number in ENDING:
        handler = signal.getsignal(number)
        if handler is not None and threading.current_thread() is threading.main_thread():
            signal.signal(number, handler)


def _end_children() -> None:
    if "multiprocessing" in sys.modules:
        import multiprocessing

        for child in multiprocessing.active_children():
            child.kill()


@contextmanager
def signals_held() -> Iterator[None]:
    """Hold signals back while a child is started: it would meet them as its parent does."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def worker_pool(
    count: int, *, method: str | None = None, initializer: Callable[[], object] | None = None
) -> Iterator["ProcessPoolExecutor"]:
    """Open a pool of processes that ends with the block, at once where that ends by an error.

    The parent's signals are the parent's, and its end, by a kill too, ends the workers. Work is
    handed in under `signals_held` and waited for by `result_of`.

    Args:
        method: "spawn" where threads run that do not survive a fork. [default: the system's]
        initializer: called in each worker.
    """
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

    context = multiprocessing.get_context(method)
    others = {child.pid for child in multiprocessing.active_children()}
    pool = ProcessPoolExecutor(
        count, mp_context=context, initializer=_as_worker, initargs=(initializer,)
    )
    results = getattr(pool, "_result_queue", None)

    def end_at_once() -> None:
        # Looked up first: the pool forgets its thread when it is told not to wait for it.
        thread = getattr(pool, "_executor_manager_thread", None)
        pool.shutdown(wait=False, cancel_futures=True)
        for child in multiprocessing.active_children():
            if child.pid not in others:
                child.terminate()
        # The pool's thread may be waiting for the rest of a result that a killed worker began: it
        # ends when nobody could write that any more, this process included.
        writer = getattr(results, "_writer", None)
        if writer is not None:
            writer.close()
        # Python wakes it once more at its own end, and says so where it is just closing.
        if thread is not None:
            thread.join(NOTICED_S)

    try:
        yield pool
        # Somebody may have been told of a killed worker, and gone on.
        if any(one.exitcode for one in (getattr(pool, "_processes", None) or {}).values()):
            end_at_once()
    except BaseException:
        end_at_once()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


def result_of(future: "Future[T]", pool: "ProcessPoolExecutor") -> T:
    """Wait for what a worker of `worker_pool` makes.

    Raises:
        BrokenProcessPool: a worker was killed, even in the middle of handing over a result: the
            pool itself then waits for the rest of it for ever (CPython 3.11 to 3.13).
    """
    from concurrent.futures.process import BrokenProcessPool

    is_last = False
    while True:
        try:
            return future.result(timeout=NOTICED_S)
        except TimeoutError:
            if future.done():
                raise  # the worker's own
        workers = list((getattr(pool, "_processes", None) or {}).values())
        if any(worker.exitcode is not None for worker in workers):
            # What it had handed over whole may still be on its way.
            if is_last:
                raise BrokenProcessPool("a worker process was killed")
            is_last = True


def _as_worker(initializer: Callable[[], object] | None) -> None:
    """Begin a worker. One of a pool does not notice by itself that its parent was killed."""
    import multiprocessing

    leave_to_parent()
    parent = multiprocessing.parent_process()

    def watch() -> None:
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=watch, name="parent", daemon=True).start()
    if initializer is not None:
        initializer()


def leave_to_parent() -> None:
    """Ignore SIGINT, which a terminal sends to parents and children alike; end by SIGTERM at once.

    For a process that was started under `signals_held`.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.set_wakeup_fd(-1)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)


def end_with(parent: IO[bytes]) -> None:
    """End this process as soon as nobody holds the other end of a pipe any more."""
    handle = parent.fileno()

    def watch() -> None:
        # Not by the file object: Python aborts when it ends while a thread holds its lock.
        while os.read(handle, 1 << 12):
            pass
        os._exit(1)

    threading.Thread(target=watch, name="parent", daemon=True).start()
