import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from synth.plan import plan_blocks
from synth.rendering.photos import Listing
from synth.rendering.sample import Setup, photo_bank
from synth.run import cluster_drawing, cluster_planning
from synth.run.cluster_drawing import draw_on_cluster
from synth.run.cluster_planning import plan_on_cluster
from synth.run.drawing import RunOutcome, render_run
from synth.run.folder import Share, begin_blocks, ensure_plan, make_folder, open_run
from synth.run.job_options import JobOptions
from synth.run.plan_files import PlanFiles
from synth.run.render_job import assemble
from tests.local_ray import LocalRay
from tests.running import files_of, run_module
from tests.synth.run.conftest import ToyEngine
from textlines import node_files
from textlines.cluster import Cluster
from textlines.cluster_joining import connected
from textlines.formats.block_record import BlockRecord, block_record
from textlines.formats.manifest import SHARD, image_path
from textlines.formats.plan_rows import PLAN, PlanRow
from textlines.node_files import NeededFile

SAMPLES = 4 * SHARD + 17

REAL = (
    *("generate", "--style", "lcd", "--chars", "0123", "--count", "90", "--seed", "3"),
    *("--boxes", "--masks"),
)


@dataclass(frozen=True)
class CountedSetup:
    """Makes toy engines, on nodes too; shards are of the real size."""

    faces: tuple[()] = ()
    photos: None = None
    masks: bool = False

    def engine(self, *_: object) -> ToyEngine:
        return CountedEngine(lambda row: None)


class CountedEngine(ToyEngine):
    """Writes where real lines lie, and takes a moment for every hundredth."""

    def sample(self, row: PlanRow) -> Any:
        if row.index % 100 == 0:
            time.sleep(0.02)
        drawn = super().sample(row)
        drawn.record["image"] = image_path(row.index, "jpg")
        return drawn


@pytest.fixture(scope="module")
def joined(ray_nodes: LocalRay) -> Iterator[Cluster]:
    """Connect; toys are pickled by value, as no worker knows them."""
    import ray

    for module in (
        sys.modules[__name__],
        sys.modules[ToyEngine.__module__],
        sys.modules["tests.rows"],
    ):
        ray.cloudpickle.register_pickle_by_value(module)
    with connected(ray_nodes.address) as cluster:
        yield cluster


@pytest.fixture
def run(toy_plan: Callable[[int], Any]) -> Callable[..., RunOutcome]:
    """Return a function that runs a toy run in a folder, here or on a cluster."""

    def go(out: Path, cluster: Cluster | None = None, share: str = "0/1", watch: Any = None) -> Any:
        make_folder(out)
        record = ensure_plan(out, open_run(out, {}, 1, {}), toy_plan(SAMPLES))
        setup: Any = CountedSetup()
        elsewhere = cluster and partial(draw_on_cluster, cluster, setup, out, 0)
        return render_run(out, record, setup, 1, Share.parse(share), watch, elsewhere=elsewhere)

    return go


def unseen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have no node see the run's folder: the token that they look for is another one."""
    token = cluster_drawing.folder_token

    def other(out: Path) -> Any:
        held = token(out)

        class Other:
            def __enter__(self) -> tuple[str, str]:
                name, content = held.__enter__()
                return name, content[::-1] + "x"

            def __exit__(self, *error: Any) -> None:
                held.__exit__(*error)

        return Other()

    for module in (cluster_drawing, cluster_planning):
        monkeypatch.setattr(module, "folder_token", other)


@pytest.mark.parametrize("sees", [True, False])
def test_a_cluster_that_loses_a_node_makes_the_same_folder(
    sees: bool,
    run: Callable[..., RunOutcome],
    joined: Cluster,
    ray_nodes: LocalRay,
    tmp_path: Path,
    contents_of: Callable[[Path], dict[str, str]],
    problems: Callable[[Path], list[str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run(tmp_path / "one")
    if not sees:
        unseen(monkeypatch)
    node, told = ray_nodes.add(), []
    kept: list[bool] = []
    keep = cluster_drawing._keep
    monkeypatch.setattr(
        cluster_drawing,
        "_keep",
        lambda out, drawn: (kept.append(bool(drawn.rows)), keep(out, drawn)),
    )

    def watch(*state: int) -> None:
        if state[0] and not told[-1][0]:  # with the first shard
            ray_nodes.kill(node)
        told.append(state)

    outcome = run(tmp_path / "many", joined, watch=watch)
    assert (outcome.drawn, outcome.complete) == (SAMPLES, True)
    assert kept == [not sees] * 5
    assert told[-1][:2] == (SAMPLES, SAMPLES)
    assert contents_of(tmp_path / "many") == contents_of(tmp_path / "one")
    assert problems(tmp_path / "many") == []


def test_a_run_on_a_cluster_goes_on_where_it_was_left(
    run: Callable[..., RunOutcome],
    joined: Cluster,
    tmp_path: Path,
    contents_of: Callable[[Path], dict[str, str]],
) -> None:
    class Left(BaseException):
        pass

    def leave(done: int, *_: int) -> None:
        if done > 2 * SHARD:
            raise Left

    out = tmp_path / "many"
    with pytest.raises(Left):
        run(out, joined, watch=leave)
    finished = len([*(out / "shards").iterdir()])
    assert 3 <= finished < 5
    part = run(out, joined, share="1/2")
    assert not part.complete
    rest = run(out, share="0/2")  # and the rest on this machine
    assert rest.complete
    assert finished * SHARD + part.drawn + rest.drawn >= SAMPLES
    run(tmp_path / "one")
    wanted = contents_of(tmp_path / "one")
    assert contents_of(out) == wanted


def test_the_command_makes_the_folder_of_one_process(
    ray_nodes: LocalRay, tmp_path: Path, contents_of: Callable[[Path], dict[str, str]]
) -> None:
    one = run_module("synth", *REAL, "--out", tmp_path / "one", "--workers", "1")
    many = run_module("synth", *REAL, "--out", tmp_path / "many", "--ray", ray_nodes.address)
    assert (one.returncode, many.returncode) == (0, 0), many.stderr
    assert many.stdout.replace("many", "one") == one.stdout
    assert contents_of(tmp_path / "many") == contents_of(tmp_path / "one")
    assert len(files_of(tmp_path / "many")) == 2 * 90 + 8


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_the_command_and_its_tasks(
    number: int, code: int, ray_nodes: LocalRay, tmp_path: Path
) -> None:
    words = [*REAL, "--count", "3000", "--out", tmp_path / "run", "--ray", ray_nodes.address]
    # Who started the tests may ignore Ctrl-C, as a shell's background jobs do.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        process = subprocess.Popen(
            [sys.executable, "-m", "synth", *map(str, words)], stderr=subprocess.PIPE, text=True
        )
    finally:
        signal.signal(signal.SIGINT, before)
    images = tmp_path / "run" / "images"
    while process.poll() is None and not any(images.glob("*/*.jpg")):
        time.sleep(0.05)
    process.send_signal(number)
    _, told = process.communicate(timeout=60)
    assert process.returncode == code, told
    assert "What is finished stays" in told
    assert not list((tmp_path / "run").glob("seen*"))
    # No task goes on writing.
    time.sleep(1.0)
    there = len([*images.glob("*/*")])
    time.sleep(0.5)
    assert len([*images.glob("*/*")]) == there


def lacking(setup: Setup, folder: Path) -> Setup:
    """Return a setup whose fonts and photos lie where only the driver of a test has them."""
    faces = tuple(replace(face, path=folder / face.path.name) for face in setup.faces)
    return replace(setup, faces=faces)


def test_a_node_without_fonts_and_photos_gets_them_once(
    joined: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    for number in range(3):
        grey = np.random.default_rng(number).integers(120, 250, (60, 200, 3), np.uint8)
        cv2.imwrite(str(photos / f"{number}.png"), grey)
    options = JobOptions(
        style="receipt",
        chars="01",
        count=40,
        seed=2,
        backgrounds=photos,
        settings=("photos.p=0.5",),
    )
    job = assemble(options)
    for name in ("one", "many"):
        make_folder(tmp_path / name)
    record = open_run(tmp_path / "one", job.configuration, 2, job.texts.inputs)
    record = ensure_plan(tmp_path / "one", record, lambda path: (job.write_plan(path)[0], {}))
    setup = replace(job.setup, plan=record.outputs[PLAN])
    render_run(tmp_path / "one", record, setup, 1, Share())

    # On the nodes, nothing lies where it does here.
    there = tmp_path / "elsewhere"
    by_hash = {face.sha256: face.path for face in setup.faces}
    by_hash |= {photo.sha256: photo.path for photo in photo_bank(photos).listing.photos}
    sent: list[str] = []

    def content(file: NeededFile) -> bytes:
        assert file.path.parent == there
        sent.append(file.sha256)
        return by_hash[file.sha256].read_bytes()

    monkeypatch.setattr(node_files, "_content", content)
    placed = cluster_drawing._placed_photos

    def elsewhere(listing: Listing | None) -> Listing | None:
        assert listing is not None
        moved = tuple(replace(photo, path=there / photo.path.name) for photo in listing.photos)
        return placed(replace(listing, photos=moved))

    monkeypatch.setattr(cluster_drawing, "_placed_photos", elsewhere)
    shutil.copy(tmp_path / "one" / PLAN, tmp_path / "many" / PLAN)
    kept = Path(tempfile.gettempdir()) / f"ocr-mend-{os.getuid()}" / "files"
    for sha256 in by_hash:
        for file in kept.glob(f"{sha256}*"):
            file.unlink()
    (tmp_path / "many" / "images" / "0000").mkdir()
    files = PlanFiles(tmp_path / "many", record)
    drawn = list(draw_on_cluster(joined, lacking(setup, there), tmp_path / "many", 0, files, [0]))
    assert sum(lines for lines, _ in drawn) == 40
    images = {name: data for name, data in files_of(tmp_path / "one").items() if "/0" in name}
    assert {name: files_of(tmp_path / "many").get(name) for name in images} == images
    assert len(sent) == len(set(sent)) >= 4
    assert {photo.sha256 for photo in photo_bank(photos).listing.photos} <= set(sent)


@pytest.mark.parametrize("sees", [True, False])
def test_a_cluster_plans_the_blocks_of_one_process(
    sees: bool,
    joined: Cluster,
    tmp_path: Path,
    contents_of: Callable[[Path], dict[str, str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    options = JobOptions(style="lcd", chars="0123", count=2 * SHARD + 100, seed=2)
    monkeypatch.setattr(plan_blocks, "BLOCK", SHARD)
    job = assemble(options)
    records = {}
    for name in ("one", "many"):
        out = tmp_path / name
        make_folder(out)
        record = open_run(out, job.configuration, 2, job.texts.inputs)
        records[name] = begin_blocks(out, record, job.rows, {})
    for number in range(3):
        job.write_block(tmp_path / "one", number)
    if not sees:
        unseen(monkeypatch)
    files = PlanFiles(tmp_path / "many", records["many"])
    planned = list(plan_on_cluster(joined, job, tmp_path / "many", files, range(1, 3), 0))
    assert {bool(block.files) for block in planned} == {not sees}
    planned += plan_on_cluster(joined, job, tmp_path / "many", files, range(3), 0)
    told = sorted((block.record for block in planned), key=lambda record: record.sha256)
    read = [BlockRecord.read(tmp_path / "one" / block_record(number)) for number in range(3)]
    assert told == sorted(read, key=lambda record: record.sha256)  # and none twice
    assert contents_of(tmp_path / "many") == contents_of(tmp_path / "one")
