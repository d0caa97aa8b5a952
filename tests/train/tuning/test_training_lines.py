"""Which lines an epoch has, in which turn, and which of them share a step."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.train.conftest import ENTRIES, Tiny
from tests.train.tuning.conftest import command, draw_crop
from textlines.errors import InputError, UsageError
from textlines.formats.judged_set import JudgedSet
from textlines.formats.mix import ListedLine, read_mix
from textlines.formats.predictions import Outcome, Turn
from textlines.formats.roles import kinds_of
from textlines.labels.alphabet import Alphabet
from textlines.labels.label_file import LabelLine
from textlines.labels.tally import Tally
from textlines.pixels.decode import read_image
from textlines.pixels.resize import to_recognizer
from train.reading.model_opening import open_model
from train.tuning.stopping_sets import judge, read_sets
from train.tuning.train_plan import StepPlan, StopPlan
from train.tuning.training_lines import (
    TURNS,
    TrainingLine,
    batches,
    batches_in,
    bucket_width,
    heaviest,
    image_size,
    planned_turns,
    read_line_turns,
    share_of,
    steps_in,
    training_lines,
)

ALPHABET = Alphabet(tuple("0123456789."))
KINDS = {
    kind.code: kind
    for kind in kinds_of([("original", "original"), ("distil", "distil"), ("new", "new")])
}
SIZES = {"a.png": (100, 48), "wide.png": (2000, 48), "new/b.png": (90, 48)}


def lines_of(rows: list[tuple[str, str, str]], tally: Tally, folder: Path) -> list[str]:
    raw = [
        ListedLine(LabelLine(path, label, number), KINDS[kind])
        for number, (path, label, kind) in enumerate(rows, 1)
    ]
    found = training_lines(
        raw,
        SIZES,
        ALPHABET,
        data=folder,
        bucket=64,
        max_length=25,
        tally=tally,
    )
    return [
        f"{one.path} {one.width} {'distil' if one.is_distilled else one.ids} "
        f"{one.is_new} {one.is_rendered}"
        for one in found
    ]


def test_what_cannot_be_trained_on_is_counted_by_its_fault(tmp_path: Path) -> None:
    tally = Tally()
    (tmp_path / "broken.png").write_bytes(b"no image")
    rows = [
        ("a.png", "1.5", "o"),
        ("a.png", "1x5", "o"),  # outside the dictionary
        ("a.png", "1" * 26, "o"),  # longer than 25
        ("a.png", "1" * 24, "o"),  # 47 time steps with its repeats, has 40
        ("gone.png", "1", "o"),
        ("broken.png", "1", "o"),
        ("new/b.png", "7", "N"),
        ("wide.png", "anything", "d"),  # its own label does not matter
    ]
    assert lines_of(rows, tally, tmp_path) == [
        "a.png 320 (2, 11, 6) False False",
        "new/b.png 320 (8,) True True",
        "wide.png 2048 distil False False",
    ]
    assert tally.as_dict() == {
        "ctc_infeasible": 1,
        "missing_image": 1,
        "outside_dictionary": 1,
        "too_long": 1,
        "unreadable_image": 1,
    }


def test_sizes_are_those_of_the_upright_image(tmp_path: Path) -> None:
    from PIL import Image

    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (40, 20)).save(tmp_path / "turned.jpg", exif=exif)
    assert image_size(tmp_path / "turned.jpg") == (20, 40)
    assert image_size(tmp_path / "none.jpg") is None


def test_a_role_is_the_rows_and_not_the_paths(tmp_path: Path) -> None:
    rows = [("a.png", "1", "o"), ("a.png", "1", "N"), ("a.png", "1", "O")]
    assert lines_of(rows, Tally(), tmp_path) == [
        "a.png 320 (2,) False False",
        "a.png 320 (2,) True True",
        "a.png 320 (2,) False True",
    ]


OWN: dict[str, tuple[str, Turn]] = {
    "own/0.png": ("값 1", 0),
    "own/1.png": ("lab.", 180),
    "own/2.png": ("값1값1", 90),
    "own/3.png": ("값 a", 180),
    "own/4.png": ("1.1", 0),
}
"""Labelled lines: what stands there, and the turn that sets it upright."""

FAR: dict[str, tuple[str, Turn]] = {
    "far/0.png": ("bal", 0),
    "far/1.png": ("1.b값", 180),
    "far/2.png": ("abl.abl.", 270),
    **{f"far/{number}.png": ("lala", 0) for number in range(3, 10)},
}
"""Lines whose target is the base's reading."""


@pytest.fixture
def mix(upright: Tiny, tmp_path: Path) -> Path:
    """Mix both with rendered lines."""
    for folder, rows in (("own", OWN), ("far", FAR)):
        for path, (text, turn) in rows.items():
            upright.turned(tmp_path / path, text, turn)
        lines = "".join(f"{Path(path).name}\t{text}\n" for path, (text, _) in rows.items())
        (tmp_path / folder / "gt.txt").write_text(lines, encoding="utf-8")
    for number in range(3):
        upright.turned(tmp_path / f"new/{number}.png", "1값", 180)  # as if it were drawn so
    (tmp_path / "new/gt.txt").write_text("0.png\t1값\n1.png\t1값\n2.png\t1값\n", encoding="utf-8")
    command(
        *("balance", "mix", "--original", tmp_path / "own/gt.txt"),
        *("--distil", tmp_path / "far/gt.txt", "--new", tmp_path / "new/gt.txt"),
        *("--ratio", "5:1", "--no-even", "--out", tmp_path / "mixed"),
    )
    return tmp_path / "mixed"


def test_lines_take_the_turn_that_reads_them_and_rendered_ones_none(
    upright: Tiny, mix: Path
) -> None:
    folder = read_mix(mix)
    found, read = read_line_turns(open_model(str(upright.path)), folder)
    known = {one.path.rpartition("/")[0][-3:] + one.path[-6:]: one for one in found}
    wanted = {path: turn for path, (_, turn) in (OWN | FAR).items() if turn}
    assert {path: one.turn for path, one in known.items()} == wanted
    assert all(one.text == (OWN | FAR)[path][0] for path, one in known.items())
    assert read == len(OWN) + len(FAR)  # and none of the rendered ones


@pytest.fixture
def planned_turned(
    little_base: Path, labelled_mix: Path, little_world: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Any]:
    """Return a function that plans with turns of its own: the little base reads nothing."""

    def plan(found: tuple[Outcome, ...], tune: Any = "head") -> Any:
        from train.tuning import planning

        monkeypatch.setattr(planning, "read_line_turns", lambda *_, **__: (found, 20))
        return planning.make_plan(
            planning.PlanRequest(
                model=little_base,
                mix=labelled_mix,
                out=little_world / "run",
                device="cpu",
                stop_on=(JudgedSet(little_world / "stop/rec_gt.txt"),),
                general_stop=(JudgedSet(little_world / "general/rec_gt.txt"),),
                turn="auto",
                tune=tune,
                batch=8,
            )
        )

    return plan


def test_a_run_follows_the_turns_that_were_planned(
    planned_turned: Callable[..., Any], labelled_mix: Path, tmp_path: Path
) -> None:
    from train.tuning.new_run import new_run
    from train.tuning.paddleocr_plan import write_paddleocr
    from train.tuning.plan_in_words import plan_lines
    from train.tuning.prepared_run import ready
    from train.tuning.train_plan import read_plan

    listed = read_mix(labelled_mix)
    paths = [one.line.path for one in listed.lines(listed.epochs[0], Tally())]
    over, side = (Outcome(paths[0], "1", 0.9, turn=180), Outcome(paths[1], "2", 0.9, turn=90))
    planned = planned_turned((over, side))
    run = tmp_path / "run"
    new_run(run, planned)
    plan = read_plan(run / "plan.toml")
    assert plan == planned.plan and plan.turn is not None and plan.turning == "auto"
    assert (plan.turn.lines, plan.turn.turned) == (20, 2)
    assert "2 of 20 lines lie turned" in "\n".join(plan_lines(planned, run))
    lines = {line.path: line for line in ready(run).lists[0]}
    assert {path: line.turn for path, line in lines.items() if line.turn} == {
        over.path: 180,
        side.path: 90,
    }
    height, width = read_image(listed.data / side.path).shape[:2]
    assert lines[side.path].width == bucket_width(height, width, 64)
    whole = planned_turned((over, side), "whole")
    with pytest.raises(UsageError, match=r"cannot train on the 2 lines that lie turned \(first: "):
        write_paddleocr(whole, run, tmp_path / "rec.yml")
    (run / TURNS).write_text("", encoding="utf-8")
    with pytest.raises(InputError, match=r"turns\.jsonl: is not the file that was planned with"):
        ready(run)
    (run / TURNS).unlink()
    with pytest.raises(InputError, match=r"is not there: which lines lie turned is not known"):
        planned_turns(run, plan.turn)


def test_features_are_of_the_turned_crop_and_kept_apart_from_those_of_another_turn(
    tmp_path: Path,
) -> None:
    from train.tuning.feature_store import Needed, opened
    from train.tuning.network_readers import FeatureReader
    from train.tuning.run_readings import fill

    draw_crop(tmp_path / "a.png", "4711", width=200)
    image = read_image(tmp_path / "a.png")
    seen: list[np.ndarray] = []

    class Spy(FeatureReader):
        def __init__(self) -> None:
            pass

        def read(self, lines: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            seen.append(lines)
            marked = np.full((1, 3, lines.shape[-1] // 8), lines[0, 0, 0, 0], np.float32)
            return np.full((1, lines.shape[-1] // 8, 4), 0.25, np.float32), marked

    turns: tuple[Turn, ...] = (0, 180, 90)
    lines = [TrainingLine("a.png", (1,), 320, False, True, turn) for turn in turns]
    plan = StepPlan(distil_top=2)
    needed = Needed.of([lines], plan, features=True)
    stores = opened(tmp_path / "cache", needed, channels=3, classes=4, plan=plan)
    assert fill(stores, Spy(), tmp_path, seed=0, top=2, workers=1) == 3
    wanted = {
        turn: to_recognizer(np.ascontiguousarray(np.rot90(image, turn // 90))) for turn in turns
    }
    for (_, _, turn, _), shown in zip(stores[320].rows, seen, strict=True):
        crop = wanted[turn]
        pixels = np.rint((shown[0, :, :, : crop.shape[1]] / 2 + 0.5) * 255).astype(np.uint8)
        assert np.array_equal(pixels.transpose(1, 2, 0), crop)


def test_a_stopping_set_is_read_in_its_turns_where_the_model_will_be(
    upright: Tiny, tmp_path: Path
) -> None:
    for path, (text, turn) in OWN.items():
        upright.turned(tmp_path / path, text, turn)
    labels = tmp_path / "gt.txt"
    labels.write_text("".join(f"{p}\t{t}\n" for p, (t, _) in OWN.items()), encoding="utf-8")
    plan = StopPlan(target=(JudgedSet(labels),))
    alphabet = Alphabet(ENTRIES)
    turned = judge(upright.path, alphabet, read_sets(plan, Tally(), "auto"), 2)
    assert (turned.right, turned.lines) == ((len(OWN),), (len(OWN),))
    plain = judge(upright.path, alphabet, read_sets(plan, Tally()), 2)
    assert plain.right == (sum(not turn for _, turn in OWN.values()),)


WIDTHS = st.lists(st.sampled_from([320, 384, 448, 640]), max_size=60)


def lines_of_widths(widths: list[int]) -> list[TrainingLine]:
    return [TrainingLine(f"{n}.png", (1,), width, False, False) for n, width in enumerate(widths)]


@given(widths=WIDTHS, size=st.integers(1, 9), seed=st.integers(-5, 5), epoch=st.integers(0, 5))
def test_each_line_stands_once_among_lines_of_its_width(
    widths: list[int], size: int, seed: int, epoch: int
) -> None:
    found = batches(lines_of_widths(widths), size, seed=seed, epoch=epoch)
    assert sorted(at for one in found for at in one.numbers) == list(range(len(widths)))
    assert all(1 <= len(one.numbers) <= size for one in found)
    assert all(widths[at] == one.width for one in found for at in one.numbers)
    assert found == batches(lines_of_widths(widths), size, seed=seed, epoch=epoch)
    assert len(found) == batches_in(lines_of_widths(widths), size)


@given(widths=WIDTHS, size=st.integers(1, 9))
def test_the_heaviest_batch_is_one_of_the_epoch(widths: list[int], size: int) -> None:
    lines = lines_of_widths(widths)
    found = [(len(one.numbers), one.width) for one in batches(lines, size, seed=0, epoch=0)]
    most = heaviest([lines, lines[:3]], size)
    if found:
        assert most in found
        assert most[0] * most[1] == max(count * width for count, width in found)
    else:
        assert most == (size, 320)


@given(widths=WIDTHS, size=st.integers(1, 9), devices=st.integers(1, 4))
def test_devices_share_all_batches(widths: list[int], size: int, devices: int) -> None:
    found = batches(lines_of_widths(widths), size, seed=0, epoch=0)
    steps = steps_in(len(found), devices)
    shared = [
        share_of(found, step, rank, devices) for step in range(steps) for rank in range(devices)
    ]
    assert [one for one in shared if one] == list(found)
    # In each step the first process has work, so that its step is never one of zeros alone.
    assert all(share_of(found, step, 0, devices) for step in range(steps))


def test_epochs_differ_in_their_order() -> None:
    lines = lines_of_widths([320] * 40)
    assert batches(lines, 8, seed=0, epoch=0) != batches(lines, 8, seed=0, epoch=1)


def test_a_batch_of_no_line_is_refused() -> None:
    with pytest.raises(ValueError, match="1 line or more"):
        batches([], 0, seed=0, epoch=0)


@given(width=st.integers(1, 4000), height=st.integers(8, 300), bucket=st.sampled_from([8, 32, 64]))
def test_a_bucket_holds_the_line_and_its_padding(width: int, height: int, bucket: int) -> None:
    from textlines.pixels.resize import padded_width

    own, found = padded_width(width, height), bucket_width(width, height, bucket)
    assert own <= found < own + bucket
    assert found == 320 or found % bucket == 0
