"""Do two forms of a detector give the same maps, and the same boxes?

Float32 stays no exact yardstick: on real pages PP-OCRv6 tiny is up to 1.3e-3 from its float64 maps
in Paddle, which sums the mean of a feature map as it goes, and 3.0e-4 in onnxruntime; on noise
5.5e-3. PP-OCRv4 is 8.1e-5 and 4.8e-5 from its own. So a page on which two forms differ by more
than the tolerance is settled in float64: they may be apart there by some times what rounding alone
moves the network by, as Paddle computes it, and never by more than `MOST_APART`. How many pages
needed that is counted and told.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np

from textlines.defects import of_annotations
from textlines.errors import InputError
from textlines.formats.rendered import RenderedImages
from textlines.labels.tally import Tally
from textlines.pixels.arrays import Image
from textlines.pixels.decode import ImageError, read_image
from textlines.progress import Watcher, unwatched
from textlines.regions import Detected
from textlines.regions.page_file import label_file_of, read_pages
from train.detection.detector import Detector
from train.detection.map_networks import MapNetwork, Prepared
from train.detection.postprocessing import ProbabilityMap, boxes_of
from train.weights.parity import ROUNDING_FACTOR
from train.weights.probe_lines import spread

MOST_PAGES = 16
"""Of a label file, that maps are compared on."""

MOST_SIDE = 1280
"""In pixels, of what the networks see of a page here. Larger pages tell nothing more, and take
gigabytes in float64."""

MOST_APART = 0.02
"""Between two probabilities of a pixel, however much rounding moves the network."""

SAME_CORNER_PX = 1.0
"""Corners are whole pixels of the page: one that was near a half may be rounded to either side."""

_TEXTS = ("TOTAL 1,290.50", "Invoice No. 4711/B", "0.52 kWh", "aA bB iI1l", "(incl. VAT 19%)")


@dataclass(frozen=True, slots=True)
class ProbePage:
    """A page that forms are compared on.

    Attributes:
        name: for messages. image: H x W x 3 uint8, BGR, upright.
        file: that it was read from; None for one that was drawn here.
        is_rendered: whether it was drawn by a program, as far as its folder says.
    """

    name: str
    image: Image
    file: Path | None = None
    is_rendered: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MapParity:
    """How near two forms of a detector are.

    Attributes:
        of: which two, in words.
        pages: that both have seen.
        largest: difference of a pixel's probability.
        tolerance: what `largest` may be, but on pages that float32 rounding moves by more.
        beyond: how many such pages there are.
        boxes: that the first finds.
        same_boxes: of them, those that the second finds with the same corners.
        ties: boxes of either without such a partner: a pixel or a score lies nearer to its
            threshold than the maps are to each other.
    """

    of: str
    pages: int
    largest: float
    tolerance: float
    beyond: int
    boxes: int
    same_boxes: int
    ties: int


def fixed_pages() -> Sequence[ProbePage]:
    """Draw pages of text, of noise and of nothing, of several sizes; the same bytes every time."""
    rng = np.random.default_rng(32)
    pages = []
    for height, width, scale in ((320, 480, 0.9), (736, 544, 1.1), (96, 640, 1.4)):
        image = np.full((height, width, 3), 235, np.uint8)
        for at, y in enumerate(range(60, height, int(70 * scale))):
            text = _TEXTS[at % len(_TEXTS)]
            corner = (20 + 30 * (at % 3), y)
            cv2.putText(image, text, corner, cv2.FONT_HERSHEY_SIMPLEX, scale, (30, 20, 20), 2)
        pages.append(ProbePage(f"drawn page, {width} x {height}", image))
    noise = rng.integers(0, 256, (256, 384, 3), np.uint8)
    pages.append(ProbePage("noise, 384 x 256", noise))
    pages.append(ProbePage("blank page, 200 x 300", np.full((300, 200, 3), 250, np.uint8)))
    return pages


def real_pages(
    labels: Path, images: Path | None, tally: Tally, most: int = MOST_PAGES
) -> Sequence[ProbePage]:
    """Read up to `most` pages of a label file, spread evenly over it.

    Pages whose image cannot be read are counted in `tally` and replaced by none.

    Raises:
        InputError: the label file cannot be read, or none of these pages can.
    """
    listed = list(read_pages(labels, tally=tally, images=images))
    pages, rendered = [], RenderedImages()
    for page in spread(listed, most):
        root = page.image.parents[page.path.count("/")]
        try:
            image = read_image(page.image)
            is_rendered = rendered.find(page.path, root) is not None
            pages.append(ProbePage(page.path, image, page.image, is_rendered))
        except ImageError as error:
            tally.add(of_annotations.IMAGE_BROKEN, f"{page.place} ({error.what})")
    if not pages:
        raise InputError(
            str(label_file_of(labels)),
            "holds no page that can be compared on"
            + (f" ({'; '.join(map(str, told))})" if (told := tally.lines()) else ""),
            "Is --images right? Name a page label file whose images can be decoded.",
        )
    return pages


class Rounding:
    """What float32 moves a network by on a page, measured by Paddle when it is first asked.

    The functions return a map for a prepared page; they are made when they are needed.
    """

    def __init__(
        self,
        single: Callable[[], Callable[[Prepared], ProbabilityMap]],
        double: Callable[[], Callable[[Prepared], ProbabilityMap]],
    ) -> None:
        self._make = (single, double)
        self._made: list[Callable[[Prepared], ProbabilityMap]] = []

    def of(self, prepared: Prepared) -> float:
        """Return the largest difference between the maps in float32 and in float64."""
        if not self._made:
            self._made = [make() for make in self._make]
        single, double = (compute(prepared) for compute in self._made)
        return _difference(single, double)


def compare_maps(
    of: str,
    first: MapNetwork,
    second: MapNetwork,
    pages: Sequence[ProbePage],
    detector: Detector,
    rounding: Rounding,
    *,
    tolerance: float,
    watch: Watcher = unwatched,
) -> MapParity:
    """Let two forms of a detector see pages, and measure how far they are apart.

    Args:
        detector: prepares the pages; its settings say at which size, and how maps become boxes.

    Raises:
        InputError: their maps differ by more than what rounding explains; names the page.
    """
    detector = seeing_at_most(detector)
    settings = detector.settings
    largest, beyond, boxes, same, ties = 0.0, 0, 0, 0, 0
    for done, page in enumerate(pages, 1):
        prepared = detector.prepared(page.image, settings)
        one, other = first.map_of(prepared), second.map_of(prepared)
        if one.shape != other.shape:
            raise _apart(of, page, f"gives a map of {other.shape}, the first of {one.shape}")
        difference = _difference(one, other)
        # Not "> tolerance": NaN must not pass.
        if not difference <= tolerance:
            limit = min(MOST_APART, max(tolerance, ROUNDING_FACTOR * rounding.of(prepared)))
            if not difference <= limit:
                raise _apart(of, page, f"differs by {difference:.2g}, more than {limit:.2g}")
            beyond += 1
        largest = max(largest, difference)
        size = (page.image.shape[0], page.image.shape[1])
        found = [boxes_of(map_, settings, size) for map_ in (one, other)]
        pairs = _same_boxes(*found)
        boxes, same = boxes + len(found[0]), same + pairs
        ties += sum(map(len, found)) - 2 * pairs
        watch(done, len(pages), "")
    return MapParity(
        of=of,
        pages=len(pages),
        largest=largest,
        tolerance=tolerance,
        beyond=beyond,
        boxes=boxes,
        same_boxes=same,
        ties=ties,
    )


def seeing_at_most(detector: Detector, side: int = MOST_SIDE) -> Detector:
    """Return a detector that sees no page larger than `side`, in pixels."""
    settings = detector.settings
    most = min(settings.max_side_limit, side)
    return detector.with_settings(replace(settings, max_side_limit=most))


def _difference(one: ProbabilityMap, other: ProbabilityMap) -> float:
    return float(np.abs(one.astype(np.float64) - other).max())


def _same_boxes(first: Sequence[Detected], second: Sequence[Detected]) -> int:
    """Count the pairs of boxes with the same corners; a box is in one pair at most."""
    left = list(second)
    pairs = 0
    for box in first:
        for at, other in enumerate(left):
            is_alike = len(box.polygon) == len(other.polygon)
            if is_alike and np.abs(box.polygon - other.polygon).max() <= SAME_CORNER_PX:
                del left[at]
                pairs += 1
                break
    return pairs


def _apart(of: str, page: ProbePage, what: str) -> InputError:
    return InputError(
        f"parity of {of}",
        f"on {page.name} the second {what}",
        "They are not the same detector, so nothing was written: report the model.",
    )
