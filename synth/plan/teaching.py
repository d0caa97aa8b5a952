"""One table of a run beside own lines: what these teach, what its lines do, and what nothing."""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from synth.plan.beside import Beside
from synth.plan.profile_targets import MOST_PARTNERS
from synth.plan.targets import SPACE, TargetPlan
from textlines.formats.teaching import MOST_ROWS, Kind, Teaching, TeachingRow
from textlines.profile.support import Support
from textlines.wording import UNSAID, Sentence, arranged, joined, say

if TYPE_CHECKING:
    from textlines.formats.profile import ErrorProfile

NO_LINES = say("too few lines were asked for; raise --count")
NOT_DRAWN = say("no drawn line has it")
FEW = say("fewer than an epoch needs")


def teaching(
    beside: Beside,
    plan: TargetPlan,
    drawn: Support,
    served: Mapping[str, int],
    reasons: Mapping[str, Mapping[str, int]],
    pairs: Sequence[tuple[str, str]],
) -> Teaching:
    """Put the table together.

    Args:
        drawn: of the planned lines. served: lines for the sake of each character.
        reasons: why lines for a character are missing, with counts.
        pairs: look-alikes that the model mistakes for each other.
    """
    rows: list[TeachingRow] = []
    wanted = plan.wanted()
    own, used = beside.own, beside.production
    known = {**dict.fromkeys(used.characters), **dict.fromkeys(plan.why)}
    known |= dict.fromkeys(plan.skipped)
    for char in known:
        missing = plan.skipped.get(char) or _words(reasons.get(char, {}))
        rows.append(
            _row(
                beside,
                "space" if char == SPACE else "character",
                char,
                (used.characters.get(char, 0), own.characters.get(char, 0)),
                drawn.characters.get(char, 0),
                served.get(char, 0),
                missing or (UNSAID if wanted.get(char) else NO_LINES),
            )
        )
    for one, other in pairs:
        counts = used.pair(one, other), own.pair(one, other)
        missing = plan.skipped.get(one) or plan.skipped.get(other) or NOT_DRAWN
        rows.append(
            _row(beside, "pair", f"{one} {other}", counts, drawn.pair(one, other), 0, missing)
        )
    kinds: tuple[tuple[Kind, Mapping[str, int], Mapping[str, int], Mapping[str, int]], ...] = (
        ("part", used.parts, own.parts, drawn.parts),
        ("pattern", used.patterns, own.patterns, drawn.patterns),
        ("length", used.lengths, own.lengths, drawn.lengths),
    )
    for kind, of_use, of_own, of_drawn in kinds:
        for name, count in of_use.items():
            counts = count, of_own.get(name, 0)
            rows.append(_row(beside, kind, name, counts, of_drawn.get(name, 0), 0, NOT_DRAWN))
    kept: list[TeachingRow] = []
    left_out: dict[str, int] = {}
    order: tuple[Kind, ...] = ("character", "space", "pair", "part", "pattern", "length")
    for kind in order:
        ranked = sorted(
            (row for row in rows if row.kind == kind), key=lambda row: (-row.used, row.name)
        )
        most = MOST_ROWS if kind in ("pair", "pattern") else len(ranked)
        kept += ranked[:most]
        if len(ranked) > most:
            left_out[kind] = len(ranked) - most
    return Teaching(
        own=own.lines,
        production=used.lines,
        drawn=drawn.lines,
        of=beside.of,
        enough=beside.enough,
        rows=tuple(kept),
        left_out=left_out,
    )


def mistaken(profile: "ErrorProfile | None", plan: TargetPlan) -> list[tuple[str, str]]:
    """Name the pairs of a run and those that the profile's characters are read as, each once."""
    found = {frozenset((pair.one, pair.other)): (pair.one, pair.other) for pair in plan.pairs}
    if profile is not None:
        for row in profile.ranked:
            near = sorted(row.confusions.items(), key=lambda item: (-item[1], item[0]))
            for other, times in near[:MOST_PARTNERS]:
                if times > 1 and other.strip() and row.char.strip() and other != row.char:
                    found.setdefault(frozenset((row.char, other)), (row.char, other))
    return list(found.values())


def _row(
    beside: Beside,
    kind: Kind,
    name: str,
    counts: tuple[int, int],
    drawn: int,
    asked: int,
    missing: str,
) -> TeachingRow:
    used, own = counts
    is_char = kind in ("character", "space")
    needed = beside.needed(name) if is_char else 0
    why = ""
    if own < beside.enough and not drawn:
        why = missing
    elif drawn < needed:
        why = missing or FEW
    return TeachingRow(
        kind=kind,
        name=name,
        used=used,
        own=own,
        drawn=drawn,
        asked=asked,
        needed=needed,
        why=Sentence.of(why),
        said=Sentence.of(why).record_of_figures(),
    )


def _words(reasons: Mapping[str, int]) -> Sentence:
    told = [arranged("{why} ({count:,})", why=why, count=n) for why, n in reasons.items()]
    return joined(", ", told)


def describe_teaching(found: Teaching, most: int = 20) -> Iterator[str]:
    """Say the table in lines of text: characters first, of the rest what own lines lack."""
    chars = [row for row in found.rows if row.kind in ("character", "space")]
    by_own = [row for row in chars if row.own >= found.enough]
    by_drawn = [row for row in chars if row.own < found.enough and row.drawn]
    rest = [row for row in chars if row.own < found.enough and not row.drawn]
    yield (
        f"of {len(chars):,} characters of production ({found.of}), {len(by_own):,} stand in "
        f"{found.enough} own lines or more of {found.own:,}; drawn lines teach "
        f"{len(by_drawn):,} more, nothing teaches {len(rest):,}"
    )
    # First what nothing teaches, then what drawing is for, then the rest.
    shown = [*rest, *sorted(by_drawn, key=lambda row: (row.own, -row.used, row.name)), *by_own]
    others = [
        row
        for row in found.rows
        if row.kind not in ("character", "space") and row.own < found.enough
    ]
    others.sort(key=lambda row: (bool(row.drawn), row.own))
    table: list[tuple[str, ...]] = [("", "production", "own", "drawn", "an epoch needs", "")]
    for rows, limit in ((shown, most), (others, most // 2)):
        for row in rows[:limit]:
            figures = (f"{n:,}" for n in (row.used, row.own, row.drawn))
            name = "space" if row.kind == "space" else f"{row.kind} {row.name}"
            table.append((name, *figures, f"{row.needed:,}" if row.needed else "", row.why))
        if len(rows) > limit:
            table.append((f"{len(rows) - limit:,} more in run.json", "", "", "", "", ""))
    widths = [max(_width(line[k]) for line in table) for k in range(5)]
    for line in table:
        cells = [line[0] + " " * (widths[0] - _width(line[0]))]
        cells += [" " * (widths[k] - _width(line[k])) + line[k] for k in range(1, 5)]
        yield "  ".join([*cells, line[5]]).rstrip()


def _width(text: str) -> int:
    """Count the columns that a text takes: two for a wide character."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)
