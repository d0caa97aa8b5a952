"""Boxes of characters lie around their ink, whatever moves the line; masks show that ink."""

from itertools import pairwise
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synth.draws import Draws
from synth.faces.display import display_faces
from synth.faces.face_metrics import metrics_of
from synth.faces.font_face import Face
from synth.faces.font_files import read_font_file
from synth.faces.scan import machine_sources
from synth.rendering.character_boxes import around_ink
from synth.rendering.glyph_bitmaps import GlyphCache
from synth.rendering.line_mask import Layout, draw_mask, lay_out
from synth.rendering.sample import Sample, Setup
from synth.rendering.style import load_style
from textlines.formats.plan_rows import PlanRow

CALM = (
    *('faces=["dot_matrix"]', "photos.p=0", "distractors={}", "stroke={}", "geometry={}"),
    *("light={}", "camera={}", "surfaces={ plain = { level = 240 } }", "text.character_width=1"),
)
MOVED = {
    "flat": (),
    "native": ("output.native=[16, 47]",),
    "enlarged": ("output.native=[16, 30]", "output.enlarge=true"),
    "turned": ("geometry.rotation={ p = 1, deg = [-6, 6] }", "text.rise=0.4"),
    "seen aslant": ("geometry.perspective={ p = 1, spread = 0.15 }",),
    "stretched": ("text.stretch=[0.7, 1.4]", "text.sizes={ p = 1, factor = 0.6 }"),
    "arc": ("bend.arc={ p = 1, rise = [-0.8, 0.8] }",),
    "elastic": ("bend.elastic={ p = 1, amount = 0.06 }",),
    "bold": ("stroke.bold={ p = 1, amount = 2 }",),
    "echo": ("stroke.echo={ p = 1, right = 4, down = 3, depth = 1 }",),
    "all": (
        *("bend.arc={ p = 1, rise = 0.4 }", "geometry.rotation={ p = 1, deg = [-4, 4] }"),
        *("output.native=[20, 40]", "stroke.bold={ p = 1, amount = 1 }", "text.left=-0.02"),
    ),
}
TEXTS = ("NO 42.7", "A-1 / B-2", "I:I", "W8")


def lines(*keys: str, count: int = 8, **asked: bool) -> list[Sample]:
    """Draw lines of a calm style with boxes and masks."""
    style = load_style("document", (*CALM, *keys))
    faces = tuple(face for face in display_faces() if face.kind == "dot_matrix")
    engine = Setup(style, faces, None, 5, **(asked or {"boxes": True, "masks": True})).engine()
    rows = [
        PlanRow(at, TEXTS[at % len(TEXTS)], (), faces[at % len(faces)].id, style.name)
        for at in range(count)
    ]
    return [engine.sample(row) for row in rows]


def mask_of(sample: Sample) -> np.ndarray:
    """Return the mask of a sample."""
    return cv2.imdecode(np.frombuffer(sample.mask, np.uint8), cv2.IMREAD_UNCHANGED)


@pytest.mark.parametrize("keys", MOVED.values(), ids=MOVED)
def test_all_ink_lies_in_boxes_and_each_box_holds_ink(keys: tuple[str, ...]) -> None:
    for sample in lines(*keys):
        record, mask = sample.record, mask_of(sample)
        assert mask.shape == sample.image.shape[:2]
        text = record["text"]
        told = [text[start:end] for start, end, *_ in record["boxes"]]
        assert told == [char for char in text if char != " "]
        free = mask.copy()
        for *_, x0, y0, x1, y1 in record["boxes"]:
            assert 0 <= x0 < x1 <= mask.shape[1] and 0 <= y0 < y1 <= mask.shape[0]
            assert mask[y0:y1, x0:x1].max() >= 100
            free[y0:y1, x0:x1] = 0
        assert free.max() < 80


def test_boxes_follow_each_other_and_fit_what_is_seen() -> None:
    for sample in lines("ink.dark=1", "ink.contrast=0.8", 'output.format="png"'):
        grey = cv2.cvtColor(sample.image, cv2.COLOR_BGR2GRAY)
        ground = int(np.median(grey))
        boxes = [row[2:] for row in sample.record["boxes"]]
        assert all(one[2] <= other[0] + 1 for one, other in pairwise(boxes))
        for x0, y0, x1, y1 in boxes:
            dark = grey[:, x0:x1] < ground - 60
            rows, columns = np.flatnonzero(dark.any(1)), np.flatnonzero(dark.any(0))
            seen = (x0 + columns[0], rows[0], x0 + columns[-1] + 1, rows[-1] + 1)
            assert np.abs(np.subtract(seen, (x0, y0, x1, y1))).max() <= 1


def test_masks_are_where_the_image_is_dark() -> None:
    for sample in lines("ink.dark=1", "ink.contrast=0.8", "output.native=24"):
        grey = cv2.cvtColor(sample.image, cv2.COLOR_BGR2GRAY).astype(float)
        mask = mask_of(sample).astype(float)
        assert np.corrcoef(grey.ravel(), mask.ravel())[0, 1] < -0.97


def test_what_is_asked_beside_the_image_changes_nothing_in_it() -> None:
    keys = MOVED["all"]
    with_all = lines(*keys)
    for one, other in zip(lines(*keys, boxes=False), with_all, strict=True):
        assert (one.data, one.mask) == (other.data, b"")
        assert other.record == one.record | {key: other.record[key] for key in ("boxes", "mask")}
    assert [one.record["boxes"] for one in lines(*keys, boxes=True)] == [
        other.record["boxes"] for other in with_all
    ]


@st.composite
def strokes(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    mask = np.zeros((40, 120), np.uint8)
    boxes = []
    for left in range(draw(st.integers(0, 9)), 110, 20)[: draw(st.integers(1, 5))]:
        x, y = left + draw(st.integers(0, 4)), draw(st.integers(2, 20))
        right, down = x + draw(st.integers(1, 12)), y + draw(st.integers(1, 18))
        grown = draw(st.integers(-1, 3))
        mask[max(0, y - grown) : down + grown, max(0, x - grown) : right + grown] = 255
        boxes.append((x, y, right, down))
    return mask, np.array(boxes, np.int32)


@given(strokes())
@settings(max_examples=200)
def test_boxes_fit_all_ink_and_no_more(drawn: tuple[np.ndarray, np.ndarray]) -> None:
    mask, boxes = drawn
    before = boxes.copy()
    fitted = around_ink(boxes, mask)
    np.testing.assert_array_equal(boxes, before)
    free = mask.copy()
    for (x0, y0, x1, y1), box in zip(fitted.tolist(), boxes.tolist(), strict=True):
        if mask[box[1] : box[3], box[0] : box[2]].any():
            inside = mask[y0:y1, x0:x1] > 0
            assert inside[0].any() and inside[-1].any()
            assert inside[:, 0].any() and inside[:, -1].any()
        else:
            assert [x0, y0, x1, y1] == box
        free[y0:y1, x0:x1] = 0
    assert not free.any()


def test_an_arm_over_a_foot_belongs_to_its_own_letter() -> None:
    mask = np.zeros((30, 60), np.uint8)
    for at in range(20):  # / and \ side by side, each in the other's box by its ends
        mask[5 + at, 20 - at // 2 : 23 - at // 2] = 255
        mask[5 + at, 25 + at // 2 : 28 + at // 2] = 255
    boxes = np.array([[6, 4, 27, 26], [21, 4, 42, 26]], np.int32)
    assert around_ink(boxes, mask).tolist() == [[11, 5, 23, 25], [25, 5, 37, 25]]
    mask[14, 10:36] = 255  # now they touch, and their common middle is in both
    assert around_ink(boxes, mask).tolist() == [[10, 5, 27, 25], [21, 5, 37, 25]]


def laid(**changes: Any) -> Layout:
    given_ = {"text": "abcd", "size_px": 20, "width": 99, "height": 40, "baseline": 30}
    usual = {"pens": (0, 9), "ends": (9, 20), "whole": True, "spacing_px": 0.0, "stretch": 1.0}
    return Layout(**{**given_, **usual, **changes})


def test_clusters_stand_for_the_characters_up_to_the_next() -> None:
    left_to_right, right_to_left = laid(starts=(0, 3)), laid(starts=(3, 1, 0))
    assert [left_to_right.characters(pen) for pen in range(2)] == [(0, 3), (3, 4)]
    assert [right_to_left.characters(pen) for pen in range(3)] == [(3, 4), (1, 3), (0, 1)]
    assert [laid(whole=False).characters(pen) for pen in range(2)] == [(0, 1), (1, 2)]


@pytest.fixture
def dejavu(skip_or_fail: Any) -> Face:
    """Return DejaVu Sans, which shapes Arabic."""
    paths = [path for one in machine_sources() for path in one.folder.rglob("DejaVuSans.ttf")]
    if not paths:
        skip_or_fail("no DejaVu Sans is installed")
    return read_font_file(paths[0]).as_faces(paths[0])[0]


def test_a_shaped_line_names_its_characters_from_right_to_left(dejavu: Face) -> None:
    text = "سلام"
    style = load_style("document")
    layout = lay_out(text, metrics_of(dejavu), style.text, style.output, Draws(1, 1))
    assert layout.whole
    inked = draw_mask(layout, dejavu, GlyphCache())
    places = [layout.characters(pen) for pen in inked.pens]
    assert sorted(places)[0][0] == 0 and sorted(places)[-1][1] == len(text)
    by_text = [box for _, box in sorted(zip(places, inked.boxes.tolist(), strict=False))]
    assert all(one[0] > other[0] for one, other in pairwise(by_text))
