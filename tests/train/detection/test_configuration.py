from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textlines.errors import InputError
from train.detection.configuration import (
    DetectorConfiguration,
    configuration_text,
    published_configuration,
    read_configuration,
)
from train.detection.settings import PUBLISHED, PredictionSettings

Write = Callable[[str, str], Path]

HEAD = """\
Global: {{model_name: {name}}}
PreProcess:
  transform_ops:
  - DecodeImage: {{channel_first: false, img_mode: BGR}}
  - DetResizeForTest: {resize}
  - NormalizeImage: {{scale: 1./255., mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.5], order: hwc}}
PostProcess: {after}
"""


def text(
    name: str = "PP-OCRv4_mobile_det",
    resize: str = "null",
    after: str = "{name: DBPostProcess, thresh: 0.3, box_thresh: 0.6, unclip_ratio: 1.5}",
) -> str:
    return HEAD.format(name=name, resize=resize, after=after)


@pytest.mark.parametrize(
    ("name", "resize", "limit"),
    [
        ("PP-OCRv4_mobile_det", "null", (960, "max")),
        ("PP-OCRv4_mobile_det", "{resize_long: 640}", (640, "max")),
        # paddleocr reads these two and throws them away.
        ("PP-OCRv4_mobile_det", "{limit_side_len: 640, limit_type: min}", (960, "max")),
        ("meters", "null", (736, "min")),
        ("meters", "{resize_long: 640}", (640, "min")),
    ],
)
def test_limits_are_those_that_paddleocr_listens_to(
    write_file: Write, name: str, resize: str, limit: tuple[int, str]
) -> None:
    path = write_file("inference.yml", text(name, resize))
    settings = read_configuration(path).settings
    assert (settings.limit_side_len, settings.limit_type) == limit


def test_what_stands_after_the_network_is_read(write_file: Write) -> None:
    after = (
        "{name: DBPostProcess, thresh: 0.2, box_thresh: 0.4, unclip_ratio: 1.4, use_dilation: true,"
        " score_mode: slow, max_candidates: 3000}"
    )
    read = read_configuration(write_file("inference.yml", text(after=after)))
    assert read.settings == PredictionSettings(
        thresh=0.2,
        box_thresh=0.4,
        unclip_ratio=1.4,
        use_dilation=True,
        score_mode="slow",
        max_candidates=3000,
    )
    assert read.mean == (0.5, 0.5, 0.5) and read.std == (0.25, 0.25, 0.5)
    assert read.scale == 1 / 255 and not read.is_rgb


def test_an_unclip_ratio_that_is_missing_is_that_of_paddlex(write_file: Write) -> None:
    read = read_configuration(write_file("inference.yml", text(after="{name: DBPostProcess}")))
    assert read.settings.unclip_ratio == 2.0


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (text(resize="{image_shape: [640, 640]}"), "fixed size of the input"),
        (text(after="{name: DBPostProcess, box_type: round}"), "not quad or poly"),
        (text(after="{name: CTCLabelDecode}"), r"is of no DB detector \(CTCLabelDecode\)"),
        (text(after="{name: DBPostProcess, thresh: 3}"), "thresh is 3.0, not between 0 and 1"),
        (text(after="{name: DBPostProcess, use_dilation: 2}"), "neither true nor false"),
        ("Global: {model_name: a}\n", r"no configuration of a detector \(KeyError"),
        ("a: [", "is no YAML"),
    ],
)
def test_what_is_not_read_is_named(write_file: Write, content: str, told: str) -> None:
    with pytest.raises(InputError, match=told):
        read_configuration(write_file("inference.yml", content))


def test_the_form_of_boxes_is_read_and_written_where_it_is_not_the_usual_one(
    write_file: Write,
) -> None:
    read = read_configuration(
        write_file("inference.yml", text(after="{name: DBPostProcess, box_type: poly}"))
    )
    assert read.settings.box_type == "poly"
    written = configuration_text(read)
    assert written.splitlines()[-1].strip() == "box_type: poly"
    assert read_configuration(write_file("again.yml", written)) == read
    assert "box_type" not in configuration_text(published_configuration("PP-OCRv4_mobile_det"))


@given(
    name=st.sampled_from(sorted(PUBLISHED)),
    limit=st.integers(32, 4000),
    thresh=st.floats(0.01, 0.99),
    ratio=st.floats(0.1, 4),
    is_dilated=st.booleans(),
)
def test_what_is_written_reads_back(
    tmp_path_factory: pytest.TempPathFactory,
    name: str,
    limit: int,
    thresh: float,
    ratio: float,
    is_dilated: bool,
) -> None:
    known = published_configuration(name)
    settings = replace(
        known.settings,
        limit_side_len=limit,
        thresh=thresh,
        unclip_ratio=ratio,
        use_dilation=is_dilated,
    )
    path = tmp_path_factory.mktemp("written") / "inference.yml"
    configuration = replace(known, settings=settings)
    path.write_text(configuration_text(configuration), encoding="utf-8")
    assert read_configuration(path) == configuration


def test_a_name_that_is_none_is_opened_as_v4() -> None:
    known = published_configuration("meters")
    assert known == DetectorConfiguration("PP-OCRv4_mobile_det", PUBLISHED["PP-OCRv4_mobile_det"])
