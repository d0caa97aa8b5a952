"""What in a line goes together: widths, gaps and sizes of groups, and what a second face draws."""

from itertools import groupby, pairwise

from synth.corpus.lookalikes import code_spans, is_unplaced
from synth.draws import Draws
from synth.rendering.spans import Span
from synth.rendering.text_style import Gaps, SecondFace, Sizes
from textlines.labels.scripts import script_of

KEPT_WIDE = frozenset("0OoQОоΟοㅇ○〇")
"""Round characters, of which in many faces the width alone tells which one it is."""


def character_widths(text: str, span: Span, draws: Draws) -> tuple[float, ...]:
    """Draw a factor on the width of each character.

    Takes one value from the stream, whatever the text. Letters and digits have factors; spaces and
    signs, whose width tells a hyphen from a dash, keep theirs, and so do `KEPT_WIDE`.
    """
    of_line = Draws(draws.bits(32), 0, 0, "widths")
    return tuple(
        round(float(span.draw(of_line)), 4) if char.isalnum() and char not in KEPT_WIDE else 1.0
        for char in text
    )


def gaps_after(text: str, gaps: Gaps, draws: Draws) -> tuple[float, ...]:
    """Draw the gap after each character, as a share of the width of a space; () without any.

    Takes as many values from the stream for every text. A gap stands between letters and digits
    only: beside a space or a sign it would be read with it.
    """
    has_gaps = draws.chance(gaps.p)
    amount, every = float(gaps.amount.draw(draws)), int(gaps.every.draw(draws))
    at_changes = draws.chance(gaps.changes)
    if not has_gaps:
        return ()
    places, count = [], 0
    for kind, after in pairwise(map(_kind, text)):
        count = count + 1 if kind else 0
        counted = every > 0 and count % every == 0
        places.append(bool(kind and after) and (counted or (at_changes and kind != after)))
    return (*(amount if place else 0.0 for place in places), 0.0) if any(places) else ()


def group_sizes(text: str, sizes: Sizes, draws: Draws) -> tuple[float, ...]:
    """Draw a factor on the size of each character, one for each group; () where all are alike.

    Takes two values from the stream, whatever the text.
    """
    has_sizes, of_line = draws.chance(sizes.p), Draws(draws.bits(32), 0, 0, "sizes")
    if not has_sizes:
        return ()
    groups = _groups(text)
    words = [number for number, group in enumerate(groups) if _kind(group[0])]
    if len(words) < 2:
        return ()
    whole = of_line.pick(words)
    factors: list[float] = []
    for number, group in enumerate(groups):
        factor = round(float(sizes.factor.draw(of_line)), 4)
        keeps = number == whole or not _kind(group[0]) or is_unplaced(group)
        factors += [1.0 if keeps else factor] * len(group)
    return tuple(factors)


Spans = tuple[tuple[int, int], ...]
"""From which to before which character, in order."""


def spans_beside(text: str, faces: SecondFace, draws: Draws) -> Spans:
    """Draw which characters of a line a second face draws; () where no part is one for it.

    Codes are never cut in two. What its neighbours alone tell (a `c`, a comma) stands in the face
    of its neighbours: on both sides there is what shows its own size and line.

    Returns:
        Something is left for the first face.
    """
    if faces.at == "script":
        spans = _of_latin(text)
    elif faces.at == "word":
        spans = _behind_a_name(text, draws)
    else:
        spans = _one_group(text, draws)
    if not spans:
        return ()
    second = [at for start, end in spans for at in range(start, end)]
    held = "".join(text[at] for at in second)
    rest = "".join(char for at, char in enumerate(text) if at not in set(second))
    return () if not rest.strip() or is_unplaced(held) or is_unplaced(rest) else spans


def _of_latin(text: str) -> Spans:
    """Find the words of Latin letters, digits and ASCII signs of a line in another script too."""
    kinds = [script_of(char) == "Latin" or (char.isascii() and not char.isspace()) for char in text]
    if not any(char.isalpha() and script_of(char) != "Latin" for char in text):
        return ()
    spans, start = [], 0
    for is_latin, chars in groupby(kinds):
        end = start + len(list(chars))
        if is_latin and any(map(str.isalnum, text[start:end])):
            spans.append((start, end))
        start = end
    return tuple(spans)


def _behind_a_name(text: str, draws: Draws) -> Spans:
    """Draw a space, one behind a colon where there is one, behind which all is a value."""
    spaces = [at for at, char in enumerate(text) if char == " "]
    named = [at for at in spaces if text[at - 1] in ":："]
    return ((draws.pick(named or spaces) + 1, len(text)),) if spaces else ()


def _one_group(text: str, draws: Draws) -> Spans:
    """Draw a group of letters or digits; a code whole."""
    codes = code_spans(text)
    spans, start = set[tuple[int, int]](), 0
    for group in _groups(text):
        end = start + len(group)
        if _kind(group[0]):
            around = ((a, b) for a, b in codes if a < end and start < b)
            spans.add(next(around, (start, end)))
        start = end
    return (draws.pick(sorted(spans)),) if len(spans) > 1 else ()


def _groups(text: str) -> list[str]:
    """Cut a text where words end, and where letters and digits meet or two scripts do."""
    return ["".join(chars) for _, chars in groupby(text, key=lambda char: _kind(char) or char)]


def _kind(char: str) -> str:
    """Name what a letter or digit belongs to; "" of all else."""
    if char.isdigit():
        return "digit"
    return script_of(char) if char.isalpha() else ""
