"""Which face is drawn for a text, how often, and what is said when none can be."""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synth.draws import Draws
from synth.faces.display import display_faces
from synth.faces.face_pool import FacePool
from synth.faces.font_face import Face
from synth.plan.serving import FaceChooser
from textlines.errors import InputError

Make = Callable[..., Path]
LETTERS = "abcdexyzХ 0O"


@pytest.fixture
def made(make_font: Make, face_of: Callable[[Path], Face], rectangle: Any) -> Callable[..., Face]:
    """Return a function that makes a face of plain bars that differ in height."""

    def make(name: str, chars: str, style: str = "Regular") -> Face:
        shapes = {
            char: () if char == " " else (rectangle(50, 0, 150, 50 + 90 * k),)
            for k, char in enumerate(LETTERS)
            if char in chars
        }
        return face_of(make_font(shapes, name=name, style=style))

    return make


def drawn(pool: FacePool, text: str, times: int = 600) -> Counter[str]:
    ids = (pool.choose(text, Draws(1, k)) for k in range(times))
    return Counter(pool.by_id(found).family for found in ids if found is not None)


def test_a_face_that_lacks_a_character_is_never_drawn(made: Callable[..., Face]) -> None:
    pool = FacePool([made("Abc", "abc"), made("Ab", "ab")], LETTERS)
    assert set(drawn(pool, "cab")) == {"Abc"}
    assert set(drawn(pool, "ab")) == {"Abc", "Ab"}


def test_families_share_alike_whatever_the_number_of_their_faces(
    made: Callable[..., Face],
) -> None:
    many = [made("Many", f"abx{extra}", style=f"S{k}") for k, extra in enumerate("cdeyz0O")]
    pool = FacePool([*many, made("One", "ab")], LETTERS)
    counts = drawn(pool, "ab", times=2000)
    assert abs(counts["One"] - 1000) < 100
    ids = Counter(pool.choose("ab", Draws(2, k)) for k in range(2100))
    assert all(abs(ids[face.id] - 150) < 60 for face in many)


def test_kinds_and_traits_weigh_on_a_face_and_so_on_its_family(made: Callable[..., Face]) -> None:
    upright = made("A", "ab", style="x")
    leaning = replace(made("A", "abc", style="y"), traits=("italic", "serif"))
    dotted = replace(made("B", "ab", style="z"), kind="dot_matrix")
    weights = {"italic": 0.5, "serif": 0.4, "dot_matrix": 2.0, "mono": 9.0}
    pool = FacePool([upright, leaning, dotted], LETTERS, face_weights=weights)
    ids = Counter(pool.choose("ab", Draws(4, k)) for k in range(2600))
    assert abs(ids[upright.id] - 500) < 80
    assert abs(ids[leaning.id] - 100) < 40
    assert abs(ids[dotted.id] - 2000) < 100


def test_weights_of_faces_and_families_are_obeyed(made: Callable[..., Face]) -> None:
    a, b = made("A", "ab", style="x"), replace(made("A", "abc", style="y"), weight=3)
    pool = FacePool([a, b, made("B", "ab", style="z")], LETTERS, family_weights={"B": 0})
    ids = Counter(pool.choose("ab", Draws(3, k)) for k in range(2000))
    assert set(ids) == {a.id, b.id}
    assert abs(ids[b.id] - 1500) < 100


def test_the_order_of_faces_does_not_matter(made: Callable[..., Face]) -> None:
    faces = [made(name, "abc", style=name) for name in "PQRST"]
    faces += [made("U", "ab")]
    shuffled = faces[:]
    random.Random(5).shuffle(shuffled)
    one, other = FacePool(faces, LETTERS), FacePool(shuffled, LETTERS)
    for k in range(50):
        assert one.choose("ab", Draws(1, k)) == other.choose("ab", Draws(1, k))


def test_a_text_that_no_face_draws_gives_none_and_the_reasons(made: Callable[..., Face]) -> None:
    pool = FacePool([made("Abc", "abc"), made("Ab", "ab")], LETTERS)
    assert pool.choose("ax", Draws(1, 1)) is None
    assert pool.why_not("ax") == {"absent 'x'": 2}
    assert pool.why_not("abc") == {"absent 'c'": 1}


def test_a_choice_takes_one_value_whether_there_is_a_face_or_not(
    made: Callable[..., Face],
) -> None:
    pool = FacePool([made("Abc", "abc")], LETTERS)
    found, none = Draws(1, 1), Draws(1, 1)
    pool.choose("a", found)
    pool.choose("x", none)
    assert found.unit() == none.unit()


def test_a_pair_is_drawn_only_where_the_two_differ_visibly(
    make_font: Make, face_of: Callable[[Path], Face], rectangle: Any
) -> None:
    shared = {"I": (rectangle(50, 0, 140, 700),), "n": (rectangle(50, 0, 450, 400),)}

    def face(name: str, height: int) -> Face:
        return face_of(make_font({**shared, "l": (rectangle(50, 0, 140, height),)}, name=name))

    near, far = face("Near", 735), face("Far", 800)
    lone = face_of(make_font(shared, name="Lone"))
    free = FacePool([near, far, lone], "Iln")
    paired = FacePool([near, far, lone], "Iln", pairs=[("l", "I")])
    # Beside an `n`, which shows how high a letter is: alone none of them tells an I from an l.
    assert set(drawn(free, "In")) == {"Near", "Far", "Lone"}
    assert set(drawn(paired, "In")) == {"Far", "Lone"}
    assert paired.why_not("In") == {"not clear from 'l' 'I'": 1}


def test_the_script_of_the_line_decides_as_the_gate_says(installed_font: Any) -> None:
    alphabet = "абвгджиклмнопрстуфхцчшщэюяАОСabcdefghijklmnopqrstuvwxyzAOC0123 "
    faces = [installed_font("DejaVuSans.ttf"), installed_font("DejaVuSerif.ttf")]
    pool = FacePool(faces, alphabet)
    for text in ("Аня", "Aня", "Anna", "Аnna", "СОР", "COP", "яdA", "Оля 10", "10 O", "A b"):
        expected = 0
        for k, face in enumerate(pool.faces):
            if all(verdict.ok for verdict in pool.gate.of(face).judge(text).values()):
                expected |= 1 << k
        assert pool.allowed(text) == expected, text


@given(text=st.text("AАOО0яd 1", min_size=1, max_size=6))
def test_bit_sets_and_the_gate_agree(text: str) -> None:
    pool = _dejavu_pool()
    for k, face in enumerate(pool.faces):
        verdicts = pool.gate.of(face).judge(text).values()
        assert bool(pool.allowed(text) >> k & 1) == all(verdict.ok for verdict in verdicts)


_POOLS: list[FacePool] = []


@pytest.fixture(autouse=True, scope="module")
def _one_pool(installed_font: Any) -> None:
    faces = [installed_font("DejaVuSans.ttf"), installed_font("DejaVuSerif.ttf")]
    _POOLS[:] = [FacePool(faces, "AАOО0яd1")]


def _dejavu_pool() -> FacePool:
    return _POOLS[0]


def test_preparing_changes_no_choice() -> None:
    faces = display_faces()
    plain, ready = FacePool(faces, "0123456789."), FacePool(faces, "0123456789.")
    seen: list[tuple[int, int]] = []
    ready.prepare("0123456789.", lambda *at: seen.append(at), workers=2)
    assert seen[-1] == (32, 32)
    texts = ["12.5", "0", "77.00"]
    for k, text in enumerate(texts):
        assert plain.choose(text, Draws(1, k)) == ready.choose(text, Draws(1, k))


def test_the_pool_answers_the_plan() -> None:
    chooser: FaceChooser = FacePool(display_faces(), "0123456789.")
    assert chooser.choose("12.5", Draws(1, 1)) is not None
    assert chooser.why_not("12.5") == {}


def test_a_pool_without_faces_is_an_error() -> None:
    with pytest.raises(InputError, match="there is none to draw with"):
        FacePool([], "abc")


def test_an_unknown_face_is_an_error(made: Callable[..., Face]) -> None:
    with pytest.raises(InputError, match="face 00-0: is not the one face at hand"):
        FacePool([made("A", "a")], "a").by_id("00-0")


def by_hand(face: Face) -> Face:
    return replace(face, traits=("handwritten",))


@pytest.mark.parametrize("share", [0.0, 0.1, 1.0])
def test_handwritten_faces_have_their_share_whatever_their_number(
    made: Callable[..., Face], share: float
) -> None:
    pens = [by_hand(made(name, "ab", style=name)) for name in "PQR"]
    printed = made("A", "ab")
    pool = FacePool([*pens, printed], LETTERS, handwritten=share)
    counts = drawn(pool, "ab", times=2000)
    assert abs(counts["A"] - 2000 * (1 - share)) < 60
    if share:
        assert all(abs(counts[name] - 2000 * share / 3) < 60 for name in "PQR")


def test_a_code_is_never_handwritten_and_that_is_counted(made: Callable[..., Face]) -> None:
    faces = [by_hand(made("Pen", "axyz0")), made("A", "axyz0")]
    pool = FacePool(faces, "axyz0", handwritten=0.5)
    assert set(drawn(pool, "axz", times=100)) == {"Pen", "A"}
    assert pool.codes_not_by_hand == 0
    assert set(drawn(pool, "a0x", times=100)) == {"A"}
    assert pool.codes_not_by_hand == 100
    alone = FacePool(faces[:1], "axyz0", handwritten=0.5)
    assert alone.choose("a0x", Draws(1, 1)) is None
    assert alone.why_not("a0x") == {"a code in handwriting": 1}


def test_what_only_a_handwritten_face_draws_is_drawn_in_it_or_refused(
    made: Callable[..., Face],
) -> None:
    faces = [by_hand(made("Pen", "abc")), made("A", "ab")]
    some, none = FacePool(faces, LETTERS, handwritten=0.03), FacePool(faces, LETTERS)
    assert set(drawn(some, "abc", times=20)) == {"Pen"}
    assert none.choose("abc", Draws(1, 1)) is None
    assert none.why_not("abc") == {"absent 'c'": 1, "handwritten": 1}
