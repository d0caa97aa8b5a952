"""Lines as a recognizer sees them: what its last layer decides from, averaged over the line."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from textlines.errors import InputError
from textlines.labels.alphabet import Alphabet
from textlines.line_reader import Features, SeenLine
from textlines.pixels.arrays import Image
from textlines.pixels.resize import STRIDE, network_batch, to_recognizer
from train.reading.ctc import read_probabilities
from train.reading.engine import CtcEngine, batch_of
from train.reading.engine_networks import OnnxNetwork
from train.reading.model_opening import open_model
from train.reading.onnx_session import open_session

_PASSED = frozenset(("Softmax", "Identity", "Cast", "Add", "Reshape"))
"""Between the scores of a graph and the product that makes them."""

_ROUNDED = 32
"""Pixels that the width of a line is rounded up to: networks halve it several times."""

_PRODUCTS = frozenset(("MatMul", "Gemm"))


class FeatureReader:
    """Reads lines by a graph, and says what its last layer decided from.

    Attributes: as in `LineReader`.
    """

    def __init__(self, name: str, graph: Path, alphabet: Alphabet) -> None:
        """Open a graph once more, with the input of its last layer as a second output.

        Raises:
            InputError: its last layer is no product of features and weights.
        """
        self.name, self._place, self._alphabet = name, str(graph), alphabet
        self.characters: frozenset[str] | None = frozenset(alphabet.characters)
        self._session = open_session(graph, "", second_output=last_features)
        self._input = self._session.get_inputs()[0].name
        self._outputs = [value.name for value in self._session.get_outputs()]

    def see(self, images: Sequence[Image]) -> list[SeenLine]:
        """Read lines one by one: a line costs least alone, and depends on itself alone."""
        return [self._see(image) for image in images]

    def _see(self, image: Image) -> SeenLine:
        crop = to_recognizer(image)
        shares = self._session.run(self._outputs[:1], {self._input: batch_of([crop])})[0]
        line = read_probabilities(shares, self._alphabet, self._place)[0]
        return SeenLine(line.text, line.score, self._features(crop))

    def features(self, images: Sequence[Image]) -> Features:
        """Return lines x D."""
        rows = [self._features(to_recognizer(image)) for image in images]
        return np.stack(rows) if rows else np.zeros((0, 0), np.float32)

    def _features(self, crop: Image) -> Features:
        width = -(-crop.shape[1] // _ROUNDED) * _ROUNDED
        line = network_batch([crop], width)
        features: Features = self._session.run(self._outputs[1:], {self._input: line})[0][0]
        steps = max(1, min(len(features), -(-crop.shape[1] // STRIDE)))
        pooled: Features = features[:steps].mean(axis=0)
        return pooled


def last_features(graph: Any, place: str) -> str:
    """Return the name of what a graph's last layer multiplies by its weights.

    Args:
        graph: an ONNX GraphProto, whose first output is the probabilities of classes.

    Raises:
        InputError: between them and the product stands something else.
    """
    makers = {output: node for node in graph.node for output in node.output}
    constants = {weight.name for weight in graph.initializer}
    at = graph.output[0].name
    while at in makers:
        node = makers[at]
        moving = [name for name in node.input if name in makers and name not in constants]
        if node.op_type in _PRODUCTS:
            return str(node.input[0])
        if node.op_type not in _PASSED or not moving:
            break
        at = moving[0]
    raise InputError(
        place,
        "ends in something else than a product of features and weights",
        "Name a recognizer with a CTC head.",
    )


def open_reader(model: str) -> FeatureReader:
    """Open a model as `train evaluate` does, on the CPU.

    Raises:
        InputError: there is no such model, or it is none that can be looked into.
    """
    opened = open_model(model, engine="onnx")
    engine = opened.engine
    assert isinstance(engine, CtcEngine) and isinstance(engine.network, OnnxNetwork)
    return FeatureReader(opened.source.name, Path(engine.network.place), engine.alphabet)
