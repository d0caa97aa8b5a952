"""Draw the golden set and print its fingerprints as JSON: run by test_golden.py.

    python tests/synth/rendering/draw_golden.py            # print
    python tests/synth/rendering/draw_golden.py --write    # and keep them in golden.json

Every packaged style as it is and with every effect on, on display faces of ours and, where they
are installed, DejaVu Sans and a Korean face; texts with digits, Latin, Korean and a combining
mark (drawn in one piece by raqm). Then lines that are set vertically, and lines in two faces.
"""

import hashlib
import json
import random
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image, features

from synth.assets import style_names
from synth.faces.display import display_faces
from synth.faces.font_face import Face
from synth.faces.scan import find_faces, package_font_dirs
from synth.rendering.sample import Setup
from synth.rendering.style import Style, load_style
from textlines.formats.manifest import manifest_line
from textlines.formats.plan_rows import FaceSpan, PlanRow, Vertical

GOLDEN = Path(__file__).with_name("golden.json")
EFFECTS = ("lettering", "stroke", "bend", "geometry", "light", "camera", "distractors")
DEJAVU = Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf")
KOREAN = "pylopdf-fonts-ko"

# Characters that the faces hold; the engine draws what it is given.
TEXTS = {
    "seven_segment": ("47.01", "-8.5", "12:30"),
    "dot_matrix": ("TOTAL 12.50", "0O1lI"),
    "latin": ("Total 4.20", "0O1l 8B", "g\u030c e\u0301\u0323"),
    "korean": ("합계 12,500원", "값 갑 갚"),
}
EACH = 3

SET_LINES: tuple[tuple[str, str, tuple[Vertical, ...]], ...] = (
    ("korean", "합계 12500", ("upright", "mixed", "turned")),
    ("latin", "BAKERY 24", ("upright", "turned")),
    ("dot_matrix", "GATE 5", ("upright", "turned")),
)
"""Kinds of face, texts, and the ways in which they are set; in two faces from the space on."""

FITTED = (
    'palette=[{ ground = "#1f6f3a", ink = "#f4f4ee" }, { ground = "#f4c20d", ink = "#181818" }]',
    "output.height=64",
    "output.native=[20, 64]",
    "text.character_width=[0.8, 1.25]",
    "text.gaps={ p = 0.7, every = [0, 3] }",
    "distractors.frame={ p = 0.8, light = 0.6, all_sides = 0.5, touch = 0.1 }",
    "distractors.bezel={ p = 0.2, all_sides = 0.5, dark = [0.3, 2] }",
)
"""What a style is given that is fitted to real crops."""

LETTERED = (
    "ink.dark=0.5",
    "surfaces.plain={ p = 1, level = [40, 250], tint = 60 }",
    "patch={ p = 0.4, skew = 2, tint = 60 }",
    "text.sizes={ p = 0.4 }",
    "bend.arc={ p = 0.4, rise = [-0.5, 0.5] }",
    "bend.elastic={ p = 0.3 }",
    "stroke.inkjet={ p = 0.3, rows = [20, 36] }",
    "lettering.drop_shadow={ p = 0.3, right = [-0.05, 0.05], blur = [0, 0.05] }",
    "lettering.extrusion={ p = 0.3, deg = [0, 180] }",
    "lettering.outline={ p = 0.4, line = [0.02, 0.06], tint = [0, 1] }",
    "lettering.gradient={ p = 0.3, amount = [-0.8, 0.5], tint = [0, 1], deg = [0, 90] }",
    "lettering.two_tone={ p = 0.3 }",
    "lettering.ink_texture={ p = 0.3 }",
    "lettering.emboss={ p = 0.3 }",
    "lettering.strike={ p = 0.3, slant = [-4, 4], tint = [0, 1] }",
)
"""How letters are made, all of it."""


def versions() -> dict[str, str]:
    """Name what the pixels depend on."""
    import fontTools
    import PIL
    import uharfbuzz

    found = {
        "pillow": PIL.__version__,
        "numpy": np.__version__,
        "opencv": cv2.__version__,
        "fonttools": fontTools.version,
        "uharfbuzz": uharfbuzz.__version__,
    }
    for part in ("freetype2", "raqm", "harfbuzz"):
        found[part] = str(features.version(part))
    return found


def faces() -> Iterator[tuple[str, Face]]:
    """Yield the kinds of text with a face or two for each, of what is installed."""
    ours = display_faces()
    for kind in ("seven_segment", "dot_matrix"):
        for face in [face for face in ours if face.kind == kind][:2]:
            yield kind, face
    if DEJAVU.is_file():
        yield "latin", find_faces([DEJAVU]).faces[0]
    korean = dict(package_font_dirs()).get(KOREAN)
    if korean is not None:
        yield "korean", find_faces([korean]).faces[0]


def all_on(style: Style) -> Style:
    """Use every effect every time, and call legible what is barely seen."""
    parts = {
        stage: {
            name: part.model_copy(update={"p": 1.0}) for name, part in getattr(style, stage).items()
        }
        for stage in EFFECTS
    }
    ghost = style.ghost.model_copy(update={"p": 1.0 if style.ghost.with_ else 0.0})
    legible = style.legible.model_copy(update={"contrast": 4.0, "inside": 0.5})
    return style.model_copy(update={**parts, "ghost": ghost, "legible": legible})


def photos(folder: Path) -> Path:
    """Make a photo to draw on: smooth and rough places, the same everywhere."""
    noise = random.Random(7).randbytes(60 * 80 * 3)
    small = Image.frombytes("RGB", (80, 60), noise)
    small.resize((640, 480), Image.Resampling.BICUBIC).save(folder / "photo.png")
    return folder


def styles() -> Iterator[tuple[str, Style]]:
    """Yield the styles of the set by name."""
    for name in style_names():
        style = load_style(name)
        yield name, style
        yield f"{name}, all on", all_on(style)
    photo = ("surfaces.photo.p=1000", 'output.format="png"', "output.colour=false")
    yield "document on photos, grey", load_style("document", photo)
    yield "keys of a fit", load_style("document", FITTED)
    yield "lettering", load_style("document", LETTERED)
    yield "lcd given photos", load_style("lcd", ("photos.p=0.7",))


def draw(folder: Path) -> dict[str, Any]:
    """Draw the set; give a fingerprint of image and manifest row by case, and what was used."""
    of_kind = list(faces())
    cases: dict[str, str] = {}
    used: dict[str, list[str]] = {}
    for name, style in styles():
        given = folder if "photos" in name else None
        setup = Setup(style=style, faces=tuple(face for _, face in of_kind), photos=given, seed=11)
        engine = setup.engine()
        seen: set[str] = set()
        index = 0
        for kind, face in of_kind:
            for text in TEXTS[kind]:
                for _ in range(EACH):
                    row = PlanRow(index, text, (), face.id, name)
                    sample = engine.sample(row)
                    line = manifest_line(sample.record).encode()
                    key = f"{name} | {face.family} {face.id} | {text} | {index % EACH}"
                    cases[key] = hashlib.sha256(sample.data + line).hexdigest()[:20]
                    seen.update(effect for effect, _ in sample.record["effects"])
                    seen.update(extra for extra, _ in sample.record["distractors"])
                    index += 1
        used[name] = sorted(seen)
    cases |= draw_set(of_kind)
    return {"versions": versions(), "cpu": cv2.getCPUFeaturesLine(), "cases": cases, "used": used}


def draw_set(of_kind: list[tuple[str, Face]]) -> dict[str, str]:
    """Draw lines that are set vertically or in two faces; give a fingerprint by case."""
    by_kind = dict(of_kind)
    setup = Setup(load_style("sign"), tuple(by_kind.values()), photos=None, seed=12)
    engine = setup.engine()
    rows: list[PlanRow] = []
    for kind, text, forms in SET_LINES:
        first = by_kind.get(kind)
        second = by_kind.get("korean" if kind == "latin" else "latin")
        if first is None or second is None:
            continue
        for vertical in forms:
            rows.append(PlanRow(len(rows), text, (), first.id, "sign", vertical=vertical))
        span = FaceSpan(text.index(" ") + 1, len(text), second.id)
        rows.append(PlanRow(len(rows), text, (), first.id, "sign", parts=(span,)))
    cases = {}
    for row in rows:
        sample = engine.sample(row)
        line = manifest_line(sample.record).encode()
        name = f"set | {row.face} | {row.text} | {row.vertical or 'two faces'}"
        cases[name] = hashlib.sha256(sample.data + line).hexdigest()[:20]
    return cases


def main() -> None:
    """Print the fingerprints, or keep them."""
    with tempfile.TemporaryDirectory() as made:
        found = draw(photos(Path(made)))
    if "--write" in sys.argv[1:]:
        kept = {"versions": found["versions"], "cases": found["cases"]}
        GOLDEN.write_text(json.dumps(kept, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    else:
        print(json.dumps(found, ensure_ascii=False))


if __name__ == "__main__":
    main()
