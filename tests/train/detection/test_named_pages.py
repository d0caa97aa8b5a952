"""Sets of pages and tuned settings as they are typed."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textlines.errors import UsageError
from train.detection.named_pages import NamedPages, TunedPair, read_tuned_pairs


@pytest.mark.parametrize(
    ("text", "name", "path"),
    [
        ("lcd/Label.txt", "", "lcd/Label.txt"),
        ("meters=lcd/Label.txt", "meters", "lcd/Label.txt"),
        ("계량기=a=b.txt", "계량기", "a=b.txt"),
        ("./a=b.txt", "", "./a=b.txt"),
        (r"C:\a=b.txt", "", r"C:\a=b.txt"),
        ("=x.txt", "", "=x.txt"),
    ],
)
def test_a_name_stands_before_the_first_sign(text: str, name: str, path: str) -> None:
    assert NamedPages.parse(text) == NamedPages(Path(path), name)


names = st.text(st.characters(exclude_characters="=/\\", categories=["L", "N", "P"]), min_size=1)


@given(name=names.filter(str.strip))
def test_what_is_printed_is_read_again(name: str) -> None:
    named = NamedPages(Path("a/Label.txt"), name.strip())
    assert NamedPages.parse(str(named)) == named
    pair = TunedPair(name.strip(), Path("a.toml"), Path("b/c.toml"))
    assert TunedPair.parse(str(pair)) == pair


@pytest.mark.parametrize("text", ["", "a=", "a= "])
def test_no_file_is_an_error(text: str) -> None:
    with pytest.raises(UsageError, match="names no page label file"):
        NamedPages.parse(text)


@pytest.mark.parametrize("text", ["a.toml,b.toml", "x=a.toml", "x=a.toml,", "x=a,b,c"])
def test_a_pair_names_a_set_and_two_files(text: str) -> None:
    with pytest.raises(UsageError, match="does not name a set and two files"):
        TunedPair.parse(text)


def test_a_set_has_one_pair() -> None:
    with pytest.raises(UsageError, match="names x again"):
        read_tuned_pairs(["x=a,b", "x=c,d"])
