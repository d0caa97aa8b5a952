from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textlines.errors import InputError
from train.judging.line_marks import HEADER, MARKS, Mark, read_marks, write_marks

Write = Callable[[str, str | bytes], Path]


@given(marks=st.dictionaries(st.text("abc가/", min_size=1, max_size=4), st.sampled_from(MARKS)))
def test_marks_come_back_as_they_were(
    marks: dict[str, Mark], tmp_path_factory: pytest.TempPathFactory
) -> None:
    from textlines.labels.label_paths import normal_path

    clean = {normal_path(path): mark for path, mark in marks.items()}
    path = tmp_path_factory.mktemp("marks") / "marks.tsv"
    write_marks(path, clean)
    assert read_marks(path) == clean


def test_the_header_may_be_missing_and_paths_are_normal(write_file: Write) -> None:
    path = write_file("m.tsv", "./a.jpg\treal\r\n\ncrops\\b.jpg\tignore\n")
    assert read_marks(path) == {"a.jpg": "real", "crops/b.jpg": "ignore"}


@pytest.mark.parametrize(
    "content, message",
    [
        (f"{HEADER}\na.jpg\tlabel wrong\n", r"m\.tsv:2: holds the unknown mark 'label wrong'"),
        ("a.jpg\n", r"m\.tsv:1: is not path<TAB>mark"),
        ("a.jpg\treal\tx\n", r"m\.tsv:1: is not path<TAB>mark"),
        ("a.jpg\treal\n./a.jpg\tignore\n", r"m\.tsv:2: marks a\.jpg as ignore, .* as real"),
    ],
)
def test_what_is_no_mark_is_refused(write_file: Write, content: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_marks(write_file("m.tsv", content))
