"""Cells of `benchmarks/mend.py --matrix`: each run by the project's own commands, one row each."""

import argparse
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.mend_cells import CALIBRATED, DRAWN, Cell, read_cells
from benchmarks.mend_job import Job
from benchmarks.mend_scenes import (
    FOLDED,
    SHARES,
    STOPS,
    STYLES,
    TURNED,
    Row,
    Sets,
    crops_alone,
    rows_of,
    sampled,
)
from benchmarks.mend_tables import told
from textlines.rules.proportions import times_of

ROWS = "rows.jsonl"


def run_matrix(arguments: argparse.Namespace) -> int:
    """Run every cell that has no row yet; print the tables. Return 1 where a must is missed."""
    out: Path = arguments.out
    out.mkdir(parents=True, exist_ok=True)
    cells = read_cells(arguments.matrix)
    there = {row["key"] for row in rows_in(out)}
    for number, cell in enumerate(cells, 1):
        if cell.key in there:
            continue
        print(f"== {number} of {len(cells)}: {cell.key}", flush=True)
        row = CellRun(cell, arguments).run()
        with (out / ROWS).open("a", encoding="utf-8") as rows:
            rows.write(json.dumps(row, ensure_ascii=False) + "\n")
    keys = {cell.key for cell in cells}
    text, missed = told([row for row in rows_in(out) if row["key"] in keys])
    print(text)
    return int(missed)


def rows_in(out: Path) -> Iterator[dict[str, Any]]:
    """Read the rows of the cells that were run."""
    path = out / ROWS
    if path.exists():
        for line in path.read_text(encoding="utf-8").splitlines():
            yield json.loads(line)


class CellRun:
    """One cell: its sets, its commands, its figures."""

    def __init__(self, cell: Cell, arguments: argparse.Namespace) -> None:
        self.cell, self.arguments = cell, arguments
        self.sets = Sets(arguments.data, arguments.out / "sets")
        self.job = Job(arguments.out / "cells" / cell.key)
        self.shared = Job(arguments.out / "shared" / f"{cell.scene}-{cell.model}")
        self.base = self.shared.out / "base"
        self.turn = ("--turn", "auto") if cell.scene in TURNED else ()
        self.folded = cell.scene in FOLDED

    def run(self) -> dict[str, Any]:
        """Run the cell and return its row."""
        begun = time.monotonic()
        cell = self.cell
        self.shared.run(
            "weights", self.base / "model.toml", "train", "weights", cell.model, "--out", self.base
        )
        own, stop, judges, pool = self.split()
        draws = cell.arm in ("drawn", "both", "served")
        trains_own = bool(rows_of(own)) and (cell.kind == "labels" or cell.arm != "drawn")
        if not draws and not trains_own:
            candidate = self.base
        else:
            new = self.drawn(own, stop, judges, pool) if draws else None
            if cell.stop == DRAWN:
                stop = self.drawn(own, stop, judges, pool, "stop")
            candidate = self.trained(own if trains_own else None, new, stop)
        row: dict[str, Any] = {
            "key": cell.key,
            "kind": cell.kind,
            "scene": cell.scene,
            "model": cell.model,
            "arm": cell.arm,
            "seed": cell.seed,
            "labels": cell.labels,
            "character": cell.character,
            "variant": " ".join(part for part in (cell.variant, cell.tune) if part),
            "style": cell.style,
            "stop": cell.stop,
            "own": len(rows_of(own)),
        }
        if cell.kind == "scene":
            row |= self.gate(candidate, judges)
        row["lines"] = self.read(candidate, judges, {label for _, label in rows_of(own)})
        row["minutes"] = round((time.monotonic() - begun) / 60, 2)
        return row

    def split(self) -> tuple[Path, Path, list[Path], Path]:
        """Write the own lines, those to stop by, and the pool; name the judging files."""
        cell = self.cell
        train, dev = (self.sets.source(cell.scene, split) for split in ("train", "dev"))
        if cell.kind == "scene":
            stop, rest = self.sets.parted(cell.scene, STOPS[cell.scene])
            own = self.sets.write(f"{cell.scene}-own", train, rest)
            return (
                own,
                self.sets.write(f"{cell.scene}-stop", train, stop),
                [dev / "rec_gt.txt"],
                own,
            )
        pool, stop, judge = self.sets.parted(cell.scene, *SHARES[cell.scene])
        name = f"{cell.scene}-labels"
        chosen = self.own_lines(pool)
        return (
            self.sets.write(f"{name}-own-{cell.key}", train, chosen),
            self.sets.write(f"{name}-stop", train, stop),
            [self.sets.write(f"{name}-judge", train, judge), dev / "rec_gt.txt"],
            self.sets.write(f"{name}-pool", train, pool),
        )

    def own_lines(self, pool: list[Row]) -> list[Row]:
        """Draw the labelled lines of a cell that is not a whole scene."""
        cell = self.cell
        if cell.kind == "left-out" and cell.arm != "holding":
            return sampled(pool, cell.labels, cell.seed, cell.character)
        return sampled(pool, cell.labels, cell.seed)

    def drawn(
        self, own: Path, stop: Path, judges: list[Path], pool: Path, role: str = "new"
    ) -> Path:
        """Mine on the lines with labels, and draw for what they lack.

        Args:
            role: "new" lines train; those to "stop" by are a tenth as many, of another seed.
        """
        cell, out, train = self.cell, self.job.out, self.sets.source(self.cell.scene, "train")
        alone = cell.arm == "drawn" and cell.kind != "labels"
        labelled = rows_of(stop) + rows_of(own)
        if cell.kind == "left-out" and alone:
            labelled = rows_of(stop)
        mined = self.sets.write(f"{cell.scene}-mined-{cell.key}", train, labelled)
        self.job.run(
            "mine", out / "profile.json", "train", "mine", "--model", self.base, "--labels", mined,
            *self.turn, "--out", out / "profile.json",
        )  # fmt: skip
        for_own: list[object] = []
        if rows_of(own) and (cell.kind != "left-out" or cell.arm == "served") and not alone:
            like = self.shared.out / f"{cell.kind}-production.jsonl"
            self.shared.run(
                f"{cell.kind}-production", like, "train", "evaluate", "--model", self.base,
                "--labels", pool, *self.turn, "--out", like,
            )  # fmt: skip
            for_own = ["--own", own, "--like", like]
        new = out / role
        count, seed = self.arguments.pool, cell.seed
        if role != "new":
            count, seed = count // 10, seed + 1000
        self.job.run(
            f"generate-{role}", new / "rec_gt_train.txt", "synth", "generate",
            "--profile", out / "profile.json", *self.style(pool),
            *([] if cell.scene == "meters" else ["--corpus", mined]), *for_own,
            *(word for one in judges for word in ("--exclude-texts", one)),
            "--count", count, "--seed", seed, "--workers", 2, "--out", new,
        )  # fmt: skip
        return new / "rec_gt_train.txt"

    def style(self, pool: Path) -> list[object]:
        """Return the options of the style that is drawn in; one is fitted to crops, once."""
        cell = self.cell
        if cell.style != CALIBRATED:
            return ["--style", cell.style or STYLES[cell.scene]]
        fitted = self.shared.out / f"{cell.kind}-{CALIBRATED}.toml"
        grounds = self.shared.out / f"{cell.kind}-grounds"
        alone = crops_alone(pool, self.shared.out / f"{cell.kind}-crops")
        self.shared.run(
            f"{cell.kind}-harvest", grounds, "synth", "harvest", "--crops", alone,
            "--model", self.base, "--out", grounds,
        )  # fmt: skip
        self.shared.run(
            f"{cell.kind}-calibrate", fitted, "synth", "calibrate", "--crops", alone,
            "--model", self.base, "--backgrounds", grounds, "--out", fitted,
            "--html", fitted.with_suffix(".html"),
        )  # fmt: skip
        return ["--style", fitted, "--backgrounds", grounds]

    def trained(self, own: Path | None, new: Path | None, stop: Path) -> Path:
        """Mix, plan, train and export."""
        cell, out, general = self.cell, self.job.out, self.sets.general(self.cell.scene)
        mixed, run, candidate = out / "mixed", out / "run", out / "candidate"
        judged = ":casefold" if self.folded else ""
        own_rows = 0
        if own:
            count = len(rows_of(own))
            own_rows = count * times_of(count)
        self.job.run(
            "mix", mixed / "mix.json", "balance", "mix",
            *(word for one in general.originals for word in ("--distil", one)),
            *(("--own", own) if own else ()),
            *(("--new", new, "--ratio", "5:1", "--profile", out / "profile.json") if new else ()),
            "--epochs", self.arguments.epochs, "--seed", cell.seed,
            "--epoch-lines", self.arguments.epoch_lines + own_rows,
            "--dictionary", self.base / "dictionary.txt", "--on-shortage", "repeat",
            "--out", mixed,
        )  # fmt: skip
        options = [word for one in cell.options for word in ("--set", one)]
        self.job.run(
            "plan", run / "plan.toml", "train", "plan", "--model", self.base, "--mix", mixed,
            "--stop-on", f"{stop}{judged}", "--general-stop", *general.stop,
            *(("--profile", out / "profile.json") if new else ()), *self.turn,
            *(("--tune", cell.tune) if cell.tune else ()), *options, "--out", run,
        )  # fmt: skip
        features = ("--features", self.arguments.out / "features")
        self.job.run("rec", run / "report.html", "train", "rec", run, *features)
        self.job.run(
            "export", candidate / "export.toml", "train", "export", run, "--out", candidate
        )
        return candidate

    def gate(self, candidate: Path, judges: list[Path]) -> dict[str, Any]:
        """Judge the exported candidate; return what the verdict says."""
        judged = ":casefold" if self.folded else ""
        out, general = self.job.out, self.sets.general(self.cell.scene)
        self.job.run(
            "gate", None, "train", "gate", "--base", self.base, "--candidate", candidate,
            "--target", *(f"{one}{judged}" for one in judges), "--general", *general.judge,
            *self.turn, "--html", out / "verdict.html", "--json", out / "verdict.json",
            "--out", out / "predictions", ok=(0, 1, 3),
        )  # fmt: skip
        verdict = json.loads((out / "verdict.json").read_text(encoding="utf-8"))
        kept = {
            name: verdict[name] for name in ("outcome", "criteria", "target", "general", "sets")
        }
        return {"gate": self.job.codes["gate"], "verdict": kept}

    def read(
        self, model: Path, judges: list[Path], trained: set[str]
    ) -> list[tuple[str, str, bool, bool]]:
        """Read the judging lines: path, label, right, and whether training holds the text."""
        found = []
        for number, labels in enumerate(judges):
            out = self.job.out / f"judged-{number}.jsonl"
            self.job.run(
                f"judged-{number}", out, "train", "evaluate", "--model", model,
                "--labels", labels, *self.turn, "--out", out,
            )  # fmt: skip
            texts = {}
            for line in out.read_text(encoding="utf-8").splitlines():
                content = json.loads(line)
                texts[content["path"]] = content.get("text", "")
            for path, label in rows_of(labels):
                pair = (label, texts.get(path, ""))
                truth, read = (one.casefold() if self.folded else one for one in pair)
                found.append((path, label, truth == read, label in trained))
        return found
