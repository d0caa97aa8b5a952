from pathlib import Path

import pytest

from synth.assets import asset_dir
from textlines.errors import InputError


@pytest.mark.parametrize("inside", ["_assets/fonts", "../fonts"])
def test_assets_are_found_in_a_wheel_and_in_a_checkout(tmp_path: Path, inside: str) -> None:
    package = tmp_path / "site" / "synth"
    package.mkdir(parents=True)
    (package / inside).mkdir(parents=True)
    assert asset_dir("fonts", package).resolve() == (package / inside).resolve()


def test_the_wheel_goes_before_what_stands_beside_it(tmp_path: Path) -> None:
    package = tmp_path / "synth"
    (package / "_assets" / "fonts").mkdir(parents=True)
    (tmp_path / "fonts").mkdir()
    assert asset_dir("fonts", package) == package / "_assets" / "fonts"


def test_a_missing_asset_folder_names_both_places(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"neither at .*_assets.* nor at .*Install ocr-mend again"):
        asset_dir("corpora", tmp_path / "synth")


def test_the_catalogue_of_fonts_is_there() -> None:
    assert (asset_dir("fonts") / "catalogue.toml").is_file()
