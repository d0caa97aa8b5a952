"""Sources whose images are crops already: PaddleOCR's recognition labels, and LMDB."""

from collections.abc import Iterator
from pathlib import Path

from balance.imports.pages import Page, Region, is_unreadable
from textlines.labels.label_file import read_labels
from textlines.labels.lmdb_store import read_lmdb
from textlines.labels.tally import Tally


def read_ppocr_rec(source: Path, images: Path | None, tally: Tally) -> Iterator[Page]:
    """Read a recognition label file, such as PPOCRLabel's `rec_gt.txt` (a folder that holds it)."""
    file = source / "rec_gt.txt" if source.is_dir() else source
    folder = images or file.parent
    for line in read_labels(file, tally=tally):
        place = f"{file}:{line.number}"
        region = Region((), line.label, is_unreadable(line.label), place)
        yield Page(line.path.rpartition(".")[0] or line.path, folder / line.path, (region,))


def read_lmdb_pages(source: Path, tally: Tally) -> Iterator[Page]:
    """Read an LMDB in PaddleOCR's layout."""
    for sample in read_lmdb(source, tally):
        place = f"{source}: sample {sample.number}"
        region = Region((), sample.label, is_unreadable(sample.label), place)
        yield Page(f"{sample.number:09d}", None, (region,), sample.image)
