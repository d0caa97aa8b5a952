import re
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textlines.pages.figures import bars, histogram, interval

values = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=30)


def widths(html: str, name: str = "width") -> list[float]:
    return [float(w) for w in re.findall(rf'<rect [^>]* {name}="([\d.]+)"', html)]


def test_bars_are_as_long_as_their_values() -> None:
    html = bars(["1", "7"], {"lost": [10, 5]})
    first, second = widths(html)
    assert first == pytest.approx(2 * second, abs=0.11)
    assert "<figcaption" not in html


def test_series_are_told_apart_by_a_legend() -> None:
    html = bars(["1"], {"before": [1], "after": [2]}, title="Characters")
    assert html.count('class="key"') == 2
    assert "1: 2 (after)" in html


def test_labels_are_escaped() -> None:
    html = bars(["<"], {"": [1]}, title="<b>")
    assert "<b>" not in html
    ElementTree.fromstring(html)


@pytest.mark.parametrize("series", [{"a": [1.0]}, {"a": [1.0, -1.0]}])
def test_values_that_do_not_fit_are_refused(series: dict[str, list[float]]) -> None:
    with pytest.raises(ValueError, match="series 'a' needs 2 values of 0 or more"):
        bars(["x", "y"], series)


@given(one=values, other=values, bins=st.integers(1, 30))
def test_a_histogram_holds_every_value(one: list[float], other: list[float], bins: int) -> None:
    html = histogram({"one": one, "other": other}, bins=bins, title="Lengths", unit=" px")
    ElementTree.fromstring(html)
    shares = [float(s) for s in re.findall(r": ([\d.e-]+) % \(one\)", html)]
    assert sum(shares) == pytest.approx(100, abs=0.5 * len(shares))
    assert len(shares) <= bins + 2


def test_the_share_beside_a_histogram_has_room_left_of_its_axis() -> None:
    html = histogram({"": [0] * 13 + [2] * 9 + [4] * 9 + [6] * 9}, bins=4)
    end, share = re.search(r'class="name" x="([\d.]+)" y="8.0">([\d.]+ %)<', html).groups()
    assert len(share) >= 6 and float(end) >= 7.5 * len(share)  # half a letter's height each


def test_a_histogram_of_nothing_says_so() -> None:
    assert "nothing to show" in histogram({"a": []}, title="Heights")


def test_an_interval_lies_where_it_should() -> None:
    html = interval(0.25, 0.5, 0.75)
    assert 'x="15.0"' in html
    assert 'width="30.0"' in html
    ElementTree.fromstring(html)
