import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from synth.run.drawing import (
    DrawnBlock,
    RowBlock,
    WorkerDiedError,
    draw_block,
    draw_here,
    draw_in_workers,
)
from textlines.errors import InputError, MendError
from textlines.formats.plan_rows import PlanRow


@pytest.fixture
def out(tmp_path: Path) -> Path:
    for shard in range(50):
        (tmp_path / "images" / f"{shard:04d}").mkdir(parents=True)
    return tmp_path


def blocks(count: int, rows: int = 2, text: str = "값") -> Iterator[RowBlock]:
    """Yield blocks of one shard."""
    for number in range(count):
        lines = [
            PlanRow(number * rows + k, text, (), "face-0", "toy").to_json() for k in range(rows)
        ]
        yield RowBlock(0, number, 1 + number * len(lines), lines)


def by_number(stream: Iterator[DrawnBlock]) -> dict[int, DrawnBlock]:
    return {done.number: done for done in stream}


def children() -> list[str]:
    """Name the processes of this one; what `multiprocessing` and Ray keep is none of ours."""
    found = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split()
    return [
        child
        for child in found
        if not any(name in _command(child) for name in (b"resource_tracker", b"/ray/"))
    ]


def _command(process: str) -> bytes:
    return Path(f"/proc/{process}/cmdline").read_bytes()


@pytest.mark.parametrize("workers", [2, 3])
def test_workers_answer_as_one_process_does(
    workers: int, out: Path, toy_setup: Callable[..., Any]
) -> None:
    setup = toy_setup()
    here = by_number(draw_here(setup, blocks(5), out))
    files = {path.name: path.read_bytes() for path in out.glob("images/*/*")}
    there = by_number(draw_in_workers(setup, blocks(5), out, workers))
    assert there == here
    assert {path.name: path.read_bytes() for path in out.glob("images/*/*")} == files
    assert len(files) == 10
    assert children() == []


def test_more_workers_than_blocks(out: Path, toy_setup: Callable[..., Any]) -> None:
    assert len(by_number(draw_in_workers(toy_setup(), blocks(1), out, 3))) == 1
    assert by_number(draw_in_workers(toy_setup(), blocks(0), out, 2)) == {}


def test_long_rows_do_not_lock_parent_and_worker(out: Path, toy_setup: Callable[..., Any]) -> None:
    # Rows and answers of the longest labels there can be, in blocks of the usual size.
    stream = draw_in_workers(toy_setup(), blocks(9, rows=50, text="값" * 400), out, 2)
    assert len(by_number(stream)) == 9


def at(index: int, act: Callable[[], None]) -> Callable[[PlanRow], None]:
    """Act at one row."""

    def hurt(row: PlanRow) -> None:
        if row.index == index:
            act()

    return hurt


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGXCPU, signal.SIGTERM])
def test_a_killed_worker_is_named_with_its_signal(
    number: signal.Signals, out: Path, toy_setup: Callable[..., Any]
) -> None:
    setup = toy_setup(at(4, lambda: os.kill(os.getpid(), number)))
    with pytest.raises(WorkerDiedError, match=rf"worker [01]: was killed by {number.name}\."):
        by_number(draw_in_workers(setup, blocks(20), out, 2))
    assert children() == []


def test_a_worker_that_leaves_is_named_with_its_code(
    out: Path, toy_setup: Callable[..., Any]
) -> None:
    with pytest.raises(WorkerDiedError, match=r"ended with exit code 7\."):
        by_number(draw_in_workers(toy_setup(at(4, lambda: os._exit(7))), blocks(20), out, 2))


def fail(error: Exception) -> Callable[[], None]:
    def act() -> None:
        raise error

    return act


def test_an_error_comes_back_as_it_was(out: Path, toy_setup: Callable[..., Any]) -> None:
    setup = toy_setup(at(4, fail(InputError("a.ttf", "is broken", "Leave it out."))))
    with pytest.raises(InputError, match=r"^a\.ttf: is broken\. Leave it out\.$"):
        by_number(draw_in_workers(setup, blocks(20), out, 2))
    assert children() == []


def test_an_error_is_heard_though_the_worker_has_gone(
    out: Path, toy_setup: Callable[..., Any]
) -> None:
    # The first row of all fails: its worker is gone before the parent sends it more.
    setup = toy_setup(fail_on_every)
    for _ in range(5):
        with pytest.raises(InputError, match=r"^every row: is broken\.$"):
            by_number(draw_in_workers(setup, slow(blocks(20)), out, 2))


def fail_on_every(row: PlanRow) -> None:
    raise InputError("every row", "is broken")


def slow(stream: Iterator[RowBlock]) -> Iterator[RowBlock]:
    import time

    for block in stream:
        yield block
        time.sleep(0.02)


def test_a_fault_of_ours_names_type_and_place(out: Path, toy_setup: Callable[..., Any]) -> None:
    setup = toy_setup(at(4, fail(ZeroDivisionError("by nought"))))
    with pytest.raises(MendError, match=r"ZeroDivisionError: by nought") as caught:
        by_number(draw_in_workers(setup, blocks(20), out, 2))
    assert "test_workers.py" in str(caught.value)


def test_a_run_that_is_left_ends_its_workers(out: Path, toy_setup: Callable[..., Any]) -> None:
    stream = draw_in_workers(toy_setup(), blocks(50), out, 2)
    next(stream)
    assert len(children()) == 2
    stream.close()
    assert children() == []


def test_a_missing_folder_is_named(tmp_path: Path, toy_setup: Callable[..., Any]) -> None:
    with pytest.raises(InputError, match=r"0\.jpg: cannot be written \(No such file"):
        by_number(draw_here(toy_setup(), blocks(1), tmp_path))


def test_a_longer_leftover_is_cut_to_size(out: Path, toy_setup: Callable[..., Any]) -> None:
    image = out / "images" / "0000" / "0.jpg"
    image.write_bytes(b"x" * 500)
    by_number(draw_here(toy_setup(), blocks(1), out))
    assert image.read_bytes() == "0 값".encode()


def test_a_damaged_row_of_the_plan_is_named_with_its_line(tmp_path: Path) -> None:
    block = RowBlock(0, 1, 51, ["{"])
    with pytest.raises(MendError, match=r"plan\.jsonl:51: is no row of a plan \(no JSON"):
        draw_block(cast(Any, SimpleNamespace(sample=None)), block, tmp_path)
