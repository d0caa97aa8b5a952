"""Grounds out of crops: the ink is painted over from around it, and the model sees nothing left."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import cv2
import numpy as np
from rapidfuzz.distance import Levenshtein

from synth.calibrate.crops import RealLine, RealLines
from synth.calibrate.ink import WORKING_HEIGHT, Mask, find_ink, working
from textlines.errors import InputError
from textlines.files import replacing_bytes
from textlines.line_reader import LineReader
from textlines.pixels.arrays import Image
from textlines.progress import Watcher, unwatched
from textlines.wording.counts import count_of

AGREED = 0.7
"""Of a line's text that must be read off the mask of its ink, for the mask to be painted over."""

LEFT_SCORE = 0.5
"""Score from which on what is read in a ground counts as readable."""

LEFT_LIKE = 0.34
"""Likeness to the line's own text from which on a reading of any score counts as its remains."""

_REACH = 5
"""Pixels of `WORKING_HEIGHT` around the ink that are painted over with it: its soft edge."""

_MOST_INK = 0.75
"""Share of a crop beyond which too little ground is left to paint from."""

_WIDTHS = (0.03, 0.06, 0.12, 0.25, 0.5)
"""Shares of a crop's height."""

_MOST_GRAIN = 24.0

REASONS: Mapping[str, str] = {
    "no_ink": "no ink could be told from the ground",
    "too_little_ground": "hardly any ground around the ink",
    "text_left": "text was still readable",
}


@dataclass(frozen=True, slots=True)
class Harvest:
    """What was written.

    Attributes:
        files: names in the folder. left_out: crops without a ground, by a key of `REASONS` or of
            what keeps crops from being read.
    """

    files: tuple[str, ...]
    left_out: dict[str, int]


def harvest(real: RealLines, reader: LineReader, out: Path, watch: Watcher = unwatched) -> Harvest:
    """Write a ground for each crop that gives one, as PNG, named by its content.

    Raises:
        InputError: no crop gives one.
    """
    left_out = dict(real.left_out)
    files: list[str] = []
    out.mkdir(parents=True, exist_ok=True)
    for done, line in enumerate(real.lines, 1):
        ground, why = ground_of(line, reader)
        if ground is None:
            left_out[why] = left_out.get(why, 0) + 1
        else:
            data = cv2.imencode(".png", ground)[1].tobytes()
            name = f"{sha256(data).hexdigest()[:16]}.png"
            with replacing_bytes(out / name) as file:
                file.write(data)
            files.append(name)
        watch(done, len(real.lines), f"{len(files)} grounds")
    if not files:
        reasons = ", ".join(f"{count} {REASONS.get(why, why)}" for why, count in left_out.items())
        raise InputError(
            "--crops",
            f"give no ground out of {count_of(len(real.lines), 'crop')} ({reasons})",
            "Name a model that reads these lines, or labels: --labels rec_gt.txt.",
        )
    return Harvest(tuple(sorted(set(files))), left_out)


def ground_of(line: RealLine, reader: LineReader) -> tuple[Image | None, str]:
    """Return a crop without its ink, of its own size; or None and a key of `REASONS`."""
    guess = find_ink([working(line.image)], [line.text], reader)[0]
    if guess is None or guess.agreement < AGREED:
        return None, "no_ink"
    mask = _covering(guess.mask, line.image)
    if mask.mean() > _MOST_INK:
        return None, "too_little_ground"
    ground = painted_over(line.image, mask)
    seen = reader.see([ground])[0]
    like = Levenshtein.normalized_similarity(line.text, seen.text)
    if seen.text.strip() and (seen.score >= LEFT_SCORE or like >= LEFT_LIKE):
        return None, "text_left"
    return ground, ""


def _covering(ink: Mask, image: Image) -> Mask:
    """Widen a mask of ink by its soft edge, and bring it to the size of the file."""
    height, width = image.shape[:2]
    around = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * _REACH + 1, 2 * _REACH + 1))
    wide = cv2.dilate(ink.astype(np.uint8), around)
    part = min(width, max(1, round(wide.shape[1] * height / WORKING_HEIGHT)))
    fitted = cv2.resize(wide, (part, height), interpolation=cv2.INTER_NEAREST)
    whole = np.zeros((height, width), np.uint8)
    whole[:, :part] = fitted
    mask: Mask = whole.astype(bool)
    return mask


def painted_over(image: Image, mask: Mask) -> Image:
    """Paint over a mask from its surroundings, with the grain of what is around it.

    Normalised convolution (Knutsson and Westin 1993) at several widths: the narrow ones say what is
    next to the edge of the mask, the wide ones how the light goes on behind it.

    Args:
        image: H x W x 3, left as it is. mask: H x W.
    """
    there = (~mask).astype(np.float32)
    values = image.astype(np.float32)
    whole, weight = np.zeros_like(values), np.full(mask.shape, 1e-6, np.float32)
    for share in _WIDTHS:
        sigma = max(1.0, share * image.shape[0])
        near = cv2.GaussianBlur(there, (0, 0), sigma)
        blurred = cv2.GaussianBlur(values * there[..., None], (0, 0), sigma)
        trust = near / sigma  # that of a narrow one is worth more, where it reaches at all
        whole += blurred / np.maximum(near, 1e-6)[..., None] * trust[..., None]
        weight += trust
    filled = whole / weight[..., None]
    grain = (values - cv2.GaussianBlur(values, (0, 0), 1.2))[~mask]
    if len(grain):
        draws = np.random.default_rng(int(mask.sum()))
        added = grain[draws.integers(0, len(grain), int(mask.sum()))]
        filled[mask] += np.clip(added, -_MOST_GRAIN, _MOST_GRAIN)
    ground: Image = image.copy()
    ground[mask] = np.clip(np.round(filled[mask]), 0, 255).astype(np.uint8)
    return ground
