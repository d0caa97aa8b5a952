"""The page of an import shows what was counted, and the crops that somebody should look at."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from balance.imports import import_page as import_page_module
from balance.imports.import_page import import_page
from balance.imports.import_records import DoubtfulLine, write_doubts
from balance.imports.importing import Imported, import_lines
from balance.imports.page_regions import ImportOptions
from tests.documents import json_keys
from tests.running import run_module
from textlines.defects.of_annotations import DOUBTS, IMPORT

LABEL = "<script>alert('값')</script>"


class Found(HTMLParser):
    """Collects the tags of a page, the texts between them, and the sections by their id."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.sections: dict[str, list[str]] = {}
        self.images: dict[str, int] = {}
        self.section = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag == "section":
            self.section = dict(attrs).get("id") or ""
        elif tag == "img":
            self.images[self.section] = self.images.get(self.section, 0) + 1

    def handle_data(self, data: str) -> None:
        self.texts.append(data)
        self.sections.setdefault(self.section, []).append(data.strip())


def source_of(pages: Any) -> Path:
    """Write a source with a line of most doubtful kinds."""
    pages.page("<b>.png")
    level, tilted, vertical = pages.quads
    tall = [[100, 70], [140, 70], [140, 150], [100, 150]]
    marks = [
        {"transcription": LABEL, "points": [*tilted[2:], *tilted[:2]]},
        {"transcription": "총", "points": tall},
        {"transcription": "세로쓰기", "points": vertical},
        {"transcription": "12.50", "points": level, "difficult": True},
        {"transcription": "###", "points": level},
        {"transcription": "TEMPORARY", "points": level},
        {"transcription": "sure", "points": level},
    ]
    row = json.dumps(marks, ensure_ascii=False)
    return pages.text("det.txt", f"<b>.png\t{row}\n")  # type: ignore[no-any-return]


def made(pages: Any) -> tuple[Imported, str]:
    source, out = source_of(pages), pages.folder / "out"
    options = ImportOptions(take_difficult=True)
    done = import_lines(source, "ppocr-det", out, options=options)
    return done, import_page(done, source, out)


def test_every_doubtful_kind_has_its_crops_label_and_place(pages: Any) -> None:
    found = Found(made(pages)[1])
    kinds = ["upside_down", "tall_character", "turned", "difficult_taken"]
    assert [one for one in found.sections if one in DOUBTS] == kinds
    assert {kind: found.images[kind] for kind in kinds} == dict.fromkeys(kinds, 1)
    place = str(pages.folder / "det.txt")
    for kind, label, number in zip(
        kinds, (LABEL, "총", "세로쓰기", "12.50"), range(1, 5), strict=True
    ):
        assert label in found.sections[kind]
        assert f"{place}:1, line {number}" in found.sections[kind]
        assert any(one.startswith("crops/0000/000001_") for one in found.sections[kind])
    assert found.images["sample"] == 5
    counts = found.sections["counts"]
    assert counts.count("doubtful") == 4 and counts.count("left out") == 2
    assert any("('TEMPORARY')" in text for text in counts)


def test_what_stands_in_a_label_is_shown_and_not_run(pages: Any) -> None:
    page = made(pages)[1]
    assert LABEL not in page and page.count("&lt;script&gt;alert(") >= 2
    found = Found(page)
    assert [tag for tag, _ in found.tags].count("b") == 0
    for tag, attributes in found.tags:
        for name in ("src", "href"):
            value = attributes.get(name) or "#"
            assert value.startswith(("data:", "#")), (tag, value)
    assert any(
        tag == "meta" and "default-src 'none'" in (attributes.get("content") or "")
        for tag, attributes in found.tags
    )


def test_a_page_is_made_of_an_import_that_is_done(pages: Any) -> None:
    source, out = source_of(pages), pages.folder / "out"
    words = ["import", "ppocr-det", source, "--out", out, "--take-difficult"]
    first, second = pages.folder / "1.html", pages.folder / "2.html"
    ended = run_module("balance", *words, "--html", first)
    assert ended.returncode == 0 and f"page: {first}" in ended.stdout
    ended = run_module("balance", *words, "--html", second)
    assert "all from before" in ended.stdout
    pages_made = [Found(path.read_text(encoding="utf-8")) for path in (first, second)]
    for kind in DOUBTS:
        assert pages_made[0].sections.get(kind) == pages_made[1].sections.get(kind)
    ended = run_module("balance", *words, "--html", source)
    assert ended.returncode == 2 and "--html" in ended.stderr


def test_json_says_what_was_written_and_why_not_all(pages: Any) -> None:
    source, out = source_of(pages), pages.folder / "out"
    words = ["import", "ppocr-det", source, "--out", out, "--json"]
    done = run_module("balance", *words, "--html", pages.folder / "1.html")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told.keys() == json_keys("balance import")
    rows = (out / "rec_gt.txt").read_text(encoding="utf-8").splitlines()
    assert (told["format"], told["lines"]) == ("ppocr-det", len(rows))
    assert (told["labels"], told["page"]) == (
        str(out / "rec_gt.txt"),
        str(pages.folder / "1.html"),
    )
    assert any(reason.startswith("left out: ") for reason in told["counts"])
    again = json.loads(run_module("balance", *words).stdout)
    assert (told["is_whole"], again["is_whole"], again["page"]) == (False, True, None)
    assert again["lines"] == told["lines"]


def test_a_clean_import_says_so(pages: Any) -> None:
    pages.page("a.png")
    row = json.dumps([{"transcription": "x", "points": pages.quads[0]}])
    source = pages.text("det.txt", f"a.png\t{row}\n")
    done = import_lines(source, "ppocr-det", pages.folder / "out")
    page = import_page(done, source, pages.folder / "out")
    assert "Nothing was left out, changed or doubted." in page
    assert list(Found(page).sections)[-1] == "sample"


def test_long_lists_are_cut_and_say_so(pages: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_page_module, "ROWS", 2)
    monkeypatch.setattr(import_page_module, "SAMPLE", 3)
    done, _ = made(pages)
    out = pages.folder / "out"
    path = next((out / "crops/0000").iterdir()).relative_to(out).as_posix()
    write_doubts(out, [DoubtfulLine("turned", path, "값", f"x:{n}") for n in range(5)])
    found = Found(import_page(done, pages.folder / "det.txt", out))
    assert found.images == {"turned": 2, "sample": 3}
    assert any("2 of 5 are shown; doubts.jsonl lists all." in text for text in found.texts)
    assert any("3 of 5 lines, evenly spread." in text for text in found.texts)


def test_a_crop_that_was_removed_since_is_told(pages: Any) -> None:
    done, _ = made(pages)
    out = pages.folder / "out"
    for path in (out / "crops/0000").iterdir():
        path.unlink()
    page = import_page(done, pages.folder / "det.txt", out)
    assert "5 of 5 lines, evenly spread. 5 crops cannot be read any more." in page
    assert "is not there" in page
    assert Found(page).images == {}


def test_every_doubt_has_words_and_advice() -> None:
    assert all(doubt.mend for doubt in DOUBTS.values())


def test_a_page_says_first_what_is_taken_and_what_is_left_out(pages: Any) -> None:
    done, page = made(pages)
    left = sum(n for why, n in done.tally.as_dict().items() if IMPORT[why].is_loss)
    assert left
    said = re.search(r'<p class="finding">(.*?)</p>', page)
    assert said
    assert re.fullmatch(
        rf"{done.lines} lines taken, 4 of them doubtful; {left} left out \(lines, pages, shapes\), "
        r"most often: line whose text is a word that the tool writes for none \(1\)[.]",
        said[1],
    ), said[1]
    pages.page("whole.png")
    marks = json.dumps([{"transcription": "sure", "points": pages.quads[0]}])
    source, out = pages.text("whole.txt", f"whole.png\t{marks}\n"), pages.folder / "whole"
    whole = import_page(import_lines(source, "ppocr-det", out), source, out)
    assert '<p class="finding">1 line taken, 0 of them doubtful; nothing left out.</p>' in whole
