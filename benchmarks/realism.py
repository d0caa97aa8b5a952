"""Are renders as hard as the real thing? Read both with stock models and compare.

    python benchmarks/realism.py --data DATA                    # both styles
    python benchmarks/realism.py --data DATA --style lcd --count 1000 --keep renders/
    python benchmarks/realism.py --labels CROPS/rec_gt.txt --style-file mine.toml --style plate

DATA holds `sevenseg/train` and `sroie/train` in the recognition form (rec_gt.txt beside crops).
With --labels any style, of ours or a file, is held against any crops: as the one that
`synth calibrate` fitted to others of their kind beside one made by hand. The renders carry the
texts of the real set, so that only the looks differ. Exit code 1 if a target is missed by any
model.
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


@dataclass(frozen=True, slots=True)
class Case:
    """A style and the crops that it is held against.

    Attributes:
        name: for folders and tables. style: as `synth generate --style` takes it.
        label_file: of the crops.
    """

    name: str
    style: str
    label_file: Path


def cases(args: argparse.Namespace) -> list[Case]:
    """Return what is asked for: two styles of ours with their sets, or any with one label file.

    Raises:
        SystemExit: neither crops nor their style are named.
    """
    if args.labels is None:
        if args.data is None:
            raise SystemExit("name --data, the folder of the real sets, or --labels, a label file")
        wrong = set(args.style or ()) - set(REAL)
        if wrong or len(args.style_file) > 1:
            shown = ", ".join(sorted(wrong)) or "several style files"
            raise SystemExit(f"{shown}: name the crops that they are held against by --labels")
        names = args.style or list(REAL)
        files = {name: args.data / REAL[name] / "rec_gt.txt" for name in names}
        return [Case(name, (args.style_file or [name])[0], files[name]) for name in names]
    found = [Case(Path(style).stem, style, args.labels) for style in args.style_file]
    found += [Case(name, name, args.labels) for name in args.style or ()]
    names = [case.name for case in found]
    if not found or len(set(names)) < len(names):
        raise SystemExit("name styles by --style or --style-file, each by another name")
    return found


def render(truths: Sequence[str], case: Case, args: argparse.Namespace, folder: Path) -> Lines:
    """Draw `args.count` lines with these truths, spread evenly where there are more of them.

    Raises:
        SystemExit: `synth generate` failed, or left lines out.
    """
    count = args.count
    if len(truths) > count:
        truths = [truths[at * len(truths) // count] for at in range(count)]
    texts = folder / f"{case.name}-texts.txt"
    texts.write_text("".join(f"{truth}\n" for truth in truths), encoding="utf-8", newline="\n")
    out = folder / f"{case.name}-{args.seed}"
    command = [str(Path(sys.executable).with_name("synth")), "generate"]
    command += ["--text-list", str(texts), "--style", case.style]
    command += ["--count", str(count), "--seed", str(args.seed), "--repeat-cap", "0"]
    command += ["--max-length", str(max(map(len, truths))), "--out", str(out)]
    grounds = [] if args.backgrounds is None else [str(args.backgrounds)]
    for name, values in (
        ("--fonts", args.fonts),
        ("--set", args.set),
        ("--backgrounds", grounds),
    ):
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


def alike(asked: Sequence[Case]) -> list[list[Case]]:
    """Part cases by the crops that they are held against, which are read once."""
    files = dict.fromkeys(case.label_file for case in asked)
    return [[case for case in asked if case.label_file == file] for file in files]


@dataclass(frozen=True, slots=True)
class Row:
    """One style as one model reads it beside the real crops, who stand for themselves.

    Attributes:
        look: of the lines; the same for each model.
        targets: of the style; () of the crops.
    """

    style: str
    model: str
    figures: Figures
    look: Look
    targets: tuple[Target, ...] = ()


def table(rows: Sequence[Row]) -> str:
    """Lay rows out: what is real, and the styles beside it.

    >>> read = Figures(10, 0.7, 0.93, 0.8, ())
    >>> print(table([Row("real", "v4", read, Look(90.0, 45.0, 0.47))]).splitlines()[2])
    | real | v4 | 10 | .700 | .930 | .800 | 90 | 45.0 | .470 |  |
    """
    lines = [
        "| lines | model | count | line accuracy | character accuracy | wrong by one edit "
        "| level | contrast | sharpness | targets |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        read, look = row.figures, row.look
        shares = (read.right, read.characters, read.one_edit)
        met = sum(target.reached for target in row.targets)
        cells = [
            *(row.style, row.model, str(read.lines), *(f"{one:.3f}".lstrip("0") for one in shares)),
            *(f"{look.level:.0f}", f"{look.contrast:.1f}", f"{look.sharpness:.3f}".lstrip("0")),
            f"{met} of {len(row.targets)}" if row.targets else "",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def compare(asked: Sequence[Case], args: argparse.Namespace, folder: Path) -> list[Row]:
    """Render, read, print and judge styles that are held against the same crops."""
    real = read_lines(asked[0].label_file)
    drawn = [render(real.truths, case, args, folder) for case in asked]
    look, looks = real.look(), [renders.look() for renders in drawn]
    rows = []
    for case, renders, its_look in zip(asked, drawn, looks, strict=True):
        print(f"== {case.name}: {len(renders.truths)} renders beside {case.label_file.parent}")
        print(f"  {'mean look at 48 px':22}{'real':>10}{'renders':>10}")
        for name in Look.__slots__:
            digits = 3 if name == "sharpness" else 1
            a, b = (getattr(one, name) for one in (look, its_look))
            print(f"  {name:22}{a:10.{digits}f}{b:10.{digits}f}")
    for model in args.model or STOCK:
        reader = StockReader(STOCK[model], args.threads)
        seen = figures(real.truths, reader.read(real.images))
        rows.append(Row("real", model, seen, look))
        for case, renders, its_look in zip(asked, drawn, looks, strict=True):
            read = figures(renders.truths, reader.read(renders.images))
            print(f"-- {case.name}, {model}")
            print_sides(seen, read)
            found = targets(seen, read)
            for one in found:
                print(f"  {'reached' if one.reached else 'MISSED ':8}{one.name}: {one.found}")
            rows.append(Row(case.name, model, read, its_look, tuple(found)))
    return rows


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, help="folder of the real sets of our own styles")
    parser.add_argument("--labels", type=Path, help="label file of real crops, for any styles")
    parser.add_argument(
        "--style", action="append", help="one of ours; without --labels lcd or receipt [both]"
    )
    parser.add_argument(
        "--style-file", action="append", default=[], help="a TOML; without --labels instead of ours"
    )
    parser.add_argument("--backgrounds", type=Path, help="as synth generate has it")
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
        rows = [row for same in alike(cases(args)) for row in compare(same, args, folder)]
    finally:
        if args.keep is None:
            shutil.rmtree(folder, ignore_errors=True)
    print(table(rows))
    found = [target for row in rows for target in row.targets]
    missed = sum(not target.reached for target in found)
    print(f"{len(found) - missed} of {len(found)} targets reached")
    raise SystemExit(1 if missed else 0)


if __name__ == "__main__":
    main()
