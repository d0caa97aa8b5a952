"""Strangers by our names, and which Paddle: what is seen, and advice that can be followed."""

import json
import os
import sys
from pathlib import Path

import pytest

import synth
from synth import doctor
from synth.doctor.distributions import (
    NAMES,
    PADDLE_TRIED,
    judge_converter,
    judge_paddle,
    judge_shadows,
)
from tests.running import run_module

ROOT = Path(synth.__file__).parent.parent
OURS = {name: ["ocr-mend"] for name in NAMES}


def doctors_word(cwd: Path, *path: Path) -> str:
    """Ask `synth doctor` in a folder, with further folders on the path, for the names it found."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([*map(str, path), str(ROOT)])}
    done = run_module("synth", "doctor", "--json", cwd=cwd, env=environment)
    (check,) = [one for one in json.loads(done.stdout) if one["name"] == "package names"]
    return f"{check['status']}: {check['found']}"


@pytest.mark.parametrize("name", ["train.py", "balance.py", "train/__init__.py"])
def test_what_shadows_ours_in_the_current_folder_is_named(tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    file.parent.mkdir(exist_ok=True)
    file.touch()
    told = doctors_word(tmp_path)
    shown = file.parent if file.name == "__init__.py" else file
    assert told.startswith("warn: ")
    assert f"{shown} (imported before ours)" in told


def test_what_shadows_ours_on_the_path_is_named(tmp_path: Path) -> None:
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "train.py").touch()
    (tmp_path / "here").mkdir()
    told = doctors_word(tmp_path / "here", tmp_path / "lib")
    assert f"{tmp_path / 'lib' / 'train.py'} (imported before ours)" in told


def test_textlines_of_a_stranger_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "textlines.py").touch()
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = run_module("synth", "doctor", cwd=tmp_path, env=environment)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith(
        f"synth: error: {tmp_path / 'textlines.py'}: is imported in place"
    )


@pytest.mark.parametrize("name", NAMES)
def test_a_distribution_that_owns_a_folder_of_ours_is_named(tmp_path: Path, name: str) -> None:
    about = tmp_path / "lib" / f"{name}_of_others-1.0.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}.of-others\nVersion: 1\n")
    (about / "RECORD").write_text(f"{name}/__init__.py,,\n")
    (tmp_path / "here").mkdir()
    told = doctors_word(tmp_path / "here", tmp_path / "lib")
    assert f"{name}/ of the distribution {name}.of-others" in told


def test_a_file_beside_a_console_command_is_what_python_m_would_start(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (tmp_path / "train.py").touch()
    check = judge_shadows(home, [str(home)], OURS, tmp_path)
    assert check.found == f"{tmp_path / 'train.py'} (what `python -m train` starts in this folder)"


def test_a_stranger_behind_ours_is_named_as_such(tmp_path: Path) -> None:
    home, other = tmp_path / "home", tmp_path / "site-packages"
    for folder in (home / "synth", other / "synth"):
        folder.mkdir(parents=True)
        (folder / "__init__.py").touch()
    check = judge_shadows(home, [str(home), str(other), str(tmp_path / "gone")], OURS, home)
    assert (check.status, check.found) == ("warn", f"{other / 'synth'} (behind ours)")
    assert "environment of its own" in check.advice


def test_our_own_packages_are_not_foreign(tmp_path: Path) -> None:
    assert judge_shadows(ROOT, [str(ROOT)], OURS, ROOT).status == "ok"
    (tmp_path / "train").mkdir()  # a folder of images: Python prefers a package further on
    assert judge_shadows(ROOT, [str(tmp_path), str(ROOT)], OURS, ROOT).status == "ok"


def test_no_paddle_is_no_fault_and_the_line_names_it() -> None:
    check = judge_paddle({}, there=False)
    assert check.status == "ok"
    assert " paddlepaddle. On a GPU: paddlepaddle-gpu in its place" in check.advice


@pytest.mark.parametrize("version", ["3.2.0", "3.3.1"])
@pytest.mark.parametrize("name", ["paddlepaddle", "paddlepaddle-gpu"])
def test_paddle_for_cpus_or_gpus_is_right(name: str, version: str) -> None:
    check = judge_paddle({name: version}, there=True)
    assert (check.status, check.found, check.advice) == ("ok", f"{name} {version}", "")


def test_both_paddles_fail() -> None:
    check = judge_paddle({"paddlepaddle": "3.3.1", "paddlepaddle-gpu": "3.3.1"}, there=True)
    assert check.status == "fail"
    assert "own one folder" in check.found
    assert check.advice.startswith("Uninstall both")


@pytest.mark.parametrize("version", ["2.6.2", "3.1.1", "3.10.0"])
def test_another_paddle_than_those_tried_is_told(version: str) -> None:
    check = judge_paddle({"paddlepaddle-gpu": version}, there=True)
    assert check.status == "warn"
    assert "Tried: 3.2 to 3.3" in check.advice
    assert "paddlepaddle-gpu==3.3.*" in check.advice


def test_the_releases_that_were_tried_hold_the_one_we_install() -> None:
    (pin,) = [
        line for line in (ROOT / "constraints.txt").read_text().splitlines()
        if line.startswith("paddlepaddle==")
    ]  # fmt: skip
    release = tuple(map(int, pin.partition("==")[2].split(".")[:2]))
    assert PADDLE_TRIED[0] <= release <= PADDLE_TRIED[1]


def test_without_a_converter_it_says_what_needs_it() -> None:
    assert judge_converter((3, 11), there=True).status == "ok"
    new = judge_converter((3, 13), there=False)
    assert (new.status, "no wheel for Python 3.13" in new.found) == ("warn", True)
    assert "3.11 or 3.12" in new.advice
    assert "[train]" in judge_converter((3, 12), there=False).advice


def test_the_advice_of_the_doctor_names_no_index_that_does_not_hold_us() -> None:
    for check in doctor.diagnose():
        assert "ocr-mend[" not in check.advice, check
        for line in check.advice.splitlines():
            assert "pip install" not in line or sys.executable in line, check
