"""Vertical lines: which texts may stand in a column, and where their characters lie in the file.

A detector's box around a column is 1.5 times as high as wide or more, and PaddleOCR turns such a
crop by 90 degrees counter-clockwise before it is read (`textlines.pixels.rectify`). A column is
drawn as the recognizer is given it: its top to the left, its characters on their sides. What
stands in the file are words that lie along the column, as Latin and numbers do between Chinese or
Japanese. How characters are oriented follows Unicode Standard Annex 50, by the face's own vertical
forms.

A column tells less than a line. Signs of ASCII stand in it without a baseline, so that a comma is
an apostrophe; on its side, 一 is a stroke as | is, and an N is a Z. Texts of that kind are passed
over, and so are scripts whose letters join or are never stacked.
"""

from typing import Literal, NamedTuple
from unicodedata import east_asian_width

from synth.corpus.lookalikes import is_unplaced
from synth.faces.face_metrics import SEPARATE, FaceMetrics
from synth.rendering.line_runs import Run, shaped_line
from textlines.labels.scripts import script_of
from textlines.profile.jamo import parts as parts_of

ColumnForm = Literal["upright", "mixed"]

STANDING = frozenset({"Han", "Hiragana", "Katakana", "Hangul", "Bopomofo"})
"""Scripts of which columns are written."""

STACKED = frozenset({"Latin", "Greek", "Cyrillic"})
"""Scripts whose letters are stacked on signs and stand along columns of others."""

_TURNING = frozenset("ー〜～〈〉《》「」『』【】〔〕〖〗（）［］｛｝：；…‥—―、。，．")
"""Signs that a column shows in another form or at another place, which a face has to have."""

_UPRIGHT_SIGNS = frozenset("！？・々〆〇※〒％＆＋№℃㈱")
"""Signs that are in a column what they are on a line."""

_STACKED_SIGNS = frozenset("&!?%#@$€£₩+")
"""The same, of ASCII."""

_BARS = frozenset("一二三工亠丨川〡〢〣ニ二ㅡㅣー")
_STANDING_BARS = frozenset("1lI|iH-=_—")
"""Strokes that become one another when one of two characters lies and the other does not."""

_ALONG_BARS = frozenset("1lI|")
"""Strokes that stand in a column as a long vowel sign does."""

_SAME_LYING = frozenset("一二三十工王口回日田中〇○ニハ二ロエコ个丨川丰井ー")
"""Wide characters that on their sides are, or are nearly, another character or themselves."""

_TELL_LYING = frozenset("ABDEFGJKLPQRTUVY24579abdefghjkpqrty@&%")
"""Letters, digits and signs that on their sides are no other."""

_TELL_ON_HEAD = frozenset("ABDFGJKPQRTYEC34acefgjkrtv&@?")
"""The same, upside down."""

_LEVEL_VOWELS = frozenset("ㅗㅛㅜㅠㅡ")
_ROUND = frozenset("ㅇㅁ")
"""Letters of Hangul: vowels below their consonant, and consonants that any turn leaves as they are.
Turned by 180 degrees 문 is 곰 and 논 is 국; on its side 우 is 아."""

GAP = 0.12
"""Ems between the highest and the lowest ink of stacked letters that follow each other."""

SPACE = 0.5
"""Ems of a space in a column: a whole em, as fonts have it, is read as an ideographic space."""

ALONE = "texts of one character"
JOINED = "scripts that join or are never stacked"
ALONG = "texts that lie along the column whole"
SIGNS = "signs that say little in a column"
MIXED_UP = "characters that look like others once they are turned"
NO_FORMS = "faces without the vertical forms"
SEGMENTS = "faces of segments"
"""Why a text or a face is passed over for a vertical line."""


def column_fault(text: str, metrics: FaceMetrics, form: ColumnForm) -> str | None:
    """Return why a text is not set as a column in a face; None if it can be.

    Raises:
        GrowthError: the face's rules let the text grow without end.
    """
    if len(text.replace(" ", "")) < 2:
        return ALONE
    if any(script_of(char) not in STANDING | STACKED | {"Common"} for char in text):
        return JOINED
    if is_unplaced(text) or shaped_line(text, metrics)[1]:
        return MIXED_UP if is_unplaced(text) else JOINED
    stands = _standing(text, form)
    if not any(stands):
        return ALONG  # in the file it is a line as any other
    if fault := _sign_fault(text, stands):
        return fault
    if _mixes_up(text, stands):
        return MIXED_UP
    shaped = metrics.shape_down(text)
    if shaped.clusters != list(range(len(text))):
        return NO_FORMS
    for char, gid in zip(text, shaped.gids, strict=True):
        box = metrics.box(gid)
        is_blank = char != " " and box[3] <= box[1]
        if is_blank or (char in _TURNING and gid == metrics.nominal(char)):
            return NO_FORMS
    return None


def turned_fault(text: str) -> str | None:
    """Return why a text is not written upside down; None if a reader knows it for what it is.

    >>> turned_fault("689"), turned_fault("문"), turned_fault("Total 4.20"), turned_fault("합계 12")
    ('characters that look like others once they are turned', \
'characters that look like others once they are turned', None, None)
    """
    letters = [char for char in text if char.isalnum()]
    telling = sum(map(_tells_on_head, letters))
    return None if telling >= 2 and 2 * telling >= len(letters) else MIXED_UP


def _tells_on_head(char: str) -> bool:
    if script_of(char) == "Hangul":
        parts = parts_of(char)
        return parts is not None and parts[1] not in _LEVEL_VOWELS
    if script_of(char) in STACKED or not char.isalpha():
        return char in _TELL_ON_HEAD
    return char not in _SAME_LYING


def _is_wide(char: str) -> bool:
    return east_asian_width(char) in "WF" or char in _TURNING | _UPRIGHT_SIGNS


def _standing(text: str, form: ColumnForm) -> tuple[bool, ...]:
    """Return which characters stand in the column, and so lie in the file.

    In a mixed column two or more letters or digits that follow each other lie along it, with the
    signs between them; one alone stands.

    >>> _standing("JR線 3月", "mixed"), _standing("JR", "upright")
    ((False, False, True, True, True, True), (True, True))
    """
    if form == "upright":
        return (True,) * len(text)
    stands = [True] * len(text)
    start = 0
    while start < len(text):
        end = start
        while end < len(text) and text[end] != " " and not _is_wide(text[end]):
            end += 1
        if sum(map(str.isalnum, text[start:end])) >= 2:
            stands[start:end] = [False] * (end - start)
        start = max(end, start + 1)
    for at in range(1, len(text) - 1):
        if text[at] == " " and not (stands[at - 1] or stands[at + 1]):
            stands[at] = False
    return tuple(stands)


def _sign_fault(text: str, stands: tuple[bool, ...]) -> str | None:
    """Return that a sign stands in the column that is not known there, or whose form differs."""
    for char, is_standing in zip(text, stands, strict=True):
        if not is_standing or char == " ":
            continue
        if not char.isalnum() and char not in _TURNING | _UPRIGHT_SIGNS | _STACKED_SIGNS:
            return SIGNS
        if east_asian_width(char) == "H":
            return SIGNS
    return None


def _mixes_up(text: str, stands: tuple[bool, ...]) -> bool:
    """Whether a reader of the file could take the text for another."""
    standing = [char for char, is_up in zip(text, stands, strict=True) if is_up]
    along = {char for char, is_up in zip(text, stands, strict=True) if not is_up}
    if along & _STANDING_BARS and _BARS.intersection(standing):
        return True
    if "ー" in standing and _ALONG_BARS.intersection(standing):
        return True
    letters = [char for char in standing if char.isalnum()]
    telling = sum(map(_tells_lying, letters))
    return 2 * telling < len(letters) or not telling


def _tells_lying(char: str) -> bool:
    if script_of(char) == "Hangul":
        parts = parts_of(char)
        return parts is not None and not (parts[0] in _ROUND and parts[2] in _ROUND | {""})
    if script_of(char) in STACKED or not char.isalpha():
        return char in _TELL_LYING
    return char not in _SAME_LYING


def set_column(text: str, metrics: FaceMetrics, form: ColumnForm) -> Run:
    """Set a text as a column that lies on its left side.

    Args:
        text: one of which `column_fault` says nothing.

    Returns:
        Advances along the column. The zero of heights is the baseline of what lies along the
        column, half of a capital's height below its middle.
    """
    stands = _standing(text, form)
    if all(stands) and not any(map(_is_wide, text)):
        return _stacked(text, metrics)
    middle = _capital(metrics) / 2
    cells: list[_Cell] = []
    down = metrics.shape_down(text)
    for at, is_standing in enumerate(stands):
        if not is_standing:
            if not at or stands[at - 1]:
                cells += _along(_run_from(text, stands, at), metrics)
            continue
        box, (x, y) = metrics.box(down.gids[at]), down.offsets[at]
        cells.append(
            _Cell(
                SPACE * metrics.upem if text[at] == " " else down.advances[at],
                middle + x + box[2] if box[3] > box[1] else middle,
                middle + x + box[0] if box[3] > box[1] else middle,
                middle=(-y - (box[1] + box[3]) / 2, middle + x + (box[0] + box[2]) / 2),
            )
        )
    return _run_of(cells)


class _Cell(NamedTuple):
    """A character in its place, in font units: its advance, and its ink from the baseline up."""

    step: float
    top: float
    bottom: float
    shift: float = 0.0
    middle: tuple[float, float] | None = None


def _run_of(cells: list[_Cell]) -> Run:
    return Run(
        [cell.step for cell in cells],
        [cell.shift for cell in cells],
        max(cell.top for cell in cells),
        min(cell.bottom for cell in cells),
        middles=tuple(cell.middle for cell in cells),
    )


def _run_from(text: str, stands: tuple[bool, ...], start: int) -> str:
    """Return the characters from one on that lie along the column with it."""
    end = start
    while end < len(text) and not stands[end]:
        end += 1
    return text[start:end]


def _along(word: str, metrics: FaceMetrics) -> list[_Cell]:
    """Set a word that lies along a column: in the file it stands, as on any line."""
    shaped = metrics.shape(word, SEPARATE)
    # A word begins and ends beside characters whose own cells hold their spacing.
    return [
        _Cell(advance, box[3], box[1], float(x))
        for advance, (x, _), box in zip(
            shaped.advances, shaped.offsets, map(metrics.box, shaped.gids), strict=True
        )
    ]


def _stacked(text: str, metrics: FaceMetrics) -> Run:
    """Stack letters, each in the middle of the column, at even steps."""
    shaped = metrics.shape(text, SEPARATE)
    boxes = [metrics.box(gid) for gid in shaped.gids]
    top = max(box[3] for box in boxes if box[3] > box[1])
    bottom = min(box[1] for box in boxes if box[3] > box[1])
    step = top - bottom + GAP * metrics.upem
    middle = _capital(metrics) / 2
    cells = []
    for char, gid, box in zip(text, shaped.gids, boxes, strict=True):
        half = metrics.advance(gid) / 2
        cells.append(
            _Cell(
                SPACE * metrics.upem if char == " " else step,
                middle + box[2] - half,
                middle + box[0] - half,
                middle=(top - (box[1] + box[3]) / 2, middle + (box[0] + box[2]) / 2 - half),
            )
        )
    return _run_of(cells)


def _capital(metrics: FaceMetrics) -> float:
    """Return the height of a capital; of a face without, what is usual beside its ideographs."""
    gid = metrics.nominal("H")
    return metrics.box(gid)[3] if gid else 0.73 * metrics.upem
