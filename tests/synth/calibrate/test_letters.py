from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synth.api import Renderer
from synth.calibrate.ink import guesses, working
from synth.calibrate.letters import (
    LetteredLine,
    LineSetting,
    Usual,
    _joined,
    letters_of,
    shape_of,
    shapes_of,
)
from synth.calibrate.measured_style import PLAINLY_SET, set_as
from synth.calibrate.measures import Inked, look_at
from synth.calibrate.nearest_faces import family_distances, weights_by
from synth.faces.display import display_faces
from synth.faces.face_pool import EVERY_OTHER
from synth.rendering.glyph_bitmaps import GlyphCache
from synth.rendering.style import make_style

TEXTS = tuple(f"{number:03d}{number % 8}{number * 7 % 10}" for number in range(100, 130))

PLAIN: Mapping[str, Any] = {
    "name": "plain",
    "faces": ["seven_segment"],
    "surfaces": {"plain": {"p": 1, "level": 220}},
    "ink": {"contrast": 0.8},
    "output": {"height": 64},
    "text": {**PLAINLY_SET, "fill": 0.8, "ink_share": 1},
}


def drawn(texts: Sequence[str], *, seed: int = 1, **text: object) -> list[Inked]:
    style = {**PLAIN, "text": {**PLAIN["text"], **text}}
    renderer = Renderer(style, alphabet=list("0123456789"), seed=seed)
    lines = []
    for number, line in enumerate(texts):
        image = renderer.render(line, number).image
        crop = working(image)
        mask = guesses(crop)[0]
        lines.append(Inked(line, mask, 1.0, look_at(image, crop, mask)))
    return lines


def lettered(texts: Sequence[str], *, seed: int = 1, **text: object) -> list[LetteredLine]:
    return [line for line in map(letters_of, drawn(texts, seed=seed, **text)) if line is not None]


def settings(usual: Usual, lines: Sequence[LetteredLine]) -> list[LineSetting]:
    return [one for one in map(usual.setting, lines) if one is not None]


def bars(spans: Sequence[tuple[int, int]], text: str, *, lean: float = 0.0) -> Inked:
    image = np.full((48, 200, 3), 230, np.uint8)
    for left, right in spans:
        for y in range(10, 38):
            at = round((24 - y) * np.tan(np.radians(lean)))
            image[y, left + at : right + at] = 20
    mask = image[..., 0] < 128
    return Inked(text, mask, 1.0, look_at(image, image, mask))


def test_a_line_is_cut_where_its_ink_is_parted() -> None:
    line = letters_of(bars([(20, 30), (40, 52), (70, 76)], "ab c"))
    assert line is not None
    assert [(one.char, one.ink.shape) for one in line.letters] == [
        ("a", (28, 10)),
        ("b", (28, 12)),
        ("c", (28, 6)),
    ]
    assert line.parted == (False, True)


def test_a_leaning_line_is_set_upright_first() -> None:
    upright = [(20, 30), (33, 45), (48, 54)]
    line = letters_of(bars(upright, "abc", lean=20))
    assert line is not None
    assert [one.ink.shape[1] for one in line.letters] == pytest.approx([10, 12, 6], abs=2)


def test_the_parts_of_a_syllable_stay_together() -> None:
    line = letters_of(bars([(20, 28), (31, 35), (50, 58), (60, 64)], "가너"))
    assert line is not None
    assert [one.right - one.left for one in line.letters] == [15, 14]


@pytest.mark.parametrize("text", ["abcd", "a", "ab\u0301", ""])
def test_what_cannot_be_told_apart_is_not_cut(text: str) -> None:
    assert letters_of(bars([(20, 60), (90, 140)], text)) is None


def test_a_text_that_is_not_sure_is_not_cut() -> None:
    sure = bars([(20, 30), (40, 50)], "ab")
    assert letters_of(Inked("ab", sure.mask, 0.9, sure.look)) is None


@given(
    st.lists(st.integers(1, 9), min_size=2, max_size=24).filter(
        lambda widths: len(widths) % 2 == 0
    ),
    st.integers(1, 12),
)
def test_joined_runs_cover_the_same_ink_in_the_same_order(widths: list[int], count: int) -> None:
    edges = np.cumsum(widths)
    runs = [(int(edges[at]), int(edges[at + 1])) for at in range(0, len(edges), 2)]
    joined = _joined(runs, count)
    if len(runs) < count:
        assert joined is None
        return
    assert joined is not None and len(joined) == count
    assert joined[0][0] == runs[0][0] and joined[-1][1] == runs[-1][1]
    assert {left for left, _ in joined} <= {left for left, _ in runs}
    assert {right for _, right in joined} <= {right for _, right in runs}


def test_what_was_set_is_measured() -> None:
    usual = Usual(lettered(TEXTS))
    plain = settings(usual, lettered(TEXTS, seed=2))
    other = settings(usual, lettered(TEXTS, seed=3, stretch=1.4, spacing=0.3))
    assert min(len(plain), len(other)) >= 20
    middle = np.median([[one.stretch, one.gap] for one in plain], axis=0)
    changed = np.median([[one.stretch, one.gap] for one in other], axis=0)
    assert changed[0] / middle[0] == pytest.approx(1.4, rel=0.12)
    assert changed[1] - middle[1] > 0.15


def test_a_setting_becomes_the_keys_of_a_style() -> None:
    usual = Usual(lettered(TEXTS))
    apart = Usual(lettered(TEXTS, spacing=0.2)).gap - usual.gap
    plain = settings(usual, lettered(TEXTS, seed=2))
    real = settings(usual, lettered(TEXTS, seed=3, stretch=0.8, spacing=0.25))
    text = set_as(dict(PLAIN), real, plain, 0.2 / apart)["text"]
    assert np.median(text["stretch"]["values"]) == pytest.approx(0.8, rel=0.12)
    assert np.median(text["spacing"]["values"]) == pytest.approx(0.25, abs=0.08)
    assert text["gaps"] == {"p": 0.0} and text["sizes"] == {"p": 0.0}
    make_style({**PLAIN, "text": text})


def test_gaps_and_sizes_are_told_by_lines_that_show_them() -> None:
    plain = [LineSetting(1.0, 0.0, 0.0, 0.02, 1.0)] * 20
    real = [LineSetting(1.0, 0.0, 0.2, 0.12, 0.7)] * 10 + plain[:10]
    text = set_as(dict(PLAIN), real, plain, 0.7)["text"]
    assert text["gaps"]["p"] == pytest.approx(0.4)
    assert text["gaps"]["amount"]["values"] == [pytest.approx(0.2 * 0.7 / 0.3, abs=0.001)] * 9
    assert text["sizes"]["p"] == pytest.approx(0.5)
    assert set(text["sizes"]["factor"]["values"]) == {0.7}
    assert max(text["character_width"]["values"]) > 1.08
    make_style({**PLAIN, "text": text})


def test_too_few_lines_leave_a_style_as_it_is() -> None:
    few = [LineSetting(2.0, 0.3, 0.2, 0.1, 0.7)] * 5
    assert set_as(dict(PLAIN), few, few, 1.0) == dict(PLAIN)


def test_the_family_that_drew_the_letters_is_the_nearest() -> None:
    faces = display_faces()
    family = "Mend Segment 05"
    renderer = Renderer(
        dict(PLAIN), alphabet=list("0123456789"), family_weights={family: 1, EVERY_OTHER: 0}, seed=4
    )
    lines = []
    for number, text in enumerate(TEXTS):
        image = renderer.render(text, number).image
        crop = working(image)
        mask = guesses(crop)[0]
        lines.append(letters_of(Inked(text, mask, 1.0, look_at(image, crop, mask))))
    shapes = shapes_of(line for line in lines if line is not None)
    distances = family_distances(shapes, faces, GlyphCache())
    nearest = sorted(distances, key=lambda name: distances[name])
    assert family in nearest[:3]
    weights = weights_by(distances, 0.01)
    assert weights[nearest[0]] == 1.0 and weights[EVERY_OTHER] > 0
    make_style({**PLAIN, "family_weights": weights})


def test_nothing_to_compare_by_names_no_family() -> None:
    assert family_distances({}, display_faces(), GlyphCache()) == {}
    assert weights_by({}, 0.01) == {EVERY_OTHER: 0.003}


def test_a_shape_does_not_depend_on_size() -> None:
    small = np.zeros((20, 10), bool)
    small[:, 4:7] = small[8:12] = True
    large = np.kron(small, np.ones((3, 3), bool))
    assert np.abs(shape_of(small) - shape_of(large)).max() < 0.2
