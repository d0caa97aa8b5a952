"""The configuration for PaddleOCR's own training: each trap is stepped around, by name."""

from dataclasses import replace
from typing import Any

import pytest

from train.tuning.paddleocr_yaml import PaddleOcrRun, paddleocr_yaml

yaml: Any = pytest.importorskip("yaml")

RUN = PaddleOcrRun(
    family="v4",
    pretrained_model="candidate/pretrained.pdparams",
    dictionary="candidate/dictionary.txt",
    use_space_char=True,
    labels=("lists/epoch-000.txt", "lists/epoch-001.txt"),
    data_folder="mixed",
    eval_labels="lists/stop.txt",
    eval_folder="stops",
    out="paddle-run",
    epochs=8,
    batch=32,
    cards=4,
    steps_per_epoch=100,
    peak_rate=1e-4,
    final_rate=2e-5,
    warmup_steps=50,
    max_text_length=25,
    eval_every=50,
)


def parsed(run: PaddleOcrRun = RUN) -> Any:
    return yaml.safe_load(paddleocr_yaml(run))


def operations(dataset: Any) -> dict[str, Any]:
    return {name: options for one in dataset["transforms"] for name, options in one.items()}


def test_the_attention_branch_is_off() -> None:
    content = parsed()
    assert content["Architecture"]["Head"] == {"name": "CTCHead", "fc_decay": 1e-5}
    assert content["Loss"] == {"name": "CTCLoss"}
    assert "MultiHead" not in str(content)
    for part in ("Train", "Eval"):
        found = operations(content[part]["dataset"])
        assert "CTCLabelEncode" in found
        assert "MultiLabelEncode" not in found
        assert found["KeepKeys"]["keep_keys"] == ["image", "label", "length", "valid_ratio"]


def test_the_backbone_learns_too() -> None:
    assert parsed()["Architecture"]["Neck"]["use_guide"] is False


def test_the_weights_are_named_as_ours_are() -> None:
    # PaddleOCR adds the ending; with it twice nothing would be found.
    assert parsed()["Global"]["pretrained_model"] == "candidate/pretrained"
    neck = parsed()["Architecture"]["Neck"]
    # `neck.encoder.*` comes of this pair of names; without SequenceEncoder it would be `neck.*`.
    assert (neck["name"], neck["encoder_type"]) == ("SequenceEncoder", "svtr")


def test_the_export_keeps_its_free_width() -> None:
    assert parsed()["Architecture"]["algorithm"] == "SVTR_LCNet"


def test_every_list_whole_in_every_epoch() -> None:
    dataset = parsed()["Train"]["dataset"]
    assert dataset["name"] == "SimpleDataSet"
    assert dataset["label_file_list"] == list(RUN.labels)
    assert dataset["ratio_list"] == [1.0, 1.0]
    assert "sampler" not in parsed()["Train"]
    assert "goes over 2 lists" in paddleocr_yaml(RUN)


def test_lines_to_stop_by_have_a_folder_of_their_own() -> None:
    content = parsed()
    assert content["Train"]["dataset"]["data_dir"] == "mixed"
    assert content["Eval"]["dataset"]["data_dir"] == "stops"
    assert content["Eval"]["dataset"]["label_file_list"] == ["lists/stop.txt"]


def test_it_is_judged_within_its_steps() -> None:
    assert parsed()["Global"]["eval_batch_step"] == [0, 50]


def test_a_plan_that_tunes_the_head_first_says_what_is_left_out() -> None:
    text = paddleocr_yaml(replace(RUN, follows_head=True))
    assert "# The plan tunes the head first" in text
    assert yaml.safe_load(text) == parsed()
    assert "tunes the head first" not in paddleocr_yaml(RUN)


def test_lines_are_not_joined() -> None:
    assert "RecConAug" not in operations(parsed()["Train"]["dataset"])


def test_a_lost_space_is_an_error() -> None:
    content = parsed()
    assert content["Metric"]["ignore_space"] is False
    assert content["Global"]["use_space_char"] is True
    assert parsed(replace(RUN, use_space_char=False))["Global"]["use_space_char"] is False


def test_lines_are_sized_as_in_use() -> None:
    for part in ("Train", "Eval"):
        found = operations(parsed()[part]["dataset"])
        assert found["RecResizeImg"] == {"image_shape": [3, 48, 320]}
        assert found["DecodeImage"]["img_mode"] == "BGR"


def test_the_rate_falls_once_and_warms_up() -> None:
    assert parsed()["Optimizer"]["lr"] == {
        "name": "Piecewise",
        # 7/8 of the way, from the end of the warm-up on, as PaddleOCR counts.
        "decay_epochs": [6.5],
        "values": [1e-4, 2e-5],
        "warmup_epoch": 0.5,
    }
    assert parsed(replace(RUN, decay="cosine"))["Optimizer"]["lr"] == {
        "name": "LinearWarmupCosine",
        "learning_rate": 1e-4,
        "start_lr": 0.0,
        "min_lr": 2e-5,
        "warmup_steps": 50,
    }


def test_the_batch_that_the_rate_holds_for_is_written_down() -> None:
    text = paddleocr_yaml(RUN)
    assert text.startswith("# For PaddleOCR: python tools/train.py -c THIS_FILE\n")
    assert "# 128 lines a step (32 on each of 4 cards)" in text
    assert parsed()["Train"]["loader"]["batch_size_per_card"] == 32
    assert parsed()["Global"]["distributed"] is True
    assert parsed(replace(RUN, cards=1))["Global"]["distributed"] is False


def test_augmentation_may_be_off() -> None:
    assert list(operations(parsed()["Train"]["dataset"]))[:2] == ["DecodeImage", "RecAug"]
    assert "RecAug" not in operations(parsed()["Eval"]["dataset"])
    assert "RecAug" not in operations(parsed(replace(RUN, augment=False))["Train"]["dataset"])


@pytest.mark.parametrize("family", ["v3", "v4", "v5"])
def test_the_network_is_that_of_the_family(family: Any) -> None:
    from train.networks.spec import FAMILIES

    spec = FAMILIES["svtr_mobilenet_v3" if family == "v3" else "svtr_lcnet_v4"]
    found = parsed(replace(RUN, family=family))["Architecture"]
    assert found["Backbone"]["scale"] == spec.scale
    neck = found["Neck"]
    assert (neck["dims"], neck["depth"], neck["hidden_dims"]) == (
        spec.dims,
        spec.depth,
        spec.hidden,
    )
    assert tuple(neck["kernel_size"]) == spec.kernel
    is_v3 = found["Backbone"]["name"] == "MobileNetV1Enhance"
    assert is_v3 == (family == "v3")


@pytest.mark.parametrize(
    ("family", "backbone"),
    [
        ("v4_server", {"name": "PPHGNet_small"}),
        ("v5_server", {"name": "PPHGNetV2_B4", "text_rec": True}),
    ],
)
def test_a_server_network_is_named_as_paddleocr_builds_it(
    family: Any, backbone: dict[str, Any]
) -> None:
    from train.networks.spec import FAMILIES

    run = replace(RUN, family=family)
    found = parsed(run)["Architecture"]
    assert (found["algorithm"], found["Backbone"]) == ("SVTR_HGNet", backbone)
    assert "#   algorithm       SVTR_HGNet, so that" in paddleocr_yaml(run)
    spec = FAMILIES["svtr_hgnet_v4" if family == "v4_server" else "svtr_hgnet_v5"]
    assert (found["Neck"]["dims"], found["Neck"]["hidden_dims"]) == (spec.dims, spec.hidden)
    assert tuple(found["Neck"]["kernel_size"]) == spec.kernel


def test_ppocrv6_has_no_configuration_here() -> None:
    from textlines.errors import UsageError
    from train.tuning.paddleocr_plan import family_of

    with pytest.raises(UsageError, match="knows no configuration of PP-OCRv6_tiny_rec"):
        family_of("svtr_lcnet_v6_tiny", "PP-OCRv6_tiny_rec")


@pytest.mark.parametrize("name", ["값 목록.txt", "a: b.txt", "yes", "#1.txt", "c'd\"e.txt"])
def test_any_path_comes_back(name: str) -> None:
    content = parsed(replace(RUN, labels=(name,), dictionary=name, data_folder=name))
    assert content["Train"]["dataset"]["label_file_list"] == [name]
    assert content["Global"]["character_dict_path"] == name


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"epochs": 0}, "start at 1"),
        ({"cards": 0}, "start at 1"),
        ({"final_rate": 2e-4}, r"falls from 0\.0001 to 0\.0002"),
        ({"peak_rate": float("nan")}, "need 0 <= final <= peak < 1"),
        ({"labels": ()}, "start at 1"),
        ({"warmup_steps": 800}, "warm-up must be shorter than the 800 steps"),
        ({"eval_every": 801}, r"an evaluation each 801 steps is none in 800: need 1\.\.800"),
        ({"eval_every": 0}, "an evaluation each 0 steps"),
    ],
)
def test_numbers_out_of_range_are_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        replace(RUN, **changes)
