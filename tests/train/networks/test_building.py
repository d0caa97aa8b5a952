"""The networks: sizes, PaddleOCR's names, and branches that fuse without a trace."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from train.networks.spec import FAMILIES, NetworkSpec

LCNET = FAMILIES["svtr_lcnet_v4"].with_classes(40)
MOBILENET = FAMILIES["svtr_mobilenet_v3"].with_classes(40)
SERVER_V4 = FAMILIES["svtr_hgnet_v4"].with_classes(40)
SERVER_V5 = FAMILIES["svtr_hgnet_v5"].with_classes(40)
V6_TINY = FAMILIES["svtr_lcnet_v6_tiny"].with_classes(40)
V6_SMALL = FAMILIES["svtr_lcnet_v6_small"].with_classes(40)
V6_MEDIUM = FAMILIES["svtr_lcnet_v6_medium"].with_classes(40)


def lines(paddle: Any, width: int, count: int = 2) -> Any:
    pixels = np.random.default_rng(width).uniform(-1, 1, (count, 3, 48, width))
    return paddle.to_tensor(pixels.astype(np.float32))


def unsettled(paddle: Any, spec: NetworkSpec, seed: int) -> Any:
    """Build a network whose normalisations and affine layers are not at their start."""
    from train.networks.building import build

    paddle.seed(seed)
    network = build(spec)
    rng = np.random.default_rng(seed)
    for name, value in network.state_dict().items():
        if value.ndim == 1 and not name.startswith("head"):
            near = 0.0 if name.endswith(("bias", "_mean")) else 1.0
            drawn = near + rng.uniform(-0.2, 0.2, value.shape)
            value.set_value(drawn.astype(np.float32))
    return network


def small(spec: NetworkSpec) -> NetworkSpec:
    """Return a network with a quarter of the channels."""
    return replace(spec, scale=spec.scale / 4)


@pytest.mark.parametrize(
    "spec",
    [LCNET, MOBILENET, small(SERVER_V4), small(SERVER_V5), V6_TINY, V6_SMALL],
    ids=lambda spec: spec.family,
)
@pytest.mark.parametrize("width", [320, 328, 648])
def test_eight_columns_of_pixels_make_a_time_step(
    paddle: Any, spec: NetworkSpec, width: int
) -> None:
    from train.networks.building import build

    network = build(spec)
    with paddle.no_grad():
        found = network(lines(paddle, width)).numpy()
    assert found.shape == (2, width // 8, 40)
    np.testing.assert_allclose(found.sum(-1), 1, atol=1e-5)


def test_training_gives_logits_of_the_same_features(paddle: Any) -> None:
    from train.networks.building import build

    network = build(MOBILENET)
    batch = lines(paddle, 320)
    with paddle.no_grad():
        features = network.features(batch)
        logits = network.logits_of(features)
        probabilities = paddle.nn.functional.softmax(logits, axis=-1)
        np.testing.assert_array_equal(probabilities.numpy(), network(batch).numpy())
    network.train()
    assert float(network(batch).min()) < 0


@pytest.mark.parametrize("spec", [replace(LCNET, branches=3), V6_TINY, V6_SMALL])
@pytest.mark.parametrize("seed", [1, 2])
def test_fused_branches_read_as_before(paddle: Any, spec: NetworkSpec, seed: int) -> None:
    from train.networks.recognizer import fuse

    network = unsettled(paddle, replace(spec, form="branches"), seed)
    batch = lines(paddle, 320)
    with paddle.no_grad():
        before = network.logits(batch).numpy()
        after = fuse(network).logits(batch).numpy()
    spread = float(before.max() - before.min())
    assert spread > 0.1
    np.testing.assert_allclose(after, before, atol=2e-4 * spread)
    assert network.spec.form == "fused"


@pytest.mark.parametrize("spec", [LCNET, V6_TINY, V6_SMALL], ids=lambda spec: spec.family)
def test_a_fused_network_is_the_one_that_is_built_fused(paddle: Any, spec: NetworkSpec) -> None:
    from train.networks.building import build
    from train.networks.recognizer import fuse

    fused = fuse(build(replace(spec, form="branches")))
    built = build(spec)
    own = [(name, value.shape) for name, value in fused.state_dict().items()]
    assert own == [(name, value.shape) for name, value in built.state_dict().items()]
    names = [name for name, _ in fused.named_sublayers()]
    assert names == [name for name, _ in built.named_sublayers()]
    assert fuse(fused) is fused


@pytest.mark.parametrize(
    ("spec", "count", "names"),
    [
        (
            LCNET,
            234,
            [
                "backbone.conv1.bn._variance",
                "backbone.blocks2.0.dw_conv.reparam_conv.weight",
                "backbone.blocks6.0.se.conv2.bias",
                "backbone.blocks6.3.pw_conv.act.lab.scale",
                "neck.encoder.svtr_block.1.mixer.qkv.weight",
                "neck.encoder.conv1x1.norm._mean",
                "head.fc.bias",
            ],
        ),
        (
            replace(LCNET, form="branches"),
            884,
            [
                "backbone.blocks3.1.dw_conv.identity._mean",
                "backbone.blocks3.1.dw_conv.conv_1x1.conv.weight",
                "backbone.blocks5.4.pw_conv.conv_kxk.3.bn.bias",
            ],
        ),
        (
            MOBILENET,
            196,
            [
                "backbone.conv1._batch_norm._mean",
                "backbone.block_list.12._se.conv1.weight",
                "backbone.block_list.0._depthwise_conv._conv.weight",
            ],
        ),
        (
            small(SERVER_V4),
            273,
            [
                "backbone.stem.2.conv.weight",
                "backbone.stages.0.downsample.bn._mean",
                "backbone.stages.2.blocks.1.layers.5.conv.weight",
                "backbone.stages.3.blocks.0.aggregation_conv.bn.bias",
                "backbone.stages.3.blocks.0.att.conv.bias",
            ],
        ),
        (
            small(SERVER_V5),
            458,
            [
                "backbone.stem.stem2b.conv.weight",
                "backbone.stages.1.blocks.0.layers.0.conv.weight",
                "backbone.stages.2.blocks.2.layers.5.conv2.bn._variance",
                "backbone.stages.3.blocks.0.aggregation_excitation_conv.bn.weight",
            ],
        ),
        (
            replace(V6_TINY, form="branches"),
            206,
            [
                "backbone.conv1.2.bn._mean",
                "backbone.blocks2.0.token_mixer.rep_dw.conv1.weight",
                "backbone.blocks4.0.token_mixer.dw_conv.bn.weight",
                "backbone.blocks5.3.channel_mixer.compress.conv.weight",
                "head.guide_layer.3.weight",
                "head.fc1.bias",
            ],
        ),
        (
            replace(V6_SMALL, form="branches"),
            338,
            [
                "backbone.conv1.stem2b.conv.weight",
                "backbone.blocks4.5.token_mixer.se.conv2.bias",
                "neck.encoder.local_conv.0.weight",
                "neck.encoder.skip_conv.norm._variance",
                "neck.encoder.svtr_block.1.mlp.fc2.weight",
            ],
        ),
        (
            replace(V6_MEDIUM, form="branches"),
            357,
            ["backbone.blocks3.2.token_mixer.se.conv1.bias"],
        ),
    ],
    ids=["fused", "branches", "mobilenet", "v4 server", "v5 server", "tiny", "small", "medium"],
)
def test_tensors_are_named_as_paddleocr_names_them(
    paddle: Any, spec: NetworkSpec, count: int, names: list[str]
) -> None:
    from train.networks.building import build

    own = build(spec).state_dict()
    assert len(own) == count
    assert set(names) <= set(own)


@pytest.mark.parametrize("spec", [small(SERVER_V5), V6_SMALL], ids=lambda spec: spec.family)
def test_no_network_pads_by_an_operation_of_its_own(
    paddle: Any, spec: NetworkSpec, tmp_path: Path
) -> None:
    from train.networks.building import build
    from train.weights.graph_export import export_program

    # paddle2onnx writes such an operation with whatever stands in memory for its value.
    program, _ = export_program(build(spec), tmp_path)
    text = program.read_text(encoding="utf-8")
    assert "conv2d" in text
    assert "pad3d" not in text


@pytest.mark.parametrize(
    ("spec", "name", "shape"),
    [
        (SERVER_V4, "stages.3.blocks.0.aggregation_conv.conv.weight", (1024, 2112, 1, 1)),
        (SERVER_V4, "stages.1.downsample.conv.weight", (256, 1, 3, 3)),
        (SERVER_V5, "stem.stem2a.conv.weight", (16, 32, 2, 2)),
        (SERVER_V5, "stages.2.blocks.1.aggregation_squeeze_conv.conv.weight", (512, 2176, 1, 1)),
        (SERVER_V5, "stages.3.blocks.0.layers.0.conv2.conv.weight", (384, 1, 5, 5)),
    ],
)
def test_server_networks_have_the_published_sizes(
    paddle: Any, spec: NetworkSpec, name: str, shape: tuple[int, ...]
) -> None:
    from train.networks.recognizer import BACKBONES

    own = BACKBONES[spec.family](spec).state_dict()
    assert tuple(own[name].shape) == shape


@pytest.mark.parametrize(
    ("spec", "first"),
    [
        (MOBILENET, "conv1._conv.weight"),
        (small(SERVER_V4), "stem.0.conv.weight"),
        (small(SERVER_V5), "stem.stem1.conv.weight"),
        (replace(V6_TINY, form="branches"), "conv1.0.conv.weight"),
        (V6_SMALL, "conv1.stem1.conv.weight"),
    ],
    ids=lambda value: getattr(value, "family", ""),
)
def test_the_gradient_reaches_the_backbone(paddle: Any, spec: NetworkSpec, first: str) -> None:
    from train.networks.building import build

    network = build(spec)
    network.logits(lines(paddle, 320, 1)).square().mean().backward()
    weight = dict(network.backbone.named_parameters())[first]
    assert float(weight.grad.abs().max()) > 0
