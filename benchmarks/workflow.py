"""The workflow of `train init --ci`, run with the real commands: job by job, in clean folders.

    python benchmarks/workflow.py                    # GitHub's, some fifteen minutes on two cores
    python benchmarks/workflow.py --ci gitlab --jobs check mine
    python benchmarks/workflow.py --install check render     # these jobs install for real

Own crops are drawn (lcd), so that the verdict says nothing of photographs: what is shown is that
every step runs, what goes from job to job, and what is kept. Jobs that do not install use the
commands of this Python. Prints each job with its seconds, its exit code and its last lines.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tests.batch_systems import BatchSystem

ROOT = Path(__file__).resolve().parent.parent
FILES = {"github": ".github/workflows/mend.yml", "gitlab": ".gitlab-ci.yml"}
JOBS = ("check", "mine", "render", "mix", "train", "gate")

SETTINGS = """\
style = "lcd"
new_lines = {new}
minutes = {minutes}
workers = 2
generate_options = ["--allow-unserved"]
plan_options = ["--suspects", "accept"]
[own]
train = 40
stop = 30
judge = 30
folds = 2
[rendered]
guard = 60
[mix]
epochs = 2
"""

# Environments are not made: the commands of this Python stand on the path already.
NO_INSTALL = """\
#!/bin/bash
if [ "$1 $2" = "-m venv" ]; then mkdir -p "$3/bin" && cp "$0" "$3/bin/python"; fi
"""


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--ci", choices=sorted(FILES), default="github")
    parser.add_argument("--jobs", nargs="+", choices=JOBS, default=list(JOBS))
    parser.add_argument("--install", nargs="*", choices=JOBS, default=[])
    parser.add_argument("--own", type=int, default=400, help="own lines")
    parser.add_argument("--new", type=int, default=60, help="lines to render")
    parser.add_argument("--minutes", type=float, default=2.0)
    parser.add_argument("--folder", type=Path, help="to work in; kept")
    given = parser.parse_args(arguments)
    folder = given.folder or Path(tempfile.mkdtemp(prefix="ocr-mend-workflow-"))
    folder = folder.absolute()
    system = prepared(folder, given.ci, given.own, given.new, given.minutes)
    code = 0
    for job in given.jobs:
        shim = system.commands / "python3"
        shim.unlink(missing_ok=True)
        if job in given.install:
            shim.symlink_to(sys.executable)
        else:
            shim.write_text(NO_INSTALL, encoding="utf-8")
            shim.chmod(0o755)
        begun, before = time.monotonic(), len(system.ended)
        run = getattr(system, f"run_{given.ci}")
        name = job if given.ci == "github" else f"mend:{job}"
        run(system.repository / FILES[given.ci], [name])
        for ended in system.ended[before:]:
            print(
                f"{ended.where.name:12} {time.monotonic() - begun:6.0f} s  ends with {ended.code}"
            )
            for line in ended.log.splitlines()[-6:]:
                print(f"    {line}")
            code = code or ended.code
        if code:
            break
    for path in sorted(system.artefacts.rglob("*")):
        if path.is_file() and path.suffix != ".jpg":
            print(f"kept {path.relative_to(system.artefacts)}  {path.stat().st_size:,} bytes")
    if given.folder is None:
        shutil.rmtree(folder, ignore_errors=True)
    return code


def prepared(folder: Path, kind: str, own: int, new: int, minutes: float) -> BatchSystem:
    """Make a repository, a disk with own lines, and commands on the path; none twice."""
    disk, repository, commands = folder / "disk", folder / "repository", folder / "commands"
    if not (disk / "crops" / "rec_gt_train.txt").exists():
        options = ["--style", "lcd", "--chars", "0123456789.", "--count", str(own), "--seed", "77"]
        tool("synth", "generate", *options, "--out", str(disk / "crops"))
    shutil.rmtree(repository, ignore_errors=True)
    # What a job checks out is this project, with settings of one's own.
    kept = shutil.ignore_patterns(".git", ".venv", "__pycache__", ".*cache", "*.egg-info")
    shutil.copytree(ROOT, repository, ignore=kept)
    text = SETTINGS.format(new=new, minutes=minutes)
    (repository / "pipeline.toml").write_text(text, encoding="utf-8")
    tool("train", "init", "--ci", kind, "--out", str(repository), "--shards", "2")
    commands.mkdir(exist_ok=True)
    for name in ("train", "synth", "balance"):
        script = f'#!/bin/bash\nPYTHONPATH={ROOT} exec {sys.executable} -m {name} "$@"\n'
        (commands / name).write_text(script, encoding="utf-8")
        (commands / name).chmod(0o755)
    shutil.rmtree(folder / "system", ignore_errors=True)
    return BatchSystem(
        folder=folder / "system",
        repository=repository,
        disk=disk,
        commands=commands,
        variables={
            "MEND_WORK": str(disk / "work"),
            "MEND_LABELS": str(disk / "crops" / "rec_gt_train.txt"),
            "MEND_IMAGES": str(disk / "crops"),
        },
        environment={
            **os.environ,
            # Else jobs would find the commands beside this Python before those that they install.
            **({"BIN_FOLDER": str(commands)}),
        },
    )


def tool(name: str, *arguments: str) -> None:
    """Run a command of ours.

    Raises:
        subprocess.CalledProcessError: it failed.
    """
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", name, *arguments]
    subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    sys.exit(main())
