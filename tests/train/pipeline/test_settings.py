"""`pipeline.toml`: the one that is shipped is right, and a wrong one names its key."""

from pathlib import Path

import pytest

from textlines.errors import InputError, UsageError
from train.pipeline.settings import Settings, read_settings

ROOT = Path(__file__).parents[3]


def test_the_shipped_settings_are_read() -> None:
    found = read_settings(ROOT / "pipeline.toml")
    assert (found.model, found.style, found.work) == ("PP-OCRv4_mobile_rec", "lcd", "loop-out")
    assert found.general.labels == ()


@pytest.mark.parametrize("name", ["pipeline.md", "pipeline.ko.md"])
def test_every_key_of_the_shipped_settings_is_explained(name: str) -> None:
    import tomllib

    told = (ROOT / "docs" / name).read_text(encoding="utf-8")
    content = tomllib.loads((ROOT / "pipeline.toml").read_text(encoding="utf-8"))
    for key in Settings.model_fields:
        assert key in content
        assert f"`{key}" in told or f"[{key}]" in told, key


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("labels = ''", []),
        ("labels = 'a.txt'", [("a.txt:exact", "")]),
        ("labels = 'a.txt'\ncomparison = 'alnum'\nimages = 'i'", [("a.txt:alnum", "i")]),
        (
            "labels = ['a.txt:casefold', 'b.txt']\ncomparison = 'alnum'",
            [("a.txt:casefold", ""), ("b.txt:alnum", "")],
        ),
        ("labels = ['a', 'b:exact']\nimages = ['i']", [("a:exact", "i"), ("b:exact", "i")]),
        ("labels = ['a', 'b']\nimages = ['i', 'k']", [("a:exact", "i"), ("b:exact", "k")]),
    ],
)
def test_general_sets_are_one_or_a_list(
    tmp_path: Path, text: str, expected: list[tuple[str, str]]
) -> None:
    file = tmp_path / "pipeline.toml"
    file.write_text(f"[general]\n{text}\n", encoding="utf-8")
    found = read_settings(file).general.sets()
    assert [(str(one), images) for one, images in found] == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("modell = 'x'", "modell: Extra inputs are not permitted"),
        ("[own]\ntrain = 50\nstop = 30\njudge = 30", "own: .*must add up to 100"),
        ("[general]\noriginal = 60", "general: .*must add up to 100"),
        ("[general]\nlabels = ['a', 'b', 'c']\nimages = ['x', 'y']", "general: .*2 folders for 3"),
        ("minutes = 0", "minutes: Input should be greater than 0"),
        ("[mix]\nepoch_lines = 1", "mix.epoch_lines: "),
        ("minutes = ", "is no TOML"),
    ],
)
def test_a_wrong_key_is_named(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "pipeline.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=message):
        read_settings(file)


def test_settings_that_are_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="the pipeline's settings is not there"):
        read_settings(tmp_path / "none.toml")


def test_minutes_that_nobody_set_are_those_of_the_lines_at_hand() -> None:
    shipped = read_settings(ROOT / "pipeline.toml")
    assert (shipped.minutes_of(own=True), shipped.minutes_of(own=False)) == (30, 3)
    assert Settings(minutes=7).minutes_of(own=True) == 7
