"""`mix.html`: what the mix holds, and what it was before."""

from pathlib import Path

import numpy as np
from markupsafe import Markup

from balance.mixing.arrays import Floats, Ints
from balance.mixing.measure import word_texts
from balance.mixing.mix import Mix
from balance.mixing.pool import Pool, make_pool
from balance.mixing.reasons import REASONS, is_left_out
from balance.mixing.record import epoch_figures, tallies
from balance.mixing.run import Result
from textlines.labels.files import replacing
from textlines.pages.figures import bars
from textlines.pages.page import Fact, Section, page
from textlines.pages.tables import Cell, CellLike, Column, Row, table

MOST_BARS = 24
SHOWN_ROWS = 40


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
    sections = [_epochs(mix), _hard(mix), _characters(mix)]
    if len(mix.words):
        sections.append(_words(mix))
    if mix.drift:
        sections.append(_drift(mix))
    sections += [_left_out(mix), _sources(mix)]
    return page(
        "The mix",
        [section for section in sections if section],
        lead=_lead(result),
        facts=_facts(result),
    )


def _lead(result: Result) -> str:
    budget, by = result.budget, result.mix.options.by
    told = (
        f"{budget.own:,} original {by} allow {budget.least:,} to {budget.most:,} new ones in an "
        f"epoch. {budget.lists_before_repeat:,} epochs pass before a new line comes again."
    )
    if budget.rounds:
        told += (
            f" The {budget.wanted:,} hard characters stand {budget.samples:,} times in an epoch's "
            f"new lines; 200 of each take {budget.rounds:,} epochs of other lines."
        )
    return " ".join([told, *(f"Note: {note}." for note in result.mix.amounts.notes)])


def _facts(result: Result) -> list[Fact]:
    mix = result.mix
    first = mix.epochs[0]
    figures = epoch_figures(first)
    facts = [
        Fact("original : new", f"{figures['ratio']:.2f} : 1", "in every epoch, 5 to 10"),
        Fact("original lines", f"{len(first.own):,}", "in the first epoch"),
        Fact("new lines", f"{len(first.new):,}", f"of {len(mix.new_pool):,} usable"),
    ]
    if len(first.general):
        note = f"own to general {figures['own_to_general']:.2f} : 1"
        facts.append(Fact("general lines", f"{len(first.general):,}", note))
    facts.append(
        Fact(
            "divergence",
            f"{first.divergence:.3f}",
            f"from the target; at random {mix.divergences[1]:.3f}",
        )
    )
    if len(mix.words):
        below = f"and {first.below[1]} characters"
        facts.append(Fact("words below their floor", f"{first.below[0]:,}", below))
    left = sum(sum(c for r, c in t.as_dict().items() if is_left_out(r)) for _, t in tallies(mix))
    facts.append(Fact("left out", f"{left:,}", "lines, by reason below"))
    return facts


def _epochs(mix: Mix) -> Section:
    columns = [
        Column("list"),
        Column("original", True),
        Column("distil", True, "lines whose target is the base model's reading"),
        Column("new", True),
        Column("ratio", True, f"original and distilled to new, by {mix.options.by}"),
        Column("general", True),
        Column("replay", True),
        Column("divergence", True, "of the characters from the target, in nats"),
        Column("words below", True, "frequent words below their floor"),
        Column("characters below", True, "frequent characters below their floor"),
        Column("certain", True, "the choice is worth at least this share of the best possible"),
        Column("changed", True, "share of the earlier mix's choice that is not in this one"),
    ]
    rows: list[list[CellLike]] = []
    for epoch in mix.epochs:
        f = epoch_figures(epoch)
        certain, churn = f["certain_share_of_best"], f["churn"]
        rows.append(
            [
                f["list"],
                f["original"],
                f["distil"],
                f["new"],
                round(f["ratio"], 3),
                f["general"],
                sum(f["replay"].values()),
                round(f["divergence"], 4),
                f["words_below_floor"],
                f["characters_below_floor"],
                "" if certain is None else f"{certain:.1%}",
                "" if churn is None else f"{churn:.1%}",
            ]
        )
    names = [epoch_figures(e)["list"].removesuffix(".txt") for e in mix.epochs[:MOST_BARS]]
    ratios = [epoch_figures(e)["ratio"] for e in mix.epochs[:MOST_BARS]]
    plot = bars(names, {"": ratios}, title="original to one new line") if len(names) > 1 else ""
    return Section("Epochs", Markup(plot) + table(columns, rows, shown=SHOWN_ROWS), id="epochs")


def _hard(mix: Mix) -> Section | None:
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
        [_char(int(code)), int(a), int(b), int(c)]
        for code, a, b, c in zip(codes, own, new, every, strict=True)
    ]
    columns = [
        Column("character"),
        Column("other lines", True, "in the first epoch"),
        Column("new lines", True, "in the first epoch"),
        Column("new, all epochs", True),
    ]
    names = [_shown(int(code)) for code in codes[:MOST_BARS]]
    plot = bars(
        names,
        {"other lines": own[:MOST_BARS].tolist(), "new lines": new[:MOST_BARS].tolist()},
        title="hard characters in the first epoch",
    )
    met = int(np.count_nonzero(new))
    lead = f"{met:,} of the profile's {len(codes):,} hard characters stand in the new lines."
    return Section("Hard characters", plot + table(columns, rows, shown=SHOWN_ROWS), lead, "hard")


def _characters(mix: Mix) -> Section:
    target, first = mix.target, mix.epochs[0]
    before, random, after = (
        _percent(part[target.codes])
        for part in (mix.before.codes, mix.expected.codes, first.holding.codes)
    )
    wanted = 100 * target.shares
    order = np.lexsort((target.codes, -np.abs(after - random)))
    rows: list[list[CellLike]] = [
        [
            _char(int(target.codes[k])),
            int(first.holding.codes[target.codes[k]]),
            *(_share(values[k]) for values in (before, random, after, wanted)),
            _change(after[k], random[k]),
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
    names = [_shown(int(code)) for code in target.codes[rare]]
    series = {
        "originals": before[rare].tolist(),
        "this mix": after[rare].tolist(),
        "target": wanted[rare].tolist(),
    }
    plot = bars(names, series, title="share of characters", unit=" %")
    lead = f"{len(target.codes):,} characters, those that the choice moved most first."
    return Section("Characters", plot + table(columns, rows, shown=SHOWN_ROWS), lead, "characters")


def _words(mix: Mix) -> Section:
    first = mix.epochs[0]
    texts = word_texts(_originals(mix), mix.words)
    counts = mix.before.words
    order = np.lexsort((mix.words, -counts))
    rows = [
        Row(
            [
                texts[k],
                int(counts[k]),
                float(round(first.floors.expected_words[k], 1)),
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
        Column("expected", True, "in the first epoch with new lines drawn at random"),
        Column("floor", True, f"{mix.options.word_floor:g} of what is expected"),
        Column("this mix", True),
        Column("floor held"),
    ]
    lead = f"The {len(rows):,} most frequent words of the originals."
    return Section("Words", table(columns, rows, shown=SHOWN_ROWS), lead, "words")


def _drift(mix: Mix) -> Section:
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


def _left_out(mix: Mix) -> Section:
    rows: list[Row] = []
    for name, tally in tallies(mix):
        for reason, count in tally.as_dict().items():
            told = REASONS.get(reason, reason)
            places = ", ".join(tally.places(reason))
            rows.append(Row([name, reason, told, count, Cell(places, hint=places)]))
    columns = [
        Column("lines of"),
        Column("code"),
        Column("what"),
        Column("count", True),
        Column("first places"),
    ]
    body = table(columns, rows) if rows else Markup("<p>Nothing.</p>")
    outside: dict[str, int] = {}
    for source in mix.material.sources:
        for char, count in source.outside.items():
            outside[char] = outside.get(char, 0) + count
    if outside:
        ranked = sorted(outside.items(), key=lambda item: (-item[1], item[0]))
        chars: list[list[CellLike]] = [
            [_char(ord(char)), f"U+{ord(char):04X}", count] for char, count in ranked
        ]
        heads = [Column("character"), Column("code point"), Column("count", True)]
        body += table(heads, chars, caption="What the dictionary lacks", shown=12)
    return Section("Left out, changed and warned of", body, id="left-out", is_wide=True)


def _sources(mix: Mix) -> Section:
    rows: list[list[CellLike]] = [
        [s.name, s.path.name, s.seen, len(s.lines), Cell(s.sha256[:12], hint=s.sha256)]
        for s in mix.material.sources
    ]
    columns = [
        Column("role"),
        Column("file"),
        Column("lines", True),
        Column("usable", True),
        Column("sha256"),
    ]
    return Section("Sources", table(columns, rows), id="sources")


def _originals(mix: Mix) -> Pool:
    return make_pool(mix.material.of("original"), mix.options.seed, "lines")


def _percent(counts: Ints) -> Floats:
    return 100 * counts / max(int(counts.sum()), 1)


def _share(value: float) -> Cell:
    return Cell(f"{value:.3g}", sort=float(value))


def _change(now: float, before: float) -> Cell:
    if before <= 0:
        return Cell("new" if now > 0 else "", sort=1e9 if now > 0 else 0.0)
    return Cell(f"{now / before - 1:+.1%}", sort=float(now / before - 1))


def _shown(code: int) -> str:
    return "␣" if code == 32 else chr(code)


def _char(code: int) -> Cell:
    return Cell(Markup('<span class="char">{}</span>').format(_shown(code)), sort=chr(code))
