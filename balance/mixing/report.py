"""`mix.html`: what the mix holds, and what it was before."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from balance.mixing.amounts import UNITS
from balance.mixing.mix import DEAR, Mix
from balance.mixing.page_epochs import epochs_section, hard_section
from balance.mixing.page_sources import left_out_section, sources_section
from balance.mixing.page_texts import characters_section, drift_section, words_section
from balance.mixing.record import epoch_record, tallies
from balance.mixing.run import Result
from textlines.files import replacing
from textlines.pages.page import Fact, page
from textlines.wording import UNSAID, joined, say


def save_report(result: Result, path: Path) -> None:
    """Write the page, whole or not at all.

    Raises:
        InputError: the file cannot be written.
    """
    with replacing(path) as out:
        out.write(report(result))


def report(result: Result) -> str:
    """Build the page."""
    mix = result.mix
    sections = [epochs_section(mix), hard_section(mix), characters_section(mix)]
    if len(mix.words):
        sections.append(words_section(mix))
    if mix.drift:
        sections.append(drift_section(mix))
    sections += [left_out_section(mix), sources_section(mix)]
    return page(
        say("The mix"),
        [section for section in sections if section],
        finding=_finding(mix),
        lead=_lead(result),
        facts=_facts(result),
    )


KEPT = say("The ratio is kept: {ratio} originals to one new, and nothing is short.")
KEPT_SHORT = say("The ratio is kept, {ratio} originals to one new; short are {short}.")
BROKEN = say("The ratio is not kept: {ratio} originals to one new, beyond 10.")
BROKEN_SHORT = say(
    "The ratio is not kept: {ratio} originals to one new, beyond 10; short are {short}."
)
NO_NEW = say("No new line stands in this mix, so that no ratio is to be kept.")
HARD = say("new lines with {count} of {of} hard characters")
WORDS = say("{count} frequent words")
CHARACTERS = say("{count} frequent characters")


def _finding(mix: Mix) -> str:
    """Say whether every epoch keeps the ratio of originals to new lines, and what is short.

    Short are hard characters of the profile that stand in no new line of any epoch, and frequent
    words and characters below their floor in some epoch.
    """
    ratios = [epoch.others.kept / epoch.new.amount for epoch in mix.epochs if epoch.new.amount]
    if not ratios:
        return NO_NEW
    is_kept = all(mix.options.ratio.holds(e.others.kept, e.new.amount) for e in mix.epochs)
    low, high = (f"{ratio:.3g}" for ratio in (min(ratios), max(ratios)))
    ratio: str = low if low == high else say("{low} to {high}", low=low, high=high)
    short = joined(", ", _short(mix))
    if is_kept:
        return (KEPT_SHORT if short else KEPT).filled(ratio=ratio, short=short)
    return (BROKEN_SHORT if short else BROKEN).filled(ratio=ratio, short=short)


def _short(mix: Mix) -> Iterator[str]:
    codes = mix.target.codes[mix.target.hard]
    met = sum(epoch.holding.codes[codes] - epoch.given[codes] for epoch in mix.epochs)
    missing = int(np.count_nonzero(met == 0)) if len(codes) else 0
    if missing:
        yield HARD.filled(count=f"{missing:,}", of=f"{len(codes):,}")
    words, characters = (max(epoch.below[k] for epoch in mix.epochs) for k in (0, 1))
    if words:
        yield WORDS.filled(count=f"{words:,}")
    if characters:
        yield CHARACTERS.filled(count=f"{characters:,}")


def _lead(result: Result) -> str:
    budget, unit = result.budget, UNITS[result.mix.options.by]
    notes = [say("Note: {note}.", note=note) for note in result.mix.notes]
    if not budget.new:
        told = say(
            "{kept:,} original {unit} stand in an epoch, no new one.", kept=budget.kept, unit=unit
        )
        return joined(" ", [told, *notes])
    parts = [
        say(
            "{kept:,} original {unit} allow {least:,} to {most:,} new ones in an epoch. {repeat} "
            "before a new line comes again.",
            kept=budget.kept,
            unit=unit,
            least=budget.least,
            most=budget.most,
            repeat=budget.told_repeat(),
        )
    ]
    if budget.rounds:
        parts.append(
            say(
                "The {wanted:,} hard characters stand {samples:,} times in an epoch's new lines; "
                "200 of each take {rounds:,} epochs of other lines.",
                wanted=budget.wanted,
                samples=budget.samples,
                rounds=budget.rounds,
            )
        )
    return joined(" ", [*parts, *notes])


def _facts(result: Result) -> list[Fact]:
    mix = result.mix
    first = mix.epochs[0]
    figures = epoch_record(first)
    facts = []
    if figures.ratio:
        facts.append(
            Fact(say("original : new"), f"{figures.ratio:.2f} : 1", say("in every epoch, 5 to 10"))
        )
    if figures.own:
        lines = figures.own // mix.own_times
        facts.append(
            Fact(
                say("own lines"),
                f"{lines:,}",
                say("each {times} times in every epoch", times=mix.own_times),
            )
        )
    facts += [
        Fact(say("original lines"), f"{len(first.others.originals):,}", say("in the first epoch")),
        Fact(
            say("new lines"),
            f"{len(first.new):,}",
            say("of {count:,} usable", count=len(mix.new_pool)),
        ),
    ]
    if figures.general:
        note = (
            UNSAID
            if figures.own
            else say("own to general {ratio:.2f} : 1", ratio=figures.scene_to_general)
        )
        facts.append(Fact(say("general lines"), f"{figures.general:,}", note))
    if figures.own and figures.scene_to_general:
        to_general = f"{figures.scene_to_general:.2f} : 1"
        facts.append(Fact(say("own scene : general"), to_general, say("own and new to all others")))
    facts.append(
        Fact(
            say("divergence"),
            f"{first.divergence:.3f}",
            say("from the target; at random {random:.3f}", random=mix.divergences[1])
            if len(first.new)
            else say("from the target"),
        )
    )
    cost = max(map(mix.floor_cost, mix.epochs))
    if cost > DEAR:
        facts.append(
            Fact(say("floors cost"), f"{cost:.0%}", say("of the evening; see the note above"))
        )
    if len(mix.words):
        below = say("and {count} characters", count=first.below[1])
        facts.append(Fact(say("words below their floor"), f"{first.below[0]:,}", below))
    left = sum(sum(one.part("left_out").as_dict().values()) for _, one in tallies(mix))
    facts.append(Fact(say("left out"), f"{left:,}", say("lines, by reason below")))
    return facts
