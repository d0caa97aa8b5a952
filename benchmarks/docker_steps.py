"""The steps of the Dockerfile without Docker: RUN as shell, COPY as copies, below a folder.

    python benchmarks/docker_steps.py                # the wheel, and the image for CPUs: installs
    python benchmarks/docker_steps.py --target gpu --paddle-index ADDRESS

Folders of the image (/src, /wheels, /opt, /work) lie below the folder; what needs the system of the
image (apt-get, useradd) is passed over and named. `pip` looks where this machine's pip looks. Then
the three commands are called from the image's environment, with nothing of this checkout around
them. Prints each step with its seconds.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tests.docker_files import Stage, commands_of, is_sent, read_dockerfile

ROOT = Path(__file__).resolve().parent.parent
OF_THE_SYSTEM = ("apt-get", "useradd", "userdel", "rm -rf /var")
FOLDERS = ("src", "wheels", "opt", "work")
CALLS = ("synth doctor", "balance --help", "train line --help")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--target", choices=("cpu", "gpu"), default="cpu")
    parser.add_argument("--index", default="", help="the build's INDEX")
    parser.add_argument("--paddle-index", default="", help="the build's PADDLE_INDEX")
    parser.add_argument("--folder", type=Path, help="to work in; kept")
    given = parser.parse_args(arguments)
    root = (given.folder or Path(tempfile.mkdtemp(prefix="ocr-mend-docker-"))).absolute()
    values = {"INDEX": given.index, "PADDLE_INDEX": given.paddle_index}
    stages = {stage.name: stage for stage in read_dockerfile(ROOT / "Dockerfile")}
    for name in ("wheel", given.target):
        code = run_stage(stages[name], root / name, root, values)
        if code:
            return code
    bin_folder = root / given.target / "opt" / "mend" / "bin"
    empty = root / given.target / "work"
    for call in CALLS:
        code = shell(f"{bin_folder}/{call} > /dev/null", empty, {"PATH": "/usr/bin:/bin"})
        print(f"{call}: ends with {code}")
        if code and call != CALLS[0]:  # the doctor ends with 1 for what it misses
            return code
    if given.folder is None:
        shutil.rmtree(root, ignore_errors=True)
    return 0


def run_stage(stage: Stage, folder: Path, root: Path, values: dict[str, str]) -> int:
    """Do what a stage says in a folder; return the first exit code that is not 0."""
    shutil.rmtree(folder, ignore_errors=True)
    for name in FOLDERS:
        (folder / name).mkdir(parents=True)
    where, known = folder / "work", dict[str, str]()
    rules = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    for step in stage.instructions:
        begun, code = time.monotonic(), 0
        if step.name == "ARG":
            name = step.text.partition("=")[0]
            known[name] = values[name]
        elif step.name == "ENV":
            name, _, value = step.text.partition("=")
            known[name] = moved(value, folder).replace("$PATH", os.environ["PATH"])
        elif step.name == "WORKDIR":
            where = Path(moved(step.text, folder))
            where.mkdir(parents=True, exist_ok=True)
        elif step.name == "COPY":
            copy(step.words(), where, folder, root, rules)
        elif step.name == "RUN":
            commands = commands_of(step.text)
            left = [one for one in commands if not one.startswith(OF_THE_SYSTEM)]
            passed = [one for one in commands if one not in left]
            code = shell(moved(" && ".join(left) or "true", folder), where, known)
            for one in passed:
                print(f"    not run: {one}")
        print(f"{stage.name}:{step.number} {step.name}: {time.monotonic() - begun:.0f} s, {code}")
        if code:
            return code
    return 0


def copy(words: list[str], where: Path, folder: Path, root: Path, rules: list[str]) -> None:
    """Copy what is named, from an earlier stage or from what is sent to the builder."""
    *sources, name = words
    target = Path(moved(name, folder)) if name.startswith("/") else where / name
    base = ROOT
    if sources[0].startswith("--from="):
        base = root / sources.pop(0).removeprefix("--from=")
    for source in sources:
        path = Path(moved(source, base)) if source.startswith("/") else base / source
        if path.is_dir():
            shutil.copytree(
                path,
                target,
                dirs_exist_ok=True,
                ignore=lambda at, names: [
                    one
                    for one in names
                    if base == ROOT and not is_sent(str((Path(at) / one).relative_to(ROOT)), rules)
                ],
            )
        else:
            target.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target)


def moved(text: str, folder: Path) -> str:
    """Return a text whose folders of the image lie below a folder."""
    return re.sub(rf"(?<![\w.])/({'|'.join(FOLDERS)})(?=[/\s:\"]|$)", rf"{folder}/\1", text)


def shell(script: str, where: Path, known: dict[str, str]) -> int:
    """Run a script as the builder does, with nothing of this checkout around it."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    kept.pop("VIRTUAL_ENV", None)
    # A plain Python, as the base of the image has it: not that of this environment.
    path = os.pathsep.join([str(Path(sys.base_prefix) / "bin"), kept["PATH"]])
    environment = {**kept, "PATH": path, **known}
    if "PATH" in known:
        environment["PATH"] = known["PATH"].replace(os.environ["PATH"], path)
    return subprocess.run(["sh", "-ec", script], cwd=where, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
