"""From which figures on a cluster counts as at fault, by style."""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
from audit_match import Measure

LIMITS = Path(__file__).with_name("audit_limits.toml")

LOW = ("fit", "gain", "piece")
"""Figures that are bad when low."""

HIGH = ("missing", "extra", "rival")
"""Figures that are bad when high."""

SHARE = 0.0005
"""Share of clean lines that each of the six limits may alarm."""

Limits = Mapping[str, float]


def read_limits(path: Path = LIMITS) -> dict[str, Limits]:
    """Read the limits of all styles."""
    return tomllib.loads(path.read_text(encoding="utf-8"))


def limits_of(style: str, limits: Mapping[str, Limits]) -> Limits:
    """Give the limits of a style.

    Raises:
        SystemExit: it has none.
    """
    if style not in limits:
        raise SystemExit(
            f"no limits for the style {style!r} (there are: {', '.join(sorted(limits))}); "
            "learn them from a clean run by --calibrate"
        )
    return limits[style]


def beyond(measure: Measure, limits: Limits) -> list[str]:
    """Name the figures of a cluster that are beyond their limits."""
    low = [name for name in LOW if getattr(measure, name) < limits[name]]
    return low + [name for name in HIGH if getattr(measure, name) > limits[name]]


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
    parts = [
        "# Learnt by `audit.py --calibrate` from so many clean lines; meaning: audit_match.py\n"
    ]
    for style, values in sorted(limits.items()):
        parts.append(f"\n[{style}]\n")
        parts += [f"{name} = {values[name]}\n" for name in (*LOW, *HIGH, "lines")]
    path.write_text("".join(parts), encoding="utf-8")
