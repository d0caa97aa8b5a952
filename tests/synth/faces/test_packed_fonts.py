"""WOFF and WOFF2 files are faces like others: known by their content, bounded, refused in words."""

import shutil
import struct
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import pytest

from synth.faces import packed_fonts
from synth.faces.font_face import Face, open_face
from synth.faces.font_files import read_cached, read_font_file
from synth.faces.packed_fonts import PackedError, unpack, unpacked_path
from synth.faces.scan import find_faces

Make = Callable[..., Path]


@pytest.fixture(params=["woff", "woff2"])
def packed(
    request: Any,
    make_font: Make,
    rectangle: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    skip_or_fail: Callable[[str], NoReturn],
) -> Path:
    """Return a packed font that lies alone in a folder; the cache is empty."""
    from fontTools.ttLib import TTFont

    if request.param == "woff2" and find_spec("brotli") is None:
        skip_or_fail("brotli is not installed (extra `dev`)")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    glyphs = {char: (rectangle(50, 0, 200 + ord(char), 700),) for char in "ABCabc"}
    with TTFont(make_font(glyphs, name="One", path=tmp_path / "plain.ttf")) as font:
        font.flavor = request.param
        (tmp_path / "fonts").mkdir()
        font.save(tmp_path / "fonts" / f"one.{request.param}")
    return tmp_path / "fonts" / f"one.{request.param}"


def picture(face: Face) -> Any:
    core, _ = open_face(face, 64).getmask2("AbC", mode="L")
    return np.array(core)


def test_a_packed_font_draws_as_the_one_that_was_packed(packed: Path) -> None:
    (face,) = find_faces([packed.parent]).faces
    (plain,) = find_faces([packed.parent.parent / "plain.ttf"]).faces
    assert face.family == "One" and face.path == unpacked_path(face.sha256)
    assert face.sha256 == read_font_file(packed).sha256 != plain.sha256
    assert np.array_equal(picture(face), picture(plain))


def test_an_unpacked_copy_that_is_gone_is_made_again(packed: Path) -> None:
    (face,) = find_faces([packed.parent]).faces
    shutil.rmtree(face.path.parent)
    assert read_cached([packed])[packed].is_packed and face.path.is_file()


def test_what_is_damaged_is_refused_and_counted(packed: Path) -> None:
    data = packed.read_bytes()
    packed.write_bytes(data[: len(data) // 2])
    whole = packed.with_name("whole" + packed.suffix)
    whole.write_bytes(data)
    found = find_faces([packed.parent])
    assert len(found.faces) == 1 and found.refused == {"broken": 1}
    packed.write_bytes(data[:20])
    assert "PackedError: its head ends at byte 20 of 48" in read_font_file(packed).detail


def test_a_font_that_unfolds_to_too_much_is_not_unfolded(packed: Path) -> None:
    with pytest.raises(PackedError, match=r"unfolds to [\d,]+ bytes, more than 100"):
        unpack(packed.read_bytes(), "0" * 64, most_bytes=100)


def _begins(stream: bytes) -> bool:
    import brotli

    try:
        return bool(brotli.decompress(stream))
    except brotli.error:
        return False


def test_a_stream_that_goes_on_behind_its_tables_is_cut_off(
    packed: Path, skip_or_fail: Callable[[str], NoReturn]
) -> None:
    if packed.suffix == ".woff":
        return  # each table is unfolded by itself, to the length that is said of it
    import brotli
    from fontTools.ttLib import woff2

    data = packed.read_bytes()
    bomb = brotli.compress(bytes(1 << 26))
    with packed.open("rb") as file:
        start = woff2.woff2DirectorySize
        size = woff2.WOFF2Reader(file).totalCompressedSize
        # Behind the stream stand up to three bytes that fill a word.
        start = next(at for at in range(len(data) - size, start, -1) if _begins(data[at:][:size]))
    head = bytearray(data[:start])
    struct.pack_into(">L", head, 20, len(bomb))
    with pytest.raises(PackedError, match="unfolds to other than the"):
        unpack(bytes(head) + bomb, "0" * 64, most_bytes=1 << 28)


def test_without_brotli_the_line_that_installs_it_is_told_and_asked_again(
    packed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if packed.suffix == ".woff":
        assert read_font_file(packed).refusal is None
        return
    with monkeypatch.context() as without:
        without.setattr(packed_fonts, "missing_modules", lambda *names: list(names))
        record = read_cached([packed])[packed]
        assert record.refusal == "needs brotli"
        assert "[scripts]" in record.detail and "unpacked by brotli" in record.detail
    assert read_cached([packed])[packed].refusal is None
