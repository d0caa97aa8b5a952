"""How many planted wrong labels stand first when `train fold` ranks a team's own lines.

    python benchmarks/suspects.py --data DATA/wiretags/train --general DATA/iiit5k/train --seed 1

Plants slips into a share of the labels (a character replaced by a look-alike or by another of the
set, one dropped, one doubled, two swapped, the label of the next crop), mixes, folds, and prints
what share of them stands in the first 10 % and 5 % of `suspects.tsv`, by kind of slip, and how
many of the suspects were planted. On two cores a call takes a quarter of an hour and more.
Called again with the same --work it goes on.
"""

import argparse
import json
import random
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from textlines.formats.folds import read_suspects

LOOK_ALIKES = (
    *("0O", "0D", "1I", "1l", "1T", "2Z", "5S", "6G", "8B", "4A", "7T", "3B", "9g", "0Q", "UV"),
    *("QO", "EF", "PR", "CG", "MN", "VY", "KX", "HN", ".,", "-_", ":;", "-.", ".:", "가기", "날남"),
)
"""Characters that hands and eyes take for each other."""

KINDS = ("look-alike", "another", "dropped", "doubled", "swapped", "neighbour")


def slipped(label: str, kind: str, other: str, draw: random.Random, chars: str) -> str:
    """Return a label with one slip of a kind; the label itself where that kind changes nothing.

    Args:
        other: the label of the next crop. chars: of all labels.
    """
    at = draw.randrange(len(label))
    if kind == "look-alike":
        places = [
            (place, pair.replace(char, "", 1))
            for place, char in enumerate(label)
            for pair in LOOK_ALIKES
            if char in pair
        ]
        if not places:
            return label
        at, new = draw.choice(places)
        return label[:at] + new + label[at + 1 :]
    if kind == "another":
        return label[:at] + draw.choice(chars) + label[at + 1 :]
    if kind == "dropped":
        return label[:at] + label[at + 1 :] or label
    if kind == "doubled":
        return label[: at + 1] + label[at:]
    if kind == "swapped":
        at = draw.randrange(max(len(label) - 1, 1))
        return label[:at] + label[at + 1 : at + 2] + label[at] + label[at + 2 :]
    return other


def planted(rows: list[tuple[str, str]], share: float, seed: int) -> dict[int, tuple[str, str]]:
    """Choose lines and slips: by number, the wrong label and the kind of slip."""
    draw = random.Random(seed)
    chars = "".join(sorted({c for _, label in rows for c in label if not c.isspace()}))
    found: dict[int, tuple[str, str]] = {}
    wanted = round(share * len(rows))
    while len(found) < wanted:
        at = draw.randrange(len(rows))
        kind = draw.choice(KINDS)
        label = rows[at][1]
        wrong = slipped(label, kind, rows[(at + 1) % len(rows)][1], draw, chars)
        if at not in found and wrong.strip() and wrong != label:
            found[at] = wrong, kind
    return found


def run(*words: object) -> None:
    """Run a command of ours; its words go to stderr."""
    tool = Path(sys.executable).with_name(str(words[0]))
    done = subprocess.run([str(tool), *map(str, words[1:])], stdout=sys.stderr, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(map(str, words))} ended with {done.returncode}")


def plant(data: Path, share: float, seed: int, work: Path) -> tuple[Path, dict[str, str]]:
    """Write the own label file with its slips; return it, and the kind of slip by path."""
    text = (data / "rec_gt.txt").read_text(encoding="utf-8")
    rows = [(path, label) for path, _, label in (r.partition("\t") for r in text.splitlines())]
    slips = planted(rows, share, seed)
    own = linked(work / "own", data)
    lines = [f"{path}\t{slips.get(at, (label,))[0]}\n" for at, (path, label) in enumerate(rows)]
    (own / "train.txt").write_text("".join(lines), encoding="utf-8")
    return own / "train.txt", {rows[at][0]: kind for at, (_, kind) in slips.items()}


def linked(folder: Path, data: Path) -> Path:
    """Make a folder with a link to the crops of some data."""
    folder.mkdir(exist_ok=True)
    if not (folder / "crops").is_symlink():
        (folder / "crops").symlink_to((data / "crops").resolve())
    return folder


def mixed(arguments: argparse.Namespace, work: Path, own: Path, base: Path) -> Path:
    """Mix the own lines with lines whose target is the base's reading."""
    mix = work / "mixed"
    if (mix / "mix.json").is_file():
        return mix
    text = (arguments.general / "rec_gt.txt").read_text(encoding="utf-8")
    rows = text.splitlines()[: arguments.general_lines]
    kept = linked(work / "general", arguments.general) / "rec_gt.txt"
    kept.write_text("".join(f"{row}\n" for row in rows), encoding="utf-8")
    run(
        *("balance", "mix", "--own", own, "--distil", kept, "--on-shortage", "accept"),
        *("--dictionary", base / "dictionary.txt", "--epochs", arguments.epochs),
        *("--seed", arguments.seed, "--out", mix),
    )
    return mix


def figures(suspects: Path, wrong: Mapping[str, str]) -> dict[str, object]:
    """Count the planted labels in the first lines of the ranking.

    Args:
        wrong: the kind of slip by path.
    """
    rows = list(read_suspects(suspects))
    found: dict[str, object] = {"lines": len(rows), "planted": len(wrong)}
    for share in (0.10, 0.05):
        first = [row.path for row in rows[: round(share * len(rows))]]
        hits = [path for path in first if path in wrong]
        found[f"first {share:.0%}"] = round(len(hits) / len(wrong), 3)
        found[f"precision {share:.0%}"] = round(len(hits) / len(first), 3)
        if share == 0.10:
            kinds = Counter(wrong.values())
            met = Counter(wrong[path] for path in hits)
            found["by kind"] = {kind: f"{met[kind]}/{kinds[kind]}" for kind in sorted(kinds)}
    suspected = [row.path for row in rows if row.suspected]
    found["suspects"] = len(suspected)
    found["suspects planted"] = sum(path in wrong for path in suspected)
    return found


def main() -> None:
    """Plant, mix, fold, count; one line of JSON."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="folder of rec_gt.txt and crops/")
    parser.add_argument("--general", type=Path, required=True, help="the same, of other scenes")
    parser.add_argument("--general-lines", type=int, default=300)
    parser.add_argument(
        "--model", default="PP-OCRv4_mobile_rec", help="for `train weights`, or a folder of it"
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--share", type=float, default=0.05)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--work", type=Path, help="keep everything in this folder")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        work = arguments.work or Path(scratch)
        work.mkdir(parents=True, exist_ok=True)
        own, wrong = plant(arguments.data, arguments.share, arguments.seed, work)
        base = Path(arguments.model)
        if not (base / "model.toml").is_file():
            base = work / "base"
            if not (base / "model.toml").is_file():
                run("train", "weights", arguments.model, "--out", base)
        mix = mixed(arguments, work, own, base)
        run(
            *("train", "fold", "--model", base, "--mix", mix, "--out", work / "folds"),
            *("--set", f"stages.0.epochs={arguments.epochs}"),
        )
        found = figures(work / "folds" / "suspects.tsv", wrong)
    print(json.dumps({"seed": arguments.seed, "share": arguments.share, **found}))


if __name__ == "__main__":
    main()
