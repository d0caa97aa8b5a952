"""The wheel, installed outside the checkout and used.

By itself without a registry: the wheel's own files in an environment that borrows the libraries of
this one. `make wheel` sets OCR_MEND_REGISTRY=1: then the environment is empty, and pip brings them.
"""

import json
import shutil
import sys
import sysconfig
import venv
import zipfile
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import NoReturn

import pytest

from tests.documents import ROOT
from tests.installing.outside import BY_REGISTRY, run

TOOLS = ("synth", "balance", "train")


@pytest.fixture(scope="session")
def wheel(
    tmp_path_factory: pytest.TempPathFactory, skip_or_fail: Callable[[str], NoReturn]
) -> Path:
    """Build the wheel from a copy of what belongs to it."""
    if find_spec("hatchling") is None:
        skip_or_fail("hatchling is not installed (extra `dev`)")
    source = tmp_path_factory.mktemp("source") / "ocr-mend"
    rubbish = shutil.ignore_patterns("__pycache__", ".*", "*.egg-info")
    for name in ("textlines", *TOOLS, "fonts", "corpora", "backgrounds"):
        shutil.copytree(ROOT / name, source / name, ignore=rubbish)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    out = tmp_path_factory.mktemp("dist")
    words = ["-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    run(sys.executable, *words, "--wheel-dir", out, source, cwd=out)
    (built,) = out.glob("*.whl")
    return built


@pytest.fixture(scope="session")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel into an environment of its own and name its folder of programs."""
    folder = tmp_path_factory.mktemp("empty") / "venv"
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    offline = () if BY_REGISTRY else ("--no-deps", "--no-index")
    run(python, "-m", "pip", "install", "--quiet", *offline, wheel, cwd=folder)
    if not BY_REGISTRY:
        # A line of a .pth file goes on the path as it is; .pth files in it are not read, so that
        # an editable install of the checkout stays out.
        site = run(
            python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=folder
        )
        borrowed = dict.fromkeys(sysconfig.get_path(name) for name in ("purelib", "platlib"))
        (Path(site.strip()) / "borrowed.pth").write_text("".join(f"{path}\n" for path in borrowed))
    return folder / "bin"


def test_the_wheel_holds_types_and_assets_and_nothing_else_at_its_top(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert {f"{tool}/py.typed" for tool in ("textlines", *TOOLS)} <= set(names)
    about = {name.partition("/")[0] for name in names if ".dist-info/" in name}
    assert {name.partition("/")[0] for name in names} == {"textlines", *TOOLS, *about}
    for asset in ("fonts/catalogue.toml", "corpora/demo/predictions.tsv", "backgrounds/README.md"):
        assert f"synth/_assets/{asset}" in names
    data = [name for name in names if name.endswith((".toml", ".j2", ".css", ".js", ".tsv"))]
    kept = {
        path.relative_to(ROOT).as_posix()
        for tool in ("textlines", *TOOLS)
        for path in (ROOT / tool).rglob("*")
        if path.suffix in (".toml", ".j2", ".css", ".js")
    }
    assert kept
    assert kept <= set(data)


def test_the_packages_are_those_of_the_wheel(environment: Path, tmp_path: Path) -> None:
    code = (
        "import json, textlines, synth, balance, train; from synth.assets import asset_dir\n"
        "print(json.dumps([m.__file__ for m in (textlines, synth, balance, train)]"
        " + [str(asset_dir(n)) for n in ('fonts', 'corpora', 'backgrounds')]))"
    )
    places = json.loads(run(environment / "python", "-c", code, cwd=tmp_path))
    assert len(places) == 7
    for place in places:
        assert Path(place).is_relative_to(environment.parent), place


def test_lines_are_mined_rendered_and_checked_by_it(environment: Path, tmp_path: Path) -> None:
    for tool in TOOLS:
        assert "Usage" in run(environment / tool, "--help", cwd=tmp_path)
    rows = "".join(f"{n}.jpg\t4{n % 10}.01\t4{n % 10}.07\t0.9\n" for n in range(30))
    (tmp_path / "p.tsv").write_text(f"path\ttruth\tprediction\tscore\n{rows}", encoding="utf-8")
    mine = ["mine", "--predictions", "p.tsv", "--out", "profile.json", "--html", "profile.html"]
    run(environment / "train", *mine, cwd=tmp_path)
    generate = ["generate", "--profile", "profile.json", "--style", "lcd", "--count", "6"]
    run(environment / "synth", *generate, "--out", "new", cwd=tmp_path)
    labels = (tmp_path / "new" / "rec_gt_train.txt").read_text(encoding="utf-8").splitlines()
    assert len(labels) == 6
    assert all((tmp_path / "new" / line.partition("\t")[0]).is_file() for line in labels)
    # A corpus of the wheel's own: no profile and no text is named.
    run(
        *(environment / "synth", "generate", "--chars", "0O", "--style", "document"),
        *("--count", "4", "--out", "more"),
        cwd=tmp_path,
    )
    told = run(environment / "balance", "check", "new/rec_gt_train.txt", cwd=tmp_path)
    assert "6" in told


def test_what_is_missing_is_installed_from_the_wheel(
    environment: Path, wheel: Path, tmp_path: Path
) -> None:
    code = "from textlines.installing import install_line; print(install_line('train'))"
    line = run(environment / "python", "-c", code, cwd=tmp_path).strip()
    python = environment / "python"
    assert line == f"{python} -m pip install 'ocr-mend[train] @ {wheel.as_uri()}'"
