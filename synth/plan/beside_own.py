"""What a run is for beside a team's own lines: what these hold too seldom."""

import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import ceil
from typing import TYPE_CHECKING, NamedTuple

from synth.plan.request import SPACE, Pair, Refusal, TargetPlan
from synth.plan.targets import MOST_PARTNERS, apportion, parts_of
from textlines.errors import UsageError
from textlines.formats.plan_rows import Why
from textlines.formats.teaching import MOST_ROWS, Kind, Teaching, TeachingRow
from textlines.labels.scripts import script_of
from textlines.profile.support import ENOUGH, Support, needed_in_epoch
from textlines.profile.support import parts_of as parts_in
from textlines.wording import UNSAID, Sentence, arranged, joined, say
from textlines.wording.counts import count_of, form_of

if TYPE_CHECKING:
    from synth.plan.part_lines import NeverSeen
    from textlines.formats.profile import CharacterRow, ErrorProfile


FORGETS = 0.06
"""What a model that reads a character loses where it is tuned on lines without it: on meters
(PP-OCRv4), lines that hold a `1` went from .643 to .583. Such a character counts as misread so
often at least, whatever the profile says."""

HURT = 3
"""How fast what is lost falls with the own lines that hold a character: as what is lacking to this
power. On meters, lines with a `1` are read 30 to 40 points worse where no own line holds one than
where thirty do, and 8 points worse where twelve do (`textlines.profile.support.ENOUGH`)."""

MOST_EPOCHS = 20
"""Epochs for which a character's drawn lines are to be new; beyond them, they would repeat."""

MOST_OFTEN = 10
"""Times as often as production uses it, that a character's lines stand among the drawn ones at
most: what one line in three hundred holds is no reason to draw six hundred lines for it."""

NEVER_SEEN = 1 / 3
"""Of a run, at most, for what of a large alphabet nothing showed. Own lines lack nearly all of one,
what every text holds first; a Korean model drawn for that read fewer lines than one without own
lines, drawn for what its profile names and for what it never saw (`benchmarks/korean.py`)."""

NOT_RARE = 0.05
"""Share of production's lines from which on a run is refused that could draw nothing of what own
lines lack. Rarer ones are what a model misreads at times (PP-OCRv6 small reads a `V` on 3 of 250
meters): own lines lack nothing else, and the run keeps what they teach."""

MANY = 100
"""Characters of one script that production holds, from which on its texts are taken for language:
number plates of Korea set 40 syllables and those of China 31 Han characters into codes, a hundred
lines of Korean text hold 302."""

LANGUAGES = {"Hangul": "ko", "Han": "zh"}
"""Scripts of thousands of characters, and the language of the texts for each."""

KNOWN_PARTS = 0.5
"""Weight of a syllable whose parts own lines all teach in others, beside one whose they do not."""

NO_LINES = say("too few lines were asked for; raise --count")

NOT_DRAWN = say("no drawn line has it")

FEW = say("fewer than an epoch needs")


@dataclass(frozen=True)
class Beside:
    """Own lines, which are trained on, and production, which is to be read.

    Attributes:
        of: what production was taken from: "like" or "own lines".
        enough: own lines with a character from which on it counts as taught.
    """

    own: Support
    production: Support
    of: str = say("own lines")
    enough: int = ENOUGH

    @cached_property
    def scripts(self) -> tuple[str, ...]:
        """Name the scripts of thousands of characters that production is written in."""
        held = Counter(script_of(char) for char in self.production.characters)
        return tuple(script for script in LANGUAGES if held[script] >= MANY)

    @property
    def languages(self) -> tuple[str, ...]:
        """Name the languages of natural texts that hold what own lines lack of such a script."""
        return tuple(LANGUAGES[script] for script in self.scripts)

    @property
    def natural_share(self) -> float:
        """Return the share of lines that natural texts give beside own ones, 0..1.

        What own lines lack of such a script, of all that production uses. Own texts hold none of
        it: one of them with a syllable in another's place is no text, and teaches less than one
        that happens to hold two rare syllables more (`benchmarks/korean.py`).
        """
        used = {char: n for char, n in self.production.characters.items() if char.strip()}
        lacked = sum(
            n * self.own.lacking(char, self.enough)
            for char, n in used.items()
            if script_of(char) in self.scripts
        )
        return lacked / max(sum(used.values()), 1)

    def needed(self, char: str) -> int:
        """Count the drawn lines with a character that an epoch needs."""
        return needed_in_epoch(self.own.characters.get(char, 0), self.own.lines, self.enough)


class _Want(NamedTuple):
    """A character that own lines hold too seldom."""

    char: str
    weight: float
    most: int
    why: Why


def plan_beside(
    beside: Beside,
    profile: "ErrorProfile | None",
    chars: Sequence[str],
    rows: int,
    rest_share: float,
    temper: float,
    refuse: Refusal,
    never: "NeverSeen | None" = None,
) -> TargetPlan:
    """Part a run by what own lines lack.

    A character's weight is lacking ** HURT x (use x expected gain) ** temper: what is lacking of
    the `enough` own lines, the share of production's lines that hold it, and how often it is
    misread (surely, by the profile; `FORGETS` at least). None gets more lines than `MOST_EPOCHS`
    epochs can show for the first time, nor stands in them more than `MOST_OFTEN` times as often as
    in production; what these caps leave over is natural text.

    With the same production and profile, more own lines with a character never make more lines
    for it. Two that are mistaken for each other stand in pairs where own lines lack both.

    Args:
        rest_share: of the run, spread over all characters of production by use ** temper.
        chars: of --chars: used in every line and misread, as far as can be told.
        never: what neither the profile nor own lines nor production ever showed of a large
            alphabet: it gets `NEVER_SEEN` of the run at most.

    Raises:
        UsageError: all that own lines lack cannot be drawn, and it is not rare (`NOT_RARE`).
    """
    table = _rows(profile)
    known = sorted({*beside.production.characters, *table, *chars})
    refused = {char: refuse(char) for char in known}
    skipped = {char: words for char, words in refused.items() if words}
    served = [char for char in known if char not in skipped]
    wants = [
        _want(beside, char, row=table.get(char), is_named=char in chars, temper=temper, rows=rows)
        for char in served
        if beside.own.lacking(char, beside.enough)
    ]
    lost = [char for char in skipped if beside.own.lacking(char, beside.enough)]
    if not wants and sum(_use(beside, char) for char in lost) >= NOT_RARE:
        named = "; ".join(f"{char!r}: {words}" for char, words in list(skipped.items())[:3])
        raise UsageError(
            "--own",
            f"lacks only characters that cannot be drawn ({named})",
            "Name other --fonts or another --style, or label lines that hold them.",
        )
    new = never.lines(rows, int(rows * NEVER_SEEN), temper, refuse) if never else {}
    left = rows - sum(new.values())
    room = left - round(left * rest_share)
    budgets = apportion(room, [want.weight for want in wants], [want.most for want in wants])
    lines = {want.char: count for want, count in zip(wants, budgets, strict=True)}
    pairs = _pairs(lines, table)
    for pair in pairs:
        lines[pair.one] -= pair.rounds
        lines[pair.other] -= pair.rounds
    # Of all characters alike, so that none gets more for being taught.
    kept = [char for char in served if char.strip()]
    shares = [round(_use(beside, char) ** temper, 12) for char in kept]
    keeping = dict(zip(kept, parts_of(left - room, shares), strict=True))
    ranked = sorted(wants, key=lambda want: (-want.weight, want.char))
    why: dict[str, Why] = {want.char: want.why for want in ranked}
    why |= {char: "kept" for char in kept if char not in why}
    why |= {char: "lacking" for char in new if char not in why}
    alone = {char: lines.get(char, 0) + keeping.get(char, 0) + new.get(char, 0) for char in why}
    return TargetPlan(
        {char: count for char, count in alone.items() if count},
        tuple(pairs),
        rows - sum(budgets) - sum(keeping.values()) - sum(new.values()),
        tuple(want.char for want in ranked),
        skipped=skipped,
        distractor_weight=_distractors(profile),
        why=why,
        natural=frozenset(new),
    )


def _rows(profile: "ErrorProfile | None") -> "dict[str, CharacterRow]":
    if profile is None:
        return {}
    return {row.char: row for row in profile.ranked}


def _want(
    beside: Beside,
    char: str,
    row: "CharacterRow | None",
    is_named: bool,
    temper: float,
    rows: int,
) -> _Want:
    rate = 1.0 if is_named else max(FORGETS, 0.0 if row is None else _misread(row))
    use = 1.0 if is_named else _use(beside, char)
    support, enough = beside.own, beside.enough
    lacking = support.lacking(char, enough)
    parts = [max(0, enough - support.parts.get(part, 0)) / enough for part in parts_in(char)]
    if parts:
        lacking *= KNOWN_PARTS + (1 - KNOWN_PARTS) * max(parts)
    return _Want(
        char,
        round(lacking**HURT * (use * rate) ** temper, 12),
        min(beside.needed(char) * MOST_EPOCHS, ceil(rows * use * MOST_OFTEN)),
        "misread" if rate > FORGETS else "lacking",
    )


def _use(beside: Beside, char: str) -> float:
    """Return the share of production's lines that hold a character; one of them at least."""
    held = beside.production.characters.get(char, 0)
    return max(held, 1) / max(beside.production.lines, 1)


def _misread(row: "CharacterRow") -> float:
    """Return how often a character is misread, 0..1.

    Surely, by its own counts or those of its parts; where these are too few to tell, most likely.
    """
    if not row.deletions + sum(row.confusions.values()) and not row.gain:
        return 0.0
    return 1 - row.upper if row.proof else 1 - (row.right + 1) / (row.support + 2)


def _pairs(lines: Mapping[str, int], table: "Mapping[str, CharacterRow]") -> list[Pair]:
    """Pair up characters that own lines lack both; each line of a round is its character's own."""
    left = dict(lines)
    rounds_of: dict[tuple[str, str], int] = {}
    for char, count in lines.items():
        row = table.get(char)
        if row is None:
            continue
        errors = row.deletions + sum(row.confusions.values())
        near = sorted(row.confusions.items(), key=lambda item: (-item[1], item[0]))
        for other, times in near[:MOST_PARTNERS]:
            if other == char or other not in left or not other.strip() or not char.strip():
                continue
            rounds = min(int(count * times / errors), left[char], left[other])
            if rounds:
                key = (other, char) if (other, char) in rounds_of else (char, other)
                rounds_of[key] = rounds_of.get(key, 0) + rounds
                left[char] -= rounds
                left[other] -= rounds
    return [Pair(first, second, rounds) for (first, second), rounds in rounds_of.items()]


def _distractors(profile: "ErrorProfile | None") -> float:
    if profile is None:
        return 1.0
    from synth.plan.profile_targets import distractor_weight

    return distractor_weight(profile)


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
    own_support, used = beside.own, beside.production
    known = {**dict.fromkeys(used.characters), **dict.fromkeys(plan.why)}
    known |= dict.fromkeys(plan.skipped)
    for char in known:
        missing = plan.skipped.get(char) or reason_words(reasons.get(char, {}))
        rows.append(
            _row(
                beside,
                "space" if char == SPACE else "character",
                name=char,
                counts=(used.characters.get(char, 0), own_support.characters.get(char, 0)),
                drawn=drawn.characters.get(char, 0),
                asked=served.get(char, 0),
                missing=missing or (UNSAID if wanted.get(char) else NO_LINES),
            )
        )
    for first, second in pairs:
        counts = used.pair(first, second), own_support.pair(first, second)
        missing = plan.skipped.get(first) or plan.skipped.get(second) or NOT_DRAWN
        rows.append(
            _row(
                beside,
                "pair",
                name=f"{first} {second}",
                counts=counts,
                drawn=drawn.pair(first, second),
                asked=0,
                missing=missing,
            )
        )
    kinds: tuple[tuple[Kind, Mapping[str, int], Mapping[str, int], Mapping[str, int]], ...] = (
        ("part", used.parts, own_support.parts, drawn.parts),
        ("pattern", used.patterns, own_support.patterns, drawn.patterns),
        ("length", used.lengths, own_support.lengths, drawn.lengths),
    )
    for kind, of_use, of_own, of_drawn in kinds:
        for name, count in of_use.items():
            counts = count, of_own.get(name, 0)
            rows.append(
                _row(
                    beside,
                    kind,
                    name=name,
                    counts=counts,
                    drawn=of_drawn.get(name, 0),
                    asked=0,
                    missing=NOT_DRAWN,
                )
            )
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
        own=own_support.lines,
        production=used.lines,
        drawn=drawn.lines,
        of=beside.of,
        enough=beside.enough,
        rows=tuple(kept),
        left_out=left_out,
    )


def mistaken(profile: "ErrorProfile | None", plan: TargetPlan) -> list[tuple[str, str]]:
    """Name the pairs of a run and those that the profile's characters are read as, each once."""
    pairs = {frozenset((pair.one, pair.other)): (pair.one, pair.other) for pair in plan.pairs}
    if profile is not None:
        for row in profile.ranked:
            near = sorted(row.confusions.items(), key=lambda item: (-item[1], item[0]))
            for other, times in near[:MOST_PARTNERS]:
                if times > 1 and other.strip() and row.char.strip() and other != row.char:
                    pairs.setdefault(frozenset((row.char, other)), (row.char, other))
    return list(pairs.values())


def _row(
    beside: Beside,
    kind: Kind,
    name: str,
    counts: tuple[int, int],
    drawn: int,
    asked: int,
    missing: str,
) -> TeachingRow:
    used, in_own = counts
    is_char = kind in ("character", "space")
    needed = beside.needed(name) if is_char else 0
    why = ""
    if in_own < beside.enough and not drawn:
        why = missing
    elif drawn < needed:
        why = missing or FEW
    return TeachingRow(
        kind=kind,
        name=name,
        used=used,
        own=in_own,
        drawn=drawn,
        asked=asked,
        needed=needed,
        why=Sentence.of(why),
        said=Sentence.of(why).record_of_figures(),
    )


def reason_words(reasons: Mapping[str, int]) -> Sentence:
    """Return in words why lines are missing, each reason with its lines."""
    sentences = [arranged("{why} ({count:,})", why=why, count=n) for why, n in reasons.items()]
    return joined(", ", sentences)


def describe_teaching(record: Teaching, most: int = 20) -> Iterator[str]:
    """Yield the table in lines of text: characters first, of the rest what own lines lack."""
    chars = [row for row in record.rows if row.kind in ("character", "space")]
    by_own = [row for row in chars if row.own >= record.enough]
    by_drawn = [row for row in chars if row.own < record.enough and row.drawn]
    rest = [row for row in chars if row.own < record.enough and not row.drawn]
    yield (
        f"of {count_of(len(chars), 'character')} of production ({record.of}), {len(by_own):,} "
        f"{form_of(len(by_own), 'stands', 'stand')} in "
        f"{count_of(record.enough, 'own line')} or more of {record.own:,}; drawn lines teach "
        f"{len(by_drawn):,} more, nothing teaches {len(rest):,}"
    )
    # First what nothing teaches, then what drawing is for, then the rest.
    shown = [*rest, *sorted(by_drawn, key=lambda row: (row.own, -row.used, row.name)), *by_own]
    others = [
        row
        for row in record.rows
        if row.kind not in ("character", "space") and row.own < record.enough
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
