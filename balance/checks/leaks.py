"""What training and validation share beyond the images themselves."""

import re
from collections.abc import Sequence

from balance.checks.findings import Finding, Findings
from balance.checks.rendered import rendered_lines
from balance.checks.sets import LineSet
from textlines.defects import of_checks
from textlines.formats.rendered import RenderedImages
from textlines.labels.canonical import short
from textlines.wording import say


def check_rendered(sets: Sequence[LineSet], findings: Findings) -> None:
    """Report rendered lines in validation, and training lines of one text and face with them."""
    judged: dict[tuple[str, str], str] = {}
    images = RenderedImages()
    for line_set in sets:
        if line_set.role == "val":
            for one in rendered_lines(line_set, images):
                findings.add(
                    line_set.finding(
                        of_checks.SYNTHETIC_IN_VAL,
                        one.line,
                        say("run folder {folder}", folder=one.folder),
                    )
                )
                if one.face:
                    place = f"{line_set.name}:{one.line.number}"
                    judged.setdefault((one.text, one.face), place)
    if not judged:
        return
    for line_set in sets:
        if line_set.role == "train":
            for one in rendered_lines(line_set, images):
                place = judged.get((one.text, one.face), "")
                if place:
                    detail = say(
                        "{text} in face {face} as {place}",
                        text=short(one.text),
                        face=one.face[:8],
                        place=place,
                    )
                    findings.add(line_set.finding(of_checks.LEAK_TEXT_FACE, one.line, detail))


def group_of(pattern: re.Pattern[str], path: str) -> str | None:
    """Name the document that a path belongs to: the pattern's first group, or all of the match.

    >>> group_of(re.compile(r"receipt-([0-9]+)"), "crops/receipt-17-line-3.jpg")
    '17'
    """
    found = pattern.search(path)
    if found is None:
        return None
    return found[1] if pattern.groups else found[0]


def check_groups(sets: Sequence[LineSet], pattern: re.Pattern[str], findings: Findings) -> None:
    """Report every training line of a document that the validation set holds lines of."""
    judged: dict[str, str] = {}
    unmatched = 0
    for line_set in sets:
        if line_set.role == "val":
            for line in line_set.lines:
                group = group_of(pattern, line.path)
                unmatched += group is None
                if group is not None:
                    judged.setdefault(group, f"{line_set.name}:{line.number}")
    for line_set in sets:
        if line_set.role == "train":
            for line in line_set.lines:
                group = group_of(pattern, line.path)
                if group is not None and group in judged:
                    detail = say(
                        "document {name}, with {place}", name=short(group), place=judged[group]
                    )
                    findings.add(line_set.finding(of_checks.LEAK_GROUP, line, detail))
    if unmatched and not judged:
        first = next(one for one in sets if one.role == "val")
        detail = say("{pattern} matches no path of it", pattern=short(pattern.pattern))
        findings.add(Finding(of_checks.GROUP_UNMATCHED, first.name, 0, detail))
