"""What an image costs: ours beside a plain loop and beside the fastest peer, in one run.

    python benchmarks/render.py                                   # embedded corpus and faces
    python benchmarks/render.py --bench DIR --doctr VENV/bin/python

DIR holds corpus.txt, bg/, fonts/, floor_e2e.py and doctr_bench.py. Rounds are interleaved and
medians compared, because shared machines drift. CPU of whole processes, start-up included.
"""

import argparse
import shutil
import statistics
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks.measure import Cost, image_area, run

HERE = Path(__file__).parent


def ours(bench: Path | None, count: int, workers: int, out: Path) -> Cost:
    """Draw `count` images with all gates and the manifest on."""
    synth = str(Path(sys.executable).with_name("synth"))
    command = [synth, "generate", "--count", str(count), "--workers", str(workers)]
    command += ["--seed", "1", "--out", str(out), "--repeat-cap", "0"]
    if bench is None:
        command += ["--style", "document"]
    else:
        command += ["--style", str(HERE / "bench_style.toml")]
        command += ["--corpus", str(bench / "corpus.txt"), "--fonts", str(bench / "fonts")]
        command += ["--backgrounds", str(bench / "bg")]
    return run(command)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bench", type=Path, help="folder of the like-for-like job")
    parser.add_argument("--doctr", help="python of a venv with doctr-synth-generator 0.4.1")
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    scratch = Path(tempfile.mkdtemp(prefix="render-"))
    n = args.count
    jobs: dict[str, Callable[[Path], Cost]] = {
        "ours, 1 worker": lambda out: ours(args.bench, n, 1, out),
        "ours, 2 workers": lambda out: ours(args.bench, n, 2, out),
    }
    if args.bench is not None:
        fonts = {"FONTS": str(args.bench / "fonts")}
        floor = [sys.executable, str(args.bench / "floor_e2e.py"), str(n), "1"]
        jobs["floor_e2e, 1 process"] = lambda out: run([*floor, str(out)], fonts)
        if args.doctr:
            doctr = [args.doctr, str(args.bench / "doctr_bench.py"), str(n), "1"]
            jobs["doctr-synth 0.4.1"] = lambda out: run([*doctr, str(out)], {**fonts, "SS": "1"})
    costs: dict[str, list[float]] = {name: [] for name in jobs}
    peaks: dict[str, float] = {}
    shapes: dict[str, tuple[int, float]] = {}
    try:
        for at in range(args.rounds):
            for name, job in jobs.items():
                out = scratch / f"{at}-{len(name)}"
                cost = job(out)
                costs[name].append(cost.cpu_s / n * 1e6)
                peaks[name] = max(peaks.get(name, 0), cost.peak_mib)
                shapes[name] = image_area(out)
                shutil.rmtree(out)
                print(f"round {at + 1}: {name} {costs[name][-1]:.0f} us/image", file=sys.stderr)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    print(f"{'':24}{'CPU us/image':>14}{'images':>9}{'mean area':>11}{'peak MiB':>10}")
    for name, values in costs.items():
        made, area = shapes[name]
        print(f"{name:24}{statistics.median(values):14.0f}{made:9d}{area:11.0f}{peaks[name]:10.0f}")
    first = costs["ours, 1 worker"]
    for name, values in costs.items():
        if name == "ours, 1 worker":
            continue
        pairs = [ours_us / theirs for ours_us, theirs in zip(first, values, strict=True)]
        if name == "ours, 2 workers":
            pairs = [1 / ratio for ratio in pairs]
            print(f"2 workers / 1 worker, CPU: {statistics.median(pairs):.2f}")
        else:
            print(f"ours / {name}, CPU: {statistics.median(pairs):.2f}")


if __name__ == "__main__":
    main()
