"""`tools/looks_picture.py`: a crop for each look, with the setting that draws it."""

import inspect
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from pathlib import Path

from synth.rendering.lettering import LETTERING
from synth.rendering.looks import GIVEN
from synth.rendering.patches import patch
from synth.rendering.style import load_style
from tools.looks_picture import (
    CALM,
    LOOKS,
    STAGES,
    pairs_picture,
    photo_of_ours,
    shown_keys,
    shown_parameters,
    table,
)

ROOT = Path(__file__).resolve().parents[2]
SVG = "{http://www.w3.org/2000/svg}"
BOX = ("x", "y", "width", "height")


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


def rows_of(document: str, heading: str) -> list[list[str]]:
    """Return the cells of the table in a section, without its head."""
    section = document.split(f"\n{heading}\n", 1)[1].split("\n#", 1)[0]
    rows = [line.strip("|").split(" | ") for line in section.splitlines() if line.startswith("|")]
    return rows[2:]


def named(cell: str) -> list[str]:
    """Return what stands in a cell as code."""
    return re.findall(r"`([^`]+)`", cell)


def keys_told() -> Iterator[str]:
    """Yield every key and parameter that the tables of docs/styles.md name."""
    document = (ROOT / "docs/styles.md").read_text(encoding="utf-8")
    for cells in rows_of(document, "## Keys"):
        first, *others = named(cells[0])
        table = first.rpartition(".")[0]
        if first not in STAGES:  # whose parts stand in tables of their own
            yield first
            yield from (f"{table}.{name}" if table else name for name in others)
    for stage in STAGES:
        if stage != "patch":
            for cells in rows_of(document, f"### [{stage}]"):
                yield from (f"{stage}.{named(cells[0])[0]}.{name}" for name in named(cells[1]))
    yield from (named(cells[0])[0] for cells in rows_of(document, "### Parts of trdg"))


def test_every_key_of_the_document_is_shown_or_cannot_be_seen() -> None:
    shown = {one.name for one in shown_keys()}
    for stage in STAGES:
        shown |= {f"{stage}.{one.part}.{one.name}" for one in shown_parameters(stage)}
    told, unseen = set(keys_told()), set(table()["unseen"])
    assert len(told) > 170
    assert told - shown - unseen - {"patch"} == set()
    assert unseen <= told and not unseen & shown
    assert shown - told == {f"patch.patch.{name}" for name in patch_parameters()}


def patch_parameters() -> set[str]:
    """Return the parameters of a patch, which stand within its row."""
    return set(inspect.signature(patch).parameters) - GIVEN


def test_low_and_high_are_drawn_at_once_and_differ(tmp_path: Path) -> None:
    photos = photo_of_ours(tmp_path)
    for stage in ("", *STAGES):
        shown = shown_parameters(stage) if stage else shown_keys()
        picture = ElementTree.fromstring(pairs_picture(list(shown), photos))
        width, height = map(float, picture.attrib["viewBox"].split()[2:])
        images = list(picture.iter(f"{SVG}image"))
        assert images and len(images) % 2 == 0
        for low, high in zip(images[::2], images[1::2], strict=True):
            assert low.attrib["href"] != high.attrib["href"]
            for image in (low, high):
                x, y, wide, tall = (float(image.attrib[key]) for key in BOX)
                assert x + wide <= width and y + tall <= height


def test_the_pictures_are_those_of_the_table_and_small_together() -> None:
    names = ["looks.svg", "looks-keys.svg", *(f"looks-{stage}.svg" for stage in STAGES)]
    assert sum((ROOT / "docs" / name).stat().st_size for name in names) < 1_500_000
    for name, shown in (
        ("looks-keys.svg", list(shown_keys())),
        *((f"looks-{stage}.svg", list(shown_parameters(stage))) for stage in STAGES),
    ):
        root = ElementTree.parse(ROOT / "docs" / name).getroot()
        told = {text.text for text in root.iter(f"{SVG}text")}
        told |= {f"{text.text}{part.text}" for text in root.iter(f"{SVG}text") for part in text}
        assert all({f"{one.name} {one.unit}", *one.values} <= told for one in shown)
        assert len(list(root.iter(f"{SVG}image"))) == 2 * len(shown)
    for document in ("styles.md", "styles.ko.md"):
        text = (ROOT / "docs" / document).read_text(encoding="utf-8")
        assert all(f"({name})" in text for name in names)
