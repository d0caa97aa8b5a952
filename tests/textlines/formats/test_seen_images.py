import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textlines.formats.seen_images import SeenImages, as_digests

# Of two bytes, so that values repeat and often differ in one byte alone, the last one too.
digests = st.lists(st.tuples(*[st.sampled_from([0, 255])] * 16).map(bytes), max_size=40)


@given(digests, digests)
def test_a_set_holds_what_went_into_it(inside: list[bytes], asked: list[bytes]) -> None:
    seen = SeenImages.of(as_digests(inside))
    assert seen.holds(as_digests(asked)).tolist() == [one in set(inside) for one in asked]
    assert [row.tobytes() for row in seen.digests] == sorted(set(inside))


@given(digests, digests)
def test_sets_unite_and_are_taken_away(one: list[bytes], other: list[bytes]) -> None:
    first, second = SeenImages.of(as_digests(one)), SeenImages.of(as_digests(other))
    both = first | second
    assert both == SeenImages.of(as_digests([*other, *one, *other]))
    assert len(both) == len({*one, *other})
    assert (both - second) | second == both
    assert not (first - second).holds(as_digests(other)).any()


def test_another_shape_is_refused() -> None:
    with pytest.raises(ValueError, match=r"need N x 16 uint8, got \(2, 8\) uint8"):
        SeenImages.of(np.zeros((2, 8), np.uint8))
    with pytest.raises(ValueError, match="float64"):
        SeenImages().holds(np.zeros((2, 16)))
