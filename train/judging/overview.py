"""The summary of a profile as the parts of a page."""

from collections.abc import Mapping, Sequence

from markupsafe import Markup, escape

from textlines.formats.profile import ErrorProfile
from textlines.pages.figures import bars
from textlines.pages.page import Fact, Section
from textlines.pages.tables import Column, table
from textlines.wording import arranged, say, say_n
from train.judging.mine_tables import (
    SHOWN,
    character_table,
    confusions_of,
    pair_table,
    part_table,
)
from train.judging.page_parts import pair_button, percent
from train.judging.rule_section import rules_section
from train.judging.shown_lines import NOTHING

BARS = 12
"""How many insertions the plot shows."""

_NO_TARGET = say(
    "Read where the label holds nothing: frames, rules and dirt taken for text. No character "
    "is to be trained for them; they raise the weight of such things in rendered lines."
)
_CONVENTIONS = say(
    "What no training image can mend. The readings that these explain count as right in the "
    "tables here; the figures by line hold them, but for the one that says otherwise."
)
_JAMO = say(
    "초성, 중성, 받침: how each part was read over all syllables that have it. Lines are drawn for "
    "all syllables of a part that is surely weak, those never seen too."
)
_SPACES = say("Apart, as PaddleOCR's accuracy ignores them unless told otherwise.")


def facts(profile: ErrorProfile) -> list[Fact]:
    """Give the figures that stand at the head of the page."""
    lines = profile.lines
    found = [
        Fact(
            say("Lines"),
            f"{lines.lines:,}",
            say_n("{n:,} edit in all", "{n:,} edits in all", lines.edits),
        ),
        Fact(
            say("Read exactly"),
            percent(lines.exact),
            say("out of fold, {folds} folds", folds=profile.out_of_fold)
            if profile.out_of_fold
            else "",
        ),
    ]
    if lines.agreed is not None and lines.agreed != lines.exact:
        found.append(Fact(say("… conventions set aside"), percent(lines.agreed)))
    if lines.casefold != lines.exact:
        found.append(Fact(say("… case folded"), percent(lines.casefold)))
    if lines.nospace != lines.exact:
        found.append(Fact(say("… spaces ignored"), percent(lines.nospace)))
    found += [
        Fact(
            say("Character accuracy"),
            percent(lines.character_accuracy),
            say("1 - NED, mean of lines"),
        ),
        Fact(say("Labels suspected"), f"{profile.suspected:,}", say("counted all the same")),
    ]
    return found


def sections(profile: ErrorProfile, notes: Sequence[str]) -> list[Section]:
    """Give the parts of the page that tell of the profile; empty parts are left out.

    Args:
        notes: what was left out or matched loosely, in words.
    """
    parts = []
    if any(row.misread for row in profile.parts):
        table_of_parts = part_table(profile.parts, profile.ranked)
        parts.append(
            Section(say("Parts of Hangul syllables to mend"), table_of_parts, _JAMO, "parts")
        )
    parts.append(
        Section(
            say("Characters to mend"),
            character_table(profile.ranked),
            say(
                "By expected gain: how many misreadings in lines like these a cure would take away "
                "at the least, use × (1 - upper bound of recall). Told by: its own counts, its "
                "parts, or nothing, so that it may be well read. Click a character to see its "
                "lines."
            ),
            "characters",
        )
    )
    rules = rules_section(profile.rules)
    if rules:
        parts.append(rules)
    confusions = confusions_of(profile.ranked)
    if confusions:
        parts.append(Section(say("Confusions"), pair_table(confusions), "", "confusions"))
    if profile.insertions:
        parts.append(
            Section(say("Inserted characters"), _insertions(profile.insertions), _NO_TARGET)
        )
    if profile.conventions:
        parts.append(
            Section(say("Conventions"), _conventions(profile), _CONVENTIONS, "conventions")
        )
    if profile.spaces.support or profile.spaces.insertions:
        parts.append(Section(say("Spaces"), _spaces(profile), _SPACES, "spaces"))
    if notes or profile.marks:
        parts.append(Section(say("Left out and changed"), _notes(profile, notes), "", "counts"))
    return parts


def _insertions(found: Mapping[str, int]) -> Markup:
    top = list(found.items())[:BARS]
    plot = bars([char for char, _ in top], {"": [count for _, count in top]})
    chips = Markup(" ").join(pair_button(f"{NOTHING}→{c}", n) for c, n in found.items())
    return Markup("{}<p>{}</p>").format(plot, chips)


def _conventions(profile: ErrorProfile) -> Markup:
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
                kinds[one.kind],
                Markup('<span class="char">{}</span>').format(one.chars.replace(" ", "␣")),
                one.count,
                one.of,
                arranged("{words!c}. {advice}", words=one.words, advice=one.advice)
                if one.kind == "affix" and one.words
                else one.advice,
            )
            for one in profile.conventions
        ],
        shown=SHOWN,
    )


def _spaces(profile: ErrorProfile) -> Markup:
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


def _notes(profile: ErrorProfile, notes: Sequence[str]) -> Markup:
    marks = [
        say("marked {mark}: {count:,}", mark=mark, count=count)
        for mark, count in profile.marks.items()
    ]
    items = Markup("").join(Markup("<li>{}</li>").format(escape(n)) for n in (*marks, *notes))
    return Markup("<ul>{}</ul>").format(items)
