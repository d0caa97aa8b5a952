"""`folds.json` and `suspects.tsv`: read as they were written, faults told."""

from pathlib import Path

import pytest

from textlines.errors import InputError
from textlines.formats.folds import (
    FOLDS,
    FoldRow,
    FoldsRecord,
    SuspectFigures,
    SuspectRow,
    read_folds,
    read_suspects,
    write_suspects,
)

FOLD = FoldRow(lines=9, documents=3, epoch=2, alpha=0.6, before=1, after=8)
RECORD = FoldsRecord(
    base="PP-OCRv4_mobile_rec",
    mix_sha256="0" * 64,
    base_sha256="1" * 64,
    own_sha256="2" * 64,
    predictions_sha256="3" * 64,
    lines=18,
    unread=0,
    epochs=4,
    folds=(FOLD, FOLD),
    epoch=2,
    alpha=0.6,
    suspected=SuspectFigures(suspects=1, lines=18, low=0.01, high=0.26),
)
ROW = SuspectRow(1, True, 8.25, 0.01, 0.99, "값/1.png", "1 2", "12")


def test_folds_are_read_as_they_were_written(tmp_path: Path) -> None:
    RECORD.write(tmp_path / FOLDS)
    assert read_folds(tmp_path) == read_folds(tmp_path / FOLDS) == RECORD


def test_folds_that_are_not_whole_are_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"holds no folds\.json: the folds are not finished"):
        read_folds(tmp_path)
    RECORD.write(tmp_path / FOLDS)
    text = (tmp_path / FOLDS).read_text(encoding="utf-8")
    (tmp_path / FOLDS).write_text(text.replace('"version": 1', '"version": 2'), encoding="utf-8")
    with pytest.raises(InputError, match="of version 2, this program reads version 1"):
        read_folds(tmp_path)
    (tmp_path / FOLDS).write_text(text.replace('"alpha": 0.6', '"alpha": 1.5'), encoding="utf-8")
    with pytest.raises(InputError, match="alpha"):
        read_folds(tmp_path)


def test_suspects_are_read_as_they_were_written(tmp_path: Path) -> None:
    rows = [ROW, SuspectRow(2, False, -3.0, 0.5, 0.25, "b.png", "x", "")]
    write_suspects(tmp_path / "s.tsv", rows)
    assert list(read_suspects(tmp_path / "s.tsv")) == rows


@pytest.mark.parametrize(
    ("old", "new"), [("\tyes\t", "\tsure\t"), ("8.250", "nan"), ("\t1 2", ""), ("1\t", "one\t")]
)
def test_a_damaged_row_of_suspects_is_told(tmp_path: Path, old: str, new: str) -> None:
    file = tmp_path / "s.tsv"
    write_suspects(file, [ROW])
    head, _, row = file.read_text(encoding="utf-8").partition("\n")
    file.write_text(f"{head}\n{row.replace(old, new, 1)}", encoding="utf-8")
    with pytest.raises(InputError, match=r"s\.tsv:2: is no row of suspects"):
        list(read_suspects(file))
