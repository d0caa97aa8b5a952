"""The picture of looks in docs/styles.md: a line for each key, drawn by the engine.

    python tools/looks_picture.py      # writes docs/looks.svg

Each crop is one line in a display face of ours, in the style `document` without its accidents and
with the settings that stand under it: no one else's font or picture enters.
"""

import argparse
import base64
import sys
from collections.abc import Sequence
from dataclasses import replace
from html import escape
from pathlib import Path

from synth.draws import Draws
from synth.faces.display import display_faces
from synth.faces.face_pool import FacePool
from synth.rendering.line_setting import LineSetter
from synth.rendering.sample import Sample, Setup
from synth.rendering.style import load_style
from textlines.formats.plan_rows import PlanRow

DOCS = Path(__file__).resolve().parents[1] / "docs"
TEXT = "2025 0731"
CALM = (
    'faces=["seven_segment"]',
    *("photos.p=0", "stroke={}", "geometry={}", "light={}", "camera={}", "distractors={}"),
    *("surfaces={ paper = { level = 238, grain = 2 } }", "ink.dark=1", "ink.contrast=0.75"),
    *("ink.tint=0", "text.fill=0.6", "text.left=0.35", "text.right=0.35", "text.spacing=0.03"),
    *("text.stretch=1", "text.above=0.5", "output.quality=90"),
)
GREEN = 'palette=[{ ground = "#1f6f3a", ink = "#f4f4ee", spread = 0 }]'
LOOKS: tuple[tuple[str, ...], ...] = (
    (GREEN,),
    ("output.native=16",),
    ("text.character_width=[0.75, 1.35]",),
    ("text.gaps={ p = 1, amount = 0.5, every = 2 }",),
    ("text.sizes={ p = 1, factor = 0.6 }",),
    ('text.faces={ p = 1, at = "word" }',),
    ('faces=["dot_matrix"]', "text.spacing=0.1"),
    ('faces=["dot_matrix"]', "text.fill=0.5", "text.vertical.p=1"),
    (GREEN, "distractors.frame={ p = 1, light = 1, all_sides = 1, line = 0.05, contrast = 0.9 }"),
    ("patch={ p = 1, level = 250, corner = 0.1 }", "surfaces={ plain = { level = 90 } }"),
    ("lettering.drop_shadow={ p = 1 }",),
    ("lettering.extrusion={ p = 1, length = 0.1 }",),
    (GREEN, "lettering.outline={ p = 1, line = 0.06 }"),
    ("lettering.gradient={ p = 1, amount = 0.5, tint = 0.6 }",),
    ("lettering.two_tone={ p = 1 }",),
    ("lettering.ink_texture={ p = 1, spread = 64 }",),
    ("ink.contrast=0.4", "lettering.emboss={ p = 1, rim = 0.04 }"),
    ("lettering.strike={ p = 1, at = 0.4, slant = 3 }",),
    ("stroke.inkjet={ p = 1, rows = 24, size = 0.8 }",),
    ("bend.arc={ p = 1, rise = 0.3 }",),
    ("bend.elastic={ p = 1, amount = 0.05 }",),
)
"""Settings of each crop, over `CALM`."""

COLUMNS, WIDTH, HEIGHT, LINE = 3, 372, 104, 15
CROP = 48


def drawn(settings: tuple[str, ...]) -> Sample:
    """Draw the line with some settings over the calm style."""
    style = load_style("document", (*CALM, *settings))
    faces = tuple(face for face in display_faces() if face.kind in style.faces)
    row = PlanRow(0, TEXT, (), faces[0].id, style.name)
    if setter := LineSetter.of(style, FacePool(faces, TEXT)):
        setting = setter.set(TEXT, faces[0].id, Draws(4, 0, purpose="setting"))
        row = replace(row, parts=setting.parts, vertical=setting.vertical)
    return Setup(style, faces, None, seed=4).engine().sample(row)


def picture() -> str:
    """Return the picture as SVG."""
    rows = -(-len(LOOKS) // COLUMNS)
    width, height = COLUMNS * WIDTH, rows * HEIGHT
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        'font-family="ui-monospace, monospace" font-size="11">',
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
    ]
    for number, settings in enumerate(LOOKS):
        x, y = number % COLUMNS * WIDTH + 10, number // COLUMNS * HEIGHT + 10
        sample = drawn(settings)
        tall, wide = sample.image.shape[:2]
        data = base64.b64encode(sample.data).decode("ascii")
        parts.append(
            f'<image x="{x}" y="{y}" width="{wide * CROP / tall:.0f}" height="{CROP}" '
            f'href="data:image/jpeg;base64,{data}"><title>{escape(TEXT)}</title></image>'
        )
        shown = [setting for setting in settings if setting != GREEN] or settings
        for line, setting in enumerate(_folded(shown)):
            parts.append(
                f'<text x="{x}" y="{y + CROP + 14 + line * LINE}">{escape(setting)}</text>'
            )
    return "\n".join([*parts, "</svg>", ""])


def _folded(settings: Sequence[str]) -> list[str]:
    """Cut settings into lines that stand under a crop."""
    lines: list[str] = []
    for setting in settings:
        rest = setting
        while len(rest) > WRAP:
            at = rest.rfind(" ", 0, WRAP)
            lines.append(rest[:at])
            rest = "  " + rest[at + 1 :]
        lines.append(rest)
    return lines


WRAP = 52
"""Characters in a line under a crop."""


def main() -> int:
    """Write the picture."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--docs", type=Path, default=DOCS)
    path = parser.parse_args().docs / "looks.svg"
    path.write_text(picture(), encoding="utf-8")
    print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
