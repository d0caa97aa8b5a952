"""The table of stages: a chain, one manifest between two stages."""

import dataclasses
from itertools import pairwise
from pathlib import Path

from train.pipeline.places import GeneralSet, Round, Target
from train.pipeline.round_stages import round_stages
from train.pipeline.settings import OwnLines, Settings
from train.pipeline.stage import Stage
from train.pipeline.table import line_stages, stage_names

OWN = Target(Path("/data/rec_gt.txt"), Path("/data"), "a stamp", lines=100, long_lines=9)
LONG = GeneralSet(OWN, "casefold", "pages")
SHORT = GeneralSet(dataclasses.replace(OWN, long_lines=0), "alnum", "words")


def stages(target: Target | None = None, *general: GeneralSet) -> dict[str, Stage]:
    return {one.name: one for one in line_stages(Settings(), target, general)}


def test_each_stage_depends_on_the_manifest_before_it_alone() -> None:
    found = list(stages().values())
    assert [one.name for one in found] == [
        "base",
        "lines",
        "mine",
        "generate",
        "mix",
        "plan",
        "rec",
        "export",
        "gate",
    ]
    assert found[0].before is None
    for one, after in pairwise(found):
        assert after.before == one.manifest
    assert len({one.manifest for one in found}) == len(found)


def test_commands_are_typed_as_users_type_them() -> None:
    found = stages()
    words = {name: " ".join(one.commands[-1]) for name, one in found.items()}
    assert words["base"] == "train weights PP-OCRv4_mobile_rec --out loop-out/base/base"
    assert words["rec"] == "train rec loop-out/plan/run --features loop-out/features"
    assert "--stop-on loop-out/lines/stop/labels.txt:exact" in words["plan"]
    assert "--target loop-out/lines/judge/labels.txt:exact" in words["gate"]
    guard = "loop-out/lines/guard"
    assert f"--general {guard}/judge/rec_gt_train.txt:exact" in words["gate"]
    assert f"--general-stop {guard}/stop/rec_gt_train.txt:exact" in words["plan"]
    assert f"--distil {guard}/replay/rec_gt_train.txt" in words["mix"]
    assert f"--exclude-texts {guard}/judge/rec_gt_train.txt" in words["generate"]


def test_every_general_set_has_its_own_comparison() -> None:
    words = {k: " ".join(one.commands[-1]) for k, one in stages(OWN, LONG, SHORT).items()}
    lines = "loop-out/lines"
    assert (
        f"--general {lines}/general-judge/pages/labels.txt:casefold "
        f"{lines}/general-judge/words/labels.txt:alnum --delta" in words["gate"]
    )
    assert (
        f"--general-stop {lines}/general-stop/pages/labels.txt:casefold "
        f"{lines}/general-stop/words/labels.txt:alnum --profile" in words["plan"]
    )
    mixed = f"--distil {lines}/original/pages/labels.txt {lines}/original/words/labels.txt --own"
    assert mixed in words["mix"]
    assert "guard" not in "".join(words.values())


def test_sets_without_long_lines_are_judged_by_a_guard_too() -> None:
    words = {k: " ".join(one.commands[-1]) for k, one in stages(OWN, SHORT).items()}
    assert "words/labels.txt:alnum loop-out/lines/guard/judge/rec_gt_train.txt" in words["gate"]
    assert not stages(OWN, SHORT)["gate"].is_synthetic


def test_a_line_that_turns_crops_says_so_of_its_base_which_all_others_follow() -> None:
    found = line_stages(Settings(turn="auto"), None, [])
    named = [one.name for one in found for command in one.commands if "--turn" in command]
    assert named == ["base"]
    assert " ".join(found[0].commands[0]).endswith("--turn auto --out loop-out/base/base")


def test_the_judged_lines_are_read_by_the_gate_alone() -> None:
    for name, one in stages(OWN, LONG, SHORT).items():
        for command in one.commands:
            for at, word in enumerate(command):
                if "judge/labels.txt" in word or "general-judge/" in word:
                    # Rendering must know which texts it may not write.
                    assert name == "gate" or command[at - 1] == "--exclude-texts"


def test_roles_are_never_one_file() -> None:
    found = stages()
    mined = found["mine"].commands[0][5]
    assert mined == "loop-out/lines/mine/labels.txt"
    assert mined not in found["plan"].commands[0]
    assert mined not in found["gate"].commands[0]


def test_rendered_lines_are_marked() -> None:
    assert stages()["gate"].is_synthetic
    assert stages(OWN)["gate"].is_synthetic, "its general lines are rendered"
    assert not stages(OWN, LONG)["gate"].is_synthetic
    assert not stages(OWN)["mine"].is_synthetic
    assert stages()["generate"].arguments is not None


def test_own_lines_train_and_are_mined_as_models_read_them_that_did_not_see_them() -> None:
    found = stages(OWN, LONG)
    assert list(found)[:5] == ["base", "lines", "own-mix", "fold", "mine"]
    words = {name: " ".join(one.commands[-1]) for name, one in found.items()}
    own = "loop-out/own/train.txt"
    for name in ("own-mix", "generate", "mix"):
        assert f"--own {own}" in words[name]
    assert "--new" not in words["own-mix"] and "--new" in words["mix"]
    assert "--mix loop-out/own-mix/mixed" in words["fold"]
    assert words["mine"].startswith(
        "train mine --predictions loop-out/fold/folds/predictions.jsonl "
        "--labels loop-out/fold/folds/own.txt"
    )
    # Which roles there are is known when the lines are shared.
    told = {name for name, one in found.items() if one.arguments}
    assert told == {"generate", "plan", "gate"}
    assert not any("--epoch-lines" in one for one in words.values())


def test_without_folds_own_lines_are_mined_as_the_base_reads_them() -> None:
    settings = Settings(own=OwnLines(folds=0, like="production.txt"))
    found = {one.name: one for one in line_stages(settings, OWN, [LONG])}
    assert "fold" not in found and "own-mix" not in found
    assert "--labels loop-out/own/train.txt" in " ".join(found["mine"].commands[0])
    assert "--like production.txt" in " ".join(found["generate"].commands[0])


def test_other_crops_run_the_lines_again() -> None:
    other = dataclasses.replace(OWN, stamp="another")
    changed = dataclasses.replace(LONG, target=other)
    assert stages(OWN, LONG)["lines"].stamp != stages(OWN, changed)["lines"].stamp
    assert stages(OWN)["lines"].configuration() != stages(other)["lines"].configuration()
    assert stages(OWN)["base"].configuration() == stages(other)["base"].configuration()


def test_a_device_by_name_is_said_to_what_trains_or_reads_a_folder() -> None:
    auto = {one.name: one.commands[-1] for one in line_stages(Settings(), OWN, (LONG,))}
    assert not any("--device" in words for words in auto.values())
    settings = Settings(device="gpu")
    named = {one.name: " ".join(one.commands[-1]) for one in line_stages(settings, OWN, (LONG,))}
    told = {name for name, words in named.items() if "--device gpu" in words}
    assert told == {"fold", "plan"}
    rendered = {one.name: " ".join(one.commands[-1]) for one in line_stages(settings, None, ())}
    assert {name for name, words in rendered.items() if "--device gpu" in words} == {"mine", "plan"}


def test_what_reads_crops_is_told_from_what_reads_texts() -> None:
    for target, general in ((None, ()), (OWN, (LONG, SHORT))):
        found = stages(target, *general)
        assert {name for name, one in found.items() if "crops" not in one.needs} == {
            "base",
            "generate",
        }
        # What opens images is not `synth`; and what is told of a device may have a card.
        for name, one in found.items():
            tools = {command[0] for command in one.commands}
            assert ("crops" in one.needs) == (tools != {"synth"}) or name == "base"
    for settings in (Settings(device="gpu"), Settings(device="gpu", own=OwnLines(folds=0))):
        for one in line_stages(settings, OWN, (LONG,)):
            takes_device = any("--device" in command for command in one.commands)
            assert ("gpu" in one.needs) == (takes_device or one.name == "rec"), one.name


def test_every_stage_that_a_line_may_have_is_named() -> None:
    for settings in (Settings(), Settings(own=OwnLines(folds=0))):
        names = stage_names(settings)
        for target, general in ((None, ()), (OWN, (LONG,)), (OWN, ())):
            there = [one.name for one in line_stages(settings, target, general)]
            assert [name for name in names if name in there] == there


def round_commands(*, number: int = 2, passed: bool = True) -> dict[str, str]:
    """Return the last command of each stage of a round on own lines, by name."""
    this = Round(
        number=number,
        passed=Path("loop-out/round-1/export/candidate") if passed else None,
        before="what was before",
        drawn=(Path("loop-out/round-1/generate/new/rec_gt_train.txt"),),
        profiles=(Path("loop-out/round-1/mine/profile.json"),),
        looks=3,
    )
    found = round_stages(Settings(), this, OWN, [LONG])
    for one, after in pairwise(found):
        assert after.before == one.manifest
    assert len({one.manifest for one in found}) == len(found)
    return {one.name: " ".join(one.commands[-1]) for one in found}


def test_a_single_turn_knows_nothing_of_rounds() -> None:
    words = " ".join(word for one in stages(OWN, LONG).values() for word in one.commands[-1])
    for option in ("--looks", "--planned-looks", "--earlier", "round-"):
        assert option not in words
    assert "--model loop-out/base/base --mix loop-out/mix/mixed" in words


def test_folds_of_every_round_start_from_the_start_model_and_no_candidate() -> None:
    for passed in (False, True):
        words = round_commands(passed=passed)
        fold = words["round-2/fold"]
        assert fold.startswith("train fold --model loop-out/base/base --mix loop-out/round-2/")
        assert "candidate" not in fold and "round-2/base" not in fold
        assert "--predictions loop-out/round-2/fold/folds" in words["round-2/mine"]


def test_a_round_keeps_roles_features_and_judging_lines_of_all_rounds() -> None:
    words = round_commands()
    assert list(words)[:4] == ["base", "lines", "round-2/base", "round-2/share"]
    assert "--own loop-out/own/train.txt" in words["round-2/mix"]
    assert words["round-2/rec"].endswith("--features loop-out/features")
    assert (
        "--general loop-out/lines/general-judge/pages/labels.txt:casefold" in words["round-2/gate"]
    )
    assert words["round-2/base"].startswith("train weights loop-out/round-1/export/candidate --out")
    assert "base" not in [name.partition("/")[2] for name in round_commands(passed=False)]


def test_a_round_names_the_profiles_of_all_lines_that_it_trains_on() -> None:
    # Else the history of its candidate has a gap, and no gate may pass it.
    words = round_commands()["round-2/plan"]
    assert "--profile loop-out/round-2/mine/profile.json" in words
    assert "--earlier-profile loop-out/round-1/mine/profile.json" in words


def test_what_came_before_a_round_is_part_of_its_first_stage() -> None:
    one = Round(number=2, before="one past")
    other = dataclasses.replace(one, before="another")
    found = [round_stages(Settings(), this, OWN, [LONG]) for this in (one, other)]
    differ = [a.name for a, b in zip(*found, strict=True) if a.configuration() != b.configuration()]
    assert differ == ["round-2/share"]
