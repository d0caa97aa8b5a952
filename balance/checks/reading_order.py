"""Right-to-left labels that are written as one sees them, from left to right."""

import re

from balance.checks.findings import Finding, Findings
from balance.checks.sets import LineSet
from textlines.defects import of_checks
from textlines.labels.label_file import LabelLine
from textlines.wording import say

_RTL = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
# Hebrew letters that take this form at the end of a word only.
_FINAL = "ךםןףץ"
_HEBREW = re.compile("[\u05d0-\u05ea]{2,}")
_ARABIC = re.compile("[\u0620-\u064a]{3,}")
# Teh marbuta and alef maksura end a word; the article begins one.
_ARABIC_LAST = "ةى"
_ARTICLE = "ال"


def order_votes(label: str) -> int:
    """Weigh the signs of reading order: above 0 logical, below 0 visual, 0 cannot tell.

    Hebrew final forms and Arabic teh marbuta stand at the end of a word in logical order, the
    Arabic article at its start; reversed text has them the other way round.

    >>> order_votes("שלום"), order_votes("םולש"), order_votes("ABC")
    (1, -1, 0)
    """
    if label.isascii() or not _RTL.search(label):
        return 0
    votes = 0
    for word in _HEBREW.findall(label):
        votes += (word[-1] in _FINAL) - (word[0] in _FINAL)
    for word in _ARABIC.findall(label):
        votes += (word[-1] in _ARABIC_LAST) - (word[0] in _ARABIC_LAST)
        votes += word.startswith(_ARTICLE) - word.endswith(_ARTICLE[::-1])
    return votes


def check_order(line_set: LineSet, findings: Findings) -> None:
    """Report labels in visual order, and a set that mixes both orders."""
    if not any(map(_RTL.match, set().union(*(line.label for line in line_set.lines)))):
        return
    logical = 0
    visual: list[LabelLine] = []
    for line in line_set.lines:
        votes = order_votes(line.label)
        logical += votes > 0
        if votes < 0:
            visual.append(line)
    # A single odd word (a name, an acronym) is no evidence about a set.
    if len(visual) < max(2, 0.02 * (logical + len(visual))):
        return
    for line in visual:
        findings.add(line_set.finding(of_checks.VISUAL_ORDER, line))
    if logical >= max(2, 0.02 * (logical + len(visual))):
        detail = say(
            "{logical:,} in logical order, {visual:,} in visual order",
            logical=logical,
            visual=len(visual),
        )
        findings.add(Finding(of_checks.ORDER_MIXED, line_set.name, detail=detail))
