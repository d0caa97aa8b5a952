"""What a mix says of itself in sentences: printed, and at the head of its page."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from rich.text import Text

from balance.mixing.amount_words import UNITS
from balance.mixing.mix_job import Result, epoch_record, make_record, tallies
from balance.mixing.mixture import SAMPLES, Mixture
from textlines.defects import of_lines
from textlines.formats.mix import MixEpoch
from textlines.terminal import console as escaping_console
from textlines.wording import joined, say, say_n
from textlines.wording.counts import count_of, form_of

_KEPT = say("The ratio is kept: {ratio} originals to one new, and nothing is short.")
_KEPT_SHORT = say("The ratio is kept, {ratio} originals to one new; short are {short}.")
_BROKEN = say("The ratio is not kept: {ratio} originals to one new, beyond 10.")

_BROKEN_SHORT = say(
    "The ratio is not kept: {ratio} originals to one new, beyond 10; short are {short}."
)

_NO_NEW = say("No new line stands in this mix, so that no ratio is to be kept.")


def finding(mix: Mixture) -> str:
    """Return whether every epoch keeps the ratio of originals to new lines, and what is short.

    Short are hard characters of the profile that stand in no new line of any epoch, and frequent
    words and characters below their floor in some epoch.
    """
    ratios = [epoch.others.kept / epoch.new.amount for epoch in mix.epochs if epoch.new.amount]
    if not ratios:
        return _NO_NEW
    is_kept = all(mix.options.ratio.holds(e.others.kept, e.new.amount) for e in mix.epochs)
    low, high = (f"{ratio:.3g}" for ratio in (min(ratios), max(ratios)))
    ratio: str = low if low == high else say("{low} to {high}", low=low, high=high)
    short = joined(", ", _shortages(mix))
    if is_kept:
        return (_KEPT_SHORT if short else _KEPT).filled(ratio=ratio, short=short)
    return (_BROKEN_SHORT if short else _BROKEN).filled(ratio=ratio, short=short)


def _shortages(mix: Mixture) -> Iterator[str]:
    codes = mix.target.codes[mix.target.hard]
    met = sum(epoch.holding.codes[codes] - epoch.given[codes] for epoch in mix.epochs)
    missing = int(np.count_nonzero(met == 0)) if len(codes) else 0
    if missing:
        yield say_n(
            "new lines with {count:,} of {n:,} hard character",
            "new lines with {count:,} of {n:,} hard characters",
            len(codes),
            count=missing,
        )
    words, characters = (max(epoch.below[k] for epoch in mix.epochs) for k in (0, 1))
    if words:
        yield say_n("{n:,} frequent word", "{n:,} frequent words", words)
    if characters:
        yield say_n("{n:,} frequent character", "{n:,} frequent characters", characters)


def lead(result: Result) -> str:
    """Return what an epoch has room for, with all notes."""
    budget, unit = result.budget, UNITS[result.mix.options.by]
    notes = [say("Note: {note}.", note=note) for note in result.mix.notes]
    if not budget.new:
        sentence = say(
            "{kept:,} original {unit} stand in an epoch, no new one.", kept=budget.kept, unit=unit
        )
        return joined(" ", [sentence, *notes])
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
            say_n(
                "The one hard character stands {samples} in an epoch's new lines; 200 of it take "
                "{epochs} of other lines.",
                "The {n:,} hard characters stand {samples} in an epoch's new lines; 200 of each "
                "take {epochs} of other lines.",
                budget.wanted,
                samples=say_n("once", "{n:,} times", budget.samples),
                epochs=say_n("{n:,} epoch", "{n:,} epochs", budget.rounds),
            )
        )
    return joined(" ", [*parts, *notes])


_SHOWN_EPOCHS = 8


def print_summary(result: Result, out: Path | None, page: Path | None) -> None:
    """Print the mix in short, to standard output."""
    console = escaping_console(soft_wrap=True)
    for line in _budget_lines(result):
        console.print(Text(line))
    mix = result.mix
    for epoch in mix.epochs[:_SHOWN_EPOCHS]:
        console.print(Text(_epoch_line(epoch_record(epoch), epoch.number)))
    if len(mix.epochs) > _SHOWN_EPOCHS:
        console.print(Text(f"and {count_of(len(mix.epochs) - _SHOWN_EPOCHS, 'epoch')} more"))
    first, rest = mix.epochs[0], mix.divergences
    drawn = f", new lines at random {rest[1]:.4f}" if len(first.new) else ""
    console.print(
        Text(
            f"divergence from the target: originals {rest[0]:.4f}{drawn}, this mix "
            f"{first.divergence:.4f}"
        )
    )
    for name, drift in mix.drift.items():
        console.print(
            Text(f"{name} against --like: PSI {drift.psi:.3f}, KS {drift.ks:.3f}, {drift.verdict}")
        )
    for note in mix.notes:
        console.print(Text(f"note: {note}", style="yellow"))
    for name, tally in tallies(mix):
        for line in tally.lines(of_lines.MIX):
            console.print(Text(f"{name}: {line}", style="yellow"))
    if out:
        console.print(Text(f"lists: {out}/train.txt and {count_of(len(mix.epochs), 'epoch list')}"))
    if page:
        console.print(Text(f"page: {page}"))


def _budget_lines(result: Result) -> list[str]:
    budget, by = result.budget, result.mix.options.by
    if not budget.new:
        return [f"{budget.kept:,} original {by} an epoch, and no new one beside them"]
    lines = [
        f"{budget.kept:,} original {by} allow {budget.least:,} to {budget.most:,} new ones an "
        f"epoch; {budget.new:,} are taken, and {budget.told_repeat()} before one comes again"
    ]
    if budget.wanted:
        lines.append(
            f"{count_of(budget.wanted, 'hard character')}, {budget.met:,} of them in the new "
            f"lines: {budget.hits:.1f} in a line, {budget.samples:,} an epoch"
        )
        if budget.rounds:
            lines.append(
                f"{count_of(budget.rounds, 'epoch')} of other lines "
                f"{form_of(budget.rounds, 'brings', 'bring')} {SAMPLES} samples to each"
            )
    return lines


def _epoch_line(epoch: MixEpoch, number: int) -> str:
    amounts = {
        "own": epoch.own,
        "original": epoch.original,
        "distil": epoch.distil,
        "new": epoch.new,
        "general": epoch.general,
    }
    parts = [f"{count:,} {kind}" for kind, count in amounts.items() if count]
    parts += [f"{count:,} {name}" for name, count in epoch.replay.items()]
    line = f"epoch {number}: {', '.join(parts)}"
    ratios = [f"{epoch.ratio:.2f}:1"] if epoch.ratio else []
    if epoch.scene_to_general:
        scene = "own scene" if epoch.own else "own"
        ratios.append(f"{scene} to general {epoch.scene_to_general:.2f}:1")
    if ratios:
        line += f"; {', '.join(ratios)}"
    line += (
        f"; below their floor {count_of(epoch.words_below_floor, 'word')}, "
        f"{count_of(epoch.characters_below_floor, 'character')}"
    )
    if epoch.churn is not None:
        line += f"; {epoch.churn:.1%} of the earlier choice changed"
    return line


def summary_of(result: Result) -> dict[str, Any]:
    """Return the record as plain values; of a dry run too."""
    record = result.record or make_record(result.mix, result.inputs, result.budget, {})
    return record.model_dump(mode="json")


def summary_json(result: Result) -> str:
    """Return `summary_of` as JSON, ending in a line feed."""
    return json.dumps(summary_of(result), ensure_ascii=False, sort_keys=True) + "\n"
