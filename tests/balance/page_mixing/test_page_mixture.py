"""Which pages an epoch holds: laws of drawing, and the ratio by pages."""

from collections import Counter
from fractions import Fraction
from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from balance.mixing.mix_request import MixOptions
from balance.mixing.option_values import Ratio
from balance.page_mixing.page_material import Page, PageMaterial, PageSource
from balance.page_mixing.page_mixture import PagePool, make_page_mix
from textlines.errors import MendError
from textlines.formats.roles import Role
from textlines.labels.tally import Tally
from textlines.regions.page_file import LabelledRegion

LINE = LabelledRegion(np.array([[0, 0], [9, 0], [9, 5], [0, 5]], np.float64), "1", "")


def page(number: int, lines: int, source: int = 0) -> Page:
    """A page with so many text lines; a number is an image."""
    name = f"{number}.png"
    return Page(name, Path(), name, (LINE,) * lines, source, False, f"{number:064x}")


def source(number: int, role: Role, count: int, negatives: int = 0) -> PageSource:
    """A label file of pages that no other source has."""
    pages = [page(1000 * number + k, 0 if k < negatives else 2, number) for k in range(count)]
    return PageSource(role, role, Path(f"{role}.txt"), "", count, tuple(pages), Tally())


@given(
    texts=st.integers(0, 40),
    negatives=st.integers(0, 40),
    amount=st.integers(0, 100),
    epochs=st.integers(1, 12),
)
def test_a_page_comes_again_only_when_all_came_and_negatives_keep_their_share(
    texts: int, negatives: int, amount: int, epochs: int
) -> None:
    everything = texts + negatives
    pool = PagePool.of([page(k, int(k < texts)) for k in range(everything)], 3, "new")
    used = Counter[str]()
    for number in range(epochs):
        drawn = pool.drawn(number, amount)
        assert len(drawn) == (amount if everything else 0)
        share = sum(one.is_negative for one in drawn)
        assert abs(share - amount * negatives / max(everything, 1)) < 1
        used.update(one.path for one in drawn)
        # Each stands as often as the others of its kind, or once more.
        for is_negative in (True, False):
            names = [f"{k}.png" for k in range(everything) if (k >= texts) == is_negative]
            times = [used[name] for name in names]
            assert max(times, default=0) - min(times, default=0) <= 1
        if (number + 1) * amount <= everything:
            assert set(used.values()) <= {1}


@given(
    own=st.integers(1, 60),
    originals=st.integers(0, 90),
    new=st.integers(0, 60),
    tenths=st.integers(50, 100),
    epochs=st.integers(1, 6),
)
def test_every_epoch_holds_all_own_pages_and_the_ratio(
    own: int, originals: int, new: int, tenths: int, epochs: int
) -> None:
    kinds: list[tuple[Role, int]] = [("own", own), ("original", originals), ("new", new)]
    sources = [source(k, role, count, count // 3) for k, (role, count) in enumerate(kinds)]
    options = MixOptions(ratio=Ratio(Fraction(tenths, 10)), epochs=epochs)
    try:
        mix = make_page_mix(PageMaterial(tuple(sources)), options)
    except MendError as error:
        assert new and "--new: holds" in str(error) and "usable pages" in str(error)
        return
    for epoch in mix.epochs:
        assert set(Counter(one.path for one in epoch.by_name["own"]).values()) == {mix.own_times}
        kept = epoch.count("own", "original")
        assert 5 * epoch.count("new") <= kept
        assert not epoch.count("new") or kept <= 10 * epoch.count("new")
        assert len(set(epoch.by_name["original"])) == epoch.count("original")
        assert Counter(epoch.rows(1)) == Counter(p for some in epoch.by_name.values() for p in some)


def test_few_own_pages_beside_originals_need_no_new_one() -> None:
    material = PageMaterial((source(0, "own", 101), source(1, "original", 160)))
    mix = make_page_mix(material, MixOptions(epochs=2))
    assert [(e.count("own"), e.count("original"), e.count("new")) for e in mix.epochs] == [
        (101, 101, 0)
    ] * 2
    drawn = [epoch.by_name["original"] for epoch in mix.epochs]
    assert len({one.path for some in drawn for one in some}) == 160
    assert [str(note) for note in mix.amounts.notes] == [
        "101 own pages stand once in every epoch (120 / 101): 101 rows"
    ]


def test_where_originals_are_few_new_pages_shrink_and_say_so() -> None:
    material = PageMaterial(
        (source(0, "own", 20), source(1, "original", 30), source(2, "new", 500))
    )
    mix = make_page_mix(material, MixOptions(own_times=1))
    assert (mix.amounts.kept, mix.amounts.new) == (48, 6)
    told = " ".join(mix.amounts.notes)
    assert "6 new pages an epoch, not 500: all 50 originals let in no more at 8:1" in told


def test_full_new_pages_are_told_by_their_lines() -> None:
    full = [page(9000 + k, 40, 1) for k in range(8)]
    new = PageSource("new", "new", Path("new.txt"), "", 8, tuple(full), Tally())
    mix = make_page_mix(PageMaterial((source(0, "original", 40), new)), MixOptions(epochs=2))
    # 80 lines on 40 pages beside 200 on 5.
    assert mix.amounts.new == 5
    assert "original to new falls to 0.4:1, 2 of 2 lists are below 5:1" in " ".join(
        mix.amounts.notes
    )
