import json
import re
from typing import Any

from balance.checks.check_page import check_page
from balance.checks.check_text import summary_json, text_lines


def bad_set(kit: Any) -> Any:
    file = kit.lines("labels.txt", {"a.png": "12.50", "b.png": "x" * 26, "c.png": "<b>&\"'"})
    file.write_text(file.read_text() + "gone.png\t<script>alert(1)</script>\nno tab\n")
    return kit.check(file)


def test_a_page_holds_its_images_and_escapes_labels(kit: Any) -> None:
    html = check_page(bad_set(kit))
    assert "data:image/jpeg;base64," in html
    assert "<script>alert(1)" not in html and "&lt;script&gt;alert(1)" in html
    assert 'id="image_missing"' in html and 'src="http' not in html


def test_a_label_shows_its_spaces_and_advice_what_is_typed_as_code(kit: Any) -> None:
    html = check_page(kit.check(kit.lines("labels.txt", {"a.png": "12  50 "})))
    assert '<span class="spaced">12  50 </span>' in html
    assert ".spaced { white-space: pre-wrap;" in html
    typed = '<code><span class="option">--fix</span> OUT</code>'
    assert html.count(typed) >= 2 and "`" not in html.split("<script>")[0]


def test_the_same_set_gives_the_same_page(kit: Any) -> None:
    assert check_page(bad_set(kit)) == check_page(bad_set(kit))


def test_a_page_of_a_clean_set_says_so(kit: Any) -> None:
    file = kit.text("labels.txt", "".join(f"{n}.jpg\tab\n" for n in range(5000)))
    checked = kit.check(file, look=False)
    assert list(text_lines(checked))[-1] == "nothing found"
    assert "None." in check_page(checked)


def test_text_names_place_label_and_the_way_out(kit: Any) -> None:
    text = "\n".join(text_lines(bad_set(kit)))
    assert "error too_long: label beyond the length limit (1)" in text
    assert f"labels.txt:2: '{'x' * 26}': 26 characters, at most 25" in text
    assert "  -> Check the path and --images." in text


def test_json_lists_every_kept_finding(kit: Any) -> None:
    content = json.loads(summary_json(bad_set(kit), {}))
    assert content["codes"]["image_missing"]["count"] == 1
    found = {(one["code"], one["line"]) for one in content["findings"]}
    assert {("image_missing", 4), ("no_tab", 5), ("too_long", 2)} <= found
    assert content["errors"] == sum(one["severity"] == "error" for one in content["findings"])


def finding(checked: Any) -> str:
    found = re.search(r'<p class="finding">(.*?)</p>', check_page(checked))
    assert found
    return found[1]


def test_a_page_says_first_how_many_lines_are_unusable_and_for_what(kit: Any) -> None:
    # A line without a tab, a label too long and an image that is not there; one line has two.
    file = kit.lines("labels.txt", {"a.png": "12.50", "b.png": "x" * 26, "c.png": "<b>"})
    file.write_text(file.read_text() + f"gone.png\t{'y' * 30}\nno tab\n")
    said = "3 of 5 lines cannot be used, most often: label beyond the length limit (2)."
    assert finding(kit.check(file)) == said


def test_warnings_and_nothing_at_all_are_said_too(kit: Any) -> None:
    rows = [f"{n}.jpg\tab{' ' * (n < 3)}\n" for n in range(5000)]
    said = "All 5,000 lines can be used; most often warned of: space at the end (3)."
    assert finding(kit.check(kit.text("a.txt", "".join(rows)), look=False)) == said
    clean = kit.text("b.txt", "".join(rows[3:] + rows[3:6]).replace("3.jpg", "x.jpg"))
    assert finding(kit.check(clean, look=False)).startswith("All 5,000 lines can be used")


def test_a_fault_of_whole_sets_makes_no_line_unusable(kit: Any) -> None:
    dictionary = kit.text("dict.txt", "가\n나\n")
    base = kit.text("base.txt", "나\n가\n")
    file = kit.text("labels.txt", "".join(f"{n}.jpg\t가나\n" for n in range(5000)))
    checked = kit.check(file, look=False, dictionary=dictionary, base_dictionary=base)
    assert finding(checked) == (
        "No line is unusable by itself, but the sets are not sound: dictionary whose old entries "
        "moved or left (1)."
    )
