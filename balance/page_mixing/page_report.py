"""`mix.html` of a mix of pages: what its lists hold, what they were drawn from, what was left out.

"Page" here is always a labelled one.
"""

from pathlib import Path

from markupsafe import Markup

from balance.page_mixing.page_job import PageResult, page_epoch_record
from balance.page_mixing.page_mixture import PageMixture
from balance.page_mixing.page_told import page_finding, page_lead
from textlines.defects import of_annotations
from textlines.files import replacing
from textlines.formats.page_mix import PageMixSource
from textlines.pages.figures import bars
from textlines.pages.page import Fact, Section, page
from textlines.pages.tables import Cell, CellLike, Column, Row, table
from textlines.wording import say, say_n

_MOST_BARS = 24
_SHOWN_ROWS = 40


def save_page_report(result: PageResult, path: Path) -> None:
    """Write the report, whole or not at all.

    Raises:
        InputError: the file cannot be written.
    """
    with replacing(path) as out:
        out.write(page_mix_report(result))


def page_mix_report(result: PageResult) -> str:
    """Build the report."""
    mix = result.mix
    return page(
        say("The mix of pages"),
        [_epochs_section(mix), _left_out_section(mix), _sources_section(result)],
        finding=page_finding(mix),
        lead=page_lead(mix),
        facts=_facts(mix),
    )


def _facts(mix: PageMixture) -> list[Fact]:
    first, facts = page_epoch_record(mix.epochs[0]), []
    if first.ratio is not None:
        name = say("original : new")
        facts.append(Fact(name, f"{first.ratio:.2f} : 1", say("in every epoch, 5 to 10")))
    if first.region_ratio is not None:
        facts.append(
            Fact(
                say("by text lines"),
                f"{first.region_ratio:.2f} : 1",
                say("those on original to those on new pages"),
            )
        )
    if first.own:
        times = say_n("each once in every epoch", "each {n} times in every epoch", mix.own_times)
        facts.append(Fact(say("own pages"), f"{first.own // mix.own_times:,}", times))
    facts += [
        Fact(say("original pages"), f"{first.original:,}", say("in the first epoch")),
        Fact(
            say("new pages"),
            f"{first.new:,}",
            say("of {count:,} usable", count=len(mix.material.of("new"))),
        ),
    ]
    if first.general:
        facts.append(Fact(say("general pages"), f"{first.general:,}", say("in the first epoch")))
    if first.scene_to_general is not None:
        note = say("own and new to all others") if first.own else say("original and new to general")
        ratio = f"{first.scene_to_general:.2f} : 1"
        facts.append(Fact(say("own scene : general"), ratio, note))
    tallies = mix.material.tallies().values()
    left = sum(sum(tally.part("left_out").as_dict().values()) for tally in tallies)
    return [
        *facts,
        Fact(say("pages without text"), f"{first.negatives:,}", say("in the first epoch")),
        Fact(say("left out"), f"{left:,}", say("pages and regions, by reason below")),
    ]


def _epochs_section(mix: PageMixture) -> Section:
    """Show what each list holds."""
    records = [page_epoch_record(epoch) for epoch in mix.epochs]
    replay, has_distil = list(records[0].replay), any(one.distil for one in records)
    columns = [
        Column(say("list")),
        Column(say("own"), True, say("own pages, as often as they stand")),
        Column(say("original"), True),
        *([Column(say("distil"), True, say("pages without labels"))] if has_distil else []),
        Column(say("new"), True),
        Column(say("general"), True),
        *(Column(name, True, say("replay")) for name in replay),
        Column(say("ratio"), True, say("own and original to new, by pages")),
        Column(say("by text lines"), True, say("own and original to new, by their text lines")),
        Column(
            say("own scene : general"), True, say("own and new pages to original and general ones")
        )
        if records[0].own
        else Column(say("own : general"), True, say("original and new pages to general ones")),
        Column(say("text lines"), True),
        Column(say("without text"), True, say("pages that have none")),
    ]
    rows: list[list[CellLike]] = [
        [
            *(one.list, one.own, one.original),
            *([one.distil] if has_distil else []),
            *(one.new, one.general),
            *(one.replay[name] for name in replay),
            *map(_rounded, (one.ratio, one.region_ratio, one.scene_to_general)),
            *(one.regions, one.negatives),
        ]
        for one in records
    ]
    shown = records[:_MOST_BARS]
    names = [one.list.removesuffix(".txt") for one in shown]
    series: dict[str, list[float]] = {
        say("own"): [one.own for one in shown],
        say("original"): [one.original for one in shown],
        say("distil"): [one.distil for one in shown],
        say("new"): [one.new for one in shown],
        say("general"): [one.general for one in shown],
    }
    held = {name: values for name, values in series.items() if any(values)}
    plot = bars(names, held, title=say("pages in each list"))
    return Section(
        say("Epochs"), plot + table(columns, rows, shown=_SHOWN_ROWS), id="epochs", is_wide=True
    )


def _rounded(value: float | None) -> CellLike:
    return "" if value is None else round(value, 2)


def _left_out_section(mix: PageMixture) -> Section:
    """Show what was left out, changed and met."""
    rows: list[Row] = []
    for name, tally in mix.material.tallies().items():
        for reason, count in tally.as_dict().items():
            words = of_annotations.PAGE_MIX[reason].sentence
            places = ", ".join(tally.places(reason))
            rows.append(Row([name, reason, words, count, Cell(places, hint=places)]))
    columns = [
        Column(say("pages of")),
        Column(say("code")),
        Column(say("what")),
        Column(say("count"), True),
        Column(say("first places")),
    ]
    body = table(columns, rows) if rows else Markup("<p>{}</p>").format(say("Nothing."))
    return Section(say("Left out, changed and warned of"), body, id="left-out", is_wide=True)


def _sources_section(result: PageResult) -> Section:
    """Show the page label files."""
    columns = [
        Column(say("role")),
        Column(say("file")),
        Column(say("pages"), True),
        Column(say("usable"), True),
        Column(say("rendered"), True),
        Column(say("without text"), True, say("pages that have none")),
        Column(say("text lines"), True, say("to find on the usable pages")),
        Column(say("a page"), True, say("text lines on a page, on average")),
        Column(say("ignored"), True, say("regions that nobody can read")),
        Column(
            say("times"),
            True,
            say("how often each page stands in every epoch; empty: some are drawn"),
        ),
        Column("sha256"),
    ]
    rows = [_source_row(source) for source in result.record.configuration.sources]
    return Section(say("Sources"), table(columns, rows), id="sources", is_wide=True)


def _source_row(source: PageMixSource) -> list[CellLike]:
    return [
        *(source.name, Path(source.labels).name, source.pages, source.usable, source.rendered),
        *(source.negatives, source.regions, round(source.regions / max(source.usable, 1), 1)),
        *(source.ignored, source.times or "", Cell(source.sha256[:12], hint=source.sha256)),
    ]
