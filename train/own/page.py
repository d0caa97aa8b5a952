"""`suspects.html`: own lines whose label may be wrong, to look at and to mark."""

from collections.abc import Mapping

from textlines.labels.tally import Tally
from textlines.pages.environment import asset
from textlines.pages.page import Fact, Section, page
from textlines.profile.reading import Misread
from textlines.profile.suspects import Doubt
from textlines.wording import say
from train.judging.mining import Mark
from train.judging.page_parts import PACKAGE
from train.judging.shown_lines import aligned_line, lines_body, picture_of, show_line
from train.own.fold_results import Results
from train.own.held import Held

FINDING = say(
    "{suspects} of {lines} own lines have a label that may be wrong; of all labels {low} to {high} "
    "are."
)

SHOWN, SHOWN_SHARE = 40, 0.1
"""Lines beyond the suspects are shown up to so many, and to this share of all: some wrong labels
stand among them."""


def suspects_page(results: Results, held: Held, marks: Mapping[str, Mark]) -> tuple[str, int]:
    """Build the page.

    Args:
        marks: that a person has made before.

    Returns:
        The page, and how many of its crops could not be read.
    """
    record, tally = results.record, Tally()
    apart = [one for one in results.doubts if one.evidence.reading != one.evidence.label]
    most = max(sum(one.suspected for one in apart), SHOWN, round(SHOWN_SHARE * len(results.doubts)))
    shown = [
        show_line(number, _misread(one), marks.get(one.evidence.path, ""), one.label_score)
        for number, one in enumerate(apart[:most], 1)
    ]
    pictures = {line.number: picture_of(held.images, line.line.path, tally) for line in shown}
    figures = record.suspected
    body = lines_body(
        shown,
        pictures,
        marks,
        record.predictions_sha256,
        order=say("most doubted first"),
        then="train share",
    )
    lead = say(
        "{count:,} lines, the most doubted first: suspects, and what comes after them. The label "
        "stands above, the reading below: of a model that was not trained on the line.",
        count=len(shown),
    )
    before, after = (
        sum(getattr(row, name) for row in record.folds) for name in ("before", "after")
    )
    read = record.lines - record.unread
    html = page(
        say("Own lines whose label may be wrong"),
        [Section(say("Lines"), body, lead, "lines", True)],
        finding=FINDING.filled(
            lines=f"{figures.lines:,}",
            suspects=f"{figures.suspects:,}",
            low=f"{figures.low:.1%}",
            high=f"{figures.high:.1%}",
        ),
        lead=say(
            "{base}, {folds} folds of {lines:,} own lines. Mark a wrong label as such (w), a right "
            "one as real (r), save marks.tsv, and share the lines again with it: a line that is "
            "marked wrong is left out.",
            base=record.base,
            folds=len(record.folds),
            lines=record.lines,
        ),
        facts=[
            Fact(
                say("Suspects"),
                f"{figures.suspects:,}",
                say("of {lines:,} lines", lines=figures.lines),
            ),
            Fact(say("Share"), f"{figures.low:.1%} – {figures.high:.1%}", say("95 % interval")),
            Fact(
                say("Read right"),
                f"{before / read:.1%} → {after / read:.1%}",
                say("base, out of fold"),
            ),
        ],
        styles=[asset("textlines.pages", "tools.css"), asset(PACKAGE, "report.css")],
        scripts=[asset(PACKAGE, "report.js")],
    )
    return html, tally["not_shown"]


def _misread(doubt: Doubt) -> Misread:
    line = doubt.evidence
    return aligned_line(line.path, line.label, line.reading, line.score, suspected=doubt.reason)
