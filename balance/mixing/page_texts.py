"""Sections of `mix.html`: characters, words and lengths before and after."""

from itertools import chain

import numpy as np

from balance.mixing.measure import word_texts
from balance.mixing.mix import Mix
from balance.mixing.page_cells import (
    MOST_BARS,
    SHOWN_ROWS,
    change_cell,
    char_cell,
    percent,
    share_cell,
    shown,
)
from textlines.pages.figures import bars
from textlines.pages.page import Section
from textlines.pages.tables import CellLike, Column, Row, table


def characters_section(mix: Mix) -> Section:
    """Show the shares of characters before and after."""
    target, first = mix.target, mix.epochs[0]
    before, random, after = (
        percent(part[target.codes])
        for part in (mix.before.codes, mix.expected.codes, first.holding.codes)
    )
    wanted = 100 * target.shares
    order = np.lexsort((target.codes, -np.abs(after - random)))
    rows: list[list[CellLike]] = [
        [
            char_cell(int(target.codes[k])),
            int(first.holding.codes[target.codes[k]]),
            *(share_cell(values[k]) for values in (before, random, after, wanted)),
            change_cell(after[k], random[k]),
        ]
        for k in order
    ]
    columns = [
        Column("character"),
        Column("in the mix", True, "occurrences in the first epoch"),
        Column("originals, %", True),
        Column("at random, %", True, "with new lines drawn at random"),
        Column("this mix, %", True),
        Column("target, %", True, f"natural share to the power {mix.options.alpha:g}, hard raised"),
        Column("change", True, "this mix to one drawn at random"),
    ]
    rare = np.argsort(-wanted, kind="stable")[:MOST_BARS]
    names = [shown(int(code)) for code in target.codes[rare]]
    series = {
        "originals": before[rare].tolist(),
        "this mix": after[rare].tolist(),
        "target": wanted[rare].tolist(),
    }
    plot = bars(names, series, title="share of characters", unit=" %")
    lead = f"{len(target.codes):,} characters, those that the choice moved most first."
    return Section("Characters", plot + table(columns, rows, shown=SHOWN_ROWS), lead, "characters")


def words_section(mix: Mix) -> Section:
    """Show the frequent words and their floors."""
    first = mix.epochs[0]
    lines = chain(mix.own.label_blocks(), mix.originals.all().of_role("original").label_blocks())
    texts = word_texts(lines, mix.words)
    counts = mix.before.words
    order = np.lexsort((mix.words, -counts))
    rows = [
        Row(
            [
                texts[k],
                int(counts[k]),
                float(round(first.floors.due_words[k], 1)),
                int(first.floors.words[k]),
                int(first.holding.words[k]),
                "below" if first.holding.words[k] < first.floors.words[k] else "",
            ]
        )
        for k in order
    ]
    columns = [
        Column("word"),
        Column("originals", True),
        Column(
            "due",
            True,
            "in the first epoch, with new lines drawn at random that hold no more of it than the "
            "others do",
        ),
        Column("floor", True, f"{mix.options.word_floor:g} of what is due"),
        Column("this mix", True),
        Column("floor held"),
    ]
    lead = f"The {len(rows):,} most frequent words of the originals."
    return Section("Words", table(columns, rows, shown=SHOWN_ROWS), lead, "words")


def drift_section(mix: Mix) -> Section:
    """Compare the first epoch with the reference."""
    rows: list[list[CellLike]] = []
    for name, drift in mix.drift.items():
        old = mix.drift_before.get(name)
        rows.append(
            [
                name,
                round(drift.like_mean, 2),
                round(drift.mean, 2),
                round(drift.psi, 4),
                "" if old is None else round(old.psi, 4),
                round(drift.ks, 4),
                drift.verdict,
            ]
        )
    columns = [
        Column("measure"),
        Column("mean, reference", True),
        Column("mean, mix", True),
        Column("PSI", True, "below 0.1 alike, above 0.25 another population"),
        Column("PSI, originals", True),
        Column("KS", True, "largest gap of the cumulated shares"),
        Column("verdict"),
    ]
    lead = "Lengths in characters, spaces in percent of a line, widths in steps of 16 pixels."
    return Section("Against the reference", table(columns, rows), lead, "drift")
