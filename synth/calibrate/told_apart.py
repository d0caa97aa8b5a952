"""What still tells drawn lines from real ones, measure by measure and in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from synth.calibrate.measures import LineLook, numbers_of
from textlines.wording import Sentence, say

_PLAIN = 0.6
"""Share of pairs that a measure must order rightly to be worth a word."""

_MOST_WORDS = 6


@dataclass(frozen=True, slots=True)
class Difference:
    """One measure of real and of drawn lines.

    Attributes:
        measure: its name in `LineLook`.
        real, drawn: medians.
        told: share of pairs of a real and a drawn line that the measure orders as most of them,
            0.5 (says nothing) to 1.
    """

    measure: str
    real: float
    drawn: float
    told: float


def differences(real: Sequence[LineLook], drawn: Sequence[LineLook]) -> list[Difference]:
    """Compare lines by each measure; what tells most comes first.

    Raises:
        ValueError: a side has no line.
    """
    if not real or not drawn:
        raise ValueError("a side has no line")
    one, other = numbers_of(real), numbers_of(drawn)
    found = []
    for at, name in enumerate(LineLook.numbers()):
        above = (one[:, None, at] > other[None, :, at]).mean()
        above += 0.5 * (one[:, None, at] == other[None, :, at]).mean()
        found.append(
            Difference(
                name,
                float(np.median(one[:, at])),
                float(np.median(other[:, at])),
                float(max(above, 1 - above)),
            )
        )
    return sorted(found, key=lambda each: (-each.told, each.measure))


MEASURES: Mapping[str, Sentence] = {
    "height": say("height of the file, pixels"),
    "width": say("width of the file, in heights"),
    "level": say("light of the ground, 0 to 255"),
    "contrast": say("contrast, levels (below 0: light ink)"),
    "ground_colour": say("colour of the ground, levels"),
    "ink_colour": say("colour of the ink, levels"),
    "stroke": say("width of strokes, of the height"),
    "fill": say("height of the ink, of the height"),
    "left": say("margin on the left, of the height"),
    "right": say("margin on the right, of the height"),
    "above": say("margin above, of the height"),
    "below": say("margin below, of the height"),
    "density": say("share of ink in its box"),
    "slant": say("lean to the right, degrees"),
    "slope": say("climb of the line, degrees"),
    "sharpness": say("steepest steps, of the contrast"),
    "fine": say("share of the finest detail"),
    "noise": say("grain of the ground, levels"),
    "blocks": say("JPEG blocks"),
    "light_across": say("light from left to right, of the level"),
    "light_down": say("light from top to bottom, of the level"),
    "uneven": say("unevenness of the light, of the level"),
    "edges": say("straight edges beside the line, of 4 sides"),
    "edge_light": say("step of these edges outwards, levels"),
}
"""What each measure of `LineLook` is, with its unit."""

_SHARES = {
    "stroke": (
        say("Real strokes are {much} thicker."),
        say("Real strokes are {much} thinner."),
    ),
    "fill": (
        say("Real ink is {much} taller in its crop."),
        say("Real ink is {much} lower in its crop."),
    ),
    "density": (
        say("Real letters hold {much} more ink."),
        say("Real letters hold {much} less ink."),
    ),
    "sharpness": (
        say("Real edges are {much} sharper."),
        say("Real edges are {much} softer."),
    ),
    "fine": (
        say("Real lines hold {much} more fine detail."),
        say("Real lines hold {much} less fine detail."),
    ),
    "noise": (
        say("Real grounds are {much} grainier."),
        say("Real grounds are {much} smoother."),
    ),
    "blocks": (
        say("Real JPEG blocks are {much} plainer."),
        say("Real JPEG blocks are {much} fainter."),
    ),
    "uneven": (
        say("Real light is {much} more uneven."),
        say("Real light is {much} more even."),
    ),
    "ground_colour": (
        say("Real grounds are {much} more colourful."),
        say("Real grounds are {much} greyer."),
    ),
    "ink_colour": (
        say("Real ink is {much} more colourful."),
        say("Real ink is {much} greyer."),
    ),
    "left": (
        say("Real margins on the left are {much} wider."),
        say("Real margins on the left are {much} narrower."),
    ),
    "right": (
        say("Real margins on the right are {much} wider."),
        say("Real margins on the right are {much} narrower."),
    ),
    "above": (
        say("Real margins above are {much} wider."),
        say("Real margins above are {much} narrower."),
    ),
    "below": (
        say("Real margins below are {much} wider."),
        say("Real margins below are {much} narrower."),
    ),
    "height": (
        say("Real files are {much} taller."),
        say("Real files are {much} lower."),
    ),
    "width": (
        say("Real files are {much} wider beside their height."),
        say("Real files are {much} narrower beside their height."),
    ),
    "edges": (
        say("Real lines have {much} more straight edges beside them."),
        say("Real lines have {much} fewer straight edges beside them."),
    ),
}
"""Of measures that are compared as a ratio: what is said of more, and of less."""

_FAR = say("over 400 %")

_LEVELS = {
    "level": (
        say("Real grounds are {much} levels lighter."),
        say("Real grounds are {much} levels darker."),
    ),
    "contrast": (
        say("Real ink is {much} levels darker against its ground."),
        say("Real ink is {much} levels lighter against its ground."),
    ),
    "edge_light": (
        say("Real edges lead {much} levels further into the light."),
        say("Real edges lead {much} levels further into the dark."),
    ),
    "slant": (
        say("Real letters lean {much} degrees more to the right."),
        say("Real letters lean {much} degrees more to the left."),
    ),
    "slope": (
        say("Real lines climb {much} degrees more."),
        say("Real lines climb {much} degrees less."),
    ),
    "light_across": (
        say("Real light grows to the right by {much} % more."),
        say("Real light grows to the left by {much} % more."),
    ),
    "light_down": (
        say("Real light grows downwards by {much} % more."),
        say("Real light grows upwards by {much} % more."),
    ),
}
"""Of measures that are compared by what lies between them."""

_PERCENT = frozenset(("light_across", "light_down"))


def in_words(found: Sequence[Difference], most: int = _MOST_WORDS) -> list[Sentence]:
    """Say what tells real lines from drawn ones, the plainest first.

    >>> print(in_words([Difference("stroke", 0.14, 0.1, 0.9)])[0])
    Real strokes are 40 % thicker.
    """
    words: list[Sentence] = []
    for each in found:
        if each.told < _PLAIN or len(words) >= most:
            break
        is_more = each.real > each.drawn
        if each.measure in _LEVELS:
            gap = abs(each.real - each.drawn) * (100 if each.measure in _PERCENT else 1)
            if gap < 0.5:
                continue
            sentence = _LEVELS[each.measure][0 if is_more else 1]
            words.append(sentence.filled(much=f"{gap:.0f}"))
        elif each.real != each.drawn:
            sentence = _SHARES[each.measure][0 if is_more else 1]
            words.append(sentence.filled(much=_ratio(each.real, each.drawn)))
    return words


def _ratio(real: float, drawn: float) -> "Sentence | str":
    """Write how much more or less, as a share of ours."""
    if drawn <= 1e-6 or real / drawn > 5:
        return _FAR
    return f"{abs(real / drawn - 1) * 100:.0f} %"
