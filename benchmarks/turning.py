"""What reading crops in their turns brings, breaks and costs.

    python benchmarks/turning.py --data DATA --model PP-OCRv4_mobile_rec PP-OCRv5_mobile_rec \
        [--sets wiretags/dev sevenseg/dev] [--planted]

DATA/SET holds `rec_gt.txt` and its crops. For each model and set: lines read exactly as the crops
lie, with the surer of two readings (no margin), and as `--turn auto` reads them, with a 95 %
interval of the change; how many were turned, and how many of these became right or wrong; the share
that is read again, and what that costs in time of the network. `--planted` turns every crop by 180,
90 and 270 degrees first: how many of those that are read right upright are read right again.
"""

import argparse
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from unicodedata import normalize

import numpy as np

from textlines.formats.predictions import Turn
from textlines.labels.label_file import LabelLine, read_labels
from textlines.labels.tally import Tally
from textlines.pixels.decode import read_image
from train.judging.intervals import change_interval
from train.reading.crop_reading import usable_cores
from train.reading.ctc import Line
from train.reading.engine import Engine
from train.reading.model_opening import open_model
from train.reading.turning import is_settled, prepared_turns, surest, turned

SETS = ("wiretags/dev", "iiit5k/dev", "sroie/dev", "sevenseg/dev")


@dataclass(frozen=True, slots=True)
class Row:
    """A crop read in all its turns; seconds by turn."""

    label: str
    lines: Mapping[Turn, Line]
    seconds: Mapping[Turn, float]

    def is_right(self, turn: Turn) -> bool:
        """Whether a turn reads the label."""
        return normalize("NFC", self.lines[turn].text) == normalize("NFC", self.label)

    def surer(self) -> Turn:
        """Return the turn that is read surest, without a margin."""
        return max(self.lines, key=lambda turn: (self.lines[turn].score, -turn))


def read_row(engine: Engine, path: Path, label: str, planted: int) -> Row:
    """Read a crop in all its turns.

    Args:
        planted: degrees that it is turned by before.
    """
    image = turned(read_image(path), planted)
    lines: dict[Turn, Line] = {}
    seconds: dict[Turn, float] = {}
    for turn, crop in prepared_turns(engine.prepare, image, "auto").items():
        begun = time.perf_counter()
        lines[turn] = engine.read([crop])[0]
        seconds[turn] = time.perf_counter() - begun
    return Row(label, lines, seconds)


def read_rows(
    engine: Engine, folder: Path, lines: Sequence[LabelLine], planted: int = 0
) -> list[Row]:
    """Read the crops of a set in all their turns."""
    with ThreadPoolExecutor(usable_cores()) as pool:
        return list(
            pool.map(lambda one: read_row(engine, folder / one.path, one.label, planted), lines)
        )


def told(rows: Sequence[Row]) -> str:
    """Put the figures of a set into one line."""
    off = np.array([row.is_right(0) for row in rows], np.float64)
    auto = np.array([row.is_right(surest(row.lines)) for row in rows], np.float64)
    plain = np.array([row.is_right(row.surer()) for row in rows], np.float64)
    change = auto - off
    bounds = change_interval(change) or (-1.0, 1.0)
    count = sum(surest(row.lines) != 0 for row in rows)
    again = [row for row in rows if len(row.lines) > 1 and not is_settled(row.lines[0])]
    cost = sum(sum(row.seconds.values()) - row.seconds[0] for row in again)
    first = sum(row.seconds[0] for row in rows)
    return (
        f"{len(rows):5}  off {off.mean():.4f}  surer {plain.mean():.4f}  auto {auto.mean():.4f}  "
        f"change {100 * change.mean():+.2f} ({100 * bounds[0]:+.2f} to {100 * bounds[1]:+.2f})  "
        f"turned {count}, mended {int((change > 0).sum())}, broken {int((change < 0).sum())}  "
        f"read again {len(again) / len(rows):.3f}, time {cost / first:+.3f}"
    )


def planted_told(upright: Sequence[Row], rows: Sequence[Row]) -> str:
    """Write how many of the crops that are read right upright are read right when turned."""
    right = [(one, two) for one, two in zip(upright, rows, strict=True) if one.is_right(0)]
    lies = sum(two.is_right(0) for _, two in right)
    auto = sum(two.is_right(surest(two.lines)) for _, two in right)
    return f"of {len(right):,} read right upright: {lies:,} as they lie, {auto:,} in their turns"


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--model", nargs="+", default=["PP-OCRv4_mobile_rec"])
    parser.add_argument("--sets", nargs="+", default=list(SETS))
    parser.add_argument("--planted", action="store_true")
    parser.add_argument("--most", type=int, default=0, help="lines of each set; 0 reads all")
    options = parser.parse_args()
    for model in options.model:
        engine = open_model(model).engine
        for name in options.sets:
            folder = options.data / name
            lines = list(read_labels(folder / "rec_gt.txt", tally=Tally()))
            lines = lines[: options.most or len(lines)]
            rows = read_rows(engine, folder, lines)
            print(f"{model} {name:13} {told(rows)}", flush=True)
            for turn in (180, 90, 270) if options.planted else ():
                planted = read_rows(engine, folder, lines, turn)
                print(f"  turned by {turn:3}: {planted_told(rows, planted)}", flush=True)


if __name__ == "__main__":
    main()
