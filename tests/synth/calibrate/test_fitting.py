"""A fit finds what a style was changed by, with a recognizer that sees light alone."""

from typing import Any

import numpy as np
import pytest

from synth.calibrate.calibration import CalibrateOptions
from synth.calibrate.dials import Dial
from synth.calibrate.drawing import Drawn, Scene
from synth.calibrate.fitting import Target, fit
from tests.synth.calibrate.conftest import TEXTS, Here

DIALS = [Dial("text.fill", "shift", 0.05), Dial("stroke.bold.p", "share", 1.0)]


@pytest.fixture
def studio() -> Any:
    return Here(Scene(TEXTS, frozenset("".join(TEXTS)), "none"))


def thin(yellow_style: dict[str, Any], fill: float) -> dict[str, Any]:
    return {**yellow_style, "text": {"fill": fill}, "stroke": {"bold": {"p": 0.1, "amount": 0.8}}}


def test_a_fit_comes_nearer_and_keeps_its_count(studio: Any, yellow_style: dict[str, Any]) -> None:
    real = studio.see([thin(yellow_style, 0.9)], range(len(TEXTS)))[0]
    target = Target(real.features.astype(float))
    studio.seen = 0
    found = fit(studio, target, thin(yellow_style, 0.6), DIALS, trials=41)
    assert found.end.whole < 0.6 * found.start.whole
    assert found.turned["text.fill shift"] > 1
    assert studio.seen == found.trials <= 41


def test_the_same_seed_finds_the_same(studio: Any, yellow_style: dict[str, Any]) -> None:
    real = studio.see([thin(yellow_style, 0.9)], range(len(TEXTS)))[0].features.astype(float)
    one, other = (
        fit(studio, Target(real), thin(yellow_style, 0.7), DIALS, trials=17) for _ in range(2)
    )
    assert one == other


def test_a_style_that_is_right_stays(studio: Any, yellow_style: dict[str, Any]) -> None:
    style = thin(yellow_style, 0.8)
    real = studio.see([style], range(len(TEXTS)))[0].features.astype(float)
    found = fit(studio, Target(real), style, DIALS, trials=5)
    assert found.style == style and not found.turned


def test_a_style_that_draws_hardly_any_line_is_the_worst() -> None:
    target = Target(np.random.default_rng(1).normal(size=(20, 4)))
    few = Drawn((0, 1), np.zeros((2, 4), np.float32))
    assert target.score(few).whole > 2


def test_options_have_the_defaults_of_the_command() -> None:
    from inspect import signature

    from synth.commands.calibrate import calibrate

    asked = signature(calibrate).parameters
    options = CalibrateOptions.__dataclass_fields__
    assert asked["trials"].default == options["trials"].default
    assert asked["begun"].default == options["begun"].default
    assert asked["seed"].default == options["seed"].default


def test_single_dials_are_never_kept_where_they_lead_away(
    studio: Any, yellow_style: dict[str, Any]
) -> None:
    """The scale may be set by a worse style: what helps is held against the style begun from."""
    style = thin(yellow_style, 0.8)
    real = studio.see([style], range(len(TEXTS)))[0].features.astype(float)
    target = Target(real + np.random.default_rng(1).normal(0, 2, real.shape))
    target.score(studio.see([thin(yellow_style, 0.3)], range(len(TEXTS)))[0])
    scores: list[float] = []
    found = fit(
        studio, target, style, DIALS, trials=5, told=lambda done, of, best: scores.append(best)
    )
    assert scores == sorted(scores, reverse=True)
    assert scores[0] <= found.start.whole < 2
