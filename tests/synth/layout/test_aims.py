from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synth.draws import Draws
from synth.layout.aims import LEAST_PX, MOST_PX, Aims, spot_of
from textlines.formats.missed_lines import PLACES, MissedLines


def missed(*bins: dict[str, Any]) -> MissedLines:
    return MissedLines.model_validate({"detector": "det", "bins": bins})


def bin_of(name: str, lines: int, failed: float, **ends: Any) -> dict[str, Any]:
    return {"property": name, "lines": lines, "failed": {"value": failed}, **ends}


@given(
    st.integers(0, 10**6),
    st.integers(240, 4096),
    st.sampled_from([(None, 8), (8, 12), (96, 128), (128, None), (9000, None)]),
)
def test_a_height_fits_the_page_and_can_be_read(
    seed: int, short: int, ends: tuple[float | None, float | None]
) -> None:
    low, high = ends
    for aims in (Aims(), Aims(missed(bin_of("seen_height", 5, 1.0, low=low, high=high)))):
        height = aims.draw(short, Draws(seed, 0)).height_px
        assert min(LEAST_PX, 0.45 * short) <= height <= min(MOST_PX, 0.45 * short)


def test_half_of_the_pages_are_drawn_to_what_was_missed() -> None:
    aims = Aims(
        missed(
            bin_of("seen_height", 100, 0.9, low=96.0, high=128.0),
            bin_of("seen_height", 900, 0.0, low=16.0, high=96.0),
            bin_of("contrast", 10, 0.5, low=0.0, high=0.2),
            bin_of("place", 10, 0.5, place="upper_right"),
        )
    )
    drawn = [aims.draw(540, Draws(1, index)) for index in range(1000)]
    plain = [Aims().draw(540, Draws(1, index)) for index in range(1000)]

    def within(heights: list[float]) -> float:
        return sum(96 <= height < 128 for height in heights) / len(heights)

    usual = within([aim.height_px for aim in plain])
    assert within([aim.height_px for aim in drawn]) == pytest.approx(0.5 + 0.5 * usual, abs=0.05)
    faint = [aim.contrast for aim in drawn if aim.contrast is not None]
    assert len(faint) == pytest.approx(500, abs=60) and max(faint) <= 0.2
    spots = [aim.spot for aim in drawn if aim.spot is not None]
    assert len(spots) == pytest.approx(500, abs=60)
    assert all(spot.x > 2 / 3 and spot.y < 1 / 3 for spot in spots)
    assert all(aim.contrast is None and aim.spot is None for aim in plain)


@given(st.integers(0, 10**6), st.sampled_from(PLACES))
def test_a_spot_lies_in_its_place(seed: int, place: Any) -> None:
    x, y = spot_of(place, Draws(seed, 0))
    assert 0 <= x <= 1 and 0 <= y <= 1
    if place == "edge":
        assert min(x, y, 1 - x, 1 - y) <= 0.12
    else:
        row, column = int(3 * min(y, 0.999)), int(3 * min(x, 0.999))
        assert place == PLACES[1 + 3 * row + column]
