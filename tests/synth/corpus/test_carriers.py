import pytest
from hypothesis import given
from hypothesis import strategies as st

from synth.corpus.carriers import pieces, read_lines, window
from synth.corpus.corpus_files import load_corpus, looks_like_labels, read_excluded, read_texts
from textlines.defects.of_texts import CORPUS
from textlines.errors import InputError
from textlines.labels.canonical import clusters
from textlines.labels.tally import Tally


def read(tmp_path, content, longest=25):
    path = tmp_path / "text.txt"
    path.write_bytes(content)
    tally = Tally()
    lines = list(read_lines(path, longest=longest, tally=tally, length=lambda d: d.whole(4, 26)))
    return lines, tally


@pytest.mark.parametrize(
    ("content", "lines", "counts"),
    [
        (b"\xef\xbb\xbfab\r\ncd", ["ab", "cd"], {"bom": 1}),
        (b"a\x07b\nok\n", ["ok"], {"control": 1}),
        ("값".encode("cp949") + b"\nok\n", ["ok"], {"not_utf8": 1}),
        ("\u1100\u1161\u11b9".encode(), ["값"], {"nfd": 1}),
        (b"\n  \nx\n", ["x"], {"edge_spaces": 0, "blank_line": 2}),
        (
            "a\tb\u00a0 c\u3000".encode(),
            ["a b c"],
            {"odd_spaces": 1, "edge_spaces": 1, "doubled_spaces": 1},
        ),
        ("a\u200bb".encode(), ["ab"], {"invisible": 1, "doubled_spaces": 0}),
        ("합계  12,500원 ".encode(), ["합계 12,500원"], {"doubled_spaces": 1, "edge_spaces": 1}),
        ("a \u200b b".encode(), ["a b"], {"invisible": 1, "doubled_spaces": 1}),
        (b"a  \x07", [], {"control": 1, "doubled_spaces": 0}),
    ],
)
def test_odd_lines_are_counted(tmp_path, content, lines, counts):
    found, tally = read(tmp_path, content)
    assert found == lines
    for reason, count in counts.items():
        assert tally[reason] == count


def test_every_reason_says_whether_the_line_is_there():
    left_out = {name for name, one in CORPUS.items() if one.effect == "left_out"}
    assert left_out == {
        "blank_line", "control", "not_utf8", "line_too_long", "cluster_too_long",
    }  # fmt: skip
    assert {one.effect for one in CORPUS.values()} == {"left_out", "changed"}


@given(line=st.text(st.sampled_from("ab값 \t\u00a0\u200b\u0301\x07"), max_size=50))
def test_a_line_is_left_out_or_drawn_and_is_counted_so(tmp_path_factory, line):
    path = tmp_path_factory.mktemp("odd") / "text.txt"
    path.write_bytes(b"x\n" + line.encode() + b"\n")
    tally = Tally()
    first, *found = read_lines(path, longest=1 << 30, tally=tally, length=lambda _: 1)
    changed, left_out = tally.part("changed"), tally.part("left_out")
    assert first == "x"
    assert sum(left_out.as_dict().values()) == (not found)
    assert bool(changed) == bool(found and found != [line])


def test_places_are_file_and_line(tmp_path):
    _, tally = read(tmp_path, b"ok\nba\x00d\n")
    assert tally.places("control") == (f"{tmp_path / 'text.txt'}:2",)


def test_a_line_of_one_megabyte_becomes_carriers(tmp_path):
    words = " ".join(f"word{k}" for k in range(120_000))
    assert len(words) > 1_000_000
    found, tally = read(tmp_path, words.encode())
    assert tally["cut"] == 1
    assert max(map(len, found)) <= 25
    assert " ".join(found) == words


def test_a_line_that_no_memory_should_hold_is_left_out(tmp_path, monkeypatch):
    monkeypatch.setattr("synth.corpus.carriers.MOST_BYTES", 100)
    found, tally = read(tmp_path, b"x" * 1000 + b"\nok\n")
    assert (found, tally["line_too_long"]) == (["ok"], 1)


def test_a_line_is_cut_alike_in_any_file(tmp_path):
    line = "one two three four five six seven eight nine ten eleven"
    alone, _ = read(tmp_path, line.encode())
    beside, _ = read(tmp_path, f"first\n{line}\nlast".encode())
    assert beside == ["first", *alone, "last"]


WORDS = st.lists(st.text("ab값각é", min_size=1, max_size=40), min_size=1, max_size=12)


@given(words=WORDS, longest=st.integers(1, 30), aim=st.integers(1, 40))
def test_pieces_hold_the_whole_text_and_are_never_too_long(words, longest, aim):
    text = " ".join(words)
    found = [piece for piece in pieces(text, longest, lambda: aim) if piece]
    assert all(len(piece) <= longest for piece in found)
    assert "".join(found).replace(" ", "") == text.replace(" ", "")


def test_a_cluster_is_never_cut():
    text = "ก็" * 30
    assert all(len(piece) % 2 == 0 for piece in pieces(text, 7, lambda: 7))


@given(words=WORDS, longest=st.integers(1, 30), start=st.integers(0, 255))
def test_a_window_holds_the_character_in_whole_words(words, longest, start):
    text = " ".join(words)
    found = window(text, "a", longest, start)
    if found is not None:
        assert "a" in found
        assert len(found) <= longest
        assert f" {found} " in f" {text} "


def test_a_window_may_cut_chinese(tmp_path):
    assert "光" in window("阳光温暖的下午我们在老桥边见面", "光", 5, 3)


def test_label_files_are_known_by_their_tabs(tmp_path):
    labels, text = tmp_path / "gt.txt", tmp_path / "lines.txt"
    labels.write_text("a.jpg\t값 1\nb.jpg\t\nc.jpg\t값 2\n", "utf-8")
    text.write_text("값 1\na\tb\n값 2\n", "utf-8")
    assert looks_like_labels(labels)
    assert not looks_like_labels(text)
    (source,) = load_corpus(labels).lines
    assert source.texts == ("값 1", "값 2")
    assert source.is_labels


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xff\xff\n"])
def test_an_empty_corpus_names_the_file_and_the_way_out(tmp_path, content):
    path = tmp_path / "empty.txt"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"empty\.txt: holds no line of text.*--corpus"):
        load_corpus(path)


def test_text_lists_are_never_cut(tmp_path):
    path = tmp_path / "list.txt"
    path.write_text("x" * 60 + "\nshort\n", "utf-8")
    assert read_texts(path, Tally()) == ("x" * 60, "short")
    labels = tmp_path / "gt.txt"
    labels.write_text("a.jpg\tdouble  space\n", "utf-8")
    assert read_excluded([path, labels], Tally()) >= {"short", "double  space", "double space"}


THAI = "ผู้ใหญ่บ้านซื้อน้ำดื่มบรรจุขวดที่ร้านริมคลอง"


@pytest.mark.parametrize("start", range(30))
@pytest.mark.parametrize("longest", [1, 4, 9, 25, 60])
def test_a_window_into_a_script_without_spaces_cuts_no_cluster(longest: int, start: int) -> None:
    found = window(THAI, "ง", longest, start)
    assert found is not None and "ง" in found and len(found) <= longest
    at = THAI.index(found)
    assert clusters(THAI) == clusters(THAI[:at]) + clusters(found) + clusters(
        THAI[at + len(found) :]
    )
    han = "阳光温暖的下午我们在老桥边见面"
    first = max(0, min(10 - start % longest, len(han) - longest))
    assert window(han, "老", longest, start) == (han if longest > 15 else han[first:][:longest])


def test_a_cluster_longer_than_a_window_gives_none() -> None:
    assert window(THAI, "ู", 2, 0) is None
    assert window("กู้กก", "ก", 3, 0) == "กู้"
