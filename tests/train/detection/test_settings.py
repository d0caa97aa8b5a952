import pytest
from hypothesis import given
from hypothesis import strategies as st

from train.detection.settings import KNOWN_NAMES, PIPELINE, PUBLISHED, STRIDE, PredictionSettings

SIDES = st.integers(1, 12_000)
LIMITS = st.builds(
    PredictionSettings,
    limit_side_len=st.integers(1, 5000),
    limit_type=st.sampled_from(("max", "min", "resize_long")),
    max_side_limit=st.integers(32, 6000),
)


@given(settings=LIMITS, height=SIDES, width=SIDES)
def test_sides_are_multiples_of_the_stride_and_within_the_limit(
    settings: PredictionSettings, height: int, width: int
) -> None:
    tall, wide = settings.input_size(height, width)
    assert tall % STRIDE == wide % STRIDE == 0 and min(tall, wide) >= STRIDE
    assert max(tall, wide) <= settings.max_side_limit + STRIDE // 2
    if settings.limit_type == "max":
        assert max(tall, wide) <= max(STRIDE, settings.limit_side_len + STRIDE // 2)


@given(settings=LIMITS, height=SIDES, width=SIDES)
def test_a_page_on_its_side_is_seen_on_its_side(
    settings: PredictionSettings, height: int, width: int
) -> None:
    assert settings.input_size(width, height) == settings.input_size(height, width)[::-1]


@pytest.mark.parametrize(
    ("settings", "page", "seen"),
    [
        (PredictionSettings(), (700, 500), (704, 512)),  # max enlarges nothing
        (PredictionSettings(), (1600, 720), (960, 448)),  # 432 is 13.5 strides: to the even one
        (PredictionSettings(limit_side_len=736, limit_type="min"), (500, 1000), (736, 1472)),
        (PredictionSettings(limit_side_len=608, limit_type="resize_long"), (300, 200), (608, 416)),
        (PredictionSettings(limit_side_len=960, max_side_limit=640), (2000, 1000), (640, 320)),
        (PIPELINE, (3508, 2480), (3520, 2496)),
        (PIPELINE, (9000, 300), (4000, 128)),
        (PredictionSettings(), (10, 20), (32, 32)),  # laid on black first
    ],
)
def test_the_size_that_is_seen(
    settings: PredictionSettings, page: tuple[int, int], seen: tuple[int, int]
) -> None:
    assert settings.input_size(*page) == seen


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"thresh": 0.0}, "thresh is 0.0, not between 0 and 1"),
        ({"box_thresh": 1.2}, "box_thresh is 1.2, not between 0 and 1"),
        ({"unclip_ratio": float("nan")}, "unclip_ratio is nan, not above 0"),
        ({"limit_side_len": 0}, "limit_side_len is 0, less than 1"),
        ({"limit_type": "long"}, "limit_type is 'long', not max or min or resize_long"),
        ({"box_type": "round"}, "box_type is 'round', not quad or poly"),
    ],
)
def test_values_out_of_range_are_named(values: dict[str, object], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        PredictionSettings(**values)  # type: ignore[arg-type]


def test_a_page_without_a_pixel_is_refused() -> None:
    with pytest.raises(ValueError, match="a page has at least a pixel, got 0 x 5"):
        PredictionSettings().input_size(0, 5)


def test_published_names_see_pages_alike() -> None:
    assert set(PUBLISHED) <= KNOWN_NAMES
    assert {(known.limit_side_len, known.limit_type) for known in PUBLISHED.values()} == {
        (960, "max")
    }
