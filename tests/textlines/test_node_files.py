from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from textlines import node_files
from textlines.cluster import MoreNeededError
from textlines.errors import InputError
from textlines.node_files import FilesNeeded, NeededFile, SentFiles, files_at_node


@pytest.fixture(autouse=True)
def on_a_node(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Stand in for a worker: references are what they refer to."""
    monkeypatch.setattr(node_files, "node_name", lambda: "node 10.0.0.2 (b)")
    monkeypatch.setattr(node_files, "fetched", lambda reference: reference)
    monkeypatch.setattr(node_files.tempfile, "gettempdir", lambda: str(tmp_path / "temporary"))


def sender() -> SentFiles:
    return SentFiles(cast(Any, SimpleNamespace(put=lambda value: value)))


def file_of(path: Path, content: bytes) -> NeededFile:
    path.write_bytes(content)
    return NeededFile(sha256(content).hexdigest(), path)


def test_a_file_that_is_there_is_read_there(tmp_path: Path) -> None:
    file = file_of(tmp_path / "a.ttf", b"font")
    assert files_at_node([file]) == {file.sha256: file.path}


@pytest.mark.parametrize("there", [None, b"another"])
def test_a_file_of_other_content_is_asked_for_and_kept(tmp_path: Path, there: bytes | None) -> None:
    here = file_of(tmp_path / "a.ttf", b"font")
    file = NeededFile(here.sha256, tmp_path / "there.ttf")
    if there is not None:
        file.path.write_bytes(there)
    with pytest.raises(MoreNeededError) as asked:
        files_at_node([file, here])
    needed = asked.value.what
    assert needed == FilesNeeded("node 10.0.0.2 (b)", (file,))
    sent = sender().send(FilesNeeded(needed.node, (here,)))
    place = files_at_node([file], sent)[file.sha256]
    assert place.read_bytes() == b"font"
    assert place.suffix == ".ttf"
    assert files_at_node([file]) == {file.sha256: place}  # the next worker finds it


def test_a_file_that_changed_is_not_sent(tmp_path: Path) -> None:
    file = file_of(tmp_path / "a.ttf", b"font")
    file.path.write_bytes(b"other")
    with pytest.raises(InputError, match=r"a\.ttf: has changed since the run began"):
        sender().send(FilesNeeded("node", (file,)))
    file.path.unlink()
    with pytest.raises(InputError, match=r"a\.ttf: file is not there"):
        sender().send(FilesNeeded("node", (file,)))


def test_too_much_is_not_sent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(node_files, "MOST_SENT", 5)
    files = (file_of(tmp_path / "a.ttf", b"123"), file_of(tmp_path / "b.ttf", b"456"))
    with pytest.raises(InputError, match=r"node b: lacks 2 files \(first: .*a\.ttf\), and more"):
        sender().send(FilesNeeded("node b", files))
