from collections.abc import Sequence
from pathlib import Path

import pytest

from textlines.errors import InputError, UsageError
from textlines.formats.judged_set import JudgedSet
from train.judging.judged_sets import ListedSet, list_sets


def write(folder: Path, name: str, images: Sequence[str]) -> JudgedSet:
    """Write a set: images named by their content, so that `a` is one image in all sets."""
    folder.mkdir(exist_ok=True)
    for number, content in enumerate(images):
        (folder / f"{name}-{number}.png").write_bytes(content.encode())
    rows = [f"{name}-{number}.png\t1\n" for number in range(len(images))]
    file = folder / f"{name}.txt"
    file.write_text("".join(rows), encoding="utf-8")
    return JudgedSet(file)


def by_name(sets: Sequence[ListedSet]) -> dict[str, ListedSet]:
    return {one.name: one for one in sets}


def test_sets_are_listed_with_the_hashes_of_their_images(tmp_path: Path) -> None:
    target, general = write(tmp_path / "a", "t", "xy"), write(tmp_path / "b", "g", "zuz")
    sets = by_name(list_sets([target], [general]))
    assert list(sets) == ["a/t.txt", "b/g.txt"]
    assert sets["a/t.txt"].is_target and not sets["b/g.txt"].is_target
    assert sets["b/g.txt"].repeated == {"g-2.png"}
    assert sets["b/g.txt"].lines == 3
    assert len(sets["a/t.txt"].digests) == 2


def test_what_an_earlier_general_set_has_is_counted_once(tmp_path: Path) -> None:
    sets = by_name(
        list_sets(
            [write(tmp_path, "t", "x")],
            [write(tmp_path, "g1", "ab"), write(tmp_path, "g2", "bcd")],
        )
    )
    assert sets["g2.txt"].repeated == {"g2-0.png"}
    assert not sets["g1.txt"].repeated


def test_a_target_that_shares_images_with_a_general_set_is_refused(tmp_path: Path) -> None:
    with pytest.raises(
        UsageError, match=r"shares 1 of its 2 images with the target t\.txt \(first: g-0\.png\)"
    ):
        list_sets([write(tmp_path, "t", "xy")], [write(tmp_path, "g", "yz")])


def test_one_file_twice_is_refused(tmp_path: Path) -> None:
    target, general = write(tmp_path, "t", "x"), write(tmp_path, "g", "y")
    again = JudgedSet(tmp_path / "." / "t.txt", "alnum")
    with pytest.raises(UsageError, match="are the same file"):
        list_sets([target], [general, again])
    (tmp_path / "link.txt").symlink_to(general.path)
    with pytest.raises(UsageError, match="are the same file"):
        list_sets([target], [general, JudgedSet(tmp_path / "link.txt")])


def test_a_set_without_an_image_of_its_own_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds no image that an earlier set does not have"):
        list_sets(
            [write(tmp_path, "t", "x")], [write(tmp_path, "g", "ab"), write(tmp_path, "h", "ba")]
        )


def test_images_that_are_not_there_are_left_to_the_reading(tmp_path: Path) -> None:
    general = write(tmp_path, "g", "ab")
    (tmp_path / "g-1.png").unlink()
    sets = by_name(list_sets([write(tmp_path, "t", "x")], [general]))
    assert list(sets["g.txt"].digests) == ["g-0.png"]
    assert sets["g.txt"].lines == 2
