import os
from pathlib import Path
from typing import Any

import pytest

from balance.checks import sets
from balance.checks.findings import Findings
from textlines.errors import InputError

BAD = (
    ("\ufeffa.jpg\tx\n", "bom"),
    ("a.jpg\tx\r\n", "crlf"),
    ("b\\a.jpg\tx\n", "backslash"),
    ("a.jpg\tx\n\nb.jpg\ty\n", "blank_line"),
    ('["a.jpg", "b.jpg"]\tx\n', "image_list"),
    ("a.jpg x\n", "no_tab"),
    ("a.jpg\tx\ty\n", "extra_tab"),
    ("\tx\n", "empty_path"),
    ("/etc/a.jpg\tx\n", "absolute_path"),
    ("C:\\a.jpg\tx\n", "absolute_path"),
    ("../a.jpg\tx\n", "leaves_folder"),
    ("[1]\tx\n", "image_list_broken"),
    ("a\u200b.jpg\tx\n", "odd_path"),
    (b"a.jpg\t\0\1\2\n", "binary"),
    ("a.jpg\t값\n".encode("cp949"), "encoding"),
    ("a.jpg\t" + "x" * 100_000 + "\n", "line_too_long"),
    ("a.jpg\t  \n", "empty"),
    ("a.jpg\tx\x07\n", "control"),
    ("a.jpg\t\u1112\u1161\u11ab\n", "nfd"),
)


@pytest.mark.parametrize(("content", "code"), BAD)
def test_each_bad_line_is_a_finding_with_its_line(kit: Any, content: Any, code: str) -> None:
    data = content.encode() if isinstance(content, str) else content
    file = kit.text("labels.txt", b"ok.jpg\tfine\n" + data if code != "bom" else data)
    checked = kit.check(file, look=False)
    found = kit.only(checked, code)
    assert found.file == str(file)
    assert found.line == (1 if code == "bom" else 3 if code == "blank_line" else 2)


@pytest.mark.parametrize("content", [b"", b"\0" * 5000, os.urandom(0) + b"no tab\n" * 3])
def test_a_file_without_a_usable_line_is_an_error(kit: Any, content: bytes) -> None:
    checked = kit.check(kit.text("labels.txt", content), look=False)
    assert kit.only(checked, "no_lines").detail == f"{len(content):,} bytes"
    assert checked.findings.is_bad()


def test_a_utf16_file_is_a_finding_and_the_others_are_checked(kit: Any) -> None:
    bad = kit.text("bad.txt", "a.jpg\tx\n".encode("utf-16"))
    other = kit.text("other.txt", "a.jpg x\n")
    checked = kit.check(bad, other, look=False)
    assert "UTF-16" in kit.only(checked, "unusable_file").detail
    assert kit.only(checked, "no_tab").file == str(other)


def test_places_are_right_where_the_name_holds_colons_and_digits(kit: Any) -> None:
    file = kit.text("a:7:b.txt", "ok.jpg\tx\nbad line\n")
    assert kit.places(kit.check(file, look=False), "no_tab") == [2]


def test_all_places_are_kept_not_the_first_five(kit: Any) -> None:
    file = kit.text("labels.txt", "bad\n" * 12)
    assert kit.places(kit.check(file, look=False), "no_tab") == list(range(1, 13))


def test_a_file_that_changes_while_it_is_read_is_an_error(
    kit: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = kit.text("labels.txt", "a.jpg\tx\n")
    read = sets.read_labels

    def slow(path: Path, **options: Any) -> Any:
        for line in read(path, **options):
            path.write_text("a.jpg\tx\nb.jpg\ty\n")
            yield line

    monkeypatch.setattr(sets, "read_labels", slow)
    assert kit.only(kit.check(file, look=False), "changed_while_read").file == str(file)


def test_a_folder_and_a_missing_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"is a folder\. Name a label file \(LMDB"):
        sets.read_set(tmp_path, "train", Findings())
    with pytest.raises(InputError, match="is not there"):
        sets.read_set(tmp_path / "no.txt", "train", Findings())


def test_a_reference_is_compared_and_not_at_fault(kit: Any) -> None:
    like = kit.text("like.txt", "no tab\na.jpg\tx\n")
    checked = kit.check(kit.text("labels.txt", "a.jpg\tx\n"), like=[like], look=False)
    assert "no_tab" not in checked.findings.counts()
