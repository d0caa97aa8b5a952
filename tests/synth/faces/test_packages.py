import subprocess
import sys
from pathlib import Path

import pytest

from synth.faces.font_packages import FOLDERS
from synth.faces.scan import package_dir, package_font_dirs, system_font_dirs


@pytest.mark.parametrize(("distribution", "place"), FOLDERS.items())
def test_a_package_is_found_without_importing_it(
    distribution: str, place: tuple[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, below = place
    (tmp_path / name / below).mkdir(parents=True)
    (tmp_path / name / "__init__.py").write_text("raise SystemExit('was imported')")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert package_dir(name) == tmp_path / name
    assert (distribution, tmp_path / name / below) in package_font_dirs()


def test_a_package_without_its_fonts_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "trdg").mkdir()
    (tmp_path / "trdg" / "__init__.py").touch()
    monkeypatch.syspath_prepend(str(tmp_path))
    assert "trdg" not in dict(package_font_dirs())


def test_what_is_not_installed_is_not_there() -> None:
    assert package_dir("no_such_package_of_fonts") is None


def test_wheels_of_fonts_are_known_by_their_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pylopdf_fonts_xx").mkdir()
    (tmp_path / "pylopdf_fonts_xx" / "__init__.py").touch()
    info = tmp_path / "pylopdf_fonts_xx-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: pylopdf-fonts-xx\nVersion: 1\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    found = dict(package_font_dirs())
    assert found["pylopdf-fonts-xx"] == tmp_path / "pylopdf_fonts_xx"


def test_looking_for_packages_imports_none_of_them() -> None:
    code = (
        "import sys; from synth.faces.scan import package_font_dirs; package_font_dirs();"
        "print(sorted(n for n in sys.modules if n.startswith(('trdg', 'pylopdf', 'cv2'))))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


@pytest.mark.parametrize("platform", ["linux", "darwin", "win32"])
def test_every_system_has_folders_of_fonts(platform: str) -> None:
    assert len(system_font_dirs(platform)) >= 2
