"""`train det evaluate` and `train det mine`, with a detector that finds what is dark on a page."""

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import cv2
import numpy as np
import pytest

import train
from tests.documents import json_keys
from tests.running import run_here, run_without
from tests.train.detection.made_pages import box
from textlines.labels.tally import Tally
from textlines.pixels.arrays import Image
from textlines.regions import Detected
from textlines.regions.page_file import LabelledRegion, read_pages, write_pages
from train.detection.tuned_file import TunedFile


@dataclass(frozen=True)
class Settings:
    limit_side_len: int = 960
    thresh: float = 0.3

    def input_size(self, height: int, width: int) -> tuple[int, int]:
        return height, width


class Dark:
    """Finds the frames of what is dark."""

    name = "dark 1.0"

    def __init__(self, model: str) -> None:
        self.source = SimpleNamespace(name=Path(model).name)
        self.settings: Any = Settings()

    def hashes(self) -> dict[str, str]:
        return {"dark.onnx": "0" * 64}

    def with_settings(self, settings: Any) -> "Dark":
        other = Dark(self.source.name)
        other.settings = settings
        return other

    def boxes(self, image: Image) -> list[Detected]:
        ink = (image.max(axis=2) < 128).astype(np.uint8)
        count, _, frames, _ = cv2.connectedComponentsWithStats(ink)
        return [Detected(box(*map(float, frames[at][:4])), 0.9) for at in range(1, count)]


@pytest.fixture(autouse=True)
def dark(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a small detector of ours be opened in the place of a network."""
    module: Any = ModuleType("train.detection.detector")
    module.open_detector = Dark
    monkeypatch.setitem(sys.modules, "train.detection.detector", module)


Frame = tuple[float, float, float, float]


def page(folder: Path, name: str, inked: list[Frame], labelled: list[tuple[str, Frame]]) -> Any:
    image = np.full((300, 400, 3), 245, np.uint8)
    for left, top, width, height in inked:
        corner = (int(left + width) - 1, int(top + height) - 1)
        cv2.rectangle(image, (int(left), int(top)), corner, (10,) * 3, -1)
    (folder / name).write_bytes(cv2.imencode(".png", image)[1].tobytes())
    return name, [LabelledRegion(box(*frame), text, "") for text, frame in labelled]


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    """Two pages with text, of which one line is missed, and one without, with a stain."""
    line, word, missed = (20, 20, 120, 20), (200, 20, 60, 20), (20, 200, 90, 20)
    rows = [
        page(tmp_path, "a.png", [line, word], [("Total", line), ("12", word)]),
        page(tmp_path, "b.png", [line], [("total", line), ("34", missed)]),
        page(tmp_path, "empty.png", [(300, 200, 30, 20)], []),
    ]
    write_pages(tmp_path / "Label.txt", rows)
    return tmp_path / "Label.txt"


def test_a_detector_is_measured(labels: Path, tmp_path: Path) -> None:
    out = tmp_path / "made" / "figures.json"
    ran = run_here(
        *("train", "det", "evaluate", "--model", "m/dark", "--labels", labels, "--out", out)
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.startswith("3 pages, 4 labels, 4 boxes by dark, 3 matched")
    assert "recall     0.750" in ran.stdout and "precision  0.750" in ran.stdout
    assert "1 page without text: 1 false box" in ran.stdout
    assert "note: page without a labelled region: a negative: 1" in ran.stdout
    assert ran.stdout.endswith(f"figures: {out}\n")
    written = json.loads(out.read_text(encoding="utf-8"))
    assert [one["path"] for one in written["by_page"]] == ["a.png", "b.png", "empty.png"]
    assert written["settings"] == {"limit_side_len": 960, "thresh": 0.3}
    assert labels.as_posix() in written["inputs"] and "m/dark/dark.onnx" in written["inputs"]
    # The same call replaces what it wrote itself.
    again = run_here(
        *("train", "det", "evaluate", "--model", "dark", "--labels", tmp_path, "--out", out)
    )
    assert again.returncode == 0, again.stderr


def test_lines_are_read_from_boxes_and_from_labels(labels: Path, tiny: Any) -> None:
    words = ("--model", "dark", "--labels", labels, "--recognizer", tiny.path)
    ran = run_here("train", "det", "evaluate", *words, "--json")
    assert ran.returncode == 0, ran.stderr
    told = json.loads(ran.stdout)
    assert told.keys() == json_keys("train det evaluate")
    assert told["readings"]["all"]["lines"] == 4
    assert told["recognizer"] == "tiny.onnx" and "engine" in told["versions"]
    assert any(name.startswith(f"{tiny.path}/") for name in told["inputs"])


def test_what_is_missed_is_told_and_shown(labels: Path, tmp_path: Path) -> None:
    html, out = tmp_path / "det.html", tmp_path / "det.json"
    words = ("--model", "dark", "--labels", labels, "--html", html, "--out", out)
    ran = run_here("train", "det", "mine", *words)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.startswith("1 of 4 labels have no box, most of them missed (1).")
    assert ran.stdout.endswith(f"figures: {out}\npage: {html}\n")
    shown = html.read_text(encoding="utf-8")
    assert shown.startswith("<!doctype html>") and "&#39;34&#39;: 20 px high" in shown
    told = json.loads(run_here("train", "det", "mine", *words[:4], "--json").stdout)
    assert told.keys() == json_keys("train det mine")
    written = json.loads(out.read_text(encoding="utf-8"))
    assert written["bins"] == told["bins"]
    assert len(written["evaluation"]["by_page"]) == 3 and "by_page" not in told["evaluation"]


def test_by_a_call_and_by_the_command_are_the_same(labels: Path) -> None:
    words = ("--model", "dark", "--labels", labels, "--json")
    evaluated = json.loads(run_here("train", "det", "evaluate", *words).stdout)
    assert train.det_evaluate(train.DetEvaluateRequest(model="dark", labels=labels)) == evaluated
    mined = json.loads(run_here("train", "det", "mine", *words).stdout)
    assert train.det_mine(train.DetMineRequest(model="dark", labels=labels)) == mined


@pytest.mark.parametrize("name", ["evaluate", "mine"])
@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "holds no page (it is empty). Name a page label file"),
        ("gone.png\t[]\n", "holds no page (page whose image is not there, left out: 1"),
        ("a.png\ttext\n", "is a recognition label file of PaddleOCR, and no page label file."),
        ("broken.png\t[]\n", "none of its 1 pages can be decoded. Is --images right?"),
    ],
)
def test_labels_that_give_no_page_end_with_the_way_out(
    name: str, content: str, told: str, tmp_path: Path
) -> None:
    page(tmp_path, "a.png", [], [])
    (tmp_path / "broken.png").write_bytes(b"nothing")
    (tmp_path / "l.txt").write_text(content, encoding="utf-8")
    ran = run_here("train", "det", name, "--model", "dark", "--labels", tmp_path / "l.txt")
    assert (ran.returncode, ran.stdout) == (1, "")
    assert f"{tmp_path / 'l.txt'}: {told}" in ran.stderr, ran.stderr


def test_a_page_that_cannot_be_decoded_is_told_of(labels: Path) -> None:
    (labels.parent / "b.png").write_bytes(b"nothing")
    ran = run_here("train", "det", "evaluate", "--model", "dark", "--labels", labels)
    assert ran.returncode == 0 and ran.stdout.startswith("2 pages, 2 labels")
    assert "note: page whose image cannot be decoded, left out: 1" in ran.stdout
    strict = run_here("train", "det", "mine", "--model", "dark", "--labels", labels, "--strict")
    assert strict.returncode == 1 and f"{labels.parent / 'b.png'}: is not an image" in strict.stderr


def test_strict_stops_at_the_first_region_that_is_none(labels: Path) -> None:
    crossed = {"transcription": "x", "points": [[0, 0], [40, 20], [40, 0], [0, 20]]}
    more = f"c.png\t{json.dumps([crossed])}\n"
    page(labels.parent, "c.png", [], [])
    labels.write_text(labels.read_text(encoding="utf-8") + more, encoding="utf-8")
    words = ("train", "det", "evaluate", "--model", "dark", "--labels", labels)
    loose = run_here(*words)
    assert loose.returncode == 0
    assert "region whose outline crosses or touches itself, left out: 1" in loose.stdout
    ran = run_here(*words, "--strict")
    assert ran.returncode == 1 and f"{labels}:4, line 1: region whose outline" in ran.stderr
    assert len(list(read_pages(labels, tally=Tally()))) == 4


def test_a_dictionary_without_a_recognizer_is_refused(labels: Path) -> None:
    words = ("--model", "dark", "--labels", labels, "--dictionary", "d.txt")
    ran = run_here("train", "det", "evaluate", *words)
    assert ran.returncode == 2 and "--dictionary: belongs to --recognizer" in ran.stderr


@pytest.mark.parametrize("name", ["evaluate", "mine"])
def test_without_what_measures_polygons_the_install_line_is_named(name: str, labels: Path) -> None:
    words = ("det", name, "--model", "m.onnx", "--labels", labels)
    ran = run_without(("shapely", "pyclipper"), "train", *words)
    assert (ran.returncode, ran.stdout) == (1, "")
    assert f"train det {name}: needs shapely and pyclipper, which are not installed" in ran.stderr
    assert "[detect]" in ran.stderr and ran.stderr.count("\n") == 1


def test_tuned_settings_take_the_place_of_those_as_deployed(labels: Path, tmp_path: Path) -> None:
    settings = {
        **{"limit_side_len": 320, "limit_type": "max", "max_side_limit": 4000, "thresh": 0.2},
        **{"box_thresh": 0.4, "unclip_ratio": 0.8, "use_dilation": False, "score_mode": "slow"},
        **{"box_type": "quad", "max_candidates": 1000, "min_size": 3},
    }
    pages = {"labels": "Label.txt", "sha256": "0" * 64, "pages": 2, "regions": 4}
    figure = {"before": 0.5, "after": 0.75}
    tuned = TunedFile.model_validate(
        {
            **{"model": "m/dark", "model_files": {}, "objective": "hmean"},
            **{"tried": 3, "memory_mb": 40, "settings": settings, "deployed": settings},
            **{key: {**pages, "hmean": figure} for key in ("searched", "judged")},
        }
    )
    tuned.write(tmp_path / "tuned.toml")
    ran = run_here(
        *("train", "det", "evaluate", "--model", "m/dark", "--labels", labels),
        *("--tuned", tmp_path / "tuned.toml", "--json"),
    )
    assert ran.returncode == 0, ran.stderr
    told = json.loads(ran.stdout)
    assert told["settings"]["limit_side_len"] == 320 and told["settings"]["score_mode"] == "slow"
    assert any(name.endswith("tuned.toml") for name in told["inputs"])


def test_what_is_no_file_of_tuned_settings_is_refused(labels: Path, tmp_path: Path) -> None:
    (tmp_path / "tuned.toml").write_text("limit = 3\n")
    ran = run_here(
        *("train", "det", "mine", "--model", "m/dark", "--labels", labels),
        *("--tuned", tmp_path / "tuned.toml", "--html", tmp_path / "x.html"),
    )
    assert ran.returncode == 1 and "is no file of tuned settings" in ran.stderr
