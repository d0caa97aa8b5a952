from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textlines.errors import InputError, UsageError
from textlines.formats.judged_set import JUDGED_BY, JUDGED_WORDS, JudgedSet


@pytest.mark.parametrize(
    "text, path, comparison",
    [
        ("judge.txt", "judge.txt", "exact"),
        ("judge.txt:alnum", "judge.txt", "alnum"),
        ("a:b.txt:casefold", "a:b.txt", "casefold"),
        ("a:b.txt", "a:b.txt", "exact"),
        (r"C:\sets\judge.txt", r"C:\sets\judge.txt", "exact"),
        (r"C:\sets\judge.txt:nospace", r"C:\sets\judge.txt", "nospace"),
        ("odd:exact:exact", "odd:exact", "exact"),
        ("judge.txt:ALNUM", "judge.txt:ALNUM", "exact"),
        (":exact", ":exact", "exact"),
    ],
)
def test_only_a_known_name_behind_the_last_colon_is_a_comparison(
    text: str, path: str, comparison: str
) -> None:
    assert JudgedSet.parse(text) == JudgedSet(Path(path), comparison)  # type: ignore[arg-type]


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1))
def test_what_is_written_is_read_back(name: str) -> None:
    try:
        parsed = JudgedSet.parse(name)
    except UsageError:
        assert not name.removesuffix(":").strip() or not name.rpartition(":")[0].strip()
    else:
        assert JudgedSet.parse(str(parsed)) == parsed


def test_nothing_names_no_file() -> None:
    with pytest.raises(UsageError, match="names no label file"):
        JudgedSet.parse(" ")


def test_a_set_that_is_not_there_is_told(tmp_path: Path) -> None:
    file = tmp_path / "judge.txt"
    with pytest.raises(InputError, match="is not there"):
        JudgedSet.parse(str(file)).check()
    file.write_text("a.png\t1\n", encoding="utf-8")
    JudgedSet.parse(f"{file}:alnum").check()
    with pytest.raises(UsageError, match=r"'alnumm' is no comparison.*exact, casefold, alnum"):
        JudgedSet.parse(f"{file}:alnumm").check()
    with pytest.raises(InputError, match="is no label file"):
        JudgedSet.parse(str(tmp_path)).check()


@pytest.mark.parametrize(
    "comparison, label, read, is_right",
    [
        ("exact", "Total 1.00", "Total 1.00", True),
        ("exact", "Total 1.00", "TOTAL 1.00", False),
        ("exact", "값", "\u1100\u1161\u11b9", True),
        ("casefold", "Total 1.00", "TOTAL 1.00", True),
        ("casefold", "Total 1.00", "TOTAL1.00", False),
        ("alnum", "Don't", "Dont", True),
        ("alnum", "Dont", "dont", False),
        ("alnum", "ก็", "ก", False),
        ("nospace", "1 000", "1000", True),
        ("nospace", "1 000", "1 00", False),
    ],
)
def test_each_comparison(comparison: str, label: str, read: str, is_right: bool) -> None:
    judged = JudgedSet(Path("x"), comparison)  # type: ignore[arg-type]
    assert judged.is_right(label, read) is is_right


def test_every_comparison_is_worded() -> None:
    assert set(JUDGED_WORDS) == set(JUDGED_BY)
