"""Inputs of the recorded calls: made of nothing but arithmetic, the same on every machine."""

import hashlib
import json
import struct
import zlib
from collections.abc import Iterable, Sequence
from pathlib import Path

WORDS = ("Total", "Menü", "합계", "값", "cash", "Tax", "영수증", "No", "change", "금액")

QUADS = (
    ((20, 20), (180, 20), (180, 50), (20, 50)),
    ((220, 30), (380, 60), (374, 92), (214, 62)),
    ((300, 120), (330, 120), (330, 280), (300, 280)),
)
"""Lines on a page of 400 x 300: a level one, one that falls to the right, a vertical one."""


def grey_png(rows: Sequence[bytes]) -> bytes:
    """Return a grey PNG of these rows of pixels, packed without compression."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", check)

    head = struct.pack(">IIBBBBB", len(rows[0]), len(rows), 8, 0, 0, 0, 0)
    # Level 0: another zlib packs better or worse, and images are named by their hash.
    pixels = zlib.compress(b"".join(b"\0" + row for row in rows), 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    )


def drawn(text: str, scale: int = 5, grain: int = 0) -> bytes:
    """Return a PNG of a text in letters of no alphabet: 5 x 7 dots by the character's hash.

    Args:
        scale: pixels a dot.
        grain: another number gives another image of the same letters.
    """
    high, wide = 9, 6 * len(text) + 1
    dots = [bytearray(b"\xe6" * wide) for _ in range(high)]
    for place, char in enumerate(text):
        bits = int.from_bytes(hashlib.sha256(char.encode()).digest()[:5], "big")
        for dot in range(35):
            if bits >> dot & 1 and char != " ":
                dots[1 + dot // 5][1 + 6 * place + dot % 5] = 30
    rows = []
    for number, row in enumerate(dots):
        wider = bytearray(b"".join(bytes([value]) * scale for value in row))
        for x in range(len(wider)):
            wider[x] += (x * 7 + number * 13 + grain * (x + 3)) % 11
        rows += [bytes(wider)] * scale
    return grey_png(rows)


def page(seed: int = 0) -> bytes:
    """Return a PNG of a page, 400 x 300, with texture by which crops can be told apart."""

    def value(x: int, y: int) -> int:
        return (x * 3 + y * 5 + (x * y >> 4) + seed * 37) % 256

    return grey_png([bytes(value(x, y) for x in range(400)) for y in range(300)])


def write(path: Path, content: str | bytes) -> Path:
    """Write a file and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def readings(count: int, seed: int) -> list[str]:
    """Return labels as of meters and receipts, by arithmetic."""
    made = []
    for k in range(count):
        number = (k * 7919 + seed * 104_729) % 100_000
        word = WORDS[(k * 3 + seed) % len(WORDS)]
        made.append((f"{number / 100:.2f}", f"{word} {number % 1000}", word)[(k + seed) % 3])
    return made


def labelled(file: Path, texts: Iterable[str], *, folder: str = "", seed: int = 0) -> Path:
    """Write a label file and an image for each line; `folder` beside the file holds them."""
    rows = []
    for number, text in enumerate(texts):
        name = f"{folder}{number:04d}.png"
        write(file.parent / name, drawn(text, scale=3, grain=seed * 1000 + number))
        rows.append(f"{name}\t{text}\n")
    return write(file, "".join(rows))


def points(at: int) -> list[list[int]]:
    """Return the corners of a line of the page."""
    return [list(corner) for corner in QUADS[at]]


def annotated_pages(root: Path) -> None:
    """Write two pages and their lines in each form that `balance import` reads, but LMDB."""
    texts = (("12.50", "합계", "세로"), ("Total", "###", "값 1"))
    names = ("p0", "p1")
    for number, name in enumerate(names):
        for folder in ("det", "lsvt", "icdar", "sroie", "studio", "rctw/images", "mtwi/images"):
            write(root / folder / f"{name}.png", page(number))
    det = ""
    for name, of_page in zip(names, texts, strict=True):
        marks = [{"transcription": t, "points": points(at)} for at, t in enumerate(of_page)]
        det += f"{name}.png\t{json.dumps(marks, ensure_ascii=False)}\n"
    write(root / "det/det.txt", det + "none.png\t[]\nbroken\n")
    lsvt = {
        name: [
            {"transcription": t, "points": points(at), "illegibility": t == "###"}
            for at, t in enumerate(of_page)
        ]
        for name, of_page in zip(names, texts, strict=True)
    }
    write(root / "lsvt/train_full_labels.json", json.dumps(lsvt, ensure_ascii=False))
    for name, of_page in zip(names, texts, strict=True):
        corners = [",".join(str(n) for corner in points(at) for n in corner) for at in range(3)]
        plain = "".join(f"{c},{t}\n" for c, t in zip(corners, of_page, strict=True))
        quoted = "".join(f'{c},0,"{t}"\n' for c, t in zip(corners, of_page, strict=True))
        write(root / f"icdar/gt_{name}.txt", plain)
        write(root / f"sroie/{name}.txt", plain)
        write(root / f"rctw/{name}.txt", quoted)
        write(root / f"mtwi/{name}.txt", plain)
    tasks = []
    for name, of_page in zip(names, texts, strict=True):
        results: list[dict[str, object]] = []
        for at, text in enumerate(of_page[:2]):
            own = {"id": str(at), "original_width": 400, "original_height": 300}
            value = {"x": 5 + 10 * at, "y": 10, "width": 40, "height": 10, "rotation": 0}
            results.append(own | {"type": "rectangle", "value": value})
            results.append(own | {"type": "textarea", "value": value | {"text": [text]}})
        data = {"ocr": f"/data/upload/1/1a2b3c4d-{name}.png"}
        tasks.append({"id": 1, "data": data, "annotations": [{"result": results}]})
    write(root / "studio/export.json", json.dumps(tasks, ensure_ascii=False))
    labelled(root / "rec/rec_gt.txt", ["값 1", "Total", "###", "12.50"], folder="crop_img/")


def predictions(root: Path) -> None:
    """Write what a model read of 40 lines, in each form that `train mine` reads."""
    truths = readings(40, 3)
    swap = str.maketrans({"1": "7", "값": "갑", ".": ""})
    reads = [t.translate(swap) if k % 4 else t for k, t in enumerate(truths)]
    paths = [f"crops/{k:03d}.png" for k in range(40)]
    rows = list(zip(paths, truths, reads, strict=True))
    scored = [f"{p}\t{t}\t{r}\t{0.99 - k / 100:.2f}\n" for k, (p, t, r) in enumerate(rows)]
    write(root / "read.tsv", "path\ttruth\tprediction\tscore\n" + "".join(scored))
    other = "".join(f"{p}\t{t}\t{t}\n" for p, t, _ in rows)
    write(root / "better.tsv", "path\ttruth\tprediction\n" + other)
    write(root / "rec_gt.txt", "".join(f"{p}\t{t}\n" for p, t, _ in rows))
    write(root / "infer_rec.txt", "".join(f"{p}\t{r}\t0.9\n" for p, _, r in rows[:-2]))
    for path, _, read in rows:
        result = {"input_path": path, "rec_text": read, "rec_score": 0.9}
        name = f"res/{Path(path).stem}_res.json"
        write(root / name, json.dumps({"res": result}, ensure_ascii=False))
    entries = sorted({char for t in truths for char in t if char != " "} | set("갑가나"))
    write(root / "dictionary.txt", "".join(f"{entry}\n" for entry in entries))
