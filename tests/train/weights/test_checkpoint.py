"""Checkpoints: all tensors or an error, whatever PaddleOCR called them."""

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from textlines.errors import InputError
from train.weights.checkpoint import read_checkpoint, write_checkpoint
from train.weights.training_form import branched

Draw = Callable[..., Any]


def stored(path: Path, tensors: Any) -> Path:
    path.write_bytes(pickle.dumps(tensors, protocol=4))
    return path


def same(found: Any, tensors: Any) -> None:
    assert list(found) == list(tensors)
    for name, array in tensors.items():
        np.testing.assert_array_equal(found[name], array)


def multi_head(name: str) -> str:
    name = name.replace("neck.encoder.", "head.ctc_encoder.encoder.")
    return name.replace("head.fc.", "head.ctc_head.fc.")


@pytest.mark.parametrize(
    ("family", "form"),
    [
        ("svtr_lcnet_v4", "branches"),
        ("svtr_lcnet_v4", "fused"),
        ("svtr_mobilenet_v3", "fused"),
        ("svtr_lcnet_v6_tiny", "branches"),
        ("svtr_lcnet_v6_small", "branches"),
        ("svtr_lcnet_v6_small", "fused"),
    ],
)
def test_what_is_written_is_read(drawn: Draw, tmp_path: Path, family: str, form: Any) -> None:
    spec, tensors = drawn(family, form=form)
    write_checkpoint(tmp_path / "a.pdparams", tensors)
    matched = read_checkpoint(tmp_path / "a.pdparams")
    assert matched.spec == spec
    assert matched.counts == {"loaded": len(tensors)}
    same(matched.tensors, tensors)
    # And again: the same bytes.
    write_checkpoint(tmp_path / "b.pdparams", matched.tensors)
    assert (tmp_path / "b.pdparams").read_bytes() == (tmp_path / "a.pdparams").read_bytes()


def test_paddle_reads_what_is_written_and_we_what_paddle_writes(
    drawn: Draw, paddle: Any, tmp_path: Path
) -> None:
    _, tensors = drawn("svtr_mobilenet_v3")
    write_checkpoint(tmp_path / "ours.pdparams", tensors)
    found = paddle.load(str(tmp_path / "ours.pdparams"), return_numpy=True)
    same(found, tensors)
    as_paddle = {name: paddle.to_tensor(array) for name, array in tensors.items()}
    paddle.save(as_paddle, str(tmp_path / "paddle.pdparams"))
    same(read_checkpoint(tmp_path / "paddle.pdparams").tensors, tensors)


def test_multi_head_names_are_mapped_and_the_attention_branch_is_counted(
    drawn: Draw, tmp_path: Path
) -> None:
    _, tensors = drawn(form="branches")
    content = {multi_head(name): array for name, array in tensors.items()}
    content["head.before_gtc.1.fc.weight"] = np.zeros((480, 384), np.float32)
    content["head.gtc_head.tgt_word_prj.weight"] = np.zeros((384, 44), np.float32)
    content["backbone.blocks2.0.dw_conv.id_tensor"] = np.zeros((16, 1, 3, 3), np.float32)
    matched = read_checkpoint(stored(tmp_path / "m.pdparams", content))
    same(matched.tensors, tensors)
    assert matched.counts == {"loaded": len(tensors), "attention_branch": 2, "unused": 1}


SECOND_NAMES = {
    "neck.encoder.conv1.conv.weight": "head.ctc_encoder.encoder.conv1.conv.weight",
    "head.fc.bias": "head.ctc_head.fc.bias",
    "backbone.conv1._conv.weight": "module.backbone.conv1._conv.weight",
}


def test_a_tensor_by_both_of_its_names_is_taken_once_and_counted(
    drawn: Draw, tmp_path: Path
) -> None:
    _, tensors = drawn("svtr_mobilenet_v3")
    twice = {second: tensors[first] for first, second in SECOND_NAMES.items()}
    matched = read_checkpoint(stored(tmp_path / "a.pdparams", {**tensors, **twice}))
    same(matched.tensors, tensors)
    assert matched.counts == {"loaded": len(tensors), "held_twice": 3}


@pytest.mark.parametrize("first", SECOND_NAMES)
@pytest.mark.parametrize("is_last", [True, False])
def test_a_tensor_by_two_names_with_unlike_values_is_refused(
    drawn: Draw, tmp_path: Path, first: str, is_last: bool
) -> None:
    _, tensors = drawn("svtr_mobilenet_v3")
    second = SECOND_NAMES[first]
    other = {second: tensors[first] + np.float32(1e-6)}
    content = {**tensors, **other} if is_last else {**other, **tensors}
    one, two = (first, second) if is_last else (second, first)
    with pytest.raises(InputError) as told:
        read_checkpoint(stored(tmp_path / "a.pdparams", content))
    assert str(told.value) == (
        f"{tmp_path / 'a.pdparams'}: holds one tensor by two names, with unlike values: {one} and "
        f"{two}. Name the .pdparams as the training saved it; or delete the tensors of the one "
        "naming that was not trained, and save the file again."
    )


def test_a_tensor_by_two_names_with_unlike_sizes_is_refused(drawn: Draw, tmp_path: Path) -> None:
    _, tensors = drawn("svtr_mobilenet_v3")
    content = {**tensors, "head.ctc_head.fc.bias": np.zeros(7, np.float32)}
    with pytest.raises(InputError, match=r"unlike values: head\.fc\.bias and head\.ctc_head"):
        read_checkpoint(stored(tmp_path / "a.pdparams", content))


@pytest.mark.parametrize(
    "prefix", ["Student.", "student_model.", "Student_v3.", "Teacher.", "_layers.Student."]
)
def test_the_student_of_a_distillation_is_taken_and_named(
    drawn: Draw, tmp_path: Path, prefix: str
) -> None:
    _, tensors = drawn("svtr_mobilenet_v3")
    content: dict[str, Any] = {}
    if prefix != "Teacher.":
        content = {f"Teacher.{name}": array + 1 for name, array in tensors.items()}
    content |= {prefix + multi_head(name): array for name, array in tensors.items()}
    matched = read_checkpoint(stored(tmp_path / "d.pdparams", content))
    same(matched.tensors, tensors)
    assert matched.counts.get("other_model", 0) == (0 if prefix == "Teacher." else len(tensors))
    taken = prefix.removeprefix("_layers.").removesuffix(".")
    assert matched.models == (() if prefix == "Teacher." else (taken, "Teacher"))


def test_the_last_layer_of_tiny_has_another_name_in_checkpoints(
    drawn: Draw, tmp_path: Path
) -> None:
    _, tensors = drawn("svtr_lcnet_v6_tiny", form="branches")
    write_checkpoint(tmp_path / "t.pdparams", tensors)
    names = set(pickle.loads((tmp_path / "t.pdparams").read_bytes()))
    assert {"head.fc1.weight", "head.fc2.weight", "head.guide_layer.0.weight"} <= names
    assert "head.fc.weight" not in names
    # And as a network with a second head names it.
    content = {
        name.replace("head.fc.", "head.fc2.").replace("head.", "head.ctc_head."): array
        for name, array in tensors.items()
    }
    same(read_checkpoint(stored(tmp_path / "m.pdparams", content)).tensors, tensors)


@pytest.mark.parametrize(
    ("family", "classes"), [("svtr_lcnet_v6_small", 60), ("svtr_lcnet_v6_medium", 60)]
)
def test_sizes_of_the_light_neck_are_read(
    drawn: Draw, tmp_path: Path, family: str, classes: int
) -> None:
    spec, tensors = drawn(family, classes=classes, form="branches")
    write_checkpoint(tmp_path / "m.pdparams", tensors)
    found = read_checkpoint(tmp_path / "m.pdparams").spec
    assert (found.hidden, found.dims, found.mlp) == (spec.hidden, spec.dims, spec.mlp)
    assert (found.kernel, found.depth, found.classes) == ((1, 7), 2, classes)


def test_a_name_without_a_model_does_not_pass_for_one(drawn: Draw, tmp_path: Path) -> None:
    _, tensors = drawn("svtr_mobilenet_v3")
    content = {f"Student.{name}": array for name, array in tensors.items()}
    content["epoch_loss"] = np.zeros(3, np.float32)
    matched = read_checkpoint(stored(tmp_path / "d.pdparams", content))
    same(matched.tensors, tensors)
    assert matched.counts == {"loaded": len(tensors), "other_model": 1}
    assert matched.models == ()


@pytest.mark.parametrize(
    ("family", "channels", "unused"),
    [("svtr_hgnet_v4", 1024, {}), ("svtr_hgnet_v5", 2048, {"last_conv.weight", "fc.weight"})],
)
def test_a_published_server_checkpoint_is_read(
    drawn: Draw, tmp_path: Path, family: str, channels: int, unused: set[str]
) -> None:
    spec, tensors = drawn(family)
    content = {multi_head(name): array for name, array in tensors.items()}
    content["head.before_gtc.1.fc.weight"] = np.zeros((channels, 384), np.float32)
    content["head.gtc_head.embedding.embedding.weight"] = np.zeros((43, 384), np.float32)
    content |= {f"backbone.{name}": np.zeros((4, 2), np.float32) for name in unused}
    matched = read_checkpoint(stored(tmp_path / "s.pdparams", content))
    assert matched.spec == spec
    same(matched.tensors, tensors)
    left = {"unused": len(unused)} if unused else {}
    assert matched.counts == {"loaded": len(tensors), "attention_branch": 2} | left
    assert matched.models == ()


def test_half_precision_becomes_float32(drawn: Draw, tmp_path: Path) -> None:
    _, tensors = drawn("svtr_mobilenet_v3")
    half = {name: ("p", array.astype(np.float16)) for name, array in tensors.items()}
    matched = read_checkpoint(stored(tmp_path / "h.pdparams", half))
    assert matched.precision == "fp16"
    assert {array.dtype.name for array in matched.tensors.values()} == {"float32"}
    same(matched.tensors, {name: array.astype(np.float32) for name, (_, array) in half.items()})


def test_missing_and_left_over_tensors_are_named_with_their_sizes(
    drawn: Draw, tmp_path: Path
) -> None:
    _, tensors = drawn("svtr_mobilenet_v3")
    del tensors["neck.encoder.norm.bias"]
    tensors["neck.extra.weight"] = np.zeros((2, 3), np.float32)
    with pytest.raises(InputError) as caught:
        read_checkpoint(stored(tmp_path / "m.pdparams", tensors))
    told = str(caught.value)
    assert "1 of 196 tensors is missing: neck.encoder.norm.bias (120)" in told
    assert "1 is left over: neck.extra.weight (2 x 3)" in told


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            {"backbone.stem.conv.weight": np.zeros((3, 2), np.float32)},
            r"of a network that we do not know; it holds backbone\.stem\.conv\.weight \(3 x 2\)",
        ),
        ({"LR_Scheduler": {"last_epoch": 3}}, "holds no tensor"),
        ([1, 2], "holds no dict of tensors"),
    ],
)
def test_a_checkpoint_of_another_network_is_refused(
    tmp_path: Path, content: Any, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        read_checkpoint(stored(tmp_path / "o.pdparams", content))


@pytest.mark.parametrize(
    ("value", "message"),
    [(np.nan, "1 number that is not finite"), (None, r"is uint16 \(bfloat16\?\), not float")],
)
def test_tensors_that_are_no_weights_are_refused(
    drawn: Draw, tmp_path: Path, value: Any, message: str
) -> None:
    _, tensors = drawn("svtr_mobilenet_v3")
    bias = tensors["head.fc.bias"].copy()
    if value is None:
        bias = bias.astype(np.uint16)
    else:
        bias[3] = value
    content = tensors | {"head.fc.bias": bias}
    with pytest.raises(InputError, match=message):
        read_checkpoint(stored(tmp_path / "n.pdparams", content))


@pytest.mark.parametrize("family", ["svtr_lcnet_v4", "svtr_lcnet_v6_tiny", "svtr_lcnet_v6_small"])
def test_branches_given_back_read_as_the_fused_network(
    drawn: Draw, paddle: Any, family: str
) -> None:
    from train.networks.building import loaded
    from train.weights.readers import network_reader

    spec, tensors = drawn(family)
    grown, spread = branched(spec, tensors)
    assert (grown.form, len(spread)) == ("branches", len(loaded(grown, spread).state_dict()))
    pixels = np.random.default_rng(1).uniform(-1, 1, (1, 3, 48, 320)).astype(np.float32)
    fused, whole = (
        network_reader(loaded(*pair))(pixels) for pair in ((spec, tensors), (grown, spread))
    )
    np.testing.assert_allclose(whole, fused, atol=1e-5)
    assert branched(grown, spread) == (grown, spread)
