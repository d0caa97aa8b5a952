"""`rules.toml` is what any program can apply, and nothing else is taken for it."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from textlines.errors import InputError
from textlines.formats.reading_rules import (
    ReadingRule,
    RuleFile,
    RuleStep,
    escaped,
    load_rules,
    one_of,
    ruled,
    rules_text,
    save_rules,
)

SEPARATOR = ReadingRule(
    kind="separator",
    words="“·” stands at place 3",
    words_ko="앞에서 3번째",
    steps=(RuleStep(find="^([^·]{2})([^·]+)$", put="·"),),
)
CASE = ReadingRule(kind="case", words="capitals", words_ko="대문자", case="upper")
NUMBER = ReadingRule(
    kind="affix",
    words="starts with No.",
    words_ko="No.",
    steps=(RuleStep(find="^()(.+)$", put="No.", unless=r"^No\."),),
)


def test_rules_apply_in_turn_and_each_step_as_often_as_it_matches() -> None:
    every = ReadingRule(
        kind="width", words="", words_ko="", steps=(RuleStep(find="^(.*)：(.*)$", put=":"),)
    )
    assert ruled([every, CASE, SEPARATOR], "苏d：1：2") == "苏D·:1:2"
    assert ruled([NUMBER], "No.5") == "No.5" and ruled([NUMBER], "5") == "No.5"
    assert ruled([], "ha\u0308t") == "hät"


def test_a_step_that_never_ends_is_ended() -> None:
    growing = ReadingRule(
        kind="affix", words="", words_ko="", steps=(RuleStep(find="^()(.*)$", put="a"),)
    )
    assert growing.applied("b") == "a" * 100 + "b"


@given(
    text=st.text(st.characters(exclude_categories=("Cs",)), max_size=9),
    put=st.text(st.characters(exclude_categories=("Cs",)), max_size=3),
)
def test_a_file_gives_back_its_rules_whatever_they_hold(text: str, put: str) -> None:
    step = RuleStep(find=f"^(.*){escaped(text)}()$", put=put, unless=escaped(put))
    rule = ReadingRule(kind="affix", words=text, words_ko=put, steps=(step,))
    file = RuleFile(model=text, inputs={text: "0" * 64}, rules=(rule, CASE))
    assert RuleFile.model_validate(tomllib.loads(rules_text(file))) == file


@given(st.text(min_size=1, max_size=9))
def test_an_escaped_text_matches_itself_alone(text: str) -> None:
    import re

    assert re.fullmatch(escaped(text), text, re.DOTALL)
    for char in text:
        assert re.fullmatch(one_of(text), char) and not re.fullmatch(one_of(text, but=True), char)


def test_a_written_file_says_how_it_is_applied_and_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "rules.toml"
    file = RuleFile(model="v4", lines=200, before=0.5, after=0.9, rules=(CASE, SEPARATOR))
    save_rules(file, path)
    assert load_rules(path) == file
    assert "text = group 1 + put + group 2" in path.read_text(encoding="utf-8")
    save_rules(RuleFile(rules=()), path)
    assert load_rules(path).rules == ()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("version = 1\nrules = [", "is no TOML"),
        ("rules = []\n", "is TOML, but no file of rules"),
        ("version = 2\nrules = []\n", "of version 2, this program reads version 1"),
        ("version = 1\nrules = []\nmore = 1\n", "more: extra inputs"),
        ('version = 1\n[[rules]]\nkind = "odd"\nwords = ""\nwords_ko = ""\n', r"rules\[0\].kind"),
    ],
)
def test_another_file_is_refused_with_what_is_wrong(
    content: str, message: str, tmp_path: Path
) -> None:
    path = tmp_path / "rules.toml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=message):
        load_rules(path)


@pytest.mark.parametrize(
    ("find", "message"),
    [
        ("^(.", "is no regular expression"),
        ("^(.)O.$", "captures 1 group, not two"),
        (f"^(.)(.){'a' * 2000}$", "more than 2,000"),
    ],
)
def test_an_expression_that_cannot_be_applied_is_refused(find: str, message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        RuleStep(find=find, put="")
