"""What it costs to plan one block, of runs of a million, a hundred million and a billion lines.

    python -m benchmarks.plan_blocks
    python -m benchmarks.plan_blocks --style lcd --lines 1000000 --lines 10000000000
    python -m benchmarks.plan_blocks --style lcd --block 2000 --lines 10000000   # as 1e9, in short

One block from the middle of each run, in a process of its own: seconds to put the job together and
to plan the block, CPU seconds of both, and the most memory that the process held. Beside them what
stands in the block: its rows, the least and most lines for one of the run's characters, and where
texts are from. Asked: the same for any number of lines. `--block` makes blocks smaller, so that a
short call shows what so many blocks cost a row.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from synth.plan import plan_blocks

LINES = (1_000_000, 100_000_000, 1_000_000_000)


def plan_one(lines: int, chars: str, style: str, repeat_cap: int, profile: Path | None) -> None:
    """Plan the block in the middle of a run and print what it cost, as JSON."""
    from synth.run.job_options import JobOptions
    from synth.run.plan_files import PlanFiles
    from synth.run.render_job import assemble
    from textlines.formats.block_record import BLOCKS, block_file
    from textlines.formats.plan_rows import read_plan
    from textlines.formats.run_record import WANTED, RunRecord

    start = time.perf_counter()
    job = assemble(
        JobOptions(
            count=lines,
            chars=chars if profile is None and chars else None,
            profile=profile,
            style=style,
            repeat_cap=repeat_cap,
        )
    )
    put_together = time.perf_counter()
    with tempfile.TemporaryDirectory() as made:
        out = Path(made)
        (out / BLOCKS).mkdir()
        record = RunRecord(command="", configuration=job.configuration, counts={WANTED: lines})
        number = PlanFiles(out, record).blocks // 2
        block, _ = job.write_block(out, number)
        planned = time.perf_counter()
        used = resource.getrusage(resource.RUSAGE_SELF)
        rows = list(read_plan(out / block_file(number)))
    targets = Counter(char for row in rows for char in row.targets)
    sources = Counter(row.source.partition(":")[0] for row in rows)
    figures = {
        "lines": lines,
        "block": number,
        "rows": block.rows,
        "job_s": round(put_together - start, 2),
        "plan_s": round(planned - put_together, 2),
        "cpu_s": round(used.ru_utime + used.ru_stime, 2),
        "peak_mib": used.ru_maxrss // 1024,
        "targets": sum(targets.values()),
        "least": min(targets.values(), default=0),
        "most": max(targets.values(), default=0),
        "sources": dict(sources.most_common()),
    }
    print(json.dumps(figures))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--lines", type=int, action="append", help="of a run; may be repeated")
    parser.add_argument("--chars", default="0O1lI5S8B", help="that the run is for; '' for none")
    parser.add_argument("--profile", type=Path, help="in the place of --chars")
    parser.add_argument("--style", default="document")
    parser.add_argument("--repeat-cap", type=int, default=3)
    parser.add_argument("--block", type=int, default=0, help="rows of a block at most")
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    args = parser.parse_args()
    plan_blocks.BLOCK = args.block or plan_blocks.BLOCK
    if args.one:
        plan_one(args.one, args.chars, args.style, args.repeat_cap, args.profile)
        return
    names = "lines of the run", "block", "rows", "job s", "plan s", "CPU s", "peak MiB"
    widths = 22, 7, 7, 6, 7, 6, 8
    heads = (f"{name:>{width}}" for name, width in zip(names, widths, strict=True))
    print("  ".join(heads), " least..most  from")
    for lines in args.lines or LINES:
        command = [sys.executable, "-m", "benchmarks.plan_blocks", *sys.argv[1:]]
        ended = subprocess.run(
            [*command, "--one", str(lines)], stdout=subprocess.PIPE, text=True, check=True
        )
        one = json.loads(ended.stdout)
        share = {name: f"{n / one['rows']:.0%}" for name, n in one["sources"].items()}
        print(
            f"{one['lines']:>22,}  {one['block']:>7,}  {one['rows']:>7,}  {one['job_s']:>6}  "
            f"{one['plan_s']:>7}  {one['cpu_s']:>6}  {one['peak_mib']:>8,}  "
            f"{one['least']:,}..{one['most']:,}  "
            f"{', '.join(f'{name} {part}' for name, part in share.items())}",
            flush=True,
        )


if __name__ == "__main__":
    main()
