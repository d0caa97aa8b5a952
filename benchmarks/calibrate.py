"""How much nearer to real lines a style comes that fits itself to unlabelled crops.

    python benchmarks/calibrate.py --data DATA --out OUT
    python benchmarks/calibrate.py --data DATA --out OUT --set wiretags --seed 1 2 3

DATA holds `sevenseg/train`, `wiretags/train` and `iiit5k/train` in the recognition form; their
labels are not read. Each set is harvested for grounds and calibrated from `document` by the
project's own commands: half of the crops, by text, are fitted to, the other half judges. Wanted:
Fréchet distance and AUC fall by at least half of the way to real against real. Exit code 1 where
one does not. Rows are kept in OUT/rows.jsonl; what is there is not run again.
"""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

SETS = ("sevenseg", "wiretags", "iiit5k")


def run(*words: object) -> str:
    """Run a command of ours; return what it printed.

    Raises:
        SystemExit: it failed.
    """
    done = subprocess.run(
        [sys.executable, "-m", *map(str, words)], stdout=subprocess.PIPE, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(map(str, words[:2]))} ended with {done.returncode}")
    return done.stdout


def calibrated(args: argparse.Namespace, name: str, seed: int) -> dict[str, Any]:
    """Harvest and calibrate one set; return its row."""
    crops, out = args.data / name / "train" / "crops", args.out / f"{name}-s{seed}"
    out.mkdir(parents=True, exist_ok=True)
    begun = time.monotonic()
    grounds = json.loads(
        run(
            "synth", "harvest", "--crops", crops, "--out", out / "grounds", "--model", args.model,
            "--seed", seed, "--json",
        )
    )  # fmt: skip
    style = out / "fitted.toml"
    style.unlink(missing_ok=True)
    made = json.loads(
        run(
            "synth", "calibrate", "--crops", crops, "--out", style, "--html", out / "fit.html",
            "--backgrounds", out / "grounds", "--model", args.model, "--seed", seed,
            "--trials", args.trials, "--json",
        )
    )  # fmt: skip
    minutes = round((time.monotonic() - begun) / 60, 1)
    return {"set": name, "seed": seed, "minutes": minutes, "grounds": grounds["grounds"], **made}


def way(row: dict[str, Any], measure: str) -> float:
    """Return the share of the way from before to real against real that was gone."""
    before, after, real = (row[at][measure] for at in ("before", "after", "real"))
    return float((before - after) / (before - real)) if before != real else 0.0


def table(rows: Sequence[dict[str, Any]]) -> tuple[str, bool]:
    """Lay the rows out; also whether all went half of the way."""
    lines = [
        "| set, seed | lines | Fréchet: document | fitted | real | way | AUC: document | fitted "
        "| real | way | minutes |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    reached = True
    for row in rows:
        cells = [f"{row['set']}, {row['seed']}", str(row["lines"]["judged"])]
        for measure, digits in (("frechet", 1), ("auc", 3)):
            gone = way(row, measure)
            reached &= gone >= 0.5
            cells += [f"{row[at][measure]:.{digits}f}" for at in ("before", "after", "real")]
            cells.append(f"{100 * gone:.0f} %")
        lines.append(f"| {' | '.join([*cells, str(row['minutes'])])} |")
    return "\n".join(lines), reached


def main() -> int:
    """Run what has no row yet, and print all."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--set", nargs="+", choices=SETS, default=list(SETS))
    parser.add_argument("--seed", nargs="+", type=int, default=[1])
    parser.add_argument("--model", default="PP-OCRv4_mobile_rec")
    parser.add_argument("--trials", type=int, default=320)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    kept = args.out / "rows.jsonl"
    there = kept.read_text(encoding="utf-8").splitlines() if kept.exists() else []
    rows = {(row["set"], row["seed"]): row for row in map(json.loads, there)}
    for name in args.set:
        for seed in args.seed:
            if (name, seed) not in rows:
                rows[name, seed] = calibrated(args, name, seed)
                with kept.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(rows[name, seed], ensure_ascii=False) + "\n")
    text, reached = table([rows[key] for key in sorted(rows)])
    print(text)
    for key in sorted(rows):
        for word in rows[key]["apart"]:
            print(f"{key[0]}, {key[1]}: {word}")
    return 0 if reached else 1


if __name__ == "__main__":
    sys.exit(main())
