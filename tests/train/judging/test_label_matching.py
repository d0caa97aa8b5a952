from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from textlines.labels.label_file import LabelLine
from textlines.labels.tally import Tally
from train.judging.label_matching import match_labels, with_own_truth
from train.judging.raw import Prediction

IMAGES = Path("data/set")


def labels(*paths: str) -> list[LabelLine]:
    return [LabelLine(path, f"label of {path}", n) for n, path in enumerate(paths, 1)]


def match(wanted: list[LabelLine], *read: Prediction) -> tuple[dict[str, str], dict[str, int]]:
    tally = Tally()
    readings = match_labels(read, wanted, IMAGES, tally)
    return {one.path: one.prediction for one in readings}, tally.as_dict()


def prediction(path: str, text: str = "read", **more: object) -> Prediction:
    return Prediction(path, text, 0.9, "p.txt:1", **more)  # type: ignore[arg-type]


def test_the_same_path_matches_however_it_is_written() -> None:
    found, counts = match(labels("crops/a.jpg"), prediction("./crops//a.jpg"))
    assert found == {"crops/a.jpg": "read"}
    assert counts == {}


def test_a_path_from_the_images_folder_on_matches() -> None:
    for path in ("data/set/crops/a.jpg", f"{Path.cwd().as_posix()}/data/set/crops/a.jpg"):
        found, counts = match(labels("crops/a.jpg", "a.jpg"), prediction(path))
        assert found == {"crops/a.jpg": "read"}
        assert counts == {"matched_by_folder": 1, "no_prediction": 1}


def test_the_last_parts_match_before_the_name_alone() -> None:
    wanted = labels("x/1.jpg", "y/1.jpg", "2.jpg")
    found, counts = match(wanted, prediction("/mnt/y/1.jpg"), prediction("/mnt/2.jpg"))
    assert found == {"y/1.jpg": "read", "2.jpg": "read"}
    assert counts == {"matched_by_name": 1, "matched_by_tail": 1, "no_prediction": 1}


def test_a_name_of_several_labels_matches_none() -> None:
    found, counts = match(labels("x/1.jpg", "y/1.jpg"), prediction("1.jpg"))
    assert found == {}
    assert counts == {"ambiguous_name": 1, "no_prediction": 2}


def test_a_stem_matches_whatever_the_ending() -> None:
    found, counts = match(labels("x/1.png"), prediction("1", is_stem=True))
    assert found == {"x/1.png": "read"}
    assert counts == {"matched_by_name": 1}


def test_unmatched_lines_are_counted_on_both_sides() -> None:
    found, counts = match(labels("a.jpg", "b.jpg"), prediction("b.jpg"), prediction("c.jpg"))
    assert found == {"b.jpg": "read"}
    assert counts == {"no_label": 1, "no_prediction": 1}


def test_of_repeated_lines_the_first_counts() -> None:
    wanted = labels("a.jpg", "a.jpg")
    found, counts = match(wanted, prediction("a.jpg", "one"), prediction("a.jpg", "two"))
    assert found == {"a.jpg": "one"}
    assert counts == {"repeated_label": 1, "repeated_prediction": 1}


def test_the_label_file_beats_the_truth_of_a_table() -> None:
    tally = Tally()
    (one,) = match_labels([prediction("a.jpg", truth="old")], labels("a.jpg"), IMAGES, tally)
    assert one.truth == "label of a.jpg"
    assert tally.as_dict() == {"truth_replaced": 1}


def test_without_labels_the_truths_of_a_table_count() -> None:
    tally = Tally()
    rows = [prediction("./a.jpg", truth="A"), prediction("a.jpg", truth="B"), prediction("b.jpg")]
    readings = with_own_truth(rows, IMAGES, tally)
    assert [(one.path, one.truth) for one in readings] == [("a.jpg", "A")]
    assert tally.as_dict() == {"no_label": 1, "repeated_prediction": 1}


paths = st.lists(st.sampled_from(["a.jpg", "x/a.jpg", "x/b.jpg", "y/x/b.jpg", "q.jpg"]), max_size=6)


@given(wanted=paths, read=paths)
def test_nothing_is_lost_without_a_count(wanted: list[str], read: list[str]) -> None:
    tally = Tally()
    readings = match_labels([prediction(path) for path in read], labels(*wanted), IMAGES, tally)
    left = ("no_label", "ambiguous_name", "repeated_prediction")
    assert len(read) == len(readings) + sum(tally[reason] for reason in left)
    assert len(wanted) == len(readings) + tally["no_prediction"] + tally["repeated_label"]


def test_a_table_may_write_its_paths_in_full() -> None:
    tally = Tally()
    full = f"{Path.cwd().as_posix()}/data/set/crops/a.jpg"
    (one,) = with_own_truth([prediction(full, truth="A")], IMAGES, tally)
    assert one.path == "crops/a.jpg"
    assert tally.as_dict() == {"matched_by_folder": 1}
