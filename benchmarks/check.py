"""What `balance check` costs: a million labels as text, and images with their near duplicates.

    python benchmarks/check.py [--labels 1000000] [--images 20000] [--work DIR]

Prints CPU seconds for the labels (budget: 30 s a million), images a minute on the cores at hand
(budget: 20,000 on 2), the same again from the cache, and how many of the planted near duplicates
were found. Lines and images are made here, from fixed seeds.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

PLANTED = 200
"""Copies of other images: written again at JPEG quality 40, and at 0.7 of the size, by turns."""


def make_labels(folder: Path, count: int) -> Path:
    """Write a label file of Korean, Latin and Chinese lines; one of fifty is at fault."""
    draw = np.random.default_rng(1)
    syllables = [chr(code) for code in range(0xAC00, 0xD7A4, 7)]
    letters = [*"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.,:-"]
    han = [chr(code) for code in range(0x4E00, 0x4E00 + 3000)]
    pools = [syllables, letters, han]
    (folder / "dict.txt").write_text("\n".join([*syllables, *letters, *han]) + "\n")
    faults = ("  two", "\u200bzero", "Ω", "x" * 40, "１２", "nb\u00a0sp", "", "é".join("ab"))
    file = folder / "labels.txt"
    with file.open("w") as out:
        for at in range(count):
            pool = pools[at % 3]
            picked = draw.integers(0, len(pool), int(draw.integers(2, 20)))
            text = "".join([pool[n] for n in picked])
            if at % 50 == 0:
                text = text[:4] + faults[at // 50 % len(faults)]
            out.write(f"crops/{at // 1000:04d}/{at:07d}.jpg\t{text}\n")
    return file


def make_images(folder: Path, count: int) -> Path:
    """Write images of lines in OpenCV's stroke fonts, the last `PLANTED` of them copies."""
    import cv2

    draw = np.random.default_rng(2)
    rows = []
    (folder / "crops").mkdir()
    for at in range(count - PLANTED):
        text = "".join(map(str, draw.integers(0, 10, int(draw.integers(4, 14)))))
        high = int(draw.integers(24, 64))
        scale, wide = high / 40, int(len(text) * high * 0.52) + 12
        ground, ink = int(draw.integers(150, 250)), int(draw.integers(0, 90))
        image = np.full((high, wide, 3), ground, np.uint8)
        face = int(draw.integers(0, 7))
        cv2.putText(image, text, (4, int(high * 0.78)), face, scale, (ink,) * 3, 2, cv2.LINE_AA)
        noise = draw.integers(-8, 9, image.shape)
        image = np.clip(image + noise, 0, 255).astype(np.uint8)
        cv2.imwrite(str(folder / f"crops/{at:06d}.jpg"), image, [cv2.IMWRITE_JPEG_QUALITY, 90])
        rows.append((f"crops/{at:06d}.jpg", text))
    for at in range(PLANTED):
        name, text = rows[at * 7]
        image = cv2.imread(str(folder / name))
        if at % 2:
            image = cv2.resize(image, None, fx=0.7, fy=0.7, interpolation=cv2.INTER_AREA)
        copy = f"crops/copy{at:06d}.jpg"
        cv2.imwrite(str(folder / copy), image, [cv2.IMWRITE_JPEG_QUALITY, 90 if at % 2 else 40])
        rows.append((copy, text))
    file = folder / "images.txt"
    file.write_text("".join(f"{path}\t{text}\n" for path, text in rows))
    return file


def run(arguments: Sequence[str], cache: Path) -> tuple[dict[str, object], float, float, float]:
    """Run the command; give its JSON, CPU seconds, seconds, and the peak in MiB."""
    start = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "balance", "check", *arguments, "--json"],
        stdout=subprocess.PIPE,
        env={**os.environ, "XDG_CACHE_HOME": str(cache)},
        start_new_session=True,
    )
    assert process.stdout is not None
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1) or not output:
        raise SystemExit(f"balance check ended with {process.returncode}")
    cpu = usage.ru_utime + usage.ru_stime
    return json.loads(output), cpu, time.monotonic() - start, usage.ru_maxrss / 1024


def main() -> None:
    """Make the sets, check them, print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--labels", type=int, default=1_000_000)
    parser.add_argument("--images", type=int, default=20_000)
    parser.add_argument("--work", type=Path, help="Folder for the sets [default: temporary]")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=given.work) as made:
        folder = Path(made)
        labels = make_labels(folder, given.labels)
        dictionary = str(folder / "dict.txt")
        text = [str(labels), "--text-only", "--dictionary", dictionary]
        found, cpu, seconds, peak = run(text, folder / "cache")
        print(
            f"labels: {given.labels:,} in {cpu:.1f} s CPU ({seconds:.1f} s, {peak:.0f} MiB), "
            f"{30 * given.labels / 1e6:.1f} s allowed; {found['errors']:,} errors, "
            f"{found['warnings']:,} warnings"
        )
        images, cores = make_images(folder, given.images), len(os.sched_getaffinity(0))
        for name in ("images", "images again, from the cache"):
            found, cpu, seconds, peak = run([str(images)], folder / "cache")
            codes = found["codes"]
            assert isinstance(codes, dict)
            near = codes.get("near_duplicate", {}).get("count", 0)
            print(
                f"{name}: {60 * given.images / seconds:,.0f} a minute by the clock, "
                f"{60 * given.images * cores / cpu:,.0f} by CPU seconds with {cores} cores free "
                f"({seconds:.1f} s, {cpu:.1f} s CPU, {peak:.0f} MiB); 20,000 asked; "
                f"{near} near duplicates, {PLANTED} planted; "
                f"{codes.get('near_conflict', {}).get('count', 0)} conflicts; {found['near']}"
            )


if __name__ == "__main__":
    main()
