from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textlines.wilson import paired
from train.judging.decision import GateDecision, decide
from train.judging.look_spending import Levels, alpha_of
from train.judging.paired_characters import CharacterPair
from train.judging.set_criteria import SetNumbers, Veto
from train.judging.significance import lines_for_gain, lines_for_margin
from train.judging.verdict import Criterion, VetoKind


def numbers(
    name: str,
    mended: int,
    broken: int,
    lines: int,
    *,
    is_target: bool = False,
    is_rendered: bool = False,
) -> SetNumbers:
    base = np.ones(lines, np.bool_)
    candidate = np.ones(lines, np.bool_)
    base[:mended] = False
    candidate[mended : mended + broken] = False
    return SetNumbers(name, is_target, base, candidate, is_rendered=is_rendered)


TARGET = numbers("t", 15, 2, 98, is_target=True)
GENERAL = numbers("g", 30, 30, 3000)


def judge(
    *general: SetNumbers, target: SetNumbers = TARGET, characters: tuple[CharacterPair, ...] = ()
) -> GateDecision:
    return decide([target, *(general or (GENERAL,))], characters)


def criterion(decision: GateDecision, key: str) -> Criterion:
    return next(one for one in decision.criteria if one.key == key)


def test_a_gain_without_harm_passes() -> None:
    decision = judge()
    assert decision.outcome == "passed"
    assert [one.status for one in decision.criteria] == [
        "passed",
        "passed",
        "passed",
        "passed",
        "not_judged",
        "not_judged",
        "not_judged",
    ]


@pytest.mark.parametrize(
    "mended, broken, status",
    [(15, 2, "passed"), (3, 2, "cannot_tell"), (0, 0, "cannot_tell"), (2, 15, "failed")],
)
def test_the_target(mended: int, broken: int, status: str) -> None:
    decision = judge(target=numbers("t", mended, broken, 98, is_target=True))
    assert criterion(decision, "target_gain").status == status


@pytest.mark.parametrize("lines", [1, 2, 3, 4, 5])
def test_a_handful_of_lines_that_are_all_mended_or_all_broken_prove_nothing(lines: int) -> None:
    for mended, broken in ((lines, 0), (0, lines)):
        target = numbers("t", mended, broken, lines, is_target=True)
        decision = judge(target=target)
        found = criterion(decision, "target_gain")
        assert found.status == "cannot_tell"
        assert decision.outcome == "cannot_tell"
        if lines < 4:
            assert "the interval holds 0" in found.told
        else:
            p = {4: "0.125", 5: "0.062"}[lines]
            assert f"{lines} changed lines are too few (p = {p})" in found.told
        if mended:
            assert found.more_lines == max(6 - lines, 1)
        else:
            assert found.more_lines is None


def test_six_lines_that_are_all_mended_are_a_gain() -> None:
    target = numbers("t", 6, 0, 6, is_target=True)
    assert criterion(judge(target=target), "target_gain").status == "passed"


@pytest.mark.parametrize("lines, status", [(380, "cannot_tell"), (381, "passed")])
def test_general_lines_without_a_flip_rule_out_what_so_many_can(lines: int, status: str) -> None:
    found = criterion(judge(numbers("g", 0, 0, lines)), "general_change")
    assert found.status == status
    if status == "cannot_tell":
        assert found.more_lines == 1
        assert "from −1.00 points to +1.00 points" in found.told


def test_few_lines_without_a_flip_say_how_many_more_would_do() -> None:
    found = criterion(judge(numbers("g", 0, 0, 30)), "general_change")
    assert found.more_lines == 351
    assert "about 351 more lines like these would decide" in found.told


def test_documents_without_a_flip_count_as_lines() -> None:
    """Ten documents say little of others, however many lines each has."""
    quiet = replace(numbers("g", 0, 0, 3000), groups=np.repeat(np.arange(10), 300))
    found = criterion(judge(quiet), "general_change")
    assert found.status == "cannot_tell"
    assert found.interval == pytest.approx(paired(0, 0, 10))
    assert criterion(judge(quiet), "general_sets").status == "cannot_tell"


def test_the_lines_that_would_prove_a_gain_are_told() -> None:
    some = criterion(judge(target=numbers("t", 6, 2, 98, is_target=True)), "target_gain")
    assert some.more_lines is not None and 200 < some.more_lines < 400
    assert f"about {some.more_lines:,} more lines" in some.told
    none = criterion(judge(target=numbers("t", 2, 2, 98, is_target=True)), "target_gain")
    assert none.more_lines is None
    assert "no gain is seen" in none.told


@pytest.mark.parametrize(
    "mended, broken, lines, status, words",
    [
        (30, 30, 3000, "passed", "a loss of more than 1.00 points is ruled out"),
        (0, 0, 3000, "passed", "ruled out"),
        (0, 0, 30, "cannot_tell", "too few lines: the truth may lie anywhere from −"),
        (5, 5, 300, "cannot_tell", "more lines"),
        (60, 10, 500, "passed", "ruled out"),  # wide, but the harm is ruled out
        (10, 40, 2000, "failed", "for sure, and it may be more than the 1.00 points"),
        (
            0,
            12,
            100,
            "failed",
            "for sure, more than the 1.00 points that may be lost",
        ),  # wide, and the harm is there
        (20, 30, 1500, "failed", "points where 1.00 points may be lost"),
    ],
)
def test_the_general_sets_together(
    mended: int, broken: int, lines: int, status: str, words: str
) -> None:
    found = criterion(judge(numbers("g", mended, broken, lines)), "general_change")
    assert (found.status, words in found.told) == (status, True), found.told


def test_one_set_that_got_worse_fails_among_many_that_did_not() -> None:
    good = [numbers(f"g{k}", 10, 10, 1000) for k in range(9)]
    decision = judge(numbers("bad", 5, 35, 1000), *good)
    assert criterion(decision, "general_change").status == "passed"
    assert criterion(decision, "general_sets").status == "failed"
    assert decision.outcome == "failed"
    assert (
        "bad: of 1,000 lines it now misreads 35 that the base reads right, and mends 5, "
        "−3.00 points; p < 0.0001: not by chance (after Holm)"
        in criterion(decision, "general_sets").told
    )
    assert decision.holm["bad"] == pytest.approx(10 * decision.p["bad"])


def test_a_set_may_lose_half_a_point_whatever_the_test_says() -> None:
    decision = judge(numbers("large", 0, 45, 10_000), GENERAL)
    assert decision.holm["large"] < 0.001
    assert criterion(decision, "general_sets").status == "passed"


def test_holm_spares_a_set_that_is_worse_by_chance() -> None:
    chance = numbers("g", 4, 13, 1000)
    assert criterion(judge(chance), "general_sets").status == "failed"
    many = judge(chance, *(numbers(f"g{k}", 5, 5, 1000) for k in range(9)))
    assert many.p["g"] < 0.05 < many.holm["g"]
    assert criterion(many, "general_sets").status == "passed"


def test_a_large_set_has_to_rule_out_three_points_by_itself() -> None:
    rest = [numbers(f"g{k}", 5, 5, 1000) for k in range(9)]
    open_loss = judge(numbers("bad", 40, 62, 1000), *rest)
    found = criterion(open_loss, "general_sets")
    assert open_loss.holm["bad"] > 0.05
    assert criterion(open_loss, "general_change").status == "passed"
    assert (found.status, open_loss.outcome) == ("cannot_tell", "cannot_tell")
    assert (
        "bad −2.20 points" in found.told
        and "a loss of 3 points or more is not ruled out" in found.told
    )
    assert found.more_lines is not None and f"about {found.more_lines:,} or more" in found.todo
    calm = judge(numbers("bad", 40, 40, 1000), *rest)
    assert criterion(calm, "general_sets").status == "passed"
    small = judge(numbers("bad", 36, 56, 900), *rest)
    assert criterion(small, "general_sets").status == "passed"


def test_a_well_read_character_that_falls_fails() -> None:
    fell = CharacterPair("7", 400, 396, 376, fell=20, rose=0)
    rest = tuple(CharacterPair(chr(97 + k), 100, 99, 99, 1, 1) for k in range(20))
    decision = judge(characters=(fell, *rest))
    found = criterion(decision, "characters")
    assert (found.status, decision.outcome) == ("failed", "failed")
    assert "7 from 0.990 to 0.940 (worse in 20 lines, better in 0" in found.told
    assert decision.character_p["7"][1] == pytest.approx(21 * decision.character_p["7"][0])


def test_what_was_not_read_well_or_is_rare_may_fall() -> None:
    weak = CharacterPair("1", 400, 300, 200, fell=100, rose=0)
    rare = CharacterPair("%", 29, 29, 0, fell=29, rose=0)
    risen = CharacterPair("9", 400, 390, 400, fell=0, rose=10)
    assert criterion(judge(characters=(weak, rare)), "characters").status == "not_judged"
    assert criterion(judge(characters=(weak, rare, risen)), "characters").status == "passed"


def test_spaces_are_judged_however_well_they_were_read() -> None:
    fell = CharacterPair(" ", 500, 300, 270, 30, 2, 10, 12)
    decision = judge(characters=(fell,))
    assert criterion(decision, "spaces").status == "failed"
    assert "inserted 10 to 12" in criterion(decision, "spaces").told
    assert criterion(decision, "characters").status == "not_judged"
    risen = CharacterPair(" ", 500, 300, 330, 2, 30, 10, 12)
    assert criterion(judge(characters=(risen,)), "spaces").status == "passed"
    few = CharacterPair(" ", 29, 29, 0, 29, 0)
    assert criterion(judge(characters=(few,)), "spaces").status == "not_judged"


def test_failed_goes_before_cannot_tell() -> None:
    decision = judge(numbers("g", 0, 90, 3000), target=numbers("t", 1, 1, 98, is_target=True))
    assert criterion(decision, "target_gain").status == "cannot_tell"
    assert decision.outcome == "failed"


def test_several_targets_are_judged_together() -> None:
    one = numbers("t1", 5, 1, 50, is_target=True)
    other = numbers("t2", 7, 1, 60, is_target=True)
    decision = decide([one, other, GENERAL], ())
    assert decision.target.lines == 110
    assert decision.target.value == pytest.approx(10 / 110)


def rendered(mended: int, broken: int, lines: int = 3000) -> SetNumbers:
    return numbers("guard", mended, broken, lines, is_rendered=True)


def test_rendered_general_lines_can_fail_a_candidate_and_cannot_pass_it() -> None:
    calm = judge(rendered(3, 3))
    found = criterion(calm, "general_change")
    assert (found.status, calm.outcome) == ("cannot_tell", "cannot_tell")
    assert "all of these lines are rendered" in found.told
    assert found.more_lines is not None and f"about {found.more_lines:,} (receipts" in found.todo
    assert criterion(judge(rendered(3, 90)), "general_change").status == "failed"
    # A few of them do not ask for a few more: only real ones would decide.
    few = criterion(judge(rendered(0, 0, 196)), "general_change")
    assert few.status == "cannot_tell" and few.todo.startswith("Name real labelled lines")


def test_rendered_lines_beside_real_ones_dilute_nothing_and_veto() -> None:
    real = numbers("real", 10, 10, 300)
    alone, beside = judge(real), judge(real, rendered(0, 0, 9000))
    assert criterion(beside, "general_change") == criterion(alone, "general_change")
    assert criterion(alone, "general_change").status == "cannot_tell"
    harm = judge(GENERAL, rendered(0, 60))
    assert criterion(harm, "general_change").status == "passed"
    assert (criterion(harm, "general_sets").status, harm.outcome) == ("failed", "failed")


def test_where_the_target_is_rendered_too_all_lines_count_alike() -> None:
    target = numbers("t", 15, 2, 98, is_target=True, is_rendered=True)
    demonstration = decide([target, rendered(3, 3)], ())
    assert demonstration.outcome == "passed"


def veto(kind: VetoKind, name: str, mended: int, broken: int, lines: int = 1000) -> Veto:
    return Veto(kind, "exact", numbers(name, mended, broken, lines))


@pytest.mark.parametrize("kind", ["strictest", "long_lines"])
def test_a_further_reading_fails_a_candidate_that_all_else_passes(kind: VetoKind) -> None:
    decision = decide([TARGET, GENERAL], (), vetoes=[veto(kind, "receipts", 2, 30)])
    found = criterion(decision, kind)
    assert (found.status, decision.outcome) == ("failed", "failed")
    assert "receipts under exact: of 1,000 lines it now misreads 30" in found.told
    assert "not by chance" in found.told and "--general-stop" in found.todo
    calm = decide([TARGET, GENERAL], (), vetoes=[veto(kind, "receipts", 9, 12)])
    assert (criterion(calm, kind).status, calm.outcome) == ("passed", "passed")


def test_further_readings_pass_nothing() -> None:
    vetoes = [veto("strictest", "g", 300, 0), veto("long_lines", "long lines", 300, 0)]
    decision = decide([TARGET, numbers("g", 5, 5, 300)], (), vetoes=vetoes)
    assert decision.outcome == "cannot_tell"


def test_holm_goes_over_all_further_readings() -> None:
    one = veto("strictest", "a", 4, 13)
    assert criterion(decide([TARGET, GENERAL], (), vetoes=[one]), "strictest").status == "failed"
    many = [one, *(veto("strictest", f"g{k}", 5, 5) for k in range(9))]
    assert criterion(decide([TARGET, GENERAL], (), vetoes=many), "strictest").status == "passed"


def test_what_was_lost_and_what_to_do_is_told_of_every_failure() -> None:
    vetoes = [veto("strictest", "a", 0, 40), veto("long_lines", "long lines", 0, 40)]
    worse = numbers("t", 2, 15, 98, is_target=True)
    decision = decide([worse, numbers("g", 0, 90, 3000)], (), vetoes=vetoes)
    failed = [one for one in decision.criteria if one.status == "failed"]
    assert len(failed) == 5
    for one in failed:
        assert "it now misreads" in one.told and one.todo, one


flips = st.tuples(st.integers(0, 40), st.integers(0, 40))


@settings(deadline=None, max_examples=60)
@given(
    flips,
    flips,
    st.integers(80, 400),
    st.sampled_from([200, 900, 1500, 4000]),
    st.integers(1, 12),
    st.booleans(),
)
def test_a_look_that_is_paid_for_passes_less_and_fails_the_same(
    of_target: tuple[int, int],
    of_general: tuple[int, int],
    target_lines: int,
    general_lines: int,
    look: int,
    is_rendered: bool,
) -> None:
    sets = [
        numbers("t", *of_target, target_lines, is_target=True),
        numbers("g", *of_general, general_lines, is_rendered=is_rendered),
    ]
    alpha = alpha_of(look, None)
    free, paid = decide(sets, ()), decide(sets, (), levels=Levels(alpha, alpha))
    for one, other in zip(free.criteria, paid.criteria, strict=True):
        allowed = {"passed": {"passed", "cannot_tell"}}.get(one.status, {one.status})
        assert other.status in allowed, (one, other)
        if one.interval and other.interval:
            assert other.interval[0] <= one.interval[0] <= one.interval[1] <= other.interval[1]
    assert free.target.interval == paid.target.interval
    once = decide(sets, (), levels=Levels(0.05, 0.05))
    assert [one.status for one in once.criteria] == [one.status for one in free.criteria]


def test_a_gain_that_one_look_would_have_passed_is_told_so_with_the_lines_that_decide() -> None:
    target = numbers("t", 12, 3, 98, is_target=True)
    assert criterion(judge(target=target), "target_gain").status == "passed"
    alpha = 0.05 / 4
    paid = decide([target, GENERAL], (), levels=Levels(alpha, alpha))
    found = criterion(paid, "target_gain")
    assert (found.status, found.level) == ("cannot_tell", round(1 - alpha, 6))
    assert "(98.7 %: −" in found.told and "the interval holds 0; a single look" in found.told
    wanted = lines_for_gain(9 / 98, 15 / 98, design=paid.target.design, alpha=alpha)
    assert wanted is not None and found.more_lines == wanted - 98
    assert wanted > (lines_for_gain(9 / 98, 15 / 98, design=paid.target.design) or 0)


def test_six_changed_lines_are_too_few_at_a_wider_interval() -> None:
    target = numbers("t", 6, 0, 30, is_target=True)
    assert criterion(judge(target=target), "target_gain").status == "passed"
    paid = decide([target, GENERAL], (), levels=Levels(0.05 / 2, 0.05 / 2))
    found = criterion(paid, "target_gain")
    assert found.status == "cannot_tell" and found.interval is not None
    seven = numbers("t", 7, 0, 30, is_target=True)
    more = decide([seven, GENERAL], (), levels=Levels(0.05 / 2, 0.05 / 2))
    assert criterion(more, "target_gain").status == "passed"


def test_a_loss_that_one_look_would_have_ruled_out_cannot_be_told_by_one_of_several() -> None:
    general = numbers("g", 12, 15, 1500)
    assert criterion(judge(general), "general_change").status == "passed"
    alpha = 0.05 / 10
    paid = decide([TARGET, general], (), levels=Levels(alpha, alpha))
    found = criterion(paid, "general_change")
    assert found.status == "cannot_tell" and "a single look at these lines" in found.told
    wanted = lines_for_margin(0.01, 27 / 1500, design=paid.general.design, alpha=alpha)
    assert found.more_lines == wanted - 1500


def test_harm_is_shown_at_95_per_cent_in_every_look() -> None:
    worse = numbers("t", 2, 12, 98, is_target=True)
    general = numbers("g", 5, 40, 3000)
    paid = decide([worse, general], (), levels=Levels(0.001, 0.001))
    for key in ("target_gain", "general_change"):
        found = criterion(paid, key)
        assert (found.status, found.level) == ("failed", 0.95) and "(95 %: " in found.told
        assert found.interval == criterion(decide([worse, general], ()), key).interval


def test_a_large_set_has_to_rule_its_loss_out_at_the_level_of_the_look() -> None:
    sets = [TARGET, numbers("g", 20, 32, 1000), numbers("h", 40, 20, 6000)]
    assert criterion(decide(sets, ()), "general_sets").status == "passed"
    paid = criterion(decide(sets, (), levels=Levels(0.0005, 0.0005)), "general_sets")
    assert paid.status == "cannot_tell" and "(99.95 %: " in paid.told
