"""The curve of README and docs/first-scene.md: what labels bring, with and without drawn lines.

    python tools/labels_curve.py      # writes docs/labels.svg and docs/labels.ko.svg

The numbers are those of the table "Labels saved" in docs/measured.md; nothing stands here twice.
"""

import argparse
import re
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import NamedTuple

DOCS = Path(__file__).resolve().parents[1] / "docs"

TABLE = "**Labels saved**, PP-OCRv4"
"""How the paragraph before the table begins."""

SCENES = ("meters", "wire markers")
SERIES = ("own alone", "and 1,200 drawn", "and 1,200 calibrated")
COLOURS = ("#6b7280", "#2563eb", "#d97706")

KOREAN: Mapping[str, str] = {
    "meters": "계량기",
    "wire markers": "전선 표찰",
    "own alone": "자체 라벨만",
    "and 1,200 drawn": "합성 라인 1,200장까지",
    "and 1,200 calibrated": "맞춘 스타일의 합성 라인 1,200장까지",
    "own labels": "자체 라벨 수",
    "lines read exactly": "정확히 읽은 라인",
}

_WIDE, _HIGH, _LEFT, _TOP, _APART = 300, 150, 52, 34, 76


class Point(NamedTuple):
    """A cell of the table: so many own labels, the share of lines that are read exactly."""

    labels: int
    right: float


Curves = Mapping[tuple[str, str], Sequence[Point]]
"""Points by scene and series."""


def curves_of(document: str) -> Curves:
    """Read the table.

    Raises:
        ValueError: it is not there, or a column is of no scene or series.
    """
    at = document.find(TABLE)
    if at < 0:
        raise ValueError(f"no paragraph begins with {TABLE!r}")
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in document[at:].split("\n\n")[1].splitlines()
    ]
    heads: list[tuple[str, str]] = []
    for head in rows[0][1:]:
        named, _, series = head.partition(", ")
        scene, series = (named, series) if series in SERIES else (heads[-1][0], head)
        if scene not in SCENES or series not in SERIES:
            raise ValueError(f"the column {head!r} is of no scene or series")
        heads.append((scene, series))
    found: dict[tuple[str, str], list[Point]] = {key: [] for key in heads}
    for row in rows[2:]:
        for key, cell in zip(heads, row[1:], strict=True):
            number = re.match(r"\*{0,2}(\.\d+|1)", cell)
            if number:
                found[key].append(Point(int(row[0]), float(number[1])))
    return found


def picture(curves: Curves, words: Mapping[str, str] | None = None) -> str:
    """Return the picture as SVG; words are translated where there are others for them."""

    def said(text: str) -> str:
        return escape((words or {}).get(text, text))

    width = len(SCENES) * (_WIDE + _APART)
    parts: list[str] = []
    for number, scene in enumerate(SCENES):
        left = _LEFT + number * (_WIDE + _APART)
        parts.append(f'<text x="{left}" y="16" font-weight="bold">{said(scene)}</text>')
        parts += _panel(left, {one: curves.get((scene, one), ()) for one in SERIES})
        below = _TOP + _HIGH + 34
        parts.append(f'<text x="{left}" y="{below}" fill="#555555">{said("own labels")}</text>')
    x = _LEFT
    for series, colour in zip(SERIES, COLOURS, strict=True):
        y = _TOP + _HIGH + 58
        parts.append(f'<circle cx="{x + 5}" cy="{y - 4}" r="5" fill="{colour}"/>')
        parts.append(f'<text x="{x + 16}" y="{y}">{said(series)}</text>')
        x += 215
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {_TOP + _HIGH + 70}" '
        f'font-family="system-ui, sans-serif" font-size="13" role="img" '
        f'aria-label="{said("lines read exactly")}">'
    )
    ground = f'<rect width="{width}" height="{_TOP + _HIGH + 70}" fill="#ffffff"/>'
    return "\n".join([head, ground, *parts, "</svg>", ""])


def _panel(left: int, series: Mapping[str, Sequence[Point]]) -> list[str]:
    """Draw one scene; amounts of labels are evenly apart, as each is about four times the last."""
    points = [point for one in series.values() for point in one]
    amounts = sorted({point.labels for point in points})
    low = int(min(point.right for point in points) * 20) / 20
    high = -int(-max(point.right for point in points) * 20 - 0.999) / 20

    def place(point: Point) -> tuple[float, float]:
        x = left + amounts.index(point.labels) / max(len(amounts) - 1, 1) * _WIDE
        return x, _TOP + (high - point.right) / (high - low) * _HIGH

    parts = []
    for step in range(round((high - low) * 20) + 1):
        value = low + step / 20
        _, y = place(Point(amounts[0], value))
        parts.append(
            f'<line x1="{left}" y1="{y:.1f}" x2="{left + _WIDE}" y2="{y:.1f}" stroke="#dddddd"/>'
        )
        parts.append(
            f'<text x="{left - 8}" y="{y + 4:.1f}" text-anchor="end" fill="#555555">'
            f"{value:.2f}</text>"
        )
    for amount in amounts:
        x, _ = place(Point(amount, low))
        parts.append(
            f'<text x="{x:.1f}" y="{_TOP + _HIGH + 17}" text-anchor="middle" fill="#555555">'
            f"{amount}</text>"
        )
    for (name, own), colour in zip(series.items(), COLOURS, strict=True):
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in map(place, own))
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        for point in own:
            x, y = place(point)
            parts.append(
                f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{colour}"><title>'
                f"{escape(name)}, {point.labels}: {point.right:.3f}</title></circle>"
            )
    return parts


def main() -> None:
    """Write the pictures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--docs", type=Path, default=DOCS)
    docs = parser.parse_args().docs
    curves = curves_of((DOCS / "measured.md").read_text(encoding="utf-8"))
    for name, words in (("labels.svg", None), ("labels.ko.svg", KOREAN)):
        (docs / name).write_text(picture(curves, words), encoding="utf-8", newline="\n")
        print(docs / name)


if __name__ == "__main__":
    main()
