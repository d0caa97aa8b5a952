"""The page of a profile, as a browser runs it, and the sentence that stands first on it."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textlines.profile.measure import Measurement, measure
from textlines.profile.reading import Reading
from train.judging.mine_page import profile_finding, profile_page, save_page
from train.judging.mining import Sources, mine, read_marks

ROWS = [
    *[(f"one{n}.jpg", "49.01", "49.07", 0.90 + n / 100) for n in range(6)],
    *[(f"dot{n}.jpg", "34.80", "3480", 0.50 + n / 100) for n in range(4)],
    ("space.jpg", "값 1", "값1", 0.7),
    ("odd'\"<.jpg", "서울", "서을", 0.99),
    *[(f"right{n}.jpg", "60.00", "60.00", 0.99) for n in range(40)],
]
WRONG = 12


@pytest.fixture(scope="module")
def page_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("page")
    table = folder / "p.tsv"
    rows = "".join("\t".join(map(str, row)) + "\n" for row in ROWS)
    table.write_text("path\ttruth\tprediction\tscore\n" + rows, encoding="utf-8")
    for name, *_ in ROWS:
        cv2.imwrite(str(folder / name), np.full((32, 96, 3), 180, np.uint8))
    marks = folder / "earlier.tsv"
    marks.write_text("dot0.jpg\treal\nnot-shown.jpg\tignore\n")
    save_page(profile_page(mine(Sources(predictions=table, marks=marks))), folder / "profile.html")
    return folder / "profile.html"


class Opened:
    """The page in one browser profile, with what it complained of and asked for."""

    def __init__(self, context: Any, file: Path) -> None:
        self.page = context.new_page()
        self.faults: list[str] = []
        self.asked: list[str] = []
        self.page.on("console", lambda message: self.faults.append(message.text))
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.goto(file.as_uri())

    def paths(self) -> list[str]:
        """Return the paths of the lines that are to be seen, in their order."""
        script = "all => all.filter(one => !one.hidden).map(one => one.dataset.path)"
        found: list[str] = self.page.eval_on_selector_all(".line", script)
        return found

    def mark(self, path: str) -> str | None:
        found: str | None = self.line(path).get_attribute("data-mark")
        return found

    def line(self, path: str) -> Any:
        lines = self.page.locator(".line")
        index = next(
            n for n in range(lines.count()) if lines.nth(n).get_attribute("data-path") == path
        )
        return lines.nth(index)


@pytest.fixture
def opened(browser: Any, page_file: Path) -> Iterator[Opened]:
    context = browser.new_context(accept_downloads=True)
    yield Opened(context, page_file)
    context.close()


def test_the_page_opens_without_a_complaint_or_a_request(opened: Opened) -> None:
    assert len(opened.paths()) == WRONG
    assert opened.faults == []
    assert all(url.startswith(("file:", "data:")) for url in opened.asked)
    shown = opened.page.eval_on_selector_all(
        ".crop img", "all => all.every(one => one.src.startsWith('data:image/jpeg'))"
    )
    assert shown


def test_the_page_filters_by_character_pair_text_and_kind(opened: Opened) -> None:
    page = opened.page
    page.select_option("#by-char", ".")
    assert opened.paths() == [f"dot{n}.jpg" for n in range(4)]
    page.select_option("#by-char", "")
    page.select_option("#by-pair", "1→7")
    assert {path[:3] for path in opened.paths()} == {"one"}
    page.select_option("#by-pair", " →∅")
    assert opened.paths() == ["space.jpg"]
    page.click("#reset")
    assert len(opened.paths()) == WRONG
    page.fill("#by-text", "서을")
    assert opened.paths() == ["odd'\"<.jpg"]
    page.fill("#by-text", "nothing of the kind")
    assert opened.paths() == []
    assert page.is_visible("#none")
    page.fill("#by-text", "")
    page.select_option("#by-kind", "suspected")
    assert opened.paths() == ["odd'\"<.jpg"]
    page.select_option("#by-kind", "marked")
    assert opened.paths() == ["dot0.jpg"]
    assert opened.faults == []


def test_the_page_sorts(opened: Opened) -> None:
    scores = {row[0]: float(row[3]) for row in ROWS}
    opened.page.select_option("#order", "score-")
    found = [scores[path] for path in opened.paths()]
    assert found == sorted(found, reverse=True)
    opened.page.select_option("#order", "path")
    assert opened.paths() == sorted(opened.paths())
    opened.page.select_option("#order", "number")
    assert opened.paths()[0].startswith("one")


def test_a_character_of_the_table_shows_its_lines(opened: Opened) -> None:
    opened.page.click("#characters button.char[data-char='.']")
    assert opened.paths() == [f"dot{n}.jpg" for n in range(4)]
    opened.page.click("#confusions button[data-pair='1→7']")
    assert {path[:3] for path in opened.paths()} == {"one"}


def test_tables_sort_by_their_headings(opened: Opened) -> None:
    def first() -> str:
        text: str = opened.page.inner_text("#characters tbody tr:not([hidden]) td >> nth=0")
        return text

    opened.page.click("#characters th button:text('Used')")
    assert first() == "0"
    opened.page.click("#characters th button:text('Used')")
    assert first() != "0"


def test_marks_are_saved_as_the_command_reads_them(opened: Opened, tmp_path: Path) -> None:
    page = opened.page
    opened.line("one1.jpg").locator("[data-mark=label_wrong]").click()
    opened.line("odd'\"<.jpg").locator("[data-mark=ignore]").click()
    opened.line("dot1.jpg").locator("[data-mark=real]").click()
    # A second click takes a mark off again.
    opened.line("dot0.jpg").locator("[data-mark=real]").click()
    with page.expect_download() as waiting:
        page.click("#save")
    assert waiting.value.suggested_filename == "marks.tsv"
    saved = tmp_path / "marks.tsv"
    waiting.value.save_as(saved)
    assert read_marks(saved) == {
        "one1.jpg": "label_wrong",
        "odd'\"<.jpg": "ignore",
        "dot1.jpg": "real",
        # A mark of the earlier file whose line is not in this page is kept.
        "not-shown.jpg": "ignore",
    }
    assert opened.faults == []


def test_keys_move_mark_and_unmark(opened: Opened) -> None:
    page = opened.page
    first, second, third = opened.paths()[:3]
    page.keyboard.press("j")
    page.keyboard.press("w")
    page.keyboard.press("j")
    page.keyboard.press("i")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("r")
    marks = [opened.mark(path) for path in (first, second, third)]
    assert marks == ["label_wrong", "ignore", "real"]
    page.keyboard.press("k")
    page.keyboard.press("u")
    assert opened.mark(second) is None
    page.keyboard.press("/")
    page.keyboard.type("wr")
    assert page.input_value("#by-text") == "wr"
    assert opened.mark(second) is None


def test_marks_outlive_the_page(opened: Opened, page_file: Path) -> None:
    assert opened.mark("dot0.jpg") == "real"
    opened.line("dot0.jpg").locator("[data-mark=ignore]").click()
    opened.page.goto(page_file.as_uri())
    assert opened.mark("dot0.jpg") == "ignore"


def test_marks_of_a_file_are_loaded_and_odd_lines_refused(opened: Opened, tmp_path: Path) -> None:
    file = tmp_path / "m.tsv"
    file.write_text("path\tmark\none0.jpg\tignore\none1.jpg\tnonsense\n")
    opened.page.set_input_files("#load", file)
    opened.page.wait_for_function("document.getElementById('notice').textContent !== ''")
    assert opened.page.inner_text("#notice") == "Marks loaded: 1, refused: 1."
    assert opened.mark("one0.jpg") == "ignore"
    assert opened.mark("one1.jpg") is None
    assert opened.mark("dot0.jpg") == "real"


def measured(*pairs: tuple[str, str, int], right: int = 60) -> Measurement:
    """Measure so many lines of each pair, and lines that are read right."""
    rows = [(label, read) for label, read, count in pairs for _ in range(count)]
    rows += [("서울 12", "서울 12")] * right
    readings = [Reading(f"{n}.png", label, read) for n, (label, read) in enumerate(rows)]
    return measure(readings, None)


def told(*pairs: tuple[str, str, int], right: int = 60) -> str:
    found = measured(*pairs, right=right)
    return profile_finding(found.profile, found.misread)


def test_parts_of_syllables_go_before_the_syllables_they_were_seen_in() -> None:
    said = told(
        ("처음", "저음", 9),
        ("친절", "진절", 8),
        ("값", "갑", 7),
        ("없음", "업음", 5),
        ("8", "3", 1),
    )
    assert said == "초성 ㅊ and 받침 ㅄ: 29 of 30 edits."


def test_a_place_that_is_surely_misread_most_is_named_as_a_whole() -> None:
    finals = [("강", "간"), ("문", "묻"), ("곡", "곧"), ("달", "담"), ("밥", "밧"), ("옷", "올")]
    said = told(*((label, read, 8) for label, read in finals), ("차", "자", 6), right=200)
    assert said == "받침 and 초성 ㅊ: 54 of 54 edits."


def test_characters_spaces_and_what_comes_from_nowhere_are_causes() -> None:
    assert told(("49.01", "49.07", 9), ("1.5", "15", 6)) == "'1' and '.': 15 of 15 edits."
    assert told(("49.01", "49.07", 9)) == "'1': 9 of 9 edits."
    assert told(("서울 12", "서울12", 9), ("l2", "12", 9)) == "'l' and spaces: 18 of 18 edits."
    said = told(*((f"{n}", f"#{n}", 3) for n in range(3)), ("8", "3", 9))
    assert said == "'8' and characters read where nothing stands: 18 of 18 edits."


def test_where_nothing_is_proven_or_all_is_right_it_says_so() -> None:
    assert told() == "All 60 lines are read as their labels say."
    said = told(*((f"{a}울 12", f"{b}울 12", 1) for a, b in ("가나", "다라", "마바")), right=500)
    assert said == "No cause stands out: 3 edits in 3 of 503 lines."


def test_conventions_that_explain_most_wrong_lines_are_told_first() -> None:
    rows = [(f"{n:03}", f"no. {n:03}", 1) for n in range(40)]
    assert told(*rows, right=0).startswith("Conventions are all that is wrong in 40 of the 40 ")


PAIRS = st.tuples(
    st.sampled_from("처음값없 8.O"), st.sampled_from("저음갑업 3,0"), st.integers(1, 9)
)


@given(st.lists(PAIRS, min_size=1, max_size=6))
def test_no_more_edits_are_explained_than_there_are(pairs: list[tuple[str, str, int]]) -> None:
    found = measured(*((f"a{label}b", f"a{read}b", count) for label, read, count in pairs))
    said = profile_finding(found.profile, found.misread)
    if match := re.search(r": (\d+) of (\d+) edits[.]$", said):
        assert 3 <= int(match[1]) <= int(match[2]) == found.profile.lines.edits
    else:
        assert said.startswith(("No cause", "Conventions", "All"))
