"""A preview as one self-contained page: contact sheet to filter and mark, plots and tables."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from markupsafe import Markup

from synth.run.merging import HEADER
from synth.run.preview_data import Preview, pieces_of
from textlines.defects import EFFECT_WORDS, of_texts
from textlines.files import raise_if_of_the_machine, read_regular
from textlines.formats.manifest import ManifestRow, Refusal
from textlines.formats.plan_rows import Vertical
from textlines.formats.run_record import MARKED_BAD, RunRecord, plan_identity
from textlines.formats.teaching import Teaching
from textlines.pages.environment import asset, render
from textlines.pages.figures import bars, histogram
from textlines.pages.page import Fact, Section, page
from textlines.pages.tables import Column, table
from textlines.pages.thumbnails import thumbnail
from textlines.wording import UNSAID, Sentence, joined, say, say_n, spoken
from textlines.wording.counts import line_count

MOST_BARS = 40

_KINDS: Mapping[str, str] = {
    "character": say("character"),
    "pair": say("pair"),
    "part": say("part"),
    "pattern": say("pattern"),
    "length": say("length"),
    "space": say("space"),
}

REFUSED = say("{lines}, {plain} drawn plain; refused most often: {reason} ({count}).")

NONE_REFUSED = say("{lines}, {plain} drawn plain; nothing was refused.")

REDRAWN: Mapping[Refusal, Sentence] = {
    "overlap": say("neighbours whose ink lies on each other"),
    "contrast": say("character too faint"),
    "outside": say("character cut by the edge of the image"),
    "part": say("character of which a part is not seen"),
    "stroke": say("character of which a stroke is not seen"),
    "counter": say("character with a closed counter"),
}
"""Drawings that were refused, in words; another was drawn for each."""

PACKAGE = "synth.run"

_SCRIPT_WORDS = {
    "not_kept": say("This browser keeps no marks: save the list before you leave."),
    "saved": say("Samples saved: {count}.", count="{count}"),
    "copied": say("Samples copied: {count}.", count="{count}"),
    "not_copied": say("This browser lets no page copy: save the list."),
    "count": say(
        "samples shown: {shown} of {all}, marked bad: {bad}",
        shown="{shown}",
        all="{all}",
        bad="{bad}",
    ),
    "beyond": say(" ({count} more on other pages of this run)", count="{count}"),
}
"""What the page's script says, which fills in the figures."""


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
                    (_in_words(counts.verticals), say("vertical lines")),
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


def _finding(preview: Preview) -> Sentence:
    """Return how many lines there are, which share is drawn plain, and what was refused most."""
    counts, refused = preview.counts, _refused(preview)
    worst = max(refused, key=lambda reason: refused[reason], default="")
    return (REFUSED if worst else NONE_REFUSED).filled(
        lines=line_count(counts.samples),
        plain=f"{100 * counts.attempts.get('plain', 0) / counts.samples:.1f} %",
        reason=worst,
        count=f"{refused.get(worst, 0):,}",
    )


def _refused(preview: Preview) -> dict[str, int]:
    """Count what was refused on the way to the lines, by reason in words: drawings and texts."""
    redrawn = preview.counts.refused
    refused: dict[str, int] = {REDRAWN[reason]: count for reason, count in redrawn.items()}
    for name, count in preview.record.counts.items():
        effect, _, reason = name.partition(": ")
        if effect == EFFECT_WORDS["left_out"] and name != MARKED_BAD:
            defect = of_texts.PLAN.get(reason) or of_texts.RUN.get(reason)
            words = defect.what if defect else reason
            if not reason.startswith(of_texts.FONT):  # those of the machine are nobody's to mend
                refused[words] = refused.get(words, 0) + count
    return refused


def _sheet_lead(preview: Preview) -> Sentence:
    lead = say_n(
        "{n:,} sample at random, the characters that it teaches marked.",
        "{n:,} samples at random, the characters that each teaches marked.",
        len(preview.rows),
    )
    left_out = len(preview.record.without)
    if left_out:
        more = say(
            "{count:,} are not among them: synth merge --without left them out.", count=left_out
        )
        lead = joined(" ", [lead, more])
    return lead


def _taught(record: Teaching | None) -> tuple[Section, ...]:
    """Lay out what own lines teach and what drawn lines do; nothing for a run beside none."""
    if record is None:
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
        for row in sorted(record.rows, key=lambda row: (not row.why, row.own >= record.enough))
    ]
    lead = say(
        "Lines that hold each: of production ({production}: {of}), of the {own:,} own "
        "ones, of the {drawn:,} drawn ones. {enough} own lines teach. Drawn lines that an epoch "
        "needs: as many as make up for own ones.",
        production=line_count(record.production),
        of=Sentence(record.of),
        own=record.own,
        drawn=record.drawn,
        enough=record.enough,
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


@dataclass(frozen=True, slots=True)
class _Sample:
    """What the page shows of a sample.

    source: a data address, "" where it cannot be read. vertical: how the line is set vertically in
    words, "" where it is not.
    """

    index: int
    image: str
    sha256: str
    source: str
    text: str
    pieces: Sequence[tuple[str, bool]]
    targets: Sequence[str]
    face: str
    hint: str
    vertical: str


def sheet(preview: Preview) -> Markup:
    """Lay out the samples of a preview with what filters and marks them."""
    samples = [_sample(preview, row) for row in preview.rows]
    return render(
        PACKAGE,
        "sheet.html.j2",
        samples=samples,
        targets=_counted(
            Counter(char for sample in samples for char in dict.fromkeys(sample.targets))
        ),
        faces=_counted(Counter(sample.face for sample in samples)),
        folder=preview.folder,
        data={
            "key": f"ocr-mend/bad/{_identity(preview.record)}",
            "header": HEADER,
            "words": {name: spoken(words) for name, words in _SCRIPT_WORDS.items()},
        },
    )


def styles() -> tuple[Markup, ...]:
    """Return the style sheets that the sheet needs."""
    return asset("textlines.pages", "tools.css"), asset(PACKAGE, "sheet.css")


def scripts() -> tuple[Markup, ...]:
    """Return the scripts that the sheet needs."""
    return (asset(PACKAGE, "sheet.js"),)


def _sample(preview: Preview, row: ManifestRow) -> _Sample:
    path = preview.folder / row.image
    try:
        source = thumbnail(read_regular(path))
    except OSError as error:
        raise_if_of_the_machine(path, error)
        source = ""
    return _Sample(
        index=row.index,
        image=row.image,
        sha256=row.sha256,
        source=source,
        text=row.text,
        pieces=pieces_of(row.text, row.targets),
        targets=row.targets,
        face=row.face.family,
        hint=say(
            "{family}, {surface}, attempt {attempt}",
            family=" + ".join(face.family for face in row.faces()),
            surface=row.surface[0],
            attempt=row.attempt,
        ),
        vertical=_VERTICAL.get(row.vertical, ""),
    )


_VERTICAL: Mapping[Vertical, str] = {
    "upright": say("vertical, upright"),
    "mixed": say("vertical, words along the column"),
    "turned": say("vertical, read upwards"),
}


def _in_words(verticals: Counter[Vertical]) -> Counter[str]:
    return Counter({_VERTICAL[form]: count for form, count in verticals.items()})


def _counted(counts: Counter[str]) -> Mapping[str, int]:
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _identity(record: RunRecord) -> str:
    """Hash what makes the images of a run, so that marks of another run are not taken for its."""
    made = record.model_dump_json(include={"configuration", "seed", "versions"})
    return sha256(f"{plan_identity(record)}{made}".encode()).hexdigest()
