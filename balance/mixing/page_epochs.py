"""Sections of `mix.html`: the lists, and the hard characters in them."""

from itertools import compress

import numpy as np
from markupsafe import Markup

from balance.mixing.amounts import UNITS
from balance.mixing.mix import Mix
from balance.mixing.page_cells import MOST_BARS, SHOWN_ROWS, char_cell, shown
from balance.mixing.record import epoch_record
from textlines.pages.figures import bars
from textlines.pages.page import Section
from textlines.pages.tables import CellLike, Column, table
from textlines.wording import say

_OPTIONAL = {"own", "distil", "general", "replay", "without floors", "certain", "changed"}
"""Columns that are left out where no list holds anything of the kind."""


def epochs_section(mix: Mix) -> Section:
    """Show what each list holds."""
    columns = [
        Column(say("list")),
        Column(say("own"), True, say("own lines, as often as they stand")),
        Column(say("original"), True),
        Column(say("distil"), True, say("lines whose target is the base model's reading")),
        Column(say("new"), True),
        Column(
            say("ratio"),
            True,
            say("own, original and distilled to new, by {unit}", unit=UNITS[mix.options.by]),
        ),
        Column(say("general"), True),
        Column(say("replay"), True),
        Column(say("divergence"), True, say("of the characters from the target, in nats")),
        Column(
            say("without floors"),
            True,
            say("the divergence where no floor is to hold; empty: the same"),
        ),
        Column(say("words below"), True, say("frequent words below their floor")),
        Column(say("characters below"), True, say("frequent characters below their floor")),
        Column(
            say("certain"),
            True,
            say("the choice is worth at least this share of the best possible"),
        ),
        Column(
            say("changed"), True, say("share of the earlier mix's choice that is not in this one")
        ),
    ]
    rows: list[list[CellLike]] = []
    for epoch in mix.epochs:
        f = epoch_record(epoch)
        certain, churn = f.certain_share_of_best, f.churn
        rows.append(
            [
                f.list,
                f.own,
                f.original,
                f.distil,
                f.new,
                "" if f.ratio is None else round(f.ratio, 3),
                f.general,
                sum(f.replay.values()),
                round(f.divergence, 4),
                ""
                if f.divergence_without_floors is None
                else round(f.divergence_without_floors, 4),
                f.words_below_floor,
                f.characters_below_floor,
                "" if certain is None else f"{certain:.1%}",
                "" if churn is None else f"{churn:.1%}",
            ]
        )
    is_used = [
        column.title not in _OPTIONAL or any(row[k] not in ("", 0) for row in rows)
        for k, column in enumerate(columns)
    ]
    columns = list(compress(columns, is_used))
    rows = [list(compress(row, is_used)) for row in rows]
    names = [epoch_record(e).list.removesuffix(".txt") for e in mix.epochs[:MOST_BARS]]
    ratios = [epoch_record(e).ratio or 0.0 for e in mix.epochs[:MOST_BARS]]
    has_new = len(names) > 1 and any(ratios)
    plot = bars(names, {"": ratios}, title=say("original to one new line")) if has_new else ""
    return Section(
        say("Epochs"),
        Markup(plot) + table(columns, rows, shown=SHOWN_ROWS),
        id="epochs",
        is_wide=True,
    )


def hard_section(mix: Mix) -> Section | None:
    """Show the hard characters of the profile; None without any."""
    target = mix.target
    if not len(target.hard):
        return None
    codes = target.codes[target.hard]
    first = mix.epochs[0]
    own, new = first.given[codes], (first.holding.codes - first.given)[codes]
    every = np.sum(
        [epoch.holding.codes[codes] - epoch.given[codes] for epoch in mix.epochs], axis=0
    )
    rows: list[list[CellLike]] = [
        [char_cell(int(code)), int(a), int(b), int(c)]
        for code, a, b, c in zip(codes, own, new, every, strict=True)
    ]
    columns = [
        Column(say("character")),
        Column(say("other lines"), True, say("in the first epoch")),
        Column(say("new lines"), True, say("in the first epoch")),
        Column(say("new, all epochs"), True),
    ]
    names = [shown(int(code)) for code in codes[:MOST_BARS]]
    plot = bars(
        names,
        {say("other lines"): own[:MOST_BARS].tolist(), say("new lines"): new[:MOST_BARS].tolist()},
        title=say("hard characters in the first epoch"),
    )
    met = int(np.count_nonzero(new))
    lead = say(
        "{met:,} of the profile's {count:,} hard characters stand in the new lines.",
        met=met,
        count=len(codes),
    )
    return Section(
        say("Hard characters"), plot + table(columns, rows, shown=SHOWN_ROWS), lead, "hard"
    )
