from train.seen.history import History, Step, merged
from train.seen.images import SeenImages, as_digests, digest


def step(name: str, sha: str = "0", *, synthetic: bool = False) -> Step:
    return Step(step=name, file="a.txt", sha256=sha * 64, lines=1, synthetic=synthetic)


def images(*names: str) -> SeenImages:
    return SeenImages.of(as_digests(digest(name.encode()) for name in names))


def test_a_step_twice_stands_once() -> None:
    history = History().with_step(step("train on"), images("a", "b"))
    again = history.with_step(step("train on"), images("b", "c"))
    assert again.steps == history.steps
    assert again.images == images("a", "b", "c")
    assert len(history.images) == 2


def test_histories_merge_in_order() -> None:
    one = History((step("mine from"), step("train on", "1")), images("a"))
    other = History((step("train on", "1"), step("stop on", "2")), images("b"))
    both = merged([one, other])
    assert [s.step for s in both.steps] == ["mine from", "train on", "stop on"]
    assert both.images == images("a", "b")


def test_a_label_file_is_found_by_its_hash() -> None:
    history = History((step("mine from", "1"), step("stop on", "1"), step("train on", "2")))
    assert [s.step for s in history.saw_file("1" * 64)] == ["mine from", "stop on"]
    assert history.saw_file("3" * 64) == ()


def test_training_on_rendered_lines_is_no_synthetic_choice() -> None:
    trained = step("train on: new lines", synthetic=True)
    stopped = step("stop on", synthetic=True)
    assert History((trained, step("mine from"))).synthetic_choices() == ()
    assert History((trained, stopped)).synthetic_choices() == (stopped,)
