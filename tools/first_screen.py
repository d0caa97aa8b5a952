"""The picture on the README's first screen, made of one finished `make loop`.

    make loop WORK=loop-out
    python tools/first_screen.py loop-out      # writes docs/first-screen.svg and its Korean twin

Shows lines that the model misread, lines that were drawn for what it misreads, and the verdict.
All of them are drawn with faces of our own by `make loop` without crops: no one else's picture or
font enters, and the numbers are those of that run.
"""

import argparse
import base64
import json
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from itertools import zip_longest
from pathlib import Path
from typing import Any

DOCS = Path(__file__).resolve().parents[1] / "docs"
MISREAD, DRAWN = 4, 8
WIDTH, HEIGHT, PANEL, GAP = 1200, 330, 384, 24
CROP_HEIGHT, CROP_WIDTH = 36, 150
INK, SOFT, RIGHT, WRONG = "#1f2328", "#59636e", "#1a7f37", "#cf222e"

WORDS = {
    "": {
        "misread": "1  A model misreads",
        "drawn": "2  Lines are drawn for {chars}",
        "judged": "3  Judged on lines that no step saw",
        "reads": "reads",
        "exact": "lines read exactly",
        "general": "lines of other scenes",
        "points": "{change:+.1f} points ({low:+.1f} to {high:+.1f})",
        "passed": "passed",
        "failed": "failed",
        "cannot_tell": "cannot tell yet",
        "few": "{lines} lines are too few to rule out a loss of {points:g} point",
        "note": "Made by make loop, on lines that it renders itself.",
    },
    ".ko": {
        "misread": "1  모델이 잘못 읽는다",
        "drawn": "2  {chars}을(를) 가르칠 라인을 합성한다",
        "judged": "3  어떤 단계도 보지 않은 라인으로 판정한다",
        "reads": "읽은 값",
        "exact": "정확히 읽은 라인",
        "general": "다른 장면의 라인",
        "points": "{change:+.1f}점 ({low:+.1f} ~ {high:+.1f})",
        "passed": "통과",
        "failed": "불합격",
        "cannot_tell": "판정 불가",
        "few": "{lines}개 라인으로는 {points:g}점 하락을 배제할 수 없습니다",
        "note": "make loop가 스스로 렌더링한 라인으로 만든 그림입니다.",
    },
}


@dataclass(frozen=True, slots=True)
class Shown:
    """A line of the picture: its crop as JPEG, its label, and what was read (None: nothing)."""

    crop: bytes
    size: tuple[int, int]
    label: str
    prediction: str | None = None


def misread_lines(work: Path, chars: Sequence[str]) -> list[Shown]:
    """Return lines whose misreading is of one of some characters, the surest readings first."""
    folder = work / "lines" / "mine"
    rows = {row["image"]: row for row in _rows(folder / "manifest.jsonl")}
    read = sorted(_rows(work / "mine" / "predictions.jsonl"), key=lambda row: -row["score"])
    by_char: dict[str, list[Shown]] = {char: [] for char in chars}
    labels = set()
    for row in read:
        drawn = rows[row["path"]]
        label = drawn["text"]
        lost = [char for char in chars if label.count(char) > row["text"].count(char)]
        if lost and label not in labels:
            labels.add(label)
            by_char[lost[-1]].append(_shown(folder, drawn, row["text"]))
    turns = zip_longest(*by_char.values())
    return [line for turn in turns for line in turn if line is not None][:MISREAD]


def drawn_lines(work: Path, chars: Sequence[str]) -> list[Shown]:
    """Return lines drawn for some characters, of all faces in turn, the clearest of each first."""
    folder = work / "generate" / "new"
    rows = [row for row in _rows(folder / "manifest.jsonl") if set(row["targets"]) & set(chars)]
    rows.sort(key=lambda row: (-row["luminance"]["contrast"], row["index"]))
    seen: Counter[str] = Counter()
    order = []
    for row in rows:
        face = row["face"]["family"]
        order.append((seen[face], row))
        seen[face] += 1
    order.sort(key=lambda turn: turn[0])
    return [_shown(folder, row) for _, row in order[:DRAWN]]


def _shown(folder: Path, row: dict[str, Any], prediction: str | None = None) -> Shown:
    width, height = row["size"]
    return Shown((folder / row["image"]).read_bytes(), (width, height), row["text"], prediction)


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        yield from map(json.loads, file)


def picture(
    misread: Sequence[Shown],
    drawn: Sequence[Shown],
    verdict: dict[str, Any],
    chars: Sequence[str],
    words: dict[str, str],
) -> str:
    """Return the picture as SVG."""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        'font-family="system-ui, sans-serif" font-size="16">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
    ]
    named = ", ".join(f"“{char}”" for char in chars)
    titles = (words["misread"], words["drawn"].format(chars=named), words["judged"])
    for number, title in enumerate(titles):
        x = number * (PANEL + GAP)
        parts.append(
            f'<rect x="{x + 1}" y="1" width="{PANEL - 2}" height="{HEIGHT - 2}" rx="10" '
            'fill="#f6f8fa" stroke="#d1d9e0"/>'
        )
        parts.append(_text(x + 18, 34, title, weight=600))
    for row, line in enumerate(misread):
        y = 54 + row * 58
        parts.append(_crop(line, 18, y))
        parts.append(_text(184, y + 15, line.label, color=RIGHT, mono=True))
        reads = f"{words['reads']} {line.prediction}"
        parts.append(_text(184, y + 36, reads, color=WRONG, mono=True))
    for number, line in enumerate(drawn):
        x, y = PANEL + GAP + 18 + number % 2 * 178, 54 + number // 2 * 58
        parts.append(_crop(line, x, y))
    parts += _verdict(verdict, 2 * (PANEL + GAP) + 18, words)
    parts.append(_text(18, HEIGHT - 14, words["note"], size=12, color=SOFT))
    return "\n".join([*parts, "</svg>", ""])


def _verdict(verdict: dict[str, Any], x: int, words: dict[str, str]) -> Iterator[str]:
    for number, (key, title) in enumerate((("target", "exact"), ("general", "general"))):
        change = verdict[key]
        y = 72 + number * 104
        yield _text(x, y, words[title])
        yield _text(x, y + 30, f"{change['base']:.3f} → {change['candidate']:.3f}", size=24)
        low, high = (100 * bound for bound in change["interval"])
        points = words["points"].format(change=100 * change["change"], low=low, high=high)
        yield _text(x, y + 54, points, size=14, color=SOFT)
    color = {"passed": RIGHT, "failed": WRONG}.get(verdict["outcome"], SOFT)
    yield _text(x, 284, words[verdict["outcome"]], size=22, color=color, weight=600)
    if verdict["outcome"] == "cannot_tell":
        lines = verdict["general"]["lines"]
        why = words["few"].format(lines=lines, points=verdict["delta_points"])
        yield _text(x, 308, why, size=13, color=SOFT)


def _crop(line: Shown, x: int, y: int) -> str:
    width, height = line.size
    scale = min(CROP_HEIGHT / height, CROP_WIDTH / width)
    data = base64.b64encode(line.crop).decode("ascii")
    return (
        f'<image x="{x}" y="{y}" width="{width * scale:.0f}" height="{height * scale:.0f}" '
        f'href="data:image/jpeg;base64,{data}"><title>{escape(line.label)}</title></image>'
    )


def _text(
    x: int,
    y: int,
    text: str,
    *,
    size: int = 16,
    color: str = INK,
    weight: int = 400,
    mono: bool = False,
) -> str:
    family = ' font-family="ui-monospace, monospace"' if mono else ""
    return (
        f'<text x="{x}" y="{y}" font-size="{size}" font-weight="{weight}" fill="{color}"{family} '
        f'xml:space="preserve">{escape(text)}</text>'
    )


def main() -> int:
    """Write the picture in both languages."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("work", type=Path, help="folder of a finished `make loop` without crops")
    parser.add_argument("--docs", type=Path, default=DOCS)
    arguments = parser.parse_args()
    verdict = json.loads((arguments.work / "gate" / "verdict.json").read_text(encoding="utf-8"))
    profile = json.loads((arguments.work / "mine" / "profile.json").read_text(encoding="utf-8"))
    chars = [row["char"] for row in profile["ranked"][:2]]
    misread, drawn = misread_lines(arguments.work, chars), drawn_lines(arguments.work, chars)
    for suffix, words in WORDS.items():
        path = arguments.docs / f"first-screen{suffix}.svg"
        path.write_text(picture(misread, drawn, verdict, chars, words), encoding="utf-8")
        print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
