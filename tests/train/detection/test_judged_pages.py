from pathlib import Path

import numpy as np
import pytest

from tests.train.detection.made_pages import Told, Words, box, labelled
from textlines.labels.tally import Tally
from textlines.regions.page_file import LabelledRegion, PageLabels
from train.detection.judged_pages import judge_pages, line_reader_of
from train.reading.ctc import Line
from train.reading.engine import Batching


def test_a_line_is_read_from_its_box_and_from_its_label(tmp_path: Path) -> None:
    pages = labelled(
        tmp_path, {"a.png": [("total", (20, 20, 120, 30)), ("12.50", (300, 20, 100, 30))]}
    )
    detector = Told([box(20, 20, 110, 30)])
    ((page, image),) = judge_pages(
        pages, detector, Tally(), line_reader=Words({120: "total", 110: "tota", 100: "12.50"})
    )
    assert image.shape == (400, 600, 3) == detector.seen[0]
    assert page.matching.labels == ("right", "missed")
    assert [(text.label, text.from_box, text.from_label) for text in page.texts] == [
        ("total", "tota", "total"),
        ("12.50", None, "12.50"),
    ]


def test_what_has_no_text_or_cannot_be_read_is_not_compared(tmp_path: Path) -> None:
    (page,) = labelled(tmp_path, {"a.png": [("###", (20, 20, 90, 30)), ("", (20, 90, 90, 30))]})
    ((judged, _),) = judge_pages([page], Told([]), Tally(), line_reader=Words({}))
    assert judged.texts == () and judged.matching.labels == ("ignored", "missed")


def test_corners_that_give_no_crop_are_a_line_that_is_not_read(tmp_path: Path) -> None:
    (page,) = labelled(tmp_path, {"a.png": []})
    thin = LabelledRegion(np.array([[5, 5], [90, 5], [90, 6], [5, 6.0]]), "thin", "")
    away = LabelledRegion(box(900, 900, 90, 30), "away", "")
    changed = PageLabels(page.path, page.image, page.place, (thin, away), False)
    ((judged, _),) = judge_pages([changed], Told([]), Tally(), line_reader=Words({}))
    assert [(text.from_box, text.from_label) for text in judged.texts] == [(None, None)] * 2


@pytest.mark.parametrize("orientation", [3, 6, 8])
def test_a_page_is_seen_upright_as_its_labels_lie(orientation: int, tmp_path: Path) -> None:
    """Labels are of the image as EXIF turns it: the same line on a stored image turned back."""
    from PIL import Image as pillow

    turn = {3: 180, 6: 90, 8: 270}[orientation]  # what a viewer does clockwise, undone
    upright = pillow.new("RGB", (600, 400), "white")
    upright.paste("black", (20, 20, 140, 50))
    stored = upright.rotate(turn, expand=True)
    exif = stored.getexif()
    exif[0x0112] = orientation
    (page,) = labelled(tmp_path, {"a.png": [("line", (20, 20, 120, 30))]})
    stored.save(tmp_path / "a.jpg", exif=exif)
    turned = PageLabels("a.jpg", tmp_path / "a.jpg", page.place, page.regions, False)
    ((judged, image),) = judge_pages([turned], Told([box(20, 20, 120, 30)]), Tally())
    assert (judged.height_px, judged.width_px) == (400, 600)
    assert image[22:48, 22:138].max() < 60 and image[60:].min() > 200
    assert judged.matching.labels == ("right",)


def test_a_page_that_cannot_be_decoded_is_counted(tmp_path: Path) -> None:
    pages = labelled(tmp_path, {"a.png": [], "b.png": []})
    pages[0].image.write_bytes(b"no image")
    tally, done = Tally(), []
    found = list(judge_pages(pages, Told([]), tally, watch=lambda at, of, _: done.append((at, of))))
    assert [page.labels.path for page, _ in found] == ["b.png"] and done == [(2, 2)]
    assert tally.as_dict() == {"image_broken": 1}
    assert tally.places("image_broken")[0].startswith(f"{tmp_path / 'Label.txt'}:1 (is not an")


class Widths:
    """An engine that reads the width of what it is given, one padded width at a time."""

    name, alphabet = "widths", None
    batching = Batching(lines=2, chunk=8, is_parallel=True)

    def prepare(self, image: np.ndarray) -> np.ndarray:
        return image

    def read(self, prepared: list[np.ndarray]) -> list[Line]:
        assert len(prepared) <= 2 and len({max(320, one.shape[1]) for one in prepared}) == 1
        return [Line(str(one.shape[1]), 1.0) for one in prepared]


@pytest.mark.parametrize("widths", [[], [40, 900, 41, 42, 900], [321]])
def test_crops_are_read_in_their_order_whatever_their_batch(widths: list[int]) -> None:
    crops = [np.zeros((48, width, 3), np.uint8) for width in widths]
    assert line_reader_of(Widths())(crops) == [str(width) for width in widths]  # type: ignore[arg-type]
