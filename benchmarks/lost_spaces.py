"""How sure a model is where it loses spaces.

    python benchmarks/lost_spaces.py --model PP-OCRv4_mobile_rec --labels SET/rec_gt.txt

Of the lines whose characters without spaces are read in their number, each gap between two
neighbours is one of three: a space that was read, a space that was lost, or none. Told for each
kind: the greatest share that the model gives the space within the gap, by quantiles, and how many
gaps have `hint` or more of it.
"""

import argparse
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np

from textlines.labels.label_file import read_labels
from textlines.labels.tally import Tally
from textlines.pixels.decode import read_image
from textlines.pixels.resize import network_input
from train.reading.ctc import Probabilities, emitted
from train.reading.engine import CtcEngine
from train.reading.model_opening import open_model

HINTS = (0.001, 0.003, 0.01, 0.03, 0.1)
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


def emissions(probabilities: Probabilities) -> list[tuple[int, int]]:
    """Return the time step and the class of each character that greedy CTC reads."""
    best = probabilities.argmax(axis=-1)
    return [(int(at), int(best[at])) for at in np.flatnonzero(emitted(best))]


def gaps(probabilities: Probabilities, label: str, space: int) -> Iterator[tuple[str, float]]:
    """Yield each gap's kind and the greatest share of the space in it; none where counts differ."""
    read = emissions(probabilities)
    marks = [at for at, one in read if one != space]
    if len(marks) != len(label.replace(" ", "")):
        return
    words = label.split(" ")
    ends = set(np.cumsum([len(word) for word in words[:-1]]).tolist())
    for number, (left, right) in enumerate(pairwise(marks), 1):
        share = float(probabilities[left : right + 1, space].max())
        is_read = any(one == space and left < at < right for at, one in read)
        kind = ("read" if is_read else "lost") if number in ends else "none"
        yield kind, share


def main() -> None:
    """Print a row for each kind of gap."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", required=True)
    parser.add_argument("--labels", type=Path, required=True)
    parser.add_argument("--lines", type=int, default=250, help="of those with a space")
    options = parser.parse_args()
    engine = open_model(options.model, engine="onnx").engine
    if not isinstance(engine, CtcEngine) or " " not in engine.alphabet.ids:
        sys.exit(f"{options.model} has no graph of ours that reads spaces")
    lines = [line for line in read_labels(options.labels, tally=Tally()) if " " in line.label]
    found: dict[str, list[float]] = {"lost": [], "read": [], "none": []}
    for line in lines[: options.lines]:
        crop = network_input(read_image(options.labels.parent / line.path))
        probabilities = engine.network.probabilities(crop[None])[0]
        for kind, share in gaps(probabilities, line.label, engine.alphabet.ids[" "]):
            found[kind].append(share)
    for kind, shares in found.items():
        values = np.array(shares or [0.0])
        quantiles = " ".join(f"{one:.4f}" for one in np.quantile(values, QUANTILES))
        reached = " ".join(f"{np.mean(values >= hint):.3f}" for hint in HINTS)
        print(f"{kind:5}{len(shares):6,} gaps  quantiles {quantiles}  from {HINTS}: {reached}")


if __name__ == "__main__":
    main()
