"""The line in rounds, with stubs for the commands: every end, the models it goes on from, kills."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.synth.plan import plan_cases as cases
from tests.train.pipeline.conftest import ROOT, Line, Stubs
from textlines.formats.folds import FoldRow, FoldsRecord, SuspectFigures
from textlines.formats.profile import save_profile
from textlines.formats.rounds import read_rounds
from train.judging.verdict import ChangeRow, GateVerdict, LookCount, PaidLook

GUARD = ["synth guard"]
START = ["train weights", *GUARD]
ROUND = [
    *("balance mix", "train fold", "train mine", "synth generate", "balance mix", "train plan"),
    *("train rec", "train export", "train gate"),
]
ON = ["train weights", *ROUND]
"""A round that goes on from a candidate."""


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """Write what commands leave where rounds read it: a profile, folds, a verdict."""
    folder = tmp_path / "files"
    folder.mkdir()
    save_profile(
        cases.profile([cases.row("1", support=20, right=9, gain=5)]), folder / "profile.json"
    )
    save_profile(
        cases.profile([cases.row("1", support=20, right=20, gain=0)]), tmp_path / "empty.json"
    )
    fold = FoldRow(lines=5, documents=5, epoch=3, alpha=0.8, before=2, after=4)
    folds = FoldsRecord(
        base="base",
        mix_sha256="0" * 64,
        base_sha256="0" * 64,
        own_sha256="0" * 64,
        predictions_sha256="0" * 64,
        lines=10,
        unread=0,
        epochs=6,
        folds=(fold, fold),
        epoch=3,
        alpha=0.8,
        suspected=SuspectFigures(suspects=0, lines=10, low=0, high=0.3),
    )
    folds.write(folder / "folds.json")
    folds.model_copy(update={"epoch": 0}).write(tmp_path / "none-won.json")
    change = ChangeRow(
        lines=120,
        base=0.6,
        candidate=0.8,
        change=0.2,
        interval=(0.1, 0.3),
        flips=0.2,
        mended=26,
        broken=2,
    )
    look = LookCount(number=1, alpha=0.05 / 3, spent=0.05 / 3)
    verdict = GateVerdict(
        outcome="passed",
        base="base",
        candidate="candidate",
        criteria=(),
        target=change,
        paid=PaidLook(file="looks.json", planned=3, target=look, general=look),
        delta_points=1.0,
        seed=1,
    )
    text = verdict.to_json().replace('"outcome": "passed"', '"outcome": "OUTCOME"')
    (folder / "verdict.json").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def rounds(line: Line, files: Path, tmp_path: Path) -> Line:
    """Return a function that runs rounds; `settings` are further lines of pipeline.toml."""

    def run(*arguments: str, settings: str = "most = 3", more: str = "", **others: Any) -> Any:
        (tmp_path / "pipeline.toml").write_text(
            f"work = 'work'\n{more}\n[rounds]\n{settings}\n", encoding="utf-8"
        )
        words = str(tmp_path / "words.txt")
        return line(*arguments, STUB_FILES=str(files), STUB_WORDS=words, **others)

    return run


@pytest.fixture
def few(tmp_path: Path) -> Path:
    """Return the label file of some own lines, too few to stop or judge by."""
    folder = tmp_path / "own"
    folder.mkdir()
    for number in range(20):
        (folder / f"{number}.png").write_bytes(f"image {number}".encode())
    file = folder / "rec_gt.txt"
    file.write_text("".join(f"{number}.png\t{number}\n" for number in range(20)))
    return file


@pytest.fixture
def stopped(few: Path) -> Path:
    """Return the label file of own lines, some of which have the role to stop by."""
    from textlines.files import sha256_of

    rows = [
        f"{sha256_of(few.parent / f'{n}.png')}\t{'stop' if n < 5 else 'train'}\t{n}.png\n"
        for n in range(20)
    ]
    (few.parent / "roles.tsv").write_text("sha256\trole\tpath\n" + "".join(rows))
    return few


@pytest.fixture
def said(tmp_path: Path) -> Callable[[str], list[str]]:
    """Return a function that lists how a command was called, each call in one line."""

    def calls(name: str) -> list[str]:
        lines = (tmp_path / "words.txt").read_text().splitlines()
        return [line for line in lines if line.startswith(f"{name} ")]

    return calls


def outcomes(work: Path) -> list[str]:
    return [row.outcome for row in read_rounds(work / "rounds.json").rounds]


def test_each_round_goes_on_from_the_last_candidate_that_passed(
    rounds: Line, stubs: Stubs, stopped: Path, tmp_path: Path, said: Callable[[str], list[str]]
) -> None:
    done = rounds(LABELS=str(stopped), codes={"train_gate": [0, 1, 0]})
    assert done.returncode == 0, done.stderr + done.stdout
    assert stubs.calls() == [*START, *ROUND, *ON, *ON]
    assert "3 rounds (1: passed, 2: failed, 3: passed); no further one: as many" in done.stdout
    assert "candidate: work/round-3/export/candidate" in done.stdout
    one, start = "work/round-1/export/candidate", "work/base/base"
    assert [call.split()[2] for call in said("train weights")] == ["PP-OCRv4_mobile_rec", one, one]
    # What the gate holds a candidate against is what it would replace; looks are paid for together.
    gates = said("train gate")
    bases = [start, "work/round-2/base/base", "work/round-3/base/base"]
    assert [call.split()[3] for call in gates] == bases
    assert all("--looks work/looks.json --planned-looks 3" in call for call in gates)
    # Lines to stop by were never trained on: so training goes on from the last that passed.
    assert [base in call for base, call in zip(bases, said("train plan"), strict=True)] == [
        True
    ] * 3
    assert all("--stop-on work/own/stop.txt:exact --folds" in call for call in said("train plan"))
    # A model that was trained on own lines is never the start of folds.
    assert all(f"train fold --model {start} " in call for call in said("train fold"))
    assert outcomes(tmp_path / "work") == ["passed", "failed", "passed"]
    record = read_rounds(tmp_path / "work/rounds.json")
    assert [row.base for row in record.rounds] == [0, 1, 1]
    assert [row.started for row in record.rounds] == [0, 1, 1]
    assert (record.ending, record.rounds[0].level) == ("most", pytest.approx(0.05 / 3))
    assert record.rounds[0].taught[0].char == "1"
    assert set(record.rounds[1].minutes) >= {"base", "fold", "gate"}
    assert "Rounds of the line" in (tmp_path / "work/rounds.html").read_text(encoding="utf-8")


def test_without_lines_to_stop_by_each_round_trains_from_the_start_model(
    rounds: Line, few: Path, tmp_path: Path, said: Callable[[str], list[str]]
) -> None:
    assert rounds(LABELS=str(few), settings="most = 2").returncode == 0
    plans = said("train plan")
    assert len(plans) == 2
    for number, call in enumerate(plans, 1):
        assert f"--model work/base/base --folds work/round-{number}/fold/folds" in call
    # The gate holds it against the last candidate all the same.
    assert "--base work/round-2/base/base" in said("train gate")[1]
    assert [row.started for row in read_rounds(tmp_path / "work/rounds.json").rounds] == [0, 0]


def test_lines_that_earlier_rounds_drew_stay_in_the_mix_and_in_that_of_the_folds(
    rounds: Line, few: Path, said: Callable[[str], list[str]]
) -> None:
    assert rounds(LABELS=str(few), codes={"train_gate": [0, 1, 1]}).returncode == 0
    drawn = [f"work/round-{number}/generate/new/rec_gt_train.txt" for number in (1, 2, 3)]
    mixes = said("balance mix")
    of_folds, of_runs = mixes[0::2], mixes[1::2]
    assert "--new" not in of_folds[0]
    assert f"--new {drawn[0]} --ratio 5:1 --profile work/round-1/mine/profile.json" in of_folds[1]
    # Those of a round that failed are material too.
    assert f"--new {drawn[1]} {drawn[0]} --ratio 5:1" in of_folds[2]
    assert f"--new {drawn[0]} --ratio" in of_runs[0]
    assert f"--new {drawn[2]} {drawn[1]} {drawn[0]} --ratio" in of_runs[2]
    assert "--profile work/round-3/mine/profile.json" in of_runs[2]
    seeds = [call.split("--seed ")[1].split()[0] for call in said("synth generate")]
    assert seeds == ["1", "2", "3"]


def test_nothing_changed_nothing_runs_and_a_round_that_has_ended_stays(
    rounds: Line, stubs: Stubs, few: Path, tmp_path: Path
) -> None:
    first = rounds(LABELS=str(few), settings="most = 2", codes={"train_gate": [0, 3]})
    assert first.returncode == 0
    stubs.calls()
    work = tmp_path / "work"
    manifests = {path: path.read_bytes() for path in work.rglob("manifests/*.json")}
    records = {path: path.read_bytes() for path in work.rglob("round.json")}
    again = rounds(LABELS=str(few), settings="most = 2")
    assert (again.returncode, stubs.calls()) == (0, [])
    # More labels, another setting and a further round: what has ended is not judged again.
    few.write_text(few.read_text() + "20.png\t20\n")
    (few.parent / "20.png").write_bytes(b"image 20")
    more = rounds(LABELS=str(few), more="new_lines = 9", codes={"train_gate": [0]})
    assert more.returncode == 0
    assert stubs.calls() == ON
    assert {path: path.read_bytes() for path in records} == records
    assert {path: path.read_bytes() for path in manifests} == manifests
    assert "20.png" in (work / "own/train.txt").read_text()
    # Deleted, a round is made anew, and those after it.
    shutil.rmtree(work / "round-2")
    assert rounds(LABELS=str(few), codes={"train_gate": [0]}).returncode == 0
    assert [call for call in stubs.calls() if call == "train gate"] == ["train gate"] * 2


@pytest.mark.parametrize(
    ("codes", "settings", "code", "count", "why"),
    [
        ([1, 3], "most = 5", 3, 2, "2 in a row without a gain"),
        ([1], "most = 5\npatience = 1", 1, 1, "1 in a row without a gain"),
        ([0, 0], "most = 5\nminutes = 0.0001", 0, 1, "minutes are spent"),
    ],
)
def test_rounds_end_as_they_were_asked_to(
    rounds: Line,
    stubs: Stubs,
    few: Path,
    codes: list[int],
    settings: str,
    code: int,
    count: int,
    why: str,
) -> None:
    done = rounds(LABELS=str(few), settings=settings, codes={"train_gate": codes})
    assert (done.returncode, why in done.stdout) == (code, True), done.stdout
    assert stubs.calls().count("train gate") == count


def test_rounds_end_where_nothing_is_misread_of_lines_that_were_trained_on(
    rounds: Line, stubs: Stubs, few: Path, files: Path, tmp_path: Path
) -> None:
    shutil.copyfile(tmp_path / "empty.json", files / "profile.json")
    done = rounds(LABELS=str(few))
    assert done.returncode == 0
    assert "2: nothing is misread); no further one: nothing is left to draw lines" in done.stdout
    # In the first round the labels themselves teach, though folds of them read all of them right.
    assert stubs.calls() == [*START, *ROUND, *ON[:4]]
    assert outcomes(tmp_path / "work") == ["passed", "nothing_misread"]
    assert rounds(LABELS=str(few)).returncode == 0
    assert stubs.calls() == []


def test_other_own_lines_are_trained_on_though_nothing_is_misread(
    rounds: Line, stubs: Stubs, few: Path, files: Path, tmp_path: Path
) -> None:
    shutil.copyfile(tmp_path / "empty.json", files / "profile.json")
    other = (files / "folds.json").read_text().replace('"own_sha256": "0', '"own_sha256": "1')
    (files / "folds-2.json").write_text(other)
    assert rounds(LABELS=str(few), settings="most = 2").returncode == 0
    assert stubs.calls() == [*START, *ROUND, *ON]


def test_rendered_lines_of_which_none_is_misread_end_the_rounds_at_once(
    rounds: Line, stubs: Stubs, files: Path, tmp_path: Path
) -> None:
    shutil.copyfile(tmp_path / "empty.json", files / "profile.json")
    assert rounds().returncode == 0
    assert stubs.calls()[-1] == "train mine"
    assert outcomes(tmp_path / "work") == ["nothing_misread"]


def test_where_the_folds_find_nothing_to_win_the_round_shows_no_gain(
    rounds: Line, stubs: Stubs, few: Path, files: Path, tmp_path: Path
) -> None:
    shutil.copyfile(tmp_path / "none-won.json", files / "folds.json")
    done = rounds(LABELS=str(few), codes={"train_plan": [1]})
    assert done.returncode == 1
    assert "1: training wins nothing, by the folds" in done.stdout
    assert outcomes(tmp_path / "work") == ["not_trained", "not_trained"]
    assert stubs.calls().count("train gate") == 0


def test_a_stage_that_fails_ends_the_line_with_its_code_and_the_next_call_goes_on(
    rounds: Line, stubs: Stubs, few: Path, tmp_path: Path
) -> None:
    done = rounds(LABELS=str(few), codes={"train_plan": [0, 2]})
    assert done.returncode == 2
    assert "stage round-2/plan: train plan ended with 2" in done.stderr
    assert outcomes(tmp_path / "work") == ["passed", ""]
    stubs.calls()
    assert rounds(LABELS=str(few), settings="most = 2").returncode == 0
    assert stubs.calls()[:2] == ["train plan", "train rec"]


@pytest.mark.parametrize(
    "at", ["train weights", "train fold", "synth generate", "train rec", "train gate"]
)
def test_killed_anywhere_it_ends_as_unbroken(
    rounds: Line, stubs: Stubs, few: Path, tmp_path: Path, at: str
) -> None:
    """Killed in round 2, called again."""
    assert rounds(LABELS=str(few), settings="most = 2", WORK="whole").returncode == 0
    whole = stubs.calls()
    assert rounds(LABELS=str(few), settings="most = 2", codes={"train_mine": [0, 7]}).returncode
    stubs.calls()
    rounds(LABELS=str(few), settings="most = 2", STUB_KILL=at)
    stubs.calls()
    assert rounds(LABELS=str(few), settings="most = 2").returncode == 0
    work = {"work": tmp_path / "work", "whole": tmp_path / "whole"}
    names = {
        name: sorted(str(path.relative_to(folder)) for path in folder.rglob("manifests/*.json"))
        for name, folder in work.items()
    }
    assert names["work"] == names["whole"]
    assert len(whole) == len([*START, *ROUND, *ON])
    assert outcomes(work["work"]) == outcomes(work["whole"]) == ["passed", "passed"]


@pytest.fixture
def crops(tmp_path: Path) -> Path:
    folder = tmp_path / "crops"
    folder.mkdir()
    for number in range(30):
        (folder / f"{number:02}.png").write_bytes(f"crop {number}".encode())
    return folder


def test_with_crops_each_round_asks_waits_and_goes_on(
    rounds: Line, stubs: Stubs, crops: Path, tmp_path: Path, said: Callable[[str], list[str]]
) -> None:
    work = tmp_path / "work"
    settings = "most = 3\nlabels = 8"
    more = "collect.budget = 12\ncollect.judge = 3"

    def call(**others: Any) -> Any:
        return rounds(CROPS=str(crops), settings=settings, more=more, **others)

    def answer(number: int) -> None:
        (work / f"round-{number}/collect/answers.json").write_text(f"answers {number}")

    first = call()
    assert first.returncode == 0, first.stderr
    assert stubs.calls() == [*START, "train collect"]
    assert "round-1 asks for 12 labels: work/round-1/collect/queue/label.html" in first.stdout
    assert "save them as work/round-1/collect/answers.json" in first.stdout
    assert call().returncode == 0
    assert stubs.calls() == []
    assert read_rounds(work / "rounds.json").awaited == "work/round-1/collect/answers.json"
    answer(1)
    second = call()
    assert second.returncode == 0, second.stderr
    assert stubs.calls() == ["train collect", *ROUND, "train weights", "train collect"]
    assert "round-2 asks for 8 labels" in second.stdout
    # Crops that come while labels are typed are those of the next round.
    (crops / "later.png").write_bytes(b"later")
    assert call().returncode == 0
    assert stubs.calls() == []
    answer(2)
    assert call(codes={"train_gate": [1]}).returncode == 0
    assert stubs.calls() == ["train collect", *ROUND, "train weights", "train collect"]
    answer(3)
    last = call(codes={"train_gate": [3]})
    assert last.returncode == 0
    assert outcomes(work) == ["passed", "failed", "cannot_tell"]
    asked = [line for line in said("train collect") if "--images" in line]
    queues = [f"work/round-{number}/collect/queue" for number in (1, 2, 3)]
    assert "--earlier" not in asked[0] and "--budget 12 --judge 3" in asked[0]
    assert f"--model work/round-2/base/base --images {crops} --budget 8 --group" in asked[1]
    assert f"--earlier {queues[0]} --workers" in asked[1] or f"--earlier {queues[0]} --" in asked[1]
    assert f"--earlier {queues[0]} --earlier {queues[1]}" in asked[2]
    rows = [set(map(_path, (work.parent / q / "queue.jsonl").open())) for q in queues]
    assert len(rows[0] | rows[1] | rows[2]) == 12 + 8 + 8
    # The labels of all rounds train together, each with the role that it was given.
    labels = (work / "labelled/rec_gt.txt").read_text().splitlines()
    assert len(labels) == 28 == (work / "own/roles.tsv").read_text().count("\ttrain\t")
    record = read_rounds(work / "rounds.json")
    assert [(row.asked, row.labelled) for row in record.rounds] == [(12, 12), (8, 8), (8, 8)]


def _path(row: str) -> str:
    return str(json.loads(row)["path"])


def test_a_queue_that_is_answered_stays_whatever_changes(
    rounds: Line, stubs: Stubs, crops: Path, tmp_path: Path
) -> None:
    work = tmp_path / "work"
    assert rounds(CROPS=str(crops), more="seed = 1").returncode == 0
    (work / "round-1/collect/answers.json").write_text("typed by hand")
    queue = (work / "round-1/collect/queue/queue.json").read_bytes()
    stubs.calls()
    done = rounds(CROPS=str(crops), more="seed = 2", codes={"train_mine": [7]})
    assert done.returncode == 7
    assert "round-1/collect: is answered and stays as it is" in done.stdout
    # No queue was made: the only call takes the answers.
    assert stubs.calls().count("train collect") == 1
    assert (work / "round-1/collect/answers.json").read_text() == "typed by hand"
    assert (work / "round-1/collect/queue/queue.json").read_bytes() == queue


def test_where_no_crop_is_left_a_round_goes_on_with_the_labels_that_there_are(
    rounds: Line, stubs: Stubs, crops: Path, tmp_path: Path
) -> None:
    settings = "most = 2\nanswers = 'typed-{round}.json'"
    call = {"CROPS": str(crops), "settings": settings}
    assert rounds(**call).returncode == 0
    (tmp_path / "typed-1.json").write_text("all of them")
    stubs.calls()
    assert rounds(**call).returncode == 0
    assert stubs.calls() == ["train collect", *ROUND, *ON]
    assert outcomes(tmp_path / "work") == ["passed", "passed"]


def test_rounds_of_rendered_lines_mine_the_last_candidate_and_end_with_0(
    rounds: Line, stubs: Stubs, said: Callable[[str], list[str]]
) -> None:
    done = rounds(ROUNDS="2", settings="", codes={"train_gate": [0, 1]})
    assert done.returncode == 0, done.stderr
    mined = said("train mine")
    assert "--model work/base/base --labels work/lines/mine/labels.txt" in mined[0]
    assert "--model work/round-2/base/base --labels work/lines/mine/labels.txt" in mined[1]
    assert "train mine" in stubs.calls()


def test_wrong_settings_of_rounds_are_told_in_one_line(rounds: Line) -> None:
    done = rounds(ROUNDS="many")
    assert done.returncode == 2 and "ROUNDS=many: rounds.most: " in done.stderr
    done = rounds(settings="most = 2\n[own]\nfolds = 0")
    assert done.returncode == 2 and "rounds.most above 1 needs own.folds" in done.stderr
    done = rounds(settings="most = 2\nanswers = 'typed.json'")
    assert done.returncode == 2 and 'answers must hold "{round}"' in done.stderr


def test_doit_lists_the_stages_of_the_rounds_that_there_are(
    rounds: Line, few: Path, tmp_path: Path
) -> None:
    doit = ("-m", "doit", "list", "--all", "-f", str(ROOT / "dodo.py"), "-d", str(tmp_path))
    listed = rounds(*doit, LABELS=str(few))
    assert listed.returncode == 0, listed.stderr
    assert {row.split()[0] for row in listed.stdout.splitlines()} == {"base", "lines"}
    rounds(LABELS=str(few), codes={"train_mine": [0, 7]})
    listed = rounds(*doit, LABELS=str(few))
    names = {row.split()[0] for row in listed.stdout.splitlines()}
    assert {"base", "lines", "round-1:gate", "round-2:base", "round-2:mine"} <= names
    assert "round-3" not in listed.stdout
