"""Detectors here and in `paddleocr.TextDetection`: the same boxes, on the same pages?

    python benchmarks/det_parity.py --data DATA [--pages 40] [--models NAME_OR_PATH ...]

DATA holds sets of pages as `<set>/<split>/Label.txt` beside their images. Each model is asked as
deployed, by onnxruntime and (an exported folder) by Paddle. paddleocr runs an exported folder by
Paddle without oneDNN, on one thread, and an ONNX file by its own onnxruntime engine. Prints, per
model and engine: pages, pages with identical boxes, pages with as many boxes, and over those the
largest difference of a corner in pixels and of a score.
"""

import argparse
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from shutil import copyfile
from typing import Any

import numpy as np
import numpy.typing as npt

from textlines.errors import InputError, UsageError
from textlines.labels.tally import Tally
from textlines.pixels.arrays import Image
from textlines.pixels.decode import read_image
from textlines.regions.page_file import read_pages
from train.detection.configuration import configuration_text
from train.detection.detector import Detector, Engine, open_detector
from train.models.model_sources import CONFIGURATION, DETECTORS
from train.reading.reference_engine import quiet_paddleocr

HEAD = (
    f"{'model':<24} {'engine':<8} {'pages':>5} {'boxes':>6} {'identical':>9} {'same count':>10} "
    f"{'corner':>7} {'score':>9}"
)


@dataclass(frozen=True, slots=True)
class Agreement:
    """How one page agrees. `corner` and `score` are differences, NaN where counts differ."""

    boxes: int
    same_count: bool
    corner: float
    score: float


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
    ours = detector.boxes(image)
    (result,) = other.predict([image], batch_size=1)
    theirs: npt.NDArray[np.float64] = np.array(result["dt_polys"], np.float64).reshape(-1, 4, 2)
    if len(ours) != len(theirs):
        return Agreement(len(theirs), False, np.nan, np.nan)
    if not ours:
        return Agreement(0, True, 0.0, 0.0)
    corners = np.array([box.polygon for box in ours])
    scores = np.array([box.score for box in ours])
    return Agreement(
        len(theirs),
        True,
        float(np.abs(corners - theirs).max()),
        float(np.abs(scores - np.array(result["dt_scores"])).max()),
    )


def pages_of(data: Path, most: int) -> list[Path]:
    """List the pages of all sets below a folder; of more than `most` every n-th."""
    found: list[Path] = []
    for labels in sorted(data.glob("*/*/Label.txt")):
        found += [page.image for page in read_pages(labels, tally=Tally())]
    return found[:: -(-len(found) // most)] if most else found


def row(name: str, engine: str, rows: Sequence[Agreement]) -> str:
    alike = [one for one in rows if one.same_count]
    identical = sum(one.corner == 0 for one in alike)
    corner = max((one.corner for one in alike), default=float("nan"))
    score = max((one.score for one in alike), default=float("nan"))
    boxes = sum(one.boxes for one in rows)
    return (
        f"{name:<24} {engine:<8} {len(rows):>5} {boxes:>6} {identical:>9} {len(alike):>10} "
        f"{corner:>7.1f} {score:>9.2g}"
    )


def opened(models: Sequence[str]) -> Iterator[tuple[Engine, Detector]]:
    engines: tuple[Engine, ...] = ("paddle", "onnx")
    for model in models:
        for engine in engines:
            try:
                detector = open_detector(model, engine=engine)
            except UsageError:
                continue  # an ONNX file is not run by Paddle
            except InputError as error:
                print(f"{model} {engine}: {error}", flush=True)
                continue
            yield engine, detector


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--pages", type=int, default=0, help="of all sets together; 0 takes all")
    parser.add_argument("--models", nargs="+", default=sorted(DETECTORS))
    args = parser.parse_args()
    pages = pages_of(args.data, args.pages)
    print(HEAD)
    for engine, detector in opened(args.models):
        with tempfile.TemporaryDirectory() as folder:
            other = reference(detector, Path(folder))
            rows = [agreement(detector, other, read_image(page)) for page in pages]
        print(row(detector.configuration.model_name, engine, rows), flush=True)


if __name__ == "__main__":
    main()
