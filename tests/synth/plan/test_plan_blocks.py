import hashlib
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synth.plan.bounds import Limits, LineShape
from synth.plan.plan_blocks import BLOCK, PlanBlock, block_size, share_of
from synth.plan.request import Pair, TargetPlan
from synth.plan.serving import Plan
from textlines.errors import InputError
from textlines.formats.manifest import SHARD

GOLDEN = {
    "plain": "a5097c7d9d518c13f73b53db0a37e12acba81f718128a824f823a2d130491f24",
    "chars": "9eb407cf5da490f08c1a0307c2feff90b11dcb49f07b0c1a58dedeea052347fa",
    "like": "4dfc7a58dccbd7b7c890a8664b5c638336d0d2f2fd949a68b6e3dc2a099df651",
    "list": "54e3f2f295d550f3ec08dd85d5355211cd004a33bdab20afc431fb86ccaa609f",
    "profile": "ae1cac82a5db16ca6f3e5dda7f0e8812d9abcd4bf316bf5c98f78dedbd65ad6a",
}
"""sha256 of the rows of plans as they were before there were blocks."""


def asked_for(cases, name):
    every = cases.corpus(cases.ENGLISH, cases.KOREAN, cases.CODES)
    if name == "plain":
        return {"corpus": every, "count": 700}
    if name == "chars":
        corpus = cases.corpus(cases.ENGLISH, cases.KOREAN, cases.CODES, cases.METERS)
        return {"corpus": corpus, "chars": tuple("0O1lI값갑"), "count": 900, "seed": 4}
    if name == "like":
        like = LineShape.of(["a b", "12.50", "maple"])
        return {"corpus": cases.corpus(cases.ENGLISH, cases.METERS), "like": like, "count": 300}
    if name == "list":
        return {"texts": ("1.20", "값", "3.40"), "count": 50}
    profile = cases.profile(
        [cases.row("0", 90, 60, 20, {"O": 20, "D": 5}, deletions=3), cases.row("7", 50, 40, 6)]
    )
    profile = profile.model_copy(
        update={"ranked": (profile.ranked[0], cases.row("7", 50, 40, 6, {"1": 9}))}
    )
    corpus = cases.corpus(cases.ENGLISH, cases.CODES, cases.METERS)
    return {"corpus": corpus, "profile": profile, "count": 400, "seed": 2}


def in_blocks(cases, size, numbers=None, faces=None, **asked):
    """Plan blocks of a run, in any order; return their rows and reports by number."""
    request = cases.request(**asked)
    planned = {}
    for number in numbers or range(-(-request.rows // size)):
        block = PlanBlock.of(request.rows, size, number)
        plan = Plan(request, faces or cases.Faces(), block=block)
        planned[number] = list(plan), plan.report()
    return planned


def rows_of(planned):
    return [row for number in sorted(planned) for row in planned[number][0]]


@pytest.mark.parametrize("name", GOLDEN)
def test_a_run_of_one_block_is_planned_as_it_ever_was(cases, name):
    rows, _ = cases.planned(**asked_for(cases, name))
    content = "".join(row.to_json() + "\n" for row in rows)
    assert hashlib.sha256(content.encode()).hexdigest() == GOLDEN[name]
    (whole,) = in_blocks(cases, len(rows), **asked_for(cases, name)).values()
    assert whole[0] == rows


@given(rows=st.integers(1, 10**10))
def test_blocks_are_even_and_whole_shards(rows):
    size = block_size(rows)
    count = -(-rows // size)
    blocks = [PlanBlock.of(rows, size, number) for number in {0, 1 % count, count - 1}]
    assert all(0 < block.rows <= BLOCK and block.count == count for block in blocks)
    assert blocks[0].is_whole == (rows <= BLOCK) == (size == rows)
    assert count == 1 or size % SHARD == 0
    last = max(blocks, key=lambda block: block.number)
    assert last.first + last.rows == rows


@settings(max_examples=40)
@given(
    alone=st.dictionaries(st.sampled_from("abcdefgh"), st.integers(1, 40)),
    rounds=st.lists(st.integers(1, 30), max_size=3),
    filler=st.integers(0, 50),
    size=st.sampled_from([2, 4, 10, 20]),
    seed=st.integers(0, 99),
)
def test_shares_add_up_to_the_run_and_fill_their_blocks(alone, rounds, filler, size, seed):
    pairs = tuple(Pair(*"xyzwqp"[2 * k : 2 * k + 2], n) for k, n in enumerate(rounds))
    plan = TargetPlan(alone, pairs, filler)
    total = Counter()
    for number in range(-(-plan.rows // size)):
        block = PlanBlock.of(plan.rows, size, number)
        share = share_of(plan, block, seed)
        assert share.rows == block.rows
        assert share.filler >= 0 and all(n > 0 for n in share.alone.values())
        total.update({"": share.filler, **share.alone})
        total.update({pair.one: pair.rounds for pair in share.pairs})
    assert total == Counter({"": filler, **alone, **{pair.one: pair.rounds for pair in pairs}})


def test_a_share_of_a_billion_lines_is_like_the_whole():
    rows = 10**9
    alone = {chr(0xAC00 + k): 1_000 * (k + 1) for k in range(200)}
    plan = TargetPlan(alone, (Pair("0", "O", 10**8),), 0)
    plan = TargetPlan(alone, plan.pairs, rows - plan.rows)
    share = share_of(plan, PlanBlock.of(rows, 200_000, 2_500), seed=1)
    assert share.rows == 200_000
    assert share.pairs[0].rounds == pytest.approx(20_000, abs=100)
    for char, lines in alone.items():
        assert abs(share.alone.get(char, 0) - lines / 5_000) <= 2


@settings(max_examples=12)
@given(
    chars=st.lists(st.sampled_from("0123OIlSB값갑각abz."), max_size=6, unique=True),
    blocks=st.integers(2, 6),
    cap=st.integers(1, 9),
    seed=st.integers(0, 99),
)
def test_counts_caps_and_exclusions_hold_over_all_blocks(cases, chars, blocks, cap, seed):
    size = 40
    count = blocks * size - 10
    excluded = frozenset({"harbor maple", "total due", *(f"{k / 100:.2f}" for k in range(9999))})
    asked = {
        "corpus": cases.corpus(cases.ENGLISH, cases.KOREAN, cases.CODES, cases.METERS),
        "chars": tuple(chars),
        "count": count,
        "repeat_cap": cap,
        "seed": seed,
        "limits": Limits(excluded=excluded),
    }
    planned = in_blocks(cases, size, **asked)
    rows = rows_of(planned)
    times = Counter(row.text for row in rows)
    assert max(times.values()) <= cap
    assert excluded.isdisjoint(times)
    wanted, whole = Counter(), Counter()
    for _, report in planned.values():
        wanted.update({one.char: one.wanted for one in report.targets})
    _, report = cases.planned(**asked)
    whole.update({one.char: one.wanted for one in report.targets})
    assert wanted == whole
    for number, (of_block, report) in planned.items():
        assert [row.index for row in of_block] == [*range(number * size, number * size + size)][
            : len(of_block)
        ]
        assert len(of_block) + sum(report.short.values()) == report.wanted
        served = Counter(char for row in of_block for char in row.targets)
        assert served == {one.char: one.served for one in report.targets if one.served}


@pytest.mark.parametrize("name", ["plain", "chars", "like", "list", "profile"])
def test_a_block_depends_on_no_other(cases, name):
    asked = asked_for(cases, name)
    size = 20 if name == "list" else 100
    every = in_blocks(cases, size, **asked)
    count = len(every)
    back = in_blocks(cases, size, numbers=[*range(count)][::-1], **asked)
    assert {k: rows for k, (rows, _) in back.items()} == {k: rows for k, (rows, _) in every.items()}
    alone = in_blocks(cases, size, numbers=[count - 1], **asked)
    assert alone[count - 1][0] == every[count - 1][0]
    assert len({tuple(row.text for row in rows) for rows, _ in every.values()}) > count // 2


def test_blocks_of_a_list_go_on_where_the_one_before_ends(cases):
    texts = tuple(f"{k}.50" for k in range(95))
    rows = rows_of(in_blocks(cases, 20, texts=texts))
    assert [row.text for row in rows] == list(texts)
    turned = rows_of(in_blocks(cases, 40, texts=texts[:30], count=100))
    assert [row.text for row in turned] == [*texts[:30] * 3, *texts[:10]]
    limits = Limits(max_length=5)
    planned = in_blocks(cases, 20, texts=(*texts, "123456"), limits=limits)
    short = [dict(report.short) for _, report in planned.values()]
    assert short == [{}, {}, {}, {}, {"texts of the list left out": 1}]


def test_both_lines_of_a_round_stand_in_one_block(cases):
    planned = in_blocks(
        cases, 100, corpus=cases.corpus(cases.CODES), chars=("0", "O"), count=1000, repeat_cap=1
    )
    pairs = [report.pairs[0] for _, report in planned.values()]
    assert sum(pair.same_context for pair in pairs) == 350
    assert sum(pair.own_context for pair in pairs) == 0


def test_a_block_without_room_is_empty_and_a_run_without_texts_an_error(cases):
    few = cases.corpus(cases.lines("one", "two"))
    planned = in_blocks(cases, 10, corpus=few, count=100, repeat_cap=1)
    rows = rows_of(planned)
    assert sorted(row.text for row in rows) == ["one", "two"]
    assert sum(sum(report.short.values()) for _, report in planned.values()) == 98
    with pytest.raises(InputError, match="gives no line that may be planned"):
        in_blocks(cases, 10, corpus=few, count=100, limits=Limits(max_length=1))
