"""The page and the record of all rounds: from what stages leave to figures that a person reads."""

import json
from pathlib import Path

import pytest

from tests.train.pipeline.made_rounds import three_rounds
from textlines.errors import InputError
from textlines.formats.judged_set import JudgedSet
from textlines.formats.predictions import Outcome, row_of
from textlines.formats.rounds import RoundRow, RoundsRecord, read_rounds
from textlines.wording import speaking
from train.judging.judged_lines import predictions_of
from train.pipeline.places import Places
from train.pipeline.rounds_page import rounds_page
from train.pipeline.rounds_told import since_start
from train.pipeline.stage import add_seconds, stage_seconds


def test_the_page_says_what_is_in_use_what_it_won_and_what_it_cost() -> None:
    with speaking("en"):
        page = rounds_page(three_rounds())
    assert "2 rounds have ended, 1 passed: the candidate of round 1 is in use." in page
    assert "120 target lines it reads 80.0% right, the start model 60.0%: +20.0 points" in page
    assert "Labels are awaited: work/round-3/collect/answers.json." in page
    assert 'href="round-1/gate/verdict.html"' in page
    assert "round-3/gate" not in page
    assert "98.3%" in page
    assert "What round 1 taught" in page and "What round 2 taught" not in page
    # The failed candidate is a point of one curve, and not of the model in use.
    assert "candidate, round 2: 78 %" in page and "model in use, round 2: 80 %" in page
    assert "11.2" in page  # minutes in all


def test_the_page_is_in_korean_too() -> None:
    with speaking("ko"):
        assert 'lang="ko"' in rounds_page(three_rounds())


@pytest.mark.parametrize(
    ("outcome", "words"),
    [("not_trained", "1 round, which did not pass."), ("", "No round has ended yet.")],
)
def test_a_page_without_any_verdict_says_so(outcome: str, words: str) -> None:
    row = RoundRow.model_validate({"number": 1, "base": 0, "outcome": outcome})
    with speaking("en"):
        page = rounds_page(RoundsRecord(model="m", rounds=(row,), most=2, patience=2))
    assert words in page
    assert "Accuracy over the rounds" not in page


def test_the_record_is_read_as_it_was_written_and_another_version_is_refused(
    tmp_path: Path,
) -> None:
    file, record = tmp_path / "rounds.json", three_rounds()
    record.write(file)
    assert read_rounds(file) == record
    assert record.last_passed == record.rounds[0]
    content = json.loads(file.read_text())
    file.write_text(json.dumps(content | {"version": 2}))
    with pytest.raises(InputError, match="of version 2, this program reads version 1"):
        read_rounds(file)
    file.write_text(json.dumps(content | {"most": 0}))
    with pytest.raises(InputError, match="most: "):
        read_rounds(file)


def read_by(labels: Path, places: Places, role: str, texts: dict[str, str]) -> None:
    file = predictions_of(places.verdict.with_name("predictions"), role, labels)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("".join(row_of(Outcome(path, text, 0.9)) for path, text in texts.items()))


def test_a_candidate_is_held_against_the_start_model_on_lines_that_both_have_read(
    tmp_path: Path,
) -> None:
    labels = tmp_path / "judge.txt"
    labels.write_text("".join(f"{n}.png\tA{n}\n" for n in range(10)))
    set_of = JudgedSet(labels, "casefold")
    first, third = (Places(tmp_path / name, tmp_path) for name in ("round-1", "round-3"))
    assert since_start(set_of, first, third) is None
    read_by(labels, first, "base", {f"{n}.png": f"a{n}" if n < 5 else "?" for n in range(10)})
    read_by(labels, third, "candidate", {f"{n}.png": f"A{n}" if n else "?" for n in range(10)})
    found = since_start(set_of, first, third)
    assert found is not None
    # By the set's comparison: five mended, one broken.
    assert (found.lines, found.base, found.candidate) == (10, 0.5, 0.9)
    assert found.change == pytest.approx(0.4)
    assert found.interval[0] < 0.4 < found.interval[1]
    # A line that came later was not read by the start model.
    labels.write_text(labels.read_text() + "10.png\tA10\n")
    read_by(labels, third, "candidate", {f"{n}.png": "A" for n in range(11)})
    assert since_start(set_of, first, third) is None


def test_times_of_stages_are_rows_and_a_broken_one_is_left(tmp_path: Path) -> None:
    file = tmp_path / "round-1" / "times.jsonl"
    assert stage_seconds(file) == []
    add_seconds(file, "round-1/fold", 12.34, has_ended=True)
    add_seconds(file, "round-1/gate", 3, has_ended=False)
    with file.open("a") as out:
        out.write('{"stage": "ga')
    assert stage_seconds(file) == [("fold", 12.34), ("gate", 3.0)]
