"""Detectors here and in `paddleocr.TextDetection`: the same boxes, on the same pages?

    python benchmarks/det_parity.py --data DATA [--pages 40] [--models NAME ...] [--out ROWS]
        [--box-type poly]

DATA holds sets of pages as `<set>/<split>/Label.txt` beside their images. Each model is asked as
deployed, by onnxruntime and (an exported folder) by Paddle. paddleocr runs an exported folder by
Paddle without oneDNN, on one thread, and an ONNX file by its own onnxruntime engine. Prints, per
model and engine: pages, pages with identical boxes, pages with as many boxes, and over those the
largest difference of a corner in pixels and of a score.

`--out` keeps a row of JSON a page, written as soon as it is known: a call that is ended goes on
where it was, for the same networks and settings. Pages whose boxes are not identical hold both.
Remove the file once the code that finds boxes has changed.
"""

import argparse
import json
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from shutil import copyfile
from typing import Any, get_args

import numpy as np
import numpy.typing as npt

from textlines.errors import InputError, UsageError
from textlines.labels.tally import Tally
from textlines.pixels.arrays import Image
from textlines.pixels.decode import read_image
from textlines.regions.page_file import read_pages
from train.detection.configuration import configuration_text
from train.detection.detector import Detector, Engine, open_detector
from train.detection.settings import BoxType
from train.models.model_sources import CONFIGURATION, DETECTORS
from train.reading.reference_engine import quiet_paddleocr

HEAD = (
    f"{'model':<24} {'engine':<8} {'pages':>5} {'boxes':>6} {'identical':>9} {'same count':>10} "
    f"{'corner':>7} {'score':>9}"
)


Corners = npt.NDArray[np.float64]
"""Corners of a box, N x 2 in pixels of the page."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """How one page agrees.

    Attributes:
        boxes: that paddleocr finds.
        same_count: whether there are as many, each with as many corners.
        corner, score: the largest differences, in pixels and 0..1; None where counts differ.
        ours, theirs: the boxes of both, where they are not identical.
    """

    boxes: int
    same_count: bool
    corner: float | None
    score: float | None
    ours: list[Any] = field(default_factory=list)
    theirs: list[Any] = field(default_factory=list)


def reference(detector: Detector, folder: Path) -> Any:
    """Open the same network in paddleocr."""
    for file in detector.source.files:
        name = "inference.onnx" if file.suffix == ".onnx" else file.name
        copyfile(file, folder / name)
    text = configuration_text(detector.configuration)
    (folder / CONFIGURATION).write_text(text, encoding="utf-8")
    by = {"engine": "onnxruntime"} if detector.source.form == "onnx" else {"enable_mkldnn": False}
    return quiet_paddleocr("det_parity").TextDetection(
        model_name=detector.configuration.model_name,
        model_dir=str(folder),
        device="cpu",
        cpu_threads=1,
        **by,
    )


def agreement(detector: Detector, other: Any, image: Image) -> Agreement:
    """Ask both for the boxes of a page, H x W x 3 uint8, BGR."""
    found = detector.boxes(image)
    (result,) = other.predict([image], batch_size=1)
    return compared(
        [box.polygon for box in found],
        [box.score for box in found],
        [np.array(box, np.float64).reshape(-1, 2) for box in result["dt_polys"]],
        list(map(float, result["dt_scores"])),
    )


def compared(
    ours: Sequence[Corners],
    our_scores: Sequence[float],
    theirs: Sequence[Corners],
    their_scores: Sequence[float],
) -> Agreement:
    """Hold the boxes of a page against each other, in their order."""
    both = ([box.tolist() for box in ours], [box.tolist() for box in theirs])
    if list(map(len, ours)) != list(map(len, theirs)):
        return Agreement(len(theirs), False, None, None, *both)
    corner = max(
        (float(np.abs(one - other).max()) for one, other in zip(ours, theirs, strict=True)),
        default=0.0,
    )
    apart = np.abs(np.array(our_scores) - np.array(their_scores))
    score = float(apart.max(initial=0.0))
    return Agreement(len(theirs), True, corner, score, *(both if corner else ([], [])))


def pages_of(data: Path, most: int) -> list[Path]:
    """List the pages of all sets below a folder; of more than `most` every n-th."""
    found: list[Path] = []
    for labels in sorted(data.glob("*/*/Label.txt")):
        found += [page.image for page in read_pages(labels, tally=Tally())]
    return found[:: -(-len(found) // most)] if most else found


class Rows:
    """What is known of pages, in memory and, where a file is named, on disk."""

    def __init__(self, file: Path | None) -> None:
        """Read what an earlier call left. A last row that was cut off is dropped."""
        self._file, self._known = file, dict[str, Agreement]()
        if file is None or not file.is_file():
            return
        whole, mark, _ = file.read_bytes().rpartition(b"\n")
        if mark:
            for line in whole.splitlines():
                row = json.loads(line)
                key = row.pop("key")
                self._known[key] = Agreement(**row)
        os.truncate(file, len(whole) + len(mark))

    def get(self, key: str) -> Agreement | None:
        """Return what is known under a key."""
        return self._known.get(key)

    def put(self, key: str, found: Agreement) -> None:
        """Keep what was found; it is on disk when this returns."""
        self._known[key] = found
        if self._file is not None:
            with self._file.open("a", encoding="utf-8") as out:
                out.write(json.dumps({"key": key, **asdict(found)}) + "\n")


def asked(detector: Detector, engine: Engine) -> str:
    """Return what identifies a network with its settings, as run by an engine."""
    parts: Mapping[str, Any] = {
        "files": dict(detector.source.hashes()),
        "settings": asdict(detector.settings),
        "engine": f"{engine} {detector.name}",
    }
    return sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]


def agreements(
    detector: Detector, engine: Engine, pages: Sequence[Path], data: Path, rows: Rows
) -> list[Agreement]:
    """Hold a detector against paddleocr, page by page; what is known is not asked again."""
    keys = [f"{asked(detector, engine)} {page.relative_to(data).as_posix()}" for page in pages]
    missing = [at for at, key in enumerate(keys) if rows.get(key) is None]
    if missing:
        with tempfile.TemporaryDirectory() as folder:
            other = reference(detector, Path(folder))
            for at in missing:
                rows.put(keys[at], agreement(detector, other, read_image(pages[at])))
    return [found for key in keys if (found := rows.get(key)) is not None]


def row(name: str, engine: str, rows: Sequence[Agreement]) -> str:
    """Write the row of the table."""
    alike = [one for one in rows if one.same_count]
    identical = sum(one.corner == 0 for one in alike)
    corner = max((one.corner or 0.0 for one in alike), default=float("nan"))
    score = max((one.score or 0.0 for one in alike), default=float("nan"))
    boxes = sum(one.boxes for one in rows)
    return (
        f"{name:<24} {engine:<8} {len(rows):>5} {boxes:>6} {identical:>9} {len(alike):>10} "
        f"{corner:>7.1f} {score:>9.2g}"
    )


ENGINES: tuple[Engine, ...] = ("onnx", "paddle")


def opened(
    models: Sequence[str], engines: Sequence[Engine] = ENGINES
) -> Iterator[tuple[Engine, Detector]]:
    """Open each model by each engine that runs it; all by the first engine before the second."""
    for engine in engines:
        for model in models:
            try:
                detector = open_detector(model, engine=engine)
            except UsageError:
                continue  # an ONNX file is not run by Paddle
            except InputError as error:
                print(f"{model} {engine}: {error}", flush=True)
                continue
            yield engine, detector


def main() -> None:
    """Compare all models."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="folder of the sets")
    parser.add_argument("--pages", type=int, default=0, help="of all sets together; 0 takes all")
    parser.add_argument("--models", nargs="+", default=sorted(DETECTORS))
    parser.add_argument("--box-type", choices=get_args(BoxType), help="[default: as deployed]")
    parser.add_argument("--engines", nargs="+", choices=ENGINES, default=ENGINES)
    parser.add_argument("--out", type=Path, help="file of rows, to go on with")
    args = parser.parse_args()
    pages, rows = pages_of(args.data, args.pages), Rows(args.out)
    print(HEAD)
    for engine, detector in opened(args.models, args.engines):
        if args.box_type:
            settings = replace(detector.settings, box_type=args.box_type)
            detector = detector.with_settings(settings)
        found = agreements(detector, engine, pages, args.data, rows)
        print(row(detector.configuration.model_name, engine, found), flush=True)


if __name__ == "__main__":
    main()
