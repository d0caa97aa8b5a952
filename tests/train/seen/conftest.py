"""A first round with a network of drawn weights, as a user's commands make it."""

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NoReturn

import pytest

from tests.train.tuning.conftest import ENTRIES, command, numbers, write_set
from textlines.labels.alphabet import Alphabet
from train.networks.spec import FAMILIES

SHORT = ("--batch", "16", "--set", "stages.0.epochs=1", "--set", "stop.alphas=[0.0, 1.0]")


def train(*words: object, code: int = 0) -> str:
    """Run `train` and give what it said, notes and errors with it."""
    done = command("train", *words, code=code)
    return f"{done.stdout}{done.stderr}"


@dataclass(frozen=True)
class Rounds:
    """A folder of sets, mixes and models; the first round is done in it.

    Attributes:
        stock: a model that nobody of ours made. base: made of that. candidate: of the first round.
    """

    folder: Path

    @property
    def stock(self) -> Path:
        return self.folder / "stock.pdparams"

    @property
    def base(self) -> Path:
        return self.folder / "base"

    @property
    def run(self) -> Path:
        return self.folder / "run"

    @property
    def candidate(self) -> Path:
        return self.folder / "candidate"

    @property
    def profile(self) -> Path:
        return self.folder / "profile.json"

    def labels(self, name: str) -> Path:
        """Name a set's label file."""
        return self.folder / name / "rec_gt.txt"

    def mix(self, number: int) -> Path:
        """Name the mix of a round."""
        return self.folder / f"mix{number}"

    def plan(self, model: Path, run: Path, number: int, *options: object, code: int = 0) -> str:
        """Plan a round."""
        stops = ("--stop-on", self.labels(f"stop{number}"))
        stops += ("--general-stop", self.labels(f"general{number}"))
        words = ("plan", "--model", model, "--mix", self.mix(number), *stops, "--out", run)
        return train(*words, *SHORT, *options, code=code)

    def renamed(self, name: str, folder: Path) -> Path:
        """Copy a set: other names of images, another order, another label file."""
        folder.mkdir(parents=True)
        rows = []
        for number, row in enumerate(reversed(self.labels(name).read_text().splitlines())):
            path, label = row.split("\t")
            shutil.copy(self.folder / name / path, folder / f"image{number}.png")
            rows.append(f"image{number}.png\t{label}\n")
        (folder / "judge.txt").write_text("".join(rows), encoding="utf-8")
        return folder / "judge.txt"

    def gate(self, base: Path, candidate: Path, target: Path, *options: object) -> dict[str, Any]:
        """Judge on a set, and give the verdict."""
        out = target.with_name("verdict.json")
        words = ("--base", base, "--candidate", candidate, "--target", target)
        general = ("--general", self.labels("unseen-general"))
        # Drawn weights read nothing right: what was not refused cannot tell.
        train("gate", *words, *general, "--json", out, "--workers", "1", *options, code=3)
        found: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
        return found


def write_stock(path: Path) -> None:
    """Write a checkpoint of PP-OCRv3's network with drawn weights, and its dictionary."""
    import paddle

    from train.networks.building import build
    from train.weights.checkpoint import write_checkpoint

    alphabet = Alphabet(ENTRIES)
    paddle.seed(5)
    spec = replace(FAMILIES["svtr_mobilenet_v3"], classes=alphabet.classes)
    network = build(spec)
    write_checkpoint(path, {name: value.numpy() for name, value in network.state_dict().items()})
    text = "".join(f"{entry}\n" for entry in ENTRIES)
    path.with_name("dictionary.txt").write_text(text, encoding="utf-8")


@pytest.fixture(scope="session")
def rounds(
    tmp_path_factory: pytest.TempPathFactory, skip_or_fail: Callable[[str], NoReturn]
) -> Rounds:
    """Make the sets of two rounds, and go through the first one."""
    for name in ("paddle", "paddle2onnx", "onnx", "onnxruntime"):
        try:
            __import__(name)
        except ImportError:
            skip_or_fail(f"{name} is not installed (extra `train`)")
    made = Rounds(tmp_path_factory.mktemp("rounds"))
    seed = 0
    for number in (1, 2):
        for name, count in (("original", 10), ("distil", 10), ("new", 4), ("stop", 6)):
            write_set(made.folder / f"{name}{number}", numbers(count, seed := seed + 1))
        write_set(made.folder / f"general{number}", numbers(6, seed := seed + 1))
        named = [
            part
            for role in ("original", "distil", "new")
            for part in (f"--{role}", made.labels(f"{role}{number}"))
        ]
        command("balance", "mix", *named, "--ratio", "5:1", "--no-even", "--out", made.mix(number))
    for name in ("mined1", "unseen", "unseen-general"):
        write_set(made.folder / name, numbers(6, seed := seed + 1))
    write_stock(made.stock)
    dictionary = ("--dictionary", made.folder / "dictionary.txt")
    said = train("weights", made.stock, "--out", made.base, *dictionary)
    assert "the model has an empty history" in said
    mined = ("--labels", made.labels("mined1"), "--out", made.profile)
    train("mine", "--model", made.base, *mined)
    said = made.plan(made.base, made.run, 1, "--profile", made.profile)
    assert "base has an empty history" in said
    train("rec", made.run)
    train("export", made.run, "--out", made.candidate, "--pdparams")
    return made
