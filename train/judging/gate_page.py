"""`verdict.html`: what a release manager signs."""

from collections.abc import Mapping, Sequence

from markupsafe import Markup

from textlines.formats.judged_set import JUDGED_WORDS
from textlines.pages.environment import asset, render
from textlines.pages.page import Fact, Section, page
from textlines.pages.tables import Cell, CellLike, Column, table
from textlines.wording import arranged, joined, say, say_n
from textlines.wording.counts import line_count
from train.judging.decision import rules_in_words
from train.judging.figure_words import p_said, p_words, points, points_range, signed_points
from train.judging.gate_text import (
    MARKS,
    advice,
    bounds_words,
    headlines,
    meaning,
    shown_flips,
    todos,
    turning_lines,
)
from train.judging.judged_sets import seen_words
from train.judging.line_kinds import LENGTH_WORDS, SCRIPT_WORDS, length_group, script_group
from train.judging.page_parts import PACKAGE, change_svg, reach_of
from train.judging.paired_characters import LEAST_SUPPORT, WELL_READ
from train.judging.verdict import (
    ChangeRow,
    Criterion,
    FlippedLine,
    GateVerdict,
    KindRow,
    PatternRow,
    SetRow,
    VetoRow,
)

_OUTCOMES = {
    "passed": say("passed"),
    "failed": say("failed"),
    "cannot_tell": say("cannot tell"),
}

ROLE_WORDS = {"target": say("target"), "general": say("general")}

_CHANGES = (say("lines"), say("base"), say("candidate"), say("change"), "95 %")


def verdict_page(verdict: GateVerdict, pictures: Mapping[tuple[str, str], str]) -> str:
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


def _finding(verdict: GateVerdict) -> Markup:
    first = headlines(verdict)[0]
    sentence = Markup('<span class="verdict {}">{}</span> {}')
    return sentence.format(verdict.outcome, first, advice(verdict))


def _lead(verdict: GateVerdict) -> Markup:
    remarks = headlines(verdict)[1:]
    versus = say("{candidate} against {base}", candidate=verdict.candidate, base=verdict.base)
    more = Markup("").join(Markup('<span class="remark">{}</span>').format(r) for r in remarks)
    return Markup("{}{}").format(versus, more)


def _facts(verdict: GateVerdict) -> list[Fact]:
    facts = []
    for name, change, row in (
        (say("Target"), say("Target, change"), verdict.target),
        (say("General"), say("General, change"), verdict.general),
    ):
        if row:
            accuracies = f"{row.base:.1%} → {row.candidate:.1%}"
            note = say(
                "{bounds}; mended {mended:,}, broken {broken:,}",
                bounds=bounds_words(verdict, row),
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


def _criteria(verdict: GateVerdict) -> Markup:
    drawn = [_criterion_picture(verdict, criterion) for criterion in verdict.criteria]
    rows = [
        (criterion, MARKS[criterion.status], todo, svg)
        for criterion, todo, svg in zip(
            verdict.criteria, todos(verdict.criteria), drawn, strict=True
        )
    ]
    return render(PACKAGE, "criteria.html.j2", criteria=rows)


def _criterion_picture(verdict: GateVerdict, criterion: Criterion) -> Markup:
    if criterion.value is None or criterion.interval is None:
        return Markup("<span></span>")
    limit = -verdict.delta_points / 100 if criterion.key == "general_change" else 0.0
    return change_svg(
        criterion.value,
        criterion.interval,
        reach=reach_of([criterion.interval], limit),
        limit=limit or None,
    )


def _meaning(verdict: GateVerdict) -> Markup:
    rules = rules_in_words(verdict.delta_points, is_paid=verdict.paid is not None)
    return Markup("<p>{}</p>").format(meaning(verdict)) + _items(rules)


def _made_from(verdict: GateVerdict) -> Markup:
    seen: list[str] = [seen_words(row) for row in verdict.seen]
    rows: list[str] = [f"{name} {value}" for name, value in verdict.inputs.items()]
    rows += [f"{name} {value}" for name, value in verdict.versions.items()]
    rows.append(say("seed of the bootstrap {seed}", seed=verdict.seed))
    return Markup('<div class="made">{}</div>').format(_items([*seen, *rows]))


def _items(texts: Sequence[str]) -> Markup:
    rows = Markup("").join(Markup("<li>{}</li>").format(text) for text in texts)
    return Markup("<ul>{}</ul>").format(rows)


def sets_table(verdict: GateVerdict) -> Markup:
    """Return a row for each set, with its change drawn on one axis."""
    columns = [
        Column(say("set")),
        *(Column(name, True) for name in _CHANGES),
        Column("", hint=say("the change, on one axis for all sets")),
        *(Column(name, True) for name in (say("mended"), say("broken"), "p", "p, Holm")),
    ]
    every: Sequence[SetRow | VetoRow] = (*verdict.sets, *verdict.vetoes)
    reach = reach_of([row.figures.interval for row in every])
    return table(columns, [_set_row(row, reach) for row in every])


def _set_row(row: SetRow | VetoRow, reach: float) -> list[CellLike]:
    it = row.figures
    if isinstance(row, VetoRow):
        about = [say("veto"), row.comparison, say("drawn by {unit}", unit=say("lines"))]
    else:
        about = [ROLE_WORDS[row.role], row.comparison, say("drawn by {unit}", unit=row.drawn)]
        about += [say("{count:,} left out", count=row.left_out)] if row.left_out else []
        about += [say("synthetic")] if row.is_synthetic else []
    return [
        Cell(
            Markup('{}<br><span class="about-set">{}</span>').format(row.name, joined(", ", about)),
            row.name,
        ),
        *_change_cells(it),
        Cell(change_svg(it.change, it.interval, reach=reach, wide=130), it.change),
        it.mended,
        it.broken,
        Cell(p_words(row.p), row.p),
        Cell(p_words(row.holm), 2.0 if row.holm is None else row.holm),
    ]


def comparisons(verdict: GateVerdict) -> str:
    """Return what the comparisons in use leave out, in words."""
    used = sorted({row.comparison for row in verdict.sets})
    described = [
        arranged("{name}: {words}", name=name, words=JUDGED_WORDS[name])  # type: ignore[index]
        for name in used
    ]
    return say(
        "Compared by {comparisons}. p is McNemar's, after Holm over the general sets, or over the "
        "vetoes.",
        comparisons=joined("; ", described),
    )


def pattern_section(row: PatternRow) -> Section:
    """Return the gain with and without the pattern that stands out."""
    columns = [
        Column(say("target lines")),
        *(Column(name, True) for name in _CHANGES),
    ]
    rows = [
        [name, *_change_cells(part)]
        for name, part in ((row.pattern, row.within), (say("all others"), row.without))
        if part
    ]
    lead = say(
        "{share:.0%} of the target's labels have one pattern. A gain on them alone may be the "
        "pattern learned by heart.",
        share=row.share,
    )
    return Section(say("Gain by pattern"), table(columns, rows), lead, "pattern")


def _change_cells(part: ChangeRow) -> list[CellLike]:
    return [
        part.lines,
        f"{part.base:.3f}",
        f"{part.candidate:.3f}",
        Cell(signed_points(part.change), part.change),
        Cell(points_range(part.interval), part.interval[0]),
    ]


def characters_section(verdict: GateVerdict) -> Section:
    """Return a row for each character, those that fell most first, and the space apart."""
    columns = [
        Column(say("character")),
        *(
            Column(name, True)
            for name in (
                say("in labels"),
                say("base"),
                say("candidate"),
                say("change"),
                say("fell"),
                say("rose"),
                "p",
                "p, Holm",
            )
        ),
    ]
    rows: list[list[CellLike]] = [
        [
            Cell(Markup('<span class="char">{}</span>').format(row.char), row.char),
            row.support,
            Cell(f"{row.base_recall:.3f}", row.base_recall),
            Cell(f"{row.candidate_recall:.3f}", row.candidate_recall),
            Cell(
                signed_points(row.candidate_recall - row.base_recall, 1),
                row.candidate_recall - row.base_recall,
            ),
            row.fell,
            row.rose,
            Cell(p_words(row.p), 2.0 if row.p is None else row.p),
            Cell(p_words(row.holm), 2.0 if row.holm is None else row.holm),
        ]
        for row in verdict.characters
    ]
    lead = say(
        "Recall of each character, as its set's comparison leaves it, over all sets. Fell, rose: "
        "lines in which the candidate reads fewer, or more, of them right. Tested are those that "
        "the base reads well: recall {recall} or more of {support} or more.",
        recall=WELL_READ,
        support=LEAST_SUPPORT,
    )
    body = table(columns, rows, shown=20)
    space = verdict.spaces
    if space:
        body = (
            Markup("<p>{}</p>").format(
                say(
                    "Spaces, apart: {base:,} of {support:,} read right by the base, "
                    "{candidate:,} by the candidate; inserted {base_inserted:,} and "
                    "{candidate_inserted:,}; worse in {fell}, better in {rose:,}, {p}.",
                    base=space.base_right,
                    support=space.support,
                    candidate=space.candidate_right,
                    base_inserted=space.base_inserted,
                    candidate_inserted=space.candidate_inserted,
                    fell=line_count(space.fell),
                    rose=space.rose,
                    p=p_said(space.p),
                )
            )
            + body
        )
    return Section(say("Characters"), body, lead, "characters")


def general_names(verdict: GateVerdict) -> frozenset[str]:
    """Return the names of the general sets."""
    return frozenset(row.name for row in verdict.sets if row.role == "general")


def flips(lines: Sequence[FlippedLine], pictures: Mapping[tuple[str, str], str]) -> Markup:
    """Show lines with their crops, their labels and both readings."""
    shown = [(line, pictures.get((line.set, line.path), "")) for line in lines]
    return render(PACKAGE, "flips.html.j2", lines=shown)


def forgotten_section(
    verdict: GateVerdict, shown: Sequence[FlippedLine], pictures: Mapping[tuple[str, str], str]
) -> Section:
    """Return the general lines that broke, a table of all kinds and pictures of each.

    Args:
        shown: the lines that the page shows, of all sets.
        pictures: data addresses of crops, by set and path.
    """
    general = general_names(verdict)
    broken: dict[tuple[str, str], list[FlippedLine]] = {}
    for line in shown:
        if line.kind == "broken" and line.set in general:
            kind = script_group(line.truth), length_group(line.truth)
            broken.setdefault(kind, []).append(line)
    body = _kinds_table(verdict.kinds)
    for row in verdict.kinds:
        lines = broken.get((row.script, row.length), [])
        if lines:
            kind_words = say(
                "{script}, {length} characters",
                script=SCRIPT_WORDS.get(row.script, row.script),
                length=LENGTH_WORDS[row.length],
            )
            body += Markup('<h3 class="kind">{} <span class="count">{}</span></h3>').format(
                kind_words, _kind_count(row, len(lines))
            )
            body += flips(lines, pictures)
    total = sum(row.broken for row in verdict.kinds)
    lead = say(
        "General lines that only the base reads right, each set as strictly as its labels allow: "
        "by script and length in characters, those of which most was lost first."
    )
    return Section(
        say("What was forgotten ({total:,})", total=total), body, lead, "forgotten", bool(total)
    )


def _kind_count(row: KindRow, shown: int) -> str:
    counts = say(
        "{broken:,} of {lines:,} broken, {mended:,} mended",
        broken=row.broken,
        lines=row.lines,
        mended=row.mended,
    )
    if shown >= row.broken:
        return counts
    return joined("; ", [counts, say("{shown:,} are shown", shown=shown)])


def _kinds_table(rows: Sequence[KindRow]) -> Markup:
    columns = [
        Column(say("script")),
        Column(say("characters")),
        *(
            Column(name, True)
            for name in (say("lines"), say("broken"), say("mended"), say("change, points"))
        ),
    ]
    cells: list[list[CellLike]] = []
    for row in rows:
        change = (row.mended - row.broken) / row.lines
        cells.append(
            [
                SCRIPT_WORDS.get(row.script, row.script),
                LENGTH_WORDS[row.length],
                row.lines,
                row.broken,
                row.mended,
                Cell(signed_points(change), change),
            ]
        )
    return table(columns, cells, shown=20)
