"""README's ways to have the commands in an environment of their own; only in `make wheel`."""

import json
import os
import sys
import venv
from pathlib import Path

import pytest

from tests.documents import ROOT, blocks
from tests.installing.outside import run


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """Install pipx and uv into an environment apart, and name its folder of programs."""
    folder = tmp_path / "programs"
    venv.create(folder, with_pip=True)
    run(folder / "bin" / "python", "-m", "pip", "install", "--quiet", "pipx", "uv", cwd=tmp_path)
    return folder / "bin"


@pytest.mark.parametrize("tool", ["pipx", "uv"])
def test_readmes_environments_have_the_three_commands(
    programs: Path, tmp_path: Path, tool: str
) -> None:
    shown = [line for block in blocks("README.md") for line in block.lines()]
    (line,) = [one for one in shown if one.startswith(f"{tool} ")]
    home = tmp_path / "home"
    home.mkdir()
    places = {
        "HOME": str(home),
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
        "PIPX_DEFAULT_PYTHON": sys.executable,
        "UV_PYTHON": sys.executable,
        "UV_PYTHON_DOWNLOADS": "never",
    }
    run("sh", "-ec", line, cwd=ROOT, **places)
    commands = home / ".local" / "bin"
    assert {path.name for path in commands.iterdir()} >= {"synth", "balance", "train"}
    # 1: where libGL is missing and opencv-python was installed last, as the doctor then says.
    told = json.loads(run(commands / "synth", "doctor", "--json", cwd=home, codes=(0, 1), **places))
    held = {check["name"]: check for check in told}
    assert held["package names"]["status"] == "ok"
    assert "opencv-python-headless 4.10.0.84" in held["cv2"]["found"]
    if tool == "pipx":
        # It runs as it is printed, from any folder.
        line = held["trdg"]["advice"].partition(": ")[2]
        run("sh", "-ec", line, cwd=home, **places)
        told = json.loads(
            run(commands / "synth", "doctor", "--json", cwd=home, codes=(0, 1), **places)
        )
        held = {check["name"]: check for check in told}
    assert held["trdg"]["found"] == "1.8.0"
    assert "opencv-python 4.10.0.84" in held["cv2"]["found"]
