"""Runs of `synth generate` that are killed, and what must hold of a folder after each kill."""

import hashlib
import json
import os
import random
import signal
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

SAMPLES = 2200
"""Two shards of 1,000 and a short one."""

MOST_TOLD = 5
"""Faults of one kind that are named."""

STYLE = """
faces = ["seven_segment"]
[output]
height = 16
[geometry]
rotation = { p = 0.2, deg = [-2.0, 2.0] }
[camera]
gaussian_blur = { p = 0.3, sigma = [0.3, 0.6] }
"""


def prepare(folder: Path) -> list[str]:
    """Write a style and texts, and give the arguments of a run on them without `--out`."""
    style, texts = folder / "style.toml", folder / "texts.txt"
    style.write_text(STYLE, encoding="utf-8")
    texts.write_text("\n".join(f"{k * 37 % 10_000:04}" for k in range(SAMPLES)) + "\n")
    run = ["generate", "--style", str(style), "--text-list", str(texts)]
    return [*run, "--repeat-cap", "0", "--count", str(SAMPLES), "--seed", "5"]


def start(arguments: list[str], log: Path) -> int:
    """Start the command in a process group of its own; give its process id.

    Forked from this process, which has imported the command's modules, so that the time before
    a kill goes into work and not into imports.
    """
    import synth.cli
    import synth.commands.printing
    import synth.run.drawing
    import synth.run.render_job

    child = os.fork()
    if child:
        return child
    code = 70  # an error of ours, should the command not even end with an exit code
    try:
        os.setsid()
        output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
        os.dup2(output, 1)
        os.dup2(output, 2)
        sys.argv = ["synth", *arguments]
        synth.cli.main()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 70
    finally:
        sys.stdout.flush()
        os._exit(code)


def ended(process: int, wait_s: float) -> int | None:
    """Wait for a process at most so long; its exit code (-9 for SIGKILL), or None if it runs."""
    end = time.monotonic() + wait_s
    while True:
        found, status = os.waitpid(process, os.WNOHANG)
        if found:
            return os.waitstatus_to_exitcode(status)
        if time.monotonic() >= end:
            return None
        time.sleep(min(0.005, max(0.0, end - time.monotonic())))


def workers_of(process: int) -> list[int]:
    """List the processes that a process has started, as the system knows them."""
    try:
        listed = Path(f"/proc/{process}/task/{process}/children").read_text()
    except OSError:
        return []
    return [int(word) for word in listed.split()]


@dataclass(frozen=True, slots=True)
class Kill:
    """What was killed (`the run`, `a worker`, `all`), when, and what the folder held then."""

    what: str
    after_s: float
    state: str


def kill(process: int, what: str) -> str:
    """Kill -9 as asked; give what was killed indeed (without workers there is the run only)."""
    workers = workers_of(process)
    if what == "a worker" and workers:
        os.kill(workers[-1], signal.SIGKILL)
        return what
    if what == "all":
        os.killpg(process, signal.SIGKILL)
        return what
    os.kill(process, signal.SIGKILL)
    return "the run"


def state(folder: Path) -> str:
    """Return how far the run in a folder has come."""
    if (folder / "manifest.jsonl").exists():
        return "merging"
    shards = len(list((folder / "shards").glob("????.jsonl")))
    if shards or any((folder / "images").glob("*/*")):
        return f"drawing, {shards} shards finished"
    return "drawing" if (folder / "plan.jsonl").exists() else "before the plan"


def faults(folder: Path, decodable: set[str]) -> Iterator[str]:
    """Name everything in a killed run's folder that must never be there.

    A finished shard names only images that are there, whole and decodable, with the bytes that
    were written; so does the label file; and each of those files is whole itself.

    Args:
        decodable: sha256 of images that were decoded before; grows.
    """
    import cv2
    import numpy as np

    for marker in sorted((folder / "shards").glob("????.jsonl")):
        for line in marker.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            image = folder / row["image"]
            if not image.is_file():
                yield f"{marker.name} names {row['image']}, which is not there"
                continue
            data = image.read_bytes()
            sha256 = hashlib.sha256(data).hexdigest()
            if sha256 != row["sha256"]:
                yield f"{row['image']} has other bytes than {marker.name} says"
            if sha256 in decodable:
                continue
            if cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR) is None:
                yield f"{row['image']} cannot be decoded"
            else:
                decodable.add(sha256)
    labels = folder / "rec_gt_train.txt"
    if labels.exists():
        lines = labels.read_text(encoding="utf-8").split("\n")
        if len(lines) != SAMPLES + 1 or lines[-1]:
            yield f"the label file has {len(lines) - 1} lines"
        for line in lines[:-1]:
            if not (folder / line.partition("\t")[0]).is_file():
                yield f"the label file names {line!r}, which is not there"


def contents(folder: Path) -> dict[str, str]:
    """Hash every file of a finished run; the empty lock files are left out."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.startswith(".lock")
    }


class Trial:
    """One folder that is killed and resumed again and again until its run is complete.

    Args:
        arguments: of the command, without `--out`.
        wanted: the files of the unbroken run, by `contents`.
        usual_s: how long the unbroken run took.
        decodable: see `faults`.
    """

    def __init__(
        self,
        arguments: list[str],
        folder: Path,
        wanted: dict[str, str],
        usual_s: float,
        decodable: set[str],
    ) -> None:
        self.arguments, self.folder, self.decodable = arguments, folder, decodable
        self.wanted, self.usual_s = wanted, usual_s
        self.log = folder.with_suffix(".log")
        self.found: list[str] = []

    def once(self, chance: random.Random) -> Kill | None:
        """Start the run and kill it at a random moment; None if it was complete before that."""
        # Past the usual end too: with workers, beside other programs, a run may take longer.
        moment = chance.uniform(0.0, 1.25 * self.usual_s)
        what = chance.choice(("the run", "the run", "all", "a worker"))
        # A run with one worker draws by itself: there is none to kill.
        workers = chance.choice(("2", "3") if what == "a worker" else ("1", "2", "3"))
        run = start([*self.arguments, "--workers", workers, "--out", str(self.folder)], self.log)
        code = ended(run, moment)
        if code is not None:
            self._complete(code)
            return None
        known = state(self.folder)
        killed = kill(run, what)
        code = ended(run, 60.0)
        said = self.log.read_text(encoding="utf-8", errors="replace")
        if code == 0:
            # It was done before the signal came, or needed the killed worker no more.
            self._complete(code)
        elif killed != "a worker":
            if code != -signal.SIGKILL:
                self.found.append(f"killed, but ended with {code}: {said[-300:]}")
        elif code is None:
            os.killpg(run, signal.SIGKILL)
            ended(run, 30.0)
            self.found.append("hung after a worker was killed")
        elif code != 1 or "was killed by SIGKILL" not in said:
            self.found.append(f"a worker was killed, the run ended with {code}: {said[-300:]}")
        self.found.extend(islice(faults(self.folder, self.decodable), MOST_TOLD))
        return Kill(killed, moment, known)

    def finish(self) -> None:
        """Let the run go on to its end, and compare every file with the unbroken run's."""
        run = start([*self.arguments, "--workers", "2", "--out", str(self.folder)], self.log)
        code = ended(run, 300.0)
        self._complete(-1 if code is None else code)

    @property
    def is_complete(self) -> bool:
        """Whether the run has come to its end."""
        return (self.folder / ".complete").exists()

    def _complete(self, code: int) -> None:
        if code:
            said = self.log.read_text(encoding="utf-8", errors="replace")
            self.found.append(f"ended with {code}: {said[-300:]}")
        there = contents(self.folder)
        names = sorted({*there, *self.wanted})
        other = [name for name in names if there.get(name) != self.wanted.get(name)]
        if other:
            named = ", ".join(other[:MOST_TOLD])
            self.found.append(f"{len(other)} files differ from the unbroken run's: {named}")
        (self.folder / ".complete").touch()
