"""How the characters of a line differ in width, and where groups of them stand apart."""

from itertools import pairwise

from synth.draws import Draws
from synth.rendering.spans import Span
from synth.rendering.style import Gaps
from textlines.labels.scripts import script_of

KEPT_WIDE = frozenset("0OoQОоΟοㅇ○〇")
"""Round characters, of which in many faces the width alone tells which one it is."""


def character_widths(text: str, span: Span, draws: Draws) -> tuple[float, ...]:
    """Draw a factor on the width of each character.

    Takes one value from the stream, whatever the text. Letters and digits have factors; spaces and
    signs, whose width tells a hyphen from a dash, keep theirs, and so do `KEPT_WIDE`.
    """
    of_line = Draws(draws.bits(32), 0, 0, "widths")
    return tuple(
        round(float(span.draw(of_line)), 4) if char.isalnum() and char not in KEPT_WIDE else 1.0
        for char in text
    )


def gaps_after(text: str, gaps: Gaps, draws: Draws) -> tuple[float, ...]:
    """Draw the gap after each character, as a share of the width of a space; () without any.

    Takes as many values from the stream for every text. A gap stands between letters and digits
    only: beside a space or a sign it would be read with it.
    """
    has_gaps = draws.chance(gaps.p)
    amount, every = float(gaps.amount.draw(draws)), int(gaps.every.draw(draws))
    at_changes = draws.chance(gaps.changes)
    if not has_gaps:
        return ()
    kinds = [_kind(char) for char in text]
    places = [
        bool(kind and after)
        and ((at_changes and kind != after) or (every > 0 and number % every == 0))
        for number, (kind, after) in enumerate(pairwise(kinds), 1)
    ]
    return (*(amount if place else 0.0 for place in places), 0.0) if any(places) else ()


def _kind(char: str) -> str:
    """Name what a letter or digit belongs to; "" of all else."""
    if char.isdigit():
        return "digit"
    return script_of(char) if char.isalpha() else ""
