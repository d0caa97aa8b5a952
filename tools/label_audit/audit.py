"""Prove the labels of generated folders with other tools than the engine's.

    python -m tools.label_audit.audit RUN... [--html out.html] [--limit N]  # ink against labels
    python -m tools.label_audit.audit RUN... --calibrate FILE      # learn limits from clean runs
    python -m tools.label_audit.audit RUN... --faults faults.json  # score, see plant.py
    python -m tools.label_audit.audit NEW --clean --count 2000     # render plainly, and read

Ink is drawn again by uharfbuzz and freetype-py and matched against each image; label file,
manifest and plan are compared. `--read` (and `--clean`) let independent readers read the images:
PP-OCRv6 small by onnxruntime, and tesseract's Korean where a line holds Hangul.
Ends with 1 when there are alarms.
"""

import argparse
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from tools.label_audit.fonts import font_folders, font_names, fonts_by_sha256
from tools.label_audit.limits import LIMITS, SHARE, learn_settings, read_limits, write_limits
from tools.label_audit.matching import Measure
from tools.label_audit.rows import (
    Alarm,
    Folder,
    audit_row,
    folder_alarms,
    read_folder,
    set_otherwise,
    stroke_em,
)


@dataclass(frozen=True)
class Score:
    """Counts by kind of fault, and of the samples without a fault.

    `by_sha256` and `clean_by_sha256` count what the sha256 of the image alone gives away; all
    other counts leave that check out. `placed`: found at the very cluster, or as a whole line.
    """

    planted: Mapping[str, int]
    found: Mapping[str, int]
    placed: Mapping[str, int]
    by_sha256: Mapping[str, int]
    missed: Sequence[Mapping[str, Any]]
    clean: int
    alarmed: Sequence[str]
    clean_by_sha256: int


def score(audited: Sequence[Any], planted: Sequence[Mapping[str, Any]]) -> Score:
    """Count what was found of the planted faults, and the alarms on the other samples."""
    faults = {(fault["run"], fault["index"]): fault for fault in planted}
    counts, found, placed, by_sha = Counter[str](), Counter[str](), Counter[str](), Counter[str]()
    missed, alarmed, clean, clean_by_sha = [], [], 0, 0
    for folder, rows in audited:
        name = folder.path.resolve().name
        for row, alarms, _ in rows:
            fault = faults.get((name, row["index"]))
            told = [alarm for alarm in alarms if alarm.code != "sha256"]
            changed = len(told) < len(alarms)
            if fault is None:
                clean += 1
                clean_by_sha += changed
                if told:
                    words = "; ".join(f"{alarm.code} {alarm.detail}" for alarm in told)
                    alarmed.append(f"{name} {row['index']} {row['text']!r}: {words}")
                continue
            kind = fault["kind"]
            counts[kind] += 1
            by_sha[kind] += changed
            found[kind] += bool(told)
            placed[kind] += any(alarm.at in (-1, fault["cluster"]) for alarm in told)
            if not told:
                missed.append(fault)
    return Score(counts, found, placed, by_sha, missed, clean, alarmed, clean_by_sha)


def tell_score(result: Score) -> Iterator[str]:
    """Yield the score as lines of text."""
    yield f"{'fault':12}{'planted':>9}{'found':>7}{'share':>9}{'in place':>10}{'by sha256':>11}"
    for kind, count in sorted(result.planted.items()):
        hit = result.found[kind]
        yield (
            f"{kind:12}{count:9d}{hit:7d}{hit / count:9.1%}"
            f"{result.placed[kind]:10d}{result.by_sha256[kind]:11d}"
        )
    count, hit = sum(result.planted.values()), sum(result.found.values())
    yield f"{'all':12}{count:9d}{hit:7d}{hit / max(count, 1):9.1%}  (sha256 left out)"
    for fault in result.missed:
        where = f"{fault['run']} {fault['index']}"
        yield f"missed: {where} {fault['kind']} {fault['text']!r} {fault['detail']}"
    wrong = len(result.alarmed)
    yield (
        f"clean samples {result.clean}: {wrong} false alarms ({wrong / max(result.clean, 1):.2%}), "
        f"{result.clean_by_sha256} by sha256"
    )
    yield from (f"false alarm: {line}" for line in result.alarmed)


CLEAN_STYLE = Path(__file__).with_name("plain_style.toml")

CHUNK = 100

Audited = tuple[Folder, list[tuple[dict[str, Any], list[Alarm], list[Measure]]]]


def _chunk(
    folder: Path, fonts: Mapping[str, Path], limits: Any, rows: Sequence[dict[str, Any]]
) -> list[tuple[list[Alarm], list[Measure]]]:
    """Audit some rows in a process of its own; the folder's texts are read once for each."""
    held = _folders.get(folder) or _folders.setdefault(folder, read_folder(folder))
    return [audit_row(held, row, fonts, limits) for row in rows]


_folders: dict[Path, Folder] = {}


def audit_folder(path: Path, args: argparse.Namespace, limits: Any) -> Audited:
    """Audit a folder, or its first `--limit` samples."""
    folder = read_folder(path)
    rows = folder.rows[: args.limit] if args.limit else folder.rows
    wanted = {name for row in rows for name in font_names(row)}
    fonts = fonts_by_sha256(font_folders(args.fonts), wanted)
    work = partial(_chunk, path, fonts, limits)
    parts = [rows[n : n + CHUNK] for n in range(0, len(rows), CHUNK)]
    found = []
    for results in _mapped(work, parts, args.workers):
        found += results
        if sys.stderr.isatty():
            print(f"\r{path.name}: {len(found)} of {len(rows)}", end="", file=sys.stderr)
    return folder, [(row, *one) for row, one in zip(rows, found, strict=True)]


def _mapped(work: Any, parts: list[Any], workers: int) -> Iterator[Any]:
    if workers == 1:
        yield from map(work, parts)
        return
    with ProcessPoolExecutor(workers) as pool:
        yield from pool.map(work, parts)


def calibrate(audited: Sequence[Audited], path: Path, share: float) -> None:
    """Learn the limits of the runs' styles, and keep those of other styles in the file."""
    limits = read_limits(path) if path.exists() else {}
    by_style: dict[str, list[tuple[str, float, list[Measure]]]] = {}
    for _, rows in audited:
        for row, _, measures in rows:
            line = set_otherwise(row), stroke_em(row, measures), measures
            by_style.setdefault(row["style"], []).append(line)
    learnt: dict[str, dict[str, float]] = {}
    for style, lines in by_style.items():
        learnt |= learn_settings(style, lines, share)
    write_limits(path, {**limits, **learnt})
    for style, values in sorted(learnt.items()):
        print(f"{style:16}", *(f"{name} {value:g}" for name, value in values.items()))


def tell(audited: Sequence[Audited]) -> int:
    """Print what was found; gives the number of samples with an alarm."""
    alarmed = 0
    for folder, rows in audited:
        codes = Counter(code for _, alarms, _ in rows for code in {alarm.code for alarm in alarms})
        hit = sum(1 for _, alarms, _ in rows if alarms)
        alarmed += hit
        share = hit / max(len(rows), 1)
        print(f"{folder.path.name}: {len(rows)} samples, {hit} with an alarm ({share:.2%})")
        for code, count in codes.most_common():
            print(f"  {code:10}{count:6d}")
        lines = Counter(set_otherwise(row) for row, _, _ in rows)
        hits = Counter(set_otherwise(row) for row, alarms, _ in rows if alarms)
        for how, count in sorted(lines.items()):
            if how:
                print(f"  {count} lines {how}: {hits[how]} with an alarm ({hits[how] / count:.2%})")
        for why, count in Counter(map(folder.not_followed, (row for row, _, _ in rows))).items():
            if why:
                print(f"  {count} lines {why}: ink not compared")
        for fault in folder_alarms(folder):
            print(f"  {fault}")
            alarmed += 1
    return alarmed


def render_plainly(out: Path, count: int, seed: int, more: Sequence[str]) -> None:
    """Call `synth generate` with the plain style, unless the folder is there."""
    if (out / "manifest.jsonl").exists():
        return
    synth = str(Path(sys.executable).with_name("synth"))
    command = [synth, "generate", "--out", str(out), "--style", str(CLEAN_STYLE)]
    command += ["--count", str(count), "--seed", str(seed), *more]
    subprocess.run(command, check=True, stdout=sys.stderr)


def main() -> int:
    """Audit, print, and write the page."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("runs", type=Path, nargs="+", help="folders of `synth generate`")
    parser.add_argument("--html", type=Path, help="page with every alarm and disagreement")
    parser.add_argument("--limit", type=int, default=0, help="only the first N of each run")
    parser.add_argument("--fonts", type=Path, action="append", default=[], help="folder of fonts")
    parser.add_argument("--faults", type=Path, help="list of planted faults to score")
    parser.add_argument("--limits", type=Path, default=LIMITS, help="limits by style")
    parser.add_argument("--calibrate", type=Path, help="write limits learnt from these clean runs")
    parser.add_argument("--share", type=float, default=SHARE, help="of clean lines beyond a limit")
    parser.add_argument("--read", action="store_true", help="let independent readers read")
    parser.add_argument("--clean", action="store_true", help="render the run plainly, and read it")
    parser.add_argument("--count", type=int, default=1000, help="lines of --clean")
    parser.add_argument("--seed", type=int, default=1, help="of --clean")
    parser.add_argument("--corpus", type=Path, help="of --clean")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    args = parser.parse_args()
    if args.clean:
        more = [part for folder in args.fonts for part in ("--fonts", str(folder))]
        more += ["--corpus", str(args.corpus)] if args.corpus else []
        for run in args.runs:
            render_plainly(run, args.count, args.seed, more)
    limits = None if args.calibrate else read_limits(args.limits)
    audited = [audit_folder(run, args, limits) for run in args.runs]
    if args.calibrate:
        calibrate(audited, args.calibrate, args.share)
        return 0
    if args.faults:
        planted = json.loads(args.faults.read_text(encoding="utf-8"))
        for line in tell_score(score(audited, planted)):
            print(line)
        return 0
    alarmed = tell(audited)
    readings = []
    if args.clean or args.read:
        from tools.label_audit.readers import read_all, tell_readings

        readings = [
            (folder, read_all(folder.path, [row for row, _, _ in rows])) for folder, rows in audited
        ]
        for folder, found in readings:
            print(f"{folder.path.name}: {tell_readings(found)}")
    if args.html:
        from tools.label_audit.page import audit_page

        args.html.write_text(audit_page(audited, readings), encoding="utf-8")
        print(args.html)
    return 1 if alarmed else 0


if __name__ == "__main__":
    raise SystemExit(main())
