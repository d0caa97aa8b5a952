"""One process of two that share steps in half precision; the second one's gradients overflow once.

    python overflow_rank.py FOLDER apart|together

`together` steps as `train rec` does. `apart` steps as it did: each process asks its own gradients
whether they overflowed, and then they are summed. Writes its weights.
"""

import sys
from pathlib import Path

import numpy as np
import paddle

from train.networks.spec import NetworkSpec
from train.tuning.ranks import Ranks, add_up, joined
from train.tuning.train_plan import StepPlan
from train.tuning.tunable import Tunable, Updater

STEPS, OVERFLOWS = 4, 1


def main(folder: Path, way: str) -> None:
    """Make the steps and write what came of them."""
    ranks = joined("cpu")
    paddle.seed(3)
    spec = NetworkSpec(
        name="little", family="svtr_lcnet_v4", classes=13, scale=0.1, dims=16, hidden=16, depth=1,
        form="fused",
    )  # fmt: skip
    from train.networks.building import build

    tensors = {name: one.numpy() for name, one in build(spec).state_dict().items()}
    tunable = Tunable.of(spec, tensors)
    tunable.choose("head", dropout=False)
    plan = StepPlan(amp=True)
    updater = Updater(tunable, plan, tensors, ranks)
    random = np.random.default_rng(ranks.rank)
    changed = []
    for step in range(STEPS):
        features = random.normal(size=(2, tunable.network.backbone.channels, 1, 40))
        logits = tunable.network.logits_of(paddle.to_tensor(features.astype(np.float32)))
        loss = (logits**2).mean()
        if step == OVERFLOWS and ranks.rank == 1:
            loss = loss * float("inf")
        if way == "together":
            (loss * updater.factor).backward()
            changed.append(updater.step(0.01))
        else:
            changed.append(step_apart(loss, tunable, updater, ranks))
    scale = updater.scale
    assert scale is not None
    np.savez(
        folder / f"{way}-{ranks.rank}.npz",
        changed=np.array(changed),
        scale=np.array(scale.value),
        skipped=np.array(scale.skipped),
        **{f"weight {name}": one.numpy() for name, one in tunable.learning()},
    )


def step_apart(loss: paddle.Tensor, tunable: Tunable, updater: Updater, ranks: Ranks) -> bool:
    """Step as before: ask the own gradients, divide and add them up; tell whether it stepped.

    This is the rule of Paddle's `GradScaler.unscale_` and `step`, which does nothing on a CPU.
    """
    scale = updater.factor
    (loss * scale).backward()
    gradients = [one.grad if one.grad is not None else one * 0 for _, one in tunable.learning()]
    is_finite = all(bool(paddle.isfinite(one).all()) for one in gradients)
    for (_, one), gradient in zip(tunable.learning(), gradients, strict=True):
        flat = gradient.reshape([-1]) / scale
        add_up(flat, ranks)
        one.grad = flat.reshape(one.shape)
    updater.adam.set_lr(0.01)
    if is_finite:
        updater.adam.step()
    updater.adam.clear_grad()
    return is_finite


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
