"""The whole line on real crops: mine, render, mix, train, export, gate; figures at the end.

    python benchmarks/mend.py --data DATA --job meters --model PP-OCRv4_mobile_rec --out OUT
    python benchmarks/mend.py --data DATA --job receipts --model PP-OCRv4_mobile_rec --out OUT

    python benchmarks/mend.py --data DATA --matrix benchmarks/mend_matrix.toml --pool 1200
        --epochs 10 --epoch-lines 600 --out OUT

`--matrix`: many trainings, one row each in OUT/rows.jsonl, resumable; own lines alone, drawn lines
alone, both.

`meters`: mined, styled and stopped on sevenseg/train, judged on sevenseg/dev; originals are sroie
and iiit5k lines whose target is the base model's own reading. `receipts`: sroie/train split by
receipt.
Every step is a command of this project, run as a user runs it; a step whose result is there is not
made again. DATA does not come with the project.
"""

import argparse
import hashlib
import json
import shutil
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from mend_job import RECEIPT, Job, Splits
from mend_matrix import run_matrix


def meters(job: Job, arguments: argparse.Namespace) -> None:
    """Mend a model on LCD meters."""
    data, out = arguments.data, job.out
    seven, sroie, iiit = (data / name for name in ("sevenseg", "sroie", "iiit5k"))
    splits = Splits(out / "sets", sroie, iiit)
    originals = [
        splits.receipts("sroie-original", 0, 50),
        splits.words("iiit5k-original", 0, 60),
    ]
    stops = [splits.receipts("sroie-stop", 50, 60), splits.words("iiit5k-stop", 60, 70)]
    judges = [splits.receipts("sroie-judge", 60, 100), splits.words("iiit5k-judge", 70, 100)]
    new = mined_and_rendered(
        job, arguments, seven / "train/rec_gt.txt", "--style", "lcd", "--seed", 1
    )
    mix(job, arguments, originals, new)
    finish(
        job,
        arguments,
        stop=[f"{seven / 'train/rec_gt.txt'}"],
        general_stop=[f"{stops[0]}:casefold", f"{stops[1]}:alnum"],
        target=[f"{seven / 'dev/rec_gt.txt'}"],
        general=[
            f"{sroie / 'dev/rec_gt.txt'}:casefold",
            f"{iiit / 'dev/rec_gt.txt'}:alnum",
            f"{judges[0]}:casefold",
            f"{judges[1]}:alnum",
        ],
    )


def receipts(job: Job, arguments: argparse.Namespace) -> None:
    """Mend a model on receipts; then the same run without new lines, for comparison."""
    data, out = arguments.data, job.out
    sroie, iiit = data / "sroie", data / "iiit5k"
    splits = Splits(out / "sets", sroie, iiit)
    mine = splits.receipts("sroie-mine", 0, 40)
    originals = [
        splits.receipts("sroie-original", 40, 70),
        splits.words("iiit5k-original", 0, 40),
    ]
    general = [splits.receipts("sroie-judge", 70, 100), splits.words("iiit5k-judge", 70, 100)]
    # The receipts to mine from are the target here: general lines to stop by are words alone.
    stop = splits.words("iiit5k-stop", 40, 70)
    new = mined_and_rendered(
        job, arguments, mine, "--style", "receipt", "--seed", 2, "--corpus", mine, "--like", mine,
        "--exclude-texts", sroie / "dev/rec_gt.txt", "--exclude-texts", general[0],
    )  # fmt: skip
    mix(job, arguments, originals, new)
    judged = {
        "target": [f"{sroie / 'dev/rec_gt.txt'}:casefold"],
        "general": [
            f"{general[0]}:casefold", f"{general[1]}:alnum", f"{iiit / 'dev/rec_gt.txt'}:alnum",
        ],
    }  # fmt: skip
    stops = {"stop": [f"{mine}:casefold"], "general_stop": [f"{stop}:alnum"]}
    finish(job, arguments, **stops, **judged, group=["--group", RECEIPT])
    without_new(out / "mixed", out / "mixed-without")
    finish(job, arguments, **stops, **judged, group=["--group", RECEIPT], tag="-without")
    job.run(
        "gate-over-without", None, "train", "gate", "--base", out / "candidate-without",
        "--candidate", out / "candidate", "--target", *judged["target"],
        "--general", *judged["general"], "--group", RECEIPT,
        "--html", out / "verdict-over-without.html", ok=(0, 1, 3),
    )  # fmt: skip


def mined_and_rendered(
    job: Job, arguments: argparse.Namespace, labels: Path, *options: object
) -> Path:
    """Make the base, mine it on labels, render for the profile; give the new label file."""
    out = job.out
    base, new = out / "base", out / "new"
    job.run("weights", base, "train", "weights", arguments.model, "--out", base)
    job.run(
        "mine", out / "profile.json", "train", "mine", "--model", base, "--labels", labels,
        "--out", out / "profile.json", "--html", out / "profile.html",
    )  # fmt: skip
    job.run(
        "generate", new / "rec_gt_train.txt", "synth", "generate", "--profile",
        out / "profile.json", "--count", arguments.pool, "--workers", 2, *options, "--out", new,
    )  # fmt: skip
    return new / "rec_gt_train.txt"


def mix(job: Job, arguments: argparse.Namespace, originals: list[Path], new: Path) -> None:
    """Mix originals, distilled, and new lines at 5:1."""
    out = job.out
    job.run(
        "mix", out / "mixed/mix.json", "balance", "mix",
        *(word for one in originals for word in ("--distil", one)),
        "--new", new, "--ratio", "5:1", "--epochs", arguments.epochs,
        "--epoch-lines", arguments.epoch_lines, "--dictionary", out / "base/dictionary.txt",
        "--profile", out / "profile.json", *([] if arguments.even else ["--no-even"]),
        "--on-shortage", "repeat", "--out", out / "mixed",
    )  # fmt: skip


def without_new(mixed: Path, out: Path) -> None:
    """Copy a mix without its new lines: the same originals, in the same epochs."""
    if (out / "mix.json").exists():
        return
    shutil.copytree(mixed, out, dirs_exist_ok=True)
    record = json.loads((out / "mix.json").read_text(encoding="utf-8"))
    heads = [one["head"] for one in record["configuration"]["sources"] if one["role"] == "new"]
    for epoch in record["configuration"]["epochs"]:
        path = out / epoch["list"]
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        kept = [line for line in lines if not any(line.startswith(head) for head in heads)]
        path.write_text("".join(kept), encoding="utf-8")
        epoch.update(new=0, ratio=None)
    for name in record["outputs"]:
        if (out / name).is_file():
            digest = hashlib.sha256((out / name).read_bytes()).hexdigest()
            record["outputs"][name] = digest
    (out / "mix.json").write_text(json.dumps(record), encoding="utf-8")


def finish(
    job: Job,
    arguments: argparse.Namespace,
    *,
    stop: list[str],
    general_stop: list[str],
    target: list[str],
    general: list[str],
    group: Sequence[str] = (),
    tag: str = "",
) -> None:
    """Plan, train, export, gate; print the figures."""
    out = job.out
    run, candidate = out / f"run{tag}", out / f"candidate{tag}"
    changes = [word for one in arguments.set or [] for word in ("--set", one)]
    begun = time.monotonic()
    job.run(
        f"plan{tag}", run / "plan.toml", "train", "plan", "--model", out / "base",
        "--mix", out / f"mixed{tag}", "--stop-on", *stop, "--general-stop", *general_stop,
        "--minutes", arguments.minutes, "--tune", arguments.tune,
        "--profile", out / "profile.json", "--out", run, *changes,
    )  # fmt: skip
    job.run(f"rec{tag}", run / "report.html", "train", "rec", run)
    job.run(f"export{tag}", candidate, "train", "export", run, "--out", candidate)
    if arguments.no_gate:
        for one in target:
            job.run(
                f"evaluate{tag}", None, "train", "evaluate", "--model", candidate,
                "--labels", one.split(":")[0],
            )  # fmt: skip
        return
    job.run(
        f"gate{tag}", None, "train", "gate", "--base", out / "base", "--candidate", candidate,
        "--target", *target, "--general", *general, *group, "--html",
        out / f"verdict{tag}.html", "--json", out / f"verdict{tag}.json", ok=(0, 1, 3),
    )  # fmt: skip
    print(f"plan + rec + alpha + export + gate: {(time.monotonic() - begun) / 60:.1f} minutes wall")
    print(f"gate ended with {job.codes[f'gate{tag}']}")


def main() -> None:
    """Run a job."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--job", choices=["meters", "receipts"], default="meters")
    parser.add_argument("--model", default="PP-OCRv4_mobile_rec")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--pool", type=int, default=3000, help="new lines that are rendered")
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--epoch-lines", type=int, default=1500, help="originals in each epoch")
    parser.add_argument("--tune", choices=["head", "whole", "both"], default="head")
    parser.add_argument("--even", action=argparse.BooleanOptionalAction, default=True)
    parser.add_argument("--no-gate", action="store_true", help="only measure the target: a curve")
    parser.add_argument("--set", action="append", help="passed on to `train plan`")
    parser.add_argument("--matrix", type=Path, help="a list of cells, in place of one job")
    arguments = parser.parse_args()
    if arguments.matrix:
        sys.exit(run_matrix(arguments))
    job = Job(arguments.out)
    {"meters": meters, "receipts": receipts}[arguments.job](job, arguments)


if __name__ == "__main__":
    main()
