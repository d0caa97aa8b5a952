import hashlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from train.seen.images import SeenImages, as_digests, digest, digests_of

# Of two bytes, so that values repeat and often differ in one byte alone, the last one too.
digests = st.lists(st.tuples(*[st.sampled_from([0, 255])] * 16).map(bytes), max_size=40)


@given(digests, digests)
def test_a_set_holds_what_went_into_it(inside: list[bytes], asked: list[bytes]) -> None:
    seen = SeenImages.of(as_digests(inside))
    assert seen.holds(as_digests(asked)).tolist() == [one in set(inside) for one in asked]
    assert [row.tobytes() for row in seen.digests] == sorted(set(inside))


@given(digests, digests)
def test_sets_unite(one: list[bytes], other: list[bytes]) -> None:
    both = SeenImages.of(as_digests(one)) | SeenImages.of(as_digests(other))
    assert both == SeenImages.of(as_digests([*other, *one, *other]))
    assert len(both) == len({*one, *other})


def test_files_are_hashed_and_those_that_cannot_be_are_told(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"1")
    found, were_read = digests_of([tmp_path / "a", tmp_path / "none", tmp_path, tmp_path / "a"])
    assert were_read == (True, False, False, True)
    assert found.tolist() == [list(digest(b"1"))] * 2
    assert bytes(found[0].tolist()) == hashlib.sha256(b"1").digest()[:16]


def test_another_shape_is_refused() -> None:
    with pytest.raises(ValueError, match=r"need N x 16 uint8, got \(2, 8\) uint8"):
        SeenImages.of(np.zeros((2, 8), np.uint8))
    with pytest.raises(ValueError, match="float64"):
        SeenImages().holds(np.zeros((2, 16)))
