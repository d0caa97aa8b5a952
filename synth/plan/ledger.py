"""What a plan has given out so far, and the counts of characters that it steers towards."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from synth.plan.bounds import allowed_range
from synth.plan.plan_report import PairFigures, PartFigures, PlanReport, TargetFigures
from synth.plan.request import PlanRequest, TargetPlan
from synth.plan.stocks import Carrier, Desk, Repeats
from textlines.labels.canonical import clusters
from textlines.profile.support import SupportCounter

if TYPE_CHECKING:
    from textlines.formats.profile import PartPlace, PartRow
    from textlines.formats.teaching import Teaching


PartKey = tuple["PartPlace", str]

MOST_FACELESS = 100
"""Texts without a face whose reasons are kept."""


class Chosen(NamedTuple):
    """A carrier with its face, not yet given out."""

    carrier: Carrier
    targets: tuple[str, ...]
    face: str


class Ledger:
    """Counts what is given out and what is not; grows by the character, not by the row.

    Args:
        rows: that are planned: of the run, or of a block of it.
    """

    def __init__(self, request: PlanRequest, rows: int) -> None:
        self._request, self._rows = request, rows
        cap = None if request.texts else request.options.repeat_cap or None
        self.repeats = Repeats(rows, cap)
        self.planned = 0
        self.sources: Counter[str] = Counter()
        self.edited = 0
        self.after: Counter[str] = Counter()
        self.lengths: Counter[int] = Counter()
        self.served: Counter[str] = Counter()
        self.same_context: Counter[tuple[str, ...]] = Counter()
        self.own_context: Counter[tuple[str, ...]] = Counter()
        self.reasons: dict[str, Counter[str]] = {}
        self.short: Counter[str] = Counter()
        self.no_face: dict[str, Mapping[str, int]] = {}
        self._aim = TargetPlan()
        self._weak: frozenset[str] = frozenset()
        self._parts_by_char: Mapping[str, PartRow] = {}
        self.for_weak = 0
        self.by_part: Counter[PartKey] = Counter()
        self.support = SupportCounter() if request.beside else None

    def aim(self, plan: TargetPlan) -> None:
        """Take over what the whole run is for: which characters are weak, and their parts."""
        self._aim = plan
        self._weak, self._parts_by_char = plan.weak, plan.parts

    def count(self, chosen: Sequence[Chosen]) -> None:
        """Count what is given out: one line, or both of a round."""
        chars = {char for line in chosen for char in line.targets}
        if not chars.isdisjoint(self._weak):
            self.for_weak += len(chosen)
        held = {part_key(part) for char in chars if (part := self._parts_by_char.get(char))}
        self.by_part.update(dict.fromkeys(held, len(chosen)))
        for carrier, targets, _ in chosen:
            text = carrier.text
            if self.support:
                self.support.add(text)
            self.planned += 1
            self.repeats.add(text)
            self.sources[carrier.source] += 1
            self.edited += carrier.edited
            self.after.update(clusters(text))
            self.lengths[len(text)] += 1
            for char in targets:
                self.served[char] += 1

    def miss(self, chars: Sequence[str], reason: str) -> None:
        """Count a line that is missing for each of the characters."""
        for char in chars:
            self.reasons.setdefault(char, Counter())[reason] += 1

    def faceless(self, text: str, reasons: Mapping[str, int]) -> None:
        """Keep why no face may draw a text."""
        if len(self.no_face) < MOST_FACELESS:
            self.no_face[text] = dict(reasons)

    def report(
        self, plan: TargetPlan, desk: Desk, used_up: Sequence[str], before: Mapping[str, int]
    ) -> PlanReport:
        """Return all figures."""
        request = self._request
        total, whole = sum(self.after.values()), self._rows == request.rows
        roles = dict.fromkeys(plan.hard, "hard")
        roles |= dict.fromkeys(plan.unproven, "unproven") | dict.fromkeys(plan.unseen, "unseen")
        wanted = plan.wanted()
        missing = self._rows - self.planned - sum(self.short.values())
        short = dict(sorted(self.short.items()))
        if missing > 0:
            short["every text stands as often as --repeat-cap lets it; add texts"] = missing
        return PlanReport(
            wanted=self._rows,
            planned=self.planned,
            range=allowed_range(request.originals.lines) if request.originals and whole else None,
            targets=tuple(
                TargetFigures(
                    char,
                    plan.why.get(char) or roles.get(char, "partner"),
                    wanted.get(char, 0),
                    self.served[char],
                    dict(sorted(self.reasons.get(char, Counter[str]()).items())),
                )
                for char in [*plan.hard, *(c for c in wanted if c not in roles)]
            ),
            pairs=tuple(
                PairFigures(
                    pair.one,
                    pair.other,
                    pair.rounds,
                    self.same_context[pair.one, pair.other],
                    self.own_context[pair.one, pair.other],
                )
                for pair in plan.pairs
            ),
            parts=self._parts(plan),
            natural=self._natural(plan),
            weak=self.for_weak if plan.weak else None,
            skipped=dict(plan.skipped),
            no_face=dict(self.no_face),
            sources=dict(sorted(self.sources.items(), key=lambda item: (-item[1], item[0]))),
            edited=self.edited,
            used_up=tuple(used_up),
            repeats=self.repeats.histogram(),
            texts=desk.tally,
            refused_edits=desk.refused_edits,
            before=dict(before),
            after=dict(sorted(self.after.items())),
            lengths=dict(sorted(self.lengths.items())),
            spaces=self.after[" "] / total if total else 0.0,
            distractor_weight=plan.distractor_weight,
            short=short,
            teaching=self._teaching(self._aim),
        )

    def _natural(self, plan: TargetPlan) -> tuple[int, int]:
        served = [self.served[char] for char in plan.natural if self.served[char]]
        return sum(served), len(served)

    def _parts(self, plan: TargetPlan) -> tuple[PartFigures, ...]:
        by_part = {part_key(part): part for part in plan.parts.values()}
        figures = []
        for name, part in by_part.items():
            chars = [c for c, row in plan.parts.items() if part_key(row) == name and self.served[c]]
            unseen = sum(char in plan.unseen for char in chars)
            read = next(iter(part.confusions), "")
            figures.append(PartFigures(*name, read, self.by_part[name], len(chars), unseen))
        return tuple(sorted(figures, key=lambda row: (-row.lines, row.place, row.part)))

    def _teaching(self, plan: TargetPlan) -> "Teaching | None":
        beside = self._request.beside
        if beside is None or self.support is None:
            return None
        from synth.plan.beside_own import mistaken, teaching

        pairs = mistaken(self._request.profile, plan)
        drawn = self.support.support()
        return teaching(
            beside, plan, drawn=drawn, served=self.served, reasons=self.reasons, pairs=pairs
        )


def part_key(part: "PartRow") -> PartKey:
    """Return what names a part: its place and its letter."""
    return part.place, part.part


class CharacterBalance:
    """Scores texts by how much they bring the planned characters towards a target.

    The target is q(c) = (1 - s) * t(c) + s * h(c), with t(c) proportional to p(c) ** alpha: the
    natural shares p, tempered (alpha 1 leaves them, 0 evens them out), and h: the shares of the
    hard characters. Of several carriers the one with the highest mean of q(c) / planned(c) is
    taken, which is the steepest way down for the divergence KL(q, planned).

    Args:
        natural: counts of characters in natural text.
        hard: how many lines are planned for each hard character.
        alpha: 0..1.
        hard_share: s, 0..1.
    """

    def __init__(
        self,
        natural: Mapping[str, int],
        hard: Mapping[str, int],
        alpha: float,
        hard_share: float,
    ) -> None:
        total = sum(natural.values()) or 1
        # Rounded, as the last digits of pow differ between C libraries.
        tempered = {
            char: round((count / total) ** alpha, 12) for char, count in sorted(natural.items())
        }
        tempered_total = sum(tempered.values()) or 1.0
        hard_total = sum(hard.values()) or 1
        share = hard_share if hard else 0.0
        self.target: dict[str, float] = {
            char: (1 - share) * tempered.get(char, 0.0) / tempered_total
            + share * hard.get(char, 0) / hard_total
            for char in sorted({*natural, *hard})
        }
        self.planned: Counter[str] = Counter()
        self._total = 0

    def add(self, text: str) -> None:
        """Count the characters of a planned line."""
        parts = clusters(text)
        self.planned.update(parts)
        self._total += len(parts)

    def score(self, text: str) -> float:
        """Return the mean of target / planned over the text's characters."""
        planned, target = self.planned, self.target
        # One virtual line of the target itself, so that a run's first lines count for little.
        total = self._total + 100.0
        gain = 0.0
        parts = clusters(text)
        for char in parts:
            wanted = target.get(char, 0.0)
            gain += wanted * total / (planned[char] + 100.0 * wanted + 1e-9) if wanted else 0.0
        return gain / len(parts)

    def best(self, texts: Sequence[str]) -> int:
        """Return the position of the text that scores highest; the first among equals."""
        if len(texts) == 1:
            return 0
        scores = [self.score(text) for text in texts]
        return scores.index(max(scores))
