"""A page of each kind in Korean holds no English sentence."""

from pathlib import Path

import pytest

from tests.korean_pages import english_in, language_of_page
from tests.page_kinds import KINDS, KOREAN, LONG, READ
from textlines.wording import speaking

DATA = (
    *(KOREAN + READ),
    LONG,
    "is what it is told by",  # of a criterion that the test makes up
    "Add lines.",
)
"""What the pages show of the sets and models that they are made of."""


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_page_is_in_the_language_of_the_machine(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "ko_KR.UTF-8")  # of the commands that make it
    with speaking("ko"):  # of those that are made here
        page = KINDS[kind](tmp_path).read_text(encoding="utf-8")
    assert language_of_page(page) == "ko"
    assert english_in(page, DATA) == []


def test_english_sentences_are_found_and_what_is_typed_is_not() -> None:
    html = '<html lang="ko"><p title="How sure it was">라벨 <code>train mine it now</code></p>'
    assert english_in(html) == ["How sure it was | How sure it was"]
    assert english_in("<p>`balance import ppocr-det --out FOLDER` 실행</p>") == []
    assert english_in("<p>--cut-prefix train_data/rec/ 이용</p>") == []
    assert english_in("<p>the model reads this</p>", ("the model reads this",)) == []
