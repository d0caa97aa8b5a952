"""Documents in two languages say the same, their links lead somewhere, their options exist."""

import re
import shlex
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from itertools import pairwise
from typing import Any

import pytest
import typer.main

from synth.assets import style_names
from tests.documents import ROOT, Block, anchors, blocks, read, sections, spans

TWINS = {
    "README.md": "README.ko.md",
    **{
        f"docs/{name}.md": f"docs/{name}.ko.md"
        for name in (
            "detection",
            "first-scene",
            "forms",
            "guide",
            "pipeline",
            "scale",
            "styles",
            "traps",
        )
    },
}
"""Documents by their name in English: their name in Korean."""

ENGLISH_ONLY = {
    "CONTRIBUTING.md",
    "SECURITY.md",
    *(f"docs/{name}.md" for name in ("api", "architecture", "cli", "formats", "json", "measured")),
}
"""Of keys alone, made from the code, printed by benchmarks, or for who works on the code."""

PAIRS = list(TWINS.items())
ALL = [name for pair in PAIRS for name in pair]
TOOLS = ("synth", "balance", "train")
HANGUL = re.compile("[가-힣]")
SECTION = re.compile(r"[\d.]*")
"""A section's number, if it has one."""


def test_every_document_for_users_has_a_twin() -> None:
    found = {str(path.relative_to(ROOT)) for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")]}
    assert found - {"CHANGELOG.md"} == {*ALL, *ENGLISH_ONLY}


def test_the_walks_of_the_architecture_are_those_that_are_held_against_the_code() -> None:
    text = read("docs/architecture.md")
    for walk in tomllib.loads(read("tools/walks.toml"))["walks"]:
        files = list(dict.fromkeys(stop.partition(":")[0] for stop in walk["stops"]))
        title = f"**{walk['name'].capitalize()}**: {len(files)} files"
        _, found, rest = text.partition(title)
        assert found, title
        rows = re.findall(r"^\| `([^`]+)`", rest.partition("\n**")[0], re.MULTILINE)
        assert sorted(rows) == sorted(files)


@pytest.mark.parametrize(("english", "korean"), PAIRS)
def test_each_links_to_the_other_at_its_top(english: str, korean: str) -> None:
    for name, other, language in ((english, korean, "한국어"), (korean, english, "English")):
        title, blank, link = read(name).splitlines()[:3]
        assert title.startswith("# ") and not blank
        assert link.strip("*") == f"[{language}]({other.rpartition('/')[2]})"


@pytest.mark.parametrize(("english", "korean"), PAIRS)
def test_both_have_the_same_sections(english: str, korean: str) -> None:
    ours, theirs = sections(english), sections(korean)
    assert [one.level for one in ours] == [one.level for one in theirs]
    for one, other in zip(ours, theirs, strict=True):
        where = (one.heading, other.heading)
        assert (one.items(), len(one.units)) == (other.items(), len(other.units)), where
        assert SECTION.match(one.heading)[0] == SECTION.match(other.heading)[0], where  # type: ignore[index]
        assert [len(row) for row in one.rows()] == [len(row) for row in other.rows()], where


@pytest.mark.parametrize(("english", "korean"), PAIRS)
def test_both_show_the_same_blocks(english: str, korean: str) -> None:
    ours, theirs = blocks(english), blocks(korean)
    assert [one.language for one in ours] == [one.language for one in theirs]
    assert [one.lines() for one in ours] == [one.lines() for one in theirs]


@pytest.mark.parametrize(("english", "korean"), PAIRS)
def test_tables_name_and_count_the_same(english: str, korean: str) -> None:
    """What stands between backticks in a row is the same but for words that are translated."""
    for one, other in zip(sections(english), sections(korean), strict=True):
        for ours, theirs in zip(one.rows(), other.rows(), strict=True):
            assert spans(ours[0]) == spans(theirs[0]), ours
            differing = apart(Counter(spans("|".join(ours))), Counter(spans("|".join(theirs))))
            assert not differing, (ours, differing)
            if all(map(is_number, ours[1:])) and len(ours) > 1:
                assert ours[1:] == theirs[1:], ours


@pytest.mark.parametrize(("english", "korean"), PAIRS)
def test_sections_name_the_same_commands_options_and_links(english: str, korean: str) -> None:
    for one, other in zip(sections(english), sections(korean), strict=True):
        differing = apart(Counter(set(one.spans())), Counter(set(other.spans())))
        assert not differing, (one.heading, differing)
        ours, theirs = (sorted(map(untranslated, each.links())) for each in (one, other))
        assert ours == theirs, one.heading


@pytest.mark.parametrize("name", ALL)
def test_links_lead_to_what_is_there(name: str) -> None:
    folder, is_korean = (ROOT / name).parent, name.endswith(".ko.md")
    links = [link for one in sections(name) for link in one.links()]
    top = links.pop(0)
    assert (folder / top).is_file()
    for link in links:
        if re.match(r"[a-z]+://", link):
            assert link.startswith("https://"), link
            continue
        path, _, place = link.partition("#")
        target = (folder / path).resolve() if path else ROOT / name
        assert target.is_file(), link
        if not path or target.suffix == ".md":
            known = str(target.relative_to(ROOT))
            assert not place or place in anchors(known), link
            # Who reads Korean stays in Korean.
            assert TWINS.get(known, known) == known or not is_korean, link
            assert is_korean or not known.endswith(".ko.md"), link


@pytest.mark.parametrize("name", ALL)
def test_every_option_is_one_of_the_command_it_is_named_for(name: str) -> None:
    named = 0
    for one in sections(name):
        in_section = {call for unit in one.units for call, _ in calls_in(unit)}
        for unit in one.units:
            calls = list(calls_in(unit))
            for call, options in calls:
                assert options <= options_of()[call], (call, options - options_of()[call])
                named += len(options)
            # An option alone is of a command in its sentence, else in its section, else of any.
            there = {call for call, _ in calls} or in_section or set(options_of())
            for option in lone_options(unit):
                assert any(option in options_of()[call] for call in there), (option, there, unit)
                named += 1
    for block in blocks(name):
        for call, options in calls_of(block):
            assert options <= options_of()[call], (call, options - options_of()[call])
            named += len(options)
    assert named or name.startswith("docs/forms") or name.startswith("docs/styles")


@pytest.mark.parametrize("name", ["README.md", "README.ko.md"])
def test_the_first_page_lists_the_styles_of_the_package(name: str) -> None:
    (rest,) = re.findall(r"^\* (`--style \w+`(?:, `\w+`)*)", read(name), re.MULTILINE)
    listed = [span.removeprefix("--style ") for span in spans(rest)]
    assert sorted(listed) == list(style_names())


@pytest.mark.parametrize("name", ["docs/styles.md", "docs/styles.ko.md"])
def test_the_page_of_styles_lists_those_of_the_package(name: str) -> None:
    (listed,) = re.findall(r"`synth/rendering/styles/`\D*?\((`\w+`(?:, `\w+`)*)\)", read(name))
    assert sorted(spans(listed)) == list(style_names())


def test_every_command_of_the_tools_is_in_a_document() -> None:
    units = [unit for name in TWINS for one in sections(name) for unit in one.units]
    named = {call for unit in units for call, _ in calls_in(unit)}
    shown = {call for name in TWINS for block in blocks(name) for call, _ in calls_of(block)}
    # These two have their help alone.
    assert set(options_of()) - named - shown <= {"synth pack", "synth redraw"}


@cache
def options_of() -> Mapping[str, frozenset[str]]:
    """Return the options of each command of the tools, by its words."""
    found = {}
    for tool in TOOLS:
        group = typer.main.get_command(import_module(f"{tool}.cli").app)
        for name, command in commands_of(tool, group):
            words = [word for one in command.params for word in (*one.opts, *one.secondary_opts)]
            longs = {word for word in words if word.startswith("--")}
            found[name] = frozenset(longs | {"--help"})
    return found


def commands_of(words: str, group: Any) -> Iterator[tuple[str, Any]]:
    """Yield the commands of a group, and of the groups in it, by their words."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands_of(f"{words} {name}", command)
        else:
            yield f"{words} {name}", command


Call = tuple[str, set[str]]


def call_of(text: str) -> Call | None:
    """Return the command that a line calls and its options; None for another program's line.

    >>> call_of("train rec    run/ --features=f")
    ('train rec', {'--features'})
    """
    words = text.split()
    if len(words) < 2 or words[0] not in TOOLS or not words[1].isalpha():
        return None
    length = 2 if " ".join(words[:2]) in options_of() else 3  # of a command in a group
    call = " ".join(words[:length])
    assert call in options_of(), text
    return call, {word.partition("=")[0] for word in words[length:] if word.startswith("--")}


def calls_in(unit: str) -> Iterator[Call]:
    for span in spans(unit):
        found = call_of(span)
        if found:
            yield found


def lone_options(unit: str) -> Iterator[str]:
    for span in spans(unit):
        if span.startswith("--"):
            yield re.split(r"[ =]", span)[0]


def calls_of(block: Block) -> Iterator[Call]:
    """Return what a block calls; a hook of pre-commit calls the command that it is named after."""
    if block.language in ("", "sh"):
        for line in block.lines():
            for part in re.split(r"&&|;|\|", line):
                found = call_of(" ".join(shlex.split(part, comments=True)))
                if found:
                    yield found
    for hook, arguments in re.findall(r"id: (\w+-\w+).*?args: \[(.*?)\]", block.text, re.DOTALL):
        options = {one.strip().partition("=")[0] for one in arguments.split(",")}
        yield hook.replace("-", " ", 1), options


def apart(ours: Counter[str], theirs: Counter[str]) -> tuple[set[str], set[str]] | None:
    """Return what only one of two documents names; None where they name the same.

    Words between backticks may be translated (`path<TAB>label`): as many here as there.
    """
    mine, other = ours - theirs, theirs - ours
    is_translated = all(HANGUL.search(one) for one in other) and mine.total() == other.total()
    return None if is_translated else (set(mine), set(other))


def untranslated(link: str) -> str:
    """Return a link without its language and, as headings are translated, without its anchor."""
    path, sign, _ = link.partition("#")
    return path.replace(".ko.", ".") + sign


def is_number(cell: str) -> bool:
    return bool(re.fullmatch(r"[\d.,–+\-e %]*\d[\d.,–+\-e %]*", cell))


def test_a_document_falls_into_its_sections() -> None:
    one, *_ = [one for one in sections("README.md") if "new/` then holds" in " ".join(one.units)]
    assert one.level == 2 and one.rows()[0] == ["file", "what"]
    assert all(lower.level - upper.level <= 1 for upper, lower in pairwise(sections("README.md")))
