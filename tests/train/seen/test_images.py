import errno
import hashlib
import os
from pathlib import Path

import pytest

from textlines.errors import MachineError
from textlines.formats.seen_images import digest
from train.seen import digests_of


def test_files_are_hashed_and_those_that_cannot_be_are_told(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"1")
    os.mkfifo(tmp_path / "pipe")
    asked = [tmp_path / name for name in ("a", "none", ".", "pipe", "a\0b", "a")]
    found, were_read = digests_of(asked)
    assert were_read == (True, False, False, False, False, True)
    assert found.tolist() == [list(digest(b"1"))] * 2
    assert bytes(found[0].tolist()) == hashlib.sha256(b"1").digest()[:16]


def test_a_failure_of_the_machine_is_no_missing_image(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(path: Path) -> None:
        raise OSError(errno.EMFILE, "Too many open files", str(path))

    monkeypatch.setattr("train.seen.open_regular", fails)
    with pytest.raises(MachineError, match="too many files are open"):
        digests_of([tmp_path / "a"])
