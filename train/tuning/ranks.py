"""Several processes that share each step: who is who, and gradients added up.

Started by `paddle.distributed.launch`, or by `train rec --processes N`, which starts N processes
with the same variables on this machine. On CPUs they talk by gloo, on GPUs by NCCL.
"""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from textlines.errors import InputError
from textlines.signals import end_with, leave_to_parent, signals_held
from train.networks.devices import CARD
from train.reading.crop_reading import usable_cores

if TYPE_CHECKING:
    import paddle

T = TypeVar("T")

RANK, WORLD, HERE = "PADDLE_TRAINER_ID", "PADDLE_TRAINERS_NUM", "PADDLE_LOCAL_SIZE"
STARTED = "OCR_MEND_STARTED_RANK"
"""Set for a process that `start` has started."""

END_S = 4.0
"""How long the others of a run may take to end."""


@dataclass(frozen=True, slots=True)
class Ranks:
    """This process among all of the run.

    Attributes:
        rank: from 0; the first one writes files. world: how many there are.
        here: how many of them run on this machine.
    """

    rank: int = 0
    world: int = 1
    here: int = 1

    @property
    def is_first(self) -> bool:
        """Whether this process writes files and messages."""
        return self.rank == 0

    def share(self, items: Sequence[T]) -> Sequence[T]:
        """Return what of a list falls to this process: every `world`-th item.

        >>> Ranks(1, 3).share("abcdefgh")
        'beh'
        """
        return items[self.rank :: self.world]

    def together(self, texts: Sequence[str], count: int) -> list[str]:
        """Put the texts of all processes together; all of them call this at one place.

        Args:
            texts: for the items that `share` gave this process. count: of all items.

        Returns:
            The texts of all items, in their order, the same in every process.
        """
        if self.world < 2:
            return list(texts)
        import paddle

        # As JSON in numbers: what travels holds nothing that could run.
        message = json.dumps(list(texts)).encode()
        sizes = paddle.zeros([self.world], "int64")
        sizes[self.rank] = len(message)
        paddle.distributed.all_reduce(sizes)
        lengths = [int(size) for size in sizes.numpy()]
        slots = np.zeros((self.world, max(lengths)), np.int32)
        slots[self.rank, : len(message)] = np.frombuffer(message, np.uint8)
        shared = paddle.to_tensor(slots)
        paddle.distributed.all_reduce(shared)
        gathered = [""] * count
        for rank, (row, length) in enumerate(zip(shared.numpy(), lengths, strict=True)):
            gathered[rank :: self.world] = json.loads(row[:length].astype(np.uint8).tobytes())
        return gathered

    def all_hold(self, holds: bool) -> bool:
        """Whether something holds in all processes; all of them call this at one place."""
        if self.world < 2:
            return holds
        import paddle

        count = paddle.to_tensor([1.0 if holds else 0.0])
        paddle.distributed.all_reduce(count)
        return int(count) == self.world

    def barrier(self) -> None:
        """Wait for all processes."""
        # `paddle.distributed.barrier` wants a device of its own; a sum of one number does it, once
        # it is looked at: on a GPU the call itself waits for nobody.
        self.all_hold(True)


def joined(device: str) -> Ranks:
    """Join the processes of the run, if the environment names some.

    Raises:
        InputError: they cannot reach each other.
    """
    world = int(os.environ.get(WORLD, "1"))
    if world < 2:
        return Ranks()
    import paddle

    if device == "cpu":
        os.environ.setdefault("PADDLE_DISTRI_BACKEND", "gloo")
    try:
        paddle.distributed.init_parallel_env()
    except Exception as error:
        raise InputError(
            f"process {os.environ.get(RANK)} of {world}",
            f"cannot join the others ({str(error).strip().splitlines()[-1][:200]})",
            "Check PADDLE_TRAINER_ENDPOINTS, or train with --processes 1.",
        ) from error
    here = int(os.environ.get(HERE, str(world)))  # Paddle's launcher says it
    return Ranks(int(os.environ.get(RANK, "0")), world, here)


def cores_of(ranks: Ranks) -> int:
    """Count the cores that fall to each process of a run on this machine, at least 1."""
    return max(1, usable_cores() // ranks.here)


def add_up(numbers: "paddle.Tensor", ranks: Ranks) -> None:
    """Add the numbers of all processes up, in place, in one message."""
    if ranks.world > 1:
        import paddle

        paddle.distributed.all_reduce(numbers)


def start(count: int, arguments: Sequence[str]) -> int:
    """Start the processes of a run on this machine and wait for them.

    The first one that fails ends all others.

    Args:
        arguments: of `python -m train`, for each process the same.

    Returns:
        The exit code of the first process that failed, else 0.
    """
    ports = _free_ports(count)
    endpoints = ",".join(f"127.0.0.1:{port}" for port in ports)
    running = []
    for rank, port in enumerate(ports):
        environment = {
            **os.environ,
            STARTED: "1",
            RANK: str(rank),
            WORLD: str(count),
            HERE: str(count),
            "PADDLE_TRAINER_ENDPOINTS": endpoints,
            "PADDLE_CURRENT_ENDPOINT": f"127.0.0.1:{port}",
            "PADDLE_RANK_IN_NODE": str(rank),
            # Which GPU a process has; it means nothing on CPUs.
            CARD: str(rank),
            "PADDLE_MASTER": f"127.0.0.1:{ports[0]}",
        }
        with signals_held():
            running.append(
                subprocess.Popen(
                    [sys.executable, "-m", "train", *arguments],
                    env=environment,
                    # Open as long as this process lives: a process of the run ends with it.
                    stdin=subprocess.PIPE,
                    stdout=None if rank == 0 else subprocess.DEVNULL,
                )
            )
    return _waited(running)


def follow_parent() -> None:
    """Leave the signals, and the word on them, to the process that started this one of a run."""
    if os.environ.get(STARTED) != "1":
        return
    leave_to_parent()
    end_with(sys.stdin.buffer)


def _waited(running: "list[subprocess.Popen[bytes]]") -> int:
    try:
        while True:
            codes = [process.poll() for process in running]
            failed = next((code for code in codes if code), None)
            if failed is not None:
                return failed if failed > 0 else 128 - failed
            if all(code == 0 for code in codes):
                return 0
            time.sleep(0.2)
    finally:
        for process in running:
            if process.poll() is None:
                process.terminate()
        end = time.monotonic() + END_S
        for process in running:
            try:
                process.wait(max(0.0, end - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    try:
        for listener in sockets:
            listener.bind(("127.0.0.1", 0))
        return [listener.getsockname()[1] for listener in sockets]
    finally:
        for listener in sockets:
            listener.close()
