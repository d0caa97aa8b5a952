"""Feed `balance import` annotations that nobody meant: each format's valid file, changed.

    python benchmarks/mutated_forms.py --count 10000 [FORMAT ...] [--seed 1]

Bytes are turned, cut, doubled and put in; values of JSON are given other types, keys are taken
away; rows change places (`fuzz_mutate`). An import ends in lines or in a `MendError`; anything else
is a traceback. Prints for each format how many were tried, read, refused, and failed, and where
the first failed; ends with 1 if any did. `--count` is of all formats together.
"""

import argparse
import random
import shutil
import sys
import tempfile
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import fuzz_mutate
from tests.annotated_forms import SAMPLES, Sample

Change = Callable[[bytes, random.Random], bytes | None]


@dataclass(slots=True)
class Outcome:
    """What came of the changed files of one format."""

    tried: int = 0
    read: int = 0
    refused: int = 0
    failed: int = 0
    first: str = ""


def try_format(name: str, sample: Sample, count: int, rng: random.Random, folder: Path) -> Outcome:
    """Change a sample's annotations and import them, `count` times.

    Args:
        folder: to work in; what is in it goes.
    """
    from balance.imports.importing import import_lines
    from textlines.errors import MendError

    outcome = Outcome()
    for _ in range(count):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        source, mapping = sample.write(folder)
        changed = _change(folder, sample, rng)
        outcome.tried += 1
        format: Any = "auto" if rng.random() < 0.2 and mapping is None else name
        try:
            import_lines(source, format, folder / "out", mapping=mapping)
        except MendError:
            outcome.refused += 1
        except Exception:
            outcome.failed += 1
            outcome.first = outcome.first or f"{changed}\n{traceback.format_exc()}"
        else:
            outcome.read += 1
    return outcome


def _change(folder: Path, sample: Sample, rng: random.Random) -> str:
    """Change one annotation file, and return what was done to it."""
    path = folder / rng.choice(sorted(sample.files))
    data = path.read_bytes()
    done = []
    for _ in range(rng.choice((1, 1, 2, 3))):
        change = rng.choice(_changes_of(path.suffix, rng))
        changed = change(data, rng)
        if changed is not None:
            data = changed
            done.append(change.__name__.strip("_"))
    path.write_bytes(data)
    return f"{path.name}: {'+'.join(done)}"


def _changes_of(suffix: str, rng: random.Random) -> tuple[Change, ...]:
    # JSON that is no JSON ends at the parser: most changes keep it whole.
    if suffix == ".json" and rng.random() < 0.7:
        return (fuzz_mutate.change_json,)
    return fuzz_mutate.STRUCTURED if rng.random() < 0.6 else fuzz_mutate.BYTES


def main() -> int:
    """Try all formats, or those that are named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("formats", nargs="*", metavar="FORMAT", help="all when none is named")
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    names = options.formats or list(SAMPLES)
    unknown = [name for name in names if name not in SAMPLES]
    if unknown or options.count < 1:
        parser.error(f"no format {unknown[0]!r}" if unknown else "--count is at least 1")
    failed = 0
    print(f"{'format':<15}{'tried':>8}{'read':>8}{'refused':>9}{'tracebacks':>12}")
    with tempfile.TemporaryDirectory() as folder:
        for order, name in enumerate(names):
            rng = random.Random(f"{options.seed} {name}")
            count = options.count * (order + 1) // len(names) - options.count * order // len(names)
            found = try_format(name, SAMPLES[name], count, rng, Path(folder, "case"))
            failed += found.failed
            print(
                f"{name:<15}{found.tried:>8,}{found.read:>8,}{found.refused:>9,}"
                f"{found.failed:>12,}",
                flush=True,
            )
            if found.first:
                print(found.first, file=sys.stderr)
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
