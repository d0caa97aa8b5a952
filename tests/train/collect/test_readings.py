"""What is known of crops: of real readings by the tiny model."""

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textlines.formats.rows import RowError, parse_row
from train.collect.readings import (
    CropReadings,
    Readers,
    ScoredText,
    fingerprint_of,
    gather,
    look_of,
    readings_of,
    row_of,
    views_of,
)
from train.reading.engine import CtcEngine
from train.reading.model_opening import open_model

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
SHARE = st.floats(0, 1).map(lambda value: round(value, 6))
READING = st.builds(ScoredText, TEXT, SHARE, SHARE)


@given(
    st.builds(
        CropReadings,
        path=st.just("값/a b.png"),
        turn=st.sampled_from([0, 90, 180, 270]),
        by_model=st.lists(READING, min_size=1, max_size=5).map(tuple),
        other=st.none() | READING,
        nats=st.lists(st.tuples(TEXT, SHARE, SHARE), max_size=3).map(tuple),
        fingerprint=st.binary(min_size=16, max_size=16).map(bytes.hex),
        look=st.tuples(*[st.integers(0, 255)] * 4),
        size=st.tuples(st.integers(1, 9999), st.integers(1, 9999)),
        stamp=st.integers(0, 2**63),
    )
    | st.builds(CropReadings, path=st.just("a.png"), fault=st.just("empty"))
)
def test_what_is_written_is_read_back(one: CropReadings) -> None:
    assert readings_of(parse_row(row_of(one))) == one


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"path": "a.png", "fault": "tired"}, "one of missing"),
        ({"path": "a.png", "own": [["a", 1]]}, "no readings of a crop"),
        ({"path": "a.png"}, "no readings of a crop"),
    ],
)
def test_a_broken_row_says_what_is_wrong(row: dict[str, Any], message: str) -> None:
    with pytest.raises(RowError, match=message):
        readings_of(row)


def readers(tiny: Any, **others: Any) -> Readers:
    engine = open_model(str(tiny.path)).engine
    assert isinstance(engine, CtcEngine)
    return Readers(engine, **others)


def test_crops_are_read_with_their_views_and_by_a_second_model(
    tiny: Any, make_tiny: Any, production: Path
) -> None:
    tiny.crop(production / "a.png", "값1 a")
    (production / "b.png").write_bytes(b"")
    second = open_model(
        str(make_tiny(production.parent / "other.onnx", entries=("값", "l", "1", "a", "b", ".")))
    ).engine
    paths = ["a.png", "b.png", "none.png"]
    found = [
        one for chunk in gather(readers(tiny, other=second), paths, production, 2) for one in chunk
    ]
    assert [one.path for one in found] == paths
    assert [one.fault for one in found] == ["", "empty", "missing"]
    first = found[0]
    assert first.text == "값1 a" and len(first.by_model) == 5
    assert first.other is not None and first.other.text == "값l a"
    # Each model finds its own reading the likelier one.
    nats = {text: (own, other) for text, own, other in first.nats}
    assert nats["값1 a"][0] < nats["값l a"][0]
    assert nats["값1 a"][1] > nats["값l a"][1]
    alone = next(gather(readers(tiny, views=False), ["a.png"], production, 1))[0]
    assert len(alone.by_model) == 1 and alone.other is None


def test_a_crop_upside_down_is_known_by_its_turned_reading(upright: Any, production: Path) -> None:
    upright.turned(production / "a.png", "1ab.1", 180)
    upright.crop(production / "b.png", "1ab.1")
    read = readers(upright, views=True, turning="auto")
    found = next(gather(read, ["a.png", "b.png"], production, 1))
    assert [(one.text, one.turn) for one in found] == [("1ab.1", 180), ("1ab.1", 0)]
    lying = next(gather(readers(upright), ["a.png"], production, 1))[0]
    assert (lying.text, lying.turn) == ("", 0)


def photo(seed: int) -> np.ndarray:
    draw = np.random.default_rng(seed)
    small = draw.integers(0, 255, (6, 20, 3), dtype=np.uint8)
    return cv2.resize(small, (200, 60), interpolation=cv2.INTER_CUBIC)


def bits_apart(one: str, other: str) -> int:
    return bin(int(one, 16) ^ int(other, 16)).count("1")


@given(st.integers(0, 2**32 - 1))
def test_copies_have_next_to_the_same_fingerprint_and_others_do_not(seed: int) -> None:
    image = photo(seed)
    _, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 60])
    again = cv2.resize(cv2.imdecode(data, cv2.IMREAD_COLOR), (150, 45))
    assert bits_apart(fingerprint_of(image), fingerprint_of(again)) <= 10
    assert bits_apart(fingerprint_of(image), fingerprint_of(photo(seed + 1))) > 20


def test_views_are_of_the_same_crop_and_a_look_tells_light_from_dark() -> None:
    image = photo(1)
    before = image.copy()
    views = views_of(image)
    assert np.array_equal(image, before)
    assert {view.shape[0] for view in views} == {60, 70}
    assert [view.shape[1] for view in views][2:] == [174, 230]
    dark, light = look_of(image // 4), look_of(image // 4 + 180)
    assert dark[0] < light[0] and abs(dark[1] - light[1]) <= 4
