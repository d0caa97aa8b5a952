"""What training teaches a detector that tuning its settings does not, and what it costs elsewhere.

    python benchmarks/det_train.py OUT --own train/Label.txt --judge dev/Label.txt \
        --original receipts/train --general receipts=receipts/dev/Label.txt \
        --recognizer PP-OCRv4_mobile_rec --models PP-OCRv6_tiny_det --seeds 1 2 3

For each model: settings of the stock detector are searched on the own pages (`train det tune`).
For each seed: own pages and originals are mixed (`balance mix`), a run is planned and followed
(`train det plan`, `rec`), and the gate judges it against stock, each at its own tuned settings and
both as deployed (`train det gate`). `--new` mixes drawn pages in; without `--own` they stand alone
(`--stop-on` names pages to blend by then). `--bold` takes no care: all steps on labels at three
times the rate, no blend; the gate must fail it. What is there is not made again.

Prints a row for each run: lines read exactly from boxes of stock and candidate, each tuned, from
the labels' own corners, the share of that gap that is closed, the change with its interval by page,
hmean, general sets as deployed, the gate's word, minutes. After several seeds one row more: the
mean change of reading over the seeds, its interval by page (a page is drawn with all its seeds).
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from textlines.labels.tally import Tally
from textlines.regions.page_file import read_pages
from train.detection.judged_pages import is_readable

HEAD = (
    f"{'model':<22} {'seed':>4} {'stock':>6} {'tuned':>6} {'corners':>7} {'closed':>6} "
    f"{'change by page':>20} {'hmean':>14}  {'general as deployed':<40} {'gate':<12} {'min':>5}"
)

BOLD_RATE = 3e-4


@dataclass(frozen=True, slots=True)
class Cell:
    """One run: a model and a seed, in a folder of its own."""

    model: str
    seed: int
    folder: Path


def command(*words: str, log: Path, may_fail: bool = False) -> str:
    """Run a command of the project, its stderr into a log; return what it printed."""
    with log.open("a", encoding="utf-8") as errors:
        done = subprocess.run(
            [sys.executable, "-m", *words], stdout=subprocess.PIPE, stderr=errors, text=True
        )
    if done.returncode and not may_fail:
        raise SystemExit(f"{' '.join(words)}: ended with {done.returncode}, see {log}")
    return done.stdout


def tuned_stock(model: str, args: argparse.Namespace) -> Path:
    """Search settings for the stock detector on the own pages, or on those to blend by."""
    out: Path = args.out / f"stock-{model}" / "tuned.toml"
    if not out.is_file():
        out.parent.mkdir(parents=True, exist_ok=True)
        words = ["train", "det", "tune", "--model", model, "--labels", str(args.tune_on)]
        words += ["--judge", str(args.judge), "--out", str(out), *read_by(args)]
        command(*words, log=out.with_suffix(".log"))
    return out


def read_by(args: argparse.Namespace) -> list[str]:
    return ["--objective", "reading", "--recognizer", args.recognizer] if args.recognizer else []


def mixed(args: argparse.Namespace) -> Path:
    folder: Path = args.out / "mix"
    if not (folder / "mix.json").is_file():
        words = ["balance", "mix", "--out", str(folder), "--epochs", str(args.epochs)]
        for option in ("own", "new", "original"):
            named = getattr(args, option)
            words += [f"--{option}", *map(str, named)] if named else []
        words += list(args.mix_options)
        command(*words, log=args.out / "mix.log")
    return folder


def trained(cell: Cell, args: argparse.Namespace) -> float:
    """Plan and follow a run; return the minutes of the run, as its metrics have them."""
    run, log = cell.folder / "run", cell.folder / "run.log"
    if not (run / "plan.toml").is_file():
        words = ["train", "det", "plan", "--model", cell.model, "--mix", str(mixed(args))]
        words += ["--out", str(run), "--seed", str(cell.seed), "--epochs", str(args.epochs)]
        words += read_by(args)
        words += ["--minutes", str(args.minutes)] if args.minutes else []
        words += ["--stop-on", str(args.stop_on)] if args.stop_on else []
        if args.bold:
            words += ["--replay", "labels", "--rate", str(BOLD_RATE)]
        command(*words, log=log)
        if args.bold:
            _without_blends(run / "plan.toml")
    begun = time.monotonic()
    command("train", "det", "rec", str(run), log=log)
    events = (run / "metrics.jsonl").read_text(encoding="utf-8").splitlines()
    finished: dict[str, Any] = next(
        (json.loads(event) for event in events if json.loads(event)["event"] == "finished"), {}
    )
    return float(finished.get("seconds", time.monotonic() - begun)) / 60


def _without_blends(plan: Path) -> None:
    """Have a run keep its last weights, whatever the general pages lose."""
    text = plan.read_text(encoding="utf-8")
    alphas = next(line for line in text.splitlines() if line.startswith("alphas"))
    delta = next(line for line in text.splitlines() if line.startswith("delta"))
    changed = text.replace(alphas, "alphas = [0.0, 1.0]").replace(delta, "delta = 1.0")
    plan.write_text(changed, encoding="utf-8")


def verdict(cell: Cell, stock: Path, args: argparse.Namespace) -> dict[str, Any]:
    out = cell.folder / "verdict.json"
    if not out.is_file():
        best = cell.folder / "run" / "best"
        words = ["train", "det", "gate", "--base", cell.model, "--candidate", str(best)]
        words += ["--target", f"target={args.judge}", "--base-tuned", str(stock)]
        words += ["--candidate-tuned", str(best / "tuned.toml"), "--json", str(out)]
        words += ["--html", str(out.with_suffix(".html")), *read_by(args)]
        words += ["--general", *args.general] if args.general else []
        command(*words, log=cell.folder / "gate.log", may_fail=True)
    content: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
    return content


def from_corners(model: str, args: argparse.Namespace) -> float | None:
    """Return the share of lines read exactly from the labels' own corners."""
    if not args.recognizer:
        return None
    out: Path = args.out / f"stock-{model}" / "evaluated.json"
    if not out.is_file():
        words = ["train", "det", "evaluate", "--model", model, "--labels", str(args.judge)]
        words += ["--recognizer", args.recognizer, "--json"]
        out.write_text(command(*words, log=out.with_suffix(".log")), encoding="utf-8")
    content = json.loads(out.read_text(encoding="utf-8"))
    return float(content["readings"]["all"]["from_labels"]["value"])


def row(cell: Cell, content: dict[str, Any], corners: float | None, minutes: float) -> str:
    target = next(
        one for one in content["sets"] if one["role"] == "target" and one["settings"] == "tuned"
    )
    figure = target["reading"] or target["hmean"]
    before, after, interval = figure["before"], figure["after"], figure["interval"]
    closed = f"{(after - before) / (corners - before):.2f}" if corners and corners > before else "-"
    hmean = f"{target['hmean']['before']:.3f} {target['hmean']['after']:.3f}"
    general = ", ".join(
        f"{one['set']} {one['hmean']['before']:.4f} {one['hmean']['after']:.4f}"
        for one in content["sets"]
        if one["role"] == "general" and one["settings"] in ("deployed", "as_base")
    )
    change = f"{after - before:+.3f} ({interval[0]:+.3f} {interval[1]:+.3f})"
    told = f"{corners:.3f}" if corners is not None else "-"
    return (
        f"{cell.model:<22} {cell.seed:>4} {before:>6.3f} {after:>6.3f} {told:>7} {closed:>6} "
        f"{change:>20} {hmean:>14}  {general:<40} {content['outcome']:<12} {minutes:>5.1f}"
    )


def over_seeds(model: str, verdicts: Sequence[dict[str, Any]], judge: Path) -> str:
    """Return a row for the mean change of reading over seeds, with its interval by page."""
    pages = {
        page.path: sum(is_readable(region) for region in page.regions)
        for page in read_pages(judge, tally=Tally())
    }
    gained = dict.fromkeys(pages, 0.0)
    for content in verdicts:
        for one in content["changed"]:
            if one["set"] == "target" and one["settings"] == "tuned" and one["read"]:
                gained[one["path"]] += (one["read"][1] - one["read"][0]) / len(verdicts)
    changes, labels = np.array(list(gained.values())), np.array(list(pages.values()), np.float64)
    random = np.random.Generator(np.random.PCG64(1))
    drawn = random.multinomial(len(pages), np.full(len(pages), 1 / len(pages)), size=10_000)
    low, high = np.percentile(drawn @ changes / (drawn @ labels), [2.5, 97.5])
    mean = changes.sum() / labels.sum()
    return f"{model:<22} mean of {len(verdicts)} seeds: {mean:+.3f} ({low:+.3f} {high:+.3f})"


def main(words: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--own", type=Path, nargs="*", default=[])
    parser.add_argument("--new", type=Path, nargs="*", default=[])
    parser.add_argument("--original", type=Path, nargs="*", default=[])
    parser.add_argument("--judge", type=Path, required=True, help="pages that nothing saw")
    parser.add_argument("--tune-on", type=Path, help="for stock's settings; default: --own")
    parser.add_argument("--stop-on", type=Path, help="pages to blend by; default: held out")
    parser.add_argument("--general", nargs="*", default=[], help="NAME=FILE")
    parser.add_argument("--recognizer", default="")
    parser.add_argument("--models", nargs="+", default=["PP-OCRv6_tiny_det"])
    parser.add_argument("--seeds", nargs="+", type=int, default=[1])
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--minutes", type=float, default=0)
    parser.add_argument(
        "--mix-options",
        action="extend",
        nargs="*",
        default=[],
        help="of balance mix: --option=X",
    )
    parser.add_argument("--bold", action="store_true")
    args = parser.parse_args(words)
    args.tune_on = args.tune_on or (args.own[0] if args.own else args.stop_on)
    if args.tune_on is None:
        parser.error("name --own, or --stop-on, or --tune-on: stock's settings are searched there")
    args.out.mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    print(HEAD, flush=True)
    for model in args.models:
        stock, corners = tuned_stock(model, args), from_corners(model, args)
        verdicts = []
        for seed in args.seeds:
            cell = Cell(model, seed, args.out / f"{Path(model).stem}-{seed}")
            cell.folder.mkdir(exist_ok=True)
            minutes = trained(cell, args)
            verdicts.append(verdict(cell, stock, args))
            print(row(cell, verdicts[-1], corners, minutes), flush=True)
        if len(verdicts) > 1 and args.recognizer:
            print(over_seeds(model, verdicts, args.judge), flush=True)


if __name__ == "__main__":
    main()
