"""Kill a run with -9 at random moments, go on with it, and look for what is lost or wrong.

    python benchmarks/kill.py                   # 1,000 kills
    python benchmarks/kill.py --kills 50 --seed 3 --json

After each kill: no label and no finished shard names a missing, cut or changed image. At the
end of each run: every file has the bytes of the run that was never killed. A killed worker ends
its run by itself, with exit code 1 and the signal named. Ends with 1 if anything else was found.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # this process is forked from

import argparse
import json
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from benchmarks.killing import Kill, Trial, contents, ended, prepare, start


def unbroken(arguments: list[str], folder: Path) -> tuple[dict[str, str], float]:
    """Run without a kill; give the files and the seconds it took.

    Raises:
        SystemExit: the run failed.
    """
    log = folder.with_suffix(".log")
    begin = time.monotonic()
    code = ended(start([*arguments, "--workers", "1", "--out", str(folder)], log), 600.0)
    if code != 0:
        raise SystemExit(f"the unbroken run ended with {code}: {log.read_text()[-1000:]}")
    return contents(folder), time.monotonic() - begin


def main() -> None:
    """Kill, resume, compare; print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1, help="of the moments")
    parser.add_argument("--folder", type=Path, help="where to work; default: a temporary folder")
    parser.add_argument("--json", action="store_true", help="one JSON object")
    options = parser.parse_args()
    chance = random.Random(options.seed)
    kills: list[Kill] = []
    found: list[str] = []
    decodable: set[str] = set()
    runs, begin = 0, time.monotonic()
    with tempfile.TemporaryDirectory(prefix="kill-", dir=options.folder) as made:
        work = Path(made)
        arguments = prepare(work)
        # The first run also builds the faces and warms the cache; the second tells how long
        # one takes.
        unbroken(arguments, work / "first")
        wanted, usual_s = unbroken(arguments, work / "whole")
        while len(kills) < options.kills:
            trial = Trial(arguments, work / f"run-{runs}", wanted, usual_s, decodable)
            while len(kills) < options.kills and not trial.is_complete:
                killed = trial.once(chance)
                if killed is not None:
                    kills.append(killed)
            if not trial.is_complete:
                trial.finish()
            found += trial.found
            runs += 1
            shutil.rmtree(trial.folder)
    figures = {
        "kills": len(kills),
        "of": dict(Counter(kill.what for kill in kills).most_common()),
        "while": dict(Counter(kill.state for kill in kills).most_common()),
        "runs completed": runs,
        "seconds of an unbroken run": round(usual_s, 2),
        "seconds in all": round(time.monotonic() - begin, 1),
        "faults": found,
    }
    if options.json:
        print(json.dumps(figures, ensure_ascii=False))
    else:
        for name, value in figures.items():
            print(f"{name}: {value}")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
