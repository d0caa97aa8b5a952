"""Rules are found in labels and readings, and mend what they say."""

import re

import pytest

from tests.train.judging import made_up
from textlines.formats.reading_rules import ReadingRule, RuleKind, ruled
from textlines.profile.affixes import common_affix
from textlines.profile.reading import Reading
from train.judging.rule_learning import rules_of
from train.judging.rule_places import RuleLines, shape_of

KINDS: list[tuple[made_up.Make, RuleKind, str]] = [
    (made_up.code, "pattern", "places that hold only a digit: B → 8"),
    (made_up.two_shapes, "pattern", "O → 0"),
    (made_up.amount, "pattern", "no letter or digit of labels is anything but a digit"),
    (made_up.plate, "separator", "“␣” stands at place 5 from the end"),
    (made_up.chinese_plate, "separator", "“·” stands at place 3 from the start"),
    (made_up.meter, "separator", "“.” stands at place 3 from the end"),
    (made_up.unwritten, "separator", "labels never write “·”: leave it out"),
    (made_up.full_width, "width", "（ → ("),
    (made_up.half_width, "width", ": → ："),
    (made_up.capitals, "case", "write the whole reading in capitals"),
    (made_up.numbered, "affix", "every line starts with “No.”"),
]


def learnt(make: made_up.Make) -> tuple[RuleLines, list[ReadingRule]]:
    lines = RuleLines.of(made_up.readings(make))
    return lines, list(rules_of(lines).values())


@pytest.mark.parametrize(
    ("make", "kind", "words"), KINDS, ids=lambda one: getattr(one, "__name__", "")
)
def test_each_kind_is_found_and_mends_lines_that_it_was_not_found_on(
    make: made_up.Make, kind: RuleKind, words: str
) -> None:
    _, rules = learnt(make)
    assert any(rule.kind == kind and words in rule.words for rule in rules), rules
    others = RuleLines.of(made_up.readings(make, seed=2))
    wrong = sum(label != read for label, read in others.pairs)
    left = sum(label != ruled(rules, read) for label, read in others.pairs)
    broken = sum(label == read != ruled(rules, read) for label, read in others.pairs)
    assert wrong > 20 and left <= 0.1 * wrong and broken == 0


@pytest.mark.parametrize("make", [one for one, *_ in KINDS], ids=lambda one: one.__name__)
def test_expressions_are_such_as_every_engine_takes(make: made_up.Make) -> None:
    for rule in learnt(make)[1]:
        for step in rule.steps:
            for text in (step.find, step.unless):
                bare = re.sub(r"\\.|\[\^?(?:\\.|[^\]])*\]", "", text)
                assert re.fullmatch(r"(?:\(\?:|[^?\\]|(?<=[+])\?)*", bare), text
                assert not re.search(r"\\[^\\.^$|?*+()\[\]{}/-]", text), text


@pytest.mark.parametrize("make", [one for one, *_ in KINDS], ids=lambda one: one.__name__)
def test_a_rule_applied_twice_is_applied_once(make: made_up.Make) -> None:
    lines, rules = learnt(make)
    for rule in rules:
        for _, read in lines.pairs:
            assert rule.applied(rule.applied(read)) == rule.applied(read)


def test_a_place_that_may_be_either_is_left_alone() -> None:
    """`AO1234` may be AO1234 of letters and digits; `O81234` nothing that one shape explains."""
    _, rules = learnt(made_up.two_shapes)
    assert ruled(rules, "AC12O4") == "AC1204"
    assert ruled(rules, "9912O4") == "991204"
    assert ruled(rules, "AC1204") == "AC1204" and ruled(rules, "991234") == "991234"


def test_confusions_that_no_table_knows_are_learnt_from_these_readings() -> None:
    pairs = [(f"{n:03}가", f"{n:03}7") for n in range(40)]
    rules = rules_of(RuleLines.of([Reading(f"{n}.png", *pair) for n, pair in enumerate(pairs)]))
    assert ruled(rules.values(), "1237") == "123가"


def test_a_misreading_seen_once_makes_no_rule() -> None:
    pairs = [(f"{n:05}", f"{n:05}") for n in range(60)] + [("12045", "12O45")]
    assert not rules_of(RuleLines.of([Reading(f"{n}.png", *one) for n, one in enumerate(pairs)]))


def test_a_rule_that_breaks_more_than_it_mends_is_none() -> None:
    """Labels of 4 and 5 digits: a point read in some, standing in others."""
    pairs = [(f"{n:04}", f"{n:04}") for n in range(100, 140)]
    pairs += [(f"{n}", f"{n}".lower()) for n in ("AB", "CD", "EF")]
    assert not rules_of(RuleLines.of([Reading(f"{n}.png", *one) for n, one in enumerate(pairs)]))


def test_a_separator_of_two_lengths_is_not_put_into_the_shorter_one() -> None:
    """`1234` without its point may be 12.34, but `123.45` without it has the length of 12.345."""
    lines, rules = learnt(made_up.meter)
    assert ruled(rules, "1234") == "12.34" and ruled(rules, "12345") == "123.45"
    assert len(lines.lengths) == 2


def test_shapes_and_affixes() -> None:
    assert shape_of("12가 3456") == "99가 9999" and shape_of("苏D·1") == "가A·9"
    lines = RuleLines.of([Reading("", f"No.{n}", "") for n in range(10, 40)])
    assert (common_affix(lines.labels, at_end=False), common_affix(lines.labels, at_end=True)) == (
        "No.",
        "",
    )
