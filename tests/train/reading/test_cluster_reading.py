import json
from pathlib import Path
from typing import Any

import pytest

from tests.local_ray import LocalRay
from tests.running import run_here
from textlines import node_files
from textlines.cluster_joining import connected
from textlines.errors import UsageError
from textlines.pixels import sent_images
from train.commands.evaluate import EvaluateRequest, evaluate
from train.commands.mine import MineRequest
from train.reading import cluster_reading
from train.reading.cluster_reading import read_on_cluster
from train.reading.crop_reading import read_all
from train.reading.model_opening import Opened, open_model

TEXTS = ["값 1", "1l1", "a", "b.b", "l", "a b", "값값", "1.1", ".", "a1b l값.", "1l1l1l1l1l1l1l"]


@pytest.fixture
def labels(tiny: Any, tmp_path: Path) -> Path:
    rows = [(f"crops/{number}.png", text, text) for number, text in enumerate(TEXTS * 3)]
    file: Path = tiny.labels(tmp_path / "set", rows)
    (tmp_path / "set" / "crops" / "5.png").write_bytes(b"no image")
    (tmp_path / "set" / "crops" / "7.png").unlink()
    return file


@pytest.fixture
def opened(tiny: Any) -> Opened:
    return open_model(str(tiny.path))


def test_the_figures_are_those_of_one_machine(
    tiny: Any, labels: Path, tmp_path: Path, ray_nodes: LocalRay
) -> None:
    out = tmp_path / "read.jsonl"
    words = ("train", "evaluate", "--model", tiny.path, "--labels", labels, "--out", out, "--json")
    here = run_here(*words)
    assert here.returncode == 0, here.stderr
    written = out.read_bytes()
    for path in (out, *out.with_suffix("").iterdir()):
        path.unlink()
    there = run_here(*words, "--ray", ray_nodes.address)
    assert there.returncode == 0, there.stderr
    assert there.stdout == here.stdout
    assert out.read_bytes() == written
    assert json.loads(there.stdout)["counts"]["crop_missing"] == 1
    request = EvaluateRequest(
        model=str(tiny.path), labels=labels, out=out, ray=ray_nodes.address, workers=1
    )
    assert evaluate(request) == json.loads(here.stdout)


@pytest.mark.parametrize("sees", [True, False])
def test_readings_are_the_same_whether_nodes_have_model_and_crops(
    sees: bool,
    opened: Opened,
    tiny: Any,
    labels: Path,
    ray_nodes: LocalRay,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    paths = [line.split("\t")[0] for line in labels.read_text(encoding="utf-8").splitlines()]
    here = read_all(opened, paths, labels.parent, workers=1)
    monkeypatch.setattr(cluster_reading, "BLOCK", 4)
    sent: list[str] = []
    if not sees:
        stamp_of = sent_images.stamp_of
        monkeypatch.setattr(
            sent_images, "stamp_of", lambda path: (stamp := stamp_of(path)) and (0, stamp[1])
        )
        kind = node_files.NeededFile
        monkeypatch.setattr(
            cluster_reading, "NeededFile", lambda digest, _: kind(digest, Path("/nowhere/m.onnx"))
        )

        def content(file: node_files.NeededFile) -> bytes:
            sent.append(file.sha256)
            return Path(tiny.path).read_bytes()

        monkeypatch.setattr(node_files, "_content", content)
        node_files._kept(kind(opened.hashes["tiny.onnx"], Path("m.onnx"))).unlink(missing_ok=True)
    with connected(ray_nodes.address) as cluster:

        def elsewhere(*work: Any) -> Any:
            return read_on_cluster(cluster, opened, 0, *work)

        there = read_all(opened, paths, labels.parent, workers=1, elsewhere=elsewhere)
    assert there == here
    assert len(sent) == (0 if sees else 1)


@pytest.mark.parametrize(
    "asked", [{"engine": "paddle"}, {"reference": True}, {"device": "gpu"}], ids=str
)
def test_nodes_read_by_onnxruntime_alone(asked: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="--ray: reads by onnxruntime on CPUs"):
        EvaluateRequest(model="m.onnx", labels=Path("l.txt"), ray="auto", **asked)


def test_predictions_are_no_work_for_a_cluster() -> None:
    for request in (EvaluateRequest, MineRequest):
        with pytest.raises(UsageError, match="--ray: reads crops with a model"):
            request(predictions=Path("read.tsv"), ray="auto", **_needed(request))


def _needed(request: type) -> dict[str, Any]:
    return {"out": Path("profile.json")} if request is MineRequest else {}
