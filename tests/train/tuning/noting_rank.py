"""One process of a run, as `python -m train rec RUN` is, that notes the lines of each of its steps.

    python noting_rank.py FOLDER rec RUN ...

Writes FOLDER/RANK.jsonl, a row a step: `done` (the steps before it) and `paths`.
"""

import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from train.cli import main
from train.tuning.ranks import RANK
from train.tuning.training_lines import TrainingLine
from train.tuning.training_steps import Losses, Stepper


def note_steps(path: Path) -> None:
    """Let every step write down its lines before it is made."""
    step = Stepper._step

    def noted(
        self: Stepper,
        time_steps: Callable[[], Any],
        lines: Sequence[TrainingLine],
        epoch: int,
        done: int,
        rate: float,
    ) -> Losses:
        with path.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"done": done, "paths": [line.path for line in lines]}) + "\n")
        return step(self, time_steps, lines, epoch, done, rate)

    Stepper._step = noted  # type: ignore[method-assign]


if __name__ == "__main__":
    note_steps(Path(sys.argv[1]) / f"{os.environ[RANK]}.jsonl")
    sys.argv = ["train", *sys.argv[2:]]
    main()
