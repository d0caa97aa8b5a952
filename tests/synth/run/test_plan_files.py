"""A run that is planned in blocks, drawn without pixels: blocks of twenty rows, shards of ten."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from synth.plan import plan_blocks
from synth.run.drawing import RunOutcome, render_run
from synth.run.folder import Share, begin_blocks, make_folder, open_run
from synth.run.merging import conclude
from synth.run.plan_files import PlanFiles, shard_rows
from textlines.errors import InputError, UsageError
from textlines.files import replacing
from textlines.formats.block_record import BlockRecord, block_file, block_record
from textlines.formats.plan_rows import PlanRow
from textlines.formats.run_record import AskedLines, RunRecord

SIZE, SAMPLES = 20, 74
SHORT = 2
"""A block that comes out shorter than it was to be: by its last shard and by some rows."""


@dataclass
class Planner:
    """Plans blocks of a toy run, and keeps which."""

    out: Path
    numbers: list[int] = field(default_factory=list)
    short: int = -1

    def __call__(self, number: int) -> BlockRecord:
        """Plan one block."""
        self.numbers.append(number)
        first = number * SIZE
        end = min(first + SIZE, SAMPLES) - (13 if number == self.short else 0)
        with replacing(self.out / block_file(number)) as file:
            for index in range(first, end):
                file.write(PlanRow(index, f"값 {index}", (), "face-0", "toy").to_json() + "\n")
        content = (self.out / block_file(number)).read_bytes()
        block = BlockRecord(
            rows=end - first,
            sha256=hashlib.sha256(content).hexdigest(),
            begun={"left out: control": 2, "targets": 1},
            counts={"edited": 3, "left out: too_long": number},
            asked={"값": AskedLines(wanted=SIZE, planned=end - first)},
            broken={"face-9": "a.ttf: 값"} if number else {},
        )
        block.write(self.out / block_record(number))
        return block


def begun(out: Path) -> RunRecord:
    make_folder(out)
    record = open_run(out, {"plan": {"block": SIZE}}, 1, {})
    return begin_blocks(out, record, SAMPLES, {"left out: bom": 1})


@pytest.fixture
def run(
    toy_setup: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., tuple[RunOutcome, list[int]]]:
    """Return a function that runs a toy run in a folder and returns which blocks it planned."""
    monkeypatch.setattr(plan_blocks, "SHARD", 10)

    def go(
        out: Path, *, hurt: Any = None, workers: int = 1, share: str = "0/1", short: int = -1
    ) -> tuple[RunOutcome, list[int]]:
        record = begun(out)
        setup = toy_setup(hurt) if hurt else toy_setup()
        planner = Planner(out, short=short)
        outcome = render_run(out, record, setup, workers, Share.parse(share), plan_block=planner)
        return outcome, planner.numbers

    return go


Contents = Callable[[Path], dict[str, str]]


def test_a_run_in_blocks_is_whole(run: Callable[..., Any], tmp_path: Path) -> None:
    outcome, planned = run(tmp_path)
    assert (outcome.complete, outcome.samples, outcome.drawn) == (True, SAMPLES, SAMPLES)
    assert planned == [0, 1, 2, 3]
    record = RunRecord.read(tmp_path / "run.json")
    assert record == outcome.record
    for number in planned:
        content = (tmp_path / block_file(number)).read_bytes()
        assert record.outputs[block_file(number)] == hashlib.sha256(content).hexdigest()
    counts = record.counts
    assert (counts["planned"], counts["wanted"], counts["samples"]) == (SAMPLES, SAMPLES, SAMPLES)
    assert (counts["edited"], counts["left out: too_long"]) == (12, 0 + 1 + 2 + 3)
    assert (counts["left out: control"], counts["left out: bom"], counts["targets"]) == (2, 1, 1)
    assert [count for name, count in counts.items() if "breaks" in name] == [1]
    assert record.asked["값"] == AskedLines(wanted=80, planned=SAMPLES)
    again, planned = run(tmp_path)
    assert (again.drawn, again.record, planned) == (0, record, [])


@pytest.mark.parametrize(
    ("shares", "planned"),
    [
        (["0/2", "1/2"], [[0, 1], [2, 3]]),
        (["2/3", "0/3", "1/3"], [[2, 3], [0], [1]]),
        ([f"{k}/8" for k in range(8)], [[0], [], [1], [], [2], [], [3], []]),
    ],
)
def test_a_share_plans_only_what_it_draws(
    shares: list[str],
    planned: list[list[int]],
    run: Callable[..., Any],
    tmp_path: Path,
    contents_of: Contents,
) -> None:
    run(tmp_path / "whole")
    ends = [run(tmp_path / "parts", share=share) for share in shares]
    assert [numbers for _, numbers in ends] == planned
    assert [end.complete for end, _ in ends] == [*[False] * (len(shares) - 1), True]
    assert contents_of(tmp_path / "parts") == contents_of(tmp_path / "whole")


def test_workers_and_a_short_block(
    run: Callable[..., Any], tmp_path: Path, contents_of: Contents, problems: Callable[..., Any]
) -> None:
    outcome, _ = run(tmp_path / "one", short=SHORT)
    assert (outcome.samples, outcome.drawn) == (SAMPLES - 13, SAMPLES - 13)
    assert outcome.record.counts["planned"] == SAMPLES - 13
    assert problems(tmp_path / "one") == []
    run(tmp_path / "more", short=SHORT, workers=2)
    assert contents_of(tmp_path / "more") == contents_of(tmp_path / "one")
    files = PlanFiles(tmp_path / "one", outcome.record)
    assert files.extent().blocks == (20, 20, 7, 14)
    assert files.row(46).index == 46 and files.row(60).index == 60
    with pytest.raises(UsageError, match="--index 50: is no sample: its block has fewer"):
        files.row(50)
    with pytest.raises(UsageError, match="--index 74: is not from 0 to 73"):
        files.row(74)
    (tmp_path / "one/rec_gt_train.txt").unlink()
    final = conclude(tmp_path / "one", RunRecord.read(tmp_path / "one/run.json"))
    assert final == outcome.record


def test_a_run_cut_at_any_rename_goes_on(
    run: Callable[..., Any], cuts_of: Callable[[Callable[[Path], Any]], int]
) -> None:
    # run.json twice, two files for each of 4 blocks, 8 shards, manifest, labels, run.json
    assert cuts_of(run) == 21


def test_a_changed_block_is_planned_again(
    run: Callable[..., Any], tmp_path: Path, contents_of: Contents
) -> None:
    run(tmp_path / "whole")
    out = tmp_path / "run"
    run(out, share="0/2")
    (out / block_file(1)).write_text("{}\n")
    (out / "shards/0003.jsonl").unlink()
    _, planned = run(out, share="0/2")
    assert planned == [1]
    run(out, share="1/2")
    assert contents_of(out) == contents_of(tmp_path / "whole")


def test_shards_that_came_without_their_block_have_it_planned(
    run: Callable[..., Any], tmp_path: Path, contents_of: Contents
) -> None:
    out = tmp_path / "run"
    run(out, share="0/2")
    (out / block_record(0)).unlink()
    run(out, share="1/2")
    with pytest.raises(InputError, match=r"00000\.json: is not there: the block was not planned"):
        conclude(out, RunRecord.read(out / "run.json"))
    outcome, planned = run(out, share="0/2")
    assert outcome.complete and planned == [0]


def test_a_merge_names_the_shards_that_are_missing(run: Callable[..., Any], tmp_path: Path) -> None:
    run(tmp_path, share="0/2")
    with pytest.raises(InputError, match=r"4 of 8 shards are missing: 4, 5, 6, 7\."):
        conclude(tmp_path, RunRecord.read(tmp_path / "run.json"))


def test_another_run_does_not_take_a_folder_with_blocks(
    run: Callable[..., Any], tmp_path: Path
) -> None:
    run(tmp_path, share="0/2")
    with pytest.raises(InputError, match="holds another run; it differs in seed"):
        open_run(tmp_path, {"plan": {"block": SIZE}}, 2, {})


def test_rows_of_one_shard_are_read_from_either_form(
    run: Callable[..., Any], tmp_path: Path, toy_plan: Callable[[int], Any]
) -> None:
    record = begun(tmp_path / "blocks")
    planner = Planner(tmp_path / "blocks")
    rows = shard_rows(tmp_path / "blocks", record, 5, planner)
    assert planner.numbers == [2]
    assert [PlanRow.from_json(row).index for row in rows] == list(range(50, 60))
    assert shard_rows(tmp_path / "blocks", record, 5) == rows
    with pytest.raises(InputError, match=r"00000\.json: is not there"):
        shard_rows(tmp_path / "blocks", record, 0)
    toy_plan(SAMPLES)(tmp_path / "plan.jsonl")
    whole = RunRecord(command="synth generate", counts={"planned": SAMPLES})
    assert shard_rows(tmp_path, whole, 5) == rows
    assert len(shard_rows(tmp_path, whole, 7)) == 4
    files = PlanFiles(tmp_path, whole)
    read = [files.shard_rows(shard) for shard in (6, 0, 7, 3)]
    assert [PlanRow.from_json(one[0]).index for one in read] == [60, 0, 70, 30]
    files.close()


def test_a_block_that_is_none_is_told(run: Callable[..., Any], tmp_path: Path) -> None:
    run(tmp_path, share="0/2")
    (tmp_path / block_record(0)).write_text('{"version": 2}')
    with pytest.raises(InputError, match="is a record of a block of version 2"):
        PlanFiles(tmp_path, RunRecord.read(tmp_path / "run.json")).block(0)
    (tmp_path / block_file(1)).write_bytes(b"\xff\n")
    with pytest.raises(InputError, match=r"00001\.jsonl:1: .*not UTF-8"):
        shard_rows(tmp_path, RunRecord.read(tmp_path / "run.json"), 2)
