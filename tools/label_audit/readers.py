"""Readers that no one here wrote: PP-OCRv6 small, and tesseract where a line holds Hangul.

A disagreement is no proof of a wrong label: people look at the listed crops.
"""

import os
import shutil
import subprocess
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

SURE = 0.9
"""Mean confidence, 0..1, from which a reading counts as confident."""

LOOKALIKES = (
    *("0OoQ", "1lI|", "5S", "2Z", "-‐–—−ー一", ",.", "·.•", ":：", "'’‘´`", '"“”', "()（）", "¥￥"),
)
"""Within these a reader tells little: such disagreements are listed after the others."""

BATCH_PAGES = 200


class Reading(NamedTuple):
    """What a reader made of one image. `kind`: agrees, unsure, lookalike or differs."""

    row: Mapping[str, Any]
    reader: str
    text: str
    confidence: float
    kind: str


def read_all(folder: Path, rows: Sequence[Mapping[str, Any]]) -> list[Reading]:
    """Let the fitting reader read each row's image.

    Raises:
        SystemExit: a reader is not installed.
    """
    korean = [row for row in rows if _has_hangul(row["text"])]
    others = [row for row in rows if not _has_hangul(row["text"])]
    found = []
    for reader, part, read in (("PP-OCRv6", others, ppocr), ("tesseract", korean, tesseract)):
        if not part:
            continue
        readings = read([folder / row["image"] for row in part])
        for row, (text, confidence) in zip(part, readings, strict=True):
            kind = judged(row["text"], text, confidence)
            found.append(Reading(row, reader, text, confidence, kind))
    return sorted(found, key=lambda reading: reading.row["index"])


def judged(label: str, text: str, confidence: float) -> str:
    """Compare a reading with a label; spaces are left out of it.

    >>> judged("No. 10", "No.1O", 0.99), judged("No. 10", "No.17", 0.99), judged("a", "b", 0.5)
    ('lookalike', 'differs', 'unsure')
    """
    mine, theirs = _bare(label), _bare(text)
    if mine == theirs:
        return "agrees"
    if confidence < SURE:
        return "unsure"
    return "lookalike" if _folded(mine) == _folded(theirs) else "differs"


def tell_readings(readings: Sequence[Reading]) -> str:
    """Count the readings by reader and kind."""
    counts = Counter((reading.reader, reading.kind) for reading in readings)
    return ", ".join(f"{reader} {kind} {n}" for (reader, kind), n in sorted(counts.items()))


def _bare(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())


def _folded(text: str) -> str:
    for group in LOOKALIKES:
        for char in group[1:]:
            text = text.replace(char, group[0])
    return text.casefold()


def _has_hangul(text: str) -> bool:
    return any("ᄀ" <= char <= "ᇿ" or "㄰" <= char <= "㆏" or "가" <= char <= "힣" for char in text)


def ppocr(images: Sequence[Path]) -> Iterator[tuple[str, float]]:
    """Read by PP-OCRv6 small, one image at a time, greedily decoded."""
    spec = find_spec("rapidocr")
    if spec is None or spec.origin is None:
        raise SystemExit("rapidocr is not installed: make models")
    from PIL import Image

    from textlines.pixels.resize import network_input
    from train.reading.onnx_session import runtime

    onnxruntime = runtime()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    model = Path(spec.origin).parent / "models" / "PP-OCRv6_rec_small.onnx"
    session = onnxruntime.InferenceSession(str(model), options, ["CPUExecutionProvider"])
    held = session.get_modelmeta().custom_metadata_map["character"].split("\n")
    feed = session.get_inputs()[0].name
    for path in images:
        with Image.open(path) as image:
            bgr = np.asarray(image.convert("RGB"))[:, :, ::-1]
        scores = session.run(None, {feed: network_input(np.ascontiguousarray(bgr))[None]})[0][0]
        yield decoded(scores, held)


def decoded(scores: npt.NDArray[np.float32], characters: Sequence[str]) -> tuple[str, float]:
    """Decode CTC scores (steps x classes, class 0 blank, a space last) greedily."""
    best = scores.argmax(1)
    kept = [n for n, one in enumerate(best) if one != 0 and (n == 0 or one != best[n - 1])]
    names = ["", *characters, *[" "] * (scores.shape[1] - 1 - len(characters))]
    text = "".join(names[int(best[n])] for n in kept)
    return text, float(np.mean(scores[kept, best[kept]])) if kept else 0.0


def tesseract(images: Sequence[Path]) -> Iterator[tuple[str, float]]:
    """Read by tesseract, Korean with English, each image as one line."""
    program = shutil.which("tesseract")
    if program is None:
        raise SystemExit("tesseract is not installed: apt-get install tesseract-ocr-kor")
    for start in range(0, len(images), BATCH_PAGES):
        part = images[start : start + BATCH_PAGES]
        names = "\n".join(str(path.resolve()) for path in part)
        command = [program, "stdin", "stdout", "-l", "kor+eng", "--psm", "7", "tsv"]
        # Its own threads cost more than they bring on single lines.
        done = subprocess.run(
            command, input=names, capture_output=True, text=True, check=False,
            env={**os.environ, "OMP_THREAD_LIMIT": "1"},
        )  # fmt: skip
        if done.returncode:
            raise SystemExit(f"tesseract: {done.stderr.strip()}")
        words: dict[int, list[tuple[str, float]]] = {n: [] for n in range(len(part))}
        for line in done.stdout.splitlines()[1:]:
            fields = line.split("\t")
            if len(fields) == 12 and fields[0] == "5" and fields[11].strip():
                words[int(fields[1]) - 1].append((fields[11], float(fields[10]) / 100))
        for held in words.values():
            text = " ".join(word for word, _ in held)
            yield text, min((sure for _, sure in held), default=0.0)
