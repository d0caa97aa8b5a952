"""`tools/house.py` on a small tree: what it counts, and what it says of walks."""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

HOUSE = Path(__file__).resolve().parents[2] / "tools/house.py"

TREE = {
    "textlines/__init__.py": '"""The ground floor."""\n',
    "textlines/lines.py": '"""Lines."""\n\n\nclass Line:\n    """Give a line."""\n',
    "synth/lines.py": (
        '"""Lines drawn."""\n\nfrom textlines.lines import Line\n\n\n'
        "def drawn(found: Line) -> Line:\n    return found\n"
    ),
    "synth/job/__init__.py": "",
    "synth/job/begin.py": (
        '"""Begin."""\n\nfrom synth.lines import drawn\n\n\n'
        "def begin():\n    from synth.job import end\n    return end.end(drawn(None))\n"
    ),
    "synth/job/end.py": (
        '"""End."""\n\nfrom typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n'
        "    from synth.lines import drawn\n\n\n"
        "def end(line):\n    import synth.job.begin\n    return line\n"
    ),
    "balance/other.py": '"""Another line."""\n\n\nclass Line:\n    """Return nothing."""\n',
}


def walk(*stops: str, most: int = 9) -> str:
    """Return a walk as TOML."""
    return f'[[walks]]\nname = "a line"\nmost = {most}\nstops = {json.dumps(stops)}\n'


def house(
    root: Path, walks: str, *options: str, tree: Mapping[str, str] = TREE
) -> subprocess.CompletedProcess[str]:
    """Write a tree and ask for its figures."""
    for name, text in tree.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (root / "walks.toml").write_text(walks, encoding="utf-8")
    return subprocess.run(
        [sys.executable, HOUSE, "--root", root, "--walks", root / "walks.toml", *options],
        capture_output=True,
        text=True,
        check=False,
    )


def figures(text: str) -> dict[str, int]:
    """Read the figures that were printed."""
    rows = (line.split(maxsplit=1) for line in text.splitlines() if " modules, " not in line)
    return {name: int(value.replace(",", "")) for value, name in rows}


def test_counts_modules_imports_and_names_that_repeat(tmp_path: Path) -> None:
    answer = house(tmp_path, "walks = []\n")
    assert answer.returncode == 0, answer.stderr
    counted = figures(answer.stdout)
    assert counted["modules"] == 5  # a docstring alone is no module
    assert counted["imports inside"] == 4  # what a type checker alone imports is none
    assert counted["file names in several folders"] == 1
    assert counted["classes of one name in several modules"] == 1
    assert counted["docstrings that begin with Give / Say / Tell"] == 1
    assert counted["values called one / found / own / told"] == 2


def test_lists_what_a_figure_counts(tmp_path: Path) -> None:
    cycles = house(tmp_path, "walks = []\n", "--list", "cycles").stdout
    assert cycles == "synth.job.begin <-> synth.job.end\n"
    names = house(tmp_path, "walks = []\n", "--list", "file names in several folders").stdout
    assert names == "lines.py: textlines, synth\n"


def test_a_walk_counts_files_and_has_no_gap(tmp_path: Path) -> None:
    stops = ["synth/job/begin.py:begin", "synth/lines.py:drawn", "textlines/lines.py:Line"]
    answer = house(tmp_path, walk(*stops))
    assert answer.returncode == 0, answer.stderr
    assert figures(answer.stdout)["files of the walk: a line"] == 3


def test_a_walk_over_a_definition_that_nobody_names_is_refused(tmp_path: Path) -> None:
    answer = house(tmp_path, walk("synth/job/begin.py:begin", "textlines/lines.py:Line"))
    assert answer.returncode == 1
    assert "textlines/lines.py:Line is named by no stop before it" in answer.stderr


def test_a_walk_to_what_is_gone_is_refused(tmp_path: Path) -> None:
    answer = house(tmp_path, walk("synth/job/begin.py:started"))
    assert answer.returncode == 1
    assert "synth/job/begin.py:started is not there" in answer.stderr


def test_a_walk_that_is_too_long_is_refused(tmp_path: Path) -> None:
    answer = house(tmp_path, walk("synth/job/begin.py:begin", "synth/lines.py:drawn", most=1))
    assert answer.returncode == 1
    assert "a line: 2 files, 1 at most" in answer.stderr


def test_stands_beside_the_figures_of_another_day(tmp_path: Path) -> None:
    record = tmp_path / "house.json"
    assert house(tmp_path, "walks = []\n", "--json", str(record)).returncode == 0
    fewer = {name: text for name, text in TREE.items() if not name.startswith("balance")}
    (tmp_path / "balance/other.py").unlink()
    lines = house(tmp_path, "walks = []\n", "--before", str(record), tree=fewer).stdout
    assert lines.splitlines()[0].split() == ["5", "4", "modules"]
