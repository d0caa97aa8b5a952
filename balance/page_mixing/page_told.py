"""What a mix of pages says of itself in sentences: printed, and at the head of its page."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rich.text import Text

from balance.page_mixing.page_job import PageResult, page_epoch_record
from balance.page_mixing.page_mixture import PageMixture
from textlines.defects import of_annotations
from textlines.formats.page_mix import PageMixEpoch
from textlines.terminal import console as escaping_console
from textlines.wording import joined, say, say_n
from textlines.wording.counts import count_of

_KEPT = say("The ratio is kept: {ratio} original pages to one new, {regions} by text lines.")
_BROKEN = say("The ratio is not kept: {ratio} original pages to one new, beyond 10.")
_NO_NEW = say("No new page stands in this mix, so that no ratio is to be kept.")

_SHOWN_EPOCHS = 8


def page_finding(mix: PageMixture) -> str:
    """Return whether every epoch keeps the ratio of original to new pages."""
    epochs = [epoch for epoch in map(page_epoch_record, mix.epochs) if epoch.ratio is not None]
    if not epochs:
        return _NO_NEW
    ratio = _range([epoch.ratio for epoch in epochs if epoch.ratio is not None])
    if not all(mix.options.ratio.holds(epoch.kept, epoch.new) for epoch in epochs):
        return _BROKEN.filled(ratio=ratio)
    by_regions = [epoch.region_ratio for epoch in epochs if epoch.region_ratio is not None]
    regions = _range(by_regions) if by_regions else say("none")
    return _KEPT.filled(ratio=ratio, regions=regions)


def _range(values: list[float]) -> str:
    low, high = (f"{value:.3g}" for value in (min(values), max(values)))
    return low if low == high else say("{low} to {high}", low=low, high=high)


def page_lead(mix: PageMixture) -> str:
    """Return what an epoch holds, with all notes."""
    first = page_epoch_record(mix.epochs[0])
    parts = [
        say_n(
            "An epoch shows {n:,} page with {regions}; {negatives}.",
            "An epoch shows {n:,} pages with {regions}; {negatives}.",
            first.pages,
            regions=say_n("{n:,} text line", "{n:,} text lines", first.regions),
            negatives=say_n(
                "{n:,} of them has no text", "{n:,} of them have no text", first.negatives
            ),
        )
    ]
    parts += [say("Note: {note}.", note=note) for note in mix.amounts.notes]
    return joined(" ", parts)


def print_page_summary(result: PageResult, out: Path | None, page: Path | None) -> None:
    """Print the mix in short, to standard output."""
    console = escaping_console(soft_wrap=True)
    mix = result.mix
    for epoch in mix.epochs[:_SHOWN_EPOCHS]:
        console.print(Text(_epoch_line(page_epoch_record(epoch), epoch.number)))
    if len(mix.epochs) > _SHOWN_EPOCHS:
        console.print(Text(f"and {count_of(len(mix.epochs) - _SHOWN_EPOCHS, 'epoch')} more"))
    for note in mix.amounts.notes:
        console.print(Text(f"note: {note}", style="yellow"))
    for name, tally in mix.material.tallies().items():
        for line in tally.lines(of_annotations.PAGE_MIX):
            console.print(Text(f"{name}: {line}", style="yellow"))
    if out:
        console.print(Text(f"lists: {out}/train.txt and {count_of(len(mix.epochs), 'epoch list')}"))
    if page:
        console.print(Text(f"page: {page}"))


def _epoch_line(epoch: PageMixEpoch, number: int) -> str:
    return f"epoch {number}: {'; '.join(_epoch_parts(epoch))}"


def _epoch_parts(epoch: PageMixEpoch) -> Iterator[str]:
    amounts = {
        "own": epoch.own,
        "original": epoch.original,
        "distil": epoch.distil,
        "new": epoch.new,
        "general": epoch.general,
        **epoch.replay,
    }
    held = [f"{count:,} {kind}" for kind, count in amounts.items() if count]
    yield (
        f"{', '.join(held)} pages with {count_of(epoch.regions, 'text line')}, "
        f"{epoch.negatives:,} without text"
    )
    if epoch.ratio is not None:
        by_regions = "" if epoch.region_ratio is None else f" ({epoch.region_ratio:.2f}:1 by lines)"
        yield f"{epoch.ratio:.2f}:1{by_regions}"
    if epoch.scene_to_general:
        scene = "own scene" if epoch.own else "own"
        yield f"{scene} to general {epoch.scene_to_general:.2f}:1"


def page_summary_of(result: PageResult) -> dict[str, Any]:
    """Return the record as plain values; of a dry run too."""
    return result.record.model_dump(mode="json")


def page_summary_json(result: PageResult) -> str:
    """Return `page_summary_of` as JSON, ending in a line feed."""
    return json.dumps(page_summary_of(result), ensure_ascii=False, sort_keys=True) + "\n"
