"""A training step of PaddleOCR's own code, from a checkout that is given.

Its training form: several branches a convolution, and the second head (NRTR or SAR) beside CTC,
with its losses and its Adam. Loading is left out, which favours it.
"""

import sys
from pathlib import Path
from typing import Any

import numpy as np
import paddle

CONFIGS = (
    "configs/rec/PP-OCRv4/PP-OCRv4_mobile_rec.yml",
    "configs/rec/PP-OCRv4/ch_PP-OCRv4_rec.yml",
)
LONGEST = 25
"""Characters of a label, as its configuration has it."""


class PaddleOcrStep:
    """Makes steps with random labels of 8 characters on one batch.

    Attributes:
        name: of the configuration.
    """

    def __init__(self, tree: Path, config: Path | None, classes: int, pixels: np.ndarray) -> None:
        """Build network, losses and optimizer.

        Args:
            classes: of the CTC head, blank and space included.
            pixels: N x 3 x 48 x W.

        Raises:
            SystemExit: the checkout holds none of the known configurations.
        """
        import yaml

        path = config or next((tree / one for one in CONFIGS if (tree / one).is_file()), None)
        if path is None:
            raise SystemExit(f"{tree} holds none of {', '.join(CONFIGS)}: --paddleocr-config FILE")
        sys.path.insert(0, str(tree.resolve()))
        from ppocr.losses import build_loss
        from ppocr.modeling.architectures import build_model

        content: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
        # As tools/train.py fills it in: the second head's classes have marks of their own.
        content["Architecture"]["Head"]["out_channels_list"] = {
            "CTCLabelDecode": classes,
            "SARLabelDecode": classes + 2,
            "NRTRLabelDecode": classes + 3,
        }
        self.name = path.name
        self._model: Any = build_model(content["Architecture"])
        self._model.train()
        self._loss: Any = build_loss(content["Loss"])
        self._adam = paddle.optimizer.Adam(
            1e-6, parameters=self._model.parameters(), weight_decay=3e-5
        )
        self._pixels = pixels
        self._batch = _labels(len(pixels), classes)

    def step(self) -> None:
        """Make one step."""
        images = paddle.to_tensor(self._pixels)
        loss = self._loss(self._model(images, data=self._batch), [images, *self._batch])["loss"]
        loss.backward()
        self._adam.step()
        self._adam.clear_grad()


def _labels(count: int, classes: int, length: int = 8) -> list[paddle.Tensor]:
    """Make labels for both heads, lengths and widths, in the order of PaddleOCR's batches."""
    random = np.random.default_rng(0)
    ids = random.integers(1, classes, (count, length))
    ctc = np.zeros((count, LONGEST), np.int64)
    ctc[:, :length] = ids
    second = np.zeros((count, LONGEST), np.int64)
    second[:, 0], second[:, 1 : length + 1], second[:, length + 1] = 2, ids + 3, 3
    lengths = np.full(count, length, np.int64)
    return [paddle.to_tensor(one) for one in (ctc, second, lengths, np.ones(count, np.float64))]
