"""What is known of a crop without its label: readings of it and of its views, and its look.

A model that is sure of a misreading is rarely sure of it in every view: moved by some pixels,
drawn out or pressed together by a few per cent, the same crop lands otherwise on the time steps of
the network, and a reading that hangs by a thread changes. A second model errs elsewhere. Whatever
any of them reads is then held against all: how likely each finds each of the texts, all ways to
write it together. The score of a reading does not tell that: a character that is left out leaves
no trace in it.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from textlines.defects.of_readings import IMAGE_FAULTS
from textlines.formats.predictions import TURNS, Turn
from textlines.formats.rows import RowError, RowKind, refuse_keys, wrong
from textlines.pixels.arrays import Image
from textlines.pixels.decode import ImageError, read_image
from train.models.records import Turning
from train.reading.ctc import Line, emitted, nats_of, read_probabilities
from train.reading.engine import CtcEngine, by_width
from train.reading.turning import is_settled, surest, turned, turns_of

KIND = RowKind("the readings of the crops", "row of readings", "Remove the file and call again.")

SHIFT = 0.08
"""Of a crop's height: by so much it is moved in its views, its edge drawn out."""

NARROW, WIDE = 0.87, 1.15
"""To which its width is pressed together and drawn out."""

GRID = (17, 8)
"""Columns and rows to which a crop is shrunk for its fingerprint: 16 x 8 bits say where it gets
brighter from one column to the next (the difference hash of image search)."""


@dataclass(frozen=True, slots=True)
class ScoredText:
    """A text that was read, the mean of its characters' probabilities, and the least of them."""

    text: str
    score: float
    least: float


@dataclass(frozen=True, slots=True)
class CropReadings:
    """A crop, by its path from the folder of images on.

    Attributes:
        fault: why it could not be read, a code of `IMAGE_FAULTS`; then nothing else is known.
        turn: by which it was turned to be read; all readings are of the crop so turned.
        by_model: readings by the model: of the crop, then of its views.
        other: the reading of the crop by the second model; None without one.
        nats: for each text of these, how unlikely it is (minus the logarithm of its probability):
            to the model, in the mean over the views, and to the second one (0 without one).
        fingerprint: 128 bits, hexadecimal.
        look: light, contrast, colour and sharpness, 0..255 each.
        size: width and height in pixels, as it lies.
        stamp: of its file, as `stamp_of` gives it.
    """

    path: str
    fault: str = ""
    turn: Turn = 0
    by_model: tuple[ScoredText, ...] = ()
    other: ScoredText | None = None
    nats: tuple[tuple[str, float, float], ...] = ()
    fingerprint: str = ""
    look: tuple[int, ...] = ()
    size: tuple[int, int] = (0, 0)
    stamp: int = 0

    @property
    def text(self) -> str:
        """The model's reading."""
        return self.by_model[0].text if self.by_model else ""

    @property
    def score(self) -> float:
        """The mean probability of its characters, 0..1."""
        return self.by_model[0].score if self.by_model else 0.0


@dataclass(frozen=True, slots=True)
class Readers:
    """Who reads.

    Attributes:
        model, other: what reads, and a second model.
        views: whether the model reads views of each crop as well.
        turning: whether crops are read in their turns.
    """

    model: CtcEngine
    other: CtcEngine | None = None
    views: bool = True
    turning: Turning = "off"


def stamp_of(path: Path) -> int:
    """Return when a file was last changed, in nanoseconds: by a copy that keeps its time too.

    Raises:
        OSError: it is not there.
    """
    status = path.stat()
    return max(status.st_mtime_ns, status.st_ctime_ns)


def views_of(image: Image) -> list[Image]:
    """Return views of a crop that say the same.

    Args:
        image: H x W x 3 uint8; left as it is.
    """
    height, width = image.shape[:2]
    shift = max(1, round(SHIFT * height))

    def drawn_out(top: int, left: int, right: int) -> Image:
        drawn = cv2.copyMakeBorder(image, top, top, left, right, cv2.BORDER_REPLICATE)
        return np.asarray(drawn, np.uint8)

    def scaled(by: float) -> Image:
        method = cv2.INTER_AREA if by < 1 else cv2.INTER_LINEAR
        size = (max(8, round(width * by)), height)
        return np.asarray(cv2.resize(image, size, interpolation=method), np.uint8)

    return [drawn_out(0, shift, 0), drawn_out(shift, shift, shift), scaled(NARROW), scaled(WIDE)]


def fingerprint_of(image: Image) -> str:
    """Return the difference hash of a crop: near copies have all but some bits in common."""
    grey = cv2.resize(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), GRID, interpolation=cv2.INTER_AREA)
    bits = grey[:, 1:] > grey[:, :-1]
    return np.packbits(bits).tobytes().hex()


def look_of(image: Image) -> tuple[int, int, int, int]:
    """Return light, contrast, colour and sharpness of a crop, 0..255 each."""
    scale = 32 / image.shape[0]
    size = (max(8, round(image.shape[1] * scale)), 32)
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    grey = cv2.cvtColor(small, cv2.COLOR_BGR2GRAY)
    colour = small.max(axis=2).astype(np.int16) - small.min(axis=2)
    edges = cv2.Laplacian(grey, cv2.CV_16S)
    figures = (grey.mean(), 2 * grey.std(), colour.mean(), 4 * np.abs(edges).mean())
    light, contrast, colourful, sharp = (min(255, round(float(figure))) for figure in figures)
    return light, contrast, colourful, sharp


def gather(
    readers: Readers, paths: Sequence[str], images: Path, workers: int
) -> Iterator[list[CropReadings]]:
    """Look at crops and give what is known of them in their order, a chunk at a time.

    Args:
        paths: from `images` on. workers: threads.
    """
    chunks = [paths[at : at + CHUNK] for at in range(0, len(paths), CHUNK)]
    with ThreadPoolExecutor(workers, thread_name_prefix="collecting") as pool:
        # A few chunks ahead of whoever takes them: a million crops stay on the disk.
        for at in range(0, len(chunks), 2 * workers):
            ahead = chunks[at : at + 2 * workers]
            yield from pool.map(lambda chunk: _look_at(readers, chunk, images), ahead)


def _look_at(readers: Readers, paths: Sequence[str], images: Path) -> list[CropReadings]:
    known: dict[int, CropReadings] = {}
    crops: dict[int, Image] = {}
    stamps: dict[int, int] = {}
    for number, path in enumerate(paths):
        try:
            # Before it is read: what changes it meanwhile makes it be read again.
            with suppress(OSError):
                stamps[number] = stamp_of(images / path)
            crops[number] = read_image(images / path)
        except ImageError as error:
            known[number] = CropReadings(path, fault=error.reason)
    turns, first = _in_turns(readers, crops)
    upright = {number: turned(crop, turns[number]) for number, crop in crops.items()}
    by_model = {number: [first[number]] for number in crops}
    if readers.views:
        views = {number: views_of(crop) for number, crop in upright.items()}
        for number, several in _read_views(readers.model, views).items():
            by_model[number] += several
    other = _read(readers.other, upright) if readers.other else {}
    for number, crop in crops.items():
        rival = other.get(number)
        known[number] = CropReadings(
            paths[number],
            turn=turns[number],
            by_model=tuple(reading for reading, _ in by_model[number]),
            other=rival[0] if rival else None,
            nats=tuple(_nats(readers, by_model[number], rival)),
            fingerprint=fingerprint_of(upright[number]),
            look=look_of(upright[number]),
            size=(crop.shape[1], crop.shape[0]),
            stamp=stamps.get(number, 0),
        )
    return [known[number] for number in range(len(paths))]


Steps = npt.NDArray[np.float32]
"""T x classes: probabilities."""

CHUNK = 4
"""Crops that a thread looks at together: of each view all probabilities are kept until all are
read, 70 MB for short crops and 18,000 classes."""

MOST_NATS = 15.0
"""How unlikely a text counts at most: beyond it nothing more is said."""


def _nats(
    readers: Readers,
    by_model: Sequence[tuple[ScoredText, Steps]],
    other: tuple[ScoredText, Steps] | None,
) -> Iterator[tuple[str, float, float]]:
    readings = [*by_model, other] if other else by_model
    texts = list(dict.fromkeys(reading.text for reading, _ in readings))
    by_first = np.minimum(
        [nats_of(steps, texts, readers.model.alphabet) for _, steps in by_model], MOST_NATS
    ).mean(axis=0)
    by_other = np.zeros(len(texts))
    if other and readers.other:
        by_other = np.minimum(nats_of(other[1], texts, readers.other.alphabet), MOST_NATS)
    for text, model_nats, second_nats in zip(texts, by_first, by_other, strict=True):
        yield text, round(float(model_nats), 3), round(float(second_nats), 3)


def _in_turns(
    readers: Readers, crops: Mapping[int, Image]
) -> tuple[dict[int, Turn], dict[int, tuple[ScoredText, Steps]]]:
    """Read crops as they lie, and turned where that is not enough; keep the surest reading."""
    lying = _read(readers.model, crops)
    others = {
        (number, turn): turned(crop, turn)
        for number, crop in crops.items()
        if not is_settled(_line(lying[number][0]))
        for turn in turns_of(crop.shape[0], crop.shape[1], readers.turning)
        if turn
    }
    read = _read(readers.model, dict(enumerate(others.values())))
    of_crop: dict[int, dict[Turn, tuple[ScoredText, Steps]]] = {
        number: {0: reading} for number, reading in lying.items()
    }
    for at, (number, turn) in enumerate(others):
        of_crop[number][turn] = read[at]
    turns = {
        number: surest({turn: _line(reading) for turn, (reading, _) in several.items()})
        for number, several in of_crop.items()
    }
    return turns, {number: of_crop[number][turn] for number, turn in turns.items()}


def _line(reading: ScoredText) -> Line:
    return Line(reading.text, reading.score)


def _read_views(
    engine: CtcEngine, views: Mapping[int, Sequence[Image]]
) -> dict[int, list[tuple[ScoredText, Steps]]]:
    places = [(number, at) for number, several in views.items() for at in range(len(several))]
    read = _read(engine, {at: views[number][view] for at, (number, view) in enumerate(places)})
    by_crop: dict[int, list[tuple[ScoredText, Steps]]] = {number: [] for number in views}
    for at, (number, _) in enumerate(places):
        by_crop[number].append(read[at])
    return by_crop


def _read(engine: CtcEngine, crops: Mapping[int, Image]) -> dict[int, tuple[ScoredText, Steps]]:
    """Read crops, those of one padded width together."""
    prepared = {number: engine.prepare(crop) for number, crop in crops.items()}
    readings = {}
    for batch in by_width(prepared, engine.batching.lines):
        probabilities = engine.probabilities([prepared[number] for number in batch])
        lines = read_probabilities(probabilities, engine.alphabet, engine.network.place)
        for number, steps, line in zip(batch, probabilities, lines, strict=True):
            best = steps.argmax(axis=-1)
            kept = steps[emitted(best), best[emitted(best)]]
            least = round(float(kept.min()), 6) if kept.size else 0.0
            readings[number] = (ScoredText(line.text, line.score, least), steps)
    return readings


def row_of(crop: CropReadings) -> str:
    """Write what is known of a crop as a line of JSON, with its line feed."""
    row: dict[str, Any] = {"path": crop.path}
    if crop.fault:
        row["fault"] = crop.fault
    else:
        row |= {"turn": crop.turn} if crop.turn else {}
        row["own"] = list(map(_values, crop.by_model))
        row |= {"other": _values(crop.other)} if crop.other else {}
        row |= {"nats": crop.nats, "fingerprint": crop.fingerprint}
        row |= {"look": crop.look, "size": crop.size, "stamp": crop.stamp}
    return json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n"


def readings_of(content: Mapping[str, Any]) -> CropReadings:
    """Read what a line holds.

    Raises:
        RowError: it is no such row.
    """
    if "fault" in content:
        refuse_keys(dict(content), frozenset({"path", "fault"}))
        if content["fault"] not in IMAGE_FAULTS:
            raise wrong("fault", content["fault"], f"one of {', '.join(IMAGE_FAULTS)}")
        return CropReadings(str(content["path"]), fault=content["fault"])
    try:
        if content.get("turn", 0) not in TURNS:
            raise wrong("turn", content["turn"], f"one of {', '.join(map(str, TURNS))}")
        width, height = content["size"]
        return CropReadings(
            str(content["path"]),
            turn=content.get("turn", 0),
            by_model=tuple(_reading(*values) for values in content["own"]),
            other=_reading(*content["other"]) if "other" in content else None,
            nats=tuple(
                (str(text), float(model_nats), float(second_nats))
                for text, model_nats, second_nats in content["nats"]
            ),
            fingerprint=content["fingerprint"],
            look=tuple(map(int, content["look"])),
            size=(int(width), int(height)),
            stamp=int(content["stamp"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        if isinstance(error, RowError):
            raise
        raise RowError(f"no readings of a crop ({error})") from error


def _values(reading: ScoredText) -> list[Any]:
    return [reading.text, reading.score, reading.least]


def _reading(text: str, score: float, least: float) -> ScoredText:
    return ScoredText(str(text), float(score), float(least))
