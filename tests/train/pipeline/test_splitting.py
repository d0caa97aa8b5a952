"""Sharing lines out by hash: stable, and no document and no image in two roles."""

from hypothesis import given
from hypothesis import strategies as st

from train.pipeline.splitting import families_by_role, role_of, shared_out

SHARES = {"mine": 50, "stop": 20, "judge": 30}
NAMES = st.text("abcdef/_.", min_size=1, max_size=6)


@given(st.lists(st.tuples(NAMES, st.binary(max_size=2)), max_size=40), st.integers(0, 9))
def test_no_image_is_in_two_roles(lines: list[tuple[str, bytes]], seed: int) -> None:
    roles, copies = shared_out([d for d, _ in lines], [i for _, i in lines], SHARES, seed)
    of_image: dict[bytes, set[str]] = {}
    for (_, image), role in zip(lines, roles, strict=True):
        of_image.setdefault(image, set()).add(role)
    assert all(len(found) == 1 for found in of_image.values())
    assert copies == len(lines) - len(of_image)


@given(st.lists(NAMES, max_size=40), st.integers(0, 9))
def test_without_copies_a_document_has_one_role_whatever_else_is_there(
    documents: list[str], seed: int
) -> None:
    images = [str(number).encode() for number in range(len(documents))]
    roles, _ = shared_out(documents, images, SHARES, seed)
    assert list(roles) == [role_of(document, SHARES, seed) for document in documents]


def test_roles_come_as_often_as_asked() -> None:
    found = [role_of(f"{number}.jpg", SHARES, 1) for number in range(3000)]
    for role, share in SHARES.items():
        # Three standard errors of a share of 3,000.
        assert abs(found.count(role) / 30 - share) < 3
    other = [role_of(f"{number}.jpg", SHARES, 2) for number in range(3000)]
    assert found != other


@given(st.lists(NAMES, max_size=30), st.integers(1, 5))
def test_no_family_is_in_two_roles(families: list[str], roles: int) -> None:
    names = [str(number) for number in range(roles)]
    shared = families_by_role(families, names)
    assert list(shared) == names
    assert sorted(name for own in shared.values() for name in own) == sorted(set(families))
    assert max(map(len, shared.values())) - min(map(len, shared.values())) <= 1
