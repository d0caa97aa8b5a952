"""Rounds as values: what their record holds, for its page and its readers."""

from textlines.formats.rounds import JudgedRow, RoundRow, RoundsRecord, TaughtRow


def judged(base: float, candidate: float, name: str = "") -> JudgedRow:
    return JudgedRow(
        name=name,
        lines=120,
        base=base,
        candidate=candidate,
        change=candidate - base,
        interval=(candidate - base - 0.05, candidate - base + 0.05),
    )


def three_rounds() -> RoundsRecord:
    """Return a record of rounds: one that passed, one that failed, one that waits for labels."""
    words = "work/lines/general-judge/words/labels.txt"
    taught = TaughtRow(
        char="1",
        confused="7",
        support=40,
        own=12,
        drawn=90,
        before=0.5,
        after=0.9,
        judged=30,
        judged_base=0.6,
        judged_candidate=0.85,
    )
    return RoundsRecord(
        model="PP-OCRv4_mobile_rec",
        rounds=(
            RoundRow(
                number=1,
                base=0,
                outcome="passed",
                asked=50,
                labelled=48,
                own=30,
                drawn=300,
                target=judged(0.60, 0.80),
                general=(judged(0.9, 0.895, words),),
                since_start=judged(0.60, 0.80),
                level=0.05 / 3,
                taught=(taught, taught.model_copy(update={"char": " ", "confused": ""})),
                minutes={"fold": 4.5, "rec": 2.25},
                made="round-1/export/candidate",
            ),
            RoundRow(
                number=2,
                base=1,
                outcome="failed",
                drawn=300,
                target=judged(0.80, 0.78),
                general=(judged(0.895, 0.85, words),),
                level=0.05 / 3,
                minutes={"fold": 4.0},
            ),
            RoundRow(number=3, base=0, asked=25, minutes={"collect": 0.5}),
        ),
        most=3,
        patience=2,
        budget=60,
        awaited="work/round-3/collect/answers.json",
    )
