"""What a rule gains on lines that it was not found on."""

import hashlib
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from textlines.errors import InputError
from textlines.formats.profile import ErrorProfile
from textlines.formats.reading_rules import (
    RULE_WORDS,
    ReadingRule,
    RuleExample,
    RuleFile,
    RuleFinding,
    RuleSearch,
    save_rules,
)
from textlines.profile.reading import Reading
from textlines.wilson import Interval
from textlines.wording import Sentence, arranged, say
from textlines.wording.counts import count_of
from train.judging.intervals import Numbers, change_interval, group_numbers
from train.judging.rule_learning import Key, rules_of
from train.judging.rule_places import RuleLines
from train.judging.significance import ALPHA, holm, mcnemar

FEWEST_LINES = 40
FEWEST_HALF = 15
"""Lines. Fewer prove nothing."""

MOST_LINES = 5000
"""Rules are looked for in no more: enough for any gain that is worth a rule, in some seconds."""

EXAMPLES = 6
"""Shown of a rule; at most half of them lines that it breaks."""


def search_rules(readings: Sequence[Reading], documents: Sequence[str] = ()) -> RuleSearch | None:
    """Find rules on one half of the lines, try them on the other, both ways.

    Lines of one document stand in one half: a rule that knows the texts, or the printer, that it
    is tried on would prove itself.

    Args:
        documents: of each line; () where they are not known: then lines of one label are one.

    Returns:
        None where there are too few lines for either half.
    """
    every = RuleLines.of(readings)
    units = documents or every.labels
    chosen = _chosen(units)
    trial = _Trial(
        tuple(readings[number].path for number in chosen),
        RuleLines(tuple(every.pairs[number] for number in chosen)),
        tuple(units[number] for number in chosen),
    )
    if len(chosen) < FEWEST_LINES or not all(len(half) >= FEWEST_HALF for half in trial.halves):
        return None
    met = {key: rule for learnt in trial.learnt(None) for key, rule in learnt.items()}
    # In the order of their use. What all lines together do not show cannot be written down.
    keys = [key for key in rules_of(trial.lines) if key in met]
    unproven = [
        _unproven(rule, say("not found in all lines")) for k, rule in met.items() if k not in keys
    ]
    while keys:
        steps = trial.tried(keys)
        adjusted = holm([step.p for step in steps] + [1.0] * (len(met) - len(steps)))
        unsure = [k for k, step in enumerate(steps) if not step.is_better or adjusted[k] >= ALPHA]
        if not unsure:
            findings = tuple(
                trial.finding(step, p) for step, p in zip(steps, adjusted, strict=False)
            )
            return trial.search(len(met), tuple(unproven), findings, steps[-1].made)
        # The least sure one goes alone: what it took from the others comes back to them.
        least = max(unsure, key=lambda k: (steps[k].p, steps[k].broken - steps[k].mended))
        least_sure = steps[least]
        unproven.append(
            _unproven(
                least_sure.rule,
                say(
                    "mends {mended:,}, breaks {broken:,}",
                    mended=least_sure.mended,
                    broken=least_sure.broken,
                ),
            )
        )
        del keys[least]
    return trial.search(len(met), tuple(unproven), (), trial.read)


def save_profile_rules(profile: ErrorProfile, path: Path) -> int:
    """Write the rules of a profile, and return how many there are.

    Raises:
        InputError: no rules were looked for, as there were too few lines, or the file cannot be
            written.
    """
    search = profile.rules
    if search is None:
        raise InputError(
            "--rules-out",
            f"{count_of(profile.lines.lines, 'line')} of few texts or documents: too few to find "
            "rules on one half and try them on the other",
            f"Label {FEWEST_LINES} or more, of different texts.",
        )
    file = RuleFile(
        model=profile.model,
        lines=search.lines,
        before=search.before,
        after=search.after,
        inputs=profile.inputs,
        rules=search.rules(),
    )
    save_rules(file, path)
    return len(file.rules)


def _chosen(units: Sequence[str]) -> list[int]:
    """Return the numbers of at most `MOST_LINES` lines, whole units, drawn by their hash."""
    if len(units) <= MOST_LINES:
        return list(range(len(units)))
    share = MOST_LINES / len(units)
    return [k for k, unit in enumerate(units) if _drawn(unit) < share][:MOST_LINES]


def _drawn(unit: str) -> float:
    """Return a number in [0, 1) that belongs to a unit, whatever else there is."""
    return int.from_bytes(hashlib.sha256(f"rules\n{unit}".encode()).digest()[:8], "big") / 2**64


def _unproven(rule: ReadingRule, why: Sentence) -> Sentence:
    kind = RULE_WORDS[rule.kind]
    return arranged("{kind} ({words}): {why}", kind=kind, words=rule.words, why=why)


@dataclass(frozen=True, slots=True)
class _Step:
    """One rule behind those before it, on lines that none of them was found on.

    Attributes:
        made: all readings behind it.
        change: of each line, 1 mended, -1 broken.
        p: of the exact sign test, not adjusted.
    """

    rule: ReadingRule
    read: Sequence[str]
    made: Sequence[str]
    change: Numbers
    p: float

    @property
    def mended(self) -> int:
        """Count the lines that are right with it alone."""
        return int((self.change > 0).sum())

    @property
    def broken(self) -> int:
        """Count the lines that are right without it alone."""
        return int((self.change < 0).sum())

    @property
    def is_better(self) -> bool:
        """Whether it mends more than it breaks."""
        return self.mended > self.broken


@dataclass(frozen=True)
class _Trial:
    """Lines, shared out to two halves by the hash of what they are units of."""

    paths: tuple[str, ...]
    lines: RuleLines
    units: tuple[str, ...]

    @cached_property
    def halves(self) -> tuple[list[int], list[int]]:
        """The numbers of the lines of each half; as even as whole units let them be."""
        counts = Counter(self.units)
        sizes, half_of = [0, 0], {}
        # Greatest first, to the emptier half: a set with a few great documents is halved too.
        for unit in sorted(counts, key=lambda u: (-counts[u], _drawn(u))):
            half = sizes.index(min(sizes))
            half_of[unit] = half
            sizes[half] += counts[unit]
        first = [k for k, unit in enumerate(self.units) if half_of[unit] == 0]
        second = [k for k, unit in enumerate(self.units) if half_of[unit] == 1]
        return first, second

    @cached_property
    def read(self) -> list[str]:
        """The readings as they are."""
        return [read for _, read in self.lines.pairs]

    @cached_property
    def numbers(self) -> npt.NDArray[np.intp]:
        """The number of each line's unit."""
        return group_numbers(list(self.units))

    def learnt(self, keys: Collection[Key] | None) -> tuple[Mapping[Key, ReadingRule], ...]:
        """Return the rules that are found in each half."""
        pairs = self.lines.pairs
        return tuple(
            rules_of(RuleLines(tuple(pairs[k] for k in half)), keys) for half in self.halves
        )

    def tried(self, keys: Sequence[Key]) -> list[_Step]:
        """Apply rules, one behind the other, to the half that they were not found on."""
        first, second = self.learnt(keys)
        whole = rules_of(self.lines, keys)
        read, steps = self.read, []
        for key in keys:
            made = list(read)
            for rules, half in ((second, self.halves[0]), (first, self.halves[1])):
                if key in rules and key in whole:
                    for k in half:
                        made[k] = rules[key].applied(read[k])
            rule = whole.get(key) or first.get(key) or second[key]
            steps.append(self._step(rule, read, made))
            read = made
        return steps

    def _step(self, rule: ReadingRule, read: Sequence[str], made: Sequence[str]) -> _Step:
        change = self._right(made) - self._right(read)
        by_unit = np.bincount(self.numbers, change)
        # A document, or a text, that stands in many lines is mended or broken as one.
        p = mcnemar(int((by_unit > 0).sum()), int((by_unit < 0).sum()))
        return _Step(rule, read, made, change, p)

    def _right(self, read: Sequence[str]) -> Numbers:
        return np.array([a == b for a, b in zip(self.lines.labels, read, strict=True)], np.float64)

    def _gain(self, change: Numbers) -> Interval | None:
        bounds = change_interval(change, self.numbers)
        return bounds and (round(bounds[0], 6), round(bounds[1], 6))

    def finding(self, step: _Step, p: float) -> RuleFinding:
        """Return a rule with its figures."""
        before, after = self._right(step.read).mean(), self._right(step.made).mean()
        return RuleFinding(
            rule=step.rule,
            lines=len(self.units),
            changed=sum(a != b for a, b in zip(step.read, step.made, strict=True)),
            mended=step.mended,
            broken=step.broken,
            before=round(float(before), 6),
            after=round(float(after), 6),
            gain=round(float(after - before), 6),
            interval=self._gain(step.change),
            p=float(f"{p:.3g}"),
            examples=self._examples(step),
        )

    def _examples(self, step: _Step) -> tuple[RuleExample, ...]:
        """Return a few lines that it changes, those that it breaks first."""
        broken = np.flatnonzero(step.change < 0)[: EXAMPLES // 2].tolist()
        mended = np.flatnonzero(step.change > 0).tolist()
        left = EXAMPLES - len(broken)
        # Spread over the file: its first lines may all come from one page.
        spread = mended[:: max(1, len(mended) // left)][:left]
        return tuple(
            RuleExample(
                path=self.paths[k],
                truth=self.lines.labels[k],
                read=step.read[k],
                made=step.made[k],
                is_broken=bool(step.change[k] < 0),
            )
            for k in (*broken, *spread)
        )

    def search(
        self,
        tried: int,
        unproven: tuple[str, ...],
        findings: tuple[RuleFinding, ...],
        made: Sequence[str],
    ) -> RuleSearch:
        """Return the findings with what they gain together."""
        was, now = self._right(self.read), self._right(made)
        return RuleSearch(
            lines=len(self.units),
            documents=len(set(self.units)),
            tried=tried,
            unproven=unproven,
            found=findings,
            before=round(float(was.mean()), 6),
            after=round(float(now.mean()), 6),
            interval=self._gain(now - was) if findings else None,
        )
