"""Photos to draw on: a folder of image files, decoded once per process.

Photos are told apart and ordered by sha256, so that neither their names nor the order of a
folder's listing reaches the pixels. Files that cannot be used are counted by reason.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from synth.draws import Draws
from textlines.errors import InputError
from textlines.files import files_below
from textlines.pixels.arrays import Image
from textlines.pixels.decode import ImageError, decode_image, read_bytes

SUFFIXES = frozenset(
    (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff", ".gif", ".ppm", ".jp2", ".avif")
)
"""A file with another ending is not opened; it is counted as `other_file`."""

BOUND_BYTES = 64 * 1024 * 1024
"""Of all decoded photos of one process together."""

_LEAST_PIXELS = 480 * 320
_LEAST_SIDE = 8


@dataclass(frozen=True, slots=True, order=True)
class Photo:
    """One usable photo: what it is (sha256 of the file), and where it lies on this machine."""

    sha256: str
    path: Path


@dataclass(frozen=True, slots=True)
class Listing:
    """What a folder holds; survives a process pool.

    Attributes:
        photos: the usable ones, by sha256, each content once.
        refused: by reason, the names (relative to the folder) of what is left out.
    """

    photos: tuple[Photo, ...]
    refused: Mapping[str, tuple[str, ...]]

    @property
    def tally(self) -> dict[str, int]:
        """Count what is left out by reason."""
        return {reason: len(names) for reason, names in self.refused.items()}


def _reduced(image: Image, most_pixels: int) -> Image:
    """Shrink to at most this many pixels; smaller ones stay as they are."""
    height, width = image.shape[:2]
    if height * width <= most_pixels:
        return image
    factor = (most_pixels / (height * width)) ** 0.5
    size = (max(_LEAST_SIDE, int(width * factor)), max(_LEAST_SIDE, int(height * factor)))
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA)


class PhotoBank:
    """Photos of a folder, cut to pieces.

    Args:
        folder: searched with all folders below it.
        listing: what an earlier bank of the same folder found (`PhotoBank.listing`): then no
            file is opened until it is drawn on.
        bound_bytes: of memory for decoded photos. Photos are shrunk to share it evenly, down to
            480 x 320 pixels; past that the least recently used are decoded again when drawn.

    Raises:
        InputError: the folder is not there or holds no usable photo; later, when one is drawn on
            that was read already: its content has changed.
    """

    def __init__(
        self, folder: Path, listing: Listing | None = None, bound_bytes: int = BOUND_BYTES
    ) -> None:
        self._held: OrderedDict[str, Image] = OrderedDict()
        self._held_bytes = 0
        self._bound = bound_bytes
        self.latest = ""
        """The sha256 of the photo that the latest crop was cut from."""
        self.listing = listing or self._survey(folder)
        if not self.listing.photos:
            reasons = ", ".join(f"{n} {reason}" for reason, n in self.listing.tally.items())
            raise InputError(
                str(folder),
                f"holds no usable photo ({reasons or 'no file at all'})",
                "Put JPEG, PNG or WebP photos there, or leave --backgrounds out.",
            )

    def __len__(self) -> int:
        return len(self.listing.photos)

    def identity(self) -> list[str]:
        """Return the photos' sha256, sorted."""
        return [photo.sha256 for photo in self.listing.photos]

    def _survey(self, folder: Path) -> Listing:
        if not folder.is_dir():
            raise InputError(
                str(folder), "is not a folder", "Name a folder of photos with --backgrounds."
            )
        files = files_below(folder)
        candidates = [path for path in files if path.suffix.lower() in SUFFIXES]
        share = self._share(len(candidates))
        refused: dict[str, list[str]] = {}
        usable: dict[str, Photo] = {}
        for path in files:
            reason = "other_file"
            if path.suffix.lower() in SUFFIXES:
                try:
                    # Read once for both: the file may lie on a network.
                    image, sha256 = _open(path)
                except ImageError as error:
                    reason = error.reason
                else:
                    reason = _fault(image, sha256 in usable)
                    if not reason:
                        usable[sha256] = Photo(sha256, path)
                        self._hold(sha256, _reduced(image, share))
                        continue
            refused.setdefault(reason, []).append(path.relative_to(folder).as_posix())
        return Listing(
            tuple(sorted(usable.values())),
            {reason: tuple(names) for reason, names in sorted(refused.items())},
        )

    def _share(self, count: int) -> int:
        """Return the pixels that one of `count` photos may take."""
        return max(_LEAST_PIXELS, self._bound // (3 * max(1, count)))

    def _hold(self, sha256: str, image: Image) -> None:
        self._held[sha256] = image
        self._held_bytes += image.nbytes
        while self._held_bytes > self._bound and len(self._held) > 1:
            _, oldest = self._held.popitem(last=False)
            self._held_bytes -= oldest.nbytes

    def _image(self, photo: Photo) -> Image:
        image = self._held.get(photo.sha256)
        if image is None:
            image, sha256 = _open(photo.path)
            if sha256 != photo.sha256:
                raise InputError(
                    str(photo.path),
                    "is another photo than when the folder was looked through",
                    "Leave photos as they are while a run draws on them.",
                )
            image = _reduced(image, self._share(self._candidates))
            self._hold(photo.sha256, image)
        else:
            self._held.move_to_end(photo.sha256)
        return image

    @property
    def _candidates(self) -> int:
        """Count the files that shared the memory when the folder was looked through."""
        others = sum(n for reason, n in self.listing.tally.items() if reason != "other_file")
        return len(self.listing.photos) + others

    def crop(self, height: int, width: int, draws: Draws) -> Image:
        """Cut a piece out of a photo, both chosen by `draws`; mirrored in half of the cases.

        Returns:
            height x width x 3 BGR uint8, new and contiguous; enlarged where the photo is too small.
        """
        photo = draws.pick(self.listing.photos)
        self.latest = photo.sha256
        image = self._image(photo)
        rows, columns = image.shape[:2]
        factor = min(1.0, rows / height, columns / width)
        cut_rows, cut_columns = max(1, int(height * factor)), max(1, int(width * factor))
        y = draws.whole(0, rows - cut_rows + 1)
        x = draws.whole(0, columns - cut_columns + 1)
        piece = image[y : y + cut_rows, x : x + cut_columns]
        mirrored = draws.chance(0.5)
        if (cut_rows, cut_columns) != (height, width):
            piece = cv2.resize(piece, (width, height), interpolation=cv2.INTER_LINEAR)
        return cv2.flip(piece, 1) if mirrored else np.array(piece, copy=True, order="C")


def _open(path: Path) -> tuple[Image, str]:
    """Read and decode a file; return the image and the sha256 of the file."""
    data = read_bytes(path)
    return decode_image(data, name=str(path)), hashlib.sha256(data).hexdigest()


def _fault(image: Image, is_known: bool) -> str:
    """Return why a decoded photo is left out; empty if it is not."""
    if is_known:
        return "same_content"
    return "too_small" if min(image.shape[:2]) < _LEAST_SIDE else ""
