import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from textlines.errors import InputError
from textlines.formats.profile import ErrorProfile, load_profile, profile_sha256, save_profile
from textlines.profile.measure import measure
from textlines.profile.reading import Reading


@pytest.fixture
def profile() -> ErrorProfile:
    lines = [Reading("a.jpg", "값 1:", "갑 7：", 0.9), Reading("b.jpg", "·", "", None)]
    return measure(lines, None).profile


def write(path: Path, profile: ErrorProfile, **changes: Any) -> Path:
    save_profile(profile, path)
    content = json.loads(path.read_text(encoding="utf-8")) | changes
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def test_a_profile_comes_back_as_it_was(profile: ErrorProfile, tmp_path: Path) -> None:
    path = tmp_path / "deep" / "profile.json"
    save_profile(profile, path)
    assert load_profile(path) == profile
    assert profile_sha256(profile) == hashlib.sha256(path.read_bytes()).hexdigest()
    assert "값" in path.read_text(encoding="utf-8")
    # Order is part of the contract: most frequent first.
    assert list(load_profile(path).insertions) == list(profile.insertions)


def test_another_version_is_refused_with_both_named(profile: ErrorProfile, tmp_path: Path) -> None:
    path = write(tmp_path / "p.json", profile, version=3)
    with pytest.raises(InputError, match=r"version 3, this program reads version 2") as caught:
        load_profile(path)
    assert "train mine" in caught.value.mend


def old_row(char: str, support: int, right: int, interval: tuple[float, float]) -> dict[str, Any]:
    return {
        "char": char,
        "support": support,
        "right": right,
        "recall": right / support,
        "interval": interval,
        "gain": support * (1 - interval[1]),
        "confusions": {"7": support - right} if right < support else {},
        "deletions": 0,
        "conventional": 0,
        "jamo": {},
    }


def test_a_profile_of_version_1_is_read_by_todays_rule(
    profile: ErrorProfile, tmp_path: Path
) -> None:
    path = write(
        tmp_path / "p.json",
        profile,
        version=1,
        ranked=[old_row("1", 100, 90, (0.8, 0.95))],
        unproven=[old_row("증", 19, 11, (0.36, 0.77)), old_row("V", 4, 3, (0.3, 0.95))],
    )
    content = json.loads(path.read_text(encoding="utf-8"))
    del content["parts"]
    path.write_text(json.dumps(content), encoding="utf-8")
    old = load_profile(path)
    assert [(row.char, row.proof) for row in old.ranked] == [("1", "own"), ("증", "own"), ("V", "")]
    assert (old.version, old.parts) == (2, ())
    save_profile(old, tmp_path / "again.json")
    assert load_profile(tmp_path / "again.json") == old


def test_a_list_of_version_1_is_no_key_of_today(profile: ErrorProfile, tmp_path: Path) -> None:
    path = write(tmp_path / "p.json", profile, unproven=[])
    with pytest.raises(InputError, match="unproven: extra inputs are not permitted"):
        load_profile(path)


def test_unknown_keys_are_named(profile: ErrorProfile, tmp_path: Path) -> None:
    path = write(tmp_path / "p.json", profile, colour="red")
    with pytest.raises(InputError, match="colour: extra inputs are not permitted"):
        load_profile(path)


def test_a_wrong_value_is_named_by_its_place(profile: ErrorProfile, tmp_path: Path) -> None:
    row = profile.ranked[0].model_dump(mode="json") | {"support": "many"}
    path = write(tmp_path / "p.json", profile, ranked=[row])
    with pytest.raises(InputError, match=r"ranked\[0\]\.support: input should be a valid int"):
        load_profile(path)


@pytest.mark.parametrize(
    "content, message",
    [
        ("{", r"p\.json: the profile is no JSON"),
        ("[1]", "is JSON, but no error profile"),
        ("{}", "is JSON, but no error profile .it has no version"),
        ('{"version": "\\ud800"}', "holds half of a surrogate pair"),
        ('{"version": 1}', "holds what an error profile may not: alphabet: field required"),
        ("[" * 100_000, "the profile is nested deeper than 64"),
    ],
)
def test_what_is_no_profile_is_told(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "p.json"
    path.write_text(content)
    with pytest.raises(InputError, match=message):
        load_profile(path)


def test_a_profile_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="the profile is not there"):
        load_profile(tmp_path / "none.json")
