from hypothesis import given
from hypothesis import strategies as st

from textlines.labels.tally import KEPT_PLACES, Tally

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
        tally.add("no_tab", f"a.txt:{line}")
    assert tally.places("no_tab") == tuple(f"a.txt:{n}" for n in range(1, KEPT_PLACES + 1))
    assert tally.lines({"no_tab": "line without a tab"}) == [
        "line without a tab: 10,000 (a.txt:1, a.txt:2, a.txt:3, a.txt:4, a.txt:5, ...)"
    ]


def test_lines_come_by_falling_count() -> None:
    tally = Tally()
    tally.add("few")
    tally.add("many", count=7)
    assert list(tally.as_dict().items()) == [("many", 7), ("few", 1)]
    assert tally.lines() == ["many: 7", "few: 1"]
    assert tally
    assert not Tally()
