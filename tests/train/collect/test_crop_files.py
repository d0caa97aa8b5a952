"""Crops listed, and cut out of pages: by the boxes of results, and by a detector."""

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from tests.page_images import QUADS, Pages
from textlines.errors import InputError
from textlines.labels.tally import Tally
from train.collect import crop_files
from train.collect.crop_files import CUT_GROUP, cut_pages, cut_results, list_crops
from train.own.sharing import documents_of


def test_images_are_listed_by_path_and_all_else_is_counted(production: Path) -> None:
    for name in ("값/b.JPG", "a.png", "값/a.webp", "notes.txt", ".hidden.png", ".git/x.png"):
        (production / name).parent.mkdir(exist_ok=True)
        (production / name).write_bytes(b"x")
    (production / "a\tb.png").write_bytes(b"x")
    tally = Tally()
    assert list_crops(production, tally) == ["a.png", "값/a.webp", "값/b.JPG"]
    assert tally.as_dict() == {"no_image": 1, "odd_path": 1}


def test_the_folder_of_the_results_is_not_looked_into(production: Path) -> None:
    (production / "queue" / "cut").mkdir(parents=True)
    for name in ("a.png", "queue/cut/b.png"):
        (production / name).write_bytes(b"x")
    found = list_crops(production, Tally(), without=production / "queue")
    assert found == ["a.png"]
    cut = list_crops(production / "queue" / "cut", Tally(), without=production / "queue")
    assert cut == ["b.png"]


def test_a_folder_without_images_and_a_file_are_refused(production: Path) -> None:
    (production / "rec_gt.txt").write_bytes(b"x")
    with pytest.raises(InputError, match=r"holds no image .*no image by its ending.*: 1"):
        list_crops(production, Tally())
    with pytest.raises(InputError, match="is no folder"):
        list_crops(production / "rec_gt.txt", Tally())


def crops(out: Path) -> dict[str, np.ndarray]:
    found = {}
    for path in sorted(out.rglob("*.png")):
        image = cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_COLOR)
        assert image is not None
        found[path.relative_to(out).as_posix()] = image
    return found


@pytest.mark.parametrize("wrapped", [True, False])
@pytest.mark.parametrize("key", ["rec_polys", "dt_polys"])
def test_lines_are_cut_by_the_boxes_of_results(tmp_path: Path, wrapped: bool, key: str) -> None:
    pages = Pages(tmp_path)
    page = pages.page("쪽/one.png")
    result: Any = {"input_path": str(page), key: QUADS, "rec_texts": ["a", "b", "c"]}
    if wrapped:
        result = {"res": result}
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "one_res.json").write_text(json.dumps(result))
    tally = Tally()
    out = cut_results(tmp_path / "results", None, tmp_path / "cut", tally)
    found = crops(out)
    assert list(found) == ["one/0000.png", "one/0001.png", "one/0002.png"]
    assert all(pages.reads_right(crop) for crop in list(found.values())[:2])
    assert documents_of(list(found), CUT_GROUP) == ("one",) * 3
    assert not tally


def test_pages_are_looked_for_beside_the_result_and_below_images(tmp_path: Path) -> None:
    pages = Pages(tmp_path)
    pages.page("results/one.png")
    pages.page("pages/two.png")
    for name, path in (("one", "one.png"), ("two", "/gone/two.png"), ("three", "three.png")):
        content = {"input_path": path, "rec_polys": [QUADS[0], [[0, 0], [0, 0], [0, 0], [0, 0]]]}
        (tmp_path / "results" / f"{name}_res.json").write_text(json.dumps(content))
    (tmp_path / "results" / "other.json").write_text("[1]")
    tally = Tally()
    assert list(crops(cut_results(tmp_path / "results", None, tmp_path / "a", tally))) == [
        "one/0000.png"
    ]
    assert tally.as_dict() == {"no_page": 2, "bad_box": 1, "no_result": 1}
    found = cut_results(tmp_path / "results", tmp_path / "pages", tmp_path / "b", Tally())
    assert list(crops(found)) == ["two/0000.png"]


def test_results_without_any_page_are_refused(tmp_path: Path) -> None:
    (tmp_path / "results").mkdir()
    with pytest.raises(InputError, match="holds no JSON file"):
        cut_results(tmp_path / "results", None, tmp_path / "cut", Tally())
    (tmp_path / "results" / "a.json").write_text("{}")
    with pytest.raises(InputError, match=r"gives no crop .*holds no boxes of PaddleOCR"):
        cut_results(tmp_path / "results", None, tmp_path / "cut", Tally())


def test_a_page_that_is_cut_is_not_cut_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages = Pages(tmp_path)
    for name in ("pages/a.png", "pages/b/c.png"):
        pages.page(name)
    (tmp_path / "pages" / "broken.png").write_bytes(b"x")
    calls: list[int] = []

    def detector(name: str) -> Any:
        def find(image: np.ndarray) -> list[Any]:
            calls.append(1)
            return [] if len(calls) == 2 else [list(map(tuple, quad)) for quad in QUADS]

        return find

    monkeypatch.setattr(crop_files, "_detector", detector)
    tally = Tally()
    out = cut_pages(tmp_path / "pages", "any", tmp_path / "cut", tally)
    assert list(crops(out)) == ["a/0000.png", "a/0001.png", "a/0002.png"]
    assert tally.as_dict() == {"no_line": 1, "broken_page": 1}
    cut_pages(tmp_path / "pages", "any", tmp_path / "cut", Tally())
    assert len(calls) == 2


def test_a_detector_that_is_not_there_is_named(tmp_path: Path) -> None:
    pytest.importorskip("pyclipper")
    Pages(tmp_path).page("pages/a.png")
    with pytest.raises(InputError, match=r"PP-OCRv9_det: .*no model of this name is on this"):
        cut_pages(tmp_path / "pages", "PP-OCRv9_det", tmp_path / "cut", Tally())
