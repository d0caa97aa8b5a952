"""An import from start to end: pages read, lines cut, crops and label file written.

Crops go to `crops/`, page by page; what a page gave is appended to a journal when all its crops
are on the disk. A run that was stopped goes on from there. The label file comes last, whole.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from balance.imports.cutting import QUALITY, cut_page
from balance.imports.doubts import DOUBTS, Doubt, write_doubts
from balance.imports.finding_images import ImageFinder
from balance.imports.journal import Journal, key_of
from balance.imports.json_boxes import read_lsvt, read_ppocr_det
from balance.imports.label_studio import read_label_studio
from balance.imports.pages import AS_USUAL, Format, ImportOptions, Page
from balance.imports.placeholders import doubtful_words, placeholders_of
from balance.imports.text_boxes import read_text_boxes
from balance.imports.whole_images import read_lmdb_pages, read_ppocr_rec
from balance.imports.words import LEFT_OUT, REASONS, WITHOUT_TEXT, ways_out
from textlines.errors import InputError
from textlines.files import sha256_of
from textlines.formats.run_record import RunRecord, versions
from textlines.labels.label_file import write_labels
from textlines.labels.tally import Tally

LABELS, RECORD = "rec_gt.txt", "run.json"
COMMAND = "balance import"

MOST = 0.5
"""Share of the lines from which on the mark for difficult ones is doubted."""

_FAULT = "A build of PPOCRLabel for Windows marked every box that was drawn by hand so"
"""PaddleOCR#10070, #11029: "difficult": true, and the tool's own export was empty."""


@dataclass(frozen=True, slots=True)
class Imported:
    """How many lines were written from how many pages, and what was left out or changed.

    Attributes:
        resumed: pages that an earlier call had finished. is_whole: an earlier call had all.
    """

    lines: int
    pages: int
    resumed: int
    tally: Tally
    is_whole: bool = False


def import_lines(
    source: Path,
    format: Format,
    out: Path,
    *,
    images: Path | None = None,
    strict: bool = False,
    options: ImportOptions = AS_USUAL,
) -> Imported:
    """Import a source into `out`: `crops/`, `rec_gt.txt`, `run.json`.

    Lines to look at are listed in `doubts.jsonl`, where there are any.

    Args:
        source: file or folder of the annotations.
        images: folder of the images; None looks beside the annotations.
        strict: stop at the first line that would be left out.

    Raises:
        InputError: the source cannot be read, `out` holds something else, no line comes of it,
            or (strict) a line was left out.
    """
    if not source.exists():
        raise InputError(str(source), "is not there", "Check the path.")
    if images is not None and not images.is_dir():
        raise InputError(str(images), "is no folder", "Name the folder of the images.")
    key = key_of(source, format, images, options)
    journal = Journal(out, key)
    before = None if journal.is_there else _imported_before(out, key)
    if before is not None:
        _refuse_loss(before.tally, strict)
        return before
    tally = Tally()
    done = journal.read()
    rows: list[tuple[str, str]] = []
    doubts: list[Doubt] = []
    placeholders = placeholders_of(format, options.placeholders)
    pages = 0
    try:
        for pages, page in enumerate(read_pages(source, format, images, tally, out, options), 1):
            cut = done.get(pages)
            if cut is None:
                cut = cut_page(page, pages, out, options, placeholders)
                journal.add(pages, cut)
            rows += cut.lines
            doubts += cut.doubts
            for reason, place in cut.counts:
                tally.add(reason, place)
            _refuse_loss(tally, strict)
        _refuse_loss(tally, strict)
    except InputError:
        if not pages and not done:
            journal.remove()  # so that nothing is in the way of a call with another option
        raise
    if not rows:
        journal.remove()
        raise _nothing(source, format, tally)
    words = doubtful_words(label for _, label in rows) if options.placeholders is None else {}
    for path, label in rows:
        if label in words:
            tally.add("maybe_placeholder", f"{path} ({label})")
            doubts.append(Doubt("maybe_placeholder", path, label, path))
    if doubts:
        write_doubts(out, doubts)
    write_labels(out / LABELS, rows)
    _record(source, format, out, key, options, tally, len(rows), pages)
    journal.remove()
    return Imported(len(rows), pages, len(done), tally)


def read_pages(
    source: Path,
    format: Format,
    images: Path | None,
    tally: Tally,
    out: Path,
    options: ImportOptions = AS_USUAL,
) -> Iterator[Page]:
    """Read a source of any format as pages with marked lines; `out` is not searched for images."""
    if format == "ppocr-det":
        return read_ppocr_det(source, images, tally)
    if format == "ppocr-rec":
        return read_ppocr_rec(source, images, tally)
    if format == "lmdb":
        return read_lmdb_pages(source, tally)
    beside = source if source.is_dir() else source.parent
    # Annotations and images are often two folders side by side.
    folders = [images] if images else [beside, *([beside.parent] if source.is_dir() else [])]
    finder = ImageFinder(folders[:1], out)
    if not len(finder) and len(folders) > 1:
        finder = ImageFinder(folders, out)
    if finder.twice:
        tally.add("image_twice", str(folders[0]), finder.twice)
    if format == "lsvt":
        return read_lsvt(source, finder, tally)
    if format == "label-studio":
        return read_label_studio(source, finder, tally, options.text_area)
    return read_text_boxes(source, format, finder, tally)


def mostly_difficult(done: Imported, format: Format) -> str:
    """Return what to say where most lines were left out as difficult; else ""."""
    count = done.tally["difficult"]
    every = done.lines + count
    if count < MOST * every:
        return ""
    fault = f" {_FAULT}." if format == "ppocr-det" else ""
    return (
        f"{count:,} of {every:,} lines with a text ({count / every:.0%}) are marked difficult."
        f"{fault} Look at some of them; --take-difficult takes them."
    )


def _nothing(source: Path, format: Format, tally: Tally) -> InputError:
    """Return the error for a source that gave no line; says so where all are marked difficult."""
    lost = {reason: count for reason, count in tally.as_dict().items() if reason in LEFT_OUT}
    count = lost.get("difficult", 0)
    if count and not lost.keys() - {"difficult", *WITHOUT_TEXT}:
        what = f"gives no line: EVERY line with a text is marked difficult, all {count:,}"
        return InputError(
            str(source),
            f"{what}. {_FAULT}" if format == "ppocr-det" else what,
            "Look at some of them; if they can be read, import with --take-difficult. "
            "Texts like ### stay out.",
        )
    told = "; ".join(tally.lines(REASONS)) or "it holds none"
    return InputError(str(source), f"gives no line ({told})", ways_out(lost))


def _refuse_loss(tally: Tally, strict: bool) -> None:
    reason = next((one for one in tally.as_dict() if one in LEFT_OUT), "") if strict else ""
    if reason:
        place = next(iter(tally.places(reason)), "")
        words = REASONS[reason].removesuffix(", left out")
        raise InputError(place, words, "Mend it, or import without --strict.")


def _imported_before(out: Path, key: str) -> Imported | None:
    """Return what an import that is finished gave; None where `out` holds none.

    Raises:
        InputError: it is of another source, or its label file was changed since.
    """
    path = out / RECORD
    if not path.is_file():
        return None
    record = RunRecord.read(path)
    if record.command != COMMAND:
        return None
    if record.configuration.get("key") != key:
        raise InputError(
            str(out),
            "holds the import of another source, of this one before it was changed, or with other "
            "options",
            "Remove it or name another --out.",
        )
    if not (out / LABELS).is_file() or sha256_of(out / LABELS) != record.outputs.get(LABELS):
        raise InputError(
            str(out / LABELS),
            "is not what was imported: it was changed or removed since",
            "Remove the folder to import it again, or name another --out.",
        )
    counts = dict(record.counts)
    lines, pages = counts.pop("lines", 0), counts.pop("pages", 0)
    tally = Tally()
    for reason, count in counts.items():
        tally.add(reason, str(path), count)
    return Imported(lines, pages, pages, tally, is_whole=True)


def _record(
    source: Path,
    format: Format,
    out: Path,
    key: str,
    options: ImportOptions,
    tally: Tally,
    lines: int,
    pages: int,
) -> None:
    inputs = {source.name: sha256_of(source)} if source.is_file() else {}
    if format == "lmdb":
        inputs = {"data.mdb": sha256_of(source / "data.mdb")}
    elif source.is_dir():
        texts = sorted(p for p in source.glob("*.txt") if p.is_file())
        inputs = {file.name: sha256_of(file) for file in texts}
    RunRecord(
        command=COMMAND,
        configuration={"format": format, "quality": QUALITY, "key": key, **asdict(options)},
        inputs=inputs,
        outputs={
            name: sha256_of(out / name) for name in (LABELS, DOUBTS) if (out / name).is_file()
        },
        counts={"lines": lines, "pages": pages, **tally.as_dict()},
        versions=versions(),
    ).write(out / RECORD)
