"""Own lines of a little world, and folds of them, trained once."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.train.tuning.conftest import (
    command,
    little_base,
    numbers,
    paddle_fixture,
    write_set,
)
from textlines.labels.tally import Tally
from textlines.progress import watching

__all__ = ["little_base", "paddle_fixture"]


@dataclass(frozen=True)
class Folds:
    """A folder of three folds over 18 own lines of 9 documents.

    Attributes:
        trained: of each fold, the paths that its run was trained on.
    """

    base: Path
    own: Path
    mix: Path
    general: Path
    out: Path
    trained: list[set[str]]

    def options(self, out: Path) -> Any:
        """Return what that call asks for."""
        from textlines.formats.judged_set import JudgedSet
        from train.own.fold_training import FoldOptions

        return FoldOptions(
            model=self.base,
            mix=self.mix,
            out=out,
            count=3,
            group="(.)[.]png$",
            general_stop=(JudgedSet(self.general),),
            changes=SET[1::2],
            batch=8,
        )

    def words(self, out: Path) -> list[object]:
        """Return the call of `train fold`."""
        return [
            *("train", "fold", "--model", self.base, "--mix", self.mix, "--out", out),
            *("--count", 3, "--group", "(.)[.]png$", "--batch", 8),
            *("--general-stop", self.general, *SET),
        ]


SET = ("--set", "stages.0.epochs=2", "--set", "stages.0.rate=0.01", "--set", "stop.delta=1.0")


def mixed(world: Path, name: str, new: Path) -> Path:
    """Mix own lines with others."""
    command(
        *("balance", "mix", "--original", world / "original/rec_gt.txt", "--new", new),
        *("--own", world / "own/rec_gt.txt", "--own-times", 1, "--ratio", "5:1", "--no-even"),
        *("--epochs", 2, "--out", world / name),
    )
    return world / name


@pytest.fixture(scope="session")
def own_world(little_base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write 18 own lines, one of them a copy of another, and lines of other roles."""
    world = tmp_path_factory.mktemp("own")
    texts = numbers(18, 1)
    own = write_set(world / "own", texts)
    crops = world / "own/crops"
    (crops / "017.png").write_bytes((crops / "000.png").read_bytes())
    rows = own.read_text(encoding="utf-8").splitlines()
    own.write_text("".join(f"{row}\n" for row in [*rows[:17], f"crops/017.png\t{texts[0]}"]))
    for name, count, seed in (("original", 20, 2), ("new", 16, 3), ("more", 16, 6)):
        write_set(world / name, numbers(count, seed), shade=90)
    write_set(world / "general", numbers(12, 5))
    return world


@contextmanager
def learning() -> Iterator[pytest.MonkeyPatch]:
    """Let the last state count as the best, and blend with all of it.

    The little network learns to read nothing in so few steps; by its stopping set every fold
    would end with the base.
    """
    from train.own import fold_training
    from train.tuning import run_states

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run_states, "keeps_up", lambda *_: True)
        patch.setattr(fold_training, "chosen", lambda blends, _: blends[-1])
        yield patch


@pytest.fixture(scope="session")
def folds(own_world: Path, little_base: Path) -> Iterator[Folds]:
    """Train three folds, as the command does, and look what each is trained on."""
    from train.own import fold_training
    from train.own.fold_results import write_results
    from train.own.fold_training import prepare, train_folds
    from train.tuning.trainer import Trainer

    trained: list[set[str]] = []

    class Seen(Trainer):
        def __init__(self, run: Path, ready: Any, *more: Any, **named: Any) -> None:
            trained.append({line.path for one in ready.lists for line in one})
            super().__init__(run, ready, *more, **named)

    general = own_world / "general/rec_gt.txt"
    made = Folds(
        little_base,
        own_world / "own/rec_gt.txt",
        mixed(own_world, "mixed", own_world / "new/rec_gt.txt"),
        general,
        own_world / "folds",
        trained,
    )
    work = prepare(made.options(made.out))
    with learning() as patch:
        patch.setattr(fold_training, "Trainer", Seen)
        rows, evidence = train_folds(work, watching)
    results = write_results(work, rows, evidence, Tally())
    results.record.write(made.out / "folds.json")
    yield made
