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
    path = write(tmp_path / "p.json", profile, version=2)
    with pytest.raises(InputError, match=r"version 2, this program reads version 1") as caught:
        load_profile(path)
    assert "train mine" in caught.value.mend


def test_unknown_keys_are_named(profile: ErrorProfile, tmp_path: Path) -> None:
    path = write(tmp_path / "p.json", profile, colour="red")
    with pytest.raises(InputError, match="colour: extra inputs are not permitted"):
        load_profile(path)


def test_a_wrong_value_is_named_by_its_place(profile: ErrorProfile, tmp_path: Path) -> None:
    row = profile.unproven[0].model_dump(mode="json") | {"support": "many"}
    path = write(tmp_path / "p.json", profile, unproven=[row])
    with pytest.raises(InputError, match=r"unproven\[0\]\.support: input should be a valid int"):
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
