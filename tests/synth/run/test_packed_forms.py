"""What other tools read of a packed run: each form read back, by the tool's own library or rule."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from synth.run.packed_forms import Item, folder_files
from textlines.formats.manifest import MANIFEST

Run = Callable[..., Any]
COUNT = 12


@pytest.fixture
def drawn(draw_run: Callable[[int], Path]) -> Path:
    """Draw a small run."""
    return draw_run(COUNT)


def lines_of(run: Path) -> dict[str, tuple[bytes, str]]:
    """Return the image and the label of each line by the name of its image."""
    rows = (run / "rec_gt_train.txt").read_text(encoding="utf-8").splitlines()
    pairs = (row.split("\t") for row in rows)
    return {Path(image).name: ((run / image).read_bytes(), label) for image, label in pairs}


def packed(synth_here: Run, run: Path, out: Path, form: str) -> dict[str, Any]:
    """Pack a run; return what is told of it."""
    ended = synth_here("pack", run, "--out", out, "--form", form, "--json")
    assert ended.code == 0, ended.err
    told: dict[str, Any] = json.loads(ended.out)
    assert (told["images"], told["form"]) == (COUNT, form)
    return told


def test_webdataset_reads_samples_with_their_rows(
    drawn: Path, tmp_path: Path, synth_here: Run
) -> None:
    webdataset = pytest.importorskip("webdataset")
    packed(synth_here, drawn, tmp_path / "run.tar", "webdataset")
    wanted, rows = lines_of(drawn), (drawn / MANIFEST).read_text(encoding="utf-8").splitlines()
    samples = list(webdataset.WebDataset(str(tmp_path / "run.tar"), shardshuffle=False))
    assert len(samples) == COUNT
    for sample, row in zip(samples, rows, strict=True):
        image, label = wanted[sample["__key__"] + ".jpg"]
        assert (sample["jpg"], sample["txt"].decode()) == (image, label)
        assert json.loads(sample["json"]) == json.loads(row)


def test_parquet_has_images_as_hugging_face_reads_them(
    drawn: Path, tmp_path: Path, synth_here: Run
) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    packed(synth_here, drawn, tmp_path / "run.parquet", "parquet")
    table = parquet.read_table(tmp_path / "run.parquet")
    features = json.loads(table.schema.metadata[b"huggingface"])["info"]["features"]
    assert features == {
        "image": {"_type": "Image"},
        "text": {"_type": "Value", "dtype": "string"},
    }
    there = {
        row["image"]["path"]: (row["image"]["bytes"], row["text"]) for row in table.to_pylist()
    }
    assert there == lines_of(drawn)
    assert list(there) == list(lines_of(drawn))


def read_doctr(folder: Path) -> dict[str, tuple[bytes, str]]:
    """Read as docTR's RecognitionDataset does: labels by the name of the image."""
    labels = json.loads((folder / "labels.json").read_text(encoding="utf-8"))
    return {name: ((folder / "images" / name).read_bytes(), text) for name, text in labels.items()}


def read_easyocr(folder: Path) -> dict[str, tuple[bytes, str]]:
    """Read as EasyOCR's trainer does: a row is split at its first comma, quotes are text."""
    head, *rows = (folder / "labels.csv").read_text(encoding="utf-8").splitlines()
    assert head == "filename,words"
    split = (re.split("^([^,]+),", row)[1:] for row in rows)
    return {name: ((folder / name).read_bytes(), text) for name, text in split}


def read_mmocr(folder: Path) -> dict[str, tuple[bytes, str]]:
    """Read JSON lines of a file name and a text."""
    rows = map(json.loads, (folder / "labels.jsonl").read_text(encoding="utf-8").splitlines())
    return {row["filename"]: ((folder / row["filename"]).read_bytes(), row["text"]) for row in rows}


def read_pairs(folder: Path) -> dict[str, tuple[bytes, str]]:
    """Read as kraken and tesstrain do: the text of an image beside it."""
    return {
        text.name.replace(".gt.txt", ".jpg"): (
            text.with_name(text.name.replace(".gt.txt", ".jpg")).read_bytes(),
            text.read_text(encoding="utf-8").removesuffix("\n"),
        )
        for text in sorted(folder.glob("*.gt.txt"))
    }


READERS = {
    "doctr": read_doctr,
    "easyocr": read_easyocr,
    "mmocr": read_mmocr,
    "gt-txt": read_pairs,
}


@pytest.mark.parametrize("form", READERS)
def test_a_folder_reads_back(form: str, drawn: Path, tmp_path: Path, synth_here: Run) -> None:
    told = packed(synth_here, drawn, tmp_path / "out", form)
    assert READERS[form](tmp_path / "out") == lines_of(drawn)
    # Again there is nothing to do; what is other stays.
    assert packed(synth_here, drawn, tmp_path / "out", form) == told
    extra = tmp_path / "out" / "other.txt"
    extra.write_text("mine")
    ended = synth_here("pack", drawn, "--out", tmp_path / "out", "--form", form)
    assert ended.code == 1
    assert "is already there and holds something else" in ended.err
    assert extra.read_text() == "mine"


@pytest.mark.parametrize("form", ["webdataset", "parquet"])
def test_a_file_is_packed_once(form: str, drawn: Path, tmp_path: Path, synth_here: Run) -> None:
    told = packed(synth_here, drawn, tmp_path / "out", form)
    assert packed(synth_here, drawn, tmp_path / "out", form) == told
    (tmp_path / "out").write_bytes((tmp_path / "out").read_bytes()[:-1] + b"x")
    ended = synth_here("pack", drawn, "--out", tmp_path / "out", "--form", form)
    assert ended.code == 1
    assert "is already there and holds something else" in ended.err


@pytest.mark.parametrize("form", READERS)
@pytest.mark.parametrize("label", ['a,b "c"', '"', "한글 ,값", "x\\y", "'"])
def test_any_label_stands_as_it_is(form: Any, label: str, tmp_path: Path) -> None:
    item = Item("images/00/0001.jpg", b"image", label, b"{}\n")
    for name, data in folder_files(form, [item]):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(data)
    assert READERS[form](tmp_path) == {"0001.jpg": (b"image", label)}


def test_an_unknown_form_is_refused_with_those_there_are(
    drawn: Path, tmp_path: Path, synth_here: Run
) -> None:
    ended = synth_here("pack", drawn, "--out", tmp_path / "out", "--form", "coco")
    assert ended.code == 2
    assert "--form coco: is none of tar, lmdb, webdataset, parquet, doctr, easyocr" in ended.err
    ended = synth_here("pack", drawn, "--out", tmp_path / "out")
    assert ended.code == 2
    assert "ends in none of .tar, .lmdb and .parquet. Say --form: tar, lmdb" in ended.err
