"""What is wrong with the texts, by `textlines.rules`, and what all labels of a set share."""

from collections.abc import Mapping

from balance.checks.findings import Finding, Findings
from balance.checks.homoglyphs import look_alikes
from balance.checks.sets import LineSet
from textlines.defects import of_checks, of_lines
from textlines.labels.alphabet import Alphabet
from textlines.labels.canonical import some_of
from textlines.profile.affixes import amount_words, edge_words, label_edges
from textlines.rules.line_rules import check_line
from textlines.wording import Sentence, arranged, joined, say

Sizes = Mapping[str, tuple[int, int]]
"""(width, height) in pixels by the image's path on the disk."""


def check_labels(
    line_set: LineSet,
    alphabet: Alphabet,
    findings: Findings,
    *,
    max_length: int,
    sizes: Sizes | None = None,
) -> None:
    """Check every label against the dictionary, the length limit and its image's width.

    Args:
        alphabet: of the model; an assumed one holds every character, so that only a given
            dictionary finds characters outside.
        sizes: of the images that could be read; without it the CTC rule is not asked.
    """
    for line in line_set.lines:
        width = height = None
        if sizes is not None:
            width, height = sizes.get(line_set.image(line), (None, None))
        if width is None or height is None:
            found = check_line(line.label, alphabet, max_length=max_length)
        else:
            found = check_line(
                line.label, alphabet, max_length=max_length, width_px=width, height_px=height
            )
        for one in found:
            detail = one.detail
            if one.defect is of_lines.OUTSIDE_DICTIONARY and (
                help_ := _look_alike_help(line.label, alphabet)
            ):
                detail = joined("; ", [detail, help_])
            findings.add(line_set.finding(one.defect, line, detail))


def check_habits(line_set: LineSet, findings: Findings) -> None:
    """Report, once a set, what nearly all of its labels begin or end with.

    Only a reading shows whether the crops have it too: `check_noise` asks one.
    """
    labels = [line.label for line in line_set.lines]
    for text, at_end, count in label_edges(labels):
        detail = arranged(
            "{amount} {what}",
            amount=amount_words(count, len(labels), say("labels")),
            what=edge_words([(text, at_end)]),
        )
        findings.add(Finding(of_checks.LABEL_EDGE, line_set.name, detail=detail))


def _look_alike_help(label: str, alphabet: Alphabet) -> Sentence:
    """Name letters of the dictionary that look like those it lacks."""
    told = []
    for char in alphabet.missing(label):
        if alphabet.suggest(char):
            continue
        held = [other for other in look_alikes(char) if alphabet.holds(other)]
        if held:
            told.append(
                say(
                    "{char!r} looks like {others}, which it has",
                    char=char,
                    others=joined(say(" or "), map(repr, held)),
                )
            )
    return some_of(told, "; ")
