"""Every form that `balance import` reads, shown: a source of our own, its crops, its refusals.

    python benchmarks/forms_shown.py --out OUT

Prints one row for each format: lines that came of it, what was counted, and whether `auto` told it.
OUT/forms.html shows the head of each source, the crops with their labels, what was left out, and
what is said where the source is named as another format. Ends with 1 where a form gives other
labels or counts than its sample says, or is not told.
"""

import argparse
import sys
import tempfile
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from markupsafe import Markup, escape

from balance.imports.foreign_forms import FORMS
from balance.imports.importing import Imported, import_lines
from tests.annotated_forms import FIRST, SAMPLES, SECOND, THIRD, Sample
from textlines.defects import of_annotations
from textlines.errors import MendError
from textlines.labels.label_file import read_labels
from textlines.labels.tally import Tally
from textlines.pages.page import Section, page
from textlines.pages.thumbnails import Picture, gallery, thumbnail

HEAD_CHARACTERS = 420
"""Of a source that are shown."""

OTHER = ("icdar2015", "coco-text", "trdg")
"""Formats that a source is named as, to show what is said: the first that is not its own."""


def shown(name: str, sample: Sample, folder: Path) -> tuple[Section, bool]:
    """Import a sample, and return what is to be shown and whether all is as the sample says."""
    source, mapping = sample.write(folder)
    for image in sample.images:
        (folder / image).write_bytes(_page())
    format: Any = name
    done = import_lines(source, format, folder / "out", mapping=mapping)
    lines = list(read_labels(folder / "out" / "rec_gt.txt", tally=Tally()))
    told = True
    if mapping is None:
        # SROIE's and MTWI's files are those of ICDAR 2015 to look at.
        auto = import_lines(source, "auto", folder / "auto").format
        told = auto in (name, *FORMS[format].like)
    refusal = _refusal(name, source, folder)
    labels = tuple(line.label for line in lines)
    is_right = labels == sample.labels and done.tally.as_dict() == dict(sample.counts) and told
    counts = "; ".join(
        f"{of_annotations.IMPORT[one].sentence}: {n}" for one, n in done.tally.as_dict().items()
    )
    print(f"{name:<15}{len(lines):>6}  {'yes' if told else 'NO':<5} {counts or '-'}", flush=True)
    pictures = [
        Picture(thumbnail((folder / "out" / line.path).read_bytes()), line.label) for line in lines
    ]
    body = Markup("").join(
        [
            *(_file(path, content) for path, content in sample.files.items()),
            gallery(pictures),
            Markup("<p>Counted: {}</p>").format(counts or "nothing"),
            Markup("<p>Named as another: <code>{}</code></p>").format(refusal),
        ]
    )
    return Section(name, body, lead=_lead(done, told, is_right)), is_right


def _page() -> bytes:
    """Draw the samples' page: each line is red at its start and blue at its end; numbered."""
    image = np.full((300, 400, 3), 240, np.uint8)
    for number, quad in enumerate((FIRST, SECOND, THIRD), 1):
        a, b, c, d = (np.array(corner, float) for corner in quad)
        cv2.fillConvexPoly(image, np.array(quad, np.int32), (200, 200, 200))
        start = np.array([a, a + (b - a) * 0.15, d + (c - d) * 0.15, d]).astype(np.int32)
        end = np.array([b + (a - b) * 0.15, b, c, c + (d - c) * 0.15]).astype(np.int32)
        cv2.fillConvexPoly(image, start, (40, 40, 220))
        cv2.fillConvexPoly(image, end, (220, 40, 40))
        middle = (a + b + c + d) / 4 + (-30, 8)
        at = (int(middle[0]), int(middle[1]))
        cv2.putText(image, f"line {number}", at, cv2.FONT_HERSHEY_SIMPLEX, 0.7, (20, 20, 20), 2)
    return bytes(cv2.imencode(".png", image)[1].tobytes())


def _lead(done: Imported, told: bool, is_right: bool) -> str:
    by_content = "told by its content" if told else "NOT told by its content"
    return f"{done.lines} lines of {done.pages} images, {by_content}" + (
        "" if is_right else "; NOT as the sample says"
    )


def _file(path: str, content: str) -> Markup:
    head = content[:HEAD_CHARACTERS] + (" ..." if len(content) > HEAD_CHARACTERS else "")
    return Markup("<p>{}</p><pre>{}</pre>").format(path, escape(head))


def _refusal(name: str, source: Path, folder: Path) -> str:
    """Return what is said of a source that is named as another format."""
    other: Any = next(one for one in OTHER if one != name)
    try:
        import_lines(source, other, folder / "other")
    except MendError as error:
        return f"balance import {other}: {error}".replace(f"{folder}/", "")
    return f"balance import {other} read it"


def main() -> int:
    """Show all forms."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--out", type=Path, required=True, help="folder for forms.html")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    sections, wrong = [], 0
    print(f"{'format':<15}{'lines':>6}  {'auto':<5} counted")
    for name, sample in SAMPLES.items():
        with tempfile.TemporaryDirectory() as folder:
            section, is_right = shown(name, sample, Path(folder))
        sections.append(section)
        wrong += not is_right
    html = page("Forms that balance import reads", sections, lead="A source of our own for each.")
    (arguments.out / "forms.html").write_text(html, encoding="utf-8")
    print(f"page: {arguments.out / 'forms.html'}")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
