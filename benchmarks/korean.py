"""A Korean model mended end to end: from a base that is fitted here to what drawn lines teach it.

    python benchmarks/korean.py --dictionary korean_dict.txt --out OUT

The dictionary is PaddleOCR's (`ppocr/utils/dict/korean_dict.txt`, in the wheel of paddleocr
2.10.0). Needs the models (`make models`), wordfreq from PyPI, and Debian's hunspell-ko,
fonts-nanum, fonts-nanum-extra, fonts-baekmuk, fonts-unfonts-core and fonts-unfonts-extra. Each
stage and each cell is kept, and not made again; tables and what must hold come at the end.
"""

import argparse
import sys
from pathlib import Path

from benchmarks.korean_cells import drawn_lines, run_cells
from benchmarks.korean_sets import World
from benchmarks.korean_tables import told
from benchmarks.korean_world import second_opinion
from textlines.formats.profile import load_profile

SECOND = 200
"""Judged lines that tesseract reads."""

DICTIONARY_OF_WORDS = Path("/usr/share/hunspell/ko.dic")


def main() -> int:
    """Make the world, fit the base, run the cells, print the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--dictionary", type=Path, required=True)
    parser.add_argument("--words", type=Path, default=DICTIONARY_OF_WORDS, help="hunspell's ko.dic")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--fitted", type=int, default=14_000, help="lines that fit the base")
    parser.add_argument("--fit-epochs", type=int, default=12)
    parser.add_argument("--style", default="document", help="of the lines that are drawn")
    parser.add_argument("--pool", type=int, default=2000, help="new lines that are drawn")
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--epoch-lines", type=int, default=5000, help="originals in each epoch")
    parser.add_argument("--head-rate", type=float, default=1e-3)
    parser.add_argument("--cells", default="", help="expression: run those whose key holds it")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--workers", type=int, default=0)
    parser.add_argument("--until", choices=("base", "cells"), default="cells")
    arguments = parser.parse_args()
    world = World(arguments)
    world.make()
    base = world.read(world.base, world.job, world.judge)
    right = sum(label == read for label, read in base)
    print(f"the base reads {right} of {len(base)} lines of production exactly")
    print(second_opinion(world.judge, SECOND))
    if arguments.until == "base":
        return 0
    rows = run_cells(world, arguments)
    owns = {count: set(world.labels_of(world.first(count))) for count in (100, 400)}
    drawn = drawn_lines(arguments.out, rows)
    text, missed = told(rows, base, load_profile(world.profile(None)), owns, drawn)
    print(text)
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
