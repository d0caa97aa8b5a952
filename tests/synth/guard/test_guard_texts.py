"""Guard texts: of three parts none is in two, book lines are long, and read like prose."""

from collections import Counter
from functools import lru_cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synth.guard.guard_texts import (
    FULL,
    KINDS,
    LANGUAGES,
    PARTS,
    GuardText,
    Language,
    PartName,
    characters_of,
    lines_of,
    part_of,
    write,
)
from train.judging.line_kinds import is_prose

ASCII = frozenset(map(chr, range(0x20, 0x7F)))
EVERY = {one: characters_of(one) | ASCII for one in LANGUAGES}
ENGLISH = {LANGUAGES[0]: ASCII}


@lru_cache
def written(part: PartName, seed: int = 1, count: int = 300) -> tuple[GuardText, ...]:
    return write(part, EVERY, count, seed)


def test_no_text_is_in_two_parts_nor_twice_in_one() -> None:
    every = [one.text for part in PARTS for seed in (1, 2) for one in written(part, seed)]
    for part in PARTS:
        texts = [one.text for one in written(part)]
        assert len(set(texts)) == len(texts) == 300
        assert {part_of(text) for text in texts} == {part}
    # Seeds differ, parts do not meet: whatever the seed of a guard to judge by.
    parts = {text: part_of(text) for text in every}
    assert set(parts.values()) == set(PARTS)


@given(st.text(max_size=90))
def test_every_text_is_of_one_part(text: str) -> None:
    assert part_of(text) in PARTS


def test_the_same_seed_writes_the_same_texts() -> None:
    first = write("judge", ENGLISH, 40, 5)
    assert write("judge", ENGLISH, 40, 5) == first
    assert write("judge", ENGLISH, 40, 6) != first


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda one: one.name)
def test_book_lines_are_long_and_read_like_prose(language: Language) -> None:
    own = [one for one in written("judge") if one.language == language.name]
    lines = [one.text for one in own]
    books = [one.text for one in own if one.kind == "book"]
    full = [text for text in books if len(text) >= FULL - 5]
    assert len(full) >= 0.6 * len(books) > 0.5 * 0.6 * len(lines)
    assert max(map(len, books)) <= language.longest
    # Vowel signs are no letters to it.
    if language.name not in ("hi", "th"):
        assert sum(map(is_prose, full)) >= 0.9 * len(full)
    assert all(text == text.strip() and "  " not in text for text in books)


def test_kinds_have_their_shares() -> None:
    counts = Counter(one.kind for one in written("replay") if one.language == "en")
    total = sum(counts.values())
    for kind, share in KINDS.items():
        assert abs(counts[kind] - total * share / 100) <= 3, kind


def test_what_cannot_be_drawn_is_not_written() -> None:
    held = frozenset("abcdefghijklmnopqrstuvwxyz .")
    found = write("replay", {LANGUAGES[0]: held}, 30, 1)
    assert found and all(held.issuperset(one.text) for one in found)


def test_a_language_without_forms_writes_book_lines_in_their_place() -> None:
    japanese = next(one for one in LANGUAGES if one.name == "ja")
    found = write("replay", {japanese: EVERY[japanese]}, 60, 1)
    assert len(found) == 60
    assert {one.kind for one in found} == {"book", "word"}


@pytest.mark.parametrize(
    "language", [one for one in LANGUAGES if one.lines], ids=lambda one: one.name
)
def test_a_language_of_lines_writes_in_each_part_what_no_other_part_holds(
    language: Language,
) -> None:
    lines, least = lines_of(language), 12 if language.is_spaced else 7
    for part in PARTS:
        found = write(part, {language: EVERY[language]}, 60, 1)
        assert len(found) == 60 == len({one.text for one in found})
        assert {one.kind for one in found} == {"book", "word"}
        words = [one.text for one in found if one.kind == "word"]
        assert words and set(words) <= {text for text in lines if part_of(text) == part}
        others = [text for text in lines if part_of(text) != part and len(text) >= least]
        assert others
        books = " ".join(one.text.lower() for one in found if one.kind == "book")
        own = " ".join(text.lower() for text in lines if part_of(text) == part)
        assert not [text for text in others if text.lower() in books and text.lower() not in own]


def test_used_up_words_make_room_for_book_lines() -> None:
    found = write("stop", ENGLISH, 3000, 1)
    counts = Counter(one.kind for one in found)
    assert sum(counts.values()) == 3000
    assert counts["word"] <= 300
