"""What a detector's memory is told to be for large pages, beside what they take.

    python benchmarks/det_memory.py [--models NAME_OR_PATH ...] [--sizes WIDTHxHEIGHT ...]
        [--engine onnx]

What is told comes from the squares that `train det tune` and `train det plan` run
(`train.detection.memory`); what is taken is the peak of a process that opens the detector and finds
the boxes of one page, a process for each size. Prints a row a model and size, and ends with 1 where
less than 90 % or more than 140 % of what is taken was told.
"""

import argparse
from dataclasses import replace

from train.detection.detector import Engine, open_detector
from train.detection.memory import memory_need, peaks_of
from train.models.model_sources import DETECTORS

SIZES = ("960x960", "1280x960", "1536x1536", "1920x1920", "2496x1760", "640x3520", "2496x3520")
"""The last is A4 at 300 dpi, the fifth A4 at 212 dpi on its side, the sixth a long receipt."""

LEAST, MOST = 0.9, 1.4

ENGINES: tuple[Engine, ...] = ("onnx", "paddle")


def main() -> int:
    """Measure all models at all sizes."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--models", nargs="+", default=sorted(DETECTORS))
    parser.add_argument("--sizes", nargs="+", default=SIZES, help="of pages, WIDTHxHEIGHT")
    parser.add_argument("--engine", choices=ENGINES, default="onnx")
    args = parser.parse_args()
    print("| model | page | told, MB | taken, MB | told / taken |")
    print("|---|---|---|---|---|", flush=True)
    outside = 0
    for model in args.models:
        detector = open_detector(model, engine=args.engine)
        need = memory_need(detector)
        whole = replace(
            detector.settings, limit_side_len=32, limit_type="min", max_side_limit=10**6
        )
        for size in args.sizes:
            wide, tall = map(int, size.split("x"))
            told = need.of(whole, (tall, wide))
            taken = peaks_of(detector, [(tall, wide)])[-1]
            is_near = LEAST <= told / taken <= MOST
            outside += not is_near
            print(
                f"| {detector.configuration.model_name} | {wide} x {tall} | {told / 1e6:,.0f} | "
                f"{taken / 1e6:,.0f} | {told / taken:.2f}{'' if is_near else ' outside'} |",
                flush=True,
            )
    print(f"{outside} outside of {LEAST:g} to {MOST:g}")
    return int(outside > 0)


if __name__ == "__main__":
    raise SystemExit(main())
