"""The verdict as text, and as JUnit XML for the machines that show test results."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final
from xml.etree import ElementTree as ET

from rich.table import Table
from rich.text import Text

from textlines.terminal import console as escaping_console
from textlines.wording import Sentence, arranged, joined, say, say_n
from textlines.wording.counts import count_of, line_count
from train.judging.figure_words import (
    level_words,
    lost_words,
    p_words,
    points,
    points_range,
    signed_points,
)
from train.judging.look_spending import told
from train.judging.verdict import (
    ChangeRow,
    Criterion,
    FlippedLine,
    GateVerdict,
    KindRow,
    Status,
)

HEADLINES = {
    "passed": say("PASSED"),
    "failed": say("FAILED"),
    "cannot_tell": say("CANNOT TELL"),
}
MARKS: dict[Status, str] = {
    "passed": say("passed"),
    "failed": say("FAILED"),
    "cannot_tell": say("cannot tell"),
    "not_judged": say("not judged"),
}
STYLES: Mapping[str, str] = {
    "passed": "green",
    "failed": "bold red",
    "cannot_tell": "bold yellow",
    "not_judged": "",
}

SHOWN_CHARACTERS = 12
"""How many are printed; the page and the JSON hold all."""

SHOWN_KINDS = 6
"""Kinds of general lines that are printed; the page and the JSON hold all."""

SHOWN_FLIPS = 200
"""Pictures of mended, and of broken, lines at most; the page says how many more there are."""

MEANING = say(
    "Intervals are two-sided, 95 %: of a hundred pairs of sets drawn like these, about 95 give one "
    "that holds the true change. They come from drawing lines (or groups) with both readings "
    "again, each set by itself, and are never narrower than so few of them allow. p is the chance "
    "that two equally good models differ at least this much in mended and broken lines; after Holm "
    "it stands for all tests of its kind together. Points are hundredths of the lines."
)


PAID_MEANING = say(
    "The gain and what is ruled out are read from wider intervals where the criteria say so, as "
    "several looks at one set of lines share the 5 % that may go wrong."
)


def meaning(verdict: GateVerdict) -> Sentence:
    """Return what the figures mean, in sentences."""
    return joined(" ", [MEANING, PAID_MEANING]) if verdict.paid else MEANING


def bounds_words(verdict: GateVerdict, row: ChangeRow) -> Sentence:
    """Write the bounds of a change: where looks are paid for, those that its criterion is told by.

    Args:
        row: the verdict's `target`, or its `general`.
    """
    key = "target_gain" if row is verdict.target else "general_change"
    for criterion in verdict.criteria:
        if criterion.key == key and criterion.level is not None and criterion.interval is not None:
            level = level_words(1 - criterion.level)
            return arranged(
                "{level}: {bounds}", level=level, bounds=points_range(criterion.interval)
            )
    return points_range(row.interval)


def headline(verdict: GateVerdict) -> str:
    """Return the first line: the outcome, what it is about, and whether it is of real lines."""
    return str(joined(" · ", headlines(verdict)))


def headlines(verdict: GateVerdict) -> tuple[Sentence, ...]:
    """Return the parts of the headline: the outcome, and what is to be known with it."""
    parts = [say("CANNOT TELL (refused)") if verdict.is_refused else HEADLINES[verdict.outcome]]
    if verdict.synthetic:
        parts.append(say("synthetic: {reasons}", reasons=joined("; ", verdict.synthetic)))
    if verdict.paid:
        parts.append(told(verdict.paid, with_level=not verdict.is_refused))
    if verdict.seen and not verdict.is_refused:
        parts.append(say("on lines that earlier steps saw (--allow-seen)"))
    return tuple(parts)


def advice(verdict: GateVerdict) -> str:
    """Return the verdict in a sentence for whoever decides on a release."""
    if verdict.outcome == "passed":
        return say_n(
            "It may replace the base: the target reads better, and a loss of more than {n:g} point "
            "on all other lines together is ruled out.",
            "It may replace the base: the target reads better, and a loss of more than {n:g} "
            "points on all other lines together is ruled out.",
            verdict.delta_points,
        )
    named = joined(
        "; ", [_SUBJECTS.get(criterion.key, criterion.title) for criterion in _decisive(verdict)]
    )
    if verdict.outcome == "failed":
        lost = _general_loss(verdict)
        if lost is not None:
            return say(
                "Do not release it. {lost!c}, all general. Worse than the base, or not shown not "
                "to be: {named}.",
                lost=lost,
                named=named,
            )
        return say(
            "Do not release it. Worse than the base, or not shown not to be: {named}.", named=named
        )
    return say("Do not release it yet: the lines cannot tell. Open: {named}.", named=named)


_STRICT: Final = frozenset({"strictest", "long_lines"})
"""Criteria that read the general lines more strictly than their sets are compared."""


def _general_loss(verdict: GateVerdict) -> Sentence | None:
    """Return what became of the general lines, in the figures of the criterion that decides.

    Where a stricter reading alone decides, a line counts that flips under either comparison.
    """
    if verdict.general is not None and not {each.key for each in _decisive(verdict)} <= _STRICT:
        rows: Sequence[ChangeRow | KindRow] = [verdict.general]
    else:
        rows = verdict.kinds
    lines, mended, broken = (
        sum(getattr(row, kind) for row in rows) for kind in ("lines", "mended", "broken")
    )
    return lost_words(broken, mended, lines) if lines else None


_SUBJECTS: Mapping[str, str] = {
    "unseen": say("whether earlier steps saw these lines"),
    "looks": say("whether these lines may be looked at once more"),
    "target_gain": say("the target"),
    "general_change": say("the general lines together"),
    "general_sets": say("a general set by itself"),
    "strictest": say("a general set compared as strictly as its labels allow"),
    "long_lines": say("long lines"),
    "characters": say("characters that were read well"),
    "spaces": say("spaces"),
}
"""What each criterion is about."""


def todos(criteria: Sequence[Criterion]) -> tuple[str, ...]:
    """Return what to do about each criterion, the same advice once."""
    seen: set[str] = set()
    listed = []
    for criterion in criteria:
        listed.append("" if criterion.todo in seen else criterion.todo)
        seen.add(criterion.todo)
    return tuple(listed)


def _decisive(verdict: GateVerdict) -> tuple[Criterion, ...]:
    """Choose the criteria that made the outcome."""
    wanted: Status = "failed" if verdict.outcome == "failed" else "cannot_tell"
    return tuple(criterion for criterion in verdict.criteria if criterion.status == wanted)


def reasons(verdict: GateVerdict) -> tuple[str, ...]:
    """Return what made the outcome, the criteria that decided it in one line each."""
    return tuple(
        f"{criterion.title}: {MARKS[criterion.status]}. {criterion.told}"
        + (f" {criterion.todo}" if criterion.todo else "")
        for criterion in _decisive(verdict)
    )


def print_verdict(verdict: GateVerdict) -> None:
    """Print the verdict, to standard output."""
    console = escaping_console(soft_wrap=True)
    # In a pipe it takes itself for 80 columns wide, and would cut the figures of the table off.
    console.width = max(console.width, 150)
    console.print(Text(headline(verdict), style=STYLES[verdict.outcome]))
    console.print(Text(f"{verdict.candidate} against {verdict.base}"))
    console.print(Text(advice(verdict)))
    console.print()
    for criterion, todo in zip(verdict.criteria, todos(verdict.criteria), strict=True):
        mark = Text(f"{MARKS[criterion.status]:12}", style=STYLES[criterion.status])
        console.print(mark + Text(f"{criterion.title}: {criterion.told}", style=""))
        if todo:
            console.print(Text(f"{'':12}What to do: {todo}"))
    if verdict.sets:
        console.print()
        console.print(_sets_table(verdict))
    for line in details(verdict):
        console.print(Text(line))
    if verdict.sets:
        console.print(Text(str(meaning(verdict)), style="dim"))
    for note in verdict.notes:
        console.print(Text(f"note: {note}", style="yellow"))


def shown_flips(verdict: GateVerdict) -> tuple[FlippedLine, ...]:
    """Choose the lines that the page shows: of each kind so many, taken from all sets evenly."""
    chosen: list[FlippedLine] = []
    for kind in ("broken", "mended"):
        lines = [line for line in verdict.flipped if line.kind == kind]
        count = min(len(lines), SHOWN_FLIPS)
        chosen += [lines[at * len(lines) // count] for at in range(count)]
    return tuple(chosen)


def details(verdict: GateVerdict) -> Iterator[str]:
    """Write what stands under the table, a line each."""
    if verdict.pattern:
        row = verdict.pattern
        yield f"{row.share:.0%} of the target's labels have one pattern: {row.pattern}"
        for name, part in (("with it", row.within), ("without it", row.without)):
            if part:
                yield f"  {name:11} {change_line(part)}"
    lost = [row for row in verdict.kinds if row.broken]
    if lost:
        words = "; ".join(
            f"{row.script}, {row.length} characters: {row.broken:,} of {row.lines:,}"
            for row in lost[:SHOWN_KINDS]
        )
        yield f"general lines broken, by script and length: {words}"
    yield from turning_lines(verdict)
    if verdict.smallest_gain is not None and verdict.target is not None:
        yield (
            f"smallest provable gain: {points(verdict.smallest_gain, 1)} on "
            f"{count_of(verdict.target.lines, 'target line')} (shown in 4 of 5 cases, with "
            f"{verdict.smallest_gain_flips:.1%} of the lines flipping besides)"
        )
    moved = [row for row in verdict.characters if row.fell != row.rose]
    if moved:
        words = ", ".join(
            f"{row.char} {row.base_recall:.3f}→{row.candidate_recall:.3f}"
            for row in sorted(moved, key=lambda row: -abs(row.fell - row.rose))[:SHOWN_CHARACTERS]
        )
        yield f"characters that moved most: {words}"


def turning_lines(verdict: GateVerdict) -> Iterator[str]:
    """Write what turning alone brings to the base."""
    row = verdict.turning
    if row is None:
        return
    yield say(
        "both read crops in their turns (turned: {base:,} by the base, {candidate:,} by the "
        "candidate); what that alone brings to the base:",
        base=row.base_turned,
        candidate=row.candidate_turned,
    )
    if row.target:
        yield say("  target      {change}", change=change_line(row.target))
    if row.general:
        yield say("  general     {change}", change=change_line(row.general))


def change_line(row: ChangeRow) -> str:
    """Write accuracies and change in one line."""
    return say(
        "{lines}: {base:.3f} to {candidate:.3f}, {change} ({bounds}); mended {mended:,}, "
        "broken {broken:,}",
        lines=line_count(row.lines),
        base=row.base,
        candidate=row.candidate,
        change=points(row.change),
        bounds=points_range(row.interval),
        mended=row.mended,
        broken=row.broken,
    )


def set_cells(verdict: GateVerdict) -> Iterator[tuple[str, ...]]:
    """Yield a row for each set, and one for each further reading that can only veto.

    Each is of name, comparison, lines, both accuracies, change and tests.
    """
    for row in verdict.sets:
        role = row.role + (", synthetic" if row.is_synthetic else "")
        yield _cells(row.name, role, row.comparison, row.figures, row.p, row.holm)
    for veto in verdict.vetoes:
        yield _cells(veto.name, "veto", veto.comparison, veto.figures, veto.p, veto.holm)


def _cells(
    name: str, role: str, comparison: str, it: ChangeRow, p: float, holm: float | None
) -> tuple[str, ...]:
    return (
        name,
        role,
        comparison,
        f"{it.lines:,}",
        f"{it.base:.3f}",
        f"{it.candidate:.3f}",
        signed_points(it.change),
        points_range(it.interval),
        f"{it.mended:,}",
        f"{it.broken:,}",
        p_words(p),
        p_words(holm),
    )


SET_COLUMNS: Sequence[tuple[str, bool]] = (
    ("set", False),
    ("role", False),
    ("compared", False),
    ("lines", True),
    ("base", True),
    ("candidate", True),
    ("change", True),
    ("95 %", True),
    ("mended", True),
    ("broken", True),
    ("p", True),
    ("p, Holm", True),
)
"""Titles of `set_cells`, and whether the column holds numbers."""


def _sets_table(verdict: GateVerdict) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for title, is_number in SET_COLUMNS:
        table.add_column(title, justify="right" if is_number else "left", no_wrap=True)
    for cells in set_cells(verdict):
        table.add_row(*map(Text, cells))
    return table


SUITE = "train gate"

# Characters that XML 1.0 cannot hold, whatever they are escaped to.
_BARRED = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(verdict: GateVerdict) -> str:
    """Write the verdict.

    A failed criterion is a `failure`. One that cannot be told is `skipped`, with its reason, for
    it says nothing against the candidate; that the gate has not passed is told by the suite's
    property `outcome` and by the exit code. One that was not judged is skipped too.
    """
    cases = verdict.criteria
    suite = ET.Element(
        "testsuite",
        name=SUITE,
        tests=str(len(cases)),
        failures=str(sum(criterion.status == "failed" for criterion in cases)),
        errors="0",
        skipped=str(sum(criterion.status in ("cannot_tell", "not_judged") for criterion in cases)),
    )
    properties = ET.SubElement(suite, "properties")
    for name, value in (
        ("outcome", verdict.outcome),
        ("headline", headline(verdict)),
        ("base", verdict.base),
        ("candidate", verdict.candidate),
        *(("note", note) for note in verdict.notes),
    ):
        ET.SubElement(properties, "property", name=name, value=_text(value))
    for criterion in cases:
        case = ET.SubElement(suite, "testcase", classname="gate", name=criterion.key)
        sentence = _text(f"{criterion.title}: {criterion.told}")
        if criterion.status == "failed":
            ET.SubElement(case, "failure", message=sentence, type="failed").text = sentence
        elif criterion.status != "passed":
            words = "cannot tell" if criterion.status == "cannot_tell" else "not judged"
            ET.SubElement(case, "skipped", message=f"{words}: {sentence}")
        else:
            ET.SubElement(case, "system-out").text = sentence
    whole = ET.Element("testsuites")
    whole.append(suite)
    ET.indent(whole)
    body = ET.tostring(whole, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{body}\n'


def _text(text: str) -> str:
    return _BARRED.sub("\ufffd", text)
