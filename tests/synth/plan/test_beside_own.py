"""Beside own lines the lines that a run draws go to what these lack."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synth.corpus.own_shapes import own_corpus
from synth.corpus.sources import Cutting
from synth.plan.beside_own import (
    FEW,
    MOST_EPOCHS,
    MOST_OFTEN,
    NO_LINES,
    Beside,
    describe_teaching,
    plan_beside,
    teaching,
)
from synth.plan.part_lines import MOST_OF_ONE, NeverSeen
from textlines.errors import UsageError
from textlines.formats.teaching import MOST_ROWS
from textlines.profile.support import Support

CHARS = "01234.-AB값갑 "
LINES = st.lists(st.text(alphabet=CHARS, min_size=1, max_size=8), min_size=1, max_size=60)
METERS = [f"{k * 37 % 900 + 22:d}.{k * 53 % 100:02d}" for k in range(400)]
WITHOUT_1 = [text for text in METERS if "1" not in text][:100]
HANGUL = ["갑판 위", "산과 들", "강가의 집", "갈대밭", "각자 부담", "간장 두 병"] * 10
PRICES = [*HANGUL, "값이 비싸다", "꽃값 계산"] * 3


def never(char):
    return None


def beside(own, like, enough=30):
    return Beside(Support.of(own), Support.of(like), "like", enough)


def planned(own, like, rows=1000, profile=None, refuse=never, enough=30):
    return plan_beside(beside(own, like, enough), profile, (), rows, 0.1, 0.5, refuse)


@settings(max_examples=80)
@given(own=LINES, like=LINES, rows=st.integers(1, 3000), enough=st.integers(1, 40))
def test_every_line_is_spoken_for_and_none_is_owed(own, like, rows, enough):
    plan = planned(own, like, rows, enough=enough)
    assert plan.rows == rows
    assert plan.filler >= 0
    assert all(count > 0 for count in plan.alone.values())
    assert plan == planned(own, like, rows, enough=enough)
    lacking = {c for c in Support.of(like).characters if Support.of(own).lacking(c, enough)}
    assert set(plan.hard) == lacking
    for char, why in plan.why.items():
        assert why == ("lacking" if char in lacking else "kept")


@settings(max_examples=80)
@given(own=LINES, like=LINES, rows=st.integers(1, 3000), char=st.sampled_from("012AB값갑"))
def test_more_own_lines_with_a_character_never_raise_what_is_drawn_for_it(own, like, rows, char):
    lines = [planned(own + [char] * more, like, rows).wanted().get(char, 0) for more in range(40)]
    assert lines == sorted(lines, reverse=True)


def test_lines_go_to_a_character_that_own_lines_lack(cases):
    plan = planned(WITHOUT_1, METERS)
    wanted = plan.wanted()
    assert plan.hard[0] == "1"
    assert wanted["1"] > 300
    own = Support.of(WITHOUT_1).characters
    taught = [char for char, n in own.items() if n >= 30]
    assert "0" in taught
    # What own lines hold in plenty shares the rest alone.
    assert sum(wanted.get(char, 0) for char in taught) <= 0.1 * 1000


def test_no_character_gets_more_than_epochs_can_show_anew():
    own = ["11", *(["1"] * 28), *(["0"] * 50)]
    plan = planned(own, ["01"] * 10, rows=5000)
    # One own line is wanting, which stands 120 / 79 times in an epoch.
    assert plan.wanted()["1"] == 2 * MOST_EPOCHS + 250
    assert plan.filler == 5000 - 2 * MOST_EPOCHS - 500


def test_what_production_hardly_uses_gets_few_lines_though_own_lines_lack_nothing_else():
    plan = planned([*["01"] * 60], [*["01"] * 299, "0 1"], rows=1200)
    assert plan.hard == (" ",)
    assert plan.wanted()[" "] == 1200 * MOST_OFTEN / 300
    assert plan.filler > 1000


def test_what_is_misread_and_lacking_gets_more_than_what_is_lacking_alone(cases):
    misread = cases.profile([cases.row("1", 100, 50, 40.0, {"7": 40}, 10)])
    plan = planned(["000"], ["1 2"] * 50, profile=misread)
    assert plan.why["1"] == "misread"
    assert plan.why["2"] == "lacking"
    assert plan.wanted()["1"] > 2 * plan.wanted()["2"]


def test_a_syllable_that_its_parts_prove_to_be_misread_counts_as_misread(cases):
    told_by_parts = cases.row("척", 2, 2, 0.4, proof="parts").model_copy(
        update={"pooled": (0.5, 0.8), "interval": (0.34, 1.0)}
    )
    plan = planned(["000"], ["척 낙"] * 50, profile=cases.profile([told_by_parts]))
    assert plan.why["척"] == "misread"
    assert plan.why["낙"] == "lacking"
    assert plan.wanted()["척"] > plan.wanted()["낙"]


def test_look_alikes_stand_in_pairs_where_own_lines_lack_both(cases):
    misread = cases.profile([cases.row("1", 100, 50, 40.0, {"7": 40, "2": 10})])
    plan = planned(["000", *["2"] * 40], ["1 7 2"] * 50, profile=misread)
    (pair,) = plan.pairs
    assert (pair.one, pair.other) == ("1", "7")
    assert 0 < pair.rounds <= min(plan.wanted()["1"], plan.wanted()["7"])


def test_a_syllable_of_parts_that_own_lines_teach_comes_after_one_of_new_parts():
    own = ["각갑", *["나 값"] * 30]
    plan = planned(own, ["낙", "훓"] * 20)
    assert plan.wanted()["훓"] > plan.wanted()["낙"] > 0


def test_only_what_cannot_be_drawn_is_lacking():
    def refuse(char):
        return "no face draws it" if char == "皖" else None

    with pytest.raises(UsageError) as found:
        planned(["1"] * 40, ["皖1"] * 9, refuse=refuse)
    assert "--own: lacks only characters that cannot be drawn ('皖': no face draws it)" in str(
        found.value
    )
    assert planned(["1"] * 40, ["皖12"] * 9, refuse=refuse).skipped == {"皖": "no face draws it"}
    # A misreading of production, once in fifty lines: told, and no reason to draw nothing.
    plan = planned(["1"] * 40, ["1"] * 49 + ["皖1"], refuse=refuse)
    assert plan.skipped == {"皖": "no face draws it"}
    assert plan.rows == 1000


def test_where_own_lines_lack_nothing_all_is_natural_but_the_rest():
    plan = planned(["0 1"] * 40, ["01"] * 9)
    assert plan.hard == ()
    assert plan.rows == 1000
    assert plan.filler == 900


@pytest.mark.parametrize(
    ("own", "like", "lacked", "plenty"),
    [
        (WITHOUT_1, METERS, "1", "0"),
        (HANGUL, PRICES, "값", "갈"),
    ],
)
def test_drawn_lines_hold_what_own_lines_lack_and_look_like_them(cases, own, like, lacked, plenty):
    side = beside(own, like, enough=10)
    corpus = own_corpus(own, like, side.production.characters, 10, Cutting())
    options = {"corpus": corpus, "beside": side, "looks_like_own": True, "filler": 0.1}
    rows, report = cases.planned(
        **options, stand_ins=cases.corpus(cases.patterns("ZZZ[0-9]", share=0.0)), count=400
    )
    assert len(rows) == 400
    held = sum(lacked in row.text for row in rows)
    asked = Counter(char for row in rows for char in row.targets)
    assert held >= 60
    assert asked[lacked] >= 3 * asked[plenty]
    assert not any("Z" in row.text for row in rows)
    for row in rows:
        assert row.why in (("lacking", "kept") if row.targets else ("",))
        assert set(row.text) <= set("".join(own + like))
    (line,) = (r for r in report.teaching.rows if r.kind == "character" and r.name == lacked)
    assert (line.own, line.drawn, line.asked) == (0, held, asked[lacked])
    assert line.needed > 0
    assert line.why == ""


def test_the_table_says_what_own_lines_teach_what_drawn_ones_do_and_what_nothing(cases):
    own, like = ["10", "01"] * 15, ["10"] * 5 + ["19", "皖1", "A 1"]
    side = beside(own, like)
    corpus = own_corpus(own, like, side.production.characters, 30, Cutting())
    _, report = cases.planned(
        cases.Faces("皖"), corpus=corpus, beside=side, looks_like_own=True, count=8
    )
    found = {row.name: row for row in report.teaching.rows if row.kind in ("character", "space")}
    assert set(found) == {"0", "1", "9", "A", " ", "皖"}
    assert found["皖"].why == "no face draws it (absent '皖': 3)"
    assert (found["1"].used, found["1"].own, found["1"].why) == (8, 30, "")
    assert found["9"].why in (FEW, NO_LINES)
    kinds = {row.kind for row in report.teaching.rows}
    assert kinds == {"character", "space", "pattern", "length"}
    told = list(describe_teaching(report.teaching))
    assert told[0].startswith("of 6 characters of production (like), 2 stand in 30 own lines or ")
    assert "nothing teaches" in told[0]
    assert told[2].split()[:5] == ["character", "皖", "1", "0", "0"]
    assert told[2].endswith("no face draws it (absent '皖': 3)")


def test_every_character_has_a_row_and_rare_patterns_are_counted():
    like = [chr(0xAC00 + k) + "-" * (k % 700) + "x" for k in range(900)]
    side = beside(["가-"] * 40, like)
    plan = planned(["가-"] * 40, like, rows=50)
    found = teaching(side, plan, Support.of(["각"]), {"각": 1}, {}, ())
    kinds = Counter(row.kind for row in found.rows)
    assert kinds["character"] == len(side.production.characters) == 902
    assert found.left_out == {}
    told = next(describe_teaching(found))
    assert "of 902 characters of production (like), 2 stand in 30 own lines" in told
    assert told.endswith("drawn lines teach 1 more, nothing teaches 899")
    whys = Counter(row.why for row in found.rows if row.kind == "character")
    assert whys[NO_LINES] >= 850
    shapes = ["".join("1-"[k >> bit & 1] for bit in range(10)) for k in range(1000)]
    side = beside(["가-"] * 40, shapes)
    found = teaching(side, planned(["가-"], shapes), Support(), {}, {}, ())
    assert Counter(row.kind for row in found.rows)["pattern"] == MOST_ROWS
    assert found.left_out == {"pattern": len(side.production.patterns) - MOST_ROWS}


def test_without_own_lines_a_report_has_no_table(cases):
    rows, report = cases.planned(corpus=cases.corpus(cases.METERS), chars=("1",), count=20)
    assert report.teaching is None
    assert {row.why for row in rows} == {""}


def test_what_nothing_showed_gets_its_share_of_the_run():
    never_saw = NeverSeen(0.2, {"값": 1.0, "닭": 1.0})
    args = (beside(["가"] * 3, ["가나"] * 40), None, (), 200, 0.3, 0.5, never)
    before, plan = plan_beside(*args), plan_beside(*args, never_saw)
    assert plan.rows == before.rows == 200
    assert plan.alone["값"] == plan.alone["닭"] == MOST_OF_ONE
    assert plan.why["값"] == "lacking"
    assert plan.natural == {"값", "닭"}
    assert plan.hard == before.hard
    assert plan.alone["나"] < before.alone["나"]
    many = NeverSeen(0.9, {chr(0xAC00 + k): 1.0 for k in range(1, 301)})
    plan = plan_beside(*args, many)
    assert sum(plan.alone.get(char, 0) for char in plan.natural) == 66


SYLLABLES = [chr(0xAC00 + 28 * k) for k in range(300)]
LANGUAGE = ["".join(SYLLABLES[k : k + 4]) for k in range(0, 300, 2)]


@settings(max_examples=40)
@given(count=st.integers(0, 150), more=st.integers(0, 60))
def test_own_lines_leave_less_to_natural_texts_the_more_they_hold(count, more):
    fewer = beside(["1", *LANGUAGE[:count]], LANGUAGE).natural_share
    after = beside(["1", *LANGUAGE[:count], *LANGUAGE[:more] * 30], LANGUAGE).natural_share
    assert 0 <= after <= fewer <= 1


@pytest.mark.parametrize(
    ("like", "languages"),
    [
        (METERS, ()),
        (["12가 3456", "34나 7890"] * 50, ()),
        ([f"苏{chr(0x4E00 + k)}·12345" for k in range(31)], ()),
        (LANGUAGE, ("ko",)),
        (["".join(map(chr, range(0x4E00 + k, 0x4E04 + k))) for k in range(0, 200, 4)], ("zh",)),
    ],
)
def test_natural_texts_are_for_scripts_of_thousands_alone(like, languages):
    side = beside(like[:2], like)
    assert side.languages == languages
    assert bool(side.natural_share) == bool(languages)


@pytest.mark.parametrize(("like", "edited"), [(HANGUL, True), ([*HANGUL, *LANGUAGE], False)])
def test_a_syllable_of_language_is_looked_for_in_texts_before_one_is_edited(cases, like, edited):
    own = ["산 과", "강 가"] * 10
    side = beside(own, [*like, "텃"])
    corpus = own_corpus(own, (), side.production.characters, 30, Cutting())
    spare = cases.lines("텃 Q", name="spare", share=0.0, sha="s")
    rows, _ = cases.planned(
        corpus=cases.corpus(*corpus.lines),
        stand_ins=cases.corpus(spare),
        beside=side,
        looks_like_own=True,
        filler=0.0,
        count=400,
    )
    sources = [row.source for row in rows if row.targets == ("텃",)]
    assert sources[0] == ("edit:own" if edited else "corpus:spare")
