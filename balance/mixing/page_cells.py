"""Cells that the sections of `mix.html` share."""

from markupsafe import Markup

from balance.mixing.arrays import Floats, Ints
from textlines.pages.tables import Cell
from textlines.wording import say

MOST_BARS = 24
SHOWN_ROWS = 40


def percent(counts: Ints) -> Floats:
    """Give each count's share of all, in percent."""
    return 100 * counts / max(int(counts.sum()), 1)


def share_cell(value: float) -> Cell:
    """Write a share to three digits."""
    return Cell(f"{value:.3g}", sort=float(value))


def change_cell(now: float, before: float) -> Cell:
    """Write how much a share grew."""
    if before <= 0:
        return Cell(say("new") if now > 0 else "", sort=1e9 if now > 0 else 0.0)
    return Cell(f"{now / before - 1:+.1%}", sort=float(now / before - 1))


def shown(code: int) -> str:
    """Write a code point so that a space is seen."""
    return "␣" if code == 32 else chr(code)


def char_cell(code: int) -> Cell:
    """Write a code point large."""
    return Cell(Markup('<span class="char">{}</span>').format(shown(code)), sort=chr(code))
