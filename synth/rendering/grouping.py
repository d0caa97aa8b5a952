"""How the characters of a line differ in width, and where groups of them stand apart."""

from itertools import groupby, pairwise

from synth.corpus.lookalikes import is_unplaced
from synth.draws import Draws
from synth.rendering.spans import Span
from synth.rendering.style import Gaps, Sizes
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
    places, count = [], 0
    for kind, after in pairwise(map(_kind, text)):
        count = count + 1 if kind else 0
        counted = every > 0 and count % every == 0
        places.append(bool(kind and after) and (counted or (at_changes and kind != after)))
    return (*(amount if place else 0.0 for place in places), 0.0) if any(places) else ()


def group_sizes(text: str, sizes: Sizes, draws: Draws) -> tuple[float, ...]:
    """Draw a factor on the size of each character, one for each group; () where all are alike.

    Takes two values from the stream, whatever the text.
    """
    has_sizes, of_line = draws.chance(sizes.p), Draws(draws.bits(32), 0, 0, "sizes")
    if not has_sizes:
        return ()
    groups = ["".join(chars) for _, chars in groupby(text, key=lambda char: _kind(char) or char)]
    words = [number for number, group in enumerate(groups) if _kind(group[0])]
    if len(words) < 2:
        return ()
    whole = of_line.pick(words)
    factors: list[float] = []
    for number, group in enumerate(groups):
        factor = round(float(sizes.factor.draw(of_line)), 4)
        keeps = number == whole or not _kind(group[0]) or is_unplaced(group)
        factors += [1.0 if keeps else factor] * len(group)
    return tuple(factors)


def _kind(char: str) -> str:
    """Name what a letter or digit belongs to; "" of all else."""
    if char.isdigit():
        return "digit"
    return script_of(char) if char.isalpha() else ""
