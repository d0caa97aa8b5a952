"""A text that nothing else places is drawn in faces whose line tells what it is."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from synth.draws import Draws
from synth.faces.face_pool import FacePool
from synth.faces.font_face import Face

Make = Callable[..., Path]


@pytest.fixture
def face(make_font: Make, face_of: Callable[[Path], Face], rectangle: Any) -> Callable[..., Face]:
    """Return a function that makes a face of rectangles: (bottom, top) of each character."""

    def make(name: str, **ends: tuple[int, int]) -> Face:
        named = {"comma": ",", "quote": "'", "bar": "|", "stop": ".", "eight": "8"}
        shapes = {
            named.get(char, char): (rectangle(100, bottom, 300, top),)
            for char, (bottom, top) in ends.items()
        }
        return face_of(make_font(shapes, name=name))

    return make


def families(pool: FacePool, text: str) -> set[str]:
    ids = (pool.choose(text, Draws(1, k)) for k in range(30))
    return {pool.by_id(found).family for found in ids if found is not None}


def test_size_or_place_on_the_line_must_tell(face: Callable[..., Face]) -> None:
    near = face("Near", z=(0, 600), Z=(0, 700), comma=(0, 150), quote=(100, 250), a=(0, 400))
    far = face("Far", z=(0, 480), Z=(0, 700), comma=(0, 150), quote=(550, 700), a=(0, 400))
    pool = FacePool([near, far], "zZa,'")
    assert families(pool, "z") == families(pool, "ZZ") == {"Far"}
    assert families(pool, ",") == families(pool, "''") == {"Far"}
    assert pool.kept_from_lines == Counter({"Zz": 60, "',": 60})
    assert pool.why_not("z") == {"without a neighbour not clear 'Z' 'z'": 1}
    assert families(pool, "za") == families(pool, "a,") == {"Near", "Far"}


def test_a_comma_is_told_from_a_full_stop_by_its_face_alone(face: Callable[..., Face]) -> None:
    digits = {"eight": (0, 700)}
    near = face("Near", comma=(-100, 50), stop=(-80, 50), **digits)
    far = face("Far", comma=(-150, 50), stop=(0, 150), **digits)
    pool = FacePool([near, far], "8,.")
    assert families(pool, "8,888") == families(pool, "8.8") == {"Far"}
    assert families(pool, "88") == {"Near", "Far"}
    assert pool.why_not("8,8") == {"without a neighbour not clear ',' '.'": 1}
    assert families(FacePool([near], "8,"), "8,8") == {"Near"}


def test_a_text_that_no_line_tells_is_refused_with_the_reason(face: Callable[..., Face]) -> None:
    pool = FacePool([face("Near", z=(0, 600), Z=(0, 700))], "zZ")
    assert pool.choose("z", Draws(1, 1)) is None
    assert pool.why_not("z") == {"without a neighbour not clear 'Z' 'z'": 1}


def test_what_no_label_holds_or_the_face_lacks_is_no_rival(face: Callable[..., Face]) -> None:
    near = face("Near", z=(0, 600), Z=(0, 700), O=(0, 700))
    assert families(FacePool([near], "z"), "z") == {"Near"}
    lone = FacePool([near], "Oo0")
    assert lone.why_not("O") == {"without a neighbour not clear '0' 'O'": 1}
    assert families(FacePool([near], "Oo"), "O") == {"Near"}
