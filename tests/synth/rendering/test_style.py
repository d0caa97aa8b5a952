"""Styles name only what there is."""

import pytest

from synth.assets import style_names
from synth.draws import Draws
from synth.rendering.looks import bind
from synth.rendering.style import load_style, on_photos
from synth.rendering.surfaces import SURFACES
from textlines.errors import UsageError


def test_the_styles_of_the_package_are_there() -> None:
    named = {"document", "form", "lcd", "package", "plate", "receipt", "sign"}
    assert set(style_names()) >= named


@pytest.mark.parametrize("name", style_names())
def test_a_style_binds_and_draws_on_its_surfaces(name: str) -> None:
    style = load_style(name)
    looks = bind(style)
    assert style.about
    for part in looks.surfaces:
        for index in range(20):
            draws = Draws(1, index)
            image = SURFACES[part.name](48, 120, draws, None, **part.params(draws))
            assert image.shape == (48, 120, 3)


@pytest.mark.parametrize("name", style_names())
def test_no_style_needs_photos(name: str) -> None:
    # They are the user's: a style that names them works only with --backgrounds.
    assert "photo" not in load_style(name).surfaces


@pytest.mark.parametrize("name", style_names())
@pytest.mark.parametrize("share", [0.1, 0.4, 1.0])
def test_given_photos_get_their_share_and_the_others_keep_theirs(name: str, share: float) -> None:
    style = load_style(name, (f"photos.p={share}",))
    given = on_photos(style).surfaces
    assert given["photo"].p / sum(part.p for part in given.values()) == pytest.approx(share)
    assert {n: p for n, p in given.items() if n != "photo"} == (style.surfaces if share < 1 else {})
    assert given["photo"].with_ == style.photos.with_


def test_a_style_that_names_photos_itself_is_left_alone() -> None:
    style = load_style("document", ("surfaces.photo.p=2",))
    assert on_photos(style) is style
    unshared = load_style("document", ("photos.p=0",))
    assert on_photos(unshared) is unshared


@pytest.mark.parametrize("value", ["png", "'png'", '"png"', " png "])
def test_text_is_set_with_quotes_and_without(value: str) -> None:
    assert load_style("document", (f"output.format={value}",)).output.format == "png"


@pytest.mark.parametrize("value", ["2024", "true", "[1]", "1\noutput.height=9", "빈 병 = 1"])
def test_a_key_that_takes_text_takes_what_toml_reads_as_something_else(value: str) -> None:
    style = load_style("document", (f"about={value}",))
    assert (style.about, style.output.height) == (value, 48)


def test_a_share_beyond_all_lines_is_refused() -> None:
    with pytest.raises(UsageError, match="p is a share of lines, 0 to 1, and not 3"):
        load_style("document", ("photos.p=3",))


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        (
            "face_weights.bold=2",
            "'bold' is no kind or trait of a face: text, .*italic, serif, mono",
        ),
        ("face_weights.italic=0", "greater than 0"),
    ],
)
def test_weights_of_faces_that_do_not_exist_or_draw_never_are_refused(
    setting: str, told: str
) -> None:
    with pytest.raises(UsageError, match=told):
        load_style("document", (setting,))


def test_receipts_are_seldom_leaning() -> None:
    weights = load_style("receipt").face_weights
    assert weights["italic"] < weights["serif"] < 1 < weights["mono"]


@pytest.mark.parametrize(
    ("pair", "told"),
    [
        (
            '{ ground = "green", ink = "#ffffff" }',
            "'green' is no colour: write red",
        ),
        ('{ ground = "#fff", ink = "#000000" }', "'#fff' is no colour"),
        ('{ ground = "#ffffff" }', r"palette\.0\.ink: Field required"),
        ('{ ground = "#ffffff", ink = "#000000", weight = 0 }', "no pair is ever drawn"),
        ('{ ground = "#ffffff", ink = "#000000", often = 1 }', r"palette\.0\.often is unknown"),
    ],
)
def test_what_is_no_pair_of_colours_is_refused(pair: str, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        load_style("document", (f"palette=[{pair}]",))
