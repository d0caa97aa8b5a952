"""The windows of a device with what they show and the words beside them, laid out on a page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from synth.draws import Draws
from synth.faces.font_face import Face
from synth.layout.aims import LineAim
from synth.layout.page_plan import PlannedPage, WordGroup, Wording
from synth.layout.plane import Rect, around
from synth.layout.scenes import Scene
from synth.layout.set_lines import SetLine, set_line
from synth.rendering.glyph_bitmaps import GlyphCache
from synth.rendering.looks import Looks
from synth.rendering.photos import PhotoBank

LEAST_WORD_PX, MOST_WORD_PX = 11.0, 160.0
"""Heights of printed words."""

STROKED_PX = 24.0
"""Height of a word from which on its strokes are worn or widened: effects are in pixels, and the
counters of small letters close."""

FITS = 0.88
"""Of the page's sides, that all blocks together take at most."""


@dataclass(frozen=True, slots=True)
class Kit:
    """What pages are drawn with in one process.

    Attributes:
        display, print: the scene's styles of displays and of print, bound.
        faces: by id. photos: to stand before; None without.
    """

    scene: Scene
    display: Looks
    print: Looks
    faces: Mapping[str, Face]
    glyphs: GlyphCache
    photos: PhotoBank | None


@dataclass(frozen=True, slots=True)
class Block:
    """A window, its digits and the words beside it, in pixels of one plane.

    Attributes:
        digits, words: lines with the x and y of their upper left corners.
    """

    window: Rect
    digits: tuple[SetLine, float, float]
    words: tuple[tuple[SetLine, float, float], ...] = ()

    @property
    def bounds(self) -> Rect:
        """Return the rectangle around all of it."""
        return around([self.window, *(rect_of(*word) for word in self.words)])

    def moved(self, dx: float, dy: float) -> "Block":
        """Return it moved."""
        line, x, y = self.digits
        words = tuple((word, a + dx, b + dy) for word, a, b in self.words)
        return Block(self.window.moved(dx, dy), (line, x + dx, y + dy), words)


def rect_of(line: SetLine, x: float, y: float) -> Rect:
    """Return where the ink of a line lies whose upper left corner is at x and y."""
    width, height = line.size
    return Rect(x, y, x + width, y + height)


class Words:
    """The words of a page, taken one after the other."""

    def __init__(self, kit: Kit, planned: PlannedPage) -> None:
        self._kit, self._left = kit, {name: list(words) for name, words in planned.words.items()}

    def take(self, group: WordGroup, ink_px: float, draws: Draws) -> SetLine | None:
        """Take the next word of a group and set it so high; None where all are taken."""
        left, kit = self._left.get(group), self._kit
        if not left:
            return None
        word = left.pop(0)
        size = min(max(ink_px, LEAST_WORD_PX), MOST_WORD_PX)
        return set_line(
            word.text,
            kit.faces[word.face],
            size,
            draws,
            kit.glyphs,
            style=kit.scene.print.text,
            stroke=kit.print.stroke if size >= STROKED_PX else (),
        )


@dataclass(frozen=True, slots=True)
class Arrangement:
    """How the windows of a device are arranged, drawn once for all of them.

    Attributes:
        windows: how many are wanted. share: height of the digits of the others by the main one's.
        lean_deg: of digits. places: unlit cells to the left of numbers.
        above, left, right: room around digits inside a window, as shares of their height.
        is_row: whether windows stand beside each other. between: room between them, as a share of
            the main window's height.
        main: the place of the main window among them.
    """

    windows: int
    share: float
    lean_deg: float
    places: int
    above: float
    left: float
    right: float
    is_row: bool
    between: float
    main: int


def draw_arrangement(most: int, draws: Draws) -> Arrangement:
    """Draw an arrangement of `most` windows at most."""
    windows = min(draws.pick((1, 1, 1, 2, 2, 3)), most)
    return Arrangement(
        windows=windows,
        share=draws.pick((1.0, 1.0, 0.6, 0.8)),
        lean_deg=draws.pick((0.0, 0.0, 0.0, 3.0, 6.0)),
        places=draws.pick((0, 0, 0, 1, 2, 3)),
        above=draws.span(0.1, 0.45),
        left=draws.span(0.12, 0.7),
        right=draws.span(0.1, 0.5),
        is_row=draws.chance(0.12),
        between=draws.span(0.3, 0.9),
        main=draws.whole(0, windows),
    )


def lay_blocks(
    kit: Kit,
    planned: PlannedPage,
    aim: LineAim,
    size: tuple[int, int],
    frame_px: float,
    draws: Draws,
) -> tuple[list[Block], Words]:
    """Lay out the windows of a device around the main one, whose digits are as high as aimed.

    What is too large for the page loses a window first, then its words, then shows the shortest of
    its texts, and only then loses height.

    Args:
        size: (width, height) of the page; all blocks together fit into it.
        frame_px: width of the frames around windows; words keep off them.

    Returns:
        The blocks, the main one first, in one plane whose origin is anywhere, and the words that
        are left.
    """
    width, height = size[0] * FITS, size[1] * FITS
    arranged, digit_px, has_words = draw_arrangement(len(planned.shown), draws), aim.height_px, True
    shown = planned.shown
    while True:
        words = Words(kit, planned)
        blocks = _windows(kit, shown, arranged, digit_px, draws)
        if not blocks:
            return [], words
        if has_words:
            blocks = [_with_words(block, words, frame_px, draws) for block in blocks]
        blocks = (
            _in_row(blocks, arranged, frame_px)
            if arranged.is_row
            else _stacked(blocks, arranged, frame_px)
        )
        bounds = around([block.bounds.grown(frame_px) for block in blocks])
        over = max(bounds.width / width, bounds.height / height)
        if over <= 1:
            main = min(arranged.main, len(blocks) - 1)
            return [blocks[main], *blocks[:main], *blocks[main + 1 :]], words
        if arranged.windows > 1:
            arranged = replace(arranged, windows=arranged.windows - 1)
        elif has_words:
            has_words = False
        elif len(shown) > 1:
            shown = (min(shown, key=lambda one: len(one.text)),)
        else:
            # Frames, whose width is not of the digits, take their share.
            digit_px /= over * 1.03


def _windows(
    kit: Kit, texts: Sequence[Wording], arranged: Arrangement, digit_px: float, draws: Draws
) -> list[Block]:
    """Lay out windows with their digits, each where it begins at 0; stacked ones of one width."""
    blocks: list[Block] = []
    main = min(arranged.main, arranged.windows - 1)
    for number, shown in enumerate(texts[: arranged.windows]):
        line = set_line(
            shown.text,
            kit.faces[shown.face],
            digit_px * (1.0 if number == main else arranged.share),
            draws,
            kit.glyphs,
            style=kit.scene.display.text,
            stroke=kit.display.stroke,
            lean_deg=arranged.lean_deg,
            places=arranged.places,
        )
        if line is None:
            continue
        wide, high = line.size
        left = (arranged.left + 0.62 * arranged.places) * high
        above = arranged.above * high
        window = Rect(0, 0, left + wide + arranged.right * high, high + 2 * above)
        blocks.append(Block(window, (line, left, above)))
    if arranged.is_row or not blocks:
        return blocks
    widest = max(block.window.width for block in blocks)
    same = []
    for block in blocks:
        # Windows of one device are of one width; numbers stand at their right ends.
        line, x, y = block.digits
        window = block.window._replace(x1=widest)
        same.append(Block(window, (line, x + widest - block.window.x1, y)))
    return same


def _with_words(block: Block, words: Words, frame_px: float, draws: Draws) -> Block:
    """Set a unit and a name beside a window, each on a side of its own."""
    window, high = block.window, block.digits[0].size[1]
    taken: list[tuple[SetLine, float, float]] = []
    used: set[str] = set()
    groups: tuple[tuple[WordGroup, float], ...] = (("unit", 0.75), ("name", 0.6))
    for group, share in groups:
        px = high * float(0.16 * (0.75 / 0.16) ** draws.unit())
        side = draws.weighted(SIDES, SIDE_SUMS)
        gap, at = frame_px + high * draws.span(0.1, 0.5), draws.pick((0.0, 0.5, 0.5, 1.0))
        if not draws.chance(share) or side in used:
            continue
        made = words.take(group, px, draws)
        if made:
            used.add(side)
            taken.append((made, *_beside(window, made, side, gap, at)))
    return replace(block, words=tuple(taken))


SIDES = ("below", "above", "right", "left")
SIDE_SUMS = (4, 7, 9, 10)
"""Where words stand beside a window, and the running sums of how often."""


def _beside(window: Rect, word: SetLine, side: str, gap: float, at: float) -> tuple[float, float]:
    """Return where a word stands beside a window, `at` of the way along that side (0..1)."""
    wide, high = word.size
    x = window.x0 + at * (window.width - wide)
    y = window.y0 + (window.height - high) / 2
    if side == "below":
        return x, window.y1 + gap
    if side == "above":
        return x, window.y0 - gap - high
    return (window.x1 + gap, y) if side == "right" else (window.x0 - gap - wide, y)


def _stacked(blocks: Sequence[Block], arranged: Arrangement, frame_px: float) -> list[Block]:
    """Set blocks one below the other, the right ends of their windows in line."""
    gap, y = blocks[0].window.height * arranged.between + 2 * frame_px, 0.0
    set_out: list[Block] = []
    for block in blocks:
        moved = block.moved(-block.window.x1, y - block.bounds.y0)
        set_out.append(moved)
        y = moved.bounds.y1 + gap
    return set_out


def _in_row(blocks: Sequence[Block], arranged: Arrangement, frame_px: float) -> list[Block]:
    """Set blocks beside each other, the feet of their windows in line."""
    gap, x = blocks[0].window.height * arranged.between + 2 * frame_px, 0.0
    set_out: list[Block] = []
    for block in blocks:
        moved = block.moved(x - block.bounds.x0, -block.window.y1)
        set_out.append(moved)
        x = moved.bounds.x1 + gap
    return set_out


def placed_on_page(blocks: Sequence[Block], aim: LineAim, page: Rect, draws: Draws) -> list[Block]:
    """Move blocks so that all lie on the page, the main digits where they are aimed at."""
    bounds = around([block.bounds for block in blocks])
    across, down = draws.unit(), draws.unit()
    inner = page.grown(-0.05 * page.width, -0.05 * page.height)
    dx = inner.x0 + (inner.width - bounds.width) * across - bounds.x0
    dy = inner.y0 + (inner.height - bounds.height) * down - bounds.y0
    if aim.spot is not None:
        x, y = rect_of(*blocks[0].digits).middle
        dx = page.x0 + aim.spot.x * page.width - x
        dy = page.y0 + aim.spot.y * page.height - y
        # The words beside it may lie beyond the page, the digits may not.
        main = rect_of(*blocks[0].digits)
        dx = min(max(dx, page.x0 - main.x0), page.x1 - main.x1)
        dy = min(max(dy, page.y0 - main.y0), page.y1 - main.y1)
    return [block.moved(dx, dy) for block in blocks]
