import numpy as np
import pytest

from synth.calibrate.ink import guesses, working
from synth.calibrate.measured_style import measured, palette_of, with_edges
from synth.calibrate.measures import LineLook, look_at
from synth.rendering.looks import bind
from synth.rendering.style import make_style, style_table
from textlines.pixels.arrays import Image


def looks_at(images: list[Image]) -> list[LineLook]:
    crops = [working(image) for image in images]
    return [
        look_at(image, crop, guesses(crop)[0]) for image, crop in zip(images, crops, strict=True)
    ]


def test_what_was_drawn_is_measured(yellow_lines: list[Image]) -> None:
    looks = looks_at(yellow_lines)
    ground, ink = (
        np.median([getattr(look, name) for look in looks], axis=0) for name in ("ground", "ink")
    )
    assert np.abs(ground - (0x40, 0xD0, 0xE8)).max() < 25
    assert ink[2] < 150 and ink.max() < 150
    assert np.median([look.contrast for look in looks]) > 60
    assert {int(look.height) for look in looks} <= set(range(24, 41))
    fill = np.median([look.fill for look in looks])
    assert 0.5 < fill < 0.9


def test_light_ink_has_a_contrast_below_0() -> None:
    image = np.full((48, 120, 3), 30, np.uint8)
    image[14:34, 20:26] = image[14:34, 60:66] = image[14:34, 100:106] = 220
    assert looks_at([image])[0].contrast < -100


def test_thicker_strokes_measure_thicker() -> None:
    found = []
    for width in (4, 8):
        image = np.full((48, 120, 3), 220, np.uint8)
        for x in (20, 50, 80):
            image[12:36, x : x + width] = 20
        found.append(looks_at([image])[0].stroke)
    assert found[1] > 1.5 * found[0]


def test_a_leaning_line_is_measured_as_such() -> None:
    image = np.full((48, 160, 3), 230, np.uint8)
    for y in range(10, 38):
        for x in (30, 70, 110):
            at = x + round((37 - y) * np.tan(np.radians(15)))
            image[y, at : at + 5] = 20
    assert looks_at([image])[0].slant == pytest.approx(15, abs=3)


def test_measures_become_a_style_that_can_be_drawn(yellow_lines: list[Image]) -> None:
    table = measured(style_table("document"), looks_at(yellow_lines))
    style = make_style(table)
    bind(style)
    assert all(pair.ground[1:3] > "c0" and pair.ground[5:] < "80" for pair in style.palette)
    assert not {"desaturate", "cast"} & set(style.camera)
    assert style.output.native is not None
    assert set(style.output.native.values) <= set(range(24, 41))


def test_pairs_keep_ground_and_ink_together() -> None:
    def look(ground: int, ink: int) -> LineLook:
        rest = dict.fromkeys(LineLook.numbers(), 0.0)
        return LineLook(ground=(ground,) * 3, ink=(ink,) * 3, **rest)

    pairs = palette_of([look(240, 10)] * 3 + [look(20, 200)])
    assert [(pair["ground"], pair["ink"], pair["weight"]) for pair in pairs] == [
        ("#f0f0f0", "#0a0a0a", 3),
        ("#141414", "#c8c8c8", 1),
    ]


def test_nothing_measured_is_refused() -> None:
    with pytest.raises(ValueError, match="no line"):
        measured({}, [])


def edged(edges: float, step: float) -> LineLook:
    rest = dict.fromkeys(LineLook.numbers(), 0.0) | {"edges": edges, "edge_light": step}
    return LineLook(ground=(0, 0, 0), ink=(9, 9, 9), **rest)


@pytest.mark.parametrize(("step", "name"), [(40.0, "bezel"), (-40.0, "frame")])
def test_edges_beyond_those_of_the_text_become_housings_and_frames(step: float, name: str) -> None:
    table = {"distractors": {"bezel": {"p": 0.03}, "frame": {"p": 0.03}}}
    style = with_edges(table, [edged(3, step), edged(2, step)], [edged(1, 0)])
    assert style["distractors"][name]["p"] == 0.5
    assert sum(part["p"] for part in style["distractors"].values()) == 0.53
    assert table["distractors"][name]["p"] == 0.03


def test_lines_without_more_edges_than_text_has_get_none() -> None:
    table = {"distractors": {"bezel": {"p": 0.03}, "frame": {"p": 0.03}}}
    assert with_edges(table, [edged(1, 40)], [edged(1, 0)]) == table


@pytest.mark.parametrize(
    ("heights", "drawn", "native"),
    [((20, 40), 48, (20, 40)), ((60, 90), 90, (60, 90)), ((4, 300), 96, (8, 96))],
)
def test_lines_are_drawn_as_high_as_the_tallest_that_were_seen(
    heights: tuple[int, int], drawn: int, native: tuple[int, int]
) -> None:
    rest = dict.fromkeys(LineLook.numbers(), 0.5) | {"contrast": 80.0}
    looks = [
        LineLook(ground=(200,) * 3, ink=(20,) * 3, **(rest | {"height": float(height)}))
        for height in heights * 10
    ]
    table = style_table("document")
    output = measured(table, looks)["output"]
    style = make_style({"output": output})
    bind(style)
    assert style.output.height == drawn
    assert style.output.native is not None
    assert (min(style.output.native.values), max(style.output.native.values)) == native
    before = make_style(table).output
    assert style.output.max_width / drawn >= before.max_width / before.height
    assert "native" not in table["output"]
