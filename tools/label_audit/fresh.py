"""Fresh samples of every style: every alarm of the audit listed with its crop, to be looked at.

    python -m tools.label_audit.fresh WORK  # 20,000 of all styles
    python -m tools.label_audit.fresh WORK --seed 7 --count lcd=500 --count receipt=500

Draws a run for each style into WORK (what is there goes on), audits it by `audit.py`'s measures and
writes WORK/fresh.html: each alarmed line at twice its size with its label beside it, the clusters
that the alarm names marked. Whether one of them is a wrong or unreadable label a person must say.
"""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from markupsafe import Markup, escape

from textlines.pages.page import Fact, Section, page
from textlines.pages.tables import Cell, Column, table
from textlines.pages.thumbnails import thumbnail
from tools.label_audit.audit import Audited, audit_folder, tell
from tools.label_audit.limits import LIMITS, read_limits

COUNTS = {
    **{"lcd": 3000, "receipt": 3500, "document": 3500},
    **dict.fromkeys(("sign", "plate", "package", "form"), 2500),
}


def drawn(out: Path, style: str, count: int, args: argparse.Namespace) -> Path:
    """Draw a run of so many lines, or go on with it.

    Raises:
        SystemExit: `synth generate` failed.
    """
    synth = str(Path(sys.executable).with_name("synth"))
    command = [synth, "generate", "--style", style, "--count", str(count)]
    command += ["--seed", str(args.seed), "--repeat-cap", "0", "--workers", str(args.workers)]
    command += [part for folder in args.fonts for part in ("--fonts", str(folder))]
    # Display faces of ours are not in folders of fonts; a run with `--fonts` has none of them.
    subprocess.run([*command, "--out", str(out)], check=True, stdout=sys.stderr)
    return out


def marked(text: str, at: Sequence[int]) -> Markup:
    """Write a label with the characters at these places marked; -1 marks none."""
    parts = [
        Markup("<mark>{}</mark>").format(char) if place in at else escape(char)
        for place, char in enumerate(text)
    ]
    return Markup('<span style="font-size:24px;white-space:pre">{}</span>').format(
        Markup("").join(parts)
    )


def alarm_page(audited: Sequence[Audited]) -> str:
    """List every alarmed line."""
    rows, samples = [], 0
    for folder, found in audited:
        samples += len(found)
        for row, alarms, _ in found:
            if not alarms:
                continue
            data = (folder.path / row["image"]).read_bytes()
            height = 2 * row["size"][1]
            crop = Markup('<img src="{}" alt="" height="{}">').format(thumbnail(data), height)
            words = "; ".join(f"{alarm.code}: {alarm.detail}" for alarm in alarms)
            label = Cell(marked(row["text"], [alarm.at for alarm in alarms]), sort=row["text"])
            crop_cell = Cell(crop, sort=row["index"])
            rows.append([folder.path.name, row["index"], crop_cell, label, row["attempt"], words])
    columns = [Column("run"), Column("index", True), Column("crop"), Column("label")]
    columns += [Column("attempt", True), Column("alarms")]
    facts = [Fact("samples", f"{samples:,}"), Fact("with an alarm", f"{len(rows):,}")]
    listed = Section("Every alarm", table(columns, rows, shown=200), is_wide=True)
    return page("Fresh samples", [listed], facts=facts)


def counts_of(given: Sequence[str]) -> Mapping[str, int]:
    """Read `--count STYLE=N`; without any, all of `COUNTS`."""
    try:
        wanted = {name: int(count) for name, _, count in (one.partition("=") for one in given)}
    except ValueError:
        raise SystemExit("--count is STYLE=N, as lcd=500") from None
    return wanted or COUNTS


def main() -> int:
    """Draw, audit, list; ends with 1 when there are alarms to look at."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("work", type=Path, help="folder for the runs and the page")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", action="append", default=[], help="STYLE=N; default: 20,000")
    parser.add_argument("--fonts", type=Path, action="append", default=[], help="of the runs")
    parser.add_argument("--limits", type=Path, default=LIMITS, help="limits by style")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    args = parser.parse_args()
    args.limit = 0
    limits, audited, begin = read_limits(args.limits), [], time.monotonic()
    for style, count in counts_of(args.count).items():
        run = drawn(args.work / f"{style}-{args.seed}", style, count, args)
        audited.append(audit_folder(run, args, limits))
    alarmed = tell(audited)
    html = args.work / "fresh.html"
    html.write_text(alarm_page(audited), encoding="utf-8")
    total = sum(len(rows) for _, rows in audited)
    print(f"{total} fresh samples, {alarmed} to look at: {html} ({time.monotonic() - begin:.0f} s)")
    return 1 if alarmed else 0


if __name__ == "__main__":
    raise SystemExit(main())
