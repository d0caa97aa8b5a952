"""`verdict.html`: what a release manager signs."""

from collections.abc import Mapping, Sequence

from markupsafe import Markup

from textlines.pages.environment import asset, render
from textlines.pages.page import Fact, Section, page
from textlines.pages.tables import Cell, CellLike, Column, table
from train.evaluation.judged_set import JUDGED_WORDS
from train.gate.characters import LEAST_SUPPORT, WELL_READ
from train.gate.drawn import change_svg, reach_of
from train.gate.model import ChangeRow, Criterion, FlippedLine, SetRow, Verdict
from train.gate.told import HEADLINES, MARKS, MEANING, SET_COLUMNS, headline, set_cells
from train.gate.unseen import seen_words
from train.gate.words import bounds, p_words, points, signed

PACKAGE = "train.gate"

SHOWN_FLIPS = 200
"""Pictures of mended, and of broken, lines at most; the page says how many more there are."""


def shown_flips(verdict: Verdict) -> tuple[FlippedLine, ...]:
    """Choose the lines that the page shows: of each kind so many, taken from all sets evenly."""
    chosen: list[FlippedLine] = []
    for kind in ("broken", "mended"):
        lines = [line for line in verdict.flipped if line.kind == kind]
        step = max(1, -(-len(lines) // SHOWN_FLIPS))
        chosen += lines[::step]
    return tuple(chosen)


def verdict_page(verdict: Verdict, pictures: Mapping[tuple[str, str], str]) -> str:
    """Build the page.

    Args:
        pictures: data addresses of crops, by set and path; what is missing is said so.
    """
    sections = [Section("Criteria", _criteria(verdict), "", "criteria")]
    if verdict.sets:
        sections.append(Section("Sets", _sets(verdict), _comparisons(verdict), "sets", True))
    if verdict.pattern:
        sections.append(_pattern(verdict))
    if verdict.sets:
        sections.append(_characters(verdict))
    shown = shown_flips(verdict)
    for kind, lead in (
        ("broken", "Lines that only the base reads right."),
        ("mended", "Lines that only the candidate reads right."),
    ):
        lines = [line for line in shown if line.kind == kind]
        of = sum(line.kind == kind for line in verdict.flipped)
        if of:
            body = render(
                PACKAGE,
                "flips.html.j2",
                lines=[(line, pictures.get((line.set, line.path), "")) for line in lines],
            )
            title = f"{kind.capitalize()} lines ({of:,})"
            more = f" {len(lines):,} of them are shown." if len(lines) < of else ""
            sections.append(Section(title, body, lead + more, kind, True))
    sections.append(Section("What the figures mean", _meaning(verdict), "", "meaning"))
    if verdict.notes:
        sections.append(Section("Notes", _items(verdict.notes), "", "notes"))
    sections.append(Section("Made from", _made_from(verdict), "", "made-from"))
    return page(
        f"Gate: {HEADLINES[verdict.outcome].lower()}",
        sections,
        lead=_lead(verdict),
        facts=_facts(verdict),
        styles=[asset(PACKAGE, "verdict.css")],
    )


def _lead(verdict: Verdict) -> Markup:
    first, *remarks = headline(verdict).split(" · ")
    more = Markup("").join(Markup('<span class="remark">{}</span>').format(r) for r in remarks)
    return Markup('<span class="verdict {}">{}</span> {} against {}{}').format(
        verdict.outcome, first, verdict.candidate, verdict.base, more
    )


def _facts(verdict: Verdict) -> list[Fact]:
    facts = []
    for name, row in (("Target", verdict.target), ("General", verdict.general)):
        if row:
            facts += [
                Fact(name, f"{row.base:.1%} → {row.candidate:.1%}", f"{row.lines:,} lines"),
                Fact(
                    f"{name}, change",
                    points(row.change, 1),
                    f"{bounds(row.interval)}; mended {row.mended:,}, broken {row.broken:,}",
                ),
            ]
    if verdict.smallest_gain is not None:
        facts.append(
            Fact(
                "Smallest provable gain",
                points(verdict.smallest_gain, 1),
                f"in 4 of 5 cases, {verdict.smallest_gain_flips:.1%} flips besides",
            )
        )
    return facts


def _criteria(verdict: Verdict) -> Markup:
    drawn = [_drawn(verdict, one) for one in verdict.criteria]
    rows = [(one, MARKS[one.status], svg) for one, svg in zip(verdict.criteria, drawn, strict=True)]
    return render(PACKAGE, "criteria.html.j2", criteria=rows)


def _drawn(verdict: Verdict, one: Criterion) -> Markup:
    if one.value is None or one.interval is None:
        return Markup("<span></span>")
    limit = -verdict.delta_points / 100 if one.key == "general_change" else 0.0
    return change_svg(
        one.value, one.interval, reach=reach_of([one.interval], limit), limit=limit or None
    )


def _sets(verdict: Verdict) -> Markup:
    columns = [Column(title, is_number=is_number) for title, is_number in SET_COLUMNS]
    columns.insert(8, Column("", hint="the change on one axis for all sets"))
    columns += [Column("drawn", hint="what the interval draws"), Column("left out", True)]
    reach = reach_of([row.figures.interval for row in verdict.sets])
    rows = []
    for row, cells in zip(verdict.sets, set_cells(verdict), strict=True):
        texts: list[CellLike] = [
            Cell(cell, _key(row, title)) if is_number else cell
            for cell, (title, is_number) in zip(cells, SET_COLUMNS, strict=True)
        ]
        it = row.figures
        texts.insert(8, Cell(change_svg(it.change, it.interval, reach=reach), it.change))
        rows.append([*texts, row.drawn, row.left_out])
    return table(columns, rows)


def _key(row: SetRow, title: str) -> float:
    """Give what a column of numbers sorts by."""
    it = row.figures
    keys: dict[str, float] = {
        "lines": it.lines,
        "base": it.base,
        "candidate": it.candidate,
        "change": it.change,
        "95 %": it.interval[0],
        "mended": it.mended,
        "broken": it.broken,
        "p": row.p,
        "p, Holm": 2.0 if row.holm is None else row.holm,
    }
    return keys[title]


def _comparisons(verdict: Verdict) -> str:
    used = sorted({row.comparison for row in verdict.sets})
    told = "; ".join(f"{name}: {JUDGED_WORDS[name]}" for name in used)  # type: ignore[index]
    return f"Compared by {told}. p is McNemar's, after Holm over the general sets."


def _pattern(verdict: Verdict) -> Section:
    row = verdict.pattern
    assert row is not None  # asked before
    columns = [
        Column("target lines"),
        *(Column(name, True) for name in ("lines", "base", "candidate", "change", "95 %")),
    ]
    rows = [
        [name, *_change_cells(part)]
        for name, part in ((row.pattern, row.within), ("all others", row.without))
        if part
    ]
    lead = (
        f"{row.share:.0%} of the target's labels have one pattern. A gain on them alone may be "
        "the pattern learned by heart."
    )
    return Section("Gain by pattern", table(columns, rows), lead, "pattern")


def _change_cells(part: ChangeRow) -> list[CellLike]:
    return [
        part.lines,
        f"{part.base:.3f}",
        f"{part.candidate:.3f}",
        Cell(signed(part.change), part.change),
        Cell(bounds(part.interval), part.interval[0]),
    ]


def _characters(verdict: Verdict) -> Section:
    columns = [
        Column("character"),
        *(
            Column(name, True)
            for name in ("in labels", "base", "candidate", "change", "fell", "rose", "p", "p, Holm")
        ),
    ]
    rows: list[list[CellLike]] = [
        [
            Cell(Markup('<span class="char">{}</span>').format(row.char), row.char),
            row.support,
            Cell(f"{row.base_recall:.3f}", row.base_recall),
            Cell(f"{row.candidate_recall:.3f}", row.candidate_recall),
            Cell(
                signed(row.candidate_recall - row.base_recall, 1),
                row.candidate_recall - row.base_recall,
            ),
            row.fell,
            row.rose,
            Cell(p_words(row.p), 2.0 if row.p is None else row.p),
            Cell(p_words(row.holm), 2.0 if row.holm is None else row.holm),
        ]
        for row in verdict.characters
    ]
    lead = (
        "Recall of each character, as its set's comparison leaves it, over all sets. Fell, rose: "
        "lines in which the candidate reads fewer, or more, of them right. Tested are those that "
        f"the base reads well: recall {WELL_READ} or more of {LEAST_SUPPORT} or more."
    )
    body = table(columns, rows, shown=20)
    space = verdict.spaces
    if space:
        body = (
            Markup(
                "<p>Spaces, apart: {} of {} read right by the base, {} by the candidate; inserted "
                "{} and {}; worse in {} lines, better in {}, p = {}.</p>"
            ).format(
                f"{space.base_right:,}",
                f"{space.support:,}",
                f"{space.candidate_right:,}",
                f"{space.base_inserted:,}",
                f"{space.candidate_inserted:,}",
                f"{space.fell:,}",
                f"{space.rose:,}",
                p_words(space.p),
            )
            + body
        )
    return Section("Characters", body, lead, "characters")


def _meaning(verdict: Verdict) -> Markup:
    limit = points(-verdict.delta_points / 100)
    rules = (
        "Passed: every criterion above is. Failed goes before cannot tell.",
        "Target: the lower bound of the gain is above 0. With the upper bound below 0 it failed; "
        "else the lines are too few to tell.",
        f"General, together: the lower bound is {limit} or more. Else it failed when the upper "
        "bound is below 0, or when the interval is narrow enough (twice the limit) to have shown "
        "that nothing changed; else the lines are too few to tell. Half a line that flips either "
        "way is added to what was seen, so that a handful of lines proves nothing.",
        "General, each: failed when a set is worse by more than half a point and p is below 0.05.",
        "Characters and spaces: failed when one falls and p is below 0.05. The unit is the line.",
    )
    return Markup("<p>{}</p>").format(MEANING) + _items(rules)


def _made_from(verdict: Verdict) -> Markup:
    seen = [seen_words(row) for row in verdict.seen]
    rows = [f"{name} {value}" for name, value in (*verdict.inputs.items(),)]
    rows += [f"{name} {value}" for name, value in verdict.versions.items()]
    rows += [f"seed of the bootstrap {verdict.seed}"]
    return Markup('<div class="made">{}</div>').format(_items([*seen, *rows]))


def _items(texts: Sequence[str]) -> Markup:
    rows = Markup("").join(Markup("<li>{}</li>").format(text) for text in texts)
    return Markup("<ul>{}</ul>").format(rows)
