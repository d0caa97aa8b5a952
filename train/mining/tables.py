"""The summary of a profile as tables and plots of a page."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from markupsafe import Markup, escape

from textlines.pages.figures import bars, interval
from textlines.pages.page import Fact, Section
from textlines.pages.tables import Cell, Column, number, table
from textlines.profile.model import CharacterRow, ErrorProfile
from textlines.profile.rows import by_count
from train.mining.rows import NOTHING

SHOWN = 25
BARS = 12


def facts(profile: ErrorProfile) -> list[Fact]:
    """Give the figures that stand at the head of the page."""
    lines = profile.lines
    found = [
        Fact("Lines", f"{lines.lines:,}", f"{lines.edits:,} edits in all"),
        Fact("Read exactly", _percent(lines.exact)),
    ]
    if lines.agreed is not None and lines.agreed != lines.exact:
        found.append(Fact("… conventions set aside", _percent(lines.agreed)))
    if lines.casefold != lines.exact:
        found.append(Fact("… case folded", _percent(lines.casefold)))
    if lines.nospace != lines.exact:
        found.append(Fact("… spaces ignored", _percent(lines.nospace)))
    found += [
        Fact("Character accuracy", _percent(lines.character_accuracy), "1 - NED, mean of lines"),
        Fact("Labels suspected", f"{profile.suspected:,}", "counted all the same"),
    ]
    return found


def sections(profile: ErrorProfile, notes: Sequence[str]) -> list[Section]:
    """Give the parts of the page that tell of the profile; empty parts are left out.

    Args:
        notes: what was left out or matched loosely, in words.
    """
    parts = [
        Section(
            "Characters to mend",
            _characters(profile.ranked),
            "By expected gain: how many misreadings in lines like these a cure would take away at "
            "the least, use × (1 - upper bound of recall). Click a character to see its lines.",
            "characters",
        )
    ]
    confusions = _confusions((*profile.ranked, *profile.unproven))
    if confusions:
        parts.append(Section("Confusions", _pairs(confusions), "", "confusions"))
    if profile.insertions:
        parts.append(Section("Inserted characters", _insertions(profile.insertions), _NO_TARGET))
    if profile.conventions:
        parts.append(Section("Conventions", _conventions(profile), _CONVENTIONS, "conventions"))
    jamo = _jamo((*profile.ranked, *profile.unproven))
    if jamo:
        parts.append(Section("Parts of Hangul syllables", _jamo_table(jamo), _JAMO, "jamo"))
    if profile.spaces.support or profile.spaces.insertions:
        parts.append(Section("Spaces", _spaces(profile), _SPACES, "spaces"))
    if profile.unproven:
        parts.append(Section("Unproven characters", _characters(profile.unproven), _UNPROVEN))
    if notes or profile.marks:
        parts.append(Section("Left out and changed", _notes(profile, notes), "", "counts"))
    return parts


_NO_TARGET = (
    "Read where the label holds nothing: frames, rules and dirt taken for text. No character "
    "is to be trained for them; they raise the weight of such things in rendered lines."
)
_CONVENTIONS = (
    "What no training image can mend. The readings that these explain count as right in the "
    "tables here; the figures by line hold them, but for the one that says otherwise."
)
_JAMO = "Which part of a syllable was read as what. The final consonant is the 받침."
_SPACES = "Apart, as PaddleOCR's accuracy ignores them unless told otherwise."
_UNPROVEN = "Seen too seldom to tell: the 95 % interval of their recall is wider than 0.3."


def char_button(char: str) -> Markup:
    """Give a character as a button that shows its lines."""
    shown = "␣" if char == " " else char
    return Markup('<button type="button" class="char" data-char="{}">{}</button>').format(
        char, shown
    )


def pair_button(name: str, count: int | None = None) -> Markup:
    """Give a fault as a button that shows its lines."""
    number_ = "" if count is None else Markup(" <b>{}</b>").format(count)
    return Markup('<button type="button" class="chip" data-pair="{}">{}{}</button>').format(
        name, name.replace(" ", "␣"), number_
    )


def _characters(rows: Sequence[CharacterRow]) -> Markup:
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
                Cell(_percent(row.recall), row.recall),
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


def _confusions(rows: Iterable[CharacterRow]) -> list[tuple[str, str, int, int]]:
    """List (truth, read, count, support), most frequent first; read "" for deletions."""
    found = []
    for row in rows:
        found += [(row.char, read, n, row.support) for read, n in row.confusions.items()]
        if row.deletions:
            found.append((row.char, "", row.deletions, row.support))
    return sorted(found, key=lambda item: (-item[2], item[0], item[1]))


def _pairs(confusions: Sequence[tuple[str, str, int, int]]) -> Markup:
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
                Cell(_percent(count / support), count / support),
                counts.get((read, truth), 0) if read else "",
            )
            for truth, read, count, support in confusions
        ],
        shown=SHOWN,
    )


def _insertions(found: Mapping[str, int]) -> Markup:
    top = list(found.items())[:BARS]
    plot = bars([char for char, _ in top], {"": [count for _, count in top]})
    chips = Markup(" ").join(pair_button(f"{NOTHING}→{c}", n) for c, n in found.items())
    return Markup("{}<p>{}</p>").format(plot, chips)


def _conventions(profile: ErrorProfile) -> Markup:
    kinds = {
        "out_of_dictionary": "not in the dictionary",
        "inserted_everywhere": "left out of the labels",
        "width_form": "full or half width",
        "capitals": "one case only",
        "other_form": "another code, same look",
    }
    columns = [Column("Kind"), Column("Characters"), Column("Count", True), Column("Of", True)]
    return table(
        [*columns, Column("What to do")],
        [
            (
                kinds[one.kind],
                Markup('<span class="char">{}</span>').format(one.chars.replace(" ", "␣")),
                one.count,
                one.of,
                one.advice,
            )
            for one in profile.conventions
        ],
        shown=SHOWN,
    )


def _jamo(rows: Iterable[CharacterRow]) -> dict[str, tuple[int, list[str]]]:
    """Sum the misread parts over all syllables, with the syllables they came from."""
    counts: Counter[str] = Counter()
    syllables: dict[str, list[str]] = {}
    for row in rows:
        counts.update(row.jamo)
        for part in row.jamo:
            syllables.setdefault(part, []).append(row.char)
    return {part: (count, syllables[part]) for part, count in by_count(counts).items()}


def _jamo_table(jamo: Mapping[str, tuple[int, list[str]]]) -> Markup:
    return table(
        [Column("Part"), Column("Count", True), Column("In")],
        [
            (part, count, Markup(" ").join(char_button(char) for char in syllables[:20]))
            for part, (count, syllables) in jamo.items()
        ],
        shown=SHOWN,
    )


def _spaces(profile: ErrorProfile) -> Markup:
    row = profile.spaces
    columns = ["In labels", "Read", "Lost", "Inserted", "Read as another"]
    return table(
        [Column(name, True) for name in columns],
        [(row.support, row.right, row.deletions, row.insertions, sum(row.confusions.values()))],
    )


def _notes(profile: ErrorProfile, notes: Sequence[str]) -> Markup:
    marks = [f"marked {mark}: {count:,}" for mark, count in profile.marks.items()]
    items = Markup("").join(Markup("<li>{}</li>").format(escape(n)) for n in (*marks, *notes))
    return Markup("<ul>{}</ul>").format(items)


def _percent(share: float) -> str:
    return f"{number(round(share * 100, 1))} %"
