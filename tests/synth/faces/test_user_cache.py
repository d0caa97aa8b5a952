from pathlib import Path

import pytest

from synth.faces.user_cache import cache_dir, read_json, write_bytes, write_json
from textlines.errors import InputError


def test_the_folder_follows_xdg(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_dir() == tmp_path / "ocr-mend"


@pytest.mark.parametrize("value", ["", "relative/path"])
def test_without_an_absolute_path_it_is_in_the_home_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", value)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache_dir() == tmp_path / ".cache" / "ocr-mend"


def test_entries_come_back(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b.json"
    assert write_json(path, "1", {"값": [1, None]})
    assert read_json(path, "1") == {"값": [1, None]}


def test_another_version_is_empty(tmp_path: Path) -> None:
    write_json(tmp_path / "a.json", "1", {"x": 1})
    assert read_json(tmp_path / "a.json", "2") == {}


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b'{"version": "1"}', b"\xff\xfe"])
def test_a_broken_cache_is_empty(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(content)
    assert read_json(path, "1") == {}


def test_a_cache_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert not write_json(tmp_path / "file" / "a.json", "1", {})
    with pytest.raises(InputError, match="Set XDG_CACHE_HOME"):
        write_bytes(tmp_path / "file" / "a.bin", b"x")
