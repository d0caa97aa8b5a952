"""What rules would gain without training, as a part of the page."""

from markupsafe import Markup, escape

from textlines.formats.reading_rules import RuleFinding, RuleSearch
from textlines.pages.figures import interval
from textlines.pages.page import Section
from textlines.pages.tables import Cell, Column, table
from textlines.wording import say
from train.judging.figure_words import bounds_behind
from train.judging.page_parts import percent

_LEAD = say(
    "What needs no training. Each rule was found on one half of the lines and tried on the other, "
    "both ways; only those are here whose gain is surely positive there (exact sign test, "
    "adjusted for all rules tried). Each counts behind those above it. "
    "train mine --rules-out FILE.toml writes them down, train evaluate --rules FILE.toml applies "
    "them."
)


def rules_section(search: RuleSearch | None) -> Section | None:
    """Return the part of the page; None where no rule was tried."""
    if search is None or not search.tried:
        return None
    body = Markup("")
    if search.found:
        body += _table(search)
        body += Markup("<p>{}</p>").format(
            say(
                "All together: {before} → {after} of {lines:,} lines{bounds}.",
                before=percent(search.before),
                after=percent(search.after),
                lines=search.lines,
                bounds=bounds_behind(search.interval),
            )
        )
        body += _examples(search)
    if search.unproven:
        rows = Markup("").join(Markup("<li>{}</li>").format(one) for one in search.unproven)
        body += Markup("<p>{}</p><ul>{}</ul>").format(
            say("Tried, and the gain is not proven:"), rows
        )
    return Section(say("Rules, without training"), body, _LEAD, "rules")


def _table(search: RuleSearch) -> Markup:
    columns = [
        Column(say("Rule")),
        Column(say("Changes"), True, say("lines whose reading it changes")),
        Column(say("Mends"), True),
        Column(say("Breaks"), True, say("lines that were read right and are not any more")),
        Column(say("Before"), True, say("lines read exactly")),
        Column(say("After"), True),
        Column(say("95 % interval of the gain"), True),
    ]
    return table(
        columns,
        [
            (
                one.rule.words,
                one.changed,
                one.mended,
                one.broken,
                Cell(percent(one.before), one.before),
                Cell(percent(one.after), one.after),
                Cell(_plot(one), one.gain),
            )
            for one in search.found
        ],
    )


def _plot(one: RuleFinding) -> Markup:
    if one.interval is None:
        return escape("–")
    low, high = one.interval
    shown = say("{low:+.1f} to {high:+.1f}", low=100 * low, high=100 * high)
    inside = [min(1.0, max(0.0, share)) for share in (low, one.gain, high)]
    return Markup('{} <span class="bounds">{}</span>').format(interval(*inside), shown)


def _examples(search: RuleSearch) -> Markup:
    rows = [
        (
            one.rule.kind,
            _visible(example.truth),
            _visible(example.read),
            _visible(example.made),
            say("breaks") if example.is_broken else say("mends"),
            example.path,
        )
        for one in search.found
        for example in one.examples
    ]
    names = (say("Rule"), say("Label"), say("Read"), say("Made"), "", say("Crop"))
    return table([Column(name) for name in names], rows, caption=say("Examples"), shown=12)


def _visible(text: str) -> str:
    return text.replace(" ", "␣")
