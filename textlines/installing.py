"""How a missing library is installed: a line that works where this code was installed from.

The project is on no index, so `pip install ocr-mend[...]` can only fail, or install a stranger's.
"""

import importlib.util
import json
import shlex
import sys
from collections.abc import Iterable
from importlib.machinery import PathFinder
from importlib.metadata import PackageNotFoundError, distribution, version
from pathlib import Path
from urllib.parse import unquote, urlsplit

DISTRIBUTION = "ocr-mend"
PADDLE = "paddlepaddle"
"""For CPUs. No extra asks for it: it would overwrite a paddlepaddle-gpu."""

NO_CONVERTER = (3, 13)
"""The first Python for which paddle2onnx has no wheel."""

_ROOT = Path(__file__).resolve().parent.parent


def installed_versions(names: Iterable[str]) -> dict[str, str]:
    """Return the versions of distributions by name, in the order given; absent ones are left out.

    >>> list(installed_versions(("numpy", "no-such-distribution")))
    ['numpy']
    """
    versions = {}
    for name in names:
        try:
            versions[name] = version(name)
        except PackageNotFoundError:
            continue
    return versions


def install_line(extra: str, *more: str) -> str:
    """Return the command that installs an extra of ours into this environment.

    From the checkout this code runs from or was installed from, else from the wheel that it was
    installed from; where neither is there any more, as it is typed in a checkout.

    Args:
        extra: its name in pyproject.toml; "train,models" for several.
        more: further requirements for the same line.
    """
    origin = installed_from()
    if origin is None:
        words = [*_pip(), "-c", "constraints.txt", "-e", f".[{extra}]", *more]
        return f"{shlex.join(words)} (in a checkout of {DISTRIBUTION})"
    if origin.is_file():
        return shlex.join([*_pip(), f"{DISTRIBUTION}[{extra}] @ {origin.as_uri()}", *more])
    source = ["-e"] if origin == _ROOT else []
    source = ["-c", str(origin / "constraints.txt"), *source, f"{origin}[{extra}]"]
    return shlex.join([*_pip(), *source, *more])


def pip_line(*words: str) -> str:
    """Return the command that installs what is on an index into this environment."""
    return shlex.join([*_pip(), *words])


def installed_from(root: Path = _ROOT) -> Path | None:
    """Return the checkout or the wheel that this code was installed from, if it is still there.

    Args:
        root: the folder that our packages stand in.
    """
    if _is_checkout(root):
        return root
    try:
        # PEP 610: pip, pipx and uv note there what was named to them.
        noted = distribution(DISTRIBUTION).read_text("direct_url.json")
        url = urlsplit(json.loads(noted or "{}").get("url", ""))
    except (PackageNotFoundError, ValueError, AttributeError):
        return None
    origin = Path(unquote(url.path))
    if url.scheme != "file" or not (_is_checkout(origin) or origin.suffix == ".whl"):
        return None
    return origin if origin.exists() else None


def missing_modules(*names: str) -> list[str]:
    """Return those of the modules that cannot be found, in the order given; imports none."""
    return [name for name in names if not _is_there(name)]


def _is_there(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except (ImportError, ValueError):
        return False


def _is_checkout(folder: Path) -> bool:
    return all((folder / name).is_file() for name in ("pyproject.toml", "constraints.txt"))


def _pip() -> list[str]:
    """Return how this environment is installed into: one that uv made has no pip.

    Not by `find_spec("pip")`: setuptools takes it for a start of pip, and then refuses to be
    imported (by Paddle) in this process.
    """
    if PathFinder.find_spec("pip"):
        return [sys.executable, "-m", "pip", "install"]
    return ["uv", "pip", "install", "--python", sys.executable]
