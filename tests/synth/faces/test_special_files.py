"""Fonts that are no files: a pipe without a writer, a device behind a link, a folder."""

import os
from pathlib import Path

import pytest

from synth.faces.reading import read_font_file
from synth.faces.scan import find_faces
from synth.run.preview_picture import caption_font
from textlines.errors import InputError


def make(folder: Path, kind: str) -> Path:
    path = folder / f"{kind}.ttf"
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    else:
        path.symlink_to("/dev/zero")
    return path


@pytest.mark.parametrize("kind", ["pipe", "folder", "device"])
def test_a_font_that_is_no_file_is_left_out_with_its_reason(tmp_path: Path, kind: str) -> None:
    record = read_font_file(make(tmp_path, kind))
    assert record.refusal == "unreadable"
    assert "no regular file" in record.detail or "directory" in record.detail


@pytest.mark.parametrize("kind", ["pipe", "device"])
def test_a_folder_of_fonts_that_are_none_is_named(tmp_path: Path, kind: str) -> None:
    make(tmp_path, kind)
    with pytest.raises(InputError, match=r"holds no usable font: 1 unreadable; .* regular file"):
        find_faces([tmp_path])


@pytest.mark.parametrize("kind", ["pipe", "device"])
def test_a_face_for_captions_that_is_none_is_named(tmp_path: Path, kind: str) -> None:
    with pytest.raises(InputError, match=r"cannot be opened as a font .*no regular file"):
        caption_font(make(tmp_path, kind), None)  # type: ignore[arg-type]
