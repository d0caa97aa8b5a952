"""What rules would gain without training, as a part of the page."""

from markupsafe import Markup, escape

from textlines.formats.reading_rules import RuleFinding, RuleSearch
from textlines.pages.figures import interval
from textlines.pages.page import Section
from textlines.pages.tables import Cell, Column, table
from train.mining.chips import percent
from train.mining.rule_lines import bounds

_LEAD = (
    "What needs no training. Each rule was found on one half of the lines and tried on the other, "
    "both ways; only those are here whose gain is surely positive there (exact sign test, "
    "adjusted for all rules tried). Each counts behind those above it. "
    "train mine --rules-out FILE.toml writes them down, train evaluate --rules FILE.toml applies "
    "them. 학습 없이 규칙만으로 고칠 수 있는 줄: 규칙은 절반의 줄에서 찾고 나머지 절반에서 확인함."
)


def rules_section(search: RuleSearch | None) -> Section | None:
    """Return the part of the page; None where no rule was tried."""
    if search is None or not search.tried:
        return None
    body = Markup("")
    if search.found:
        body += _table(search)
        body += Markup("<p>All together: {} → {} of {} lines{}.</p>").format(
            percent(search.before),
            percent(search.after),
            f"{search.lines:,}",
            bounds(search.interval),
        )
        body += _examples(search)
    if search.unproven:
        rows = Markup("").join(Markup("<li>{}</li>").format(one) for one in search.unproven)
        body += Markup("<p>{}</p><ul>{}</ul>").format(
            "Tried, and the gain is not proven 효과가 확인되지 않은 규칙:", rows
        )
    return Section("Rules, without training", body, _LEAD, "rules")


def _table(search: RuleSearch) -> Markup:
    columns = [
        Column("Rule"),
        Column("Changes", True, "lines whose reading it changes"),
        Column("Mends", True),
        Column("Breaks", True, "lines that were read right and are not any more"),
        Column("Before", True, "lines read exactly"),
        Column("After", True),
        Column("95 % interval of the gain", True),
    ]
    return table(
        columns,
        [
            (
                Markup('{}<br><small lang="ko">{}</small>').format(
                    one.rule.words, one.rule.words_ko
                ),
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
    shown = f"{100 * low:+.1f} to {100 * high:+.1f}"
    inside = [min(1.0, max(0.0, share)) for share in (low, one.gain, high)]
    return Markup('{} <span class="bounds">{}</span>').format(interval(*inside), shown)


def _examples(search: RuleSearch) -> Markup:
    rows = [
        (
            one.rule.kind,
            _visible(example.truth),
            _visible(example.read),
            _visible(example.made),
            "breaks" if example.is_broken else "mends",
            example.path,
        )
        for one in search.found
        for example in one.examples
    ]
    names = ("Rule", "Label", "Read", "Made", "", "Crop")
    return table([Column(name) for name in names], rows, caption="Examples", shown=12)


def _visible(text: str) -> str:
    return text.replace(" ", "␣")
