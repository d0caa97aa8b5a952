"""Parts of other packages: the worked example of the documents, installed and drawn with."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from synth import plugins
from synth.corpus.corpus_files import load_corpus
from synth.plugins import plugin_parts
from synth.rendering.bends import bent_boxes
from synth.rendering.looks import bind
from synth.rendering.style import make_style
from tests.running import files_of, run_module
from textlines.errors import UsageError

DOCS = Path(__file__).resolve().parents[2] / "docs"
NAMED = re.compile(r"```(?:toml|python)\n# ([\w.]+)\n(.*?)```", re.DOTALL)


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the files of the example and install its package; return their folder."""
    folder = tmp_path_factory.mktemp("my-looks")
    written = NAMED.findall((DOCS / "styles.md").read_text(encoding="utf-8"))
    for name, text in written:
        (folder / name).write_text(text, encoding="utf-8")
    assert [name for name, _ in written] == [
        "pyproject.toml",
        "my_looks.py",
        "mine.toml",
        "texts.toml",
    ]
    words = ["--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    done = subprocess.run(
        [sys.executable, "-m", "pip", "install", *words, "--target", folder / "site", folder],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return folder


def drawn(example: Path, out: Path, *words: object) -> dict[str, bytes]:
    """Draw the example; return the files of its run."""
    before = os.environ.get("PYTHONPATH", "")
    path = os.pathsep.join(filter(None, (str(example / "site"), before)))
    done = run_module(
        *("synth", "generate", "--style", example / "mine.toml"),
        *("--corpus", example / "texts.toml", "--count", "24", "--repeat-cap", "0"),
        *("--seed", "3", "--out", out, *map(str, words)),
        env={**os.environ, "PYTHONPATH": path},
    )
    assert done.returncode == 0, done.stderr
    return files_of(out)


def test_the_worked_example_draws_with_its_parts(example: Path, tmp_path: Path) -> None:
    files = drawn(example, tmp_path / "one", "--workers", 1)
    assert files == drawn(example, tmp_path / "two", "--workers", 2)
    rows = [json.loads(row) for row in files["manifest.jsonl"].splitlines()]
    assert {row["text"].split(",")[0] for row in rows} >= {"Bibimbap 8", "김치찌개 4"}
    lit = [row for row in rows if "sunbeam" in [name for name, _ in row["effects"]]]
    assert 4 <= len(lit) <= 20
    record = json.loads(files["run.json"])
    assert record["configuration"]["packages"] == {"my-looks": "1.0"}


class Offered:
    """Entry points of packages that are not installed."""

    def __init__(self, group: str, **parts: Callable[..., Any]) -> None:
        self.group, self.parts, self.version = group, parts, "1.0"

    @property
    def entry_points(self) -> "Offered":
        """Return itself, which is asked by group."""
        return self

    def __iter__(self) -> Any:
        return iter([self])

    def select(self, group: str) -> list[Any]:
        """Return what is offered for a group."""
        return [Entry(name, part) for name, part in self.parts.items() if group == self.group]


class Entry:
    """One entry point."""

    def __init__(self, name: str, part: Callable[..., Any]) -> None:
        self.name, self.value, self._part = name, f"looks:{name}", part

    def load(self) -> Callable[..., Any]:
        """Return the part, or fail as its import would."""
        if self.name == "broken":
            raise ImportError("no module named gone")
        return self._part


def same(image: Any, **params: float) -> Any:
    """Return an image as it is."""
    return image


def offering(monkeypatch: pytest.MonkeyPatch, group: str, **parts: Callable[..., Any]) -> None:
    """Let a package `looks` offer parts."""
    monkeypatch.setattr(plugins, "distribution", lambda name: Offered(group, **parts))


def test_a_package_that_is_not_there_is_refused() -> None:
    style = make_style({"plugins": ["no-such-package"]})
    with pytest.raises(UsageError, match=r"style 'table', plugins: there is no package no-such-p"):
        bind(style)


def test_a_package_without_parts_is_refused() -> None:
    with pytest.raises(UsageError, match=r"the package numpy offers no part.*ocr_mend\.light"):
        plugin_parts(["numpy"], "light", "here")


def test_nothing_is_loaded_that_is_not_named(monkeypatch: pytest.MonkeyPatch) -> None:
    offering(monkeypatch, "ocr_mend.light", broken=same)
    bind(make_style({}))
    with pytest.raises(UsageError, match=r"looks:broken of the package looks does not load"):
        bind(make_style({"plugins": ["looks"]}))
    with pytest.raises(UsageError, match=r"light\.beam: there is no such part"):
        bind(make_style({"light": {"beam": {}}}))


def test_a_name_of_ours_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    offering(monkeypatch, "ocr_mend.camera", jpeg=same)
    with pytest.raises(UsageError, match=r"camera\.jpeg is a part of ours"):
        bind(make_style({"plugins": ["looks"]}))


def test_geometry_is_ours_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    offering(monkeypatch, "ocr_mend.geometry", bend=same)
    with pytest.raises(UsageError, match=r"the package looks offers no part"):
        bind(make_style({"plugins": ["looks"], "geometry": {"bend": {}}}))


@pytest.mark.parametrize(
    ("result", "told"),
    [
        (
            np.zeros((4, 5, 3), np.float32),
            r"gives \(4, 5, 3\) of float32, not \(4, 5, 3\) of uint8",
        ),
        (np.zeros((4, 4, 3), np.uint8), r"gives \(4, 4, 3\) of uint8, not \(4, 5, 3\) of uint8"),
        (None, r"gives NoneType of no numbers"),
    ],
)
def test_what_is_no_image_is_refused(
    result: Any, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    offering(monkeypatch, "ocr_mend.light", beam=lambda image: result)
    looks = bind(make_style({"plugins": ["looks"], "light": {"beam": {}}}))
    with pytest.raises(UsageError, match=r"light\.beam: " + told):
        looks.light[0].apply(np.zeros((4, 5, 3), np.uint8))


def plane(height: int, width: int, *, down: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """Return where pixels of a line come from that is moved down."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float64)
    return x, y - down


def bending(monkeypatch: pytest.MonkeyPatch, part: Callable[..., Any]) -> Callable[..., Any]:
    """Return a bend that a package offers, as it is bound to a style."""
    offering(monkeypatch, "ocr_mend.bend", sway=part)
    looks = bind(make_style({"plugins": ["looks"], "bend": {"sway": {}}}))
    return looks.bend[0].apply


def test_a_bend_of_a_package_moves_boxes(monkeypatch: pytest.MonkeyPatch) -> None:
    apply = bending(monkeypatch, lambda height, width, box: plane(height, width, down=3))
    bend = apply(20, 40, (5, 4, 30, 12))
    assert bent_boxes(np.array([[5, 4, 30, 12]], np.int32), bend).tolist() == [[5, 7, 30, 15]]


@pytest.mark.parametrize(
    ("part", "told"),
    [
        (lambda height, width, box: None, r"gives NoneType, not x and y of \(20, 40\) numbers"),
        (
            lambda height, width, box: plane(height, width + 1),
            r"gives \(20, 41\) and \(20, 41\), not",
        ),
        (
            lambda height, width, box: plane(height, width, down=float("nan")),
            r"gives \(20, 40\) and \(20, 40\), not x and y",
        ),
        (
            lambda height, width, box: plane(height, width, down=11),
            r"moves ink out of a line of 40 x 20 pixels.*\(5, 4, 30, 12\) has to stay inside",
        ),
        (
            lambda height, width, box: plane(height, width, down=40),
            r"moves ink out of a line of 40 x 20 pixels",
        ),
    ],
)
def test_a_bend_that_is_none_or_cuts_ink_is_refused(
    part: Callable[..., Any], told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    apply = bending(monkeypatch, part)
    with pytest.raises(UsageError, match=r"bend\.sway: " + told):
        apply(20, 40, (5, 4, 30, 12))


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("looks:menu", r"source 'mine': the package looks has no source 'menu'.*lists, lines"),
        ("looks:lists", r"looks:lists yields \['a'\], which is no line of text"),
        ("looks:lines", r"looks:lines yields 'a\\nb', which is no line of text"),
    ],
)
def test_what_are_no_texts_is_refused(
    path: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    offering(monkeypatch, "ocr_mend.texts", lists=lambda: [["a"]], lines=lambda: ["a\nb"])
    corpus = tmp_path / "mine.toml"
    corpus.write_text(f'[[source]]\nname = "mine"\nkind = "plugin"\npath = "{path}"\n')
    with pytest.raises(UsageError, match=told):
        load_corpus(corpus)


def test_texts_are_tidied_cut_and_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = ["  one  line ", "", "several words that are longer than twenty-five characters"]
    offering(monkeypatch, "ocr_mend.texts", menu=lambda: iter(lines))
    corpus = tmp_path / "mine.toml"
    corpus.write_text('[[source]]\nname = "mine"\nkind = "plugin"\npath = "looks:menu"\n')
    read = load_corpus(corpus)
    assert read.lines[0].texts[0] == "one line"
    assert all(len(text) <= 25 for text in read.lines[0].texts)
    assert any("looks:menu:2" in line for line in read.tally.lines())
