"""Commands as a user types them end as they are recorded: a net under whatever moves inside."""

import importlib.util
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import pytest

from tests.recorded.calling import differences, versions
from tests.recorded.scenes import SCENES, play

EXPECTED = Path(__file__).with_name("expected")


def expected(name: str) -> dict[str, Any]:
    """Read what is recorded of a scene."""
    content: dict[str, Any] = json.loads((EXPECTED / f"{name}.json").read_text(encoding="utf-8"))
    return content


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(autouse=True)
def fonts(korean_fonts: Path) -> None:
    """Skip where the faces are missing that all scenes are drawn in."""


@pytest.mark.parametrize("name", SCENES)
def test_calls_end_as_recorded(
    name: str, tmp_path: Path, cache: Path, skip_or_fail: Callable[[str], NoReturn]
) -> None:
    scene, kept = SCENES[name], expected(name)
    for module in scene.needs:
        if importlib.util.find_spec(module) is None:
            skip_or_fail(f"{module} is not installed")
    found = play(scene, tmp_path, cache)
    assert list(found) == list(kept["calls"]), (
        f"record again: python -m tests.recorded.record {name}"
    )
    same_pixels = kept["versions"] == versions()
    differ = list(differences(name, kept["calls"], found, same_pixels))
    assert not differ, "\n".join(
        [*differ, f"If this was meant: python -m tests.recorded.record {name}, and read the diff."]
    )


@pytest.mark.parametrize("name", SCENES)
def test_pixels_are_compared_by_the_recorded_versions(
    name: str, skip_or_fail: Callable[[str], NoReturn]
) -> None:
    kept, here = expected(name)["versions"], versions()
    other = {part: (kept[part], here[part]) for part in kept if kept[part] != here[part]}
    if other:
        skip_or_fail(f"images are recorded by other versions (kept, here): {other}")
    assert kept.keys() == here.keys()


def test_every_scene_is_recorded_and_every_record_has_its_scene() -> None:
    assert {path.stem for path in EXPECTED.glob("*.json")} == set(SCENES)
    assert sum(len(scene.calls) for scene in SCENES.values()) >= 30


def test_a_difference_is_told_with_its_place() -> None:
    was = {"1: a": {"code": 0, "out": ["x"], "pixels:f": "1", "json:g": {"lines": 3}}}
    grown = {"1: a": {"code": 0, "out": ["x"], "pixels:f": "1", "json:g": {"lines": 3, "new": 1}}}
    assert list(differences("s", was, grown, True)) == []
    other = {"1: a": {"code": 1, "out": ["y"], "pixels:f": "2"}}
    told = list(differences("s", was, other, True))
    assert [line.partition(":\n")[0] for line in told[:3]] == [
        "s / 1: a / code", "s / 1: a / out[0]", "s / 1: a / pixels:f",
    ]  # fmt: skip
    assert told[3] == 's / 1: a / json:g: is gone; was {"lines": 3}'
    assert len(list(differences("s", was, other, False))) == 3
