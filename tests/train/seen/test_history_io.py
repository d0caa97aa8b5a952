import json
import pickle
from pathlib import Path

import numpy as np
import pytest

from textlines.errors import InputError
from textlines.files import sha256_of
from textlines.labels.tally import Tally
from train.seen.history import History
from train.seen.history_io import UNSEEN, add_step, read_history, write_history
from train.seen.images import as_digests, digest


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    for name in "ab":
        (tmp_path / f"{name}.png").write_bytes(name.encode())
    file = tmp_path / "train.txt"
    file.write_text("a.png\t1\nb.png\t2\na.png\t1\nnone.png\t3\nb.png\n", encoding="utf-8")
    return file


def test_a_label_file_becomes_a_step_and_is_read_back(labels: Path, tmp_path: Path) -> None:
    tally = Tally()
    history = add_step(History(), "train on", labels, tally=tally)
    assert history.steps[0].model_dump() == {
        "step": "train on",
        "file": labels.as_posix(),
        "sha256": sha256_of(labels),
        "lines": 2,
        "synthetic": False,
    }
    assert tally[UNSEEN] == 1
    assert history.images.holds(
        as_digests([digest(b"a"), digest(b"b"), digest(b"c")])
    ).tolist() == [
        True,
        True,
        False,
    ]
    model = tmp_path / "candidate"
    model.mkdir()
    write_history(history, model)
    assert read_history(model) == history
    content = json.loads((model / "history.json").read_text(encoding="utf-8"))
    assert (content["format"], content["images"]) == (1, "seen_images.npy")
    stored = np.load(model / "seen_images.npy")
    assert (stored.shape, stored.dtype) == ((2, 16), np.uint8)


def test_images_may_lie_elsewhere(labels: Path, tmp_path: Path) -> None:
    moved = tmp_path / "lists" / "stop.txt"
    moved.parent.mkdir()
    moved.write_text("a.png\t1\n", encoding="utf-8")
    assert len(add_step(History(), "stop on", moved, images=tmp_path).images) == 1
    assert len(add_step(History(), "stop on", moved).images) == 0


def test_no_history_is_none(tmp_path: Path) -> None:
    assert read_history(tmp_path) is None


def step(**changed: object) -> dict[str, object]:
    return {"step": "train on", "file": "a", "sha256": "0" * 64, "lines": 1, **changed}


@pytest.mark.parametrize(
    "content, message",
    [
        ("{", "is no JSON"),
        ("[]", "is a history of format None, this program reads 1"),
        ({"format": 2}, "is a history of format 2"),
        ({"format": 1, "steps": []}, "is no history (images: Field required)"),
        ({"format": 1, "steps": [], "images": "../x.npy"}, "is no history (images:"),
        ({"format": 1, "steps": [step(sha256="x")], "images": "s.npy"}, "steps.0.sha256"),
        ({"format": 1, "steps": [step(more=1)], "images": "s.npy"}, "steps.0.more"),
        ({"format": 1, "steps": [step()], "images": "s.npy"}, "the list of seen images is not"),
        ({"format": 1, "steps": [step()], "images": "flat.npy"}, "need N x 16 uint8"),
        ({"format": 1, "steps": [step()], "images": "bad.npy"}, "is no list of seen images"),
        ({"format": 1, "steps": [step()], "images": "code.npy"}, "is no list of seen images"),
    ],
)
def test_a_broken_history_is_told(content: object, message: str, tmp_path: Path) -> None:
    text = content if isinstance(content, str) else json.dumps(content)
    (tmp_path / "history.json").write_text(text, encoding="utf-8")
    np.save(tmp_path / "flat.npy", np.zeros(16, np.uint8))
    (tmp_path / "bad.npy").write_bytes(b"")
    (tmp_path / "code.npy").write_bytes(pickle.dumps(print))
    with pytest.raises(InputError) as error:
        read_history(tmp_path)
    assert message in str(error.value)
    assert "Export the model again" in str(error.value) or "Check the path" in str(error.value)


def test_a_step_takes_the_mark(labels: Path) -> None:
    (labels.parent / "run.json").write_text('{"synthetic": true}', encoding="utf-8")
    assert add_step(History(), "stop on", labels).steps[0].synthetic
    assert not add_step(History(), "stop on", labels, synthetic=False).steps[0].synthetic
