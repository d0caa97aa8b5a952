from typing import Any
from unicodedata import is_normalized

import pytest
from hypothesis import given
from hypothesis import strategies as st

from balance.checks.mending import mended, targets, write_mended
from textlines.errors import UsageError
from textlines.labels.alphabet import Alphabet
from textlines.rules.line_rules import check_line

ALPHABET = Alphabet(("a", "b", "값", "é"))


@pytest.mark.parametrize(
    ("label", "wanted"),
    [
        ("  a  b ", "a b"),
        ("a\u00a0\u202fb", "a b"),
        ("\ufeffa\u200bb\u00ad", "ab"),
        ("\u1100\u1161\u11b9", "값"),
        ("e\u0301", "é"),
        ("e\u034f\u0301", "é"),
        ("a\u200cb", "ab"),
        ("1 Ω", "1 Ω"),
    ],
)
def test_safe_faults_are_mended_and_no_other(label: str, wanted: str) -> None:
    assert mended(label, ALPHABET) == wanted


def test_joiners_stay_where_the_dictionary_has_them() -> None:
    assert mended("a\u200cb", Alphabet(("a", "b", "\u200c"))) == "a\u200cb"


_SAFE = {"nfd", "zero_width", "nbsp", "leading_space", "trailing_space", "double_space"}


@given(
    st.text(st.sampled_from("ab값 \u00a0\u200b\u200c\u0301\u1112\u1161\u034f\ufeff"), max_size=12)
)
def test_a_mended_label_is_composed_and_free_of_safe_faults(label: str) -> None:
    text = mended(label, ALPHABET)
    assert is_normalized("NFC", text)
    assert mended(text, ALPHABET) == text
    assert not _SAFE & {one.code for one in check_line(text, ALPHABET)}


def fixed(kit: Any, *train: Any, **options: Any) -> tuple[str, dict[str, int]]:
    checked = kit.check(*train, **options)
    ((target, one),) = targets(checked.sets, kit.folder / "fixed.txt").items()
    tally = write_mended(
        target, one, checked.findings, checked.alphabet, max_length=25, sizes=checked.sizes
    )
    return target.read_text(encoding="utf-8"), tally.as_dict()


def test_what_is_safe_is_mended_and_what_is_wrong_left_out_and_counted(kit: Any) -> None:
    kit.save("ok.png", kit.drawn("ab"))
    kit.save("ok2.png", kit.drawn("ba"))
    kit.text("cut.jpg", b"\xff\xd8\xff\xe0")
    file = kit.text(
        "labels.txt",
        "\ufeffok.png\t a\u200bb\r\nno tab\r\nmissing.png\tab\ncut.jpg\tab\n"
        f"\nok2.png\t{'a' * 26}\n",
    )
    text, counts = fixed(kit, file)
    assert text == "ok.png\tab\n"
    # Of 4 bytes with a JPEG's start the decoder says that they are cut.
    assert counts == {
        "mended": 1, "no_tab": 1, "image_missing": 1, "image_truncated": 1, "too_long": 1
    }  # fmt: skip
    assert file.read_text(encoding="utf-8").startswith("\ufeff")


def test_a_label_that_mending_cures_is_kept(kit: Any) -> None:
    dictionary = kit.text("dict.txt", "a\nb\n")
    file = kit.text("labels.txt", f"a.png\ta\u00a0b\nb.png\t{'a' * 25} \nc.png\tЖ\n")
    text, counts = fixed(kit, file, look=False, dictionary=dictionary)
    assert text == f"a.png\ta b\nb.png\t{'a' * 25}\n"
    assert counts == {"mended": 2, "outside_dictionary": 1}


def test_a_conflict_is_left_out_on_both_sides(kit: Any) -> None:
    file = kit.text("labels.txt", "a.png\tone\na.png\ttwo\nb.png\tone\n")
    text, counts = fixed(kit, file, look=False)
    assert (text, counts) == ("b.png\tone\n", {"label_conflict": 2, "kept": 1})


def test_a_list_of_images_becomes_a_line_for_each(kit: Any) -> None:
    file = kit.text("labels.txt", '["a.png", "b.png"]\tone\n')
    assert fixed(kit, file, look=False)[0] == "a.png\tone\nb.png\tone\n"


def test_a_path_that_the_form_cannot_hold_is_left_out(kit: Any) -> None:
    file = kit.text("labels.txt", "a\u00a0b.png\tone\nc.png\ttwo\n")
    text, counts = fixed(kit, file, look=False)
    assert (text, counts) == ("c.png\ttwo\n", {"odd_path": 1, "kept": 1})


def test_the_mended_set_is_clean(kit: Any) -> None:
    lines = {f"{n}.png": f"  {n} \u00a0x\u200b " for n in range(8)} | {"bad.png": "y" * 40}
    file = kit.lines("labels.txt", lines)
    fixed(kit, file, near=False)
    again = kit.check(kit.folder / "fixed.txt", near=False)
    assert set(again.findings.counts()) == {"few_lines", "char_few"}


def test_no_checked_file_is_written_over(kit: Any) -> None:
    file, other = kit.text("a/labels.txt", "a.png\tx\n"), kit.text("b/labels.txt", "a.png\tx\n")
    sets = kit.check(file, look=False).sets
    with pytest.raises(UsageError, match=r"labels\.txt is a file that is checked"):
        targets(sets, file)
    with pytest.raises(UsageError, match=r"labels\.txt is a file that is checked"):
        targets(sets, kit.folder / "a")
    with pytest.raises(UsageError, match=r"two files are named labels\.txt"):
        targets(kit.check(file, other, look=False).sets, kit.folder / "out")
