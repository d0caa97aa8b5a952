"""Lines scored under each comparison, and which comparison labels allow, by the base's readings."""

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textlines.formats.judged_set import JUDGED_BY, JudgedBy, JudgedSet
from textlines.profile.reading import Reading
from train.judging.comparisons import COMPARISONS, PARTS, Labelling, Strictness, scores

TEXTS = st.text(st.sampled_from("aAbB1. 값\u1100\u1161,$"), max_size=8)


@given(st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=20))
def test_figures_stay_within_their_bounds(pairs: list[tuple[str, str]]) -> None:
    found = scores([Reading(str(n), a, b) for n, (a, b) in enumerate(pairs)])
    assert list(found) == list(COMPARISONS)
    for some in found.values():
        assert ((some.accuracy >= 0) & (some.accuracy <= 1)).all()
        assert ((some.right == 1) == (some.edits == 0)).all()
    # What ignores something is never stricter than what counts everything.
    for name in ("case_folded", "no_spaces", "no_punctuation"):
        assert (found[name].right >= found["all"].right).all()  # type: ignore[index]


@pytest.mark.parametrize(
    "label, read, right",
    [
        ("Total", "TOTAL", {"case_folded"}),
        ("a b", "ab", {"no_spaces"}),
        ("1.00", "100", {"no_punctuation"}),
        ("값", "\u1100\u1161\u11b9", {"all", "case_folded", "no_spaces", "no_punctuation"}),
        ("a", "b", set()),
    ],
)
def test_each_comparison_ignores_what_it_says(label: str, read: str, right: set[str]) -> None:
    found = scores([Reading("x", label, read)])
    assert {name for name, some in found.items() if some.right[0]} == right


def test_order_changes_no_sum() -> None:
    readings = [Reading(str(n), "abc"[: n % 4], "abd"[: n % 3]) for n in range(40)]
    shuffled = random.Random(1).sample(readings, len(readings))
    one, other = scores(readings)["all"], scores(shuffled)["all"]
    assert np.array_equal(np.sort(one.edits), np.sort(other.edits))


RECEIPT = [("TOTAL DUE 12.50", "TOTALDUE 12.50"), ("Thank you!", "Thank you!"), ("No. 7", "No.7")]
CAPITALS = [("OPEN", "Open"), ("CLOSED", "Closed"), ("12", "12"), ("EXIT", "EXIT")]
BARE = [("dontstop", "don't stop"), ("AandB", "A and B"), ("nr7", "nr. 7"), ("x", "x")]

texts = st.text(st.sampled_from("aAbB1.-  값é"), max_size=8)
strictnesses = st.builds(Strictness, st.booleans(), st.booleans(), st.booleans())


@pytest.mark.parametrize(
    "pairs, expected",
    [
        (RECEIPT, "exact"),
        (CAPITALS, "casefold"),
        (BARE, "alnum"),
        ([(t.upper(), r) for t, r in BARE], "casefold+alnum"),
        ([("ab cd", "ab cd"), ("ef", "e f")], "exact"),  # spaces are labelled as often as not
        # One slip of the base in many: a space put into a number says nothing of its labels.
        ([("12.05", "12.05")] * 99 + [("12.05", "12 .05")], "exact"),
        # What is not read right tells nothing of labels.
        ([("12", "12")] * 3 + [("77", "a b c")] * 9, "exact"),
        ([("값1", "값1")], "exact"),
        ([], "exact"),
    ],
)
def test_labels_allow(pairs: list[tuple[str, str]], expected: str) -> None:
    assert str(Labelling.of(pairs).strictest) == expected


@pytest.mark.parametrize(
    "comparison, pairs, beyond, blind",
    [
        ("alnum", RECEIPT, "exact", ["spaces", "punctuation"]),
        ("nospace", RECEIPT, "exact", ["spaces"]),
        ("casefold", RECEIPT, "exact", ["case"]),
        ("exact", RECEIPT, None, []),
        ("alnum", BARE, None, []),
        ("casefold", CAPITALS, None, []),
        # Nothing that it leaves out is labelled or read: the stricter reading changes nothing.
        ("alnum", CAPITALS, "casefold", []),
        ("casefold", BARE, "alnum", ["case"]),
    ],
)
def test_a_set_is_read_more_strictly_where_its_comparison_looks_away(
    comparison: JudgedBy, pairs: list[tuple[str, str]], beyond: str | None, blind: list[str]
) -> None:
    labelling = Labelling.of(pairs)
    found = labelling.beyond(comparison)
    told = labelling.blind_spots("g.txt", comparison)
    assert (None if found is None else str(found)) == beyond
    assert len(told) == len(blind)
    for part in blind:
        assert any(line.startswith(f"g.txt:{comparison} does not look at {part},") for line in told)


@given(strictness=strictnesses)
def test_a_strictness_is_read_back_from_its_name(strictness: Strictness) -> None:
    assert Strictness.parse(str(strictness)) == strictness


def test_a_name_that_is_none() -> None:
    with pytest.raises(ValueError, match="'alnumm' is none of exact, "):
        Strictness.parse("alnumm")


@given(label=texts, read=texts, comparison=st.sampled_from(sorted(JUDGED_BY)))
def test_a_comparison_is_what_its_strictness_says(
    label: str, read: str, comparison: JudgedBy
) -> None:
    by_name = JudgedSet.parse(f"g.txt:{comparison}").is_right(label, read)
    assert Strictness.of(comparison).is_right(label, read) == by_name


@given(label=texts, read=texts, one=strictnesses, other=strictnesses)
def test_what_a_stricter_comparison_takes_for_right_a_looser_one_does_too(
    label: str, read: str, one: Strictness, other: Strictness
) -> None:
    if not other.sees_more_than(one) and one.is_right(label, read):
        assert other.is_right(label, read)


@given(pairs=st.lists(st.tuples(texts, texts), max_size=12))
def test_labels_that_are_read_right_allow_everything(pairs: list[tuple[str, str]]) -> None:
    right = [(label, label) for label, _ in pairs]
    assert Labelling.of(right).strictest == Strictness()
    assert set(Labelling.of(pairs).parts) == set(PARTS)
