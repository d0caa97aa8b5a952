"""A recognizer so small that it trains in a second, crops it can learn, and a mix of them."""

import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import pytest

from tests.running import run_here

Planning = Callable[..., Any]
"""Makes a plan of the little world, of `Options`."""

ENTRIES = ("0", "1", "2", "3", "4", "5", "6", "7", "8", "9", ".")


@pytest.fixture(scope="session", name="paddle")
def paddle_fixture(skip_or_fail: Callable[[str], NoReturn]) -> Any:
    """Return Paddle, or skip."""
    try:
        import onnxruntime  # noqa: F401
        import paddle
        import paddle2onnx  # noqa: F401
    except ImportError as error:
        skip_or_fail(f"{error.name} is not installed (extra train)")
    return paddle


def draw_crop(path: Path, text: str, *, shade: int = 30, width: int = 0) -> None:
    """Write a crop of a text in OpenCV's own strokes."""
    import cv2

    size = width or 24 * len(text) + 24
    image = np.full((48, size, 3), 230, np.uint8)
    cv2.putText(image, text, (10, 36), cv2.FONT_HERSHEY_SIMPLEX, 1.0, (shade,) * 3, 2)
    path.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(path), image)


def write_set(folder: Path, texts: Sequence[str], *, shade: int = 30) -> Path:
    """Write crops and their label file."""
    rows = []
    for number, text in enumerate(texts):
        name = f"crops/{number:03d}.png"
        draw_crop(folder / name, text, shade=shade)
        rows.append(f"{name}\t{text}\n")
    labels = folder / "rec_gt.txt"
    labels.write_text("".join(rows), encoding="utf-8")
    return labels


@pytest.fixture(scope="session")
def little_base(paddle: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a model folder of random weights: PPLCNetV3 a tenth as wide, 13 classes."""
    from textlines.labels.alphabet import Alphabet
    from train.models.base_folder import Parity, Source, write_base
    from train.networks.building import build
    from train.networks.spec import NetworkSpec
    from train.weights.graph_export import export_onnx

    spec = NetworkSpec(
        name="little", family="svtr_lcnet_v4", classes=13, scale=0.1, dims=16, hidden=16, depth=1
    )
    paddle.seed(7)
    network = build(spec)

    def write_graph(path: Path) -> Parity | None:
        export_onnx(network, path)
        return None

    folder = tmp_path_factory.mktemp("little") / "base"
    write_base(
        folder,
        spec=spec,
        tensors={name: value.numpy() for name, value in network.state_dict().items()},
        alphabet=Alphabet(ENTRIES),
        write_graph=write_graph,
        source=Source(kind="random", files={}, tensors={}),
    )
    return folder


def numbers(count: int, seed: int) -> list[str]:
    """Draw readings of a meter."""
    random = np.random.default_rng(seed)
    return [f"{random.integers(0, 100)}.{random.integers(0, 100):02d}" for _ in range(count)]


def command(*words: object, code: int = 0) -> "subprocess.CompletedProcess[str]":
    """Run a command of ours, inside this process."""
    return ended(run_here(*words), code)


def process(tool: str, *words: object, code: int = 0) -> "subprocess.CompletedProcess[str]":
    """Run a command of ours as a user does, in a process of its own."""
    call = [str(Path(sys.executable).with_name(tool)), *map(str, words)]
    done = subprocess.run(call, capture_output=True, text=True, check=False, timeout=600)
    return ended(done, code)


def ended(
    done: "subprocess.CompletedProcess[str]", code: int
) -> "subprocess.CompletedProcess[str]":
    """Hold the exit code of a command against the one that it should end with."""
    assert done.returncode == code, (done.returncode, done.stdout, done.stderr)
    return done


@pytest.fixture(scope="session")
def little_world(little_base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make originals, new lines, stopping sets and a mix of two lists, one of them distilled."""
    world = tmp_path_factory.mktemp("world")
    write_set(world / "original", numbers(20, 1))
    write_set(world / "unlabelled", numbers(20, 2))
    write_set(world / "new", numbers(16, 3), shade=90)
    write_set(world / "stop", numbers(12, 4))
    write_set(world / "general", numbers(12, 5))
    command(
        "balance",
        "mix",
        "--original",
        world / "original/rec_gt.txt",
        "--distil",
        world / "unlabelled/rec_gt.txt",
        "--new",
        world / "new/rec_gt.txt",
        "--ratio",
        "5:1",
        "--epochs",
        "2",
        "--no-even",
        "--out",
        world / "mixed",
    )
    return world


SHORT = ("--set", "stages.0.epochs=2", "--set", "stages.0.rate=0.01", "--set", "save_every=2")
"""Of a plan of two epochs, twelve steps, with a checkpoint behind every other one."""


def plan_words(base: Path, world: Path, out: Path) -> list[object]:
    """Return the call of `train plan` on the little world."""
    return [
        *("train", "plan", "--model", base, "--mix", world / "mixed", "--batch", "8"),
        *("--stop-on", world / "stop/rec_gt.txt"),
        *("--general-stop", f"{world / 'general/rec_gt.txt'}:nospace"),
        *("--out", out),
    ]


@pytest.fixture
def planned(little_base: Path, little_world: Path, tmp_path: Path) -> Callable[..., Path]:
    """Return a function that plans a run with further options and returns its folder."""

    def plan(*options: object, name: str = "run", code: int = 0) -> Path:
        words = plan_words(little_base, little_world, tmp_path / name)
        command(*words, *options, code=code)
        return tmp_path / name

    return plan


@pytest.fixture(scope="session")
def unbroken(
    little_base: Path, little_world: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Train `run`, which nothing interrupts, beside `planned`, its plan alone.

    What it said is in `said.txt`. Tests leave all of it as it is.
    """
    folder = tmp_path_factory.mktemp("unbroken")
    words = plan_words(little_base, little_world, folder / "planned")
    command(*words, *SHORT, "--turn", "auto")
    shutil.copytree(folder / "planned", folder / "run")
    said = process("train", "rec", folder / "run").stdout
    (folder / "said.txt").write_text(said, encoding="utf-8")
    return folder


@pytest.fixture
def tunable(little_base: Path) -> Any:
    """Build the little network to tune, anew for each test."""
    from train.models.base_folder import read_base
    from train.tuning.tunable import Tunable

    base = read_base(little_base)
    return Tunable.of(base.spec, base.tensors())


@pytest.fixture(scope="session")
def labelled_mix(little_world: Path) -> Path:
    """Make a mix of the same lines in which all have labels."""
    options = ["--no-even", "--ratio", "5:1", "--out", little_world / "labelled"]
    original, new = (little_world / name / "rec_gt.txt" for name in ("original", "new"))
    command("balance", "mix", "--original", original, "--new", new, *options)
    return little_world / "labelled"


@pytest.fixture
def plan_of(little_base: Path, little_world: Path) -> Planning:
    """Return a function that makes a plan of the little world with further options."""

    def make(**changed: object) -> Any:
        from textlines.formats.judged_set import JudgedSet
        from train.tuning.plan_request import PlanRequest
        from train.tuning.planning import make_plan

        content: dict[str, Any] = {
            "model": little_base,
            "mix": little_world / "mixed",
            "out": little_world / "run",
            "device": "cpu",
            "stop_on": (JudgedSet(little_world / "stop/rec_gt.txt"),),
            "general_stop": (JudgedSet(little_world / "general/rec_gt.txt", "nospace"),),
            "batch": 8,
        }
        return make_plan(PlanRequest(**{**content, **changed}))

    return make
