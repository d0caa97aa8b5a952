"""Tables of characters, of confusions and of parts of Hangul syllables."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from markupsafe import Markup

from textlines.formats.profile import CharacterRow
from textlines.pages.figures import interval
from textlines.pages.tables import Cell, Column, table
from textlines.profile.rows import by_count
from train.mining.chips import char_button, pair_button, percent
from train.mining.rows import NOTHING

SHOWN = 25
"""How many rows are seen before a button shows the rest."""


def character_table(rows: Sequence[CharacterRow]) -> Markup:
    """Tell how each character was read, in the order of the rows."""
    columns = [
        Column("Character"),
        Column("Code"),
        Column("Gain", True, "expected gain: use × (1 - upper bound of recall)"),
        Column("Used", True, "occurrences in the labels"),
        Column("Wrong", True),
        Column("Recall", True),
        Column("95 % interval", True, "Wilson's interval of the recall"),
        Column("Read as"),
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
                _read_as(row),
            )
            for row in rows
        ],
        shown=SHOWN,
    )


def _interval(row: CharacterRow) -> Markup:
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
        chips.append(Markup("<small>and {} more</small>").format(len(found) - 6))
    if row.conventional:
        chips.append(Markup("<small>{} by convention</small>").format(row.conventional))
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
        Column("Truth → read"),
        Column("Count", True),
        Column("Of", True, "occurrences of the character in the labels"),
        Column("Share", True),
        Column("Turned round", True, "how often the second was read as the first"),
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


def jamo_of(rows: Iterable[CharacterRow]) -> dict[str, tuple[int, list[str]]]:
    """Sum the misread parts over all syllables, with the syllables they came from."""
    counts: Counter[str] = Counter()
    syllables: dict[str, list[str]] = {}
    for row in rows:
        counts.update(row.jamo)
        for part in row.jamo:
            syllables.setdefault(part, []).append(row.char)
    return {part: (count, syllables[part]) for part, count in by_count(counts).items()}


def jamo_table(jamo: Mapping[str, tuple[int, list[str]]]) -> Markup:
    """Tell which parts of syllables were misread, and in which syllables."""
    return table(
        [Column("Part"), Column("Count", True), Column("In")],
        [
            (part, count, Markup(" ").join(char_button(char) for char in syllables[:20]))
            for part, (count, syllables) in jamo.items()
        ],
        shown=SHOWN,
    )
