"""Advice on what to install works where it is given."""

import json
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Callable
from importlib.machinery import PathFinder
from pathlib import Path
from typing import NoReturn

import pytest

import textlines.installing as installing
from textlines.installing import install_line, installed_from, missing_modules, pip_line

ROOT = Path(installing.__file__).resolve().parent.parent
Write = Callable[[str, str | bytes], Path]


class Noted:
    """Stands for the installed distribution: what pip noted of where it came from."""

    def __init__(self, note: str | None) -> None:
        self.note = note

    def read_text(self, name: str) -> str | None:
        assert name == "direct_url.json"
        return self.note


@pytest.fixture
def noted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str | None], Path | None]:
    """Return a function that asks for the origin of an installed package with such a note."""

    def ask(note: str | None) -> Path | None:
        monkeypatch.setattr(installing, "distribution", lambda _: Noted(note))
        return installed_from(tmp_path / "site-packages")

    return ask


def test_a_checkout_is_named_with_its_constraints() -> None:
    words = shlex.split(install_line("train", "paddlepaddle"))
    start = [*shlex.split(pip_line()), "-c", str(ROOT / "constraints.txt")]
    assert words == [*start, "-e", f"{ROOT}[train]", "paddlepaddle"]


def test_a_wheel_that_is_still_there_is_named(
    noted: Callable[[str | None], Path | None], write_file: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel = write_file("my wheels/ocr_mend-0.1.0-py3-none-any.whl", "")
    note = json.dumps({"url": wheel.as_uri(), "archive_info": {}})
    assert noted(note) == wheel
    monkeypatch.setattr(installing, "installed_from", lambda: wheel)
    assert shlex.split(install_line("fonts"))[-1] == f"ocr-mend[fonts] @ {wheel.as_uri()}"


def test_a_checkout_that_was_copied_into_the_environment_is_named(
    noted: Callable[[str | None], Path | None], write_file: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("pyproject.toml", "constraints.txt"):
        place = write_file(f"checkout/{name}", "").parent
    assert noted(json.dumps({"url": place.as_uri(), "dir_info": {}})) == place
    monkeypatch.setattr(installing, "installed_from", lambda: place)
    words = shlex.split(install_line("fonts"))
    assert words[-3:] == ["-c", str(place / "constraints.txt"), f"{place}[fonts]"]


@pytest.mark.parametrize(
    "note", [None, "{}", "no json", "[]", '{"url": "file:///gone/ocr.whl"}', '{"url": "https://x"}']
)
def test_where_neither_is_there_the_line_says_where_to_type_it(
    noted: Callable[[str | None], Path | None], monkeypatch: pytest.MonkeyPatch, note: str | None
) -> None:
    assert noted(note) is None
    monkeypatch.setattr(installing, "installed_from", lambda: None)
    assert install_line("fonts").endswith("-e '.[fonts]' (in a checkout of ocr-mend)")


def test_an_environment_without_pip_is_installed_into_by_uv(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class NoPip:
        @staticmethod
        def find_spec(name: str) -> None:
            assert name == "pip"

    monkeypatch.setattr(installing, "PathFinder", NoPip)
    assert pip_line("pillow") == shlex.join(
        ["uv", "pip", "install", "--python", sys.executable, "pillow"]
    )


def test_missing_modules_are_named_in_order_and_none_is_imported() -> None:
    assert missing_modules("no_such_b", "json", "no_such_a.part") == ["no_such_b", "no_such_a.part"]


def test_pip_takes_the_line_as_it_is_printed(skip_or_fail: Callable[[str], NoReturn]) -> None:
    """The line's own words, with nothing fetched: no index, no dependency, nothing written."""
    for module in ("pip", "hatchling", "editables"):
        if PathFinder.find_spec(module) is None:  # `import pip` would keep setuptools from loading
            skip_or_fail(f"{module} is not installed (extra `dev`)")
    offline = ["--no-index", "--no-deps", "--no-build-isolation", "--dry-run"]
    run = subprocess.run(
        [*shlex.split(install_line("train,models,pipeline")), *offline],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert "does not provide the extra" not in run.stdout + run.stderr
    assert "Would install ocr-mend-" in run.stdout


def test_every_extra_that_is_advised_is_one_of_ours() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"][
        "optional-dependencies"
    ]
    advised = set()
    for tool in ("textlines", "synth", "balance", "train"):
        for path in (ROOT / tool).rglob("*.py"):
            text = path.read_text(encoding="utf-8")
            advised |= set(re.findall(r"install_line\(['\"]([a-z]+)['\"]", text))
            # Jobs of a batch system install what they need, on machines that hold nothing yet.
            if path.name not in ("installing.py", "batch_jobs.py"):
                assert not re.search(r"pip install [\"'\w-]|ocr-mend\[", text), path
    assert advised >= {"train", "fonts", "pipeline"}
    assert advised <= set(extras)
