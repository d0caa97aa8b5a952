"""What a plan holds, what it could not serve, and what it will cost."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from textlines.defects import EFFECT_WORDS, EFFECTS, of_texts
from textlines.formats.run_record import SERVED_SHORT, TARGETS, AskedLines
from textlines.labels.tally import Tally
from textlines.profile.part_words import KOREAN, NO_FINAL
from textlines.wording.counts import count_of, form_of

if TYPE_CHECKING:
    from textlines.formats.profile import PartPlace
    from textlines.formats.teaching import Teaching


LEAST_SERVED = 0.9
"""Of the lines for a character: with fewer it is served short. A line here and there is missing
where the last texts that hold it are met too often, and natural text takes its place."""

_HEADINGS = {code: replace(defect, told=defect.what) for code, defect in of_texts.PLAN.items()}
"""Beside "changed" or "left out", so that no words repeat it."""


def is_short(served: int, wanted: int) -> bool:
    """Whether a character stands in clearly fewer lines than are wanted for it."""
    return served < LEAST_SERVED * wanted


@dataclass(frozen=True, slots=True)
class TargetFigures:
    """Lines wanted and planned for one character.

    role: "hard", "unproven", "unseen" (by the profile, of a weak part) or "partner" (of a hard
    one); beside own lines "misread", "lacking"
    or "kept" (see `PlanRow`). reasons: why lines are missing, with
    counts: "no carrier", "no face", and so on.
    """

    char: str
    role: str
    wanted: int
    served: int
    reasons: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class PairFigures:
    """Rounds of one pair: the same text with either, or each in a text of its own."""

    one: str
    other: str
    wanted: int
    same_context: int
    own_context: int


@dataclass(frozen=True, slots=True)
class PartFigures:
    """Lines planned for one weak part of Hangul syllables, those of partners among them.

    read: what it is read as most often. syllables: hard ones with the part that lines are planned
    for. unseen: how many of them the profile never saw.
    """

    place: "PartPlace"
    part: str
    read: str
    lines: int
    syllables: int
    unseen: int


@dataclass(frozen=True, kw_only=True)
class PlanReport:
    """The figures of a plan.

    Attributes:
        wanted, planned: lines.
        range: the least and most new lines beside the originals; None without originals.
        targets, pairs: by character and by pair, in the order of the profile or of --chars.
        parts: weak parts of Hangul syllables, most lines first.
        natural: natural lines that hold what the profile never saw of a large alphabet, and how
            many characters they hold for it; see `TargetPlan.natural`.
        weak: lines for characters or parts that are surely read right in less than 95 of 100
            places, their partners' among them; None where a run is for none.
        skipped: characters not served at all, with the reason in words.
        no_face: for texts or characters that no face may draw, the faces' reasons with counts.
        sources: lines by source. edited: lines in which a character stands in another's place.
        refused_edits: tries to put a digit into a text whose form has no room for it.
        used_up: sources whose every text stands in the run as often
            as the cap lets it.
        repeats: distinct texts by how often they stand in the run.
        texts: what became of texts and corpus lines that are not planned as they stand, by
            reason: left out, or changed. The reasons' words are those of `of_texts.PLAN`.
        before, after: counts of characters in natural text and in the plan.
        lengths: lines by length. spaces: share of spaces among the characters.
        distractor_weight: see `TargetPlan`.
        short: why lines are missing, by reason.
        teaching: of a run beside own lines, what these teach and what its lines do.
    """

    wanted: int
    planned: int
    range: tuple[int, int] | None = None
    targets: tuple[TargetFigures, ...] = ()
    pairs: tuple[PairFigures, ...] = ()
    parts: tuple[PartFigures, ...] = ()
    natural: tuple[int, int] = (0, 0)
    weak: int | None = None
    skipped: Mapping[str, str] = field(default_factory=dict)
    no_face: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    sources: Mapping[str, int] = field(default_factory=dict)
    edited: int = 0
    refused_edits: int = 0
    used_up: tuple[str, ...] = ()
    repeats: Mapping[int, int] = field(default_factory=dict)
    texts: Tally = field(default_factory=Tally)
    before: Mapping[str, int] = field(default_factory=dict)
    after: Mapping[str, int] = field(default_factory=dict)
    lengths: Mapping[int, int] = field(default_factory=dict)
    spaces: float = 0.0
    distractor_weight: float = 1.0
    short: Mapping[str, int] = field(default_factory=dict)
    teaching: "Teaching | None" = None

    @property
    def asked(self) -> tuple[str, ...]:
        """Name the characters that the run was asked for, served or not; none beside own lines."""
        roles = {"hard", "unproven"}
        return (*(row.char for row in self.targets if row.role in roles), *self.skipped)

    @property
    def served_short(self) -> dict[str, int]:
        """Return the characters of `asked` with clearly fewer lines than are wanted, and those."""
        rows = {row.char: row for row in self.targets}
        short = dict.fromkeys(self.skipped, 0)
        for char in self.asked:
            row = rows.get(char)
            if row is not None and is_short(row.served, row.wanted):
                short[char] = row.served
        return short

    def asked_lines(self) -> dict[str, AskedLines]:
        """Return the lines wanted and planned for each character of `asked` that is served."""
        if self.teaching is not None:
            return {}
        rows = {row.char: row for row in self.targets}
        return {
            char: AskedLines(wanted=row.wanted, planned=row.served)
            for char in self.asked
            if char not in self.skipped and (row := rows.get(char)) is not None
        }

    def counts(self) -> dict[str, int]:
        """Return the counts for a manifest.

        Planned lines, lines by source, edited ones, targets and those that are short, and what
        became of texts ("changed: cut", "left out: control").
        """
        counted = {"planned": self.planned, "wanted": self.wanted}
        counted |= {f"source {name}": count for name, count in self.sources.items()}
        counted["edited"] = self.edited
        counted |= left_out_counts(self.texts, self.refused_edits)
        counted |= {f"short: {name}": count for name, count in self.short.items()}
        if self.asked and self.teaching is None:
            counted[TARGETS] = len(self.asked)
            counted |= {f"{SERVED_SHORT}{char}": n for char, n in self.served_short.items()}
        return counted


def left_out_counts(texts: Tally, refused_edits: int) -> dict[str, int]:
    """Return the counts of what became of texts, and of edits that their form had no room for."""
    refused = {"edits refused": refused_edits} if refused_edits else {}
    return refused | texts.by_effect()


@dataclass(frozen=True, slots=True)
class ImageRates:
    """What one image costs: seconds of one process, and bytes; and how many processes run."""

    seconds: float
    bytes: float
    workers: int = 1


def describe(report: PlanReport, rates: ImageRates | None = None, most: int = 30) -> list[str]:
    """Return in lines of text what a plan holds; `most` limits the lists of characters, of pairs.

    >>> describe(PlanReport(wanted=100, planned=100), ImageRates(0.002, 15_000))[0]
    '100 of 100 lines planned; about 0.0 minutes and 1.5 MB'
    """
    return list(_lines(report, rates, most))


def describe_blocks(rows: int, block: int, report: PlanReport, rates: ImageRates) -> str:
    """Return in words what a run in blocks comes to, by the report of its first block.

    Args:
        rows: of the run that are asked for. block: of each block but the last.

    >>> report = PlanReport(wanted=200_000, planned=200_000)
    >>> describe_blocks(10**9, 200_000, report, ImageRates(0.002, 15_000, 64)).partition(";")[0]
    '1,000,000,000 lines in 5,000 blocks, about 8.7 hours and 15,000.0 GB'
    """
    lines = rows * report.planned / max(report.wanted, 1)
    hours = lines * rates.seconds / max(rates.workers, 1) / 3600
    return (
        f"{count_of(rows, 'line')} in {count_of(-(-rows // block), 'block')}, about {hours:,.1f} "
        f"hours and {lines * rates.bytes / 1e9:,.1f} GB; each block is planned by who draws it. "
        "The first one, which all others are like:"
    )


def _lines(report: PlanReport, rates: ImageRates | None, most: int) -> Iterator[str]:
    cost = ""
    if rates:
        minutes = report.planned * rates.seconds / max(rates.workers, 1) / 60
        cost = f"; about {minutes:.1f} minutes and {report.planned * rates.bytes / 1e6:,.1f} MB"
    yield f"{report.planned:,} of {count_of(report.wanted, 'line')} planned{cost}"
    if report.range:
        low, high = report.range
        place = "inside" if low <= report.planned <= high else "OUTSIDE"
        yield f"{place} the {low:,} to {high:,} new lines that 10:1 to 5:1 allows"
    for reason, count in report.short.items():
        yield f"short by {count:,}: {reason}"
    if report.weak is not None and report.planned:
        yield (
            f"{report.weak:,} of {count_of(report.planned, 'line')} "
            f"({report.weak / report.planned:.1%}) {form_of(report.weak, 'is', 'are')} "
            "for characters or parts that are surely read right in less than 95 of 100 places"
        )
    if report.natural[0]:
        lines, seldom = report.natural
        yield (
            f"{count_of(lines, 'natural line')} {form_of(lines, 'holds', 'hold')} "
            f"{count_of(seldom, 'syllable or Han character', 'syllables or Han characters')} that "
            "the profile never saw"
        )
    for part in report.parts[: most // 2]:
        name = f"{KOREAN[part.place]} {part.part or NO_FINAL}→{part.read or NO_FINAL}"
        never = f", {part.unseen:,} of them never seen" if part.unseen else ""
        kind = count_of(part.syllables, "character" if part.place == "glyph" else "syllable")
        yield f"{name}: {count_of(part.lines, 'line')} for {kind}{never}"
    if len(report.parts) > most // 2:
        yield count_of(len(report.parts) - most // 2, "more part")
    for row in report.targets[:most]:
        missing = "".join(f"; {count:,} {why}" for why, count in row.reasons.items())
        name = "space" if row.char == " " else row.char
        yield f"{name} {row.role}: {row.served:,} of {count_of(row.wanted, 'line')}{missing}"
    if len(report.targets) > most:
        rest = report.targets[most:]
        served, wanted = sum(r.served for r in rest), sum(r.wanted for r in rest)
        yield (f"{count_of(len(rest), 'more character')}: {served:,} of {count_of(wanted, 'line')}")
    for pair in report.pairs[:most]:
        in_own_texts = f", {pair.own_context:,} in texts of their own" if pair.own_context else ""
        times = count_of(pair.same_context, "time")
        yield f"pair {pair.one} {pair.other}: {times} in the same text{in_own_texts}"
    if len(report.pairs) > most:
        yield count_of(len(report.pairs) - most, "more pair")
    short = report.served_short if report.teaching is None else {}
    if short:
        asked, get = count_of(len(report.asked), "character"), form_of(len(short), "gets", "get")
        yield f"{len(short):,} of {asked} {get} fewer lines than asked"
    for char, why in report.skipped.items():
        yield f"not served: {char}: {why}"
    for text, reasons in list(report.no_face.items())[:most]:
        words = ", ".join(f"{why}: {count}" for why, count in reasons.items())
        yield f"no face for {text}: {words}"
    for name, count in report.sources.items():
        yield f"from {name}: {count:,}"
    if report.edited or report.targets:
        share = report.edited / max(report.planned, 1)
        yield (
            f"edited lines, one character in another's place: {report.edited:,} of "
            f"{report.planned:,} ({share:.1%})"
        )
    if report.refused_edits:
        yield (
            f"edits refused, no date, amount or number of that form holds the digit: "
            f"{report.refused_edits:,}"
        )
    for name in report.used_up:
        yield f"used up: {name}"
    if report.repeats:
        times = ", ".join(f"{texts:,} x {k}" for k, texts in report.repeats.items())
        yield f"distinct texts by how often they stand: {times}"
    for effect in EFFECTS:
        for line in report.texts.part(effect).lines(_HEADINGS):
            yield f"{EFFECT_WORDS[effect]}: {line}"
    if report.lengths:
        total = sum(report.lengths.values())
        mean = sum(length * count for length, count in report.lengths.items()) / total
        yield f"mean length {mean:.1f} characters, {report.spaces:.1%} of them spaces"
    if report.distractor_weight > 1:
        yield f"distractors weigh {report.distractor_weight:.2f} times, for inserted characters"
