"""What a plan holds, and what it refuses."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.documents import json_keys
from tests.train.tuning.conftest import ENTRIES, Planning, command, numbers, write_set
from textlines.errors import InputError, UsageError
from textlines.files import sha256_of
from textlines.formats.judged_set import JudgedSet
from textlines.formats.mix import read_mix
from textlines.formats.profile import (
    AlphabetRecord,
    CharacterRow,
    ErrorProfile,
    LineFigures,
    SpaceRow,
)
from textlines.labels.alphabet import Alphabet
from train.tuning.plan_in_words import plan_lines
from train.tuning.planning import wavering
from train.tuning.prepared_run import rows_from
from train.tuning.stages import steps_of, warmup_of
from train.tuning.train_plan import TrainPlan, read_plan
from train.tuning.training_lines import own_lines

pytest.importorskip("paddle")


def readings(start: Any, crops: np.ndarray) -> list[str]:
    """Read crops with the network that training starts from."""
    import paddle

    from train.reading.ctc import read_probabilities
    from train.tuning.tunable import Tunable

    with paddle.no_grad():
        found = Tunable.of(start.spec, start.tensors).network(paddle.to_tensor(crops)).numpy()
    return [line.text for line in read_probabilities(found, start.alphabet)]


def test_a_plan_counts_what_it_will_train_on(plan_of: Planning) -> None:
    planned = plan_of()
    for one, lines in zip(planned.plan.mix.lists, planned.lists, strict=True):
        assert one.lines + one.distilled == len(lines)
        assert one.distilled == sum(line.is_distilled for line in lines) > 0
    for epoch, lines in zip(planned.mix.epochs, planned.lists, strict=True):
        assert epoch.ratio is not None and 5 <= epoch.ratio <= 10
        new = [line for line in lines if line.is_new]
        assert len(new) == epoch.new
        assert all(line.is_rendered and line.path.startswith("new/") for line in new)
    assert not planned.plan.dropped


def test_general_lines_are_counted_as_strictly_as_their_labels_allow(plan_of: Planning) -> None:
    from train.tuning.plan_in_words import plan_lines
    from train.tuning.stopping_sets import read_sets

    planned = plan_of()
    assert planned.plan.stop.strictest == ("exact",)  # its own, nospace, looks away from spaces
    general = read_sets(planned.plan.stop, planned.left_out)[-1]
    assert not general.is_right("1 0", "10")
    told = "\n".join(plan_lines(planned, Path("run")))
    assert "rec_gt.txt:nospace, 12 lines; counted under exact, the strictest" in told
    assert "the general lines hold no long lines (40 characters and more) among 12" in told
    assert planned.plan.stages[0].rate == pytest.approx(20 * 0.8 * 1e-3 * 8 / 1024)
    assert planned.costs is None


def test_another_dictionary_keeps_what_is_read_at_step_0(plan_of: Planning, tmp_path: Path) -> None:
    dictionary = tmp_path / "dictionary.txt"
    entries = (*reversed(ENTRIES), "₩", "값")
    dictionary.write_text("".join(f"{one}\n" for one in entries), encoding="utf-8")
    before = plan_of().start
    planned = plan_of(dictionary=dictionary, row_from=("₩=1",))
    after = planned.start
    assert after.spec.classes == len(entries) + 2
    assert after.changed.copied == len(ENTRIES) + 2
    assert after.changed.started == {"₩": "1", "값": ""}
    assert set(after.new_classes()) == {len(ENTRIES) + 1, len(ENTRIES) + 2}
    crops = np.random.default_rng(8).random((24, 3, 48, 96), np.float32) * 2 - 1
    texts = readings(before, crops)
    assert any(texts)
    assert readings(after, crops) == texts
    # Labels are encoded by the new one.
    line = next(line for line in planned.lists[0] if line.ids)
    assert set(after.alphabet.decode(list(line.ids))) <= set(ENTRIES)
    assert after.alphabet == Alphabet(entries)


def test_a_flag_that_contradicts_the_base_model_is_refused(
    plan_of: Planning, tmp_path: Path, little_base: Path
) -> None:
    with pytest.raises(UsageError, match=r"^--no-space: contradicts the base model .*a space aft"):
        plan_of(use_space_char=False)
    same = tmp_path / "same.txt"
    same.write_bytes((little_base / "dictionary.txt").read_bytes())
    with pytest.raises(UsageError, match=r"^--no-space: contradicts the base model"):
        plan_of(dictionary=same, use_space_char=False)


def test_a_training_yaml_names_the_dictionary_and_its_space(
    plan_of: Planning, tmp_path: Path
) -> None:
    entries = (*ENTRIES, "₩")
    (tmp_path / "d.txt").write_text("".join(f"{one}\n" for one in entries), encoding="utf-8")
    yml = tmp_path / "train.yml"
    yml.write_text("Global:\n  character_dict_path: ./d.txt\n  use_space_char: false\n")
    planned = plan_of(dictionary=yml)
    assert planned.plan.rows.dictionary == str(tmp_path / "d.txt")
    assert planned.plan.rows.use_space_char is False
    assert planned.start.spec.classes == len(entries) + 1
    assert planned.start.changed.dropped == (" ",)


def test_rows_without_a_dictionary_are_refused(plan_of: Planning) -> None:
    with pytest.raises(UsageError, match=r"--row-from.*--dictionary FILE"):
        plan_of(row_from=("₩=1",))


def test_a_dictionary_that_lacks_the_labels_leaves_nothing(
    plan_of: Planning, labelled_mix: Path, tmp_path: Path
) -> None:
    dictionary = tmp_path / "dictionary.txt"
    dictionary.write_text("x\ny\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"holds no line to train on \(.*dictionary"):
        plan_of(mix=labelled_mix, dictionary=dictionary)


def test_changes_come_last_and_are_checked(plan_of: Planning) -> None:
    plan = plan_of(changes=("stages.0.epochs=3", "step.augment=none")).plan
    assert (plan.stages[0].epochs, plan.step.augment) == (3, "none")
    with pytest.raises(UsageError, match=r"makes no plan \(stages\.0\.epochs: .*equal to 1"):
        plan_of(changes=("stages.0.epochs=0",))


def test_warm_up_is_a_share_of_the_steps_and_said(plan_of: Planning, tmp_path: Path) -> None:
    planned = plan_of(changes=("stages.0.epochs=2", "step.batch=4"))
    (stage,) = planned.plan.stages
    (steps,) = steps_of(planned.plan)
    assert stage.warmup == warmup_of(steps) < steps / 5  # of all epochs it was once all but one
    said = next(line for line in plan_lines(planned, tmp_path) if "stage 1" in line)
    assert f"{steps} steps" in said and f"{stage.warmup} of them warm-up" in said


def test_a_warm_up_that_is_asked_for_is_kept_or_refused(plan_of: Planning) -> None:
    changes = ("stages.0.epochs=1", "stages.0.warmup=3", "step.batch=4")
    assert plan_of(changes=changes).plan.stages[0].warmup == 3
    with pytest.raises(UsageError, match=r"warmup=50: is not below the stage's \d+ steps"):
        plan_of(changes=(*changes, "stages.0.warmup=50"))


def test_what_costs_old_knowledge_is_warned_of(plan_of: Planning) -> None:
    told = " ".join(plan_of(general_stop=()).warnings)
    assert "no --general-stop" in told
    assert "new lines are seen again" in told  # 12 epochs over 2 lists


def test_what_others_read_before_is_in_the_history(
    plan_of: Planning, little_world: Path, write_file: Callable[..., Path]
) -> None:
    from train.tuning.new_run import history_of

    labels = little_world / "general/rec_gt.txt"
    before = write_file("before.txt", labels.read_text(encoding="utf-8").splitlines()[0] + "\n")
    history = history_of(plan_of(general_stop=()), profiles=(), seen=[before, labels])
    found = {one.sha256: one.step for one in history.steps}
    assert found[sha256_of(before)] == found[sha256_of(labels)] == "read before"
    assert found[sha256_of(little_world / "stop/rec_gt.txt")] == "stop on"
    assert found[sha256_of(little_world / "new/rec_gt.txt")] == "train on (new)"


def test_the_command_writes_all_of_it(
    planned: Callable[..., Path], labelled_mix: Path, little_world: Path, tmp_path: Path
) -> None:
    yml = tmp_path / "rec.yml"
    seen = little_world / "unlabelled/rec_gt.txt"
    tune = ("--tune", "whole")
    run = planned("--mix", labelled_mix, *tune, "--seen", seen, "--paddleocr-yaml", yml)
    history = json.loads((run / "history.json").read_text(encoding="utf-8"))
    assert sha256_of(seen) in {
        one["sha256"] for one in history["steps"] if one["step"] == "read before"
    }
    assert yml.is_file() and (run / "paddleocr_base.pdparams").is_file()
    # The same call again replaces what it wrote.
    planned("--mix", labelled_mix, *tune, "--paddleocr-yaml", yml)
    said = command(
        "train", "plan", "--model", "none", "--mix", labelled_mix, "--stop-on", seen, "--out",
        tmp_path / "other", code=1,
    ).stderr  # fmt: skip
    assert "none" in said


def test_json_says_all_of_it(
    labelled_mix: Path, little_base: Path, little_world: Path, tmp_path: Path
) -> None:
    done = command(
        *("train", "plan", "--model", little_base, "--mix", labelled_mix, "--json"),
        *("--stop-on", little_world / "stop/rec_gt.txt", "--out", tmp_path / "run"),
    )
    told = json.loads(done.stdout)
    assert told.keys() == json_keys("train plan")
    plan = read_plan(tmp_path / "run/plan.toml")
    assert TrainPlan.model_validate(told["plan"] | {"rules": plan.rules}) == plan
    assert told["steps"] == list(steps_of(plan)) and told["seconds"] is None
    assert {one["code"]: one["state"] for one in told["rules"]} == {
        one.code: one.state for one in plan.rules
    }
    assert any("no --general-stop" in one for one in told["warnings"])


def test_json_has_the_memory_of_a_step_that_the_text_has(
    labelled_mix: Path, little_base: Path, little_world: Path, tmp_path: Path
) -> None:
    words = ("train", "plan", "--model", little_base, "--mix", labelled_mix)
    words += ("--stop-on", little_world / "stop/rec_gt.txt", "--out", tmp_path / "run")
    memory = json.loads(command(*words, "--json").stdout)["memory"]
    assert memory.keys() == {"process", "weights", "kept", "logits", "total"}
    parts = [value for name, value in memory.items() if name != "total"]
    assert memory["total"] == sum(parts) and min(parts) > 0
    told = next(line for line in command(*words).stdout.split("\n") if "  memory  " in line)
    assert f"about {memory['total'] / 1e9:.1f} GB for a step of training" in told


def test_a_call_plans_what_the_command_plans(
    labelled_mix: Path, little_base: Path, little_world: Path, tmp_path: Path
) -> None:
    import train

    def files() -> dict[str, bytes]:
        run = tmp_path / "run"
        kept = {path.name: path.read_bytes() for path in run.iterdir() if path.is_file()}
        shutil.rmtree(run)
        return kept

    stop = little_world / "stop/rec_gt.txt"
    done = command(
        *("train", "plan", "--model", little_base, "--mix", labelled_mix, "--json", "--batch", 8),
        *("--stop-on", f"{stop}:casefold", "--out", tmp_path / "run", "--set", "step.augment=none"),
        *("--like", stop),
    )
    written = files()
    planned = train.plan(
        train.PlanRequest(
            model=little_base,
            mix=labelled_mix,
            out=tmp_path / "run",
            stop_on=(JudgedSet(stop, "casefold"),),
            batch=8,
            changes=("step.augment=none",),
            like=stop,
        )
    )
    assert planned == json.loads(done.stdout)
    assert files() == written


@pytest.mark.parametrize("role", ["stop_on", "general_stop"])
def test_a_stopping_set_without_a_usable_line_is_told(
    plan_of: Planning, role: str, write_file: Callable[..., Path]
) -> None:
    for content, told in (("", "it is empty"), ("a.png\t\nb.png\n", "; ")):
        empty = JudgedSet(write_file("empty.txt", content))
        with pytest.raises(
            InputError, match=r"empty\.txt: holds no labelled line to stop by"
        ) as err:
            plan_of(**{role: (empty,)})
        assert told in str(err.value)


def test_own_lines_are_trained_on_as_labelled_lines_that_are_varied(
    plan_of: Planning, little_world: Path, tmp_path: Path
) -> None:
    from train.tuning.new_run import history_of
    from train.tuning.plan_in_words import plan_lines
    from train.tuning.train_plan import plan_text

    own = write_set(tmp_path / "own", numbers(5, 6))
    sets = {"--own": own}
    for option, name in (("--distil", "unlabelled"), ("--new", "new")):
        sets[option] = little_world / name / "rec_gt.txt"
    words = [word for pair in sets.items() for word in pair]
    command("balance", "mix", *words, "--own-times", "3", "--epochs", "2", "--out", tmp_path / "m")
    planned = plan_of(mix=tmp_path / "m")
    for epoch, lines in zip(planned.mix.epochs, planned.lists, strict=True):
        mine = [line for line in lines if f"/{tmp_path.name}/own/" in f"/{line.path}"]
        assert len(mine) == epoch.own == 15
        assert all(line.ids and not line.is_new and not line.is_rendered for line in mine)
    # They count as trained on, by a step of their own.
    history = history_of(planned, profiles=(), seen=())
    assert [one.file for one in history.steps if one.step == "train on (own)"] == [str(own)]
    # A line of them to stop by is refused.
    with pytest.raises(UsageError, match="is trained on in this mix"):
        plan_of(mix=tmp_path / "m", stop_on=(JudgedSet(own),))
    told = "\n".join(plan_lines(planned, tmp_path / "run"))
    assert "5 own lines, each 3 times in every list" in told
    assert "guide       original : new in 5:1 to 10:1: kept (" in told
    assert "guide       at least 5,000 real lines: broken (" in told
    rules = planned.plan.rules
    assert len({one.code for one in rules}) == len(rules) == 12
    (tmp_path / "plan.toml").write_text(plan_text(planned.plan), encoding="utf-8")
    assert read_plan(tmp_path / "plan.toml") == planned.plan


def test_a_plan_says_what_labels_are_worth_and_which_own_lines_it_counts(
    little_world: Path, little_base: Path, tmp_path: Path
) -> None:
    """Own lines are those that the mix calls own, each once, in however many lists they stand."""
    mixed = shutil.copytree(little_world, tmp_path / "world") / "mixed"
    text = (mixed / "mix.json").read_text(encoding="utf-8")
    text = text.replace('"role": "original"', '"role": "own"')
    (mixed / "mix.json").write_text(text, encoding="utf-8")
    assert own_lines(read_mix(little_world / "mixed")) == ()
    own = [line.label for line in own_lines(read_mix(mixed))]
    assert len(own) == 20 and set(own) <= set(numbers(20, 1))
    words = ("train", "plan", "--model", little_base, "--stop-on", little_world / "stop/rec_gt.txt")
    like = ("--like", little_world / "stop/rec_gt.txt")
    told = command(*words, *like, "--mix", mixed, "--out", tmp_path / "run").stdout
    assert "  labels      lines read exactly by own lines" in told
    assert "with 20 own lines the next 25 were worth" in told
    assert "characters: " in told and "patterns: dd.dd (" in told


OWN = Alphabet(("a", "o", "0"))


def profile(spaces: SpaceRow, rows: tuple[CharacterRow, ...] = ()) -> ErrorProfile:
    """Make a profile of these spaces and characters."""
    return ErrorProfile(
        alphabet=AlphabetRecord(entries=OWN.entries, use_space_char=True, sha256="", assumed=False),
        max_text_length=25,
        ranked=rows,
        insertions={},
        spaces=spaces,
        lines=LineFigures(lines=1, exact=0, casefold=0, nospace=0, character_accuracy=0, edits=0),
    )


def spaces(right: int, lost: int, put_in: int = 0) -> SpaceRow:
    """Make a row of spaces, read or lost."""
    return SpaceRow(support=right + lost, right=right, deletions=lost, insertions=put_in)


def test_spaces_that_are_lost_are_left_open() -> None:
    assert wavering(profile(spaces(891, 430, 30)), OWN) == " "


@pytest.mark.parametrize(
    "row",
    [
        spaces(990, 10),  # read well
        spaces(9, 1),  # too few to tell
        spaces(800, 100, 150),  # more are put in than lost
        spaces(0, 0),
    ],
)
def test_spaces_that_the_base_can_teach_are_not(row: SpaceRow) -> None:
    assert wavering(profile(row), OWN) == ""


def test_a_dictionary_without_a_space_has_none_to_leave_open() -> None:
    assert wavering(profile(spaces(1, 400)), Alphabet(("a",), use_space_char=False)) == ""


def test_new_entries_start_from_what_they_were_read_as() -> None:
    def row(char: str, **read: int) -> CharacterRow:
        return CharacterRow(
            char=char,
            support=9,
            right=0,
            recall=0,
            interval=(0, 1),
            gain=1,
            confusions=read,
            deletions=0,
        )

    given = profile(spaces(1, 0), (row("o", a=1), row("ö", x=5, o=3), row("ø", o=2), row("å")))
    assert rows_from(given, OWN, ("ø=a",)) == ("ö=o",)
    assert rows_from(None, OWN, ()) == ()


@pytest.mark.parametrize("tune", ["head", "whole", "both"])
def test_a_rate_is_that_of_its_stage_alone(
    tune: str, planned: Callable[..., Path], tmp_path: Path
) -> None:
    usual, asked = (
        read_plan(planned("--tune", tune, *rates, name=name) / "plan.toml")
        for name, rates in (
            ("usual", ()),
            ("asked", ("--rate", "0.0003", "--head-rate", "0.007")),
        )
    )
    wanted = {"head": {"head": 0.007}, "whole": {"whole": 0.0003}}
    wanted["both"] = wanted["head"] | wanted["whole"]
    assert {stage.tunes: stage.rate for stage in asked.stages} == wanted[tune]
    assert not {stage.rate for stage in usual.stages} & {0.007, 0.0003}
