from pathlib import Path

import cv2
import numpy as np
import pytest

from synth.calibrate.crops import RealLine, RealLines
from synth.calibrate.harvest import ground_of, harvest, painted_over
from tests.synth.calibrate.conftest import Looker
from textlines.errors import InputError
from textlines.pixels.arrays import Image


class Prints(Looker):
    """Reads "III" off what holds dark uprights on a light ground."""

    def see(self, images):  # type: ignore[no-untyped-def]
        seen = super().see(images)
        dark = [cv2.cvtColor(image, cv2.COLOR_BGR2GRAY) for image in images]
        return [
            type(one)("III" if grey.min() < 100 and grey.mean() > 100 else "", 0.9, one.features)
            for one, grey in zip(seen, dark, strict=True)
        ]


def printed(light_to: int = 160) -> Image:
    """Three dark uprights on a ground that gets lighter to the right."""
    shade = np.linspace(light_to, 230, 120)
    image = np.repeat(np.repeat(shade[None, :, None], 48, 0), 3, 2).astype(np.uint8)
    for x in (30, 60, 90):
        image[12:36, x : x + 5] = 20
    return image


def line(image: Image) -> RealLine:
    return RealLine("a.png", image, "III", np.zeros(6, np.float32))


def test_ink_is_painted_over_and_the_light_stays() -> None:
    ground, why = ground_of(line(printed()), Prints())
    assert ground is not None and not why
    grey = cv2.cvtColor(ground, cv2.COLOR_BGR2GRAY).astype(int)
    assert grey.min() > 120
    assert grey[:, 100:].mean() - grey[:, :20].mean() > 40
    assert (ground[:4] == printed()[:4]).all()


def test_a_ground_with_text_left_is_not_kept() -> None:
    class Sees(Prints):
        def see(self, images):  # type: ignore[no-untyped-def]
            return [type(one)("III", 0.9, one.features) for one in super().see(images)]

    assert ground_of(line(printed()), Sees()) == (None, "text_left")


def test_a_crop_whose_ink_is_not_found_gives_no_ground() -> None:
    blank = np.full((48, 120, 3), 200, np.uint8)
    assert ground_of(line(blank), Prints())[1] == "no_ink"


def test_grounds_are_written_once_and_the_rest_is_counted(tmp_path: Path) -> None:
    blank = np.full((48, 120, 3), 200, np.uint8)
    lines = (line(printed()), line(printed()), line(printed(120)), line(blank))
    made = harvest(RealLines(lines, 4, False, {"too_small": 2}), Prints(), tmp_path)
    assert made.left_out == {"too_small": 2, "no_ink": 1}
    assert sorted(path.name for path in tmp_path.iterdir()) == list(made.files)
    assert len(made.files) == 2


def test_no_ground_at_all_is_an_error_with_its_reasons(tmp_path: Path) -> None:
    blank = np.full((48, 120, 3), 200, np.uint8)
    with pytest.raises(InputError, match=r"no ground out of 1 crop .1 no ink could be told"):
        harvest(RealLines((line(blank),), 1, False, {}), Prints(), tmp_path)


def test_what_is_painted_over_is_as_grainy_as_what_is_around() -> None:
    draws = np.random.default_rng(1)
    image = np.clip(draws.normal(150, 8, (60, 160, 3)), 0, 255).astype(np.uint8)
    mask = np.zeros((60, 160), bool)
    mask[20:40, 60:100] = True
    painted = painted_over(image, mask)
    assert (painted[~mask] == image[~mask]).all()
    assert painted[mask].std() == pytest.approx(image[~mask].std(), rel=0.4)
