from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textlines.errors import InputError
from textlines.labels.alphabet import Alphabet
from textlines.profile.measure import Measurement, Origin, measure
from textlines.profile.reading import Reading

METERS = (
    [("60.00", "60.00")] * 120
    + [("34.80", "3480")] * 28
    + [("49.01", "49.07")] * 30
    + [("18.56", "18.56")] * 20
    + [("55.03", "55.0")] * 1
    + [("47.00", "#47.00")] * 8
    + [("78.00", "778.00")] * 10
)


def measured(pairs: Iterable[tuple[str, str]], alphabet: Alphabet | None = None) -> Measurement:
    return measure((Reading(f"{n}.jpg", a, b, 0.95) for n, (a, b) in enumerate(pairs)), alphabet)


def test_characters_are_ranked_by_what_mending_them_would_gain() -> None:
    profile = measured(METERS).profile
    assert [row.char for row in profile.ranked[:2]] == ["1", "."]
    one = profile.ranked[0]
    assert (one.support, one.right, one.confusions) == (50, 20, {"7": 30})
    assert one.gain == pytest.approx(one.support * (1 - one.interval[1]), abs=1e-4)
    point = profile.ranked[1]
    assert (point.deletions, point.confusions) == (28, {})
    assert list(profile.insertions.items()) == [("7", 10), ("#", 8)]


def test_what_is_surely_misread_is_proven_however_wide_its_interval() -> None:
    profile = measured([*METERS, *[("R", "P")] * 8, *[("R", "R")] * 11, ("Q", "O")]).profile
    rows = {row.char: row for row in profile.ranked}
    low, high = rows["R"].interval
    assert high - low > 0.3
    assert high < 0.9
    assert (rows["R"].proof, rows["Q"].proof) == ("own", "own")
    order = [row.char for row in profile.ranked]
    assert order.index("1") < order.index("R") < order.index("Q") < order.index("7")


def test_what_may_still_be_well_read_is_unproven_and_ranked_by_gain_all_the_same() -> None:
    profile = measured([*METERS, *[("K", "K")] * 2, *[("V", "V")] * 3, ("V", "U")]).profile
    rows = {row.char: row for row in profile.ranked}
    assert rows["V"].interval[1] > 0.9
    assert rows["V"].proof == rows["K"].proof == ""
    assert {"V", "K"} <= {row.char for row in profile.unproven}
    gains = [row.gain for row in profile.ranked]
    assert gains == sorted(gains, reverse=True)
    assert rows["V"].gain > rows["K"].gain == 0


def test_spaces_stand_apart() -> None:
    profile = measured([("a b", "ab"), ("ab", "a b"), ("a b", "a_b"), ("a b", "a b")]).profile
    assert profile.spaces.model_dump() == {
        "support": 3,
        "right": 1,
        "deletions": 1,
        "insertions": 1,
        "conventional": 0,
        "confusions": {"_": 1},
    }
    assert profile.insertions == {}
    assert " " not in {row.char for row in profile.ranked}


def test_line_figures_compare_in_four_ways() -> None:
    lines = [("Ab c", "Ab c"), ("Ab c", "ab c"), ("Ab c", "Abc"), ("Ab c", "xxxx")]
    figures = measured(lines).profile.lines
    assert (figures.lines, figures.exact) == (4, 0.25)
    assert (figures.casefold, figures.nospace) == (0.5, 0.5)
    assert figures.edits == 1 + 1 + 4
    assert figures.character_accuracy == pytest.approx((1 + 0.75 + 0.75 + 0) / 4)


def test_a_wrong_final_shows_in_the_row_of_its_syllable() -> None:
    profile = measured([("값", "갑")] * 30 + [("값", "값")] * 30).profile
    assert profile.ranked[0].jamo == {"final ㅄ→ㅂ": 30}


def test_entries_of_several_code_points_are_one_character() -> None:
    profile = measured([("1kg", "1g")] * 40, Alphabet(("1", "k", "g", "kg"))).profile
    rows = {row.char: row for row in profile.ranked}
    assert rows["kg"].confusions == {"g": 40}
    assert profile.alphabet.entries == ("1", "k", "g", "kg")
    assert not profile.alphabet.assumed


def test_without_a_dictionary_the_alphabet_is_assumed() -> None:
    alphabet = measured([("값 1", "갑 1")]).profile.alphabet
    assert alphabet.assumed
    assert alphabet.entries == ("1", "갑", "값")


def test_no_reading_at_all_is_an_error() -> None:
    with pytest.raises(InputError, match="hold no character to measure"):
        measure([], None)
    with pytest.raises(InputError, match="hold no character to measure"):
        measure([Reading("a", " ", " ")], None)


def test_what_is_known_of_the_origin_goes_into_the_profile() -> None:
    origin = Origin("m", {"p.tsv": "ab"}, {"x": "1"}, {"ignore": 2}, {"no_label": 3})
    profile = measure([Reading("a", "a", "a")], None, max_text_length=40, origin=origin).profile
    assert (profile.model, profile.max_text_length) == ("m", 40)
    assert profile.inputs == {"p.tsv": "ab"}
    assert (profile.marks, profile.counts) == ({"ignore": 2}, {"no_label": 3})


texts = st.text("01.値값갑 aA：:", min_size=1, max_size=6)


@given(pairs=st.lists(st.tuples(texts, texts), min_size=1, max_size=12))
def test_every_character_of_the_label_is_accounted_for(pairs: list[tuple[str, str]]) -> None:
    profile = measured([("0", "0"), *pairs]).profile
    rows = profile.ranked
    for row in rows:
        assert row.right + sum(row.confusions.values()) + row.deletions == row.support
        assert row.conventional <= row.right
        assert row.interval[0] <= row.recall <= row.interval[1]
    spaces = profile.spaces
    assert spaces.right + spaces.deletions + sum(spaces.confusions.values()) == spaces.support
    units = sum(row.support for row in rows) + spaces.support
    assert units == 1 + sum(len(label) for label, _ in pairs)


@given(pairs=st.lists(st.tuples(texts, texts), min_size=1, max_size=12), data=st.data())
def test_the_order_of_the_lines_changes_nothing(
    pairs: list[tuple[str, str]], data: st.DataObject
) -> None:
    pairs = [("0", "0"), *pairs]
    mixed = data.draw(st.permutations(pairs))
    assert measured(pairs).profile == measured(mixed).profile
