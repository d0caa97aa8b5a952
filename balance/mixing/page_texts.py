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
from textlines.wording import say


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
        Column(say("character")),
        Column(say("in the mix"), True, say("occurrences in the first epoch")),
        Column(say("originals, %"), True),
        Column(say("at random, %"), True, say("with new lines drawn at random")),
        Column(say("this mix, %"), True),
        Column(
            say("target, %"),
            True,
            say("natural share to the power {alpha:g}, hard raised", alpha=mix.options.alpha),
        ),
        Column(say("change"), True, say("this mix to one drawn at random")),
    ]
    rare = np.argsort(-wanted, kind="stable")[:MOST_BARS]
    names = [shown(int(code)) for code in target.codes[rare]]
    series: dict[str, list[float]] = {
        say("originals"): before[rare].tolist(),
        say("this mix"): after[rare].tolist(),
        say("target"): wanted[rare].tolist(),
    }
    plot = bars(names, series, title=say("share of characters"), unit=" %")
    lead = say(
        "{count:,} characters, those that the choice moved most first.", count=len(target.codes)
    )
    return Section(
        say("Characters"), plot + table(columns, rows, shown=SHOWN_ROWS), lead, "characters"
    )


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
                say("below") if first.holding.words[k] < first.floors.words[k] else "",
            ]
        )
        for k in order
    ]
    columns = [
        Column(say("word")),
        Column(say("originals"), True),
        Column(
            say("due"),
            True,
            say(
                "in the first epoch, with new lines drawn at random that hold no more of it than "
                "the others do"
            ),
        ),
        Column(say("floor"), True, say("{floor:g} of what is due", floor=mix.options.word_floor)),
        Column(say("this mix"), True),
        Column(say("floor held")),
    ]
    lead = say("The {count:,} most frequent words of the originals.", count=len(rows))
    return Section(say("Words"), table(columns, rows, shown=SHOWN_ROWS), lead, "words")


MEASURES = {"length": say("length"), "space share": say("space share"), "width": say("width")}
VERDICTS = {"alike": say("alike"), "drifting": say("drifting"), "apart": say("apart")}


def drift_section(mix: Mix) -> Section:
    """Compare the first epoch with the reference."""
    rows: list[list[CellLike]] = []
    for name, drift in mix.drift.items():
        old = mix.drift_before.get(name)
        rows.append(
            [
                MEASURES.get(name, name),
                round(drift.like_mean, 2),
                round(drift.mean, 2),
                round(drift.psi, 4),
                "" if old is None else round(old.psi, 4),
                round(drift.ks, 4),
                VERDICTS[drift.verdict],
            ]
        )
    columns = [
        Column(say("measure")),
        Column(say("mean, reference"), True),
        Column(say("mean, mix"), True),
        Column("PSI", True, say("below 0.1 alike, above 0.25 another population")),
        Column(say("PSI, originals"), True),
        Column("KS", True, say("largest gap of the cumulated shares")),
        Column(say("verdict")),
    ]
    lead = say("Lengths in characters, spaces in percent of a line, widths in steps of 16 pixels.")
    return Section(say("Against the reference"), table(columns, rows), lead, "drift")
