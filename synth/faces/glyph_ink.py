"""Glyphs as ink: whether they leave any, how far two differ, and which of a face are drawn alike.

Two glyphs are compared as ink at 128 px to the em, four times the size at which a line of
48 px is commonly drawn: hinting, which makes like shapes unlike at 24 px and unlike ones
alike, no longer matters there. The ink distance is the greatest difference of ink inside any
square of 1/8 em, in pixels of full ink at 32 px to the em. A stroke that only one of the two
has is in one such square, while edges that are smoothed differently are spread over many.

Measured on DejaVu, Liberation, Nimbus, URW Gothic, Nanum and Noto faces: one shape under two
code points 0.0 to 0.7, `I` and `l` of Nimbus Sans and URW Gothic 1.3 and 0.3, ヘ and へ of Noto
1.2 to 2.1; `I` and `l` of DejaVu Sans 2.9, 土 and 士 of Nanum 4, 훌 and 흘, 를 and 롤, 흔 and 혼 of
Nanum and Noto from 4.3 on, `.` and `,` from 4.3 on, `O` and `0` from 9 on.
"""

from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from synth.faces.breaking import BreaksError, drawing, require_sane
from synth.faces.face_metrics import Box, metrics_of
from synth.faces.font_face import Face, open_face
from textlines.pixels.arrays import Grey

TWIN_DISTANCE = 2.0
"""Pixels of ink. Below it two characters count as drawn the same, and one label is wrong."""

CLEAR_DISTANCE = 4.0
"""Pixels of ink. From it on a confusable pair counts as visibly different in a face."""

LEAST_INK = 0.5
"""Pixels of ink at 32 px to the em. A glyph with less is blank."""

VISIBLE_EXTENT_SHARE = 1 / 24
"""Of an em. Boxes of ink whose edges differ by more are told apart by that alone."""

VISIBLE_PLACE_SHARE = 1 / 4
"""Of an em. White beside the ink that differs by more tells full-width forms apart."""

SAME_SHAPE_SHARE = 1 / 10
"""Of an em. Where ink ends higher or lower by no more, a pair must differ in shape too."""

CLEAR_PLACE_SHARE = 1 / 8
"""Of an em. Where ink ends higher or lower by as much, a line that is kept tells two forms apart
that are one: `.` and `·`, `'` and `,`, `o` and `O`."""

SAME_FORM = 1 / 3
"""Of the most ink in any square of 1/8 em. Two glyphs brought to one box that differ by less have
one form: `O` and `0`, `I` and `l` of faces without serifs lie at 0.0 to 0.32, `8` and `B`, `5` and
`S`, `0` with its slash from 0.34 on, nearly all from 0.45 on."""

NARROWER, LOWER = 0.78, 0.85
"""Of the other's width and height: from there down a glyph of the same form is told apart by its
size alone, whatever stands beside it (`0` and `O`: Noto Sans 0.73, Open Sans 0.82)."""

_SIZE = 128
_WINDOW = _SIZE // 8
_FRAME = 2 * _SIZE
_BASELINE = round(1.4 * _SIZE)
_UNIT = 255 * (_SIZE // 32) ** 2
"""Sum of grey levels at 128 px that makes one pixel of full ink at 32 px."""

Ink = npt.NDArray[np.uint8]
"""256 x 256, coverage 0..255: baseline at row 179, the ink's box centred from left to right."""

Coarse = npt.NDArray[np.int32]
"""256 sums of grey levels: of the squares of 16 px of an `Ink`, row by row."""


class Place(NamedTuple):
    """Where a glyph's ink lies, as shares of an em; y upwards."""

    bottom: float
    top: float
    width: float
    left: float
    right: float


_INKS = 32
"""Drawn characters that a probe keeps, 64 KiB each: one is held against all its like in turn."""


class GlyphProbe:
    """One face opened for looking at its glyphs one by one."""

    def __init__(self, face: Face) -> None:
        self._face = face
        with drawing(face, ""):
            self.metrics = metrics_of(face)
            self._font = open_face(face, _SIZE)
        self._coarse: dict[int, Coarse] = {}
        self._inks = lru_cache(maxsize=_INKS)(self._draw)

    def place(self, gid: int) -> Place:
        """Return where the glyph's ink lies between the pen before and after it."""
        em = self.metrics.upem
        box: Box = self.metrics.box(gid)
        right = self.metrics.advance(gid) - box[2]
        return Place(box[1] / em, box[3] / em, (box[2] - box[0]) / em, box[0] / em, right / em)

    def ink(self, char: str) -> Ink:
        """Draw one character into the frame; what leaves the frame is cut off. Not to be changed.

        Raises:
            BreaksError: it cannot be drawn.
        """
        return self._inks(char)

    def _draw(self, char: str) -> Ink:
        from PIL import Image, ImageChops, ImageDraw

        self._require_sane(char)
        left, _, right, _ = self.metrics.box(self.metrics.nominal(char))
        middle = (left + right) / 2 / self.metrics.upem * _SIZE
        image = Image.new("L", (_FRAME, _FRAME))
        start = (round(_FRAME / 2 - middle), _BASELINE)
        with drawing(self._face, char):
            ImageDraw.Draw(image).text(start, char, fill=255, font=self._font, anchor="ls")
        box = image.getbbox()
        if box is not None:
            # Hinting may have moved the ink off its box: centre what was drawn.
            off = (_FRAME - box[0] - box[2]) // 2
            if off:
                image = ImageChops.offset(image, off, 0)
        ink = np.array(image)
        ink.flags.writeable = False
        return ink

    def _require_sane(self, char: str) -> None:
        """Refuse a glyph whose outline has no end, or leaves the box that the file tells of it."""
        gid = self.metrics.nominal(char)
        left, bottom, right, top = self.metrics.box(gid)
        advance = self.metrics.advance(gid)
        scale = _SIZE / self.metrics.upem
        with drawing(self._face, char):
            boxed = (min(left, 0), -top, max(right, advance), -bottom)
            drawn = require_sane(self._font.getbbox(char, anchor="ls"), _SIZE)
            require_sane([round(value * scale) for value in boxed], _SIZE)
            beyond = max(
                boxed[0] * scale - drawn[0],
                boxed[1] * scale - drawn[1],
                drawn[2] - boxed[2] * scale,
                drawn[3] - boxed[3] * scale,
            )
            if drawn[3] > drawn[1] and beyond > _SIZE:
                raise ValueError("its outline leaves the box that the file tells of it")

    def cluster_ink(self, cluster: str) -> tuple[Ink, float]:
        """Draw a cluster of several characters, shaped, and return its ink and width in ems."""
        from PIL import Image, ImageDraw

        with drawing(self._face, cluster):
            font = open_face(self._face, _SIZE, shaped=True)
            left, _, right, _ = require_sane(font.getbbox(cluster, anchor="ls"), _SIZE)
            image = Image.new("L", (_FRAME, _FRAME))
            start = (round((_FRAME - left - right) / 2), _BASELINE)
            ImageDraw.Draw(image).text(start, cluster, fill=255, font=font, anchor="ls")
        return np.asarray(image), (right - left) / _SIZE

    def coarse(self, char: str, gid: int) -> Coarse:
        """Return the ink of a character in squares; kept for each glyph."""
        coarse = self._coarse.get(gid)
        if coarse is None:
            coarse = self._coarse[gid] = coarse_of(self.ink(char))
        return coarse

    def tofu(self) -> Coarse:
        """Return the ink of the glyph that stands for a missing character."""
        # U+10FFFF is a noncharacter: no face may map it.
        return self.coarse("\U0010ffff", 0)


def coarse_of(ink: Ink) -> Coarse:
    """Sum up the grey levels of each square of 16 px."""
    squares = _FRAME // _WINDOW
    # Rows first, which are adjacent in memory: four times as fast as both axes at once.
    rows = ink.reshape(squares, _WINDOW, _FRAME).sum(axis=1, dtype=np.int32)
    sums: Coarse = rows.reshape(squares, squares, _WINDOW).sum(axis=2, dtype=np.int32)
    return sums.reshape(-1)


def ink_amount(coarse: Coarse) -> float:
    """Count the pixels of full ink at 32 px to the em."""
    return int(coarse.sum()) / _UNIT


def least_distance(ink: Coarse, others: npt.NDArray[np.int32]) -> npt.NDArray[np.float64]:
    """Return a distance that the ink distance is never below.

    Squares on the grid are some of the squares that `ink_distance` takes the greatest of.

    Args:
        ink: 256 sums. others: N x 256 sums.

    Returns:
        N distances in pixels of ink.
    """
    return np.asarray(np.abs(others - ink).max(axis=1) / _UNIT, np.float64)


def ink_distance(ink: Ink, other: Ink) -> float:
    """Return the greatest difference of ink inside any square of 1/8 em, in pixels of ink."""
    import cv2

    # Sums of differences in int32: the same numbers on every CPU.
    difference = ink.astype(np.int16) - other
    total = cv2.integral(difference.astype(np.float64)).astype(np.int64)
    w = _WINDOW
    squares = total[w:, w:] - total[:-w, w:] - total[w:, :-w] + total[:-w, :-w]
    return int(np.abs(squares).max()) / _UNIT


def as_high(ink: Ink, other: Ink) -> Ink:
    """Stretch the ink of `other` to the rows that `ink` takes, its width kept. A new array."""
    import cv2

    rows = [np.flatnonzero(each.any(axis=1)) for each in (ink, other)]
    if not all(len(inked) for inked in rows):
        return other.copy()
    (top, bottom), (start, end) = ((int(inked[0]), int(inked[-1]) + 1) for inked in rows)
    stretched = np.zeros_like(other)
    size = (other.shape[1], bottom - top)
    stretched[top:bottom] = cv2.resize(other[start:end], size, interpolation=cv2.INTER_AREA)
    return stretched


def same_form(ink: Ink, other: Ink) -> bool:
    """Whether two glyphs are one form at nearly one size.

    Both are brought to each other's box; a stretched stroke is no other form, so the nearer of
    the two outcomes counts.
    """
    boxes = [_box(each) for each in (ink, other)]
    if boxes[0] is None or boxes[1] is None:
        return False
    (_, _, w0, h0), (_, _, w1, h1) = boxes[0], boxes[1]
    if min(w0, w1) <= NARROWER * max(w0, w1) or min(h0, h1) <= LOWER * max(h0, h1):
        return False
    blank = np.zeros_like(ink)
    most = max(ink_distance(ink, blank), ink_distance(other, blank))
    apart = min(
        ink_distance(ink, _boxed(other, boxes[1], boxes[0])),
        ink_distance(other, _boxed(ink, boxes[0], boxes[1])),
    )
    return apart < SAME_FORM * most


def _box(ink: Ink) -> tuple[int, int, int, int] | None:
    """Return x, y, width and height of the ink; None without any."""
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    if not len(rows):
        return None
    x, y = int(columns[0]), int(rows[0])
    return x, y, int(columns[-1]) + 1 - x, int(rows[-1]) + 1 - y


def _boxed(ink: Ink, box: tuple[int, int, int, int], aim: tuple[int, int, int, int]) -> Ink:
    """Stretch the ink inside a box to another box. A new array."""
    import cv2

    x, y, w, h = box
    stretched = np.zeros_like(ink)
    part = cv2.resize(ink[y : y + h, x : x + w], aim[2:], interpolation=cv2.INTER_AREA)
    stretched[aim[1] : aim[1] + aim[3], aim[0] : aim[0] + aim[2]] = part
    return stretched


_UNTRIED, _DRAWN, _BREAKS = range(3)

_SKETCH = np.flatnonzero(
    [4 <= k // 16 < 12 and 4 <= k % 16 < 12 and (k // 16 + k % 16) % 2 == 0 for k in range(256)]
)
"""Every other square of the middle of a `Coarse`, which holds the ink of most glyphs. Glyphs that
differ there are no twins; only the few that do not are compared in all squares."""


class Neighbours:
    """The alphabet's characters in one face, to be searched by where their ink lies."""

    def __init__(self, probe: GlyphProbe, characters: frozenset[str]) -> None:
        self._probe = probe
        in_face = [chr(code) for code in probe.metrics.face.unicodes]
        in_face = [char for char in in_face if char in characters]
        self._chars = [(char, gid) for char in in_face if (gid := probe.metrics.nominal(char))]
        places = [probe.place(gid) for _, gid in self._chars]
        self._places = np.asarray(places, np.float64).reshape(len(places), 5)
        self._gids = np.asarray([gid for _, gid in self._chars], np.int64)
        self._coarse = np.zeros((len(self._chars), 256), np.int32)
        self._sketch = np.zeros((len(self._chars), len(_SKETCH)), np.int32)
        self._drawn = np.full(len(self._chars), _UNTRIED, np.uint8)
        self._held = {char: k for k, (char, _) in enumerate(self._chars)}

    def twins(self, char: str, gid: int) -> tuple[str, ...]:
        """Return the other characters whose ink differs by less than the twin distance."""
        if not self._chars:
            return ()
        apart = np.abs(self._places - np.asarray(self._probe.place(gid)))
        near = (apart[:, :3] <= VISIBLE_EXTENT_SHARE).all(axis=1)
        near &= (apart[:, 3:] <= VISIBLE_PLACE_SHARE).all(axis=1)
        near |= self._gids == gid
        if char in self._held:
            near[self._held[char]] = False
        for k in np.flatnonzero(near & (self._drawn == _UNTRIED)):
            self._draw(int(k))
        # What cannot be drawn looks like nothing, and whoever asks for it learns that.
        others = np.flatnonzero(near & (self._drawn == _DRAWN))
        probe = self._probe
        coarse = probe.coarse(char, gid)
        others = others[least_distance(coarse[_SKETCH], self._sketch[others]) < TWIN_DISTANCE]
        close = least_distance(coarse, self._coarse[others]) < TWIN_DISTANCE
        maybe = [self._chars[k] for k in others[close]]
        if not maybe:
            return ()
        ink = probe.ink(char)
        return tuple(
            other
            for other, other_gid in maybe
            if other_gid == gid or ink_distance(ink, probe.ink(other)) < TWIN_DISTANCE
        )

    def _draw(self, place: int) -> None:
        try:
            self._coarse[place] = self._probe.coarse(*self._chars[place])
        except BreaksError:
            self._drawn[place] = _BREAKS
            return
        self._sketch[place] = self._coarse[place, _SKETCH]
        self._drawn[place] = _DRAWN


MOST_SHARED = 0.02
"""Of the lesser neighbour's ink, 0..1: beyond it the two run together. Pairs that are set tightly
share 0 to 0.8 % (`TY`, `AX`) and 2.2 % at most (`fl`); letters of connected scripts 2 to 10 %."""

LEAST_SHARED = 3
"""Pixels in common from which two neighbours are asked."""


def shared_ink(under: Grey, over: Grey, glyph: Grey, other: Grey) -> float:
    """Measure the ink that two glyphs have in common, as a share of the lesser one's, 0..1.

    Args:
        under, over: coverage of the two where their boxes meet, of one shape.
        glyph, other: coverage of the two glyphs.
    """
    both = int(np.count_nonzero(np.minimum(under, over) >= 128))
    if both < LEAST_SHARED:
        return 0.0
    lesser = min(int(np.count_nonzero(each >= 128)) for each in (glyph, other))
    return min(1.0, both / max(lesser, 1))


def shared_beside(glyph: Grey, other: Grey, right: int, down: int) -> float:
    """Measure the same of two glyphs, the second so many pixels further right and down.

    Args:
        glyph, other: coverage of the two, each as large as its own box.

    >>> bar = np.full((4, 4), 255, np.uint8)
    >>> shared_beside(bar, bar, 2, 0), shared_beside(bar, bar, -2, 2), shared_beside(bar, bar, 4, 0)
    (0.5, 0.25, 0.0)
    """
    height, width = glyph.shape
    high, wide = other.shape
    x0, x1 = max(0, right), min(width, right + wide)
    y0, y1 = max(0, down), min(height, down + high)
    if x0 >= x1 or y0 >= y1:
        return 0.0
    over = other[y0 - down : y1 - down, x0 - right : x1 - right]
    return shared_ink(glyph[y0:y1, x0:x1], over, glyph, other)
