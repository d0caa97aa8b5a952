"""The configuration for PaddleOCR's own training of a detector: values, and traps it tells."""

from dataclasses import replace
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from train.detection.settings import PredictionSettings
from train.page_tuning.paddleocr_det_yaml import (
    PaddleOcrDetRun,
    det_configuration,
    det_guide_rate,
    paddleocr_det_yaml,
)

RUN = PaddleOcrDetRun(
    family="v5",
    pretrained_model="weights/student.pdparams",
    labels=("mix/epoch-000.txt", "mix/epoch-001.txt"),
    data_folder="데이터",
    eval_labels="stop/Label.txt",
    eval_folder="stop",
    out="runs/1",
    epochs=5,
    batch=4,
    steps_per_epoch=50,
    eval_every=100,
    shrink_ratio=0.62,
    settings=PredictionSettings(limit_side_len=608, unclip_ratio=1.2, score_mode="slow"),
)


def read(run: PaddleOcrDetRun) -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(paddleocr_det_yaml(run))
    return content


def comments(run: PaddleOcrDetRun) -> str:
    rows = [row[1:].strip() for row in paddleocr_det_yaml(run).splitlines() if row[:1] == "#"]
    return " ".join(" ".join(rows).split())


def transforms(part: dict[str, Any]) -> dict[str, Any]:
    return {name: value for step in part["dataset"]["transforms"] for name, value in step.items()}


def test_it_reads_back_as_it_was_meant() -> None:
    content = read(RUN)
    assert content == det_configuration(RUN)
    assert content["Global"]["model_name"] == "PP-OCRv5_mobile_det"
    # PaddleOCR appends the ending itself.
    assert content["Global"]["pretrained_model"] == "weights/student"
    assert content["Global"]["eval_batch_step"] == [0, 100]
    train = content["Train"]["dataset"]
    assert train["data_dir"] == "데이터"
    assert train["label_file_list"] == ["mix/epoch-000.txt", "mix/epoch-001.txt"]
    assert train["ratio_list"] == [1.0, 1.0]
    assert content["Train"]["loader"]["batch_size_per_card"] == 4
    assert content["Eval"]["dataset"]["label_file_list"] == ["stop/Label.txt"]
    assert content["Eval"]["loader"]["batch_size_per_card"] == 1
    assert content["Architecture"]["Backbone"] == {"name": "PPLCNetV3", "scale": 0.75, "det": True}


def test_the_shrink_ratio_is_the_same_in_every_epoch() -> None:
    steps = transforms(read(RUN)["Train"])
    for name in ("MakeShrinkMap", "MakeBorderMap"):
        assert steps[name]["shrink_ratio"] == 0.62
        assert "total_epoch" not in steps[name]
    assert "0.62, and no total_epoch beside it" in comments(RUN)
    assert "it never moves" in comments(RUN)


def test_pages_are_evaluated_as_they_are_predicted() -> None:
    content = read(RUN)
    resize = transforms(content["Eval"])["DetResizeForTest"]
    assert resize == {"limit_side_len": 608, "limit_type": "max"}
    read_out = content["PostProcess"]
    assert (read_out["unclip_ratio"], read_out["score_mode"]) == (1.2, "slow")
    told = comments(RUN)
    assert "608 (max) in DetResizeForTest" in told
    assert "736 (min), where paddleocr.TextDetection predicts at 960 (max)" in told


def test_pages_without_text_are_counted_where_there_are_any() -> None:
    assert "Pages without text" not in comments(RUN)
    told = comments(replace(RUN, negatives=12, eval_negatives=1))
    assert "DetLabelEncode drops them" in told
    assert "12 stand in the lists to train on" in told
    assert "1 stands in the list to evaluate by" in told


@pytest.mark.parametrize(("batch", "cards", "rate"), [(8, 1, 1e-4), (4, 1, 5e-5), (4, 2, 1e-4)])
def test_the_rate_is_the_guides_for_the_pages_of_a_step(
    batch: int, cards: int, rate: float
) -> None:
    run = replace(RUN, batch=batch, cards=cards)
    assert read(run)["Optimizer"]["lr"] == {
        "name": "Cosine",
        "learning_rate": rate,
        "warmup_epoch": 2,
    }
    assert read(run)["Global"]["distributed"] is (cards > 1)
    assert read(replace(run, peak_rate=2e-5))["Optimizer"]["lr"]["learning_rate"] == 2e-5


@given(st.integers(1, 4096), st.integers(1, 8))
def test_the_rate_grows_with_the_batch(batch: int, cards: int) -> None:
    assert det_guide_rate(batch * cards) == pytest.approx(batch * cards * det_guide_rate(1))


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"shrink_ratio": 1.0}, "the shrink ratio is 1.0, not between 0 and 1"),
        ({"labels": ()}, "start at 1"),
        ({"batch": 0}, "start at 1"),
        ({"negatives": -1}, "start at 1"),
        ({"warmup_epochs": 5}, "warm-up must be shorter than the 5 epochs"),
        ({"eval_every": 251}, "an evaluation each 251 steps is none in 250"),
        ({"crop_px": 600}, "crops of 600 pixels: need a multiple of 32"),
        ({"peak_rate": 0.0}, "need 0 < learning rate < 1"),
    ],
)
def test_numbers_out_of_their_range_are_refused(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=r"got|need|between") as error:
        replace(RUN, **changes)
    assert told in str(error.value)
