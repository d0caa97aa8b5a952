"""Curves as inline SVG: how a figure went over the steps of a run."""

from collections.abc import Mapping, Sequence

from markupsafe import Markup, escape

from textlines.pages.tables import number

_WIDE, _HIGH, _LEFT, _FOOT, _TOP = 460, 150, 52, 30, 8

Points = Sequence[tuple[float, float]]


def curves(
    series: Mapping[str, Points], *, title: str, unit: str = "", low: float | None = None
) -> Markup:
    """Draw curves over the steps, each with its points.

    Args:
        series: by name, pairs of step and value, by rising step; an empty one is left out.
        unit: stands behind the values of the axis.
        low: where the axis of values begins; None takes the lowest value.
    """
    shown = {name: points for name, points in series.items() if points}
    if not shown:
        return Markup("<p>Nothing to draw.</p>")
    steps = [step for points in shown.values() for step, _ in points]
    values = [value for points in shown.values() for _, value in points]
    bottom = min(values) if low is None else low
    top = max(max(values), bottom + 1e-9)
    last = max(max(steps), 1)

    def place(step: float, value: float) -> tuple[float, float]:
        x = _LEFT + step / last * _WIDE
        return x, _TOP + (top - value) / (top - bottom or 1) * _HIGH

    parts = [
        f'<line class="axis" x1="{_LEFT}" y1="{_TOP + _HIGH}" x2="{_LEFT + _WIDE}" '
        f'y2="{_TOP + _HIGH}"/>'
    ]
    for value in (bottom, (bottom + top) / 2, top):
        _, y = place(0, value)
        text = f"{value:.3g}{unit}"
        parts.append(f'<text class="name" x="{_LEFT - 6}" y="{y + 4:.1f}">{escape(text)}</text>')
    for step in (0, last / 2, last):
        x, _ = place(step, bottom)
        text = number(round(step))
        parts.append(f'<text class="tick" x="{x:.1f}" y="{_TOP + _HIGH + 16}">{text}</text>')
    for order, (name, points) in enumerate(shown.items()):
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in (place(*one) for one in points))
        parts.append(f'<polyline class="curve c{order % 4}" points="{path}"/>')
        for step, value in points:
            x, y = place(step, value)
            hint = escape(f"{name}, step {number(round(step))}: {value:.4g}{unit}")
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


STYLE = Markup(
    ".curve { fill: none; stroke-width: 1.6; opacity: .8; }"
    " .c0 { stroke: var(--s0); } .c1 { stroke: var(--s1); }"
    " .c2 { stroke: var(--s2); } .c3 { stroke: var(--s3); }"
)
"""CSS of the curves, beyond that of the page."""
