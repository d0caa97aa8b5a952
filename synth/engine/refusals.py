"""Whether an attempt at a line may stand: is its label still to be read, and if not, why.

What costs little is asked first, and what no effect of the line can have done is not asked.
"""

from synth.engine.drawn import Drawn
from synth.engine.gaps import least_open, may_close
from synth.engine.marks import least_over_grain
from synth.engine.parts import least_seen, least_stroke, seen_ink
from synth.faces.shared_ink import MOST_SHARED
from synth.styles.model import Legible
from textlines.formats.manifest import Refusal

PLAIN_TO_SEE = 100
"""Levels of contrast in the weakest half of the weakest cluster from which no part of it can have
faded away."""

LEAST_SEEN = 0.6
"""Of the ink of each part of a cluster."""

OVER_GRAIN = 4.0
"""Standard deviations of the ground's grain by which a small mark must stand out. Of 1,340 lines
with small marks one was below 11, at 2.7: a full stop that nobody finds."""


def refusal(drawn: Drawn, asked: Legible) -> Refusal | None:
    """Name the first reason why an attempt may not stand; None where it may.

    Cells of ink are asked only where the contrast is not plain to see. Single strokes are asked
    for in any case: a strong line may have lost its hairlines, or be so bold that its strokes run
    together.
    """
    verdict = drawn.verdict
    if drawn.shared > MOST_SHARED:
        return "overlap"
    if verdict.contrast < asked.contrast:
        return "contrast"
    if verdict.inside < asked.inside:
        return "outside"
    return _lost_part(drawn, asked) or _closed(drawn, asked)


def _lost_part(drawn: Drawn, asked: Legible) -> Refusal | None:
    asks_parts = asked.part > 0 and drawn.verdict.contrast < PLAIN_TO_SEE
    if not asks_parts and not asked.stroke:
        return None
    mask, boxes = drawn.asked
    planes = seen_ink(drawn.image, mask, drawn.darker, asked.part * asked.contrast)
    if asks_parts and (least_seen(planes, boxes) < LEAST_SEEN or _in_grain(drawn)):
        return "part"
    if asked.stroke and least_stroke(planes) < asked.stroke:
        return "stroke"
    return None


def _in_grain(drawn: Drawn) -> bool:
    return least_over_grain(drawn.image, *drawn.asked, drawn.darker) < OVER_GRAIN


def _closed(drawn: Drawn, asked: Legible) -> Refusal | None:
    if not asked.counter or not may_close(drawn.effects):
        return None
    mask, boxes = drawn.asked
    open_share = least_open(drawn.image, mask, boxes, drawn.darker, drawn.verdict.mean)
    return "counter" if open_share < asked.counter else None
