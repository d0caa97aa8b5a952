"""What is wrong with the images, from the facts of a survey."""

from collections.abc import Iterator

from balance.checks.findings import Finding, Findings
from balance.checks.image_facts import ALPHA, CMYK, TURNED, ImageFacts
from balance.checks.sets import LineSet
from balance.checks.survey import Survey
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

_FAULTS = {
    "missing": "image_missing",
    "unreadable": "image_unreadable",
    "empty": "image_empty",
    "truncated": "image_truncated",
    "too_large": "image_too_large",
    "broken": "image_broken",
    "not_an_image": "image_broken",
}


def check_images(line_set: LineSet, survey: Survey, findings: Findings) -> None:
    """Report what is wrong with each image, at the line that names it."""
    for line in line_set.lines:
        for code, detail in _faults(survey.facts[line_set.image(line)], line.label):
            path = shown_path(line.path, 120)
            told = arranged("{path} {detail}" if detail else "{path}", path=path, detail=detail)
            findings.add(line_set.finding(code, line, told))


def check_steady(survey: Survey, findings: Findings) -> None:
    """Report images that changed while they were looked at."""
    for path in survey.changed:
        findings.add(Finding("changed_while_read", path, image=path))


def is_set_from_top_to_bottom(label: str) -> bool:
    """Whether all of a label is in scripts that are written downwards as well.

    >>> is_set_from_top_to_bottom("出口 2"), is_set_from_top_to_bottom("Exit 出口")
    (True, False)
    >>> is_set_from_top_to_bottom("값 12"), is_set_from_top_to_bottom("12.50")
    (False, False)
    """
    scripts = {script_of(char) for char in label} - {"Common", "Inherited", "Unknown"}
    return bool(scripts) and scripts <= _DOWNWARDS


def _faults(facts: ImageFacts, label: str) -> Iterator[tuple[str, Sentence]]:
    if facts.fault:
        yield _FAULTS[facts.fault], facts.detail
        return
    size = arranged("{width} x {height}", width=facts.width, height=facts.height)
    if facts.is_blank:
        yield "image_blank", size
    if min(facts.width, facts.height) < TINY:
        yield "image_tiny", size
    elif facts.width > WIDE * facts.height:
        yield (
            "image_aspect",
            say("{size}, {times:.0f} heights wide", size=size, times=facts.width / facts.height),
        )
    elif facts.height >= HIGH * facts.width and len(label) > 1:
        code = "image_aspect" if is_set_from_top_to_bottom(label) else "image_sideways"
        yield code, say("{size}, {count} characters", size=size, count=len(label))
    if facts.traits & ALPHA:
        yield "image_alpha", UNSAID
    if facts.traits & CMYK:
        yield "image_cmyk", UNSAID
    if facts.traits & TURNED:
        yield "image_exif", UNSAID
