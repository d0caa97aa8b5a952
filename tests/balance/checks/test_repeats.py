import json
from typing import Any

import pytest

from tests.rows import manifest_record
from textlines.formats.run_record import RunRecord


def test_the_same_bytes_with_one_label_are_a_duplicate(kit: Any) -> None:
    kit.save("a.png", kit.drawn("one"))
    kit.save("b.png", kit.drawn("one"))
    file = kit.text("labels.txt", "a.png\tone\nb.png\tone\na.png\tone\n")
    checked = kit.check(file)
    assert kit.places(checked, "duplicate_image") == [2]
    assert kit.places(checked, "duplicate_line") == [3]
    assert "labels.txt:1: 'one' in both" in kit.only(checked, "duplicate_image").detail


def test_the_same_bytes_with_two_labels_are_a_conflict_at_both(kit: Any) -> None:
    kit.save("a.png", kit.drawn("one"))
    kit.save("b.png", kit.drawn("one"))
    checked = kit.check(kit.text("labels.txt", "a.png\tone\nb.png\tOne\n"))
    assert kit.places(checked, "label_conflict") == [1, 2]
    assert "'one' here, 'One' there" in checked.findings.listed("label_conflict")[0].detail


def test_a_path_with_two_labels_is_a_conflict_without_looking(kit: Any) -> None:
    file = kit.text("labels.txt", "a.png\tone\na.png\ttwo\nb.png\tone\n")
    assert kit.places(kit.check(file, look=False), "label_conflict") == [1, 2]


def test_leaks_are_told_at_the_training_line(kit: Any) -> None:
    line = kit.drawn("TOTAL 128.50")
    kit.save("t/same.png", line)
    kit.save("v/same.png", line)
    kit.save("t/near.jpg", kit.drawn("SUM 77.10 RM", seed=1), quality=40)
    kit.save("v/near.png", kit.drawn("SUM 77.10 RM", seed=1))
    train = kit.lines(
        "train.txt", {"x.png": "unseen 1", "t/same.png": "TOTAL 128.50", "t/near.jpg": "SUM 77"}
    )
    val = kit.lines("val.txt", {"v/same.png": "TOTAL 128.50", "v/near.png": "SUM 77.10 RM"})
    checked = kit.check(train, val=[val])
    assert kit.places(checked, "leak_image") == [2]
    assert kit.places(checked, "leak_near") == [3]
    assert len(checked.findings.listed("near_conflict")) == 1
    assert kit.only(checked, "leak_image").file == str(train)
    assert "duplicate_image" not in checked.findings.counts()


FACE = manifest_record()["face"]


def manifest(kit: Any, folder: str, texts: list[str], face: str) -> None:
    rows = [
        manifest_record(n, text, image=f"images/{n}.png", face=FACE | {"sha256": face})
        for n, text in enumerate(texts)
    ]
    kit.text(f"{folder}/manifest.jsonl", "".join(json.dumps(row) + "\n" for row in rows))


def test_rendered_lines_in_validation_are_an_error(kit: Any) -> None:
    manifest(kit, "run", ["one"], "f" * 64)
    val = kit.lines("val.txt", {"run/images/0.png": "one", "real/a.png": "two"})
    checked = kit.check(kit.lines("train.txt", {"t.png": "x"}), val=[val])
    assert kit.places(checked, "synthetic_in_val") == [1]
    assert str(kit.folder / "run") in kit.only(checked, "synthetic_in_val").detail


def test_a_run_record_of_synth_marks_its_images_and_none_beside_them(kit: Any) -> None:
    RunRecord(command="synth generate").write(kit.folder / "new" / "run.json")
    RunRecord(command="balance import").write(kit.folder / "real" / "run.json")
    val = kit.lines(
        "val.txt", {"new/images/a.png": "one", "new/old/a.png": "two", "real/crops/a.png": "three"}
    )
    assert kit.places(kit.check(val=[val]), "synthetic_in_val") == [1]


def test_a_link_to_a_rendered_line_is_rendered(kit: Any) -> None:
    manifest(kit, "run", ["one"], "f" * 64)
    kit.save("run/images/0.png", kit.drawn("one"))
    (kit.folder / "mixed").mkdir()
    (kit.folder / "mixed" / "a.png").symlink_to(kit.folder / "run/images/0.png")
    val = kit.text("mixed/val.txt", "a.png\tone\n")
    assert kit.places(kit.check(val=[val]), "synthetic_in_val") == [1]


def test_one_text_in_one_face_on_both_sides_is_a_leak(kit: Any) -> None:
    manifest(kit, "new", ["one", "two"], "a" * 64)
    manifest(kit, "old", ["one"], "a" * 64)
    manifest(kit, "other", ["one"], "b" * 64)
    train = kit.lines(
        "train.txt",
        {"new/images/0.png": "one", "new/images/1.png": "two", "other/images/0.png": "one"},
    )
    val = kit.lines("val.txt", {"old/images/0.png": "one"})
    assert kit.places(kit.check(train, val=[val], look=False), "leak_text_face") == [1]


def test_a_manifest_of_another_kind_says_nothing(kit: Any) -> None:
    kit.text("run/manifest.jsonl", '{"x": 1}\nnot json\n[]\n')
    kit.text("run/run.json", "{}")
    val = kit.lines("val.txt", {"run/images/0.png": "one"})
    assert "synthetic_in_val" not in kit.check(val=[val]).findings.counts()


@pytest.mark.parametrize("pattern", [r"doc(\d+)", r"doc\d+"])
def test_a_document_on_both_sides_is_a_leak(kit: Any, pattern: str) -> None:
    import re

    train = kit.text("train.txt", "doc1/a.png\tx\ndoc2/a.png\ty\nno/a.png\tz\n")
    val = kit.text("val.txt", "doc2/b.png\tx\ndoc3/b.png\ty\n")
    checked = kit.check(train, val=[val], look=False, group=re.compile(pattern))
    assert kit.places(checked, "leak_group") == [2]


def test_an_expression_that_matches_nothing_is_said(kit: Any) -> None:
    import re

    train, val = kit.text("train.txt", "a.png\tx\n"), kit.text("val.txt", "b.png\ty\n")
    checked = kit.check(train, val=[val], look=False, group=re.compile("doc"))
    assert "'doc' matches no path" in kit.only(checked, "group_unmatched").detail


def test_a_digit_alone_that_looks_like_another_is_no_error(kit: Any) -> None:
    kit.save("t/one.jpg", kit.drawn("1", seed=1), quality=60)
    kit.save("v/one.png", kit.drawn("1", seed=1))
    train, val = (
        kit.lines("train.txt", {"t/one.jpg": "1"}),
        kit.lines("val.txt", {"v/one.png": "1"}),
    )
    checked = kit.check(train, val=[val])
    assert kit.places(checked, "leak_near_short") == [1]
    assert kit.places(checked, "leak_near") == []
