"""Our networks read as those that paddlex ships, with the same weights under PaddleOCR's names."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import pytest

from textlines.errors import InputError


@pytest.fixture(scope="module")
def originals(paddle: Any, skip_or_fail: Callable[[str], NoReturn]) -> Any:
    try:
        from paddlex.modules.base.utils import pdparams2safetensors
    except ImportError as error:
        skip_or_fail(f"paddlex 3.7 or later is not installed ({error})")
    assert pdparams2safetensors.MODEL_CONFIGS
    from benchmarks import original_networks

    return original_networks


@pytest.mark.parametrize(
    "name",
    [
        "PP-OCRv5_mobile_rec",
        "PP-OCRv5_server_rec",
        "PP-OCRv6_tiny_rec",
        "PP-OCRv6_small_rec",
        "PP-OCRv6_medium_rec",
    ],
)
def test_the_same_weights_give_the_same_reading(originals: Any, tmp_path: Path, name: str) -> None:
    original = originals.paddlex_network(name)
    found = originals.compare(original, tmp_path)
    assert found.is_same
    assert found.exact is not None
    assert found.counts == {"loaded": len(original.tensors)}
    # Readings that are flat, all classes alike, would agree whatever the networks are.
    assert found.surest > 0.2


def test_another_weight_gives_another_reading(originals: Any, tmp_path: Path) -> None:
    original = originals.paddlex_network("PP-OCRv5_server_rec")
    name = "backbone.stages.0.blocks.0.layers.0.bn.bias"
    other = original.tensors[name] + np.float32(0.01)
    moved = originals.replace(original, tensors={**original.tensors, name: other})
    found = originals.compare(moved, tmp_path)
    assert not found.is_same
    assert found.largest > originals.LIMIT_FLOAT32


def test_a_network_without_a_tensor_is_refused(originals: Any, tmp_path: Path) -> None:
    original = originals.paddlex_network("PP-OCRv5_server_rec")
    fewer = dict(original.tensors)
    del fewer["backbone.stages.2.blocks.2.layers.5.conv2.conv.weight"]
    with pytest.raises(InputError, match="1 of 458 tensors is missing"):
        originals.compare(originals.replace(original, tensors=fewer), tmp_path)
