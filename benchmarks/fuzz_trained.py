"""What `train` reads of its own: model folders, graphs, histories, mixes; more of `fuzz_world`.

Only small models of random weights; what other tools write as models, `fuzz_models` damages in
their parsers, a hundred times faster.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from benchmarks.fuzz_world import Call, Reader

HERE = Path(__file__).resolve().parent


def _models(world: Path, call: Call) -> None:
    """Write two model folders, in a process of its own: a fork must not inherit Paddle."""
    code = (
        "import sys; from pathlib import Path; from kills_world import write_model, write_set\n"
        "world = Path(sys.argv[1])\n"
        "write_model(world / 'model', 7); write_model(world / 'candidate', 8)\n"
        "for seed, name in enumerate(('target', 'others', 'mixable')):\n"
        "    write_set(world / name, 40, seed)\n"
    )
    paths = os.pathsep.join((str(HERE), str(HERE.parent)))
    done = subprocess.run(
        [sys.executable, "-c", code, str(world)],
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"no models to fuzz: {done.stderr[-500:]}")
    shutil.copy(world / "model" / "inference.onnx", world / "graph.onnx")
    shutil.copy(world / "model" / "dictionary.txt", world / "digits.txt")


def _histories(world: Path, call: Call) -> None:
    from textlines.formats.history import History, write_history
    from train.seen import add_step

    history = add_step(History(), "train on", world / "mixable" / "rec_gt.txt")
    write_history(history, world / "candidate")


def _mix(world: Path, call: Call) -> None:
    words = "balance mix --original mixable/rec_gt.txt --new new/train.txt --out mixture"
    call([*words.split(), "--epochs", "2", "--ratio", "10:1"], world)


_PLAN = (
    "train plan --model model --mix mixture --batch 8 --stop-on target/rec_gt.txt "
    "--general-stop others/rec_gt.txt --out planned"
)
_GATE = (
    "train gate --base model --candidate candidate --target target/rec_gt.txt "
    "--general others/rec_gt.txt --workers 1 --json verdict.json --allow-seen"
)

READERS = (
    Reader(
        "model folder",
        _models,
        ("model",),
        "train evaluate --model model --labels target/rec_gt.txt --workers 1",
    ),
    Reader(
        "graph",
        None,
        ("graph.onnx",),
        "train evaluate --model graph.onnx --dictionary digits.txt --labels target/rec_gt.txt",
    ),
    Reader(
        "history", _histories, ("candidate/history.json", "candidate/seen_images.npy"), _GATE, 3
    ),
    Reader("judged lines", None, ("target/rec_gt.txt", "others/rec_gt.txt"), _GATE, code=3),
    Reader("mix in train", _mix, ("mixture",), _PLAN, needed=("mixable", "new")),
)
