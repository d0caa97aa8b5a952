"""Korean characters are served by our own texts as they are."""

from collections import Counter

import pytest

from synth.corpus.corpus_files import embedded_corpus, stand_ins

SYLLABLES = tuple(
    bytes((row, cell)).decode("euc-kr") for row in range(0xB0, 0xC9) for cell in range(0xA1, 0xFF)
)


@pytest.fixture(scope="module")
def korean():
    """Return the sources of a Korean document."""
    return {
        "corpus": embedded_corpus("document", languages=("ko",)),
        "stand_ins": stand_ins(languages=("ko",)),
    }


def test_no_line_is_edited_for_a_syllable_of_ks_x_1001(cases, korean):
    rows, report = cases.planned(**korean, chars=SYLLABLES, count=6 * len(SYLLABLES), filler=0.0)
    assert len(rows) == 6 * len(SYLLABLES)
    assert report.edited == 0
    assert report.served_short == {}
    served = Counter(char for row in rows for char in row.targets)
    assert set(served) == set(SYLLABLES) and min(served.values()) == 6
    assert all(char in row.text for row in rows for char in row.targets)
    assert all(len(row.text) <= 25 for row in rows)


def test_signs_are_taught_from_patterns_of_ours(cases, korean):
    signs = tuple("①②③④⑤⑥⑦⑧⑨⑩㎥℃№₩㎡㈜")
    rows, report = cases.planned(**korean, chars=signs, count=320)
    assert (report.served_short, report.edited) == ({}, 0)
    assert {char for row in rows for char in row.targets} == set(signs)


def test_a_korean_plan_holds_no_text_of_another_language(cases, korean):
    rows, _ = cases.planned(**korean, count=600, repeat_cap=0)
    assert {row.source for row in rows} == {
        "corpus:lines_ko",
        "corpus:words_ko",
        "pattern:forms_ko",
        "pattern:codes",
    }
    hangul = sum(any("가" <= char <= "힣" for char in row.text) for row in rows)
    assert hangul > 0.7 * len(rows)


def test_made_up_names_come_only_for_what_no_word_holds(cases, korean):
    rows, _ = cases.planned(**korean, chars=("솔", "강", "뷁"), count=120, filler=0.0)
    assert not any("names" in row.source for row in rows)
    rows, _ = cases.planned(**korean, chars=("걋",), count=30, filler=0.0)
    assert {row.source for row in rows} == {"corpus:names_ko", "pattern:names_in_lists_ko"}
