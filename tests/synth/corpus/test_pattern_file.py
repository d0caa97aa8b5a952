import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synth.assets import asset_dir
from synth.corpus.pattern_file import PatternError, load_patterns, parse_patterns
from synth.corpus.pattern_matching import rule_yields
from synth.corpus.patterns import characters, draw, draw_with, pruned
from synth.draws import Draws
from textlines.errors import InputError

OURS = load_patterns(asset_dir("corpora") / "patterns.toml")


def rule_of(text, **rules):
    table = "".join(f"{name} = '''{rule}'''\n" for name, rule in rules.items())
    return parse_patterns(f"[rules]\n{table}[[line]]\nname = 'x'\nrule = '''{text}'''").rules[0]


@pytest.mark.parametrize(
    ("text", "form"),
    [
        (r"ab값\[1\]", r"ab값\[1\]"),
        ("[0-9A-F]{2,4}", "[0-9A-F]{2,4}"),
        ("[a-c-]", "[abc-]"),
        ("x{3}y?", "xxxy?"),
        ("(a|bc@3|)d", "(a|bc|)d"),
        ("<number 0.00..999.99>", r"\d{1,3}\.\d\d"),
        ("<number 1000..9900000 step 100 group ,>", r"\d{1,3}(,\d{3})+"),
        ("<number 0.0..9999.9 pad 4>", r"\d{4}\.\d"),
        ("<number -20..-1>", r"-\d{1,2}"),
        ("<number 1.00..9999.99 group . point ,>", r"(\d\.)?\d{1,3},\d\d"),
        ("<time %P %-I시 %M분>", r"(오전|오후) \d{1,2}시 \d\d분"),
        ("[0-9]{2}[가-힣] [0-9]{4}", r"\d\d[가-힣] \d{4}"),
    ],
)
def test_a_rule_yields_only_its_form(text, form):
    rule = rule_of(text)
    for k in range(200):
        assert re.fullmatch(form, draw(rule, Draws(1, k)))


@given(seed=st.integers(0, 2**32))
def test_a_date_exists(seed):
    rule = rule_of("<date 1999..2028 %Y-%m-%d>")
    drawn = date.fromisoformat(draw(rule, Draws(seed, 0)))
    assert 1999 <= drawn.year <= 2028


def test_a_weekday_is_that_of_its_date():
    rule = rule_of("<date %Y-%m-%d %k>")
    for char in "월화수목금토일":
        for k in range(50):
            text = draw_with(rule, char, Draws(2, k))
            day = date.fromisoformat(text[:10])
            assert text[-1] == "월화수목금토일"[day.weekday()] == char
            assert 2000 <= day.year <= 2035


def test_the_thirty_first_can_be_asked_for():
    rule = rule_of("<date 2023..2023 %-d>")
    assert {draw_with(rule, "3", Draws(1, k)) for k in range(300)} == {
        *("3", "13", "23", "30", "31")
    }


@pytest.mark.parametrize("rule", OURS.rules, ids=lambda rule: rule.name)
def test_draw_with_holds_the_character_exactly_if_the_rule_can_yield_it(rule):
    drawn = set("".join(draw(rule, Draws(3, k)) for k in range(150))) - {" "}
    assert drawn <= characters(rule)
    for char in sorted(characters(rule)):
        assert char in draw_with(rule, char, Draws(4, ord(char)))
    assert draw_with(rule, "뷁", Draws(1, 1)) is None
    assert draw_with(rule, " ", Draws(1, 1)) is None


@given(
    low=st.integers(-500, 10**6),
    spread=st.integers(0, 10**6),
    step=st.integers(1, 1000),
    seed=st.integers(0, 10**6),
)
def test_numbers_stay_in_their_bounds_and_steps_whatever_is_asked_for(low, spread, step, seed):
    rule = rule_of(f"<number {low}..{low + spread} step {step}>")
    for char in sorted(characters(rule)):
        text = draw_with(rule, char, Draws(seed, 0))
        assert char in text
        assert low <= int(text) <= low + spread
        assert (int(text) - low) % step == 0


def test_numbers_of_every_length_come_as_often():
    rule = rule_of("<number 0.00..999.99>")
    lengths = [len(draw(rule, Draws(1, k))) for k in range(3000)]
    assert all(800 < lengths.count(size) < 1200 for size in (4, 5, 6))


def test_meters_end_in_more_than_double_zero():
    meters = OURS.only(["meter"])
    texts = [meters.draw(Draws(1, k)) for k in range(2000)]
    places = [text for text in texts if re.fullmatch(r"\d+\.\d\d", text)]
    assert len({text[-2:] for text in places}) == 100
    assert sum(text.endswith(".00") for text in places) < len(places) / 4


def test_weights_weigh():
    rule = rule_of("a@9|b")
    share = sum(draw(rule, Draws(1, k)) == "a" for k in range(2000)) / 2000
    assert 0.87 < share < 0.93


def test_spaces_of_left_out_parts_do_not_stay():
    rule = rule_of("(|x) a (|y) b (|z)")
    assert {draw(rule, Draws(1, k)) for k in range(100)} >= {"a b", "x a y b z"}


@pytest.mark.parametrize(
    ("text", "column", "what"),
    [
        ("ab(c", 3, "'(' is never closed"),
        ("ab)", 3, "')' closes nothing"),
        ("[z-a]", 1, "range z-a runs backwards"),
        ("a[]", 2, "holds no character"),
        ("[ab", 1, "'[' is never closed"),
        ("ab{5,2}", 3, "not in order"),
        ("a{99}", 2, "above 64"),
        ("{2}", 1, "has nothing before it"),
        ("?", 1, "has nothing before it"),
        ("a@b", 2, "stands for no weight"),
        ("(a@0|b)", 3, "stands for no weight"),
        ("x<nope>", 2, "there is no rule <nope>"),
        ("x<won", 2, "'<' is never closed"),
        ("<number 5..1>", 1, "has no value"),
        ("<number a..b>", 1, "cannot be read"),
        ("<date %H>", 1, "has no '%H'"),
        ("<time noon>", 1, "shows no time"),
        ("a\\", 2, "ends in"),
        ("(|)", 1, "yields only empty text"),
    ],
)
def test_a_broken_rule_is_named_with_its_column(text, column, what):
    with pytest.raises(PatternError) as error:
        rule_of(text)
    assert f"line 'x', column {column}: " in str(error.value)
    assert what in str(error.value)


def test_rules_that_go_round_in_circles_are_refused():
    with pytest.raises(PatternError, match="leads back to itself: a > b > a"):
        rule_of("<a>", a="<b>", b="x<a>")


def test_an_unknown_key_is_named_with_the_file(tmp_path):
    path = tmp_path / "p.toml"
    path.write_text("[[line]]\nname = 'x'\nrule = 'a'\nwieght = 2\n", "utf-8")
    with pytest.raises(InputError, match=r"p\.toml: has an unknown key 'line\.0\.wieght'"):
        load_patterns(path)


def test_pruning_leaves_only_texts_of_allowed_characters():
    rule = rule_of("(합계|total) [0-9]{2}(원|won)?")
    node = pruned(rule.node, str.isascii)
    texts = set()
    for k in range(200):
        out = []
        node.draw(Draws(1, k), out)
        texts.add("".join(out))
    assert all(re.fullmatch(r"total \d\d(won)?", text) for text in texts)
    assert pruned(rule_of("값<number 1..9>").node, str.isascii) is None


@pytest.mark.parametrize("kind", ["business", "corporate", "ean13"])
def test_a_number_with_a_check_digit_is_known_again_and_another_digit_is_not(kind):
    rule = rule_of(f"No. <id {kind}>")
    for k in range(100):
        text = draw(rule, Draws(4, k))
        assert rule_yields(rule, text)
        last = int(text[-1])
        assert not any(rule_yields(rule, f"{text[:-1]}{d}") for d in range(10) if d != last)
        for char in "0123456789":
            assert char in draw_with(rule, char, Draws(5, k))[4:]


def test_a_bounded_time_keeps_its_bounds_and_steps():
    rule = rule_of("<time 09:00..11:30 step 30 %H:%M>")
    every = {"09:00", "09:30", "10:00", "10:30", "11:00", "11:30"}
    assert {draw(rule, Draws(1, k)) for k in range(200)} == every
    assert {draw_with(rule, "3", Draws(1, k)) for k in range(200)} == {"09:30", "10:30", "11:30"}
    assert rule.characters == frozenset("0139:")
    assert all(rule_yields(rule, text) for text in every)
    assert not any(rule_yields(rule, text) for text in ("08:30", "12:00", "09:15"))


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ("<time 11:30..09:00 %H:%M>", "has no time between its bounds"),
        ("<time 09:00..25:00 %H:%M>", "has no time between its bounds"),
        ("<time 09:00..10:00 step 0 %H:%M>", "has no time between its bounds"),
        ("<id passport>", "is no number we know. There are <id business>, <id corporate>"),
    ],
)
def test_a_number_or_a_time_that_cannot_be_is_told(rule, told):
    with pytest.raises(PatternError, match=re.escape(told)):
        rule_of(rule)


def test_lines_of_files_are_a_part_of_patterns(tmp_path):
    (tmp_path / "words.txt").write_text("값 비싼\nlonger than the limit\n물감\n", encoding="utf-8")
    file = tmp_path / "lists.toml"
    file.write_text(
        '[lines.word]\nfiles = ["words.txt"]\nlongest = 10\n'
        '[[line]]\nname = "l"\nrule = "[1-3]\\\\. <word>"\n',
        encoding="utf-8",
    )
    grammar = load_patterns(file)
    (rule,) = grammar.rules
    assert {draw(rule, Draws(1, k))[3:] for k in range(50)} == {"값 비싼", "물감"}
    assert {draw_with(rule, "감", Draws(1, k)) for k in range(60)} == {
        "1. 물감",
        "2. 물감",
        "3. 물감",
    }
    assert draw_with(rule, "g", Draws(1, 1)) is None
    assert rule_yields(rule, "2. 값 비싼") and not rule_yields(rule, "2. 값")
    assert pruned(rule.node, lambda char: char in "123. 물감") is not None
    assert pruned(rule.node, lambda char: char in "123. ") is None
    # What is drawn hangs on the files too.
    before = grammar.read
    (tmp_path / "words.txt").write_text("물감\n", encoding="utf-8")
    assert load_patterns(file).read != before


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ('files = ["none.txt"]', "none.txt"),
        ('files = ["words.txt"]\nlongest = 1', "holds no line of up to 1 character"),
    ],
)
def test_lines_that_are_not_there_are_told(tmp_path, table, told):
    (tmp_path / "words.txt").write_text("물감\n", encoding="utf-8")
    file = tmp_path / "lists.toml"
    file.write_text(f'[lines.word]\n{table}\n[[line]]\nname = "l"\nrule = "<word>"\n')
    with pytest.raises(InputError, match=re.escape(told)):
        load_patterns(file)


def test_a_name_for_rules_and_for_lines_is_refused(tmp_path):
    (tmp_path / "words.txt").write_text("물감\n", encoding="utf-8")
    file = tmp_path / "lists.toml"
    file.write_text(
        '[rules]\nword = "a"\n[lines.word]\nfiles = ["words.txt"]\n'
        '[[line]]\nname = "l"\nrule = "<word>"\n',
        encoding="utf-8",
    )
    with pytest.raises(InputError, match="rules and lines of one name, 'word'"):
        load_patterns(file)


def test_a_pattern_file_is_parsed_once_until_it_or_its_texts_change(tmp_path):
    words, file = tmp_path / "words.txt", tmp_path / "lists.toml"
    words.write_text("물감\n", encoding="utf-8")
    file.write_text(
        '[lines.word]\nfiles = ["words.txt"]\n'
        '[[line]]\nname = "one"\ngroup = "x"\nrule = "<word>"\n',
        encoding="utf-8",
    )
    first = load_patterns(file)
    assert load_patterns(file) is first
    words.write_text("값비싼\n", encoding="utf-8")
    changed = load_patterns(file)
    assert changed is not first
    assert characters(changed.rules[0]) == frozenset("값비싼")
    assert characters(first.rules[0]) == frozenset("물감")
