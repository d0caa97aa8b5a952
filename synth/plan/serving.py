"""Find a carrier and a face for each place of the run."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Protocol

from synth.corpus.sources import merged
from synth.draws import Draws
from synth.plan.balance import CharacterBalance
from synth.plan.ledger import Chosen, Ledger
from synth.plan.request import PlanRequest
from synth.plan.shape import Cell
from synth.plan.stock import Carrier, Desk
from synth.plan.supply import Best, Natural, Supply
from synth.plan.targets import SPACE, TargetPlan
from textlines.formats.plan_rows import PlanRow
from textlines.wording import arranged, joined, say

TRIES = 8
"""Carriers that are tried for one place of the run before its reason is counted."""

NATURAL_TRIES = 256
"""The same for natural text, which takes the places of all that could not be served: most of it may
hold what a style's faces lack (a document's texts on a display), and nothing takes its place."""

SCOUTS = 12
"""Carriers that are tried for a character before the run."""

GIVE_UP = 3
"""Failures in a row after which a pair is served each in texts of its own."""

NO_FACE, OVER_CAP = say("no face"), say("over the repeat cap")

UNDRAWN = say("no face draws it")
"""What the reason starts with for which a character is not served, where faces are at fault."""


class FaceChooser(Protocol):
    """What the plan asks of the faces (answered by `synth.faces.face_pool`)."""

    def choose(self, text: str, draws: Draws, lines: Sequence[str] = ()) -> str | None:
        """Draw the id of a face that may draw every cluster of the text; None if none may.

        lines: what will be drawn, where the text is several lines set together.
        """

    def why_not(self, text: str) -> Mapping[str, int]:
        """Count the faces that refuse the text, by reason and cluster ("absent '값'": 3)."""


class Server:
    """Serves one place of the run after the other, in order."""

    def __init__(self, request: PlanRequest, chooser: FaceChooser, ledger: Ledger) -> None:
        self._request, self._chooser, self._ledger = request, chooser, ledger
        self.desk = Desk(request.limits, ledger.repeats, by_cell=request.like is not None)
        self.desk.tally.merge(request.corpus.tally)
        own = {source.sha256 for source in request.corpus.lines}
        spare = tuple(s for s in request.stand_ins.lines if s.sha256 not in own)
        stand_ins = replace(request.stand_ins, lines=spare)
        corpus = merged(request.corpus, stand_ins)
        self.supply = Supply(corpus, self.desk, edits_first=request.looks_like_own)
        self._balance: CharacterBalance | None = None
        self._failures: Counter[tuple[str, ...]] = Counter()
        self._turns: Counter[tuple[str, ...]] = Counter()
        like = request.like
        self._shape = like.within(request.limits.max_length) if like else None
        self._offset = Draws(request.seed, 0, purpose="shape").unit()
        self._units = 0
        self._refusals: dict[str, str | None] = {}
        self.is_dry = False

    @cached_property
    def natural(self) -> Natural:
        """Measure natural text: the originals, else the corpus by share."""
        originals = self._request.originals
        if originals:
            mean = sum(originals.characters.values()) / originals.lines
            return Natural(originals.characters, mean)
        return self.supply.measure()

    def refusal(self, char: str) -> str | None:
        """Say in words why a character cannot be served; None if it can."""
        if char not in self._refusals:
            self._refusals[char] = self._scout(char)
        return self._refusals[char]

    def _scout(self, char: str) -> str | None:
        if not self._request.limits.can_hold(char):
            return say("the dictionary does not hold it")
        for k in range(SCOUTS):
            draws = Draws(self._request.seed, k, purpose=f"scout {char}")
            carrier = self.supply.carrier(char, draws)
            if carrier is None:
                return say("no text holds it, and none holds a character of its class")
            if self._chooser.choose(carrier.text, draws) is not None:
                return None
        self._ledger.faceless(char, self._chooser.why_not(char))
        return arranged("{what} ({why})", what=UNDRAWN, why=_words(self._chooser.why_not(char)))

    def aim(self, plan: TargetPlan) -> None:
        """Set the target of the character counts; plain runs have none."""
        if plan.hard:
            wanted = plan.wanted()
            # One character for each line that is planned for one, among all that are planned.
            share = min(0.5, sum(wanted.values()) / (plan.rows * self.natural.mean_length))
            self._balance = CharacterBalance(
                self.natural.characters, wanted, self._request.alpha, share
            )

    def serve(self, chars: tuple[str, ...], draws: Draws) -> list[PlanRow]:
        """Serve one unit: natural text for no character, a line for one, a round for two."""
        cell = self._cell()
        if chars == (SPACE,):
            for _ in range(TRIES):
                if cell is None or cell[1]:
                    break
                cell = self._cell()
        if len(chars) == 2:
            return self._round(chars[0], chars[1], draws, cell)
        chosen = self._line(chars, draws, cell)
        return self._give([chosen]) if chosen else []

    def _cell(self) -> Cell | None:
        """Give the next length and spaces to come near to; None where nothing is named."""
        if not self._shape or not self._shape.cells:
            return None
        self._units += 1
        return self._shape.cell(self._units - 1, self._offset)

    def fill(self, count: int, draws: Draws) -> list[PlanRow]:
        """Serve natural text in the place of lines that could not be served."""
        rows: list[PlanRow] = []
        for _ in range(count):
            rows += self.serve((), draws)
        return rows

    def _give(self, chosen: Sequence[Chosen]) -> list[PlanRow]:
        if self._balance:
            for one in chosen:
                self._balance.add(one.carrier.text)
        return self._ledger.give(chosen)

    def _line(self, chars: tuple[str, ...], draws: Draws, cell: Cell | None) -> Chosen | None:
        """Find a carrier with a face; None after too many tries, with the reason counted."""
        reason = OVER_CAP
        text = ""
        for _ in range(TRIES if chars else NATURAL_TRIES):
            carrier = (
                self.supply.carrier(chars[0], draws, cell, self._best())
                if chars
                else self.supply.natural(draws, cell)
            )
            if carrier is None:
                self.is_dry = not chars
                break
            text = carrier.text
            face = self._chooser.choose(text, draws)
            if face is not None:
                return Chosen(carrier, chars, face)
            reason = NO_FACE
        if reason == NO_FACE:
            self._ledger.faceless(text, self._chooser.why_not(text))
        if chars:
            self._ledger.miss(chars, reason)
        elif reason == NO_FACE:
            self._ledger.short[NO_FACE] += 1
        return None

    def _round(self, one: str, other: str, draws: Draws, cell: Cell | None) -> list[PlanRow]:
        """Serve both of a pair or neither, so that the two stay equal in number."""
        pair = (one, other)
        if self._failures[pair] < GIVE_UP:
            # From lines that hold the one and from lines that hold the other, in turn.
            turn = self._turns[pair]
            self._turns[pair] += 1
            found = self._exchange(*(pair if turn % 2 == 0 else pair[::-1]), draws, cell)
            if found:
                self._failures[pair] = 0
                self._ledger.same_context[pair] += 1
                return self._give(found)
            self._failures[pair] += 1
        first = self._line((one,), draws, cell)
        second = self._line((other,), draws, cell) if first else None
        if first and second:
            self._ledger.own_context[pair] += 1
            return self._give([first, second])
        self._ledger.miss((other,) if not first else (one,), say("its partner could not be served"))
        return []

    def _exchange(self, one: str, other: str, draws: Draws, cell: Cell | None) -> list[Chosen]:
        for _ in range(TRIES // 2):
            carriers = self.supply.pair(one, other, draws, cell, self._best())
            if carriers is None:
                return []
            # One face for both, and one that tells the two apart.
            texts = carriers[0].text, carriers[1].text
            face = self._chooser.choose("".join(texts), draws, texts)
            if face is not None:
                return [Chosen(carriers[0], (one,), face), Chosen(carriers[1], (other,), face)]
        return []

    def _best(self) -> Best | None:
        return self._balance.best if self._balance else None

    def listed(self) -> Iterator[PlanRow]:
        """Serve the texts of a list in turn; those at fault are left out and counted."""
        request, desk = self._request, self.desk
        live = []
        for text in request.texts:
            fault = desk.limits.fault(text)
            if fault:
                desk.tally.add(fault, f"list {text!r}")
            else:
                live.append(text)
        rows = request.rows if request.count is not None else len(live)
        if rows < request.rows:
            self._ledger.short["texts of the list left out"] += request.rows - rows
        at = 0
        for k in range(rows):
            draws = Draws(request.seed, k, purpose="plan")
            while live:
                at %= len(live)
                face = self._chooser.choose(live[at], draws)
                if face is not None:
                    yield from self._ledger.give([Chosen(Carrier(live[at], "list"), (), face)])
                    at += 1
                    break
                desk.tally.add("no_face", f"list {live[at]!r}")
                self._ledger.faceless(live[at], self._chooser.why_not(live[at]))
                live.pop(at)
                if request.count is None:
                    self._ledger.short[NO_FACE] += 1
                    break


def _words(reasons: Mapping[str, int]) -> str:
    ranked = sorted(reasons.items(), key=lambda item: (-item[1], item[0]))
    told = [arranged("{why}: {count}", why=why, count=count) for why, count in ranked[:3]]
    return joined(", ", told) or say("no face at all")
