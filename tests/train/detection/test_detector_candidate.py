"""`candidate/` of a detector: what stands in it, who opens it, and when nothing is written."""

import importlib.util
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import pytest

for name in ("paddle", "paddle2onnx", "onnx", "onnxruntime", "yaml"):
    if importlib.util.find_spec(name) is None:
        pytest.skip(f"{name} is not installed (extra `train`)", allow_module_level=True)

import onnx  # noqa: E402

from tests.train.detection.detector_runs import (  # noqa: E402
    exported_folder,
    trained,
    tuned_file,
    write_run,
)
from tests.train.graphs import detector, written  # noqa: E402
from textlines.errors import InputError  # noqa: E402
from textlines.parsing import parse_toml  # noqa: E402
from textlines.pixels.arrays import Image  # noqa: E402
from train.detection.configuration import read_configuration  # noqa: E402
from train.detection.detector import graph_file, open_detector  # noqa: E402
from train.detection.detector_candidate import (  # noqa: E402
    ExportedDetector,
    settle_settings,
    write_detector,
)
from train.detection.detector_source import open_detector_source  # noqa: E402
from train.detection.settings import PUBLISHED, PredictionSettings  # noqa: E402
from train.models.model_sources import MARK, inherited, source_of  # noqa: E402
from train.models.records import own_onnx  # noqa: E402
from train.weights import as_graph  # noqa: E402

Make = Callable[..., Path]

FOUND = PredictionSettings(limit_side_len=256, box_thresh=0.7, unclip_ratio=1.1)


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("OCR_MEND_CACHE", str(tmp_path / "cache"))
    yield


def export(source: Path, out: Path, **options: Any) -> ExportedDetector:
    opened = open_detector_source(str(source))
    chosen = {name: options.pop(name) for name in ("tuned", "as_deployed") if name in options}
    return write_detector(opened, out, settle_settings(opened, **chosen), **options)


def test_a_graph_without_its_program_is_exported_anew(
    detector_file: Make, page: Image, tmp_path: Path
) -> None:
    model = onnx.load(str(detector_file()))
    run = write_run(tmp_path / "run", trained(model), settings=FOUND)
    exported = export(run, tmp_path / "candidate")
    home = exported.path
    assert sorted(exported.files) == [
        *("inference.json", "inference.onnx", "inference.pdiparams", "inference.yml"),
        "tuned.toml",
    ]
    assert not exported.is_same_program
    assert (home / "inference.yml").read_text("utf-8").startswith(f"{MARK}\n")
    assert read_configuration(home / "inference.yml").settings == FOUND
    assert (home / "tuned.toml").read_bytes() == (run / "best" / "tuned.toml").read_bytes()
    wanted = open_detector(str(run / "best" / "inference.onnx")).boxes(page, FOUND)
    assert len(wanted) == 2
    for engine in ("onnx", "paddle"):
        boxes = open_detector(str(home), engine=engine).boxes(page)  # type: ignore[arg-type]
        for box, other in zip(boxes, wanted, strict=True):
            assert np.abs(box.polygon - other.polygon).max() <= 1
    assert [proof.pages for proof in exported.parity] == [5, 5]
    assert exported.parity[0].largest == 0
    assert all(proof.largest < 1e-5 and proof.ties == 0 for proof in exported.parity)


def test_the_folder_is_known_by_its_record_and_carries_its_history(
    detector_file: Make, dark_pages: Make, tmp_path: Path
) -> None:
    run = write_run(tmp_path / "run", onnx.load(str(detector_file())))
    exported = export(run, tmp_path / "candidate", labels=dark_pages(count=20))
    home = exported.path
    assert [proof.pages for proof in exported.parity] == [21, 21]
    assert all(proof.boxes >= 32 for proof in exported.parity)
    source = source_of(home)
    assert graph_file(source) == own_onnx(source) == home / "inference.onnx"
    history = inherited(source.files)
    assert (history.saw, len(history.images), history.gaps) == (1, 2, ())
    assert [(step.step, step.is_look, step.lines) for step in history.steps][1:] == [
        ("compare on", True, 16)
    ]
    content = parse_toml((home / "export.toml").read_text("utf-8"), "export.toml", "the record", "")
    assert content["kind"] == "detector" and content["files"] == dict(exported.files)
    assert content["parity"]["the ONNX file and the Paddle program"]["pages"] == 21
    # Another round begins with it, and with all that it has seen.
    again = export(home, tmp_path / "again")
    assert again.is_same_program
    assert (again.path / "inference.json").read_bytes() == (home / "inference.json").read_bytes()
    assert again.history.images == exported.history.images


def test_weights_go_back_into_the_program_that_the_graph_came_from(
    detector_file: Make, page: Image, tmp_path: Path
) -> None:
    published = exported_folder(detector_file(), tmp_path / "published", export)
    graph = graph_file(source_of(published))  # as paddle2onnx converts it
    run = write_run(tmp_path / "run", trained(onnx.load(str(graph))), base=published)
    exported = export(run, tmp_path / "candidate")
    assert exported.is_same_program
    program = (exported.path / "inference.json").read_bytes()
    assert program == (published / "inference.json").read_bytes()
    weights = (exported.path / "inference.pdiparams").read_bytes()
    assert weights != (published / "inference.pdiparams").read_bytes()
    grey = np.full_like(page, 118)
    maps = [
        open_detector(str(folder), engine="paddle").probability(grey)
        for folder in (published, exported.path)
    ]
    assert np.abs(maps[0] - maps[1]).max() > 1e-3


def test_a_graph_whose_names_are_lost_is_exported_anew(detector_file: Make, tmp_path: Path) -> None:
    published = exported_folder(detector_file(), tmp_path / "published", export)
    model = onnx.load(str(detector_file()))
    model.graph.initializer[0].name = model.graph.node[0].input[1] = "folded.1"
    exported = export(write_run(tmp_path / "run", model, base=published), tmp_path / "candidate")
    assert not exported.is_same_program
    names = {path.name for path in exported.path.iterdir()}
    assert {"inference.json", "inference.pdiparams"} <= names


def test_what_enlarges_maps_is_exported_anew_and_converted_back(tmp_path: Path) -> None:
    path = written(detector(), tmp_path / "enlarging.onnx")
    home = export(path, tmp_path / "candidate").path
    noise = np.random.default_rng(1).integers(0, 256, (96, 160, 3), np.uint8)
    wanted = open_detector(str(path)).probability(noise)
    for name in ("inference.onnx", "export.toml"):  # as where the program is copied alone
        (home / name).unlink()
    again = open_detector(str(home))
    assert graph_file(again.source).parent == tmp_path / "cache" / "onnx"
    assert np.abs(again.probability(noise) - wanted).max() < 1e-5


def test_half_precision_is_exported_in_single(detector_file: Make, tmp_path: Path) -> None:
    model = onnx.load(str(detector_file()))
    (weights,) = model.graph.initializer
    half = onnx.numpy_helper.to_array(weights).astype(np.float16)
    weights.CopyFrom(onnx.numpy_helper.from_array(half, "half"))
    to_single = onnx.helper.make_node("Cast", ["half"], ["weights"], to=onnx.TensorProto.FLOAT)
    model.graph.node.insert(0, to_single)
    path = tmp_path / "half.onnx"
    path.write_bytes(model.SerializeToString())
    exported = export(path, tmp_path / "candidate")
    assert [proof.tolerance for proof in exported.parity] == [2e-3, 1e-4]
    written = onnx.load(str(exported.path / "inference.onnx"))
    assert [one.data_type for one in written.graph.initializer] == [onnx.TensorProto.FLOAT]


@pytest.mark.parametrize("kept", [True, False])
def test_a_form_that_gives_other_maps_is_never_written(
    kept: bool, detector_file: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = detector_file()
    if kept:
        published = exported_folder(source, tmp_path / "published", export)
        graph = onnx.load(str(graph_file(source_of(published))))
        source = write_run(tmp_path / "run", graph, base=published)
        write = as_graph.write_params
        monkeypatch.setattr(
            as_graph,
            "write_params",
            lambda path, arrays: write(path, {k: v * np.float32(1.01) for k, v in arrays.items()}),
        )
    else:
        from train.detection import detector_graph

        save = detector_graph.save_program

        def otherwise(layer: Any, *rest: Any) -> Any:
            for weight in layer.parameters():
                weight.set_value(weight * 1.01)
            return save(layer, *rest)

        monkeypatch.setattr(detector_graph, "save_program", otherwise)
    before = {*tmp_path.iterdir(), tmp_path / "cache"}
    with pytest.raises(InputError, match=r"parity of the ONNX file and the Paddle program: on "):
        export(source, tmp_path / "candidate")
    assert {*tmp_path.iterdir(), tmp_path / "cache"} == before


def test_an_operator_that_is_not_built_is_named(tmp_path: Path) -> None:
    helper, float_ = onnx.helper, onnx.TensorProto.FLOAT
    weights = onnx.numpy_helper.from_array(np.full((1, 3, 1, 1), -2, np.float32), "weights")
    graph = helper.make_graph(
        [
            helper.make_node("Conv", ["x", "weights"], ["sum"]),
            helper.make_node("Selu", ["sum"], ["bent"], name="bend"),
            helper.make_node("Sigmoid", ["bent"], ["map"]),
        ],
        "bent",
        [helper.make_tensor_value_info("x", float_, ["n", 3, "h", "w"])],
        [helper.make_tensor_value_info("map", float_, ["n", 1, "h", "w"])],
        [weights],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 14)], ir_version=8)
    path = tmp_path / "bent.onnx"
    path.write_bytes(model.SerializeToString())
    with pytest.raises(InputError, match=r"bent\.onnx: holds the operator Selu \(node bend\)"):
        export(path, tmp_path / "candidate")
    assert not (tmp_path / "candidate").exists()


def test_whose_settings_an_export_has(detector_file: Make, tmp_path: Path) -> None:
    model = onnx.load(str(detector_file()))
    source = open_detector_source(str(write_run(tmp_path / "run", model, settings=FOUND)))
    settled = settle_settings(source)
    assert (settled.of, settled.configuration.settings, settled.note) == ("run", FOUND, "")
    stock = settle_settings(source, as_deployed=True)
    assert (stock.of, stock.tuned) == ("deployed", None)
    assert stock.configuration.settings == PUBLISHED["PP-OCRv6_tiny_det"]
    other = tmp_path / "other.toml"
    tuned_file(PredictionSettings(thresh=0.5), {"inference.onnx": "1" * 64}).write(other)
    named = settle_settings(source, tuned=other)
    assert (named.of, named.tuned, named.configuration.settings.thresh) == ("tuned", other, 0.5)
    assert named.note.endswith("was searched on other weights (RUN/best): tune these for their own")


def test_only_an_earlier_export_of_a_detector_is_replaced(
    detector_file: Make, tmp_path: Path
) -> None:
    exported = export(detector_file(), tmp_path / "candidate")
    assert export(detector_file(), exported.path).files == exported.files
    record = exported.path / "export.toml"
    record.write_text(record.read_text("utf-8").replace('"detector"', '"recognizer"'), "utf-8")
    with pytest.raises(InputError, match="holds other files, which would be lost"):
        export(detector_file(), exported.path)
    photos = tmp_path / "photos"
    photos.mkdir()
    (photos / "cat.jpg").write_bytes(b"meow")
    with pytest.raises(InputError, match="holds other files, which would be lost"):
        export(detector_file(), photos)


def test_paddleocr_opens_it_offline_and_finds_the_same(
    detector_file: Make,
    page: Image,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    skip_or_fail: Callable[[str], NoReturn],
) -> None:
    monkeypatch.setenv("PADDLE_PDX_DISABLE_MODEL_SOURCE_CHECK", "True")
    try:
        import paddleocr
    except ImportError:
        skip_or_fail("paddleocr is not installed (extra `train`)")
    run = write_run(tmp_path / "run", onnx.load(str(detector_file())), settings=FOUND)
    home = export(run, tmp_path / "candidate").path
    theirs = paddleocr.TextDetection(
        model_name="PP-OCRv6_tiny_det", model_dir=str(home), enable_mkldnn=False, device="cpu"
    )
    (result,) = theirs.predict(page, batch_size=1)
    ours = open_detector(str(home), engine="paddle").boxes(page)
    assert len(ours) == 2
    found = [np.asarray(polygon, np.float64) for polygon in result["dt_polys"]]
    for box, other in zip(ours, found, strict=True):
        assert np.array_equal(box.polygon, other)
