"""Attempts are refused for a reason, and each reason is counted."""

from collections import Counter
from dataclasses import replace
from typing import get_args

import cv2
import numpy as np
import pytest

from synth.draws import Draws
from synth.faces.display import display_faces
from synth.faces.face_metrics import metrics_of
from synth.faces.glyph_ink import MOST_SHARED
from synth.rendering.attempt import PLAIN_TO_SEE, Attempt, refusal
from synth.rendering.colour import blend
from synth.rendering.legibility import judge
from synth.rendering.letter_shapes import enclosed
from synth.rendering.sample import Setup
from synth.rendering.style import Legible, load_style
from textlines.formats.manifest import Refusal
from textlines.formats.plan_rows import PlanRow

SHARP = ("camera={}", "stroke={}", "light={}", "distractors={}", "ink.contrast=0.95")


@pytest.fixture(scope="module")
def plain() -> Attempt:
    """Draw one attempt at a line that nothing was done to."""
    face = next(face for face in display_faces() if face.family == "Mend Segment 01")
    engine = Setup(load_style("document", SHARP), (face,), None, 1).engine()
    return engine._draw("80.08", face, metrics_of(face), Draws(1, 1), boost=1.0, full=True)


def with_image(drawn: Attempt, image: np.ndarray) -> Attempt:
    mask, boxes = drawn.asked
    shot = drawn.shot._replace(image=image)
    return replace(drawn, shot=shot, weakest=judge(image, mask, boxes, darker=drawn.darker))


def test_a_clean_line_stands(plain: Attempt) -> None:
    assert refusal(plain, Legible()) is None


def test_each_fault_has_its_own_reason(plain: Attempt) -> None:
    assert refusal(replace(plain, shared=2 * MOST_SHARED), Legible()) == "overlap"
    blank = np.full_like(plain.shot.image, 200)
    assert refusal(with_image(plain, blank), Legible()) == "contrast"
    out = plain.weakest._replace(inside=0.5)
    assert refusal(replace(plain, weakest=out), Legible()) == "outside"


def test_a_stop_that_is_one_fleck_of_the_paper_is_refused_as_a_lost_part(plain: Attempt) -> None:
    boxes = plain.asked[1]
    x0, y0, x1, y1 = boxes[(boxes[:, 2:] - boxes[:, :2]).prod(1).argmin()]
    grain = cv2.blur(np.random.default_rng(1).normal(0, 60, plain.shot.image.shape[:2]), (2, 2))
    faint = np.clip(plain.shot.image.astype(float) + grain[..., None] / 3, 0, 255)
    around = slice(y0 - 3, y1 + 3), slice(x0 - 3, x1 + 3)
    faint[around] = 200 + grain[around][..., None] / 3
    faint[y0:y1, x0:x1] -= 28
    lost = with_image(plain, faint.clip(0, 255).astype(np.uint8))
    asked = Legible(stroke=0, counter=0)
    assert 18 <= lost.weakest.contrast < PLAIN_TO_SEE
    assert refusal(lost, asked) == "part"
    calm = np.full_like(plain.shot.image, 200)
    seen = blend(calm, plain.asked[0], (120, 120, 120))
    seen[y0:y1, x0:x1] = 172
    assert refusal(with_image(plain, seen), asked) is None


def test_a_limit_of_nothing_asks_nothing_of_parts(plain: Attempt) -> None:
    mask, boxes = plain.asked
    lost = plain.shot.image.copy()
    x0, y0, x1, y1 = boxes[0]
    segment = (slice(y0, y1), slice(x0, (x0 + x1) // 2))
    lost[segment] = blend(np.full_like(plain.shot.image, plain.under), mask, plain.under)[segment]
    one = with_image(plain, lost)
    one = replace(one, weakest=one.weakest._replace(contrast=PLAIN_TO_SEE - 1))
    asked = Legible(stroke=0, counter=0, part=0.01)
    assert refusal(one, asked) == "part"
    assert refusal(one, asked.model_copy(update={"part": 0.0})) is None
    assert refusal(one, asked.model_copy(update={"part": 0.0, "stroke": 0.15})) == "stroke"


def test_a_closed_counter_is_refused_where_an_effect_can_have_closed_it(
    plain: Attempt,
) -> None:
    mask = plain.asked[0]
    filled = np.maximum(mask, enclosed(mask))
    image = blend(np.full_like(plain.shot.image, plain.under), filled, plain.ink)
    closed = with_image(plain, image)
    asked = Legible(stroke=0, contrast=4)
    assert refusal(closed, asked) is None
    bold = replace(closed, effects=[("bold", {"amount": 2.0})])
    assert refusal(bold, asked) == "counter"
    assert refusal(bold, asked.model_copy(update={"counter": 0})) is None


def test_a_sample_tells_why_each_of_its_attempts_was_refused() -> None:
    faces = tuple(face for face in display_faces() if face.kind == "seven_segment")
    hard = ("camera.gaussian_blur={ p = 1, sigma = 3.5 }", "legible.contrast=30")
    engine = Setup(load_style("document", hard), faces, None, 3).engine()
    reasons: Counter[str] = Counter()
    for index in range(30):
        record = engine.sample(PlanRow(index, "88.06", (), faces[0].id, "document")).record
        assert len(record.get("refused", [])) == record["attempt"]
        assert ("refused" in record) == (record["attempt"] > 0)
        reasons.update(record.get("refused", []))
    assert reasons and reasons.keys() <= set(get_args(Refusal))
