"""Sharing lines out by hash: stable, and no document and no image in two roles."""

from hypothesis import given
from hypothesis import strategies as st

from textlines.formats.line_roles import LINE_ROLES, LineRole
from train.judging.significance import LEAST_JUDGED
from train.own.sharing import LEAST_STOPPED, role_of, shared_out, with_floors

SHARES = {"mine": 50, "stop": 20, "judge": 30}
OWN: dict[LineRole, int] = {"train": 65, "stop": 15, "judge": 20}
NAMES = st.text("abcdef/_.", min_size=1, max_size=6)
LINES = st.lists(st.tuples(NAMES, st.text("0123", max_size=2)), max_size=40)
DRAWN = st.lists(st.sampled_from(LINE_ROLES), max_size=400)


@given(LINES, st.integers(0, 9))
def test_no_image_is_in_two_roles(lines: list[tuple[str, str]], seed: int) -> None:
    roles, copies = shared_out([d for d, _ in lines], [i for _, i in lines], SHARES, seed)
    of_image: dict[str, set[str]] = {}
    for (_, image), role in zip(lines, roles, strict=True):
        of_image.setdefault(image, set()).add(role)
    assert all(len(found) == 1 for found in of_image.values())
    assert copies == len(lines) - len(of_image)


@given(st.lists(NAMES, max_size=40), st.integers(0, 9))
def test_without_copies_a_document_has_one_role_whatever_else_is_there(
    documents: list[str], seed: int
) -> None:
    images = [str(number) for number in range(len(documents))]
    roles, _ = shared_out(documents, images, SHARES, seed)
    assert list(roles) == [role_of(document, SHARES, seed) for document in documents]


@given(LINES, LINES, st.integers(0, 9))
def test_a_role_that_is_known_stays_when_lines_are_added(
    first: list[tuple[str, str]], later: list[tuple[str, str]], seed: int
) -> None:
    before, _ = shared_out([d for d, _ in first], [i for _, i in first], OWN, seed)
    kept = {image: role for (_, image), role in zip(first, before, strict=True)}
    lines = [*later, *first]
    # Another seed, and other shares: nothing known is drawn anew.
    other: dict[LineRole, int] = {"train": 1, "stop": 1, "judge": 98}
    after, _ = shared_out([d for d, _ in lines], [i for _, i in lines], other, seed + 1, kept)
    assert all(kept.get(image, role) == role for (_, image), role in zip(lines, after, strict=True))


def test_new_lines_of_a_known_document_follow_the_role_that_binds_most() -> None:
    kept: dict[str, LineRole] = {"1": "judge", "2": "train"}
    roles, _ = shared_out(["a", "a", "a"], ["1", "2", "3"], OWN, 1, kept)
    assert roles == ("judge", "train", "train")


def test_roles_come_as_often_as_asked() -> None:
    found = [role_of(f"{number}.jpg", SHARES, 1) for number in range(3000)]
    for role, share in SHARES.items():
        # Three standard errors of a share of 3,000.
        assert abs(found.count(role) / 30 - share) < 3
    other = [role_of(f"{number}.jpg", SHARES, 2) for number in range(3000)]
    assert found != other


@given(DRAWN)
def test_too_small_a_judge_or_stopping_set_trains(drawn: list[LineRole]) -> None:
    found = with_floors(drawn, OWN, set())
    judged, stopped = found.count("judge"), found.count("stop")
    assert judged == 0 or judged >= LEAST_JUDGED
    assert stopped == 0 or len(found) - judged >= LEAST_STOPPED
    # Nothing moves but into training.
    assert all(now in (before, "train") for before, now in zip(drawn, found, strict=True))


@given(DRAWN)
def test_a_role_that_lines_brought_goes_on_growing(drawn: list[LineRole]) -> None:
    assert with_floors(drawn, OWN, {"judge", "stop"}) == tuple(drawn)
