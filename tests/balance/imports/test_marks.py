"""What tools and annotators write where there is no text, or for a line that is hard to read."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from balance.imports.importing import import_lines, mostly_difficult
from balance.imports.page_regions import PPOCRLABEL, ImportOptions, doubtful_words, placeholders_of
from tests.running import run_module
from textlines.errors import InputError


def mark(pages: Any, text: object, **more: object) -> dict[str, object]:
    return {"transcription": text, "points": pages.quads[0], **more}


def run(pages: Any, *marks: dict[str, object], **options: Any) -> Any:
    pages.page("a.png")
    source = pages.text("det.txt", f"a.png\t{json.dumps(marks, ensure_ascii=False)}\n")
    return import_lines(source, "ppocr-det", pages.folder / "out", options=ImportOptions(**options))


def test_a_source_whose_every_line_is_difficult_says_so(pages: Any) -> None:
    marks = [mark(pages, text, difficult=True) for text in ("12.50", "합계", "###", "TEMPORARY")]
    with pytest.raises(InputError) as raised:
        run(pages, *marks, mark(pages, "", difficult=False))
    told = str(raised.value)
    assert told.startswith(str(pages.folder / "det.txt"))
    assert "EVERY line with a text is marked difficult, all 2." in told
    assert "PPOCRLabel for Windows marked every box that was drawn by hand so" in told
    assert "--take-difficult" in told
    assert not (pages.folder / "out").exists()


def test_difficult_lines_are_taken_when_asked_for_and_marks_stay_out(pages: Any) -> None:
    marks = [mark(pages, text, difficult=True) for text in ("12.50", "합계", "###", "待识别")]
    done = run(pages, *marks, mark(pages, "x"), take_difficult=True)
    assert done.tally.as_dict() == {"difficult_taken": 2, "placeholder": 1, "unreadable_mark": 1}
    assert pages.labels() == ["12.50", "합계", "x"]
    assert mostly_difficult(done) == ""


def test_where_other_lines_were_lost_too_not_every_line_is_called_difficult(pages: Any) -> None:
    pages.text("det2.txt", f"a.png\t{json.dumps([mark(pages, 'x', difficult=True)])}\nno.png\t[]\n")
    pages.page("a.png")
    with pytest.raises(InputError) as raised:
        import_lines(pages.folder / "det2.txt", "ppocr-det", pages.folder / "out")
    assert "EVERY" not in str(raised.value)
    assert "line marked difficult, left out: 1" in str(raised.value)
    assert "--take-difficult takes the lines" in str(raised.value)


@pytest.mark.parametrize(("difficult", "plain", "told"), [(13, 7, "13 of 20"), (1, 1, "1 of 2")])
def test_where_most_are_difficult_the_share_is_told(
    difficult: int, plain: int, told: str, pages: Any
) -> None:
    marks = [mark(pages, "x", difficult=True)] * difficult + [mark(pages, "y")] * plain
    done = run(pages, *marks)
    share = f"{difficult / (difficult + plain):.0%}"
    line = mostly_difficult(done)
    assert line.startswith(f"{told} lines with a text ({share}) are marked difficult.")
    assert "PPOCRLabel" in line and "PPOCRLabel" not in mostly_difficult(
        replace(done, format="rctw17")
    )


def test_where_few_are_difficult_they_are_only_counted(pages: Any) -> None:
    done = run(pages, mark(pages, "x", difficult=True), mark(pages, "y"), mark(pages, "z"))
    assert done.tally.as_dict() == {"difficult": 1}
    assert mostly_difficult(done) == ""


def test_a_flag_may_be_a_text(pages: Any) -> None:
    flags = ("False", "false", 0, "0", None, "true", "True", 1)
    done = run(pages, *(mark(pages, str(n), difficult=flag) for n, flag in enumerate(flags)))
    assert done.tally.as_dict() == {"difficult": 3}
    assert pages.labels() == ["0", "1", "2", "3", "4"]


def test_the_words_of_ppocrlabel_are_no_labels(pages: Any) -> None:
    done = run(pages, *(mark(pages, text) for text in PPOCRLABEL), mark(pages, "temporary 1"))
    assert done.tally.as_dict() == {"placeholder": 4}
    assert done.tally.places("placeholder")[2].endswith("det.txt:1, line 3 ('待识别')")
    assert pages.labels() == ["temporary 1"]


@pytest.mark.parametrize("text", ["Temporary", "TEMPORARY EXIT", "null", "None", "text", "识别"])
def test_a_word_that_may_be_a_label_is_taken(text: str, pages: Any) -> None:
    assert run(pages, mark(pages, text)).tally.as_dict() == {}
    assert pages.labels() == [text]


def test_a_word_that_many_lines_have_is_taken_and_told(pages: Any) -> None:
    done = run(pages, *[mark(pages, "None")] * 3, *[mark(pages, "text")] * 2, mark(pages, "값"))
    assert done.tally.as_dict() == {"maybe_placeholder": 3}
    assert done.tally.places("maybe_placeholder")[0] == "crops/0000/000001_a_001.jpg (None)"
    assert pages.labels().count("None") == 3


def test_the_words_can_be_named(pages: Any) -> None:
    marks = [mark(pages, text) for text in ("TEMPORARY", "text", "text", "text", "None")]
    done = run(pages, *marks, placeholders=("text",))
    assert done.tally.as_dict() == {"placeholder": 3}
    assert pages.labels() == ["TEMPORARY", "None"]


def test_in_public_sets_the_same_words_are_labels(pages: Any) -> None:
    pages.page("a.png")
    source = pages.text("a.txt", pages.row(pages.quads[0], "TEMPORARY"))
    assert import_lines(source, "icdar2015", pages.folder / "out").lines == 1
    assert placeholders_of("lmdb") == placeholders_of("ppocr-rec") == frozenset(PPOCRLABEL)


@given(st.lists(st.sampled_from(["None", "text", "TEXT", "a", "값"]), max_size=400))
def test_doubtful_words_stand_on_many_lines(labels: list[str]) -> None:
    for word, count in doubtful_words(labels).items():
        assert word not in ("a", "값")
        assert count == labels.count(word) >= 3 and count >= 0.01 * len(labels)


def test_a_text_that_is_null_is_a_line_without_one(pages: Any) -> None:
    done = run(pages, mark(pages, None), mark(pages, ["x"]), {"points": [[1, 2]]}, mark(pages, "x"))
    assert done.tally.as_dict() == {"malformed": 2, "empty_label": 1}


def test_the_command_tells_and_ends_by_what_was_taken(pages: Any) -> None:
    pages.page("a.png")
    row = json.dumps([mark(pages, text, difficult=True) for text in ("12.50", "합계", "NULL")])
    source, out = pages.text("det.txt", f"a.png\t{row}\n"), pages.folder / "out"
    words = ["import", "ppocr-det", source, "--out", out]
    ended = run_module("balance", *words)
    assert ended.returncode == 1 and "EVERY line with a text is marked difficult" in ended.stderr
    ended = run_module("balance", *words, "--take-difficult")
    assert ended.returncode == 0
    assert "  line marked difficult, taken: 2 (" in ended.stdout
    assert "tool writes for none, left out: 1 (" in ended.stdout and "('NULL')" in ended.stdout
    again = run_module("balance", *words)
    assert again.returncode == 1 and "or with other options" in again.stderr
    ended = run_module("balance", *words[:-1], pages.folder / "all", "--take-difficult",
                       "--placeholder", "")  # fmt: skip
    assert ended.returncode == 0 and pages.labels("all") == ["12.50", "합계", "NULL"]


def test_the_command_says_the_share(pages: Any) -> None:
    pages.page("a.png")
    row = json.dumps([mark(pages, "1", difficult=True), mark(pages, "2", difficult=True),
                      mark(pages, "3")])  # fmt: skip
    source = pages.text("det.txt", f"a.png\t{row}\n")
    ended = run_module("balance", "import", "ppocr-det", source, "--out", pages.folder / "out")
    assert ended.returncode == 0
    assert "2 of 3 lines with a text (67%) are marked difficult." in ended.stdout
