"""`inference.yml` of a detector: what it says of prediction, read as paddleocr 3.x does; written.

`settings.py` says which of its values paddleocr listens to.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from textlines.errors import InputError
from textlines.files import read_text
from textlines.parsing import parse_yaml
from train.detection.settings import (
    KNOWN_NAMES,
    PUBLISHED,
    PredictionSettings,
    ScoreMode,
    limit_of_unknown,
)

_MEND = "Export the model again, or copy its inference.yml whole."

_FRACTION = re.compile(r"\s*([0-9.eE+-]+)\s*(?:/\s*([0-9.eE+-]+)\s*)?")


@dataclass(frozen=True, slots=True)
class DetectorConfiguration:
    """What belongs to a network.

    Attributes:
        model_name: under which paddleocr opens it.
        settings: as deployed.
        scale, mean, std: a channel goes in as (value x scale - mean) / std, in their order in BGR
            images (`is_rgb`: after they were made RGB).
    """

    model_name: str
    settings: PredictionSettings
    scale: float = 1 / 255
    mean: tuple[float, float, float] = (0.485, 0.456, 0.406)
    std: tuple[float, float, float] = (0.229, 0.224, 0.225)
    is_rgb: bool = False


def published_configuration(name: str) -> DetectorConfiguration:
    """Return the configuration of a network that comes without one, by its published name.

    A name that is none has the settings of `PP-OCRv4_mobile_det`, under which paddleocr opens it.
    """
    known = name if name in PUBLISHED else "PP-OCRv4_mobile_det"
    return DetectorConfiguration(known, PUBLISHED[known])


def read_configuration(path: Path) -> DetectorConfiguration:
    """Read an `inference.yml` as `paddleocr.TextDetection` does.

    Raises:
        InputError: it is broken, that of another kind of model, or asks for what is not read
            (a fixed size of the input).
    """
    text = read_text(path, "the configuration")
    content = parse_yaml(text, str(path), "the configuration", _MEND)
    try:
        name = str(content["Global"]["model_name"])
        after = content["PostProcess"]
        steps = _steps(content)
        if after["name"] != "DBPostProcess":
            raise InputError(
                str(path), f"is of no DB detector ({after['name']})", "Name a PP-OCR detector."
            )
        settings = _settings(path, name, _map(steps, "DetResizeForTest"), after)
        norm = _map(steps, "NormalizeImage")
        return DetectorConfiguration(
            name,
            settings,
            scale=_number(norm.get("scale", "1./255.")),
            mean=_three(norm.get("mean", (0.485, 0.456, 0.406))),
            std=_three(norm.get("std", (0.229, 0.224, 0.225))),
            is_rgb=_map(steps, "DecodeImage").get("img_mode", "BGR") == "RGB",
        )
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        kind = "" if isinstance(error, ValueError) else f"{type(error).__name__}: "
        raise InputError(
            str(path), f"is no configuration of a detector ({kind}{str(error)[:120]})", _MEND
        ) from error


def _steps(content: Any) -> dict[str, Any]:
    steps: dict[str, Any] = {}
    for step in content["PreProcess"]["transform_ops"]:
        steps.update(step)
    return steps


def _map(steps: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return the arguments of a step; none where it is missing or `null`, which is text here."""
    arguments = steps.get(name)
    return arguments if isinstance(arguments, dict) else {}


def _settings(path: Path, name: str, resize: Any, after: Any) -> PredictionSettings:
    """Make settings of what paddleocr listens to.

    Raises:
        InputError: it asks for what is not read.
    """
    if "image_shape" in resize or "input_shape" in resize:
        raise InputError(
            str(path),
            "asks for a fixed size of the input (DetResizeForTest: image_shape)",
            "Take that line out: PP-OCR's detectors see pages at their own shape.",
        )
    base = PredictionSettings()
    limit = resize.get("resize_long")
    if name in KNOWN_NAMES:
        side, kind = int(limit or base.limit_side_len), base.limit_type
    else:
        side, kind = limit_of_unknown(int(limit) if limit else None)
    mode: ScoreMode = after.get("score_mode", base.score_mode)
    return PredictionSettings(
        limit_side_len=side,
        limit_type=kind,
        thresh=float(after.get("thresh") or base.thresh),
        box_thresh=float(after.get("box_thresh") or base.box_thresh),
        unclip_ratio=float(after.get("unclip_ratio") or 2.0),
        use_dilation=_is_true(after.get("use_dilation", "false")),
        score_mode=mode,
        box_type=after.get("box_type", "quad"),
        max_candidates=int(after.get("max_candidates", base.max_candidates)),
    )


def _is_true(value: str) -> bool:
    """Read a truth value of YAML.

    Raises:
        ValueError: it is none.
    """
    told = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
    if value.lower() not in told:
        raise ValueError(f"use_dilation is {value!r}, neither true nor false")
    return told[value.lower()]


def _number(value: Any) -> float:
    """Read a number or a fraction ("1./255.").

    Raises:
        ValueError: it is none.
    """
    match = _FRACTION.fullmatch(str(value))
    if match is None:
        raise ValueError(f"{value!r} is no number")
    return float(match[1]) / float(match[2] or 1)


def _three(values: Any) -> tuple[float, float, float]:
    blue, green, red = map(float, values)
    return blue, green, red


def configuration_text(configuration: DetectorConfiguration) -> str:
    """Write an `inference.yml`.

    Its form is that of the published ones. The limit stands in it as `resize_long`, all that
    paddleocr listens to, and as `limit_side_len` and `limit_type`, for PaddleOCR's own tools.

    >>> text = configuration_text(published_configuration("PP-OCRv6_tiny_det"))
    >>> [line.strip() for line in text.splitlines()[-4:]]
    ['max_candidates: 3000', 'unclip_ratio: 1.4', 'use_dilation: false', 'score_mode: fast']
    """
    import yaml

    settings = configuration.settings
    shapes = {"x": [[1, 3, side, side] for side in (32, 736, 4000)]}
    content: dict[str, Any] = {
        "Global": {"model_name": configuration.model_name},
        "Hpi": {
            "backend_configs": {
                "paddle_infer": {"trt_dynamic_shapes": shapes},
                "tensorrt": {"dynamic_shapes": shapes},
            }
        },
        "PreProcess": {
            "transform_ops": [
                {
                    "DecodeImage": {
                        "channel_first": False,
                        "img_mode": "RGB" if configuration.is_rgb else "BGR",
                    }
                },
                {"DetLabelEncode": None},
                {
                    "DetResizeForTest": {
                        "resize_long": settings.limit_side_len,
                        "limit_side_len": settings.limit_side_len,
                        "limit_type": settings.limit_type,
                    }
                },
                {
                    "NormalizeImage": {
                        "mean": list(configuration.mean),
                        "std": list(configuration.std),
                        "scale": configuration.scale,
                        "order": "hwc",
                    }
                },
                {"ToCHWImage": None},
                {"KeepKeys": {"keep_keys": ["image", "shape", "polys", "ignore_tags"]}},
            ]
        },
        "PostProcess": {
            "name": "DBPostProcess",
            "thresh": settings.thresh,
            "box_thresh": settings.box_thresh,
            "max_candidates": settings.max_candidates,
            "unclip_ratio": settings.unclip_ratio,
            "use_dilation": settings.use_dilation,
            "score_mode": settings.score_mode,
        },
    }
    if settings.box_type != "quad":  # published ones do not say what is usual
        content["PostProcess"]["box_type"] = settings.box_type
    return str(yaml.dump(content, Dumper=yaml.SafeDumper, sort_keys=False))
