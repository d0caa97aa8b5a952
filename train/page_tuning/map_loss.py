"""How far a map is from what it is to be: overlap (dice), and cross entropy, balanced.

As PaddleOCR trains the map of cores (`DBLoss`: dice, and cross entropy with the hardest three
negatives for a positive), without the two other maps of differentiable binarization, whose branch
no exported graph holds. Hard negatives: Shrivastava et al., "Training Region-based Object
Detectors with Online Hard Example Mining", CVPR 2016.
"""

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

_SMALL = 1e-6


def map_loss(logits: Tensor, core: Tensor, counts: Tensor) -> Tensor:
    """Return dice + balanced cross entropy of a batch, in nats, one number.

    Args:
        logits: N x 1 x H x W. core, counts: N x H x W, 0 or 1.
    """
    wanted, judged = core.unsqueeze(1), counts.unsqueeze(1)
    shown = F.sigmoid(logits) * judged
    shared = (shown * wanted).sum()
    dice = 1 - (2 * shared + _SMALL) / (shown.sum() + (wanted * judged).sum() + _SMALL)
    each = F.binary_cross_entropy_with_logits(logits, wanted, reduction="none")
    with paddle.no_grad():
        chosen = paddle.to_tensor(
            chosen_pixels(each.numpy(), core.numpy()[:, None], counts.numpy()[:, None])
        )
    return dice + (each * chosen).sum() / paddle.clip(chosen.sum(), min=1)


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
