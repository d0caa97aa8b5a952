"""Signals in programs of every shape, each a process of its own."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

SAID = {
    signal.SIGINT: (130, "tool: interrupted. What is finished stays: call it again.\n"),
    signal.SIGTERM: (143, "tool: terminated. What is finished stays: call it again.\n"),
}

BEGIN = """
import hashlib, os, sys, time
from textlines import signals
from textlines.console import guarded
from textlines.errors import InputError
signals.GRACE_S = 0.2

def ready():
    print("ready", flush=True)

def work(number):
    time.sleep(60)
"""

SLEEPING = """
def app():
    ready(); time.sleep(60)
"""

SWALLOWING = """
def app():
    try:
        ready(); time.sleep(60)
    except BaseException:
        pass
"""

MISTAKEN = """
def app():
    try:
        ready(); time.sleep(60)
    except BaseException as error:
        raise InputError("a.txt", "cannot be read") from error
"""

IN_A_LIBRARY = """
def app():
    ready(); hashlib.pbkdf2_hmac("sha256", b"a", b"b", 10**9)
"""

POOL = """
def app():
    with signals.worker_pool(2, method=METHOD) as pool:
        with signals.signals_held():
            answers = [pool.submit(work, n) for n in range(8)]
        time.sleep(1.5); ready(); answers[0].result()
"""

Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Yield a function that starts a program and waits until it is ready."""
    started: list[subprocess.Popen[str]] = []

    def begin(app: str, options: str = "") -> "subprocess.Popen[str]":
        script = tmp_path / "tool.py"
        end = f'\nif __name__ == "__main__":\n    sys.exit(guarded(app, "tool"{options}))\n'
        script.write_text(BEGIN + app + end, encoding="utf-8")
        # A shell that runs tests in the background starts them with Ctrl-C ignored.
        before = signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            process = subprocess.Popen(
                [sys.executable, str(script)],
                env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                start_new_session=True,
            )
        finally:
            signal.signal(signal.SIGINT, before)
        started.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        return process

    yield begin
    for process in started:
        with_group_ended(process.pid)
        process.wait()


def with_group_ended(group: int) -> None:
    with suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)


def ends(group: int) -> bool:
    """Wait until no process of a group runs; whether that came."""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.02)
    return False


@pytest.mark.parametrize("number", SAID)
@pytest.mark.parametrize(
    ("app", "options"),
    [
        (SLEEPING, ""),
        (SWALLOWING, ""),
        (MISTAKEN, ""),
        (SLEEPING, ", in_time=True"),
        (IN_A_LIBRARY, ", in_time=True"),
    ],
    ids=["sleeping", "swallowing", "mistaken", "in time", "in a library"],
)
def test_a_program_ends_in_one_line(
    number: signal.Signals, app: str, options: str, start: Start
) -> None:
    process = start(app, options)
    process.send_signal(number)
    _, err = process.communicate(timeout=60)
    assert (process.returncode, err) == SAID[number]


@pytest.mark.parametrize("number", SAID)
@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_workers_end_with_the_program(number: signal.Signals, method: str, start: Start) -> None:
    process = start(f"METHOD = {method!r}" + POOL)
    # Ctrl-C reaches the workers too; a supervisor's SIGTERM the parent alone.
    if number == signal.SIGINT:
        os.killpg(process.pid, number)
    else:
        process.send_signal(number)
    _, err = process.communicate(timeout=60)
    assert (process.returncode, err) == SAID[number]
    assert ends(process.pid)


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_workers_of_a_killed_program_end(method: str, start: Start) -> None:
    process = start(f"METHOD = {method!r}" + POOL)
    process.kill()
    process.wait()
    assert ends(process.pid)


def test_what_the_caller_ignores_stays_ignored(start: Start) -> None:
    ignored = "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\n"
    process = start(ignored + "def app():\n    ready(); time.sleep(0.5); print('done')\n")
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (0, "done\n", "")
