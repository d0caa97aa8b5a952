"""What the doctor says of fonts: enough families of each script, or what brings more."""

import json
import re
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from synth.doctor.font_supply import (
    LEAST_FAMILIES,
    judge_dictionary,
    judge_scripts,
    more_fonts,
)
from synth.faces.face_coverage import SAMPLES, ScriptFaces
from synth.faces.font_face import Face
from synth.faces.font_packages import FOLDERS, OF_A_DICTIONARY, PACKAGES
from synth.faces.scan import FaceScan, FontSource
from tests.synth.faces.variable_fonts import variable

FACE = Face(path=Path("a.ttf"), index=0, sha256="0" * 64, family="A", style="Regular")


def scan(name: str) -> FaceScan:
    source = FontSource(name, Path("folder"))
    return FaceScan(faces=(FACE,), refused={}, details=(), sources=((source, 1),))


def families(count: int, faces: int) -> ScriptFaces:
    return ScriptFaces(tuple(f"F{k}" for k in range(count)), faces)


@pytest.mark.parametrize("script", SAMPLES)
@pytest.mark.parametrize("count", [0, 1, LEAST_FAMILIES - 1, LEAST_FAMILIES, 40])
def test_few_families_of_a_script_that_models_read_are_warned_of(script: str, count: int) -> None:
    (check,) = judge_scripts(scan("system"), {script: families(count, 41)}, frozenset())
    lacks = count < LEAST_FAMILIES and script in PACKAGES
    assert check.name == f"fonts for {script}"
    assert (check.status, bool(check.advice)) == (("warn", True) if lacks else ("ok", False))
    assert re.match(rf"{count} famil(y|ies), 41 faces", check.found)
    assert ("fewer than 5 families" in check.found) == lacks


def test_the_advice_names_the_packages_of_the_script(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    counted = {"Hangul": families(2, 2)}
    (check,) = judge_scripts(scan("system"), counted, frozenset({"trdg", "pylopdf-fonts-ko"}))
    for name in ("nanum", "nanum-extra", "baekmuk", "unfonts-core", "unfonts-extra", "noto-cjk"):
        assert f" fonts-{name} " in check.advice
    lacking = "(brings justmytype-intl-cjk, koreanize-matplotlib, paperang-p2-fonts-cjk)"
    assert lacking in check.advice
    assert "[fonts]" in check.advice
    assert "OCR_FONT_DIRS" in check.advice


def test_what_is_installed_already_is_not_advised(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    told = more_fonts(scan("system"), ("Hangul",), frozenset(PACKAGES["Hangul"].extra))
    assert told == "put fonts into a folder and name it by OCR_FONT_DIRS."


@pytest.mark.parametrize("source", ["fonts/", "OCR_FONT_DIRS"])
def test_where_a_users_folder_is_drawn_from_packages_would_not_help(source: str) -> None:
    told = more_fonts(scan(source), ("Hangul",), frozenset())
    assert told.startswith("put more fonts into folder; ")
    assert "apt-get" not in told


@pytest.mark.parametrize("extra", ["fonts", "scripts"])
def test_whatever_an_extra_brings_is_asked_for_and_looked_for(extra: str) -> None:
    root = Path(__file__).parents[3]
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    asked = {re.split("[=<>]", one)[0] for one in project["optional-dependencies"][extra]}
    every = (*PACKAGES.values(), *OF_A_DICTIONARY.values())
    wheels = (packages.extra if extra == "fonts" else packages.scripts for packages in every)
    named = {name for names in wheels for name in names}
    assert named and named <= asked
    assert all(name in FOLDERS or name.startswith("pylopdf-fonts-") for name in named)
    pinned = {line.split("==")[0] for line in (root / "constraints.txt").read_text().splitlines()}
    assert named <= pinned


THAI = [chr(code) for code in range(0x0E01, 0x0E2F)]


def test_a_script_of_the_dictionary_that_no_face_draws_names_the_extra(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr("synth.doctor.font_supply.writes", lambda face, characters: False)
    (check,) = judge_dictionary(scan("system"), [*"abcαβγ가각", *THAI], frozenset())
    assert (check.name, check.status) == ("dictionary, Thai", "warn")
    assert check.found == "46 characters; 0 families of faces"
    assert "apt-get install fonts-noto-core fonts-thai-tlwg (Debian, Ubuntu)" in check.advice
    assert "[scripts]" in check.advice and "(brings pylopdf-fonts-th)" in check.advice


def test_a_script_that_nothing_of_ours_brings_asks_for_a_folder() -> None:
    mongolian = [chr(code) for code in range(0x1820, 0x1840)]
    none = FaceScan(faces=(), refused={}, details=(), sources=())
    (check,) = judge_dictionary(none, mongolian, frozenset())
    assert check.advice == (
        "For Mongolian text: put fonts into a folder and name it by OCR_FONT_DIRS."
    )


def test_the_doctor_reads_a_dictionary(
    synth_here: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    variable(tmp_path / "fonts" / "latin.ttf", family="Mine")
    monkeypatch.setenv("OCR_FONT_DIRS", str(tmp_path / "fonts"))
    (tmp_path / "d.txt").write_text("\n".join(["a", "b", *THAI]), "utf-8")
    ended = synth_here("doctor", "--dictionary", tmp_path / "d.txt")
    assert "warn dictionary, Thai: 46 characters; 0 families of faces" in ended.out
    missing = synth_here("doctor", "--dictionary", tmp_path / "no.txt")
    assert missing.code == 1 and "no.txt" in missing.err


def test_the_command_tells_it_in_json_too(
    synth_here: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    variable(tmp_path / "fonts" / "latin.ttf", family="Mine")
    monkeypatch.setenv("OCR_FONT_DIRS", str(tmp_path / "fonts"))
    ended = synth_here("doctor", "--json")
    checks = {check["name"]: check for check in json.loads(ended.out)}
    assert checks["fonts"]["found"] == "3 faces: OCR_FONT_DIRS 3"
    assert checks["fonts for Latin"]["status"] == "warn"
    assert checks["fonts for Latin"]["found"] == "1 family, 3 faces; fewer than 5 families"
    assert checks["fonts for Hangul"]["found"].startswith("0 families")
    assert str(tmp_path / "fonts") in checks["fonts for Hangul"]["advice"]
