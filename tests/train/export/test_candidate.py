"""`candidate/`: both forms read as the network does, and everyone opens the folder."""

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import pytest

from textlines.errors import InputError
from textlines.files import sha256_of
from textlines.formats.history import History, Step, read_history, write_history
from textlines.formats.seen_images import SeenImages, as_digests, digest
from textlines.labels.dictionary_files import read_dictionary
from train.export.export_source import open_source
from train.models.base_folder import BaseFolder
from train.models.model_sources import source_of
from train.models.records import own_onnx, recorded_turning
from train.reading.model_opening import open_model
from train.weights.tensor_names import multi_head_name

FORMS = ("inference.json", "inference.pdiparams", "inference.yml", "inference.onnx")


@pytest.fixture(scope="session")
def crops(write_crops: Callable[[Path], Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_crops(tmp_path_factory.mktemp("crops"))


@pytest.fixture(scope="session")
def exported(small_base: BaseFolder, crops: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    from train.export.candidate import write_candidate

    history = History(
        (Step(step="train on", file="t.txt", sha256="1" * 64, lines=1),),
        SeenImages.of(as_digests([digest(b"one")])),
    )
    write_history(history, small_base.path)
    out = tmp_path_factory.mktemp("out") / "candidate"
    return write_candidate(open_source(small_base.path), out, labels=crops, with_checkpoint=True)


def test_both_forms_were_read_on_all_lines(exported: Any) -> None:
    assert [one.of for one in exported.parity] == [
        "our network and the Paddle program",
        "our network and the ONNX file",
        "our network and the training checkpoint",
    ]
    # Six fixed lines and two real ones; the third is counted.
    assert [one.lines for one in exported.parity] == [8, 8, 6]
    assert all(one.same_text + one.ties == one.lines for one in exported.parity)
    assert all(one.largest <= 1e-4 for one in exported.parity)
    assert exported.left_out.as_dict() == {"missing": 1}


def test_the_record_says_what_it_was_made_of(exported: Any, small_base: BaseFolder) -> None:
    record = tomllib.loads((exported.path / "export.toml").read_text(encoding="utf-8"))
    assert record["source"]["weights.npz"] == sha256_of(small_base.weights_path)
    assert (record["precision"], record["model_name"]) == ("fp32", "PP-OCRv3_mobile_rec")
    for name in (*FORMS, "dictionary.txt", "pretrained.pdparams"):
        assert record["files"][name] == sha256_of(exported.path / name)
    assert record["parity"]["our network and the ONNX file"]["lines"] == 8
    assert record["versions"]["paddlepaddle"]


def test_the_dictionary_and_the_history_go_along(
    exported: Any, small_base: BaseFolder, entries: tuple[str, ...]
) -> None:
    assert read_dictionary(exported.path / "inference.yml").entries == entries
    assert read_dictionary(exported.path / "dictionary.txt").entries == entries
    before, after = read_history(small_base.path), read_history(exported.path)
    assert before is not None and after is not None
    assert after.steps[: len(before.steps)] == before.steps
    assert after == exported.history
    # Its forms were compared on real lines: a look. The checkpoint has their statistics.
    told = [(one.step, one.lines, one.is_look) for one in after.steps[len(before.steps) :]]
    assert told == [("compare on", 2, True), ("settle on", 2, False)]
    assert len(after.images) == 3


def test_the_history_is_bound_to_each_file_of_the_folder(exported: Any, tmp_path: Path) -> None:
    import shutil

    from train.models.model_sources import find_history

    program = (exported.path / "inference.json", exported.path / "inference.pdiparams")
    for files in (program, ("inference.onnx",), ("pretrained.pdparams",)):
        found = find_history([exported.path / name for name in files])
        assert found == exported.history
    (tmp_path / "linked.onnx").symlink_to(exported.path / "inference.onnx")
    assert find_history([tmp_path / "linked.onnx"]) == exported.history
    copy = tmp_path / "copy"
    shutil.copytree(exported.path, copy)
    (copy / "inference.onnx").write_bytes(b"another")
    other = find_history([copy / "inference.onnx"])
    assert other is not None
    assert "describes another model" in other.gaps[0]


@pytest.mark.parametrize("kept", ["inference.onnx", "export.toml", "inference.yml"])
def test_a_model_of_ours_that_left_its_history_behind_is_known(
    exported: Any, kept: str, tmp_path: Path
) -> None:
    import shutil

    from train.models.graph_files import is_marked_onnx
    from train.models.model_sources import inherited

    for name in {kept, "inference.onnx"}:
        shutil.copy(exported.path / name, tmp_path / name)
    is_marked = kept == "inference.onnx" and is_marked_onnx(tmp_path / kept)
    (gap,) = inherited([tmp_path / "inference.onnx"], is_marked=is_marked).gaps
    assert gap == f"{tmp_path} has no history.json: what its model has seen is not known"


def test_a_model_of_others_begins_a_history(tmp_path: Path) -> None:
    from train.models.model_sources import inherited

    (tmp_path / "inference.yml").write_text("Global:\n  model_name: x\n")
    (tmp_path / "inference.onnx").write_bytes(b"some")
    assert inherited([tmp_path / "inference.onnx"]) == History()


def test_a_checkpoint_in_a_run_has_the_history_of_the_run(tmp_path: Path) -> None:
    from train.models.model_sources import find_history, inherited

    best = tmp_path / "run" / "paddleocr" / "best_model" / "model.pdparams"
    best.parent.mkdir(parents=True)
    best.write_bytes(b"tensors")
    assert find_history([best]) is None
    step = Step(step="stop on", file="s.txt", sha256="1" * 64, lines=1)
    write_history(History((step,)), tmp_path / "run")
    assert find_history([best]) is None
    (tmp_path / "run" / "plan.toml").write_text("format = 1")
    assert inherited([best]).steps == (step,)


def test_the_folder_and_its_onnx_file_open_with_the_same_alphabet(
    exported: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(source: object) -> Path:
        raise AssertionError("its own ONNX file is there")

    monkeypatch.setattr("train.reading.conversion.converted", never)
    folder = open_model(str(exported.path))
    file = open_model(str(exported.path / "inference.onnx"))
    assert (folder.source.form, file.source.form) == ("exported", "onnx")
    assert folder.alphabet == file.alphabet == exported.source.base.alphabet
    assert dict(folder.hashes)["inference.json"] == exported.files["inference.json"]


def test_an_onnx_file_of_another_program_is_not_taken(exported: Any, tmp_path: Path) -> None:
    import shutil

    copy = tmp_path / "copy"
    shutil.copytree(exported.path, copy)
    assert own_onnx(source_of(copy)) == copy / "inference.onnx"
    (copy / "inference.pdiparams").write_bytes(b"another")
    assert own_onnx(source_of(copy)) is None
    (copy / "export.toml").write_text("format = 2\n")
    assert own_onnx(source_of(copy)) is None
    (copy / "export.toml").unlink()
    assert own_onnx(source_of(copy)) is None


def test_paddleocr_opens_it_offline_and_reads_the_same(
    exported: Any,
    crops: Path,
    monkeypatch: pytest.MonkeyPatch,
    skip_or_fail: Callable[..., NoReturn],
) -> None:
    monkeypatch.setenv("PADDLE_PDX_DISABLE_MODEL_SOURCE_CHECK", "True")
    try:
        import paddleocr
    except ImportError:
        skip_or_fail("paddleocr is not installed (extra `train`)")
    from textlines.pixels.decode import read_image

    reader = paddleocr.TextRecognition(
        model_name=exported.model_name,
        model_dir=str(exported.path),
        enable_mkldnn=False,
        device="cpu",
    )
    ours = open_model(str(exported.path)).engine
    for name in ("a.png", "b.png"):
        image = read_image(crops.parent / name)
        (theirs,) = reader.predict([image], batch_size=1)
        (line,) = ours.read([ours.prepare(image)])
        assert theirs["rec_text"] == line.text
        assert theirs["rec_score"] == pytest.approx(line.score, abs=1e-4)


def test_the_checkpoint_is_one_of_paddleocr(exported: Any, small_base: BaseFolder) -> None:
    from train.weights.checkpoint import read_checkpoint

    found = read_checkpoint(exported.path / "pretrained.pdparams")
    assert found.spec.classes == small_base.spec.classes
    for name, array in small_base.tensors().items():
        if name.startswith("head."):
            np.testing.assert_array_equal(found.tensors[name], array)
    # What a network with a second head asks for is there as well, and is the same.
    import paddle

    state = paddle.load(str(exported.path / "pretrained.pdparams"))
    plain = {name for name in state if name in found.tensors}
    assert len(plain) == len(found.tensors)
    second = {name: name for name in state if name not in plain}
    assert second.keys() == {multi_head_name(name) for name in plain} - plain
    assert {name.split(".")[1] for name in second} == {"ctc_encoder", "ctc_head"}
    for name in plain:
        np.testing.assert_array_equal(state[multi_head_name(name)], state[name])
    # Statistics of lines, not of nothing: PaddleOCR trains by those of its batches.
    means = [array for name, array in found.tensors.items() if name.endswith("_mean")]
    assert means
    assert all(np.abs(array).max() > 0 for array in means)


def test_a_fused_network_gets_its_branches_back_in_the_checkpoint(
    make_base: Callable[..., BaseFolder], tmp_path: Path
) -> None:
    from train.export.exported_files import write_training_checkpoint
    from train.networks.building import loaded
    from train.weights.checkpoint import read_checkpoint
    from train.weights.probe_lines import fixed_lines

    base = make_base(tmp_path / "base", family="svtr_lcnet_v4")
    network = loaded(base.spec, base.tensors())
    parity = write_training_checkpoint(
        base, network, fixed_lines(), tmp_path / "pretrained.pdparams"
    )
    assert (parity.same_text + parity.ties, parity.lines) == (6, 6)
    assert read_checkpoint(tmp_path / "pretrained.pdparams").spec.form == "branches"


def test_an_earlier_export_is_replaced_and_anything_else_is_kept(
    exported: Any, small_base: BaseFolder, tmp_path: Path
) -> None:
    from train.export.candidate import write_candidate
    from train.export.candidate_folder import is_candidate

    assert is_candidate(exported.path)
    photos = tmp_path / "photos"
    photos.mkdir()
    (photos / "cat.jpg").write_bytes(b"meow")
    source = open_source(small_base.path)
    with pytest.raises(InputError, match="holds other files, which would be lost"):
        write_candidate(source, photos)
    # The base itself is no export: it would be lost too.
    with pytest.raises(InputError, match="holds other files, which would be lost"):
        write_candidate(source, small_base.path)
    assert (photos / "cat.jpg").read_bytes() == b"meow"


def test_a_form_that_reads_otherwise_is_never_written(
    small_base: BaseFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from train.export import candidate
    from train.weights.readers import onnx_reader

    def off(path: Path, **options: Any) -> Any:
        read = onnx_reader(path, **options)
        return lambda lines: read(lines) + np.float32(0.01)

    monkeypatch.setattr(candidate, "onnx_reader", off)
    with pytest.raises(InputError, match=r"parity of our network and the ONNX file: .* differs by"):
        candidate.write_candidate(open_source(small_base.path), tmp_path / "candidate")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("asked", "name", "expected"),
    [
        (None, "meters", "PP-OCRv4_mobile_rec"),
        (None, "korean_PP-OCRv5_mobile_rec", "korean_PP-OCRv5_mobile_rec"),
        ("en_PP-OCRv4_mobile_rec", "meters", "en_PP-OCRv4_mobile_rec"),
    ],
)
def test_the_name_is_one_of_paddleocr(
    paddle: Any, asked: str | None, name: str, expected: str
) -> None:
    from train.export.candidate import checked_name

    assert checked_name(asked, name, "svtr_lcnet_v4") == expected
    with pytest.raises(InputError, match=r"--model-name: 'meters' is none that paddleocr opens"):
        checked_name("meters", name, "svtr_lcnet_v4")


def test_a_candidate_carries_how_its_crops_are_read(
    small_base: BaseFolder, tmp_path: Path, exported: Any
) -> None:
    """Every form that may travel alone says it, and the reference reader's way is named."""
    from train.commands.export import summary
    from train.export.candidate import write_candidate
    from train.weights.convert import convert

    turned = write_candidate(open_source(small_base.path), tmp_path / "turned", turning="auto")
    record = tomllib.loads((turned.path / "export.toml").read_text(encoding="utf-8"))
    assert record["turn"] == "auto"
    assert "use_textline_orientation=True" in record["turn_in_paddleocr"]
    assert any("use_textline_orientation=True" in line for line in summary(turned))
    head = (turned.path / "inference.yml").read_text(encoding="utf-8").splitlines()[:2]
    assert head[0].startswith("# By ocr-mend") and "PP-LCNet_x1_0_textline_ori" in head[1]
    for path in (turned.path, turned.path / "inference.onnx"):
        assert open_model(str(path)).turning == "auto", path
        # The next round begins with it, from either.
        again = convert(str(path), tmp_path / f"base-of-{path.name}")
        assert again.base.turning == "auto" and open_model(str(again.base.path)).turning == "auto"
    off = convert(str(turned.path), tmp_path / "off", turning="off")
    assert off.base.turning == "off"
    # Of another model in its place the record says nothing.
    record_of_another = exported.path / "inference.pdiparams"
    (turned.path / "inference.pdiparams").write_bytes(record_of_another.read_bytes() + b"0")
    assert recorded_turning(source_of(turned.path)) == "off"
    plain = tomllib.loads((exported.path / "export.toml").read_text(encoding="utf-8"))
    assert "turn" not in plain and open_model(str(exported.path)).turning == "off"


def test_a_record_that_says_another_turning_is_told(small_base: BaseFolder, tmp_path: Path) -> None:
    import shutil

    folder = shutil.copytree(small_base.path, tmp_path / "base")
    record = folder / "model.toml"
    text = record.read_text(encoding="utf-8")
    record.write_text(f'turn = "left"\n{text}', encoding="utf-8")
    with pytest.raises(InputError, match=r"model\.toml: says turn = 'left', neither 'auto' nor"):
        recorded_turning(source_of(folder))
