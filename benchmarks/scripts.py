"""Lines of each script, drawn plainly and read back by tesseract: is a label ever wrong?

    apt-get install tesseract-ocr-{rus,ell,vie,jpn,chi-tra,ara,heb,tha,hin}
    python benchmarks/scripts.py --out WORK
    python benchmarks/scripts.py --out WORK --only ar he --lines 200 --fonts FOLDER

For each language of the package's lines that tesseract reads: lines in the style `document` without
what the style does to them, one row: how many were read exactly (spaces aside: tesseract sets some
between letters of Thai and Japanese), the character error rate, and the disagreements, those that
tesseract is sure of apart. `WORK/disagreements.html` shows these with label and reading, the sure
ones first: whether the label or the reader is wrong, a person says.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from PIL import Image, ImageOps
from rapidfuzz.distance import Levenshtein

from synth.assets import STYLES
from synth.faces.scan import find_faces
from textlines.formats.manifest import MANIFEST, read_manifest

TESSERACT: Mapping[str, str] = {
    "ru": "rus",
    "el": "ell",
    "vi": "vie",
    "ja": "jpn",
    "zh-Hant": "chi_tra",
    "ar": "ara",
    "he": "heb",
    "th": "tha",
    "hi": "hin",
}
"""Of each language, the data that tesseract reads it with."""

SURE = 85
"""Mean confidence of tesseract's words, 0..100, from which on it is sure of a line."""

ALTERED = ("distractors", "stroke", "geometry", "light", "camera")
"""Parts of a style that do something to a line."""

MARGIN_PX = 12
"""White around a line: tesseract finds no letters at the edge of an image."""

CONTROLS = dict.fromkeys(map(ord, "\u200e\u200f\u202a\u202b\u202c\u2066\u2067\u2068\u2069"))
"""Marks of direction, which tesseract writes and no label holds."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What tesseract read on one image. sure: mean confidence of its words, 0..100."""

    text: str
    sure: float


@dataclass(frozen=True, slots=True)
class Line:
    """A drawn line and its reading. image: on the page, from its folder on."""

    image: str
    label: str
    family: str
    reading: Reading

    @property
    def errors(self) -> int:
        """Count the characters to change, to put in or to take out, spaces aside."""
        return int(Levenshtein.distance(bare(self.label), bare(self.reading.text)))

    @property
    def is_sure(self) -> bool:
        """Whether tesseract is sure of what it read."""
        return self.reading.sure >= SURE


def bare(text: str) -> str:
    r"""Leave out spaces and marks of direction, and make one of what differs in code alone.

    >>> bare("e\u0301 \u200e1"), bare("\u00b5") == "\u03bc"
    ('é1', True)
    """
    composed = unicodedata.normalize("NFKC", text.translate(CONTROLS))
    return "".join(composed.split())


def plain_style(style: Path) -> list[str]:
    """Return the words of `--set` that leave a style's lines as they are set."""
    table = tomllib.loads(style.read_text("utf-8"))
    keys = [f"{part}.{key}.p" for part in ALTERED for key in table.get(part, {})]
    words = [word for key in keys for word in ("--set", f"{key}=0")]
    # A background without folds and streaks, dark ink, no handwriting.
    surfaces = [key for key in table["surfaces"] if key != "plain"]
    for key, value in (
        *((f"surfaces.{key}.p", "0") for key in surfaces),
        ("surfaces.plain.level", "255"),
        ("surfaces.plain.tint", "0"),
        ("ink.contrast", "0.98"),
        ("ink.dark", "1"),
        ("handwritten", "0"),
        ("quality", "95"),
    ):
        words += ["--set", f"{'output.' if key == 'quality' else ''}{key}={value}"]
    return words


def draw(
    language: str, count: int, out: Path, fonts: Sequence[Path], seed: int, plain: Sequence[str]
) -> None:
    """Draw lines of a language by `synth generate`.

    Raises:
        SystemExit: it failed; its words stand on stderr.
    """
    shutil.rmtree(out, ignore_errors=True)
    command = [sys.executable, "-m", "synth", "generate", "--style", "document", *plain]
    command += ["--corpus", f"embedded:lines_{language}.txt", "--count", str(count)]
    for folder in fonts:
        command += ["--fonts", str(folder)]
    command += ["--seed", str(seed), "--workers", "1", "--out", str(out)]
    ended = subprocess.run(command, capture_output=True, text=True)
    if ended.returncode:
        raise SystemExit(
            f"{language}: synth generate ended with {ended.returncode}: {ended.stderr}"
        )


def read(images: Sequence[Path], data: str, work: Path) -> list[Reading]:
    """Read images, each as one line with white around it, in one process of tesseract.

    Args:
        work: folder for what tesseract reads and writes.

    Raises:
        SystemExit: tesseract or its data is missing, or it failed.
    """
    debian = f"apt-get install tesseract-ocr-{data.replace('_', '-')}"
    if shutil.which("tesseract") is None:
        raise SystemExit(f"tesseract is missing: {debian}")
    work.mkdir(parents=True, exist_ok=True)
    padded = [work / f"{number}.png" for number in range(len(images))]
    for image, copy in zip(images, padded, strict=True):
        with Image.open(image) as opened:
            ImageOps.expand(opened.convert("RGB"), border=MARGIN_PX, fill="white").save(copy)
    listed = work / "images.txt"
    listed.write_text("".join(f"{copy}\n" for copy in padded), "utf-8")
    command = ["tesseract", str(listed), str(work / "read"), "-l", data, "--psm", "7", "txt", "tsv"]
    environment = {**os.environ, "OMP_THREAD_LIMIT": "1"}
    ended = subprocess.run(command, env=environment, capture_output=True, text=True)
    if ended.returncode:
        raise SystemExit(f"{ended.stderr}Without the data of {data}: {debian}")
    texts = (work / "read.txt").read_text("utf-8")
    return readings(texts, (work / "read.tsv").read_text("utf-8"), len(images))


def readings(texts: str, words: str, count: int) -> list[Reading]:
    """Put tesseract's two outputs together.

    Args:
        texts: a page each, ended by form feeds. words: its TSV with a row for each word.
        count: of pages.
    """
    sure: dict[int, list[float]] = {}
    for row in words.splitlines()[1:]:
        level, page, *_, confidence, word = row.split("\t")
        if level == "5" and word.strip():
            sure.setdefault(int(page), []).append(float(confidence))
    pages = texts.split("\f")
    return [
        Reading(
            " ".join(pages[k].translate(CONTROLS).split()),
            statistics.mean(sure.get(k + 1, [0.0])),
        )
        for k in range(count)
    ]


def table_row(language: str, lines: Sequence[Line]) -> str:
    """Put the figures of a language into one line."""
    wrong = [line for line in lines if line.errors]
    characters = sum(len(bare(line.label)) for line in lines)
    rate = sum(line.errors for line in lines) / max(characters, 1)
    sure = sum(line.is_sure for line in wrong)
    exact = len(lines) - len(wrong)
    return f"{language:<8} {len(lines):>5} {exact:>7} {rate:>7.3f} {len(wrong):>10} {sure:>5}"


def page(languages: Mapping[str, Sequence[Line]], faces: Mapping[str, Path]) -> str:
    """Make a page of the disagreements: image, label, reading; the sure ones first.

    Args:
        faces: font files by family, for the page's own texts.
    """
    styles = "".join(
        f"@font-face{{font-family:{name!r};src:url({path.absolute().as_uri()!r})}}"
        for name, path in faces.items()
    )
    rows = "".join(
        f"<h2>{escape(language)}</h2>" + "".join(map(_shown, _by_sureness(lines)))
        for language, lines in languages.items()
    )
    return (
        f"<!doctype html><meta charset=utf-8><title>Disagreements</title><style>{styles}"
        "body{font:18px sans-serif;columns:2}div{break-inside:avoid;margin:0 0 12px}"
        "img{display:block;max-width:100%}b{color:#a00}</style>" + rows
    )


def _by_sureness(lines: Iterable[Line]) -> list[Line]:
    wrong = [line for line in lines if line.errors]
    return sorted(wrong, key=lambda line: -line.reading.sure)


def _shown(line: Line) -> str:
    font = f"style=\"font-family:'{escape(line.family)}'\""
    mark = "b" if line.is_sure else "span"
    return (
        f'<div><img src="{escape(line.image)}"><bdi {font}>{escape(line.label)}</bdi><br>'
        f"<{mark}><bdi {font}>{escape(line.reading.text)}</bdi> {line.reading.sure:.0f}</{mark}>"
        f" <small>{escape(line.family)}</small></div>"
    )


def judge(language: str, options: argparse.Namespace, plain: Sequence[str]) -> list[Line]:
    """Draw and read the lines of a language."""
    folder = options.out / language
    draw(language, options.lines, folder, options.fonts, options.seed, plain)
    rows = list(read_manifest(folder / MANIFEST))
    images = [folder / row.image for row in rows]
    texts = read(images, TESSERACT[language], options.out / f"{language}.tesseract")
    return [
        Line(f"{language}/{row.image}", row.text, row.face.family, text)
        for row, text in zip(rows, texts, strict=True)
    ]


def main() -> int:
    """Print the table and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--lines", type=int, default=60)
    parser.add_argument("--only", nargs="+", choices=list(TESSERACT), default=list(TESSERACT))
    parser.add_argument("--fonts", type=Path, action="append", default=[])
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    plain = plain_style(STYLES / "document.toml")
    print("language lines exactly     CER disagreeing  sure", flush=True)
    judged: dict[str, list[Line]] = {}
    for language in options.only:
        judged[language] = judge(language, options, plain)
        print(table_row(language, judged[language]), flush=True)
    scan = find_faces(options.fonts)
    used = {line.family for lines in judged.values() for line in lines}
    faces = {face.family: face.path for face in scan.faces if face.family in used}
    (options.out / "disagreements.html").write_text(page(judged, faces), "utf-8")
    print(f"{options.out / 'disagreements.html'} shows them")
    return 0


if __name__ == "__main__":
    sys.exit(main())
