"""The contact sheet of the page: samples with their targets marked, to filter and to mark."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from markupsafe import Markup

from synth.preview.read import Preview
from synth.preview.targets import pieces_of
from synth.running.marked import HEADER
from textlines.files import raise_if_of_the_machine, read_regular
from textlines.formats.manifest import ManifestRow
from textlines.formats.plan_rows import PLAN
from textlines.formats.run_record import RunRecord
from textlines.pages.environment import asset, render
from textlines.pages.thumbnails import thumbnail
from textlines.wording import say, spoken

PACKAGE = "synth.preview"


@dataclass(frozen=True, slots=True)
class _Sample:
    """What the page shows of a sample. source: a data address, "" where it cannot be read."""

    index: int
    image: str
    sha256: str
    source: str
    text: str
    pieces: Sequence[tuple[str, bool]]
    targets: Sequence[str]
    face: str
    hint: str


def sheet(preview: Preview) -> Markup:
    """Lay out the samples of a preview with what filters and marks them."""
    samples = [_sample(preview, row) for row in preview.rows]
    return render(
        PACKAGE,
        "sheet.html.j2",
        samples=samples,
        targets=_counted(Counter(char for one in samples for char in dict.fromkeys(one.targets))),
        faces=_counted(Counter(one.face for one in samples)),
        folder=preview.folder,
        data={
            "key": f"ocr-mend/bad/{_identity(preview.record)}",
            "header": HEADER,
            "words": {name: spoken(words) for name, words in _SCRIPT_WORDS.items()},
        },
    )


_SCRIPT_WORDS = {
    "not_kept": say("This browser keeps no marks: save the list before you leave."),
    "saved": say("Saved {count} samples.", count="{count}"),
    "copied": say("Copied {count} samples.", count="{count}"),
    "not_copied": say("This browser lets no page copy: save the list."),
    "count": say(
        "{shown} of {all} samples, {bad} marked bad", shown="{shown}", all="{all}", bad="{bad}"
    ),
    "beyond": say(" ({count} more on other pages of this run)", count="{count}"),
}
"""What the page's script says, which fills in the figures."""


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
        row.index,
        row.image,
        row.sha256,
        source,
        row.text,
        pieces_of(row.text, row.targets),
        row.targets,
        row.face.family,
        say(
            "{family}, {surface}, attempt {attempt}",
            family=row.face.family,
            surface=row.surface[0],
            attempt=row.attempt,
        ),
    )


def _counted(found: Counter[str]) -> Mapping[str, int]:
    return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))


def _identity(record: RunRecord) -> str:
    """Hash what makes the images of a run, so that marks of another run are not taken for its."""
    made = record.model_dump_json(include={"configuration", "seed", "versions"})
    return sha256(f"{record.outputs.get(PLAN, '')}{made}".encode()).hexdigest()
