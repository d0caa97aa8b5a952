"""Several processes that share each step: who is who, and gradients added up.

Started by `paddle.distributed.launch`, or by `train rec --processes N`, which starts N processes
with the same variables on this machine. On CPUs they talk by gloo, on GPUs by NCCL.
"""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from textlines.errors import InputError
from textlines.signals import end_with, leave_to_parent, signals_held

RANK, WORLD = "PADDLE_TRAINER_ID", "PADDLE_TRAINERS_NUM"
STARTED = "OCR_MEND_STARTED_RANK"
"""Set for a process that `start` has started."""

END_S = 4.0
"""How long the others of a run may take to end."""


@dataclass(frozen=True, slots=True)
class Ranks:
    """This process among all of the run.

    Attributes:
        rank: from 0; the first one writes files. world: how many there are.
    """

    rank: int = 0
    world: int = 1

    @property
    def is_first(self) -> bool:
        """Tell whether this process writes files and messages."""
        return self.rank == 0

    def barrier(self) -> None:
        """Wait for all processes."""
        if self.world > 1:
            import paddle

            # `paddle.distributed.barrier` wants a device of its own; a sum of one number does it.
            paddle.distributed.all_reduce(paddle.zeros([1]))


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
    return Ranks(int(os.environ.get(RANK, "0")), world)


def add_up(gradients: Sequence["object"], ranks: Ranks) -> None:
    """Add the gradients of all processes up, in place, in one message."""
    if ranks.world < 2:
        return
    import paddle

    tensors: list[paddle.Tensor] = list(gradients)  # type: ignore[arg-type]
    flat = paddle.concat([one.reshape([-1]) for one in tensors])
    paddle.distributed.all_reduce(flat)
    at = 0
    for one in tensors:
        size = int(np.prod(one.shape)) if one.shape else 1
        one.set_value(flat[at : at + size].reshape(one.shape))
        at += size


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
            "PADDLE_TRAINER_ENDPOINTS": endpoints,
            "PADDLE_CURRENT_ENDPOINT": f"127.0.0.1:{port}",
            "PADDLE_RANK_IN_NODE": str(rank),
            # Which GPU a process has; it means nothing on CPUs.
            "FLAGS_selected_gpus": str(rank),
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
            codes = [one.poll() for one in running]
            failed = next((code for code in codes if code), None)
            if failed is not None:
                return failed if failed > 0 else 128 - failed
            if all(code == 0 for code in codes):
                return 0
            time.sleep(0.2)
    finally:
        for one in running:
            if one.poll() is None:
                one.terminate()
        end = time.monotonic() + END_S
        for one in running:
            try:
                one.wait(max(0.0, end - time.monotonic()))
            except subprocess.TimeoutExpired:
                one.kill()
                one.wait()


def _free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()
