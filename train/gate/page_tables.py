"""The tables of `verdict.html`."""

from collections.abc import Sequence

from markupsafe import Markup

from textlines.formats.judged_set import JUDGED_WORDS
from textlines.pages.page import Section
from textlines.pages.tables import Cell, CellLike, Column, table
from train.gate.characters import LEAST_SUPPORT, WELL_READ
from train.gate.drawn import change_svg, reach_of
from train.gate.model import ChangeRow, PatternRow, SetRow, Verdict, VetoRow
from train.gate.words import bounds, p_said, p_words, signed


def sets_table(verdict: Verdict) -> Markup:
    """Give a row for each set, with its change drawn on one axis."""
    columns = [
        Column("set"),
        *(Column(name, True) for name in ("lines", "base", "candidate", "change", "95 %")),
        Column("", hint="the change, on one axis for all sets"),
        *(Column(name, True) for name in ("mended", "broken", "p", "p, Holm")),
    ]
    every: Sequence[SetRow | VetoRow] = (*verdict.sets, *verdict.vetoes)
    reach = reach_of([row.figures.interval for row in every])
    return table(columns, [_set_row(row, reach) for row in every])


def _set_row(row: SetRow | VetoRow, reach: float) -> list[CellLike]:
    it = row.figures
    if isinstance(row, VetoRow):
        about = ["veto", row.comparison, "drawn by lines"]
    else:
        about = [row.role, row.comparison, f"drawn by {row.drawn}"]
        about += [f"{row.left_out:,} left out"] if row.left_out else []
        about += ["synthetic"] if row.is_synthetic else []
    return [
        Cell(
            Markup('{}<br><span class="about-set">{}</span>').format(row.name, ", ".join(about)),
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
    told = "; ".join(f"{name}: {JUDGED_WORDS[name]}" for name in used)  # type: ignore[index]
    return (
        f"Compared by {told}. p is McNemar's, after Holm over the general sets, or over the vetoes."
    )


def pattern_section(row: PatternRow) -> Section:
    """Give the gain with and without the pattern that stands out."""
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


def characters_section(verdict: Verdict) -> Section:
    """Give a row for each character, those that fell most first, and the space apart."""
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
                "{} and {}; worse in {} lines, better in {}, {}.</p>"
            ).format(
                f"{space.base_right:,}",
                f"{space.support:,}",
                f"{space.candidate_right:,}",
                f"{space.base_inserted:,}",
                f"{space.candidate_inserted:,}",
                f"{space.fell:,}",
                f"{space.rose:,}",
                p_said(space.p),
            )
            + body
        )
    return Section("Characters", body, lead, "characters")
