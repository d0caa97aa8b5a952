from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synth.run import folder
from synth.run.folder import (
    Extent,
    Share,
    blocks_of,
    finish,
    finished,
    marker,
    missing,
    require_all,
)
from textlines.errors import InputError, UsageError


@given(parts=st.integers(1, 50), shards=st.integers(0, 500), in_blocks=st.booleans())
def test_every_shard_is_one_machines(parts: int, shards: int, in_blocks: bool) -> None:
    shares = [Share.parse(f"{part}/{parts}") for part in range(parts)]
    taken = [list(share.of(shards, in_blocks=in_blocks)) for share in shares]
    assert sorted(shard for share in taken for shard in share) == list(range(shards))
    assert max(map(len, taken)) - min(map(len, taken)) <= 1
    for part, share in enumerate(taken):
        step = 1 if in_blocks else parts
        assert share == list(range(share[0], share[-1] + 1, step)) if share else True
        assert in_blocks or all(shard % parts == part for shard in share)


@given(blocks=st.lists(st.integers(0, 3000), min_size=1, max_size=5))
def test_a_short_block_leaves_the_numbers_of_the_others(blocks: list[int]) -> None:
    extent = Extent(3000, tuple(blocks))
    shards = list(extent)
    assert extent.shards == len(shards) == len(set(shards))
    for block, samples in enumerate(blocks):
        assert [shard // 3 for shard in extent.shards_of(block)] == [block] * -(-samples // 1000)


@pytest.mark.parametrize("text", ["", "1", "3/3", "4/3", "0/0", "-1/3", "1/3/4", "a/b", "1.0/2"])
def test_a_share_of_another_form_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="is not i/n with 0 <= i < n"):
        Share.parse(text)


@given(samples=st.integers(0, 100_000))
def test_shards_hold_all_samples_and_none_is_empty(samples: int) -> None:
    count = folder.shard_count(samples)
    assert count * folder.SHARD >= samples > (count - 1) * folder.SHARD or samples == count == 0


@given(lines=st.lists(st.text(max_size=3), max_size=30), size=st.integers(1, 9))
def test_blocks_keep_all_lines_in_order(lines: list[str], size: int) -> None:
    blocks = list(blocks_of(iter(lines), size))
    assert [line for block in blocks for line in block] == lines
    assert all(len(block) == size for block in blocks[:-1])
    assert all(blocks)


def test_a_shard_is_marked_whole_or_not_at_all(tmp_path: Path) -> None:
    def broken() -> object:
        yield "{}"
        raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError):
        finish(tmp_path, 3, broken())  # type: ignore[arg-type]
    assert not finished(tmp_path, 3)
    assert list((tmp_path / folder.FOLDER).iterdir()) == []
    finish(tmp_path, 3, ["{}", "{}"])
    assert finished(tmp_path, 3)
    assert marker(tmp_path, 3).read_bytes() == b"{}\n{}\n"


def test_missing_shards_are_named(tmp_path: Path) -> None:
    for shard in (0, 2):
        finish(tmp_path, shard, [])
    assert list(missing(tmp_path, Extent.of(4 * folder.SHARD))) == [1, 3]
    with pytest.raises(InputError, match=r"2 of 4 shards are missing: 1, 3\."):
        require_all(tmp_path, Extent.of(4 * folder.SHARD))
    with pytest.raises(InputError, match=r"98 of 100 shards are missing: 1, 3, .*, 21, …\."):
        require_all(tmp_path, Extent.of(100 * folder.SHARD))
    require_all(tmp_path, Extent.of(folder.SHARD))
