"""The whole line on real crops, cell by cell: own lines alone, drawn lines alone, both.

    python benchmarks/mend.py --data DATA --matrix benchmarks/mend_matrix.toml --out OUT
        --pool 1200 --epochs 10 --epoch-lines 600

Each cell of the matrix is one training by the project's own commands, run as a user runs them:
mine, render, mix, plan, train, export, gate or read. Its row in OUT/rows.jsonl is kept, and a cell
that has one is not run again; tables and what must hold come at the end (exit code 1 where a must
is missed or cannot be told yet). Originals are sroie and iiit5k lines whose target is the base
model's own reading. DATA does not come with the project.
"""

import argparse
import sys
from pathlib import Path

from benchmarks.mend_matrix import run_matrix


def main() -> int:
    """Run the cells that have no row yet."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--matrix", type=Path, required=True, help="the list of cells")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--pool", type=int, default=1200, help="new lines that are rendered")
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--epoch-lines", type=int, default=600, help="originals in each epoch")
    return run_matrix(parser.parse_args())


if __name__ == "__main__":
    sys.exit(main())
