"""The verdict as Markdown: the same figures, and no mark of anybody else's."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from train.judging.gate_summary import MOST_NOTES, SIGNS, escaped, summary
from train.judging.verdict import ChangeRow, Criterion, GateVerdict, Outcome, SetRow, Status

FIGURES = ChangeRow(
    lines=1098,
    base=0.684,
    candidate=0.816,
    change=0.132,
    interval=(0.06, 0.21),
    flips=0.2,
    mended=16,
    broken=3,
)
HEADLINES = {"passed": "PASSED", "failed": "FAILED", "cannot_tell": "CANNOT TELL"}


def verdict(outcome: Outcome, **more: object) -> GateVerdict:
    row = SetRow(
        name="a|b.txt",
        role="target",
        comparison="exact",
        figures=FIGURES,
        p=0.004,
        holm=None,
        drawn="lines",
        left_out=2,
    )
    status: Status = outcome
    criterion = Criterion(
        key="target_gain", title="The target got better", status=status, told="up *13.2*"
    )
    fields = {"base": "base/", "candidate": "my_run/", "criteria": (criterion,), "sets": (row,)}
    return GateVerdict(outcome=outcome, delta_points=1.0, seed=1, **{**fields, **more})


def rows(text: str) -> list[list[str]]:
    """Return the cells of all tables, split as Markdown does."""
    return [
        [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        for line in text.splitlines()
        if line.startswith("|")
    ]


@pytest.mark.parametrize("outcome", ["passed", "failed", "cannot_tell"])
def test_the_outcome_and_all_figures_are_there(outcome: Outcome) -> None:
    text = summary(verdict(outcome))
    lines = text.splitlines()
    assert lines[0] == f"## {SIGNS[outcome]} {HEADLINES[outcome]}"
    assert lines[2] == r"my\_run/ against base/"
    criteria, sets = rows(text)[:3], rows(text)[3:]
    assert [len(row) for row in criteria] == [4, 4, 4]
    assert criteria[2][0] == "The target got better" and criteria[2][2] == r"up \*13.2\*"
    assert [len(row) for row in sets] == [12, 12, 12]
    assert sets[2][:6] == [r"a\|b.txt", "target", "exact", "1,098", "0.684", "0.816"]
    assert sets[1][3:6] == ["---:"] * 3


def test_without_sets_there_is_one_table_and_notes_end_somewhere() -> None:
    text = summary(verdict("cannot_tell", sets=(), notes=[f"note {n}" for n in range(14)]))
    assert len(rows(text)) == 3
    listed = [line for line in text.splitlines() if line.startswith("* ")]
    assert len(listed) == MOST_NOTES + 1
    assert listed[-1] == "* and 4 more, in the JSON"


@given(st.text("ab|\\`*_[]<>&@~$\n\t \r", max_size=30))
def test_no_text_leaves_its_cell(text: str) -> None:
    shown = escaped(text)
    assert "\n" not in shown and "<" not in shown and "@" not in shown
    assert not re.search(r"(?<!\\)(\\\\)*[|`*_\[\]]", shown)
    bare = re.sub(r"\\(.)", r"\1", shown)
    for char, entity in (("<", "&lt;"), (">", "&gt;"), ("@", "&#64;"), ("&", "&amp;")):
        bare = bare.replace(entity, char)
    assert bare == " ".join(text.split())
