"""Pages on which settings are tried: a network runs once a page and size, and never for the rest.

Maps are kept on disk, rounded to 1/65,535 and compressed: about a tenth of a megabyte for a page at
960 pixels. The regions of a map, which all ratios and box thresholds share, are kept in memory: a
hundred numbers a page.
"""

import zlib
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from textlines.defects import of_annotations
from textlines.labels.tally import Tally
from textlines.pixels.arrays import Image
from textlines.pixels.decode import ImageError, read_image
from textlines.progress import Watcher, unwatched
from textlines.regions.page_file import PageLabels, read_pages
from textlines.regions.polygons import Detected
from train.detection.detector import Detector
from train.detection.postprocessing import Candidate, ProbabilityMap, candidates, grown
from train.detection.settings import PredictionSettings

_LEVELS = 65_535

Size = tuple[int, int]
"""(height, width) in pixels."""


@dataclass(frozen=True, slots=True)
class SizedPage:
    """A labelled page whose image can be decoded.

    Attributes:
        size: of the image.
    """

    labels: PageLabels
    size: Size

    def image(self) -> Image:
        """Decode the page, H x W x 3 uint8, BGR, upright."""
        return read_image(self.labels.image)


def sized_pages(
    path: Path, tally: Tally, images: Path | None = None, watch: Watcher = unwatched
) -> list[SizedPage]:
    """Read a page label file, and look at each page.

    Args:
        path, images: as of `read_pages`.
        tally: grows by `of_annotations.PAGE_FILE`, and by pages that cannot be decoded.
    """
    pages = list(read_pages(path, tally=tally, images=images))
    found = []
    for done, page in enumerate(pages):
        watch(done, len(pages), "")
        try:
            height, width = read_image(page.image).shape[:2]
        except ImageError:
            tally.add(of_annotations.IMAGE_BROKEN, f"{page.place} ({page.path})")
            continue
        found.append(SizedPage(page, (height, width)))
    watch(len(pages), len(pages), "")
    return found


class TrialMaps:
    """Maps and regions of some pages by one detector."""

    def __init__(
        self, detector: Detector, pages: Sequence[SizedPage], folder: Path, workers: int = 1
    ) -> None:
        """Keep nothing yet.

        Args:
            folder: where maps are put; it is there.
            workers: pages whose maps are computed at once.
        """
        self.pages = pages
        self._detector, self._folder, self._workers = detector, folder, workers
        self._regions: dict[tuple[object, ...], list[Candidate]] = {}

    def compute(
        self,
        settings: PredictionSettings,
        numbers: Iterable[int],
        watch: Callable[[], None] = lambda: None,
    ) -> None:
        """Run the network on those of some pages whose map at this limit is not there.

        Args:
            watch: called after each page.
        """
        missing = [at for at in numbers if not self._file(at, settings).is_file()]

        def run(number: int) -> None:
            map_ = self._detector.probability(self.pages[number].image(), settings)
            levels = np.rint(map_ * _LEVELS).astype(np.uint16)
            self._file(number, settings).write_bytes(zlib.compress(levels.tobytes(), 1))

        with ThreadPoolExecutor(self._workers) as pool:
            for _ in pool.map(run, missing):
                watch()

    def boxes(self, number: int, settings: PredictionSettings) -> list[Detected]:
        """Return the boxes of a page; its map must have been computed."""
        page = self.pages[number]
        size = settings.input_size(*page.size)
        key = (
            number,
            size,
            settings.thresh,
            settings.use_dilation,
            settings.score_mode,
            settings.box_type,
            settings.max_candidates,
            settings.min_size,
        )
        if key not in self._regions:
            self._regions[key] = candidates(self._map(number, settings), settings)
        return grown(self._regions[key], settings, map_size=size, page_size=page.size)

    def _file(self, number: int, settings: PredictionSettings) -> Path:
        tall, wide = settings.input_size(*self.pages[number].size)
        return self._folder / f"{number}-{tall}x{wide}.map"

    def _map(self, number: int, settings: PredictionSettings) -> ProbabilityMap:
        size = settings.input_size(*self.pages[number].size)
        data = zlib.decompress(self._file(number, settings).read_bytes())
        levels = np.frombuffer(data, np.uint16).reshape(size)
        return levels.astype(np.float32) / np.float32(_LEVELS)
