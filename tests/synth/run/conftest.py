"""A run without pixels: an engine that writes its rows, and shards of ten."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from synth.run import drawing, folder
from tests.rows import manifest_record
from textlines.formats.plan_rows import PlanRow

SHARD = 10


class Drawn(NamedTuple):
    """What an engine gives for a row."""

    data: bytes
    record: dict[str, Any]


class Killed(BaseException):
    """Stands for a kill: no code of ours catches it."""


@dataclass
class ToyEngine:
    """Draws a row as its text; `hurt` is called with each row before."""

    hurt: Callable[[PlanRow], None]

    def sample(self, row: PlanRow) -> Drawn:
        """Draw one row."""
        self.hurt(row)
        data = f"{row.index} {row.text}".encode()
        return Drawn(
            data,
            manifest_record(
                row.index,
                row.text,
                image=f"images/{row.index // SHARD:04d}/{row.index}.jpg",
                attempt=row.index % 3,
                fallback=row.index % 7 == 0,
                sha256=hashlib.sha256(data).hexdigest(),
            ),
        )


@dataclass(frozen=True)
class ToySetup:
    """Makes toy engines, here and in workers."""

    hurt: Callable[[PlanRow], None] = field(default=lambda row: None)

    def engine(self) -> ToyEngine:
        """Make one."""
        return ToyEngine(self.hurt)


@pytest.fixture
def toy_setup(monkeypatch: pytest.MonkeyPatch) -> type[ToySetup]:
    """Make shards small, and give what takes the place of a setup."""
    monkeypatch.setattr(folder, "SHARD", SHARD)
    monkeypatch.setattr(drawing, "BLOCK", 4)
    return ToySetup


@pytest.fixture
def toy_plan() -> Callable[[int], Callable[[Path], tuple[int, dict[str, int]]]]:
    """Return a function that makes a writer of a plan of so many rows."""

    def plan(samples: int) -> Callable[[Path], tuple[int, dict[str, int]]]:
        def write(path: Path) -> tuple[int, dict[str, int]]:
            from textlines.files import replacing

            with replacing(path) as out:
                for index in range(samples):
                    row = PlanRow(index, f"값 {index}", (), "face-0", "toy")
                    out.write(row.to_json() + "\n")
            return samples, {"wanted": samples}

        return write

    return plan


@pytest.fixture
def problems() -> Callable[[Path], list[str]]:
    """Return a function that names what a folder's finished shards and labels hold wrongly."""

    def found(out: Path) -> list[str]:
        wrong = []
        for marker in sorted((out / "shards").glob("*.jsonl")):
            for line in marker.read_text(encoding="utf-8").splitlines():
                row = json.loads(line)
                image = out / row["image"]
                if not image.is_file():
                    wrong.append(f"{row['image']} is missing")
                elif hashlib.sha256(image.read_bytes()).hexdigest() != row["sha256"]:
                    wrong.append(f"{row['image']} has other bytes")
        labels = out / "rec_gt_train.txt"
        if labels.exists():
            for line in labels.read_text(encoding="utf-8").splitlines():
                if not (out / line.split("\t")[0]).is_file():
                    wrong.append(f"the label file names {line}")
        return wrong

    return found


@pytest.fixture(params=[False, True], ids=["before", "after"])
def cuts_of(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    contents_of: Callable[[Path], dict[str, str]],
    problems: Callable[[Path], list[str]],
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[[Callable[[Path], Any]], int]:
    """Return a function that cuts a run at each of its renames and has it go on.

    Cut before or after the rename; whatever is there then is sound, and the whole is as it is
    uncut. Returns how many renames there are.
    """
    after: bool = request.param

    def count(run: Callable[[Path], Any]) -> int:
        run(tmp_path / "whole")
        wanted = contents_of(tmp_path / "whole")
        rename = Path.replace
        cuts = 0
        while True:
            out, left = tmp_path / f"cut-{cuts}", cuts

            def cut(self: Path, target: Path) -> Path:
                nonlocal left
                left -= 1
                if left == -1 and not after:
                    raise Killed
                moved = rename(self, target)
                if left == -1:
                    raise Killed
                return moved

            monkeypatch.setattr(Path, "replace", cut)
            try:
                run(out)
            except Killed:
                monkeypatch.setattr(Path, "replace", rename)
                assert problems(out) == []
                run(out)
                assert contents_of(out) == wanted
                cuts += 1
            else:
                return cuts

    return count
