import pytest
from hypothesis import given
from hypothesis import strategies as st

from synth.plan.bounds import Originals, allowed_range, count_for, read_originals
from synth.plan.profile_targets import distractor_weight, plan_profile
from synth.plan.request import PlanRequest
from synth.plan.targets import parts_of, plan_chars, read_chars
from textlines.errors import InputError, UsageError
from textlines.labels.tally import Tally


def never(char):
    return None


@given(total=st.integers(0, 10**6), weights=st.lists(st.integers(0, 1000), max_size=30))
def test_parts_sum_up_and_are_within_one_of_their_share(total, weights):
    found = parts_of(total, [float(w) for w in weights])
    if sum(weights):
        assert sum(found) == total
        for count, weight in zip(found, weights, strict=True):
            assert abs(count - total * weight / sum(weights)) < 1 + 1e-6
    else:
        assert sum(found) == 0


@given(
    chars=st.lists(st.sampled_from("0123456789OIlSBZab값갑각산.,"), unique=True, min_size=1),
    rows=st.integers(1, 5000),
    filler=st.floats(0, 1),
)
def test_chars_share_evenly_and_every_line_is_spoken_for(chars, rows, filler):
    plan = plan_chars(tuple(chars), rows, filler, never)
    assert plan.rows == rows
    wanted = plan.wanted()
    counts = [wanted.get(char, 0) for char in chars]
    assert max(counts) - min(counts) <= 1


def test_characters_that_cannot_be_served_leave_their_lines_to_the_others():
    plan = plan_chars(("1", "Ж"), 100, 0.0, {"Ж": "no face", "1": None}.get)
    assert plan.wanted() == {"1": 100}
    assert plan.skipped == {"Ж": "no face"}


def test_a_profile_shares_by_tempered_gain(cases):
    one = cases.row("1", 200, 100, 16.0, {}, 100)
    other = cases.row("7", 200, 150, 4.0, {}, 50)
    plan = plan_profile(cases.profile([one, other]), 400, 0.25, 0.5, never)
    assert plan.wanted() == {"1": 200, "7": 100}
    assert plan.filler == 100
    plan = plan_profile(cases.profile([one, other]), 400, 0.25, 0.0, never)
    assert plan.wanted() == {"1": 150, "7": 150}


def test_a_profiles_confusions_become_pairs_in_equal_number(cases):
    zero = cases.row("0", 200, 100, 10.0, {"O": 60, "D": 20, " ": 5}, 15)
    plan = plan_profile(cases.profile([zero]), 200, 0.0, 0.5, never)
    rounds = {(p.one, p.other): p.rounds for p in plan.pairs}
    assert rounds == {("0", "O"): 60, ("0", "D"): 20}
    assert plan.wanted() == {"0": 120, "O": 60, "D": 20}
    assert plan.alone == {"0": 40}


def test_two_that_are_read_for_each_other_are_one_pair(cases):
    rows = [cases.row("0", 9, 5, 4.0, {"O": 4}), cases.row("O", 9, 5, 4.0, {"0": 4})]
    plan = plan_profile(cases.profile(rows), 100, 0.0, 0.5, never)
    assert [(p.one, p.other, p.rounds) for p in plan.pairs] == [("0", "O", 50)]


@given(rows=st.integers(10, 5000), unproven=st.integers(1, 40))
def test_the_unproven_get_a_fifth_at_most(cases, rows, unproven):
    table = cases.profile(
        [cases.row("1", 90, 45, 9.0, {}, 45)],
        [cases.row(chr(0xAC00 + k), 2, 1, 1.0, {"A": 1}) for k in range(unproven)],
    )
    plan = plan_profile(table, rows, 0.3, 0.5, never)
    assert plan.rows == rows
    served = plan.wanted()
    assert sum(served.get(chr(0xAC00 + k), 0) for k in range(unproven)) + served.get("A", 0) <= (
        rows / 5
    )


def test_insertions_raise_distractors_and_no_character(cases):
    rows = [cases.row("1", 90, 45, 9.0, {}, 30)]
    assert distractor_weight(cases.profile(rows)) == 1.0
    table = cases.profile(rows, insertions={"#": 20, "7": 10})
    assert distractor_weight(table) == 2.0
    plan = plan_profile(table, 100, 0.3, 0.5, never)
    assert set(plan.wanted()) == {"1"}
    assert plan.distractor_weight == 2.0


def test_lost_spaces_stand_among_the_characters_by_their_gain(cases):
    ranked = [cases.row("1", 200, 180, 8.0, {"7": 20})]
    plan = plan_profile(cases.profile(ranked, spaces=(891, 430, 30)), 1000, 0.3, 0.5, never)
    assert plan.hard[0] == " "
    assert sum(plan.alone.values()) + 2 * sum(p.rounds for p in plan.pairs) == 700
    # sqrt(399) to sqrt(8)
    assert plan.alone[" "] == round(700 * 399**0.5 / (399**0.5 + 8**0.5))


@pytest.mark.parametrize("spaces", [(891, 0, 0), (891, 20, 30), (0, 0, 5)])
def test_spaces_that_are_not_lost_are_no_target(cases, spaces):
    ranked = [cases.row("1", 200, 180, 8.0, {"7": 20})]
    plan = plan_profile(cases.profile(ranked, spaces=spaces), 1000, 0.3, 0.5, never)
    assert plan.hard == ("1",)


def test_a_profile_without_errors_is_refused(cases):
    table = cases.profile([cases.row("1", 90, 90, 0.0)])
    with pytest.raises(UsageError, match=r"--profile: names no character .* \(nothing was misread"):
        cases.planned(profile=table, corpus=cases.corpus(cases.METERS), count=100)


@given(st.integers(0, 10**7))
def test_new_lines_never_leave_the_ratio(originals):
    try:
        count = count_for(originals)
    except UsageError:
        assert originals < 5 or -(-originals // 10) > originals // 5
    else:
        assert 5 * count <= originals <= 10 * count
        low, high = allowed_range(originals)
        assert low <= count <= high


def test_originals_are_counted(tmp_path):
    path = tmp_path / "gt.txt"
    path.write_text("a.jpg\t11\nb.jpg\t\nc.jpg\t12\n", "utf-8")
    tally = Tally()
    found = read_originals(path, tally)
    assert found == Originals(2, {"1": 3, "2": 1})
    assert tally["empty_label"] == 1
    path.write_text("", "utf-8")
    with pytest.raises(InputError, match="holds no labelled line"):
        read_originals(path, Tally())


def test_chars_are_clusters_in_nfc():
    assert read_chars("\u1100\u1161\u11b9 0 0") == ("값", "0")
    with pytest.raises(UsageError, match="--chars"):
        read_chars("  ")
    with pytest.raises(UsageError, match="--chars"):
        read_chars("a\x07")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"chars": ("1",), "texts": ("a",)}, "--chars and --text-list: exclude each other"),
        ({"count": 0}, "--count: is 0"),
        ({}, "--count: is missing"),
        ({"count": 9, "filler": 2}, "--filler: is 2, not from 0 to 1"),
        ({"count": 9, "repeat_cap": -1}, "--repeat-cap: is -1"),
        ({"originals": Originals(3, {})}, "leaves no room"),
    ],
)
def test_a_request_that_makes_no_sense_is_refused(cases, options, message):
    with pytest.raises(UsageError, match=message):
        cases.request(corpus=cases.corpus(cases.METERS), **options)


def test_a_request_without_texts_is_refused(cases):
    with pytest.raises(UsageError, match="--corpus"):
        cases.request(count=3)


def test_originals_say_how_many(cases):
    request = PlanRequest(corpus=cases.corpus(cases.METERS), originals=Originals(4000, {}))
    assert request.rows == 500
