"""What a step of training takes in memory, beside what `train plan` says of it.

    python benchmarks/memory.py --model NAME_OR_FOLDER [--model …] [--step PART:LINES:WIDTH …]

Each step is made by a process of its own, twice, and its largest resident size is read
(`getrusage`). The head's features are drawn, as a run has them on disk. Ends with 1 where a step
takes more than the plan says, or less than a half of it.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from train.tuning.train_plan import Part

LEAST = 0.5
"""Measured by said, at least; 1 at most."""

STEPS = ("whole:8:320", "whole:32:320", "whole:8:640", "head:32:320")


def measured(folder: Path, part: "Part", lines: int, width: int) -> dict[str, float]:
    """Make a step in this process; return its peak and what the plan says, in MB."""
    from train.models.base_folder import read_base
    from train.networks.devices import use_device
    from train.tuning.stages import measured_step
    from train.tuning.train_plan import StepPlan
    from train.tuning.training_steps import step_memory
    from train.tuning.tunable import Tunable

    use_device("cpu", "the CPU")
    base = read_base(folder)
    tunable = Tunable.of(base.spec, base.tensors())
    plan = StepPlan(batch=lines)
    measured_step(tunable, plan, part, width=width, lines=lines)
    # In kilobytes on Linux. Before the plan's count, which takes memory too.
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
    said = step_memory(tunable, plan, part, lines, width, by_hand=True)
    parts = {name: getattr(said, name) / 1e6 for name in ("process", "weights", "kept", "logits")}
    return {"peak": peak, "said": said.total / 1e6, **parts}


def rows(model: str, folder: Path, steps: list[str]) -> bool:
    """Print a row for each step; return whether all are as the plan says."""
    holds = True
    for step in steps:
        done = subprocess.run(
            [sys.executable, __file__, "--model", str(folder), "--step", step, "--here"],
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        )
        found = json.loads(done.stdout.splitlines()[-1])
        share = found["peak"] / found["said"]
        holds &= LEAST <= share <= 1
        part, lines, width = step.split(":")
        cells = [f"{found[name]:,.0f}" for name in ("peak", "said", "kept", "logits", "weights")]
        print(f"| {model} | {part} | {lines} x {width} | {' | '.join(cells)} | {share:.2f} |")
        sys.stdout.flush()
    return holds


def main() -> int:
    """Measure all steps of all models."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", action="append", required=True)
    parser.add_argument("--step", action="append", help=f"default: {' '.join(STEPS)}")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    from train.networks.paddle_process import fast_products

    fast_products(os.environ)
    steps = options.step or list(STEPS)
    if options.here:
        part, lines, width = steps[0].split(":")
        print(
            json.dumps(measured(Path(options.model[0]), cast("Part", part), int(lines), int(width)))
        )
        return 0
    from textlines.partials import scratch_folder
    from train.models.base_folder import is_base
    from train.weights.convert import convert

    print("| model | tuned | step | MB | said | maps kept | logits | weights | MB / said |")
    print("|---|---|---|---|---|---|---|---|---|")
    holds = True
    for model in options.model:
        with scratch_folder() as scratch:
            folder = Path(model)
            if not is_base(folder):
                folder = scratch / "base"
                convert(model, folder)
            holds &= rows(Path(model).name, folder, steps)
    return int(not holds)


if __name__ == "__main__":
    sys.exit(main())
