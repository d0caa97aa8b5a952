from pathlib import Path

from textlines.formats.judged_set import JudgedSet
from train.gate.listing import ListedSet
from train.gate.unseen import seen_rows, unseen_criterion
from train.seen.history import History, Step
from train.seen.images import SeenImages, as_digests, digest


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
    assert criterion.told == "t.txt: 1 of 2 images were seen"


def test_a_label_file_is_found_though_its_images_changed() -> None:
    rows = seen_rows(SETS, history("2"))
    assert [(row.set, row.images, row.steps) for row in rows] == [
        ("g.txt", 0, ("train on mixed.txt",))
    ]


def test_allowed_is_told_and_does_not_stop() -> None:
    known = history("1", "a")
    criterion = unseen_criterion(seen_rows(SETS, known), known, is_allowed=True)
    assert criterion.status == "not_judged"
    assert criterion.told.startswith("--allow-seen: t.txt: 1 of 2 images were seen; this very file")


def test_lines_that_nobody_saw_pass_and_no_history_tells_nothing() -> None:
    known = history("9", "z")
    assert seen_rows(SETS, known) == ()
    assert unseen_criterion((), known, is_allowed=False).status == "passed"
    assert seen_rows(SETS, None) == ()
    unknown = unseen_criterion((), None, is_allowed=False)
    assert unknown.status == "not_judged"
    assert unknown.told.startswith("no history: what was seen is not known")
