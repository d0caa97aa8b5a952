"""One label on images that cannot all show it.

A labelling tool's placeholder that nobody typed over, or a label that was pasted down a column.
Such a label is sound as a text, and stands on crops of any length. A text that is really printed
again and again (`TOTAL`, `0`, `합계`) has crops of nearly one shape, whatever the typeface: their
length to their height spreads little. Sets whose crops are all of one shape (a meter's window, or
crops that were brought to one size) tell nothing in this way, and nothing is suspected there but
the placeholders that are known.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from itertools import chain
from statistics import quantiles

from balance.checks.findings import Findings
from balance.checks.image_facts import ImageFacts
from balance.checks.sets import LineSet
from balance.checks.survey import Survey
from textlines.defects import of_checks
from textlines.labels.label_file import LabelLine
from textlines.wording import UNSAID, Sentence, say

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
    judged = [one for one in sets if one.role != "like"]
    counts = Counter(line.label for line in chain.from_iterable(one.lines for one in judged))
    often = {label for label, count in counts.items() if count >= _least(label)}
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
    for label, found in images.items():
        detail = _unlike(label, list(found.values()))
        if not detail:
            continue
        for line_set, line in first[label].values():
            own = _length(survey.facts[line_set.image(line)])
            furthest = max(found.values(), key=lambda one: abs(math.log(_length(one) / own)))
            other = paths[furthest.sha256]
            findings.add(line_set.finding(of_checks.LABEL_UNLIKE, line, detail, other))


def _least(label: str) -> int:
    return 2 if label in PLACEHOLDERS else LEAST_IMAGES


def _unlike(label: str, facts: Sequence[ImageFacts]) -> Sentence:
    """Write why images are too unlike to show one label; "" if they are not."""
    if len(facts) < _least(label):
        return UNSAID
    if label in PLACEHOLDERS:
        return say(
            "on {count:,} images: a labelling tool's word for a text not typed yet",
            count=len(facts),
        )
    short, long = outer_tenths(map(_length, facts))
    if long < SPREAD * short:
        return UNSAID
    return say(
        "on {count:,} images, from {low:.1f} to {high:.1f} times as long as high (the outer tenths "
        "left aside)",
        count=len(facts),
        low=short,
        high=long,
    )


def _length(facts: ImageFacts) -> float:
    """Return how many times longer than high a crop is, whichever way it lies."""
    return max(facts.width, facts.height) / max(min(facts.width, facts.height), 1)


def outer_tenths(values: Iterable[float]) -> tuple[float, float]:
    """Return the values that a tenth of all stay below, and a tenth above.

    >>> outer_tenths([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0])
    (2.0, 10.0)
    """
    tenths = quantiles(values, n=10, method="inclusive")
    return tenths[0], tenths[-1]
