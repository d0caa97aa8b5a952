"""Commands that only note what they were asked, and leave what the next stage needs."""

import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import pytest

ROOT = Path(__file__).parents[3]

Line = Callable[..., subprocess.CompletedProcess[str]]

STUB = '''\
#!{python} -IS
"""Stands for train, synth and balance. STUB_CODES: exit codes by command, one a call.
STUB_KILL: the command that ends half-way and takes the line with it.
STUB_FILES: a folder of what commands leave, where rounds read it: profile.json, folds.json and
verdict.json, or NAME-N.json for call N of the command. STUB_ROLES: of labelled crops, in turn.
STUB_WORDS: a file that all words of each call are added to."""
import hashlib, json, os, shutil, signal, sys, time
from pathlib import Path

name = Path(sys.argv[0]).name + " " + sys.argv[1]
words = sys.argv[2:]
log = Path(os.environ["STUB_LOG"])
calls = log.read_text().splitlines() if log.exists() else []
with log.open("a") as out:
    out.write(name + "\\n")
if "STUB_WORDS" in os.environ:
    with open(os.environ["STUB_WORDS"], "a") as out:
        out.write(" ".join([Path(sys.argv[0]).name, *sys.argv[1:]]) + "\\n")
option = lambda key: Path(words[words.index(key) + 1])
files = os.environ.get("STUB_FILES")

def left(kind, told):
    """Return what a command leaves where rounds read it, and else what it was told."""
    if not files:
        return told
    of_call = Path(files, f"{{kind}}-{{calls.count(name) + 1}}.json")
    return (of_call if of_call.exists() else Path(files, f"{{kind}}.json")).read_text()

def queue_of(folder):
    return [json.loads(row) for row in (folder / "queue.jsonl").read_text().splitlines()]

def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)

if os.environ.get("STUB_KILL") == name:
    if "--out" in words:
        write(option("--out").with_name("half"), "half of it")
    os.kill(os.getppid(), signal.SIGKILL)
    sys.exit(1)
codes = json.loads(os.environ.get("STUB_CODES", "{{}}")).get(name, [0])
code = codes[min(calls.count(name), len(codes) - 1)]
if code and name != "train gate":
    sys.exit(code)
told = " ".join(words)
if name == "synth fonts":
    rows = [{{"family": f"Mend {{kind}} {{n}}", "kind": kind, "scripts": ["Latin", "digits"]}}
            for kind in ("seven_segment", "text") for n in range(4)]
    print(json.dumps({{"rows": rows}}))
elif name == "synth guard":
    lines = dict.fromkeys(("replay", "stop", "judge"), 1)
    for part in lines:
        write(option("--out") / part / "rec_gt_train.txt", "a.jpg\\t1\\n")
    print(json.dumps({{"lines": lines, "told": []}}))
elif name == "synth generate":
    out, is_part = option("--out"), "--shard" in words
    read = [word for key, word in zip(words, words[1:]) if key in (
        "--own", "--profile", "--exclude-texts", "--like")]
    if is_part and not all(Path(word).is_file() for word in read):
        sys.exit(1)
    if is_part:
        sums = {{"profile": hashlib.sha256(option("--profile").read_bytes()).hexdigest()}}
        record = {{"version": 1, "command": "synth generate", "seed": 1, "inputs": sums}}
        write(out / "plan.jsonl", "a plan")
        write(out / "run.json", json.dumps({{**record, "outputs": {{"told": told}}}}))
        write(out / "images" / (option("--shard").name + option("--shard").parent.name), "a line")
    else:
        write(out / "rec_gt_train.txt", "a.jpg\\t1\\n")
        write(out / "run.json", told)
elif name == "synth merge":
    write(Path(words[0]) / "rec_gt_train.txt", "a.jpg\\t1\\n")
elif name == "balance mix":
    write(option("--out") / "mix.json", told)
elif name == "train weights":
    write(option("--out") / "model.toml", told)
elif name == "train mine":
    write(option("--out"), left("profile", told))
elif name == "train collect" and "--answers" in words:
    source, roles = Path(words[0]), os.environ.get("STUB_ROLES", "train").split(",")
    out, images = option("--out"), Path((source / "images.txt").read_text())
    labels, given = [], []
    for at, row in enumerate(queue_of(source)):
        target = out / "crops" / row["path"]
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(images / row["path"], target)
        sha256 = hashlib.sha256(target.read_bytes()).hexdigest()
        labels.append(f"crops/{{row['path']}}\\t{{at}}\\n")
        given.append(f"{{sha256}}\\t{{roles[at % len(roles)]}}\\tcrops/{{row['path']}}\\n")
    write(out / "rec_gt.txt", "".join(labels))
    write(out / "roles.tsv", "sha256\\trole\\tpath\\n" + "".join(given))
elif name == "train collect":
    images, earlier = option("--images"), set()
    for at, word in enumerate(words):
        if word == "--earlier":
            earlier |= {{row["path"] for row in queue_of(Path(words[at + 1]))}}
    names = sorted(path.relative_to(images).as_posix() for path in images.rglob("*.png"))
    wanted = [path for path in names if path not in earlier][: int(str(option("--budget")))]
    write(option("--out") / "queue.jsonl", "".join(
        json.dumps({{"path": path}}) + "\\n" for path in wanted))
    write(option("--out") / "images.txt", str(images))
    write(option("--out") / "queue.json", told)
    write(option("--out") / "label.html", told)
elif name == "train fold":
    write(option("--out") / "folds.json", left("folds", told))
    for made in ("predictions.jsonl", "own.txt"):
        write(option("--out") / made, told)
elif name == "train plan":
    write(option("--out") / "plan.toml", told)
elif name == "train rec":
    write(Path(words[0]) / "best" / "model.toml", told)
    write(Path(words[0]) / "history.json", told)
elif name == "train export":
    write(option("--out") / "export.toml", told)
    write(option("--out") / "history.json", told)
elif name == "train gate":
    for key in ("--html", "--junit", "--summary"):
        write(option(key), told)
    outcome = {{0: "passed", 1: "failed"}}.get(code, "cannot_tell")
    write(option("--json"), left("verdict", told).replace("OUTCOME", outcome))
    print("verdict")
    sys.exit(code)
'''


@dataclass(frozen=True)
class Stubs:
    """A folder of stubs and the log of their calls."""

    bin: Path
    log: Path

    def calls(self) -> list[str]:
        """List the commands that were called, and forget them."""
        found = self.log.read_text().splitlines() if self.log.exists() else []
        self.log.unlink(missing_ok=True)
        return found

    def environment(self, **codes: list[int]) -> dict[str, str]:
        """Return what the stubs read; exit codes by command, `train_gate=[1]`."""
        named = {key.replace("_", " "): value for key, value in codes.items()}
        return {"STUB_LOG": str(self.log), "STUB_CODES": json.dumps(named)}


@pytest.fixture
def stubs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stubs:
    folder = tmp_path / "stub-bin"
    folder.mkdir()
    for name in ("train", "synth", "balance"):
        script = folder / name
        script.write_text(STUB.format(python=sys.executable), encoding="utf-8")
        script.chmod(0o755)
    made = Stubs(folder, tmp_path / "calls.txt")
    for key, value in made.environment().items():
        monkeypatch.setenv(key, value)
    return made


@pytest.fixture
def codes(stubs: Stubs, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Return a function that sets the exit codes of commands."""

    def set_codes(**wanted: list[int]) -> None:
        monkeypatch.setenv("STUB_CODES", stubs.environment(**wanted)["STUB_CODES"])

    return set_codes


@pytest.fixture
def plain_environment() -> dict[str, str]:
    """Return an environment without what a caller set for the line."""
    ours = ("LABELS", "IMAGES", "CROPS", "ROUNDS", "SETTINGS", "WORK", "BIN_FOLDER")
    return {key: value for key, value in os.environ.items() if key not in ours}


@pytest.fixture
def line(
    stubs: Stubs,
    tmp_path: Path,
    plain_environment: dict[str, str],
    skip_or_fail: Callable[[str], NoReturn],
) -> Line:
    """Return a function that runs `dodo.py` as `make loop` does."""
    if importlib.util.find_spec("doit") is None:
        skip_or_fail("doit is not installed (extra `pipeline`)")
    settings = tmp_path / "pipeline.toml"
    settings.write_text("work = 'work'\n", encoding="utf-8")

    def run(
        *arguments: str, codes: dict[str, list[int]] | None = None, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *(arguments or (str(ROOT / "dodo.py"),))],
            cwd=tmp_path,
            env={
                **plain_environment,
                **stubs.environment(**(codes or {})),
                "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]),
                "SETTINGS": str(settings),
                "BIN_FOLDER": str(stubs.bin),
                **environment,
            },
            capture_output=True,
            text=True,
            check=False,
        )

    return run
