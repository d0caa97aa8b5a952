"""The folder that a mix writes: whose it is, its lists, its images, and what it chose."""

import hashlib
import os
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from balance.mixing.lots import Index, Lot, Selection, order_of
from balance.mixing.mix_request import Placing
from balance.mixing.mixture import Epoch
from balance.mixing.slices import Bytes, Flags, Hashes, Ints, records, scatter
from balance.mixing.sorting import STORE
from textlines.array_files import read_npy
from textlines.errors import InputError, UsageError
from textlines.files import (
    NotRegularError,
    open_regular,
    real_path,
    replacing_bytes,
    unreadable,
    unwritable,
)
from textlines.formats.mix import MIX, is_mix_record, read_mix_record
from textlines.formats.roles import role_rows
from textlines.partials import partial_file
from textlines.pixels.decode import is_image
from textlines.wording.counts import count_of

_UNFINISHED = ".mix-unfinished"
"""Stands in a folder from its first list to its record: a killed mix is ours too."""

WRITTEN = ("train.txt", "epoch-*", MIX, "choice.npy", "images", _UNFINISHED, f"{STORE}*")
"""What a mix writes, as patterns."""


def refuse_foreign(out: Path) -> None:
    """Refuse a folder that holds files and no mix of ours.

    By the record, not by names: a `train.txt` is what most training data lies in.

    Raises:
        UsageError: it is such a folder, or its mix.json is that of something else.
    """
    if not out.is_dir():
        return
    held = {path.name for path in out.iterdir() if not _is_left(path.name)}
    if not held or _UNFINISHED in held:
        return
    if MIX in held and is_mix_record(out / MIX):
        return
    foreign = MIX if MIX in held else min(held)
    raise UsageError(
        "--out",
        f"{out} is not empty and holds no mix of ours ({foreign} is there)",
        "Name a new folder.",
    )


@contextmanager
def marked(out: Path) -> Iterator[None]:
    """Mark a folder as ours while a mix is written into it."""
    mark = out / _UNFINISHED
    if not (out / MIX).exists():
        try:
            out.mkdir(parents=True, exist_ok=True)
            mark.touch()
        except OSError as error:
            raise unwritable(out, error) from error
    try:
        yield
    except BaseException:
        if all(path == mark for path in out.iterdir()):
            mark.unlink(missing_ok=True)
            with suppress(OSError):
                out.rmdir()
        raise
    mark.unlink(missing_ok=True)


def _is_left(name: str) -> bool:
    """Whether a file is what a killed mix left before it wrote anything of use."""
    return name.startswith(STORE) or name.endswith(".part")


class Placed(Protocol):
    """Something whose images lie in one folder: a label file of lines, or of pages."""

    @property
    def name(self) -> str:
        """Its role, with the name of a replay set: "original", "replay:invoices"."""
        ...

    @property
    def folder(self) -> Path:
        """What its paths start from."""
        ...


@dataclass(frozen=True, slots=True)
class DataFolder:
    """Where the images of a mix lie.

    Attributes:
        folder: what the paths of the lists start from.
        heads: for each source what stands before its own paths: "" or "train/".
    """

    folder: Path
    heads: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MixPlaces:
    """The data folder of a mix and the folder that its record lies in.

    All places are told as seen from the record, so that they hold wherever both are moved to.
    """

    folder: DataFolder
    out: Path

    def data_folder(self) -> str:
        """Return what the paths of the lists start from."""
        return self.seen(self.folder.folder)

    def seen(self, path: Path) -> str:
        """Return where a file or folder lies."""
        return Path(os.path.relpath(real_path(path), real_path(self.out))).as_posix()


def data_folder(sources: Sequence[Placed], out: Path, placing: Placing) -> DataFolder:
    """Find the folder that holds the images of all sources: the innermost common one.

    Links and copies lie in the out folder, under the name of their source.

    Raises:
        InputError: the folders have nothing in common (drives of Windows).
    """
    if placing != "in_place":
        return DataFolder(out, tuple(f"images/{name}/" for name in _folder_names(sources)))
    places = [Path(os.path.abspath(source.folder)) for source in sources]  # noqa: PTH100
    try:
        common = Path(os.path.commonpath(places))
    except ValueError as error:
        raise InputError(
            ", ".join(map(str, places)), "have no folder in common", "Say --link or --copy."
        ) from error
    heads = [place.relative_to(common).as_posix() for place in places]
    return DataFolder(common, tuple("" if head == "." else f"{head}/" for head in heads))


def _folder_names(sources: Sequence[Placed]) -> list[str]:
    """Name a folder for each source; one folder read twice has one name.

    By role and number, so that no name of this machine gets into the lists.
    """
    known: dict[Path, str] = {}
    for source in sources:
        place = real_path(source.folder)
        if place not in known:
            role = source.name.replace(":", "-")
            same = sum(name.rpartition("-")[0] == role for name in known.values())
            known[place] = f"{role}-{same + 1}"
    return [known[real_path(source.folder)] for source in sources]


_LIST_LINES = 1 << 17
"""Lines put together before they are written."""

_NONE = np.zeros(0, np.int32)


def write_list(
    path: Path,
    roles: Path,
    parts: Sequence[Selection],
    heads: Sequence[str],
    codes: Sequence[str],
) -> tuple[str, str]:
    """Write lines of several lots as one label file, by rising key, and their roles beside it.

    Args:
        heads: what stands before the paths of each label file.
        codes: of the roles, two for each label file: of its lines, and of its rendered ones.

    Returns:
        The sha256 of both files.

    Raises:
        InputError: the file cannot be written.
    """
    texts, of_roles = hashlib.sha256(), hashlib.sha256()
    with replacing_bytes(path) as out, replacing_bytes(roles) as beside:
        for some in _by_key(parts):
            rows, origins = _rows_of(some, heads)
            texts.update(rows.data)
            out.write(rows.data)
            role_column = role_rows(codes, origins)
            of_roles.update(role_column)
            beside.write(role_column)
    return texts.hexdigest(), of_roles.hexdigest()


def _by_key(parts: Sequence[Selection]) -> Iterator[list[tuple[Lot, Index]]]:
    """Yield the lines of neighbouring keys together, in the order of the parts.

    Keys are spread evenly, so that equal ranges of them hold about as many lines.
    """
    pieces: list[tuple[Selection, range | Ints, Hashes]] = []
    for part in parts:
        for piece in part.pieces:
            if isinstance(piece, range):
                keys = part.lot.keys[piece.start : piece.stop]
            else:
                keys = part.lot.keys[piece]
                order = order_of(keys)
                piece, keys = piece[order], keys[order]
            pieces.append((part, piece, keys))
    cuts = 1 + sum(len(piece) for _, piece, _ in pieces) // _LIST_LINES
    starts = [0] * len(pieces)
    for number in range(1, cuts + 1):
        some = []
        for at, (part, piece, keys) in enumerate(pieces):
            end = len(piece)
            if number < cuts:
                end = int(np.searchsorted(keys, np.uint64((number << 64) // cuts)))
            index: Index
            if isinstance(piece, range):
                index = slice(piece.start + starts[at], piece.start + end)
            else:
                index = piece[starts[at] : end]
            starts[at] = end
            some.append((part.lot, part.counting(index)))
        yield some
        for part in parts:
            part.lot.let_go()


def _rows_of(some: Sequence[tuple[Lot, Index]], heads: Sequence[str]) -> tuple[Bytes, Ints]:
    """Put lines one behind another, by rising key: each with its head and a line feed.

    Returns:
        The rows, and the origins of the lines in their order.
    """
    texts = [np.frombuffer(head.encode(), np.uint8) for head in heads]
    head_lengths = np.array([len(text) for text in texts], np.int64)
    origins = np.concatenate([_NONE, *(lot.origins[index] for lot, index in some)])
    if not len(origins):
        return np.zeros(0, np.uint8), origins
    lengths = np.concatenate([lot.lengths[index] for lot, index in some])
    order = order_of(np.concatenate([lot.keys[index] for lot, index in some]))
    before = head_lengths[origins >> 1]
    whole = lengths + before + 1
    ends = np.cumsum(whole[order])
    places = np.empty(len(order), np.int64)
    places[order] = ends - whole[order]
    rows = np.empty(int(ends[-1]), np.uint8)
    rows[ends - 1] = 10
    for number, text in enumerate(texts):
        if len(text):
            records(rows, len(text))[places[origins >> 1 == number]] = text.view(f"V{len(text)}")[0]
    places += before
    low = 0
    for lot, index in some:
        starts = lot.starts[index]
        high = low + len(starts)
        scatter(rows, places[low:high], lot.texts, starts, lengths[low:high])
        low = high
    return rows, origins[order]


def link_folders(sources: Sequence[Placed], heads: Sequence[str], out: Path) -> None:
    """Make a link to the folder of each source; one that points there already stays.

    Raises:
        InputError: something else stands in a link's place, or it cannot be made.
    """
    for source, head in zip(sources, heads, strict=True):
        place = out / head.rstrip("/")
        goal = os.path.relpath(real_path(source.folder), real_path(place.parent))
        if place.is_symlink() and os.fspath(place.readlink()) == goal:
            continue
        if place.is_symlink():
            place.unlink()
        if place.exists():
            raise InputError(str(place), "is no link of ours", "Remove it or name another --out.")
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            place.symlink_to(goal, target_is_directory=True)
        except OSError as error:
            raise unwritable(place, error) from error


def copy_images(
    sources: Sequence[Placed], heads: Sequence[str], named: Sequence[Sequence[str]], out: Path
) -> int:
    """Copy images that lists name; one that is there with the same size stays.

    Args:
        named: paths in the folder of each source.

    Returns:
        How many images these are.

    Raises:
        InputError: an image cannot be read or written, lies elsewhere, or is none.
    """
    folders = [source.folder for source in sources]
    # All of them first: what is refused leaves no half of a copy.
    check_images(
        [(folder, name) for folder, names in zip(folders, named, strict=True) for name in names]
    )
    for folder, head, names in zip(folders, heads, named, strict=True):
        for name in names:
            _copy(folder / name, out / (head + name))
    return sum(map(len, named))


def listed_images(epochs: Iterable[Epoch], count: int) -> list[list[str]]:
    """List the images that any list names, by the number of their label file, as they lie there."""
    lots: dict[int, Lot] = {}
    wanted: dict[int, Flags] = {}
    for epoch in epochs:
        for part in (*epoch.parts, epoch.distil):
            key = id(lots.setdefault(id(part.lot), part.lot))
            flags = wanted.setdefault(key, np.zeros(len(part.lot), np.bool_))
            for index in part.blocks():
                flags[index] = True
    named: list[list[str]] = [[] for _ in range(count)]
    for key, lot in lots.items():
        lines = np.flatnonzero(wanted[key])
        origins = lot.origins[lines] >> 1
        for number in lot.roles:
            some = lines[origins == number]
            named[number] = lot.paths(some[np.argsort(lot.starts[some], kind="stable")])
            lot.let_go()
    return named


FAULTS = {
    "leads_out": "leads out of its folder by a link",
    "no_file": "is no regular file",
    "no_image": "is no image by its content",
}
"""Why the bytes behind a path are not copied, in words."""


def check_images(named: Sequence[tuple[Path, str]]) -> None:
    """Check that what is to be copied are images that lie in their folders.

    A label file from elsewhere may name `a.jpg`, a link to a key or to a device. What is not
    there at all is left to whoever reads it.

    Args:
        named: folders, and paths from them on.

    Raises:
        InputError: some are not; names the first, and counts all by reason.
    """
    faults: Counter[str] = Counter()
    first = ""
    homes: dict[Path, str] = {}
    for folder, name in named:
        home = homes.setdefault(folder, os.path.realpath(folder))
        if fault := _fault(home, folder / name):
            faults[fault] += 1
            first = first or f"{folder / name}"
    if faults:
        counted = "; ".join(f"{FAULTS[fault]}: {count:,}" for fault, count in faults.items())
        raise InputError(
            first,
            f"and others of the {count_of(len(named), 'image')} to be copied are not copied "
            f"({counted})"
            if faults.total() > 1
            else f"is not copied ({counted})",
            "Leave these lines out, or put the images themselves where the links are.",
        )


def _fault(home: str, image: Path) -> str:
    real = os.path.realpath(image)
    if os.path.commonpath((home, real)) != home:
        return "leads_out"
    try:
        with open_regular(Path(real)) as file:
            return "" if is_image(file) else "no_image"
    except (NotRegularError, IsADirectoryError):
        return "no_file"
    except OSError:
        return ""


def _copy(image: Path, place: Path) -> None:
    try:
        if place.is_file() and place.stat().st_size == image.stat().st_size:
            return
        place.parent.mkdir(parents=True, exist_ok=True)
        with partial_file(place, "wb") as (out, partial), open_regular(image) as source:
            shutil.copyfileobj(source, out, 1 << 20)
            out.flush()
            partial.replace(place)
    except FileNotFoundError as error:
        raise InputError(str(image), "is not there", "Mix with --check-images listing.") from error
    except OSError as error:
        raise unreadable(image, error, "the image") from error


CHOICE = "choice.npy"


def save_choice(epochs: Sequence[Epoch], path: Path) -> None:
    """Write the hashes of the new lines of all epochs, each epoch's rising, one behind another."""
    hashes = [np.sort(epoch.new.lot.hashes()[epoch.new.positions]) for epoch in epochs]
    with replacing_bytes(path) as out:
        np.save(out, np.concatenate(hashes), allow_pickle=False)


def read_choice(record_path: Path) -> tuple[Hashes, ...]:
    """Read what an earlier mix chose in each of its epochs.

    Raises:
        InputError: there is no such mix, or the two files do not belong together.
    """
    record = read_mix_record(record_path)
    path = record_path.with_name(CHOICE)
    hashes = read_npy(path, "the choice of the earlier mix", "Mix without --previous.")
    counts = [epoch.new for epoch in record.configuration.epochs]
    if hashes.dtype != np.uint64 or hashes.ndim != 1 or sum(counts) != len(hashes):
        raise InputError(str(path), "does not belong to its mix.json", "Mix without --previous.")
    return tuple(np.split(hashes, np.cumsum(counts)[:-1]))
