from dataclasses import replace

import pytest

from synth.calibrate.measures import LineLook
from synth.calibrate.told_apart import MEASURES, Difference, differences, in_words


def look(**changed: float) -> LineLook:
    rest = dict.fromkeys(LineLook.numbers(), 1.0)
    return replace(LineLook(ground=(0, 0, 0), ink=(0, 0, 0), **rest), **changed)


def test_the_measure_that_tells_most_comes_first() -> None:
    real = [look(stroke=0.1 + n / 1000, noise=n % 3) for n in range(20)]
    drawn = [look(stroke=0.2 + n / 1000, noise=(n + 1) % 3) for n in range(20)]
    first, *others = differences(real, drawn)
    assert first.measure == "stroke" and first.told == 1
    assert all(one.told < 0.6 for one in others)


def test_words_say_by_how_much_and_in_which_direction() -> None:
    said = in_words(
        [
            Difference("stroke", 0.14, 0.1, 0.9),
            Difference("level", 80, 120, 0.8),
            Difference("light_down", 0.2, 0.05, 0.7),
            Difference("noise", 3, 0, 0.65),
            Difference("fill", 0.5, 0.4, 0.55),
        ]
    )
    assert [str(one) for one in said] == [
        "Real strokes are 40 % thicker.",
        "Real grounds are 40 levels darker.",
        "Real light grows downwards by 15 % more.",
        "Real grounds are over 400 % grainier.",
    ]


def test_every_measure_has_its_words() -> None:
    for name in LineLook.numbers():
        for real, drawn in ((9.0, 3.0), (3.0, 9.0)):
            assert len(in_words([Difference(name, real, drawn, 0.9)])) == 1, name


def test_a_side_without_lines_is_refused() -> None:
    with pytest.raises(ValueError, match="a side"):
        differences([], [look()])


def test_every_measure_has_a_name() -> None:
    assert set(MEASURES) == set(LineLook.numbers())
