"""`profile.html`: what was misread, line by line, for a person to look at and to mark."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path, PurePosixPath

from markupsafe import Markup, escape

from textlines.defects import of_readings
from textlines.files import replacing
from textlines.formats.profile import ErrorProfile, PartRow, profile_sha256
from textlines.labels.alphabet import told_space
from textlines.labels.canonical import short
from textlines.labels.tally import Tally
from textlines.pages.environment import asset
from textlines.pages.page import Fact, Section, page
from textlines.profile.align import Edit
from textlines.profile.jamo import PLACES, Place, parts
from textlines.profile.part_words import KOREAN, NO_FINAL, part_name
from textlines.profile.reading import Misread, Reading
from textlines.wilson import wilson
from textlines.wording import joined, say, say_n
from textlines.wording.counts import line_count
from train.judging.mine_tables import (
    character_table,
    confusions_of,
    convention_table,
    insertions_figure,
    pair_table,
    part_table,
    rules_section,
    space_table,
)
from train.judging.mining import Mined
from train.judging.page_parts import (
    ONLY_CONVENTIONS,
    PACKAGE,
    ShownLine,
    aligned_line,
    all_right,
    lines_body,
    percent,
    picture_of,
    shown_lines,
    turned_sections,
    wrong_lines,
)

PARTS_NAMED = 4
"""Parts of Hangul syllables that the page names before anything else."""

LEAST = 3
"""Edits of a cause that is named."""

APART_SHARE = 0.5
"""Of the wrong lines: from here on conventions are what is to be told first."""

_TRIED = 40
"""The weightiest causes, of which the two that cover most are chosen."""


@dataclass(frozen=True, slots=True)
class ProfilePage:
    """A page, and what it does not show.

    Attributes:
        left_out: misread lines beyond the number of crops.
        missing: crops that could not be read.
    """

    html: str
    shown: int
    left_out: int
    missing: int


def profile_page(mined: Mined, *, crops: int = 600) -> ProfilePage:
    """Build the page.

    Lines that a mark keeps out of the figures are shown too, so that their marks can be changed.

    Args:
        crops: how many misread lines are shown at most; the page says what is left out.
    """
    profile = mined.measurement.profile
    lines = (*mined.measurement.misread, *_misread_of(mined.marked_out))
    shown = shown_lines(lines, profile, crops, mined.marks)
    tally = Tally()
    pictures = {line.number: picture_of(mined.images, line.line.path, tally) for line in shown}
    left_out = len(lines) - len(shown)
    notes = [*mined.tally.lines(of_readings.READING), *tally.lines(of_readings.READING)]
    html = page(
        say("What the model misread"),
        [
            *sections(profile, notes),
            *turned_sections(mined.turned, mined.images),
            _lines_section(mined, shown, pictures, left_out),
        ],
        finding=profile_finding(profile, mined.measurement.misread),
        lead=_lead(mined),
        facts=facts(profile),
        styles=[asset("textlines.pages", "tools.css"), asset(PACKAGE, "report.css")],
        scripts=[asset(PACKAGE, "report.js")],
    )
    return ProfilePage(html, len(shown), left_out, tally["not_shown"])


def save_page(made: ProfilePage, path: Path) -> None:
    """Write the page, whole or not at all.

    Raises:
        InputError: the file cannot be written.
    """
    with replacing(path) as out:
        out.write(made.html)


def _misread_of(readings: Sequence[Reading]) -> list[Misread]:
    """Align the readings that differ from their labels."""
    aligned = (aligned_line(r.path, r.label, r.prediction, r.score) for r in readings)
    return [line for line in aligned if line.label != line.prediction]


def _lead(mined: Mined) -> str:
    profile = mined.measurement.profile
    # The files of a model are recorded with its name before theirs; here its name is enough.
    prefix = f"{profile.model}/"
    read = [name for name in profile.inputs if not profile.model or not name.startswith(prefix)]
    parts: list[str] = [", ".join(PurePosixPath(name).name for name in read)]
    if profile.model:
        parts.insert(0, profile.model)
    known = profile.alphabet.known()
    if known is None:
        parts.append(say("no dictionary was given: the alphabet is what labels and readings hold"))
    else:
        parts.append(
            say_n(
                "dictionary of {n:,} entry{space}",
                "dictionary of {n:,} entries{space}",
                len(known.entries),
                space=told_space(known),
            )
        )
    weak_parts = [
        say(
            "{part} {misread:,} of {seen:,}",
            part=part_name(row),
            misread=row.misread,
            seen=row.seen,
        )
        for row in profile.parts
        if row.gain
    ]
    if not weak_parts:
        return joined("; ", parts)
    first = say("Most to mend: {parts}.", parts=joined(", ", weak_parts[:PARTS_NAMED]))
    return joined(" ", [first, joined("; ", parts)])


def _lines_section(
    mined: Mined, shown: Sequence[ShownLine], pictures: Mapping[int, str], left_out: int
) -> Section:
    lead = line_count(len(shown))
    if left_out:
        lead = say(
            "{lines}, so chosen that every kind of fault is among them; {left_out:,} more "
            "are left out (mine with a greater --crops to see them)",
            lines=lead,
            left_out=left_out,
        )
    body = lines_body(shown, pictures, mined.marks, profile_sha256(mined.measurement.profile))
    return Section(
        say("Lines"),
        body,
        say("{lines}. The label stands above, the reading below.", lines=lead),
        "lines",
        True,
    )


TWO_CAUSES = say("{cause} and {other}: {count} of {edits} edits.")

ONE_CAUSE = say("{cause}: {count} of {edits} edits.")

NO_CAUSE = say("No cause stands out: {edits} in {wrong} of {lines}.")

SPACES, INSERTED = say("spaces"), say("characters read where nothing stands")


def profile_finding(profile: ErrorProfile, misread: Sequence[Misread]) -> str:
    """Return in a sentence what most edits are of: the two causes that between them make up most.

    A cause is a part of Hangul syllables or a character with `LEAST` edits or more, a place of
    syllables (받침) that is surely misread more often than both others, spaces, or what is read
    where nothing stands. An edit of several causes counts once.

    Args:
        misread: all lines that the profile's figures are of.
    """
    lines = profile.lines
    wrong = len(misread)
    if not wrong:
        return all_right(lines.lines)
    apart = sum(line.agreed for line in misread)
    if apart >= APART_SHARE * wrong:
        return ONLY_CONVENTIONS.filled(apart=f"{apart:,}", wrong=wrong_lines(wrong))
    known = _known(profile)
    counts = Counter(
        frozenset(_causes(edit)).intersection(known) for line in misread for edit in line.faults()
    )
    del counts[frozenset()]
    most, edits = _most(counts, list(known)), f"{lines.edits:,}"
    if not most:
        return NO_CAUSE.filled(
            edits=say_n("{n:,} edit", "{n:,} edits", lines.edits),
            wrong=f"{wrong:,}",
            lines=line_count(lines.lines),
        )
    count = f"{sum(n for causes, n in counts.items() if not causes.isdisjoint(most)):,}"
    if len(most) == 1:
        return ONE_CAUSE.filled(cause=known[most[0]], count=count, edits=edits)
    return TWO_CAUSES.filled(cause=known[most[0]], other=known[most[1]], count=count, edits=edits)


Cause = tuple[str, str]
"""What it is of: ("place", "final"), ("initial", "ㅊ"), ("char", "0"); and its name."""


def _known(profile: ErrorProfile) -> dict[Cause, str]:
    """Return the causes that may be named, those of parts before those of characters."""
    named: dict[Cause, str] = {("place", place): KOREAN[place] for place in _weak(profile.parts)}
    for part in profile.parts:
        named[part.place, part.part] = f"{KOREAN[part.place]} {part.part or NO_FINAL}"
    named |= {("char", row.char): short(row.char) for row in profile.ranked}
    return named | {("char", " "): SPACES, ("char", ""): INSERTED}


def _weak(rows: Sequence[PartRow]) -> Iterator[Place]:
    """Yield a place that is surely misread more often than both others.

    None without a part of it: a syllable without 받침 tells nothing of 받침.
    """
    bounds = {}
    for place in PLACES:
        of_place = [row for row in rows if row.place == place and row.part]
        bounds[place] = wilson(
            sum(row.misread for row in of_place), sum(row.seen for row in of_place)
        )
    for place, (low, _) in bounds.items():
        if all(low > high for other, (_, high) in bounds.items() if other != place):
            yield place


def _causes(edit: Edit) -> Iterator[Cause]:
    yield "char", edit.label
    label, read = parts(edit.label), parts(edit.read)
    if label is None or read is None:
        return
    for place, letter, other in zip(PLACES, label, read, strict=True):
        if letter != other:
            yield place, letter
            if letter:
                yield "place", place


def _most(counts: Counter[frozenset[Cause]], known: Sequence[Cause]) -> tuple[Cause, ...]:
    """Choose the two causes that between them have most edits; one where it has all of them.

    Of several that have the same, the first: what stands for a whole place or part of syllables
    goes before the one syllable that it was seen in.
    """
    alone = Counter[Cause]()
    for causes, count in counts.items():
        alone.update(dict.fromkeys(causes, count))
    named = (cause for cause in known if alone[cause] >= LEAST)
    first = sorted(named, key=lambda cause: -alone[cause])

    def covered(chosen: tuple[Cause, ...]) -> int:
        return sum(count for causes, count in counts.items() if not causes.isdisjoint(chosen))

    # Beyond the weightiest ones no other can be of the best two but by a hair.
    pairs = combinations(first[:_TRIED], 2)
    best: tuple[Cause, ...] = max(pairs, key=covered, default=tuple(first))
    return best[:1] if best and covered(best) == covered(best[:1]) else best


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
    """Return the figures that stand at the head of the page."""
    lines = profile.lines
    listed = [
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
        listed.append(Fact(say("… conventions set aside"), percent(lines.agreed)))
    if lines.casefold != lines.exact:
        listed.append(Fact(say("… case folded"), percent(lines.casefold)))
    if lines.nospace != lines.exact:
        listed.append(Fact(say("… spaces ignored"), percent(lines.nospace)))
    listed += [
        Fact(
            say("Character accuracy"),
            percent(lines.character_accuracy),
            say("1 - NED, mean of lines"),
        ),
        Fact(say("Labels suspected"), f"{profile.suspected:,}", say("counted all the same")),
    ]
    return listed


def sections(profile: ErrorProfile, notes: Sequence[str]) -> list[Section]:
    """Return the sections of the page on the profile; empty ones are left out.

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
            Section(say("Inserted characters"), insertions_figure(profile.insertions), _NO_TARGET)
        )
    if profile.conventions:
        parts.append(
            Section(say("Conventions"), convention_table(profile), _CONVENTIONS, "conventions")
        )
    if profile.spaces.support or profile.spaces.insertions:
        parts.append(Section(say("Spaces"), space_table(profile), _SPACES, "spaces"))
    if notes or profile.marks:
        parts.append(Section(say("Left out and changed"), _notes(profile, notes), "", "counts"))
    return parts


def _notes(profile: ErrorProfile, notes: Sequence[str]) -> Markup:
    marks = [
        say("marked {mark}: {count:,}", mark=mark, count=count)
        for mark, count in profile.marks.items()
    ]
    items = Markup("").join(Markup("<li>{}</li>").format(escape(n)) for n in (*marks, *notes))
    return Markup("<ul>{}</ul>").format(items)
