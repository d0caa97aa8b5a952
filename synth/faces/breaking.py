"""What breaks a face: glyphs that cannot be drawn, and tables that unfold without end.

A font is a program of a stranger's. What unfolds (composites of composites, maps of characters)
is counted before FreeType or fontTools unfolds it; what only drawing shows is caught where it is
drawn and told with the file, the face and the character. FreeType ends charstrings and hinting
programs by limits of its own (0.2 s a glyph at worst, measured).
"""

import struct
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import numpy as np

from synth.faces.font_face import Face
from textlines.errors import InputError, MendError
from textlines.files import raise_if_of_the_machine
from textlines.labels.canonical import short
from textlines.wording.counts import count_of

MOST_EMS = 32
"""Of a glyph's ink, advance or offset. The widest real ones (U+FDFD, cuneiform) take some 6."""

MOST_PARTS = 1_000
"""Glyphs that a composite unfolds to. Real ones take up to some 30."""

MOST_DEPTH = 32
"""Composites within each other. Real ones go 3 deep."""

MOST_MAPPED = 0x110000
"""Characters in one map, counted as often as they stand in it: all that there are."""

_MOST_READ = 1_000_000
"""Parts of composites that are read in one file: real files have up to some 200,000."""

WAY_OUT = "Take this font out of --fonts."


class BreaksError(InputError):
    """A face breaks while a character or a line is drawn."""


def breaks(face: Face, text: str, why: str) -> BreaksError:
    """Return the error that names file, face and text."""
    name = f"{face.path}" + (f" (face {face.index})" if face.index else "")
    name += f" ({face.style})" if face.instance else ""
    return BreaksError(name, f"{face.family} breaks at {short(text)}: {why}", WAY_OUT)


@contextmanager
def drawing(face: Face, text: str) -> Iterator[None]:
    """Turn whatever Pillow raises while it draws a text into a `BreaksError`.

    Raises:
        BreaksError: the face cannot draw it. MachineError: the machine could not.
    """
    try:
        yield
    except MendError:
        raise
    # FreeType's errors come as OSError without a number, sizes as ValueError, OverflowError and
    # DecompressionBombError, which is a bare Exception; raqm's as RuntimeError.
    except Exception as error:
        raise_if_of_the_machine(face.path, error)
        raise breaks(face, text, str(error) or type(error).__name__) from error


def require_sane(box: Sequence[float], size_px: int) -> tuple[float, float, float, float]:
    """Return a box (left, top, right, bottom) in pixels, as it is.

    Raises:
        ValueError: it reaches further than any letter does.
    """
    if max(map(abs, box)) > MOST_EMS * size_px:
        raise ValueError(f"its ink reaches more than {MOST_EMS} ems")
    left, top, right, bottom = box
    return left, top, right, bottom


def mapped_fault(cmap: bytes) -> str:
    """Return what is wrong with a table of characters before it is unfolded; "" if nothing is."""
    if len(cmap) < 4:
        return ""
    (count,) = struct.unpack_from(">H", cmap, 2)
    places = {
        struct.unpack_from(">L", cmap, at + 4)[0]
        for at in range(4, min(4 + 8 * count, len(cmap) - 7), 8)
    }
    for place in sorted(places):
        mapped = _mapped(cmap[place:])
        if mapped > MOST_MAPPED:
            return f"a table of {count_of(mapped, 'character')}"
    return ""


def _mapped(table: bytes) -> int:
    """Count the characters that a subtable of ranges maps; 0 for one that its bytes bound."""
    if len(table) < 16:
        return 0
    form = int.from_bytes(table[:2], "big")
    if form == 4:
        size = int.from_bytes(table[6:8], "big") // 2
        ends = np.frombuffer(table[14 : 14 + 2 * size], ">u2").astype(np.int64)
        starts = np.frombuffer(table[16 + 2 * size : 16 + 4 * size], ">u2").astype(np.int64)
    elif form in (12, 13):
        rows = np.frombuffer(table[16 : 16 + (len(table) - 16) // 12 * 12], ">u4").reshape(-1, 3)
        rows = rows[: int.from_bytes(table[12:16], "big")].astype(np.int64)
        starts, ends = rows[:, 0], rows[:, 1]
    else:
        return 0
    size = min(len(starts), len(ends))
    return int(np.maximum(ends[:size] - starts[:size] + 1, 0).sum())


def composite_fault(glyf: bytes, places: Sequence[int]) -> tuple[int, str] | None:
    """Look for composites that never end or unfold to too much.

    Args:
        glyf: the table of outlines. places: where each glyph begins in it, and where the last
            one ends.

    Returns:
        The glyph's number and what is wrong with it; None if nothing is.
    """
    components = _components(glyf, np.asarray(places, np.int64))
    if components is None:
        return 0, f"composites of more than {_MOST_READ:,} parts"
    sizes: dict[int, int] = {}
    depths: dict[int, int] = {}
    for start in components:
        open_glyphs: dict[int, Iterator[int]] = {}
        _enter(start, components, open_glyphs)
        while open_glyphs:
            glyph, below = next(reversed(open_glyphs.items()))
            component = next(
                (inner for inner in below if inner in components and inner not in sizes), None
            )
            if component is None:
                del open_glyphs[glyph]
                sizes[glyph] = 1 + sum(sizes.get(inner, 1) for inner in components[glyph])
                depths[glyph] = 1 + max(
                    (depths.get(inner, 0) for inner in components[glyph]), default=0
                )
                if sizes[glyph] > MOST_PARTS:
                    return glyph, f"unfolds to more than {MOST_PARTS:,} glyphs"
                if depths[glyph] > MOST_DEPTH:
                    return glyph, f"is composed more than {MOST_DEPTH} deep"
            elif component in open_glyphs:
                return component, "is a part of itself"
            else:
                _enter(component, components, open_glyphs)
    return None


def _enter(
    glyph: int, components: Mapping[int, tuple[int, ...]], open_glyphs: dict[int, Iterator[int]]
) -> None:
    open_glyphs[glyph] = iter(components[glyph])


def _components(
    glyf: bytes, places: "np.ndarray[tuple[int], np.dtype[np.int64]]"
) -> dict[int, tuple[int, ...]] | None:
    """Read which glyphs each composite is made of; None for more than any font has."""
    starts, ends = places[:-1], np.minimum(places[1:], len(glyf))
    held = np.flatnonzero((ends - starts >= 10) & (starts >= 0))
    first = np.frombuffer(glyf, np.uint8)
    # Composites are those with a number of contours below 0: the upper bit of the first byte.
    composed = held[first[starts[held]] >= 0x80]
    components: dict[int, tuple[int, ...]] = {}
    read: dict[tuple[int, int], tuple[int, ...]] = {}
    total = 0
    for glyph in composed.tolist():
        place = int(starts[glyph]), int(ends[glyph])
        if place not in read:
            read[place] = _parts_at(glyf, *place)
            total += len(read[place])
            if total > _MOST_READ:
                return None
        components[glyph] = read[place]
    return components


def _parts_at(glyf: bytes, start: int, end: int) -> tuple[int, ...]:
    parts: list[int] = []
    at = start + 10
    while at + 4 <= end and len(parts) <= MOST_PARTS:
        flags, glyph = struct.unpack_from(">HH", glyf, at)
        parts.append(glyph)
        at += 8 if flags & 0x1 else 6
        at += 2 if flags & 0x8 else 4 if flags & 0x40 else 8 if flags & 0x80 else 0
        if not flags & 0x20:
            break
    return tuple(parts)
