"""What reading costs beside the bare network, and how fast it is beside PaddleOCR.

    python benchmarks/read.py --model PP-OCRv4_mobile_rec --labels SET/rec_gt.txt

End to end (decode, resize, batch, network, decode text) against a bare onnxruntime loop over
batches prepared beforehand, in CPU seconds; and in lines a second against `TextRecognition` at its
best of oneDNN on and off and batches of 1, 8 and 32. The machine may be busy: rounds alternate, and
the medians of the ratios of a round are told.
"""

import argparse
import gc
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from textlines.labels.label_file import read_labels
from textlines.labels.tally import Tally
from textlines.pixels.decode import read_image
from train.reading.crop_reading import read_crops, usable_cores
from train.reading.engine import CtcEngine, batch_of
from train.reading.model_opening import Opened, open_model

BATCHES = (1, 8, 32)


def timed(work: Callable[[], None]) -> tuple[float, float]:
    """Run work and give its CPU seconds (all threads) and its seconds."""
    gc.collect()
    cpu, wall = time.process_time(), time.perf_counter()
    work()
    return time.process_time() - cpu, time.perf_counter() - wall


def bare_loop(opened: Opened, batches: Sequence[np.ndarray], workers: int) -> None:
    """Run the network alone over batches, on as many threads."""
    engine = opened.engine
    if not isinstance(engine, CtcEngine):
        raise SystemExit(f"{engine.name} runs no graph of ours")
    network = engine.network
    with ThreadPoolExecutor(workers) as pool:
        for _ in pool.map(lambda batch: network.probabilities(batch).shape, batches):
            pass


def end_to_end(opened: Opened, paths: Sequence[str], images: Path, workers: int) -> None:
    """Read crops from their files to their texts."""
    for _ in read_crops(opened.engine, paths, images, workers):
        pass


def against_bare(
    opened: Opened, paths: Sequence[str], images: Path, workers: int, rounds: int
) -> None:
    """Print the CPU of reading as a multiple of the bare network's."""
    engine = opened.engine
    batches = [batch_of([engine.prepare(read_image(images / path))]) for path in paths]
    bare_loop(opened, batches[:workers], workers)
    ratios, rates = [], []
    for _ in range(rounds):
        ours, wall = timed(lambda: end_to_end(opened, paths, images, workers))
        bare, _ = timed(lambda: bare_loop(opened, batches, workers))
        ratios.append(ours / bare)
        rates.append(len(paths) / wall)
    print(
        f"CPU, end to end / bare loop: {statistics.median(ratios):.3f} "
        f"({min(ratios):.3f}–{max(ratios):.3f} in {rounds} rounds of {len(paths)} lines); "
        f"{statistics.median(rates):.1f} lines/s on {workers} threads",
        flush=True,
    )


def against_reference(
    opened: Opened, model: str, paths: Sequence[str], images: Path, workers: int, rounds: int
) -> None:
    """Print lines a second as a multiple of TextRecognition's, for each way that it runs."""
    from train.reading.reference_engine import ReferenceEngine

    source = open_model(model, engine="reference").source
    crops = [str(images / path) for path in paths]
    best: tuple[float, str] | None = None
    for mkldnn in (False, True):
        for batch in BATCHES:
            name = f"oneDNN {'on' if mkldnn else 'off'}, batch {batch}"
            try:
                other = ReferenceEngine(source, opened.alphabet, enable_mkldnn=mkldnn, batch=batch)
                other.predict(crops[:batch])
            # Paddle 3.3.1 fails in oneDNN on some graphs, each in a way of its own.
            except Exception as error:
                print(f"  {name}: does not run ({str(error).strip().splitlines()[0][:80]})")
                continue
            ratios, costs, rates = [], [], []
            for _ in range(rounds):
                our_cpu, ours = timed(lambda: end_to_end(opened, paths, images, workers))
                cpu, theirs = timed(lambda reader=other: reader.predict(crops))  # type: ignore[misc]
                ratios.append(theirs / ours)
                costs.append(cpu / our_cpu)
                rates.append(len(paths) / theirs)
            ratio = statistics.median(ratios)
            print(
                f"  {name}: {statistics.median(rates):.1f} lines/s; ours is {ratio:.2f} x as fast; "
                f"it takes {statistics.median(costs):.2f} x our CPU",
                flush=True,
            )
            best = min(best or (ratio, name), (ratio, name))
    if best:
        print(f"lines/s against TextRecognition at its best ({best[1]}): {best[0]:.2f} x")


def main() -> int:
    """Print both figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", required=True)
    parser.add_argument("--labels", type=Path, required=True)
    parser.add_argument("--lines", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--workers", type=int, default=usable_cores())
    parser.add_argument("--no-reference", action="store_true")
    options = parser.parse_args()
    listed = [line.path for line in read_labels(options.labels, tally=Tally())]
    paths = listed[:: max(1, len(listed) // options.lines)][: options.lines]
    images = options.labels.parent
    opened = open_model(options.model)
    print(f"{options.model}, {opened.engine.name}, {len(paths)} lines of {options.labels}")
    against_bare(opened, paths, images, options.workers, options.rounds)
    if not options.no_reference:
        rounds = max(1, options.rounds // 2)
        against_reference(opened, options.model, paths, images, options.workers, rounds)
    return 0


if __name__ == "__main__":
    sys.exit(main())
