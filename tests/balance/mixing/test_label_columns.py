from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from balance.mixing.label_columns import BlockReader, Images, Provenance, SourceFile, read_lines
from balance.mixing.lots import Lot
from balance.mixing.mix_request import CheckImages
from balance.mixing.screening import LabelReader, Screen
from balance.mixing.sorting import LineSorter
from textlines.errors import InputError
from textlines.formats.roles import Role
from textlines.labels.alphabet import Alphabet
from textlines.labels.label_file import read_labels
from textlines.labels.tally import Tally
from textlines.rules.line_rules import check_line

Write = Callable[[str, str | bytes], Path]
ALPHABET = Alphabet((*tuple("abc012.,-값갑원"), "é", "kg", "k", "."))


def read(
    path: Path,
    how: CheckImages = "none",
    *,
    alphabet: Alphabet | None = ALPHABET,
    strict: bool = False,
    distil: bool = False,
) -> tuple[SourceFile, Lot]:
    labels = LabelReader(Screen(alphabet), 25, has_rules=not distil, wants_words=True)
    role: Role = "distil" if distil else "original"
    images = Images(path.parent, how)
    reader = BlockReader(path, role, images, labels, Provenance(path.parent), strict)
    sorter = LineSorter(None, stays=True)
    source = read_lines(reader, role, sorter, 0, 7, "characters" if not distil else "lines")
    return source, sorter.seal({0: role})


def texts(lot: Lot) -> list[tuple[str, str]]:
    labels, size = lot.labels(slice(None))
    rows = labels[:size].tobytes().decode().split("\n")[:-1]
    return sorted(zip(lot.paths(slice(None)), rows, strict=True))


def one_by_one(path: Path) -> tuple[list[tuple[str, str]], dict[str, int]]:
    """Read as `textlines` does, line by line: what the arrays must agree with."""
    tally = Tally()
    kept = []
    for row in read_labels(path, tally=tally):
        findings = check_line(row.label, ALPHABET)
        errors = [f.code for f in findings if f.defect.is_error]
        if errors:
            tally.add(errors[0])
        else:
            kept.append((row.path, row.label))
            for finding in findings:
                tally.add(finding.code)
    return sorted(kept), tally.as_dict()


_PLAIN = ("a", "b", "c", "0", "1", ".", " ", "  ", "값", "갑", "가", "Z", "k", "kg", "ㄱ", "😀")
_ODD = ("\u00e9", "e\u0301", "\u1112\u1161", "\u200b", "\u00a0", "\t", "\r", "\0", "\x7f")
PIECES = st.sampled_from([*_PLAIN, *_ODD, "/", "//", "\\", "["])
LINES = st.lists(
    st.tuples(
        st.lists(
            st.sampled_from(["a", "b", "/", ".", "..", "//", "\\", " ", "값", "\t", ":", "C", "["]),
            max_size=5,
        ).map("".join),
        st.sampled_from(["\t", "\t", "\t", "", "\t\t"]),
        st.lists(PIECES, max_size=30).map("".join),
        st.sampled_from(["\n", "\n", "\r\n"]),
    ).map("".join),
    max_size=12,
).map("".join)


@given(content=LINES, broken=st.booleans(), mark=st.booleans(), cut=st.booleans())
def test_arrays_read_what_the_reader_of_single_lines_reads(
    tmp_path_factory: pytest.TempPathFactory, content: str, broken: bool, mark: bool, cut: bool
) -> None:
    data = content.encode()
    if broken:
        data += b"x.jpg\ta\xff\n\xe0y.jpg\ta\ny.jpg\t0\n"
    data = b"\xef\xbb\xbf" * mark + data
    data = data.removesuffix(b"\n") if cut else data
    path = tmp_path_factory.getbasetemp() / "lines.txt"
    path.write_bytes(data)
    source, lot = read(path)
    kept, counts = one_by_one(path)
    assert texts(lot) == kept
    assert source.usable == len(kept)
    assert source.tally.as_dict() == counts
    held = "".join(label for _, label in kept)
    assert int(source.code_counts.sum()) == len(held)
    assert source.words.counts.sum() == sum(
        len(label.split(" ")) - label.split(" ").count("") for _, label in kept
    )
    assert lot.amount == len(held)


@pytest.mark.parametrize("content", [b"", b"\n\n", b"no tab\n", b"\x00\x01\x02"])
def test_a_file_without_usable_lines_gives_none(write_file: Write, content: bytes) -> None:
    source, lot = read(write_file("a.txt", content))
    assert source.usable == len(lot) == 0


def test_utf16_is_refused(write_file: Write) -> None:
    with pytest.raises(InputError, match="is UTF-16"):
        read(write_file("a.txt", "a.jpg\ta\n".encode("utf-16")))


def test_a_line_of_a_hundred_thousand_characters_is_left_out(write_file: Write) -> None:
    path = write_file("a.txt", "a.jpg\t" + "a" * 200_000 + "\nb.jpg\ta\n")
    source, lot = read(path)
    assert texts(lot) == [("b.jpg", "a")]
    assert source.tally["line_too_long"] == 1


@pytest.mark.parametrize("how", ["listing", "stat"])
def test_missing_images_are_left_out_with_their_place(write_file: Write, how: CheckImages) -> None:
    for name in ("값/a.jpg", "b 1.jpg", "c/d/😀.jpg"):
        write_file(name, b"")
    rows = ["값/a.jpg\ta", "b 1.jpg\tb", "c/d/😀.jpg\tc", "gone/a.jpg\ta", "값\ta", "./b 1.jpg\t0"]
    path = write_file("a.txt", "\n".join(rows))
    source, lot = read(path, how)
    assert [p for p, _ in texts(lot)] == ["b 1.jpg", "b 1.jpg", "c/d/😀.jpg", "값/a.jpg"]
    assert source.tally.as_dict() == {"missing_image": 2}
    assert source.tally.places("missing_image")[0] == f"{path}:4 (gone/a.jpg)"


def test_distilled_lines_need_no_label_and_obey_no_rule(write_file: Write) -> None:
    path = write_file("a.txt", "a.jpg\nb.jpg\t\nc.jpg\tZZZ of another convention, and a long one\n")
    source, lot = read(path, distil=True)
    assert [p for p, _ in texts(lot)] == ["a.jpg", "b.jpg", "c.jpg"]
    assert not source.tally


def test_strict_stops_at_the_first_line_that_would_be_left_out(write_file: Write) -> None:
    path = write_file("a.txt", "a.jpg\ta\nb.jpg\tZ\n")
    with pytest.raises(InputError, match=r"a\.txt:2: label with a character outside"):
        read(path, strict=True)


def test_the_characters_that_the_dictionary_lacks_are_counted(write_file: Write) -> None:
    source, _ = read(write_file("a.txt", "a.jpg\tZaZ\nb.jpg\tY\u00a0\nc.jpg\ta\n"))
    assert source.outside == {"Z": 2, "Y": 1, "\u00a0": 1}
    assert source.tally.as_dict() == {"outside_dictionary": 2}


def test_a_very_long_path_is_cut_in_messages(write_file: Write, tmp_path: Path) -> None:
    path = write_file("a.txt", "x" * 5000 + ".jpg\ta\n" + "y\\" + "z" * 5000 + "\tb\n")
    source, _ = read(path, how="listing")
    assert source.tally["missing_image"] == 2
    assert all(len(place) < len(str(path)) + 300 for place in source.tally.places("missing_image"))
