"""Kill every command that writes with -9 at random moments, call it again, and compare.

    python benchmarks/kills.py                     # 200 kills
    python benchmarks/kills.py --kills 40 --only mix --only pack-tar --seed 3 --json

Each command has one small job. It is killed, called again and killed again, some times, and then
left to end; every file must be as after a call that nothing interrupted, and nothing else may be
there: neither beside the results nor among the system's temporary files. Files that differ between
two unbroken calls (a report with times) are held against their names alone, and counted. Ends
with 1 if anything differs or is left. `kill.py` goes deeper into `synth generate`.
"""

import argparse
import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.kills_world import ROOT, Job, jobs, make_world

IN_A_ROW = 3
"""At most so many kills of one trial, before it may end."""

SETTLE_S = 10.0
"""How long workers of a killed command may take to notice."""

SLOW = 5
"""A job of Paddle's takes seconds to start: it gets one kill where others get so many."""


@dataclass
class Row:
    """What came of one command."""

    kills: int = 0
    trials: int = 0
    differs: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    unstable: int = 0
    usual_s: float = 0.0


class Trials:
    """Runs the job of one command in one folder, again and again."""

    def __init__(self, job: Job, work: Path, world: Path) -> None:
        self.job, self.world = job, world
        self.folder, self.temporary = work / "trial", work / "tmp"
        self.row = Row()
        first, _ = self._unbroken()
        second, self.row.usual_s = self._unbroken()
        self._wanted = first
        self._unstable = {name for name in first if first[name] != second.get(name)}
        self._unstable |= {name for name in first if name in job.tells_times}
        if first.keys() != second.keys():
            raise SystemExit(f"{job.name}: two unbroken calls leave other files")
        self.row.unstable = len(self._unstable)

    def _fresh(self) -> None:
        for folder in (self.folder, self.temporary):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
        self.job.prepare(self.world, self.folder)

    def _start(self) -> "subprocess.Popen[bytes]":
        with (self.folder.parent / "log").open("wb") as log:
            return subprocess.Popen(
                [sys.executable, "-m", *self.job.words(self.world)],
                cwd=self.folder,
                env={
                    **os.environ,
                    "PYTHONPATH": str(ROOT),
                    "TMPDIR": str(self.temporary),
                    "XDG_CACHE_HOME": str(self.world / "cache"),
                    "OCR_FONT_DIRS": "",
                },
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def _said(self) -> str:
        return (self.folder.parent / "log").read_text(encoding="utf-8", errors="replace")[-400:]

    def _unbroken(self) -> tuple[dict[str, str], float]:
        self._fresh()
        begun = time.monotonic()
        code = self._start().wait(600)
        if code not in self.job.codes:
            raise SystemExit(
                f"{self.job.name}: the unbroken call ended with {code}: {self._said()}"
            )
        return self._contents(), time.monotonic() - begun

    def _contents(self) -> dict[str, str]:
        return {
            f"{start.name}/{path.relative_to(start).as_posix()}": _hash(path)
            for start in (self.folder, self.temporary)
            for path in sorted(start.rglob("*"))
            if not path.name.startswith(".lock")
        }

    def once(self, chance: random.Random, most: int) -> None:
        """Kill a call at most so many times in a row, then let it end, and compare."""
        self._fresh()
        self.row.trials += 1
        for _ in range(min(most, chance.randint(1, IN_A_ROW))):
            running = self._start()
            try:
                # Half of the moments fall into the second half, behind the imports.
                running.wait(self.row.usual_s * chance.uniform(0.0, 1.0) ** 0.7)
                break  # it was done before
            except subprocess.TimeoutExpired:
                if chance.random() < 0.5:
                    os.killpg(running.pid, signal.SIGKILL)
                else:
                    running.kill()
                running.wait()
                self.row.kills += 1
                if not _ended(running.pid):
                    self.row.left.append("a worker that goes on")
                    os.killpg(running.pid, signal.SIGKILL)
        code = self._start().wait(600)
        said = self._said()
        if code not in self.job.codes or ": error: " in said or "Traceback" in said:
            self.row.differs.append(f"ended with {code}: {said}")
        there = self._contents()
        self.row.left += sorted(there.keys() - self._wanted.keys())
        for name, wanted in self._wanted.items():
            if name not in there:
                self.row.differs.append(f"{name} is missing")
            elif name not in self._unstable and there[name] != wanted:
                self.row.differs.append(f"{name} differs")


def _hash(path: Path) -> str:
    if path.is_symlink():
        return f"link to {path.readlink()}"
    return "folder" if path.is_dir() else hashlib.sha256(path.read_bytes()).hexdigest()


def _ended(group: int) -> bool:
    """Wait for the rest of a process group; whether it came to an end."""
    end = time.monotonic() + SETTLE_S
    while time.monotonic() < end:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.02)
    return False


def shares(chosen: Mapping[str, Job], kills: int) -> dict[str, int]:
    """Spread kills over the jobs, fewer on those that take long to start."""
    weights = {name: 1 if job.is_slow else SLOW for name, job in chosen.items()}
    whole = sum(weights.values())
    return {name: max(1, round(kills * weight / whole)) for name, weight in weights.items()}


def main() -> None:
    """Kill, call again, compare; print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1, help="of the moments")
    parser.add_argument("--only", action="append", help="a command of the table; repeatable")
    parser.add_argument("--json", action="store_true", help="one JSON object a command")
    options = parser.parse_args()
    chance = random.Random(options.seed)
    rows: dict[str, Row] = {}
    tell: Callable[[str], None] = lambda line: print(line, flush=True)  # noqa: E731
    with tempfile.TemporaryDirectory(prefix="kills-") as made:
        world = make_world(Path(made) / "world")
        chosen = {job.name: job for job in jobs() if not options.only or job.name in options.only}
        if not options.json:
            tell(f"{'command':<16}kills  trials  equal  leftovers  by name only  seconds")
        for name, wanted in shares(chosen, options.kills).items():
            trials = Trials(chosen[name], Path(made) / "work", world)
            row = rows[name] = trials.row
            while row.kills < wanted:
                trials.once(chance, wanted - row.kills)
            if options.json:
                tell(json.dumps({"command": name, **row.__dict__}, ensure_ascii=False))
                continue
            equal = "yes" if not row.differs else "NO"
            tell(
                f"{name:<16}{row.kills:>5}{row.trials:>8}{equal:>7}{len(row.left):>11}"
                f"{row.unstable:>14}{row.usual_s:>9.1f}"
            )
            for fault in [*row.differs, *row.left][:5]:
                tell(f"    {fault}")
    faults = sum(len(row.differs) + len(row.left) for row in rows.values())
    if not options.json:
        tell(f"{sum(row.kills for row in rows.values())} kills, {faults} faults")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
