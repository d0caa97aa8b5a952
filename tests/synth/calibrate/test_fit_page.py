from pathlib import Path

import numpy as np
import pytest

from synth.calibrate.calibration import CalibrateOptions, Calibration, Pairing
from synth.calibrate.crops import RealLines
from synth.calibrate.distances import Distance
from synth.calibrate.first_style import Step
from synth.calibrate.fit_page import fit_page
from synth.calibrate.fitting import Fitted, Score
from synth.calibrate.told_apart import Difference
from textlines.wording import say, speaking


def made() -> Calibration:
    style = {
        "text": {"fill": {"values": [0.5, 0.75]}, "left": [0.1, 0.2]},
        "camera": {"jpeg": {"p": 0.25}, "sensor_noise": {"level": {"low": 1, "high": 8}}},
        "family_weights": {"Mend Serif": 1.0, "*": 0.003},
        "palette": [{"ground": "#e8d040", "ink": "#601010", "weight": 7}],
    }
    names = ("text.fill shift", "text.left scale", "camera.jpeg.p share")
    turned = dict(zip((*names, "camera.sensor_noise.level scale"), (1, -2, 0.5, 3), strict=True))
    score = Score(4.0, 2.0, 2.0)
    image = np.full((20, 60, 3), 200, np.uint8)
    return Calibration(
        options=CalibrateOptions(Path("crops"), None, "model"),
        style=style,
        real=RealLines((), 40, False, {}),
        fitted_lines=20,
        judged_lines=20,
        before=Distance(9.5, 0.9, 20),
        after=Distance(4.25, 0.7, 20),
        floor=Distance(3.0, 0.55, 20),
        fit=Fitted(style, turned, score, score, 33),
        kinds=("text",),
        steps=(Step(say("white between letters"), 1.25), Step(say("families"), 1.3, False)),
        apart=(Difference("stroke", 0.14, 0.1, 0.9),),
        pairs=(Pairing("값 <1>", image, image),),
    )


def test_the_page_says_how_far_and_what_still_tells() -> None:
    page = fit_page(made())
    assert "went from 9.5 to 4.2; that of other real lines is 3.0" in page
    assert "Real strokes are 40 % thicker." in page
    assert "값 &lt;1&gt;" in page and "값 <1>" not in page
    assert "background:#e8d040;color:#601010" in page


@pytest.mark.parametrize("now", ["0.5 … 0.75", "0.1 … 0.2", "0.25", "1 … 8"])
def test_each_form_of_a_number_is_shown_by_its_ends(now: str) -> None:
    assert f">{now}</td>" in fit_page(made()).replace("\n", "")


def test_the_page_says_what_was_measured_first_and_what_of_it_was_kept() -> None:
    page = fit_page(made()).replace("\n", "")
    assert "white between letters</td><td" in page
    assert '>0.62</td><td class="short">yes</td>' in page
    assert '>0.65</td><td class="short">no</td>' in page
    assert "Nearest families: Mend Serif." in page


def test_the_page_speaks_korean() -> None:
    with speaking("ko"):
        page = fit_page(made())
    assert "맞춘 스타일" in page and "실제 획이 40 % 더 굵습니다." in page
