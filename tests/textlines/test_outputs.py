"""No output of a command is one of its inputs, another output, or a file of somebody else."""

import os
from pathlib import Path

import pytest

from textlines.errors import InputError, UsageError
from textlines.outputs import ANY, NEW, PAGE, Output, Tree, check_outputs, file, folder, page


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    path = tmp_path / "data" / "train.txt"
    path.parent.mkdir()
    path.write_text("a.jpg\t값\n", encoding="utf-8")
    return path


def ways(path: Path, tmp_path: Path) -> dict[str, Path]:
    """Name one file in several ways."""
    (tmp_path / "link.txt").symlink_to(path)
    (tmp_path / "linked").symlink_to(path.parent)
    os.link(path, tmp_path / "hard.txt")
    return {
        "itself": path,
        "relative": Path(os.path.relpath(path)),
        "dots": path.parent / ".." / path.parent.name / path.name,
        "link": tmp_path / "link.txt",
        "linked folder": tmp_path / "linked" / path.name,
        "hard link": tmp_path / "hard.txt",
    }


@pytest.mark.parametrize(
    "way", ["itself", "relative", "dots", "link", "linked folder", "hard link"]
)
def test_an_input_is_found_by_whatever_name(way: str, labels: Path, tmp_path: Path) -> None:
    named = ways(labels, tmp_path)[way]
    with pytest.raises(UsageError, match=r"--out, --labels: name the same file"):
        check_outputs([file("--out", named, ANY)], {"--labels": labels})
    with pytest.raises(UsageError, match=r"--out, --labels: name the same file"):
        check_outputs([file("--out", labels, ANY)], {"--labels": [tmp_path / "no", named]})


def test_a_file_system_without_case_is_asked(labels: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where `Train.TXT` is `train.txt`, the two are told to be one by their inode alone."""
    other = labels.with_name("Train.TXT")
    before = Path.stat

    def stat(self: Path, **options: bool) -> os.stat_result:
        return before(labels if self.name == other.name else self, **options)

    monkeypatch.setattr(Path, "stat", stat)
    with pytest.raises(UsageError, match="name the same file"):
        check_outputs([file("--out", other, ANY)], {"--labels": labels})


def test_a_folder_may_not_hold_what_is_read(labels: Path, tmp_path: Path) -> None:
    for out in (labels.parent, tmp_path):
        with pytest.raises(UsageError, match=r"--out, --original: .*written over .*train\.txt"):
            check_outputs([folder("--out", out)], {"--original": labels})
    linked = tmp_path / "linked"
    linked.symlink_to(labels.parent)
    with pytest.raises(UsageError, match="written over"):
        check_outputs([folder("--out", linked)], {"--original": labels})
    # Beside it, and in a part of the folder that is not written, nothing is lost.
    check_outputs([folder("--out", labels.parent / "mixed")], {"--original": labels})
    check_outputs([folder("--out", labels.parent, ("epoch-*",))], {"--original": labels})


def test_a_tree_that_is_read_may_not_grow(labels: Path) -> None:
    inside = labels.parent / "new"
    check_outputs([folder("--out", inside)], {"--fonts": labels.parent})
    with pytest.raises(UsageError, match=r"--out, --corpus: .*new lies in .*all of which is read"):
        check_outputs([folder("--out", inside)], {"--corpus": Tree(labels.parent)})


def test_the_name_of_a_model_is_no_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    named = {"--model": "PP-OCRv4_mobile_rec"}
    out = [folder("--out", Path("PP-OCRv4_mobile_rec"))]
    check_outputs(out, named)
    Path("PP-OCRv4_mobile_rec").mkdir()
    with pytest.raises(UsageError, match="name the same folder"):
        check_outputs(out, named)


def test_two_outputs_are_two_files(tmp_path: Path) -> None:
    one = tmp_path / "x"
    with pytest.raises(UsageError, match="--html, --json: name the same file"):
        check_outputs([page("--html", one), file("--json", one, ANY)], {})
    with pytest.raises(UsageError, match=r"lies in .*, which is no folder"):
        check_outputs([page("--html", one), file("--json", one / "y", ANY)], {})
    mixed = Output("--out", tmp_path / "d", None, ("train.txt", "epoch-*"))
    with pytest.raises(UsageError, match=r"--out, --html: .* is what --out writes there itself"):
        check_outputs([mixed, page("--html", tmp_path / "d" / "epoch-003.txt")], {})
    check_outputs([mixed, page("--html", tmp_path / "d" / "mix.html")], {})


@pytest.mark.parametrize(
    ("content", "is_fine"),
    [
        (b"<!DOCTYPE html>\n<html>", True),
        (b"", True),
        (b"\n", True),
        (b"a.jpg\tlabel\n", False),
        (b"\xff\xd8\xff\xe0", False),
        (b'{"version": 1}', False),
    ],
)
def test_only_a_page_gives_way_to_a_page(content: bytes, is_fine: bool, tmp_path: Path) -> None:
    there = tmp_path / "there"
    there.write_bytes(content)
    if is_fine:
        check_outputs([page("--html", there)], {})
        return
    with pytest.raises(UsageError, match=r"--html: .*there is there, is not an HTML page"):
        check_outputs([page("--html", there)], {})


def test_what_is_to_be_new_is_new(labels: Path) -> None:
    check_outputs([file("--fix", labels.with_name("new.txt"), NEW)], {})
    with pytest.raises(UsageError, match=r"--fix: .*is there already and would be lost"):
        check_outputs([file("--fix", labels, NEW)], {})


def test_a_folder_for_a_file_and_the_other_way_round(labels: Path) -> None:
    with pytest.raises(InputError, match="is a folder"):
        check_outputs([file("--out", labels.parent, PAGE)], {})
    with pytest.raises(InputError, match="is a file"):
        check_outputs([folder("--out", labels)], {})


def test_streams_are_written_to_as_they_are(tmp_path: Path) -> None:
    null = Path(os.devnull)
    check_outputs([page("--html", null), file("--json", null, NEW)], {"--labels": null})
