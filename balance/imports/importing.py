"""An import from start to end: pages read, lines cut, crops and label file written.

Crops go to `crops/`, page by page; what a page gave is appended to a journal when all its crops
are on the disk. A run that was stopped goes on from there. The label file comes last, whole.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Literal

from balance.imports.box_files import read_lsvt, read_ppocr_det, read_text_boxes
from balance.imports.crop_cutting import QUALITY, cut_page
from balance.imports.foreign_forms import FORMS, Format
from balance.imports.image_lists import parse_aihub, parse_coco_text
from balance.imports.import_records import DOUBTS, DoubtfulLine, Journal, key_of, write_doubts
from balance.imports.json_pages import (
    labelme_parser,
    parse_cord,
    parse_funsd,
    parse_rects,
    parse_ufo,
    parse_xfund,
    texts_are_descriptions,
)
from balance.imports.label_studio import read_label_studio
from balance.imports.mapping import MappedForm, read_mapping
from balance.imports.marked_files import Parser, annotation_files, marked_pages
from balance.imports.page_regions import (
    AS_USUAL,
    ImportOptions,
    Page,
    doubtful_words,
    placeholders_of,
)
from balance.imports.source_files import (
    ImageFinder,
    form_and_file_of,
    hint_of,
    refuse_other_form,
    source_of,
)
from balance.imports.whole_images import (
    Splitter,
    parse_doctr,
    parse_text_renderer,
    read_gt_txt,
    read_lmdb_pages,
    read_pairs,
    read_ppocr_rec,
    split_easyocr,
    split_icdar_words,
    split_trdg,
)
from balance.imports.xml_pages import load_xml, parse_cvat, parse_kaist
from textlines.defects import of_annotations
from textlines.errors import InputError, UsageError
from textlines.files import real_path, sha256_of
from textlines.formats.run_record import RunRecord, versions
from textlines.labels.label_file import write_labels
from textlines.labels.label_paths import shown_path
from textlines.labels.tally import Tally
from textlines.wording.counts import count_of

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
        format: that was named, or told for "auto".
    """

    lines: int
    pages: int
    resumed: int
    tally: Tally
    is_whole: bool = False
    format: str = ""


def import_lines(
    source: Path,
    format: Format | Literal["auto"],
    out: Path,
    *,
    images: Path | None = None,
    mapping: Path | None = None,
    strict: bool = False,
    options: ImportOptions = AS_USUAL,
) -> Imported:
    """Import a source into `out`: `crops/`, `rec_gt.txt`, `run.json`.

    Lines to look at are listed in `doubts.jsonl`, where there are any.

    Args:
        source: file or folder of the annotations.
        format: "auto" tells it by what the files hold.
        images: folder of the images; None looks beside the annotations.
        mapping: what describes the form of "json".
        strict: stop at the first line that would be left out.

    Raises:
        InputError: the source cannot be read or is of another form, `out` holds something else,
            no line comes of it, or (strict) a line was left out.
        UsageError: "json" without a mapping, or a mapping with another format.
    """
    if not source.exists():
        raise InputError(str(source), "is not there", "Check the path.")
    if images is not None and not images.is_dir():
        raise InputError(str(images), "is no folder", "Name the folder of the images.")
    if (format == "json") != (mapping is not None):
        raise UsageError(
            "--mapping",
            "goes with the format json, and json with it",
            "Call: balance import json SOURCE --mapping FILE.toml --out FOLDER",
        )
    named = source
    if format == "auto":
        format, source = form_and_file_of(source, out)
    else:
        source = source_of(source, format, out)
    key = key_of(source, format, images, options, mapping=mapping, skip=out)
    journal = Journal(out, key)
    before = None if journal.is_there else _imported_before(out, key)
    if before is not None:
        _refuse_loss(before.tally, strict)
        return replace(before, format=format)
    refuse_other_form(source, format)
    tally = Tally()
    done = journal.read()
    rows: list[tuple[str, str]] = []
    doubts: list[DoubtfulLine] = []
    placeholders = placeholders_of(format, options.placeholders)
    pages = 0
    try:
        read = read_pages(source, format, images, tally, out, options, mapping)
        for pages, page in enumerate(read, 1):
            cut = done.get(pages)
            if cut is None:
                cut = cut_page(page, pages, out, options, placeholders)
                journal.add(pages, cut)
            rows += cut.lines
            doubts += cut.doubts
            for defect, place in cut.counts:
                tally.add(defect, place)
            _refuse_loss(tally, strict)
        _refuse_loss(tally, strict)
    except InputError:
        if not pages and not done:
            journal.remove()  # so that nothing is in the way of a call with another option
        raise
    if not rows:
        journal.remove()
        raise _nothing(named, format, tally, hint_of(source, format, out))
    words = doubtful_words(label for _, label in rows) if options.placeholders is None else {}
    for path, label in rows:
        if label in words:
            tally.add(of_annotations.MAYBE_PLACEHOLDER, f"{path} ({label})")
            doubts.append(DoubtfulLine(of_annotations.MAYBE_PLACEHOLDER.code, path, label, path))
    if doubts:
        write_doubts(out, doubts)
    write_labels(out / LABELS, rows)
    _record(source, format, out, key, options, tally, len(rows), pages)
    journal.remove()
    return Imported(len(rows), pages, len(done), tally, format=format)


def read_pages(
    source: Path,
    format: Format,
    images: Path | None,
    tally: Tally,
    out: Path,
    options: ImportOptions = AS_USUAL,
    mapping: Path | None = None,
) -> Iterator[Page]:
    """Read a source of any format as pages with marked lines; `out` is not searched for images."""
    if format == "ppocr-det":
        yield from read_ppocr_det(source, images, tally)
    elif format == "ppocr-rec":
        yield from read_ppocr_rec(source, images, tally)
    elif format == "lmdb":
        yield from read_lmdb_pages(source, tally)
    else:
        mapped = MappedForm(read_mapping(mapping), mapping) if mapping else None
        files = annotation_files(source, FORMS[format].suffixes, out)
        finder = _finder(source, images, out)
        if mapped:
            yield from marked_pages(files, source, finder, tally, mapped.parse)
            mapped.refuse_if_nothing()
        else:
            yield from _with_finder(source, files, format, finder, tally, options)
        for name in finder.unclear:
            tally.add(of_annotations.IMAGE_TWICE, shown_path(name))


def _finder(source: Path, images: Path | None, out: Path) -> ImageFinder:
    """Look for images where they are said to be, or beside the annotations, or one folder up."""
    if images:
        return ImageFinder([images], out)
    finder = ImageFinder([source if source.is_dir() else source.parent], out)
    # Annotations and images are often two folders side by side.
    if not len(finder) and source.is_dir():
        finder = ImageFinder([real_path(source).parent], out)
    return finder


def _with_finder(
    source: Path,
    files: Sequence[Path],
    format: Format,
    finder: ImageFinder,
    tally: Tally,
    options: ImportOptions,
) -> Iterator[Page]:
    if format == "lsvt":
        return read_lsvt(source, finder, tally)
    if format == "label-studio":
        return read_label_studio(source, finder, tally, options.text_area)
    if format == "gt-txt":
        return read_gt_txt(source, files, finder, tally)
    if format in _PAIRS:
        return read_pairs(files, finder, tally, _PAIRS[format])
    if format in _XML:
        return marked_pages(files, source, finder, tally, _XML[format], read=load_xml)
    if format in FORMS["labelme"].like:
        parse = labelme_parser(texts_are_descriptions(files, format), format)
        return marked_pages(files, source, finder, tally, parse)
    if format in _JSON:
        return marked_pages(files, source, finder, tally, _JSON[format])
    return read_text_boxes(source, files, format, finder, tally)


_JSON: Mapping[str, Parser] = {
    "rects": parse_rects,
    "cord": parse_cord,
    "funsd": parse_funsd,
    "xfund": parse_xfund,
    "ufo": parse_ufo,
    "textocr": parse_coco_text,
    "coco-text": parse_coco_text,
    "aihub": parse_aihub,
    "doctr": parse_doctr,
    "text-renderer": parse_text_renderer,
}
_XML: Mapping[str, Parser] = {"kaist": parse_kaist, "cvat": parse_cvat}
_PAIRS: Mapping[str, Splitter] = {
    "trdg": split_trdg,
    "easyocr": split_easyocr,
    "icdar-words": split_icdar_words,
}


def mostly_difficult(done: Imported) -> str:
    """Return what to say where most lines were left out as difficult; else ""."""
    count = done.tally[of_annotations.DIFFICULT.code]
    every = done.lines + count
    if count < MOST * every:
        return ""
    fault = f" {_FAULT}." if done.format == "ppocr-det" else ""
    return (
        f"{count:,} of {count_of(every, 'line')} with a text ({count / every:.0%}) are marked "
        "difficult."
        f"{fault} Look at some of them; --take-difficult takes them."
    )


def _nothing(source: Path, format: Format, tally: Tally, hint: str) -> InputError:
    """Return the error for a source that gave no line; says so where all are marked difficult.

    Args:
        hint: the way out where none is known of the reasons.
    """
    lost = tally.part("left_out").as_dict()
    count = lost.get(of_annotations.DIFFICULT.code, 0)
    if count and not lost.keys() - {of_annotations.DIFFICULT.code, *of_annotations.WITHOUT_TEXT}:
        what = f"gives no line: EVERY line with a text is marked difficult, all {count:,}"
        return InputError(
            str(source),
            f"{what}. {_FAULT}" if format == "ppocr-det" else what,
            "Look at some of them; if they can be read, import with --take-difficult. "
            "Texts like ### stay out.",
        )
    counts = "; ".join(tally.lines(of_annotations.IMPORT)) or "it holds none"
    return InputError(str(source), f"gives no line ({counts})", _ways_out(lost) or hint)


def _ways_out(lost: Iterable[str]) -> str:
    """Return what can be done about what was left out, by its codes; "" where nothing is known."""
    known = (of_annotations.OF_PAGES[code].mend for code in lost if code in of_annotations.OF_PAGES)
    return " ".join(dict.fromkeys(filter(None, known)))


def _refuse_loss(tally: Tally, strict: bool) -> None:
    code = next(iter(tally.part("left_out").as_dict()), "") if strict else ""
    if code:
        place = next(iter(tally.places(code)), "")
        raise InputError(
            place, of_annotations.IMPORT[code].what, "Mend it, or import without --strict."
        )


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
    for code, count in counts.items():
        tally.add(of_annotations.IMPORT.get(code, code), str(path), count)
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
    RunRecord(
        command=COMMAND,
        configuration={"format": format, "quality": QUALITY, "key": key, **asdict(options)},
        inputs=_inputs(source, format, out),
        outputs={
            name: sha256_of(out / name) for name in (LABELS, DOUBTS) if (out / name).is_file()
        },
        counts={"lines": lines, "pages": pages, **tally.as_dict()},
        versions=versions(),
    ).write(out / RECORD)


MOST_INPUTS = 1000
"""Files of annotations that a record names one by one. Sets of a file a page have a million."""


def _inputs(source: Path, format: Format, out: Path) -> dict[str, str]:
    """Hash the annotations by their names in the source; of very many, their hashes as one."""
    if format == "lmdb":
        return {"data.mdb": sha256_of(source / "data.mdb")}
    if not source.is_dir():
        return {source.name: sha256_of(source)}
    files = annotation_files(source, FORMS[format].suffixes, out)
    hashed = {file.relative_to(source).as_posix(): sha256_of(file) for file in files}
    if len(hashed) <= MOST_INPUTS:
        return hashed
    rows = "".join(f"{sha256}  {name}\n" for name, sha256 in hashed.items())
    whole = hashlib.sha256(rows.encode(errors="surrogateescape")).hexdigest()
    return {f"{source.name}: {count_of(len(hashed), 'file')}, as sha256sum lists them": whole}
