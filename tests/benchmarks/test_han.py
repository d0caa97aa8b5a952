"""The benchmark of plans for Han: its readers, and that groups gain where errors live in them."""

import numpy as np
import pytest

from benchmarks import han

pytestmark = pytest.mark.skipif(
    han.faces() is None, reason="no sans and serif face of one family with Han is installed"
)


def test_a_reader_of_groups_misreads_whole_groups_within_themselves() -> None:
    reader = han.make_reader("groups", np.random.default_rng(3))
    assert len(reader.chars) == len(reader.use) == len(reader.rate) == 6763 + 35
    assert reader.use.sum() == pytest.approx(1)
    faces = han.faces()
    assert faces
    home = {c: group for group in faces[0].groups(han.common_han(), ()) for c in group}
    rates = dict(zip(reader.chars, reader.rate, strict=True))
    weak = [(c, r) for c, r in zip(reader.chars, reader.read, strict=True) if rates[c]]
    assert len(weak) > 300
    for char, read in weak:
        assert read != char and read in home[char]
        assert len({rates[member] for member in home[char]}) == 1


def test_a_reader_of_characters_misreads_as_many_none_like_another() -> None:
    one, other = (han.make_reader(world, np.random.default_rng(5)) for world in han.WORLDS)
    assert len(one.weak) == pytest.approx(len(other.weak), rel=0.1)
    faces = han.faces()
    assert faces
    for group in faces[0].groups(han.common_han(), ()):
        assert len(other.weak.intersection(group)) <= 1


def test_groups_gain_lines_in_the_one_world_and_lose_none_in_the_other() -> None:
    before, without, pooled, _ = np.array(han.run("groups", 5_000, 2)).sum(axis=0)
    assert pooled > 1.1 * without and pooled > 1.3 * before
    before, without, pooled, unseen = np.array(han.run("characters", 2_000, 2)).sum(axis=0)
    assert pooled >= without and pooled > before
    # What the profile never saw gets as many lines as its rarest misreadings promise, and no more.
    assert unseen < 0.1 * pooled


def test_the_table_says_where_a_demand_is_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(han, "run", lambda world, lines, seeds: [(100, 120, 140, 3)] * seeds)
    told, met = han.table(2, (1_000,))
    assert not met and told[1].endswith("MISSED") and not told[2].endswith("MISSED")
    assert "1.40 (1.40 to 1.40)" in told[1]
