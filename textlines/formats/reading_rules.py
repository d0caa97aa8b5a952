"""`rules.toml`: rules that mend readings without training, and what they were found to gain."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal
from unicodedata import normalize

from annotated_types import Ge
from pydantic import AfterValidator

from textlines.errors import InputError
from textlines.files import read_text, replacing
from textlines.formats.contract import Contract, Document, check_version, validated
from textlines.parsing import parse_toml
from textlines.wording import Sentence, say
from textlines.wording.counts import count_of

VERSION = 1
"""Of the file. Rules of another version are refused."""

KIND = Document("the rules", "a file of rules", "Make it again: train mine --rules-out FILE.toml.")

RuleKind = Literal["width", "case", "affix", "separator", "pattern"]
"""In the order in which rules of several kinds are applied: one code for one character first, and
places counted last, when nothing is missing any more."""

RULE_KINDS: tuple[RuleKind, ...] = ("width", "case", "affix", "separator", "pattern")

RULE_WORDS: Mapping[RuleKind, str] = {
    "width": say("full-width or half-width form"),
    "case": say("one case only"),
    "affix": say("constant beginning or end"),
    "separator": say("constant separator"),
    "pattern": say("places of one class"),
}

LONGEST_FIND = 2000
"""Characters of an expression. Ours have some hundred."""

GROUPS = 2
"""What stands before and behind that which is put in."""

MOST_TURNS = 100
"""How often one step is repeated on one reading: beyond any text line."""

Count = Annotated[int, Ge(0)]
Share = tuple[float, float]
Case = Literal["", "upper", "lower"]


def _is_expression(text: str) -> str:
    if len(text) > LONGEST_FIND:
        raise ValueError(f"has {len(text):,} characters, more than {LONGEST_FIND:,}")
    try:
        re.compile(text)
    except (re.error, RecursionError, OverflowError) as error:
        raise ValueError(f"is no regular expression ({error})") from error
    return text


def _has_two_groups(text: str) -> str:
    if re.compile(text).groups != GROUPS:
        raise ValueError(
            f"captures {count_of(re.compile(text).groups, 'group')}, not two: before and behind "
            "what is put in"
        )
    return text


class RuleStep(Contract):
    """One replacement: while `find` matches the whole reading, it becomes group 1, `put`, group 2.

    Attributes:
        find: a regular expression with two groups, by code points, of what any language's engine
            takes: no looking around, no class by name, no reference.
        unless: an expression; readings in which it is found stay as they are. "" for none.
    """

    find: Annotated[str, AfterValidator(_is_expression), AfterValidator(_has_two_groups)]
    put: str
    unless: Annotated[str, AfterValidator(_is_expression)] = ""


class ReadingRule(Contract):
    """A rule: first the case, then each step in its order, as often as it matches.

    Attributes:
        words, words_ko: what it does, in English and in Korean, for whoever reads the file.
        case: what case the whole reading is put into; "" leaves it.
    """

    kind: RuleKind
    words: Sentence
    words_ko: str
    case: Case = ""
    steps: tuple[RuleStep, ...] = ()

    @classmethod
    def told(
        cls, kind: RuleKind, words: Sentence, *, case: Case = "", steps: tuple[RuleStep, ...] = ()
    ) -> "ReadingRule":
        """Return a rule whose words are there in both languages."""
        return cls(kind=kind, words=words, words_ko=words.spoken("ko"), case=case, steps=steps)

    def applied(self, text: str) -> str:
        """Return a reading (NFC) as the rule makes it.

        >>> step = RuleStep(find="^(.{2})[Oo](.)$", put="0")
        >>> ReadingRule(kind="pattern", words="", words_ko="", steps=(step,)).applied("12O4")
        '1204'
        """
        if self.case:
            text = text.upper() if self.case == "upper" else text.lower()
        for step in self.steps:
            find, unless = _compiled(step.find), _compiled(step.unless) if step.unless else None
            for _ in range(MOST_TURNS):
                match = None if unless and unless.search(text) else find.fullmatch(text)
                made = f"{match[1] or ''}{step.put}{match[2] or ''}" if match else text
                if made == text:
                    break
                text = made
        return text


@lru_cache(maxsize=4096)
def _compiled(expression: str) -> re.Pattern[str]:
    return re.compile(expression)


def ruled(rules: Iterable[ReadingRule], text: str) -> str:
    """Return a reading as all rules make it, one after the other; in NFC."""
    text = normalize("NFC", text)
    for rule in rules:
        text = rule.applied(text)
    return text


class RuleExample(Contract):
    """A line that a rule changes for the better or, where `is_broken`, for the worse."""

    path: str
    truth: str
    read: str
    made: str
    is_broken: bool = False


class RuleFinding(Contract):
    """A rule whose gain is proven on lines that it was not found on.

    The lines are halved by document. A rule found on one half is tried on the other, both ways:
    the figures are of all lines, each under the rule that was found without it.

    Attributes:
        rule: as it is found on all lines.
        lines: it was tried on. changed: whose reading it changes. mended, broken: lines that are
            right with it alone, or without it alone.
        before, after: share of lines read exactly. gain: after - before. interval: of the gain,
            95 %. p: of the exact sign test by document, adjusted (Holm) for all rules tried.
        examples: a few of them, the broken ones first.
    """

    rule: ReadingRule
    lines: Count
    changed: Count
    mended: Count
    broken: Count
    before: float
    after: float
    gain: float
    interval: Share | None = None
    p: float
    examples: tuple[RuleExample, ...] = ()


class RuleSearch(Contract):
    """What rules would gain, before anything is trained.

    Attributes:
        lines, documents: that rules were looked for in; lines of one document, and lines of one
            label, stand in one half.
        tried: how many rules were found in a half and tried on the other.
        unproven: those whose gain was not surely positive, in words: they are not to be used.
        found: by falling gain. before, after, interval: of all of them together, as above.
    """

    lines: Count
    documents: Count
    tried: Count
    unproven: tuple[Sentence, ...] = ()
    found: tuple[RuleFinding, ...] = ()
    before: float = 0.0
    after: float = 0.0
    interval: Share | None = None

    def rules(self) -> tuple[ReadingRule, ...]:
        """Return the rules in the order in which they are applied."""
        rules = [one.rule for one in self.found]
        return tuple(sorted(rules, key=lambda rule: RULE_KINDS.index(rule.kind)))


class RuleFile(Contract):
    """Rules to apply to readings, in the order of the file.

    Attributes:
        model: what made the readings that they were found on; another misreads otherwise.
        inputs: the files that they were found on, with sha256.
        lines, before, after: share of lines read exactly without and with all of them, on lines
            that the rules were not found on.
    """

    version: Literal[1] = 1
    model: str = ""
    lines: Count = 0
    before: float = 0.0
    after: float = 0.0
    inputs: Mapping[str, str] = {}
    rules: tuple[ReadingRule, ...]


_HEAD = """\
# Rules that mend readings, found by `train mine`. Apply them in any language, rule after rule:
#
#   text = NFC(reading)
#   for each rule:
#     if case is "upper" or "lower": put the whole text into that case
#     for each step:
#       while `find` matches the whole text (and `unless`, where there is one, is not in it):
#         text = group 1 + put + group 2      (stop when this changes nothing)
#
# Expressions count code points (JavaScript: flag u) and use ^ $ . [ ] ( ) {n} * + ? | only.
# `train evaluate --rules THIS.toml` shows what they do to a set of lines.

"""


def save_rules(file: RuleFile, path: Path) -> None:
    """Write rules, whole or not at all: TOML, the same bytes for the same rules.

    Raises:
        InputError: the file cannot be written.
    """
    with replacing(path) as out:
        out.write(rules_text(file))


def rules_text(file: RuleFile) -> str:
    """Return the content of a file of rules."""
    content = file.model_dump(mode="json")
    parts = [_HEAD]
    parts += [
        f"{key} = {_value(content[key])}\n"
        for key in ("version", "model", "lines", "before", "after")
    ]
    # As a table, so that no rule's keys can fall into it.
    parts.append("\n[inputs]\n")
    parts += [f"{_value(name)} = {_value(sha)}\n" for name, sha in content["inputs"].items()]
    for rule in content["rules"]:
        parts.append("\n[[rules]]\n")
        parts += [f"{key} = {_value(rule[key])}\n" for key in ("kind", "words", "words_ko", "case")]
        parts.append("steps = [\n")
        for step in rule["steps"]:
            inner = ", ".join(f"{key} = {_value(text)}" for key, text in step.items() if text)
            # `put` may be empty, and stands there nevertheless.
            inner += ', put = ""' if not step["put"] else ""
            parts.append(f"  {{ {inner} }},\n")
        parts.append("]\n")
    if not content["rules"]:
        parts.insert(1, "rules = []\n")
    return "".join(parts)


def _value(value: object) -> str:
    # JSON's escapes are TOML's, but DEL, which TOML wants escaped too.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007F")


def load_rules(path: Path) -> RuleFile:
    """Read rules.

    Raises:
        InputError: the file is not there, no TOML, of another version, or holds unknown or wrong
            values, an expression that is none among them; each is named.
    """
    content: dict[str, Any] = parse_toml(
        read_text(path, KIND.what), str(path), KIND.what, KIND.again
    )
    if KIND.key not in content:
        raise InputError(
            str(path), f"is TOML, but no file of rules (it has no {KIND.key})", KIND.again
        )
    check_version(content, path, KIND, VERSION)
    return validated(RuleFile, content, path, KIND)


def escaped(text: Sequence[str] | str) -> str:
    r"""Return an expression for a text, with escapes that every engine takes.

    `re.escape` writes `\ ` and `\-`, which JavaScript refuses outside a class.

    >>> escaped("1.5 (a)-")
    '1\\.5 \\(a\\)-'
    """
    return "".join("\\" + char if char in r"\.^$|?*+()[]{}/" else char for char in text)


def one_of(chars: Iterable[str], *, but: bool = False) -> str:
    r"""Return an expression for one of some characters, or for any `but` these.

    >>> one_of("0-]"), one_of("·", but=True)
    ('[\\-0\\]]', '[^·]')
    """
    inner = "".join("\\" + one if one in "\\]^-[" else one for one in sorted(set(chars)))
    return f"[{'^' if but else ''}{inner}]"
