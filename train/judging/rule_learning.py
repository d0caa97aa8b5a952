"""Rules found in labels and readings: forms, case, beginnings and ends, separators."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator

from textlines.formats.reading_rules import ReadingRule, RuleStep, escaped, one_of
from textlines.profile.affixes import FEWEST_LINES, LONGEST, NEARLY_ALL, common_affix
from textlines.profile.forms import same_in_two_forms
from textlines.wording import say
from train.judging.rule_places import RuleLines, is_mark, net, pattern_rules, without_harm

RARE = 0.02
"""A form, or a case, that is rarer in the labels than this beside the other is a slip there."""

USUAL_MARKS = ".,:;·•-_'`/ "
"""What a separator is mostly read as, whatever these readings hold."""

FEWEST_MENDED = 2
"""Lines that a rule mends where it is found: what mends one is no rule."""

Key = tuple[str, str]
"""The kind of a rule, and which of its kind: the same rule found in two halves has one key."""


def rules_of(lines: RuleLines, keys: Collection[Key] | None = None) -> dict[Key, ReadingRule]:
    """Find the rules that mend more of these lines than they break, in the order of their use.

    Each is found in what the rules before it leave misread, so that no line counts twice. What
    they gain here says nothing of other lines; `train.judging.rule_gains` tries them on those.

    Args:
        keys: of the rules that may be found; None for all.
    """
    rules: dict[Key, ReadingRule] = {}
    for learn in LEARNERS if len(lines.pairs) >= FEWEST_LINES else ():
        for key, rule in learn(lines):
            if keys is not None and key not in keys:
                continue
            mended, broken = net(lines, rule)
            if mended >= FEWEST_MENDED and mended > broken:
                rules[key] = rule
                lines = lines.ruled(rule)
    return rules


def _shown(text: str) -> str:
    """Return a text in quotes, its spaces to be seen."""
    return f"“{text.replace(' ', '␣')}”"


def _listed(pairs: list[tuple[str, str]]) -> str:
    return ", ".join(f"{read.replace(' ', '␣')} → {put.replace(' ', '␣')}" for read, put in pairs)


def _width(lines: RuleLines) -> Iterator[tuple[Key, ReadingRule]]:
    """Find characters that are read in a form (full width) that labels do not write."""
    written = lines.label_characters
    forms: dict[str, Counter[str]] = {}
    for (label, read), count in lines.replaced.items():
        if same_in_two_forms(label, read) and written[read] <= RARE * written[label]:
            forms.setdefault(read, Counter())[label] += count
    pairs = [(read, min(forms[read], key=lambda t: (-forms[read][t], t))) for read in sorted(forms)]
    if pairs:
        steps = [RuleStep(find=f"^(.*){escaped(read)}(.*)$", put=put) for read, put in pairs]
        words = say("write what labels write for the same character: {pairs}", pairs=_listed(pairs))
        yield ("width", ""), ReadingRule.told("width", words, steps=without_harm(lines, steps))


def _case(lines: RuleLines) -> Iterator[tuple[Key, ReadingRule]]:
    """Find labels that are in one case only, where readings are not."""
    upper = sum(n for c, n in lines.label_characters.items() if c.isupper() and c.lower() != c)
    lower = sum(n for c, n in lines.label_characters.items() if c.islower() and c.upper() != c)
    turned = any(a.casefold() == b.casefold() for a, b in lines.replaced)
    if max(upper, lower) < FEWEST_LINES or not turned:
        return
    if min(upper, lower) > RARE * (upper + lower):
        return
    if upper > lower:
        rule = ReadingRule.told("case", say("write the whole reading in capitals"), case="upper")
    else:
        rule = ReadingRule.told(
            "case", say("write the whole reading in small letters"), case="lower"
        )
    yield ("case", rule.case), rule


def _unwritten(lines: RuleLines) -> Iterator[tuple[Key, ReadingRule]]:
    """Find marks that are read, and that labels leave out: `·` in 167 of 170 licence plates."""
    marks = sorted(
        edit.read
        for edit, count in lines.edits.items()
        if edit.kind == "inserted"
        and is_mark(edit.read)
        and count >= FEWEST_LINES
        and lines.label_characters[edit.read] <= RARE * count
    )
    for mark in marks:
        words = say("labels never write {mark}: leave it out", mark=_shown(mark))
        steps = (RuleStep(find=f"^(.*){escaped(mark)}(.*)$", put=""),)
        yield ("separator", f"no {mark}"), ReadingRule.told("separator", words, steps=steps)


def _affixes(lines: RuleLines) -> Iterator[tuple[Key, ReadingRule]]:
    """Find a beginning or an end that nearly all labels have, and readings lose or misread."""
    for at_end in (False, True):
        text = common_affix(lines.labels, at_end=at_end)
        if not text:
            continue
        steps = [
            _affix_step(pattern, text, at_end=at_end)
            for pattern in (*_one_misread(text), *_partly_lost(text, at_end=at_end), "")
        ]
        if at_end:
            words = say(
                "every line ends in {text}: put it there where it is lost or misread",
                text=_shown(text),
            )
        else:
            words = say(
                "every line starts with {text}: put it there where it is lost or misread",
                text=_shown(text),
            )
        name = f"{'ends in' if at_end else 'starts with'} {text}"
        yield ("affix", name), ReadingRule.told("affix", words, steps=without_harm(lines, steps))


def _affix_step(pattern: str, text: str, *, at_end: bool) -> RuleStep:
    if at_end:
        return RuleStep(find=f"^(.+?){pattern}()$", put=text, unless=f"{escaped(text)}$")
    return RuleStep(find=f"^(){pattern}(.+)$", put=text, unless=f"^{escaped(text)}")


def _one_misread(text: str) -> list[str]:
    """Return expressions for a text of which one character is read as another."""
    if len(text) == 1:
        return []
    return [f"{escaped(text[:k])}.{escaped(text[k + 1 :])}" for k in range(len(text))]


def _partly_lost(text: str, *, at_end: bool) -> list[str]:
    """Return expressions for what is left of a text at the edge of a crop, longest first."""
    if at_end:
        return [escaped(text[:size]) for size in range(len(text) - 1, 0, -1)]
    return [escaped(text[-size:]) for size in range(len(text) - 1, 0, -1)]


def _separators(lines: RuleLines) -> Iterator[tuple[Key, ReadingRule]]:
    """Find marks that stand at one place of nearly all labels, counted from either end."""
    begin, end = (len(common_affix(lines.labels, at_end=at_end)) for at_end in (False, True))
    taken: set[tuple[str, int]] = set()
    for from_end in (False, True):
        for place, mark in _constant_marks(lines, from_end=from_end):
            # Of labels of one length, a place from the end is one from the start.
            if from_end and len(lines.lengths) == 1:
                place_from_start = next(iter(lines.lengths)) - 1 - place
                if (mark, place_from_start) in taken:
                    continue
            if place < (end if from_end else begin):
                continue
            taken.add((mark, -1 if from_end else place))
            rule = _separator(lines, mark, place, from_end=from_end)
            yield ("separator", f"{mark}{place}{'from the end' * from_end}"), rule


def _constant_marks(lines: RuleLines, *, from_end: bool) -> Iterator[tuple[int, str]]:
    longest = max(lines.lengths)
    for place in range(min(longest, LONGEST)):
        standing = Counter(
            label[-1 - place if from_end else place] for label in lines.labels if len(label) > place
        )
        char, count = min(standing.items(), key=lambda item: (-item[1], item[0]))
        if is_mark(char) and count >= max(FEWEST_LINES, NEARLY_ALL * len(lines.labels)):
            yield place, char


def _separator(lines: RuleLines, mark: str, place: int, *, from_end: bool) -> ReadingRule:
    others = {char for char in lines.read_characters() if is_mark(char)} | set(USUAL_MARKS)
    misread, other = one_of(others - {mark}), one_of([mark], but=True)
    steps = [_at(place, misread, mark, from_end=from_end)]
    lengths = [n for n, count in sorted(lines.lengths.items()) if count >= 3]
    # Of a known length, any character at its place was the mark; but where there are labels one
    # longer, it may as well have been lost from one of those.
    steps += [
        _at_length(place, other, mark, n, from_end=from_end)
        for n in lengths
        if n + 1 not in lengths
    ]
    alone = all(label.count(mark) <= 1 for label in lines.labels)
    if alone:
        before, behind = ("+", f"{{{place}}}") if from_end else (f"{{{place}}}", "+")
        steps.append(RuleStep(find=f"^({other}{before})({other}{behind})$", put=mark))
    else:
        steps += [
            _lost_at_length(place, other, mark, n, from_end=from_end)
            for n in lengths
            if n - 1 not in lengths
        ]
    if from_end:
        words = say(
            "{mark} stands at place {place} from the end: put it there where it is lost or misread",
            mark=_shown(mark),
            place=place + 1,
        )
    else:
        words = say(
            "{mark} stands at place {place} from the start: put it there where it is lost or "
            "misread",
            mark=_shown(mark),
            place=place + 1,
        )
    return ReadingRule.told("separator", words, steps=without_harm(lines, steps))


def _at(place: int, read: str, mark: str, *, from_end: bool) -> RuleStep:
    find = f"^(.*){read}(.{{{place}}})$" if from_end else f"^(.{{{place}}}){read}(.*)$"
    return RuleStep(find=find, put=mark)


def _at_length(place: int, read: str, mark: str, length: int, *, from_end: bool) -> RuleStep:
    before = length - 1 - place if from_end else place
    return RuleStep(find=f"^(.{{{before}}}){read}(.{{{length - 1 - before}}})$", put=mark)


def _lost_at_length(place: int, other: str, mark: str, length: int, *, from_end: bool) -> RuleStep:
    """Return the step for a mark that stands more than once: where its place holds another."""
    before = length - 1 - place if from_end else place
    behind = length - 1 - before
    rest = f"{other}.{{{behind - 1}}}" if behind else ""
    return RuleStep(find=f"^(.{{{before}}})({rest})$", put=mark)


def _pattern(lines: RuleLines) -> Iterator[tuple[Key, ReadingRule]]:
    for name, rule in pattern_rules(lines):
        yield ("pattern", name), rule


LEARNERS: tuple[Callable[[RuleLines], Iterator[tuple[Key, ReadingRule]]], ...] = (
    _width,
    _case,
    _affixes,
    _unwritten,
    _separators,
    _pattern,
)
