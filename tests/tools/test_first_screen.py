"""`tools/first_screen.py` on the folder of a small finished line."""

import json
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]


def write(path: Path, *rows: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")


@pytest.fixture
def finished(tmp_path: Path) -> Path:
    """Make what the tool reads of a line."""
    work = tmp_path / "loop-out"
    rows: list[dict[str, Any]] = [
        {
            "index": number,
            "image": f"{number}.jpg",
            "text": text,
            "targets": ["."],
            "size": [60, 24],
        }
        | {"face": {"family": f"Face {number % 2}"}, "luminance": {"contrast": 10.0 * number}}
        for number, text in enumerate(("4.2", "1<7", "5.0"))
    ]
    for folder in ("lines/mine", "generate/new"):
        write(work / folder / "manifest.jsonl", *rows)
        for row in rows:
            Image.new("RGB", (60, 24), (90, 90, 90)).save(work / folder / row["image"])
    write(
        work / "mine/predictions.jsonl",
        {"path": "0.jpg", "text": "42", "score": 0.5},
        {"path": "1.jpg", "text": "<7", "score": 0.9},
        {"path": "2.jpg", "text": "5.0", "score": 0.9},
    )
    write(work / "mine/profile.json", {"ranked": [{"char": "."}, {"char": "1"}, {"char": "7"}]})
    change = {"lines": 40, "base": 0.5, "candidate": 0.75, "change": 0.25, "interval": [0.1, 0.4]}
    write(
        work / "gate/verdict.json",
        {"outcome": "cannot_tell", "target": change, "general": change, "delta_points": 1.0},
    )
    return work


def test_shows_what_was_misread_what_was_drawn_and_the_verdict(finished: Path) -> None:
    docs = finished.parent
    command = [sys.executable, ROOT / "tools/first_screen.py", finished, "--docs", docs]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    root = ElementTree.parse(docs / "first-screen.svg").getroot()
    texts = [element.text for element in root.iter("{http://www.w3.org/2000/svg}text")]
    crops = list(root.iter("{http://www.w3.org/2000/svg}image"))
    assert len(crops) == 2 + 3  # of what was misread, and of what was drawn
    assert {"4.2", "reads 42", "1<7", "reads <7"} <= set(texts)
    assert "5.0" not in texts  # read as it is
    assert "0.500 → 0.750" in texts
    assert "+25.0 points (+10.0 to +40.0)" in texts
    assert texts[-2] == "40 lines are too few to rule out a loss of 1 point"
    korean = ElementTree.parse(docs / "first-screen.ko.svg").getroot()
    assert any("판정 불가" in (element.text or "") for element in korean.iter())
