"""What a further look at the same lines costs, and how often they were looked at.

A gate lets a candidate through by luck in at most 5 of 100 cases, both sides together. Who judges
one candidate after another on the same lines, until one passes, has that chance each time. So the
5 % are spent over all looks (alpha spending: Lan and DeMets 1983): of N looks that were planned
each has 5 % / N; where none are planned, look k has 5 % x 6 / (pi² k²), which adds up to 5 % over
all looks that there may ever be. By Bonferroni's inequality that holds however alike or unlike the
candidates are, for they are read on the same lines: weaker rules (Pocock's and O'Brien and
Fleming's bounds, Hochberg's and other step-up tests) need the joint distribution of the looks, and
know it for data that grow, not for candidates that somebody makes.

It holds for a row of candidates each of which is made without these lines but for "it has not
passed yet". That is what a loop does that goes on until one passes. Who lets more of a verdict
into the next candidate, its figures or the lines that it shows, chooses by the judged lines
themselves, and no level of this kind pays for that (Dwork et al. 2015, "The reusable holdout"; Blum
and Hardt 2015, "The Ladder"): see docs/decisions/024-looks-are-paid-for.md.

A look counts where it shares an image with the present lines, in whatever role: what was learned
there may be learned of these. Lines of the target and general lines are counted apart: what is
claimed of either rests on its own lines alone. The same two models on the same lines, judged in
the same way, are the same look.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import pi
from pathlib import Path

from textlines.errors import UsageError
from textlines.formats.look_record import (
    LookedSet,
    LookRow,
    read_looks,
    write_looks,
)
from textlines.wording import Sentence, arranged, joined, say
from train.judging.figure_words import level_words
from train.judging.judged_sets import ListedSet
from train.judging.significance import ALPHA
from train.judging.verdict import Criterion, LookCount, Outcome, PaidLook

SERIES = 6 / pi**2
"""What makes the sum of 1 / k² over all k from 1 on one."""

LOOKS_TITLE = say("Looks at these lines are paid for")

_NEW_LINES = say(
    "Judge on lines that nobody looked at: label crops that arrived since (`train collect "
    "--earlier` draws some at random), or name other general lines."
)


@dataclass(frozen=True, slots=True)
class Levels:
    """What the intervals of a look leave out that a pass is claimed by, two-sided.

    Attributes:
        target: of the gain. general: of what is ruled out to be lost.
    """

    target: float
    general: float


def alpha_of(look: int, planned: int | None) -> float:
    """Return what a look may spend of the 5 %.

    Args:
        look: its number, from 1. planned: of looks; None for the series.

    >>> round(alpha_of(2, 3), 4), [round(alpha_of(look, None), 4) for look in (1, 2, 3)]
    (0.0167, [0.0304, 0.0076, 0.0034])
    """
    return ALPHA * SERIES / look**2 if planned is None else ALPHA / planned


@dataclass(frozen=True, slots=True)
class Look:
    """The look that a verdict is about to be.

    Attributes:
        file: the record. row: as it will be written, but for the outcome.
        sets: its lines, by content.
        paid: what is told of it.
        before: how many looks the record held when it was read.
    """

    file: Path
    row: LookRow
    sets: Mapping[str, LookedSet]
    paid: PaidLook
    before: int

    @property
    def levels(self) -> Levels:
        """The levels of its intervals."""
        return Levels(self.paid.target.alpha, self.paid.general.alpha)

    @property
    def is_beyond(self) -> bool:
        """Whether the looks that were planned are over."""
        planned = self.paid.planned
        counts = (self.paid.target, self.paid.general)
        return planned is not None and any(count.number > planned for count in counts)

    def criterion(self) -> Criterion:
        """Return the criterion: passed, or "cannot tell" where no look is left."""
        if self.is_beyond:
            return Criterion(
                key="looks",
                title=LOOKS_TITLE,
                status="cannot_tell",
                told=say(
                    "{look}: none of the 5 % that may go wrong is left",
                    look=told(self.paid, with_level=False),
                ),
                todo=_NEW_LINES,
            )
        words = told(self.paid)
        if self.paid.is_repeated:
            again = say("these two models were judged on these lines before, which costs nothing")
            words = joined("; ", [words, again])
        return Criterion(key="looks", title=LOOKS_TITLE, status="passed", told=words)

    def write(self, outcome: Outcome) -> None:
        """Write the look down; one that is repeated is there already.

        Raises:
            InputError: the record cannot be written.
            UsageError: another verdict was written into it meanwhile: this one would have another
                number.
        """
        if self.paid.is_repeated:
            return
        known = read_looks(self.file)
        if len(known.looks) != self.before:
            raise UsageError(
                f"--looks {self.file}",
                "got another look while this verdict was made",
                "Call again: what was read is kept with --out. Judge one candidate at a time.",
            )
        row = self.row.model_copy(update={"outcome": outcome})
        write_looks(known.with_look(row, self.sets), self.file)


def look_at(
    file: Path,
    sets: Sequence[ListedSet],
    *,
    base: Mapping[str, str],
    candidate: Mapping[str, str],
    way: Mapping[str, object],
    planned: int | None,
) -> Look:
    """Return the look that a verdict on some sets is, by what the record holds.

    Args:
        file: the record; one that is not there yet is empty.
        base, candidate: sha256 by name of the files of each model.
        way: what else the verdict depends on, of JSON's kinds.
        planned: looks that share the 5 %; None for the series.

    Raises:
        InputError: the record cannot be read.
        UsageError: looks at these lines were planned otherwise.
    """
    record = read_looks(file)
    asked = _asked(sets, base=base, candidate=candidate, way=way, planned=planned)
    lines = {
        one.content: LookedSet(lines=one.content_lines, images=tuple(sorted(_images(one))))
        for one in sets
    }
    of_target = [image for one in sets if one.is_target for image in _images(one)]
    of_general = [image for one in sets if not one.is_target for image in _images(one)]
    target, general = record.looks_at(of_target), record.looks_at(of_general)
    _check_plan(file, (*target, *general), planned)
    known = next((look for look in record.looks if look.same == asked.same), None)
    if known is not None:
        row = known
    else:
        numbers = len(target) + 1, len(general) + 1
        row = asked.model_copy(
            update={
                "number_target": numbers[0],
                "number_general": numbers[1],
                "alpha_target": alpha_of(numbers[0], planned),
                "alpha_general": alpha_of(numbers[1], planned),
            }
        )
    # Looks are numbered as they come: those up to a repeated one were before it.
    spent_target = sum(look.alpha_target for look in target[: row.number_target - 1])
    spent_general = sum(look.alpha_general for look in general[: row.number_general - 1])
    paid = PaidLook(
        file=file.as_posix(),
        planned=planned,
        target=LookCount(
            number=row.number_target,
            alpha=row.alpha_target,
            spent=round(spent_target + row.alpha_target, 9),
        ),
        general=LookCount(
            number=row.number_general,
            alpha=row.alpha_general,
            spent=round(spent_general + row.alpha_general, 9),
        ),
        is_repeated=known is not None,
    )
    return Look(file, row, lines, paid, len(record.looks))


def _images(one: ListedSet) -> frozenset[str]:
    return frozenset(digest.hex() for digest in one.digests.values())


def _asked(
    sets: Sequence[ListedSet],
    *,
    base: Mapping[str, str],
    candidate: Mapping[str, str],
    way: Mapping[str, object],
    planned: int | None,
) -> LookRow:
    comparisons = sorted((one.content, one.judged.comparison, one.is_target) for one in sets)
    return LookRow(
        base=_hash_of(sorted(base.values())),
        candidate=_hash_of(sorted(candidate.values())),
        target=tuple(sorted(one.content for one in sets if one.is_target)),
        general=tuple(sorted(one.content for one in sets if not one.is_target)),
        way=_hash_of([comparisons, way]),
        planned=planned,
        number_target=1,
        number_general=1,
        alpha_target=1.0,
        alpha_general=1.0,
        outcome="cannot_tell",
    )


def _hash_of(content: object) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _check_plan(file: Path, looks: Sequence[LookRow], planned: int | None) -> None:
    """Refuse another plan than that of the looks before: it would be made knowing verdicts.

    Raises:
        UsageError: the plans differ.
    """
    for look in looks:
        if look.planned != planned:
            asked = "no plan" if planned is None else f"--planned-looks {planned}"
            began = (
                "with no plan" if look.planned is None else f"with --planned-looks {look.planned}"
            )
            raise UsageError(
                f"--looks {file}",
                f"holds looks at these lines that began {began}, this call has {asked}",
                "Go on as they began: who plans anew after a verdict spends what is spent.",
            )


def told(paid: PaidLook, *, with_level: bool = True) -> Sentence:
    """Return which look it is, and at which level its intervals are."""
    target, general = paid.target, paid.general
    if target.number == general.number:
        look = (
            say("look {number:,} at these lines", number=target.number)
            if paid.planned is None
            else say(
                "look {number:,} of {planned:,} at these lines",
                number=target.number,
                planned=paid.planned,
            )
        )
    else:
        look = (
            say(
                "look {target:,} at the target's lines and {general:,} at the general ones",
                target=target.number,
                general=general.number,
            )
            if paid.planned is None
            else say(
                "look {target:,} of {planned:,} at the target's lines and {general:,} at the "
                "general ones",
                target=target.number,
                planned=paid.planned,
                general=general.number,
            )
        )
    if not with_level:
        return look
    if target.alpha == general.alpha:
        level = say("intervals at {level}", level=level_words(target.alpha))
    else:
        level = say(
            "intervals at {target} of the target, at {general} of the general lines",
            target=level_words(target.alpha),
            general=level_words(general.alpha),
        )
    return arranged("{look}: {level}", look=look, level=level)
