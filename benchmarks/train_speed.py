"""What a training step costs beside the bare network, in CPU seconds of one run.

    python benchmarks/train.py [--base BASE] [--rounds 3]
    python benchmarks/train.py --paddleocr TREE [--steps 50] [--batch 32] [--labels LABELS]

Lines that `synth generate` renders, batches of 32, padded to 320 pixels, 2 CPU threads. A round is
one bare forward pass (Paddle, no gradients), whole steps with the backbone tuned (load, forward,
backward, update, running mean) and steps on cached features, all by the code that `train rec` runs.
Loading is done in this process here, so that its CPU counts; what training waits for crops is
measured with a worker process, as planned. Steps are made of labelled lines alone (CTC), and of a
mix of 5 distilled lines to 1 labelled. Told are the medians of the rounds' ratios, as the machine
may be busy. With a checkout of PaddleOCR its training steps stand beside ours (`train_paddleocr`).
Exit code 1 when a limit is missed.
"""

import argparse
import gc
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

THREADS = 2
# Paddle takes its threads from the environment, when it is imported.
os.environ["OMP_NUM_THREADS"] = str(THREADS)

from train.networks.paddle_process import fast_products  # noqa: E402

fast_products(os.environ)  # as the `train` command does

from benchmarks.train_world import World, made_world, rendered  # noqa: E402

MODEL = "PP-OCRv4_mobile_rec"
WHOLE, CACHED, WAITING = 3.4, 0.13, 0.05
"""At most: CPU of a step over that of a forward pass, and the share of time spent waiting."""

MOST = 480
"""Lines rendered for PaddleOCR and us together."""

SHARES = (0.0, 5 / 6)
"""Distilled lines of a batch."""


def script(name: str) -> str:
    """Name a command of ours beside this Python."""
    return str(Path(sys.executable).with_name(name))


def cpu_of(work: Callable[[], object]) -> float:
    """Run work and give its CPU seconds, all threads of this process."""
    gc.collect()
    start = time.process_time()
    work()
    return time.process_time() - start


def base_of(given: Path | None, folder: Path) -> Path:
    """Return the base model's folder; made of the installed weights when none is named."""
    if given:
        return given
    made = folder / "base"
    subprocess.run(
        [script("train"), "weights", MODEL, "--out", str(made)], check=True, stdout=sys.stderr
    )
    return made


def one_round(world: World, steps: int) -> dict[str, float]:
    """Measure once: CPU seconds of a batch, by what is done with it."""

    def cached(share: float) -> None:
        for _ in range(steps):
            world.cached_step(share)

    found = {"forward": cpu_of(world.forward)}
    found["load"] = cpu_of(world.load)
    for share in SHARES:
        name = f"{share:.2f}"
        found[f"whole {name}"] = cpu_of(partial(world.whole_step, share))
        found[f"cached {name}"] = cpu_of(partial(cached, share)) / steps
    return found


def waiting(world: World, steps: int) -> float:
    """Make whole steps with the loader in its own process; give the share of time that it cost."""
    start = time.perf_counter()
    waited = world.loaded_steps(steps)
    return waited / (time.perf_counter() - start)


def ratios(rounds: list[dict[str, float]], name: str) -> list[float]:
    """Return a step's CPU over the forward pass of its round; loading belongs to whole steps."""
    load = "load" if name.startswith("whole") else None
    return [(one[name] + (one[load] if load else 0)) / one["forward"] for one in rounds]


def told(name: str, values: list[float], limit: float) -> bool:
    """Print a figure beside its limit, and give whether it holds."""
    middle = statistics.median(values)
    holds = middle <= limit
    print(
        f"{name}: {middle:.3f} ({min(values):.3f}–{max(values):.3f} in {len(values)} rounds), "
        f"at most {limit:g}: {'holds' if holds else 'MISSED'}",
        flush=True,
    )
    return holds


def main() -> int:
    """Measure, print, and give the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--base", type=Path, help=f"folder of `train weights` [{MODEL}]")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--cached-steps", type=int, default=4, help="in a round")
    parser.add_argument("--waiting-steps", type=int, default=4, help="0 leaves it out")
    parser.add_argument(
        "--paddleocr",
        type=Path,
        metavar="TREE",
        help="a checkout of PaddleOCR: in place of all else, its steps beside ours on one list",
    )
    parser.add_argument("--steps", type=int, default=50, help="of both, with --paddleocr")
    parser.add_argument("--labels", type=Path, help="of the lines of both [rendered ones]")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ocr-mend-") as kept:
        folder = Path(kept)
        base = base_of(options.base, folder)
        if options.paddleocr:
            from benchmarks.train_paddleocr import both

            made = options.labels or rendered(folder / "rendered", MOST) / "rec_gt_train.txt"
            return both(
                options.paddleocr, base, made, folder, batch=options.batch, steps=options.steps
            )
        world = made_world(base, folder, options.batch)
        print(
            f"{world.name}: {world.batch} lines a step, {THREADS} threads, CPU seconds a line",
            flush=True,
        )
        print(f"  features and posteriors, once a line: {world.fill_cpu / world.lines:.4f}")
        one_round(world, 1)  # warms up
        rounds = []
        for number in range(options.rounds):
            rounds.append(one_round(world, options.cached_steps))
            parts = ", ".join(f"{k} {v / world.batch:.4f}" for k, v in rounds[-1].items())
            print(f"  round {number + 1}: {parts}", flush=True)
        good = []
        for share in SHARES:
            kind = f"{share:.0%} distilled"
            good.append(
                told(f"whole step / forward, {kind}", ratios(rounds, f"whole {share:.2f}"), WHOLE)
            )
            good.append(
                told(
                    f"cached step / forward, {kind}", ratios(rounds, f"cached {share:.2f}"), CACHED
                )
            )
        if options.waiting_steps:
            good.append(told("waits for crops", [waiting(world, options.waiting_steps)], WAITING))
    return 0 if all(good) else 1
