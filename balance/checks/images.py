"""What is wrong with the images, from the facts of a survey."""

from collections.abc import Iterator, Mapping

from balance.checks.findings import Finding, Findings
from balance.checks.image_facts import ALPHA, CMYK, TURNED, ImageFacts
from balance.checks.sets import LineSet
from balance.checks.survey import Survey
from textlines.defects import Defect, of_checks
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
            told = arranged("{path} {detail}" if detail else "{path}", path=path, detail=detail)
            findings.add(line_set.finding(defect, line, told))


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
