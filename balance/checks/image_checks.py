"""What is wrong with the images, and with labels on images that cannot all show them.

One label on images too unlike is a labelling tool's placeholder that nobody typed over, or a label
that was pasted down a column. Such a label is sound as a text, and stands on crops of any length.
A text that is really printed again and again (`TOTAL`, `0`, `합계`) has crops of nearly one shape,
whatever the typeface: their length to their height spreads little. Sets whose crops are all of one
shape (a meter's window, or crops that were brought to one size) tell nothing in this way, and
nothing is suspected there but the placeholders that are known.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from statistics import quantiles

from balance.checks.findings import Finding, Findings
from balance.checks.image_facts import ALPHA, CMYK, TURNED, ImageFacts
from balance.checks.sets import LineSet
from balance.checks.survey import Survey
from textlines.defects import Defect, of_checks
from textlines.labels.label_file import LabelLine
from textlines.labels.label_paths import shown_path
from textlines.labels.scripts import script_of
from textlines.wording import UNSAID, Sentence, arranged, say

TINY = 8
"""In pixels. Less height or width shows no character."""

WIDE, HIGH = 40.0, 1.5
"""Widths to one height, heights to one width. From 1.5 on PaddleOCR's own cropping takes a box
for vertical text and turns it."""

_DOWNWARDS = {"Han", "Hiragana", "Katakana", "Bopomofo", "Mongolian", "Phags_Pa"}
"""Scripts whose high crops may hold a column of upright characters. Not Hangul: columns of it are
rare today, and crops of it that stand on their side are not."""

_FAULTS: Mapping[str, Defect] = {
    "missing": of_checks.IMAGE_MISSING,
    "unreadable": of_checks.IMAGE_UNREADABLE,
    "empty": of_checks.IMAGE_EMPTY,
    "truncated": of_checks.IMAGE_TRUNCATED,
    "too_large": of_checks.IMAGE_TOO_LARGE,
    "broken": of_checks.IMAGE_BROKEN,
    "not_an_image": of_checks.IMAGE_BROKEN,
}
"""By the reason of `textlines.pixels.decode`."""


def check_images(line_set: LineSet, survey: Survey, findings: Findings) -> None:
    """Report what is wrong with each image, at the line that names it."""
    for line in line_set.lines:
        for defect, detail in _faults(survey.facts[line_set.image(line)], line.label):
            path = shown_path(line.path, 120)
            shown = arranged("{path} {detail}" if detail else "{path}", path=path, detail=detail)
            findings.add(line_set.finding(defect, line, shown))


def check_steady(survey: Survey, findings: Findings) -> None:
    """Report images that changed while they were looked at."""
    for path in survey.changed:
        findings.add(Finding(of_checks.CHANGED_WHILE_READ, path, image=path))


def is_set_from_top_to_bottom(label: str) -> bool:
    """Whether all of a label is in scripts that are written downwards as well.

    >>> is_set_from_top_to_bottom("出口 2"), is_set_from_top_to_bottom("Exit 出口")
    (True, False)
    >>> is_set_from_top_to_bottom("값 12"), is_set_from_top_to_bottom("12.50")
    (False, False)
    """
    scripts = {script_of(char) for char in label} - {"Common", "Inherited", "Unknown"}
    return bool(scripts) and scripts <= _DOWNWARDS


def _faults(facts: ImageFacts, label: str) -> Iterator[tuple[Defect, Sentence]]:
    if facts.fault:
        yield _FAULTS[facts.fault], facts.detail
        return
    size = arranged("{width} x {height}", width=facts.width, height=facts.height)
    if facts.is_blank:
        yield of_checks.IMAGE_BLANK, size
    if min(facts.width, facts.height) < TINY:
        yield of_checks.IMAGE_TINY, size
    elif facts.width > WIDE * facts.height:
        yield (
            of_checks.IMAGE_ASPECT,
            say("{size}, {times:.0f} heights wide", size=size, times=facts.width / facts.height),
        )
    elif facts.height >= HIGH * facts.width and len(label) > 1:
        is_column = is_set_from_top_to_bottom(label)
        defect = of_checks.IMAGE_ASPECT if is_column else of_checks.IMAGE_SIDEWAYS
        yield defect, say("{size}, {count} characters", size=size, count=len(label))
    if facts.traits & ALPHA:
        yield of_checks.IMAGE_ALPHA, UNSAID
    if facts.traits & CMYK:
        yield of_checks.IMAGE_CMYK, UNSAID
    if facts.traits & TURNED:
        yield of_checks.IMAGE_EXIF, UNSAID


LEAST_IMAGES = 10
"""Different images that a label must stand on; of fewer the outer tenths say little."""

SPREAD = 3.0
"""How many times longer, to their height, the longest tenth of a label's crops is than the
shortest.

Measured on 7,700 receipt lines, scene words, wire markers and meters: all labels of ten images and
more stay below 2.2 (`2N24` on wire markers, 51 crops; on receipts 1.84, `1`), `SALE` on 16 crops of
words cut from street photos by loose boxes at 2.7, lines of one word that were rendered below 1.7.
A label that was laid on crops at random reaches it in nearly all sets of 10 receipt lines, in half
of the sets of 20 words or markers, in two of three sets of 40.
"""

PLACEHOLDERS = frozenset({"TEMPORARY", "待识别"})
"""What PPOCRLabel writes for a box that nobody has typed a text for; two images are enough."""


def check_unlike(sets: Sequence[LineSet], survey: Survey, findings: Findings) -> None:
    """Report labels whose images are too unlike to show one text, at their first line in each file.

    Images that are turned by a quarter count as they lie upright; of images of equal bytes one
    counts, and none that cannot be read.
    """
    judged = [line_set for line_set in sets if line_set.role != "like"]
    counts = Counter(
        line.label for line in chain.from_iterable(line_set.lines for line_set in judged)
    )
    often = {label for label, count in counts.items() if count >= _least_images(label)}
    images: defaultdict[str, dict[bytes, ImageFacts]] = defaultdict(dict)
    paths: dict[bytes, str] = {}
    first: defaultdict[str, dict[str, tuple[LineSet, LabelLine]]] = defaultdict(dict)
    for line_set in judged:
        for line in line_set.lines:
            path = line_set.image(line)
            facts = survey.facts[path]
            if line.label in often and not facts.fault:
                paths.setdefault(facts.sha256, path)
                images[line.label].setdefault(facts.sha256, facts)
                first[line.label].setdefault(line_set.name, (line_set, line))
    for label, by_bytes in images.items():
        detail = _unlike(label, list(by_bytes.values()))
        if not detail:
            continue
        for line_set, line in first[label].values():
            here = _length_to_height(survey.facts[line_set.image(line)])
            furthest = max(
                by_bytes.values(), key=lambda facts: abs(math.log(_length_to_height(facts) / here))
            )
            other = paths[furthest.sha256]
            findings.add(line_set.finding(of_checks.LABEL_UNLIKE, line, detail, other))


def _least_images(label: str) -> int:
    return 2 if label in PLACEHOLDERS else LEAST_IMAGES


def _unlike(label: str, facts: Sequence[ImageFacts]) -> Sentence:
    """Write why images are too unlike to show one label; "" if they are not."""
    if len(facts) < _least_images(label):
        return UNSAID
    if label in PLACEHOLDERS:
        return say(
            "on {count:,} images: a labelling tool's word for a text not typed yet",
            count=len(facts),
        )
    short, long = outer_tenths(map(_length_to_height, facts))
    if long < SPREAD * short:
        return UNSAID
    return say(
        "on {count:,} images, from {low:.1f} to {high:.1f} times as long as high (the outer tenths "
        "left aside)",
        count=len(facts),
        low=short,
        high=long,
    )


def _length_to_height(facts: ImageFacts) -> float:
    """Return how many times longer than high a crop is, whichever way it lies."""
    return max(facts.width, facts.height) / max(min(facts.width, facts.height), 1)


def outer_tenths(values: Iterable[float]) -> tuple[float, float]:
    """Return the values that a tenth of all stay below, and a tenth above.

    >>> outer_tenths([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0])
    (2.0, 10.0)
    """
    # Interpolated, what lies between two equal values may come out below them.
    ordered = sorted(values)
    low, *_, high = quantiles(ordered, n=10, method="inclusive")
    least, most = ordered[0], ordered[-1]
    low = min(max(low, least), most)
    return low, min(max(low, high), most)
