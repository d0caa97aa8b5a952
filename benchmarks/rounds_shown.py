"""Rounds from crops without labels, as a user goes, with a script that answers each queue.

    python benchmarks/rounds_shown.py --data DATA --out OUT [--rounds 3] [--minutes 10]

The crops of SCENE/train (wiretags) without their labels; `dodo.py` asks for labels round by round,
a script answers each queue from the labels that were hidden, and the same call goes on. Afterwards
every candidate is judged against the start model on SCENE/dev, which no round saw, and on the
sealed general lines. Killed, the same call goes on. DATA does not come with the project.

Prints for each round: labels asked for, own lines that train, lines drawn, its verdict on the
sealed lines against the model in use, what its candidate reads of the held-out set beside the start
model, minutes, and the changes of the general sets.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.collect_shown import uprights
from benchmarks.mend_scenes import rows_of
from textlines.files import sha256_of
from textlines.formats.rounds import RoundRow, read_rounds
from train.reading.crop_reading import usable_cores

ROOT = Path(__file__).parents[1]
MODEL = "PP-OCRv4_mobile_rec"
GENERAL = (("sroie", "casefold"), ("iiit5k", "alnum"))
"""Sets that must not get worse, both splits of each, and what counts as the same text there."""

SETTINGS = """\
model = "{model}"
style = "{style}"
new_lines = 600
minutes = {minutes}
turn = "auto"
workers = {workers}
work = "work"
plan_options = ["--suspects", "accept"]  # a script has no eyes for doubtful labels

[rounds]
most = {rounds}
labels = {later}

[collect]
budget = {budget}
judge = {judge}
second = "PP-OCRv6_small_rec"

[general]
labels = [{labels}]

[mix]
epochs = 10
"""


def answer(queue: Path, labels: dict[str, str], images: Path, saved: Path) -> int:
    """Answer a queue from hidden labels, as its page would save it; return the number."""
    file = queue / "queue.jsonl"
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    upright = uprights([row["path"] for row in rows], labels, images)
    answers = [
        {
            "id": row["id"],
            "path": row["path"],
            "role": row["role"],
            "kind": "text",
            "text": labels[row["path"]],
            "turn": upright[row["path"]],
            "shown": None,
            "seconds": 0.0,
        }
        for row in rows
    ]
    content = {
        "format": "ocr-mend answers",
        "version": 1,
        "queue": sha256_of(file),
        "by": "a script",
        "answers": answers,
    }
    partial = saved.with_suffix(".part")
    partial.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    partial.rename(saved)
    return len(answers)


def waiting(work: Path) -> Path | None:
    """Return the folder of the round that waits for answers; None where none does."""
    for folder in sorted(work.glob("round-*/collect"), key=lambda path: path.as_posix()):
        if (folder / "queue" / "queue.jsonl").is_file() and not (folder / "answers.json").exists():
            return folder
    return None


def call(out: Path) -> int:
    """Call the line once; its output as it comes."""
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "CROPS": "production",
        "SETTINGS": "scene.toml",
    }
    return subprocess.run(
        [sys.executable, str(ROOT / "dodo.py")], cwd=out, env=environment, check=False
    ).returncode


def held_out(out: Path, row: RoundRow, dev: Path, general: Sequence[str]) -> dict[str, Any]:
    """Judge a round's candidate against the start model on lines that no round saw; kept."""
    saved = out / "held-out" / f"round-{row.number}.json"
    if not saved.exists():
        saved.parent.mkdir(exist_ok=True)
        words = ["train", "gate", "--base", "work/base/base", "--candidate", f"work/{row.made}"]
        words += ["--target", str(dev), "--general", *general, "--json", str(saved)]
        words += ["--out", str(saved.with_suffix(""))]
        subprocess.run(
            [sys.executable, "-m", *words],
            cwd=out,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.DEVNULL,
            check=False,
        )
    content: dict[str, Any] = json.loads(saved.read_text(encoding="utf-8"))
    return content


def told(figures: Mapping[str, Any]) -> str:
    """Return a share before and after, and the change with its interval, in points."""
    low, high = (100 * bound for bound in figures["interval"])
    return (
        f"{figures['base']:.3f} {figures['candidate']:.3f} "
        f"{100 * figures['change']:+.1f} ({low:+.1f} {high:+.1f})"
    )


def print_rounds(out: Path, dev: Path) -> None:
    """Print a row for each round: its own verdict, and what it is worth since the start."""
    names = [f"rec_gt-{number}" if number > 1 else "rec_gt" for number in range(1, 5)]
    comparisons = [comparison for _, comparison in GENERAL for _ in ("train", "dev")]
    general = [
        f"work/lines/general-judge/{name}/labels.txt:{comparison}"
        for name, comparison in zip(names, comparisons, strict=True)
    ]
    record = read_rounds(out / "work" / "rounds.json")
    print(
        f"{'round':>5} {'labels':>6} {'own':>5} {'drawn':>5} {'outcome':<12} "
        f"{'sealed lines, model in use -> candidate':<36} "
        f"{'held out, start -> candidate':<36} {'min':>5}  general sets since the start"
    )
    for row in record.rounds:
        sealed = told(row.target.model_dump()) if row.target else "-"
        judged = held_out(out, row, dev, general) if row.made else None
        found = told(judged["target"]) if judged else "-"
        others = (
            ", ".join(
                f"{100 * one['figures']['change']:+.1f}"
                for one in judged["sets"]
                if one["role"] == "general"
            )
            if judged
            else "-"
        )
        print(
            f"{row.number:>5} {row.asked:>6} {row.own:>5} {row.drawn:>5} {row.outcome:<12} "
            f"{sealed:<36} {found:<36} {sum(row.minutes.values()):>5.1f}  {others}"
        )
    print(f"ended: {record.ending}; {record.minutes:.0f} minutes of commands")


def main() -> int:
    """Walk from crops to the last round."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--budget", type=int, default=100)
    parser.add_argument("--judge", type=int, default=69)
    parser.add_argument("--later", type=int, default=30, help="labels of each later round")
    parser.add_argument("--scene", default="wiretags", help="a set of DATA with train and dev")
    parser.add_argument("--style", default="document")
    parser.add_argument("--workers", type=int, default=usable_cores())
    arguments = parser.parse_args()
    out: Path = arguments.out.absolute()
    out.mkdir(parents=True, exist_ok=True)
    data: Path = arguments.data.absolute()
    images = out / "production"
    if not images.exists():
        shutil.copytree(data / arguments.scene / "train" / "crops", images)
    hidden = {
        Path(path).name: label
        for path, label in rows_of(data / arguments.scene / "train" / "rec_gt.txt")
    }
    general = [
        f'"{data / name / split / "rec_gt.txt"}:{comparison}"'
        for name, comparison in GENERAL
        for split in ("train", "dev")
    ]
    settings = out / "scene.toml"
    if not settings.exists():
        content = SETTINGS.format(
            model=MODEL,
            style=arguments.style,
            minutes=arguments.minutes,
            workers=arguments.workers,
            rounds=arguments.rounds,
            later=arguments.later,
            budget=arguments.budget,
            judge=arguments.judge,
            labels=", ".join(general),
        )
        settings.write_text(content, encoding="utf-8")
    work = out / "work"
    while True:
        code = call(out)
        asked = waiting(work)
        if asked is None:
            break
        count = answer(asked / "queue", hidden, images, asked / "answers.json")
        print(f"answered {count} crops of {asked.parent.name}", flush=True)
    print(f"the line ended with {code}", flush=True)
    print_rounds(out, data / arguments.scene / "dev" / "rec_gt.txt")
    return code


if __name__ == "__main__":
    sys.exit(main())
