"""The guide's rules, each kept once and out of reach once."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.documents import blocks, read, sections, spans
from textlines.formats.judged_set import JudgedSet
from textlines.formats.mix import MixConfiguration, MixEpoch, MixFolder, MixRecord, MixSource
from textlines.formats.roles import Role, kinds_of
from textlines.rules.proportions import HIGHEST, LOWEST
from train.tuning.guide_rules import REAL_LINES, guide_rules, traps_of
from train.tuning.learning_rate import FINAL_SHARE, HEAD_RATE, V5_FROM_SCRATCH, guide_rate
from train.tuning.plan_in_words import rule_line
from train.tuning.train_plan import (
    BaseModelPlan,
    GuideRule,
    ListPlan,
    MixPlan,
    RowPlan,
    StagePlan,
    StepPlan,
    StopPlan,
    TrainPlan,
)

EPOCH: dict[str, Any] = {
    "list": "epoch-000.txt",
    "roles": "epoch-000.roles",
    "own": 0,
    "original": 0,
    "distil": 0,
    "new": 0,
    "general": 0,
    "divergence": 0.01,
    "words_below_floor": 0,
    "characters_below_floor": 0,
}


def source(role: Role, usable: int, rendered: int = 0) -> MixSource:
    return MixSource(
        role=role,
        name=role,
        labels=f"{role}.txt",
        images=role,
        sha256="ab",
        lines=usable,
        usable=usable,
        rendered=rendered,
    )


def mix_of(
    folder: Path,
    epoch: Mapping[str, Any],
    sources: Sequence[MixSource] = (),
    rows: Sequence[tuple[str, str]] = (),
    **asked: Any,
) -> MixFolder:
    """Make a mix of one epoch.

    Args:
        rows: lines of its list (of its distilled list: without a label), with their roles.
    """
    kinds = kinds_of([("own", "own"), ("distil", "distil"), ("new", "new")])
    content: dict[str, Any] = {**EPOCH, **epoch}
    if rows:
        parts = {"": [r for r in rows if r[0] != "d"], ".distil": [r for r in rows if r[0] == "d"]}
        for part, some in parts.items():
            lines = "".join(f"{line}\n" for _, line in some)
            (folder / f"epoch-000{part}.txt").write_text(lines, encoding="utf-8")
            codes = "".join(f"{code}\n" for code, _ in some)
            (folder / f"epoch-000{part}.roles").write_text(codes, encoding="utf-8")
        content |= {
            "distil_list": "epoch-000.distil.txt",
            "distil_roles": "epoch-000.distil.roles",
            "own": len(parts[""]),
            "distil": len(parts[".distil"]),
        }
    else:
        (folder / "epoch-000.txt").write_text("", encoding="utf-8")
        (folder / "epoch-000.roles").write_text("", encoding="utf-8")
    configuration: dict[str, Any] = {
        "ratio": 5.0,
        "by": "lines",
        "general_ratio": 1.0,
        "epoch_lines": None,
        "on_shortage": "error",
        "check_images": "none",
        "even": True,
        "alpha": 0.5,
        "word_floor": 0.9,
        "floor_words": 1000,
        "floor_characters": 200,
        "repeat_originals": 1,
        "max_length": 25,
        "use_space_char": True,
        "dictionary_sha256": None,
        "data_folder": ".",
        "kinds": kinds,
        "sources": tuple(sources),
        "epochs": (MixEpoch.model_validate(content),),
        "divergence": {"originals": 0.03, "random": 0.02},
        **asked,
    }
    record = MixRecord(configuration=MixConfiguration.model_validate(configuration), seed=0)
    return MixFolder(folder.resolve(), folder.resolve(), record, "cd")


@pytest.fixture
def plan(tmp_path: Path) -> TrainPlan:
    stop = tmp_path / "scene" / "stop.txt"
    stop.parent.mkdir()
    stop.write_text("crops/9.jpg\t9\n", encoding="utf-8")
    return TrainPlan(
        base=BaseModelPlan(path="", sha256="", name="v4", family="svtr_lcnet_v4", classes=9),
        mix=MixPlan(path="", sha256="", lists=(ListPlan(name="epoch-000.txt", batches=10),)),
        stop=StopPlan(target=(JudgedSet(stop),)),
        stages=(StagePlan(tunes="head", epochs=9, rate=5e-4, final=1e-4, warmup=9),),
        step=StepPlan(batch=32),
    )


def row(plan: TrainPlan, mix: MixFolder, code: str, scratch: float = 1e-3) -> GuideRule:
    (found,) = (one for one in guide_rules(plan, mix, scratch) if one.code == code)
    return found


KEPT: dict[str, tuple[dict[str, Any], list[MixSource], dict[str, Any], str]] = {
    "real_lines": (
        {},
        [source("own", 400), source("original", 4700, 100)],
        {},
        "5,000 real lines (400 own, 4,600 original)",
    ),
    "dictionary": ({}, [], {}, "it stays as it is"),
    "length": ({}, [], {}, "25 characters; with GTC it would be 23"),
    "original_to_new": ({"new": 1, "ratio": 5.0}, [], {}, "5.00:1 in each list"),
    "scene_to_general": (
        {"own": 125, "distil": 140, "scene_to_general": 1.11},
        [],
        {},
        "1.11:1, own and new lines to all others",
    ),
    "floors": ({}, [], {}, "0.9 of what is expected, in each list"),
    "evened": ({"new": 9}, [], {}, "0.010 nats from the target at most, originals alone 0.030"),
    "unconfirmed": ({}, [source("distil", 60, 60)], {}, "the 60 distilled lines are rendered"),
    "warmup": ({}, [], {}, "9 of 90 steps; the guide's are 5 of 800 epochs"),
    "gtc": ({}, [], {}, "CTC alone is trained"),
    "recconaug": ({}, [], {}, "no lines are joined"),
}


@pytest.mark.parametrize("code", KEPT)
def test_a_rule_that_is_kept_says_by_what(plan: TrainPlan, tmp_path: Path, code: str) -> None:
    epoch, sources, asked, why = KEPT[code]
    found = row(plan, mix_of(tmp_path, epoch, sources, **asked), code)
    assert found.kept
    assert found.why == why
    assert rule_line(found) == f"{found.rule}: kept ({why})"


Out = tuple[str, dict[str, Any], list[MixSource], dict[str, Any], str]
OUT: dict[str, Out] = {
    "few real lines": (
        *("real_lines", {}, [source("own", 25), source("distil", 600, 600), source("new", 9999)]),
        *({}, "25 real lines (25 own) are all that this mix has"),
    ),
    "too few originals": (
        *("original_to_new", {"new": 9, "ratio": 4.5}, [], {}),
        "a list has 4.50:1: too few original lines are there",
    ),
    "too few new lines": (
        *("original_to_new", {"new": 9, "ratio": 12.0}, [], {}),
        "a list has 12.00:1: too few new lines are there",
    ),
    "own scene alone": (
        *("scene_to_general", {"own": 50}, [], {}),
        "nothing but the own scene is in the mix (balance mix --distil, --general)",
    ),
    "no scene named": (
        *("scene_to_general", {"original": 50}, [], {}),
        "the mix does not say which lines are of the own scene (balance mix --own, --general)",
    ),
    "few others": (
        *("scene_to_general", {"own": 125, "distil": 25, "scene_to_general": 5.0}),
        *([source("distil", 25, 25)], {}),
        "it is 5.00:1: only 25 lines of other scenes are there for 125 rows",
    ),
    "many new lines": (
        *(
            "scene_to_general",
            {"own": 125, "distil": 600, "new": 145, "scene_to_general": 0.45},
        ),
        *([source("distil", 600, 600)], {}),
        "it is 1:2.22: 145 new lines ask for 725 originals in 5:1 to 10:1",
    ),
    "an epoch of a size": (
        *("scene_to_general", {"own": 125, "distil": 475, "scene_to_general": 0.263}),
        *([source("distil", 600, 600)], {"epoch_lines": 600}),
        "it is 1:3.80: the mix was asked for 600 originals an epoch (--epoch-lines)",
    ),
    "below the floor": (
        *("floors", {"words_below_floor": 3, "characters_below_floor": 1}, [], {}),
        "3 words and 1 character stand below it in epoch-000.txt",
    ),
    "not looked after": ("floors", {}, [], {"even": False}, "balance mix --no-even looks after"),
    "drawn by chance": ("evened", {"new": 9}, [], {"even": False}, "new lines were drawn by"),
    "not nearer": (
        *("evened", {"new": 9, "divergence": 0.5}, [], {}),
        "new lines do not move the mix nearer: 0.500 nats",
    ),
}


@pytest.mark.parametrize("case", OUT)
def test_a_broken_rule_says_because_of_what(plan: TrainPlan, tmp_path: Path, case: str) -> None:
    code, epoch, sources, asked, why = OUT[case]
    found = row(plan, mix_of(tmp_path, epoch, sources, **asked), code)
    assert found.state == "broken"
    assert found.why.startswith(why)
    assert rule_line(found).startswith(f"{found.rule}: broken ({why}")


def test_general_lines_beside_originals_are_one_to_one_without_own_lines_too(
    plan: TrainPlan, tmp_path: Path
) -> None:
    held = {"original": 100, "general": 100, "scene_to_general": 1.0}
    found = row(plan, mix_of(tmp_path, held), "scene_to_general")
    assert found.kept
    assert found.why == "1.00:1, originals and new to general lines"
    held["scene_to_general"] = 3.0
    found = row(plan, mix_of(tmp_path, held), "scene_to_general")
    assert not found.kept
    assert found.why == (
        "originals and new lines stand 3.00:1 to general ones, as was asked of the mix"
    )


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("original_to_new", "no new line is in the mix"),
        ("evened", "no new line is in the mix that could even them"),
        ("unconfirmed", "no line is distilled"),
    ],
)
def test_a_rule_of_what_the_mix_does_not_have_is_not_applicable(
    plan: TrainPlan, tmp_path: Path, code: str, why: str
) -> None:
    found = row(plan, mix_of(tmp_path, {"own": 50}), code)
    assert (found.state, found.kept) == ("not applicable", False)
    assert rule_line(found) == f"{found.rule}: not applicable ({why})"


@pytest.mark.parametrize(("lines", "state"), [(192, "broken"), (5000, "broken"), (5001, "kept")])
def test_a_changed_dictionary_needs_more_lines(
    plan: TrainPlan, tmp_path: Path, lines: int, state: str
) -> None:
    changed = plan.model_copy(update={"rows": RowPlan(dictionary="/d.txt")})
    mix = mix_of(tmp_path, {}, [source("own", lines)])
    found = row(changed, mix, "dictionary")
    assert found.state == state
    assert found.why == (
        f"it is changed, and {lines:,} real lines are there: that needs more than 5,000"
    )
    # Few lines for it are no silent matter: the plan warns.
    ruled = changed.model_copy(update={"rules": (found,), "stop": StopPlan()})
    warned = [one for one in traps_of(ruled, mix, [()]) if "dictionary" in one]
    assert len(warned) == (state == "broken")
    assert all(f"and {lines:,} real lines are there" in one for one in warned)


@pytest.mark.parametrize(
    ("changes", "state", "why"),
    [
        ({}, "kept", "25 characters; with GTC it would be 23"),
        (
            {"dropped": {"too_long": 3, "empty": 1}},
            "broken",
            "3 lines longer than 25 characters and 0 with fewer time steps than their labels need "
            "are left out",
        ),
        ({"dropped": {"ctc_infeasible": 2}}, "broken", "0 lines longer than 25 characters and 2 "),
        (
            {"max_length": 40},
            "broken",
            "labels of 40 characters are trained on, PaddleOCR's models",
        ),
    ],
)
def test_labels_beyond_the_effective_length_break_its_rule(
    plan: TrainPlan, tmp_path: Path, changes: dict[str, Any], state: str, why: str
) -> None:
    found = row(plan.model_copy(update=changes), mix_of(tmp_path, {}), "length")
    assert found.state == state
    assert found.why.startswith(why)


@pytest.mark.parametrize(
    ("batches", "warmup", "state"),
    [(10, 9, "kept"), (10, 0, "broken"), (800, 45, "kept"), (800, 44, "broken")],
)
def test_the_warm_up_is_held_against_the_guides_share_of_the_steps(
    plan: TrainPlan, tmp_path: Path, batches: int, warmup: int, state: str
) -> None:
    stage = plan.stages[0].model_copy(update={"warmup": warmup})
    lists = (ListPlan(name="epoch-000.txt", batches=batches),)
    changed = plan.model_copy(
        update={"stages": (stage,), "mix": plan.mix.model_copy(update={"lists": lists})}
    )
    found = row(changed, mix_of(tmp_path, {}), "warmup")
    assert found.state == state
    assert found.why.startswith(f"{warmup:,} of {9 * batches:,} steps")


@pytest.mark.parametrize(
    ("distilled", "kept"),
    [
        ("scene/crops/7.jpg\t", False),  # beside the lines that the run stops by
        ("own/8.jpg\t", False),  # beside own lines
        ("own/8.jpg\t8", True),  # somebody read it
        ("general/8.jpg\t", True),
    ],
)
def test_unlabelled_crops_of_the_own_scene_are_told_by_their_folder(
    plan: TrainPlan, tmp_path: Path, distilled: str, kept: bool
) -> None:
    rows = [("w", "own/1.jpg\t1"), ("d", distilled)]
    mix = mix_of(tmp_path, {}, [source("own", 1), source("distil", 1)], rows)
    found = row(plan, mix, "unconfirmed")
    assert found.kept == kept
    assert ("1 distilled line without a label lies among lines of the own" in found.why) != kept


def test_rates_are_the_guides_by_batch_and_the_heads_is_our_own(
    plan: TrainPlan, tmp_path: Path
) -> None:
    mix = mix_of(tmp_path, {})

    def rate(tunes: str, peak: float, batch: int) -> GuideRule:
        stage = StagePlan.model_validate(
            {"tunes": tunes, "epochs": 1, "rate": peak, "final": peak / 5}
        )
        step = StepPlan(batch=batch)
        return row(plan.model_copy(update={"stages": (stage,), "step": step}), mix, "rate")

    # The guide's table, and half the rate for half the lines.
    assert rate("whole", 1e-4, 128).kept
    assert rate("whole", 5e-5, 64).why == "the guide's is 5e-05 for 64 lines a step"
    found = rate("whole", 1e-4, 64)
    assert not found.kept
    assert found.why == "the guide's is 5e-05 for 64 lines a step, 0.0001 was asked for"
    found = rate("head", 5e-4, 32)
    assert found.kept
    assert found.why.endswith("takes 0.0005, 20 times that: our own rate, not the guide's")
    assert not rate("head", 5e-4, 64).kept


GUIDES = ("docs/guide.md", "docs/guide.ko.md")


@pytest.mark.parametrize("name", GUIDES)
def test_the_document_has_a_row_for_each_rule_as_the_plan_prints_it(
    plan: TrainPlan, tmp_path: Path, name: str
) -> None:
    rows = [row for one in sections(name) for row in one.rows() if len(row) == 3]
    codes = {one.code: one.rule for one in guide_rules(plan, mix_of(tmp_path, {}), 1e-3)}
    shown = {spans(code)[0]: rule for rule, code, _ in rows if spans(code)[:1] and rule}
    named = {code: re.sub(r" \([^)]*\)$", "", shown.get(code, "")) for code in codes}
    assert named == codes
    # Each has its part of the document, beside the table.
    assert all(read(name).count(f"`{code}`") >= 2 for code in codes)


@pytest.mark.parametrize("name", GUIDES)
def test_the_document_shows_rows_as_they_are_printed(
    plan: TrainPlan, tmp_path: Path, name: str
) -> None:
    counts = [source("own", 25), source("distil", 600)]
    listed = mix_of(tmp_path, {}, counts, [("w", "own/1.jpg\t1"), ("d", "general/1.jpg\t")])
    rules = [row(plan, listed, "real_lines")]
    epoch = {"own": 125, "distil": 155, "new": 35, "ratio": 8.0, "scene_to_general": 1.12}
    mix = mix_of(tmp_path, epoch)
    rules += [row(plan, mix, code) for code in ("original_to_new", "scene_to_general")]
    (block,) = [block for block in blocks(name) if block.language == "text"]
    assert block.text == "".join(f"  guide       {rule_line(one)}\n" for one in rules)


@pytest.mark.parametrize("name", GUIDES)
def test_the_figures_of_the_document_are_those_of_the_code(name: str) -> None:
    text = read(name)
    pattern = r"^\| (\d+)\b.* \| ([\de.-]+) \| (\S+), (\S+) \| (\S+), (\S+) \|$"
    rows = re.findall(pattern, text, re.MULTILINE)
    assert [int(lines) for lines, *_ in rows] == [128, 64, StepPlan().batch]
    for lines, linear, *rates in rows:
        assert float(linear) == pytest.approx(1e-3 * int(lines) / 1024, rel=0.005)
        for base, first, last in ((1e-3, *rates[:2]), (V5_FROM_SCRATCH, *rates[2:])):
            assert float(first) == pytest.approx(guide_rate(base, int(lines)))
            assert float(last) == pytest.approx(FINAL_SHARE * float(first))
    assert f"{REAL_LINES:,}" in text and f"{HIGHEST}:1" in text and f"{LOWEST}:1" in text
    assert re.search(rf"\b{HEAD_RATE:g}(?: times|배)", text)
