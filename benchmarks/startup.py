"""What a first call costs: `--help`, the first image, and the memory of a process with many faces.

    python benchmarks/startup.py                       # the fonts that are found on this machine
    python benchmarks/startup.py --fonts DIR --lines 500

CPU seconds (user and system) of whole processes, the least of `--rounds` after one that fills the
font cache and compiles the modules, as an installed package has them; the first image by the API
and by `synth generate` of one line. The floor beside them only imports the libraries that an image
needs. Peak memory: of one process that draws `--lines` lines in turn over every face.
Asked: 0.4 s, 1 s, 300 MB.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.measure import Cost, run

API = "import synth; synth.render('12.30', style={style!r}, seed=1)"

FLOOR = "import cv2, numpy, PIL.ImageFont, pydantic.main, typer, uharfbuzz"

MEMORY = """
import sys
from pathlib import Path
from synth.api import Renderer
from textlines.formats.plan_rows import PlanRow
fonts = [Path(name) for name in sys.argv[2:]]
renderer = Renderer("document", fonts=fonts, seed=1)
faces = sorted(renderer._faces, key=lambda face: face.id)
lines = int(sys.argv[1])
for index in range(lines):
    text = f"{index % 997} Total {index * 7 % 1009}.{index % 100:02}"
    renderer._engine.sample(PlanRow(index, text, (), faces[index % len(faces)].id, "document"))
print(f"{len(faces)} faces, {lines} lines")
"""


def least(command: Sequence[str], rounds: int) -> Cost:
    """Run a command once for the caches and then so many times; give the cheapest."""
    run(command)
    return min((run(command) for _ in range(rounds)), key=lambda cost: cost.cpu_s)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--lines", type=int, default=400, help="drawn for the memory figure")
    parser.add_argument("--fonts", type=Path, action="append", default=[], help="folder of fonts")
    args = parser.parse_args()
    synth = str(Path(sys.executable).with_name("synth"))
    with tempfile.TemporaryDirectory() as compiled:
        # Where writing them is switched off, every call would compile every module again.
        os.environ.update(PYTHONDONTWRITEBYTECODE="", PYTHONPYCACHEPREFIX=compiled)
        _measure(synth, args)


def _measure(synth: str, args: argparse.Namespace) -> None:
    cost = least([sys.executable, "-c", FLOOR], args.rounds)
    print(f"floor: the libraries imported     {cost.cpu_s:6.2f} s CPU", flush=True)
    for words in (["--help"], ["generate", "--help"]):
        cost = least([synth, *words], args.rounds)
        print(f"synth {' '.join(words):28}{cost.cpu_s:6.2f} s CPU", flush=True)
    for style in ("lcd", "document"):
        cost = least([sys.executable, "-c", API.format(style=style)], args.rounds)
        print(f"first image, API, {style:16}{cost.cpu_s:6.2f} s CPU", flush=True)
    with tempfile.TemporaryDirectory() as made:
        texts = Path(made) / "text.txt"
        texts.write_text("Total 12.30\n", encoding="utf-8")
        cost = _generate(synth, Path(made), args.rounds)
    print(f"first image, synth generate       {cost.cpu_s:6.2f} s CPU", flush=True)
    fonts = [str(folder) for folder in args.fonts]
    cost = least([sys.executable, "-c", MEMORY, str(args.lines), *fonts], 1)
    print(f"peak memory of a process          {cost.peak_mib:6.0f} MiB ({cost.cpu_s:.1f} s CPU)")


def _generate(synth: str, folder: Path, rounds: int) -> Cost:
    """Draw one line into a new folder each time."""
    costs = []
    for number in range(rounds + 1):
        command = [synth, "generate", "--text-list", str(folder / "text.txt"), "--workers", "1"]
        costs.append(run([*command, "--out", str(folder / f"run{number}")]))
    return min(costs[1:], key=lambda cost: cost.cpu_s)


if __name__ == "__main__":
    main()
