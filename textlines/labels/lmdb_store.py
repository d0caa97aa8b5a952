"""LMDB in PaddleOCR's layout: `num-samples`, `image-%09d`, `label-%09d`, counted from 1.

Stores of other tools that count from 0 (text_renderer), or that lack the count, are read too.
"""

import errno
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from textlines.defects import Defect, of_annotations, of_lines
from textlines.errors import InputError
from textlines.files import open_regular, unreadable, unwritable
from textlines.labels.canonical import LabelError, canonical
from textlines.labels.label_file import LONGEST_LINE
from textlines.labels.lmdb_pages import BrokenStoreError, Entry, Pages
from textlines.labels.tally import Tally
from textlines.partials import partial_folder, take_place

DATA = "data.mdb"

FIRST_MAP_SIZE = 1 << 26
"""In bytes. The map doubles when it is full; a small start keeps small stores small."""

MOST_IMAGE_BYTES = 1 << 26
"""Of an image that is read. A longer one is no text line, and may be longer than memory."""

_DIGITS = 9

BATCH_SAMPLES, BATCH_BYTES = 1000, 1 << 26
"""A transaction ends at whichever comes first."""


@dataclass(frozen=True, slots=True)
class LmdbSample:
    """One sample: the number of its keys, the image file's bytes, the canonical label."""

    number: int
    image: bytes
    label: str


def write_lmdb(
    path: Path,
    samples: Iterable[tuple[bytes, str]],
    *,
    map_size: int = FIRST_MAP_SIZE,
    replace: bool = False,
) -> int:
    """Write an LMDB folder, whole or not at all: built beside `path`, then renamed.

    Args:
        path: the folder; must not be there yet, or be empty.
        samples: the bytes of an image file (JPEG or PNG) and its label, in order.
        map_size: in bytes, to begin with.
        replace: whether an LMDB that is there gives way to the new one, once that is whole.

    Returns:
        How many samples were written.

    Raises:
        InputError: `path` holds something, a sample is at fault, or the disk is full.
    """
    import lmdb

    held = {one.name for one in path.iterdir()} if path.is_dir() else set()
    gives_way = replace and held == {DATA}
    if path.exists() and (not path.is_dir() or held) and not gives_way:
        raise InputError(str(path), "is already there", "Remove it or name another folder.")
    try:
        with partial_folder(path) as partial:
            # Without a lock file: nobody else knows the folder, and readers would copy it along.
            env = lmdb.open(str(partial), map_size=map_size, lock=False, sync=False)
            try:
                count = _fill(env, path, samples)
                env.sync(True)
            finally:
                env.close()
            take_place(partial, path)
    except lmdb.Error as error:
        full = "No space left" in str(error)
        cause = OSError(errno.ENOSPC if full else errno.EIO, str(error))
        raise unwritable(path, cause) from error
    except OSError as error:
        raise unwritable(path, error) from error
    return count


def _fill(env: Any, path: Path, samples: Iterable[tuple[bytes, str]]) -> int:
    count = size = 0
    batch: list[tuple[bytes, bytes]] = []
    for count, (image, label) in enumerate(samples, 1):
        where = f"{path}: sample {count}"
        if not image:
            raise InputError(where, "its image is empty", "Leave the sample out.")
        try:
            text = canonical(label).encode()
        except LabelError as error:
            raise LabelError(
                where, f"its {error.where} {error.what}", error.mend, error.reason
            ) from error
        batch += [(b"image-%09d" % count, image), (b"label-%09d" % count, text)]
        size += len(image)
        if len(batch) >= 2 * BATCH_SAMPLES or size >= BATCH_BYTES:
            _put(env, batch)
            batch, size = [], 0
    _put(env, [*batch, (b"num-samples", b"%d" % count)])
    return count


def _put(env: Any, batch: list[tuple[bytes, bytes]]) -> None:
    """Store a batch in one transaction, in a map grown to what it needs."""
    import lmdb

    while True:
        try:
            with env.begin(write=True) as transaction:
                for key, value in batch:
                    transaction.put(key, value)
            return
        except lmdb.MapFullError:
            env.set_mapsize(env.info()["map_size"] * 2)


def read_lmdb(path: Path, tally: Tally) -> Iterator[LmdbSample]:
    """Read the samples of an LMDB folder in order; what is left out is counted in `tally`.

    Reasons: missing_image, empty_image, image_too_long, missing_label, empty_label,
    line_too_long, control, not_utf8 (left out); nfd (composed); beyond_count (keys that
    `num-samples` does not count); counted_too_many (what it counts beyond the last key);
    uncounted (there is no `num-samples`: all are read); from_zero (its keys start at 0).

    Raises:
        InputError: there is no LMDB, it holds no sample, or it is cut short or broken; also on the
            way, where a page that holds later samples is.
    """
    try:
        file = open_regular(path / "data.mdb")
    except (FileNotFoundError, NotADirectoryError) as error:
        raise InputError(str(path), "holds no data.mdb", "Name an LMDB folder.") from error
    except OSError as error:
        raise unreadable(path / "data.mdb", error, "the LMDB") from error
    with file:
        try:
            yield from _samples(Pages(file), path, tally)
        except BrokenStoreError as error:
            raise InputError(
                str(path), f"the LMDB cannot be read ({error})", "Copy it again, whole."
            ) from error
        except OSError as error:
            raise unreadable(path / "data.mdb", error, "the LMDB") from error


def _samples(pages: Pages, path: Path, tally: Tally) -> Iterator[LmdbSample]:
    first, last = _bounds(pages, path, tally)
    next_number, met = first, 0
    for number, image, label in _pairs(pages, first, last):
        _count_missing(path, next_number, number, tally)
        next_number = number + 1
        met += (image is not None) + (label is not None)
        defect, data, text = _read(pages, image, label)
        if defect:
            tally.add(defect, f"{path}: sample {number}")
        if data and text:
            yield LmdbSample(number, data, text)
    if last is None:
        met -= 1  # there is no key of a count
    else:
        _count_missing(path, next_number, last + 1, tally, of_annotations.COUNTED_TOO_MANY)
    if pages.entries > met + 1:
        tally.add(of_annotations.BEYOND_COUNT, str(path), pages.entries - met - 1)


def _bounds(pages: Pages, path: Path, tally: Tally) -> tuple[int, int | None]:
    """Return the first number of a store and the last; None for all that there are."""
    stored = pages.find(b"num-samples")
    if stored is not None and stored.strip().isdigit():
        count = _count(stored, path)
        # With a sample of its count's number, one of the number 0 is another tool's business.
        if not _holds(pages, 0) or _holds(pages, count):
            return 1, count
        tally.add(of_annotations.FROM_ZERO, str(path))
        return 0, count - 1
    if stored is not None or next(_numbered(pages, b"image-", 0, None), None) is None:
        raise InputError(
            str(path),
            "has no count under 'num-samples'" + (", and no sample" if stored is None else ""),
            "Write it again in PaddleOCR's layout.",
        )
    tally.add(of_annotations.UNCOUNTED, str(path))
    if not _holds(pages, 0):
        return 1, None
    tally.add(of_annotations.FROM_ZERO, str(path))
    return 0, None


def _holds(pages: Pages, number: int) -> bool:
    """Whether there are an image and a label of a number."""
    keys = (b"%b-%0*d" % (name, _DIGITS, number) for name in (b"image", b"label"))
    return all((one := next(pages.from_key(key), None)) and one.key == key for key in keys)


def _count(stored: bytes, path: Path) -> int:
    digits = stored.strip().lstrip(b"0")
    if len(digits) > _DIGITS:
        told = digits[:20].decode() + ("..." if len(digits) > 20 else "")
        raise InputError(
            str(path),
            f"says under 'num-samples' that it holds {told}, and its keys have {_DIGITS} digits",
            "Write it again in PaddleOCR's layout.",
        )
    return int(digits or b"0")


def _pairs(
    pages: Pages, first: int, last: int | None
) -> Iterator[tuple[int, Entry | None, Entry | None]]:
    """Yield the numbers in bounds under which there is an image or a label, with both."""
    images, labels = (_numbered(pages, name, first, last) for name in (b"image-", b"label-"))
    image, label = next(images, None), next(labels, None)
    while image or label:
        number = min(one[0] for one in (image, label) if one)
        now = [one[1] if one and one[0] == number else None for one in (image, label)]
        yield number, now[0], now[1]
        image = next(images, None) if now[0] else image
        label = next(labels, None) if now[1] else label


def _numbered(
    pages: Pages, name: bytes, first: int, last: int | None
) -> Iterator[tuple[int, Entry]]:
    for entry in pages.from_key(name):
        digits = entry.key.removeprefix(name)
        if digits == entry.key:
            return
        # As many digits as the layout has: shorter and longer ones are other keys.
        if len(digits) == _DIGITS and digits.isdigit():
            number = int(digits)
            if first <= number and (last is None or number <= last):
                yield number, entry


def _count_missing(
    path: Path, first: int, end: int, tally: Tally, defect: Defect = of_lines.MISSING_IMAGE
) -> None:
    """Count the samples of which there is neither image nor label, however many."""
    if first < end:
        told = f"sample {first}" if first + 1 == end else f"samples {first} to {end - 1}"
        tally.add(defect, f"{path}: {told}", end - first)


def _read(
    pages: Pages, image: Entry | None, label: Entry | None
) -> tuple[Defect | None, bytes, str]:
    """Read a sample, as long as nothing is too long for memory."""
    if image is not None and image.size > MOST_IMAGE_BYTES:
        return of_annotations.IMAGE_TOO_LONG, b"", ""
    if label is not None and label.size > LONGEST_LINE:
        return of_lines.LINE_TOO_LONG, b"", ""
    data = None if image is None else pages.value(image)
    defect, text = _check(data, None if label is None else pages.value(label))
    return defect, data or b"", text


def _check(image: bytes | None, raw: bytes | None) -> tuple[Defect | None, str]:
    """Return what is wrong with a sample (None: nothing) and its label, "" if it is left out."""
    if image is None or raw is None:
        return (of_lines.MISSING_IMAGE if image is None else of_annotations.MISSING_LABEL), ""
    if not image:
        return of_annotations.EMPTY_IMAGE, ""
    try:
        label = raw.decode()
        composed = canonical(label if label.strip() else "")
    except UnicodeDecodeError:
        return of_lines.NOT_UTF8, ""
    except LabelError as error:
        return of_lines.LABEL_FILE[error.reason], ""
    return (None if composed == label else of_lines.NFD), composed
