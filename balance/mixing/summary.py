"""What `balance mix` prints."""

import json
from pathlib import Path

from rich.text import Text

from balance.mixing.budget import SAMPLES
from balance.mixing.reasons import REASONS
from balance.mixing.record import epoch_record, make_record, tallies
from balance.mixing.run import Result
from textlines.formats.mix import MixEpoch
from textlines.terminal import console as escaping_console

SHOWN_EPOCHS = 8


def print_summary(result: Result, out: Path | None, page: Path | None) -> None:
    """Print the mix in short, to standard output."""
    console = escaping_console(soft_wrap=True)
    for line in _budget_lines(result):
        console.print(Text(line))
    mix = result.mix
    for epoch in mix.epochs[:SHOWN_EPOCHS]:
        console.print(Text(_epoch_line(epoch_record(epoch), epoch.number)))
    if len(mix.epochs) > SHOWN_EPOCHS:
        console.print(Text(f"and {len(mix.epochs) - SHOWN_EPOCHS} epochs more"))
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
        for told in tally.lines(REASONS):
            console.print(Text(f"{name}: {told}", style="yellow"))
    if out:
        console.print(Text(f"lists: {out}/train.txt and {len(mix.epochs)} epoch lists"))
    if page:
        console.print(Text(f"page: {page}"))


def _budget_lines(result: Result) -> list[str]:
    budget, by = result.budget, result.mix.options.by
    if not budget.new:
        return [f"{budget.kept:,} original {by} an epoch, and no new one beside them"]
    told = [
        f"{budget.kept:,} original {by} allow {budget.least:,} to {budget.most:,} new ones an "
        f"epoch; {budget.new:,} are taken, and {budget.told_repeat()} before one comes again"
    ]
    if budget.wanted:
        told.append(
            f"{budget.wanted:,} hard characters, {budget.met:,} of them in the new lines: "
            f"{budget.hits:.1f} in a line, {budget.samples:,} an epoch"
        )
        if budget.rounds:
            told.append(f"{budget.rounds:,} epochs of other lines bring {SAMPLES} samples to each")
    return told


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
    told = f"epoch {number}: {', '.join(parts)}"
    ratios = [f"{epoch.ratio:.2f}:1"] if epoch.ratio else []
    if epoch.scene_to_general:
        scene = "own scene" if epoch.own else "own"
        ratios.append(f"{scene} to general {epoch.scene_to_general:.2f}:1")
    if ratios:
        told += f"; {', '.join(ratios)}"
    told += (
        f"; below their floor {epoch.words_below_floor} words, "
        f"{epoch.characters_below_floor} characters"
    )
    if epoch.churn is not None:
        told += f"; {epoch.churn:.1%} of the earlier choice changed"
    return told


def summary_json(result: Result) -> str:
    """Give the record as one JSON value, ending in a line feed; of a dry run too."""
    record = result.record or make_record(result.mix, result.inputs, result.budget, {})
    return json.dumps(record.model_dump(mode="json"), ensure_ascii=False, sort_keys=True) + "\n"
