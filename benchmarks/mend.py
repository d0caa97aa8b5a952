"""The whole line on real crops: mine, render, mix, train, export, gate; figures at the end.

    python benchmarks/mend.py --data DATA --job meters --model PP-OCRv4_mobile_rec --out OUT
    python benchmarks/mend.py --data DATA --job receipts --model PP-OCRv4_mobile_rec --out OUT

`meters`: mined, styled and stopped on sevenseg/train, judged on sevenseg/dev; originals are sroie
and iiit5k lines whose target is the base model's own reading. `receipts`: sroie/train split by
receipt.
Every step is a command of this project, run as a user runs it; a step whose result is there is not
made again. DATA does not come with the project.
"""

import argparse
import hashlib
import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

RECEIPT = r"^crops/([^_/]+)_"


def bucket(name: str) -> int:
    """Give 0..99 for a name, by its hash."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "big") % 100


def receipt_of(path: str) -> str:
    """Give the receipt that a sroie crop was cut from."""
    return path.rsplit("/", 1)[-1].split("_")[0]


class Splits:
    """Parts of real sets, each a label file in a folder of its own with a link to the crops."""

    def __init__(self, out: Path) -> None:
        self._out = out

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


def meters(job: Job, arguments: argparse.Namespace) -> None:
    """Mend a model on LCD meters."""
    data, out = arguments.data, job.out
    seven, sroie, iiit = (data / name for name in ("sevenseg", "sroie", "iiit5k"))
    splits = Splits(out / "sets")

    def receipts(name: str, low: int, high: int) -> Path:
        return splits.part(
            sroie / "train", name, lambda path: low <= bucket(receipt_of(path)) < high
        )

    def words(name: str, low: int, high: int) -> Path:
        return splits.part(iiit / "train", name, lambda path: low <= bucket(path) < high)

    originals = [receipts("sroie-original", 0, 50), words("iiit5k-original", 0, 60)]
    stops = [receipts("sroie-stop", 50, 60), words("iiit5k-stop", 60, 70)]
    judges = [receipts("sroie-judge", 60, 100), words("iiit5k-judge", 70, 100)]
    base = out / "base"
    job.run("weights", base, "train", "weights", arguments.model, "--out", base)
    job.run(
        "mine",
        out / "profile.json",
        "train",
        "mine",
        "--model",
        base,
        "--labels",
        seven / "train/rec_gt.txt",
        "--out",
        out / "profile.json",
        "--html",
        out / "profile.html",
    )
    new = out / "new"
    job.run(
        "generate",
        new / "rec_gt_train.txt",
        "synth",
        "generate",
        "--profile",
        out / "profile.json",
        "--style",
        "lcd",
        "--count",
        arguments.pool,
        "--seed",
        1,
        "--workers",
        2,
        "--out",
        new,
    )
    mixed = out / "mixed"
    evened = [] if arguments.even else ["--no-even"]
    job.run(
        "mix",
        mixed / "mix.json",
        "balance",
        "mix",
        *(word for one in originals for word in ("--distil", one)),
        "--new",
        new / "rec_gt_train.txt",
        "--ratio",
        "5:1",
        "--epochs",
        arguments.epochs,
        "--epoch-lines",
        arguments.epoch_lines,
        "--dictionary",
        base / "dictionary.txt",
        "--profile",
        out / "profile.json",
        *evened,
        "--on-shortage",
        "repeat",
        "--out",
        mixed,
    )
    finish(
        job,
        arguments,
        stop=[f"{seven / 'train/rec_gt.txt'}"],
        general_stop=[f"{stops[0]}:casefold", f"{stops[1]}:alnum"],
        target=[f"{seven / 'dev/rec_gt.txt'}"],
        general=[
            f"{sroie / 'dev/rec_gt.txt'}:casefold",
            f"{iiit / 'dev/rec_gt.txt'}:alnum",
            f"{judges[0]}:casefold",
            f"{judges[1]}:alnum",
        ],
        group=[],
    )


def finish(
    job: Job,
    arguments: argparse.Namespace,
    *,
    stop: list[str],
    general_stop: list[str],
    target: list[str],
    general: list[str],
    group: list[str],
) -> None:
    """Plan, train, export, gate; print the figures."""
    out = job.out
    run, candidate = out / "run", out / "candidate"
    extra = [word for one in arguments.set or [] for word in ("--set", one)]
    begun = time.monotonic()
    job.run(
        "plan",
        run / "plan.toml",
        "train",
        "plan",
        "--model",
        out / "base",
        "--mix",
        out / "mixed",
        "--stop-on",
        *stop,
        "--general-stop",
        *general_stop,
        "--minutes",
        arguments.minutes,
        "--tune",
        arguments.tune,
        "--profile",
        out / "profile.json",
        "--out",
        run,
        *extra,
    )
    job.run("rec", run / "report.html", "train", "rec", run)
    job.run("export", candidate, "train", "export", run, "--out", candidate)
    job.run(
        "gate",
        None,
        "train",
        "gate",
        "--base",
        out / "base",
        "--candidate",
        candidate,
        "--target",
        *target,
        "--general",
        *general,
        *group,
        "--html",
        out / "verdict.html",
        "--json",
        out / "verdict.json",
        ok=(0, 1, 3),
    )
    print(f"rec + alpha + export + gate: {(time.monotonic() - begun) / 60:.1f} minutes wall")
    print(json.dumps({"exit": job.codes.get("gate"), "seconds": job.seconds}, indent=1))


def main() -> None:
    """Run a job."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--job", choices=["meters", "receipts"], default="meters")
    parser.add_argument("--model", default="PP-OCRv4_mobile_rec")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--pool", type=int, default=3000, help="new lines that are rendered")
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--epoch-lines", type=int, default=1500, help="originals in each epoch")
    parser.add_argument("--tune", choices=["head", "whole", "both"], default="head")
    parser.add_argument("--even", action=argparse.BooleanOptionalAction, default=True)
    parser.add_argument("--set", action="append", help="passed on to `train plan`")
    arguments = parser.parse_args()
    job = Job(arguments.out)
    {"meters": meters}[arguments.job](job, arguments)


if __name__ == "__main__":
    main()
