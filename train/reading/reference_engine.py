"""The reference: `paddleocr.TextRecognition`, one crop at a time, as a team runs it."""

import math
import os
import shutil
import weakref
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from threading import Lock
from typing import Any

from textlines.errors import InputError
from textlines.files import read_text
from textlines.installing import PADDLE, install_line
from textlines.labels.alphabet import Alphabet
from textlines.parsing import parse_yaml
from textlines.partials import scratch_folder
from textlines.pixels.arrays import Image
from train.models.configuration import configuration_text
from train.models.model_sources import CONFIGURATION, GRAPHS, PARAMETERS, ModelSource
from train.reading.conversion import check_parameters
from train.reading.ctc import BROKEN, Line
from train.reading.engine import Batching
from train.reading.onnx_session import without_telemetry

# By the number of entries; the name chooses nothing but what is looked for in `inference.yml`.
_NAMES = {6_623: "PP-OCRv4_mobile_rec", 18_383: "PP-OCRv5_mobile_rec"}
_OTHER_NAME = "PP-OCRv4_mobile_rec"


class ReferenceEngine:
    """Reads with PaddleOCR's own pipeline, from one thread at a time."""

    def __init__(
        self,
        source: ModelSource,
        alphabet: Alphabet,
        *,
        enable_mkldnn: bool = False,
        batch: int = 1,
    ) -> None:
        """Open an exported Paddle folder.

        A folder without `inference.yml` is copied to a temporary one that gets one.

        Args:
            enable_mkldnn: oneDNN's kernels; Paddle 3.3.1 fails with them on some graphs.

        Raises:
            InputError: paddleocr is not installed, the model is in another form, or its folder is
                not whole.
        """
        check_exported(source)
        paddleocr = quiet_paddleocr("--reference")
        check_parameters(source)
        folder = source.path
        if not (folder / CONFIGURATION).is_file():
            scratch = ExitStack()
            folder = with_configuration(source, alphabet, scratch.enter_context(scratch_folder()))
            weakref.finalize(self, scratch.close)
        self._reader: Any = paddleocr.TextRecognition(
            model_name=model_name_of(folder),
            model_dir=str(folder),
            enable_mkldnn=enable_mkldnn,
            device="cpu",
        )
        self.alphabet, self._place = alphabet, str(source.path)
        self.name = f"paddleocr {paddleocr.__version__} TextRecognition"
        self.batching = Batching(lines=batch, chunk=max(8, batch), is_parallel=False)
        self._lock = Lock()

    def prepare(self, image: Image) -> Image:
        """Leave the crop as it is: the pipeline resizes it."""
        return image

    def read(self, prepared: Sequence[Image]) -> list[Line]:
        """Read crops (H x W x 3 BGR)."""
        return self.predict(list(prepared))

    def predict(self, inputs: "list[Image] | list[str]") -> list[Line]:
        """Hand crops, or the names of their files, to the pipeline as they are.

        Raises:
            InputError: a line's score is no number.
        """
        with self._lock:
            results = list(self._reader.predict(inputs, batch_size=self.batching.lines))
        lines = [
            Line(result["rec_text"], round(float(result["rec_score"]), 6)) for result in results
        ]
        if not all(math.isfinite(line.score) for line in lines):
            raise InputError(self._place, "gives NaN or infinity in place of probabilities", BROKEN)
        return lines


def quiet_paddleocr(option: str) -> Any:
    """Import paddleocr so that it asks nobody anything.

    Args:
        option: that needs it, for the message.

    Raises:
        InputError: it is not installed.
    """
    # It would ask several hosts whether they can be reached.
    os.environ.setdefault("PADDLE_PDX_DISABLE_MODEL_SOURCE_CHECK", "True")
    without_telemetry()  # of what it may import
    try:
        import paddleocr
    except ImportError:
        raise InputError(
            option,
            "needs paddleocr, which is not installed",
            f"Run: {install_line('train', PADDLE)}",
        ) from None
    return paddleocr


def check_exported(source: ModelSource) -> None:
    """Check that a model is in the form that PaddleOCR opens.

    Raises:
        InputError: it is in another.
    """
    if source.form != "exported":
        raise InputError(
            str(source.path),
            "is no exported Paddle folder, which --reference needs",
            "Name the folder of inference.pdiparams, or read without --reference.",
        )


def with_configuration(source: ModelSource, alphabet: Alphabet, folder: Path) -> Path:
    """Copy an exported folder to `folder` and give it an `inference.yml`.

    Returns:
        The folder.
    """
    graph = next(source.path / name for name in GRAPHS if (source.path / name).is_file())
    shutil.copyfile(graph, folder / graph.name)
    shutil.copyfile(source.path / PARAMETERS, folder / PARAMETERS)
    text = configuration_text(
        _NAMES.get(len(alphabet.entries), _OTHER_NAME), list(alphabet.entries)
    )
    (folder / CONFIGURATION).write_text(text, encoding="utf-8", newline="\n")
    return folder


def model_name_of(folder: Path) -> str:
    """Read the name that an exported folder gives itself.

    Raises:
        InputError: its `inference.yml` has none.
    """
    path, mend = folder / CONFIGURATION, "Export the model again."
    content = parse_yaml(read_text(path, "the configuration"), str(path), "it", mend)
    try:
        return str(content["Global"]["model_name"])
    except (KeyError, TypeError, IndexError) as error:
        raise InputError(str(path), "holds no Global.model_name", mend) from error
