"""From crops without labels to a verdict, as a user goes: every command, its minutes, the figures.

    python benchmarks/collect_shown.py --data DATA --out OUT [--budget 50] [--blind none]

The crops of wiretags/train without their labels; a script in Chromium types the answers into the
page by keys, from the labels that were hidden; the verdict is on wiretags/dev. DATA does not come
with the project.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.mend_scenes import rows_of
from textlines.pixels.decode import read_image
from train.reading.crop_reading import usable_cores
from train.reading.model_opening import open_model
from train.reading.turning import nearest, prepared_turns, read_turns

ROOT = Path(__file__).parents[1]
SCENE = "wiretags"
MODEL = "PP-OCRv4_mobile_rec"

SETTINGS = """\
model = "{model}"
style = "document"
new_lines = 600
minutes = 30
turn = "auto"
workers = {workers}
work = "{work}"

[collect]
budget = {budget}
second = "PP-OCRv6_small_rec"

[general]
labels = [{labels}]

[mix]
epochs = 10
"""


class Walk:
    """Runs commands and says how long each took."""

    def __init__(self, out: Path) -> None:
        self.out = out
        self.begun = time.monotonic()

    def run(
        self,
        *command: str,
        ok: tuple[int, ...] = (0,),
        environment: Mapping[str, str] | None = None,
    ) -> str:
        """Run a command; print it, its last lines and its minutes."""
        shown = [f"{name}={value}" for name, value in (environment or {}).items()]
        print("$", *shown, *command, flush=True)
        start = time.monotonic()
        words = [sys.executable, *(command if command[0] == "dodo.py" else ("-m", *command))]
        words = [str(ROOT / word) if word == "dodo.py" else word for word in words]
        done = subprocess.run(
            words,
            cwd=self.out,
            env={**os.environ, "PYTHONPATH": str(ROOT), **(environment or {})},
            capture_output=True,
            text=True,
            check=False,
        )
        minutes = (time.monotonic() - start) / 60
        print("\n".join(done.stdout.splitlines()[-14:]))
        print(f"   {minutes:.1f} minutes, exit code {done.returncode}", flush=True)
        if done.returncode not in ok:
            raise SystemExit(done.stderr[-3000:])
        return done.stdout


def uprights(paths: list[str], labels: dict[str, str], images: Path) -> dict[str, int]:
    """Return the turn in which a person reads each crop: the one whose reading is nearest."""
    engine = open_model(MODEL).engine
    prepared = {
        number: prepared_turns(engine.prepare, read_image(images / path), "auto")
        for number, path in enumerate(paths)
    }
    read = read_turns(engine, prepared, lambda number, line: False, lambda number: paths[number])
    return {path: nearest(read[number], labels[path]) for number, path in enumerate(paths)}


def type_answers(page_file: Path, labels: dict[str, str], images: Path, saved: Path) -> None:
    """Open the page in Chromium and answer each crop by keys."""
    from playwright.sync_api import sync_playwright

    program = shutil.which("chromium") or shutil.which("google-chrome")
    if not program:
        raise SystemExit("needs chromium")
    rows = [json.loads(line) for line in (page_file.parent / "queue.jsonl").open(encoding="utf-8")]
    upright = uprights([row["path"] for row in rows], labels, images)
    start = time.monotonic()
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=program, args=["--no-sandbox"])
        page = browser.new_context(accept_downloads=True).new_page()
        page.goto(page_file.as_uri())
        mended = 0
        for number in range(len(rows)):
            page.wait_for_function(f"document.getElementById('bar').value === {number}")
            page.wait_for_function("document.querySelector('#frame img')?.complete")
            mended += _answer(page, labels, upright, rows)
        with page.expect_download() as waiting:
            page.click("#download")
        waiting.value.save_as(saved)
        browser.close()
    seconds = time.monotonic() - start
    print(f"typed {len(rows)} answers in {seconds:.0f} s, {mended} readings mended: {saved.name}")


def _answer(
    page: Any, labels: dict[str, str], upright: dict[str, int], rows: list[dict[str, Any]]
) -> bool:
    path = page.inner_text("#path")
    shown = next(row.get("turn", 0) for row in rows if row["path"] == path)
    if upright[path] != shown:
        page.keyboard.press("Alt+o")
    is_right = page.input_value("#text") == labels[path]
    if not is_right:
        page.keyboard.press("Control+A")
        page.keyboard.type(labels[path])
    page.keyboard.press("Enter")
    return not is_right


def main() -> int:
    """Walk from crops to a verdict."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--budget", type=int, default=50)
    arguments = parser.parse_args()
    out: Path = arguments.out.absolute()
    out.mkdir(parents=True, exist_ok=True)
    train = arguments.data.absolute() / SCENE / "train"
    images = out / "production"
    if not images.exists():
        shutil.copytree(train / "crops", images)
    labels = {Path(path).name: label for path, label in rows_of(train / "rec_gt.txt")}
    sets = {
        split: [
            f"{arguments.data.absolute() / name / split / 'rec_gt.txt'}:{comparison}"
            for name, comparison in (("sroie", "casefold"), ("iiit5k", "alnum"))
        ]
        for split in ("train", "dev")
    }
    quoted = ", ".join(f'"{one}"' for one in sets["train"])
    (out / "scene.toml").write_text(
        SETTINGS.format(
            model=MODEL, workers=usable_cores(), work="turn-1", budget=arguments.budget,
            labels=quoted,
        ),
        encoding="utf-8",
    )  # fmt: skip
    walk = Walk(out)
    settings = {"SETTINGS": "scene.toml"}
    walk.run("dodo.py", environment={"CROPS": "production", "WORK": "collecting", **settings})
    queue = out / "collecting" / "collect" / "queue"
    if not (out / "answers.json").exists():
        type_answers(queue / "label.html", labels, images, out / "answers.json")
    walk.run(
        "train", "collect", "collecting/collect/queue", "--answers", "answers.json",
        "--out", "labelled",
    )  # fmt: skip
    own = {"LABELS": "labelled/rec_gt.txt", "IMAGES": "labelled", "WORK": "turn-1"}
    walk.run("dodo.py", ok=(0, 1, 3), environment={**own, **settings})
    walk.run(
        "train", "gate", "--base", "turn-1/base/base", "--candidate", "turn-1/export/candidate",
        "--target", str(arguments.data.absolute() / SCENE / "dev" / "rec_gt.txt"),
        "--general", *sets["dev"], "--turn", "auto", "--html", "verdict.html",
        "--json", "verdict.json", "--out", "predictions", ok=(0, 1, 3),
    )  # fmt: skip
    print(f"{(time.monotonic() - walk.begun) / 60:.1f} minutes in all")
    return 0


if __name__ == "__main__":
    sys.exit(main())
