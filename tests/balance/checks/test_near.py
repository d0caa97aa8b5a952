from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from balance.checks.image_facts import COUNTS, look, window_counts, window_hashes
from balance.checks.near import candidates, difference, find_near


def near(kit: Any, *names: str) -> set[tuple[str, str]]:
    facts = {f"{kit.folder}/{name}": look(kit.folder / name) for name in names}
    found = find_near(facts).pairs
    return {(p.first.rpartition("/")[2], p.second.rpartition("/")[2]) for p in found}


LINE = "TOTAL 128.50 RM"


def test_copies_in_another_quality_size_and_light_are_found(kit: Any) -> None:
    line = kit.drawn(LINE)
    kit.save("a.png", line)
    kit.save("jpeg.jpg", line, quality=35)
    kit.save("light.png", np.clip(line * 0.8 + 25, 0, 255).astype(np.uint8))
    kit.save("small.png", kit.drawn(LINE, scale=0.7))
    kit.save("large.png", kit.drawn(LINE, scale=1.6))
    copies = ("jpeg.jpg", "light.png", "small.png", "large.png")
    found = near(kit, "a.png", *copies)
    assert {("a.png", name) for name in copies} <= found


@pytest.mark.parametrize(
    "other", ["TOTAL 128.60 RM", "TOTAL 188.50 RM", "TOTAL 128.5O RM", "SUBTL 128.50 RM"]
)
def test_a_line_that_differs_by_a_character_is_another_line(kit: Any, other: str) -> None:
    kit.save("a.png", kit.drawn(LINE))
    kit.save("b.png", kit.drawn(other))
    facts = {name: look(kit.folder / name) for name in ("a.png", "b.png")}
    apart = difference(*(np.asarray(_grey(kit, name)) for name in facts))
    assert apart > 0.33
    assert near(kit, "a.png", "b.png") == set()


def _grey(kit: Any, name: str) -> np.ndarray:
    from balance.checks.image_facts import line_grey
    from textlines.pixels.decode import read_image

    return line_grey(read_image(kit.folder / name))


def test_what_one_hash_of_the_whole_line_takes_for_equal_is_told_apart(kit: Any) -> None:
    # 8 x 8 cells over a line of 20 heights: one cell for two characters.
    one, other = "0123456789" * 3, "0123456789" * 2 + "0123466789"
    kit.save("a.png", kit.drawn(one))
    kit.save("b.png", kit.drawn(other))
    assert near(kit, "a.png", "b.png") == set()


def test_files_of_equal_bytes_and_blank_images_are_left_to_others(kit: Any) -> None:
    line = kit.drawn(LINE)
    for name in ("a.png", "b.png"):
        kit.save(name, line)
    for name, grey in (("c.png", 200), ("d.png", 201)):
        kit.save(name, np.full((40, 300, 3), grey, np.uint8))
    assert near(kit, "a.png", "b.png", "c.png", "d.png") == set()


def test_the_order_of_the_files_does_not_matter(kit: Any) -> None:
    names = []
    for number in range(6):
        kit.save(f"{number}.png", kit.drawn(LINE, seed=number))
        names.append(f"{number}.png")
    assert near(kit, *names) == near(kit, *reversed(names)) != set()


@given(width=st.integers(1, 20_000), height=st.integers(1, 2000))
def test_every_shape_has_one_or_two_counts_of_windows(width: int, height: int) -> None:
    counts = window_counts(width, height)
    assert 1 <= len(counts) <= 2 and set(counts) <= set(COUNTS) and list(counts) == sorted(counts)


@given(st.integers(40, 3000))
def test_two_crops_of_nearly_one_shape_share_a_count(width: int) -> None:
    assert set(window_counts(width, 40)) & set(window_counts(round(width * 1.04), 40))


@pytest.mark.parametrize("count", COUNTS)
def test_flat_paper_has_no_bits(count: int) -> None:
    grain = np.random.default_rng(0).integers(240, 243, (32, 64 * count)).astype(np.uint8)
    assert window_hashes(grain, count) == bytes(8 * count)


@given(st.integers(0, 2**32), st.integers(1, 6))
def test_rows_a_few_bits_apart_are_candidates(seed: int, windows: int) -> None:
    draw = np.random.default_rng(seed)
    table = draw.integers(0, 256, (12, 8 * windows)).astype(np.uint8)
    table[7] = table[2]
    table[7, -1] ^= 0b101
    assert (2, 7) in candidates(table)
    for first, second in candidates(table):
        assert first < second


def test_a_copy_in_one_set_is_a_warning_at_the_later_line(kit: Any) -> None:
    kit.save("a.png", kit.drawn(LINE))
    kit.save("b.jpg", kit.drawn(LINE), quality=35)
    checked = kit.check(kit.text("labels.txt", f"a.png\t{LINE}\nb.jpg\t{LINE}\n"))
    assert kit.places(checked, "near_duplicate") == [2]
    assert kit.only(checked, "near_duplicate").other.endswith("a.png")
    assert "near_conflict" not in checked.findings.counts()
