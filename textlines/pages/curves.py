"""Curves as inline SVG: how a figure went over the steps of a run, or over what is counted."""

import math
from collections.abc import Mapping, Sequence

from markupsafe import Markup, escape

from textlines.pages.tables import number
from textlines.wording import arranged, say

_WIDE, _HIGH, _LEFT, _FOOT, _TOP = 460, 150, 60, 30, 8

_MARKS = 4
"""Values that the axis names, about."""

Points = Sequence[tuple[float, float]]


def curves(
    series: Mapping[str, Points],
    *,
    title: str,
    unit: str = "",
    low: float | None = None,
    counted: str = "",
) -> Markup:
    """Draw curves over the steps, each with its points.

    Args:
        series: by name, pairs of step and value, by rising step; an empty one is left out.
        unit: stands behind the values of the axis.
        low: where the axis of values begins; None begins just below the lowest value.
        counted: what the steps are, where they are none of a run: "pages".
    """
    shown = {name: points for name, points in series.items() if points}
    if not shown:
        return Markup("<p>{}</p>").format(say("Nothing to draw."))
    steps = [step for points in shown.values() for step, _ in points]
    values = [value for points in shown.values() for _, value in points]
    marks = round_marks(min(values) if low is None else low, max(values))
    bottom, top = marks[0], marks[-1]
    last = max(max(steps), 1)

    def place(step: float, value: float) -> tuple[float, float]:
        x = _LEFT + step / last * _WIDE
        return x, _TOP + (top - value) / (top - bottom) * _HIGH

    parts = [
        f'<line class="axis" x1="{_LEFT}" y1="{_TOP + _HIGH}" x2="{_LEFT + _WIDE}" '
        f'y2="{_TOP + _HIGH}"/>'
    ]
    for value in marks:
        _, y = place(0, value)
        text = f"{short(value)}{unit}"
        if value > bottom:
            parts.append(
                f'<line class="axis faint" x1="{_LEFT}" y1="{y:.1f}" x2="{_LEFT + _WIDE}" '
                f'y2="{y:.1f}"/>'
            )
        parts.append(f'<text class="name" x="{_LEFT - 6}" y="{y:.1f}">{escape(text)}</text>')
    # A whole step in the middle: a mark is not to name one that it does not stand at.
    for step in sorted({0, last // 2, last}):
        x, _ = place(step, bottom)
        text = escape(number(round(step)) if step else counted or say("step 0"))
        parts.append(f'<text class="tick" x="{x:.1f}" y="{_TOP + _HIGH + 18}">{text}</text>')
    for order, (name, points) in enumerate(shown.items()):
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in (place(*point) for point in points))
        parts.append(f'<polyline class="curve c{order % 4}" points="{path}"/>')
        for step, value in points:
            x, y = place(step, value)
            said = {
                "name": name,
                "step": number(round(step)),
                "value": f"{value:.4g}{unit}",
            }
            hint = escape(
                arranged("{name}, {counted} {step}: {value}", counted=counted, **said)
                if counted
                else say("{name}, step {step}: {value}", **said)
            )
            parts.append(
                f'<circle class="s{order % 4}" cx="{x:.1f}" cy="{y:.1f}" r="2.5">'
                f"<title>{hint}</title></circle>"
            )
    keys = "".join(
        f'<span class="key"><i class="s{order % 4}"></i>{escape(name)}</span>'
        for order, name in enumerate(shown)
    )
    wide, high = _LEFT + _WIDE + 24, _TOP + _HIGH + _FOOT
    return Markup(
        f'<figure class="plot"><figcaption>{escape(title)}{keys}</figcaption>'
        f'<svg viewBox="0 0 {wide} {high}" width="{wide}" role="img" '
        f'aria-label="{escape(title)}">{"".join(parts)}</svg></figure>'
    )


def round_marks(low: float, high: float) -> list[float]:
    """Return round values, evenly apart, the first at most `low` and the last at least `high`.

    >>> round_marks(0, 2.96), round_marks(70.0, 94.5)
    ([0.0, 1.0, 2.0, 3.0], [70.0, 80.0, 90.0, 100.0])
    >>> round_marks(5, 5)
    [5.0, 6.0]
    """
    rough = (high - low) / (_MARKS - 1)
    if rough <= max(abs(low) * 1e-9, 1e-300):
        return [float(low), low + 1.0]
    ten = 10.0 ** math.floor(math.log10(rough))
    step = next(ten * factor for factor in (1, 2, 5, 10) if ten * factor >= rough * (1 - 1e-9))
    first = math.floor(low / step + 1e-9)
    last = max(math.ceil(high / step - 1e-9), first + 1)
    return [float(f"{number * step:.12g}") for number in range(first, last + 1)]


def short(value: float) -> str:
    """Write a value of the axis in few characters.

    >>> short(0), short(82.5), short(0.00025), short(25000)
    ('0', '82.5', '2.5e-4', '25000')
    """
    if value and abs(value) < 0.001:
        mantissa, _, power = f"{value:.2e}".partition("e")
        return f"{float(mantissa):g}e{int(power)}"
    return f"{value:.6g}"


STYLE = Markup(
    ".curve { fill: none; stroke-width: 1.6; opacity: .8; }"
    " .c0 { stroke: var(--s0); } .c1 { stroke: var(--s1); }"
    " .plots { display: flex; flex-wrap: wrap; gap: 0 2rem; } .faint { opacity: .35; }"
    " .c2 { stroke: var(--s2); } .c3 { stroke: var(--s3); }"
)
"""CSS of the curves, beyond that of the page."""
