"""What `benchmarks/gpu.py` trains on: a base model, rendered lines by role, runs of them."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from benchmarks.kills_world import ENTRIES, write_model
from textlines.labels.label_file import read_labels
from textlines.labels.tally import Tally
from train.networks.devices import Device, on_cpu
from train.tuning.checkpoints import found
from train.tuning.metrics import read_metrics

CHARS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
ROLES = {"original": 0.6, "new": 0.2, "stop": 0.1, "general": 0.1}
"""Shares of the rendered lines."""

LONGEST_S = 1800.0
"""That a command may take, on a machine that does much besides."""


@dataclass(frozen=True, slots=True)
class Files:
    """A base model, and lines by role under `data`: ROLE.txt."""

    base: Path
    data: Path
    mix: Path


def command(*words: object, check: bool = True) -> int:
    """Run a command of ours; what it says goes to stderr."""
    call = [sys.executable, "-m", *map(str, words)]
    return subprocess.run(call, check=check, stdout=sys.stderr, timeout=LONGEST_S).returncode


def made_files(folder: Path, base: Path | str | None, count: int, workers: int) -> Files:
    """Render lines, share them out and mix them.

    Args:
        base: a folder of `train weights`, the name of a model, or None for a small network of
            random weights and lines in OpenCV's own strokes.
    """
    data, mix = folder / "rendered", folder / "mixed"
    if isinstance(base, str):
        command("train", "weights", base, "--out", folder / "base")
        model = folder / "base"
    else:
        model = base or folder / "base"
        if base is None:
            with on_cpu():
                write_model(model, 7)
    if base is None:
        plain_lines(data, count)
    else:
        command(
            *("synth", "generate", "--chars", CHARS, "--count", count, "--style", "document"),
            *("--repeat-cap", 0, "--workers", workers, "--out", data),
        )
    lines = list(read_labels(data / "rec_gt_train.txt", tally=Tally()))
    at = 0.0
    for role, share in ROLES.items():
        part = lines[round(at * len(lines)) : round((at + share) * len(lines))]
        rows = "".join(f"{line.path}\t{line.label}\n" for line in part)
        (data / f"{role}.txt").write_text(rows, encoding="utf-8")
        at += share
    command(
        *("balance", "mix", "--original", data / "original.txt", "--new", data / "new.txt"),
        *("--ratio", "5:1", "--no-even", "--epochs", 1, "--on-shortage", "repeat", "--out", mix),
    )
    return Files(model, data, mix)


def plain_lines(folder: Path, count: int) -> None:
    """Draw lines without a font, and their label file."""
    random = np.random.default_rng(1)
    (folder / "images").mkdir(parents=True)
    rows = []
    for number in range(count):
        text = "".join(random.choice(list(ENTRIES), random.integers(3, 9)))
        image = np.full((48, 28 * len(text) + 24, 3), 230, np.uint8)
        cv2.putText(image, text, (10, 36), cv2.FONT_HERSHEY_SIMPLEX, 1.0, (30, 30, 30), 2)
        name = f"images/{number:04d}.png"
        cv2.imwrite(str(folder / name), image)
        rows.append(f"{name}\t{text}\n")
    (folder / "rec_gt_train.txt").write_text("".join(rows), encoding="utf-8")


def planned(
    files: Files, out: Path, device: Device, *, batch: int, devices: int = 1, epochs: int
) -> Path:
    """Plan a run of the whole network, a checkpoint behind every other step."""
    command(
        *("train", "plan", "--model", files.base, "--mix", files.mix, "--tune", "whole"),
        *("--stop-on", files.data / "stop.txt", "--general-stop", files.data / "general.txt"),
        *("--device", device, "--devices", devices, "--batch", batch),
        *("--set", f"stages.0.epochs={epochs}", "--set", "save_every=2", "--out", out),
    )
    return out


def killed(run: Path) -> bool:
    """Start a run and kill it behind its first checkpoint; tell whether it was still running."""
    started = subprocess.Popen([sys.executable, "-m", "train", "rec", str(run)], stdout=sys.stderr)
    end = time.monotonic() + LONGEST_S
    while not found(run) and started.poll() is None and time.monotonic() < end:
        time.sleep(0.02)
    is_running = started.poll() is None
    os.kill(started.pid, signal.SIGKILL)
    started.wait()
    return is_running and bool(found(run))


def weights_of(run: Path) -> dict[str, np.ndarray]:
    """Read the weights of a run's last checkpoint."""
    with np.load(found(run)[-1] / "weights.npz") as archive:
        return {name: archive[name] for name in archive.files}


def has_finished(run: Path) -> bool:
    """Whether a run has come to its end."""
    return any(one["event"] == "finished" for one in read_metrics(run))
