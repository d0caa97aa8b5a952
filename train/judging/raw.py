"""One prediction as a file holds it."""

from dataclasses import dataclass
from math import isfinite
from typing import Any, Literal

from textlines.labels.tally import Tally

Form = Literal["table", "infer_rec", "predict_rec", "printed", "res_json", "rapidocr"]

FORMS: dict[Form, str] = {
    "table": "table with a header (path, truth, prediction[, score])",
    "infer_rec": "output of PaddleOCR's tools/infer_rec.py",
    "predict_rec": "log of PaddleOCR's tools/infer/predict_rec.py",
    "printed": "what `res.print()` of PaddleOCR 3.x prints, one result a line",
    "res_json": "res.json of PaddleOCR 3.x",
    "rapidocr": "RapidOCR results as JSON",
}


@dataclass(frozen=True, slots=True)
class Prediction:
    """What was read in one image.

    Attributes:
        path: of the image, as the file writes it, with slashes.
        truth: None where the file does not say.
        score: 0..1; None where the file does not say.
        place: "file:line" or "file", for messages.
        is_stem: `path` is only a file name without its ending.
    """

    path: str
    text: str
    score: float | None
    place: str
    truth: str | None = None
    is_stem: bool = False


def read_score(value: Any, place: str, tally: Tally) -> float | None:
    """Read a score; what is none is counted and given up."""
    if value is None or value == "":
        return None
    try:
        score = float(value)
    except (TypeError, ValueError, OverflowError):
        score = -1.0
    # A sum of float32 probabilities may pass 1 by a hair.
    if isfinite(score) and 0 <= score <= 1.001:
        return min(score, 1.0)
    tally.add("bad_score", place)
    return None
