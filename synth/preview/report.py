"""A preview as one self-contained page."""

from collections import Counter
from collections.abc import Mapping

from markupsafe import Markup

from synth.job.oddities import FONT
from synth.job.oddities import WORDS as FILE_WORDS
from synth.plan.reasons import WORDS
from synth.preview.read import Preview
from synth.preview.sheet import scripts, sheet, styles
from textlines.formats.run_record import MARKED_BAD
from textlines.formats.teaching import Teaching
from textlines.labels.tally import EFFECT_WORDS
from textlines.pages.figures import bars, histogram
from textlines.pages.page import Fact, Section, page
from textlines.pages.tables import Column, table

MOST_BARS = 40


def preview_page(preview: Preview, before: Mapping[str, int] | None = None) -> str:
    """Lay out contact sheet, plots and tables of a run.

    Args:
        before: characters of the team's data without the new lines, with counts; without it
            the plots show the new lines alone.
    """
    counts = preview.counts
    state = "" if preview.complete else " (unfinished: what is there so far)"
    plain = counts.attempts.get("plain", 0)
    facts = (
        Fact("images", f"{counts.samples:,}", state.strip()),
        Fact("different characters", f"{len(counts.characters):,}"),
        Fact("face families", f"{len(counts.families):,}"),
        Fact("drawn plain", f"{plain:,}", f"{100 * plain / counts.samples:.2f} %"),
    )
    sections = (
        Section("Contact sheet", sheet(preview), _sheet_lead(preview), is_wide=True),
        Section("Characters", _characters(counts.characters, counts.targets, before)),
        *_taught(preview.record.teaching),
        Section(
            "Shapes",
            Markup("").join(
                (
                    histogram({"": counts.lengths}, title="label length", unit=" characters"),
                    histogram({"": counts.sizes_px}, title="size of the face", unit=" px"),
                    histogram({"": counts.widths}, title="image width", unit=" px"),
                    histogram({"": counts.contrasts}, title="weakest contrast", unit=" levels"),
                )
            ),
        ),
        Section(
            "Where it comes from",
            Markup("").join(
                _top_bars(counter, title)
                for counter, title in (
                    (counts.families, "face families"),
                    (counts.sources, "text sources"),
                    (counts.surfaces, "surfaces"),
                    (counts.distractors, "distractors"),
                    (counts.effects, "effects"),
                    (counts.attempts, "attempts (0 = as first drawn)"),
                )
                if counter
            ),
        ),
        Section(
            "Counts of the run",
            table(
                [Column("what"), Column("count", is_number=True)],
                [(name, count) for name, count in sorted(preview.record.counts.items())],
            ),
        ),
    )
    return page(
        f"Preview of {preview.folder.name}",
        sections,
        finding=_finding(preview),
        facts=facts,
        lead=f"seed {preview.record.seed}",
        styles=styles(),
        scripts=scripts(),
    )


REFUSED = "{lines} lines, {plain} drawn plain; refused most often: {reason} ({count})."
NONE_REFUSED = "{lines} lines, {plain} drawn plain; nothing was refused."
REDRAWN = "drawing that was hard to read, drawn anew"


def _finding(preview: Preview) -> str:
    """Say how many lines there are, which share is drawn plain, and what was refused most."""
    counts, refused = preview.counts, _refused(preview)
    worst = max(refused, key=lambda reason: refused[reason], default="")
    return (REFUSED if worst else NONE_REFUSED).format(
        lines=f"{counts.samples:,}",
        plain=f"{100 * counts.attempts.get('plain', 0) / counts.samples:.1f} %",
        reason=worst,
        count=f"{refused.get(worst, 0):,}",
    )


def _refused(preview: Preview) -> dict[str, int]:
    """Count what was refused on the way to the lines, by reason in words: drawings and texts."""
    redrawn = preview.counts.redrawn
    found = {REDRAWN: redrawn} if redrawn else {}
    for name, count in preview.record.counts.items():
        effect, _, reason = name.partition(": ")
        if effect == EFFECT_WORDS["left_out"] and name != MARKED_BAD:
            words = WORDS.get(reason) or FILE_WORDS.get(reason, reason).removesuffix(", left out")
            if not reason.startswith(FONT):  # those of the machine are nobody's to mend
                found[words] = found.get(words, 0) + count
    return found


def _sheet_lead(preview: Preview) -> str:
    lead = f"{len(preview.rows):,} samples at random, the characters that each teaches marked."
    left_out = len(preview.record.without)
    if left_out:
        lead += f" {left_out:,} are not among them: synth merge --without left them out."
    return lead


def _taught(found: Teaching | None) -> tuple[Section, ...]:
    """Lay out what own lines teach and what drawn lines do; nothing for a run beside none."""
    if found is None:
        return ()
    names = ("production", "own", "drawn", "drawn for it", "an epoch needs")
    columns = [Column("kind"), Column("name"), *(Column(name, is_number=True) for name in names)]
    rows = [
        (
            row.kind,
            _named(row.name),
            row.used,
            row.own,
            row.drawn,
            row.asked,
            row.needed,
            row.why,
        )
        for row in sorted(found.rows, key=lambda row: (not row.why, row.own >= found.enough))
    ]
    lead = (
        f"Lines that hold each: of production ({found.production:,} lines: {found.of}), of the "
        f"{found.own:,} own ones, of the {found.drawn:,} drawn ones. {found.enough} own lines "
        "teach. Drawn lines that an epoch needs: as many as make up for own ones."
    )
    return (
        Section(
            "What own lines and drawn lines teach",
            table([*columns, Column("why not")], rows, shown=50),
            lead,
        ),
    )


def _characters(
    new: Counter[str], targets: Counter[str], before: Mapping[str, int] | None
) -> Markup:
    ranked = sorted(new, key=lambda char: (-targets.get(char, 0), -new[char], char))
    shown = ranked[:MOST_BARS]
    names = [_named(char) for char in shown]
    if before is None:
        series: dict[str, list[int]] = {"new lines": [new[char] for char in shown]}
    else:
        series = {
            "before": [before.get(char, 0) for char in shown],
            "after": [before.get(char, 0) + new[char] for char in shown],
        }
    plot = bars(names, series, title="characters, the targets first")
    columns = [Column("character"), Column("code"), Column("new", is_number=True)]
    columns.append(Column("as target", is_number=True))
    if before is not None:
        columns += [Column("before", is_number=True), Column("after", is_number=True)]
    rows = []
    for char in ranked:
        code = " ".join(f"U+{ord(part):04X}" for part in char)
        cells: list[str | int] = [_named(char), code, new[char], targets[char]]
        if before is not None:
            cells += [before.get(char, 0), before.get(char, 0) + new[char]]
        rows.append(cells)
    return plot + table(columns, rows, shown=50)


def _named(char: str) -> str:
    return "space" if char == " " else char


def _top_bars(counter: Counter[str], title: str) -> Markup:
    top = counter.most_common(MOST_BARS)
    left_out = len(counter) - len(top)
    title += f" (top {MOST_BARS}, {left_out} more)" if left_out else ""
    return bars([name for name, _ in top], {"": [count for _, count in top]}, title=title)
