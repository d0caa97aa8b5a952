import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from textlines.files import sha256_of
from textlines.formats.history import History, read_history, write_history
from textlines.formats.seen_images import as_digests, digest
from textlines.labels.tally import Tally
from train.cli import main
from train.seen import UNSEEN, add_look, add_mined, add_step, write_mined


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    for name in "ab":
        (tmp_path / f"{name}.png").write_bytes(name.encode())
    file = tmp_path / "train.txt"
    file.write_text("a.png\t1\nb.png\t2\na.png\t1\nnone.png\t3\nb.png\n", encoding="utf-8")
    return file


def test_a_label_file_becomes_a_step(labels: Path) -> None:
    tally = Tally()
    history = add_step(History(), "train on", labels, round=2, tally=tally)
    assert history.steps[0].model_dump() == {
        "step": "train on",
        "file": labels.as_posix(),
        "sha256": sha256_of(labels),
        "lines": 2,
        "synthetic": False,
        "round": 2,
        "is_look": False,
    }
    assert tally[UNSEEN] == 1
    asked = as_digests([digest(b"a"), digest(b"b"), digest(b"c")])
    assert history.images.holds(asked).tolist() == [True, True, False]
    assert add_step(history, "train on", labels, round=2) == history


def test_images_may_lie_elsewhere(labels: Path, tmp_path: Path) -> None:
    moved = tmp_path / "lists" / "stop.txt"
    moved.parent.mkdir()
    moved.write_text("a.png\t1\n", encoding="utf-8")
    assert len(add_step(History(), "stop on", moved, images=tmp_path).images) == 1
    assert len(add_step(History(), "stop on", moved).images) == 0


def test_a_look_tells_the_file_and_no_image(labels: Path) -> None:
    history = add_look(History(), "compare on", labels, 2)
    assert (history.steps[0].is_look, history.steps[0].lines) == (True, 2)
    assert len(history.images) == 0
    assert history.saw_file(sha256_of(labels)) == ()


def test_a_step_takes_the_mark(labels: Path) -> None:
    (labels.parent / "run.json").write_text('{"synthetic": true}', encoding="utf-8")
    assert add_step(History(), "stop on", labels).steps[0].synthetic
    assert not add_step(History(), "stop on", labels, synthetic=False).steps[0].synthetic


Mine = Callable[..., tuple[Path, Path]]


@pytest.fixture
def mine(
    tiny: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Mine:
    """Return a function that mines three lines by the tiny model and returns labels and profile."""

    def run(*, by_table: bool = False) -> tuple[Path, Path]:
        rows = [(f"{n}.png", text, text) for n, text in enumerate(("1l", "ab", "a."))]
        labels = tiny.labels(tmp_path / "lines", rows)
        out = tmp_path / "mined" / "profile.json"
        named = ["--model", tiny.path, "--labels", labels]
        if by_table:
            table = labels.with_name("read.tsv")
            told = "".join(f"{path}\t{text}\t{text}\n" for path, text, _ in rows)
            table.write_text(f"path\ttruth\tprediction\n{told}9.png\ta\ta\n", encoding="utf-8")
            named = ["--predictions", table]
        monkeypatch.setattr("sys.argv", ["train", "mine", *map(str, named), "--out", str(out)])
        with pytest.raises(SystemExit) as end:
            main()
        assert end.value.code == 0, capsys.readouterr().err
        return labels, out

    return run


def test_mining_leaves_a_history_beside_the_profile_that_a_plan_takes_over(mine: Mine) -> None:
    labels, profile = mine()
    names = sorted(one.name for one in profile.parent.iterdir() if one.is_file())
    assert {"profile.history.json", "profile.json", "profile.seen_images.npy"} <= set(names)
    history = add_mined(History(), profile, 3)
    assert [(s.step, s.file, s.lines, s.round) for s in history.steps] == [
        ("mine from", labels.as_posix(), 3, 3)
    ]
    wanted = [digest((labels.parent / f"{n}.png").read_bytes()) for n in range(3)]
    assert history.images.holds(as_digests(wanted)).all()
    assert history.gaps == ()


def test_mined_images_that_are_not_there_are_a_gap(
    mine: Mine, capsys: pytest.CaptureFixture[str]
) -> None:
    _, profile = mine(by_table=True)
    told = " ".join(capsys.readouterr().out.split())
    assert "profile.history.json (not there: the images of 1 line)" in told
    history = add_mined(History(), profile, 1)
    assert history.steps[0].lines == 3
    assert "1 of the 4 images that profile.json was mined from were not in" in history.gaps[0]


def test_a_profile_without_its_history_or_with_another_one_leaves_a_gap(mine: Mine) -> None:
    labels, profile = mine()
    kept = profile.read_text(encoding="utf-8")
    profile.write_text(kept.replace('"max_text_length": 25', '"max_text_length": 24'))
    (gap,) = add_mined(History(), profile, 1).gaps
    assert "profile.history.json describes another model" in gap
    profile.write_text(kept, encoding="utf-8")
    assert add_mined(History(), profile, 1).gaps == ()
    profile.with_name("profile.history.json").unlink()
    history = add_mined(History(), profile, 1)
    assert history.saw_file(sha256_of(labels))
    assert "profile.json has no profile.history.json beside it" in history.gaps[0]


def test_two_profiles_in_one_folder_have_a_history_each(labels: Path, tmp_path: Path) -> None:
    for name, path in (("one", "a.png"), ("two", "b.png")):
        (tmp_path / f"{name}.json").write_text(json.dumps(name), encoding="utf-8")
        write_mined(tmp_path / f"{name}.json", labels, "0" * 64, [path], tmp_path)
    write_history(History(), tmp_path)
    for name, image in (("one", b"a"), ("two", b"b")):
        found = read_history(tmp_path, prefix=f"{name}.")
        assert found is not None
        assert found.images.digests.tobytes() == digest(image)
