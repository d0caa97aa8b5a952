"""What a training step costs beside the bare network: the command is in `train_speed.py`.

    python benchmarks/train.py --base BASE
    python benchmarks/train.py --paddleocr TREE        # a checkout of PaddleOCR beside it

A script stands first on Python's path, and this file has the name of a package: asked for by that
name it gives way to the package, for itself and for the other scripts of this folder.
"""

import sys
from importlib.machinery import PathFinder
from importlib.util import module_from_spec
from pathlib import Path

HERE = Path(__file__).resolve().parent


def give_way() -> None:
    """Put the package `train` in this module's place.

    Raises:
        ImportError: the package is not installed.
    """
    others = [one for one in sys.path if Path(one or ".").resolve() != HERE]
    spec = PathFinder.find_spec("train", others)
    if spec is None or spec.loader is None:
        raise ImportError("the package `train` is not installed: pip install -e '.[train]'")
    sys.modules["train"] = package = module_from_spec(spec)
    spec.loader.exec_module(package)


if __name__ == "train":
    give_way()
elif __name__ == "__main__":
    from benchmarks.train_speed import main

    sys.exit(main())
