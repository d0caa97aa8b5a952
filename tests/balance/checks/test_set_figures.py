from typing import Any

import pytest

from textlines.formats.profile import save_profile
from textlines.labels.alphabet import Alphabet
from textlines.profile.measure import measure
from textlines.profile.reading import Reading


def many(kit: Any, name: str, *counts: tuple[str, int]) -> Any:
    rows = [f"{name}-{text}-{n}.jpg\t{text}\n" for text, count in counts for n in range(count)]
    return kit.text(name, "".join(rows))


def test_less_than_5000_lines_is_a_warning(kit: Any) -> None:
    small, enough = many(kit, "a.txt", ("x", 4999)), many(kit, "b.txt", ("x", 5000))
    assert kit.only(kit.check(small, look=False), "few_lines").detail == "4,999 lines"
    assert "few_lines" not in kit.check(enough, look=False).findings.counts()


def test_characters_have_a_floor_of_200(kit: Any) -> None:
    file = many(kit, "train.txt", ("a", 200), ("b", 199), ("c d", 200))
    found = kit.only(kit.check(file, look=False), "char_few")
    assert found.detail == "'b' (U+0062 LATIN SMALL LETTER B): 199 in training"


@pytest.mark.parametrize(
    ("train", "val", "code"),
    [(29, 30, "char_scarce"), (30, 30, "char_few"), (29, 29, "char_few"), (0, 30, "char_scarce")],
)
def test_a_judged_character_needs_30(kit: Any, train: int, val: int, code: str) -> None:
    files = many(kit, "train.txt", ("a", 300), ("b", train)), many(kit, "val.txt", ("b", val))
    checked = kit.check(files[0], val=[files[1]], look=False)
    assert kit.only(checked, code).detail.startswith("'b'")


def test_a_character_that_the_model_misreads_is_judged(kit: Any) -> None:
    readings = [Reading(f"{n}.jpg", "1", "I") for n in range(50)]
    profile = measure(readings, Alphabet(("1", "I"))).profile
    save_profile(profile, kit.folder / "profile.json")
    file = many(kit, "train.txt", ("a", 300))
    checked = kit.check(file, look=False, profile=kit.folder / "profile.json")
    assert "0 in training, misread by the model" in kit.only(checked, "char_scarce").detail


@pytest.mark.parametrize(
    ("old", "new", "is_bad"), [(49, 10, True), (50, 10, False), (100, 10, False), (101, 10, True)]
)
def test_the_ratio_holds_its_bounds(kit: Any, old: int, new: int, is_bad: bool) -> None:
    original, fresh = many(kit, "old.txt", ("a", old)), many(kit, "new.txt", ("a", new))
    checked = kit.check(original=[original], new=[fresh], look=False)
    assert ("ratio" in checked.findings.counts()) == is_bad
    if is_bad:
        assert f"{old} originals to {new} new lines" in kit.only(checked, "ratio").detail
