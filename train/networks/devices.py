"""What a network computes on: what is asked for, what is there, and Paddle's current device."""

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from textlines.errors import UsageError

Device = Literal["cpu", "gpu"]

DeviceChoice = Literal["auto", "cpu", "gpu"]
"""What a user says: "auto" is a GPU where this Paddle has one, else the CPU."""

CARD = "FLAGS_selected_gpus"
"""Where a process of several reads which card is its own; Paddle's launcher sets it too."""

_FOR_CPUS = re.compile(r"^cuda_version\s*=\s*'False'", re.MULTILINE)


def chosen_device(asked: DeviceChoice) -> Device:
    """Return what "auto" is on this machine; what is asked for by name stays as it is.

    Paddle is imported only where it is built for GPUs.
    """
    if asked != "auto":
        return asked
    return "gpu" if count_gpus() else "cpu"


def count_gpus() -> int:
    """Count the cards that this Paddle sees; 0 without Paddle."""
    if not _is_built_for_gpus():
        return 0
    import paddle

    if not paddle.device.is_compiled_with_cuda():
        return 0
    return int(paddle.device.cuda.device_count())


def use_device(device: Device, option: str, *, environment: Mapping[str, str] = os.environ) -> str:
    """Make a device Paddle's current one: of several processes, each takes the card of its own.

    Args:
        option: that asked for it, for the message.

    Returns:
        Paddle's name of it: "cpu", "gpu:0", ...

    Raises:
        UsageError: a GPU is wanted, and this Paddle or machine has none.
    """
    import paddle

    if device == "cpu":
        paddle.device.set_device("cpu")
        return "cpu"
    count, card = count_gpus(), int(environment.get(CARD, "0").split(",")[0])
    if not count:
        built = "finds no GPU" if _is_built_for_gpus() else "is built for CPUs"
        raise UsageError(
            option,
            f"needs a GPU; this Paddle ({paddle.version.full_version}) {built}",
            "Install paddlepaddle-gpu as README says, or use --device cpu.",
        )
    if card >= count:
        raise UsageError(
            option,
            f"needs a card for each process: process {card + 1} here has none of {count}",
            f"Plan for fewer: train plan --devices {count}.",
        )
    name = f"gpu:{card}"
    paddle.device.set_device(name)
    return name


@contextmanager
def on_cpu() -> Iterator[None]:
    """Compute on the CPU inside the block: what is exported and compared bit by bit."""
    import paddle

    before = paddle.device.get_device()
    paddle.device.set_device("cpu")
    try:
        yield
    finally:
        paddle.device.set_device(before)


def _is_built_for_gpus() -> bool:
    """Whether Paddle is installed and its wheel is not the one for CPUs, by the wheel's own word.

    Importing it takes two seconds, which a command that reads by onnxruntime need not spend.
    """
    spec = find_spec("paddle")
    if spec is None or spec.origin is None:
        return False
    try:
        said = (Path(spec.origin).parent / "version" / "__init__.py").read_text(encoding="utf-8")
    except OSError:
        return True
    return not _FOR_CPUS.search(said)
