"""Which blend is taken: the best on the target that keeps the general pages."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textlines.labels.alphabet import Alphabet
from textlines.labels.tally import Tally
from textlines.pixels.arrays import Image
from textlines.progress import watching
from textlines.regions.matching import PageCounts
from train.detection.detector import open_detector
from train.detection.page_outcomes import BoxReader, Objective, PageOutcome, hmean_of
from train.detection.settings import PredictionSettings
from train.detection.trial_maps import sized_pages
from train.page_tuning.page_blends import BlendPages, DetBlend, DetStanding, chosen_blend
from train.reading.ctc import Line
from train.reading.engine import Batching

shares = st.floats(0, 1)


def blend(
    alpha: float,
    target: float,
    general: float | None,
    hmean: float = 0.5,
    reading: float | None = None,
) -> DetBlend:
    standing = DetStanding(PredictionSettings(), target, hmean, 0.5, general, reading, (), 1)
    return DetBlend(alpha, standing)


def test_the_best_on_the_target_is_taken() -> None:
    blends = [blend(0, 0.5, 0.9), blend(0.5, 0.8, 0.9), blend(1, 0.7, 0.95)]

    assert chosen_blend(blends, 0.005, "hmean").alpha == 0.5


def test_one_that_loses_general_pages_is_not() -> None:
    # Meters .78 to .99, receipts .879 to .751: as bold as that.
    blends = [blend(0, 0.778, 0.879), blend(0.5, 0.958, 0.876), blend(1, 0.996, 0.751)]

    assert chosen_blend(blends, 0.005, "hmean").alpha == 0.5
    assert chosen_blend(blends, 0.2, "hmean").alpha == 1


def test_one_whose_boxes_cost_general_pages_letters_is_not() -> None:
    # As many boxes match, and fewer of them are read as before: what a gate fails.
    blends = [
        blend(0, 0.5, 0.88, reading=0.359),
        blend(0.5, 0.8, 0.88, reading=0.357),
        blend(1, 0.9, 0.88, reading=0.352),
    ]

    assert chosen_blend(blends, 0.005, "reading").alpha == 0.5


def test_of_equals_the_one_nearest_to_the_base_is_taken() -> None:
    blends = [blend(0, 0.8, 0.9), blend(0.5, 0.8, 0.9), blend(1, 0.8, 0.9)]

    assert chosen_blend(blends, 0.005, "hmean").alpha == 0


def test_without_general_pages_the_target_alone_decides() -> None:
    assert chosen_blend([blend(0, 0.5, None), blend(1, 0.6, None)], 0.005, "hmean").alpha == 1


def test_the_base_is_always_among_them() -> None:
    with pytest.raises(ValueError, match="alpha 0, the base, is not among the blends"):
        chosen_blend([blend(1, 0.6, 0.9)], 0.005, "hmean")


@given(st.lists(st.tuples(shares, shares), min_size=1, max_size=6), st.floats(0, 0.1))
def test_what_is_taken_is_never_worse_than_the_base(
    figures: list[tuple[float, float]], delta: float
) -> None:
    blends = [blend(at / len(figures), *figure) for at, figure in enumerate(figures)]

    taken = chosen_blend(blends, delta, "hmean").standing

    base = blends[0].standing
    assert taken.target >= base.target
    assert taken.general is not None and base.general is not None
    assert taken.general >= base.general - delta


def pages(*read: int, found: int = 2) -> tuple[PageOutcome, ...]:
    """Return pages of two lines each, of which so many are found, and so many read."""
    counts = PageCounts(2, 2, found)
    return tuple(
        PageOutcome(counts, (), (at > 0, at > 1), (float(at > 0), float(at > 1))) for at in read
    )


def read_blend(alpha: float, *read: int, found: int = 2) -> DetBlend:
    share, outcomes = sum(read) / (2 * len(read)), pages(*read, found=found)
    hmean = hmean_of(outcomes)
    standing = DetStanding(PredictionSettings(), share, hmean, 1.0, 0.9, None, outcomes, 1)
    return DetBlend(alpha, standing)


def test_a_line_more_is_chance_and_many_are_not() -> None:
    base = read_blend(0, *[0] * 10, *[1] * 10)
    near = read_blend(0.5, *[2] * 18, 1, 1)
    far = read_blend(1, *[2] * 19, 1)

    assert chosen_blend([base, near, far], 0.005, "reading").alpha == 0.5
    assert chosen_blend([base, read_blend(0.5, *[1] * 20), far], 0.005, "reading").alpha == 1


def test_lines_that_are_found_by_far_more_often_are_no_chance() -> None:
    base = read_blend(0, *[1] * 20, found=1)
    near = read_blend(0.5, *[1] * 20)
    far = read_blend(1, *[1] * 19, 2)

    assert chosen_blend([base, far], 0.005, "reading").alpha == 1
    assert chosen_blend([base, near, far], 0.005, "reading").alpha == 0.5
    assert chosen_blend([read_blend(0, *[1] * 20), far], 0.005, "reading").alpha == 0


def test_readings_that_are_nearly_right_say_more_than_how_many_are() -> None:
    counts = PageCounts(1, 1, 1)

    def of(alpha: float, likeness: float, right: int) -> DetBlend:
        outcomes = tuple(
            PageOutcome(counts, (), (at < right,), (1.0 if at < right else likeness,))
            for at in range(20)
        )
        standing = DetStanding(PredictionSettings(), right / 20, 1.0, 1.0, 0.9, None, outcomes, 1)
        return DetBlend(alpha, standing)

    blends = [of(0, 0.2, 12), of(0.5, 0.2, 13), of(1, 0.9, 12)]

    assert chosen_blend(blends, 0.005, "reading").alpha == 1


class OneWord:
    """Reads the same word everywhere."""

    name, batching, alphabet = "one word", Batching(1, 1, False), Alphabet(tuple("other0"))

    def prepare(self, image: Image) -> Image:
        return image

    def read(self, prepared: Sequence[Image]) -> list[Line]:
        return [Line("other0", 1.0) for _ in prepared]


@pytest.mark.parametrize(("objective", "read"), [("hmean", None), ("reading", 0.5)])
def test_general_pages_are_read_where_reading_is_the_objective(
    objective: Objective, read: float | None, faint: Path, write_pages: Callable[..., Path]
) -> None:
    """Of two pages the word stands on one, twice."""
    detector = open_detector(str(faint))
    seen = PredictionSettings(thresh=0.25, box_thresh=0.25, unclip_ratio=0.1)
    pages = BlendPages(
        target=sized_pages(write_pages("target", 1), Tally()),
        general=sized_pages(write_pages("other", 2), Tally()),
        limits=(960,),
        objective=objective,
        reader=BoxReader(OneWord()),
    )

    standing = pages.standing(detector.with_settings(seen), partial(watching, as_json=True))

    assert standing.general is not None and standing.general > 0.9
    assert standing.general_reading == read
