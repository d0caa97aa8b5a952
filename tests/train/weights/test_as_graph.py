"""`train weights` on recognizers that none of our networks is: the graph is taken as it is."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.train.graphs import (
    CLASSES,
    ENTRIES,
    configuration,
    detector,
    recognizer,
    run,
    shipped,
    written,
)
from textlines.errors import InputError, UsageError


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a model as other tools ship it: rec.onnx beside its inference.yml."""
    return shipped(tmp_path_factory.mktemp("models") / "tiny", recognizer(), ENTRIES)


@pytest.fixture(scope="module")
def base(paddle: Any, model: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    from train.weights.convert import convert

    return convert(str(model), tmp_path_factory.mktemp("made") / "base").base


def test_the_folder_of_an_onnx_file_becomes_a_base(base: Any) -> None:
    from train.models.base_folder import read_base

    assert (base.spec.family, base.spec.name) == ("graph", "PP-OCRv6_tiny_rec")
    assert (base.spec.classes, base.alphabet.entries) == (CLASSES, ENTRIES)
    assert base.alphabet.use_space_char
    assert [one.lines for one in base.parity] == [6, 6]
    assert max(one.largest for one in base.parity) < 1e-5
    again = read_base(base.path)
    assert again.spec == base.spec
    assert set(again.tensors()) == set(base.tensors())


def test_the_base_holds_the_same_graph(base: Any) -> None:
    import onnx

    own, source = onnx.load(str(base.graph_path)), recognizer()
    assert [*own.graph.node] == [*source.graph.node]
    lines = np.random.default_rng(1).uniform(-1, 1, (1, 3, 48, 320)).astype(np.float32)
    assert np.array_equal(run(own, lines), run(source, lines))


def test_another_graph_in_a_base_is_refused(base: Any, tmp_path: Path) -> None:
    from train.networks.graph_spec import GraphSpec

    table = base.spec.table()
    assert GraphSpec.of_table(table, base.graph_path.read_bytes()) == base.spec
    with pytest.raises(ValueError, match="its graph is of another model"):
        GraphSpec.of_table(table, detector().SerializeToString())
    with pytest.raises(ValueError, match="its graph cannot be read"):
        GraphSpec.of_table(table, b"\x00")


def test_the_file_and_the_folder_read_alike(paddle: Any, model: Path) -> None:
    from train.reading.model_opening import open_model

    for named in (model, model / "rec.onnx"):
        opened = open_model(str(named))
        assert opened.alphabet.entries == ENTRIES
        assert set(opened.hashes) == {"rec.onnx", "dictionary"}


def test_a_dictionary_in_the_file_is_before_the_one_beside_it(
    paddle: Any, model: Path, tmp_path: Path
) -> None:
    import onnx

    from train.reading.model_opening import open_model
    from train.weights.convert import convert

    own = recognizer()
    onnx.helper.set_model_props(own, {"character": "a\nb\nc\nd\ne"})
    path = shipped(tmp_path, own, ENTRIES) / "rec.onnx"
    opened = open_model(str(path))
    assert opened.alphabet.entries == tuple("abcde")
    assert set(opened.hashes) == {"rec.onnx"}
    base = convert(str(path), tmp_path / "base").base
    assert base.alphabet.entries == tuple("abcde")
    # Another dictionary may come to the graph later: what the file said of it is left out.
    assert not onnx.load(str(base.graph_path)).metadata_props


def test_half_precision_is_read_in_single(paddle: Any, tmp_path: Path) -> None:
    from onnx import TensorProto, numpy_helper

    from train.weights.as_graph import as_graph

    half = recognizer()
    for tensor in half.graph.initializer:
        if tensor.data_type == TensorProto.FLOAT:
            narrow = numpy_helper.to_array(tensor).astype(np.float16)
            tensor.CopyFrom(numpy_helper.from_array(narrow, tensor.name))
    matched = as_graph("m", written(half, tmp_path / "half.onnx"))
    assert matched.precision == "fp16"
    assert {array.dtype for array in matched.tensors.values()} == {np.dtype(np.float32)}


def _one_line(graph: Any) -> None:
    """Bake the number of lines in, as an exporter without dynamic axes does."""
    from onnx import numpy_helper

    shape = next(one for one in graph.graph.node if one.op_type == "Reshape")
    shape.input[1] = "baked"
    graph.graph.initializer.append(numpy_helper.from_array(np.asarray([1, 8, 40]), "baked"))


def _half_as_many_steps(graph: Any) -> None:
    third = next(node for node in graph.graph.node if node.output[0] == "c2")
    for attribute in third.attribute:
        if attribute.name == "strides":
            attribute.ints[:] = [2, 4]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (_one_line, r"m: does not run on 2 lines of 48 x 320 pixels .*Export it for any number"),
        (_half_as_many_steps, r"m: gives 2 x 20 x 5 features .*not 40 time steps each"),
        (
            lambda graph: setattr(graph.graph.node[0], "op_type", "ConvInteger"),
            r"m: holds the operator ConvInteger \(node Conv\.c0\)",
        ),
    ],
)
def test_what_cannot_be_trained_is_told(
    change: Callable[[Any], None], told: str, paddle: Any, tmp_path: Path
) -> None:
    from train.weights.as_graph import as_graph

    graph = recognizer()
    change(graph)
    with pytest.raises(InputError, match=told):
        as_graph("m", written(graph, tmp_path / "rec.onnx"))


def test_a_detector_is_no_recognizer(paddle: Any, tmp_path: Path) -> None:
    from train.weights.convert import convert

    path = written(detector(), tmp_path / "det.onnx")
    with pytest.raises(InputError, match="is no CTC recognizer"):
        convert(str(path), tmp_path / "base")


def test_a_graph_has_no_checkpoint_for_paddleocrs_training(base: Any) -> None:
    from train.weights.training_form import branched

    with pytest.raises(UsageError, match="PP-OCRv6_tiny_rec: is an exported graph"):
        branched(base.spec, base.tensors())


def test_an_exported_paddle_folder_is_taken_as_its_graph_too(
    paddle: Any, base: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from train.networks.building import loaded
    from train.weights.convert import convert
    from train.weights.graph_export import export_program

    monkeypatch.setenv("OCR_MEND_CACHE", str(tmp_path / "cache"))
    folder = tmp_path / "exported"
    export_program(loaded(base.spec, base.tensors()), folder)
    text = configuration(ENTRIES, "PP-OCRv6_small_rec")
    (folder / "inference.yml").write_text(text, encoding="utf-8")
    made = convert(str(folder), tmp_path / "base").base
    assert (made.spec.family, made.spec.name) == ("graph", "PP-OCRv6_small_rec")
    assert (made.spec.classes, made.spec.channels) == (CLASSES, 8)
    assert made.source.kind == "paddle"
    assert max(one.largest for one in made.parity) < 1e-5
    weights = sorted(array.size for array in made.tensors().values())
    assert weights == sorted(array.size for array in base.tensors().values())


def test_weights_go_back_into_the_same_paddle_program(
    paddle: Any, base: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from train.export.candidate import write_candidate
    from train.export.export_source import open_source
    from train.models.base_folder import write_base
    from train.networks.building import loaded
    from train.weights.convert import convert
    from train.weights.graph_export import export_onnx, export_program

    monkeypatch.setenv("OCR_MEND_CACHE", str(tmp_path / "cache"))
    folder = tmp_path / "exported"
    program, _ = export_program(loaded(base.spec, base.tensors()), folder)
    text = configuration(ENTRIES, "PP-OCRv6_small_rec")
    (folder / "inference.yml").write_text(text, encoding="utf-8")
    made = convert(str(folder), tmp_path / "base").base
    tensors = {name: one * np.float32(1.1) for name, one in made.tensors().items()}
    network = loaded(made.spec, tensors)
    trained = write_base(
        tmp_path / "trained",
        spec=made.spec,
        tensors=tensors,
        alphabet=made.alphabet,
        write_graph=lambda path: export_onnx(network, path),
        source=made.source,
        program=made.program,
    )
    exported = write_candidate(open_source(trained.path), tmp_path / "candidate")
    assert (exported.path / "inference.json").read_bytes() == program.read_bytes()
    assert [one.lines for one in exported.parity] == [6, 6]
    # What has another last layer is exported anew.
    from train.weights.as_graph import constants_of, write_same

    other = loaded(
        made.spec.with_classes(9),
        {
            **tensors,
            "head.fc.weight": np.zeros((5, 9), np.float32),
            "head.fc.bias": np.zeros(9, np.float32),
        },
    )
    (tmp_path / "anew").mkdir()
    assert made.program is not None
    assert write_same(constants_of(other.model()), made.program, tmp_path / "anew") is None
    assert not list((tmp_path / "anew").iterdir())


def test_a_bias_that_is_added_to_a_map_goes_back_as_a_vector(tmp_path: Path) -> None:
    pb = pytest.importorskip("paddle.base.proto.framework_pb2")
    from train.models.paddle_params import read_params
    from train.weights.as_graph import write_same

    description = pb.ProgramDesc()
    block = description.blocks.add(idx=0, parent_idx=-1)
    variable = block.vars.add(name="conv.b_0", persistable=True)
    variable.type.type = 7
    tensor = getattr(variable.type, variable.type.DESCRIPTOR.fields_by_number[3].name).tensor
    tensor.data_type = 5
    tensor.dims.append(4)
    program = tmp_path / "inference.pdmodel"
    program.write_bytes(description.SerializeToString())
    out = tmp_path / "out"
    out.mkdir()
    bias = np.arange(4, dtype=np.float32)
    assert write_same({"conv.b_0": bias.reshape(2, 2)}, program, out) is None
    assert not list(out.iterdir())
    _, weights = write_same({"conv.b_0": bias.reshape(1, 4, 1, 1)}, program, out) or (None, out)
    np.testing.assert_array_equal(read_params(weights, ["conv.b_0"])["conv.b_0"], bias)
