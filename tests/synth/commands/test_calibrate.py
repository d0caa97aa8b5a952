"""`synth calibrate` and `synth harvest`, as a user runs them."""

import json
from pathlib import Path

import cv2
import pytest

from synth.api import Renderer
from synth.rendering.style import load_style
from tests.running import run_module, run_without

pytest.importorskip("onnxruntime")
pytest.importorskip("rapidocr_onnxruntime")
pytest.importorskip("cma")

TEXTS = tuple(f"{word}{number}" for number, word in enumerate(["Total", "Rest", "Nr", "Sum"] * 7))


@pytest.fixture(scope="module")
def crops(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """White print on dark blue, 30 pixels high."""
    folder = tmp_path_factory.mktemp("calibrate") / "crops"
    folder.mkdir()
    style = {
        "surfaces": {"plain": {"p": 1}},
        "palette": [{"ground": "#102050", "ink": "#f0f0f0"}],
        "output": {"native": 30},
    }
    renderer = Renderer(style, alphabet=sorted(set("".join(TEXTS))), seed=3)
    for number, text in enumerate(TEXTS):
        cv2.imwrite(str(folder / f"{number:02}.png"), renderer.render(text, number).image)
    labels = "".join(f"crops/{number:02}.png\t{text}\n" for number, text in enumerate(TEXTS))
    (folder.parent / "rec_gt.txt").write_text(labels)
    return folder


def test_a_style_is_fitted_to_crops(crops: Path, tmp_path: Path) -> None:
    out, html = tmp_path / "mine.toml", tmp_path / "fit.html"
    labels = crops.parent / "rec_gt.txt"
    done = run_module(
        *("synth", "calibrate", "--crops", crops.parent, "--labels", labels, "--out", out),
        *("--html", html, "--trials", "5", "--workers", "1", "--json", "--lang", "ko"),
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["trials"] == 5 and told["kinds"] == ["text"]
    assert {"frechet", "auc"} == set(told["before"]) == set(told["after"]) == set(told["real"])
    assert told["lines"]["fitted"] == told["lines"]["judged"] >= 12
    style = load_style(str(out))
    assert all(pair.ink > "#90" and pair.ground < "#60" for pair in style.palette)
    page = html.read_text(encoding="utf-8")
    assert page.count("<figure") >= 12 and "맞춘 스타일" in page
    texts = tmp_path / "texts.txt"
    texts.write_text("\n".join(TEXTS[:5]) + "\n")
    drawn = run_module(
        *("synth", "generate", "--style", out, "--text-list", texts, "--count", "5"),
        *("--workers", "1", "--out", tmp_path / "run"),
    )
    assert drawn.returncode == 0, drawn.stderr


def test_grounds_are_harvested_and_drawn_on(crops: Path, tmp_path: Path) -> None:
    out = tmp_path / "grounds"
    done = run_module("synth", "harvest", "--crops", crops, "--out", out, "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["grounds"] == len(list(out.iterdir())) >= 10
    again = run_module("synth", "harvest", "--crops", crops, "--out", tmp_path / "b", "--json")
    assert json.loads(again.stdout)["grounds"] == told["grounds"]
    assert {file.name for file in (tmp_path / "b").iterdir()} == {f.name for f in out.iterdir()}
    texts = tmp_path / "texts.txt"
    texts.write_text("\n".join(TEXTS[:5]) + "\n")
    drawn = run_module(
        *("synth", "generate", "--style", "document", "--set", "photos.p=1", "--count", "5"),
        *("--text-list", texts, "--workers", "1", "--backgrounds", out, "--out", tmp_path / "run"),
    )
    assert drawn.returncode == 0, drawn.stderr


def test_a_folder_without_crops_is_told(tmp_path: Path) -> None:
    (tmp_path / "crops").mkdir()
    done = run_module(
        "synth", "calibrate", "--crops", tmp_path / "crops", "--out", tmp_path / "a.toml"
    )
    assert done.returncode == 1 and "holds 0 lines that a style can be fitted to" in done.stderr
    assert not (tmp_path / "a.toml").exists()


def test_a_style_of_the_users_is_not_replaced(crops: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine.toml"
    mine.write_text("about = 'kept'\n")
    done = run_module("synth", "calibrate", "--crops", crops, "--out", mine)
    assert done.returncode == 2 and mine.read_text() == "about = 'kept'\n"


def test_without_its_libraries_the_command_says_how_to_install_them(
    crops: Path, tmp_path: Path
) -> None:
    done = run_without(
        ("cma",), "synth", "calibrate", "--crops", crops, "--out", tmp_path / "a.toml"
    )
    assert done.returncode == 1 and "cma" in done.stderr and "[calibrate]" in done.stderr
    assert "crops read" not in done.stderr
