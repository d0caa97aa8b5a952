"""`tools/looks_picture.py`: a crop for each look, with the setting that draws it."""

import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

from synth.rendering.lettering import LETTERING
from synth.rendering.style import load_style
from tools.looks_picture import CALM, LOOKS

ROOT = Path(__file__).resolve().parents[2]
SVG = "{http://www.w3.org/2000/svg}"


def test_the_picture_shows_each_look_with_its_setting(tmp_path: Path) -> None:
    command = [sys.executable, ROOT / "tools/looks_picture.py", "--docs", tmp_path]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert ended.returncode == 0, ended.stderr
    root = ElementTree.parse(tmp_path / "looks.svg").getroot()
    images = [image.attrib["href"] for image in root.iter(f"{SVG}image")]
    assert len(images) == len(set(images))
    told = " ".join(text.text or "" for text in root.iter(f"{SVG}text"))
    assert all(f"lettering.{name}=" in told for name in LETTERING)
    width, height = map(float, root.attrib["viewBox"].split()[2:])
    for image in root.iter(f"{SVG}image"):
        x, y, wide, tall = (float(image.attrib[key]) for key in ("x", "y", "width", "height"))
        assert x + wide <= width and y + tall <= height


def test_every_setting_of_the_picture_is_one_of_a_style() -> None:
    for settings in LOOKS:
        load_style("document", (*CALM, *settings))
