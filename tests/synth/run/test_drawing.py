import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from synth.run.drawing import RunOutcome, render_run
from synth.run.folder import Share, ensure_plan, make_folder, open_run
from synth.run.merging import (
    TargetsShortError,
    TooFewError,
    conclude,
    require_targets,
    require_wanted,
)
from tests.synth.run.conftest import Killed
from textlines.errors import InputError

SAMPLES = 34


@pytest.fixture
def run(toy_setup: Callable[..., Any], toy_plan: Callable[[int], Any]) -> Callable[..., RunOutcome]:
    """Return a function that runs a toy run in a folder, as the command does."""

    def go(
        out: Path, *, hurt: Any = None, workers: int = 1, share: str = "0/1", watch: Any = None
    ) -> RunOutcome:
        make_folder(out)
        record = ensure_plan(out, open_run(out, {}, 1, {}), toy_plan(SAMPLES))
        setup = toy_setup(hurt) if hurt else toy_setup()
        return render_run(out, record, setup, workers, Share.parse(share), watch)

    return go


def test_a_run_is_whole(run: Callable[..., RunOutcome], tmp_path: Path) -> None:
    seen = []
    outcome = run(tmp_path / "run", watch=lambda *state: seen.append(state))
    assert outcome.complete
    assert (outcome.samples, outcome.drawn) == (SAMPLES, SAMPLES)
    assert outcome.record.counts["samples"] == SAMPLES
    assert outcome.record.counts["fallback"] == 5
    assert seen[-1] == (SAMPLES, SAMPLES, 5)
    assert [state[0] for state in seen] == sorted(state[0] for state in seen)
    again = run(tmp_path / "run")
    assert (again.drawn, again.complete, again.record) == (0, True, outcome.record)


@pytest.mark.parametrize("workers", [2, 3])
def test_workers_make_the_same_folder(
    workers: int,
    run: Callable[..., RunOutcome],
    tmp_path: Path,
    contents_of: Callable[[Path], dict[str, str]],
) -> None:
    run(tmp_path / "one")
    run(tmp_path / "more", workers=workers)
    assert contents_of(tmp_path / "more") == contents_of(tmp_path / "one")


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1)])
def test_shares_make_the_same_folder(
    order: tuple[int, ...],
    run: Callable[..., RunOutcome],
    tmp_path: Path,
    contents_of: Callable[[Path], dict[str, str]],
) -> None:
    run(tmp_path / "whole")
    out = tmp_path / "parts"
    ends = [run(out, share=f"{part}/3") for part in order]
    assert [end.complete for end in ends] == [False, False, True]
    assert sum(end.drawn for end in ends) == SAMPLES
    assert contents_of(out) == contents_of(tmp_path / "whole")


def test_a_run_cut_at_any_sample_goes_on(
    run: Callable[..., RunOutcome],
    tmp_path: Path,
    contents_of: Callable[[Path], dict[str, str]],
    problems: Callable[[Path], list[str]],
) -> None:
    run(tmp_path / "whole")
    wanted = contents_of(tmp_path / "whole")
    for cut in range(SAMPLES):
        out = tmp_path / f"cut-{cut}"

        def hurt(row: Any, cut: int = cut) -> None:
            if row.index == cut:
                raise Killed

        with pytest.raises(Killed):
            run(out, hurt=hurt)
        assert problems(out) == []
        assert not (out / "rec_gt_train.txt").exists()
        outcome = run(out)
        assert outcome.drawn == SAMPLES - cut // 10 * 10  # finished shards stay
        assert contents_of(out) == wanted


def test_a_run_cut_at_any_rename_goes_on(
    run: Callable[..., RunOutcome], cuts_of: Callable[[Callable[[Path], Any]], int]
) -> None:
    # run.json, plan.jsonl, run.json, four shards, manifest, labels, run.json
    assert cuts_of(run) == 10


def test_a_changed_plan_is_written_again(
    run: Callable[..., RunOutcome], tmp_path: Path, contents_of: Callable[[Path], dict[str, str]]
) -> None:
    out = tmp_path / "run"
    run(out)
    wanted = contents_of(out)
    (out / "plan.jsonl").write_text("{}\n")
    run(out)
    assert contents_of(out) == wanted


def test_a_lost_label_file_is_merged_again(
    run: Callable[..., RunOutcome], tmp_path: Path, contents_of: Callable[[Path], dict[str, str]]
) -> None:
    out = tmp_path / "run"
    run(out)
    wanted = contents_of(out)
    (out / "rec_gt_train.txt").unlink()
    assert run(out).drawn == 0
    assert contents_of(out) == wanted


def test_a_lost_image_is_named_when_merging(run: Callable[..., RunOutcome], tmp_path: Path) -> None:
    out = tmp_path / "run"
    outcome = run(out)
    (out / "images" / "0001" / "12.jpg").unlink()
    with pytest.raises(InputError, match=r"12\.jpg: is named by a finished shard"):
        conclude(out, outcome.record)


def test_a_dead_worker_leaves_finished_shards(
    run: Callable[..., RunOutcome], tmp_path: Path, problems: Callable[[Path], list[str]]
) -> None:
    out = tmp_path / "run"

    def hurt(row: Any) -> None:
        if row.index == 27:
            os.kill(os.getpid(), 9)

    with pytest.raises(Exception, match="was killed by SIGKILL"):
        run(out, hurt=hurt, workers=2)
    assert problems(out) == []
    assert run(out).complete


def test_too_few_images_are_an_error_with_reasons(
    run: Callable[..., RunOutcome], tmp_path: Path
) -> None:
    record = run(tmp_path / "run").record
    require_wanted(tmp_path, record)
    counts = {**record.counts, "wanted": 40, "short: no face": 4, "short: no text": 2}
    with pytest.raises(TooFewError, match=r"40 images were asked for, 34 could be planned") as end:
        require_wanted(tmp_path, record.model_copy(update={"counts": counts}))
    assert "(no face: 4, no text: 2)" in str(end.value)
    assert end.value.exit_code == 1


def test_targets_that_are_served_short_are_no_success() -> None:
    counts = {"targets": 4, "served short: ①": 0, "served short: 뷁": 7}
    with pytest.raises(TargetsShortError) as raised:
        require_targets("run", counts, 0.0)
    assert "run: 2 of 4 characters stand in fewer lines than asked ('①' 0, '뷁' 7)" in str(
        raised.value
    )
    assert raised.value.exit_code == 1
    require_targets("run", counts, 0.5)
    require_targets("run", {"targets": 4}, 0.0)
    require_targets("run", {}, 0.0)
    many = {"targets": 20, **{f"served short: {chr(0xAC00 + k)}": k for k in range(15)}}
    with pytest.raises(TargetsShortError, match=r"'갋' 11 and 3 more\)"):
        require_targets("run", many, 0.5)
