"""How far a map is from what it is to be: overlap (dice), and cross entropy, balanced.

As PaddleOCR trains the map of cores (`DBLoss`: dice, and cross entropy with the hardest three
negatives for a positive). The two other maps of differentiable binarization need a branch that no
exported graph holds: where a run has made it anew, the map of thresholds is judged by its
difference in the band around edges, and the map of both together, 1 / (1 + exp(-50 (P - T))), by
dice. Hard negatives: Shrivastava et al., "Training Region-based Object
Detectors with Online Hard Example Mining", CVPR 2016.

A map of the base that is to be kept is no map of 0 and 1, and dice as PaddleOCR has it is not least
where both are alike: where the base says .7, it asks for 1. So what is kept is judged by dice with
squares in its sums, which is least there and nowhere else (Milletari et al., "V-Net", 3DV 2016).
Its cores weigh alike, a price as much as a whole line: what a detector loses first beside a new
scene are short texts, whose boxes grow by a few pixels, and in sums over pixels they hardly count.
"""

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt
import paddle
import paddle.nn.functional as F
from paddle import Tensor

HARD_NEGATIVES = 3
"""For each pixel of a core."""

LEAST_NEGATIVES = 0.01
"""Of the pixels that count: PaddleOCR takes none where no line is, so that pages without text
teach nothing."""

CORE = 0.3
"""Probability from which on a pixel of a map that is kept is one of a core."""

STEEPNESS = 50.0
"""Of the step by which probabilities and thresholds become one map."""

THRESHOLD_SHARE, BINARY_SHARE = 10 / 5, 1 / 5
"""Of the two other losses, where that of cores has 1: `DBLoss` has 10, 1 and 5. Divided by 5, the
loss of cores, and a clip of gradients, mean the same in runs with the branch and without it."""

MOST_WEIGHT = 10.0
"""Times the pixel of a core of mean area, that of a small core weighs at most."""

_AROUND = np.ones((7, 7), np.uint8)
"""What about a core weighs as it does: there its edge may move to."""

_SMALL = 1e-6

_PIXEL = 1.0
"""Beside the sums of squares: where the base sees no text, its last digits are nothing to keep."""


def map_loss(logits: Tensor, core: Tensor, counts: Tensor, kept: Sequence[int] = ()) -> Tensor:
    """Return dice + balanced cross entropy of a batch, in nats, one number.

    Args:
        logits: N x 1 x H x W. core, counts: N x H x W, 0 or 1; of kept maps, core is 0..1.
        kept: which of the N are to be as the base has them, and not as labels have it.

    Returns:
        Least, of a kept map, where it is as it was. Labels and kept maps weigh in dice by the area
        of their cores, as all crops of a batch do that are judged in one sum.
    """
    wanted, judged = core.unsqueeze(1), counts.unsqueeze(1)
    shown, parts = F.sigmoid(logits), []
    labelled = [row for row in range(wanted.shape[0]) if row not in kept]
    weights = np.ones(tuple(wanted.shape), np.float32)
    for row in kept:
        weights[row, 0] = core_weights(core[row].numpy())
    counted = judged * paddle.to_tensor(weights)  # labels weigh 1
    for rows, dice_of in ((labelled, _dice), (list(kept), _kept_dice)):
        if rows:
            at = paddle.to_tensor(rows)
            area = float((wanted[at] * judged[at]).sum()) + _PIXEL
            parts.append((area, dice_of(shown[at], wanted[at], counted[at])))
    dice = sum(area * part for area, part in parts) / sum(area for area, _ in parts)
    each = F.binary_cross_entropy_with_logits(logits, wanted, reduction="none")
    with paddle.no_grad():
        chosen = chosen_pixels(each.numpy(), core.numpy()[:, None], counts.numpy()[:, None])
        weighed = paddle.to_tensor(chosen * weights)
    return dice + (each * weighed).sum() / paddle.clip(weighed.sum(), min=1)


def core_weights(core: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Return weights by which all cores of a map weigh alike, whatever their area: H x W.

    1 away from cores; on and about them 1 in the mean.

    Args:
        core: H x W, 0..1.
    """
    count, named = cv2.connectedComponents((core >= CORE).astype(np.uint8), connectivity=8)
    weights = np.ones(core.shape, np.float32)
    if count < 2:
        return weights
    areas = np.bincount(named.ravel(), minlength=count)[1:].astype(np.float64)
    of_core = np.minimum(areas.mean() / areas, MOST_WEIGHT)
    # Where two lie close, what is between them is the smaller one's, which weighs more.
    about = cv2.dilate(np.concatenate(([0], of_core)).astype(np.float32)[named], _AROUND)
    there = about > 0
    weights[there] = about[there] / about[there].mean()
    return weights


def _dice(shown: Tensor, wanted: Tensor, judged: Tensor) -> Tensor:
    shown, wanted = shown * judged, wanted * judged
    return 1 - (2 * (shown * wanted).sum() + _SMALL) / (shown.sum() + wanted.sum() + _SMALL)


def _kept_dice(shown: Tensor, wanted: Tensor, judged: Tensor) -> Tensor:
    squares = (judged * (shown**2 + wanted**2)).sum()
    return 1 - (2 * (judged * shown * wanted).sum() + _PIXEL) / (squares + _PIXEL)


def threshold_loss(thresholds: Tensor, wanted: Tensor, band: Tensor) -> Tensor:
    """Return the mean difference of thresholds in the band, 0..1, one number; 0 without a band.

    Args:
        thresholds: N x 1 x H x W, 0..1. wanted, band: N x H x W, as of `BorderTarget`.
    """
    judged = band.unsqueeze(1)
    apart = (thresholds - wanted.unsqueeze(1)).abs() * judged
    return apart.sum() / paddle.clip(judged.sum(), min=1)


def binary_loss(logits: Tensor, thresholds: Tensor, core: Tensor, counts: Tensor) -> Tensor:
    """Return the dice loss of the map that probabilities and thresholds make, 0..1, one number.

    Args:
        logits, thresholds: N x 1 x H x W. core, counts: N x H x W, 0 or 1.
    """
    shown = F.sigmoid(STEEPNESS * (F.sigmoid(logits) - thresholds))
    return _dice(shown, core.unsqueeze(1), counts.unsqueeze(1))


def chosen_pixels(
    losses: npt.NDArray[np.float32],
    core: npt.NDArray[np.float32],
    counts: npt.NDArray[np.float32],
) -> npt.NDArray[np.float32]:
    """Return 1 for pixels that the cross entropy is the mean of: all of cores, hard others.

    Where losses are equal at the last place, all of them are taken.
    """
    positive = (core >= CORE) & (counts > 0)
    negative = (core < CORE) & (counts > 0)
    wanted = max(
        HARD_NEGATIVES * int(positive.sum()), int(LEAST_NEGATIVES * int((counts > 0).sum()))
    )
    there = losses[negative]
    if wanted >= len(there):
        hard = negative
    elif wanted == 0:
        hard = np.zeros_like(negative)
    else:
        least = np.partition(there, len(there) - wanted)[len(there) - wanted]
        hard = negative & (losses >= least)
    chosen: npt.NDArray[np.float32] = (positive | hard).astype(np.float32)
    return chosen
