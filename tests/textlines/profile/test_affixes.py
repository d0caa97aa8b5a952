import random
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textlines.profile.affixes import Affix, cut, find_affixes, label_edges
from textlines.profile.measure import apart, measure
from textlines.profile.reading import Reading

Pairs = list[tuple[str, str]]

_DRAW = random.Random(4)
CODES = ["".join(_DRAW.choices("ABDEFGHKLMNPRTUY3479", k=6)) for _ in range(40)]
PLATES = [f"{_DRAW.choice('가나다라마')}{_DRAW.randint(1000, 9999)}" for _ in range(40)]
DEGREES = [f"{_DRAW.randint(-9, 40)}.{_DRAW.randint(0, 9)}" for _ in range(40)]


def read(text: str, number: int) -> str:
    """Misread the third character of every fourth line."""
    return text if number % 4 else f"{text[:2]}Z{text[3:]}"


def lines(texts: list[str], label: Callable[[str], str], reading: Callable[[str], str]) -> Pairs:
    return [(label(one), reading(read(one, number))) for number, one in enumerate(texts)]


def same(text: str) -> str:
    return text


HABITS: list[tuple[str, list[str], Callable[[str], str], Callable[[str], str], str]] = [
    ("␣…", CODES, lambda t: f" {t}", same, "all 40 labels start with a space that no reading has"),
    ("␣…", PLATES, lambda t: f" {t}", same, "all 40 labels start with a space that no reading has"),
    ("␣␣…", CODES, lambda t: f"  {t}", same, "all 40 labels start with 2 spaces that no"),
    ("…␣", CODES, lambda t: f"{t} ", same, "all 40 labels end with a space that no reading has"),
    ("….", CODES, lambda t: f"{t}.", same, "all 40 labels end with '.' that no reading has"),
    ("…℃", DEGREES, lambda t: f"{t}℃", same, "all 40 labels end with '℃' that no reading has"),
    ("…원", PLATES, lambda t: f"{t}원", same, "all 40 labels end with '원' that no reading has"),
    ("text:␣…", CODES, lambda t: f"text: {t}", same, "all 40 labels start with 'text: ' that no"),
    ('"…"', CODES, lambda t: f'"{t}"', same, "start with '\"' and end with '\"' that no reading"),
    ("“…”", PLATES, lambda t: f"“{t}”", same, "start with '“' and end with '”' that no reading"),
    ("#…", CODES, same, lambda t: f"#{t}", "all 40 readings start with '#' that no label has"),
    ("….", DEGREES, same, lambda t: f"{t}.", "all 40 readings end with '.' that no label has"),
    # A letter or digit too, which labels hold elsewhere: the edge of a frame, read everywhere.
    ("1…", CODES, same, lambda t: f"1{t}", "all 40 readings start with '1' that no label has"),
    ("…℃", DEGREES, lambda t: f"{t}℃", lambda t: f"{t}°C", "end with '℃', which readings write"),
    ("…℃", DEGREES, lambda t: f"{t}°C", lambda t: f"{t}℃", "end with '℃', which labels write"),
]


@pytest.mark.parametrize("chars, texts, label, reading, words", HABITS)
def test_a_habit_of_the_whole_set_is_told_once_and_is_no_misreading(
    chars: str,
    texts: list[str],
    label: Callable[[str], str],
    reading: Callable[[str], str],
    words: str,
) -> None:
    pairs = lines(texts, label, reading)
    readings = [Reading(f"{n}.png", a, b, 0.95) for n, (a, b) in enumerate(pairs)]
    (convention,) = apart(readings).conventions
    assert convention.kind == "affix"
    assert convention.chars.replace(" ", "␣") == chars
    assert (convention.count, convention.of) == (40, 40)
    assert words in convention.words
    assert apart(readings).agreed == tuple(number % 4 > 0 for number in range(40))

    found = measure(readings, None)
    profile, plain = (
        found.profile,
        measure(
            [Reading(f"{n}.png", a, b) for n, (a, b) in enumerate(lines(texts, same, same))], None
        ).profile,
    )
    # The figures by line stay strict; the others are those of the set without the habit.
    assert (profile.lines.exact, profile.lines.agreed) == (0.0, 0.75)
    assert profile.insertions == plain.insertions
    assert profile.spaces.deletions == profile.spaces.insertions == 0

    def misread(profile: object) -> dict[str, dict[str, int]]:
        rows = profile.ranked  # type: ignore[attr-defined]
        return {row.char: dict(row.confusions) | {"": row.deletions} for row in rows}

    faults = misread(profile)
    assert {char: faults[char] for char in misread(plain)} == misread(plain)
    new = faults.keys() - misread(plain).keys()
    assert all(faults[char] == {"": 0} for char in new)
    assert not any(row.gain for row in profile.ranked if row.char in new)
    # No label is suspect for what all of them share.
    assert all(not line.suspected for line in found.misread if line.agreed)


def test_case_and_edge_are_two_habits() -> None:
    readings = [
        Reading(str(n), a, b) for n, (a, b) in enumerate(lines(CODES, lambda t: f" {t}", str.lower))
    ]
    found = apart(readings)
    assert sorted(one.kind for one in found.conventions) == ["affix", "capitals"]
    assert sum(found.agreed) >= 29


def test_full_width_labels_are_one_habit_and_make_no_label_suspect() -> None:
    def wide(text: str) -> str:
        return "".join(chr(ord(char) + 0xFEE0) for char in text)

    readings = [Reading(str(n), a, b, 0.95) for n, (a, b) in enumerate(lines(CODES, wide, same))]
    (convention,) = measure(readings, None).profile.conventions
    assert convention.kind == "width_form"
    assert "labels write" in convention.words and "in full or half width" in convention.words
    assert sum(apart(readings).agreed) == 30
    suspected = [line for line in measure(readings, None).misread if line.suspected]
    assert all(not line.agreed for line in suspected)


@pytest.mark.parametrize("spaced, found", [(40, True), (36, True), (35, False), (20, False)])
def test_nearly_all_is_nine_of_ten(spaced: int, found: bool) -> None:
    pairs = [(" " * (n < spaced) + text, read(text, n)) for n, text in enumerate(CODES)]
    affixes = find_affixes(pairs)
    assert [one.text for one in affixes] == [" "] * found
    if found:
        assert (affixes[0].lines, affixes[0].alone, affixes[0].of) == (spaced, spaced, 40)


@pytest.mark.parametrize("kept, found", [(0, True), (4, True), (5, False)])
def test_what_more_than_one_reading_in_ten_has_is_no_habit(kept: int, found: bool) -> None:
    pairs = [(f"#{text}", "#" * (n < kept) + text) for n, text in enumerate(CODES)]
    assert bool(find_affixes(pairs)) is found
    told = [one.words for one in apart([Reading("", *pair) for pair in pairs]).conventions]
    if kept and found:
        assert told == ["all 40 labels start with '#' that 4 readings have too"]


def test_nine_lines_are_too_few() -> None:
    pairs = [(f" {text}", text) for text in CODES]
    assert find_affixes(pairs[:10])
    assert not find_affixes(pairs[:9])


@pytest.mark.parametrize(
    "label, reading",
    [
        (lambda t: f"KR-{t}", lambda t: f"KR-{t}"),  # read like the rest
        (lambda t: f"#{t}", lambda t: f"H{t}"),  # misread, and not left out
        (lambda t: f"No.{t}", lambda t: f"No{t}"),  # a part of it lost
        (same, lambda t: "the"),  # a network that reads the same everywhere
        (lambda t: f" {t}", lambda t: ""),  # or nothing
        (lambda t: f"1{t}", lambda t: f"11{t}"),  # doubled where labels have one too
    ],
)
def test_what_is_misread_is_no_habit(
    label: Callable[[str], str], reading: Callable[[str], str]
) -> None:
    assert find_affixes(lines(CODES, label, reading)) == ()


def test_the_part_that_readings_lack_is_found_in_a_longer_beginning() -> None:
    (one,) = find_affixes(lines(CODES, lambda t: f" 2024-{t}", lambda t: f"2024-{t}"))
    assert (one.text, one.at_end, one.side) == (" ", False, "labels")


def test_set_aside_is_only_what_one_side_has() -> None:
    space = (Affix(" ", False, "labels", 10, 10, 10),)
    assert cut(space, " A", "A").core == ("A", "A")
    assert cut(space, "A", "A").core == ("A", "A")
    assert cut(space, " A", " A").core == (" A", " A")
    assert cut(space, " ", "A").core == (" ", "A")  # it is the whole label


@settings(deadline=None, max_examples=60)
@given(
    st.lists(
        st.tuples(st.text(" .#A1값", max_size=5), st.text(" .#A1값", max_size=5)), max_size=30
    ),
    st.sampled_from(["", " ", "#", "값"]),
    st.sampled_from(["", ".", " ", "값"]),
)
def test_nothing_is_lost_when_a_line_is_cut(pairs: Pairs, start: str, end: str) -> None:
    pairs = [(start + label + end, reading) for label, reading in pairs]
    affixes = find_affixes(pairs)
    for label, reading in pairs:
        parts = cut(affixes, label, reading)
        both = zip(parts.head, parts.core, parts.tail, strict=True)
        assert ["".join(part) for part in both] == [label, reading]


def test_edges_of_labels_alone_end_in_a_mark() -> None:
    assert label_edges([f"text: {text}" for text in CODES]) == (("text: ", False, 40),)
    assert label_edges([f"KR{text}" for text in CODES]) == ()
    assert label_edges([f'"{text}"' for text in PLATES]) == (('"', False, 40), ('"', True, 40))
    assert label_edges([f"{text} kg" for text in CODES]) == ((" kg", True, 40),)
    assert label_edges([f" {text}" for text in CODES[:9]]) == ()
    assert label_edges([]) == ()
