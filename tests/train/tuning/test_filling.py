"""What epochs show of a line: its variants in turn."""

from hypothesis import given
from hypothesis import strategies as st

from train.tuning.cache import Row
from train.tuning.filling import row_of
from train.tuning.lines import TrainingLine
from train.tuning.plan_model import StepPlan


def line(ids: tuple[int, ...] = (1,), *, rendered: bool = False, copy: int = 0) -> TrainingLine:
    return TrainingLine("a.jpg", ids, 320, is_new=rendered, is_rendered=rendered, copy=copy)


@given(epoch=st.integers(0, 99), versions=st.integers(1, 5), labelled=st.integers(1, 8))
def test_epochs_show_each_variant_in_turn(epoch: int, versions: int, labelled: int) -> None:
    plan = StepPlan(versions=versions, labelled_versions=labelled)
    for one, count in ((line(()), versions), (line(), labelled)):
        shown = {row_of(one, epoch + at, plan).version for at in range(count)}
        assert shown == set(range(count))


@given(epoch=st.integers(0, 99))
def test_rendered_lines_and_plans_without_variants_show_the_crop_as_it_is(epoch: int) -> None:
    assert row_of(line(rendered=True), epoch, StepPlan()) == Row("a.jpg", 0)
    for one in (line(), line(())):
        assert row_of(one, epoch, StepPlan(augment="none")) == Row("a.jpg", 0)


def test_copies_of_a_line_in_one_epoch_are_other_variants() -> None:
    shown = [row_of(line(copy=at), 3, StepPlan(labelled_versions=4)) for at in range(4)]
    assert len(set(shown)) == 4


@given(epoch=st.integers(0, 99))
def test_the_ink_of_distilled_lines_stays(epoch: int) -> None:
    assert not row_of(line(()), epoch, StepPlan()).moves
    shown = row_of(line(), epoch, StepPlan())
    assert shown.moves == (shown.version > 0)
