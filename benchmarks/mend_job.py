"""Parts of real sets, and commands run one after another, for `benchmarks/mend.py`."""

import hashlib
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path


def bucket(name: str) -> int:
    """Return 0..99 for a name, by its hash."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "big") % 100


def receipt_of(path: str) -> str:
    """Return the receipt that a sroie crop was cut from."""
    return path.rsplit("/", 1)[-1].split("_")[0]


class Splits:
    """Parts of real sets, each a label file in a folder of its own with a link to the crops."""

    def __init__(self, out: Path, sroie: Path, iiit: Path) -> None:
        self._out, self._sroie, self._iiit = out, sroie, iiit

    def receipts(self, name: str, low: int, high: int) -> Path:
        """Write the lines of the receipts whose hash is low..high of 100."""
        return self.part(
            self._sroie / "train", name, lambda path: low <= bucket(receipt_of(path)) < high
        )

    def words(self, name: str, low: int, high: int) -> Path:
        """Write the words whose hash is low..high of 100."""
        return self.part(self._iiit / "train", name, lambda path: low <= bucket(path) < high)

    def part(self, source: Path, name: str, belongs: Callable[[str], bool]) -> Path:
        """Write the lines of a set whose path is in a part."""
        folder = self._out / name
        folder.mkdir(parents=True, exist_ok=True)
        if not (folder / "crops").exists():
            (folder / "crops").symlink_to((source / "crops").resolve())
        lines = [
            line
            for line in (source / "rec_gt.txt").read_text(encoding="utf-8").splitlines()
            if belongs(line.split("\t")[0])
        ]
        labels = folder / "rec_gt.txt"
        labels.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        print(f"{name}: {len(lines):,} lines")
        return labels


class Job:
    """Runs commands and keeps their time."""

    def __init__(self, out: Path) -> None:
        self.out = out
        self.seconds: dict[str, float] = {}
        self.codes: dict[str, int] = {}
        out.mkdir(parents=True, exist_ok=True)

    def run(
        self, name: str, result: Path | None, *command: object, ok: tuple[int, ...] = (0,)
    ) -> str:
        """Run a command unless its result is there; give what it printed."""
        log = self.out / f"{name}.log"
        if result is not None and result.exists() and log.exists():
            return log.read_text(encoding="utf-8")
        words = [sys.executable, "-m", *map(str, command)]
        print("$", " ".join(words[2:]), flush=True)
        start = time.monotonic()
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        self.seconds[name] = time.monotonic() - start
        self.codes[name] = done.returncode
        log.write_text(done.stdout + done.stderr, encoding="utf-8")
        print(done.stdout, end="", flush=True)
        if done.returncode not in ok:
            raise SystemExit(f"{name} ended with {done.returncode}:\n{done.stderr[-2000:]}")
        return done.stdout
