"""From prediction files and marks to a profile."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textlines.defects.of_readings import READING
from textlines.errors import InputError, UsageError
from textlines.formats.profile import ErrorProfile
from train.judging.mining import HEADER, MARKS, Mark, Sources, mine, read_marks

Write = Callable[[str, str | bytes], Path]
ROWS = [("a.jpg", "값 1", "갑 1", 0.95), ("b.jpg", "2", "2", 0.9), ("c.jpg", "3", "8", 0.5)]


@pytest.fixture
def table(write_file: Write) -> Path:
    rows = "".join("\t".join(map(str, row)) + "\n" for row in ROWS)
    return write_file("set/p.tsv", "path\ttruth\tprediction\tscore\n" + rows)


def profile_of(**sources: Path) -> ErrorProfile:
    return mine(Sources(**sources)).measurement.profile  # type: ignore[arg-type]


def test_a_table_alone_gives_a_profile(table: Path) -> None:
    mined = mine(Sources(predictions=table), model="v4", max_text_length=40)
    profile = mined.measurement.profile
    assert (profile.lines.lines, profile.model, profile.max_text_length) == (3, "v4", 40)
    assert profile.inputs == {table.as_posix(): hashlib.sha256(table.read_bytes()).hexdigest()}
    assert "ocr-mend" in profile.versions or "python" in profile.versions
    assert mined.images == table.parent


def test_all_forms_give_the_same_figures(table: Path, write_file: Write, tmp_path: Path) -> None:
    labels = write_file("set/rec_gt.txt", "".join(f"{p}\t{t}\n" for p, t, *_ in ROWS))
    infer = write_file("i.txt", "".join(f"/x/{p}\t{r}\t{s}\n" for p, _, r, s in ROWS))
    rapid = write_file("r.json", json.dumps({p: [[r, s]] for p, _, r, s in ROWS}))
    for path, _, read, score in ROWS:
        result = {"input_path": path, "page_index": None, "rec_text": read, "rec_score": score}
        write_file(f"res/{Path(path).stem}_res.json", json.dumps(result))
    wanted = profile_of(predictions=table)
    for predictions in (infer, rapid, tmp_path / "res", table):
        found = profile_of(predictions=predictions, labels=labels)
        hidden = {"inputs": {}, "counts": {}}
        assert found.model_copy(update=hidden) == wanted.model_copy(update=hidden)
        assert set(found.inputs) == {predictions.as_posix(), labels.as_posix()}


def test_predictions_without_truth_need_labels(write_file: Write) -> None:
    infer = write_file("i.txt", "a.jpg\tA\t0.9\n")
    with pytest.raises(UsageError, match=r"--labels: is missing: .*infer_rec\.py"):
        mine(Sources(predictions=infer))


def test_marked_lines_stay_out_of_the_figures_and_real_ones_in(
    table: Path, write_file: Write
) -> None:
    marks = write_file("m.tsv", "path\tmark\na.jpg\tlabel_wrong\nc.jpg\treal\ngone.jpg\tignore\n")
    mined = mine(Sources(predictions=table, marks=marks))
    profile = mined.measurement.profile
    assert profile.lines.lines == 2
    assert profile.marks == {"label_wrong": 1, "real": 1}
    assert profile.counts == {"unmatched_mark": 1}
    assert [reading.path for reading in mined.marked_out] == ["a.jpg"]
    assert mined.marks["gone.jpg"] == "ignore"


def test_strict_stops_at_what_would_be_left_out(table: Path, write_file: Write) -> None:
    labels = write_file("set/rec_gt.txt", "a.jpg\tA\nb.jpg\tB\nc.jpg\tC\nd.jpg\tD\n")
    mine(Sources(predictions=table, labels=labels))
    with pytest.raises(InputError, match=r"d\.jpg: label without a prediction \(1 in all\)"):
        mine(Sources(predictions=table, labels=labels), strict=True)


def test_no_line_left_tells_why(table: Path, write_file: Write) -> None:
    labels = write_file("other.txt", "z.jpg\tZ\n")
    with pytest.raises(InputError, match=r"no prediction is left .*prediction without a label"):
        mine(Sources(predictions=table, labels=labels))


def test_a_dictionary_bounds_what_can_be_read(table: Path, write_file: Write) -> None:
    dictionary = write_file("dict.txt", "1\n2\n3\n8\n갑\n")
    mined = mine(Sources(predictions=table, dictionary=dictionary), use_space_char=False)
    profile = mined.measurement.profile
    assert {one.chars for one in profile.conventions} == {"값"}
    assert profile.alphabet.entries == ("1", "2", "3", "8", "갑")
    assert profile.counts == {"reads_outside_dictionary": 1}


def test_a_training_yaml_says_whether_a_space_follows(table: Path, write_file: Write) -> None:
    write_file("dict.txt", "1\n2\n3\n8\n갑\n")
    yml = write_file(
        "train.yml", "Global:\n  character_dict_path: dict.txt\n  use_space_char: false\n"
    )
    profile = mine(Sources(predictions=table, dictionary=yml)).measurement.profile
    assert (profile.alphabet.entries[0], profile.alphabet.use_space_char) == ("1", False)
    with pytest.raises(UsageError, match=r"^--use-space-char: contradicts .*train\.yml, by which"):
        mine(Sources(predictions=table, dictionary=yml), use_space_char=True)


def test_a_dictionary_of_other_labels_is_refused(table: Path, write_file: Write) -> None:
    dictionary = write_file("dict.txt", "あ\nい\nう\n")
    with pytest.raises(InputError, match=r"dict\.txt: can write 0 of the \d labels at hand"):
        mine(Sources(predictions=table, dictionary=dictionary))


def test_images_must_be_a_folder(table: Path) -> None:
    with pytest.raises(InputError, match=r"p\.tsv: is no folder"):
        mine(Sources(predictions=table, images=table))


def test_han_without_a_face_is_told_once_and_groups_nothing(
    write_file: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = "".join(f"{k}.jpg\t未\t{'末' if k % 2 else '未'}\n" for k in range(20))
    table = write_file("han.tsv", f"path\ttruth\tprediction\n{rows}x.jpg\tA\tB\n")
    monkeypatch.setattr("train.judging.mining.glyphs_at_hand", lambda: None)
    mined = mine(Sources(predictions=table))
    assert mined.measurement.profile.counts == {"han_apart": 10}
    assert not mined.measurement.profile.parts
    (told,) = mined.tally.lines(READING)
    assert told.startswith("misread line with Han characters: each of them stands for itself")
    mine(Sources(predictions=table), strict=True)  # nothing was left out


def test_a_face_at_hand_groups_what_looks_alike(
    write_file: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Pair:
        record = "face"

        def groups(self, wanted: object, others: object) -> tuple[tuple[str, ...], ...]:
            return (("未", "末"),)

    rows = "".join(f"{k}.jpg\t未\t{'末' if k % 2 else '未'}\n" for k in range(20))
    table = write_file("han.tsv", f"path\ttruth\tprediction\n{rows}")
    monkeypatch.setattr("train.judging.mining.glyphs_at_hand", Pair)
    profile = mine(Sources(predictions=table)).measurement.profile
    assert [row.part for row in profile.parts] == ["未末"] and profile.counts == {}
    assert profile.versions["han glyphs"] == "face"


@given(marks=st.dictionaries(st.text("abc가/", min_size=1, max_size=4), st.sampled_from(MARKS)))
def test_marks_come_back_as_they_were(
    marks: dict[str, Mark], tmp_path_factory: pytest.TempPathFactory
) -> None:
    from textlines.labels.label_paths import normal_path

    clean = {normal_path(path): mark for path, mark in marks.items()}
    path = tmp_path_factory.mktemp("marks") / "marks.tsv"
    rows = (f"{name}\t{mark}\n" for name, mark in sorted(clean.items()))
    path.write_text("".join((f"{HEADER}\n", *rows)), encoding="utf-8")
    assert read_marks(path) == clean


def test_the_header_may_be_missing_and_paths_are_normal(write_file: Write) -> None:
    path = write_file("m.tsv", "./a.jpg\treal\r\n\ncrops\\b.jpg\tignore\n")
    assert read_marks(path) == {"a.jpg": "real", "crops/b.jpg": "ignore"}


@pytest.mark.parametrize(
    "content, message",
    [
        (f"{HEADER}\na.jpg\tlabel wrong\n", r"m\.tsv:2: holds the unknown mark 'label wrong'"),
        ("a.jpg\n", r"m\.tsv:1: is not path<TAB>mark"),
        ("a.jpg\treal\tx\n", r"m\.tsv:1: is not path<TAB>mark"),
        ("a.jpg\treal\n./a.jpg\tignore\n", r"m\.tsv:2: marks a\.jpg as ignore, .* as real"),
    ],
)
def test_what_is_no_mark_is_refused(write_file: Write, content: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_marks(write_file("m.tsv", content))
