"""Tuned settings as what deploys them: an `inference.yml`, and lines to paste."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from train.detection.configuration import DetectorConfiguration, configuration_text
from train.detection.settings import KNOWN_NAMES, PredictionSettings

MARK = "# Prediction settings of a detector, by `train det tune` of ocr-mend."
"""First line of the files that are written: only such a one is replaced."""


@dataclass(frozen=True, slots=True)
class Pasted:
    """How one program is told the settings.

    Attributes:
        program: its name. text: lines to paste.
    """

    program: str
    text: str


def tuned_yml(configuration: DetectorConfiguration) -> str:
    """Write the `inference.yml` that belongs beside the network."""
    return f"{MARK}\n{configuration_text(configuration)}"


def lines_to_paste(configuration: DetectorConfiguration, folder: Path) -> list[Pasted]:
    """Return what tells PaddleOCR 3.x the settings, program by program.

    Args:
        configuration: with the tuned settings.
        folder: of the model, with its `inference.yml` replaced.

    >>> from train.detection.configuration import published_configuration
    >>> configuration = published_configuration("PP-OCRv4_mobile_det")
    >>> for pasted in lines_to_paste(configuration, Path("det"))[:1]:
    ...     print(pasted.text)
    TextDetection(model_name="PP-OCRv4_mobile_det", model_dir="det", limit_side_len=960, \
limit_type="max", thresh=0.3, box_thresh=0.6, unclip_ratio=1.5)
    """
    name, values = configuration.model_name, _values(configuration.settings)
    module = ", ".join(f"{key}={value!r}".replace("'", '"') for key, value in values.items())
    pipeline = ", ".join(
        f"text_det_{key}={value!r}".replace("'", '"') for key, value in values.items()
    )
    flags = " ".join(f"--text_det_{key} {value}" for key, value in values.items())
    rows = "\n".join(f"    {key}: {value}" for key, value in values.items())
    place = folder.as_posix()
    return [
        Pasted(
            "Python, paddleocr.TextDetection",
            f'TextDetection(model_name="{name}", model_dir="{place}", {module})',
        ),
        Pasted(
            "Python, paddleocr.PaddleOCR",
            f'PaddleOCR(text_detection_model_name="{name}", '
            f'text_detection_model_dir="{place}", {pipeline})',
        ),
        Pasted(
            "paddleocr on the command line",
            f"paddleocr ocr -i PAGE.jpg "
            f"--text_detection_model_name {name} --text_detection_model_dir {place} {flags}",
        ),
        Pasted(
            "PaddleX, pipeline configuration",
            "SubModules:\n  TextDetection:\n"
            f"    model_name: {name}\n    model_dir: {place}\n{rows}\n"
            f"    max_side_limit: {configuration.settings.max_side_limit}",
        ),
    ]


def _values(settings: PredictionSettings) -> Mapping[str, int | float | str]:
    return {
        "limit_side_len": settings.limit_side_len,
        "limit_type": settings.limit_type,
        "thresh": settings.thresh,
        "box_thresh": settings.box_thresh,
        "unclip_ratio": settings.unclip_ratio,
    }


def deployment_notes(configuration: DetectorConfiguration) -> list[str]:
    """Return what one must mind: not every program listens to every value."""
    settings, notes = configuration.settings, []
    by_file = [
        f"{name}: {value}"
        for name, value, usual in (
            ("use_dilation", str(settings.use_dilation).lower(), "false"),
            ("score_mode", settings.score_mode, "fast"),
            ("box_type", settings.box_type, "quad"),
        )
        if value != usual
    ]
    if by_file:
        notes.append(
            f"paddleocr takes {' and '.join(by_file)} from inference.yml alone: copy it beside "
            "the network"
        )
    if settings.box_type == "poly":
        notes.append(
            "paddleocr.PaddleOCR puts boxes in order as quads and ends with an error on polygons: "
            "box_type poly is for paddleocr.TextDetection"
        )
    assumed = "max" if configuration.model_name in KNOWN_NAMES else "min"
    if settings.limit_type != assumed:
        notes.append(
            f"of limit_type {settings.limit_type} inference.yml cannot tell paddleocr, which takes "
            f"{assumed} for {configuration.model_name}: say it in the call"
        )
    if settings.max_side_limit != PredictionSettings().max_side_limit:
        notes.append("max_side_limit is heard in PaddleX's pipeline configuration alone")
    notes.append(
        "paddleocr.PaddleOCR takes limits and thresholds of its own (64, min, 0.3, 0.6, 1.5) for "
        "every detector unless it is told others"
    )
    return notes
