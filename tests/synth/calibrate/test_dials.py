from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synth.assets import style_names
from synth.calibrate.dials import Dial, dials_of, turned
from synth.calibrate.measured_style import lent
from synth.faces.font_face import TRAITS
from synth.rendering.looks import bind
from synth.rendering.style import make_style, style_table

TABLES = {name: style_table(name) for name in style_names()}


def broad(name: str) -> dict[str, Any]:
    return lent(TABLES[name], TABLES.values(), 0.03)


@pytest.mark.parametrize("name", sorted(TABLES))
def test_unturned_dials_leave_a_style_as_it_was(name: str) -> None:
    table = broad(name)
    dials = dials_of(table, TRAITS)
    assert turned(table, dials, np.zeros(len(dials))) == table


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(sorted(TABLES)), st.integers(0, 10_000), st.floats(0.1, 5))
def test_however_dials_are_turned_the_style_can_be_drawn(name: str, seed: int, far: float) -> None:
    table = broad(name)
    dials = dials_of(table, TRAITS, on_photos=True)
    turns = np.random.default_rng(seed).normal(0, far, len(dials))
    bind(make_style(turned(table, dials, turns)))


def test_each_dial_turns_something() -> None:
    table = broad("document")
    for dial in dials_of(table, TRAITS):
        assert turned(table, [dial], [1.0]) != table, dial.name


def test_dials_have_names_of_their_own() -> None:
    names = [dial.name for dial in dials_of(broad("lcd"), TRAITS)]
    assert len(names) == len(set(names))


def test_what_a_turn_does() -> None:
    table = {"text": {"fill": [0.5, 0.75], "left": 0.25}, "camera": {"jpeg": {"p": 0.5}}}
    dials = [
        Dial("text.fill", "shift", 0.1),
        Dial("text.left", "scale", 0.6931471805599453),
        Dial("camera.jpeg.p", "share", 1.0),
        Dial("face_weights.serif", "weight", 1.0),
    ]
    found = turned(table, dials, [1, 2, 3, -1])
    assert found["text"] == {"fill": [0.6, 0.85], "left": 1.0}
    assert found["camera"]["jpeg"]["p"] == pytest.approx(1 / (1 + np.exp(-3)), abs=1e-4)
    assert found["face_weights"]["serif"] == pytest.approx(np.exp(-1), abs=1e-4)
    assert table["text"] == {"fill": [0.5, 0.75], "left": 0.25}
