"""What stands more than once: in one set, or in training and validation.

Lines and images that are there again, near copies of them (`near`), rendered lines of one text and
face, and lines of one document.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass

from balance.checks.findings import Finding, Findings
from balance.checks.near import NearPair
from balance.checks.sets import LineSet
from balance.checks.survey import Survey
from textlines.defects import Defect, of_checks
from textlines.formats.rendered import RenderedImages
from textlines.labels.canonical import short
from textlines.labels.label_file import LabelLine
from textlines.wording import UNSAID, Sentence, joined, say


@dataclass(frozen=True, slots=True)
class Use:
    """One line of a set that names an image."""

    line_set: LineSet
    line: LabelLine

    def tell(
        self, findings: Findings, defect: Defect, other: "Use", detail: Sentence = UNSAID
    ) -> None:
        """Report this line with the other one as its pair."""
        there = f"{other.line_set.name}:{other.line.number}"
        here, theirs = self.line.label, other.line.label
        if here != theirs:
            texts = say("{own} here, {other} there", own=short(here), other=short(theirs))
        else:
            texts = say("{own} in both", own=short(here))
        parts = [say("with {place}: {texts}", place=there, texts=texts), detail]
        findings.add(
            self.line_set.finding(
                defect,
                self.line,
                joined("; ", filter(None, parts)),
                other.line_set.image(other.line),
            )
        )


Key = bytes | str


def uses_of(
    sets: Iterable[LineSet], key: Callable[[str], Key], wanted: Container[Key]
) -> dict[Key, list[Use]]:
    """Collect the lines whose image's key is wanted; references are left out.

    `key` turns a path on the disk into what images are told apart by.
    """
    uses: defaultdict[Key, list[Use]] = defaultdict(list)
    for line_set in sets:
        if line_set.role != "like":
            for line in line_set.lines:
                image = key(line_set.image(line))
                if image in wanted:
                    uses[image].append(Use(line_set, line))
    return dict(uses)


def check_repeats(sets: Sequence[LineSet], survey: Survey | None, findings: Findings) -> None:
    """Report images of equal path or equal bytes.

    In one role: listed again, a copy, or (different labels) a conflict. In training and in
    validation: a leak, told at the training line. Without a survey, paths alone are compared.
    """

    def key(path: str) -> Key:
        return (survey.facts[path].sha256 or path) if survey else path

    # Nearly all images stand once: only for the others a list is kept.
    counts = Counter(
        key(line_set.image(line))
        for line_set in sets
        if line_set.role != "like"
        for line in line_set.lines
    )
    repeated = {image for image, count in counts.items() if count > 1}
    for uses in uses_of(sets, key, repeated).values():
        _check_group(uses, findings)


def _check_group(uses: Sequence[Use], findings: Findings) -> None:
    """Report one image's lines, each against the first of its role."""
    judged = next((use for use in uses if use.line_set.role == "val"), None)
    if judged is not None:
        for use in uses:
            if use.line_set.role == "train":
                use.tell(findings, of_checks.LEAK_IMAGE, judged)
    for role in ("train", "val"):
        listed = [use for use in uses if use.line_set.role == role]
        labels = {use.line.label for use in listed}
        for place, use in enumerate(listed):
            if len(labels) > 1:
                other = next(peer for peer in listed if peer.line.label != use.line.label)
                use.tell(findings, of_checks.LABEL_CONFLICT, other)
            elif place:
                first = listed[0]
                same = use.line_set.image(use.line) == first.line_set.image(first.line)
                defect = of_checks.DUPLICATE_LINE if same else of_checks.DUPLICATE_IMAGE
                use.tell(findings, defect, first)


SHORT = 2
"""Characters: two prints of "1" in one typeface look alike, on whatever receipts they stand."""


def check_near(sets: Sequence[LineSet], pairs: Iterable[NearPair], findings: Findings) -> None:
    """Report images that are nearly the same, by role and by label, once a pair of images."""
    listed = list(pairs)
    wanted = {path for pair in listed for path in (pair.first, pair.second)}
    uses = uses_of(sets, str, wanted)
    for pair in listed:
        first, second = uses[pair.first][0], uses[pair.second][0]
        detail = say("difference {difference:.2f}", difference=pair.difference)
        by_role = {use.line_set.role: use for use in (first, second)}
        if len(by_role) == 2:
            is_told = _tells(first) and _tells(second)
            defect = of_checks.LEAK_NEAR if is_told else of_checks.LEAK_NEAR_SHORT
            by_role["train"].tell(findings, defect, by_role["val"], detail)
            if first.line.label != second.line.label:
                first.tell(findings, of_checks.NEAR_CONFLICT, second, detail)
        elif first.line.label != second.line.label:
            first.tell(findings, of_checks.NEAR_CONFLICT, second, detail)
        else:
            second.tell(findings, of_checks.NEAR_DUPLICATE, first, detail)


def _tells(use: Use) -> bool:
    """Return whether a line is long enough for two prints of its text to differ."""
    return len(use.line.label.replace(" ", "")) > SHORT


@dataclass(frozen=True, slots=True)
class RenderedLine:
    """A rendered line: its run's folder, its text, and the id of its face ("" if unknown)."""

    line: LabelLine
    folder: str
    text: str
    face: str


def rendered_lines(line_set: LineSet, images: RenderedImages) -> Iterator[RenderedLine]:
    """Find the rendered lines of a set.

    Raises:
        InputError: a manifest or a `run.json` beside the images is damaged.
    """
    for line in line_set.lines:
        rendered = images.find(line.path, line_set.images)
        if rendered is not None:
            yield RenderedLine(line, rendered.folder, rendered.text or line.label, rendered.face)


def check_rendered(sets: Sequence[LineSet], findings: Findings) -> None:
    """Report rendered lines in validation, and training lines of one text and face with them."""
    judged: dict[tuple[str, str], str] = {}
    images = RenderedImages()
    for line_set in sets:
        if line_set.role == "val":
            for rendered in rendered_lines(line_set, images):
                findings.add(
                    line_set.finding(
                        of_checks.SYNTHETIC_IN_VAL,
                        rendered.line,
                        say("run folder {folder}", folder=rendered.folder),
                    )
                )
                if rendered.face:
                    place = f"{line_set.name}:{rendered.line.number}"
                    judged.setdefault((rendered.text, rendered.face), place)
    if not judged:
        return
    for line_set in sets:
        if line_set.role == "train":
            for rendered in rendered_lines(line_set, images):
                place = judged.get((rendered.text, rendered.face), "")
                if place:
                    detail = say(
                        "{text} in face {face} as {place}",
                        text=short(rendered.text),
                        face=rendered.face[:8],
                        place=place,
                    )
                    findings.add(line_set.finding(of_checks.LEAK_TEXT_FACE, rendered.line, detail))


def group_of(pattern: re.Pattern[str], path: str) -> str | None:
    """Name the document that a path belongs to: the pattern's first group, or all of the match.

    >>> group_of(re.compile(r"receipt-([0-9]+)"), "crops/receipt-17-line-3.jpg")
    '17'
    """
    match = pattern.search(path)
    if match is None:
        return None
    return match[1] if pattern.groups else match[0]


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
        first = next(line_set for line_set in sets if line_set.role == "val")
        detail = say("{pattern} matches no path of it", pattern=short(pattern.pattern))
        findings.add(Finding(of_checks.GROUP_UNMATCHED, first.name, 0, detail))
