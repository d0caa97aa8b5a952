"""WOFF and WOFF2, unpacked into the user's cache: HarfBuzz reads neither, FreeType not always.

A packed font is a stranger's stream of bytes that says how long it unfolds: what it says is bounded
before it is unfolded, and what it does is bounded by what it said. The unpacked file lies under the
sha256 of the packed one, which stays the face's identity.
"""

import struct
from io import BytesIO
from pathlib import Path
from typing import Any

from synth.faces.user_cache import cache_dir, write_bytes
from textlines.installing import install_line, missing_modules

WOFF, WOFF2 = b"wOFF", b"wOF2"

LEAST_BROTLI = "1.2"
"""The first release whose decompressor can be bounded."""


class PackedError(ValueError):
    """A packed font that cannot be unpacked; says why."""


class NoBrotliError(PackedError):
    """Nothing that unpacks WOFF2 is installed."""

    def __str__(self) -> str:
        return f"WOFF2 is unpacked by brotli {LEAST_BROTLI}: {install_line('scripts')}"


def is_packed(data: bytes) -> bool:
    """Whether a font file begins as WOFF or WOFF2 does."""
    return data[:4] in (WOFF, WOFF2)


def unpacked_path(sha256: str) -> Path:
    """Return where the unpacked file of a packed one lies, whether it is there or not."""
    return cache_dir() / "unpacked" / f"{sha256}.ttf"


def unpack(data: bytes, sha256: str, most_bytes: int) -> Path:
    """Unpack a font into the cache and return its place.

    Args:
        data: the packed file. sha256: of it. most_bytes: that it may unfold to.

    Raises:
        PackedError: it is damaged, unfolds to more, or brotli is missing.
        InputError: the cache cannot be written to.
        Exception: whatever fontTools raises at a damaged table.
    """
    from fontTools.ttLib import TTFont

    if len(data) < 48:
        raise PackedError(f"its head ends at byte {len(data)} of 48")
    if data[:4] == WOFF2:
        _require_bounded(data, most_bytes)
    else:
        (unfolded,) = struct.unpack_from(">L", data, 16)
        _require_fewer(unfolded, most_bytes)
    out = BytesIO()
    with TTFont(BytesIO(data), recalcTimestamp=False) as font:
        font.flavor = None
        font.save(out, reorderTables=None)
    path = unpacked_path(sha256)
    write_bytes(path, out.getvalue())
    return path


def _require_fewer(unfolded: int, most_bytes: int) -> None:
    if unfolded > most_bytes:
        raise PackedError(f"unfolds to {unfolded:,} bytes, more than {most_bytes:,}")


def _require_bounded(data: bytes, most_bytes: int) -> None:
    """Unfold the stream of a WOFF2 file no further than its tables say that it goes."""
    if missing_modules("brotli"):
        raise NoBrotliError
    import brotli
    from fontTools.ttLib import woff2

    count, packed = struct.unpack_from(">12xH6xL", data)
    file = BytesIO(data)
    file.seek(woff2.woff2DirectorySize)
    said = 0
    for _ in range(count):
        entry: Any = woff2.WOFF2DirectoryEntry()
        entry.fromFile(file)
        said += entry.length
    _require_fewer(said, most_bytes)
    stream = file.read(packed)
    try:
        unfolded = brotli.Decompressor().process(stream, output_buffer_limit=said + 1)
    except TypeError as error:  # a brotli without the bound
        raise NoBrotliError from error
    if len(unfolded) != said:
        raise PackedError(f"unfolds to other than the {said:,} bytes that its tables say")
