"""A change with its interval as a small picture."""

from collections.abc import Sequence

from markupsafe import Markup, escape

from textlines.wording import arranged, say
from train.judging.figure_words import bounds, points, signed
from train.judging.verdict import Interval

_EDGE = 8


def reach_of(changes: Sequence[Interval], limit: float = 0.0) -> float:
    """Give how far a common axis must reach either way, a round number of points as a share.

    >>> reach_of([(-0.004, 0.012)], 0.01), reach_of([])
    (0.02, 0.01)
    """
    most = max([abs(limit), *(abs(bound) for one in changes for bound in one)], default=0)
    return next(r for r in (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0) if r >= most or r == 2.0)


def change_svg(
    value: float, interval: Interval, *, reach: float, limit: float | None = None, wide: int = 200
) -> Markup:
    """Draw a change on an axis from -reach to +reach, with 0 and a limit marked.

    Args:
        value, interval, reach, limit: shares (0.01 is a point).
        wide: in pixels.
    """

    def x(share: float) -> float:
        held = min(max(share, -reach), reach)
        return _EDGE + (held + reach) / (2 * reach) * (wide - 2 * _EDGE)

    low, high = interval
    parts = [
        f'<line class="axis" x1="{_EDGE}" y1="10" x2="{wide - _EDGE}" y2="10"/>',
        f'<rect class="band" x="{x(low):.1f}" y="5" width="{max(x(high) - x(low), 1.5):.1f}" '
        'height="10" rx="2"/>',
        f'<line class="zero" x1="{x(0):.1f}" y1="1" x2="{x(0):.1f}" y2="19"/>',
    ]
    if limit is not None:
        at = f"{x(limit):.1f}"
        parts.append(
            f'<line class="limit" x1="{at}" y1="1" x2="{at}" y2="19"><title>'
            f"{escape(say('the limit: {change}', change=points(limit)))}</title></line>"
        )
    parts.append(f'<line class="mark" x1="{x(value):.1f}" y1="3" x2="{x(value):.1f}" y2="17"/>')
    ends = ((_EDGE, "start", -reach), (x(0), "middle", 0.0), (wide - _EDGE, "end", reach))
    parts += (
        f'<text x="{at:.1f}" y="26" style="text-anchor:{anchor}">{signed(share, 0)}</text>'
        for at, anchor, share in ends
    )
    told = escape(arranged("{change}, {bounds}", change=points(value), bounds=bounds(interval)))
    return Markup(
        f'<svg class="change" viewBox="0 0 {wide} 32" width="{wide}" height="32" role="img" '
        f'aria-label="{told}"><title>{told}</title>{"".join(parts)}</svg>'
    )
