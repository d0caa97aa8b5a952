"""What may be exported: a finished run, or a base folder."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from textlines.errors import InputError
from textlines.formats.history import History, Step, write_history
from textlines.formats.seen_images import SeenImages, as_digests, digest
from textlines.labels.alphabet import Alphabet
from train.export.export_source import open_source
from train.models.base_folder import BaseFolder, Source, write_base
from train.networks.spec import NetworkSpec

HISTORY = History(
    (Step(step="stop on", file="stop.txt", sha256="0" * 64, lines=1),),
    SeenImages.of(as_digests([digest(b"one")])),
)


def base_at(path: Path) -> BaseFolder:
    return write_base(
        path,
        spec=NetworkSpec(name="meters", family="svtr_lcnet_v4", classes=4),
        tensors={"head.fc.bias": np.float32([0, 1, 2, 3])},
        alphabet=Alphabet(("a", "b")),
        write_graph=lambda graph: graph.write_bytes(b"onnx") and None,
        source=Source(kind="onnx", files={}, tensors={}),
    )


@pytest.fixture
def run(tmp_path: Path) -> Path:
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "plan.toml").write_text("format = 1\n")
    base_at(folder / "best")
    write_history(HISTORY, folder)
    return folder


def test_of_a_run_the_chosen_weights_are_taken_with_its_history(run: Path) -> None:
    found = open_source(run)
    assert found.base.path == run / "best"
    assert (found.history, found.is_run) == (HISTORY, True)


def test_a_base_folder_is_taken_as_it_is(tmp_path: Path) -> None:
    base_at(tmp_path / "base")
    found = open_source(tmp_path / "base")
    assert (found.history.steps, found.is_run) == ((), False)
    assert "base has no history.json: what its model has seen is not known" in found.history.gaps[0]
    write_history(HISTORY, tmp_path / "base")
    assert open_source(tmp_path / "base").history == HISTORY


@pytest.mark.parametrize(
    ("lacks", "message"),
    [
        (["best"], r"has not finished: it holds no best/\. Go on with it: train rec .*run"),
        (["history.json"], r"has not finished: it holds no history\.json\. Go on with it"),
        (["best", "history.json"], r"holds no best/ and no history\.json"),
        (["best", "plan.toml"], r"is no run folder \(it holds no plan\.toml\) and no model folder"),
        (["best/weights.npz"], r"has not finished: it holds no best/"),
    ],
)
def test_an_unfinished_run_is_refused(run: Path, lacks: list[str], message: str) -> None:
    for name in lacks:
        path = run / name
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    with pytest.raises(InputError, match=message):
        open_source(run)


def test_what_is_no_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none: is not there\. Name a run folder"):
        open_source(tmp_path / "none")
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="file: is a file"):
        open_source(tmp_path / "file")


def test_a_changed_file_of_the_chosen_weights_is_named(run: Path) -> None:
    (run / "best" / "dictionary.txt").write_text("a\nc\n")
    with pytest.raises(InputError, match=r"dictionary\.txt: is not the file that model\.toml"):
        open_source(run)
