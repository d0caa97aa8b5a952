import re
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from textlines.profile.measure import measure
from textlines.profile.reading import Reading
from train.judging.mine_page import profile_page
from train.judging.mining import Mined, Sources, mine
from train.judging.page_parts import fault_name, shown_lines


def mined(folder: Path, rows: Sequence[tuple[str, str]], marks: str = "") -> Mined:
    table = folder / "p.tsv"
    lines = [f"{n}.jpg\t{a}\t{b}\t0.9\n" for n, (a, b) in enumerate(rows)]
    table.write_text("path\ttruth\tprediction\tscore\n" + "".join(lines), encoding="utf-8")
    image = np.full((30, 90, 3), 200, np.uint8)
    for n in range(len(rows)):
        cv2.imwrite(str(folder / f"{n}.jpg"), image)
    named = folder / "marks.tsv"
    named.write_text(marks, encoding="utf-8")
    return mine(Sources(predictions=table, marks=named if marks else None))


def test_every_kind_of_fault_is_shown_when_not_all_lines_are() -> None:
    lines = [Reading(f"{n}.jpg", "1", "7") for n in range(50)]
    lines += [Reading("x.jpg", ".", ","), Reading("y.jpg", "5", "S"), Reading("z.jpg", "6", "66")]
    found = measure(lines, None)
    shown = shown_lines(found.misread, found.profile, 6, {})
    faults = {fault for line in shown for fault in line.faults}
    assert len(shown) == 6
    assert faults == {"1→7", ".→,", "5→S", "∅→6"}
    assert shown[0].faults == ("1→7",)


def test_marked_lines_are_always_shown() -> None:
    lines = [Reading(f"{n}.jpg", "1", "7") for n in range(50)]
    found = measure(lines, None)
    (only,) = shown_lines(found.misread, found.profile, 1, {"40.jpg": "ignore"})
    assert (only.line.path, only.mark) == ("40.jpg", "ignore")


def test_what_conventions_explain_comes_last() -> None:
    lines = [Reading(f"{n}.jpg", ":", "：") for n in range(50)]
    lines += [Reading(f"x{n}.jpg", "1", "7") for n in range(20)]
    found = measure(lines, None)
    shown = shown_lines(found.misread, found.profile, 100, {})
    assert fault_name(shown[0].line.edits[0]) == "1→7"
    assert shown[-1].line.agreed


def test_the_page_says_what_it_leaves_out(tmp_path: Path) -> None:
    made = profile_page(mined(tmp_path, [("1", "7")] * 9), crops=4)
    assert (made.shown, made.left_out, made.missing) == (4, 5, 0)
    assert made.html.count("<article") == made.html.count("data:image/jpeg") == 4
    assert "5 more are left out" in made.html


def test_crops_that_cannot_be_shown_are_told_and_counted(tmp_path: Path) -> None:
    found = mined(tmp_path, [("1", "7"), ("2", "3"), ("4", "9")])
    (tmp_path / "0.jpg").unlink()
    (tmp_path / "1.jpg").write_bytes(b"no image")
    made = profile_page(found)
    assert made.missing == 2
    assert made.html.count("the crop is missing or cannot be read") == 2
    assert "crop that could not be shown: 2" in made.html


def test_texts_of_users_cannot_break_the_page(tmp_path: Path) -> None:
    evil = "</script><script>alert(1)</script>"
    html = profile_page(mined(tmp_path, [(evil, "'\"><u>"), ("a'b\"c", "x")])).html
    assert "<script>alert" not in html
    assert "<u>" not in html


def test_lines_that_a_mark_leaves_out_are_shown_with_it(tmp_path: Path) -> None:
    made = profile_page(mined(tmp_path, [("1", "7"), ("2", "3"), ("4", "4")], "0.jpg\tignore\n"))
    assert made.html.count("<article") == 2
    assert '"marks": {"0.jpg": "ignore"}' in made.html


def test_the_same_input_gives_the_same_page(tmp_path: Path) -> None:
    rows = [("값 1", "갑 1"), ("a b", "ab"), ("x", "xy")]
    assert profile_page(mined(tmp_path, rows)).html == profile_page(mined(tmp_path, rows)).html


def test_a_right_reading_needs_no_line(tmp_path: Path) -> None:
    made = profile_page(mined(tmp_path, [("1", "1")]))
    assert made.shown == 0
    assert "No line fits." in made.html


def test_parts_of_hangul_stand_first_in_korean_terms(tmp_path: Path) -> None:
    rows = [("차", "자")] * 4 + [("초", "조")] * 3 + [("치", "치")] * 3 + [("없", "업")] * 5
    html = profile_page(mined(tmp_path, [*rows, *[("10", "1O")] * 9])).html
    assert "Most to mend: 초성\xa0ㅊ→ㅈ 7 of 10, 받침\xa0ㅄ→ㅂ 5 of 5. p.tsv" in html
    first, second = html.index('id="parts"'), html.index('id="characters"')
    assert first < second
    parts = html[first:second]
    assert "초성" in parts
    assert "ㅈ\xa0×7" in parts
    buttons = re.findall(r"<button[^>]*>(.)</button>", parts)
    assert buttons == ["차", "초", "없"]
    assert "ㅂㅅ" not in html


def test_without_hangul_no_parts_are_told(tmp_path: Path) -> None:
    html = profile_page(mined(tmp_path, [("10", "1O")] * 9)).html
    assert "Most to mend" not in html
    assert 'id="parts"' not in html


def test_what_is_respelled_is_marked_as_a_convention(tmp_path: Path) -> None:
    found = mined(tmp_path, [("(주)가", "㈜가")] * 4 + [("1", "7")])
    html = profile_page(found).html
    assert html.count('class="step respelled"') == 4
    assert "one character for several" in html
    assert [line.faults()[0].kind for line in found.measurement.misread[:4]] == ["respelled"] * 4
