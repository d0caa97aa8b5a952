"""Lists of crops as other tools write them: a text keeps its commas, quotes and spaces."""

import json
from typing import Any

import pytest

from balance.imports.importing import import_lines
from textlines.errors import InputError


def run(pages: Any, source: str, format: Any, **options: Any) -> dict[str, int]:
    done = import_lines(pages.folder / source, format, pages.folder / "out", **options)
    return done.tally.as_dict()


@pytest.fixture
def crops(pages: Any) -> Any:
    """Return a folder with crops of several names."""
    for name in ("images/0.png", "images/1.png", "images/a b.png", "2.png"):
        pages.page(name)
    return pages


def test_trdg_sets_the_text_apart_by_a_space(crops: Any) -> None:
    crops.text(
        "labels.txt",
        "images/0.png 값 12,500원\nimages/a b.png two  words \nimages/1.png\n"
        "images/1.png\ttab\nno image here\n2.png .png in the text\nnone.png x\r\n",
    )
    counts = run(crops, "labels.txt", "trdg")
    assert counts == {"malformed": 3, "image_missing": 1, "stripped": 1}
    assert crops.labels() == ["값 12,500원", "two  words", ".png in the text"]


def test_easyocr_is_csv(crops: Any) -> None:
    crops.text(
        "labels.csv",
        '\ufefffilename,words\r\nimages/0.png,"값 ""1"", 2"\r\nimages/1.png,plain\r\n'
        "2.png,a,b\r\n\r\nimages/a b.png,\r\n",
    )
    assert run(crops, "labels.csv", "easyocr") == {"malformed": 1, "empty_label": 1}
    assert crops.labels() == ['값 "1", 2', "plain"]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("name,text\n0.png,a\n", r"labels\.csv:1: has the header name,text, not filename,words"),
        ("", r"has the header \(none\)"),
        ("filename,words\n0.png,a\0b\n", "holds a NUL"),
    ],
)
def test_a_csv_of_another_kind_is_refused(content: str, told: str, crops: Any) -> None:
    crops.text("labels.csv", content)
    with pytest.raises(InputError, match=told):
        run(crops, "labels.csv", "easyocr")


def test_an_open_quote_loses_no_row_uncounted(crops: Any) -> None:
    crops.text("labels.csv", 'filename,words\n2.png,good\nimages/0.png,"open\nimages/1.png,b')
    assert run(crops, "labels.csv", "easyocr") == {"malformed": 2}
    assert crops.labels() == ["good"]


def test_word_images_of_icdar(crops: Any) -> None:
    crops.text(
        "gt.txt",
        '\ufeffimages/0.png, "Say \\"값\\", 2"\nimages/1.png, plain, text\n2.png, "###"\nno row\n',
    )
    assert run(crops, "gt.txt", "icdar-words") == {"malformed": 1, "unreadable_mark": 1}
    assert crops.labels() == ['Say "값", 2', "plain, text"]


def test_word_images_of_mlt_have_a_script(crops: Any) -> None:
    crops.text("gt.txt", "images/0.png,Korean,값, 1\nimages/1.png,Latin,b\n")
    assert run(crops, "gt.txt", "icdar-words") == {}
    assert crops.labels() == ["값, 1", "b"]


def test_doctr_and_text_renderer(crops: Any) -> None:
    crops.text("labels.json", json.dumps({"0.png": "값", "2.png": 5, "9.png": "x"}))
    assert run(crops, "labels.json", "doctr") == {"malformed": 1, "image_missing": 1}
    assert crops.labels() == ["값"]
    crops.text("r.json", json.dumps({"labels": {"0": "값", "1": "###", "7": "x"}, "sizes": {}}))
    done = import_lines(crops.folder / "r.json", "text-renderer", crops.folder / "r")
    assert done.tally.as_dict() == {"unreadable_mark": 1, "image_missing": 1}
    assert crops.labels("r") == ["값"]


def test_texts_of_kraken_stand_beside_their_images(pages: Any) -> None:
    for name in ("a/0.png", "a/1.nrm.png", "a/1.bin.png", "a/2.png", "a/3.png", "b/0.png"):
        pages.page(name)
    pages.text("a/0.gt.txt", "값 1\r\n")
    pages.text("a/1.gt.txt", "\ufeffone\n\n")
    pages.text("a/2.gt.txt", "two\nlines\n")
    pages.text("a/9.gt.txt", "no image\n")
    pages.text("b/0.gt.txt", "below")
    counts = run(pages, ".", "gt-txt")
    # 1.nrm.png, 3.png: nobody wrote what stands there; of 1.bin.png and 1.nrm.png one is taken.
    assert counts == {"several_lines": 1, "image_missing": 1, "missing_label": 2}
    assert pages.labels() == ["값 1", "one", "below"]


def test_paths_that_leave_the_folder_are_counted(crops: Any) -> None:
    crops.text("in/labels.txt", "../2.png a\n/etc/b.png b\n../images/../../x.png c\n")
    crops.page("in/3.png")
    crops.text("in/labels.txt", "../2.png a\n/etc/b.png b\n3.png c\n")
    assert run(crops, "in/labels.txt", "trdg") == {"absolute_path": 1, "leaves_folder": 1}
    assert crops.labels() == ["c"]


def test_a_recognition_file_in_cp949_is_read_and_counted(crops: Any) -> None:
    rows = "images/0.png\t값 12,500원\r\nimages/1.png\tASCII\r\nno tab 값\r\n\r\n"
    crops.text("rec.txt", rows.encode("cp949"))
    counts = run(crops, "rec.txt", "ppocr-rec")
    assert counts == {"crlf": 4, "blank_line": 1, "no_tab": 1, "recoded": 1}
    assert crops.labels() == ["값 12,500원", "ASCII"]


def test_a_break_between_path_and_text_is_no_label(crops: Any) -> None:
    crops.text("rec.txt", "images/0.png\t\n값 12,500원\nimages/1.png\tTotal\n")
    assert run(crops, "rec.txt", "auto") == {"empty_label": 1, "no_tab": 1}
    assert crops.labels() == ["Total"]
