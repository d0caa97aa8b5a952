"""Draws from a store against draws from memory."""

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from balance.mixing.lines import Source, no_lines
from balance.mixing.pool import Drawer
from balance.mixing.store import opened_store
from balance.mixing.stored_lots import StoredLot
from textlines.labels.tally import Tally


def source(number: int) -> Source:
    none = np.zeros(0, np.int64)
    path = Path(f"{number}.txt")
    words = np.zeros(0, np.uint64)
    return Source("original", "original", path, path, no_lines(), "", 0, none, words, Tally())


@settings(max_examples=25)
@given(
    sizes=st.lists(st.integers(1, 9), min_size=1, max_size=12),
    shares=st.lists(st.floats(0, 3), min_size=1, max_size=5),
    high=st.booleans(),
)
def test_a_store_draws_what_memory_draws(
    skip_or_fail: Callable[[str], NoReturn], sizes: list[int], shares: list[float], high: bool
) -> None:
    if importlib.util.find_spec("duckdb") is None:
        skip_or_fail("DuckDB is not installed")
    # Keys that share their first bits, and keys that do not.
    keys = np.arange(len(sizes), dtype=np.uint64) << np.uint64(50 if high else 3)
    labels = [f"label {k}" for k in range(len(sizes))]
    shuffled = np.random.default_rng(len(sizes)).permutation(len(sizes))
    with opened_store(None, "100MB") as store:
        for number in (0, 1):
            rows = shuffled[shuffled % 2 == number]
            store.add(
                number,
                keys[rows],
                np.array(sizes, np.int64)[rows],
                [f"{k}.jpg\t{labels[k]}" for k in rows],
                np.zeros(len(rows), np.bool_),
            )
        store.seal()
        lot = StoredLot(store, {0: source(0), 1: source(1)})
        drawer, memory = lot.drawer(), Drawer(np.array(sizes, np.int64))
        for share in shares:
            amount = int(share * sum(sizes))
            wanted = memory.draw(amount)
            found = drawer.draw(amount)
            text = b"".join(b[:size].tobytes() for b, size in found.label_blocks())
            assert sorted(text.decode().splitlines()) == sorted(labels[k] for k in wanted)
            assert len(found) == len(wanted)
            assert found.amount == sum(sizes[k] for k in wanted)
