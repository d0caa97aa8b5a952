"""A verdict on a detector as text."""

from collections.abc import Iterator, Mapping, Sequence

from rich.table import Table
from rich.text import Text

from textlines.terminal import console as escaping_console
from textlines.wording import Sentence, joined, say, say_n
from train.detection.evaluate_text import FAILURE_WORDS
from train.detection.gate_verdict import DetCriterion, DetVerdict, JudgedRow, ShareChange
from train.detection.gate_words import FIGURE_WORDS, SETTINGS_WORDS, count_range, page_count
from train.detection.page_outcomes import Objective
from train.judging.figure_words import p_words, points_range, signed_points
from train.judging.gate_text import HEADLINES, MARKS, STYLES, todos
from train.judging.verdict import Status

MEANING = say(
    "Intervals are two-sided, 95 %: of a hundred pairs of sets drawn like these, about 95 give one "
    "that holds the true change. They come from drawing pages with both results again, each set by "
    "itself, and are never narrower than the changed labels of so few pages allow. p is of the "
    "same; after Holm it stands for all general sets together. Points are hundredths of the figure."
)

ROLE_WORDS: Mapping[str, Sentence] = {"target": say("target"), "general": say("general")}

_SUBJECTS: Mapping[str, Sentence] = {
    "unseen": say("whether earlier steps saw these pages"),
    "target_gain": say("the target"),
    "target_stock": say("the target at the settings of the base"),
    "negatives": say("pages without text"),
}
"""What each criterion is about that is of no one set."""


def headline(verdict: DetVerdict) -> str:
    """Return the first line: the outcome, and what is to be known with it."""
    return str(joined(" · ", headlines(verdict)))


def headlines(verdict: DetVerdict) -> tuple[Sentence, ...]:
    """Return the parts of the headline."""
    refused = say("CANNOT TELL (refused)")
    parts = [refused if verdict.is_refused else HEADLINES[verdict.outcome]]
    if verdict.synthetic:
        parts.append(say("synthetic: {reasons}", reasons=joined("; ", verdict.synthetic)))
    if verdict.seen and not verdict.is_refused:
        parts.append(say("on pages that earlier steps saw (--allow-seen)"))
    return tuple(parts)


def advice(verdict: DetVerdict) -> Sentence:
    """Return the verdict in a sentence for whoever decides on a release."""
    if verdict.outcome == "passed":
        return say_n(
            "It may replace the base: the target is detected better, and a loss of more than {n:g} "
            "point on any general set is ruled out.",
            "It may replace the base: the target is detected better, and a loss of more than {n:g} "
            "points on any general set is ruled out.",
            verdict.delta_points,
        )
    wanted: Status = "failed" if verdict.outcome == "failed" else "cannot_tell"
    decisive = [one for one in verdict.criteria if one.status == wanted]
    named = joined("; ", dict.fromkeys(_subject(verdict, one) for one in decisive))
    if verdict.outcome == "failed":
        return say("Do not release it. Worse than the base: {named}.", named=named)
    return say("Do not release it yet: the pages cannot tell. Open: {named}.", named=named)


def _subject(verdict: DetVerdict, criterion: DetCriterion) -> str:
    """Return what a criterion is about, with its figure where that is of one set."""
    name = criterion.set or _SUBJECTS.get(criterion.key, criterion.title)
    rows = [row for row in verdict.sets if _is_of(row, criterion)]
    if len(rows) != 1:
        return name
    of_target = verdict.objective if rows[0].role == "target" else "hmean"
    figure: Objective = "reading" if criterion.key == "general_reading" else of_target
    it = rows[0].hmean if figure == "hmean" else rows[0].reading
    if it is None:
        return name
    return say(
        "{name} ({figure} {before:.3f} to {after:.3f})",
        name=name,
        figure=FIGURE_WORDS[figure],
        before=it.before,
        after=it.after,
    )


def _is_of(row: JudgedRow, criterion: DetCriterion) -> bool:
    """Whether a criterion is about this row alone, or among others."""
    if criterion.settings != row.settings:
        return False
    return row.set == criterion.set if criterion.set else row.role == "target"


def print_det_verdict(verdict: DetVerdict) -> None:
    """Print the verdict, to standard output."""
    console = escaping_console(soft_wrap=True)
    # In a pipe it takes itself for 80 columns wide, and would cut the figures of the tables off.
    console.width = max(console.width, 150)
    console.print(Text(headline(verdict), style=STYLES[verdict.outcome]))
    console.print(Text(f"{verdict.candidate} against {verdict.base}"))
    console.print(Text(advice(verdict)))
    console.print()
    for criterion, todo in zip(verdict.criteria, todos(verdict.criteria), strict=True):
        mark = Text(f"{MARKS[criterion.status]:12}", style=STYLES[criterion.status])
        console.print(mark + Text(f"{titled(criterion)}: {criterion.told}", style=""))
        if todo:
            console.print(Text(f"{'':12}What to do: {todo}"))
    for warning in verdict.warnings:
        console.print(Text(f"{'warning':12}", style="yellow") + Text(warning, style=""))
    if verdict.sets:
        for table in (_sets_table(verdict), _failures_table(verdict)):
            console.print()
            console.print(table)
        for line in negative_lines(verdict):
            console.print(Text(line))
        console.print(Text(MEANING, style="dim"))
    for note in verdict.notes:
        console.print(Text(f"note: {note}", style="yellow"))


def titled(criterion: DetCriterion) -> Sentence:
    """Return the title of a criterion with the settings that it is judged at."""
    if criterion.settings is None:
        return criterion.title
    return say(
        "{title} ({settings})", title=criterion.title, settings=SETTINGS_WORDS[criterion.settings]
    )


def figure_cells(row: JudgedRow) -> Iterator[tuple[str, ShareChange]]:
    """Yield the figures of a set with their names; those that it does not have are left out."""
    if row.hmean:
        yield "hmean", row.hmean
    if row.reading:
        yield say("read exactly"), row.reading


def _sets_table(verdict: DetVerdict) -> Table:
    table = _table(
        ("set", "role", "settings", "figure"),
        ("pages", "changed", "labels", "base", "candidate", "change", "95 %", "p", "p, Holm"),
    )
    for row in verdict.sets:
        role = f"{row.role}, synthetic" if row.is_synthetic else row.role
        for name, it in figure_cells(row):
            table.add_row(
                *map(Text, (row.set, role, SETTINGS_WORDS[row.settings], name)),
                f"{row.pages:,}",
                f"{row.changed:,}",
                f"{row.labels:,}",
                f"{it.before:.3f}",
                f"{it.after:.3f}",
                signed_points(it.value),
                points_range(it.interval),
                p_words(it.p),
                p_words(it.holm),
            )
    return table


def _failures_table(verdict: DetVerdict) -> Table:
    table = _table(
        ("failures of", "settings", "class"),
        ("base", "candidate", "95 %", "pages up", "down", "p", "p, Holm"),
    )
    for row in verdict.sets:
        for it in row.failures:
            if not (it.before or it.after):
                continue
            table.add_row(
                *map(Text, (row.set, SETTINGS_WORDS[row.settings], FAILURE_WORDS[it.failure])),
                f"{it.before:,}",
                f"{it.after:,}",
                count_range(it.interval),
                f"{it.more:,}",
                f"{it.fewer:,}",
                p_words(it.p),
                p_words(it.holm),
            )
    return table


def _table(words: Sequence[str], numbers: Sequence[str]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in words:
        table.add_column(title, no_wrap=True)
    for title in numbers:
        table.add_column(title, justify="right", no_wrap=True)
    return table


def negative_lines(verdict: DetVerdict) -> Iterator[Sentence]:
    """Write what became of the pages without text, set by set."""
    for row in verdict.sets:
        it = row.negatives
        if it.pages:
            yield say(
                "{name} ({settings}): {pages} without text, {before:,} with a box before and "
                "{after:,} now ({boxes_before:,} and {boxes_after:,} boxes)",
                name=row.set,
                settings=SETTINGS_WORDS[row.settings],
                pages=page_count(it.pages),
                before=it.before,
                after=it.after,
                boxes_before=it.boxes_before,
                boxes_after=it.boxes_after,
            )
