"""The rows of a profile, from counts."""

from collections import Counter, defaultdict
from collections.abc import Mapping

from textlines.formats.profile import CharacterRow, LineFigures, SpaceRow, by_gain, is_told
from textlines.profile.conventions import Agreement
from textlines.profile.jamo import misread_parts
from textlines.profile.tally import Counts
from textlines.wilson import wilson

SPACE = " "


def character_rows(counts: Counts, agreement: Agreement) -> tuple[CharacterRow, ...]:
    """Return the rows of all characters, from their own counts, by falling gain.

    The expected gain of a character is its use (its support in these lines) times one minus the
    upper bound of its recall: misreadings that are surely there. A rate alone would put a
    character seen once and misread once before the one that spoils every tenth line.
    Unproven is only what may still be well read: where the upper bound lies below
    `WELL_READ`, a character is proven to be misread, whatever the width of its interval.
    Characters that the alphabet lacks, and the space, have no row.
    """
    read_as: defaultdict[str, dict[str, int]] = defaultdict(dict)
    agreed: Counter[str] = Counter()
    for (label, read), count in counts.replaced.items():
        if (label, read) in agreement.pairs:
            agreed[label] += count
        else:
            read_as[label][read] = count
    rows = [
        _row(counts, char, read_as[char], agreed[char])
        for char in counts.support
        if char != SPACE and char not in agreement.foreign
    ]
    return tuple(sorted(rows, key=by_gain))


def _row(counts: Counts, char: str, read_as: Mapping[str, int], agreed: int) -> CharacterRow:
    agreed += counts.aside[char] + counts.in_spans[char]
    support, right = counts.support[char], counts.right[char] + agreed
    low, high = wilson(right, support)
    interval = round(low, 6), round(high, 6)
    jamo: Counter[str] = Counter()
    for read, count in read_as.items():
        jamo.update(dict.fromkeys(misread_parts(char, read), count))
    return CharacterRow(
        char=char,
        support=support,
        right=right,
        recall=round(right / support, 6),
        interval=interval,
        gain=round(support * (1 - high), 6),
        confusions=by_count(read_as),
        deletions=counts.deleted[char],
        conventional=agreed,
        jamo=by_count(jamo),
        proof="own" if is_told(interval) else "",
    )


def space_row(counts: Counts, agreement: Agreement) -> SpaceRow:
    """Return how spaces were read."""
    replaced = {b: n for (a, b), n in counts.replaced.items() if a == SPACE}
    agreed = sum(n for b, n in replaced.items() if (SPACE, b) in agreement.pairs)
    agreed += counts.aside[SPACE]
    return SpaceRow(
        support=counts.support[SPACE],
        right=counts.right[SPACE] + agreed,
        deletions=counts.deleted[SPACE],
        insertions=0 if SPACE in agreement.inserted else counts.inserted[SPACE],
        conventional=agreed,
        confusions=by_count(
            {b: n for b, n in replaced.items() if (SPACE, b) not in agreement.pairs}
        ),
    )


def insertions(counts: Counts, agreement: Agreement) -> dict[str, int]:
    """Count what was read where nothing stands; spaces and conventions are told elsewhere."""
    apart = agreement.inserted | {SPACE}
    return by_count({c: n for c, n in counts.inserted.items() if c not in apart})


def line_figures(counts: Counts, agreed_lines: int) -> LineFigures:
    """Return the shares of lines read right. `agreed_lines`: wrong by conventions alone."""
    return LineFigures(
        lines=counts.lines,
        exact=round(counts.exact / counts.lines, 6),
        casefold=round(counts.casefold / counts.lines, 6),
        nospace=round(counts.nospace / counts.lines, 6),
        character_accuracy=round(counts.accuracy / counts.lines, 6),
        edits=counts.edits,
        agreed=round((counts.exact + agreed_lines) / counts.lines, 6),
    )


def by_count(counts: Mapping[str, int]) -> dict[str, int]:
    """Order counts by falling number, then by name."""
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
