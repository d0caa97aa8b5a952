from typing import Any

from synth.plan.block_reports import added_asked, added_counts, added_teaching, recorded
from synth.plan.plan_report import PlanReport, TargetFigures
from textlines.formats.block_record import BlockRecord
from textlines.formats.run_record import AskedLines
from textlines.formats.teaching import Teaching, TeachingRow
from textlines.wording import Sentence, say


def block(planned: int, **changes: Any) -> BlockRecord:
    report = PlanReport(
        wanted=100,
        planned=planned,
        targets=(TargetFigures("값", "hard", 40, planned, {}),),
        skipped={"뷁": "no text holds it"},
        sources={"corpus:own": planned},
        edited=7,
        refused_edits=5,
        short={"no face": 100 - planned} if planned < 100 else {},
        **changes,
    )
    begun, met = {"edits refused": 2}, {"codes kept from faces that mix 0O": 3}
    return recorded(report, "ab", begun, met, broken={}, reasons={"값": {say("no face"): 4}})


def test_counts_of_blocks_add_up_and_what_began_before_them_counts_once() -> None:
    blocks = [block(100), block(30)]
    assert added_counts(blocks) == {
        "planned": 130,
        "source corpus:own": 130,
        "edited": 14,
        "edits refused": 2 + 3 + 3,
        "codes kept from faces that mix 0O": 6,
        "short: no face": 70,
        "targets": 2,
        "served short: 뷁": 0,
    }
    assert added_asked(blocks) == {"값": AskedLines(wanted=80, planned=130)}
    assert added_counts([block(30), block(30)])["served short: 값"] == 60
    assert added_teaching(blocks) is None


def teaching(*rows: TeachingRow, drawn: int = 100) -> Teaching:
    return Teaching(own=50, production=90, drawn=drawn, of="like", enough=30, rows=rows)


def row(name: str, drawn: int, needed: int, why: str = "", own: int = 0) -> TeachingRow:
    said = Sentence.of(why)
    return TeachingRow(
        kind="character",
        name=name,
        used=9,
        own=own,
        drawn=drawn,
        asked=drawn,
        needed=needed,
        why=said,
        said=said.record_of_figures(),
    )


def test_what_blocks_teach_adds_up_and_says_why_it_is_short() -> None:
    few = say("fewer than an epoch needs")
    blocks = [
        block(100, teaching=teaching(row("값", 3, 20, few), row("갑", 12, 20, few))),
        block(100, teaching=teaching(row("값", 4, 20, few), row("갑", 12, 20, few))),
    ]
    read = [BlockRecord.model_validate_json(one.model_dump_json()) for one in blocks]
    added = added_teaching(read)
    assert added is not None
    assert (added.drawn, added.own, added.production) == (200, 50, 90)
    short, enough = added.rows
    assert (short.drawn, short.asked, short.why) == (7, 7, "no face (8)")
    assert short.spoken().spoken("ko") != short.why
    assert (enough.drawn, enough.why, enough.said) == (24, "", {})


def test_without_reasons_the_blocks_own_words_stand() -> None:
    blocks = [block(100, teaching=teaching(row("A", 0, 20, "no text holds it"))) for _ in range(2)]
    added = added_teaching(blocks)
    assert added is not None and added.rows[0].why == "no text holds it"
