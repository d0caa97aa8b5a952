"""Plant known faults into copies of generated runs, to learn what `audit.py` finds.

    python -m tools.label_audit.plant RUN... --out planted/ --count 500 --fonts DIR
    python -m tools.label_audit.audit planted/*/ --faults planted/faults.json --fonts DIR

Does not import the engine. Images are written again at their own quality; the manifest keeps the
old sha256, so `audit.py` leaves that check out when it is told of planted faults.
"""

import argparse
import json
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from tools.label_audit.fonts import font_folders, font_names, fonts_by_sha256
from tools.label_audit.spoiling import (
    DOTS,
    LEAST_INK,
    SMALL,
    Bench,
    Cannot,
    Flags,
    difference,
    ink_colour,
    kind_of,
    parts,
    softened,
    spread,
)

KINDS = ("label file", "label", "swap", "tofu", "blank", "mark", "cut", "cut stated", "ground")
"""`label file`: only the label file is wrong. `label`: manifest and plan say the same wrong
text. `cut`: the image moved. `cut stated`: and the manifest's matrix says so."""


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
    """Paint the ground around a cluster in the colour of its ink."""
    ink = bench.pick()
    colour = ink_colour(bench.pixels, ink)
    rows, columns = np.nonzero(ink > 0.3)
    where = np.zeros(ink.shape, bool)
    where[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1] = True
    where = spread(where, 5)
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


def plant(
    run: Path, copy: Path, count: int, folders: list[Path], draw: np.random.Generator
) -> list[dict[str, Any]]:
    """Copy a run and spoil `count` of its samples, all kinds in turn; gives what was done."""
    shutil.copytree(run, copy)
    lines = (copy / "manifest.jsonl").read_text(encoding="utf-8").splitlines()
    rows: list[dict[str, Any]] = [json.loads(line) for line in lines]
    fonts = fonts_by_sha256(folders, {name for row in rows for name in font_names(row)})
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
            try:
                bench = Bench(copy, row, fonts, alike, draw)
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
    plans = (copy / "plan.jsonl").read_text(encoding="utf-8").splitlines()
    texts = {row["index"]: row["text"] for row in rows}
    with (copy / "plan.jsonl").open("w", encoding="utf-8", newline="\n") as out:
        for plan in map(json.loads, plans):
            plan["text"] = texts[plan["index"]]
            out.write(json.dumps(plan, ensure_ascii=False) + "\n")
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
    args.out.mkdir(parents=True)
    planted: list[dict[str, Any]] = []
    for number, run in enumerate(args.runs):
        share = args.count * (number + 1) // len(args.runs) - len(planted)
        draw = np.random.default_rng((args.seed, number))
        planted += plant(run, args.out / run.resolve().name, share, font_folders(args.fonts), draw)
    with (args.out / "faults.json").open("w", encoding="utf-8", newline="\n") as out:
        json.dump(planted, out, ensure_ascii=False, indent=0)
        out.write("\n")
    for kind, n in sorted(Counter(fault["kind"] for fault in planted).items()):
        print(f"{kind:12}{n:5d}")


if __name__ == "__main__":
    main()
