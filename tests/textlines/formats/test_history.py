import io
import json
import pickle
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textlines.errors import InputError
from textlines.formats.history import History, Step, merged, read_history, write_history
from textlines.formats.seen_images import SeenImages, as_digests, digest


def step(name: str, sha: str = "0", *, synthetic: bool = False, round: int = 1) -> Step:
    return Step(step=name, file="a.txt", sha256=sha * 64, lines=1, synthetic=synthetic, round=round)


def images(*names: str) -> SeenImages:
    return SeenImages.of(as_digests(digest(name.encode()) for name in names))


made = st.tuples(
    st.sampled_from(["mine from", "train on", "stop on"]),
    st.sampled_from("012"),
    st.integers(1, 3),
    st.lists(st.sampled_from("abcdefgh"), max_size=5),
)
histories = st.lists(made, max_size=6).map(
    lambda rows: built([(step(name, sha, round=at), seen) for name, sha, at, seen in rows])
)


def built(rows: list[tuple[Step, list[str]]]) -> History:
    history = History(untold=images("z"))
    for made, seen in rows:
        history = history.with_step(made, images(*seen))
    return history


def test_a_step_twice_stands_once() -> None:
    history = History().with_step(step("train on"), images("a", "b"))
    again = history.with_step(step("train on"), images("b", "c"))
    assert again.steps == history.steps
    assert again.images == images("a", "b", "c")
    assert len(history.images) == 2


def test_lines_of_several_rounds_are_kept_once_for_each_kind_of_step() -> None:
    first, second = step("train on"), step("train on", round=2)
    stopped = step("stop on", round=2)
    history = History().with_step(first, images("a", "b")).with_step(second, images("b", "c"))
    history = history.with_step(stopped, images("b"))
    assert [len(history.images_of(at)) for at in range(3)] == [2, 1, 1]
    found = history.saw_images(images("b", "c").digests)
    assert found == ((first, 1), (second, 1), (stopped, 1))
    assert (history.round, [one.told() for one in history.saw_file("0" * 64)]) == (
        2,
        ["round 1: train on a.txt", "round 2: train on a.txt", "round 2: stop on a.txt"],
    )


def test_a_look_is_told_and_not_seen() -> None:
    look = step("compare on").model_copy(update={"is_look": True})
    history = History().with_step(look, images("a"))
    assert (history.steps, len(history.images)) == ((look,), 0)
    assert history.saw_file("0" * 64) == () == history.synthetic_choices()


def test_histories_merge_in_order() -> None:
    one = History((step("mine from"), step("train on", "1")), images("a"), gaps=("x",))
    other = History((step("train on", "1"), step("stop on", "2")), images("b"), gaps=("y", "x"))
    both = merged([one, other])
    assert [s.step for s in both.steps] == ["mine from", "train on", "stop on"]
    assert both.images == images("a", "b")
    assert both.gaps == ("x", "y")


@given(histories, histories)
def test_what_is_merged_holds_all_of_both_once(one: History, other: History) -> None:
    both = merged([one, other])
    assert both.steps[: len(one.steps)] == one.steps
    assert set(both.steps) == {*one.steps, *other.steps}
    assert len(set(both.steps)) == len(both.steps)
    assert both.images == one.images | other.images
    assert merged([both, one]) == both == merged([both, other])
    assert merged([one]) == one


@given(history=histories)
def test_what_is_written_reads_back(
    history: History, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("model")
    write_history(history, folder, model={"weights.npz": "1" * 64})
    assert read_history(folder, model=["1" * 64]) == history


def test_a_label_file_is_found_by_its_hash() -> None:
    history = History((step("mine from", "1"), step("stop on", "1"), step("train on", "2")))
    assert [s.step for s in history.saw_file("1" * 64)] == ["mine from", "stop on"]
    assert history.saw_file("3" * 64) == ()


def test_training_on_rendered_lines_is_no_synthetic_choice() -> None:
    trained = step("train on: new lines", synthetic=True)
    stopped = step("stop on", synthetic=True)
    assert History((trained, step("mine from"))).synthetic_choices() == ()
    assert History((trained, stopped)).synthetic_choices() == (stopped,)


def test_it_says_how_much_is_known() -> None:
    history = History().with_step(step("train on"), images("a"))
    assert history.told() == "a history: 1 step, 1 image"
    later = history.with_step(step("stop on", round=2), images("b")).with_gap("no plan")
    assert later.told() == "a history: 2 steps, 2 images, 2 rounds; with gaps: no plan"


SEEN = History().with_step(step("train on"), images("a", "b")).with_step(step("x"), images("c"))
MODEL = {"weights.npz": "1" * 64, "inference.onnx": "2" * 64}


@pytest.fixture
def model(tmp_path: Path) -> Path:
    write_history(SEEN, tmp_path, model=MODEL)
    return tmp_path


def test_the_array_is_the_images_of_each_step_one_behind_the_other(model: Path) -> None:
    content = json.loads((model / "history.json").read_text(encoding="utf-8"))
    assert [row["images"] for row in content["steps"]] == [2, 1]
    array = np.load(model / "seen_images.npy")
    assert (array.shape, array.dtype) == ((3, 16), np.uint8)
    assert array[2].tobytes() == digest(b"c")


def test_no_history_is_none(tmp_path: Path) -> None:
    assert read_history(tmp_path) is None


def test_a_history_beside_another_model_is_noticed(model: Path) -> None:
    for own in (["1" * 64], ["2" * 64], list(MODEL.values())):
        assert read_history(model, model=own) == SEEN
    for other in (["3" * 64], ["1" * 64, "3" * 64]):
        found = read_history(model, model=other)
        assert found is not None
        assert found.images == SEEN.images
        assert found.gaps[0].endswith("history.json describes another model than the one beside it")


@pytest.mark.parametrize("key", ["steps", "model", "gaps", "images_sha256"])
def test_a_changed_history_is_noticed(model: Path, key: str) -> None:
    path = model / "history.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    changed = {"steps": content["steps"][:1], "model": {}, "gaps": ["x"], "images_sha256": "0" * 64}
    content[key] = changed[key]
    path.write_text(json.dumps(content), encoding="utf-8")
    found = read_history(model, model=list(MODEL.values()))
    assert found is not None
    assert found.gaps[-1] == f"{path} was changed since it was written"


def test_changed_images_are_noticed_and_lost_ones_told(model: Path) -> None:
    np.save(model / "seen_images.npy", np.zeros((3, 16), np.uint8))
    found = read_history(model)
    assert found is not None
    assert found.gaps == (f"{model / 'history.json'} was changed since it was written",)
    np.save(model / "seen_images.npy", np.zeros((2, 16), np.uint8))
    with pytest.raises(InputError, match=r"names 3 images of its steps, seen_images\.npy holds 2"):
        read_history(model)
    (model / "seen_images.npy").unlink()
    with pytest.raises(InputError, match="the list of seen images is not there"):
        read_history(model)


def row(**changed: object) -> dict[str, object]:
    return {"step": "train on", "file": "a", "sha256": "0" * 64, "lines": 1, **changed}


def test_the_first_format_is_read_with_its_images_together(tmp_path: Path) -> None:
    content = {"format": 1, "steps": [row(synthetic=True)], "images": "seen_images.npy"}
    (tmp_path / "history.json").write_text(json.dumps(content), encoding="utf-8")
    np.save(tmp_path / "seen_images.npy", images("a", "b").digests)
    found = read_history(tmp_path, model=["1" * 64])
    assert found is not None
    assert (found.images, found.untold, found.gaps) == (images("a", "b"), images("a", "b"), ())
    assert (found.round, found.steps[0].told()) == (0, "train on a")
    write_history(found, tmp_path)
    assert read_history(tmp_path) == found


@pytest.mark.parametrize(
    "content, message",
    [
        ("{", "is no JSON"),
        ("[" * 100, "is nested deeper than 64"),
        ("[]", "is a history of format None, this program reads 1 and 2"),
        ({"format": 3}, "is a history of format 3"),
        ({"format": 2, "steps": []}, "is no history (images: Field required"),
        ({"format": 1, "steps": []}, "is no history (images: Field required)"),
        ({"format": 1, "steps": [], "images": "../x.npy"}, "is no history (images:"),
        ({"format": 1, "steps": [row(sha256="x")], "images": "s.npy"}, "steps.0.sha256"),
        ({"format": 1, "steps": [row(lines=10**40)], "images": "s.npy"}, "steps.0.lines"),
        ({"format": 1, "steps": [row(more=1)], "images": "s.npy"}, "steps.0.more"),
        ({"format": 1, "steps": [row()], "images": "s.npy"}, "the list of seen images is not"),
        ({"format": 1, "steps": [row()], "images": "flat.npy"}, "need N x 16 uint8"),
        (
            {"format": 1, "steps": [row()], "images": "bad.npy"},
            "seen images cannot be read",
        ),
        (
            {"format": 1, "steps": [row()], "images": "code.npy"},
            "seen images cannot be read",
        ),
        (
            {"format": 1, "steps": [row()], "images": "head.npy"},
            "seen images cannot be read",
        ),
        (
            {"format": 1, "steps": [row()], "images": "huge.npy"},
            "its header says 16,000,000,000,000 bytes",
        ),
    ],
)
def test_a_broken_history_is_told(content: object, message: str, tmp_path: Path) -> None:
    text = content if isinstance(content, str) else json.dumps(content)
    (tmp_path / "history.json").write_text(text, encoding="utf-8")
    np.save(tmp_path / "flat.npy", np.zeros(16, np.uint8))
    (tmp_path / "bad.npy").write_bytes(b"")
    (tmp_path / "code.npy").write_bytes(pickle.dumps(print))
    (tmp_path / "head.npy").write_bytes(b"\x93NUMPY\x01\x00\x06\x00{'a':\n" + bytes(16))
    huge = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        huge, {"descr": "|u1", "fortran_order": False, "shape": (10**12, 16)}
    )
    (tmp_path / "huge.npy").write_bytes(huge.getvalue() + bytes(16))
    with pytest.raises(InputError) as error:
        read_history(tmp_path)
    assert message in str(error.value)
    assert "Copy the model's folder again" in str(error.value) or "Check the path" in str(
        error.value
    )
