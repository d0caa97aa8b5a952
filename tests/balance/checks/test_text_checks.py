from typing import Any

import pytest

from balance.checks.text_checks import look_alikes, order_votes
from textlines.errors import UsageError
from textlines.formats.profile import save_profile
from textlines.labels.alphabet import Alphabet
from textlines.profile.measure import measure
from textlines.profile.reading import Reading

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


@pytest.fixture
def labels(kit: Any) -> Any:
    return kit.text("labels.txt", "a.jpg\ta\n")


def test_duplicates_and_blank_lines_are_named_by_line(kit: Any, labels: Any) -> None:
    dictionary = kit.text("dict.txt", "a\nb\n\na\n \nc\x07\n")
    checked = kit.check(labels, look=False, dictionary=dictionary)
    assert kit.places(checked, "dictionary_duplicate") == [4]
    assert kit.only(checked, "dictionary_duplicate").detail == "'a' stands at 1 already"
    assert kit.places(checked, "dictionary_blank") == [3]
    assert kit.places(checked, "dictionary_space_twice") == [5]
    assert kit.places(checked, "dictionary_control") == [6]


def test_white_space_is_an_entry_and_no_blank_line(kit: Any) -> None:
    labels = kit.text("labels.txt", "a.jpg\t값\u3000b\nb.jpg\tb 값\n")
    dictionary = kit.text("dict.txt", "값\n\u3000\nb\n \n\u2028\n")
    with_space = kit.check(labels, look=False, dictionary=dictionary)
    twice = kit.only(with_space, "dictionary_space_twice")
    assert (twice.line, twice.detail, twice.severity) == (4, "class 4 and class 6", "warning")
    found = kit.only(with_space, "dictionary_space")
    assert (found.line, found.detail, found.severity) == (2, "U+3000 IDEOGRAPHIC SPACE", "note")
    assert kit.places(with_space, "dictionary_control") == [5]  # no label holds a line separator
    alone = kit.check(labels, look=False, dictionary=dictionary, use_space_char=False)
    assert kit.places(alone, "dictionary_space") == [2, 4]
    assert alone.alphabet.encode("b 값\u3000") == [3, 4, 1, 2]
    for checked in (with_space, alone):
        assert not checked.findings.listed("dictionary_blank")
        assert not checked.findings.listed("outside_dictionary")


def test_a_dictionary_of_another_language_is_an_error(kit: Any) -> None:
    labels = kit.text("labels.txt", "".join(f"{n}.jpg\t합계 {n}원\n" for n in range(9)))
    found = kit.only(
        kit.check(labels, look=False, dictionary=kit.text("d.txt", "0\n1\n2\na\n")),
        "dictionary_foreign",
    )
    assert found.severity == "error"
    assert found.detail == (
        "can write 0 of the 9 labels at hand: of their 3 letters it lacks 3: '계', '원', '합'"
    )
    fits = kit.text("fits.txt", "합\n계\n0\n1\n2\n")  # it lacks a letter, and is theirs
    checked = kit.check(labels, look=False, dictionary=fits)
    assert not checked.findings.listed("dictionary_foreign")


def test_a_flag_that_contradicts_a_profile_is_refused(kit: Any, labels: Any) -> None:
    alphabet = Alphabet(("a", "b"), use_space_char=False)
    profile = kit.folder / "profile.json"
    save_profile(measure([Reading("a.jpg", "ab", "aa")], alphabet).profile, profile)
    assert not kit.check(labels, look=False, profile=profile).alphabet.use_space_char
    dictionary = kit.text("dict.txt", "a\nb\n")
    known = kit.check(labels, look=False, profile=profile, dictionary=dictionary)
    assert not known.alphabet.use_space_char
    longer = kit.text("longer.txt", "a\nb\nc\n")
    known = kit.check(labels, look=False, profile=profile, dictionary=longer)
    assert not known.alphabet.use_space_char
    told = r"--use-space-char: contradicts the profile .*profile\.json, .* no space"
    for given in ({}, {"dictionary": dictionary}):
        with pytest.raises(UsageError, match=told):
            kit.check(labels, look=False, profile=profile, use_space_char=True, **given)


def test_entries_that_are_not_composed_are_a_note(kit: Any, labels: Any) -> None:
    dictionary = kit.text("dict.txt", "a\ne\u0301\n\u2126\n")
    found = kit.only(kit.check(labels, look=False, dictionary=dictionary), "dictionary_nfc")
    assert (found.detail, found.severity) == ("2 entries", "note")


def test_bom_and_crlf_of_a_dictionary_are_reported(kit: Any, labels: Any) -> None:
    dictionary = kit.text("dict.txt", "\ufeffa\r\nb\r\n")
    found = kit.check(labels, look=False, dictionary=dictionary).findings.listed("dictionary_file")
    assert [one.detail for one in found] == ["bom: 1", "crlf: 2"]


@pytest.mark.parametrize(
    ("new", "codes"),
    [
        ("a\nb\n", set()),
        ("a\nb\nc\n", {"dictionary_changed"}),
        ("b\na\n", {"dictionary_changed", "dictionary_moved"}),
        ("a\n", {"dictionary_changed", "dictionary_moved"}),
    ],
)
def test_appending_is_a_warning_and_moving_is_an_error(
    kit: Any, labels: Any, new: str, codes: set[str]
) -> None:
    base, dictionary = kit.text("base.txt", "a\nb\n"), kit.text("dict.txt", new)
    checked = kit.check(labels, look=False, dictionary=dictionary, base_dictionary=base)
    found = checked.findings.counts().keys() & {"dictionary_changed", "dictionary_moved"}
    assert found == codes


def test_the_profile_tells_the_base_dictionary(kit: Any, labels: Any) -> None:
    profile = measure([Reading("a.jpg", "ab", "aa")], Alphabet(("a", "b"))).profile
    save_profile(profile, kit.folder / "profile.json")
    dictionary = kit.text("dict.txt", "a\nb\nc\n")
    checked = kit.check(
        labels, look=False, dictionary=dictionary, profile=kit.folder / "profile.json"
    )
    assert "3 entries, the profile" in kit.only(checked, "dictionary_changed").detail
