"""What the candidates of all models have alike."""

from pathlib import Path

import pytest

from textlines.files import sha256_of
from textlines.formats.history import History, read_history
from textlines.parsing import parse_toml
from train.export.candidate_folder import (
    is_candidate,
    is_detector_candidate,
    kind_of,
    seal,
)


@pytest.mark.parametrize(
    ("record", "kind"),
    [
        ('kind = "detector"', "detector"),
        ('kind = "recognizer"', "recognizer"),
        ("format = 1", "recognizer"),  # as recognizers' are
        ("kind = [", "recognizer"),
        (None, None),
    ],
)
def test_a_candidate_is_known_by_its_record(
    record: str | None, kind: str | None, tmp_path: Path
) -> None:
    (tmp_path / "inference.pdiparams").write_bytes(b"weights")
    if record is not None:
        (tmp_path / "export.toml").write_text(record, encoding="utf-8")
    assert kind_of(tmp_path) == kind
    assert is_candidate(tmp_path) == (kind == "recognizer")
    assert is_detector_candidate(tmp_path) == (kind == "detector")
    (tmp_path / "inference.pdiparams").unlink()
    assert kind_of(tmp_path) is None


def test_record_and_history_name_the_same_files(tmp_path: Path) -> None:
    (tmp_path / "b.onnx").write_bytes(b"a graph")
    (tmp_path / "a.yml").write_bytes(b"settings")
    hashes = {name: sha256_of(tmp_path / name) for name in ("a.yml", "b.onnx")}
    assert seal(tmp_path, History(), lambda files: {"files": dict(files)}) == hashes
    text = (tmp_path / "export.toml").read_text("utf-8")
    assert parse_toml(text, "export.toml", "the record", "") == {"files": hashes}
    history = read_history(tmp_path, model=hashes.values())
    assert history is not None and not history.gaps
    (tmp_path / "b.onnx").write_bytes(b"another")
    other = read_history(tmp_path, model=[sha256_of(tmp_path / "b.onnx")])
    assert other is not None and len(other.gaps) == 1
