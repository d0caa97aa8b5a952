"""A preview as one self-contained page."""

from collections import Counter
from collections.abc import Mapping

from markupsafe import Markup

from synth.preview.read import Preview
from textlines.files import raise_if_of_the_machine, read_regular
from textlines.formats.teaching import Teaching
from textlines.pages.figures import bars, histogram
from textlines.pages.page import Fact, Section, page
from textlines.pages.tables import Column, table
from textlines.pages.thumbnails import Picture, gallery, thumbnail

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
        Section("Contact sheet", _sheet(preview), f"{len(preview.rows)} samples at random."),
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
    seed = preview.record.seed
    return page(f"Preview of {preview.folder.name}", sections, facts=facts, lead=f"seed {seed}")


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


def _sheet(preview: Preview) -> Markup:
    pictures = []
    for row in preview.rows:
        path = preview.folder / row.image
        hint = f"{row.face.family}, {row.surface[0]}, attempt {row.attempt}"
        try:
            source = thumbnail(read_regular(path))
        except OSError as error:
            raise_if_of_the_machine(path, error)
            source = ""
        pictures.append(Picture(source, f"{row.index}: {row.text}", hint))
    return gallery(pictures, height=48)


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
