"""`mix.html`: what the mix holds, and what it was before."""

from itertools import chain, compress
from pathlib import Path

import numpy as np
from markupsafe import Markup

from balance.mixing.amount_words import UNITS
from balance.mixing.label_blocks import word_texts
from balance.mixing.mix_job import Result, epoch_record, tallies
from balance.mixing.mix_told import finding, lead
from balance.mixing.mixture import DEAR, Mixture
from balance.mixing.slices import Floats, Ints
from textlines.defects import of_lines
from textlines.files import replacing
from textlines.pages.figures import bars
from textlines.pages.page import Fact, Section, page
from textlines.pages.tables import Cell, CellLike, Column, Row, table
from textlines.wording import UNSAID, say, say_n

_MOST_BARS = 24
_SHOWN_ROWS = 40


def _percent(counts: Ints) -> Floats:
    """Return each count's share of all, in percent."""
    return 100 * counts / max(int(counts.sum()), 1)


def _share_cell(value: float) -> Cell:
    """Write a share to three digits."""
    return Cell(f"{value:.3g}", sort=float(value))


def _change_cell(now: float, before: float) -> Cell:
    """Write how much a share grew."""
    if before <= 0:
        return Cell(say("new") if now > 0 else "", sort=1e9 if now > 0 else 0.0)
    return Cell(f"{now / before - 1:+.1%}", sort=float(now / before - 1))


def _rounded(value: float | None, digits: int) -> CellLike:
    return "" if value is None else round(value, digits)


def _percent_cell(share: float | None) -> str:
    return "" if share is None else f"{share:.1%}"


def _shown(code: int) -> str:
    """Write a code point so that a space is seen."""
    return "␣" if code == 32 else chr(code)


def _char_cell(code: int) -> Cell:
    """Write a code point large."""
    return Cell(Markup('<span class="char">{}</span>').format(_shown(code)), sort=chr(code))


def save_report(result: Result, path: Path) -> None:
    """Write the page, whole or not at all.

    Raises:
        InputError: the file cannot be written.
    """
    with replacing(path) as out:
        out.write(mix_page(result))


def mix_page(result: Result) -> str:
    """Build the page."""
    mix = result.mix
    sections = [_epochs_section(mix), _hard_section(mix), _characters_section(mix)]
    if len(mix.words):
        sections.append(_words_section(mix))
    if mix.drift:
        sections.append(_drift_section(mix))
    sections += [_left_out_section(mix), _sources_section(mix)]
    return page(
        say("The mix"),
        [section for section in sections if section],
        finding=finding(mix),
        lead=lead(result),
        facts=_facts(result),
    )


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
                say_n("each once in every epoch", "each {n} times in every epoch", mix.own_times),
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
        note = say("own to general {ratio:.2f} : 1", ratio=figures.scene_to_general)
        note = UNSAID if figures.own else note
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
        below = say_n("and {n} character", "and {n} characters", first.below[1])
        facts.append(Fact(say("words below their floor"), f"{first.below[0]:,}", below))
    left = sum(sum(tally.part("left_out").as_dict().values()) for _, tally in tallies(mix))
    facts.append(Fact(say("left out"), f"{left:,}", say("lines, by reason below")))
    return facts


_OPTIONAL = {"own", "distil", "general", "replay", "without floors", "certain", "changed"}
"""Columns that are left out where no list holds anything of the kind."""


def _epochs_section(mix: Mixture) -> Section:
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
    figures = [epoch_record(epoch) for epoch in mix.epochs]
    rows: list[list[CellLike]] = [
        [
            *(f.list, f.own, f.original, f.distil, f.new, _rounded(f.ratio, 3), f.general),
            *(sum(f.replay.values()), _rounded(f.divergence, 4)),
            *(_rounded(f.divergence_without_floors, 4), f.words_below_floor),
            *(f.characters_below_floor, _percent_cell(f.certain_share_of_best)),
            _percent_cell(f.churn),
        ]
        for f in figures
    ]
    is_used = [
        column.title not in _OPTIONAL or any(row[k] not in ("", 0) for row in rows)
        for k, column in enumerate(columns)
    ]
    columns = list(compress(columns, is_used))
    rows = [list(compress(row, is_used)) for row in rows]
    names = [f.list.removesuffix(".txt") for f in figures[:_MOST_BARS]]
    ratios = [f.ratio or 0.0 for f in figures[:_MOST_BARS]]
    has_new = len(names) > 1 and any(ratios)
    plot = bars(names, {"": ratios}, title=say("original to one new line")) if has_new else ""
    return Section(
        say("Epochs"),
        Markup(plot) + table(columns, rows, shown=_SHOWN_ROWS),
        id="epochs",
        is_wide=True,
    )


def _hard_section(mix: Mixture) -> Section | None:
    """Show the hard characters of the profile; None without any."""
    target = mix.target
    if not len(target.hard):
        return None
    codes = target.codes[target.hard]
    first = mix.epochs[0]
    others, new = first.given[codes], (first.holding.codes - first.given)[codes]
    every = np.sum([e.holding.codes[codes] - e.given[codes] for e in mix.epochs], axis=0)
    rows: list[list[CellLike]] = [
        [_char_cell(int(code)), int(a), int(b), int(c)]
        for code, a, b, c in zip(codes, others, new, every, strict=True)
    ]
    columns = [
        Column(say("character")),
        Column(say("other lines"), True, say("in the first epoch")),
        Column(say("new lines"), True, say("in the first epoch")),
        Column(say("new, all epochs"), True),
    ]
    names = [_shown(int(code)) for code in codes[:_MOST_BARS]]
    plot = bars(
        names,
        {
            say("other lines"): others[:_MOST_BARS].tolist(),
            say("new lines"): new[:_MOST_BARS].tolist(),
        },
        title=say("hard characters in the first epoch"),
    )
    words = say_n(
        "{met:,} of the profile's {n:,} hard character stands in the new lines.",
        "{met:,} of the profile's {n:,} hard characters stand in the new lines.",
        len(codes),
        met=int(np.count_nonzero(new)),
    )
    return Section(
        say("Hard characters"), plot + table(columns, rows, shown=_SHOWN_ROWS), words, "hard"
    )


def _characters_section(mix: Mixture) -> Section:
    """Show the shares of characters before and after."""
    target, first = mix.target, mix.epochs[0]
    before, random, after = (
        _percent(part[target.codes])
        for part in (mix.before.codes, mix.expected.codes, first.holding.codes)
    )
    wanted = 100 * target.shares
    order = np.lexsort((target.codes, -np.abs(after - random)))
    rows: list[list[CellLike]] = [
        [
            _char_cell(int(target.codes[k])),
            int(first.holding.codes[target.codes[k]]),
            *(_share_cell(values[k]) for values in (before, random, after, wanted)),
            _change_cell(after[k], random[k]),
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
    rare = np.argsort(-wanted, kind="stable")[:_MOST_BARS]
    names = [_shown(int(code)) for code in target.codes[rare]]
    series: dict[str, list[float]] = {
        say("originals"): before[rare].tolist(),
        say("this mix"): after[rare].tolist(),
        say("target"): wanted[rare].tolist(),
    }
    plot = bars(names, series, title=say("share of characters"), unit=" %")
    words = say_n(
        "{n:,} character that the choice moved.",
        "{n:,} characters, those that the choice moved most first.",
        len(target.codes),
    )
    return Section(
        say("Characters"), plot + table(columns, rows, shown=_SHOWN_ROWS), words, "characters"
    )


def _words_section(mix: Mixture) -> Section:
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
    words = say_n(
        "The most frequent word of the originals.",
        "The {n:,} most frequent words of the originals.",
        len(rows),
    )
    return Section(say("Words"), table(columns, rows, shown=_SHOWN_ROWS), words, "words")


_MEASURES = {"length": say("length"), "space share": say("space share"), "width": say("width")}
_VERDICTS = {"alike": say("alike"), "drifting": say("drifting"), "apart": say("apart")}


def _drift_section(mix: Mixture) -> Section:
    """Compare the first epoch with the reference."""
    rows: list[list[CellLike]] = []
    for name, drift in mix.drift.items():
        old = mix.drift_before.get(name)
        rows.append(
            [
                _MEASURES.get(name, name),
                round(drift.like_mean, 2),
                round(drift.mean, 2),
                round(drift.psi, 4),
                _rounded(old.psi if old else None, 4),
                round(drift.ks, 4),
                _VERDICTS[drift.verdict],
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
    words = say(
        "Lengths in characters, lines with spaces in percent, widths in steps of 16 pixels."
    )
    return Section(say("Against the reference"), table(columns, rows), words, "drift")


def _left_out_section(mix: Mixture) -> Section:
    """Show what was left out, changed and warned of."""
    rows: list[Row] = []
    for name, tally in tallies(mix):
        for reason, count in tally.as_dict().items():
            words = of_lines.MIX[reason].sentence
            places = ", ".join(tally.places(reason))
            rows.append(Row([name, reason, words, count, Cell(places, hint=places)]))
    columns = [
        Column(say("lines of")),
        Column(say("code")),
        Column(say("what")),
        Column(say("count"), True),
        Column(say("first places")),
    ]
    body = table(columns, rows) if rows else Markup("<p>{}</p>").format(say("Nothing."))
    outside: dict[str, int] = {}
    for source in mix.material.sources:
        for char, count in source.outside.items():
            outside[char] = outside.get(char, 0) + count
    if outside:
        ranked = sorted(outside.items(), key=lambda item: (-item[1], item[0]))
        chars: list[list[CellLike]] = [
            [_char_cell(ord(char)), f"U+{ord(char):04X}", count] for char, count in ranked
        ]
        heads = [Column(say("character")), Column(say("code point")), Column(say("count"), True)]
        body += table(heads, chars, caption=say("What the dictionary lacks"), shown=12)
    return Section(say("Left out, changed and warned of"), body, id="left-out", is_wide=True)


def _sources_section(mix: Mixture) -> Section:
    """Show the label files."""
    times = {"own": mix.own_times, "replay": 1}
    rows: list[list[CellLike]] = [
        [s.name, s.path.name, s.seen, s.usable, times.get(s.role, ""), _sha256_cell(s.sha256)]
        for s in mix.material.sources
    ]
    columns = [
        Column(say("role")),
        Column(say("file")),
        Column(say("lines"), True),
        Column(say("usable"), True),
        Column(
            say("times"),
            True,
            say("how often each line stands in every epoch; empty: some are drawn"),
        ),
        Column("sha256"),
    ]
    return Section(say("Sources"), table(columns, rows), id="sources")


def _sha256_cell(sha256: str) -> Cell:
    return Cell(sha256[:12], hint=sha256)
