"""Plant known faults into copies of generated runs, to learn what `audit.py` finds.

    python benchmarks/faults.py RUN... --out planted/ --count 500 --fonts DIR
    python benchmarks/audit.py planted/*/ --faults planted/faults.json --fonts DIR

Does not import the engine. Images are written again at their own quality; the manifest keeps the
old sha256, so `audit.py` leaves that check out when it is told of planted faults.
"""

import argparse
import hashlib
import json
import shutil
import sys
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
from faults_ink import (
    Flags,
    Floats,
    Line,
    difference,
    ground_under,
    ink_colour,
    parts,
    sharpness,
    softened,
    spread,
)
from PIL import Image

KINDS = ("label file", "label", "swap", "tofu", "blank", "mark", "cut", "cut stated", "ground")
"""`label file`: only the label file is wrong. `label`: manifest and plan say the same wrong
text. `cut`: the image moved. `cut stated`: and the manifest's matrix says so."""

SEEN = 0.12
"""A swapped character differs by at least this share of its ink: l and I of a sans-serif face,
swapped, are no fault that anybody could see."""

DOTS = set(".,:;'\"·-~!?%")
SMALL = 0.3
LEAST_INK = 4

JAMO = {0: 588, 1: 28, 2: 1}
"""How far apart syllables are that differ in the first, second, last letter."""


class Cannot(Exception):  # noqa: N818 - no error: the next row is tried
    """This fault does not fit this row."""


class Bench:
    """One row with its image, ready to be spoilt."""

    def __init__(
        self, folder: Path, row: dict[str, Any], font: Path, alike: dict[str, list[str]],
        draw: np.random.Generator,
    ) -> None:  # fmt: skip
        self.row, self.draw, self.alike = row, draw, alike
        self.path = folder / row["image"]
        with Image.open(self.path) as image:
            self.mode = image.mode
            self.pixels: Floats = np.asarray(image.convert("RGB"), np.float64)
        self.line = Line(row, font)
        self.at = -1
        self.detail = ""
        if row["line"]["whole"]:
            raise Cannot
        self.inks = {
            at: self.line.coverage(at) for at, char in enumerate(row["text"]) if char.strip()
        }
        self.inks = {at: ink for at, ink in self.inks.items() if (ink > 0.5).sum() >= LEAST_INK}
        if not self.inks:
            raise Cannot

    def pick(self, fits: Callable[[int], bool] = lambda _: True) -> Floats:
        """Choose a cluster; gives its ink."""
        places = [at for at in self.inks if fits(at)]
        if not places:
            raise Cannot
        self.at = int(self.draw.choice(places))
        return self.inks[self.at]

    def other(self) -> str:
        """Choose a character of the same kind that looks different, for the chosen place."""
        mine = self.row["text"][self.at]
        pool = [char for char in self.alike[kind_of(mine)] if char != mine]
        if "가" <= mine <= "힣" and self.draw.random() < 0.6:
            pool = [char for char in neighbours(mine) if char != mine]
        soft = softened(self.inks[self.at], 0.7)
        for char in self.draw.permutation(np.array(pool, object))[:40] if pool else ():
            if self.line.covers(char):
                ink = self.line.coverage(self.at, char)
                if difference(soft, softened(ink, 0.7)) >= SEEN:
                    return str(char)
        raise Cannot

    def erase(self, where: Flags, reach: int = 4) -> None:
        """Put the ground where some ink was, and where that ink spread to."""
        all_ink = np.max(list(self.inks.values()), 0)
        rest = np.where(where, 0.0, all_ink)
        gone = spread(where, reach) & (~spread(rest > 0.3, 1) | where)
        clear = ground_under(self.pixels, all_ink, self.draw)
        self.pixels = np.where(gone[:, :, None], clear, self.pixels)

    def lay(self, ink: Floats) -> None:
        """Draw other ink in the chosen place, in the colour and as soft as the old one."""
        old = self.inks[self.at]
        colour, sigma = ink_colour(self.pixels, old), sharpness(self.pixels, old)
        self.erase(old > 0.05)
        share = softened(ink, sigma)[:, :, None]
        self.pixels = self.pixels * (1 - share) + colour * share

    def save(self) -> None:
        """Write the image again."""
        image = Image.fromarray(np.clip(self.pixels.round(), 0, 255).astype(np.uint8))
        kind = {"quality": self.row["quality"]} if self.path.suffix == ".jpg" else {}
        image.convert(self.mode).save(self.path, **kind)  # type: ignore[arg-type]


def kind_of(char: str) -> str:
    """Sort a character among those it may be swapped with."""
    category = unicodedata.category(char)
    script = unicodedata.name(char, "?").split()[0].split("-")[0]
    return category + script if category[0] == "L" else category[0]


def neighbours(char: str) -> list[str]:
    """Give the syllables that differ from one in a single letter."""
    code = ord(char) - 0xAC00
    lead, vowel, last = code // 588, code % 588 // 28, code % 28
    found = [chr(0xAC00 + n * 588 + vowel * 28 + last) for n in range(19)]
    found += [chr(0xAC00 + lead * 588 + n * 28 + last) for n in range(21)]
    return found + [chr(0xAC00 + lead * 588 + vowel * 28 + n) for n in range(28)]


def label(bench: Bench) -> None:
    """Put another character into the label. The image is left alone."""
    bench.pick(lambda at: bench.row["text"][at].isalnum())
    new = bench.other()
    text = bench.row["text"]
    bench.detail = f"{text[bench.at]} -> {new}"
    bench.row["text"] = text[: bench.at] + new + text[bench.at + 1 :]


def swap(bench: Bench) -> None:
    """Draw another character in the place of one."""
    bench.pick(lambda at: bench.row["text"][at].isalnum())
    new = bench.other()
    bench.detail = f"{bench.row['text'][bench.at]} drawn as {new}"
    bench.lay(bench.line.coverage(bench.at, new))
    bench.save()


def tofu(bench: Bench) -> None:
    """Draw a box in the place of a character; crossed where a plain box looks like it."""
    ink = bench.pick(lambda at: bench.row["text"][at].isalnum())
    box = bench.line.tofu(bench.at, crossed=False)
    if difference(softened(ink, 1), softened(box, 1)) < 0.5:
        box = bench.line.tofu(bench.at, crossed=True)
    bench.lay(box)
    bench.save()


def blank(bench: Bench) -> None:
    """Take a whole cluster away."""
    bench.erase(bench.pick() > 0.05)
    bench.save()


def mark(bench: Bench) -> None:
    """Take a dot or another small part away."""
    text = bench.row["text"]
    dots = [at for at in bench.inks if text[at] in DOTS]
    if dots and bench.draw.random() < 0.7:
        bench.pick(lambda at: at in dots)
        pieces = parts(bench.inks[bench.at])
    else:
        small: dict[int, list[Flags]] = {}
        for at, ink in bench.inks.items():
            whole = int((ink > 0.5).sum())
            found = [p for p in parts(ink) if LEAST_INK <= p.sum() < SMALL * whole]
            if found:
                small[at] = found
        bench.pick(lambda at: at in small)
        pieces = small[bench.at]
    piece = pieces[int(bench.draw.integers(len(pieces)))]
    bench.erase(spread(piece, 1) & (bench.inks[bench.at] > 0.05), 3)
    bench.detail = f"{int(piece.sum())} px"
    bench.save()


def cut(bench: Bench) -> None:
    """Move the image so that 12 to 50 % of a cluster's ink leaves it."""
    side = int(bench.draw.integers(4))
    aim = float(bench.draw.uniform(0.12, 0.5))
    turned = {at: np.rot90(ink, side) for at, ink in bench.inks.items()}
    # Turned so that the side it leaves by is the left one.
    first = min(turned, key=lambda at: int(np.flatnonzero(turned[at].sum(0) > 0.5)[0]))
    bench.at = first
    gone = np.cumsum(turned[first].sum(0)) / turned[first].sum()
    step = int(np.searchsorted(gone, aim)) + 1
    if gone[step - 1] > 0.7 or step < 2:
        raise Cannot
    pixels = np.rot90(bench.pixels, side)
    moved = np.concatenate([pixels[:, step:], np.repeat(pixels[:, -1:], step, 1)], 1)
    bench.pixels = np.rot90(moved, -side)
    x, y = ((-step, 0), (0, -step), (step, 0), (0, step))[side]
    bench.detail = f"by {x}, {y}; {gone[step - 1]:.0%} gone"
    bench.row["moved"] = (x, y)
    bench.save()


def ground(bench: Bench) -> None:
    """Give the ground around a cluster the colour of its ink."""
    ink = bench.pick()
    colour = ink_colour(bench.pixels, ink)
    where = spread(ink > 0.3, 3)
    share = softened(where.astype(np.float64), 0.8)[:, :, None]
    grain = bench.draw.normal(0, 1.5, where.shape)[:, :, None]
    bench.pixels = bench.pixels * (1 - share) + (colour + grain) * share
    bench.save()


PLANT: dict[str, Callable[[Bench], None]] = {
    "label file": label,
    "label": label,
    "swap": swap,
    "tofu": tofu,
    "blank": blank,
    "mark": mark,
    "cut": cut,
    "cut stated": cut,
    "ground": ground,
}


def fonts_by_sha256(folders: Iterable[Path]) -> dict[str, Path]:
    """Find font files below folders by what they hold."""
    found: dict[str, Path] = {}
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.suffix.lower() in (".ttf", ".otf", ".ttc"):
                found[hashlib.sha256(path.read_bytes()).hexdigest()] = path
    return found


def plant(
    run: Path, copy: Path, count: int, fonts: dict[str, Path], draw: np.random.Generator
) -> list[dict[str, Any]]:
    """Copy a run and spoil `count` of its samples, all kinds in turn; gives what was done."""
    shutil.copytree(run, copy)
    lines = (copy / "manifest.jsonl").read_text(encoding="utf-8").splitlines()
    rows: list[dict[str, Any]] = [json.loads(line) for line in lines]
    labels = {row["index"]: row["text"] for row in rows}
    alike: dict[str, list[str]] = {}
    for char in sorted({char for row in rows for char in row["text"] if char.isalnum()}):
        alike.setdefault(kind_of(char), []).append(char)
    planted: list[dict[str, Any]] = []
    order = [int(n) for n in draw.permutation(len(rows))]
    while order and len(planted) < count:
        kind = KINDS[len(planted) % len(KINDS)]
        for number in order:
            row = json.loads(json.dumps(rows[number]))
            font = fonts.get(row["face"]["sha256"])
            if font is None:
                raise SystemExit(f"no font file for {row['face']}; name its folder by --fonts")
            try:
                bench = Bench(copy, row, font, alike, draw)
                PLANT[kind](bench)
            except Cannot:
                continue
            break
        else:
            raise SystemExit(f"{run}: no sample is left that can take a fault {kind!r}")
        order.remove(number)
        labels[row["index"]] = row["text"]
        moved = row.pop("moved", (0, 0))
        if kind == "cut stated":
            given = np.eye(3) if row["matrix"] is None else np.array(row["matrix"]).reshape(3, 3)
            shift = np.array([[1, 0, moved[0]], [0, 1, moved[1]], [0, 0, 1]])
            row["matrix"] = (shift @ given).ravel().tolist()
        if kind != "label file":
            rows[number] = row
        planted.append(
            {"run": copy.name, "index": row["index"], "image": row["image"], "kind": kind}
            | {"cluster": bench.at, "text": row["text"], "detail": bench.detail}
        )
    with (copy / "manifest.jsonl").open("w", encoding="utf-8", newline="\n") as out:
        out.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    with (copy / "rec_gt_train.txt").open("w", encoding="utf-8", newline="\n") as out:
        out.writelines(f"{row['image']}\t{labels[row['index']]}\n" for row in rows)
    return planted


def main() -> None:
    """Copy, plant, and write the list."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("runs", type=Path, nargs="+", help="folders of `synth generate`")
    parser.add_argument("--out", type=Path, required=True, help="new folder for the copies")
    parser.add_argument("--count", type=int, default=500, help="faults, shared by the runs")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--fonts", type=Path, action="append", default=[], help="folder of fonts")
    args = parser.parse_args()
    places = [*args.fonts, Path(sys.prefix), Path.home() / ".cache", Path("/usr/share/fonts")]
    fonts = fonts_by_sha256(place for place in places if place.is_dir())
    args.out.mkdir(parents=True)
    planted: list[dict[str, Any]] = []
    for number, run in enumerate(args.runs):
        share = args.count * (number + 1) // len(args.runs) - len(planted)
        draw = np.random.default_rng((args.seed, number))
        planted += plant(run, args.out / run.resolve().name, share, fonts, draw)
    with (args.out / "faults.json").open("w", encoding="utf-8", newline="\n") as out:
        json.dump(planted, out, ensure_ascii=False, indent=0)
        out.write("\n")
    for kind, n in sorted(Counter(fault["kind"] for fault in planted).items()):
        print(f"{kind:12}{n:5d}")


if __name__ == "__main__":
    main()
