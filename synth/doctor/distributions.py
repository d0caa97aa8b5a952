"""Whose packages Python would import: strangers by our names, and who owns `cv2/` and `paddle/`.

Several distributions install into these two folders, and the last one wins.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import distributions
from pathlib import Path
from typing import NamedTuple

from synth.doctor.health import Check
from textlines.installing import DISTRIBUTION, NO_CONVERTER, PADDLE, install_line, pip_line

NAMES = ("balance", "synth", "train", "textlines")

PADDLE_TRIED = ((3, 2), (3, 3))
"""The first and the last release of Paddle that training was tried with."""

_GPU = "paddlepaddle-gpu"


def judge_shadows(
    home: Path, path: Sequence[str], owners: Mapping[str, Sequence[str]], current: Path
) -> Check:
    """Judge what bears a name of ours and is not ours.

    Args:
        home: the folder that our packages stand in.
        path: the folders that Python imports from, in its order.
        owners: the distributions that install a top-level package, by its name.
        current: the folder that this is called from, which `python -m` imports from first.
    """
    home, current = home.resolve(), current.resolve()
    foreign = [
        f"{name}/ of the distribution {owner}"
        for name in NAMES
        for owner in sorted(set(owners.get(name, ())))
        if _plain(owner) != DISTRIBUTION
    ]
    places = list(dict.fromkeys(Path(part or ".").resolve() for part in path))
    front = places.index(home) if home in places else len(places)
    for number, place in enumerate(places):
        wins = "imported before ours" if number < front else "behind ours"
        foreign += [f"{named} ({wins})" for named in _named_as_ours(place, home)]
    if current not in places:
        foreign += [
            f"{named} (what `python -m {named.stem}` starts in this folder)"
            for named in _named_as_ours(current, home)
        ]
    if not foreign:
        return Check("package names", "ok", f"no foreign {', '.join(NAMES)}")
    return Check(
        "package names",
        "warn",
        ", ".join(foreign),
        "Rename the file, uninstall the distribution, or give ocr-mend an environment of its own "
        "(pipx, uv tool or python -m venv, as README says).",
    )


def _named_as_ours(place: Path, home: Path) -> Iterator[Path]:
    """Yield what Python would import from a folder by a name of ours: a package or a file."""
    if place == home:
        return
    for name in NAMES:
        if (place / name / "__init__.py").is_file():
            yield place / name
        elif (place / f"{name}.py").is_file():
            yield place / f"{name}.py"


def paddle_owners() -> dict[str, str]:
    """Return the installed distributions that own `paddle/`, with their versions, by name."""
    named = {
        _plain(distribution.metadata["Name"] or ""): distribution.version
        for distribution in distributions()
    }
    return {name: named[name] for name in (PADDLE, _GPU) if name in named}


def judge_paddle(owners: Mapping[str, str], there: bool) -> Check:
    """Judge which Paddle is installed.

    Args:
        owners: as `paddle_owners`.
        there: whether `paddle` can be found.
    """
    named = " and ".join(f"{name} {version}" for name, version in owners.items())
    if not there:
        return Check(
            "paddle",
            "fail" if owners else "ok",
            f"{named} without its folder" if owners else "not installed (training)",
            f"{'' if owners else 'If wanted: '}{install_line('train', PADDLE)}. On a GPU: "
            f"{_GPU} in its place, from the index that README names",
        )
    if len(owners) > 1:
        return Check(
            "paddle",
            "fail",
            f"{named} own one folder; the last installed wins",
            f"Uninstall both, then install the one that is wanted again: {_GPU} for a GPU, "
            f"{pip_line(PADDLE)} for CPUs.",
        )
    first, last = PADDLE_TRIED
    for name, version in owners.items():
        if not first <= _release(version) <= last:
            return Check(
                "paddle",
                "warn",
                f"{named}, not among those that training was tried with",
                f"Tried: {_dotted(first)} to {_dotted(last)}. Install one: "
                f"{pip_line(f'{name}=={_dotted(last)}.*')}"
                + (", with the index that README names." if name == _GPU else "."),
            )
    return Check("paddle", "ok", named or "there, of unknown version")


def judge_converter(python: tuple[int, int], there: bool) -> Check:
    """Judge whether models can be written as ONNX, without which nothing can be trained.

    Args:
        python: its version.
        there: whether `paddle2onnx` can be found.
    """
    if there:
        return Check("paddle2onnx", "ok", "there")
    needing = "train weights, plan, rec and export need it"
    if python >= NO_CONVERTER:
        return Check(
            "paddle2onnx",
            "warn",
            f"no wheel for Python {_dotted(python)}; {needing}",
            "Make the environment with Python 3.11 or 3.12. Mining, measuring and judging of ONNX "
            "files and model folders work in this one.",
        )
    return Check("paddle2onnx", "warn", f"not installed; {needing}", install_line("train"))


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _release(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version)[:2])


def _dotted(release: Sequence[int]) -> str:
    return ".".join(map(str, release))


class Owner(NamedTuple):
    """A distribution that installs files under `cv2/`.

    headless: whether it works without the libraries of a desktop.
    """

    name: str
    version: str

    @property
    def headless(self) -> bool:
        """Whether it needs no libGL."""
        return self.name.endswith("-headless")


def opencv_owners() -> list[Owner]:
    """List the distributions that own `cv2/`, by name."""
    owners = set()
    for distribution in distributions():
        name = re.sub(r"[-_.]+", "-", distribution.metadata["Name"] or "").lower()
        if not name.startswith("opencv"):
            continue
        if any(file.parts[:1] == ("cv2",) for file in distribution.files or ()):
            owners.add(Owner(name, distribution.version))
    return sorted(owners)


def judge_opencv(owners: list[Owner], imported: str, error: str) -> Check:
    """Judge what is installed and what `import cv2` gave.

    Args:
        imported: `cv2.__version__`, empty when it has none.
        error: of the import, empty when it worked.
    """
    named = ", ".join(f"{owner.name} {owner.version}" for owner in owners) or "no distribution"
    release = owners[0].version if owners else "4.10.0.84"
    versions = {owner.version for owner in owners}
    wanted = f"opencv-python-headless=={max(versions, default=release, key=_order)}"
    repair = pip_line("--force-reinstall", "--no-deps", wanted)
    if error:
        what = "libGL is missing" if "libGL" in error else error
        return Check("cv2", "fail", f"cannot be imported ({what}); owned by {named}", repair)
    if not imported:
        # What is left when one of several owners has been uninstalled.
        return Check("cv2", "fail", f"`cv2` is empty; owned by {named}", repair)
    if not owners:
        return Check("cv2", "ok", f"{imported}, not from a wheel")
    winner = [owner for owner in owners if owner.version.startswith(f"{imported}.")]
    finding = f"{imported}, owned by {named}"
    if len(versions) > 1:
        wins = f"; the files of {winner[0].name} win" if winner else "; none of them won whole"
        return Check("cv2", "fail", f"{finding}{wins}", f"Make them one version. {repair}")
    if not winner:
        return Check("cv2", "fail", f"{finding}; that is not the version imported", repair)
    if len(owners) > 1:
        desktop = [owner.name for owner in owners if not owner.headless]
        return Check(
            "cv2",
            "ok",
            f"{finding}: of one version",
            f"Where libGL is missing ({desktop[0]} needs it): {repair}" if desktop else "",
        )
    return Check("cv2", "ok", finding)


def _order(release: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", release))
