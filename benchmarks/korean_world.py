"""The world of `benchmarks/korean.py`: Korean texts, faces, production that `synth` never draws.

Words come from wordfreq (by frequency) and from Debian's hunspell-ko (rare ones); each word
belongs to one half by its hash, and production is written with one half alone. Three sets of faces
share none: those of the base, those that `synth` draws from beside them, those of production.
Production is drawn by Pillow, on grounds and with degradations of this file's own.
"""

import hashlib
import io
import json
import math
import re
import shutil
import subprocess
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont, ImageOps
from rapidfuzz.distance import Levenshtein

BASE_FACES = ("NotoSansKR-Regular.otf", "NotoSerifKR-Regular.otf", "UnDotum.ttf", "UnBatang.ttf")
SYNTH_FACES = (
    "UnDotumBold.ttf", "UnBatangBold.ttf", "UnGraphic.ttf", "UnGraphicBold.ttf", "UnGungseo.ttf",
    "UnShinmun.ttf", "UnTaza.ttf", "UnVada.ttf",
)  # fmt: skip
PRODUCTION_FACES = (
    "NanumGothic.ttf", "NanumGothicBold.ttf", "NanumMyeongjo.ttf", "NanumMyeongjoBold.ttf",
    "NanumBarunGothic.ttf", "NanumBarunGothicBold.ttf", "NanumSquareR.ttf", "NanumSquareB.ttf",
    "NanumGothicCoding.ttf", "NanumBarunpenR.ttf", "batang.ttf", "dotum.ttf", "gulim.ttf",
)  # fmt: skip
HANGUL = re.compile("[가-힣]+")
LONGEST = 14
"""Characters of a line: at a height of 48 pixels, some 640 pixels."""


def half_of(word: str) -> int:
    """Return the half, 0 or 1, that a word belongs to."""
    return hashlib.sha256(word.encode()).digest()[0] & 1


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one half, with how likely each is.

    Attributes:
        common: with `weights` that sum to 1. rare: from the dictionary, each as likely.
        entries: what a line may hold. PaddleOCR's Korean dictionary has no point and no comma.
    """

    common: tuple[str, ...]
    weights: "np.ndarray[Any, np.dtype[np.float64]]"
    rare: tuple[str, ...]
    entries: frozenset[str]

    @classmethod
    def of(cls, half: int, dictionary: Path, flatten: float, entries: frozenset[str]) -> "Words":
        """Read the words of a half whose syllables a model can hold.

        Args:
            dictionary: hunspell's ko.dic. flatten: power of the frequency.

        Raises:
            SystemExit: wordfreq or the dictionary is not there.
        """
        try:
            from wordfreq import get_frequency_dict
        except ImportError as error:
            raise SystemExit("pip install wordfreq") from error
        if not dictionary.is_file():
            raise SystemExit(f"{dictionary} is not there: apt-get install hunspell-ko")

        def fits(word: str) -> bool:
            return bool(HANGUL.fullmatch(word)) and half_of(word) == half and set(word) <= entries

        frequency = get_frequency_dict("ko", wordlist="small")
        common = sorted(word for word in frequency if fits(word) and len(word) <= 6)
        weights = np.array([frequency[word] for word in common]) ** flatten
        lines = dictionary.read_text(encoding="utf-8").splitlines()
        stems = {unicodedata.normalize("NFC", line.partition("/")[0]) for line in lines[1:]}
        rare = sorted(word for word in stems if fits(word) and 2 <= len(word) <= 6)
        return cls(tuple(common), weights / weights.sum(), tuple(rare), entries | {" "})

    def lines(self, count: int, rare: float, seed: int) -> Iterator[str]:
        """Write lines of one to four words and figures, 3 to 14 characters long.

        Args:
            rare: share of words that come from the dictionary.
        """
        random = np.random.default_rng([seed, 1])
        found = 0
        while found < count:
            words: list[str] = []
            for _ in range(int(random.integers(1, 5))):
                if random.random() < 0.1:
                    words.append(_figure(random))
                elif random.random() < rare:
                    words.append(self.rare[random.integers(len(self.rare))])
                else:
                    words.append(self.common[random.choice(len(self.common), p=self.weights)])
            line = (" " if random.random() < 0.8 else "").join(words)
            if 3 <= len(line) <= LONGEST and set(line) <= self.entries:
                found += 1
                yield line


def _figure(random: np.random.Generator) -> str:
    kind = int(random.integers(4))
    if kind == 0:
        return f"{int(random.integers(1, 990)) * 100:,}원"
    if kind == 1:
        return f"{random.integers(2018, 2027)}.{random.integers(1, 13):02d}"
    if kind == 2:
        return f"{random.integers(100, 999)}-{random.integers(1000, 9999)}"
    return str(random.integers(1, 400))


def found_faces(names: Sequence[str]) -> list[Path]:
    """Find font files by name, in Debian's folder and in the `fonts` extra.

    Raises:
        SystemExit: one is not there.
    """
    from importlib.util import find_spec

    spec = find_spec("pylopdf_fonts_ko")
    roots = (
        [Path("/usr/share/fonts"), *map(Path, spec.submodule_search_locations or ())]
        if spec
        else []
    )
    there = {path.name: path for root in roots for path in sorted(root.rglob("*.?tf"))}
    if lost := [name for name in names if name not in there]:
        raise SystemExit(
            f"no {lost[0]} ({len(lost)} faces are missing): pip install pylopdf-fonts-ko; apt-get "
            "install fonts-nanum{,-extra} fonts-baekmuk fonts-unfonts-{core,extra}"
        )
    return [there[name] for name in names]


def linked(faces: Sequence[Path], folder: Path) -> Path:
    """Lay links to faces into a folder, for `synth generate --fonts`."""
    folder.mkdir(parents=True, exist_ok=True)
    for face in faces:
        if not (folder / face.name).exists():
            (folder / face.name).symlink_to(face)
    return folder


def write_production(texts: Sequence[str], folder: Path, seed: int) -> Path:
    """Draw texts as production prints and photographs them; return the label file.

    A `run.json` beside it says that the images were rendered.
    """
    labels = folder / "rec_gt.txt"
    if labels.is_file():
        return labels
    faces = found_faces(PRODUCTION_FACES)
    (folder / "crops").mkdir(parents=True, exist_ok=True)
    rows = []
    for number, text in enumerate(texts):
        random = np.random.default_rng([seed, number])
        face = faces[int(random.integers(len(faces)))]
        name = f"crops/{number:05d}.jpg"
        (folder / name).write_bytes(photographed(text, face, random))
        rows.append(f"{name}\t{text}\n")
    (folder / "run.json").write_text(json.dumps({"synthetic": True}), encoding="utf-8")
    labels.write_text("".join(rows), encoding="utf-8")
    return labels


def second_opinion(labels: Path, count: int) -> str:
    """Return how Debian's tesseract reads the first lines: are they legible to another reader?"""
    rows = labels.read_text(encoding="utf-8").splitlines()[:count]
    command = shutil.which("tesseract")
    if command is None:
        return "tesseract is not there: apt-get install tesseract-ocr-kor"
    right = edits = length = 0
    for row in rows:
        path, _, label = row.partition("\t")
        with Image.open(labels.parent / path) as crop:
            wide = round(crop.width * 64 / crop.height)
            framed = ImageOps.expand(crop.resize((wide, 64)), 16, crop.getpixel((0, 0)))  # type: ignore[arg-type]
        png = io.BytesIO()
        framed.save(png, "PNG")
        words = [command, "-", "-", "-l", "kor", "--psm", "7"]
        done = subprocess.run(words, input=png.getvalue(), capture_output=True, check=True)
        read = " ".join(done.stdout.decode("utf-8").split())
        right += read == label
        edits += Levenshtein.distance(read, label)
        length += len(label)
    return f"tesseract (kor) reads {right} of {len(rows)} exactly, CER {edits / max(length, 1):.3f}"


def photographed(text: str, face: Path, random: np.random.Generator) -> bytes:
    """Return a JPEG of a line: printed by Pillow, then bent, lit, blurred and packed."""
    size = 56
    font = ImageFont.truetype(str(face), size)
    left, top, right, bottom = font.getbbox(text)
    pad = (int(random.integers(6, 22)), int(random.integers(5, 16)))
    box = (math.ceil(right - left) + 2 * pad[0], math.ceil(bottom - top) + 2 * pad[1])
    paper, ink = _colours(random)
    mask = Image.new("L", box, 0)
    ImageDraw.Draw(mask).text((pad[0] - left, pad[1] - top), text, fill=255, font=font)
    if random.random() < 0.2:
        mask = mask.filter(ImageFilter.MaxFilter(3))  # ink that spreads
    # A narrow or a wide print, and a camera that is not quite in front of it.
    width = max(8, round(box[0] * float(random.uniform(0.8, 1.1))))
    mask = mask.resize((width, box[1]), Image.Resampling.BICUBIC)
    mask = _bent(mask, random)
    alpha = np.asarray(mask, np.float64)[..., None] / 255 * float(random.uniform(0.75, 1))
    ground = _ground(mask.size, paper, random)
    picture = ground * (1 - alpha) + np.asarray(ink) * alpha
    height = int(random.integers(22, 52))
    small = Image.fromarray(np.clip(picture, 0, 255).astype(np.uint8)).resize(
        (max(8, round(mask.width * height / mask.height)), height), Image.Resampling.BOX
    )
    small = small.filter(ImageFilter.GaussianBlur(float(random.uniform(0, 0.025)) * height))
    noisy = np.asarray(small, np.float64)
    noisy = noisy + random.normal(0, float(random.uniform(0, 9)), (*noisy.shape[:2], 1))
    out = io.BytesIO()
    Image.fromarray(np.clip(noisy, 0, 255).astype(np.uint8)).save(
        out, "JPEG", quality=int(random.integers(35, 92))
    )
    return out.getvalue()


def _colours(random: np.random.Generator) -> tuple[list[float], list[float]]:
    """Return paper and ink, some of them light on dark."""
    light = random.uniform(170, 252) + random.uniform(-14, 4, 3)
    dark = random.uniform(10, 85) + random.uniform(-10, 40, 3) * (random.random() < 0.4)
    if random.random() < 0.12:
        return list(dark), list(light)
    return list(light), list(dark)


def _bent(mask: Image.Image, random: np.random.Generator) -> Image.Image:
    """See a mask from somewhat beside: each corner moves inwards by up to a tenth of the height."""
    wide, high = mask.size
    off = random.uniform(-0.09, 0.09, (4, 2)) * high
    corners = np.array([(0, 0), (wide, 0), (wide, high), (0, high)]) + off
    rows, right = [], []
    for (x, y), (u, v) in zip([(0, 0), (wide, 0), (wide, high), (0, high)], corners, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        right += [u, v]
    warp = np.linalg.solve(np.array(rows), np.array(right))
    return mask.transform(
        mask.size, Image.Transform.PERSPECTIVE, tuple(warp), Image.Resampling.BICUBIC
    )


def _ground(
    size: tuple[int, int], paper: Sequence[float], random: np.random.Generator
) -> "np.ndarray[Any, np.dtype[np.float64]]":
    """Return paper, unevenly lit, with a grain."""
    wide, high = size
    slope = random.uniform(-28, 28, 2)
    light = (
        slope[0] * np.linspace(-0.5, 0.5, wide)[None]
        + slope[1] * np.linspace(-0.5, 0.5, high)[:, None]
    )
    grain = random.normal(0, float(random.uniform(0, 7)), (max(2, high // 3), max(2, wide // 3)))
    rough = Image.fromarray(grain).resize(size, Image.Resampling.BILINEAR)
    ground: np.ndarray[Any, np.dtype[np.float64]] = (
        np.asarray(paper) + (light + np.asarray(rough))[..., None]
    )
    return ground
