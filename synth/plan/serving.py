"""A plan in the making: a carrier and a face for each place of the run, in order."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from synth.corpus.sources import merged
from synth.draws import Draws
from synth.plan.bounds import Cell
from synth.plan.ledger import CharacterBalance, Chosen, Ledger
from synth.plan.plan_blocks import PlanBlock, share_of
from synth.plan.plan_report import PlanReport, left_out_counts
from synth.plan.request import SPACE, PlanRequest, TargetPlan, schedule
from synth.plan.stocks import Carrier, Desk
from synth.plan.supply import Best, Natural, Supply
from synth.plan.targets import plan_chars
from synth.plan.text_shares import TextShare
from textlines.defects import of_texts
from textlines.errors import InputError, UsageError
from textlines.formats.plan_rows import PlanRow, Setting, Why
from textlines.labels.scripts import script_of
from textlines.wording import Sentence, arranged, joined, say

if TYPE_CHECKING:
    from synth.plan.part_lines import NeverSeen


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
"""Why a character is not served, where faces are at fault; the faces' own reasons stand behind."""

SetLine = Callable[[str, str, Draws], Setting]
"""Says how a line is set, by its text and its face, with a stream of draws of its own."""

Check = Callable[[TargetPlan], None]
"""Raises where too little of what a profile asks for can be served."""


class Undrawn(Sentence):
    """Why a character is not served that texts hold and no face draws: `UNDRAWN`, and the why."""

    __slots__ = ()


class FaceChooser(Protocol):
    """What the plan asks of the faces (answered by `synth.faces.face_pool`)."""

    def choose(self, text: str, draws: Draws, lines: Sequence[str] = ()) -> str | None:
        """Draw the id of a face that may draw every cluster of the text; None if none may.

        lines: what will be drawn, where the text is several lines set together.
        """

    def why_not(self, text: str) -> Mapping[str, int]:
        """Count the faces that refuse the text, by reason and cluster ("absent '값'": 3)."""


class Plan:
    """A plan in the making: iterate over it once, then ask for its report.

    Holds the corpus, four bytes a unit of the schedule and some 30 bytes a row to count
    repeats; no row that was given out.

    Args:
        request: what is asked for. chooser: what the faces may draw.
        check: asked before the first line is planned whether enough of a profile can be served;
            raises what ends the run.
        set_line: asked of each line how it is set; None sets all in their one face, not vertically.
        block: the rows that are planned; None is all of the run. What the run is for is the same
            for each block of it, so that a block is planned without the others. The faces must
            have been asked nothing before: they leave out those that break as they meet them.

    Raises:
        UsageError, InputError: nothing of what is asked for can be served.
    """

    def __init__(
        self,
        request: PlanRequest,
        chooser: FaceChooser,
        check: Check | None = None,
        set_line: SetLine | None = None,
        block: PlanBlock | None = None,
    ) -> None:
        self._request = request
        self._check = check
        self._block = block or PlanBlock(0, 1, 0, request.rows)
        self._ledger = Ledger(request, self._block.rows)
        self._server = Server(request, chooser, self._ledger, self._block, set_line)
        aim = self._aim()
        self._ledger.aim(aim)
        self._server.aim(aim)
        seed = request.options.seed
        self._targets = aim if request.texts else share_of(aim, self._block, seed)
        self._begun = self.left_out()
        self._started = False
        self._done = False

    def _aim(self) -> TargetPlan:
        request, refuse = self._request, self._server.refusal
        rows = request.rows
        if request.texts:
            return TargetPlan()
        if request.beside is not None:
            from synth.plan.beside_own import plan_beside  # only runs with own lines need it

            shown = {**request.beside.own.characters, **request.beside.production.characters}
            return plan_beside(
                request.beside,
                request.profile,
                request.chars,
                rows,
                rest_share=request.filler_share,
                temper=request.options.temper,
                refuse=refuse,
                never=self._never_seen(shown),
            )
        if request.profile is not None:
            # Loaded here: runs without a profile need no model of one.
            from synth.plan.part_lines import may_be_planned
            from synth.plan.profile_targets import plan_profile

            plan = plan_profile(
                request.profile,
                rows,
                request.filler_share,
                temper=request.options.temper,
                refuse=refuse,
                syllables=may_be_planned(request.limits.alphabet),
                never=self._never_seen(),
            )
            if self._check is not None:
                self._check(plan)
            option, mend = "--profile", "Name characters with --chars, or plan without a profile."
        elif request.chars:
            plan = plan_chars(request.chars, rows, request.filler_share, refuse)
            option, mend = "--chars", "Add faces or texts that hold them."
        else:
            return TargetPlan(filler=rows)
        if not plan.hard:
            words = "; ".join(f"{char}: {why}" for char, why in plan.skipped.items())
            raise UsageError(
                option,
                f"names no character that can be served ({words or 'nothing was misread'})",
                mend,
            )
        return plan

    def _never_seen(self, shown: Iterable[str] = ()) -> "NeverSeen | None":
        """Estimate what a profile promises beyond what it saw; None without a profile."""
        request = self._request
        if request.profile is None:
            return None
        from synth.plan.part_lines import may_be_planned, never_seen

        syllables = may_be_planned(request.limits.alphabet)
        return never_seen(request.profile, syllables, self._server.natural.characters, shown)

    def __iter__(self) -> Iterator[PlanRow]:
        if self._started:
            raise RuntimeError("a plan can be iterated over once")
        self._started = True
        return self._rows()

    def _rows(self) -> Iterator[PlanRow]:
        request, ledger = self._request, self._ledger
        if request.texts:
            yield from self._server.listed()
        else:
            seed = self._block.seed(request.options.seed)
            made = schedule(self._targets, seed)
            hard = self._targets.hard
            extra = self._block.number
            for unit, job in enumerate(made.order):
                chars = made.jobs[job]
                draws = Draws(seed, unit, purpose="plan")
                served = self._server.serve(chars, draws)
                if not served and chars:
                    served = self._server.fill(len(chars), draws)
                if not served and hard:
                    # Natural text is used up: one more line for each hard character in turn, past
                    # those whose texts are used up too.
                    wanted = max(len(chars), 1)
                    for _ in range(len(hard) + wanted):
                        served += self._server.serve((hard[extra % len(hard)],), draws)
                        extra += 1
                        if len(served) >= wanted:
                            break
                yield from served
                if not served and self._server.is_dry:
                    break
        # A block may have no room for any text; that of a run without any text has none at all.
        if not ledger.planned and (self._block.is_whole or not self._server.has_texts):
            raise InputError(
                "--text-list" if request.texts else "--corpus",
                f"gives no line that may be planned ({'; '.join(self.report_lines()) or 'empty'})",
                "Name other texts, another dictionary or more fonts.",
            )
        self._done = True

    def left_out(self) -> dict[str, int]:
        """Return what was left out so far, of texts and of edits, by its name in a run's counts."""
        return left_out_counts(self._server.desk.tally, self._server.desk.refused_edits)

    @property
    def begun(self) -> dict[str, int]:
        """Return what was left out before the first row: the same for every block of a run."""
        return self._begun

    @property
    def reasons(self) -> Mapping[str, Mapping[str, int]]:
        """Return why lines for a character are missing so far, with counts."""
        return self._ledger.reasons

    def report_lines(self) -> list[str]:
        """Return in words what was left out so far, with places."""
        faces = [
            f"no face for {text}: {', '.join(f'{why} ({n})' for why, n in reasons.items())}"
            for text, reasons in list(self._ledger.no_face.items())[:3]
        ]
        return [*self._server.desk.tally.lines(), *faces]

    def report(self) -> PlanReport:
        """Return the figures of the plan, once it was iterated over to its end.

        Raises:
            RuntimeError: rows are left.
        """
        if not self._done:
            raise RuntimeError("the plan has not been iterated over to its end")
        server = self._server
        before = {} if self._request.texts else server.natural.characters
        return self._ledger.report(self._targets, server.desk, server.supply.used_up, before)


class Server:
    """Serves one place of the run after the other, in order."""

    def __init__(
        self,
        request: PlanRequest,
        chooser: FaceChooser,
        ledger: Ledger,
        block: PlanBlock,
        set_line: SetLine | None = None,
    ) -> None:
        self._request, self._chooser, self._ledger = request, chooser, ledger
        self._set_line = set_line
        self._block, self._seed = block, block.seed(request.options.seed)
        self.desk = Desk(request.limits, ledger.repeats, by_cell=request.like is not None)
        self.desk.tally.merge(request.corpus.tally)
        known = {source.sha256 for source in request.corpus.lines}
        spare = tuple(s for s in request.stand_ins.lines if s.sha256 not in known)
        stand_ins = replace(request.stand_ins, lines=spare)
        corpus = merged(request.corpus, stand_ins)
        self.supply = Supply(corpus, self.desk, _edits_first(request))
        self._balance: CharacterBalance | None = None
        self._why: Mapping[str, Why] = {}
        self._failures: Counter[tuple[str, ...]] = Counter()
        self._turns: Counter[tuple[str, ...]] = Counter()
        like = request.like
        self._shape = like.within(request.limits.max_length) if like else None
        self._offset = Draws(self._seed, 0, purpose="shape").unit()
        self._units = 0
        self._refusals: dict[str, str | None] = {}
        self.is_dry = False
        self._listed = self._of_list()

    @property
    def has_texts(self) -> bool:
        """Whether the run has any text that may be planned, in this block or in another."""
        return bool(self._listed if self._request.texts else self.supply.held())

    @cached_property
    def natural(self) -> Natural:
        """Measure natural text: the originals, else the corpus by share."""
        originals = self._request.originals
        if originals:
            mean = sum(originals.characters.values()) / originals.lines
            return Natural(originals.characters, mean)
        return self.supply.measure()

    def refusal(self, char: str) -> str | None:
        """Return in words why a character cannot be served; None if it can."""
        if char not in self._refusals:
            self._refusals[char] = self._scout(char)
        return self._refusals[char]

    def _scout(self, char: str) -> str | None:
        if not self._request.limits.can_hold(char):
            return say("the dictionary does not hold it")
        for k in range(SCOUTS):
            draws = Draws(self._request.options.seed, k, purpose=f"scout {char}")
            carrier = self.supply.carrier(char, draws)
            if carrier is None:
                return say("no text holds it, and none holds a character of its class")
            if self._chooser.choose(carrier.text, draws) is not None:
                return None
        self._ledger.faceless(char, self._chooser.why_not(char))
        why = _words(self._chooser.why_not(char))
        return Undrawn("{what} ({why})", {"what": UNDRAWN, "why": why})

    def aim(self, plan: TargetPlan) -> None:
        """Take over why lines are drawn; of a run for some, set the aim of the character counts."""
        self._why = plan.why
        cap = self._request.options.repeat_cap
        if cap and not self._request.texts and not self._block.is_whole:
            # Only now: what can be served is to be the same for all blocks.
            pairs = [(pair.one, pair.other) for pair in plan.pairs]
            self.supply.divide(TextShare(self._block, cap, self._request.options.seed, pairs))
        if plan.hard:
            wanted = plan.wanted()
            # One character for each line that is planned for one, among all that are planned.
            share = min(0.5, sum(wanted.values()) / (plan.rows * self.natural.mean_length))
            self._balance = CharacterBalance(
                self.natural.characters, wanted, self._request.options.alpha, share
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
        return self._rows([chosen]) if chosen else []

    def _cell(self) -> Cell | None:
        """Return the next length and spaces to come near to; None where nothing is named."""
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

    def _rows(self, chosen: Sequence[Chosen]) -> list[PlanRow]:
        """Make rows of carriers and count them: of one line, or of both of a round."""
        rows = []
        first = self._ledger.planned
        for number, (carrier, targets, face) in enumerate(chosen, self._block.first + first):
            setting = Setting()
            if self._set_line:
                # Both lines of a round from one stream: the two differ in their characters alone.
                draws = Draws(self._seed, first, purpose="setting")
                setting = self._set_line(carrier.text, face, draws)
            if self._balance:
                self._balance.add(carrier.text)
            rows.append(
                PlanRow(
                    number,
                    carrier.text,
                    targets,
                    face,
                    self._request.style,
                    source=carrier.source,
                    why=self._why.get(targets[0], "") if targets else "",
                    parts=setting.parts,
                    vertical=setting.vertical,
                )
            )
        self._ledger.count(chosen)
        return rows

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

    def _round(self, char: str, other: str, draws: Draws, cell: Cell | None) -> list[PlanRow]:
        """Serve both of a pair or neither, so that the two stay equal in number."""
        pair = (char, other)
        if self._failures[pair] < GIVE_UP:
            # From lines that hold the one and from lines that hold the other, in turn.
            turn = self._turns[pair]
            self._turns[pair] += 1
            exchanged = self._exchange(*(pair if turn % 2 == 0 else pair[::-1]), draws, cell)
            if exchanged:
                self._failures[pair] = 0
                self._ledger.same_context[pair] += 1
                return self._rows(exchanged)
            self._failures[pair] += 1
        first = self._line((char,), draws, cell)
        second = self._line((other,), draws, cell) if first else None
        if first and second:
            self._ledger.own_context[pair] += 1
            return self._rows([first, second])
        self._ledger.miss(
            (other,) if not first else (char,), say("its partner could not be served")
        )
        return []

    def _exchange(self, char: str, other: str, draws: Draws, cell: Cell | None) -> list[Chosen]:
        for _ in range(TRIES // 2):
            carriers = self.supply.pair(char, other, draws, cell, self._best())
            if carriers is None:
                return []
            # One face for both, and one that tells the two apart.
            texts = carriers[0].text, carriers[1].text
            face = self._chooser.choose("".join(texts), draws, texts)
            if face is not None:
                return [Chosen(carriers[0], (char,), face), Chosen(carriers[1], (other,), face)]
        return []

    def _best(self) -> Best | None:
        return self._balance.best if self._balance else None

    def _of_list(self) -> list[str]:
        """Return the texts of a list; those at fault are left out and counted."""
        desk, live = self.desk, []
        for text in self._request.texts:
            fault = desk.limits.fault(text)
            if fault:
                desk.tally.add(of_texts.PLAN[fault], f"list {text!r}")
            else:
                live.append(text)
        return live

    def listed(self) -> Iterator[PlanRow]:
        """Serve the texts of a list in turn: a block those from its first row on."""
        request, desk, block, live = self._request, self.desk, self._block, self._listed
        rows = request.rows if request.options.count is not None else len(live)
        start = min(block.first, rows)
        left = min(block.first + block.rows, rows) - start
        if left < block.rows:
            self._ledger.short["texts of the list left out"] += block.rows - left
        at = start
        for k in range(left):
            draws = Draws(self._seed, k, purpose="plan")
            while live:
                at %= len(live)
                face = self._chooser.choose(live[at], draws)
                if face is not None:
                    yield from self._rows([Chosen(Carrier(live[at], "list"), (), face)])
                    at += 1
                    break
                desk.tally.add(of_texts.NO_FACE, f"list {live[at]!r}")
                self._ledger.faceless(live[at], self._chooser.why_not(live[at]))
                live.pop(at)
                if request.options.count is None:
                    self._ledger.short[NO_FACE] += 1
                    break


def _edits_first(request: PlanRequest) -> Callable[[str], bool] | None:
    """Return which characters are set into own texts before other texts are asked for them."""
    if not request.looks_like_own:
        return None
    scripts = () if request.beside is None else request.beside.scripts
    return lambda char: script_of(char) not in scripts


def _words(reasons: Mapping[str, int]) -> str:
    ranked = sorted(reasons.items(), key=lambda item: (-item[1], item[0]))
    sentences = [arranged("{why}: {count}", why=why, count=count) for why, count in ranked[:3]]
    return joined(", ", sentences) or say("no face at all")
