"""Changes, intervals and p as text; nothing and spaces as signs that are seen."""

from math import floor, log10

from textlines.wilson import Interval, outward
from textlines.wording import Sentence, arranged, say
from textlines.wording.counts import line_count
from train.judging.intervals import Change
from train.judging.significance import ALPHA

NOTHING = "∅"
"""Stands for nothing in the name of a fault: `.→∅` was lost, `∅→#` came from nowhere."""


def visible(text: str) -> str:
    """Return a text whose spaces are seen.

    >>> visible("a b")
    'a␣b'
    """
    return text.replace(" ", "␣")


def points(share: float, digits: int = 2) -> Sentence:
    """Write a change in points (hundredths of the lines), with its sign.

    >>> points(0.0312), points(-0.01), points(0)
    ('+3.12 points', '−1.00 points', '0.00 points')
    """
    return say("{points} points", points=signed_points(share, digits))


def signed_points(share: float, digits: int = 2) -> str:
    """Write a share as points with its sign, without the unit.

    >>> signed_points(-0.00001)
    '0.00'
    """
    value = round(share * 100, digits)
    sign = "+" if value > 0 else "−" if value < 0 else ""
    return f"{sign}{abs(value):.{digits}f}"


def points_range(interval: Interval) -> Sentence:
    """Write an interval of points.

    >>> points_range((-0.005, 0.021))
    '−0.50 to +2.10'
    """
    return say("{low} to {high}", low=signed_points(interval[0]), high=signed_points(interval[1]))


def bounds_behind(interval: Interval | None) -> str:
    """Write an interval behind its figure; nothing for none."""
    if interval is None:
        return ""
    low, high = outward(interval)
    return say(" ({low:+.3f} to {high:+.3f})", low=low, high=high)


def level_words(alpha: float) -> str:
    """Write the level of an interval, as exactly as what it leaves out has to be told.

    Rounded down: no more is said than holds.

    Args:
        alpha: what the interval leaves out, both sides together.

    >>> level_words(0.05), level_words(0.05 / 3), level_words(0.05 / 4), level_words(0.0003)
    ('95 %', '98.3 %', '98.7 %', '99.97 %')
    """
    digits = max(1, 1 - floor(log10(100 * alpha)))
    # 100 * (1 - 0.05) is 95 but for the last bit.
    level = floor(round(100 * (1 - alpha) * 10**digits, 6)) / 10**digits
    return f"{level:.{digits}f}".rstrip("0").rstrip(".") + " %"


def change_words(change: Change, alpha: float | None = None) -> Sentence:
    """Write a change with its interval.

    Args:
        alpha: of the interval to be shown, with its level: the usual one, or that of the claim;
            None shows the usual one without saying so.
    """
    if alpha is None:
        return arranged(
            "{change} ({bounds})", change=points(change.value), bounds=points_range(change.interval)
        )
    return arranged(
        "{change} ({level}: {bounds})",
        change=points(change.value),
        level=level_words(alpha),
        bounds=points_range(change.interval if alpha == ALPHA else change.claim),
    )


def p_words(p: float | None) -> str:
    """Write a p.

    >>> p_words(0.0434), p_words(1e-7), p_words(None)
    ('0.043', '< 0.0001', '–')
    """
    if p is None:
        return "–"
    if p < 0.0001:
        return "< 0.0001"
    return f"{p:.4f}" if p < 0.01 else f"{p:.3f}"


def p_said(p: float) -> str:
    """Write a p in a sentence.

    >>> p_said(0.0434), p_said(1e-7)
    ('p = 0.043', 'p < 0.0001')
    """
    return f"p {p_words(p)}" if p < 0.0001 else f"p = {p_words(p)}"


def lost_words(broken: int, mended: int, lines: int) -> Sentence:
    """Write what was lost among some lines, and what was won.

    >>> lost_words(32, 3, 1200)
    'of 1,200 lines it now misreads 32 that the base reads right, and mends 3'
    """
    return say(
        "of {lines} it now misreads {broken:,} that the base reads right, and mends {mended:,}",
        lines=line_count(lines),
        broken=broken,
        mended=mended,
    )


def how_sure(p: float) -> Sentence:
    """Write how sure a difference between broken and mended lines is.

    Args:
        p: of McNemar's test, after Holm.

    >>> how_sure(0.00003), how_sure(0.021), how_sure(0.4)
    ('p < 0.0001: not by chance', 'p = 0.021: hardly by chance', 'p = 0.400: may be chance')
    """
    if p >= ALPHA:
        return say("{p}: may be chance", p=p_said(p))
    if p < 0.001:
        return say("{p}: not by chance", p=p_said(p))
    return say("{p}: hardly by chance", p=p_said(p))
