import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textlines.defects.of_lines import LABEL_FILE
from textlines.errors import InputError, UsageError
from textlines.labels.canonical import canonical
from textlines.labels.label_file import (
    LONGEST_LINE,
    Dialect,
    LabelLine,
    plain_line,
    read_labels,
    read_line,
    write_labels,
)
from textlines.labels.tally import Tally

Write = Callable[[str, str | bytes], Path]


def read(path: Path, **options: bool) -> tuple[list[tuple[str, str]], dict[str, int]]:
    tally = Tally()
    rows = [(line.path, line.label) for line in read_labels(path, tally=tally, **options)]  # type: ignore[arg-type]
    return rows, tally.as_dict()


@pytest.mark.parametrize(
    ("content", "rows", "counts"),
    [
        ("a.jpg\t값 1\nb/c.jpg\t수량 : 3", [("a.jpg", "값 1"), ("b/c.jpg", "수량 : 3")], {}),
        ("\ufeffa.jpg\tx\n", [("a.jpg", "x")], {"bom": 1}),
        ("a.jpg\tx\r\nb.jpg\ty\n", [("a.jpg", "x"), ("b.jpg", "y")], {"crlf": 1}),
        ("a.jpg x\nb.jpg\ty\n", [("b.jpg", "y")], {"no_tab": 1}),
        ("a.jpg\tx\ty\n", [], {"extra_tab": 1}),
        ("a.jpg\t\nb.jpg\t  \n", [], {"empty_label": 2}),
        ("\tx\n", [], {"empty_path": 1}),
        ("/a.jpg\tx\nC:\\a.jpg\tx\n", [], {"absolute_path": 2, "backslash": 1}),
        ("../a.jpg\tx\nb/../../a.jpg\tx\n..\\a.jpg\tx\n", [], {"leaves_folder": 3, "backslash": 1}),
        ("b/../a.jpg\tx\n./a.jpg\ty\n", [("a.jpg", "x"), ("a.jpg", "y")], {}),
        ("b\\a.jpg\tx\n", [("b/a.jpg", "x")], {"backslash": 1}),
        (unicodedata.normalize("NFD", "a.jpg\t값\n"), [("a.jpg", "값")], {"nfd": 1}),
        ("a.jpg\tx\u2028y\nb.jpg\t\x07\n", [], {"control": 2}),
        ("a.jpg\tx\0y\n", [], {"nul": 1}),
        ("\n\na.jpg\tx\n \n", [("a.jpg", "x")], {"blank_line": 3}),
        ('["a.jpg", "b.jpg"]\tx\n', [("a.jpg", "x"), ("b.jpg", "x")], {"image_list": 1}),
        ('["a.jpg", "../b.jpg"]\tx\n', [("a.jpg", "x")], {"image_list": 1, "leaves_folder": 1}),
        ("[a.jpg\tx\n[1]\tx\n[]\tx\n", [], {"image_list_broken": 3}),
    ],
)
def test_each_oddity_is_counted_under_its_own_name(
    write_file: Write, content: str, rows: list[tuple[str, str]], counts: dict[str, int]
) -> None:
    assert read(write_file("rec_gt.txt", content)) == (rows, counts)
    assert counts.keys() <= LABEL_FILE.keys()


def test_an_empty_file_has_no_lines(write_file: Write) -> None:
    assert read(write_file("rec_gt.txt", "")) == ([], {})


def test_lines_carry_their_number_and_tallies_their_place(write_file: Write) -> None:
    path = write_file("rec_gt.txt", "a.jpg\tx\nno tab\nb.jpg\ty\n")
    tally = Tally()
    assert list(read_labels(path, tally=tally)) == [
        LabelLine("a.jpg", "x", 1),
        LabelLine("b.jpg", "y", 3),
    ]
    assert tally.places("no_tab") == (f"{path}:2",)


def test_lines_in_another_encoding_are_left_out_one_by_one(write_file: Write) -> None:
    path = write_file(
        "rec_gt.txt", b"a.jpg\tx\n" + "b.jpg\t수량 값\n".encode("cp949") + b"c.jpg\ty"
    )
    tally = Tally()
    assert [line.label for line in read_labels(path, tally=tally)] == ["x", "y"]
    assert tally.places("not_utf8") == (f"{path}:2 (byte 6, looks like CP949)",)


def test_a_utf16_file_is_refused_as_a_whole(write_file: Write) -> None:
    path = write_file("rec_gt.txt", "a.jpg\tx\n".encode("utf-16"))
    with pytest.raises(
        InputError,
        match=r"UTF-16, not UTF-8\. Write it as UTF-8: balance check .* --encoding UTF-16",
    ):
        read(path)


@pytest.mark.parametrize("extra", [-1, 0, 1, 1_000_000])
def test_a_line_of_a_megabyte_is_skipped_and_counted(write_file: Write, extra: int) -> None:
    start = b"a.jpg\t"
    long_line = start + b"x" * (LONGEST_LINE + extra - len(start))
    rows, counts = read(write_file("rec_gt.txt", long_line + b"\nb.jpg\ty\n" + long_line))
    assert rows[-1 if extra > 0 else 1] == ("b.jpg", "y")
    assert counts == ({"line_too_long": 2} if extra > 0 else {})
    assert len(rows) == (1 if extra > 0 else 3)


def test_strict_stops_at_what_would_be_left_out(write_file: Write) -> None:
    path = write_file("rec_gt.txt", "a.jpg\tx\r\n\nb.jpg y\n")
    lines = read_labels(path, tally=Tally(), strict=True)
    assert next(lines).label == "x"
    with pytest.raises(InputError, match=r"rec_gt\.txt:3: line without a tab\. Mend the line"):
        next(lines)


def test_lines_whose_image_is_missing_are_left_out_on_request(write_file: Write) -> None:
    write_file("crops/a.jpg", b"x")
    path = write_file("rec_gt.txt", "crops/a.jpg\tx\ncrops/b.jpg\ty\n")
    tally = Tally()
    assert [line.label for line in read_labels(path, tally=tally, images=path.parent)] == ["x"]
    assert tally.places("missing_image") == (f"{path}:2 (crops/b.jpg)",)


def test_paths_alone_are_read_where_no_label_is_asked_for(write_file: Write) -> None:
    path = write_file("images.txt", "a.jpg\nb.jpg\ty\n")
    assert read(path, need_label=False) == ([("a.jpg", ""), ("b.jpg", "y")], {})


def test_a_missing_label_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="the label file is not there"):
        read(tmp_path / "rec_gt.txt")


NAMES = st.from_regex(r"[a-z가-각][a-z0-9 가-각._-]{0,8}\.jpg", fullmatch=True)
LABELS = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Zl", "Zp"]), min_size=1
).filter(lambda label: bool(label.strip()))


@given(rows=st.lists(st.tuples(NAMES, LABELS), max_size=5))
def test_what_is_written_is_read_again(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]]
) -> None:
    path = tmp_path_factory.mktemp("labels") / "rec_gt.txt"
    assert write_labels(path, rows) == len(rows)
    assert read(path) == ([(image, canonical(label)) for image, label in rows], {})
    assert b"\r" not in path.read_bytes()


@given(
    raw=st.binary(max_size=40)
    | st.text(st.sampled_from('a1/.:\\[]" \t\r값\ufeff\u1100\u1161\u0301\u00a0'), max_size=12).map(
        str.encode
    )
    | st.tuples(NAMES, LABELS).map("\t".join).map(str.encode)
)
def test_a_plain_line_is_what_looking_at_all_of_it_gives(raw: bytes) -> None:
    line = plain_line(raw, 3)
    if line is not None:
        assert read_line(raw, 3, None, True) == ([], [line])


@given(content=st.binary(max_size=200) | st.text(st.sampled_from('a/.\\[]"\t\r\n값\ufeff\0 :,')))
def test_any_bytes_are_read_or_counted_and_never_leave_the_folder(
    tmp_path_factory: pytest.TempPathFactory, content: str | bytes
) -> None:
    path = tmp_path_factory.mktemp("labels") / "rec_gt.txt"
    data = content.encode() if isinstance(content, str) else content
    path.write_bytes(data)
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return
    tally = Tally()
    lines = list(read_labels(path, tally=tally))
    numbers = {line.number for line in lines}
    left_out = sum(n for reason, n in tally.as_dict().items() if LABEL_FILE[reason].is_loss)
    assert len(numbers) + left_out >= len(data.removesuffix(b"\n").split(b"\n")) - (not data)
    for line in lines:
        resolved = (path.parent / line.path).resolve()
        assert resolved.is_relative_to(path.parent)
        assert canonical(line.label) == line.label


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (("/a.jpg", "x"), r"rec_gt\.txt:2: '/a\.jpg' is absolute path"),
        (("../a.jpg", "x"), "leaves the data folder"),
        (("a\\b.jpg", "x"), "a path that the form cannot hold"),
        (("a\tb.jpg", "x"), "a path that the form cannot hold"),
        (("[a.jpg", "x"), "a path that the form cannot hold"),
        (("a.jpg", "x\ty"), r"rec_gt\.txt:2: label 'x\\ty' holds U\+0009 TAB"),
        (("a.jpg", " "), r"rec_gt\.txt:2: label ' ' is empty"),
    ],
)
def test_what_the_form_cannot_hold_is_not_written(
    tmp_path: Path, row: tuple[str, str], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        write_labels(tmp_path / "rec_gt.txt", [("ok.jpg", "x"), row])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("encoding", ["cp949", "utf-16", "utf-16-le", "utf-32", "euc_kr"])
def test_a_file_is_read_in_the_encoding_that_is_named(write_file: Write, encoding: str) -> None:
    path = write_file("rec_gt.txt", "a.jpg\t값 1\r\n\nb.jpg\t수량\n".encode(encoding))
    tally = Tally()
    lines = list(read_labels(path, tally=tally, dialect=Dialect(encoding)))
    assert lines == [LabelLine("a.jpg", "값 1", 1), LabelLine("b.jpg", "수량", 3)]
    assert tally.as_dict() == {"blank_line": 1, "crlf": 1}


def test_a_file_of_another_encoding_than_named_is_refused_with_its_line(write_file: Write) -> None:
    path = write_file("rec_gt.txt", b"a.jpg\tx\nb.jpg\t\xff\xff\n")
    with pytest.raises(InputError, match=r"rec_gt\.txt:\d+: is not cp949"):
        list(read_labels(path, tally=Tally(), dialect=Dialect("CP949")))


@pytest.mark.parametrize("name", ["klingon", "rot13", "base64", "a\0b"])
def test_an_encoding_that_is_none_of_texts_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match=r"is no encoding that is known\. As in CP949"):
        Dialect(name)


def test_an_absolute_path_inside_the_folder_of_images_is_taken(
    write_file: Write, tmp_path: Path
) -> None:
    path = write_file("rec_gt.txt", f"{tmp_path}/crops/a.jpg\tA\n/data/b.jpg\tB\n".encode())
    tally = Tally()
    assert list(read_labels(path, tally=tally)) == [LabelLine("crops/a.jpg", "A", 1)]
    assert tally.as_dict() == {"absolute_path": 1, "from_images": 1}
    other = list(read_labels(path, tally=Tally(), home=tmp_path / "crops"))
    assert other == [LabelLine("a.jpg", "A", 1)]


def test_an_absolute_path_through_a_link_is_taken(write_file: Write, tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    path = write_file("rec_gt.txt", f"{tmp_path}/real/a.jpg\tA\n".encode())
    lines = list(read_labels(path, tally=Tally(), home=tmp_path / "link"))
    assert lines == [LabelLine("a.jpg", "A", 1)]


def test_a_prefix_is_cut_where_it_stands_and_counted(write_file: Write) -> None:
    content = 'old\\a.jpg\tA\nold/old/b.jpg\tB\nc.jpg\tC\n["old/d.jpg", "e.jpg"]\tD\n'
    path = write_file("rec_gt.txt", content.encode())
    tally = Tally()
    lines = list(read_labels(path, tally=tally, dialect=Dialect(prefix="old")))
    assert [line.path for line in lines] == ["a.jpg", "old/b.jpg", "c.jpg", "d.jpg", "e.jpg"]
    assert tally["cut_prefix"] == 3


def test_cutting_never_leaves_the_folder(write_file: Write) -> None:
    path = write_file("rec_gt.txt", b"old/../../a.jpg\tA\nold//etc/b.jpg\tB\n")
    tally = Tally()
    assert not list(read_labels(path, tally=tally, dialect=Dialect(prefix="old/")))
    assert tally.as_dict() == {"cut_prefix": 2, "absolute_path": 1, "leaves_folder": 1}


def test_detection_labels_are_refused_as_a_whole(write_file: Write) -> None:
    box = '[{"transcription": "값", "points": [[0, 0], [9, 0], [9, 9], [0, 9]]}]'
    path = write_file("Label.txt", f"shots/a.png\t{box}\nshots/b.png\t{box}\n".encode())
    with pytest.raises(InputError, match=r"holds detection labels .*balance import ppocr-det"):
        list(read_labels(path, tally=Tally()))
    # A label may well begin with a bracket.
    fine = write_file("rec_gt.txt", b'a.jpg\t[{"points": 3}]\nb.jpg\t[1]\n')
    assert len(list(read_labels(fine, tally=Tally()))) == 2
