"""The figures and targets that hold renders against real crops."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.realism_figures import Figures, figures, look_of, mean_look, targets

WORDS = st.text("0127.# aB", max_size=8)


def made(right: float, one_edit: float, edits: dict[str, int]) -> Figures:
    return Figures(100, right, right, one_edit, tuple(edits.items()))


@given(st.lists(st.tuples(WORDS, WORDS), min_size=1, max_size=20))
def test_shares_are_shares_and_edits_explain_every_wrong_line(
    pairs: list[tuple[str, str]],
) -> None:
    truths, readings = zip(*pairs, strict=True)
    found = figures(truths, readings)
    wrong = round((1 - found.right) * found.lines)
    assert 0 <= found.characters <= 1 and 0 <= found.one_edit <= 1
    assert sum(count for _, count in found.edits) >= wrong
    assert [count for _, count in found.edits] == sorted((c for _, c in found.edits), reverse=True)
    # Every line right by characters is a right line, and the other way round.
    assert (found.characters == 1) == (wrong == 0)


def test_case_is_no_fault() -> None:
    assert figures(["Total"], ["TOTAL"]).right == 1


def test_a_lost_space_has_a_name() -> None:
    assert figures(["a b"], ["ab"]).edits == (("del space", 1),)


def test_no_lines_are_refused() -> None:
    with pytest.raises(ValueError, match="no lines"):
        figures([], [])


def test_as_many_readings_as_truths() -> None:
    with pytest.raises(ValueError):
        figures(["a"], ["a", "b"])


def test_the_very_same_figures_reach_every_target() -> None:
    same = made(0.7, 0.7, {"del .": 20, "1→7": 12})
    assert all(target.reached for target in targets(same, same))


@pytest.mark.parametrize(
    ("renders", "missed"),
    [
        (made(0.83, 0.7, {"del .": 9}), 0),
        (made(0.57, 0.7, {"del .": 9}), 0),
        (made(0.7, 0.7, {"ins 8": 9}), 1),
        (made(0.7, 0.86, {"del .": 9}), 2),
    ],
)
def test_each_target_can_be_missed(renders: Figures, missed: int) -> None:
    real = made(0.7, 0.7, {"del .": 20, "1→7": 9})
    found = [target.reached for target in targets(real, renders)]
    assert found == [at != missed for at in range(3)]


def test_four_of_six_edits_are_two_thirds_and_three_are_not() -> None:
    real = made(0.7, 0.7, {f"del {c}": 10 for c in "abcdefg"})
    enough = targets(real, made(0.7, 0.7, {f"del {c}": 1 for c in "abcd"}))[1]
    few = targets(real, made(0.7, 0.7, {f"del {c}": 1 for c in "abc"}))[1]
    assert enough.reached and enough.found.startswith("4 of 6")
    assert not few.reached and "not: del d, del e, del f" in few.found


def test_an_edit_below_the_renders_top_is_not_found() -> None:
    real = made(0.7, 0.7, {"del .": 20})
    many = made(0.7, 0.7, {**{f"ins {n}": 50 - n for n in range(10)}, "del .": 5})
    assert not targets(real, many)[1].reached


def bars(period: int, dark: int, light: int) -> np.ndarray:
    columns = np.where(np.arange(96) // period % 2, light, dark).astype(np.uint8)
    return np.repeat(np.tile(columns, (48, 1))[..., None], 3, axis=2)


def test_contrast_counts_levels_and_sharpness_does_not() -> None:
    strong, weak = look_of(bars(6, 50, 200)), look_of(bars(6, 150, 200))
    assert strong.contrast > 2 * weak.contrast
    assert strong.sharpness == pytest.approx(weak.sharpness, rel=0.1)


def test_blur_takes_sharpness() -> None:
    import cv2

    image = bars(8, 40, 220)
    assert look_of(cv2.blur(image, (5, 5))).sharpness < 0.6 * look_of(image).sharpness


def test_a_mean_of_equals_is_the_same() -> None:
    look = look_of(bars(6, 50, 200))
    assert mean_look([look, look]) == look
