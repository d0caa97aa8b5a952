"""The styles that come with the package name only what there is."""

import pytest

from synth.draws import Draws
from synth.engine.looks import bind
from synth.styles.load import load_style, style_names
from synth.surfaces import SURFACES


def test_the_three_styles_are_there() -> None:
    assert set(style_names()) >= {"document", "receipt", "lcd"}


@pytest.mark.parametrize("name", ["document", "receipt", "lcd"])
def test_a_style_binds_and_draws_on_its_surfaces(name: str) -> None:
    style = load_style(name)
    looks = bind(style)
    assert style.about
    for part in looks.surfaces:
        for index in range(20):
            draws = Draws(1, index)
            image = SURFACES[part.name](48, 120, draws, None, **part.params(draws))
            assert image.shape == (48, 120, 3)


@pytest.mark.parametrize("name", ["document", "receipt", "lcd"])
def test_no_style_needs_photos(name: str) -> None:
    # They are the user's: a style that names them works only with --backgrounds.
    assert "photo" not in load_style(name).surfaces
