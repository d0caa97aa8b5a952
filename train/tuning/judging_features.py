"""Stopping lines read from the features of a backbone that stays: a tenth of reading them whole."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import numpy.typing as npt

from textlines.labels.alphabet import Alphabet
from textlines.pixels.arrays import Image
from train.reading.ctc import Line, Probabilities, read_probabilities
from train.reading.engine import batch_of
from train.reading.engine_networks import ON_CPU
from train.tuning.graph import FeatureReader, HeadReader
from train.tuning.judging import StopSet, lines_of
from train.tuning.ranks import Ranks

MOST_BYTES = 1 << 29
"""Of features in memory; larger sets are read whole each time."""

Features = dict[int, npt.NDArray[np.float32]]
"""1 x C x T of each crop, by the identity of its image, which the sets hold as long as this."""


def features_of(
    reader: FeatureReader,
    sets: Sequence[StopSet],
    workers: int,
    channels: int,
    known: Features | None = None,
    ranks: Ranks | None = None,
) -> Features | None:
    """Compute the features of all crops, in all their turns; None where they would not fit.

    Args:
        ranks: who shares the lines: those of this process are computed, and whether all fit is
            one answer in all of them. None for this process alone.
        reader: of the base model. channels: of its features.
        known: of crops of these sets, from an earlier call; they are not computed again.
    """
    known = known or {}
    sharing, lines = ranks or Ranks(), lines_of(sets)
    every = [crop for line in lines for crop in line.crops.values()]
    room = MOST_BYTES * sharing.world
    if sum(max(crop.shape[1], 320) // 8 * channels * 4 for crop in every) > room:
        return None
    crops = [crop for line in sharing.share(lines) for crop in line.crops.values()]
    left = [crop for crop in crops if id(crop) not in known]
    with ThreadPoolExecutor(workers, thread_name_prefix="judging") as pool:
        found = pool.map(lambda crop: reader.read(batch_of([crop]))[1], left)
        return known | {id(crop): features for crop, features in zip(left, found, strict=True)}


class FeatureEngine:
    """Reads crops whose features are known, by a head.

    Stands for `train.reading.engine.CtcEngine` on the whole graph, and gives the same bits.
    """

    batching = ON_CPU

    def __init__(self, head: HeadReader, features: Features, alphabet: Alphabet) -> None:
        self.name, self.alphabet = "onnxruntime, from features", alphabet
        self._head, self._features = head, features

    def prepare(self, image: Image) -> Image:
        """Return the crop itself: what is not among the features cannot be read."""
        return image

    def read(self, prepared: Sequence[Image]) -> list[Line]:
        """Read crops of one padded width."""
        return read_probabilities(self.probabilities(prepared), self.alphabet)

    def probabilities(self, prepared: Sequence[Image]) -> Probabilities:
        """Return N x T x classes for crops of one padded width."""
        return self._head.read(np.concatenate([self._features[id(crop)] for crop in prepared]))
