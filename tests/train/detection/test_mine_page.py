import re
from base64 import b64decode
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.train.detection.made_pages import Told, box, labelled
from textlines.labels.tally import Tally
from textlines.regions import Polygon
from textlines.wording import speaking
from train.detection.evaluation import evaluate_pages
from train.detection.judged_pages import judge_page, judge_pages
from train.detection.mine_page import mine_page
from train.detection.mining import Mined, facts_of, mine
from train.detection.page_pictures import AREA_PX, area_picture, page_picture

LINES = [
    ("Total", (20, 20, 160, 30)),
    ("<b>12.50", (300, 20, 100, 30)),
    ("merged", (20, 120, 100, 30)),
    ("words", (130, 120, 90, 30)),
    ("a long line", (20, 220, 260, 30)),
    ("short", (20, 320, 200, 30)),
    ("loose", (300, 320, 90, 30)),
]
FOUND = [
    box(20, 20, 160, 30),  # right
    box(20, 120, 200, 30),  # merged
    box(20, 220, 120, 30),  # split
    box(150, 220, 130, 30),
    box(20, 320, 90, 30),  # cut
    box(290, 300, 140, 90),  # loose
    box(480, 200, 90, 30),  # on nothing
]


@pytest.fixture
def mined(tmp_path: Path) -> Mined:
    pages = labelled(tmp_path, {"scans/a.png": LINES, "scans/b.png": LINES, "empty.png": []})
    judged, lines = [], []
    detector = Told(FOUND, FOUND[:1], [box(5, 5, 90, 30)])
    for page, image in judge_pages(pages, detector, Tally()):
        lines += facts_of(page, len(judged), image, lambda high, wide: (high, wide))
        judged.append(page)
    evaluation = evaluate_pages(judged, detector="dark", settings={"limit_side_len": 960})
    assert all(evaluation.failures.values())
    return mine(judged, lines, evaluation)


def sections(html: str) -> dict[str, str]:
    found = re.split(r'<section id="([^"]+)"[^>]*>', html)
    return dict(zip(found[1::2], found[2::2], strict=True))


def test_the_page_shows_every_class_with_its_pictures(mined: Mined) -> None:
    html = mine_page(mined, notes=["one page was odd"])
    parts = sections(html)
    for name in ("missed", "merged", "split", "cut", "loose", "on_nothing"):
        count = mined.figures.evaluation.failures[name]  # type: ignore[index]
        count = 1 if name == "merged" else count  # two labels, in one box
        assert parts[name].count("<figure") == count, name
        assert 'class="box"' in parts[name] or name == "missed"
    assert parts["pages"].count("<figure") == 3
    assert "scans/b.png" in parts["table"] and "empty.png" in parts["table"]
    assert "&lt;b&gt;12.50" in html and "<b>12.50" not in html
    assert "&#39;merged&#39;, &#39;words&#39;: 30 px high" in parts["merged"]
    assert "one page was odd" in parts["failures"]
    assert "limit_side_len 960" in html and "1 false box" in html


def test_failures_beyond_the_number_are_counted_and_each_class_keeps_some(mined: Mined) -> None:
    parts = sections(mine_page(mined, areas=6))
    assert mined.figures.evaluation.failures["missed"] == 7
    assert (
        parts["missed"].count("<figure") == 1 and "6 more places are not shown" in parts["missed"]
    )
    assert parts["loose"].count("<figure") == 1 and "not shown" not in parts["loose"]
    none = sections(mine_page(mined, areas=0))
    assert none["missed"].count("<figure") == 0 and "7 more places are not shown" in none["missed"]


def test_the_page_is_said_in_korean(mined: Mined) -> None:
    with speaking("ko"):
        html = mine_page(mined)
    assert '<html lang="ko">' in html and "검출기가 놓치는 것" in html


def pixels(source: str) -> np.ndarray:
    data = b64decode(source.partition("base64,")[2])
    return np.asarray(cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR))


def points_of(points: str) -> Polygon:
    return np.array([[float(x) for x in pair.split(",")] for pair in points.split()])


@pytest.mark.parametrize("left", [4, 250, 560])
def test_an_outline_lies_where_the_region_is_on_its_picture(left: int, tmp_path: Path) -> None:
    (page,) = labelled(tmp_path, {"a.png": [("", (left, 200, 36, 20))]})
    image = np.full((400, 600, 3), 255, np.uint8)
    cv2.rectangle(image, (left, 200), (left + 36, 220), (0, 0, 0), -1)
    judged = judge_page(page, image, [])
    for picture in (
        area_picture(judged, image, [page.regions[0].polygon], "area"),
        page_picture(judged, image, "page"),
    ):
        assert picture.height <= max(AREA_PX[0], 520) and picture.width <= 440
        (outline,) = picture.outlines
        assert outline.kind == "failed"
        shown = pixels(picture.source)
        scale = shown.shape[1] / picture.width
        dark = np.argwhere(shown.max(axis=2) < 128)[:, ::-1] / scale
        corners = points_of(outline.points)
        assert np.abs(corners.min(axis=0) - dark.min(axis=0)).max() < 3
        assert np.abs(corners.max(axis=0) - dark.max(axis=0)).max() < 3
