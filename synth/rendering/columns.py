"""Vertical lines: which texts may stand in a column, and where their characters lie in the file.

A detector's box around a column is 1.5 times as high as wide or more, and PaddleOCR turns such a
crop by 90 degrees counter-clockwise before it is read (`textlines.pixels.rectify`). A column is
drawn as the recognizer is given it: its top to the left, its characters on their sides. What
stands in the file are words that lie along the column, as Latin and numbers do between Chinese or
Japanese. How characters are oriented follows Unicode Standard Annex 50, by the face's own vertical
forms. Where several faces draw a column each sets its own characters, around one middle and on the
baseline of one for what lies along it.

A column tells less than a line. Signs of ASCII stand in it without a baseline, so that a comma is
an apostrophe; on its side, 一 is a stroke as | is, and an N is a Z. Texts of that kind are passed
over, and so are scripts whose letters join or are never stacked.
"""

from collections.abc import Sequence
from typing import Literal, NamedTuple
from unicodedata import east_asian_width

from synth.corpus.lookalikes import is_unplaced
from synth.faces.face_metrics import SEPARATE, Box, FaceMetrics, metrics_of
from synth.rendering.line_runs import FacePart, Run, scale_beside, shaped_line
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


def column_fault(
    text: str, metrics: FaceMetrics, form: ColumnForm, parts: Sequence[FacePart] = ()
) -> str | None:
    """Return why a text is not set as a column in a face; None if it can be.

    Args:
        parts: of a column that several faces draw: all of it, in order.

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
    lacks = (
        not _has_forms(text[one.start : one.end], one.metrics)
        for one in _pieces(text, metrics, parts)
    )
    return NO_FORMS if any(lacks) else None


def _has_forms(text: str, metrics: FaceMetrics) -> bool:
    shaped = metrics.shape_down(text)
    if shaped.clusters != list(range(len(text))):
        return False
    for char, gid in zip(text, shaped.gids, strict=True):
        box = metrics.box(gid)
        is_blank = char != " " and box[3] <= box[1]
        if is_blank or (char in _TURNING and gid == metrics.nominal(char)):
            return False
    return True


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


class _Piece(NamedTuple):
    """Characters that one face sets.

    Attributes:
        factor: on its size beside the first face. scale: units of the first face to one of its own.
    """

    start: int
    end: int
    metrics: FaceMetrics
    factor: float = 1.0
    scale: float = 1.0


def _pieces(text: str, metrics: FaceMetrics, parts: Sequence[FacePart]) -> list[_Piece]:
    """Return what each face sets, in order.

    Args:
        metrics: of the first face.
    """
    if not parts:
        return [_Piece(0, len(text), metrics)]
    found = []
    for start, end, face in parts:
        own = metrics_of(face)
        factor = scale_beside(own, metrics)
        found.append(_Piece(start, end, own, factor, factor * metrics.upem / own.upem))
    return found


def set_column(
    text: str, metrics: FaceMetrics, form: ColumnForm, parts: Sequence[FacePart] = ()
) -> Run:
    """Set a text as a column that lies on its left side.

    Args:
        text: one of which `column_fault` says nothing.
        metrics: of the column's first face.
        parts: of a column that several faces draw: all of it, in order; () of any other.

    Returns:
        Advances along the column. The zero of heights is the baseline of what lies along the
        column, half of a capital's height of the first face below its middle.
    """
    stands, axis = _standing(text, form), _capital(metrics) / 2
    pieces = _pieces(text, metrics, parts)
    if all(stands) and not any(map(_is_wide, text)):
        cells = _stacked(text, pieces, axis)
    else:
        cells = [cell for piece in pieces for cell in _set_piece(text, stands, piece, axis)]
    run = _run_of(cells)
    if not parts:
        return run
    faces = tuple(face for start, end, face in parts for _ in range(start, end))
    scales = tuple(one.factor for one in pieces for _ in range(one.start, one.end))
    return run._replace(faces=faces, scales=scales if any(one != 1.0 for one in scales) else ())


def _set_piece(text: str, stands: tuple[bool, ...], piece: _Piece, axis: float) -> list["_Cell"]:
    """Set what one face draws of a column.

    Args:
        axis: height of the column's middle.
    """
    start, end, metrics, _, scale = piece
    cells: list[_Cell] = []
    down = metrics.shape_down(text[start:end])
    for at in range(start, end):
        if not stands[at]:
            if at == start or stands[at - 1]:
                cells += _along(_run_from(text[:end], stands, at), metrics, scale)
            continue
        box, (x, y) = metrics.box(down.gids[at - start]), down.offsets[at - start]
        advance = SPACE * metrics.upem if text[at] == " " else down.advances[at - start]
        cells.append(
            _Cell(
                advance * scale,
                axis + (x + box[2]) * scale if box[3] > box[1] else axis,
                axis + (x + box[0]) * scale if box[3] > box[1] else axis,
                middle=(
                    (-y - (box[1] + box[3]) / 2) * scale,
                    axis + (x + (box[0] + box[2]) / 2) * scale,
                ),
            )
        )
    return cells


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


def _along(word: str, metrics: FaceMetrics, scale: float) -> list[_Cell]:
    """Set a word that lies along a column: in the file it stands, as on any line."""
    shaped = metrics.shape(word, SEPARATE)
    # A word begins and ends beside characters whose own cells hold their spacing.
    return [
        _Cell(advance * scale, box[3] * scale, box[1] * scale, x * scale)
        for advance, (x, _), box in zip(
            shaped.advances, shaped.offsets, map(metrics.box, shaped.gids), strict=True
        )
    ]


def _stacked(text: str, pieces: Sequence[_Piece], axis: float) -> list[_Cell]:
    """Stack letters, each in the middle of the column, at even steps.

    Args:
        axis: height of the column's middle.
    """
    set_: list[tuple[_Piece, int, Box]] = []
    for piece in pieces:
        gids = piece.metrics.shape(text[piece.start : piece.end], SEPARATE).gids
        set_ += [(piece, gid, piece.metrics.box(gid)) for gid in gids]
    inked = [(piece.scale, box) for piece, _, box in set_ if box[3] > box[1]]
    top = max(box[3] * scale for scale, box in inked)
    bottom = min(box[1] * scale for scale, box in inked)
    first = pieces[0]
    em = first.metrics.upem * first.scale / first.factor
    step = top - bottom + GAP * em
    cells = []
    for char, (piece, gid, box) in zip(text, set_, strict=True):
        half, scale = piece.metrics.advance(gid) / 2, piece.scale
        cells.append(
            _Cell(
                SPACE * em * piece.factor if char == " " else step,
                axis + (box[2] - half) * scale,
                axis + (box[0] - half) * scale,
                middle=(
                    top - (box[1] + box[3]) / 2 * scale,
                    axis + ((box[0] + box[2]) / 2 - half) * scale,
                ),
            )
        )
    return cells


def _capital(metrics: FaceMetrics) -> float:
    """Return the height of a capital; of a face without, what is usual beside its ideographs."""
    gid = metrics.nominal("H")
    return metrics.box(gid)[3] if gid else 0.73 * metrics.upem
