"""A model that gives no numbers, or no time step, is refused by every command that reads with it.

Greedy CTC takes either for an empty text: "CER 1.000", exit 0.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.running import run_module
from textlines.errors import InputError
from train.reading.engine_networks import OnnxNetwork

KINDS = ("nan", "nan on dark crops", "no step", "no step on long crops")

SAYS = {
    "nan": "gives no probabilities (those of a time step sum to nan, not 1)",
    "nan on dark crops": "gives NaN or infinity in ",
    "no step": "gives no time step for a line",
    "no step on long crops": "gives no time step for a line (crop 0.png)",
}


@pytest.fixture(scope="module")
def broken(
    make_tiny: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], Path]:
    """Return a function that breaks the tiny model in a way."""
    import numpy as np
    import onnx
    from onnx import helper, numpy_helper

    folder = tmp_path_factory.mktemp("broken")

    def number(name: str, value: Any) -> Any:
        return numpy_helper.from_array(np.array(value), name)

    def make(kind: str) -> Path:
        path = make_tiny(folder / kind.replace(" ", "-") / "model.onnx")
        model = onnx.load(str(path))
        graph = model.graph
        if kind == "nan":
            scale = next(one for one in graph.initializer if one.name == "scale")
            scale.CopyFrom(number("scale", np.float32(np.nan)))
        elif kind == "nan on dark crops":
            # The root of a grey below the middle; that of the padding is 0.
            at = next(k for k, node in enumerate(graph.node) if node.op_type == "Unsqueeze")
            graph.node[at].input[0] = "root"
            graph.node.insert(at, helper.make_node("Sqrt", ["m"], ["root"]))
        else:
            graph.node[-1].output[0] = "all"
            if kind == "no step":
                graph.initializer.extend([number("from", [0]), number("to", [0])])
            else:  # from step 40 on: none of a line of 320 pixels, unless it is cut from behind
                graph.initializer.extend([number("from", [0]), number("to", [40])])
                graph.node.extend(
                    [
                        helper.make_node("Shape", ["x"], ["size"]),
                        helper.make_node("Gather", ["size", "wide"], ["width"]),
                        helper.make_node("Sub", ["limit", "width"], ["kept"]),
                    ]
                )
                graph.initializer.extend([number("wide", [3]), number("limit", [360])])
            graph.initializer.append(number("axis", [1]))
            end = "to" if kind == "no step" else "kept"
            graph.node.append(helper.make_node("Slice", ["all", "from", end, "axis"], ["y"]))
        onnx.save(model, str(path))
        return path

    return make


@pytest.fixture(scope="module")
def labels(tiny_at: Callable[[Path], Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a label file of a long crop whose first characters are dark."""
    text = "값1lab." * 4
    folder = tmp_path_factory.mktemp("lines")
    written: Path = tiny_at(folder / "none").labels(folder, [("0.png", text, text)])
    return written


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_refused_by_who_reads(
    kind: str, broken: Callable[[str], Path], labels: Path, tiny: Any, tmp_path: Path
) -> None:
    model = broken(kind)
    general = tiny.labels(tmp_path / "general", [("0.png", "ab" * 9, "ab" * 9)])
    named = ("--labels", labels, "--model", model)
    models = ("--base", tiny.path, "--candidate", model)
    calls = (
        ("evaluate", *named),
        ("mine", *named, "--out", tmp_path / "profile.json"),
        ("gate", *models, "--target", labels, "--general", general),
    )
    for words in calls:
        done = run_module("train", *words)
        assert done.returncode == 1, (words[0], done.stdout, done.stderr)
        assert str(model) in done.stderr and SAYS[kind] in done.stderr, done.stderr
        assert "Traceback" not in done.stderr
    assert not (tmp_path / "profile.json").exists()


def test_it_is_refused_when_it_is_opened_where_that_can_be_told(
    broken: Callable[[str], Path],
) -> None:
    for kind in ("nan", "no step"):
        with pytest.raises(InputError, match="copy or export the model again"):
            OnnxNetwork(broken(kind))
