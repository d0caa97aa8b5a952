r"""Patterns: a small grammar of ours for texts that follow a form.

A pattern file is TOML. `[rules]` names parts, `[[line]]` names what becomes a line, `[lines.NAME]`
makes a part of the lines of text files that lie beside it:

    [rules]
    won = "<number 100..990000 step 100 group ,>원"

    [[line]]
    name = "total"
    group = "ko"
    weight = 2
    rule = "(합계|총액|받을금액@2) <won>"

    [lines.word]                # <word>: any line of these files, none longer than `longest`
    files = ["words.txt"]
    longest = 18

In a rule,

- `abc 값` yields itself; `\` before one of ``\ [ ] ( ) { } | ? < > @`` makes it itself;
- `[0-9A-F]` yields one character of the class, each as often;
- `x{3}` and `x{2,4}` yield x three times, and two to four times (at most 64);
- `x?` yields x or nothing, each half of the time;
- `(a|b@3|)` yields one of them, `@3` three times as often; one may be empty;
- `<won>` yields what the rule of that name does; rules may not go round in circles;
- `<number 0.00..999.99>` yields a number with as many places as its bounds have, each count of
  digits as often; then, in this order, may come `step 0.5`, `group ,` (between thousands),
  `point ,` (the decimal mark) and `pad 4` (zeros in front);
- `<date %Y-%m-%d>` yields a day that exists, from 2000 to 2035 or `<date 1950..2010 %y>`; it has
  `%Y %y %m %-m %b %^b %B %d %-d %a %^a %A`, `%k` (월) and `%z` (一);
- `<time %H:%M>` yields a time of day; it has `%H %-H %I %-I %M %S`, `%p` (AM), `%P` (오전) and
  `%N` (上午); `<time 09:00..11:30 step 30 %H:%M>` one between the two, in steps of minutes;
- `<id business>` yields a number with its check digit: of a Korean `business`, a `corporate` one
  (registration numbers), a barcode (`ean13`), a freight `container`, an air waybill (`awb`), or
  an international postal item without its country (`s10`).

That is all: no anchors, no look-ahead, no unbounded repetition. A rule always ends, every
character that it can yield is known (`characters`), and a text that holds a wanted one is
built and not searched for (`draw_with`).
"""

import os
import re
from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from unicodedata import normalize

from pydantic import BaseModel, Field

from synth.corpus.carriers import read_lines
from synth.corpus.moments import CLOCK_BOUNDS, FIELDS, Moment, minutes_between
from synth.corpus.pattern_numbers import KINDS, Number
from synth.corpus.patterns import (
    Alternatives,
    Grammar,
    LineRule,
    Literal,
    OneOf,
    OneText,
    PatternNode,
    Repeat,
    Sequel,
)
from synth.corpus.toml_tables import read_table
from textlines.errors import InputError
from textlines.files import sha256_of
from textlines.labels.tally import Tally
from textlines.wording.counts import count_of

SPECIAL = frozenset("\\[](){}|?<>@")
MOST_REPEATS = 64
"""A line of text is no longer than this."""
MOST_MEMBERS = 70_000
"""Of a character class; the largest useful one, all Han characters of the first plane, fits."""


class PatternError(InputError):
    """A pattern cannot be read; names the file, the rule and the column (from 1)."""


class Parser:
    """Reads one pattern.

    Args:
        where: the file and the rule, for messages.
        text: the pattern, NFC.
        named: gives the parsed node of another rule, and raises KeyError if there is none.
    """

    def __init__(self, where: str, text: str, named: Callable[[str], PatternNode]) -> None:
        self.where, self.text, self.named = where, text, named
        self.at = 0

    def fail(self, what: str, mend: str, at: int | None = None) -> PatternError:
        """Return the error at a place of the pattern: where reading stands, or `at` (from 0)."""
        column = (self.at if at is None else at) + 1
        return PatternError(f"{self.where}, column {column}", what, mend)

    def parse(self) -> PatternNode:
        """Read the whole pattern.

        Raises:
            PatternError: it breaks the grammar.
        """
        node = self._choice()
        if self.at < len(self.text):
            char = self.text[self.at]
            raise self.fail(f"{char!r} closes nothing", f"Write \\{char} for the character itself.")
        if not node.characters:
            raise self.fail("the rule yields only empty text", "Write what it should yield.", 0)
        return node

    def _peek(self) -> str:
        return self.text[self.at] if self.at < len(self.text) else ""

    def _choice(self) -> PatternNode:
        parts, weights = [], []
        while True:
            parts.append(self._sequel())
            weights.append(self._weight())
            if self._peek() != "|":
                break
            self.at += 1
        return parts[0] if len(parts) == 1 else Alternatives(tuple(parts), tuple(weights))

    def _weight(self) -> float:
        if self._peek() != "@":
            return 1.0
        match = re.compile(r"@([0-9]+(?:\.[0-9]+)?)(?=[|)]|$)").match(self.text, self.at)
        if not match or float(match[1]) <= 0:
            raise self.fail(
                "'@' stands for no weight",
                "End an alternative with @ and a number above 0, as in (a@3|b), or write \\@.",
            )
        self.at = match.end()
        return float(match[1])

    def _sequel(self) -> PatternNode:
        parts: list[PatternNode] = []
        while (char := self._peek()) and char not in "|)@":
            node = self._repeated(self._atom())
            if isinstance(node, Literal) and parts and isinstance(parts[-1], Literal):
                parts[-1] = Literal(parts[-1].text + node.text)
            else:
                parts.append(node)
        return parts[0] if len(parts) == 1 else Sequel(tuple(parts))

    def _repeated(self, node: PatternNode) -> PatternNode:
        if self._peek() == "?":
            self.at += 1
            return Repeat(node, 0, 1)
        if self._peek() != "{":
            return node
        match = re.compile(r"\{([0-9]{1,6})(?:,([0-9]{1,6}))?\}").match(self.text, self.at)
        if not match:
            raise self.fail("no repetition such as {3} or {2,4}", "Write \\{ for a brace.")
        low = int(match[1])
        high = int(match[2] or low)
        if high < low or high > MOST_REPEATS:
            raise self.fail(
                f"repetition {match[0]} is not in order or above {MOST_REPEATS}",
                f"Write {{low,high}} with low <= high <= {MOST_REPEATS}.",
            )
        self.at = match.end()
        return Repeat(node, low, high)

    def _atom(self) -> PatternNode:
        char = self._peek()
        if char == "(":
            opened = self.at
            self.at += 1
            node = self._choice()
            if self._peek() != ")":
                raise self.fail("'(' is never closed", "Add ')'.", opened)
            self.at += 1
            return node
        if char == "[":
            return self._members()
        if char == "<":
            return self._named()
        if char in SPECIAL and char != "\\":
            raise self.fail(
                f"{char!r} has nothing before it", f"Write \\{char} for the character itself."
            )
        return Literal(self._char())

    def _char(self) -> str:
        """Read one character that stands for itself, or an escaped one."""
        if self._peek() == "\\":
            self.at += 1
            if not self._peek():
                raise self.fail("the rule ends in '\\'", "Write \\\\ for a backslash.", self.at - 1)
        self.at += 1
        return self.text[self.at - 1]

    def _members(self) -> PatternNode:
        opened = self.at
        self.at += 1
        members: list[str] = []
        while (char := self._peek()) != "]":
            if not char:
                raise self.fail("'[' is never closed", "Add ']'.", opened)
            first = self._char()
            if self._peek() == "-" and self.text[self.at + 1 : self.at + 2] not in ("]", ""):
                self.at += 1
                last = self._char()
                if last < first or ord(last) - ord(first) >= MOST_MEMBERS:
                    raise self.fail(
                        f"range {first}-{last} runs backwards or holds over {MOST_MEMBERS}",
                        "Write the lower character first.",
                        opened,
                    )
                members += [chr(code) for code in range(ord(first), ord(last) + 1)]
            else:
                members.append(first)
        self.at += 1
        if not members:
            raise self.fail("'[]' holds no character", "Name at least one.", opened)
        return OneOf("".join(dict.fromkeys(members)))

    def _named(self) -> PatternNode:
        opened = self.at
        end = self.text.find(">", opened)
        if end < 0:
            raise self.fail("'<' is never closed", "Add '>', or write \\< for the sign.", opened)
        self.at = end + 1
        kind, _, rest = self.text[opened + 1 : end].partition(" ")
        if kind == "number":
            return self._number(rest, opened)
        if kind in ("date", "time"):
            return self._moment(kind, rest, opened)
        if kind == "id":
            if rest not in KINDS:
                known = ", ".join(f"<id {name}>" for name in KINDS)
                raise self.fail(f"<id {rest}> is no number we know", f"There are {known}.", opened)
            return KINDS[rest]
        try:
            return self.named(self.text[opened + 1 : end])
        except KeyError:
            raise self.fail(
                f"there is no rule <{self.text[opened + 1 : end]}>",
                "Name one of [rules], or write <number …>, <date …> or <time …>.",
                opened,
            ) from None

    def _number(self, rest: str, opened: int) -> PatternNode:
        match = re.fullmatch(
            r"(?P<low>-?[0-9]+(?:\.[0-9]+)?)\.\.(?P<high>-?[0-9]+(?:\.[0-9]+)?)"
            r"(?: step (?P<step>[0-9]+(?:\.[0-9]+)?))?(?: group (?P<group>\S))?"
            r"(?: point (?P<point>\S))?(?: pad (?P<pad>[0-9]))?",
            rest,
        )
        mend = "Write <number LOW..HIGH step S group , point . pad N>; all but the bounds may go."
        if not match:
            raise self.fail(f"<number {rest}> cannot be read", mend, opened)
        bounds = [Decimal(match[key]) for key in ("low", "high", "step") if match[key]]
        places = max(-int(bound.as_tuple().exponent) for bound in bounds)
        scaled = [int(bound * 10**places) for bound in bounds]
        low, high, step = scaled[0], scaled[1], scaled[2] if match["step"] else 1
        if high < low or step < 1:
            raise self.fail(f"<number {rest}> has no value between its bounds", mend, opened)
        return Number(
            low,
            high,
            step,
            places,
            match["group"] or "",
            int(match["pad"] or 0),
            match["point"] or ".",
        )

    def _moment(self, kind: str, rest: str, opened: int) -> PatternNode:
        years = re.match(r"([0-9]{4})\.\.([0-9]{4}) ", rest)
        first, last = (int(years[1]), int(years[2])) if years else (2000, 2035)
        rest = rest[years.end() :] if years else rest
        clock = None
        if kind == "time" and (bounds := CLOCK_BOUNDS.match(rest)):
            clock = minutes_between(bounds)
            if not clock:
                raise self.fail(
                    f"<time {rest}> has no time between its bounds",
                    "Write <time 09:00..11:30 step 30 %H:%M>, the earlier time first.",
                    opened,
                )
            rest = rest[bounds.end() :]
        parts = re.findall(r"%[-^]?[A-Za-z]|%%|[^%]+|%", rest)
        day = {"year", "month", "day", "weekday"}
        for part in parts:
            if part[0] == "%" and part != "%%":
                allowed = part in FIELDS and (FIELDS[part][0] in day) == (kind == "date")
                if not allowed:
                    known = " ".join(
                        k for k, v in FIELDS.items() if (v[0] in day) == (kind == "date")
                    )
                    raise self.fail(f"<{kind}> has no {part!r}", f"It has {known}.", opened)
        if not any(part in FIELDS for part in parts) or not 1 <= first <= last:
            raise self.fail(
                f"<{kind} {rest}> shows no {kind}", "Write <date %Y-%m-%d> or <time %H:%M>.", opened
            )
        shown = tuple("%" if part == "%%" else part for part in parts)
        return Moment(shown, first, last, clock)


ANY = 1 << 30
"""No limit to the length of a line: none is cut."""


class _LineTable(BaseModel, frozen=True, extra="forbid", defer_build=True):
    name: str = Field(min_length=1)
    rule: str = Field(min_length=1)
    group: str = ""
    weight: float = Field(1.0, gt=0)


class _LinesTable(BaseModel, frozen=True, extra="forbid", defer_build=True):
    files: tuple[str, ...] = Field(min_length=1)
    longest: int = Field(18, ge=1)


class _PatternTable(BaseModel, frozen=True, extra="forbid", defer_build=True):
    rules: dict[str, str] = {}
    lines: dict[str, _LinesTable] = {}
    line: tuple[_LineTable, ...] = Field(min_length=1)


def load_patterns(path: Path) -> Grammar:
    """Read a pattern file.

    Raises:
        InputError: the file cannot be read or holds an unknown key.
        PatternError: a rule breaks the grammar.
    """
    return _loaded(path, _stamps(path.parent))


@lru_cache(maxsize=32)
def _loaded(path: Path, stamps: object) -> Grammar:
    """Read a pattern file once: a run asks for those of the package as texts and as stand-ins."""
    return _grammar(read_table(path, _PatternTable), str(path), path.parent)


def _stamps(folder: Path) -> tuple[tuple[str, int, int], ...]:
    """Return name, size and time of all files of a folder; () for none that can be listed."""
    try:
        with os.scandir(folder) as entries:
            files = [(entry.name, entry.stat()) for entry in entries if entry.is_file()]
    except OSError:
        return ()
    return tuple(sorted((name, stat.st_size, stat.st_mtime_ns) for name, stat in files))


def parse_patterns(text: str, where: str = "patterns") -> Grammar:
    """Read the text of a pattern file.

    Raises:
        InputError, PatternError: as `load_patterns`; `where` names the text.
    """
    return _grammar(read_table(where, _PatternTable, text), where)


def _grammar(table: _PatternTable, where: str, folder: Path | None = None) -> Grammar:
    read: list[str] = []
    parsed: dict[str, PatternNode] = {
        name: _text_lines(f"{where}: lines.{name}", lines, folder, read)
        for name, lines in table.lines.items()
    }
    twice = sorted(table.rules.keys() & parsed.keys())
    if twice:
        raise InputError(where, f"has rules and lines of one name, {twice[0]!r}", "Rename one.")
    open_rules: list[str] = []

    def named(name: str) -> PatternNode:
        if name in open_rules:
            raise PatternError(
                f"{where}: rule {name!r}",
                f"leads back to itself: {' > '.join([*open_rules, name])}",
                "Take one of these references out.",
            )
        if name not in parsed:
            source = table.rules[name]
            open_rules.append(name)
            parsed[name] = Parser(
                f"{where}: rule {name!r}", normalize("NFC", source), named
            ).parse()
            open_rules.pop()
        return parsed[name]

    for name in table.rules:
        named(name)
    rules = []
    for line in table.line:
        node = Parser(f"{where}: line {line.name!r}", normalize("NFC", line.rule), named).parse()
        rules.append(LineRule(line.name, line.group, line.weight, node))
    return Grammar(tuple(rules), tuple(read))


def _text_lines(
    where: str, table: _LinesTable, folder: Path | None, read: list[str]
) -> PatternNode:
    """Make a part of the lines of some files; adds their sha256 to `read`.

    Raises:
        InputError: the patterns have no folder, or a file cannot be read or holds no such line.
    """
    texts: list[str] = []
    for name in table.files:
        if folder is None:
            raise InputError(where, "names files, and the patterns lie in no folder", "")
        path = folder / name
        lines = read_lines(path, longest=ANY, tally=Tally(), length=lambda _: ANY)
        texts += [text for text in lines if len(text) <= table.longest]
        read.append(sha256_of(path))
    if not texts:
        raise InputError(
            where,
            f"holds no line of up to {count_of(table.longest, 'character')}",
            "Name other files.",
        )
    return OneText(tuple(dict.fromkeys(texts)))
