"""A preview as one self-contained page."""

from collections import Counter
from collections.abc import Mapping

from markupsafe import Markup

from synth.job.oddities import FONT
from synth.job.oddities import WORDS as FILE_WORDS
from synth.plan.plan_report import WORDS
from synth.preview.read import Preview
from synth.preview.sheet import scripts, sheet, styles
from textlines.formats.manifest import Refusal
from textlines.formats.run_record import MARKED_BAD
from textlines.formats.teaching import Teaching
from textlines.labels.tally import EFFECT_WORDS, bare
from textlines.pages.figures import bars, histogram
from textlines.pages.page import Fact, Section, page
from textlines.pages.tables import Column, table
from textlines.wording import UNSAID, Sentence, joined, say, spoken

MOST_BARS = 40

_KINDS: Mapping[str, str] = {
    "character": say("character"),
    "pair": say("pair"),
    "part": say("part"),
    "pattern": say("pattern"),
    "length": say("length"),
    "space": say("space"),
}


def preview_page(preview: Preview, before: Mapping[str, int] | None = None) -> str:
    """Lay out contact sheet, plots and tables of a run.

    Args:
        before: characters of the team's data without the new lines, with counts; without it
            the plots show the new lines alone.
    """
    counts = preview.counts
    state = UNSAID if preview.complete else say("(unfinished: what is there so far)")
    plain = counts.attempts.get("plain", 0)
    facts = (
        Fact(say("images"), f"{counts.samples:,}", state),
        Fact(say("different characters"), f"{len(counts.characters):,}"),
        Fact(say("face families"), f"{len(counts.families):,}"),
        Fact(say("drawn plain"), f"{plain:,}", f"{100 * plain / counts.samples:.2f} %"),
    )
    sections = (
        Section(say("Contact sheet"), sheet(preview), _sheet_lead(preview), is_wide=True),
        Section(say("Characters"), _characters(counts.characters, counts.targets, before)),
        *_taught(preview.record.teaching),
        Section(
            say("Shapes"),
            Markup("").join(
                (
                    histogram(
                        {"": counts.lengths},
                        title=say("label length"),
                        unit=spoken(say(" characters")),
                    ),
                    histogram({"": counts.sizes_px}, title=say("size of the face"), unit=" px"),
                    histogram({"": counts.widths}, title=say("image width"), unit=" px"),
                    histogram(
                        {"": counts.contrasts},
                        title=say("weakest contrast"),
                        unit=spoken(say(" levels")),
                    ),
                )
            ),
        ),
        Section(
            say("Where it comes from"),
            Markup("").join(
                _top_bars(counter, title)
                for counter, title in (
                    (counts.families, say("face families")),
                    (counts.sources, say("text sources")),
                    (counts.surfaces, say("surfaces")),
                    (counts.distractors, say("distractors")),
                    (counts.effects, say("effects")),
                    (counts.attempts, say("attempts (0 = as first drawn)")),
                )
                if counter
            ),
        ),
        Section(
            say("Counts of the run"),
            table(
                [Column(say("what")), Column(say("count"), is_number=True)],
                [
                    (Markup("<code>{}</code>").format(name), count)
                    for name, count in sorted(preview.record.counts.items())
                ],
            ),
        ),
    )
    return page(
        say("Preview of {folder}", folder=preview.folder.name),
        sections,
        finding=_finding(preview),
        facts=facts,
        lead=say("seed {seed}", seed=preview.record.seed),
        styles=styles(),
        scripts=scripts(),
    )


REFUSED = say("{lines} lines, {plain} drawn plain; refused most often: {reason} ({count}).")
NONE_REFUSED = say("{lines} lines, {plain} drawn plain; nothing was refused.")
REDRAWN: Mapping[Refusal, Sentence] = {
    "overlap": say("neighbours whose ink lies on each other"),
    "contrast": say("character too faint"),
    "outside": say("character cut by the edge of the image"),
    "part": say("character of which a part is not seen"),
    "stroke": say("character of which a stroke is not seen"),
    "counter": say("character with a closed counter"),
}
"""Drawings that were refused, in words; another was drawn for each."""


def _finding(preview: Preview) -> Sentence:
    """Say how many lines there are, which share is drawn plain, and what was refused most."""
    counts, refused = preview.counts, _refused(preview)
    worst = max(refused, key=lambda reason: refused[reason], default="")
    return (REFUSED if worst else NONE_REFUSED).filled(
        lines=f"{counts.samples:,}",
        plain=f"{100 * counts.attempts.get('plain', 0) / counts.samples:.1f} %",
        reason=worst,
        count=f"{refused.get(worst, 0):,}",
    )


def _refused(preview: Preview) -> dict[str, int]:
    """Count what was refused on the way to the lines, by reason in words: drawings and texts."""
    redrawn = preview.counts.refused
    found: dict[str, int] = {REDRAWN[reason]: count for reason, count in redrawn.items()}
    for name, count in preview.record.counts.items():
        effect, _, reason = name.partition(": ")
        if effect == EFFECT_WORDS["left_out"] and name != MARKED_BAD:
            words = bare(WORDS.get(reason) or FILE_WORDS.get(reason, reason))
            if not reason.startswith(FONT):  # those of the machine are nobody's to mend
                found[words] = found.get(words, 0) + count
    return found


def _sheet_lead(preview: Preview) -> Sentence:
    lead = say(
        "{count:,} samples at random, the characters that each teaches marked.",
        count=len(preview.rows),
    )
    left_out = len(preview.record.without)
    if left_out:
        more = say(
            "{count:,} are not among them: synth merge --without left them out.", count=left_out
        )
        lead = joined(" ", [lead, more])
    return lead


def _taught(found: Teaching | None) -> tuple[Section, ...]:
    """Lay out what own lines teach and what drawn lines do; nothing for a run beside none."""
    if found is None:
        return ()
    names = (
        say("production"),
        say("own"),
        say("drawn"),
        say("drawn for it"),
        say("an epoch needs"),
    )
    columns = [
        Column(say("kind")),
        Column(say("name")),
        *(Column(name, is_number=True) for name in names),
    ]
    rows = [
        (
            _KINDS[row.kind],
            _named(row.name),
            row.used,
            row.own,
            row.drawn,
            row.asked,
            row.needed,
            row.spoken(),
        )
        for row in sorted(found.rows, key=lambda row: (not row.why, row.own >= found.enough))
    ]
    lead = say(
        "Lines that hold each: of production ({production:,} lines: {of}), of the {own:,} own "
        "ones, of the {drawn:,} drawn ones. {enough} own lines teach. Drawn lines that an epoch "
        "needs: as many as make up for own ones.",
        production=found.production,
        of=Sentence(found.of),
        own=found.own,
        drawn=found.drawn,
        enough=found.enough,
    )
    return (
        Section(
            say("What own lines and drawn lines teach"),
            table([*columns, Column(say("why not"))], rows, shown=50),
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
        series: dict[str, list[int]] = {say("new lines"): [new[char] for char in shown]}
    else:
        series = {
            say("before"): [before.get(char, 0) for char in shown],
            say("after"): [before.get(char, 0) + new[char] for char in shown],
        }
    plot = bars(names, series, title=say("characters, the targets first"))
    columns = [
        Column(say("character")),
        Column(say("code")),
        Column(say("new"), is_number=True),
        Column(say("as target"), is_number=True),
    ]
    if before is not None:
        columns += [Column(say("before"), is_number=True), Column(say("after"), is_number=True)]
    rows = []
    for char in ranked:
        code = " ".join(f"U+{ord(part):04X}" for part in char)
        cells: list[str | int] = [_named(char), code, new[char], targets[char]]
        if before is not None:
            cells += [before.get(char, 0), before.get(char, 0) + new[char]]
        rows.append(cells)
    return plot + table(columns, rows, shown=50)


def _named(char: str) -> str:
    return say("space") if char == " " else char


def _top_bars(counter: Counter[str], title: str) -> Markup:
    top = counter.most_common(MOST_BARS)
    left_out = len(counter) - len(top)
    if left_out:
        title = say(
            "{title} (top {shown}, {more} more)", title=title, shown=MOST_BARS, more=left_out
        )
    return bars([name for name, _ in top], {"": [count for _, count in top]}, title=title)
