"""What epochs show of a line: its variants in turn; and rows that other runs computed."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.train.tuning.conftest import draw_crop
from train.tuning.feature_store import KeptFeatures, LineVariant, Needed, opened, row_of
from train.tuning.losses import posterior_of
from train.tuning.ranks import Ranks
from train.tuning.run_readings import fill
from train.tuning.train_plan import StepPlan
from train.tuning.training_lines import TrainingLine


def line(ids: tuple[int, ...] = (1,), *, rendered: bool = False, copy: int = 0) -> TrainingLine:
    return TrainingLine("a.jpg", ids, 320, is_new=rendered, is_rendered=rendered, copy=copy)


@given(epoch=st.integers(0, 99), versions=st.integers(1, 5), labelled=st.integers(1, 8))
def test_epochs_show_each_variant_in_turn(epoch: int, versions: int, labelled: int) -> None:
    plan = StepPlan(versions=versions, labelled_versions=labelled)
    for one, count in ((line(()), versions), (line(), labelled)):
        shown = {row_of(one, epoch + at, plan).version for at in range(count)}
        assert shown == set(range(count))


@given(epoch=st.integers(0, 99))
def test_rendered_lines_and_plans_without_variants_show_the_crop_as_it_is(epoch: int) -> None:
    assert row_of(line(rendered=True), epoch, StepPlan()) == LineVariant("a.jpg", 0)
    for one in (line(), line(())):
        assert row_of(one, epoch, StepPlan(augment="none")) == LineVariant("a.jpg", 0)


def test_copies_of_a_line_in_one_epoch_are_other_variants() -> None:
    shown = [row_of(line(copy=at), 3, StepPlan(labelled_versions=4)) for at in range(4)]
    assert len(set(shown)) == 4


@given(epoch=st.integers(0, 99))
def test_the_ink_of_distilled_lines_stays(epoch: int) -> None:
    assert not row_of(line(()), epoch, StepPlan()).moves
    shown = row_of(line(), epoch, StepPlan())
    assert shown.moves == (shown.version > 0)


class Reader:
    """Stands for the network; notes how many lines it read."""

    def __init__(self, lines_at_once: int = 1) -> None:
        self.read_lines, self.lines_at_once = 0, lines_at_once

    def computed(self, lines: Any, top: int, closed: Any) -> list[Any]:
        assert 0 < len(lines) <= self.lines_at_once
        self.read_lines += len(lines)
        return [self._computed(line, top) for line in lines]

    def _computed(self, line: Any, top: int) -> Any:
        random = np.random.default_rng(int(abs(line.mean()) * 1e6))
        shares = random.dirichlet(np.ones(9), 40).astype(np.float32)
        features = random.normal(size=(4, 40)).astype(np.float16)
        return (features, *posterior_of(shares, top))


def test_what_another_run_computed_is_not_computed_again(tmp_path: Path) -> None:
    for name in ("a.png", "b.png"):
        draw_crop(tmp_path / name, "12.5" if name == "a.png" else "7")
    plan = StepPlan(labelled_versions=3, distil_top=3)
    lines = [TrainingLine(name, (1,), 320, False, False) for name in ("a.png", "b.png")]
    needed = Needed.of([lines] * 3, plan, features=True)
    kept = KeptFeatures(tmp_path / "features", b"network", seed=0)
    found = []
    for number, count in enumerate((6, 0)):
        stores = opened(tmp_path / f"run{number}", needed, channels=4, classes=9, plan=plan)
        reader: Any = Reader()
        filled = fill(stores, reader, tmp_path, seed=0, top=3, workers=2, kept=kept)
        assert (filled, reader.read_lines) == (6, count)
        found.append(stores[320])
    first, second = found
    assert np.array_equal(first.features, second.features)
    assert np.array_equal(first.classes, second.classes)
    assert np.array_equal(first.shares, second.shares)


@given(world=st.integers(1, 4), count=st.integers(1, 70), at_once=st.sampled_from([1, 64]))
@settings(max_examples=20, deadline=None)
def test_processes_share_the_rows_and_miss_none(world: int, count: int, at_once: int) -> None:
    with TemporaryDirectory() as kept:
        folder = Path(kept)
        for number in range(count):
            draw_crop(folder / f"{number}.png", "7", shade=number)
        plan = StepPlan(augment="none", distil_top=3)
        lines = [TrainingLine(f"{n}.png", (1,), 320, False, False) for n in range(count)]
        needed = Needed.of([lines], plan, features=True)
        read = 0
        # One after the other: who comes later finds rows done that are not its own.
        for rank in range(world):
            stores = opened(folder / "run", needed, channels=4, classes=9, plan=plan)
            reader: Any = Reader(at_once)
            shared = Ranks(rank, world)
            fill(stores, reader, folder, seed=0, top=3, workers=1, ranks=shared)
            read += reader.read_lines
        assert read == count
        assert not list(
            opened(folder / "run", needed, channels=4, classes=9, plan=plan)[320].missing()
        )
