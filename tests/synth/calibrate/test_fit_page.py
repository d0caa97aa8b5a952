from pathlib import Path

import numpy as np
import pytest

from synth.calibrate.calibration import CalibrateOptions, Calibration, Pairing
from synth.calibrate.compression import Compressed
from synth.calibrate.crops import RealLines
from synth.calibrate.distances import Distance
from synth.calibrate.first_style import Step
from synth.calibrate.fit_page import fit_page, jpeg_words, perspective_words
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
        jpeg=Compressed(20, (66, 70, 78, 85, 88), by_file=4, halved=3),
        perspective=(-0.09, -0.01, 0.02, 0.08),
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


def test_the_page_says_how_crops_were_compressed_and_seen() -> None:
    page = fit_page(made())
    assert "Real crops are JPEG at 70 to 85 (half of them), told of 5 of 20." in page
    assert "4 are JPEG files, 3 with colours at half the size" in page
    assert "Letters change in height by 2 to 8 % from one end of a crop to the other" in page
    assert "they grow to the right in 50 %." in page


def test_what_could_not_be_measured_is_said() -> None:
    (word,) = jpeg_words(Compressed(20, ()))
    assert str(word).startswith("No crop shows JPEG")
    assert "Too few lines" in str(perspective_words(()))


def test_the_page_speaks_korean() -> None:
    with speaking("ko"):
        page = fit_page(made())
    assert "맞춘 스타일" in page and "실제 획이 40 % 더 굵습니다." in page
