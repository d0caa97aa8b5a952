"""Label files of millions of lines: what is plain is read by arrays, what is odd one by one.

A line is plain when reading it by `textlines.labels` would change nothing: one tab, valid UTF-8,
no control character, a path in its normal form. Whatever else is handed to that reader, and the
label to `textlines.rules`, so that both ways give the same lines and the same counts.
"""

import hashlib
from pathlib import Path

import numpy as np

from balance.mixing.arrays import SLACK, Bytes, Hashes, Ints
from balance.mixing.blocks import blocks
from balance.mixing.labels import LabelReader
from balance.mixing.lines import Lines, Role, Source
from balance.mixing.listing import Images
from textlines.errors import InputError
from textlines.labels.files import unreadable
from textlines.labels.label_file import LONGEST_LINE, REASONS, LabelLine, read_line
from textlines.labels.label_paths import shown_path
from textlines.labels.tally import Tally

_LINE_FEED = 10


def read_source(
    path: Path, role: Role, name: str, images: Images, labels: LabelReader, strict: bool
) -> Source:
    """Read a label file whole; what is left out is counted by reason with its place.

    Args:
        images: looks after the folder that the paths start from.
        labels: looks after the labels; one for each source.
        strict: stop at the first line that would be left out.

    Raises:
        InputError: the file cannot be read, is UTF-16, or (strict) a line is at fault.
    """
    buffer, size, sha256 = _load(path)
    tally = Tally()
    kept: list[list[Ints]] = []
    hashes: list[Hashes] = []
    mended: list[LabelLine] = []
    need_label = role != "distil"
    last = 0
    for block in blocks(buffer, size):
        last = block.first_number + len(block.ends) - 1
        there = np.ones(len(block.ends), np.bool_)
        plain = np.flatnonzero(~block.odd)
        present = images.present(
            buffer, block.starts[plain], block.tabs[plain] - block.starts[plain]
        )
        there[plain] = present
        for at in plain[~present].tolist():
            path_text = buffer[block.starts[at] : block.tabs[at]].tobytes().decode(errors="replace")
            where = f"{path}:{block.first_number + at} ({shown_path(path_text)})"
            _count("missing_image", where, tally, strict)
        good, one_by_one = labels.screen(buffer, block, there & ~block.odd, path, tally, strict)
        kept.append(good[:4])
        hashes.append(labels.hash_lines(buffer, good))
        for at in np.flatnonzero(block.odd | one_by_one).tolist():
            raw = buffer[block.starts[at] : block.ends[at]].tobytes()
            number = block.first_number + at
            folder = images.folder if images.how != "none" else None
            mended += _read_odd(raw, number, path, folder, need_label, tally, strict)
    buffer, extra = _append(buffer, size, labels.rules(mended, path, tally, strict))
    kept.append(extra)
    columns = [np.concatenate([part[k] for part in kept]) for k in range(4)]
    hashes.append(labels.hash_lines(buffer, extra))
    lines = Lines(buffer, columns[0], columns[1], columns[2], columns[3], np.concatenate(hashes))
    return Source(
        role,
        name,
        path,
        images.folder,
        lines,
        sha256,
        last,
        labels.code_counts,
        labels.words(),
        tally,
        labels.outside(),
    )


def _load(path: Path) -> tuple[Bytes, int, str]:
    """Read a file whole, once, so that what is hashed is what is read: buffer, size, sha256."""
    try:
        with path.open("rb") as file:
            content = np.frombuffer(file.read(), np.uint8)
    except OSError as error:
        raise unreadable(path, error, "the label file") from error
    size = len(content)
    if content[:2].tobytes() in (b"\xff\xfe", b"\xfe\xff"):
        raise InputError(
            str(path),
            "the label file is UTF-16, not UTF-8",
            f"Convert it: iconv -f UTF-16 -t UTF-8 {path.name} > utf8-{path.name}",
        )
    sha256 = hashlib.sha256(content.data).hexdigest()
    has_end = not size or content[-1] == _LINE_FEED
    buffer = np.zeros(size + (not has_end) + SLACK, np.uint8)
    buffer[:size] = content
    if not has_end:
        buffer[size] = _LINE_FEED
        size += 1
    return buffer, size, sha256


def _read_odd(
    raw: bytes,
    number: int,
    path: Path,
    folder: Path | None,
    need_label: bool,
    tally: Tally,
    strict: bool,
) -> list[LabelLine]:
    whole = raw if len(raw) <= LONGEST_LINE else None
    counts, rows = read_line(whole, number, folder, need_label)
    for reason, detail in counts:
        _count(reason, f"{path}:{number}{detail}", tally, strict)
    return rows


def _count(reason: str, place: str, tally: Tally, strict: bool) -> None:
    words = REASONS[reason]
    if strict and words.endswith("left out") and reason not in ("bom", "blank_line"):
        raise InputError(
            place, words.removesuffix(", left out"), "Mend the line or mix without --strict."
        )
    tally.add(reason, place)


def _append(buffer: Bytes, size: int, rows: list[tuple[str, str]]) -> tuple[Bytes, list[Ints]]:
    """Write mended lines behind the content; gives the buffer and the columns of the lines."""
    paths = [path.encode() for path, _ in rows]
    texts = [label.encode() for _, label in rows]
    path_lengths = np.fromiter(map(len, paths), np.int64, len(rows))
    lengths = path_lengths + 1 + np.fromiter(map(len, texts), np.int64, len(rows))
    starts = size + np.cumsum(lengths) - lengths
    if rows:
        tail = b"".join(p + b"\t" + t for p, t in zip(paths, texts, strict=True))
        whole = np.zeros(size + len(tail) + SLACK, np.uint8)
        whole[:size] = buffer[:size]
        whole[size : size + len(tail)] = np.frombuffer(tail, np.uint8)
        buffer = whole
    characters = np.fromiter((len(label) for _, label in rows), np.int64, len(rows))
    return buffer, [starts, path_lengths, lengths, characters]
