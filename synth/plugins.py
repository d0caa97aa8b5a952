"""Parts that other packages bring, by entry points: effects, grounds, distractors, texts.

A package offers a function under one of the groups of `GROUPS`:

    [project.entry-points."ocr_mend.light"]
    sunbeam = "my_looks:sunbeam"

They run code of their author, so that none is loaded unless a style (`plugins = ["my-looks"]`) or a
corpus file (`kind = "plugin"`, `path = "my-looks:menus"`) names the package it is installed with.
What they need beside the name of the package stands in docs/styles.md. trdg, which knows nothing of
us, offers what `trdg_parts` makes of it.
"""

from collections.abc import Callable, Sequence
from importlib.metadata import PackageNotFoundError, distribution
from typing import Any, Final

from synth import trdg_parts as trdg
from textlines.errors import UsageError
from textlines.installing import install_line, pip_line

STAGES: Final = ("surfaces", "distractors", "stroke", "bend", "light", "camera")
"""Where a style may take parts of a package from. [bend] says where each pixel comes from, so that
boxes follow; [geometry] makes matrices, and is ours alone."""

TEXTS: Final = "texts"
GROUPS: Final = tuple(f"ocr_mend.{part}" for part in (*STAGES, TEXTS))


def plugin_parts(packages: Sequence[str], part: str, where: str) -> dict[str, Callable[..., Any]]:
    """Load what packages offer for one of `STAGES`, or `TEXTS`, by its name.

    Args:
        packages: distributions, as pip names them.
        where: what to name in a message.

    Raises:
        UsageError: a package is not installed or offers nothing at all, two offer one name, or a
            function does not load.
    """
    parts: dict[str, Callable[..., Any]] = {}
    for package in packages:
        try:
            offered = distribution(package).entry_points
        except (PackageNotFoundError, ValueError):
            line = install_line(trdg.EXTRA) if package == trdg.PACKAGE else pip_line(package)
            raise UsageError(
                where, f"there is no package {package}", f"Install it: {line}."
            ) from None
        if package == trdg.PACKAGE:
            parts |= _of_trdg(part, where)
            continue
        if not any(entry.group in GROUPS for entry in offered):
            raise UsageError(
                where,
                f"the package {package} offers no part",
                f"It has no entry point in {', '.join(GROUPS)}.",
            )
        for entry in offered.select(group=f"ocr_mend.{part}"):
            if entry.name in parts:
                raise UsageError(where, f"two packages offer {part}.{entry.name}", "Name one.")
            try:
                parts[entry.name] = entry.load()
            except Exception as error:
                raise UsageError(
                    where,
                    f"{entry.value} of the package {package} does not load "
                    f"({type(error).__name__}: {error})",
                    "",
                ) from error
    return parts


def _of_trdg(part: str, where: str) -> dict[str, Callable[..., Any]]:
    try:
        return dict(trdg.trdg_parts(part))
    except Exception as error:
        raise UsageError(
            where,
            f"the package {trdg.PACKAGE} does not load ({type(error).__name__}: {error})",
            f"The release that is asked for is in the extra: {install_line(trdg.EXTRA)}.",
        ) from error


def plugin_texts(path: str, where: str) -> tuple[str, list[str]]:
    """Return the version of a package, and the lines that one of its sources yields.

    Args:
        path: "PACKAGE:NAME". where: what to name in a message.

    Raises:
        UsageError: there is no such source, or what it yields are no lines of text.
    """
    package, _, name = path.partition(":")
    sources = plugin_parts([package], TEXTS, where)
    if name not in sources:
        there = ", ".join(sources) or "none"
        raise UsageError(
            where, f"the package {package} has no source {name!r}", f"There are: {there}."
        )
    lines: list[Any] = list(sources[name]())
    for line in lines:
        if not isinstance(line, str) or len(line.splitlines()) > 1:
            raise UsageError(where, f"{path} yields {line!r:.60}, which is no line of text", "")
    return distribution(package).version, lines
