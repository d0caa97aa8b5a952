"""Lines are parted to the last one, and who needs fewer never gets more."""

from hypothesis import given, settings
from hypothesis import strategies as st

from synth.plan.targets import apportion

WEIGHTS = st.lists(
    st.one_of(st.just(0.0), st.sampled_from([0.25, 0.5, 1.0]), st.floats(1e-6, 10.0)),
    min_size=1,
    max_size=30,
)


@settings(max_examples=200)
@given(data=st.data(), total=st.integers(0, 3_000), weights=WEIGHTS)
def test_the_parts_are_the_whole_or_the_caps(
    data: st.DataObject, total: int, weights: list[float]
) -> None:
    most = data.draw(st.lists(st.integers(0, 400), min_size=len(weights), max_size=len(weights)))
    parts = apportion(total, weights, most)
    room = sum(cap for cap, weight in zip(most, weights, strict=True) if weight)
    assert sum(parts) == min(total, room)
    assert all(0 <= part <= cap for part, cap in zip(parts, most, strict=True))
    assert parts == apportion(total, weights, most)


@settings(max_examples=200)
@given(data=st.data(), total=st.integers(0, 3_000), weights=WEIGHTS, falls=st.floats(0, 1))
def test_one_that_needs_less_never_gets_more(
    data: st.DataObject, total: int, weights: list[float], falls: float
) -> None:
    most = data.draw(st.lists(st.integers(0, 400), min_size=len(weights), max_size=len(weights)))
    k = data.draw(st.integers(0, len(weights) - 1))
    less, lower = list(weights), list(most)
    less[k] *= falls
    lower[k] = int(most[k] * falls)
    before, after = apportion(total, weights, most), apportion(total, less, lower)
    assert after[k] <= before[k]
    others = [j for j in range(len(weights)) if j != k]
    assert all(after[j] >= before[j] for j in others)
