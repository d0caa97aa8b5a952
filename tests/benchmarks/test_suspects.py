"""Planted slips change as many labels as asked, and hits are counted among the first lines."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from benchmarks.suspects import KINDS, figures, planted
from textlines.formats.folds import SuspectRow, write_suspects

LABELS = st.lists(st.text("0O1I값-", min_size=1, max_size=5), min_size=20, max_size=40)


@given(LABELS.filter(lambda labels: len(set(labels)) > 10), st.integers(0, 99))
def test_each_slip_changes_a_label(labels: list[str], seed: int) -> None:
    rows = [(f"{at}.png", label) for at, label in enumerate(labels)]
    slips = planted(rows, 0.1, seed)
    assert len(slips) == round(0.1 * len(rows))
    for at, (wrong, kind) in slips.items():
        assert wrong.strip() and wrong != labels[at] and kind in KINDS
        if kind == "neighbour":
            assert wrong == labels[(at + 1) % len(labels)]
        else:
            assert abs(len(wrong) - len(labels[at])) <= 1
    assert slips == planted(rows, 0.1, seed)


def test_hits_are_counted_among_the_first_lines(tmp_path: Path) -> None:
    rows = [SuspectRow(n, n <= 3, 9.0 - n, 0.1, 0.9, f"{n}.png", "1", "2") for n in range(1, 21)]
    write_suspects(tmp_path / "s.tsv", rows)
    found = figures(
        tmp_path / "s.tsv", {"1.png": "dropped", "3.png": "dropped", "9.png": "another"}
    )
    assert found["first 10%"] == 0.333 and found["precision 10%"] == 0.5
    assert found["first 5%"] == 0.333 and found["precision 5%"] == 1.0
    assert found["by kind"] == {"another": "0/1", "dropped": "1/2"}
    assert found["suspects"] == 3 and found["suspects planted"] == 2
