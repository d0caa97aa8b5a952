"""The verdict as a short page of Markdown, for where a batch system shows what a job came to."""

import re
from collections.abc import Iterator, Sequence

from train.judging.gate_text import (
    MARKS,
    SET_COLUMNS,
    advice,
    headline,
    set_cells,
    todos,
)
from train.judging.verdict import GateVerdict

SIGNS = {"passed": "✅", "failed": "❌", "cannot_tell": "❔"}
"""Before the headline: what is seen from afar."""

MOST_NOTES = 10
"""Notes that are shown; the JSON holds all."""

# Names of files and characters of labels may hold what Markdown takes for marks, and labels are
# whatever a team photographs: no word of theirs becomes a link, a picture, a tag or a mention.
_MARKS = re.compile(r"[\\`*_\[\]|~$]")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "@": "&#64;"}


def summary(verdict: GateVerdict) -> str:
    """Return the verdict as Markdown: outcome, advice, criteria, sets and notes.

    Holds no crop and no label of a line.
    """
    return "\n".join(_lines(verdict)) + "\n"


def escaped(text: str) -> str:
    r"""Return text as Markdown that shows it, in one line.

    >>> escaped("a_b|c <b>\n`d`")
    'a\\_b\\|c &lt;b&gt; \\`d\\`'
    """
    marked = _MARKS.sub(r"\\\g<0>", " ".join(text.split()))
    return "".join(_ENTITIES.get(char, char) for char in marked)


def _lines(verdict: GateVerdict) -> Iterator[str]:
    yield f"## {SIGNS[verdict.outcome]} {escaped(headline(verdict))}"
    yield ""
    yield f"{escaped(verdict.candidate)} against {escaped(verdict.base)}"
    yield ""
    yield escaped(advice(verdict))
    yield ""
    yield from _table(
        ("criterion", "", "figures", "what to do"),
        (False, False, False, False),
        [
            (str(each.title), MARKS[each.status], str(each.told), str(todo))
            for each, todo in zip(verdict.criteria, todos(verdict.criteria), strict=True)
        ],
    )
    if verdict.sets:
        yield ""
        yield from _table(
            [title for title, _ in SET_COLUMNS],
            [is_number for _, is_number in SET_COLUMNS],
            list(set_cells(verdict)),
        )
    if verdict.notes:
        yield ""
    for note in verdict.notes[:MOST_NOTES]:
        yield f"* {escaped(note)}"
    if len(verdict.notes) > MOST_NOTES:
        yield f"* and {len(verdict.notes) - MOST_NOTES:,} more, in the JSON"


def _table(
    titles: Sequence[str], numbers: Sequence[bool], rows: Sequence[Sequence[str]]
) -> Iterator[str]:
    yield _row(titles)
    yield _row(["---:" if is_number else "---" for is_number in numbers], is_rule=True)
    for row in rows:
        yield _row(row)


def _row(cells: Sequence[str], *, is_rule: bool = False) -> str:
    return f"| {' | '.join(cells if is_rule else map(escaped, cells))} |"
