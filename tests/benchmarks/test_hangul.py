"""The benchmark of plans for Hangul: its readers, its rule from before, and what it counts."""

import numpy as np
import pytest

from benchmarks import hangul
from synth.plan.request import Pair, TargetPlan
from textlines.formats.profile import CharacterRow
from textlines.profile.jamo import parts


def row(char: str, support: int, right: int, width: float, read: str) -> CharacterRow:
    recall = right / support
    return CharacterRow(
        char=char,
        support=support,
        right=right,
        recall=recall,
        interval=(recall, recall + width),
        gain=support * (1 - recall - width),
        confusions={read: support - right} if right < support else {},
        deletions=0,
    )


def test_a_reader_of_parts_misreads_all_syllables_of_a_part_alike() -> None:
    reader = hangul.make_reader("parts", np.random.default_rng(3))
    assert len(reader.chars) == len(reader.use) == len(reader.rate) == 2350 + 35
    assert reader.use.sum() == pytest.approx(1)
    for at, char in enumerate(reader.chars[:2350]):
        taken, other = parts(char), parts(reader.read[at])
        assert taken
        assert other
        differ = sum(a != b for a, b in zip(taken, other, strict=True))
        assert differ == (1 if reader.rate[at] else 0)


def test_a_reader_of_syllables_misreads_as_many_at_the_same_rates() -> None:
    one, other = (hangul.make_reader(world, np.random.default_rng(5)) for world in hangul.WORLDS)
    assert sorted(one.rate) == pytest.approx(sorted(other.rate))
    assert one.weak != other.weak


def test_a_profile_counts_what_the_reader_misread() -> None:
    rng = np.random.default_rng(7)
    reader = hangul.make_reader("parts", rng)
    profile = hangul.make_profile(reader, 3000, rng)
    for one in profile.ranked:
        assert one.right + sum(one.confusions.values()) == one.support
    wrong = sum(one.support - one.right for one in profile.ranked)
    expected = 21_000 * float((reader.use * (reader.rate + (1 - reader.rate) * reader.usual)).sum())
    assert wrong == pytest.approx(expected, rel=0.15)


def test_the_rule_from_before_gives_a_fifth_evenly_to_wide_intervals() -> None:
    profile = hangul.make_profile(
        hangul.make_reader("parts", np.random.default_rng(1)), 1000, np.random.default_rng(1)
    ).model_copy(
        update={
            "ranked": (
                row("0", 400, 300, 0.05, "O"),
                row("증", 19, 11, 0.4, "중"),
                row("록", 8, 4, 0.5, "륵"),
                row("가", 9, 9, 0.0, ""),
            )
        }
    )
    plan = hangul.plan_before(profile)
    assert plan.wanted() == {"0": 500, "O": 500, "증": 100, "중": 100, "록": 100, "륵": 100}
    assert plan.filler == 600


def test_lines_are_counted_with_their_partners_and_by_what_they_hold() -> None:
    plan = TargetPlan({"차": 3, "가": 5}, (Pair("차", "자", 4), Pair("나", "차", 2)), 10)
    assert hangul.lines_on(plan, frozenset("차")) == 3 + 2 * 4
    assert hangul.lines_holding(plan, frozenset("차")) == 3 + 4 + 2


def test_a_demand_that_is_missed_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    told, met = hangul.table(2, [1000])
    assert met
    assert len(told) == 3
    assert "MISSED" not in "".join(told)
    monkeypatch.setattr(hangul, "GAIN", 9.0)
    told, met = hangul.table(1, [1000])
    assert not met
    assert told[1].endswith("MISSED")
