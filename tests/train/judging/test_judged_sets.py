"""The judged sets as files, and what earlier steps saw of them."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from textlines.errors import InputError, UsageError
from textlines.formats.history import History, Step
from textlines.formats.judged_set import JudgedSet
from textlines.formats.seen_images import SeenImages, as_digests, digest
from train.judging.judged_sets import ListedSet, list_sets, seen_rows, unseen_criterion


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


def listed(name: str, sha: str, *images: str) -> ListedSet:
    digests = {image: digest(image.encode()) for image in images}
    return ListedSet(
        JudgedSet(Path(name)), True, name, sha * 64, len(images), digests, frozenset(), False
    )


def history(sha: str, *images: str) -> History:
    step = Step(step="train on", file="mixed.txt", sha256=sha * 64, lines=1)
    return History((step,), SeenImages.of(as_digests(digest(i.encode()) for i in images)))


SETS = [listed("t.txt", "1", "a", "b"), listed("g.txt", "2", "c")]


def test_images_are_found_whatever_file_named_them() -> None:
    rows = seen_rows(SETS, history("9", "b", "z"))
    assert [(row.set, row.images, row.of, row.steps) for row in rows] == [("t.txt", 1, 2, ())]
    criterion = unseen_criterion(rows, history("9", "b"), is_allowed=False)
    assert criterion.status == "cannot_tell"
    told = "t.txt: 1 of 2 images were seen, by steps that an older program did not tell apart (1)"
    assert criterion.told == told


def test_a_label_file_is_found_though_its_images_changed() -> None:
    rows = seen_rows(SETS, history("2"))
    assert [(row.set, row.images, row.steps) for row in rows] == [
        ("g.txt", 0, ("train on mixed.txt",))
    ]


def test_allowed_is_told_and_does_not_stop() -> None:
    known = history("1", "a")
    criterion = unseen_criterion(seen_rows(SETS, known), known, is_allowed=True)
    assert criterion.status == "not_judged"
    assert criterion.told.startswith("--allow-seen: t.txt: 1 of 2 images were seen, by ")
    assert criterion.told.endswith("; this very file by: train on mixed.txt")


def test_lines_that_nobody_saw_pass_and_no_history_tells_nothing() -> None:
    known = history("9", "z")
    assert seen_rows(SETS, known) == ()
    assert unseen_criterion((), known, is_allowed=False).status == "passed"
    assert seen_rows(SETS, None) == ()
    unknown = unseen_criterion((), None, is_allowed=False)
    assert unknown.status == "not_judged"
    assert unknown.told.startswith("no history: what was seen is not known")


def test_the_step_and_its_round_are_named_for_images_under_another_name() -> None:
    known = History()
    for number, (name, image) in enumerate((("mine from", "a"), ("train on (new)", "b")), 1):
        step = Step(step=name, file=f"{number}.txt", sha256="9" * 64, lines=1, round=number)
        known = known.with_step(step, SeenImages.of(as_digests([digest(image.encode())])))
    (row,) = seen_rows(SETS, known)
    assert row.by == ("round 1: mine from 1.txt (1)", "round 2: train on (new) 2.txt (1)")
    assert row.steps == ()
    criterion = unseen_criterion([row], known, is_allowed=False)
    assert criterion.told == (
        "t.txt: 2 of 2 images were seen, by round 1: mine from 1.txt (1), round 2: train on (new) "
        "2.txt (1)"
    )


def test_what_is_not_known_is_not_passed() -> None:
    known = history("9", "z").with_gap("base/ has no history.json")
    criterion = unseen_criterion(seen_rows(SETS, known), known, is_allowed=False)
    assert criterion.status == "not_judged"
    assert criterion.told.endswith("none of these; but not all is known: base/ has no history.json")
    # What is known counts all the same.
    seen = history("9", "a").with_gap("base/ has no history.json")
    assert unseen_criterion(seen_rows(SETS, seen), seen, is_allowed=False).status == "cannot_tell"


def test_a_look_is_not_seen() -> None:
    look = Step(step="compare on", file="t.txt", sha256="1" * 64, lines=2, is_look=True)
    known = History().with_step(look, SeenImages.of(as_digests([digest(b"a")])))
    assert seen_rows(SETS, known) == ()
    assert unseen_criterion((), known, is_allowed=False).status == "passed"
