"""What tesseract read is put beside the labels, and shown with what it is sure of first."""

from pathlib import Path

import pytest

from benchmarks.scripts import (
    TESSERACT,
    Line,
    Reading,
    bare,
    page,
    plain_style,
    readings,
    table_row,
)
from synth.assets import STYLES
from synth.corpus.corpus_files import embedded_languages
from synth.rendering.style import load_style

TSV = (
    "level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext\n"
    "5\t1\t1\t1\t1\t1\t0\t0\t9\t9\t90.0\tОдин\n"
    "5\t1\t1\t1\t1\t2\t0\t0\t9\t9\t70.0\tдва\n"
    "1\t2\t0\t0\t0\t0\t0\t0\t9\t9\t-1\t\n"
    "5\t3\t1\t1\t1\t1\t0\t0\t9\t9\t96.0\tשלום\n"
)


def test_each_page_is_read_with_the_mean_confidence_of_its_words() -> None:
    texts = "Один два\n\f\f\u200fשלום\u200e\n\f"
    assert readings(texts, TSV, 3) == [
        Reading("Один два", 80.0),
        Reading("", 0.0),
        Reading("שלום", 96.0),
    ]


def line(label: str, text: str, sure: float) -> Line:
    return Line("ru/a.jpg", label, "Sans", Reading(text, sure))


def test_spaces_and_what_differs_in_code_alone_are_no_errors() -> None:
    assert line("14 ㎥ µ", "14m3 μ", 0).errors == 0
    assert line("дом", "дым", 0).errors == 1
    assert bare("น้ำ ดื่ม") == bare("น้ำดื่ม")


def test_the_row_counts_sure_disagreements_apart() -> None:
    lines = [line("дом", "дом", 99), line("дом", "дым", 99), line("дом", "", 10)]
    assert table_row("ru", lines).split() == ["ru", "3", "1", "0.444", "2", "1"]


def test_the_page_shows_disagreements_the_sure_ones_first(tmp_path: Path) -> None:
    lines = [line("а<б", "а", 10), line("дом", "дом", 99), line("дом", "дым", 97)]
    shown = page({"ru": lines}, {"Sans": tmp_path / "sans.ttf"})
    assert shown.index("дым") < shown.index("а&lt;б")
    assert shown.count("<img") == 2
    assert f"url('{(tmp_path / 'sans.ttf').as_uri()}')" in shown


def test_every_language_has_lines_and_the_style_is_plain() -> None:
    assert TESSERACT.keys() <= set(embedded_languages())
    words = plain_style(STYLES / "document.toml")
    style = load_style("document", words[1::2])
    for part in (style.stroke, style.geometry, style.camera, style.light, style.distractors):
        assert all(effect.p == 0 for effect in dict(part).values())


def test_pages_without_tesseract_name_its_package(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from benchmarks.scripts import read

    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SystemExit, match="apt-get install tesseract-ocr-chi-tra"):
        read([], "chi_tra", tmp_path)
