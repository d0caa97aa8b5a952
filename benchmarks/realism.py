"""Are renders as hard as the real thing? Read both with stock models and compare.

    python benchmarks/realism.py --data DATA                    # both styles
    python benchmarks/realism.py --data DATA --style lcd --count 1000 --keep renders/

DATA holds `sevenseg/train` and `sroie/train` in the recognition form (rec_gt.txt beside crops).
The renders carry the texts of the real set, so that only the looks differ. Exit code 1 if a
target is missed by any model.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.realism_figures import Figures, Look, Target, figures, look_of, mean_look, targets
from benchmarks.stock_reader import STOCK, StockReader, load
from textlines.labels.label_file import read_labels
from textlines.labels.tally import Tally
from textlines.pixels.arrays import Image

REAL = {"lcd": "sevenseg/train", "receipt": "sroie/train"}
"""Where the real lines of each style are, below --data."""

SHOWN_EDITS = 12


@dataclass(frozen=True, slots=True)
class Lines:
    """A set of crops with their truths, decoded."""

    truths: tuple[str, ...]
    images: tuple[Image, ...]

    def look(self) -> Look:
        """Average how the crops look."""
        return mean_look([look_of(image) for image in self.images])


def read_lines(label_file: Path) -> Lines:
    """Read a label file with its crops."""
    tally = Tally()
    rows = list(read_labels(label_file, tally=tally))
    for line in tally.lines():
        print(f"{label_file.name}, {line}")
    folder = label_file.parent
    return Lines(tuple(row.label for row in rows), tuple(load(folder / row.path) for row in rows))


def render(truths: Sequence[str], style: str, args: argparse.Namespace, folder: Path) -> Lines:
    """Draw `args.count` lines with these truths, spread evenly where there are more of them.

    Raises:
        SystemExit: `synth generate` failed, or left lines out.
    """
    count = args.count
    if len(truths) > count:
        truths = [truths[at * len(truths) // count] for at in range(count)]
    texts = folder / f"{style}-texts.txt"
    texts.write_text("".join(f"{truth}\n" for truth in truths), encoding="utf-8", newline="\n")
    out = folder / f"{style}-{args.seed}"
    command = [str(Path(sys.executable).with_name("synth")), "generate"]
    command += ["--text-list", str(texts), "--style", args.style_file or style]
    command += ["--count", str(count), "--seed", str(args.seed), "--repeat-cap", "0"]
    command += ["--max-length", str(max(map(len, truths))), "--out", str(out)]
    for name, values in (("--fonts", args.fonts), ("--set", args.set)):
        for value in values:
            command += [name, value]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}\nended with {done.returncode}:\n{done.stderr}")
    return read_lines(out / "rec_gt_train.txt")


def print_sides(real: Figures, renders: Figures) -> None:
    """Print the figures of one model, real crops at the left."""
    print(f"  {'':22}{'real':>10}{'renders':>10}")
    print(f"  {'lines':22}{real.lines:10d}{renders.lines:10d}")
    for name, a, b in (
        ("line accuracy", real.right, renders.right),
        ("character accuracy", real.characters, renders.characters),
        ("wrong by one edit", real.one_edit, renders.one_edit),
    ):
        print(f"  {name:22}{a:10.3f}{b:10.3f}")
    left, right = (one.edits[:SHOWN_EDITS] for one in (real, renders))
    print(f"  {'edits':14}{'real':>18}    renders")
    for at in range(max(len(left), len(right))):
        pair = [f"{part[at][0]} {part[at][1]}" if at < len(part) else "" for part in (left, right)]
        print(f"  {at + 1:>14}{pair[0]:>20}    {pair[1]}")


def compare(style: str, args: argparse.Namespace, folder: Path) -> list[Target]:
    """Render, read, print and judge one style."""
    label_file = args.data / REAL[style] / "rec_gt.txt"
    real = read_lines(label_file)
    renders = render(real.truths, style, args, folder)
    print(f"== {style}: {len(renders.truths)} renders beside {REAL[style]}")
    looks = (real.look(), renders.look())
    print(f"  {'mean look at 48 px':22}{'real':>10}{'renders':>10}")
    for name in Look.__slots__:
        digits = 3 if name == "sharpness" else 1
        a, b = (getattr(look, name) for look in looks)
        print(f"  {name:22}{a:10.{digits}f}{b:10.{digits}f}")
    found = []
    for model in args.model or STOCK:
        reader = StockReader(STOCK[model], args.threads)
        sides = [figures(side.truths, reader.read(side.images)) for side in (real, renders)]
        print(f"-- {model}")
        print_sides(*sides)
        for target in targets(*sides):
            print(f"  {'reached' if target.reached else 'MISSED ':8}{target.name}: {target.found}")
            found.append(target)
    return found


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder of the real sets")
    parser.add_argument("--style", choices=tuple(REAL), action="append", help="default: both")
    parser.add_argument("--style-file", help="a TOML of that style to try instead of our own")
    parser.add_argument("--model", choices=tuple(STOCK), action="append", help="default: all")
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--fonts", action="append", default=[], help="as synth generate has it")
    parser.add_argument("--set", action="append", default=[], help="as synth generate has it")
    parser.add_argument("--threads", type=int, default=1, help="for reading; 0 = all cores")
    parser.add_argument("--keep", type=Path, help="folder for the renders; default: a temporary")
    return parser.parse_args(arguments)


def main() -> None:
    """Compare, and exit with 1 if a target is missed."""
    args = parse()
    folder = args.keep or Path(tempfile.mkdtemp(prefix="realism-"))
    folder.mkdir(parents=True, exist_ok=True)
    try:
        found = [t for style in args.style or REAL for t in compare(style, args, folder)]
    finally:
        if args.keep is None:
            shutil.rmtree(folder, ignore_errors=True)
    missed = sum(not target.reached for target in found)
    print(f"{len(found) - missed} of {len(found)} targets reached")
    raise SystemExit(1 if missed else 0)


if __name__ == "__main__":
    main()
