"""Small valid files of every kind that a command reads, made by the commands themselves.

`fuzz_trained` adds those of `train`.
"""

import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

Call = Callable[[Sequence[str], Path], None]
"""Runs a command line in a folder; raises where it does not end with 0."""


class Reader(NamedTuple):
    """One kind of file and a command line that reads it.

    Attributes:
        name: of the kind.
        build: writes valid files into the world's folder, or uses what others wrote there; called
            once, in the order of the list. None where an earlier reader has written all.
        mutated: the files of which one is changed, from the world's folder. A folder stands for
            all files below it.
        words: the command line, run in a copy of the world's folder.
        code: that it ends with on the valid files.
        needed: folders that the command reads and does not name.
    """

    name: str
    build: Callable[[Path, Call], None] | None
    mutated: tuple[str, ...]
    words: str
    code: int = 0
    needed: tuple[str, ...] = ()


STYLE = """
faces = ["seven_segment"]
[output]
height = 16
[geometry]
rotation = { p = 0.3, deg = [-2.0, 2.0] }
[camera]
sensor_noise = { p = 0.3, level = [0.5, 2] }
"""

PATTERNS = """
[rules]
price = "[1-9][0-9]{0,2}(,[0-9]{3})?"
[[line]]
name = "sum"
rule = "<price>[.]5"
weight = 2
[[line]]
name = "day"
rule = "<date %Y-%m-%d>"
"""

CORPUS = """
[[source]]
name = "lines"
kind = "text"
path = "corpus.txt"
share = 2
[[source]]
name = "patterns"
kind = "pattern"
path = "patterns.toml"
"""


def _texts(world: Path, call: Call) -> None:
    texts = [f"{k * 37 % 1000:03} {k}.5" for k in range(40)]
    (world / "corpus").mkdir()
    (world / "corpus" / "corpus.txt").write_text(
        "\n".join([*texts, "काक नया", "ก็ไม่", "합계 12원"]) + "\n"
    )
    (world / "corpus" / "patterns.toml").write_text(PATTERNS)
    (world / "corpus" / "mix.toml").write_text(CORPUS)
    (world / "style.toml").write_text(STYLE)
    (world / "list.txt").write_text("\n".join(f"{k * 37 % 1000:03}" for k in range(8)) + "\n")
    chars = sorted({*"".join(texts), *"0123456789abcABC,.-:원값합계년월일"} - {" "})
    (world / "dict.txt").write_text("\n".join(chars) + "\n")
    body = "".join(f"  - '{char}'\n" for char in chars)
    (world / "inference.yml").write_text(f"PostProcess:\n  character_dict:\n{body}")


def _run(world: Path, call: Call) -> None:
    call(
        [
            "synth",
            "generate",
            "--style",
            "style.toml",
            "--text-list",
            "list.txt",
            "--out",
            "run",
            "--workers",
            "1",
        ],
        world,
    )


def _stopped(world: Path, call: Call) -> None:
    """Leave a run as a kill would: planned, with nothing drawn."""
    shutil.copytree(world / "run", world / "stopped")
    for gone in (*(world / "stopped").glob("shards/*"), *(world / "stopped").glob("*.txt")):
        gone.unlink()


def _labels(world: Path, call: Call) -> None:
    images = sorted((world / "run" / "images").rglob("*.jpg"))
    for name, count in (("own", 24), ("new", 4), ("general", 6)):
        folder = world / name
        (folder / "img").mkdir(parents=True)
        rows = []
        for k in range(count):
            shutil.copy(images[k % len(images)], folder / "img" / f"{k}.jpg")
            rows.append(f"img/{k}.jpg\t{k * 37 % 1000:03}\n")
        (folder / "train.txt").write_text("".join(rows))


def _predictions(world: Path, call: Call) -> None:
    folder = world / "read"
    folder.mkdir()
    names = [f"img/{k}.jpg" for k in range(24)]
    truths = [f"{k * 37 % 1000:03}" for k in range(24)]
    reads = [text.replace("7", "1") for text in truths]
    rows = list(zip(names, truths, reads, strict=True))
    (folder / "table.tsv").write_text(
        "path\ttruth\tprediction\tscore\n" + "".join(f"{a}\t{b}\t{c}\t0.9\n" for a, b, c in rows)
    )
    (folder / "infer.txt").write_text("".join(f"{a}\t{c}\t0.9\n" for a, _, c in rows))
    (folder / "predictions.jsonl").write_text(
        "".join(json.dumps({"path": a, "text": c, "score": 0.9}) + "\n" for a, _, c in rows)
    )
    (folder / "rapid.json").write_text(
        json.dumps([{"img": a, "txts": [c], "scores": [0.9]} for a, _, c in rows])
    )
    (folder / "res").mkdir()
    for k, (a, _, c) in enumerate(rows):
        body = {"res": {"input_path": f"own/{a}", "rec_text": c, "rec_score": 0.9}}
        (folder / "res" / f"{k}_res.json").write_text(json.dumps(body))
    (folder / "marks.tsv").write_text("path\tmark\nimg/0.jpg\tignore\nimg/1.jpg\tlabel_wrong\n")
    call(
        [
            "train",
            "mine",
            "--predictions",
            "read/table.tsv",
            "--dictionary",
            "dict.txt",
            "--out",
            "profile.json",
        ],
        world,
    )


def _mix(world: Path, call: Call) -> None:
    call(
        [
            "balance",
            "mix",
            "--original",
            "own/train.txt",
            "--new",
            "new/train.txt",
            "--dictionary",
            "dict.txt",
            "--out",
            "mix",
        ],
        world,
    )


def _forms(world: Path, call: Call) -> None:
    """Write a page and its annotations in each foreign form."""
    import cv2
    import numpy as np

    from textlines.labels.lmdb_store import write_lmdb

    folder = world / "forms"
    folder.mkdir()
    page = np.full((120, 200, 3), 240, np.uint8)
    cv2.rectangle(page, (20, 20), (120, 50), (10, 10, 10), 2)
    cv2.imwrite(str(folder / "a.png"), page)
    quad = [[20, 20], [120, 20], [120, 50], [20, 50]]
    marks = [{"transcription": "12", "points": quad, "difficult": False}]
    (folder / "Label.txt").write_text(f"a.png\t{json.dumps(marks)}\n" * 2)
    (folder / "lsvt.json").write_text(json.dumps({"a": marks}))
    flat = ",".join(str(n) for point in quad for n in point)
    (folder / "boxes").mkdir()
    shutil.copy(folder / "a.png", folder / "boxes" / "a.png")
    (folder / "boxes" / "a.txt").write_text(f"{flat},12,5\n{flat},###\n")
    (folder / "rctw").mkdir()
    shutil.copy(folder / "a.png", folder / "rctw" / "a.png")
    (folder / "rctw" / "a.txt").write_text(f'{flat},0,"12"\n')
    box = {"x": 10, "y": 10, "width": 40, "height": 20, "rotation": 3}
    shape = {"id": "x", "original_width": 200, "original_height": 120, "value": box}
    result = [shape, {"id": "x", "value": {"text": ["12"]}}]
    task = {"id": 1, "data": {"ocr": "/d/a.png"}, "annotations": [{"result": result}]}
    (folder / "studio.json").write_text(json.dumps([task]))
    minimal = {"id": 1, "ocr": "/d/a.png", "bbox": [{**box, **shape}], "transcription": ["12"]}
    (folder / "minimal.json").write_text(json.dumps([minimal]))
    crops = sorted((world / "own" / "img").glob("*.jpg"))[:4]
    write_lmdb(folder / "lmdb", [(crop.read_bytes(), "12") for crop in crops])


def _fonts(world: Path, call: Call) -> None:
    from synth.faces.display import display_faces

    (world / "fonts").mkdir()
    face = next(face for face in display_faces() if face.kind == "seven_segment")
    shutil.copy(face.path, world / "fonts" / "face.ttf")


def _photos(world: Path, call: Call) -> None:
    import cv2
    import numpy as np

    (world / "photos").mkdir()
    waves = np.add.outer(np.arange(90) * 3, np.arange(120) * 2) % 256
    cv2.imwrite(str(world / "photos" / "a.jpg"), np.stack([waves] * 3, axis=2).astype(np.uint8))


_CHARS = "synth generate --style style.toml --chars 12 --count 4 --dry-run --workers 1"
_DRAW = "synth generate --style style.toml --text-list list.txt --workers 1"
_MIX = "balance mix --original own/train.txt --new new/train.txt --out made"
_MINE = "train mine --labels own/train.txt --out made"

READERS: tuple[Reader, ...] = (
    Reader(
        "corpus",
        _texts,
        ("corpus/corpus.txt",),
        f"{_CHARS} --corpus corpus/corpus.txt",
    ),
    Reader(
        "pattern file",
        None,
        ("corpus/patterns.toml",),
        f"{_CHARS} --corpus corpus/mix.toml",
    ),
    Reader(
        "corpus table",
        None,
        ("corpus/mix.toml",),
        f"{_CHARS} --corpus corpus/mix.toml",
    ),
    Reader(
        "text list",
        None,
        ("list.txt",),
        f"{_DRAW} --dry-run",
    ),
    Reader(
        "style",
        None,
        ("style.toml",),
        f"{_DRAW} --dry-run",
    ),
    Reader(
        "dictionary",
        None,
        ("dict.txt",),
        f"{_CHARS} --corpus corpus/corpus.txt --dictionary dict.txt",
    ),
    Reader(
        "inference.yml",
        None,
        ("inference.yml",),
        f"{_CHARS} --corpus corpus/corpus.txt --dictionary inference.yml",
    ),
    Reader(
        "font",
        _fonts,
        ("fonts/face.ttf",),
        f"{_DRAW} --dry-run --fonts fonts",
    ),
    Reader(
        "photo",
        _photos,
        ("photos/a.jpg",),
        f"{_DRAW} --dry-run --backgrounds photos --set photos.p=1",
    ),
    Reader(
        "run folder: merge",
        _run,
        ("run/run.json", "run/plan.jsonl", "run/manifest.jsonl", "run/shards"),
        "synth merge run",
    ),
    Reader(
        "run folder: resume",
        _stopped,
        ("stopped/run.json", "stopped/plan.jsonl"),
        f"{_DRAW} --out stopped",
    ),
    Reader(
        "run folder: preview",
        None,
        ("run/run.json", "run/manifest.jsonl", "run/images"),
        "synth preview run --html made.html",
    ),
    Reader(
        "run folder: redraw",
        None,
        ("run/run.json", "run/plan.jsonl", "run/manifest.jsonl"),
        "synth redraw run --index 1 --out made.png",
    ),
    Reader(
        "run folder: pack",
        None,
        ("run/run.json", "run/manifest.jsonl", "run/shards", "run/images"),
        "synth pack run --out made.tar",
    ),
    Reader(
        "labels: check",
        _labels,
        ("own/train.txt",),
        "balance check own/train.txt --workers 1 --fix fixed.txt --html made.html",
    ),
    Reader(
        "images: check",
        None,
        ("own/img",),
        "balance check own/train.txt --workers 1 --no-cache",
    ),
    Reader(
        "labels: original",
        None,
        ("own/train.txt",),
        f"{_CHARS} --corpus corpus/corpus.txt --like own/train.txt --exclude-texts own/train.txt",
    ),
    Reader(
        "labels: mix",
        None,
        ("own/train.txt", "new/train.txt"),
        f"{_MIX} --html made.html",
    ),
    Reader(
        "labels: mix --big",
        None,
        ("own/train.txt", "new/train.txt"),
        f"{_MIX} --big",
    ),
    Reader(
        "dictionary: mix",
        None,
        ("dict.txt",),
        f"{_MIX} --dictionary dict.txt",
    ),
    Reader(
        "run.json and manifest: mix",
        None,
        ("run/run.json", "run/manifest.jsonl", "run/rec_gt_train.txt"),
        "balance mix --original own/train.txt --new run/rec_gt_train.txt --on-shortage accept "
        "--out made",
    ),
    Reader(
        "mix.json: previous",
        _mix,
        ("mix/mix.json",),
        f"{_MIX} --previous mix/mix.json",
    ),
    Reader(
        "predictions: table",
        _predictions,
        ("read/table.tsv",),
        "train mine --predictions read/table.tsv --out made --html made.html",
    ),
    Reader(
        "predictions: infer_rec",
        None,
        ("read/infer.txt",),
        f"{_MINE} --predictions read/infer.txt",
    ),
    Reader(
        "predictions: res.json",
        None,
        ("read/res",),
        f"{_MINE} --predictions read/res",
    ),
    Reader(
        "predictions: RapidOCR",
        None,
        ("read/rapid.json",),
        f"{_MINE} --predictions read/rapid.json",
    ),
    Reader(
        "predictions: jsonl",
        None,
        ("read/predictions.jsonl",),
        "train evaluate --predictions read/predictions.jsonl --labels own/train.txt",
    ),
    Reader(
        "predictions: check",
        None,
        ("read/table.tsv",),
        "balance check own/train.txt --text-only --predictions read/table.tsv",
    ),
    Reader(
        "predictions: evaluate",
        None,
        ("read/table.tsv",),
        "train evaluate --predictions read/table.tsv --html made.html",
    ),
    Reader(
        "marks.tsv",
        None,
        ("read/marks.tsv",),
        "train mine --predictions read/table.tsv --marks read/marks.tsv --out made",
    ),
    Reader(
        "labels: mine",
        None,
        ("own/train.txt",),
        f"{_MINE} --predictions read/infer.txt",
    ),
    Reader(
        "profile: generate",
        None,
        ("profile.json",),
        "synth generate --style style.toml --profile profile.json --corpus corpus/corpus.txt "
        "--count 4 --dry-run --workers 1",
    ),
    Reader(
        "profile: mix",
        None,
        ("profile.json",),
        f"{_MIX} --dictionary dict.txt --profile profile.json",
    ),
    Reader(
        "profile: check",
        None,
        ("profile.json",),
        "balance check own/train.txt --text-only --profile profile.json",
    ),
    Reader(
        "import: ppocr-det",
        _forms,
        ("forms/Label.txt",),
        "balance import ppocr-det forms/Label.txt --out made",
    ),
    Reader(
        "import: ppocr-rec",
        None,
        ("own/train.txt",),
        "balance import ppocr-rec own/train.txt --out made",
    ),
    Reader(
        "import: lsvt",
        None,
        ("forms/lsvt.json",),
        "balance import lsvt forms/lsvt.json --out made",
    ),
    Reader(
        "import: rctw17",
        None,
        ("forms/rctw/a.txt",),
        "balance import rctw17 forms/rctw --out made",
    ),
    Reader(
        "import: mtwi",
        None,
        ("forms/boxes/a.txt",),
        "balance import mtwi forms/boxes --out made",
    ),
    Reader(
        "import: icdar2015",
        None,
        ("forms/boxes/a.txt",),
        "balance import icdar2015 forms/boxes --out made",
    ),
    Reader(
        "import: sroie",
        None,
        ("forms/boxes/a.txt",),
        "balance import sroie forms/boxes --out made",
    ),
    Reader(
        "import: label-studio",
        None,
        ("forms/studio.json",),
        "balance import label-studio forms/studio.json --out made",
    ),
    Reader(
        "import: JSON-MIN",
        None,
        ("forms/minimal.json",),
        "balance import label-studio forms/minimal.json --out made",
    ),
    Reader(
        "import: lmdb",
        None,
        ("forms/lmdb/data.mdb",),
        "balance import lmdb forms/lmdb --out made",
    ),
    Reader(
        "import: page image",
        None,
        ("forms/a.png",),
        "balance import ppocr-det forms/Label.txt --out made",
    ),
)


def more_readers() -> Mapping[str, Reader]:
    """Return all readers by name."""
    from benchmarks.fuzz_trained import READERS as trained

    return {reader.name: reader for reader in (*READERS, *trained)}
