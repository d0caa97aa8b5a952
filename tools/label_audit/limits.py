"""From which figures on a cluster counts as at fault, by style and weight of the face."""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np

from tools.label_audit.matching import Measure

LIMITS = Path(__file__).with_name("limits.toml")

LOW = ("fit", "gain", "piece")
"""Figures that are bad when low."""

HIGH = ("missing", "extra", "rival")
"""Figures that are bad when high."""

SHARE = 0.0005
"""Share of clean lines that each of the six limits may alarm."""

HEAVY = 0.1
"""Mean width of a line's strokes, in ems, from which on it has limits of its own: what is blurred
or widened fills the gaps of heavy faces, so that they alarm five times as often by the others'."""

FEWEST = 100
"""Heavy lines, columns or lines in two faces from which limits are learnt for them alone."""

Limits = Mapping[str, float]


def read_limits(path: Path = LIMITS) -> dict[str, Limits]:
    """Read the limits of all styles."""
    return tomllib.loads(path.read_text(encoding="utf-8"))


def heavy(style: str) -> str:
    """Name the limits of a style's heavy lines."""
    return f"{style}, heavy"


def otherwise(style: str, setting: str) -> str:
    """Name the limits of a style's lines that are set otherwise, by how they are set."""
    return f"{style}, {setting}"


def limits_of(
    style: str, limits: Mapping[str, Limits], stroke_em: float = 0.0, setting: str = ""
) -> Limits:
    """Return the limits of a style's lines, of those set so or with strokes so wide if these have.

    Args:
        setting: how a line is set, if it is not a line of one face that lies; it goes before the
            width of the strokes.

    Raises:
        SystemExit: it has none.
    """
    if style not in limits:
        raise SystemExit(
            f"no limits for the style {style!r} (there are: {', '.join(sorted(limits))}); "
            "learn them from a clean run by --calibrate"
        )
    own = limits.get(otherwise(style, setting)) if setting else None
    if own is None and stroke_em >= HEAVY:
        own = limits.get(heavy(style))
    return limits[style] if own is None else own


def beyond(measure: Measure, limits: Limits) -> list[str]:
    """Name the figures of a cluster that are beyond their limits."""
    low = [name for name in LOW if getattr(measure, name) < limits[name]]
    return low + [name for name in HIGH if getattr(measure, name) > limits[name]]


def learn_style(
    style: str, lines: Iterable[tuple[float, Sequence[Measure]]], share: float = SHARE
) -> dict[str, dict[str, float]]:
    """Learn the limits of a style, and those of its heavy lines where there are enough.

    A run of heavy lines alone leaves the style's other limits as they are.

    Args:
        lines: the width of the strokes in ems, and the clusters, of each clean line.
    """
    held = list(lines)
    wide = [line for em, line in held if em >= HEAVY]
    if len(wide) < FEWEST:
        return {style: learn((line for _, line in held), share)}
    thin = [line for em, line in held if em < HEAVY]
    return {heavy(style): learn(wide, share)} | ({style: learn(thin, share)} if thin else {})


def learn_settings(
    style: str,
    lines: Iterable[tuple[str, float, Sequence[Measure]]],
    share: float = SHARE,
) -> dict[str, dict[str, float]]:
    """Learn the limits of a style as `learn_style`, and of each setting with enough lines.

    Args:
        lines: how each clean line is set ("" as most are), the width of its strokes in ems, and its
            clusters.
    """
    by_setting: dict[str, list[tuple[float, Sequence[Measure]]]] = {}
    for setting, em, line in lines:
        by_setting.setdefault(setting, []).append((em, line))
    rest, learnt = by_setting.pop("", []), {}
    for setting, held in by_setting.items():
        if len(held) < FEWEST:
            rest += held
        else:
            learnt[otherwise(style, setting)] = learn((line for _, line in held), share)
    return learnt | (learn_style(style, rest, share) if rest else {})


def learn(lines: Iterable[Sequence[Measure]], share: float = SHARE) -> dict[str, float]:
    """Set limits so that each alarms at most this share of clean lines.

    Args:
        lines: the clusters of each clean line.
    """
    held = [line for line in lines if line]
    limits: dict[str, float] = {"lines": len(held)}
    for name in (*LOW, *HIGH):
        worst = min if name in LOW else max
        values = np.sort([worst(getattr(measure, name) for measure in line) for line in held])
        over = int(share * len(held))
        edge = values[over] if name in LOW else values[len(values) - 1 - over]
        # Rounded away from the clean lines.
        step = -0.0005 if name in LOW else 0.0005
        limits[name] = round(float(edge) + step, 3)
    return limits


def write_limits(path: Path, limits: Mapping[str, Limits]) -> None:
    """Write the limits of all styles."""
    parts = ["# Learnt by `audit.py --calibrate` from so many clean lines; meaning: matching.py\n"]
    for style, values in sorted(limits.items()):
        parts.append(f'\n["{style}"]\n' if "," in style else f"\n[{style}]\n")
        parts += [f"{name} = {values[name]}\n" for name in (*LOW, *HIGH, "lines")]
    path.write_text("".join(parts), encoding="utf-8")
