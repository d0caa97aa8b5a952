"""Graphs from anywhere: what no recognizer has is refused unopened, the rest is tried apart."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from textlines.errors import InputError
from train.models.onnx_wire import NotOnnxError, fault_of
from train.reading import onnx_session
from train.reading.engine_networks import OnnxNetwork
from train.reading.model_opening import open_model

Make = Callable[..., Path]
ROOT = Path(__file__).parents[3]


@pytest.fixture
def model(make_tiny: Make, tmp_path: Path) -> Any:
    """Load a tiny recognizer, to be changed."""
    import onnx

    return onnx.load(str(make_tiny(tmp_path / "tiny.onnx")))


def a_loop(model: Any) -> None:
    """Put a loop that never ends before the last operation."""
    from onnx import TensorProto, helper, numpy_helper

    body = helper.make_graph(
        [
            helper.make_node("Identity", ["on"], ["again"]),
            helper.make_node("Identity", ["value"], ["next"]),
        ],
        "body",
        [
            helper.make_tensor_value_info("turn", TensorProto.INT64, []),
            helper.make_tensor_value_info("on", TensorProto.BOOL, []),
            helper.make_tensor_value_info("value", TensorProto.FLOAT, None),
        ],
        [
            helper.make_tensor_value_info("again", TensorProto.BOOL, []),
            helper.make_tensor_value_info("next", TensorProto.FLOAT, None),
        ],
    )
    model.graph.initializer.append(numpy_helper.from_array(np.array(2**62), "turns"))
    model.graph.initializer.append(numpy_helper.from_array(np.array(True), "true"))
    loop = helper.make_node("Loop", ["turns", "true", "logits"], ["out"], body=body)
    last = model.graph.node.pop()
    last.input[0] = "out"
    model.graph.node.extend([loop, last])


def another_file(model: Any) -> None:
    """Keep a tensor in a file outside the model's folder."""
    tensor = model.graph.initializer[1]
    tensor.ClearField("raw_data")
    tensor.data_location = 1
    for key, value in (("location", "../../../etc/passwd"), ("length", "64")):
        entry = tensor.external_data.add()
        entry.key, entry.value = key, value


def a_constant_in_another_file(model: Any) -> None:
    from onnx import helper

    node = helper.make_node("Constant", [], ["c"])
    attribute = node.attribute.add()
    attribute.name, attribute.type = "value", 4
    attribute.t.CopyFrom(model.graph.initializer[1])
    attribute.t.data_location = 1
    model.graph.node.insert(0, node)


def no_weights(model: Any) -> None:
    del model.graph.initializer[:]


def a_function(model: Any) -> None:
    one = model.functions.add()
    one.name, one.domain = "f", "d"


def sparse_weights(model: Any) -> None:
    one = model.graph.sparse_initializer.add()
    one.dims.extend([1 << 40])


REFUSED = {
    a_loop: r"holds a loop or a branch \(Loop\)",
    another_file: "keeps weights in another file",
    a_constant_in_another_file: "keeps weights in another file",
    no_weights: "holds no weights",
    a_function: "calls functions of its own",
    sparse_weights: "holds sparse weights",
}


@pytest.mark.parametrize("change", REFUSED, ids=lambda change: change.__name__)
def test_what_no_recognizer_has_is_refused_unopened(
    model: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: Callable[[Any], None]
) -> None:
    change(model)
    (tmp_path / "m.onnx").write_bytes(model.SerializeToString())
    monkeypatch.setattr(onnx_session, "_tried", lambda *_: pytest.fail("was opened"))
    with pytest.raises(InputError, match=rf"m\.onnx: {REFUSED[change]}: no recognizer does"):
        open_model(str(tmp_path / "m.onnx"))


def test_metadata_that_is_no_text_is_refused(model: Any, tmp_path: Path) -> None:
    data = model.SerializeToString()
    assert b"character" in data
    (tmp_path / "m.onnx").write_bytes(data.replace(b"character", b"charac\xfeer"))
    with pytest.raises(InputError, match="holds metadata that is not UTF-8"):
        open_model(str(tmp_path / "m.onnx"))


def a_table_of_two_vectors(model: Any) -> None:
    """Add 60,000 rows to 60,000 columns, which no look at the file tells."""
    from onnx import helper, numpy_helper

    for name, shape in (("rows", (60_000, 1)), ("columns", (1, 60_000))):
        array = np.zeros(shape, np.float32)
        model.graph.initializer.append(numpy_helper.from_array(array, name))
    model.graph.node.extend(
        [
            helper.make_node("Mul", ["rows", "scale"], ["r"]),
            helper.make_node("Add", ["r", "columns"], ["t"]),
            helper.make_node("ReduceMax", ["t"], ["z"], keepdims=0),
            helper.make_node("Add", ["y", "z"], ["w"]),
        ]
    )
    model.graph.output[0].name = "w"


def many_classes(model: Any) -> None:
    """Stretch the levels to 40 million classes."""
    from onnx import helper, numpy_helper

    sizes = numpy_helper.from_array(np.array([5_000_000, 8], np.int64), "sizes")
    flat = numpy_helper.from_array(np.array([-1], np.int64), "flat")
    model.graph.initializer.extend([sizes, flat])
    node = next(one for one in model.graph.node if "levels" in one.input)
    node.input[1] = "wide"
    model.graph.node.insert(0, helper.make_node("Reshape", ["stretched", "flat"], ["wide"]))
    model.graph.node.insert(0, helper.make_node("Expand", ["levels", "sizes"], ["stretched"]))


@pytest.mark.parametrize("change", [a_table_of_two_vectors, many_classes])
def test_what_takes_too_much_memory_is_met_in_another_process(
    model: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: Callable[[Any], None]
) -> None:
    monkeypatch.setenv("OCR_MEND_CACHE", str(tmp_path / "cache"))
    change(model)
    (tmp_path / "m.onnx").write_bytes(model.SerializeToString())
    for _ in range(2):
        with pytest.raises(InputError, match=r"m\.onnx: is no ONNX model that onnxruntime opens"):
            OnnxNetwork(tmp_path / "m.onnx")
    assert not (tmp_path / "cache").exists()


def test_more_classes_than_any_alphabet_are_refused(model: Any, tmp_path: Path) -> None:
    from onnx import numpy_helper

    place = next(one for one in model.graph.initializer if one.name == "levels")
    place.CopyFrom(numpy_helper.from_array(np.zeros(300_000, np.float32), "levels"))
    (tmp_path / "m.onnx").write_bytes(model.SerializeToString())
    with pytest.raises(InputError, match="has 300,000 classes, more than 200,000"):
        OnnxNetwork(tmp_path / "m.onnx")


def test_an_entry_longer_than_any_character_is_refused(make_tiny: Make, tmp_path: Path) -> None:
    path = make_tiny(tmp_path / "m.onnx", entries=("a", "b" * 10_000_000, *"cdefgh"))
    with pytest.raises(InputError, match=r"entry \(number 2\) of 10,000,000 characters") as caught:
        open_model(str(path))
    assert len(str(caught.value)) < 500


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("import os; os.abort()", "it ends the process that opens it: SIGABRT"),
        (
            "import resource, sys\nlimit = int(sys.argv[3])\n"
            "resource.setrlimit(resource.RLIMIT_CPU, (limit, limit + 5))\nwhile True: pass",
            "it does not read two lines within 1 s",
        ),
        ("print('no verdict')", "it ends the process that opens it: code 0"),
    ],
)
def test_a_graph_that_ends_or_holds_its_process_is_told(
    make_tiny: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, told: str
) -> None:
    monkeypatch.setenv("OCR_MEND_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(onnx_session, "_TRIAL", script)
    monkeypatch.setattr(onnx_session, "_CPU_SECONDS", 1)
    with pytest.raises(InputError, match=re.escape(told)):
        OnnxNetwork(make_tiny(tmp_path / "m.onnx"))


def test_what_was_tried_is_not_tried_again(
    make_tiny: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OCR_MEND_CACHE", str(tmp_path / "cache"))
    path = make_tiny(tmp_path / "m.onnx")
    OnnxNetwork(path)
    monkeypatch.setattr(onnx_session, "_tried", lambda *_: "tried again")
    OnnxNetwork(path)
    with pytest.raises(InputError, match="tried again"):
        OnnxNetwork(make_tiny(tmp_path / "n.onnx", entries=("other",)))


def test_cut_files_are_refused_at_any_length(make_tiny: Make, tmp_path: Path) -> None:
    whole = make_tiny(tmp_path / "m.onnx").read_bytes()
    assert fault_of(whole) == ""
    refused = 0
    for length in range(len(whole)):
        try:
            refused += fault_of(whole[:length]) != ""
        except NotOnnxError:
            refused += 1
    # Whole but for what stands behind the graph: its dictionary or the versions.
    assert refused > len(whole) * 0.8


def test_importing_it_leaves_nothing_in_a_users_home(tmp_path: Path) -> None:
    code = "from train.reading.onnx_session import runtime; print(runtime().__version__)"
    environment = {key: value for key, value in os.environ.items() if "ORT_" not in key}
    environment |= {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / ".cache")}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, cwd=ROOT, capture_output=True, check=True
    )
    assert done.stdout.strip()
    assert list(tmp_path.rglob("*")) == []


def test_it_is_imported_in_one_place() -> None:
    importing = re.compile(r"^\s*(import|from) onnxruntime\b", re.MULTILINE)
    files = [path for tool in ("synth", "balance", "train", "textlines", "benchmarks")
             for path in (ROOT / tool).rglob("*.py")]  # fmt: skip
    found = [path for path in files if importing.search(path.read_text(encoding="utf-8"))]
    assert [path.name for path in found] == ["onnx_session.py"]
