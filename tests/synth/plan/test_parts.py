import hashlib
from array import array
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synth.draws import Draws
from synth.plan.bounds import LineShape, cell_of, read_like
from synth.plan.plan_report import ImageRates, PlanReport, TargetFigures, describe
from synth.plan.request import Pair, TargetPlan, schedule
from synth.plan.stocks import CellPool, EvenPool, Repeats
from textlines.errors import InputError
from textlines.formats.plan_rows import PlanRow, read_plan, write_plan
from textlines.formats.predictions import Outcome, row_of
from textlines.labels.tally import Tally

PRINTABLE = st.characters(exclude_categories=("C", "Z"), include_characters=" ")

ROWS = st.lists(
    st.builds(
        PlanRow,
        st.integers(0, 10**6),
        st.text(PRINTABLE, min_size=1, max_size=25),
        st.lists(st.sampled_from("1값O")).map(tuple),
        st.just("0123456789abcdef-0"),
        st.just("lcd"),
        st.just("train"),
        st.just("corpus:own"),
    ),
    max_size=20,
)


@settings(max_examples=30)
@given(rows=ROWS)
def test_a_plan_is_read_as_it_was_written(rows, tmp_path_factory):
    path = tmp_path_factory.mktemp("plan") / "plan.jsonl"
    digest = write_plan(path, iter(rows))
    assert digest == hashlib.sha256(path.read_bytes()).hexdigest()
    assert list(read_plan(path)) == rows


def test_a_plan_that_fails_half_way_is_not_there(tmp_path):
    def rows():
        yield PlanRow(0, "a", (), "f", "lcd")
        raise InputError("corpus", "broke")

    with pytest.raises(InputError):
        write_plan(tmp_path / "plan.jsonl", rows())
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("line", ["{", "[]", '{"index":1}', "\xff", '{"targets":[],"x":1}'])
def test_a_broken_plan_is_named_with_its_line(tmp_path, line):
    path = tmp_path / "plan.jsonl"
    good = PlanRow(0, "a", (), "f", "lcd").to_json()
    path.write_bytes(f"{good}\n{line}\n".encode("latin-1"))
    with pytest.raises(InputError, match=r"plan\.jsonl:2: is no row of a plan"):
        list(read_plan(path))


@given(st.lists(st.integers(0, 30), max_size=300), st.integers(1, 5))
def test_repeats_never_let_a_text_through_too_often(numbers, cap):
    repeats = Repeats(300, cap)
    kept = Counter()
    for number in numbers:
        text = f"text {number}"
        if not repeats.is_full(text):
            repeats.add(text)
            kept[text] += 1
    assert all(count <= cap for count in kept.values())
    assert repeats.histogram() == Counter(kept.values())


@given(
    filler=st.integers(0, 200),
    alone=st.dictionaries(st.sampled_from("abcdef"), st.integers(1, 200), max_size=6),
    rounds=st.integers(0, 100),
    seed=st.integers(0, 99),
)
def test_a_schedule_spreads_each_job_evenly(filler, alone, rounds, seed):
    pairs = (Pair("0", "O", rounds),) if rounds else ()
    made = schedule(TargetPlan(alone, pairs, filler), seed)
    wanted = [filler, *alone.values(), *((rounds,) if rounds else ())]
    total = sum(wanted)
    assert len(made.order) == total
    for job, count in enumerate(wanted):
        places = [k for k, found in enumerate(made.order) if found == job]
        assert len(places) == count
        for end in (total // 4, total // 2, total):
            inside = sum(place < end for place in places)
            # Within one by its own spacing, and a place or two by that of each other job.
            assert abs(inside - count * end / max(total, 1)) <= 2 + len(wanted) / 2


@given(st.lists(st.integers(0, 9), min_size=1, max_size=60), st.integers(0, 999))
def test_a_pool_gives_every_open_line_and_no_other(entries, seed):
    left = Counter(dict.fromkeys(entries, 2))
    pool = EvenPool(array("I", entries))
    draws = Draws(seed, 0)
    found = Counter()
    while (k := pool.draw(draws, None, lambda k: left[k] > 0)) is not None:
        left[k] -= 1
        found[k] += 1
    assert found == Counter(dict.fromkeys(entries, 2))


def test_a_pool_by_cells_gives_the_nearest_line():
    texts = ["a", "bb", "c d", "eeee", "f g h"]
    pool = CellPool(array("I", range(5)), texts)
    draws = Draws(1, 1)
    used = set()

    def draw(cell):
        k = pool.draw(draws, cell, lambda k: k not in used)
        used.add(k)
        return None if k is None else texts[k]

    assert [draw((4, 0)), draw((4, 0)), draw((3, 1)), draw((9, 3))] == [
        "eeee",
        "bb",
        "c d",
        "f g h",
    ]
    assert [draw((1, 0)), draw((1, 0))] == ["a", None]


def test_a_shape_is_stratified():
    shape = LineShape.of(["a"] * 50 + ["bb"] * 30 + ["c d"] * 20)
    for start in (0, 17, 400):
        cells = Counter(shape.cell(k, 0.3) for k in range(start, start + 100))
        assert abs(cells[1, 0] - 50) <= 2
        assert abs(cells[3, 1] - 20) <= 2


def test_a_run_follows_the_reference(cases, tmp_path):
    path = tmp_path / "gt.txt"
    labels = ["12.50", "7.25", "harbor", "maple lantern", "copper river"]
    path.write_text("".join(f"{k}.jpg\t{labels[k % 5]}\n" for k in range(100)), "utf-8")
    like = LineShape.of(read_like(path, Tally()))
    forms = cases.patterns("[a-z]{4,6}", "[a-z]{5,6} [a-z0-9]{6}", "[a-z]{6} [0-9]{5,6}")
    for chars, source in (((), cases.ENGLISH), (("2", "a"), forms)):
        rows, report = cases.planned(
            corpus=cases.corpus(source, cases.METERS), like=like, count=300, chars=chars
        )
        wanted = Counter(len(label) for label in labels * 60)
        apart = sum(abs(wanted[k] - report.lengths.get(k, 0)) for k in range(1, 26)) / 2 / 300
        assert apart < 0.15
        spaces = sum(s * n for (_, s), n in like.cells) / sum(k * n for (k, _), n in like.cells)
        assert abs(report.spaces - spaces) < 0.02
        assert Counter(cell_of(row.text)[0] for row in rows) == report.lengths


def test_a_reference_without_labels_is_refused(tmp_path):
    path = tmp_path / "gt.txt"
    path.write_text("\n", "utf-8")
    with pytest.raises(InputError, match="no label to be like"):
        read_like(path, Tally())


def test_a_reference_may_be_readings(tmp_path):
    path, tally = tmp_path / "predictions.jsonl", Tally()
    outcomes = [Outcome("a.jpg", "값  12", 0.9), Outcome("b.jpg", "", 0.1)]
    outcomes.append(Outcome("c.jpg", fault="missing"))
    path.write_text("".join(map(row_of, outcomes)), "utf-8")
    assert read_like(path, tally) == ("값 12",)
    assert tally.as_dict() == {"no_reading": 2}
    path.write_text('{"path": "a.jpg"}\n', "utf-8")
    with pytest.raises(InputError, match=r"predictions\.jsonl:1: is no row of predictions \(lacks"):
        read_like(path, tally)


def test_a_report_tells_what_matters():
    texts = Tally()
    texts.add("excluded", "a.txt:1", 3)
    texts.add("cut", "a.txt:7", effect="changed")
    report = PlanReport(
        wanted=1000,
        planned=990,
        range=(400, 800),
        targets=(TargetFigures("값", "hard", 100, 90, {"no face": 10}),),
        skipped={"Ж": "the dictionary does not hold it"},
        no_face={"값": {"absent '값'": 3}},
        sources={"corpus:own": 990},
        repeats={1: 500, 2: 245},
        texts=texts,
        lengths={5: 990},
        short={"no face": 10},
        distractor_weight=1.5,
    )
    assert describe(report, ImageRates(0.012, 20_000, workers=2)) == [
        "990 of 1,000 lines planned; about 0.1 minutes and 19.8 MB",
        "OUTSIDE the 400 to 800 new lines that 10:1 to 5:1 allows",
        "short by 10: no face",
        "값 hard: 90 of 100 lines; 10 no face",
        "1 of 2 characters gets fewer lines than asked",
        "not served: Ж: the dictionary does not hold it",
        "no face for 값: absent '값': 3",
        "from corpus:own: 990",
        "edited lines, one character in another's place: 0 of 990 (0.0%)",
        "distinct texts by how often they stand: 500 x 1, 245 x 2",
        "changed: cut at word boundaries: 1 (a.txt:7)",
        "left out: text of --exclude-texts: 3 (a.txt:1, ...)",
        "mean length 5.0 characters, 0.0% of them spaces",
        "distractors weigh 1.50 times, for inserted characters",
    ]
    assert report.counts() == {
        "planned": 990,
        "wanted": 1000,
        "source corpus:own": 990,
        "edited": 0,
        "targets": 2,
        "served short: Ж": 0,
        "changed: cut": 1,
        "left out: excluded": 3,
        "short: no face": 10,
    }
