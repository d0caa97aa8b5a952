"""Attempts are refused for a reason, and each reason is counted."""

from collections import Counter
from dataclasses import replace
from typing import get_args

import cv2
import numpy as np
import pytest

from synth.draws import Draws
from synth.engine.drawn import Drawn
from synth.engine.gaps import enclosed
from synth.engine.legibility import judge
from synth.engine.refusals import PLAIN_TO_SEE, refusal
from synth.engine.setup import Setup
from synth.faces.display import display_faces
from synth.faces.metrics import metrics_of
from synth.faces.shared_ink import MOST_SHARED
from synth.ink.colour import blend
from synth.styles.load import load_style
from synth.styles.model import Legible
from textlines.formats.manifest import Refusal
from textlines.formats.plan_rows import PlanRow

SHARP = ("camera={}", "stroke={}", "light={}", "distractors={}", "ink.contrast=0.95")


@pytest.fixture(scope="module")
def plain() -> Drawn:
    """Draw one attempt at a line that nothing was done to."""
    face = next(face for face in display_faces() if face.family == "Mend Segment 01")
    engine = Setup(load_style("document", SHARP), (face,), None, 1).engine()
    return engine._draw("80.08", face, metrics_of(face), Draws(1, 1), 1.0, True)


def with_image(drawn: Drawn, image: np.ndarray) -> Drawn:
    mask, boxes = drawn.asked
    return replace(drawn, image=image, verdict=judge(image, mask, boxes, darker=drawn.darker))


def test_a_clean_line_stands(plain: Drawn) -> None:
    assert refusal(plain, Legible()) is None


def test_each_fault_has_its_own_reason(plain: Drawn) -> None:
    assert refusal(replace(plain, shared=2 * MOST_SHARED), Legible()) == "overlap"
    blank = np.full_like(plain.image, 200)
    assert refusal(with_image(plain, blank), Legible()) == "contrast"
    out = plain.verdict._replace(inside=0.5)
    assert refusal(replace(plain, verdict=out), Legible()) == "outside"


def test_a_stop_that_is_one_fleck_of_the_paper_is_refused_as_a_lost_part(plain: Drawn) -> None:
    boxes = plain.asked[1]
    x0, y0, x1, y1 = boxes[(boxes[:, 2:] - boxes[:, :2]).prod(1).argmin()]
    grain = cv2.blur(np.random.default_rng(1).normal(0, 60, plain.image.shape[:2]), (2, 2))
    faint = np.clip(plain.image.astype(float) + grain[..., None] / 3, 0, 255)
    around = slice(y0 - 3, y1 + 3), slice(x0 - 3, x1 + 3)
    faint[around] = 200 + grain[around][..., None] / 3
    faint[y0:y1, x0:x1] -= 28
    lost = with_image(plain, faint.clip(0, 255).astype(np.uint8))
    asked = Legible(stroke=0, counter=0)
    assert 18 <= lost.verdict.contrast < PLAIN_TO_SEE
    assert refusal(lost, asked) == "part"
    calm = np.full_like(plain.image, 200)
    seen = blend(calm, plain.asked[0], (120, 120, 120))
    seen[y0:y1, x0:x1] = 172
    assert refusal(with_image(plain, seen), asked) is None


def test_a_limit_of_nothing_asks_nothing_of_parts(plain: Drawn) -> None:
    mask, boxes = plain.asked
    lost = plain.image.copy()
    x0, y0, x1, y1 = boxes[0]
    segment = (slice(y0, y1), slice(x0, (x0 + x1) // 2))
    lost[segment] = blend(np.full_like(plain.image, plain.under), mask, plain.under)[segment]
    one = with_image(plain, lost)
    one = replace(one, verdict=one.verdict._replace(contrast=PLAIN_TO_SEE - 1))
    asked = Legible(stroke=0, counter=0, part=0.01)
    assert refusal(one, asked) == "part"
    assert refusal(one, asked.model_copy(update={"part": 0.0})) is None
    assert refusal(one, asked.model_copy(update={"part": 0.0, "stroke": 0.15})) == "stroke"


def test_a_closed_counter_is_refused_where_an_effect_can_have_closed_it(
    plain: Drawn,
) -> None:
    mask = plain.asked[0]
    filled = np.maximum(mask, enclosed(mask))
    image = blend(np.full_like(plain.image, plain.under), filled, plain.ink)
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
