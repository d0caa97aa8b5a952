"""Who owns `cv2/`: several distributions install into the same folder, and the last one wins."""

import re
from importlib.metadata import distributions
from typing import NamedTuple

from synth.doctor import Check
from textlines.installing import pip_line


class Owner(NamedTuple):
    """A distribution that installs files under `cv2/`.

    headless: whether it works without the libraries of a desktop.
    """

    name: str
    version: str

    @property
    def headless(self) -> bool:
        """Say whether it needs no libGL."""
        return self.name.endswith("-headless")


def opencv_owners() -> list[Owner]:
    """List the distributions that own `cv2/`, by name."""
    found = set()
    for distribution in distributions():
        name = re.sub(r"[-_.]+", "-", distribution.metadata["Name"] or "").lower()
        if not name.startswith("opencv"):
            continue
        if any(file.parts[:1] == ("cv2",) for file in distribution.files or ()):
            found.add(Owner(name, distribution.version))
    return sorted(found)


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
    found = f"{imported}, owned by {named}"
    if len(versions) > 1:
        wins = f"; the files of {winner[0].name} win" if winner else "; none of them won whole"
        return Check("cv2", "fail", f"{found}{wins}", f"Make them one version. {repair}")
    if not winner:
        return Check("cv2", "fail", f"{found}; that is not the version imported", repair)
    if len(owners) > 1:
        desktop = [owner.name for owner in owners if not owner.headless]
        return Check(
            "cv2",
            "ok",
            f"{found}: of one version",
            f"Where libGL is missing ({desktop[0]} needs it): {repair}" if desktop else "",
        )
    return Check("cv2", "ok", found)


def _order(release: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", release))
