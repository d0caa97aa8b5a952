"""The pictures of looks in docs/styles.md: a line for each key, drawn by the engine.

    python tools/looks_picture.py      # writes docs/looks.svg and docs/looks-STAGE.svg

Each crop is one line in a display face of ours, in the style `document` without its accidents and
with the settings that stand beside it: no one else's font or picture enters. `looks.svg` shows what
some keys do; the others a low and a high value of each key that `looks.toml` names, the table of
keys and each stage by itself.
"""

import argparse
import base64
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from html import escape
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np

from synth.draws import Draws
from synth.faces.display import display_faces
from synth.faces.face_pool import FacePool
from synth.rendering.limits import LIMITS
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


def drawn(settings: Sequence[str], text: str = TEXT, photos: Path | None = None) -> Sample:
    """Draw a line with some settings over the calm style."""
    style = load_style("document", (*CALM, *settings))
    faces = tuple(face for face in display_faces() if face.kind in style.faces)
    row = PlanRow(0, text, (), faces[0].id, style.name)
    if setter := LineSetter.of(style, FacePool(faces, text)):
        setting = setter.set(text, faces[0].id, Draws(4, 0, purpose="setting"))
        row = replace(row, parts=setting.parts, vertical=setting.vertical)
    return Setup(style, faces, photos, seed=4).engine().sample(row)


def picture() -> str:
    """Return the picture as SVG."""
    rows = -(-len(LOOKS) // COLUMNS)
    width, height = COLUMNS * WIDTH, rows * HEIGHT
    parts = []
    for number, settings in enumerate(LOOKS):
        x, y = number % COLUMNS * WIDTH + 10, number // COLUMNS * HEIGHT + 10
        sample = drawn(settings)
        tall, wide = sample.image.shape[:2]
        parts.append(_image(x, y, (wide * CROP / tall, CROP), sample.data, TEXT))
        shown = [setting for setting in settings if setting != GREEN] or settings
        for line, setting in enumerate(_folded(shown)):
            parts.append(
                f'<text x="{x}" y="{y + CROP + 14 + line * LINE}">{escape(setting)}</text>'
            )
    return _svg(width, height, parts)


def _svg(width: int, height: int, parts: Sequence[str]) -> str:
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        'font-family="ui-monospace, monospace" font-size="11">'
    )
    ground = f'<rect width="{width}" height="{height}" fill="#ffffff"/>'
    return "\n".join([head, ground, *parts, "</svg>", ""])


def _image(x: int, y: int, size: tuple[float, float], data: bytes, title: str) -> str:
    code = base64.b64encode(data).decode("ascii")
    wide, tall = (f"{side:.0f}" for side in size)
    return (
        f'<image x="{x}" y="{y}" width="{wide}" height="{tall}" '
        f'href="data:image/jpeg;base64,{code}"><title>{escape(title)}</title></image>'
    )


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


TABLE = Path(__file__).with_name("looks.toml")
STAGES = (
    *("surfaces", "patch", "distractors", "lettering", "stroke"),
    *("bend", "geometry", "light", "camera"),
)
"""Of which each has a picture of its own."""

SHORT = "2073"
SMALL = (
    *("output.height=40", "output.quality=72", "text.left=0.2", "text.right=0.2"),
    *("legible.contrast=4", "legible.part=0", "legible.stroke=0", "legible.counter=0"),
)
"""Over `CALM`: crops are small, and none is refused for what is to be seen in it."""


class Shown(NamedTuple):
    """A key with the two values that are shown.

    Attributes:
        name: the key, or the parameter of a part. part: it belongs to; "" of a key.
        values: what is told of low and high. settings: over the calm style, for each.
        text: that is drawn. stage: of the part; "" of a key.
    """

    name: str
    part: str
    values: tuple[str, str]
    settings: tuple[tuple[str, ...], tuple[str, ...]]
    text: str = SHORT
    stage: str = ""

    @property
    def key(self) -> str:
        """Return the whole key, as a style has it."""
        part = "" if self.part == self.stage else self.part
        return ".".join(filter(None, (self.stage, part, self.name)))

    @property
    def unit(self) -> str:
        """Return what its numbers count, and from where to where they go."""
        units = table()["units"]
        unit = units.get(self.key) or units[self.name.rpartition(".")[2]]
        limits = LIMITS.get(self.key)
        return f"{unit}, {limits[0]:g} to {limits[1]:g}" if limits else str(unit)


@cache
def table() -> Mapping[str, Any]:
    """Read `looks.toml`."""
    return tomllib.loads(TABLE.read_text(encoding="utf-8"))


def shown_keys() -> Iterator[Shown]:
    """Yield the keys that belong to no part."""
    for entry in table()["key"]:
        name, beside = entry["name"], tuple(entry.get("with", ()))
        low, high = map(_written, entry["values"])
        told = entry.get("told", (low, high))
        settings = ((*beside, f"{name}={low}"), (*beside, f"{name}={high}"))
        yield Shown(name, "", (told[0], told[1]), settings, entry.get("text", SHORT))


def shown_parameters(stage: str) -> Iterator[Shown]:
    """Yield the parameters of the parts of a stage."""
    for part, entry in table()[stage].items():
        base = entry.get("base", {})
        beside = (*table()["room"].get(stage, ()), *entry.get("with", ()))
        for name, values in entry.items():
            if name in ("base", "with"):
                continue
            settings, own = [], {}
            pair: Any = values
            if isinstance(values, dict):
                pair, own = (values["low"], values["high"]), values["base"]
            for value in pair:
                given = {"p": 1, **base, **own, name: value}
                inside = ", ".join(f"{key} = {_written(one)}" for key, one in given.items())
                # A surface stands alone; other parts come to those that are there.
                if stage == "surfaces":
                    setting = f"surfaces={{ {part} = {{ {inside} }} }}"
                else:
                    place = part if part == stage else f"{stage}.{part}"
                    setting = f"{place}={{ {inside} }}"
                settings.append((*beside, setting))
            low, high = map(_written, pair)
            yield Shown(name, part, (low, high), (settings[0], settings[1]), stage=stage)


def _written(value: Any) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(f'"{one}"' for one in value) + "]"
    return str(value).lower() if isinstance(value, bool) else str(value)


def photo_of_ours(folder: Path) -> Path:
    """Draw a picture for surfaces that are cut out of photos: boards of wood, of our making."""
    noise = np.random.default_rng(5)
    rows = np.repeat(noise.normal(0, 1, (60, 1)), 8, axis=0)
    grain = cv2.GaussianBlur(noise.normal(0, 1, (480, 640)), (0, 0), 9, sigmaY=0.8)
    level = 150 + 22 * rows + 90 * grain
    level[::60] -= 70
    board = np.stack([level * 0.55, level * 0.8, level], 2).clip(0, 255).astype(np.uint8)
    cv2.imwrite(str(folder / "boards.png"), board)
    return folder


ROOM, ACROSS, TALL = 146, 3, 82
"""Pixels of a crop with its margin, keys beside each other, and the height of a row of them."""


def pairs_picture(shown: Sequence[Shown], photos: Path) -> str:
    """Return a picture of keys, each with its low and its high value, as SVG."""
    parts: list[str] = []
    y, column, before = 6, 0, None
    for one in shown:
        if column == ACROSS or one.part != before:
            y += TALL if column else 0
            column = 0
        if one.part and one.part != before:
            parts.append(f'<text x="8" y="{y + 12}" font-weight="bold">{escape(one.part)}</text>')
            y += 18
        before = one.part
        x = 8 + column * (2 * ROOM + 12)
        head = f'{escape(one.name)}<tspan fill="#666666"> {escape(one.unit)}</tspan>'
        parts.append(f'<text x="{x}" y="{y + 9}">{head}</text>')
        for side, settings in enumerate(one.settings):
            needs = any("photo" in setting for setting in settings)
            sample = drawn(
                (*SMALL, *settings),
                one.text,
                photos if needs else None,
            )
            if sample.record["fallback"] or sample.record["attempt"]:
                refused = sample.record["refused"]
                raise SystemExit(f"{one.part} {one.name} = {one.values[side]}: refused, {refused}")
            tall, wide = sample.image.shape[:2]
            fit = min(1.0, (ROOM - 6) / wide)
            size = wide * fit, tall * fit
            parts.append(_image(x + side * ROOM, y + 14, size, sample.data, one.text))
            parts.append(_caption(x + side * ROOM, y + 70, one.values[side]))
        column += 1
    return _svg(8 + ACROSS * (2 * ROOM + 12), y + TALL, parts)


def _caption(x: int, y: int, words: str) -> str:
    """Write a caption, narrower where it would run into the next."""
    squeeze = f' textLength="{ROOM - 6}" lengthAdjust="spacingAndGlyphs"'
    return f'<text x="{x}" y="{y}"{squeeze if len(words) > 21 else ""}>{escape(words)}</text>'


def main() -> int:
    """Write the pictures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--docs", type=Path, default=DOCS)
    docs = parser.parse_args().docs
    with tempfile.TemporaryDirectory() as made:
        photos = photo_of_ours(Path(made))
        pictures = {"looks.svg": picture()}
        pictures["looks-keys.svg"] = pairs_picture(list(shown_keys()), photos)
        for stage in STAGES:
            name = f"looks-{stage}.svg"
            pictures[name] = pairs_picture(list(shown_parameters(stage)), photos)
    for name, content in pictures.items():
        (docs / name).write_text(content, encoding="utf-8")
        print(docs / name)
    return 0


if __name__ == "__main__":
    sys.exit(main())
