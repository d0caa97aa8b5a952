"""Whether a pattern could have yielded a text: what an edit of a closed source must not leave.

Patterns have no unbounded parts, so that sets of places are enough: a part begun at one place of
the text ends at some others, and a rule yields the text if one of its ends is the text's.
"""

from collections.abc import Iterable
from datetime import date

from synth.corpus.moments import CLOCK, FIELDS, RANGES, Moment
from synth.corpus.pattern_numbers import Checked, Number
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

Places = frozenset[int]
"""Of a text: 0 before its first character, its length behind the last one."""

NONE: Places = frozenset()


def yields(grammar: Grammar, text: str) -> bool:
    """Whether any rule of a grammar can yield a text."""
    return any(rule_yields(rule, text) for rule in grammar.rules)


def rule_yields(rule: LineRule, text: str) -> bool:
    r"""Whether a rule can yield a text, spaces tidied as they are where one is drawn.

    >>> from synth.corpus.pattern_file import parse_patterns
    >>> rule = parse_patterns("[[line]]\nname = 'plate'\nrule = '[A-HJ-NP-Z][0-9]{3}'").rules[0]
    >>> rule_yields(rule, "A123"), rule_yields(rule, "I123"), rule_yields(rule, "A12")
    (True, False, False)
    """
    if not rule.characters.issuperset(text.replace(" ", "")):
        return False
    return node_yields(rule.node, text)


def node_yields(node: PatternNode, text: str) -> bool:
    """Whether a part of a pattern can yield a text, spaces tidied as in `rule_yields`."""
    return len(text) in _ends(node, text, 0)


def _ends(node: PatternNode, text: str, at: int) -> Places:
    """Return where a part can end that begins at a place."""
    match node:
        case Literal(fixed):
            return _through(fixed, text, at)
        case OneOf(members):
            # What is no member leads nowhere; a space may be one that tidying takes out.
            first = text[at : at + 1]
            ends = frozenset({at + 1}) if first and first in members else NONE
            return ends | _through(" ", text, at) if " " in members else ends
        case OneText():
            of_length = node.by_length.items()
            return frozenset(at + n for n, texts in of_length if text[at : at + n] in texts)
        case Sequel(parts):
            places: Places = frozenset({at})
            for part in parts:
                places = _all_ends(part, text, places)
            return places
        case Alternatives(parts):
            return NONE.union(*(_ends(part, text, at) for part in parts))
        case Repeat(part, low, high):
            return _repeated(part, low, high, text, at)
        case Number():
            return _number_ends(node, text, at)
        case Checked():
            end = at + len(node.places) + 1
            return frozenset({end}) if node.yields(text[at:end]) else NONE
        case Moment():
            return _moment_ends(node, text, at)
    raise TypeError(f"no part of a pattern: {node!r}")


def _all_ends(node: PatternNode, text: str, places: Iterable[int]) -> Places:
    return NONE.union(*(_ends(node, text, at) for at in places))


def _through(fixed: str, text: str, at: int) -> Places:
    """Follow a fixed text; of spaces at an end, or beside others, tidying has left none."""
    places = {at}
    for char in fixed:
        reached = {k + 1 for k in places if text[k : k + 1] == char}
        if char == " ":
            reached |= {k for k in places if k in (0, len(text)) or text[k - 1] == " "}
        places = reached
    return frozenset(places)


def _repeated(part: PatternNode, low: int, high: int, text: str, at: int) -> Places:
    places: Places = frozenset({at})
    ends = places if low == 0 else NONE
    for count in range(1, high + 1):
        places = _all_ends(part, text, places)
        if not places:
            break
        if count >= low:
            ends |= places
    return ends


def _number_ends(number: Number, text: str, at: int) -> Places:
    allowed = {*"-0123456789", *number.group, *(number.point if number.places else "")}
    ends = set()
    for end in range(at + 1, len(text) + 1):
        if text[end - 1] not in allowed:
            break
        written = text[at:end]
        digits = "".join(char for char in written if char.isdigit())
        if not digits:
            continue
        value = -int(digits) if written[0] == "-" else int(digits)
        inside = number.low <= value <= number.high
        # Written again it must be the same: groups, zeros in front and the point in their places.
        if inside and (value - number.low) % number.step == 0 and number.text(value) == written:
            ends.add(end)
    return frozenset(ends)


def _moment_ends(moment: Moment, text: str, at: int) -> Places:
    """Follow a date or a time field by field, with the values that are still possible."""
    states: list[tuple[int, dict[str, frozenset[int]]]] = [(at, {})]
    for at_part, part in enumerate(moment.parts):
        if part not in FIELDS:
            states = [(end, known) for k, known in states for end in _through(part, text, k)]
            continue
        field, written = FIELDS[part]
        years = range(moment.first_year, moment.last_year + 1)
        values = years if field == "year" else RANGES[field]
        by_text: dict[str, set[int]] = {}
        for value in values:
            shown = written(value)
            if moment.widths is None or len(shown) == moment.widths[at_part]:
                by_text.setdefault(shown, set()).add(value)
        states = [
            (k + len(shown), {**known, field: left})
            for k, known in states
            for shown, values_so_written in by_text.items()
            if text.startswith(shown, k)
            and (left := known.get(field, frozenset(values)).intersection(values_so_written))
        ]
    return frozenset(end for end, known in states if _exists(known, moment))


def _exists(known: dict[str, frozenset[int]], moment: Moment) -> bool:
    """Whether the calendar has a day with these values, and the moment's clock the time."""
    if moment.clock is not None and not any(
        all(of(minute) in known.get(field, RANGES[field]) for field, of in CLOCK.items())
        for minute in moment.clock
    ):
        return False
    years = known.get("year", range(moment.first_year, moment.last_year + 1))
    for year in sorted(years):
        for month in sorted(known.get("month", RANGES["month"])):
            for day in sorted(known.get("day", RANGES["day"])):
                try:
                    weekday = date(year, month, day).weekday()
                except ValueError:
                    continue
                if weekday in known.get("weekday", RANGES["weekday"]):
                    return True
    return False
