"""What the tests of weights share: Paddle, small tensors, a network with drawn weights."""

import importlib.util
from collections.abc import Callable
from dataclasses import replace
from typing import Any, NoReturn

import numpy as np
import pytest

from train.networks.spec import FAMILIES, FormName, NetworkSpec


@pytest.fixture(scope="session", name="paddle")
def paddle_fixture(skip_or_fail: Callable[[str], NoReturn]) -> Any:
    for name in ("paddle", "paddle2onnx", "onnx", "onnxruntime"):
        if importlib.util.find_spec(name) is None:
            skip_or_fail(f"{name} is not installed (extra `train`)")
    import paddle

    return paddle


@pytest.fixture(scope="session")
def drawn(paddle: Any) -> Callable[..., tuple[NetworkSpec, dict[str, Any]]]:
    """Return a function that draws the weights of a network, none of them at its start."""

    def draw(
        family: str = "svtr_lcnet_v4", classes: int = 40, form: FormName = "fused", seed: int = 5
    ) -> tuple[NetworkSpec, dict[str, Any]]:
        from train.networks.building import build

        spec = replace(FAMILIES[family], classes=classes)  # type: ignore[index]
        if form == "branches":
            fewer = 2 if family == "svtr_lcnet_v4" else spec.branches
            spec = replace(spec, form=form, branches=fewer)
        paddle.seed(seed)
        rng = np.random.default_rng(seed)
        tensors = {}
        for name, value in build(spec).state_dict().items():
            array = value.numpy()
            if array.ndim == 1:
                near = 0.0 if name.endswith(("bias", "_mean")) else 1.0
                array = (near + rng.uniform(-0.2, 0.2, array.shape)).astype(np.float32)
            tensors[name] = array
        return spec, tensors

    return draw
