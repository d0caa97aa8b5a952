"""The tables of `profile.html`: characters, confusions, parts of syllables, conventions, rules."""

from collections.abc import Iterable, Mapping, Sequence

from markupsafe import Markup, escape

from textlines.formats.profile import CharacterRow, ErrorProfile, PartRow
from textlines.formats.reading_rules import RuleFinding, RuleSearch
from textlines.pages.figures import bars, interval
from textlines.pages.page import Section
from textlines.pages.tables import Cell, Column, table
from textlines.profile.han import read_as_han
from textlines.profile.part_words import KOREAN, NO_FINAL
from textlines.wording import arranged, say
from textlines.wording.counts import line_count
from train.judging.figure_words import NOTHING, bounds_behind, visible
from train.judging.page_parts import char_button, pair_button, percent

SHOWN = 25
"""How many rows are seen before a button shows the rest."""

PARTS_SHOWN = 8
"""The same of parts, which stand first: the characters below them are to be seen as well."""

MOST_SYLLABLES = 12
"""Of one part that are named."""

BARS = 12
"""How many insertions the plot shows."""

_PROOFS = {"own": say("own counts"), "parts": say("parts"), "": say("not proven")}


def character_table(rows: Sequence[CharacterRow]) -> Markup:
    """Return how each character was read, in the order of the rows."""
    columns = [
        Column(say("Character")),
        Column(say("Code")),
        Column(say("Gain"), True, say("expected gain: use × (1 - upper bound of recall)")),
        Column(say("Used"), True, say("occurrences in the labels")),
        Column(say("Wrong"), True),
        Column(say("Recall"), True),
        Column(say("95 % interval"), True, say("Wilson's interval of the recall")),
        Column(
            say("Told by"),
            False,
            say("own counts; parts, as other syllables with them are misread"),
        ),
        Column(say("Read as")),
    ]
    return table(
        columns,
        [
            (
                Cell(char_button(row.char), row.char),
                " ".join(f"U+{ord(part):04X}" for part in row.char),
                Cell(f"{row.gain:.1f}", row.gain),
                row.support,
                row.support - row.right,
                Cell(percent(row.recall), row.recall),
                Cell(_interval(row), row.interval[1]),
                _PROOFS[row.proof],
                _read_as(row),
            )
            for row in rows
        ],
        shown=SHOWN,
    )


def _interval(row: CharacterRow | PartRow) -> Markup:
    low, high = row.interval
    bounds = f"{low * 100:.1f}–{high * 100:.1f} %"
    plot = interval(low, row.recall, high)
    return Markup('{} <span class="bounds">{}</span>').format(plot, bounds)


def _read_as(row: CharacterRow) -> Markup:
    faults = [(f"{row.char}→{read}", count) for read, count in row.confusions.items()]
    if row.deletions:
        faults.append((f"{row.char}→{NOTHING}", row.deletions))
    faults.sort(key=lambda item: (-item[1], item[0]))
    chips = [pair_button(name, count) for name, count in faults[:6]]
    if len(faults) > 6:
        chips.append(
            Markup("<small>{}</small>").format(say("and {count} more", count=len(faults) - 6))
        )
    if row.conventional:
        chips.append(
            Markup("<small>{}</small>").format(say("{count} by convention", count=row.conventional))
        )
    return Markup(" ").join(chips)


def confusions_of(rows: Iterable[CharacterRow]) -> list[tuple[str, str, int, int]]:
    """List (label, read, count, support), most frequent first; read "" for deletions."""
    confusions = []
    for row in rows:
        confusions += [(row.char, read, n, row.support) for read, n in row.confusions.items()]
        if row.deletions:
            confusions.append((row.char, "", row.deletions, row.support))
    return sorted(confusions, key=lambda item: (-item[2], item[0], item[1]))


def pair_table(confusions: Sequence[tuple[str, str, int, int]]) -> Markup:
    """Return what was read as what, and how often the other way round."""
    columns = [
        Column(say("Label → read")),
        Column(say("Count"), True),
        Column(say("Of"), True, say("occurrences of the character in the labels")),
        Column(say("Share"), True),
        Column(say("Turned round"), True, say("how often the second was read as the first")),
    ]
    counts = {(label, read): count for label, read, count, _ in confusions}
    return table(
        columns,
        [
            (
                Cell(pair_button(f"{label}→{read or NOTHING}"), f"{label}→{read or NOTHING}"),
                count,
                support,
                Cell(percent(count / support), count / support),
                counts.get((read, label), 0) if read else "",
            )
            for label, read, count, support in confusions
        ],
        shown=SHOWN,
    )


def part_table(parts: Sequence[PartRow], rows: Sequence[CharacterRow]) -> Markup:
    """Return how misread parts of syllables were read, by falling gain, and in which syllables."""
    columns = [
        Column(say("Part")),
        Column(say("Gain"), True, say("expected gain: seen × (1 - upper bound of recall)")),
        Column(say("Seen"), True, say("occurrences in syllables that were read as syllables")),
        Column(say("Misread"), True),
        Column(say("Recall"), True),
        Column(say("95 % interval"), True, say("Wilson's interval of the recall")),
        Column(say("Read as")),
        Column(say("All alike"), False, say("whether all syllables with the part are surely weak")),
        Column(say("In")),
    ]
    return table(
        columns,
        [
            (
                Cell(_part_name(part), f"{part.place} {part.part}"),
                Cell(f"{part.gain:.1f}", part.gain),
                part.seen,
                part.misread,
                Cell(percent(part.recall), part.recall),
                Cell(_interval(part), part.interval[1]),
                "  ".join(f"{read or NO_FINAL}\xa0×{n}" for read, n in part.confusions.items()),
                say("yes") if part.is_weak else "",
                _syllables(part, rows),
            )
            for part in parts
            if part.misread
        ],
        shown=PARTS_SHOWN,
    )


def _part_name(part: PartRow) -> Markup:
    return Markup('{} <span class="char">{}</span>').format(
        KOREAN[part.place], part.part or NO_FINAL
    )


def _syllables(part: PartRow, rows: Sequence[CharacterRow]) -> Markup:
    """Name the syllables whose part was misread, or the members of a group, most often first."""
    name = f"{part.place} {part.part}→" if part.part else f"no {part.place}→"
    misread = [
        (sum(n for jamo, n in row.jamo.items() if jamo.startswith(name)), row) for row in rows
    ]
    if part.place == "glyph":
        misread = [(read_as_han(row, part.part)[1], row) for row in rows if row.char in part.part]
    held = sorted((n, row.char) for n, row in misread if n)[::-1]
    buttons = [char_button(char) for _, char in held[:MOST_SYLLABLES]]
    if len(held) > MOST_SYLLABLES:
        buttons.append(
            Markup("<small>{}</small>").format(
                say("and {count} more", count=len(held) - MOST_SYLLABLES)
            )
        )
    return Markup(" ").join(buttons)


_RULES_LEAD = say(
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
        body += _rules_table(search)
        body += Markup("<p>{}</p>").format(
            say(
                "All together: {before} → {after} of {lines}{bounds}.",
                before=percent(search.before),
                after=percent(search.after),
                lines=line_count(search.lines),
                bounds=bounds_behind(search.interval),
            )
        )
        body += _examples(search)
    if search.unproven:
        rows = Markup("").join(
            Markup("<li>{}</li>").format(sentence) for sentence in search.unproven
        )
        body += Markup("<p>{}</p><ul>{}</ul>").format(
            say("Tried, and the gain is not proven:"), rows
        )
    return Section(say("Rules, without training"), body, _RULES_LEAD, "rules")


def _rules_table(search: RuleSearch) -> Markup:
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
                finding.rule.words,
                finding.changed,
                finding.mended,
                finding.broken,
                Cell(percent(finding.before), finding.before),
                Cell(percent(finding.after), finding.after),
                Cell(_gain_plot(finding), finding.gain),
            )
            for finding in search.found
        ],
    )


def _gain_plot(finding: RuleFinding) -> Markup:
    if finding.interval is None:
        return escape("–")
    low, high = finding.interval
    shown = say("{low:+.1f} to {high:+.1f}", low=100 * low, high=100 * high)
    inside = [min(1.0, max(0.0, share)) for share in (low, finding.gain, high)]
    return Markup('{} <span class="bounds">{}</span>').format(interval(*inside), shown)


def _examples(search: RuleSearch) -> Markup:
    rows = [
        (
            finding.rule.kind,
            visible(example.truth),
            visible(example.read),
            visible(example.made),
            say("breaks") if example.is_broken else say("mends"),
            example.path,
        )
        for finding in search.found
        for example in finding.examples
    ]
    names = (say("Rule"), say("Label"), say("Read"), say("Made"), "", say("Crop"))
    return table([Column(name) for name in names], rows, caption=say("Examples"), shown=12)


def insertions_figure(insertions: Mapping[str, int]) -> Markup:
    """Return bars of the characters that were read where none stands, and a button for each."""
    top = list(insertions.items())[:BARS]
    plot = bars([char for char, _ in top], {"": [count for _, count in top]})
    chips = Markup(" ").join(pair_button(f"{NOTHING}→{c}", n) for c, n in insertions.items())
    return Markup("{}<p>{}</p>").format(plot, chips)


def convention_table(profile: ErrorProfile) -> Markup:
    """Return a table of what is misread by the labels' conventions, which no training mends."""
    kinds = {
        "out_of_dictionary": say("not in the dictionary"),
        "inserted_everywhere": say("left out of the labels"),
        "width_form": say("full or half width"),
        "capitals": say("one case only"),
        "other_form": say("another code, same look"),
        "one_for_several": say("one character for several"),
        "affix": say("beginning or end"),
    }
    columns = [
        Column(say("Kind")),
        Column(say("Characters")),
        Column(say("Count"), True),
        Column(say("Of"), True),
    ]
    return table(
        [*columns, Column(say("What to do"))],
        [
            (
                kinds[convention.kind],
                Markup('<span class="char">{}</span>').format(convention.chars.replace(" ", "␣")),
                convention.count,
                convention.of,
                arranged("{words!c}. {advice}", words=convention.words, advice=convention.advice)
                if convention.kind == "affix" and convention.words
                else convention.advice,
            )
            for convention in profile.conventions
        ],
        shown=SHOWN,
    )


def space_table(profile: ErrorProfile) -> Markup:
    """Return a table of what became of the spaces."""
    row = profile.spaces
    columns = [
        say("In labels"),
        say("Read"),
        say("Lost"),
        say("Inserted"),
        say("Read as another"),
        say("By convention"),
    ]
    read = row.right - row.conventional
    others = sum(row.confusions.values())
    return table(
        [Column(name, True) for name in columns],
        [(row.support, read, row.deletions, row.insertions, others, row.conventional)],
    )
