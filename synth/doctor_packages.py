"""Whose packages Python would import: strangers by our names, and which Paddle."""

import re
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import distributions
from pathlib import Path

from synth.doctor import Check
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
    named = {_plain(one.metadata["Name"] or ""): one.version for one in distributions()}
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
                f"Tried: {_told(first)} to {_told(last)}. Install one: "
                f"{pip_line(f'{name}=={_told(last)}.*')}"
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
            f"no wheel for Python {_told(python)}; {needing}",
            "Make the environment with Python 3.11 or 3.12. Mining, measuring and judging of ONNX "
            "files and model folders work in this one.",
        )
    return Check("paddle2onnx", "warn", f"not installed; {needing}", install_line("train"))


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _release(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version)[:2])


def _told(release: Sequence[int]) -> str:
    return ".".join(map(str, release))
