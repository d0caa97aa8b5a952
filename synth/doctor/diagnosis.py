"""`synth doctor`: is all in place that rendering needs, and what to do where it is not."""

import os
import sys
from collections.abc import Callable, Collection, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from synth.doctor.distributions import (
    judge_converter,
    judge_opencv,
    judge_paddle,
    judge_shadows,
    opencv_owners,
    paddle_owners,
)
from synth.doctor.health import Check
from textlines.errors import MendError
from textlines.installing import install_line, installed_from, missing_modules, pip_line


def diagnose(alphabet: Collection[str] = ()) -> list[Check]:
    """Look at everything. A check that itself goes wrong is a failed check, never an exception.

    Args:
        alphabet: characters of a dictionary; fonts are looked at for the scripts that it holds.
    """
    checks: list[Check] = []
    for look in LOOKS:
        try:
            checks += check_faces(alphabet) if look is check_faces else look()
        except Exception as error:
            name = look.__name__.removeprefix("check_").replace("_", " ")
            advice = error.mend if isinstance(error, MendError) else ""
            checks.append(Check(name, "fail", f"{type(error).__name__}: {error}", advice))
    return checks


def check_python() -> list[Check]:
    """Python's version and the number of cores this process may use."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    python = ".".join(map(str, sys.version_info[:3]))
    return [Check("python", "ok", python), Check("cores", "ok", str(cores))]


def check_raqm() -> list[Check]:
    """Pillow's Raqm, which shapes text; without it Hangul in pieces and Arabic come out wrong."""
    from PIL import features

    if features.check("raqm"):
        return [Check("raqm", "ok", f"{features.version('raqm')}, pillow {version('pillow')}")]
    return [
        Check(
            "raqm",
            "fail",
            f"pillow {version('pillow')} has no Raqm",
            "Install Pillow from its wheel: "
            + pip_line("--force-reinstall", "--no-deps", "pillow"),
        )
    ]


def check_opencv() -> list[Check]:
    """The one `cv2/`: who owns it and whether it can be imported."""
    imported = error = ""
    try:
        import cv2

        imported = str(getattr(cv2, "__version__", ""))
    except ImportError as failure:
        error = str(failure)
    return [judge_opencv(opencv_owners(), imported, error)]


def check_faces(alphabet: Collection[str] = ()) -> list[Check]:
    """Fonts: families by script, those of a dictionary too, and what was left out."""
    from synth.doctor import font_supply

    return font_supply.check_faces(alphabet)


def check_display_faces() -> list[Check]:
    """Our own display faces: built, or buildable."""
    from synth.faces.display import display_faces

    faces = display_faces()
    segments = sum(face.kind == "seven_segment" for face in faces)
    finding = f"{segments} seven-segment, {len(faces) - segments} dot matrix"
    return [Check("display faces", "ok", finding)]


def check_cache() -> list[Check]:
    """The cache folder: writable, or all that is known of fonts is found out again each time."""
    from synth.faces.user_cache import cache_dir, write_bytes

    probe = cache_dir() / f"doctor-{os.getpid()}"
    write_bytes(probe, b"")
    probe.unlink()
    return [Check("cache", "ok", str(cache_dir()))]


OPTIONAL: Sequence[tuple[str, str, str, str]] = (
    # (import name, distribution, what for, extra)
    ("trdg", "trdg", "100 Latin fonts, backgrounds", "fonts"),
    ("albumentations", "albumentations", "pipelines of yours", "augment"),
    ("paddleocr", "paddleocr", "the reference reader", "train"),
    ("onnxruntime", "onnxruntime", "fast reading on CPU", "train"),
    ("rapidocr", "rapidocr", "stock models to judge by", "models"),
)


def check_optional_parts() -> list[Check]:
    """Parts that some commands use; none is needed for rendering."""
    checks = []
    for module, distribution, purpose, extra in OPTIONAL:
        if missing_modules(module):
            finding, advice = f"not installed ({purpose})", f"If wanted: {install_line(extra)}"
        else:
            try:
                finding, advice = version(distribution), ""
            except PackageNotFoundError:
                finding, advice = "there, of unknown version", ""
        checks.append(Check(module, "ok", finding, advice))
    return [*checks, _browser()]


def check_paddle() -> list[Check]:
    """Paddle: of which distribution, and what works without it."""
    there = not missing_modules("paddle")
    converter = not missing_modules("paddle2onnx")
    checks = [judge_paddle(paddle_owners(), there)]
    return [*checks, judge_converter(sys.version_info[:2], converter)] if there else checks


def check_packages_on_the_path() -> list[Check]:
    """Packages of others with our names: PyPI has `synth`, `balance`, `train` and `textlines`."""
    from importlib.metadata import packages_distributions

    import synth

    home = Path(synth.__file__ or "").resolve().parent.parent
    current = Path.cwd().resolve()
    if current == installed_from():
        current = home  # the checkout that this was installed from: what stands there is ours
    return [judge_shadows(home, sys.path, packages_distributions(), current)]


def _browser() -> Check:
    """A Chromium for the tests of the pages; nothing else uses it."""
    from shutil import which

    names = ("chromium", "chromium-browser", "google-chrome", "chrome")
    browser = next((path for path in map(which, names) if path), None)
    if missing_modules("playwright"):
        return Check("playwright", "ok", "not installed (tests of pages)", "If wanted: make test")
    if browser is None:
        advice = "If wanted: apt-get install chromium, or playwright install chromium"
        return Check("playwright", "ok", f"{version('playwright')}, no chromium found", advice)
    return Check("playwright", "ok", f"{version('playwright')}, {browser}")


LOOKS: Sequence[Callable[[], list[Check]]] = (
    check_python,
    check_raqm,
    check_opencv,
    check_cache,
    check_faces,
    check_display_faces,
    check_packages_on_the_path,
    check_paddle,
    check_optional_parts,
)
