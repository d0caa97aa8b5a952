import dataclasses
import math
import os
import re
import subprocess
import sys
import tracemalloc
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synth.corpus.character_classes import class_of, jamo_apart
from synth.plan.bounds import Limits, LineShape
from synth.plan.plan_report import describe
from synth.plan.serving import Plan
from synth.plan.targets import read_chars
from textlines.errors import InputError, UsageError
from textlines.labels.alphabet import Alphabet


def per_target(rows):
    return Counter(char for row in rows for char in row.targets)


def test_a_plain_plan_draws_lines_by_natural_frequency(cases):
    own = cases.lines(*["total due"] * 8, "paid", "change")
    rows, report = cases.planned(corpus=cases.corpus(own), count=500, repeat_cap=0)
    assert [row.index for row in rows] == list(range(500))
    assert report.planned == report.wanted == 500
    assert not report.targets and not report.short
    assert 360 < sum(row.text == "total due" for row in rows) < 440


@pytest.mark.parametrize("chars", ["", "0O1lI값갑"])
@pytest.mark.parametrize("cap", [1, 2, 3])
def test_no_text_stands_more_often_than_the_cap(cases, chars, cap):
    rows, report = cases.planned(
        corpus=cases.corpus(cases.ENGLISH, cases.KOREAN, cases.CODES),
        chars=read_chars(chars) if chars else (),
        count=900,
        repeat_cap=cap,
    )
    times = Counter(row.text for row in rows)
    assert max(times.values()) <= cap
    assert report.repeats == Counter(times.values())
    assert sum(texts * k for k, texts in report.repeats.items()) == report.planned == 900


@settings(max_examples=15)
@given(
    chars=st.lists(st.sampled_from("0123OIlSB값갑각감abz."), min_size=1, max_size=8, unique=True),
    count=st.integers(20, 300),
    seed=st.integers(0, 99),
)
def test_every_character_gets_as_many_lines_and_partners_stay_equal(cases, chars, count, seed):
    rows, report = cases.planned(
        corpus=cases.corpus(cases.ENGLISH, cases.KOREAN, cases.CODES, cases.METERS),
        chars=tuple(chars),
        count=count,
        seed=seed,
    )
    assert len(rows) == count
    lines = per_target(rows)
    assert max(lines[c] for c in chars) - min(lines[c] for c in chars) <= 1
    for row in rows:
        assert all(char in row.text for char in row.targets)
    for pair in report.pairs:
        assert pair.same_context + pair.own_context == pair.wanted


def test_partners_in_codes_stand_in_the_same_contexts(cases):
    rows, report = cases.planned(
        corpus=cases.corpus(cases.KOREAN, cases.CODES), chars=("0", "O"), count=100
    )
    (pair,) = report.pairs
    assert (pair.own_context, pair.same_context) == (0, 35)
    turned = str.maketrans("0O", "O0")
    firsts = [k for k, row in enumerate(rows) if row.targets]
    assert len(firsts) == 70
    for k in firsts[::2]:
        one, other = rows[k].text, rows[k + 1].text
        apart = [(a, b) for a, b in zip(one, other, strict=True) if a != b]
        assert {frozenset(pair) for pair in apart} == {frozenset("0O")}
        # Everywhere, or in one place of a text that the codes have with either.
        assert one.translate(turned) == other or len(apart) == 1
        assert rows[k].face == rows[k + 1].face


def test_partners_in_words_stand_each_in_a_text_that_holds_it(cases):
    rows, report = cases.planned(
        corpus=cases.corpus(cases.KOREAN), chars=("값", "갑"), count=14, filler=0.0
    )
    (pair,) = report.pairs
    assert (pair.same_context, pair.own_context) == (0, pair.wanted)
    truly = [row for row in rows if row.source == "corpus:korean"]
    # Words out of lines too: as often as the cap lets what holds them stand, and only then an edit.
    assert all(any(row.text in text for text in cases.KOREAN.texts) for row in truly)
    assert Counter(row.text for row in truly if row.targets == ("갑",)) == {"갑판 위": 3, "갑판": 3}
    edited = [row for row in rows if row.source == "edit:korean"]
    assert report.edited == len(edited)
    assert {row.targets for row in edited} == {("갑",)}
    for row in edited:
        near = [t for t in cases.KOREAN.texts if len(t) == len(row.text)]
        apart = min(sum(a != b for a, b in zip(t, row.text, strict=True)) for t in near)
        assert apart == 1, row.text


def test_signs_are_not_exchanged_in_numbers(cases):
    prices = cases.patterns("₩<number 1000..99000 step 100 group ,>", "[1-9].[0-9]{2}%")
    rows, report = cases.planned(corpus=cases.corpus(prices), chars=(".", ","), count=60)
    (pair,) = report.pairs
    assert (pair.same_context, report.edited) == (0, 0)
    assert all(re.fullmatch(r"₩\d{1,2},\d{3}|\d\.\d\d%", row.text) for row in rows)


def test_what_a_source_has_with_either_partner_is_planned_with_both(cases):
    plates = cases.patterns("[0-9]{2}[가거]  ?[0-9]{4}", name="plates")
    rows, report = cases.planned(corpus=cases.corpus(plates), chars=("가", "거"), count=40)
    (pair,) = report.pairs
    assert pair.same_context == pair.wanted
    assert {row.source for row in rows} == {"pattern:plates"}
    assert report.edited == 0


def test_no_line_is_edited_where_another_holds_the_character(cases):
    own = cases.lines("위원장 인사", "원장님", "부원장실", sha="own")
    spare = cases.lines("공연 표 두 장", "표창장", name="spare", share=0.0, sha="s")
    rows, report = cases.planned(
        corpus=cases.corpus(own), stand_ins=cases.corpus(spare), chars=("표",), count=20
    )
    held = [row for row in rows if row.targets]
    assert [row.source for row in held[:6]] == ["corpus:spare"] * 6
    # When the cap has used these up, one character of a line is replaced and no other.
    for row in held[6:]:
        assert row.source.startswith("edit:") and row.text.count("표") >= 1
    assert report.edited == sum(row.source.startswith("edit:") for row in rows)


@pytest.mark.parametrize("kind", ["plates", "words"])
def test_own_shapes_take_a_character_only_where_no_word_breaks(cases, kind):
    own = {
        "plates": cases.lines("12가 3456", "34나 7890", "56다 1234", sha="own"),
        "words": cases.lines("위원장 인사", "원장님", "부원장실", sha="own"),
    }[kind]
    spare = cases.lines("허허벌판", name="spare", share=0.0, sha="s")
    rows, _ = cases.planned(
        corpus=cases.corpus(own),
        stand_ins=cases.corpus(spare),
        chars=("허",),
        count=4,
        filler=0.0,
        looks_like_own=True,
    )
    first = rows[0]
    assert first.source == {"plates": "edit:own", "words": "corpus:spare"}[kind]


def test_digits_and_letters_change_places_in_codes_only(cases):
    rows, _ = cases.planned(
        corpus=cases.corpus(cases.ENGLISH, cases.CODES), chars=("0", "O"), count=120
    )
    for row in rows:
        if row.targets == ("O",) and row.source.endswith(":codes"):
            assert any(map(str.isdigit, row.text))
    # What the codes might as well have yielded is told as theirs.
    assert any(row.targets == ("O",) and row.source == "pattern:codes" for row in rows)


def test_the_order_of_carriers_is_lines_patterns_edits(cases):
    spare = cases.patterns("[7-9]{3}Q", name="spare", share=0.0, sha="s")
    own = cases.lines("abc Q", "abc x", "DEF 12", sha="own")
    rows, _ = cases.planned(
        corpus=cases.corpus(own),
        stand_ins=cases.corpus(spare),
        chars=("Q",),
        count=30,
        filler=0.0,
    )
    found = [row.source for row in rows if row.targets]
    assert found[:3] == ["corpus:own"] * 3
    assert set(found[3:]) == {"pattern:spare"}

    rows, report = cases.planned(corpus=cases.corpus(own), chars=("Q",), count=30, filler=0.0)
    assert [row.text for row in rows[:3]] == ["abc Q"] * 3
    edited = [row for row in rows[3:] if row.targets]
    assert {row.source for row in edited} == {"edit:own"}
    assert {row.text for row in edited} == {"QEF 12", "DQF 12", "DEQ 12"}
    assert report.targets[0].served == 12
    assert report.targets[0].reasons == {"over the repeat cap": 18}


def test_a_replaced_character_is_one_of_its_class_and_shares_jamo(cases):
    rows, _ = cases.planned(corpus=cases.corpus(cases.KOREAN), chars=("갋",), count=20, filler=0.0)
    originals, replaced = cases.KOREAN.texts, []
    for row in rows:
        assert row.source == "edit:korean"
        at = row.text.index("갋")
        before, after = row.text[:at], row.text[at + 1 :]
        (like,) = {t for t in originals if (t[:at], t[at + 1 :]) == (before, after)}
        replaced.append(jamo_apart("갋", like[at]))
        assert class_of(like[at]) == "Hangul"
    assert sum(apart == 1 for apart in replaced) > len(replaced) / 2


@pytest.mark.parametrize("like", [None, ("abcdef", "ab cd", "abcd", "a b c d e f")])
def test_lines_for_spaces_hold_several_words(cases, like):
    words = cases.lines("harbor", "maple", "harbor maple", "of the orchid", "a b", "x", name="w")
    given = cases.profile([cases.row("a", 200, 180, 8.0, deletions=20)], spaces=(60, 40, 0))
    rows, report = cases.planned(
        corpus=cases.corpus(words, cases.ENGLISH),
        profile=given,
        count=200,
        like=LineShape.of(like) if like else None,
    )
    wanted = [row for row in rows if row.targets == (" ",)]
    assert len(wanted) > 40
    assert all(" " in row.text.strip() for row in wanted)
    served = {row.char: row for row in report.targets}[" "]
    assert served.served == served.wanted == len(wanted)
    assert any(line.startswith("space hard: ") for line in describe(report))


def test_a_space_is_never_set_into_a_word(cases):
    given = cases.profile([cases.row("a", 200, 180, 8.0, deletions=20)], spaces=(60, 40, 0))
    rows, report = cases.planned(
        corpus=cases.corpus(cases.lines(*cases.WORDS, *"abcdefgh")), profile=given, count=40
    )
    assert not any(" " in row.text for row in rows)
    assert " " in report.skipped


def test_what_cannot_be_served_is_told_with_its_reason(cases):
    alphabet = Alphabet(tuple("abcdefghijklmnopqrstuvwxyz0123456789É가"))
    faces = cases.Faces(refused="9")
    rows, report = cases.planned(
        faces,
        corpus=cases.corpus(cases.ENGLISH),
        chars=("1", "9", "É", "Ж", "가"),
        count=60,
        limits=Limits(alphabet),
    )
    assert len(rows) == 60
    assert report.skipped == {
        "9": "no face draws it (absent '9': 3)",
        "É": "no text holds it, and none holds a character of its class",
        "Ж": "the dictionary does not hold it",
        "가": "no text holds it, and none holds a character of its class",
    }
    assert report.no_face["9"] == {"absent '9'": 3}
    assert all("9" not in row.text for row in rows)


def test_nothing_to_serve_is_an_error(cases):
    with pytest.raises(UsageError, match=r"names no character that can be served.*Ж: no text"):
        Plan(
            cases.request(corpus=cases.corpus(cases.METERS), chars=("Ж",), count=10), cases.Faces()
        )
    with pytest.raises(InputError, match="no face for"):
        cases.planned(cases.Faces(refused="."), corpus=cases.corpus(cases.METERS), count=10)


def test_texts_of_judging_sets_never_appear_and_are_counted(cases):
    out = frozenset(cases.ENGLISH.texts[:200]) | {"12.50", "7.77"}
    rows, report = cases.planned(
        corpus=cases.corpus(cases.ENGLISH, cases.METERS),
        chars=("1", "7"),
        count=600,
        limits=Limits(excluded=out),
    )
    assert not out & {row.text for row in rows}
    assert report.texts["excluded"] >= 200


@settings(max_examples=10)
@given(longest=st.integers(6, 12), seed=st.integers(0, 9))
def test_every_text_is_one_that_the_model_can_be_trained_on(cases, longest, seed):
    alphabet = Alphabet(tuple("abcdeghilmnoprstu0123456789."))
    limits = Limits(alphabet, longest)
    rows, report = cases.planned(
        corpus=cases.corpus(cases.ENGLISH, cases.METERS, cases.CODES),
        chars=("1", "a"),
        count=80,
        seed=seed,
        limits=limits,
    )
    assert all(limits.fault(row.text) is None for row in rows)
    assert report.texts["outside_dictionary"]


def test_a_prefix_of_the_run_is_like_the_whole(cases):
    rows, _ = cases.planned(
        corpus=cases.corpus(cases.ENGLISH, cases.METERS), chars=("1", "7", "."), count=600
    )
    whole = per_target(rows)
    for end in (100, 200, 300, 450):
        for char, count in per_target(rows[:end]).items():
            assert abs(count - whole[char] * end / 600) <= 4


def test_the_same_request_gives_the_same_rows_and_another_seed_others(cases):
    def texts(seed):
        rows, _ = cases.planned(
            corpus=cases.corpus(cases.ENGLISH, cases.CODES), chars=("0", "O"), count=80, seed=seed
        )
        return [row.to_json() for row in rows]

    assert texts(1) == texts(1) != texts(2)


PROGRAM = """
import hashlib
from synth.corpus.corpus_files import embedded_corpus, stand_ins
from synth.plan.serving import Plan
from synth.plan.plan_options import PlanOptions
from synth.plan.request import PlanRequest
class Faces:
    def choose(self, text, draws, lines=()): return f"f{draws.whole(0, 9)}"
    def why_not(self, text): return {}
found = hashlib.sha256()
request = PlanRequest(corpus=embedded_corpus("document"), stand_ins=stand_ins(),
                      chars=tuple("0O1lI값갑뷁"), options=PlanOptions(count=300))
for row in Plan(request, Faces()):
    found.update(row.to_json().encode())
print(found.hexdigest())
"""


def test_the_order_of_sets_is_in_no_plan():
    def run(salt):
        return subprocess.run(
            [sys.executable, "-c", PROGRAM],
            env={**os.environ, "PYTHONHASHSEED": salt},
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    assert len({run("1"), run("2")}) == 1


def test_a_text_list_is_cycled_without_a_cap(cases):
    texts = ("1.00", "2.50", "9.99")
    rows, report = cases.planned(texts=texts, count=8)
    assert [row.text for row in rows] == [texts[k % 3] for k in range(8)]
    assert {row.source for row in rows} == {"list"}
    assert report.repeats == {2: 1, 3: 2}
    rows, report = cases.planned(
        cases.Faces(refused="9"), texts=texts, limits=Limits(excluded=frozenset({"2.50"}))
    )
    assert [row.text for row in rows] == ["1.00"]
    assert report.short == {"no face": 1, "texts of the list left out": 1}
    assert report.texts.as_dict() == {"excluded": 1, "no_face": 1}


def test_a_run_that_the_corpus_cannot_fill_is_short_and_says_why(cases):
    rows, report = cases.planned(corpus=cases.corpus(cases.lines("ab", "cd")), count=10)
    assert len(rows) == 6
    assert report.short == {"every text stands as often as --repeat-cap lets it; add texts": 4}
    assert report.used_up == ("corpus:own",)


def test_digits_are_redrawn_where_lines_are_used_up(cases):
    rows, report = cases.planned(corpus=cases.corpus(cases.lines("No 105", "0.50")), count=40)
    assert report.planned == 40
    assert {row.source for row in rows[6:]} == {"edit:own"}
    assert all(row.text.startswith(("No ", "0.")) for row in rows)
    assert not any(row.text.startswith("No 0") for row in rows)


def divergence(counts, target):
    total = sum(counts.values())
    return sum(
        share * math.log(share / ((counts.get(char, 0) + 0.5) / total))
        for char, share in target.items()
        if share
    )


def test_characters_come_nearer_to_the_tempered_target_than_natural_text(cases, monkeypatch):
    options = {"corpus": cases.corpus(cases.ENGLISH), "count": 500, "filler": 0.2}
    _, natural = cases.planned(**options)
    total = sum(natural.before.values())
    tempered = {c: (n / total) ** 0.5 for c, n in natural.before.items()}
    target = {c: v / sum(tempered.values()) for c, v in tempered.items()}
    _, report = cases.planned(**options, chars=("e", "r"))
    assert divergence(report.after, target) < divergence(natural.after, target)
    monkeypatch.setattr("synth.plan.supply.CANDIDATES", 1)
    _, unsteered = cases.planned(**options, chars=("e", "r"))
    assert divergence(report.after, target) < divergence(unsteered.after, target) * 0.8


def test_frequent_texts_stay_in_a_run_for_rare_characters(cases):
    rows, _ = cases.planned(corpus=cases.corpus(cases.ENGLISH), chars=("k",), count=400, filler=0.4)
    filler = [row for row in rows if not row.targets]
    assert len(filler) == 160
    assert any(row.text == "total due" for row in filler)


def test_a_plan_streams(cases):
    def peak(count):
        request = cases.request(corpus=cases.corpus(cases.METERS), count=count, repeat_cap=50)
        plan = Plan(request, cases.Faces())
        tracemalloc.start()
        for _ in plan:
            pass
        size = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return size

    # A row with its text takes over 250 bytes.
    assert (peak(9000) - peak(1000)) / 8000 < 80


def test_a_plan_is_iterated_over_once_and_reports_at_its_end(cases):
    plan = Plan(cases.request(corpus=cases.corpus(cases.METERS), count=3), cases.Faces())
    with pytest.raises(RuntimeError, match="not been iterated"):
        plan.report()
    assert len(list(plan)) == 3
    assert plan.report().planned == 3
    with pytest.raises(RuntimeError, match="once"):
        iter(plan)


def test_a_dictionary_source_enumerates_what_no_text_holds(cases):
    from synth.corpus.sources import Corpus, DictionarySource

    source = DictionarySource("d", 1.0, ("값", "갋", "갌", "뷁", "Ж"), "d")
    rows, report = cases.planned(
        corpus=Corpus(lines=(cases.KOREAN,), dictionaries=(source,)), count=30
    )
    rare = [row.text for row in rows if row.source == "dictionary"]
    assert report.edited >= len(rare) > 0
    assert all(any(char in text for char in "갋갌뷁") for text in rare)
    assert {char for text in rare for char in text} >= set("갋갌뷁")
    assert report.texts.as_dict() == {"no_carrier": 1}


PLATE = "[苏浙粤][A-HJ-NP-Z]·[A-HJ-NP-Z0-9]{5}"


def closed(source):
    return dataclasses.replace(source, is_closed=True)


@pytest.mark.parametrize("chars", ["8B", "1I", "0O8B", "苏浙", "·1", "BI"])
def test_what_is_made_of_a_closed_pattern_is_of_that_pattern(cases, chars):
    source = closed(cases.patterns(PLATE, name="plates"))
    rows, report = cases.planned(
        corpus=cases.corpus(source),
        stand_ins=cases.corpus(dataclasses.replace(cases.METERS, share=0.0)),
        chars=tuple(chars),
        count=300,
    )
    form = re.compile(PLATE)
    own = [row for row in rows if row.source.endswith(":plates")]
    assert own
    assert all(form.fullmatch(row.text) for row in own)
    # No edit of another source has made one that only looks like it.
    assert not any("·" in row.text for row in rows if not row.source.endswith(":plates"))
    if chars == "8B":
        assert len(own) == 300
        (pair,) = report.pairs
        assert pair.same_context == pair.wanted  # each at a place that allows both
        one = {row.text for row in rows if row.targets == ("8",)}
        other = [row.text for row in rows if row.targets == ("B",)]
        near = [
            any(sum(a != b for a, b in zip(text, first, strict=True)) == 1 for first in one)
            for text in other
        ]
        assert sum(near) >= pair.same_context


def test_an_open_pattern_is_exchanged_as_before(cases):
    rows, _ = cases.planned(
        corpus=cases.corpus(cases.patterns(PLATE, name="plates")), chars=("1", "I"), count=200
    )
    assert any("I" in row.text for row in rows)


@pytest.mark.parametrize("is_closed", [False, True])
def test_of_a_closed_list_only_its_lines_are_drawn(cases, is_closed):
    texts = ("A17", "A11", "A71", "B20 long enough", "C9")
    source = dataclasses.replace(cases.lines(*texts), is_closed=is_closed)
    rows, report = cases.planned(
        corpus=cases.corpus(source),
        stand_ins=cases.corpus(dataclasses.replace(cases.METERS, share=0.0)),
        chars=("1", "7", "8"),
        count=200,
        repeat_cap=0,
    )
    own = {row.text for row in rows if row.source.partition(":")[2] == "own"}
    assert own
    assert (own <= set(texts)) == is_closed
    if is_closed:
        pair = next(pair for pair in report.pairs if {pair.one, pair.other} == {"1", "7"})
        assert pair.same_context  # A17 and A11 differ in one place


def test_a_closed_list_that_is_used_up_gives_no_more(cases):
    source = closed(cases.lines("A17", "A71"))
    rows, report = cases.planned(corpus=cases.corpus(source), count=50, repeat_cap=2)
    assert sorted(row.text for row in rows) == ["A17", "A17", "A71", "A71"]
    assert sum(report.short.values()) == 46


def test_a_character_whose_texts_are_used_up_is_served_short(cases):
    source = closed(cases.lines("A17", *(f"{k} km" for k in range(60))))
    rows, report = cases.planned(
        corpus=cases.corpus(source), chars=("A", "m"), count=40, filler=0.0, repeat_cap=2
    )
    assert len(rows) == 40
    assert report.asked == ("A", "m")
    assert report.served_short == {"A": 2}
    assert report.counts()["served short: A"] == 2
    assert "1 of 2 characters gets fewer lines than asked" in describe(report)
    _, report = cases.planned(corpus=cases.corpus(cases.METERS), chars=("1", "7"), count=40)
    assert report.served_short == {}
    assert report.counts()["targets"] == 2


def test_an_edited_digit_leaves_a_date_a_date(cases):
    dates = [f"{month}월 {day}일" for month in (1, 2, 3, 5) for day in (12, 13, 15, 21)]
    rows, report = cases.planned(
        corpus=cases.corpus(cases.lines(*dates)), chars=("9", "7"), count=60, repeat_cap=2
    )
    assert report.edited and any("9" in row.text for row in rows)
    for row in rows:
        month, day = map(int, re.fullmatch(r"(\d+)월 (\d+)일", row.text).groups())
        assert 1 <= month <= 12 and 1 <= day <= 31, row


def test_digits_change_places_only_where_the_form_stays(cases):
    dates = [f"2{k // 10}년 {k % 9 + 1}월 1{k % 7 + 1}일" for k in range(60)]
    rows, _ = cases.planned(corpus=cases.corpus(cases.lines(*dates)), chars=("1", "7"), count=40)
    for row in rows:
        _, month, day = map(int, re.findall(r"\d+", row.text))
        assert 1 <= month <= 12 and 1 <= day <= 31, row


def test_edits_without_room_for_the_digit_are_refused_and_told(cases):
    classes = [f"{k}학년 {name}" for k in range(1, 7) for name in ("국어", "수학")]
    grades = cases.lines(*classes)
    rows, report = cases.planned(
        corpus=cases.corpus(grades, cases.KOREAN), chars=("1", "9"), count=20, filler=0.0
    )
    assert not any("9" in row.text for row in rows)
    assert report.skipped.keys() == {"9"} and report.refused_edits
    assert report.counts()["edits refused"] == report.refused_edits
    (told,) = [line for line in describe(report) if line.startswith("edits refused")]
    assert told.endswith(f": {report.refused_edits:,}")
