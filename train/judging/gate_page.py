"""`verdict.html`: what a release manager signs."""

from collections.abc import Mapping, Sequence

from markupsafe import Markup

from textlines.pages.environment import asset, render
from textlines.pages.page import Fact, Section, page
from textlines.wording import joined, say, say_n
from train.judging.figure_words import points, points_range
from train.judging.gate_text import (
    MARKS,
    MEANING,
    advice,
    headlines,
    todos,
    turning_lines,
)
from train.judging.page_forgotten import flips, forgotten_section, general_names
from train.judging.page_parts import change_svg, reach_of
from train.judging.page_tables import characters_section, comparisons, pattern_section, sets_table
from train.judging.unseen import seen_words
from train.judging.verdict import Criterion, FlippedLine, Verdict

PACKAGE = "train.judging"

SHOWN_FLIPS = 200
"""Pictures of mended, and of broken, lines at most; the page says how many more there are."""


_OUTCOMES = {
    "passed": say("passed"),
    "failed": say("failed"),
    "cannot_tell": say("cannot tell"),
}


def shown_flips(verdict: Verdict) -> tuple[FlippedLine, ...]:
    """Choose the lines that the page shows: of each kind so many, taken from all sets evenly."""
    chosen: list[FlippedLine] = []
    for kind in ("broken", "mended"):
        lines = [line for line in verdict.flipped if line.kind == kind]
        count = min(len(lines), SHOWN_FLIPS)
        chosen += [lines[at * len(lines) // count] for at in range(count)]
    return tuple(chosen)


def verdict_page(verdict: Verdict, pictures: Mapping[tuple[str, str], str]) -> str:
    """Build the page.

    Args:
        pictures: data addresses of crops, by set and path; what is missing is said so.
    """
    sections = [Section(say("Criteria"), _criteria(verdict), "", "criteria")]
    if verdict.sets:
        sections.append(
            Section(say("Sets"), sets_table(verdict), comparisons(verdict), "sets", True)
        )
    if verdict.pattern:
        sections.append(pattern_section(verdict.pattern))
    if verdict.sets:
        sections.append(characters_section(verdict))
    if verdict.turning:
        title: str = say("Crops read in their turns")
        sections.append(Section(title, _items(tuple(turning_lines(verdict))), "", "turning"))
    shown = shown_flips(verdict)
    if verdict.kinds:
        sections.append(forgotten_section(verdict, shown, pictures))
    for kind, lead in (
        ("broken", say("Lines of the target that only the base reads right.")),
        ("mended", say("Lines that only the candidate reads right.")),
    ):
        # What was broken of the general lines stands above, by script and length.
        apart = general_names(verdict) if kind == "broken" else frozenset()
        lines = [line for line in shown if line.kind == kind and line.set not in apart]
        of = sum(line.kind == kind and line.set not in apart for line in verdict.flipped)
        if of:
            body = flips(lines, pictures)
            title = (
                say("Broken lines ({count:,})", count=of)
                if kind == "broken"
                else say("Mended lines ({count:,})", count=of)
            )
            if len(lines) < of:
                more = say("{count:,} of them are shown.", count=len(lines))
                lead = joined(" ", [lead, more])
            sections.append(Section(title, body, lead, kind, True))
    sections.append(Section(say("What the figures mean"), _meaning(verdict), "", "meaning"))
    if verdict.notes:
        sections.append(Section(say("Notes"), _items(verdict.notes), "", "notes"))
    sections.append(Section(say("Made from"), _made_from(verdict), "", "made-from"))
    return page(
        say("Gate: {outcome}", outcome=_OUTCOMES[verdict.outcome]),
        sections,
        finding=_finding(verdict),
        lead=_lead(verdict),
        facts=_facts(verdict),
        styles=[asset(PACKAGE, "verdict.css")],
    )


def _finding(verdict: Verdict) -> Markup:
    first = headlines(verdict)[0]
    told = Markup('<span class="verdict {}">{}</span> {}')
    return told.format(verdict.outcome, first, advice(verdict))


def _lead(verdict: Verdict) -> Markup:
    remarks = headlines(verdict)[1:]
    versus = say("{candidate} against {base}", candidate=verdict.candidate, base=verdict.base)
    more = Markup("").join(Markup('<span class="remark">{}</span>').format(r) for r in remarks)
    return Markup("{}{}").format(versus, more)


def _facts(verdict: Verdict) -> list[Fact]:
    facts = []
    for name, change, row in (
        (say("Target"), say("Target, change"), verdict.target),
        (say("General"), say("General, change"), verdict.general),
    ):
        if row:
            accuracies = f"{row.base:.1%} → {row.candidate:.1%}"
            note = say(
                "{bounds}; mended {mended:,}, broken {broken:,}",
                bounds=points_range(row.interval),
                mended=row.mended,
                broken=row.broken,
            )
            facts += [
                Fact(name, accuracies, say_n("{n:,} line", "{n:,} lines", row.lines)),
                Fact(change, points(row.change, 1), note),
            ]
    if verdict.smallest_gain is not None:
        facts.append(
            Fact(
                say("Smallest provable gain"),
                points(verdict.smallest_gain, 1),
                say(
                    "in 4 of 5 cases, {flips:.1%} flips besides", flips=verdict.smallest_gain_flips
                ),
            )
        )
    return facts


def _criteria(verdict: Verdict) -> Markup:
    drawn = [_drawn(verdict, one) for one in verdict.criteria]
    rows = [
        (one, MARKS[one.status], todo, svg)
        for one, todo, svg in zip(verdict.criteria, todos(verdict.criteria), drawn, strict=True)
    ]
    return render(PACKAGE, "criteria.html.j2", criteria=rows)


def _drawn(verdict: Verdict, one: Criterion) -> Markup:
    if one.value is None or one.interval is None:
        return Markup("<span></span>")
    limit = -verdict.delta_points / 100 if one.key == "general_change" else 0.0
    return change_svg(
        one.value, one.interval, reach=reach_of([one.interval], limit), limit=limit or None
    )


def _meaning(verdict: Verdict) -> Markup:
    limit = points(-verdict.delta_points / 100)
    rules = (
        say("Passed: every criterion above is. Failed goes before cannot tell."),
        say(
            "Target: the lower bound of the gain is above 0. With the upper bound below 0 it "
            "failed; else the lines are too few to tell."
        ),
        say(
            "General, together: the lower bound is {limit} or more. Else it failed when "
            "the upper bound is below 0, or when the interval is narrow enough (twice the "
            "limit) to have shown that nothing changed; else the lines are too few to "
            "tell. Half a line that flips either way is added to what was seen, so that a "
            "handful of lines proves nothing.",
            limit=limit,
        ),
        say(
            "General, each: failed when a set is worse by more than half a point and p is below "
            "0.05. A set of 1,000 lines or more whose own interval reaches below −3 points "
            "cannot be told."
        ),
        say(
            "Vetoes: a set under the strictest comparison that its labels allow, and the long "
            "lines of all sets, fail by the same rule, their p after Holm over all vetoes; they "
            "pass nothing. Which comparison labels allow is found by the base's readings: where "
            "labels leave out what the base reads (one case only, no spaces, no punctuation), "
            "that does not count."
        ),
        say(
            "Rendered general lines can fail a candidate and cannot pass it: beside real ones they "
            "count set by set alone; without real ones the verdict is cannot tell."
        ),
        say(
            "Characters and spaces: failed when one falls and p is below 0.05. The unit is the "
            "line."
        ),
    )
    return Markup("<p>{}</p>").format(MEANING) + _items(rules)


def _made_from(verdict: Verdict) -> Markup:
    seen: list[str] = [seen_words(row) for row in verdict.seen]
    rows: list[str] = [f"{name} {value}" for name, value in verdict.inputs.items()]
    rows += [f"{name} {value}" for name, value in verdict.versions.items()]
    rows.append(say("seed of the bootstrap {seed}", seed=verdict.seed))
    return Markup('<div class="made">{}</div>').format(_items([*seen, *rows]))


def _items(texts: Sequence[str]) -> Markup:
    rows = Markup("").join(Markup("<li>{}</li>").format(text) for text in texts)
    return Markup("<ul>{}</ul>").format(rows)
