"""Options of `balance check`, each held against a run without it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.running import run_here

Summary = Callable[..., dict[str, Any]]


@pytest.fixture
def summary(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Summary:
    """Return a function that checks files by the command and reads what it prints as JSON."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

    def check(*words: object) -> dict[str, Any]:
        printed: dict[str, Any] = json.loads(run_here("balance", "check", *words, "--json").stdout)
        return printed

    return check


def counts(printed: dict[str, Any]) -> dict[str, int]:
    """Return the count of each code."""
    return {code: of["count"] for code, of in printed["codes"].items()}


def test_a_character_below_the_floor_is_a_finding(kit: Any, summary: Summary) -> None:
    words = (kit.text("a.txt", "".join(f"{n}.png\t12\n" for n in range(5))), "--text-only")
    assert counts(summary(*words))["char_few"] == 2  # of 200
    assert counts(summary(*words, "--floor", 6))["char_few"] == 2
    assert "char_few" not in counts(summary(*words, "--floor", 5))


def test_a_changed_dictionary_is_a_finding_beside_that_of_the_base(
    kit: Any, summary: Summary
) -> None:
    file = kit.text("a.txt", "a.png\t12\n")
    base, ours = kit.text("base.txt", "1\n2\n3\n"), kit.text("ours.txt", "2\n1\n3\n")
    words = (file, "--text-only", "--dictionary", ours)
    moved = {"dictionary_changed", "dictionary_moved"}
    assert not moved & counts(summary(*words)).keys()
    assert moved <= counts(summary(*words, "--base-dictionary", base)).keys()
    assert not moved & counts(summary(*words, "--base-dictionary", ours)).keys()


def test_near_duplicates_are_not_searched_for_where_that_is_asked(
    kit: Any, summary: Summary
) -> None:
    line = kit.drawn("TOTAL 128.50")
    kit.save("a.jpg", line)
    kit.save("b.jpg", line, quality=35)
    file = kit.text("a.txt", "a.jpg\tTOTAL 128.50\nb.jpg\tTOTAL 128.50\n")
    searched = summary(file)
    assert searched["near"]["pairs"] == 1 and counts(searched)["near_duplicate"] == 1
    left = summary(file, "--no-near")
    assert left["near"] is None and "near_duplicate" not in counts(left)
