from typing import Any

import pytest

from balance.checks.homoglyphs import look_alikes
from balance.checks.reading_order import order_votes

CASES = (
    ("a b ", "trailing_space"),
    (" ab", "leading_space"),
    ("a  b", "double_space"),
    ("a\u200bb", "zero_width"),
    ("a\u00a0b", "nbsp"),
    ("\u3131a", "compat_jamo"),
    ("\u1112a", "loose_jamo"),
    ("a" * 26, "too_long"),
    ("aЖ", "outside_dictionary"),
)


@pytest.fixture
def dictionary(kit: Any) -> Any:
    return kit.text("dict.txt", "a\nb\nO\n.\nㄱ\n:\n")


@pytest.mark.parametrize(("label", "code"), CASES)
def test_each_bad_label_is_found_at_its_line(
    kit: Any, dictionary: Any, label: str, code: str
) -> None:
    file = kit.text("labels.txt", f"a.jpg\tab\nb.jpg\t{label}\n")
    checked = kit.check(file, look=False, dictionary=dictionary)
    assert kit.places(checked, code) == [2]


def test_nrtr_allows_two_characters_less(kit: Any) -> None:
    file = kit.text("labels.txt", "a.jpg\t" + "ab" * 12 + "\n")
    assert "too_long" not in kit.check(file, look=False).findings.counts()
    found = kit.only(kit.check(file, look=False, max_length=23), "too_long")
    assert found.detail == "24 characters, at most 23"


def test_ctc_is_asked_at_the_width_that_the_image_will_have(kit: Any) -> None:
    # 320 wide at the least: 40 steps. 25 equal characters need 49; an image twice as wide gives 80.
    narrow, wide = kit.drawn("a" * 3), kit.drawn("a" * 60)
    kit.save("narrow.png", narrow)
    kit.save("wide.png", wide)
    label = "1" * 25
    file = kit.text("labels.txt", f"narrow.png\t{label}\nwide.png\t{label}\n")
    checked = kit.check(file)
    assert kit.only(checked, "ctc_infeasible").detail == "needs 49 time steps, has 40"
    assert kit.places(checked, "ctc_infeasible") == [1]


def test_suggestions_name_what_the_dictionary_has(kit: Any, dictionary: Any) -> None:
    file = kit.text("labels.txt", "a.jpg\t：\nb.jpg\tО\n")
    found = kit.check(file, look=False, dictionary=dictionary).findings.listed("outside_dictionary")
    assert "the dictionary has ':'" in found[0].detail
    assert "'О' looks like 'O', which it has" in found[1].detail


def test_look_alikes_are_mutual() -> None:
    for char in "AOoОα口ロ力カμ":
        assert all(char in look_alikes(other) for other in look_alikes(char))


@pytest.mark.parametrize(
    ("logical"), ["שלום עולם", "ירושלים", "المدرسة", "الكتاب الجديد", "مستشفى"]
)
def test_order_is_told_by_forms_that_stand_at_word_ends(logical: str) -> None:
    assert order_votes(logical) > 0
    assert order_votes(logical[::-1]) < 0


@pytest.mark.parametrize("label", ["", "abc", "값 1", "كتب", "123"])
def test_order_stays_open_without_a_sign(label: str) -> None:
    assert order_votes(label) == 0


def test_mixed_orders_in_one_set_are_reported(kit: Any) -> None:
    logical = ["שלום", "מים", "ירושלים"]
    labels = [*logical, *(one[::-1] for one in logical)]
    file = kit.text("labels.txt", "".join(f"{n}.jpg\t{t}\n" for n, t in enumerate(labels)))
    checked = kit.check(file, look=False)
    assert kit.places(checked, "visual_order") == [4, 5, 6]
    assert kit.only(checked, "order_mixed").detail == "3 in logical order, 3 in visual order"


def test_one_odd_word_is_no_evidence(kit: Any) -> None:
    file = kit.text("labels.txt", "a.jpg\tשלום\nb.jpg\tםולש\n")
    assert "visual_order" not in kit.check(file, look=False).findings.counts()


@pytest.mark.parametrize(
    "form, detail",
    [
        (" {}", "all 20 labels start with a space"),
        ("{} ", "all 20 labels end with a space"),
        ("{}℃", "all 20 labels end with '℃'"),
        ("text: {}", "all 20 labels start with 'text: '"),
    ],
)
def test_what_all_labels_begin_or_end_with_is_told_once(kit: Any, form: str, detail: str) -> None:
    labels = [form.format(f"{'가나다'[n % 3]}{n * 37}") for n in range(20)]
    file = kit.text("labels.txt", "".join(f"{n}.jpg\t{t}\n" for n, t in enumerate(labels)))
    checked = kit.check(file, look=False)
    assert kit.only(checked, "label_edge").detail == detail
    assert kit.only(checked, "label_edge").severity == "note"


def test_labels_that_differ_share_nothing(kit: Any) -> None:
    labels = [f" {n * 37}" if n % 5 else f"값{n * 37}" for n in range(40)]
    file = kit.text("labels.txt", "".join(f"{n}.jpg\t{t}\n" for n, t in enumerate(labels)))
    assert kit.check(file, look=False).findings.listed("label_edge") == ()
