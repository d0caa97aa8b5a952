"""What `balance mix` costs beside GNU `shuf` of the same lines, in one run.

    python -m benchmarks.mix --originals 1000000 --new 200000
    python -m benchmarks.mix --originals 18000000 --new 2000000 --ratio 10:1 --big --memory 2GB

CPU seconds of the whole command (start-up, reading, validation of every line, ratio, counts,
report, writing) with evening off and on, as multiples of shuf's; the largest memory; and, apart,
what it costs to look for the images by one listing a folder. With `--big` the lines but the new
ones are on disk, and what is sorted at a time is limited. Labels are made from a seed: words
of Hangul and Latin with the frequencies of Zipf, or ASCII alone (`--ascii`).
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
from contextlib import nullcontext
from pathlib import Path

import numpy as np

from benchmarks.measure import run

LIMITS = {"off": 5.0, "even": 15.0}
MOST_MIB = 4096
LISTED = 100_000
"""Images that are really made, for the cost of listing them."""


def write_lines(path: Path, count: int, seed: int, ascii_only: bool) -> None:
    """Write a label file of random words."""
    rng, fixed = np.random.default_rng(seed), np.random.default_rng(0)
    latin = "etaoinshrdlucmfwypvbgkjqxzETAOINSHRDLUCMFWYPVBGKJQXZ0123456789.,-:/"
    signs = list(latin) + ([] if ascii_only else [chr(0xAC00 + 7 * k) for k in range(1200)])
    fixed.shuffle(signs)
    chance = 1 / np.arange(1, len(signs) + 1)
    chance /= chance.sum()
    words = [
        "".join(signs[k] for k in fixed.choice(len(signs), fixed.integers(1, 6), p=chance))
        for _ in range(60_000)
    ]
    use = 1 / np.arange(1, len(words) + 1) ** 1.05
    use /= use.sum()
    with path.open("w", encoding="utf-8") as out:
        for low in range(0, count, 200_000):
            sizes = rng.integers(1, 5, min(200_000, count - low))
            picks = rng.choice(len(words), int(sizes.sum()), p=use).tolist()
            at, rows = 0, []
            for k, size in enumerate(sizes.tolist(), low):
                label = " ".join(words[n] for n in picks[at : at + size])
                rows.append(f"crops/{k // 1000:05d}/{k:08d}.jpg\t{label}\n")
                at += size
            out.write("".join(rows))


def mix(folder: Path, out: str, *options: str) -> tuple[float, float]:
    """Run the command; return CPU seconds and MiB."""
    command = [sys.executable, "-m", "balance", "mix", "--original", str(folder / "original.txt")]
    command += ["--new", str(folder / "new.txt"), "--out", str(folder / out), *options]
    cost = run(command)
    return cost.cpu_s, cost.peak_mib


def listing_cost(folder: Path) -> tuple[float, float]:
    """Return the CPU seconds of a mix of `LISTED` lines with and without looking for images."""
    small = folder / "small"
    small.mkdir()
    for name, source, count in (
        ("original.txt", "original.txt", LISTED),
        ("new.txt", "new.txt", LISTED // 5),
    ):
        with (folder / source).open(encoding="utf-8") as lines:
            kept = [line for line, _ in zip(lines, range(count), strict=False)]
        (small / name).write_text("".join(kept), encoding="utf-8")
        for line in kept:
            image = small / line.partition("\t")[0]
            image.parent.mkdir(parents=True, exist_ok=True)
            image.touch()
    none, _ = mix(small, "a", "--no-even", "--check-images", "none")
    listed, _ = mix(small, "b", "--no-even", "--check-images", "listing")
    return listed - none, none


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--originals", type=int, default=1_000_000)
    parser.add_argument("--new", type=int, default=200_000)
    parser.add_argument("--ascii", action="store_true")
    parser.add_argument("--big", action="store_true", help="Measure the mix with lines on disk.")
    parser.add_argument("--memory", default="2GB", help="With --big: what lines may take.")
    parser.add_argument("--ratio", default="8:1", help="Original to new.")
    parser.add_argument("--work", type=Path, help="Folder for the lines [default: temporary]")
    parser.add_argument("--keep", type=Path, help="Keep the lines here, and use those of before.")
    arguments = parser.parse_args()
    with (
        nullcontext(arguments.keep)
        if arguments.keep
        else tempfile.TemporaryDirectory(dir=arguments.work)
    ) as place:
        folder = Path(place)
        folder.mkdir(parents=True, exist_ok=True)
        for name, count, seed in (("original", arguments.originals, 1), ("new", arguments.new, 2)):
            if not (folder / f"{name}.txt").exists():
                write_lines(folder / f"{name}.txt", count, seed, arguments.ascii)
        both = folder / "both.txt"
        with both.open("wb") as out:
            subprocess.run(
                ["cat", folder / "original.txt", folder / "new.txt"], stdout=out, check=True
            )
        cost = run(["shuf", str(both), "-o", str(folder / "shuffled.txt")])
        shuf = cost.cpu_s
        (folder / "shuffled.txt").unlink()
        both.unlink()
        lines = arguments.originals + arguments.new
        print(f"{lines:,} lines; shuf {shuf:.2f} CPU s, {cost.peak_mib:,.0f} MiB", flush=True)
        more = ["--ratio", arguments.ratio]
        more += ["--big", "--memory", arguments.memory] if arguments.big else []
        failed = False
        for name, option in (("off", "--no-even"), ("even", "--even")):
            cpu_s, mib = mix(folder, name, option, "--check-images", "none", *more)
            shutil.rmtree(folder / name)
            ratio = cpu_s / shuf
            held = ratio <= LIMITS[name] and mib < MOST_MIB
            failed |= not held
            print(
                f"evening {name:4}: {cpu_s:.2f} CPU s, {ratio:.1f} x shuf (at most "
                f"{LIMITS[name]:g}), {mib:,.0f} MiB, {1e6 * cpu_s / lines:.2f} us a line"
                f"{'' if held else '  OVER'}",
                flush=True,
            )
        if arguments.big:
            sys.exit(failed)
        listing, base = listing_cost(folder)
        count = LISTED + LISTED // 5
        print(f"images by listing: {1e6 * listing / count:.2f} us each (mix alone {base:.2f} s)")
    sys.exit(failed)


if __name__ == "__main__":
    main()
