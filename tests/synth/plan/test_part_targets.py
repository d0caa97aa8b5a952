"""Runs for a profile of Hangul: weak parts, syllables never seen, and what is surely misread."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synth.plan.part_lines import MOST_OF_ONE, NeverSeen, may_be_planned, never_seen, part_lines
from synth.plan.plan_report import describe
from synth.plan.profile_targets import FEWEST, plan_profile
from synth.plan.request import TargetPlan
from textlines.labels.alphabet import Alphabet
from textlines.profile.jamo import common_syllables, parts, with_part
from textlines.profile.measure import measure
from textlines.profile.parts import Unseen
from textlines.profile.reading import Reading

CH = "차처초추츠치최찬참청책천총춘출층칠침칭촌"


def never(char):
    return None


def mined(pairs, alphabet=None):
    readings = [Reading(f"{n}.jpg", a, b) for n, (a, b) in enumerate(pairs)]
    return measure(readings, alphabet).profile


def korean(extra=()):
    """ㅊ is misread as ㅈ one time in three; 증 alone as 중; 0 now and then as O."""
    pairs = [("나라마바사아 2026", "나라마바사아 2026")] * 60
    for at, char in enumerate(CH):
        for k in range(4):
            wrong = (at + k) % 3 == 0
            pairs.append((char, with_part(char, "initial", "ㅈ") if wrong else char))
    pairs += [("증", "중")] * 9 + [("증", "증")] * 10 + [("흑", "흑")] * 30
    pairs += [("100", "10O")] * 8 + [("100", "100")] * 90 + [("척", "척"), ("낙", "낙")]
    return mined([*pairs, *extra])


def own_lines(plan: TargetPlan, char: str) -> int:
    return plan.alone.get(char, 0) + sum(p.rounds for p in plan.pairs if char in (p.one, p.other))


def test_lines_of_a_weak_part_are_spread_over_seen_and_unseen_syllables():
    plan = plan_profile(korean(), 2000, 0.3, 0.5, never, common_syllables())
    of_part = {char for char, part in plan.parts.items() if part.part == "ㅊ"}
    assert {"차", "척", *CH} <= of_part
    assert len(plan.unseen) >= 20
    assert plan.unseen <= of_part <= plan.weak
    assert all(parts(char)[0] == "ㅊ" for char in plan.unseen)
    assert plan.unseen.isdisjoint({row.char for row in korean().ranked})
    assert len({parts(char)[1] for char in plan.unseen}) >= 5


def test_each_unseen_syllable_stands_in_a_pair_that_differs_in_the_part_alone():
    plan = plan_profile(korean(), 2000, 0.3, 0.5, never, common_syllables())
    pairs = {(pair.one, pair.other) for pair in plan.pairs}
    for char in plan.unseen:
        assert (char, with_part(char, "initial", "ㅈ")) in pairs
    assert ("척", "적") in pairs


def test_what_is_surely_misread_gets_enough_lines_of_its_own():
    profile = korean()
    plan = plan_profile(profile, 2000, 0.3, 0.5, never, common_syllables())
    assert own_lines(plan, "증") >= FEWEST
    assert plan.rows == 2000
    # Of few lines none is taken from the others for it.
    few = plan_profile(profile, 50, 0.3, 0.5, never, common_syllables())
    assert few.rows == 50
    assert own_lines(few, "증") < FEWEST


def test_a_fault_of_one_syllable_draws_no_other_of_its_parts():
    plan = plan_profile(korean(), 2000, 0.3, 0.5, never, common_syllables())
    assert "흑" not in plan.hard
    assert {part.part for part in plan.parts.values()} == {"ㅊ"}


def test_without_a_dictionary_that_holds_them_no_unseen_syllable_is_planned():
    def refuse(char):
        return "the dictionary does not hold it" if char in "첩촉" else None

    held = may_be_planned(Alphabet(("척", "첩", "촉", "철", "적", "절", "0")))
    assert held == ("척", "첩", "촉", "철", "적", "절")
    plan = plan_profile(korean(), 2000, 0.3, 0.5, refuse, held)
    assert plan.unseen == {"철"}
    assert plan.rows == 2000


def test_of_all_syllables_those_of_the_standard_are_planned():
    every = tuple(chr(0xAC00 + k) for k in range(11172))
    assert may_be_planned(Alphabet(every)) == tuple(sorted(common_syllables()))


def test_a_profile_of_latin_and_digits_has_the_targets_it_had(cases):
    rows = [
        cases.row("0", 200, 100, 16.0, {"O": 100}),
        cases.row("5", 200, 150, 4.0, {"S": 50}),
        cases.row("Z", 3, 2, 0.1, {"2": 1}, proof=""),
    ]
    for syllables in ((), common_syllables()):
        plan = plan_profile(cases.profile(rows), 1000, 0.3, 0.5, never, syllables)
        assert plan.wanted() == {"0": 222, "O": 221, "5": 111, "S": 111, "2": 17, "Z": 18}
        assert not plan.parts
        assert not plan.unseen


def rare_ones(once: int, misread: int):
    """A profile in which so many syllables stand once, some of them misread as 가."""
    chars = [char for char in common_syllables()[3::7] if parts(char)[0] != "ㅊ"][:once]
    return korean([(char, "가" if at < misread else char) for at, char in enumerate(chars)])


def test_natural_lines_hold_what_the_profile_never_saw():
    profile = rare_ones(60, 20)
    never_saw = never_seen(profile, common_syllables(), {})
    before = plan_profile(profile, 2000, 0.3, 0.5, never, common_syllables())
    plan = plan_profile(profile, 2000, 0.3, 0.5, never, common_syllables(), never_saw)
    assert plan.rows == 2000
    assert 0 < plan.filler < before.filler
    assert plan.natural
    assert plan.natural.isdisjoint({row.char for row in profile.ranked})
    assert plan.natural.isdisjoint(plan.weak)
    # Natural text alone makes room: nothing that was planned before gets fewer lines.
    assert plan.pairs == before.pairs
    assert all(plan.alone[char] >= count for char, count in before.alone.items())
    assert before.filler - plan.filler == min(before.filler, round(2000 * never_saw.share))


def test_what_was_seen_once_tells_of_what_was_never_seen():
    shares = [
        never_seen(rare_ones(60, misread), common_syllables(), {}).share
        for misread in (0, 10, 20, 40)
    ]
    assert shares[0] < shares[1] < shares[2] < shares[3] < 1
    # Nothing of it can come, or all of it was read right: no line for it.
    assert never_seen(rare_ones(60, 20), (), {}) == NeverSeen()
    latin = mined([("A1", "A7"), ("B", "B"), ("未", "未")])
    assert never_seen(latin, (*common_syllables(), "木", "末"), {"木": 1}) == NeverSeen()


def test_syllables_of_common_parts_come_first():
    use = never_seen(rare_ones(60, 20), ("닥", "뷁", "둑"), {}).use
    assert use["닥"] > use["둑"] > use["뷁"] > 0


def test_two_scripts_part_natural_lines_by_what_each_promises():
    han = "一七三不世丘且丙並丹主久乏乘九也亂乳"
    pairs = [(char, "人" if at < 9 else char) for at, char in enumerate(han)]
    use = dict.fromkeys("木林森火水", 50)
    alphabet = (*common_syllables(), *"木林森火水")
    both = never_seen(mined([*pairs, ("값", "갑"), ("뷁", "뷁"), ("낙", "낚")]), alphabet, use)
    by_script = [sum(n for c, n in both.use.items() if (parts(c) is None) == k) for k in (1, 0)]
    assert by_script[0] > by_script[1] > 0


@given(rows=st.integers(0, 3000), most=st.integers(0, 900), share=st.floats(0, 1))
def test_never_more_natural_lines_than_there_are(rows, most, share):
    counts = NeverSeen(share, {"값": 2.0, "닭": 0.5}).lines(rows, most, 0.5, never)
    assert sum(counts.values()) == min(most, round(rows * share), 2 * MOST_OF_ONE)
    assert NeverSeen(share, {"값": 2.0}).lines(rows, most, 0.5, lambda char: "no face") == {}


@given(
    sizes=st.lists(st.integers(1, 12), min_size=1, max_size=4),
    counts=st.lists(st.integers(0, 60), min_size=4, max_size=4),
    refused=st.sets(st.sampled_from("차처초추자저조주")),
)
def test_every_line_of_a_part_is_given_out_or_none(sizes, counts, refused):
    part = korean().parts[0]
    groups, at = [], 0
    ours = [char for char in common_syllables() if parts(char)[0] == "ㅊ"]
    for size in sizes:
        groups.append(Unseen(part.model_copy(), tuple(ours[at : at + size]), 1.0))
        at += size
    counts = counts[: len(groups)]
    found = part_lines(groups, counts, lambda c: "no" if c in refused else None)
    given_out = sum(found.alone.values()) + 2 * sum(found.rounds.values())
    able = [any(char not in refused for char in group.syllables) for group in groups]
    assert given_out == sum(n for n, is_able in zip(counts, able, strict=True) if is_able)
    assert refused.isdisjoint(found.part)
    assert refused.isdisjoint(char for pair in found.rounds for char in pair)


def test_the_report_tells_what_share_of_the_lines_is_for_what_is_weak(cases):
    rows, report = cases.planned(
        corpus=cases.corpus(cases.KOREAN, cases.ENGLISH), profile=korean(), count=400
    )
    assert report.weak is not None
    weak = sum(not {"증", *CH}.isdisjoint(row.targets) for row in rows)
    assert weak <= report.weak <= len(rows)
    told = describe(report)
    assert told[1] == (
        f"{report.weak:,} of {report.planned:,} lines ({report.weak / report.planned:.1%}) are for "
        "characters or parts that are surely read right in less than 95 of 100 places"
    )
    (figures,) = report.parts
    assert (figures.place, figures.part, figures.read) == ("initial", "ㅊ", "ㅈ")
    assert figures.unseen > 0
    assert told[2] == (
        f"초성 ㅊ→ㅈ: {figures.lines:,} lines for {figures.syllables:,} syllables, "
        f"{figures.unseen:,} of them never seen"
    )
    served = {row.char: row for row in report.targets if row.role == "unseen"}
    assert sum(row.served > 0 for row in served.values()) == figures.unseen
    plain, none = cases.planned(corpus=cases.corpus(cases.METERS), chars=("1",), count=20)
    assert none.weak is None
    assert plain


@pytest.mark.parametrize("temper", [0.0, 1.0])
def test_all_lines_are_spoken_for_at_any_temper(temper):
    plan = plan_profile(korean(), 777, 0.3, temper, never, common_syllables())
    assert plan.rows == 777
    assert plan.filler >= 233


def test_what_is_read_well_gets_a_tenth_at_most_beside_weak_hangul():
    profile = korean([("567", "S67")] * 12 + [("567", "567")] * 900)
    plan = plan_profile(profile, 2000, 0.3, 0.5, never, common_syllables())
    strong = {row.char for row in profile.ranked if row.gain and row.upper >= 0.95}
    assert {"5", "0"} <= strong
    alone = sum(plan.alone.get(char, 0) for char in strong)
    paired = sum(2 * pair.rounds for pair in plan.pairs if pair.one in strong)
    assert 0.05 * 2000 < alone + paired <= 0.1 * 2000 + len(strong)
    # Without Hangul nothing is held back.
    digits = mined([("567 K", "S67 X")] * 12 + [("567", "567")] * 900)
    assert plan_profile(digits, 2000, 0.3, 0.5, never, common_syllables()).alone["5"] >= 0
    lines = plan_profile(digits, 2000, 0.3, 0.5, never, common_syllables()).wanted()
    gains = {row.char: row.gain for row in digits.ranked if row.gain}
    weights = {char: gain**0.5 for char, gain in gains.items()}
    assert lines["5"] == pytest.approx(700 * weights["5"] / sum(weights.values()), abs=1)
