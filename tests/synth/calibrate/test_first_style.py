"""What crops show becomes a style, with a recognizer that sees light alone."""

from typing import Any

import pytest

from synth.calibrate.compression import Compressed
from synth.calibrate.drawing import Scene
from synth.calibrate.first_style import _Building, first_style
from synth.calibrate.fitting import Target
from synth.calibrate.ink import guesses, working
from synth.calibrate.measures import Inked, inked_lines, look_at
from synth.rendering.looks import bind
from synth.rendering.style import make_style
from tests.synth.calibrate.conftest import Here, Looker

TEXTS = tuple(str(number) for number in (7, 42, 305, 1936, 28374) * 6)
PLAIN: dict[str, Any] = {
    "name": "plain",
    "faces": ["seven_segment"],
    "surfaces": {"plain": {"p": 1, "level": 200}},
    "text": {"fill": 0.7, "ink_share": 1, "left": 0.15, "right": 0.15},
}
WINDOW: dict[str, Any] = {**PLAIN, "output": {"window": {"width": 5, "align": "right"}}}


def studio() -> Any:
    return Here(Scene(TEXTS, frozenset("0123456789"), "none"))


def lines_of(style: dict[str, Any]) -> list[Inked]:
    found = []
    images = studio().draw(style, range(len(TEXTS)))
    for text, image in zip(TEXTS, images, strict=True):
        seen = working(image)
        mask = guesses(seen)[0]
        found.append(Inked(text, mask, 1.0, look_at(image, seen, mask)))
    return found


def building(real: dict[str, Any]) -> _Building:
    """Return what builds a style, held against lines of one, of which `PLAIN` is the first."""
    here = studio()
    target = Target(here.see([real], range(len(TEXTS)))[0].features.astype(float))
    made = _Building(here, target, Looker())
    made.best = target.score(here.see([PLAIN], range(len(TEXTS)))[0]).whole
    return made


def test_lines_in_windows_get_one() -> None:
    made = building(WINDOW)
    style = made.with_window(PLAIN, lines_of(WINDOW))
    assert style["output"]["window"]["align"] == "right"
    assert style["output"]["window"]["width"]["values"] == pytest.approx([5.0] * 9, abs=0.05)
    (step,) = made.steps
    assert step.is_kept and made.best == step.score < 1


def test_a_window_by_which_lines_come_no_closer_is_left() -> None:
    made = building(PLAIN)
    assert made.with_window(PLAIN, lines_of(WINDOW)) == PLAIN
    (step,) = made.steps
    assert not step.is_kept and made.best < step.score


def test_lines_that_are_cut_around_their_text_are_not_tried_in_windows() -> None:
    made = building(PLAIN)
    assert made.with_window(PLAIN, lines_of(PLAIN)) == PLAIN and not made.steps


def test_the_first_style_begins_with_the_compression_and_the_perspective_of_the_crops() -> None:
    texts = ("380025",) * 16
    scene = Scene(texts, frozenset("0123456789"), "none")
    here: Any = Here(scene)
    begun = {
        **PLAIN,
        "camera": {"jpeg": {"p": 0.1, "quality": [40, 92]}},
        "output": {"quality": [82, 97]},
    }
    seen_aslant = {**begun, "geometry": {"keystone": {"p": 1, "side": 0.2}}}
    reader = Looker(texts[0])
    images = [image for image in here.draw(seen_aslant, range(16)) if image is not None]
    inked = [line for line in inked_lines(images, texts, reader) if line is not None]
    assert len(inked) == 16
    target = Target(here.see([seen_aslant], range(16))[0].features.astype(float))
    target.score(here.see([begun], range(16))[0])
    jpeg = Compressed(16, (60, 62, 64, 66) * 4)
    first = first_style(here, target, begun, inked, jpeg, reader)
    assert first.style["camera"]["jpeg"]["p"] == 1.0
    assert set(first.style["camera"]["jpeg"]["quality"]["values"]) <= set(range(60, 67))
    assert first.style["output"]["quality"] == [95, 98]
    sides = first.style["geometry"]["keystone"]["side"]["values"]
    assert sides == pytest.approx([0.2] * 9, abs=0.06)
    assert len(first.perspective) == 16
    bind(make_style(first.style))
