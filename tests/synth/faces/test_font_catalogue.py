from pathlib import Path

import pytest

from synth.faces.font_catalogue import Catalogue, Note, read_catalogue
from textlines.errors import InputError


def test_our_catalogue_is_in_order() -> None:
    held = read_catalogue()
    assert held.note("DSEG7 Classic Mini") is not None
    assert held.note("DejaVu Sans") is None


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("Noto Sans KR", "Noto Sans CJK JP", True),
        ("Noto Sans Mono CJK SC", "Source Han Sans K", True),
        ("Noto Serif KR", "Noto Serif CJK TC", True),
        ("Noto Sans KR", "Noto Serif KR", False),
    ],
)
def test_one_design_under_many_names_is_known(one: str, other: str, alike: bool) -> None:
    notes = [read_catalogue().note(family) for family in (one, other)]
    designs = [note.design for note in notes if note is not None]
    assert len(designs) == 2
    assert (designs[0] == designs[1]) == alike
    assert read_catalogue().note("Noto Sans") is None


def test_the_longest_name_decides() -> None:
    held = Catalogue(face=(Note(family="Noto", weight=2), Note(family="Noto Sans", weight=3)))
    found = held.note("noto sans KR")
    assert found is not None
    assert found.weight == 3


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[face]]\nfamly = 'x'", "face.0.family: Field required"),
        ("[[face]]\nfamily = 'x'\ncolour = 'red'", "face.0.colour: Extra inputs"),
        ("[[seven_segment]]\nname = 'x'\nstroke = 2", "seven_segment.0.stroke: Input should"),
        ("[[dot_matrix]]\nname = 'x'\n[[dot_matrix]]\nname = 'x'", "names x twice"),
        ("[[face", "is no TOML"),
    ],
)
def test_a_wrong_catalogue_names_the_key(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "catalogue.toml"
    path.write_text(text)
    with pytest.raises(InputError, match=r".*catalogue\.toml: .*") as caught:
        read_catalogue(path)
    assert message in str(caught.value)


def test_a_missing_catalogue_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="the catalogue of fonts is not there"):
        read_catalogue(tmp_path / "gone.toml")
