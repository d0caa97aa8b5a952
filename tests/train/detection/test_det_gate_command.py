"""`train det gate` as a user runs it, with detectors that find what is dark."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

import train
from tests.running import run_here, run_module, run_without
from textlines.files import sha256_of
from textlines.formats.history import History, Step, write_history
from textlines.formats.seen_images import SeenImages
from textlines.labels.tally import Tally
from textlines.regions.page_file import read_pages
from train.detection.detector import open_detector
from train.detection.tuned_file import PagesRecord, SettingsRecord, TunedFile
from train.seen import digests_of

pytest.importorskip("onnxruntime")

Make = Callable[..., Path]
PAGES = 12


def bars(folder: Path, seed: int, *, pages: int = PAGES, empty: int = 0, ink: int = 0) -> Path:
    """Write pages of two bars each, somewhere, and as many without any; return the label file."""
    random = np.random.default_rng(seed)
    (folder / "images").mkdir(parents=True)
    rows = []
    for number in range(pages + empty):
        image = np.full((192, 256, 3), 255, np.uint8)
        image[0, 0] = number  # no two pages are the same file
        marks = []
        for top in (30, 110) if number < pages else ():
            left, width = int(random.integers(30, 60)), int(random.integers(100, 160))
            image[top : top + 24, left : left + width] = ink
            corners = [(-8, -8), (width + 8, -8), (width + 8, 32), (-8, 32)]
            points = [[left + x, top + y] for x, y in corners]
            marks.append({"transcription": "ok", "points": points})
        name = f"images/{seed}-{number}.png"
        cv2.imwrite(str(folder / name), image)
        rows.append(f"{name}\t{json.dumps(marks)}\n")
    (folder / "Label.txt").write_text("".join(rows), encoding="utf-8")
    return folder / "Label.txt"


class World:
    """A base that takes what is white for one line, a candidate that finds bars, and two sets."""

    def __init__(self, make: Make, folder: Path) -> None:
        self.folder = folder
        self.base = make("base/model.onnx", steep=-6.0)
        self.candidate = make("candidate/model.onnx")
        self.target = bars(folder / "target", 1)
        self.general = bars(folder / "general", 2, empty=6)

    def words(self, *more: object, **changed: object) -> list[object]:
        """Return the words of a call."""
        asked: dict[str, object] = {
            "base": self.base,
            "candidate": self.candidate,
            "target": f"bars={self.target}",
            "general": f"others={self.general}",
            **changed,
        }
        named = [word for name, value in asked.items() for word in (f"--{name}", value)]
        return ["train", "det", "gate", *named, "--workers", 1, *more]

    def tuned(self, name: str, model: Path, searched: Path, **changed: object) -> Path:
        """Write settings as they are tuned for a model, searched on some pages."""
        detector = open_detector(str(model))
        deployed = SettingsRecord.of(detector.settings)
        pages = {
            "labels": searched.as_posix(),
            "sha256": sha256_of(searched),
            "pages": len(searched.read_text(encoding="utf-8").splitlines()),
            "regions": 2,
            "hmean": {"before": 0.5, "after": 0.5},
        }
        record = PagesRecord.model_validate(pages)
        path = self.folder / name
        TunedFile(
            model=str(model),
            model_files=dict(detector.hashes()),
            objective="hmean",
            tried=1,
            memory_mb=1,
            settings=deployed.model_copy(update=changed),
            deployed=deployed,
            searched=record,
            judged=record,
        ).write(path)
        return path


@pytest.fixture
def world(detector_file: Make, tmp_path: Path) -> World:
    """Return a world of files of its own."""
    return World(detector_file, tmp_path)


def test_a_candidate_that_finds_the_lines_passes_in_every_form(world: World) -> None:
    html, out, boxes = (world.folder / name for name in ("v.html", "v.json", "boxes"))
    done = run_here(*world.words("--html", html, "--json", out, "--out", boxes, "--lang", "en"))
    assert done.returncode == 0, done.stderr + done.stdout
    assert done.stdout.splitlines()[0] == "PASSED"
    assert "no history: what was seen is not known" in done.stdout
    assert "no tuned settings: on the target each is judged as deployed" in done.stdout
    assert "others (each as deployed): 6 pages without text, 6 with a box before" in done.stdout
    verdict = json.loads(out.read_text(encoding="utf-8"))
    assert (verdict["version"], verdict["judged"], verdict["outcome"]) == (1, "detector", "passed")
    rows = {(row["set"], row["settings"]): row for row in verdict["sets"]}
    assert rows.keys() == {("bars", "deployed"), ("others", "deployed")}
    hmean = rows["bars", "deployed"]["hmean"]
    assert (hmean["before"], hmean["after"]) == (0.0, 1.0)
    negatives = rows["others", "deployed"]["negatives"]
    assert (negatives["pages"], negatives["before"], negatives["after"]) == (6, 6, 0)
    assert len(verdict["changed"]) == 2 * PAGES + 6
    page = html.read_text(encoding="utf-8")
    assert page.startswith("<!doctype html") and "bars: pages that won most" in page
    assert page.count("data:image/jpeg;base64,") == 12
    found = list(read_pages(boxes / "candidate/others.deployed.txt", tally=Tally(),
                            images=world.general.parent))  # fmt: skip
    assert [len(one.regions) for one in found] == [2] * PAGES + [0] * 6
    # The same call replaces what it wrote itself, and a call from Python says the same.
    again = run_here(*world.words("--html", html, "--json", out, "--out", boxes))
    assert again.returncode == 0, again.stderr
    told = train.det_gate(
        train.DetGateRequest(
            base=str(world.base),
            candidate=str(world.candidate),
            target=(train.NamedPages(world.target, "bars"),),
            general=(train.NamedPages(world.general, "others"),),
            workers=1,
        )
    )
    assert json.loads(told.to_json()) == verdict


def test_the_exit_code_is_that_of_the_process(world: World) -> None:
    done = run_module(
        *map(str, world.words(base=world.candidate, candidate=world.base)), cwd=Path.cwd()
    )
    assert done.returncode == 1, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == "FAILED" and lines[2].startswith("Do not release it.")
    for title in ("The target got better", "others is not detected worse", "Pages without text"):
        assert any(line.startswith("FAILED") and title in line for line in lines[1:]), title


def test_the_same_model_elsewhere_cannot_tell(world: World) -> None:
    copy = world.folder / "copy.onnx"
    shutil.copy(world.candidate, copy)
    done = run_here(*world.words(base=copy))
    assert done.returncode == 3, done.stderr
    assert "base and candidate are the same files in two places" in done.stdout
    assert "no gain is seen that more pages could prove" in done.stdout


def test_each_is_judged_at_its_own_settings_and_at_those_of_the_base(world: World) -> None:
    """A candidate whose settings were spoilt for the target is good at those of the base alone."""
    searched = bars(world.folder / "searched", 3)
    base = world.tuned("base.toml", world.base, searched)
    spoilt = world.tuned("spoilt.toml", world.candidate, searched, min_size=999)
    out = world.folder / "v.json"
    words = ("--base-tuned", base, "--candidate-tuned", spoilt, "--json", out)
    done = run_here(*world.words(*words))
    assert done.returncode == 3, done.stdout + done.stderr
    verdict = json.loads(out.read_text(encoding="utf-8"))
    rows = {(row["set"], row["settings"]): row["hmean"]["after"] for row in verdict["sets"]}
    assert rows == {("bars", "tuned"): 0, ("bars", "as_base"): 1, ("others", "as_base"): 1}
    assert verdict["settings"]["candidate"]["target"]["min_size"] == 999
    assert base.as_posix() in verdict["inputs"]
    also = run_here(*world.words(*words, "--general-tuned", f"others={base},{spoilt}"))
    assert also.returncode == 3, also.stdout + also.stderr
    assert "others is not detected worse (each as tuned for these pages)" in also.stdout


def test_settings_that_were_searched_on_the_judged_pages_are_refused(world: World) -> None:
    files = world.tuned("b.toml", world.base, world.target), world.tuned(
        "c.toml", world.candidate, world.target
    )  # fmt: skip
    words = ("--base-tuned", files[0], "--candidate-tuned", files[1])
    done = run_here(*world.words(*words))
    assert done.returncode == 3 and done.stdout.startswith("CANNOT TELL (refused)\n")
    assert f"bars: {PAGES} of {PAGES} images were seen, by tune on {world.target}" in done.stdout
    assert "this very file by: tune on" in done.stdout
    allowed = run_here(*world.words(*words, "--allow-seen"))
    assert allowed.returncode == 0, allowed.stderr + allowed.stdout
    first = allowed.stdout.splitlines()[0]
    assert first == "PASSED · on pages that earlier steps saw (--allow-seen)"


def test_a_page_of_the_search_is_found_under_another_name_and_file(world: World) -> None:
    searched = bars(world.folder / "searched", 3)
    image = read_one(world.target)
    shutil.copy(image, searched.parent / "images/3-0.png")
    words = [
        *("--base-tuned", world.tuned("b.toml", world.base, searched)),
        *("--candidate-tuned", world.tuned("c.toml", world.candidate, searched)),
    ]
    done = run_here(*world.words(*words))
    assert done.returncode == 3, done.stdout
    assert f"bars: 1 of {PAGES} images was seen, by tune on" in done.stdout.replace("were", "was")
    # Where the pages of the search are gone, nobody knows which they were.
    shutil.rmtree(searched.parent)
    gone = run_here(*world.words(*words))
    assert gone.returncode == 0, gone.stdout + gone.stderr
    assert f"was searched on {searched}, whose images are not there as they were" in gone.stdout


def read_one(labels: Path) -> Path:
    """Return the image of the first page."""
    return next(iter(read_pages(labels, tally=Tally()))).image


def test_pages_that_the_candidate_trained_on_are_refused(world: World) -> None:
    digests, _ = digests_of([read_one(world.general)])
    step = Step(step="train on", file="mix.txt", sha256="0" * 64, lines=1, round=1)
    write_history(History().with_step(step, SeenImages.of(digests)), world.candidate.parent)
    out, html = world.folder / "v.json", world.folder / "v.html"
    done = run_here(*world.words("--json", out, "--html", html))
    assert done.returncode == 3, done.stderr
    assert "others: 1 of 18 images were seen, by round 1: train on mix.txt (1)" in done.stdout
    verdict = json.loads(out.read_text(encoding="utf-8"))
    assert verdict["is_refused"] and not verdict["sets"] and not verdict["looks"]
    assert "Judge on other pages" in html.read_text(encoding="utf-8")


def test_a_history_that_saw_other_pages_clears_these(world: World) -> None:
    write_history(History(), world.candidate.parent)
    done = run_here(*world.words())
    assert done.returncode == 0, done.stderr
    assert "0 earlier steps saw 0 images, none of these" in done.stdout


def test_lines_are_read_from_the_boxes_of_both(world: World, tiny: Any) -> None:
    out = world.folder / "v.json"
    words = ("--recognizer", tiny.path, "--objective", "reading", "--json", out)
    done = run_here(*world.words(*words))
    assert done.returncode in (1, 3), done.stderr  # it reads no "ok" from a bar
    verdict = json.loads(out.read_text(encoding="utf-8"))
    assert (verdict["objective"], verdict["recognizer"]) == ("reading", "tiny.onnx")
    assert all(row["reading"] is not None for row in verdict["sets"])
    keys = [one["key"] for one in verdict["criteria"]]
    assert keys == ["unseen", "target_gain", "general_hmean", "general_reading", "negatives"]
    assert any(name.startswith(f"{tiny.path}/") for name in verdict["inputs"])


def test_pages_that_another_has_too_or_that_are_broken_are_counted(world: World) -> None:
    images = world.target.parent / "images"
    shutil.copy(images / "1-0.png", images / "1-1.png")
    (images / "1-2.png").write_bytes(b"nothing")
    done = run_here(*world.words())
    assert done.returncode == 0, done.stderr
    assert "image that an earlier line or set has too, left out: 1" in done.stdout
    assert "page whose image cannot be decoded, left out: 1" in done.stdout
    assert f"{PAGES - 2}" in done.stdout.split("bars", 1)[1]


def test_without_a_target_it_cannot_tell(world: World) -> None:
    words = world.words()
    at = words.index("--target")
    done = run_here(*words[:at], *words[at + 2 :])
    assert done.returncode == 3 and "no page to judge on: label some" in done.stdout


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["--target", "none.txt"], 1, "none.txt: the page label file is not there"),
        (["--general", "again=TARGET"], 2, "are the same file"),
        (["--general", "bars=OTHER"], 2, "are both called bars"),
        (["--general", "COPY"], 2, "shares 12 of its 12 images with the target bars"),
        (["--general", "EMPTY"], 1, "holds no page (it is empty)"),
        (["--candidate", "BASE"], 2, "are the same model"),
        (["--base-tuned", "TUNED"], 2, "--candidate-tuned: is missing"),
        (["--candidate-tuned", "TUNED"], 2, "--base-tuned: is missing"),
        (
            ["--base-tuned", "TUNED", "--candidate-tuned", "TUNED"],
            1,
            "was tuned for another model (BASE) than --candidate",
        ),
        (["--general-tuned", "more=TUNED,TUNED"], 2, "names no general set (there is others)"),
        (["--general-tuned", "TUNED"], 2, "does not name a set and two files"),
        (["--objective", "reading"], 2, "--objective reading: needs a --recognizer"),
        (["--dictionary", "d.txt"], 2, "--dictionary: belongs to --recognizer"),
        (["--delta", "0"], 2, "Invalid value for '--delta'"),
        (["--json", "TARGET"], 2, "--json"),
    ],
)
def test_errors_are_one_message_and_an_exit_code(
    words: list[str], code: int, told: str, world: World
) -> None:
    other = bars(world.folder / "other", 4, pages=1)
    copy = world.folder / "copy/Label.txt"
    shutil.copytree(world.target.parent, copy.parent)
    copy.write_text(world.target.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    empty = world.folder / "empty.txt"
    empty.write_text("", encoding="utf-8")
    tuned = world.tuned("tuned.toml", world.base, other)
    named = {"TARGET": world.target, "OTHER": other, "COPY": copy, "EMPTY": empty}
    named |= {"BASE": world.base, "TUNED": tuned}
    for name, path in named.items():
        words = [word.replace(name, str(path)) for word in words]
        told = told.replace(name, str(path))
    call = world.words()
    if words[0] in call and words[0] != "--general":
        call[call.index(words[0]) + 1] = words[1]
        words = words[2:]
    done = run_here(*call, *words)
    assert (done.returncode, told in " ".join(done.stderr.split())) == (code, True), done.stderr
    assert "Traceback" not in done.stderr


def test_without_what_measures_polygons_the_install_line_is_named(world: World) -> None:
    done = run_without(("shapely", "pyclipper"), *map(str, world.words()))
    assert (done.returncode, done.stdout) == (1, "")
    assert "train det gate: needs shapely and pyclipper" in done.stderr


def test_its_help_loads_nothing_heavy() -> None:
    code = (
        "import sys; sys.argv = ['train', 'det', 'gate', '--help']\n"
        "import train.cli\n"
        "try:\n    train.cli.main()\nexcept SystemExit:\n    pass\n"
        "print(sorted({'cv2', 'numpy', 'paddle', 'shapely', 'onnxruntime'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.rstrip().endswith("[]"), done.stdout[-300:] + done.stderr
