"""A pattern takes the texts that it yields, and no others."""

import re
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synth.assets import asset_dir
from synth.corpus.pattern_file import load_patterns, parse_patterns
from synth.corpus.pattern_matching import rule_yields, yields
from synth.corpus.patterns import draw
from synth.draws import Draws

OURS = load_patterns(asset_dir("corpora") / "patterns.toml")


def rule_of(text, **rules):
    table = "".join(f"{name} = '''{rule}'''\n" for name, rule in rules.items())
    return parse_patterns(f"[rules]\n{table}[[line]]\nname = 'x'\nrule = '''{text}'''").rules[0]


@pytest.mark.parametrize("rule", OURS.rules, ids=lambda rule: rule.name)
def test_a_pattern_takes_all_that_it_yields(rule):
    for index in range(40):
        text = draw(rule, Draws(1, index))
        assert rule_yields(rule, text), text
    assert yields(OURS, text)


@pytest.mark.parametrize(
    ("pattern", "form"),
    [
        ("a[bc]{1,2}", "a[bc]{1,2}"),
        ("(a|bc@3|)b", "(a|bc|)b"),
        ("(a|ab)(b|)", "(a|ab)(b|)"),
        ("a{0,2}b?c", "a{0,2}b?c"),
        ("(a b|c)? a", "((a b|c) )?a"),  # a space at an end is tidied away
        ("a (b|) c", "a (b )?c"),  # and one beside another
        ("[ab ]c", "[ab]?c"),
        ("a <x>", "a (b|c)"),
    ],
)
def test_a_pattern_takes_nothing_else(pattern, form):
    rule = rule_of(pattern, x="(b|c)")
    for length in range(1, 6):
        for chars in product("abc ", repeat=length):
            text = "".join(chars)
            if text == " ".join(text.split()):
                assert rule_yields(rule, text) == bool(re.fullmatch(form, text)), text


@given(value=st.integers(-2000, 2000), places=st.sampled_from(["", ".0", ".00"]))
def test_numbers_are_taken_by_value_and_form(value, places):
    rule = rule_of("<number -12.00..999.50 step 0.5>")
    text = f"{value}{places}"
    inside = places == ".00" and -12 <= value <= 999
    assert rule_yields(rule, text) == inside
    padded = rule_of("<number 0..9999 group , pad 4>")
    assert rule_yields(padded, "0,042") and not rule_yields(padded, "42")
    assert not rule_yields(padded, "0042") and not rule_yields(padded, "00,42")


@pytest.mark.parametrize(
    ("pattern", "text", "taken"),
    [
        ("<date %Y-%m-%d>", "2024-02-29", True),
        ("<date %Y-%m-%d>", "2023-02-29", False),
        ("<date %Y-%m-%d>", "1999-01-01", False),
        ("<date 1950..2010 %y%m%d>", "990101", True),
        ("<date %Y-%-m-%-d (%k)>", "2026-11-29 (일)", True),
        ("<date %Y-%-m-%-d (%k)>", "2026-11-29 (월)", False),
        ("<time %p %I:%M>", "AM 11:59", True),
        ("<time %p %I:%M>", "AM 13:00", False),
        ("<time %P %-I시>", "오후 9시", True),
        ("<time %H:%M (%p)>", "09:10 (PM)", False),
    ],
)
def test_moments_exist_and_agree_with_themselves(pattern, text, taken):
    assert rule_yields(rule_of(pattern), text) is taken


PLATE = rule_of("[苏浙粤][A-HJ-NP-Z]·[A-HJ-NP-Z0-9]{5}")


@settings(max_examples=60)
@given(index=st.integers(0, 10**6), at=st.integers(0, 7), char=st.sampled_from("IO01A·苏8"))
def test_a_replaced_character_is_taken_where_the_class_at_its_place_holds_it(index, at, char):
    text = draw(PLATE, Draws(2, index))
    changed = text[:at] + char + text[at + 1 :]
    letters = "ABCDEFGHJKLMNPQRSTUVWXYZ"
    allowed = ("苏浙粤", letters, "·", *[letters + "0123456789"] * 5)[at]
    assert rule_yields(PLATE, changed) == (char in allowed)
