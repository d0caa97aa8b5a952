"""The tables of `verdict.html`."""

from collections.abc import Sequence

from markupsafe import Markup

from textlines.formats.judged_set import JUDGED_WORDS
from textlines.pages.page import Section
from textlines.pages.tables import Cell, CellLike, Column, table
from textlines.wording import arranged, joined, say
from train.judging.characters import LEAST_SUPPORT, WELL_READ
from train.judging.figure_words import p_said, p_words, points_range, signed_points
from train.judging.page_parts import change_svg, reach_of
from train.judging.verdict import ChangeRow, PatternRow, SetRow, Verdict, VetoRow

_CHANGES = (say("lines"), say("base"), say("candidate"), say("change"), "95 %")

ROLE_WORDS = {"target": say("target"), "general": say("general")}


def sets_table(verdict: Verdict) -> Markup:
    """Give a row for each set, with its change drawn on one axis."""
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


def comparisons(verdict: Verdict) -> str:
    """Say what the comparisons in use leave out."""
    used = sorted({row.comparison for row in verdict.sets})
    told = [
        arranged("{name}: {words}", name=name, words=JUDGED_WORDS[name])  # type: ignore[index]
        for name in used
    ]
    return say(
        "Compared by {comparisons}. p is McNemar's, after Holm over the general sets, or over the "
        "vetoes.",
        comparisons=joined("; ", told),
    )


def pattern_section(row: PatternRow) -> Section:
    """Give the gain with and without the pattern that stands out."""
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


def characters_section(verdict: Verdict) -> Section:
    """Give a row for each character, those that fell most first, and the space apart."""
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
                    "{candidate_inserted:,}; worse in {fell:,} lines, better in {rose:,}, {p}.",
                    base=space.base_right,
                    support=space.support,
                    candidate=space.candidate_right,
                    base_inserted=space.base_inserted,
                    candidate_inserted=space.candidate_inserted,
                    fell=space.fell,
                    rose=space.rose,
                    p=p_said(space.p),
                )
            )
            + body
        )
    return Section(say("Characters"), body, lead, "characters")
