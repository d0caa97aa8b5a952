"""A sample drawn again from a run's own files, which another machine may have damaged."""

import json
from pathlib import Path
from typing import Any

import pytest

from synth.run.redrawing import redraw_sample
from textlines.errors import InputError
from textlines.formats.plan_rows import PlanRow
from textlines.formats.run_record import RunRecord

CONFIGURATION = {"style": {}, "seed": 1, "distractor_weight": 1.0, "photos": []}


@pytest.mark.parametrize(
    ("configuration", "told"),
    [
        ({}, "style: field required; seed: field required; distractor_weight: field required"),
        (CONFIGURATION | {"style": 7}, "style: "),
        (CONFIGURATION | {"seed": "x"}, "seed: "),
        (CONFIGURATION | {"photos": None}, "photos: "),
    ],
)
def test_a_configuration_that_cannot_be_drawn_by_is_told(
    configuration: dict[str, Any], told: str, tmp_path: Path
) -> None:
    record = RunRecord(command="synth generate", configuration=configuration, counts={"planned": 1})
    record.write(tmp_path / "run.json")
    row = PlanRow(0, "1", (), "f-0", "lcd")
    (tmp_path / "plan.jsonl").write_text(row.to_json() + "\n", encoding="utf-8")
    with pytest.raises(InputError, match=rf"run\.json: holds what a run record may not: .*{told}"):
        redraw_sample(tmp_path, 0, (), None, None)


@pytest.mark.parametrize(
    ("plan", "told"), [("", r"plan\.jsonl: ends before row 0"), ("{}\n", r"plan\.jsonl:1: ")]
)
def test_a_plan_that_does_not_hold_the_sample_is_told(plan: str, told: str, tmp_path: Path) -> None:
    RunRecord(command="synth generate", counts={"planned": 1}).write(tmp_path / "run.json")
    (tmp_path / "plan.jsonl").write_text(plan, encoding="utf-8")
    with pytest.raises(InputError, match=told):
        redraw_sample(tmp_path, 0, (), None, None)


def test_another_commands_folder_is_no_run(tmp_path: Path) -> None:
    content = json.loads(RunRecord(command="balance import").to_json())
    (tmp_path / "run.json").write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(InputError, match="was written by 'balance import'"):
        redraw_sample(tmp_path, 0, (), None, None)
