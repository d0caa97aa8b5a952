"""Commands that only note what they were asked, and leave what the next stage needs."""

import json
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

STUB = '''\
#!{python} -IS
"""Stands for train, synth and balance. STUB_CODES: exit codes by command, one a call.
STUB_KILL: the command that ends half-way and takes the line with it."""
import hashlib, json, os, signal, sys, time
from pathlib import Path

name = Path(sys.argv[0]).name + " " + sys.argv[1]
words = sys.argv[2:]
log = Path(os.environ["STUB_LOG"])
calls = log.read_text().splitlines() if log.exists() else []
with log.open("a") as out:
    out.write(name + "\\n")
option = lambda key: Path(words[words.index(key) + 1])

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
        sums = [hashlib.sha256(option("--profile").read_bytes()).hexdigest()]
        record = {{"configuration": {{}}, "versions": {{}}, "seed": 1, "inputs": sums}}
        write(out / "plan.jsonl", "a plan")
        write(out / "run.json", json.dumps({{**record, "told": told}}))
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
    write(option("--out"), told)
elif name == "train collect":
    write(option("--out") / "queue.json", told)
    write(option("--out") / "label.html", told)
elif name == "train fold":
    for left in ("folds.json", "predictions.jsonl", "own.txt"):
        write(option("--out") / left, told)
elif name == "train plan":
    write(option("--out") / "plan.toml", told)
elif name == "train rec":
    write(Path(words[0]) / "best" / "model.toml", told)
    write(Path(words[0]) / "history.json", told)
elif name == "train export":
    write(option("--out") / "export.toml", told)
    write(option("--out") / "history.json", told)
elif name == "train gate":
    for key in ("--html", "--json", "--junit", "--summary"):
        write(option(key), told)
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
    ours = ("LABELS", "IMAGES", "SETTINGS", "WORK", "BIN_FOLDER")
    return {key: value for key, value in os.environ.items() if key not in ours}
