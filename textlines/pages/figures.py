"""Plots as inline SVG, in the colours of the page."""

from collections.abc import Mapping, Sequence
from math import floor, log10

from markupsafe import Markup, escape

from textlines.pages.tables import number
from textlines.wording import arranged, say, spoken

_ROW, _GAP, _NAME, _BAR, _FIGURE = 16, 8, 120, 420, 70
_SERIES = 4
"""Colours that the style sheet has for series; more take the first again."""


def bars(
    labels: Sequence[str],
    series: Mapping[str, Sequence[float]],
    *,
    title: str = "",
    unit: str = "",
) -> Markup:
    """Draw horizontal bars: for each label one bar of each series, with its figure.

    Args:
        labels: what the groups of bars are named.
        series: by name, one value (0 or more) for each label. One series has no legend.
        unit: stands behind the figures.

    Raises:
        ValueError: a series has another number of values, or a negative one.
    """
    for name, values in series.items():
        if len(values) != len(labels) or min(values, default=0) < 0:
            raise ValueError(f"series {name!r} needs {len(labels)} values of 0 or more")
    most = max((max(values, default=0) for values in series.values()), default=0) or 1
    group = _ROW * len(series) + _GAP
    parts = []
    for at, label in enumerate(labels):
        top = at * group
        middle = top + (group - _GAP) / 2
        parts.append(_text(_NAME - 8, middle, label, "name"))
        for order, (name, values) in enumerate(series.items()):
            y, width = top + order * _ROW, values[at] / most * _BAR
            hint = _hint(
                arranged("{label}: {value}", label=label, value=number(values[at]) + unit), name
            )
            parts.append(
                f'<rect class="s{order % _SERIES}" x="{_NAME}" y="{y + 1}" '
                f'width="{max(width, 0.5):.1f}" height="{_ROW - 2}" rx="2">'
                f"<title>{escape(hint)}</title></rect>"
            )
            figure = number(values[at]) + unit
            parts.append(_text(_NAME + width + 6, y + _ROW / 2, figure, "figure"))
    size = (_NAME + _BAR + _FIGURE, max(group * len(labels) - _GAP, 1))
    return _figure(size, "".join(parts), title, list(series) if len(series) > 1 else [])


def histogram(
    series: Mapping[str, Sequence[float]], *, bins: int = 20, title: str = "", unit: str = ""
) -> Markup:
    """Draw how often values fall into bins of equal width, as shares of each series.

    Args:
        series: values by name; series may differ in number, as shares are drawn.
        bins: how many at most; widths are 1, 2 or 5 times a power of ten.
        unit: of the values.
    """
    values = [value for numbers in series.values() for value in numbers]
    if not values:
        return _figure((_BAR, 1), "", say("{title}: nothing to show", title=title), [])
    low, step, count = _bins(min(values), max(values), bins)
    height, left, foot = 150, 54, 38
    wide = _BAR / count
    shares = {name: _shares(numbers, low, step, count) for name, numbers in series.items()}
    most = max(max(numbers) for numbers in shares.values()) or 1
    parts = [
        f'<line class="axis" x1="{left}" y1="{height}" x2="{left + _BAR}" y2="{height}"/>',
        _text(left - 6, 8, f"{most * 100:.3g} %", "name"),
        _text(left - 6, height - 4, "0", "name"),
    ]
    for order, (name, numbers) in enumerate(shares.items()):
        thin = (wide - 1.5) / len(shares)
        for at, share in enumerate(numbers):
            tall = share / most * (height - 4)
            start = low + at * step
            hint = _hint(
                say(
                    "{low} to {high}{unit}: {share}",
                    low=number(start),
                    high=number(start + step),
                    unit=unit,
                    share=f"{share * 100:.3g} %",
                ),
                name,
            )
            parts.append(
                f'<rect class="s{order % _SERIES}" x="{left + at * wide + order * thin:.1f}" '
                f'y="{height - tall:.1f}" width="{max(thin, 0.5):.1f}" height="{tall:.1f}">'
                f"<title>{escape(hint)}</title></rect>"
            )
    every = -(-count // 8)
    parts += (
        _text(left + at * wide, height + 14, number(low + at * step), "tick")
        for at in range(0, count + 1, every)
    )
    parts.append(_text(left + _BAR, height + 29, unit.strip(), "name"))
    return _figure((left + _BAR + 24, height + foot), "".join(parts), title, _named(series))


def interval(low: float, middle: float, high: float) -> Markup:
    """Draw a share (0..1) with its bounds, small enough for a table's cell."""
    x, wide = 60 * low, max(60 * (high - low), 1)
    return Markup(
        '<svg class="interval" viewBox="0 0 60 12" width="60" height="12" aria-hidden="true">'
        '<line class="axis" x1="0" y1="6" x2="60" y2="6"/>'
        f'<rect class="s0" x="{x:.1f}" y="3" width="{wide:.1f}" height="6" rx="1"/>'
        f'<line class="mark" x1="{60 * middle:.1f}" y1="0" x2="{60 * middle:.1f}" y2="12"/></svg>'
    )


def _named(series: Mapping[str, Sequence[float]]) -> list[str]:
    return list(series) if len(series) > 1 else []


def _shares(values: Sequence[float], low: float, step: float, count: int) -> list[float]:
    counts = [0] * count
    for value in values:
        counts[min(int((value - low) / step), count - 1)] += 1
    return [count / max(len(values), 1) for count in counts]


def _bins(low: float, high: float, most: int) -> tuple[float, float, int]:
    """Return start, width and number of round bins that hold all values.

    >>> _bins(3, 61, 20)
    (0, 5, 13)
    """
    rough = (high - low) / most or 1
    power = 10 ** floor(log10(rough))
    step = next(power * n for n in (1, 2, 5, 10) if power * n >= rough * 0.999999)
    if all(float(value).is_integer() for value in (low, high)):
        step = max(1, round(step))
    start = floor(low / step) * step
    return start, step, int((high - start) / step) + 1


def _hint(figure: str, name: str) -> str:
    return arranged("{figure} ({name})", figure=figure, name=name) if name else figure


def _text(x: float, y: float, text: str, kind: str) -> str:
    text = spoken(text)
    shown = text if len(text) <= 18 else text[:17] + "…"
    hint = f"<title>{escape(text)}</title>" if shown != text else ""
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}">{escape(shown)}{hint}</text>'


def _figure(size: tuple[float, float], body: str, title: str, legend: Sequence[str]) -> Markup:
    keys = "".join(
        f'<span class="key"><i class="s{n % _SERIES}"></i>{escape(name)}</span>'
        for n, name in enumerate(legend)
    )
    caption = f"<figcaption>{escape(title)}{keys}</figcaption>" if title or keys else ""
    return Markup(
        f'<figure class="plot">{caption}<svg viewBox="0 0 {size[0]:g} {size[1]:g}" '
        f'width="{size[0]:g}" role="img" aria-label="{escape(title)}">{body}</svg></figure>'
    )
