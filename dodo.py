"""The line from misreadings to a verdict, as tasks of doit.

    make loop                                 on lines that it renders itself
    make loop LABELS=rec_gt.txt IMAGES=crops  on your own crops
    make loop CROPS=crops                     without labels yet: which crops are worth one
    make loop CROPS=crops ROUNDS=3            round by round, answers in between
    python dodo.py                            the same; ends with the gate's exit code
    doit list; doit run export                stage by stage

What each stage does is in pipeline.toml; docs/pipeline.md tells of it.
"""

import os
import sys
from collections.abc import Iterator
from typing import Any

from textlines.console import guarded
from train.pipeline.line import Line, main
from train.pipeline.round_line import RoundedLine, read_line

LINE: Line | RoundedLine


def _read() -> None:
    """Read what is to be done; what is wrong with it is one line and an exit code."""
    global LINE
    LINE = read_line(os.environ)
    LINE.claim()


if code := guarded(_read, "line"):
    sys.exit(code)

DOIT_CONFIG = LINE.doit_config()


def task_line() -> Iterator[dict[str, Any]]:
    """Yield a task for each stage."""
    yield from LINE.tasks()


if __name__ == "__main__":
    sys.exit(main(LINE, globals()))
