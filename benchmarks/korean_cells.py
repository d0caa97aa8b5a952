"""The cells of `benchmarks/korean.py`: the Korean base trained by the project's own commands."""

import argparse
import json
import re
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.korean_sets import World
from benchmarks.mend_job import Job
from textlines.rules.proportions import times_of

ROWS = "rows.jsonl"
HANGUL = "".join(chr(0xAC00 + at) for at in range(11_172))


@dataclass(frozen=True, slots=True)
class Cell:
    """One training.

    Attributes:
        own: labelled lines of production that train, of the pool's first ones.
        drawn: "none" (without own lines: further lines of the base's own kind); "targeted", for
            what the base misreads (and own lines lack); "profiled", the same as if there were no
            own lines; "even", as many lines over all syllables alike.
    """

    own: int
    drawn: str
    seed: int = 1

    @property
    def key(self) -> str:
        """Return the name of the cell's folder and row."""
        return f"own{self.own}-{self.drawn}-s{self.seed}"


def cells_of(seeds: int) -> list[Cell]:
    """List the cells: what drawing teaches, then labels saved."""
    found = []
    for seed in range(1, seeds + 1):
        found += [Cell(0, drawn, seed) for drawn in ("targeted", "even", "none")]
        found += [Cell(100, "targeted", seed), Cell(400, "none", seed)]
        found += [Cell(100, "none", seed), Cell(400, "targeted", seed)]
        found += [Cell(25, drawn, seed) for drawn in ("none", "targeted")]
        found += [Cell(own, "profiled", seed) for own in (100, 400)]
    return found


class CellRun:
    """One cell: its commands and what was read in the end."""

    def __init__(self, cell: Cell, world: World, arguments: argparse.Namespace) -> None:
        self.cell, self.world, self.arguments = cell, world, arguments
        self.job = Job(arguments.out / "cells" / cell.key)
        self.dictionary = world.base / "dictionary.txt"

    def run(self) -> dict[str, Any]:
        """Run the cell and return its row."""
        begun = time.monotonic()
        own = self.world.first(self.cell.own) if self.cell.own else None
        new = [self.drawn(own)] if self.cell.drawn != "none" else []
        if not own and not new:
            new = self.world.general["more"]
        candidate = self.trained(own, new)
        row: dict[str, Any] = {
            "key": self.cell.key,
            "own": self.cell.own,
            "drawn": self.cell.drawn,
            "seed": self.cell.seed,
            "read": self.world.read(candidate, self.job, self.world.judge),
        }
        if self.cell.drawn == "targeted":
            row["gate"] = self.gate(candidate)
        row["minutes"] = round((time.monotonic() - begun) / 60, 2)
        return row

    def drawn(self, own: Path | None) -> Path:
        """Draw the new lines; return their label file."""
        cell, new = self.cell, self.job.out / "new"
        if cell.drawn == "even":
            targets: list[object] = ["--chars", self.world.syllables()]
        else:
            targets = ["--profile", self.world.profile(own)]
        if own and cell.drawn != "profiled":
            targets += ["--own", own, "--like", self.world.production()]
        self.job.run(
            "generate", new / "rec_gt_train.txt", "synth", "generate", *targets,
            "--style", self.arguments.style, "--language", "ko", "--fonts", self.world.faces,
            "--dictionary", self.dictionary,
            "--exclude-texts", self.world.judge, "--count", self.arguments.pool,
            "--seed", cell.seed, "--workers", self.arguments.workers, "--allow-unserved",
            "--out", new,
        )  # fmt: skip
        return new / "rec_gt_train.txt"

    def trained(self, own: Path | None, new: Sequence[Path]) -> Path:
        """Mix, plan, train and export."""
        cell, job, world = self.cell, self.job, self.world
        mixed, run, candidate = job.out / "mixed", job.out / "run", job.out / "candidate"
        has_profile = cell.drawn in ("targeted", "profiled")
        profile = ("--profile", world.profile(own)) if has_profile else ()
        # Without new lines as many more originals: the same number of steps.
        lines = self.arguments.epoch_lines * (5 if new else 6) // 5
        lines += cell.own * times_of(cell.own) if cell.own else 0
        job.run(
            "mix", mixed / "mix.json", "balance", "mix",
            *(word for one in world.general["original"] for word in ("--original", one)),
            *(("--own", own) if own else ()),
            *(word for one in new for word in ("--new", one)),
            *(("--ratio", "5:1", *profile) if new else ()),
            "--epochs", self.arguments.epochs, "--seed", cell.seed,
            "--epoch-lines", lines,
            "--dictionary", self.dictionary, "--on-shortage", "repeat", "--out", mixed,
        )  # fmt: skip
        general = [word for one in world.general["stop"] for word in ("--general-stop", one)]
        job.run(
            "plan", run / "plan.toml", "train", "plan", "--model", world.base, "--mix", mixed,
            "--stop-on", world.stop, *general, *profile, "--tune", "head",
            "--head-rate", self.arguments.head_rate, "--seed", cell.seed, "--out", run,
        )  # fmt: skip
        features = ("--features", self.arguments.out / "features")
        job.run("rec", run / "report.html", "train", "rec", run, *features)
        job.run("export", candidate / "export.toml", "train", "export", run, "--out", candidate)
        return candidate

    def gate(self, candidate: Path) -> dict[str, Any]:
        """Judge the candidate; return exit code, outcome and the criteria that failed."""
        out = self.job.out
        self.job.run(
            "gate", None, "train", "gate", "--base", self.world.base, "--candidate", candidate,
            "--target", self.world.judge,
            *(word for one in self.world.general["judge"] for word in ("--general", one)),
            "--html", out / "verdict.html", "--json", out / "verdict.json",
            "--out", out / "predictions", ok=(0, 1, 3),
        )  # fmt: skip
        verdict = json.loads((out / "verdict.json").read_text(encoding="utf-8"))
        return {
            "code": self.job.codes["gate"],
            "outcome": verdict["outcome"],
            "criteria": verdict["criteria"],
        }


def rows_in(out: Path) -> Iterator[dict[str, Any]]:
    """Read the rows of the cells that were run."""
    path = out / ROWS
    if path.exists():
        for line in path.read_text(encoding="utf-8").splitlines():
            yield json.loads(line)


def run_cells(world: World, arguments: argparse.Namespace) -> list[dict[str, Any]]:
    """Run every cell that has no row yet; return all rows."""
    cells = cells_of(arguments.seeds)
    there = {row["key"] for row in rows_in(arguments.out)}
    for number, cell in enumerate(cells, 1):
        if cell.key in there or not re.search(arguments.cells, cell.key):
            continue
        print(f"== {number} of {len(cells)}: {cell.key}", flush=True)
        row = CellRun(cell, world, arguments).run()
        with (arguments.out / ROWS).open("a", encoding="utf-8") as out:
            out.write(json.dumps(row, ensure_ascii=False) + "\n")
    keys = {cell.key for cell in cells}
    return [row for row in rows_in(arguments.out) if row["key"] in keys]


def drawn_lines(
    out: Path, rows: Sequence[dict[str, Any]]
) -> dict[tuple[int, str], dict[str, float]]:
    """Count the drawn lines that hold each character: by arm, on the mean of its seeds."""
    found: dict[tuple[int, str], dict[str, float]] = {}
    seeds = Counter((row["own"], row["drawn"]) for row in rows)
    for row in rows:
        labels = out / "cells" / row["key"] / "new" / "rec_gt_train.txt"
        if not labels.exists():
            continue
        counts = found.setdefault((row["own"], row["drawn"]), {})
        for line in labels.read_text(encoding="utf-8").splitlines():
            for char in set(line.partition("\t")[2]):
                counts[char] = counts.get(char, 0.0) + 1 / seeds[row["own"], row["drawn"]]
    return found
