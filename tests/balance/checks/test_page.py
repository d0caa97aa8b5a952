import json
from typing import Any

from balance.checks.page import check_page
from balance.checks.summary import summary_json, text_lines


def bad_set(kit: Any) -> Any:
    file = kit.lines("labels.txt", {"a.png": "12.50", "b.png": "x" * 26, "c.png": "<b>&\"'"})
    file.write_text(file.read_text() + "gone.png\t<script>alert(1)</script>\nno tab\n")
    return kit.check(file)


def test_a_page_holds_its_images_and_escapes_labels(kit: Any) -> None:
    html = check_page(bad_set(kit))
    assert "data:image/jpeg;base64," in html
    assert "<script>alert(1)" not in html and "&lt;script&gt;alert(1)" in html
    assert 'id="image_missing"' in html and 'src="http' not in html


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
