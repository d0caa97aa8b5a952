"""A detector as it is deployed: from a page to the boxes of its text lines."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Literal

import cv2
import numpy as np
import numpy.typing as npt

from textlines.errors import InputError, UsageError
from textlines.files import sha256_of
from textlines.installing import install_line, missing_modules
from textlines.pixels.arrays import Image
from textlines.regions.polygons import Detected
from train.detection.configuration import (
    DetectorConfiguration,
    published_configuration,
    read_configuration,
)
from train.detection.map_networks import MapNetwork, OnnxMaps, PaddleMaps, Prepared
from train.detection.postprocessing import ProbabilityMap, boxes_of
from train.detection.settings import LEAST_SIDES, STRIDE, PredictionSettings
from train.models.model_sources import CONFIGURATION, Form, ModelSource, resolve
from train.models.records import own_onnx
from train.networks.devices import DeviceChoice
from train.reading.conversion import converted

Engine = Literal["auto", "onnx", "paddle"]
"""What computes. auto: onnxruntime; it runs exported folders too, once they are converted."""


class Detector:
    """A network with its settings. Several threads may ask at once.

    Attributes:
        configuration: that it came with; `settings` are those of it.
    """

    def __init__(
        self, network: MapNetwork, configuration: DetectorConfiguration, source: ModelSource
    ) -> None:
        self.network, self.configuration, self.source = network, configuration, source

    @property
    def settings(self) -> PredictionSettings:
        """The settings as deployed: those of its `inference.yml`, or of its published name."""
        return self.configuration.settings

    def with_settings(self, settings: PredictionSettings) -> "Detector":
        """Return the same network with other settings in the place of those as deployed."""
        return Detector(self.network, replace(self.configuration, settings=settings), self.source)

    @property
    def name(self) -> str:
        """What computes, with its version."""
        return self.network.name

    def hashes(self) -> Mapping[str, str]:
        """Return sha256 of the model's files, and of the configuration that it was opened with."""
        found = dict(self.source.hashes())
        if self.source.dictionary is not None:
            found[self.source.dictionary.name] = sha256_of(self.source.dictionary)
        return found

    def boxes(self, image: Image, settings: PredictionSettings | None = None) -> list[Detected]:
        """Find the text lines of a page, in the order of `paddleocr.TextDetection`.

        Args:
            image: H x W x 3 uint8, BGR, upright. Left as it is.
            settings: None takes those as deployed.

        Returns:
            Quads or polygons, as the settings say, in whole pixels of the page with their scores;
            quads from the upper left clockwise.
        """
        settings = settings or self.settings
        height, width = image.shape[:2]
        return boxes_of(self.probability(image, settings), settings, (height, width))

    def probability(
        self, image: Image, settings: PredictionSettings | None = None
    ) -> ProbabilityMap:
        """Return how likely each pixel of the page, at the size that the limit gives, is text."""
        return self.network.map_of(self.prepared(image, settings or self.settings))

    def prepared(self, image: Image, settings: PredictionSettings) -> Prepared:
        """Scale a page to the size that the limit gives, and normalise it."""
        height, width = image.shape[:2]
        tall, wide = settings.input_size(height, width)
        if height + width < LEAST_SIDES:
            ground = np.zeros((max(STRIDE, height), max(STRIDE, width), 3), np.uint8)
            ground[:height, :width] = image
            image = ground
        if image.shape[:2] != (tall, wide):
            image = cv2.resize(image, (wide, tall), interpolation=cv2.INTER_LINEAR)
        return normalised(image, self.configuration)[None]


def normalised(image: Image, how: DetectorConfiguration) -> npt.NDArray[np.float32]:
    """Return what a network takes in of an image: 3 x H x W.

    In the order and precision of paddlex, so that maps are the same to the last bit.

    Args:
        image: H x W x 3 uint8, BGR; left as it is.
    """
    if how.is_rgb:
        image = image[..., ::-1]
    scales = np.array([how.scale / std for std in how.std], np.float32)
    shifts = np.array(
        [-mean / std for mean, std in zip(how.mean, how.std, strict=True)], np.float32
    )
    values = image.astype(np.float32)
    values *= scales
    values += shifts
    return np.ascontiguousarray(values.transpose(2, 0, 1))


def open_detector(model: str, *, device: DeviceChoice = "cpu", engine: Engine = "auto") -> Detector:
    """Open a detector.

    Args:
        model: a published name (`PP-OCRv5_mobile_det`), an exported folder, an .onnx file or the
            folder of one. An `inference.yml` beside the network says how it predicts; without
            one, its name does, and `PP-OCRv4_mobile_det` for any other.
        device: detectors are computed on the CPU; auto is that.
        engine: "paddle" runs an exported folder as paddleocr runs it.

    Raises:
        InputError: there is no such model, it is broken or no detector, or pyclipper, which grows
            boxes, is not installed.
        UsageError: a GPU is asked for, or Paddle for an ONNX file.
    """
    if device == "gpu":
        raise UsageError(
            "--device gpu", "detectors are computed on the CPU", "Leave it away, or say cpu."
        )
    if missing_modules("pyclipper"):
        raise InputError(
            "pyclipper", "grows boxes and is not installed", f"Run: {install_line('detect')}"
        )
    wanted: Form = "exported" if engine == "paddle" else "onnx"
    source = resolve(model, wanted, role="detector")
    configuration = _configuration(source, model)
    return Detector(_network(source, engine), configuration, source)


def _configuration(source: ModelSource, model: str) -> DetectorConfiguration:
    folder = source.path if source.path.is_dir() else source.path.parent
    if (folder / CONFIGURATION).is_file():
        return read_configuration(folder / CONFIGURATION)
    return published_configuration(Path(model).stem if source.form == "onnx" else source.name)


def graph_file(source: ModelSource) -> Path:
    """Return the ONNX file of a detector; an exported folder without one of its own is converted.

    Raises:
        InputError: it cannot be converted.
    """
    if source.form == "onnx":
        return source.path
    return own_onnx(source) or converted(source)


def _network(source: ModelSource, engine: Engine) -> MapNetwork:
    """Open the network of a source.

    Raises:
        UsageError: the engine does not run its form.
    """
    if source.form == "onnx" and engine != "paddle":
        return OnnxMaps(source.path)
    if source.form == "exported":
        return PaddleMaps(source) if engine == "paddle" else OnnxMaps(graph_file(source))
    needed = "an exported Paddle folder" if engine == "paddle" else "an exported folder or ONNX"
    raise UsageError(str(source.path), f"is no detector that {engine} runs", f"Name {needed}.")
