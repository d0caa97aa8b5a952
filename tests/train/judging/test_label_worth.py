"""What a label is worth is told from the measured curve, and by what own lines lack."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textlines.errors import InputError
from textlines.labels.tally import Tally
from textlines.profile.measure import measure
from textlines.profile.reading import Reading
from textlines.profile.support import ENOUGH, Support
from train.judging.label_worth import (
    CURVES,
    METERS,
    PLATES,
    curve_lines,
    lacks_of,
    production_like,
    production_of,
    worth_lines,
)

METER = [f"{n % 1000:03}.{n * 7 % 100:02}" for n in range(400)]


def test_the_curve_goes_through_what_was_measured() -> None:
    assert (METERS.own[1], PLATES.own[1]) == ((25, 0.937), (25, 0.914))
    for one in CURVES:
        assert [one.at(lines) for lines, _ in one.own] == pytest.approx([y for _, y in one.own])
        assert len(one.own) == len(one.drawn)


@given(st.integers(0, 10**7))
def test_the_curve_never_leaves_what_was_measured(lines: int) -> None:
    for curve in CURVES:
        shares = [share for _, share in curve.own]
        assert min(shares) <= curve.at(lines) <= max(shares)


@pytest.mark.parametrize(
    ("own", "told"),
    [
        (0, "with 0 own lines the next 25 were worth 17.3 to 56.4 points there"),
        (25, "with 25 own lines the next 25 were worth 0.5 points there"),
        (290, "with 290 own lines the next 25 were worth 0.0 to 0.1 points there"),
        (391, "with 391 own lines you are beyond what was measured (391)"),
    ],
)
def test_a_team_sees_where_it_stands(own: int, told: str) -> None:
    lines = curve_lines(own, 11)
    assert lines[0].split()[-4:] == ["0", "25", "100", "290–391"]
    assert lines[1].split()[-4:] == [".764", ".937", ".948", ".942"]
    assert told in lines[5]
    assert "two scenes" in lines[5] or "these scenes" in lines[5]
    assert len(lines) == 6


def test_a_large_alphabet_is_told_to_lie_outside_of_what_was_measured() -> None:
    assert "1,200 different characters" in curve_lines(0, 1200)[-1]


def test_what_production_holds_and_own_lines_lack_comes_by_use_and_misreading() -> None:
    """`1` and `7` are used as often; only `1` is misread, and own lines hold neither."""
    own = [text for text in METER if "1" not in text and "7" not in text]
    readings = [Reading(f"{n}.png", text, text.replace("1", "4")) for n, text in enumerate(METER)]
    profile = measure(readings, None).profile
    lacks = lacks_of(Support.of(own), Support.of(METER), profile)
    characters = [lack.name for lack in lacks if lack.kind == "character"]
    assert characters == ["1", "7"]
    (pair,) = [lack for lack in lacks if lack.kind == "pair"]
    assert (pair.name, pair.held, pair.of) == ("1/4", 0, 400)
    told = worth_lines(own, Support.of(METER), profile)
    assert any(line.startswith("  characters: 1 (") for line in told)


def test_parts_patterns_lengths_and_spaces_are_seen_too() -> None:
    own = ["12가3456"] * 40
    production = Support.of([*own, *["서울 12나 3456"] * 5, *["값 1"] * 3])
    names = {(lack.kind, lack.name) for lack in lacks_of(Support.of(own), production)}
    assert {("character", " "), ("character", "나"), ("part", "final ㅄ")} <= names
    assert ("pattern", "가가 dd가 ddd+") in names and ("length", "9-16") in names
    told = "\n".join(worth_lines(own, production))
    assert "characters: ␣ (8; 0)" in told and "lengths: " in told
    assert "초성 ㄴ (5; 0), 초성 ㅅ (5; 0)" in told


@given(st.lists(st.text("01가나 .", min_size=1, max_size=6), max_size=40), st.integers(0, 40))
def test_nothing_is_told_that_own_lines_hold_or_production_does_not(
    texts: list[str], cut: int
) -> None:
    own, production = Support.of(texts[:cut]), Support.of(texts)
    for lack in lacks_of(own, production):
        assert lack.held < ENOUGH and 2 <= lack.used <= lack.of == len(texts)
        assert lack.held <= lack.used


def test_enough_of_all_is_said_in_one_line() -> None:
    assert "would teach nothing that is missing" in worth_lines(METER * 9, Support.of(METER))[-1]


def test_production_that_is_not_known_is_said() -> None:
    assert "is not known here" in worth_lines(METER, Support())[-1]


def test_production_comes_of_a_profile_or_of_a_label_file(tmp_path: Path) -> None:
    profile = measure([Reading(f"{n}.png", f"{n} a", f"{n} a") for n in range(9)], None).profile
    production = production_of(profile)
    assert (production.lines, production.characters["a"], production.characters[" "]) == (9, 9, 9)
    labels = tmp_path / "like.txt"
    labels.write_text("a.png\t값 1\nno tab\n", encoding="utf-8")
    tally = Tally()
    assert production_like(labels, tally).characters["값"] == 1 and tally.as_dict()
    labels.write_text("", encoding="utf-8")
    with pytest.raises(InputError, match="holds no label to be like"):
        production_like(labels, Tally())


def test_a_line_or_two_say_nothing_of_where_labels_would_help() -> None:
    told = worth_lines(["A1"], Support.of(["A1"]))
    assert told[-1] == (
        "where the next labels would help is not known here: 1 line of production holds nothing "
        "more than once; name more (--like)"
    )
    assert (
        "2 lines of production hold nothing"
        in worth_lines(["A1"], Support.of(["B2xyz12", "값"]))[-1]
    )
