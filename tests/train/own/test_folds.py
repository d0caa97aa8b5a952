"""Folds: what belongs together stays together, none is empty, all are about as large."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textlines.errors import InputError
from train.own.folds import bundles_of, folds_of

ROWS = st.lists(
    st.tuples(st.text("abcdefgh", max_size=1), st.text("0123456789", max_size=2)), max_size=40
)


@given(ROWS, st.integers(2, 5), st.integers(0, 9))
def test_no_document_and_no_image_is_in_two_folds(
    rows: list[tuple[str, str]], count: int, seed: int
) -> None:
    documents, images = [d for d, _ in rows], [i for _, i in rows]
    bundles = bundles_of(documents, images)
    names = [str(at) for at in range(len(rows))]
    try:
        folds = folds_of(bundles, names, count, seed)
    except InputError:
        assert len(set(bundles)) < count
        return
    assert set(folds) == set(range(count))
    for kind in (documents, images):
        of: dict[str, set[int]] = {}
        for name, fold in zip(kind, folds, strict=True):
            of.setdefault(name, set()).add(fold)
        assert all(len(found) == 1 for found in of.values())


@given(st.integers(5, 200), st.integers(2, 5), st.integers(0, 9))
def test_lines_of_their_own_make_folds_of_equal_size(lines: int, count: int, seed: int) -> None:
    names = [f"{at}.png" for at in range(lines)]
    folds = folds_of(range(lines), names, count, seed)
    sizes = [folds.count(fold) for fold in range(count)]
    assert max(sizes) - min(sizes) <= 1
    if lines > 40:
        assert folds != folds_of(range(lines), names, count, seed + 1)


def test_too_few_documents_are_told() -> None:
    with pytest.raises(InputError, match="are of 1 documents, fewer than 5 folds"):
        folds_of(bundles_of(["a"] * 9), [str(at) for at in range(9)], 5, 0)
