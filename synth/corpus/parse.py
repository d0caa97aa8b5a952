"""Parse the expression of a pattern; its grammar stands in `synth.corpus.grammar`."""

import re
from collections.abc import Callable
from decimal import Decimal

from synth.corpus.check_digits import KINDS
from synth.corpus.moments import FIELDS, Moment
from synth.corpus.nodes import Choice, Literal, Node, OneOf, Repeat, Sequel
from synth.corpus.numbers import Number
from textlines.errors import InputError

SPECIAL = frozenset("\\[](){}|?<>@")
MOST_REPEATS = 64
"""A line of text is no longer than this."""
MOST_MEMBERS = 70_000
"""Of a character class; the largest useful one, all Han characters of the first plane, fits."""


class PatternError(InputError):
    """A pattern cannot be read; names the file, the rule and the column (from 1)."""


class Parser:
    """Reads one expression.

    Args:
        where: the file and the rule, for messages.
        text: the expression, NFC.
        named: gives the parsed node of another rule, and raises KeyError if there is none.
    """

    def __init__(self, where: str, text: str, named: Callable[[str], Node]) -> None:
        self.where, self.text, self.named = where, text, named
        self.at = 0

    def fail(self, what: str, mend: str, at: int | None = None) -> PatternError:
        column = (self.at if at is None else at) + 1
        return PatternError(f"{self.where}, column {column}", what, mend)

    def parse(self) -> Node:
        """Read the whole expression.

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

    def _choice(self) -> Node:
        parts, weights = [], []
        while True:
            parts.append(self._sequel())
            weights.append(self._weight())
            if self._peek() != "|":
                break
            self.at += 1
        return parts[0] if len(parts) == 1 else Choice(tuple(parts), tuple(weights))

    def _weight(self) -> float:
        if self._peek() != "@":
            return 1.0
        found = re.compile(r"@([0-9]+(?:\.[0-9]+)?)(?=[|)]|$)").match(self.text, self.at)
        if not found or float(found[1]) <= 0:
            raise self.fail(
                "'@' stands for no weight",
                "End an alternative with @ and a number above 0, as in (a@3|b), or write \\@.",
            )
        self.at = found.end()
        return float(found[1])

    def _sequel(self) -> Node:
        parts: list[Node] = []
        while (char := self._peek()) and char not in "|)@":
            node = self._repeated(self._atom())
            if isinstance(node, Literal) and parts and isinstance(parts[-1], Literal):
                parts[-1] = Literal(parts[-1].text + node.text)
            else:
                parts.append(node)
        return parts[0] if len(parts) == 1 else Sequel(tuple(parts))

    def _repeated(self, node: Node) -> Node:
        if self._peek() == "?":
            self.at += 1
            return Repeat(node, 0, 1)
        if self._peek() != "{":
            return node
        found = re.compile(r"\{([0-9]{1,6})(?:,([0-9]{1,6}))?\}").match(self.text, self.at)
        if not found:
            raise self.fail("no repetition such as {3} or {2,4}", "Write \\{ for a brace.")
        low = int(found[1])
        high = int(found[2] or low)
        if high < low or high > MOST_REPEATS:
            raise self.fail(
                f"repetition {found[0]} is not in order or above {MOST_REPEATS}",
                f"Write {{low,high}} with low <= high <= {MOST_REPEATS}.",
            )
        self.at = found.end()
        return Repeat(node, low, high)

    def _atom(self) -> Node:
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

    def _members(self) -> Node:
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

    def _named(self) -> Node:
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

    def _number(self, rest: str, opened: int) -> Node:
        found = re.fullmatch(
            r"(?P<low>-?[0-9]+(?:\.[0-9]+)?)\.\.(?P<high>-?[0-9]+(?:\.[0-9]+)?)"
            r"(?: step (?P<step>[0-9]+(?:\.[0-9]+)?))?(?: group (?P<group>\S))?"
            r"(?: point (?P<point>\S))?(?: pad (?P<pad>[0-9]))?",
            rest,
        )
        mend = "Write <number LOW..HIGH step S group , point . pad N>; all but the bounds may go."
        if not found:
            raise self.fail(f"<number {rest}> cannot be read", mend, opened)
        bounds = [Decimal(found[key]) for key in ("low", "high", "step") if found[key]]
        places = max(-int(bound.as_tuple().exponent) for bound in bounds)
        scaled = [int(bound * 10**places) for bound in bounds]
        low, high, step = scaled[0], scaled[1], scaled[2] if found["step"] else 1
        if high < low or step < 1:
            raise self.fail(f"<number {rest}> has no value between its bounds", mend, opened)
        return Number(
            low,
            high,
            step,
            places,
            found["group"] or "",
            int(found["pad"] or 0),
            found["point"] or ".",
        )

    def _moment(self, kind: str, rest: str, opened: int) -> Node:
        years = re.match(r"([0-9]{4})\.\.([0-9]{4}) ", rest)
        first, last = (int(years[1]), int(years[2])) if years else (2000, 2035)
        rest = rest[years.end() :] if years else rest
        clock = None
        if kind == "time" and (bounds := _BOUNDS.match(rest)):
            clock = _clock(bounds)
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


_BOUNDS = re.compile(
    r"(?P<from>[0-9]{2}:[0-9]{2})\.\.(?P<to>[0-9]{2}:[0-9]{2})(?: step (?P<step>[0-9]{1,4}))? "
)


def _clock(bounds: re.Match[str]) -> range:
    """Return the minutes of the day between two times; none where they are not in order."""
    (hour, minute), (to_hour, to_minute) = (
        map(int, bounds[name].split(":")) for name in ("from", "to")
    )
    last = to_hour * 60 + to_minute
    if max(hour, to_hour) > 23 or max(minute, to_minute) > 59:
        return range(0)
    step = int(bounds["step"] or 1)
    return range(hour * 60 + minute, last + 1, step) if step else range(0)
