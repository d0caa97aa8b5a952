"""A family's share does not hang on how many weights it has, and each weight occurs."""

from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synth.faces.face_pool import weigh
from synth.faces.font_face import Face

STATIC = Face(path=Path("a.ttf"), index=0, sha256="0" * 64, family="", style="Regular")
COUNTS = st.lists(st.integers(1, 40), min_size=1, max_size=8)


def family(number: int, count: int) -> list[Face]:
    """Make a family: the instances of one file where the number is even, else files."""
    made = replace(STATIC, family=f"F{number}", sha256=f"{number:016x}" + "0" * 48)
    if number % 2:
        return [replace(made, sha256=f"{number:08x}{k:08x}" + "0" * 48) for k in range(count)]
    return [replace(made, instance=(("wght", 100.0 + 20 * k),)) for k in range(count)]


def shares(faces: list[Face], weights: dict[str, float]) -> dict[str, float]:
    ids, sums = weigh(faces, weights, {})
    steps = [after - before for before, after in zip([0.0, *sums], sums, strict=False)]
    return {name: step / sums[-1] for name, step in zip(ids, steps, strict=True)}


@given(COUNTS, st.data())
def test_a_family_has_its_share_whatever_the_number_of_its_faces(
    counts: list[int], data: st.DataObject
) -> None:
    families = [family(number, count) for number, count in enumerate(counts)]
    told = {f"F{k}": data.draw(st.floats(0.1, 10)) for k in range(len(counts))}
    found = shares([face for faces in families for face in faces], told)
    of_family: dict[str, float] = defaultdict(float)
    for faces in families:
        drawn = [found[face.id] for face in faces]
        assert min(drawn) > 0
        assert max(drawn) == pytest.approx(min(drawn))
        of_family[faces[0].family] = sum(drawn)
    for name, share in of_family.items():
        assert share == pytest.approx(told[name] / sum(told.values()))


@given(COUNTS, st.integers(1, 40))
def test_more_weights_of_one_family_leave_all_others_as_they_were(
    counts: list[int], more: int
) -> None:
    families = [family(number, count) for number, count in enumerate(counts)]
    before = shares([face for faces in families for face in faces], {})
    families[0] = family(0, counts[0] + more)
    after = shares([face for faces in families for face in faces], {})
    for faces in families[1:]:
        for face in faces:
            assert after[face.id] == pytest.approx(before[face.id])


def test_families_of_one_design_share_the_lines_of_one() -> None:
    regions = [replace(family(k, 4)[0], design="Noto") for k in range(3)]
    lone = replace(family(9, 1)[0], family="Lone")
    found = shares([*regions, lone], {"F1": 2.0})
    assert found[lone.id] == pytest.approx(1 / (1 + 4 / 3))
    assert found[regions[1].id] == pytest.approx(2 * found[regions[0].id])
