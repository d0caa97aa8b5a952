from collections.abc import Sequence
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import Levenshtein

from textlines.profile import align as module
from textlines.profile.align import Edit, align
from textlines.profile.likeness import unlikeness

texts = st.text("01.#값갑", max_size=9)


def faults(label: Sequence[str], read: Sequence[str]) -> list[str]:
    return [f"{e.label}>{e.read}" for e in align(label, read) if e.kind != "right"]


@given(label=texts, read=texts)
def test_the_steps_spell_both_texts(label: str, read: str) -> None:
    edits = align(label, read)
    assert "".join(edit.label for edit in edits) == label
    assert "".join(edit.read for edit in edits) == read
    for edit in edits:
        assert (edit.kind == "right") == (edit.label == edit.read)
        assert (edit.kind == "deleted") == (not edit.read)
        assert (edit.kind == "inserted") == (not edit.label)


@given(label=texts, read=texts)
def test_no_alignment_has_fewer_edits(label: str, read: str) -> None:
    assert len(faults(label, read)) == Levenshtein.distance(label, read)


@given(label=texts, read=texts)
def test_of_the_alignments_with_as_few_edits_none_is_better(label: str, read: str) -> None:
    edits = align(label, read)
    assert _cost(edits) == _least_cost(label, read)


def _cost(edits: Sequence[Edit]) -> tuple[int, int, int]:
    replaced = [e for e in edits if e.kind == "replaced"]
    return (
        sum(e.kind != "right" for e in edits),
        -sum(e.kind == "right" for e in edits),
        sum(unlikeness(e.label, e.read) for e in replaced),
    )


def _least_cost(label: str, read: str) -> tuple[int, int, int]:
    """Try all alignments by the textbook table, without bands or equal ends taken off."""
    table: dict[tuple[int, int], tuple[int, int, int]] = {(0, 0): (0, 0, 0)}
    for i in range(len(label) + 1):
        for j in range(len(read) + 1):
            ways = []
            if i and j:
                a, b = label[i - 1], read[j - 1]
                step = (0, -1, 0) if a == b else (1, 0, unlikeness(a, b))
                ways.append((table[i - 1, j - 1], step))
            if i:
                ways.append((table[i - 1, j], (1, 0, 0)))
            if j:
                ways.append((table[i, j - 1], (1, 0, 0)))
            if ways:
                sums = [(x[0] + y[0], x[1] + y[1], x[2] + y[2]) for x, y in ways]
                table[i, j] = min(sums)
    return table[len(label), len(read)]


@pytest.mark.parametrize(
    "label, read, wanted",
    [
        ("60.00", "6000", [".>"]),
        ("234.01", "234.07", ["1>7"]),
        ("211.00", "#21700", [">#", "1>7", ".>"]),
        # Two edits either way: the point lost and a 1 gained leaves all zeros right.
        ("41.00", "41001", [".>", ">1"]),
        # One syllable replaced, one lost: the likest pair.
        ("을값", "갑", ["을>", "값>갑"]),
        ("값을", "갑", ["값>갑", "을>"]),
        ("", "ab", [">a", ">b"]),
        ("ab", "", ["a>", "b>"]),
        ("가：나", "가:나", ["：>:"]),
    ],
)
def test_ties_fall_to_the_likely_story(label: str, read: str, wanted: list[str]) -> None:
    assert faults(label, read) == wanted


def test_characters_of_several_code_points_are_one() -> None:
    assert faults(("kg", "1"), ("㎏", "1")) == ["kg>㎏"]


@given(label=texts, read=texts)
def test_what_is_too_large_for_the_table_still_has_the_fewest_edits(label: str, read: str) -> None:
    with patch.object(module, "LARGEST_TABLE", 0):
        edits = align(label, read)
    assert sum(e.kind != "right" for e in edits) == Levenshtein.distance(label, read)
    assert "".join(e.label for e in edits) == label


def test_a_line_of_thousands_of_characters_is_aligned() -> None:
    edits = align("0123456789" * 500, "9876543210" * 500)
    assert "".join(edit.read for edit in edits) == "9876543210" * 500
