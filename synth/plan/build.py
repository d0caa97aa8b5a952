"""Make a plan: streaming, in one process, the same for the same request and faces."""

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from synth.draws import Draws
from synth.plan.ledger import Ledger
from synth.plan.report import PlanReport
from synth.plan.request import PlanRequest
from synth.plan.schedule import schedule
from synth.plan.serving import FaceChooser, Server
from synth.plan.targets import TargetPlan, plan_chars
from textlines.errors import InputError, UsageError
from textlines.formats.plan_rows import PlanRow

if TYPE_CHECKING:
    from synth.plan.part_lines import NeverSeen

Check = Callable[[TargetPlan], None]
"""Raises where too little of what a profile asks for can be served."""


class Plan:
    """A plan in the making: iterate over it once, then ask for its report.

    Holds the corpus, four bytes a unit of the schedule and some 30 bytes a row to count
    repeats; no row that was given out.

    Args:
        request: what is asked for. chooser: what the faces may draw.
        check: asked before the first line is planned whether enough of a profile can be served;
            raises what ends the run.

    Raises:
        UsageError, InputError: nothing of what is asked for can be served.
    """

    def __init__(
        self, request: PlanRequest, chooser: FaceChooser, check: Check | None = None
    ) -> None:
        self._request = request
        self._check = check
        self._ledger = Ledger(request)
        self._server = Server(request, chooser, self._ledger)
        self._targets = self._aim()
        self._server.aim(self._targets)
        self._started = False
        self._done = False

    def _aim(self) -> TargetPlan:
        request, refuse = self._request, self._server.refusal
        rows = request.rows
        if request.texts:
            return TargetPlan()
        if request.beside is not None:
            from synth.plan.beside import plan_beside  # only runs with own lines need it

            shown = {**request.beside.own.characters, **request.beside.production.characters}
            plan = plan_beside(
                request.beside,
                request.profile,
                request.chars,
                rows,
                request.filler_share,
                request.temper,
                refuse,
                self._never_seen(shown),
            )
            self._ledger.why = plan.why
            return plan
        if request.profile is not None:
            # Loaded here: runs without a profile need no model of one.
            from synth.plan.part_lines import may_be_planned
            from synth.plan.profile_targets import plan_profile

            plan = plan_profile(
                request.profile,
                rows,
                request.filler_share,
                request.temper,
                refuse,
                may_be_planned(request.limits.alphabet),
                self._never_seen(),
            )
            self._ledger.weak, self._ledger.parts = plan.weak, plan.parts
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
            made = schedule(self._targets, request.seed)
            hard = self._targets.hard
            extra = 0
            for unit, job in enumerate(made.order):
                chars = made.jobs[job]
                draws = Draws(request.seed, unit, purpose="plan")
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
        if not ledger.planned:
            raise InputError(
                "--text-list" if request.texts else "--corpus",
                f"gives no line that may be planned ({'; '.join(self.report_lines()) or 'empty'})",
                "Name other texts, another dictionary or more fonts.",
            )
        self._done = True

    def report_lines(self) -> list[str]:
        """Say in words what was left out so far, with places."""
        faces = [
            f"no face for {text}: {', '.join(f'{why} ({n})' for why, n in reasons.items())}"
            for text, reasons in list(self._ledger.no_face.items())[:3]
        ]
        return [*self._server.desk.tally.lines(), *faces]

    def report(self) -> PlanReport:
        """Give the figures of the plan, once it was iterated over to its end.

        Raises:
            RuntimeError: rows are left.
        """
        if not self._done:
            raise RuntimeError("the plan has not been iterated over to its end")
        server = self._server
        before = {} if self._request.texts else server.natural.characters
        return self._ledger.report(self._targets, server.desk, server.supply.used_up, before)


def build_plan(request: PlanRequest, chooser: FaceChooser, check: Check | None = None) -> Plan:
    """Make a plan of the request: an iterable of rows, and a report afterwards.

    Raises:
        UsageError, InputError: nothing of what is asked for can be served.
    """
    return Plan(request, chooser, check)
