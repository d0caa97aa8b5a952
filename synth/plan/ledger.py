"""What a plan has given out so far."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from synth.plan.budget import allowed_range
from synth.plan.repeats import Repeats
from synth.plan.report import PairFigures, PartFigures, PlanReport, TargetFigures
from synth.plan.request import PlanRequest
from synth.plan.stock import Carrier, Desk
from synth.plan.targets import TargetPlan
from textlines.formats.plan_rows import PlanRow, Why
from textlines.labels.canonical import clusters
from textlines.profile.support import SupportCounter

if TYPE_CHECKING:
    from textlines.formats.profile import PartPlace, PartRow
    from textlines.formats.teaching import Teaching

Part = tuple["PartPlace", str]

MOST_FACELESS = 100
"""Texts without a face whose reasons are kept."""


class Chosen(NamedTuple):
    """A carrier with its face, not yet given out."""

    carrier: Carrier
    targets: tuple[str, ...]
    face: str


class Ledger:
    """Counts what is given out and what is not; grows by the character, not by the row."""

    def __init__(self, request: PlanRequest) -> None:
        self._request = request
        cap = None if request.texts else request.repeat_cap
        self.repeats = Repeats(request.rows, cap)
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
        self.why: Mapping[str, Why] = {}
        self.weak: frozenset[str] = frozenset()
        self.parts: Mapping[str, PartRow] = {}
        self.for_weak = 0
        self.by_part: Counter[Part] = Counter()
        self.support = SupportCounter() if request.beside else None

    def give(self, chosen: Sequence[Chosen]) -> list[PlanRow]:
        """Make rows of carriers and count them: of one line, or of both of a round."""
        rows = []
        chars = {char for one in chosen for char in one.targets}
        if not chars.isdisjoint(self.weak):
            self.for_weak += len(chosen)
        held = {key(part) for char in chars if (part := self.parts.get(char))}
        self.by_part.update(dict.fromkeys(held, len(chosen)))
        for carrier, targets, face in chosen:
            text, source = carrier.text, carrier.source
            why = self.why.get(targets[0], "") if targets else ""
            style = self._request.style
            rows.append(PlanRow(self.planned, text, targets, face, style, "train", source, why))
            if self.support:
                self.support.add(text)
            self.planned += 1
            self.repeats.add(text)
            self.sources[source] += 1
            self.edited += carrier.edited
            self.after.update(clusters(text))
            self.lengths[len(text)] += 1
            for char in targets:
                self.served[char] += 1
        return rows

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
        """Give all figures."""
        request = self._request
        total = sum(self.after.values())
        roles = dict.fromkeys(plan.hard, "hard")
        roles |= dict.fromkeys(plan.unproven, "unproven") | dict.fromkeys(plan.unseen, "unseen")
        wanted = plan.wanted()
        missing = request.rows - self.planned - sum(self.short.values())
        short = dict(sorted(self.short.items()))
        if missing > 0:
            short["every text stands as often as --repeat-cap lets it; add texts"] = missing
        return PlanReport(
            wanted=request.rows,
            planned=self.planned,
            range=allowed_range(request.originals.lines) if request.originals else None,
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
            teaching=self._teaching(plan),
        )

    def _natural(self, plan: TargetPlan) -> tuple[int, int]:
        served = [self.served[char] for char in plan.natural if self.served[char]]
        return sum(served), len(served)

    def _parts(self, plan: TargetPlan) -> tuple[PartFigures, ...]:
        by_part = {key(part): part for part in plan.parts.values()}
        found = []
        for name, part in by_part.items():
            chars = [c for c, one in plan.parts.items() if key(one) == name and self.served[c]]
            unseen = sum(char in plan.unseen for char in chars)
            read = next(iter(part.confusions), "")
            found.append(PartFigures(*name, read, self.by_part[name], len(chars), unseen))
        return tuple(sorted(found, key=lambda one: (-one.lines, one.place, one.part)))

    def _teaching(self, plan: TargetPlan) -> "Teaching | None":
        beside = self._request.beside
        if beside is None or self.support is None:
            return None
        from synth.plan.teaching import mistaken, teaching

        pairs = mistaken(self._request.profile, plan)
        drawn = self.support.support()
        return teaching(beside, plan, drawn, self.served, self.reasons, pairs)


def key(part: "PartRow") -> Part:
    """Return what names a part: its place and its letter."""
    return part.place, part.part
