"""`mix.html`: what the mix holds, and what it was before."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from balance.mixing.mix import DEAR, Mix
from balance.mixing.page_epochs import epochs_section, hard_section
from balance.mixing.page_sources import left_out_section, sources_section
from balance.mixing.page_texts import characters_section, drift_section, words_section
from balance.mixing.record import epoch_record, tallies
from balance.mixing.run import Result
from textlines.files import replacing
from textlines.pages.page import Fact, page


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
        "The mix",
        [section for section in sections if section],
        finding=_finding(mix),
        lead=_lead(result),
        facts=_facts(result),
    )


KEPT = "The ratio is kept: {ratio} originals to one new, and nothing is short."
KEPT_SHORT = "The ratio is kept, {ratio} originals to one new; short are {short}."
BROKEN = "The ratio is not kept: {ratio} originals to one new, beyond 10."
BROKEN_SHORT = "The ratio is not kept: {ratio} originals to one new, beyond 10; short are {short}."
NO_NEW = "No new line stands in this mix, so that no ratio is to be kept."
HARD = "new lines with {count} of {of} hard characters"
WORDS = "{count} frequent words"
CHARACTERS = "{count} frequent characters"


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
    ratio = low if low == high else f"{low} to {high}"
    short = ", ".join(_short(mix))
    if is_kept:
        return (KEPT_SHORT if short else KEPT).format(ratio=ratio, short=short)
    return (BROKEN_SHORT if short else BROKEN).format(ratio=ratio, short=short)


def _short(mix: Mix) -> Iterator[str]:
    codes = mix.target.codes[mix.target.hard]
    met = sum(epoch.holding.codes[codes] - epoch.given[codes] for epoch in mix.epochs)
    missing = int(np.count_nonzero(met == 0)) if len(codes) else 0
    if missing:
        yield HARD.format(count=f"{missing:,}", of=f"{len(codes):,}")
    words, characters = (max(epoch.below[k] for epoch in mix.epochs) for k in (0, 1))
    if words:
        yield WORDS.format(count=f"{words:,}")
    if characters:
        yield CHARACTERS.format(count=f"{characters:,}")


def _lead(result: Result) -> str:
    budget, by = result.budget, result.mix.options.by
    notes = [f"Note: {note}." for note in result.mix.notes]
    if not budget.new:
        return " ".join([f"{budget.kept:,} original {by} stand in an epoch, no new one.", *notes])
    told = (
        f"{budget.kept:,} original {by} allow {budget.least:,} to {budget.most:,} new ones in an "
        f"epoch. {budget.told_repeat()} before a new line comes again."
    )
    if budget.rounds:
        told += (
            f" The {budget.wanted:,} hard characters stand {budget.samples:,} times in an epoch's "
            f"new lines; 200 of each take {budget.rounds:,} epochs of other lines."
        )
    return " ".join([told, *notes])


def _facts(result: Result) -> list[Fact]:
    mix = result.mix
    first = mix.epochs[0]
    figures = epoch_record(first)
    facts = []
    if figures.ratio:
        facts.append(Fact("original : new", f"{figures.ratio:.2f} : 1", "in every epoch, 5 to 10"))
    if figures.own:
        lines = figures.own // mix.own_times
        facts.append(Fact("own lines", f"{lines:,}", f"each {mix.own_times} times in every epoch"))
    facts += [
        Fact("original lines", f"{len(first.others.originals):,}", "in the first epoch"),
        Fact("new lines", f"{len(first.new):,}", f"of {len(mix.new_pool):,} usable"),
    ]
    if figures.general:
        note = "" if figures.own else f"own to general {figures.scene_to_general:.2f} : 1"
        facts.append(Fact("general lines", f"{figures.general:,}", note))
    if figures.own and figures.scene_to_general:
        to_general = f"{figures.scene_to_general:.2f} : 1"
        facts.append(Fact("own scene : general", to_general, "own and new to all others"))
    facts.append(
        Fact(
            "divergence",
            f"{first.divergence:.3f}",
            "from the target" + (f"; at random {mix.divergences[1]:.3f}" if len(first.new) else ""),
        )
    )
    cost = max(map(mix.floor_cost, mix.epochs))
    if cost > DEAR:
        facts.append(Fact("floors cost", f"{cost:.0%}", "of the evening; see the note above"))
    if len(mix.words):
        below = f"and {first.below[1]} characters"
        facts.append(Fact("words below their floor", f"{first.below[0]:,}", below))
    left = sum(sum(one.part("left_out").as_dict().values()) for _, one in tallies(mix))
    facts.append(Fact("left out", f"{left:,}", "lines, by reason below"))
    return facts
