import pytest
from hypothesis import given
from hypothesis import strategies as st

from textlines.defects.defect import by_code
from textlines.defects.of_lines import NO_TAB
from textlines.labels.tally import KEPT_PLACES, Effect, Tally

Events = list[tuple[str, str]]
EVENTS = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["", "f:1", "f:2"])))


def tallied(events: Events) -> Tally:
    tally = Tally()
    for reason, place in events:
        tally.add(reason, place)
    return tally


@given(EVENTS, EVENTS)
def test_merging_in_order_is_counting_in_order(first: Events, second: Events) -> None:
    merged = tallied(first)
    merged.merge(tallied(second))
    assert merged == tallied([*first, *second])


def test_only_the_first_places_are_kept() -> None:
    tally = Tally()
    for line in range(1, 10_001):
        tally.add(NO_TAB, f"a.txt:{line}")
    assert tally.places("no_tab") == tuple(f"a.txt:{n}" for n in range(1, KEPT_PLACES + 1))
    assert tally.lines(by_code(NO_TAB)) == [
        "line without a tab, left out: 10,000 (a.txt:1, a.txt:2, a.txt:3, a.txt:4, a.txt:5, ...)"
    ]


def test_lines_come_by_falling_count() -> None:
    tally = Tally()
    tally.add("few")
    tally.add("many", count=7)
    assert list(tally.as_dict().items()) == [("many", 7), ("few", 1)]
    assert tally.lines() == ["many: 7", "few: 1"]
    assert tally
    assert not Tally()


EFFECTS: dict[str, Effect] = {"a": "left_out", "b": "changed", "c": "changed"}


@given(EVENTS, EVENTS)
def test_what_became_of_it_is_kept_through_merges_and_parts(first: Events, second: Events) -> None:
    tallies = [Tally(), Tally()]
    for tally, events in zip(tallies, (first, second), strict=True):
        for reason, place in events:
            tally.add(reason, place, effect=EFFECTS[reason])
    merged, other = tallies
    merged.merge(other)
    counts = merged.as_dict()
    assert all(merged.effect(reason) == EFFECTS[reason] for reason in counts)
    changed, left_out = merged.part("changed"), merged.part("left_out")
    assert {**changed.as_dict(), **left_out.as_dict()} == counts
    assert not changed.as_dict().keys() & left_out.as_dict().keys()
    assert all(changed.places(reason) == merged.places(reason) for reason in changed.as_dict())
    words = {"left_out": "left out: ", "changed": "changed: "}
    assert merged.by_effect() == {words[EFFECTS[one]] + one: n for one, n in counts.items()}


def test_a_reason_has_one_effect() -> None:
    tally = Tally()
    tally.add("cut", effect="changed")
    tally.add("cut")  # what it is known for
    assert (tally["cut"], tally.effect("cut")) == (2, "changed")
    with pytest.raises(ValueError, match="'cut' is counted as changed, not as left_out"):
        tally.add("cut", effect="left_out")
    assert tally["cut"] == 2


def test_renamed_reasons_keep_count_places_and_effect() -> None:
    tally = Tally()
    tally.add("cut", "a:1", 7, effect="changed")
    tally.add("gone", "a:2")
    found = tally.renamed({"cut": "text: cut", "never": "text: never"})
    assert found.lines() == ["text: cut: 7 (a:1, ...)"]
    assert found.effect("text: cut") == "changed"
