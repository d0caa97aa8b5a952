"""The mutator and its frame: a traceback, a hang and a killed worker are each told as faults."""

import os
import random
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from benchmarks import fuzz_models
from benchmarks.fuzz_models import Reader, cases, damaged
from textlines.errors import MendError


def test_damaged_files_are_read_or_refused(tmp_path: Path) -> None:
    pytest.importorskip("onnx")
    count = 0
    for name, make in cases():
        for number in range(0 if name == "onnx-opened" else 6):
            folder = tmp_path / name / str(number)
            folder.mkdir(parents=True)
            with suppress(MendError):
                make(random.Random(f"{name} {number}"), folder)()
            count += 1
    assert count >= 60


def test_the_same_seed_damages_alike() -> None:
    data = bytes(range(256))
    made = [damaged(data, random.Random(5)) for _ in range(2)]
    assert made[0] == made[1] != data


@pytest.mark.parametrize(
    ("read", "told"),
    [
        (lambda _: 1 // 0, "ZeroDivisionError"),
        (lambda _: os.abort(), "the worker ended by -6"),
        (lambda _: bytearray(3 << 30), "took more than 2,147,483,648 bytes|MemoryError"),
    ],
)
def test_a_reader_that_fails_is_told(
    monkeypatch: pytest.MonkeyPatch, read: Callable[[Path], object], told: str
) -> None:
    monkeypatch.setattr(fuzz_models, "READERS", {"bad": Reader("a", lambda: [b"x"], read)})
    # Forked, so that the worker has the reader of the test.
    monkeypatch.setattr(fuzz_models, "START", "fork")
    outcomes, faults = fuzz_models.fuzz("bad", 1, 1)
    assert outcomes == {"fault": 1}
    assert any(part in faults[0] for part in told.split("|"))
