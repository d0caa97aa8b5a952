"""What training on a GPU has to show, in ten minutes and on one card.

    python benchmarks/gpu.py                         # on the card, with PP-OCRv4_mobile_rec
    python benchmarks/gpu.py --device cpu --quick    # the same code on a CPU: a test of this script

Told are, each beside its limit: that the card reads as the CPU does, in whole float32 (without
TF32) and as it trains; what half precision changes after 200 steps; lines a second of a whole step
(worker processes, copy, forward, backward, update, running mean) beside the card's bare forward
pass, and the share of it that waits for crops; a run of two processes, where two cards are; how
near a run that was killed comes to one that was not. Exit code 1 when a limit is missed. `--quick`
trains a small network of random weights in few steps: its speeds are told and not judged.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import paddle

from benchmarks.gpu_world import (
    Files,
    command,
    has_finished,
    killed,
    made_files,
    planned,
    weights_of,
)
from benchmarks.train_world import WIDTH, lines_in
from textlines.errors import UsageError
from textlines.pixels.resize import network_batch
from train.models.base_folder import read_base
from train.networks.devices import Device, count_gpus, on_cpu, use_device
from train.networks.paddle_process import fast_products
from train.reading.crop_reading import usable_cores
from train.reading.ctc import read_probabilities
from train.tuning.crop_loading import (
    Waiting,
    Wanted,
    feeding,
    load,
    loading,
    padded,
    workers_of,
)
from train.tuning.network_readers import DeviceReader, FeatureReader, TuningGraph
from train.tuning.ranks import Ranks
from train.tuning.train_plan import StepPlan
from train.tuning.training_lines import TrainingLine
from train.tuning.training_steps import Losses, Stepper
from train.tuning.tunable import Average, Tunable, Updater

MODEL = "PP-OCRv4_mobile_rec"
RATE = 5e-5

READ_ALIKE, FLOAT32_APART = 0.995, 1e-3
"""Of lines, as the card trains; and probabilities in whole float32, at most."""

AMP_LOSS, STEP_SHARE, WAITING, RESUMED_APART = 0.05, 0.25, 0.05, 1e-2
"""Half precision's last losses beside those of float32; lines a second of a step beside the forward
pass; time that waits; and the way between killed and unbroken weights, as a share of the way that
training went."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is done."""

    batch: int
    rendered: int
    steps: int
    timed: int
    epochs: int


FULL, QUICK = Sizes(128, 2500, 200, 40, 2), Sizes(8, 80, 10, 4, 1)


class Judge:
    """Prints figures beside their limits, and knows whether all held."""

    def __init__(self, *, judges_speed: bool) -> None:
        self._judges_speed, self.holds = judges_speed, True

    def told(self, name: str, holds: bool, *, is_speed: bool = False) -> None:
        """Print a figure."""
        if is_speed and not self._judges_speed:
            print(f"{name}: not judged", flush=True)
            return
        self.holds &= holds
        print(f"{name}: {'holds' if holds else 'MISSED'}", flush=True)


class Bench:
    """The base model, and lines of one padded width that are trained on."""

    def __init__(self, files: Files, device: Device, sizes: Sizes) -> None:
        """Read the model and the lines.

        Raises:
            SystemExit: too few of the rendered lines fit into 320 pixels.
        """
        model = read_base(files.base)
        self.device, self.sizes, self.alphabet = device, sizes, model.alphabet
        found = lines_in(files.data, model.alphabet, 64)
        if len(found) < sizes.batch:
            raise SystemExit(f"{len(found)} of the lines fit, a batch needs {sizes.batch}")
        self.lines = found
        self.data = files.data
        self.tunable = Tunable.of(model.spec, model.tensors())
        self.base = self.tunable.tensors()

    def batch(self, number: int) -> list[TrainingLine]:
        """Return a batch; they go round the lines."""
        size = self.sizes.batch
        at = number * size % (len(self.lines) - size + 1)
        return self.lines[at : at + size]

    def wanted(self, lines: Sequence[TrainingLine]) -> list[Wanted]:
        """Name what is shown of lines."""
        return [Wanted(self.data / line.path, line.path, 0) for line in lines]

    def stepper(self, *, amp: bool) -> tuple[Stepper, Updater, Average]:
        """Start from the base again, all layers learning."""
        self.tunable.put(self.base)
        self.tunable.choose("whole", dropout=False)
        plan = StepPlan(batch=self.sizes.batch, amp=amp)
        updater = Updater(self.tunable, plan, self.base)
        stepper = Stepper(self.tunable, updater, plan, {}, Ranks(), seed=0)
        return stepper, updater, Average(self.tunable, None, is_on=True)


def main() -> int:
    """Measure, print, and give the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--base", type=Path, help=f"folder of `train weights` [{MODEL}]")
    parser.add_argument("--device", choices=["cpu", "gpu"], default="gpu")
    parser.add_argument("--quick", action="store_true", help="a small network, few steps")
    parser.add_argument("--parity", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    fast_products(os.environ)
    try:
        name = use_device(options.device, f"--device {options.device}")
    except UsageError as error:
        raise SystemExit(f"{error} Or test this script: --device cpu --quick.") from None
    sizes = QUICK if options.quick else FULL
    if options.parity:
        files = Files(options.base, options.parity, options.parity)
        print(json.dumps(parity(files, options.device, sizes)))
        return 0
    begun = time.monotonic()
    judge = Judge(judges_speed=not options.quick)
    base = options.base or (None if options.quick else MODEL)
    with tempfile.TemporaryDirectory(prefix="ocr-mend-") as kept:
        folder = Path(kept)
        files = made_files(folder, base, sizes.rendered, usable_cores())
        print(f"{name}: {device_name(options.device)}, Paddle {paddle.version.full_version}")
        tell_parity(files, options, judge)
        bench = Bench(files, options.device, sizes)
        tell_half_precision(bench, judge)
        for amp in (False, True):
            tell_speed(bench, judge, amp=amp)
        tell_resumed(files, folder, options.device, sizes, judge)
        tell_two(files, folder, options.device, sizes, judge)
    print(f"{(time.monotonic() - begun) / 60:.1f} minutes")
    return 0 if judge.holds else 1


def device_name(device: Device) -> str:
    """Name the card, or count the cores."""
    if device == "cpu":
        return f"{usable_cores()} cores"
    return str(paddle.device.cuda.get_device_name())


def parity(files: Files, device: Device, sizes: Sizes) -> dict[str, float]:
    """Read lines on the device and by onnxruntime; tell how far apart both are."""
    bench = Bench(files, device, sizes)
    reader = DeviceReader(bench.tunable.network.spec, bench.base, device)
    with tempfile.TemporaryDirectory(prefix="ocr-mend-") as kept, on_cpu():
        graph = TuningGraph(Tunable.of(bench.tunable.network.spec, bench.base), Path(kept))
        graph.write(bench.base, Path(kept) / "base.onnx")
        onnx = FeatureReader(Path(kept) / "base.onnx")
    apart, alike, count = 0.0, 0, 0
    for number in range(4):
        lines = network_batch(load(bench.wanted(bench.batch(number)), 0), WIDTH)
        found = reader.probabilities(lines)
        known = np.concatenate([onnx.read(line[None])[0] for line in lines])
        apart = max(apart, float(np.abs(found - known).max()))
        pairs = zip(
            read_probabilities(found, bench.alphabet),
            read_probabilities(known, bench.alphabet),
            strict=True,
        )
        alike += sum(one.text == two.text for one, two in pairs)
        count += len(lines)
    return {"apart": apart, "alike": alike / count, "lines": count}


def tell_parity(files: Files, options: argparse.Namespace, judge: Judge) -> None:
    """Compare the device's readings, once in whole float32 and once as it trains."""
    for name, tf32 in (("whole float32", "0"), ("as it trains", "1")):
        # Read when the driver's libraries are loaded: a process of its own for each.
        environment = {**os.environ, "NVIDIA_TF32_OVERRIDE": tf32}
        if tf32 == "1":
            environment.pop("NVIDIA_TF32_OVERRIDE")
        words = [sys.executable, __file__, "--device", options.device]
        words += ["--base", str(files.base), "--parity", str(files.data)]
        words += ["--quick"] if options.quick else []
        done = subprocess.run(words, env=environment, check=True, stdout=subprocess.PIPE, text=True)
        found = json.loads(done.stdout.splitlines()[-1])
        said = (
            f"parity with the CPU, {name}: {found['alike']:.2%} of {found['lines']} lines read "
            f"alike, probabilities {found['apart']:.1e} apart"
        )
        if tf32 == "0":
            limit = f"all, at most {FLOAT32_APART:g}"
            judge.told(f"{said} ({limit})", found["alike"] == 1 and found["apart"] <= FLOAT32_APART)
        else:
            judge.told(f"{said} (at least {READ_ALIKE:.1%})", found["alike"] >= READ_ALIKE)


def tell_half_precision(bench: Bench, judge: Judge) -> None:
    """Train alike in float32 and in half precision, and compare losses and readings."""
    ended: list[float] = []
    texts: list[list[str]] = []
    skipped = 0
    count = bench.sizes.steps
    test = network_batch(load(bench.wanted(bench.batch(0)), 0), WIDTH)
    crops = [load(bench.wanted(bench.batch(number)), 0) for number in range(min(count, 16))]
    for amp in (False, True):
        stepper, updater, average = bench.stepper(amp=amp)
        last = Losses()
        for step in range(count):
            number = step % len(crops)
            found = stepper.on_crops(bench.batch(number), 0, step, RATE, crops=crops[number])
            average.add()
            if step >= count - min(20, count // 2):
                last += found
        ended.append(last.per_line()[0] or 0.0)
        skipped = updater.scale.skipped if updater.scale else 0
        reader = DeviceReader(bench.tunable.network.spec, average.tensors(), bench.device)
        read = read_probabilities(reader.probabilities(test), bench.alphabet)
        texts.append([line.text for line in read])
    alike = sum(one == two for one, two in zip(*texts, strict=True)) / len(texts[0])
    judge.told(
        f"half precision after {count} steps: loss {ended[1]:.4f} beside {ended[0]:.4f} of float32 "
        f"(at most {AMP_LOSS:.0%} apart), {alike:.1%} of {len(texts[0])} lines read alike, "
        f"{skipped} steps skipped",
        abs(ended[1] - ended[0]) <= AMP_LOSS * max(abs(ended[0]), 0.02),
    )


def tell_speed(bench: Bench, judge: Judge, *, amp: bool) -> None:
    """Time whole steps with their workers, and the bare forward pass."""
    count, warm = bench.sizes.timed, 5
    batches = [bench.batch(number) for number in range(count + warm)]
    pixels = paddle.to_tensor(network_batch(load(bench.wanted(batches[0]), 0), WIDTH))

    def forward() -> None:
        with paddle.no_grad(), paddle.amp.auto_cast(enable=amp):
            bench.tunable.network(pixels)

    forward()
    began = idle()
    for _ in range(count):
        forward()
    passes = bench.sizes.batch * count / (idle() - began)
    stepper, _, average = bench.stepper(amp=amp)
    workers = workers_of("auto", bench.device, usable_cores())
    waiting, found = Waiting(), Losses()
    waited = 0.0
    with loading(workers, 0, Waiting()) as loader:
        crops = loader([bench.wanted(lines) for lines in batches])
        with feeding((padded(one, WIDTH) for one in crops), waiting) as arrays:
            for step, (lines, one) in enumerate(zip(batches, arrays, strict=True)):
                if step == warm:  # the worker processes have started, the kernels are chosen
                    began, waited = idle(), waiting.waited
                found += stepper.on_bytes(lines, 0, step, RATE, pixels=one)
                average.add()
                if step % 10 == 9:
                    found.is_finite()
    seconds = idle() - began
    steps = bench.sizes.batch * count / seconds
    kind = "half precision" if amp else "float32"
    judge.told(
        f"whole steps in {kind}, batch {bench.sizes.batch}, {workers} workers: {steps:.0f} lines a "
        f"second, {steps / passes:.3f} of the forward pass's {passes:.0f} (at least {STEP_SHARE})",
        steps / passes >= STEP_SHARE,
        is_speed=True,
    )
    share = (waiting.waited - waited) / seconds
    judge.told(
        f"waits for crops in {kind}: {share:.1%} (at most {WAITING:.0%})",
        share <= WAITING,
        is_speed=True,
    )


def idle() -> float:
    """Return the time at which the device has nothing left to do."""
    if paddle.device.get_device() != "cpu":
        paddle.device.synchronize()
    return time.perf_counter()


def tell_resumed(files: Files, folder: Path, device: Device, sizes: Sizes, judge: Judge) -> None:
    """Kill a run, go on with it, and compare it with one that nothing interrupted."""
    batch = max(sizes.batch // 4, 8)
    whole, broken = (
        planned(files, folder / name, device, batch=batch, epochs=sizes.epochs)
        for name in ("whole", "broken")
    )
    command("train", "rec", whole)
    was_killed = killed(broken)
    command("train", "rec", broken)
    start = read_base(files.base)
    first = Tunable.of(start.spec, start.tensors()).tensors()
    one, two = weights_of(whole), weights_of(broken)
    apart = distance(one, two) / max(distance(one, first), 1e-12)
    limit = 0.0 if device == "cpu" else RESUMED_APART
    judge.told(
        f"killed and resumed: {apart:.1e} of the way that training went apart from the unbroken "
        f"run (at most {limit:g})",
        was_killed and apart <= limit and has_finished(broken),
    )


def tell_two(files: Files, folder: Path, device: Device, sizes: Sizes, judge: Judge) -> None:
    """Train with two processes, where there are two cards."""
    if device == "gpu" and count_gpus() < 2:
        print("two processes: not run, there is one card", flush=True)
        return
    batch = max(sizes.batch // 4, 8)
    run = planned(files, folder / "two", device, batch=batch, devices=2, epochs=sizes.epochs)
    began = time.monotonic()
    code = command("train", "rec", run, check=False)
    judge.told(
        f"two processes: ended with {code} after {time.monotonic() - began:.0f} s",
        code == 0 and has_finished(run),
    )


def distance(one: Mapping[str, np.ndarray], two: Mapping[str, np.ndarray]) -> float:
    """Return how far apart two sets of weights are."""
    squares = (((one[name].astype(np.float64) - two[name]) ** 2).sum() for name in one)
    return float(np.sqrt(sum(squares)))


if __name__ == "__main__":
    sys.exit(main())
