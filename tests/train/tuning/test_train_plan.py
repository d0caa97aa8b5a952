"""A plan on disk."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from textlines.errors import InputError, UsageError
from train.tuning.plan_request import with_values
from train.tuning.train_plan import (
    PLAN,
    BaseModelPlan,
    ListPlan,
    MixPlan,
    RowPlan,
    StagePlan,
    StepPlan,
    StopPlan,
    TrainPlan,
    faults_of,
    plan_text,
    read_plan,
    write_plan,
)

TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), max_size=12)


def full_plan(**changed: object) -> TrainPlan:
    """Make a plan in which every part holds something."""
    content = {
        "base": BaseModelPlan(
            path="/models/base 4", sha256="ab" * 32, name="x", family="svtr_lcnet_v4", classes=13
        ),
        "mix": MixPlan(
            path="/data/mixed",
            sha256="cd" * 32,
            lists=(
                ListPlan(name="epoch-000.txt", lines=40, distilled=20),
                ListPlan(name='a "quoted" one.txt', lines=1),
            ),
        ),
        "stop": StopPlan(target=("/a/값.txt:exact",), general=("/b.txt:alnum",)),
        "stages": (
            StagePlan(tunes="head", epochs=3, rate=5e-4, final=1e-4, warmup=50),
            StagePlan(tunes="whole", epochs=1, rate=2.5e-5, final=5e-6),
        ),
        "rows": RowPlan(dictionary="/d.txt", use_space_char=False, rows=("₩=W", "==-")),
        "dropped": {"too_long": 3},
    }
    return TrainPlan.model_validate({**content, **changed})


def test_a_plan_comes_back_as_it_was(tmp_path: Path) -> None:
    plan = full_plan()
    write_plan(plan, tmp_path / PLAN)
    assert read_plan(tmp_path / PLAN) == plan


def named(name: str) -> ListPlan:
    return ListPlan(name=name)


@given(
    path=TEXT,
    names=st.lists(TEXT, min_size=1, max_size=3),
    rate=st.floats(0, 1, exclude_min=True),
    decay=st.floats(0, 1),
    seed=st.integers(-(2**62), 2**62),
    batch=st.integers(1, 10**6),
)
def test_any_value_comes_back(
    path: str,
    names: list[str],
    rate: float,
    decay: float,
    seed: int,
    batch: int,
) -> None:
    plan = full_plan(
        mix=full_plan().mix.model_copy(update={"path": path, "lists": tuple(map(named, names))}),
        stages=(StagePlan(tunes="whole", epochs=1, rate=rate, final=rate),),
        step=StepPlan(batch=batch, decay=decay),
        seed=seed,
    )
    assert TrainPlan.model_validate(tomllib.loads(plan_text(plan))) == plan


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("seed = 0", "seed = 0\nsede = 1", r"sede: Extra inputs are not permitted"),
        ("batch = 32", "batch = 0", r"step\.batch: .*greater than or equal to 1"),
        ("batch = 32", 'batch = "many"', r"step\.batch: .*valid integer"),
        ("bucket = 64", "bucket = 60", r"step: .*60, no multiple of 8"),
        ("rate = 0.0005", "rate = 2.0", r"stages\.0\.rate: .*less than or equal to 1"),
        ("0.2, 0.4", "0.2, 1.4", r"stop\.alphas\.2: .*less than or equal to 1"),
        ("alphas = [0.0, ", "alphas = [", r"lacks 0, the base model"),
        ("format = 2", "format = 1", r"format 1, not 2: it does not say which lines are new"),
        ("format = 2", "format = 3", r"is a plan of format 3, not 2"),
        ("format = 2", "", r"is a plan of format None, not 2"),
        ("seed = 0", "seed = " + "[" * 5000, r"is nested deeper than 64|is no TOML"),
        ("seed = 0", "seed = ", r"is no TOML"),
        ('path = "/models/base 4"', "", r"base\.path: Field required"),
    ],
)
def test_what_no_plan_holds_is_named(tmp_path: Path, old: str, new: str, message: str) -> None:
    text = plan_text(full_plan())
    assert old in text
    file = tmp_path / PLAN
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(InputError, match=message) as caught:
        read_plan(file)
    assert str(file) in str(caught.value)


def test_a_plan_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"plan\.toml"):
        read_plan(tmp_path / PLAN)


def test_changes_reach_every_kind_of_value() -> None:
    content = full_plan().model_dump()
    changes = [
        "step.batch=16",
        "stages.1.rate=1e-5",
        "stop.general=[]",
        "step.augment=none",
        "step.dropout=true",
        "base.path=/a=b",
        "seed = 7",
        "step.wavering=10",
    ]
    plan = TrainPlan.model_validate(with_values(content, changes))
    assert (plan.step.batch, plan.stages[1].rate, plan.stop.general) == (16, 1e-5, ())
    assert (plan.step.augment, plan.step.dropout) == ("none", True)
    assert (plan.base.path, plan.seed) == ("/a=b", 7)
    assert plan.step.wavering == "10"  # TOML's number, and yet text where text is asked for
    assert content == full_plan().model_dump()  # left as it was


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("step.batch", r"has no '='"),
        ("step.bach=1", r"names no value of a plan \('bach'\).*Known here: batch, devices"),
        ("stages.2.rate=1", r"names no value of a plan \('2'\).*Known here: 0\.\.1"),
        ("stages.x.rate=1", r"names no value of a plan \('x'\)"),
        ("=1", r"names no value of a plan \(''\)"),
        ("seed.x=1", r"names no value of a plan \('x'\)\. 0 is a value"),
        ("base.path.x=1", r"names no value of a plan \('x'\)"),
    ],
)
def test_changes_of_what_is_not_there_are_refused(change: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        with_values(full_plan().model_dump(), [change])


def test_faults_name_their_places() -> None:
    with pytest.raises(ValidationError) as caught:
        TrainPlan.model_validate(with_values(full_plan().model_dump(), ["keep=0", "seed=a"]))
    told = faults_of(caught.value)
    assert told.startswith("keep: ") and "; seed: " in told
