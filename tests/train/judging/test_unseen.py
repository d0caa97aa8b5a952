from pathlib import Path

from textlines.formats.history import History, Step
from textlines.formats.judged_set import JudgedSet
from textlines.formats.seen_images import SeenImages, as_digests, digest
from train.judging.judged_sets import ListedSet
from train.judging.unseen import seen_rows, unseen_criterion


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
