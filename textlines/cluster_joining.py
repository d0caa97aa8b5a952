"""A Ray cluster joined for the time of a block: from its address to what work is handed to.

Ray's own ways with a program are held off meanwhile: it takes signals for itself, writes to stdout,
waits for minutes for an address at which nothing is, and reports to its makers.
"""

import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from importlib import import_module
from typing import Any

from textlines.cluster import Cluster
from textlines.errors import InputError, UsageError
from textlines.installing import install_line, missing_modules, pip_line
from textlines.signals import ENDING
from textlines.wording.counts import count_of

RAY_HELP = (
    "Work on a Ray cluster: auto (the one that this machine belongs to), HOST:PORT, "
    "ray://HOST:PORT from outside it, or local (one on this machine, for the time of the call)."
)

AUTO, LOCAL, CLIENT = "auto", "local", "ray://"

ANSWER_S = 10.0
"""For the address to answer."""


@contextmanager
def connected(
    address: str, *, option: str = "--ray", tell: Callable[[str], None] | None = None
) -> Iterator[Cluster]:
    """Connect to a cluster for the time of the block.

    A connection that this process has already (`ray.init` in the caller's own code) is used as it
    is, and stays.

    Args:
        address: "auto", "local", "HOST:PORT" or "ray://HOST:PORT".
        tell: see `Cluster`. [default: a line on stderr]

    Raises:
        UsageError: Ray is not installed, or the address is none.
        InputError: nothing answers there, or a cluster of other versions of Ray or Python.
    """
    where = f"{option} {address}"
    if missing_modules("ray"):
        raise UsageError(
            where, "needs the library ray, which is not here", f"Install it: {install_line('ray')}."
        )
    _check_address(address, where)
    # Before it is imported: a command of ours reports to nobody, and hides no GPU from its tasks.
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    ray: Any = import_module("ray")
    cluster = Cluster(ray, address, tell or _tell)
    with nullcontext() if ray.is_initialized() else _joined(ray, address, where):
        yield cluster
    again = cluster.done_again
    if again > 1:
        cluster.tell(f"{count_of(again, 'task')} were lost and done again in all")


@contextmanager
def _joined(ray: Any, address: str, where: str) -> Iterator[None]:
    with _stdout_kept():
        try:
            _join(ray, address, where)
            yield
        finally:
            with _signal_handlers_kept():
                ray.shutdown()


@contextmanager
def _stdout_kept() -> Iterator[None]:
    """Keep Ray from writing to stdout, where the result of a command goes.

    What it hears of nodes (one was lost, one is short of memory) it prints there, whatever
    `log_to_driver` says; what of it matters to the work, `Cluster.tell` says.
    """
    worker: Any = import_module("ray._private.worker")
    printing = getattr(worker, "print_to_stdstream", None)
    if printing is not None:
        worker.print_to_stdstream = lambda *_, **__: None
    try:
        yield
    finally:
        if printing is not None:
            worker.print_to_stdstream = printing


def _tell(sentence: str) -> None:
    print(f"ray: {sentence}", file=sys.stderr, flush=True)


def _join(ray: Any, address: str, where: str) -> None:
    options: dict[str, Any] = {"log_to_driver": False, "logging_level": "ERROR"}
    if address == LOCAL:
        options["include_dashboard"] = False
    try:
        with _signal_handlers_kept():
            ray.init(address=address, **options)
    except (ConnectionError, RuntimeError, ValueError, OSError) as error:
        said = " ".join(str(error).split())
        if "ersion mismatch" in said:
            raise InputError(
                where,
                f"is a cluster of another version of Ray or Python ({said})",
                "Use on every node the Python and the Ray of this machine.",
            ) from error
        raise _no_answer(where, said) from error


@contextmanager
def _signal_handlers_kept() -> Iterator[None]:
    """Keep our handlers of SIGINT and SIGTERM: Ray puts its own in their place."""
    before = {number: signal.getsignal(number) for number in ENDING}
    try:
        yield
    finally:
        for number, handler in before.items():
            # ValueError: not in the main thread, where Ray could not change them either.
            with suppress(ValueError):
                if handler is not None and signal.getsignal(number) is not handler:
                    signal.signal(number, handler)


def _check_address(address: str, where: str) -> None:
    """Refuse what is no address, and one at which nothing listens: Ray itself waits for minutes.

    Raises:
        UsageError, InputError: as `connected`.
    """
    if address in (AUTO, LOCAL):
        return
    host, colon, port = address.removeprefix(CLIENT).rpartition(":")
    if not (host and colon and port.isdecimal() and int(port) < 1 << 16):
        raise UsageError(
            where, "is no address", "Say auto, local, HOST:PORT or ray://HOST:PORT (port 10001)."
        )
    if address.startswith(CLIENT) and missing_modules("grpc"):
        line = pip_line("grpcio")
        raise UsageError(where, "needs the library grpcio, which is not here", f"{line}.")
    try:
        socket.create_connection((host.strip("[]"), int(port)), ANSWER_S).close()
    except OSError as error:
        raise _no_answer(where, error.strerror or str(error)) from None


def _no_answer(where: str, why: str) -> InputError:
    return InputError(
        where,
        f"does not answer ({why})",
        "Is a cluster there? Its first node is started by ray start --head --port=6379.",
    )
