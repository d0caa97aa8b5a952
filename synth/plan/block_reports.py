"""What the blocks of a plan report, and what their run comes to."""

from collections import Counter
from collections.abc import Mapping, Sequence

from synth.plan.plan_report import PlanReport, is_short
from textlines.formats.block_record import BlockRecord, MissingLines
from textlines.formats.run_record import PLANNED, SERVED_SHORT, TARGETS, WANTED, AskedLines
from textlines.formats.teaching import Teaching, TeachingRow
from textlines.wording import Sentence


def recorded(
    report: PlanReport,
    sha256: str,
    begun: Mapping[str, int],
    counts: Mapping[str, int],
    broken: Mapping[str, str],
    reasons: Mapping[str, Mapping[str, int]],
) -> BlockRecord:
    """Return the record of a block.

    Args:
        sha256: of the file with its rows.
        begun: counts before its first row. counts: those behind its last one, beside the report's.
        broken: faces that broke, by their ids: where.
        reasons: why lines for a character are missing; only of a run beside own lines.
    """
    whole = {**report.counts(), **counts}
    fixed = {name for name in whole if name == TARGETS or name.startswith(SERVED_SHORT)}
    asked = report.asked_lines()
    same = {name: whole[name] for name in fixed if name.removeprefix(SERVED_SHORT) not in asked}
    return BlockRecord(
        rows=report.planned,
        sha256=sha256,
        begun={**begun, **same},
        counts={
            name: count - begun.get(name, 0)
            for name, count in whole.items()
            if name not in fixed and name not in (PLANNED, WANTED)
        },
        asked=asked,
        broken=broken,
        teaching=report.teaching,
        reasons={
            char: tuple(
                MissingLines(why=Sentence.of(why).record(), lines=lines)
                for why, lines in of_char.items()
            )
            for char, of_char in (reasons if report.teaching is not None else {}).items()
        },
    )


def added_counts(blocks: Sequence[BlockRecord]) -> dict[str, int]:
    """Return the counts of a run of these blocks: what is planned, short, or left out."""
    counts: Counter[str] = Counter()
    for block in blocks:
        counts.update(block.counts)
    counts.update(blocks[0].begun)
    asked = added_asked(blocks)
    short = {char: one.planned for char, one in asked.items() if is_short(one.planned, one.wanted)}
    return {
        **counts,
        PLANNED: sum(block.rows for block in blocks),
        **{f"{SERVED_SHORT}{char}": lines for char, lines in short.items()},
    }


def added_asked(blocks: Sequence[BlockRecord]) -> dict[str, AskedLines]:
    """Return the lines for each character that a run of these blocks is for."""
    wanted, planned = Counter[str](), Counter[str]()
    for block in blocks:
        for char, lines in block.asked.items():
            wanted[char] += lines.wanted
            planned[char] += lines.planned
    return {char: AskedLines(wanted=n, planned=planned[char]) for char, n in wanted.items()}


def added_teaching(blocks: Sequence[BlockRecord]) -> Teaching | None:
    """Return what own lines and the lines of all blocks teach; None for a run beside none.

    Each block has the same rows, with the same figures of production and of own lines.
    """
    parts = [block.teaching for block in blocks if block.teaching is not None]
    if not parts:
        return None
    reasons: dict[str, Counter[str]] = {}
    for block in blocks:
        for char, missing in block.reasons.items():
            for one in missing:
                reasons.setdefault(char, Counter())[Sentence.of_record(one.why)] += one.lines
    first = parts[0]
    return first.model_copy(
        update={
            "drawn": sum(part.drawn for part in parts),
            "rows": tuple(
                _added_row(rows, first.enough, reasons)
                for rows in zip(*(part.rows for part in parts), strict=True)
            ),
        }
    )


def _added_row(
    rows: Sequence[TeachingRow], enough: int, reasons: Mapping[str, Mapping[str, int]]
) -> TeachingRow:
    """Add up one row. Where it is short, it is so in each block, and says there why."""
    from synth.plan.beside_own import reason_words  # only runs with own lines need it

    first = rows[0]
    drawn, asked = sum(row.drawn for row in rows), sum(row.asked for row in rows)
    why = Sentence("")
    if (first.own < enough and not drawn) or drawn < first.needed:
        of_char = reasons.get(first.name, {}) if first.kind in ("character", "space") else {}
        why = reason_words(of_char) if of_char else first.spoken()
    said = why.record_of_figures()
    return first.model_copy(update={"drawn": drawn, "asked": asked, "why": why, "said": said})
