"""Tables of characters, of confusions and of parts of Hangul syllables."""

from collections.abc import Iterable, Sequence

from markupsafe import Markup

from textlines.formats.profile import CharacterRow, PartRow
from textlines.pages.figures import interval
from textlines.pages.tables import Cell, Column, table
from textlines.profile.han import read_as_han
from textlines.profile.part_words import KOREAN, NO_FINAL
from textlines.wording import say
from train.mining.chips import char_button, pair_button, percent
from train.mining.rows import NOTHING

SHOWN = 25
"""How many rows are seen before a button shows the rest."""

PARTS_SHOWN = 8
"""The same of parts, which stand first: the characters below them are to be seen as well."""

MOST_SYLLABLES = 12
"""Of one part that are named."""

_PROOFS = {"own": say("own counts"), "parts": say("parts"), "": say("not proven")}


def character_table(rows: Sequence[CharacterRow]) -> Markup:
    """Tell how each character was read, in the order of the rows."""
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
    found = [(f"{row.char}→{read}", count) for read, count in row.confusions.items()]
    if row.deletions:
        found.append((f"{row.char}→{NOTHING}", row.deletions))
    found.sort(key=lambda item: (-item[1], item[0]))
    chips = [pair_button(name, count) for name, count in found[:6]]
    if len(found) > 6:
        chips.append(
            Markup("<small>{}</small>").format(say("and {count} more", count=len(found) - 6))
        )
    if row.conventional:
        chips.append(
            Markup("<small>{}</small>").format(say("{count} by convention", count=row.conventional))
        )
    return Markup(" ").join(chips)


def confusions_of(rows: Iterable[CharacterRow]) -> list[tuple[str, str, int, int]]:
    """List (truth, read, count, support), most frequent first; read "" for deletions."""
    found = []
    for row in rows:
        found += [(row.char, read, n, row.support) for read, n in row.confusions.items()]
        if row.deletions:
            found.append((row.char, "", row.deletions, row.support))
    return sorted(found, key=lambda item: (-item[2], item[0], item[1]))


def pair_table(confusions: Sequence[tuple[str, str, int, int]]) -> Markup:
    """Tell what was read as what, and how often the other way round."""
    columns = [
        Column(say("Truth → read")),
        Column(say("Count"), True),
        Column(say("Of"), True, say("occurrences of the character in the labels")),
        Column(say("Share"), True),
        Column(say("Turned round"), True, say("how often the second was read as the first")),
    ]
    counts = {(truth, read): count for truth, read, count, _ in confusions}
    return table(
        columns,
        [
            (
                Cell(pair_button(f"{truth}→{read or NOTHING}"), f"{truth}→{read or NOTHING}"),
                count,
                support,
                Cell(percent(count / support), count / support),
                counts.get((read, truth), 0) if read else "",
            )
            for truth, read, count, support in confusions
        ],
        shown=SHOWN,
    )


def part_table(parts: Sequence[PartRow], rows: Sequence[CharacterRow]) -> Markup:
    """Tell how misread parts of syllables were read, by falling gain, and in which syllables."""
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
    found = [(sum(n for jamo, n in row.jamo.items() if jamo.startswith(name)), row) for row in rows]
    if part.place == "glyph":
        found = [(read_as_han(row, part.part)[1], row) for row in rows if row.char in part.part]
    held = sorted((n, row.char) for n, row in found if n)[::-1]
    buttons = [char_button(char) for _, char in held[:MOST_SYLLABLES]]
    if len(held) > MOST_SYLLABLES:
        buttons.append(
            Markup("<small>{}</small>").format(
                say("and {count} more", count=len(held) - MOST_SYLLABLES)
            )
        )
    return Markup(" ").join(buttons)
