"""Server networks from a published checkpoint to a model that is judged, as a user goes."""

import pickle
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.train.tuning.conftest import ENTRIES, SHORT, command, plan_words
from train.models.base_folder import read_base
from train.networks.spec import FAMILIES
from train.tuning.run_records import read_metrics

PRETRAINED = {
    "svtr_hgnet_v4": "PP-OCRv4_server_rec_pretrained.pdparams",
    "svtr_hgnet_v5": "PP-OCRv5_server_rec_pretrained.pdparams",
}


@pytest.fixture(scope="module")
def server_base(paddle: Any, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Return a function that converts a checkpoint with a multi-head network's names.

    Its network has an eighth of the published channels and drawn weights.
    """
    from benchmarks.original_networks import multi_head, settle
    from train.networks.building import build

    made: dict[str, Path] = {}

    def convert(family: str) -> Path:
        if family in made:
            return made[family]
        folder = tmp_path_factory.mktemp(family)
        known = FAMILIES[family]  # type: ignore[index]
        paddle.seed(5)
        network = build(replace(known, classes=len(ENTRIES) + 2, scale=known.scale / 8))
        # Else numbers grow from layer to layer, and readings differ by rounding.
        settle(network)
        content = {multi_head(key): value.numpy() for key, value in network.state_dict().items()}
        content["head.before_gtc.1.fc.weight"] = np.zeros((8, 384), np.float32)
        checkpoint = folder / PRETRAINED[family]
        checkpoint.write_bytes(pickle.dumps(content, protocol=4))
        dictionary = folder / "digits.txt"
        dictionary.write_text("".join(f"{entry}\n" for entry in ENTRIES))
        words = ("--dictionary", dictionary, "--out", folder / "base")
        said = command("train", "weights", checkpoint, *words).stdout
        assert "1 of the attention branch, left out" in said
        made[family] = folder / "base"
        return made[family]

    return convert


@pytest.mark.parametrize(
    ("family", "tune", "moves"),
    [
        ("svtr_hgnet_v5", "head", ("neck.", "head.")),
        ("svtr_hgnet_v5", "whole", ("backbone.", "neck.", "head.")),
        ("svtr_hgnet_v4", "whole", ("backbone.", "neck.", "head.")),
    ],
)
def test_a_server_network_is_tuned_exported_and_judged(
    server_base: Callable[[str], Path],
    little_world: Path,
    tmp_path: Path,
    family: str,
    tune: str,
    moves: tuple[str, ...],
) -> None:
    base, run, out = server_base(family), tmp_path / "run", tmp_path / "candidate"
    name = PRETRAINED[family].removesuffix("_pretrained.pdparams")
    assert read_base(base).spec.name == name
    command(*plan_words(base, little_world, run), "--tune", tune, *SHORT)
    command("train", "rec", run)
    events = read_metrics(run)
    assert events[-1]["event"] == "finished"
    last = sorted((run / "checkpoints").glob("*/weights.npz"))[-1]
    before = read_base(base).tensors()
    with np.load(last) as trained:
        moved = {key for key in trained.files if not np.array_equal(trained[key], before[key])}
    kernels = {key for key, array in before.items() if array.ndim > 1 and key.startswith(moves)}
    assert kernels <= moved
    assert all(key.startswith(moves) for key in moved)
    said = command("train", "export", run, "--out", out).stdout
    assert name in said
    assert f"model_name: {name}" in (out / "inference.yml").read_text(encoding="utf-8")
    labels = little_world / "general/rec_gt.txt"
    said = command("train", "evaluate", "--model", out, "--labels", labels).stdout
    assert "12 lines" in said
