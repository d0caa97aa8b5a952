"""What a label is worth, before anything is drawn or trained: the curve, and where more would help.

The curve is measured (docs/measured.md): head-only tuning for 10 epochs, stopped by labelled lines
that are not trained on, judged on 280 and 191 held-out real lines. Two scenes of small alphabets:
the first 25 labels were worth 1,200 drawn lines or more, further ones of the same kind little.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import log2
from pathlib import Path

from textlines.formats.profile import ErrorProfile
from textlines.labels.fitting import nothing_left
from textlines.labels.label_file import read_labels
from textlines.labels.tally import Tally
from textlines.profile.part_words import in_korean
from textlines.profile.support import ENOUGH, Support
from textlines.wording.counts import count_of

STEP = 25
"""Labels that a person writes in some minutes: what the next ones are counted by."""

SMALL_ALPHABET = 100
"""Characters. The scenes measured have fewer; where there are more, labels lack them for longer."""

SHOWN = 6
"""Of each kind of thing that own lines lack."""

LEAST_USED = 2
"""Lines of production: what one line alone holds is no kind of line."""

NOISE = 0.03
"""Half the 95 % interval of a figure near .94 on 280 and on 191 lines: 0.028 and 0.034."""


@dataclass(frozen=True, slots=True)
class Curve:
    """Lines read exactly by how many own labelled lines were trained on.

    Attributes:
        own: (own lines, share) from none on. drawn: with 1,200 drawn lines beside them, as text,
            in the same order; "–" where it was not measured.
    """

    scene: str
    own: tuple[tuple[int, float], ...]
    drawn: tuple[str, ...]

    def at(self, lines: int) -> float:
        """Return the share at a number of own lines, straight over the logarithm in between.

        >>> [round(METERS.at(n), 3) for n in (0, 25, 50, 1000)]
        [0.764, 0.937, 0.942, 0.942]
        """
        for (low, first), (high, last) in zip(self.own, self.own[1:], strict=False):
            if lines <= high:
                reached = (log2(1 + lines) - log2(1 + low)) / (log2(1 + high) - log2(1 + low))
                return first + reached * (last - first)
        return self.own[-1][1]


METERS = Curve(
    "meters, PP-OCRv4",
    ((0, 0.764), (25, 0.937), (100, 0.948), (290, 0.942)),
    (".932", ".948", ".948", ".958"),
)
PLATES = Curve(
    "plates, PP-OCRv5",
    ((0, 0.350), (25, 0.914), (100, 0.925), (391, 0.946)),
    (".575–.614", ".918", "–", "–"),
)
CURVES = (METERS, PLATES)


@dataclass(frozen=True, slots=True)
class Lack:
    """Something that production holds and own lines hold too seldom.

    Attributes:
        kind: in words. name: of the thing. used: production lines, of `of`, that hold it.
        held: own lines that do.
    """

    kind: str
    name: str
    used: int
    of: int
    held: int


def worth_lines(
    own: Sequence[str], production: Support, profile: ErrorProfile | None = None
) -> list[str]:
    """Return where a team is on the curve, and where the next labels would help; lines of text.

    Args:
        own: labels of the own lines that are trained on.
        production: what is to be read, as labels or the base's readings hold it.
        profile: tells which characters are misread, and as what.
    """
    support = Support.of(own)
    lines = curve_lines(len(own), sum(char != " " for char in production.characters))
    lacks = lacks_of(support, production, profile)
    if not production.lines:
        lines.append(
            "where the next labels would help is not known here: name labels or readings of "
            "production (--like) or its profile"
        )
    elif not lacks and len(own) < ENOUGH:
        lines.append(
            f"where the next labels would help is not known here: {production.lines:,} "
            f"line{'s' * (production.lines != 1)} of production hold"
            f"{'s' * (production.lines == 1)} nothing more than once; name more (--like)"
        )
    elif not lacks:
        lines.append(
            f"everything that production holds stands in {ENOUGH} own lines or more: the next "
            f"{STEP} would teach nothing that is missing"
        )
    else:
        lines.append(
            f"the next {STEP} labels help most with lines that hold what fewer than {ENOUGH} own "
            "lines hold (production lines that use it; own lines that hold it):"
        )
        lines += _lack_lines(lacks)
    return lines


def curve_lines(own: int, characters: int) -> list[str]:
    """Return the curve as a small table, with the place of so many own lines on it.

    Args:
        characters: different ones that are to be read, 0 for not known.
    """
    rows: list[tuple[str, ...]] = [("lines read exactly by own lines", "0", "25", "100", "290–391")]
    for curve in CURVES:
        rows.append((curve.scene, *(f"{share:.3f}".lstrip("0") for _, share in curve.own)))
        rows.append(("  and 1,200 drawn lines", *curve.drawn))
    widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]))]
    lines = []
    for name, *cells in rows:
        figures = [cell.rjust(width) for cell, width in zip(cells, widths[1:], strict=True)]
        lines.append("  ".join([name.ljust(widths[0]), *figures]))
    gains = sorted(100 * (curve.at(own + STEP) - curve.at(own)) for curve in CURVES)
    most = max(curve.own[-1][0] for curve in CURVES)
    if own >= most:
        lines.append(
            f"with {count_of(own, 'own line')} you are beyond what was measured ({most}): more of "
            "the same kind taught nothing that these scenes could show"
        )
    else:
        lines.append(
            f"with {count_of(own, 'own line')} the next {STEP} were worth {_points(gains)} points "
            "there; beyond some 100, more labels of the same kind teach little where the alphabet "
            f"is small (two scenes, last layer alone, figures near .94 are ± {100 * NOISE:.0f} "
            "points; labels that stop the training come on top: 25 more were enough)"
        )
    if characters > SMALL_ALPHABET:
        lines.append(
            f"here {count_of(characters, 'different character')} are to be read, more than in "
            "those scenes: labels lack some of them for longer, and drawn lines pay for longer"
        )
    return lines


def _points(gains: Sequence[float]) -> str:
    """Write a range of points, falling ones as none.

    >>> _points([17.3, 56.4]), _points([0.04, 0.4]), _points([-0.1, 1.0])
    ('17.3 to 56.4', '0.0 to 0.4', '0.0 to 1.0')
    """
    # A fall within the noise of what was measured is no fall.
    low, high = (max(0.0, gain) for gain in (gains[0], gains[-1]))
    points = f"{low:.1f} to {high:.1f}"
    return f"{low:.1f}" if f"{low:.1f}" == f"{high:.1f}" else points


def lacks_of(own: Support, production: Support, profile: ErrorProfile | None = None) -> list[Lack]:
    """List what production holds and own lines hold too seldom, what is missed most first.

    Characters and parts of Hangul syllables, pairs that the profile shows to be confused,
    patterns and lengths. What production uses but once is no kind of line.
    """
    lacks = [
        *_lacks("character", own.characters, production.characters, production.lines),
        *_pairs(own, production, profile),
        *_lacks("part", own.parts, production.parts, production.lines),
        *_lacks("pattern", own.patterns, production.patterns, production.lines),
        *_lacks("length", own.lengths, production.lengths, production.lines),
    ]
    wrong = _misread(profile)

    def missed(lack: Lack) -> tuple[float, int, str]:
        share = lack.used / lack.of * (1 - lack.held / ENOUGH)
        # What is read well already needs no label, however seldom own lines hold it.
        return (-share * wrong.get(lack.name, 1.0), lack.held, lack.name)

    return sorted(lacks, key=missed)


def _lacks(
    kind: str, held: Mapping[str, int], used: Mapping[str, int], lines: int
) -> Iterator[Lack]:
    """Yield what is used more than once and held too seldom."""
    for name, count in used.items():
        if count >= LEAST_USED and held.get(name, 0) < ENOUGH:
            yield Lack(kind, name, count, lines, held.get(name, 0))


def _pairs(own: Support, production: Support, profile: ErrorProfile | None) -> Iterator[Lack]:
    """Yield pairs of look-alikes that the model confuses and own lines do not tell apart."""
    seen = set()
    for row in profile.ranked if profile else ():
        for read, count in row.confusions.items():
            pair = tuple(sorted((row.char, read)))
            used = min(production.characters.get(char, 0) for char in pair)
            held = own.pair(*pair)
            if pair not in seen and min(used, count) >= LEAST_USED and held < ENOUGH:
                seen.add(pair)
                yield Lack("pair", f"{pair[0]}/{pair[1]}", used, production.lines, held)


def _misread(profile: ErrorProfile | None) -> dict[str, float]:
    """Return what share of each character may be misread: by the lower bound of its recall."""
    if profile is None:
        return {}
    return {row.char: 1 - row.interval[0] for row in profile.ranked}


def production_of(profile: ErrorProfile) -> Support:
    """Return what the lines of a profile hold, as far as it says: characters by occurrence."""
    characters = {row.char: row.support for row in profile.ranked}
    characters[" "] = profile.spaces.support
    return Support(profile.lines.lines, {char: n for char, n in characters.items() if n})


def production_like(path: Path, tally: Tally) -> Support:
    """Return what the labels of a label file hold.

    Args:
        tally: grows by what is odd about the file.

    Raises:
        InputError: the file cannot be read or holds no label.
    """
    support = Support.of(line.label for line in read_labels(path, tally=tally))
    if not support.lines:
        raise nothing_left(path, tally, what="label to be like", mend="Name another --like.")
    return support


def _lack_lines(lacks: Sequence[Lack]) -> list[str]:
    """Return what is lacking, a line a kind."""
    lines = []
    for kind in dict.fromkeys(lack.kind for lack in lacks):
        some = [lack for lack in lacks if lack.kind == kind]
        shown = ", ".join(f"{_named(lack)} ({lack.used:,}; {lack.held})" for lack in some[:SHOWN])
        more = f" and {len(some) - SHOWN:,} more" if len(some) > SHOWN else ""
        lines.append(f"  {kind}s: {shown}{more}")
    return lines


def _named(lack: Lack) -> str:
    return in_korean(lack.name) if lack.kind == "part" else lack.name.replace(" ", "␣")
