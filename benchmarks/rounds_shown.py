"""Rounds from crops without labels, as a user goes, with a script that answers each queue.

    python benchmarks/rounds_shown.py --data DATA --out OUT [--rounds 3] [--minutes 10]

The crops of wiretags/train without their labels; `dodo.py` asks for labels round by round, a script
answers each queue from the labels that were hidden, and the same call goes on. Afterwards every
candidate is read on wiretags/dev, which no round saw. Killed, the same call goes on. DATA does not
come with the project.

Prints for each round: labels, lines drawn, its verdict on the sealed lines, what its candidate
reads of the held-out set beside the base and the candidate before it, minutes.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from benchmarks.collect_shown import uprights
from benchmarks.mend_scenes import rows_of
from textlines.files import sha256_of
from train.reading.crop_reading import usable_cores

ROOT = Path(__file__).parents[1]
SCENE = "wiretags"
MODEL = "PP-OCRv4_mobile_rec"

SETTINGS = """\
model = "{model}"
style = "{style}"
new_lines = 600
minutes = {minutes}
turn = "auto"
workers = {workers}
work = "work"

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


def held_out(out: Path, model: Path, base: Path, dev: Path) -> dict[str, Any]:
    """Read the held-out set by a model, held against another; kept, as nothing of it changes."""
    saved = out / "held-out" / f"{model.parents[1].name}-{base.parents[1].name}.json"
    if not saved.exists():
        saved.parent.mkdir(exist_ok=True)
        words = ["train", "evaluate", "--model", str(model), "--labels", str(dev), "--turn", "auto"]
        words += ["--compare", str(base), "--json"]
        done = subprocess.run(
            [sys.executable, "-m", *words], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True
        )
        saved.write_text(done.stdout, encoding="utf-8")
    content: dict[str, Any] = json.loads(saved.read_text(encoding="utf-8"))
    return content


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
    parser.add_argument("--style", default="document")
    parser.add_argument("--workers", type=int, default=usable_cores())
    arguments = parser.parse_args()
    out: Path = arguments.out.absolute()
    out.mkdir(parents=True, exist_ok=True)
    data: Path = arguments.data.absolute()
    images = out / "production"
    if not images.exists():
        shutil.copytree(data / SCENE / "train" / "crops", images)
    hidden = {
        Path(path).name: label for path, label in rows_of(data / SCENE / "train" / "rec_gt.txt")
    }
    general = [
        f'"{data / name / "train" / "rec_gt.txt"}:{comparison}"'
        for name, comparison in (("sroie", "casefold"), ("iiit5k", "alnum"))
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
        told = answer(asked / "queue", hidden, images, asked / "answers.json")
        print(f"answered {told} crops of {asked.parent.name}", flush=True)
    print(f"the line ended with {code}", flush=True)
    return code


if __name__ == "__main__":
    sys.exit(main())
