"""Lines that float32 cannot settle are settled in float64."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from textlines.errors import InputError
from textlines.labels.alphabet import Alphabet
from train.weights.parity import OwnReadings, compare
from train.weights.probe_lines import ProbeLine

ALPHABET = Alphabet(("a", "b"), use_space_char=False)
LINES = [ProbeLine("one", np.zeros((1, 3, 48, 320), np.float32))]


def gives(share: float, dtype: Any = np.float32) -> Callable[[Any], Any]:
    return lambda _: np.array([[[1 - share, share, 0.0]]], dtype)


def own(rounded: float, exact: float) -> OwnReadings:
    return OwnReadings.read(LINES, gives(rounded), gives(exact, np.float64))


def test_a_line_beyond_the_limit_passes_when_float64_agrees() -> None:
    found = compare(
        "a and b",
        gives(0.9005),
        own(0.9, 0.9002),
        ALPHABET,
        "fp32",
        other_exact=gives(0.90025, np.float64),
    )
    assert (found.beyond, found.same_text) == (1, 1)
    assert found.largest == pytest.approx(5e-4, abs=1e-6)


def test_a_line_beyond_the_limit_is_refused_when_float64_differs_too() -> None:
    with pytest.raises(InputError, match=r"on one the other differs by 0\.0003 even in float64"):
        compare(
            "a and b",
            gives(0.9005),
            own(0.9, 0.9002),
            ALPHABET,
            "fp32",
            other_exact=gives(0.9005, np.float64),
        )


def test_without_a_float64_form_own_rounding_is_the_measure() -> None:
    assert compare("a and b", gives(0.9005), own(0.9, 0.9001), ALPHABET, "fp32").beyond == 1
    with pytest.raises(InputError, match=r"differs by 0\.0005, more than 0\.0001"):
        compare("a and b", gives(0.9005), own(0.9, 0.9), ALPHABET, "fp32")


@pytest.mark.parametrize("wrong", [gives(0.2, np.float64), lambda _: None], ids=["other", "none"])
def test_a_float64_form_that_computes_something_else_is_not_trusted(wrong: Any) -> None:
    readings = own(0.9, 0.9001)
    found = compare("a and b", gives(0.9005), readings, ALPHABET, "fp32", other_exact=wrong)
    assert found.beyond == 1
    with pytest.raises(InputError, match=r"more than 0\.001"):
        compare("a and b", gives(0.905), readings, ALPHABET, "fp32", other_exact=wrong)


def test_the_graph_in_float64_is_our_network_in_float64(
    drawn: Callable[..., Any], tmp_path: Path
) -> None:
    from train.networks.building import loaded
    from train.weights.graph_export import export_onnx
    from train.weights.readers import exact_onnx_reader, exact_reader

    network = loaded(*drawn("svtr_mobilenet_v3"))
    export_onnx(network, tmp_path / "m.onnx")
    lines = np.random.default_rng(1).uniform(-1, 1, (1, 3, 48, 64)).astype(np.float32)
    found = exact_onnx_reader(tmp_path / "m.onnx")(lines)
    assert found is not None and found.dtype == np.float64
    np.testing.assert_allclose(found, exact_reader(network)(lines), atol=1e-6)
