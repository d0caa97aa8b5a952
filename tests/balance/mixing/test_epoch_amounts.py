"""How much of each kind stands in an epoch."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from balance.mixing.epoch_amounts import EpochAmounts, There, find_amounts
from balance.mixing.mix_request import MixOptions, OnShortage
from balance.mixing.option_values import Ratio
from textlines.errors import InputError, UsageError
from textlines.rules.proportions import ABOUT

sizes = st.integers(0, 10**6)
ways: st.SearchStrategy[OnShortage] = st.sampled_from(["error", "repeat", "accept"])


def told(found: EpochAmounts) -> str:
    return " | ".join(found.notes)


@given(
    own=st.integers(1, 10**6),
    originals=sizes,
    new=sizes,
    general=st.none() | sizes,
    tenths=st.integers(50, 100),
    epochs=st.integers(1, 50),
    way=ways,
    part=st.none() | st.floats(0, 1),
)
def test_beside_own_lines_the_ratio_holds_or_nothing_new_stands_or_it_is_refused_or_accepted(
    own: int,
    originals: int,
    new: int,
    general: int | None,
    tenths: int,
    epochs: int,
    way: OnShortage,
    part: float | None,
) -> None:
    options = MixOptions(ratio=Ratio(Fraction(tenths, 10)), epochs=epochs, on_shortage=way)
    there = There(own, originals, new, general)
    wanted = None if part is None else own + int(part * originals)
    try:
        found = find_amounts(there, wanted, options)
    except InputError as error:
        # Only where the new lines that are there would stand beyond 10:1.
        assert way == "error"
        assert "--new" in str(error)
        assert new * 10 < found_most(there, wanted)
        return
    assert found.own == own
    assert 0 <= found.originals <= originals
    assert wanted is None or found.kept == wanted
    assert 5 * found.new <= found.kept
    if found.new and found.kept > 10 * found.new:
        assert way == "accept"
        assert "beyond 10:1, as was accepted" in told(found)
    if not found.new:
        assert not new or (found.kept < 5 and "no new line" in told(found))
    if way != "repeat":
        assert found.new <= new
        assert found.general <= (general or 0)
    assert found == find_amounts(there, wanted, options)


def found_most(there: There, wanted: int | None) -> int:
    return there.kept if wanted is None else wanted


@given(
    own=st.integers(10, 10**4), originals=sizes, new=sizes, general=sizes, epochs=st.integers(1, 50)
)
def test_own_scene_stands_one_to_one_to_all_others_or_the_note_says_why_not(
    own: int, originals: int, new: int, general: int, epochs: int
) -> None:
    there = There(own, originals, new, general)
    found = find_amounts(there, None, MixOptions(epochs=epochs, on_shortage="accept"))
    scene, others = found.own + found.new, found.originals + found.general
    assert others >= min(scene, originals + general)
    if not others:
        assert "nothing keeps what the model knows" in told(found)
    elif scene > ABOUT * others:
        assert others == originals + general
        assert f"only {others:,} others are there" in told(found)
    elif others > ABOUT * scene:
        # More than the own scene only where the new lines ask for it: no original too many.
        assert found.originals + own <= 8 * found.new + 1
        assert f"{found.new:,} new lines ask for" in told(found)
    else:
        assert "own scene to general" not in told(found)


def test_the_few_labels_of_the_guide_stand_beside_all_that_their_drawn_lines_ask_for() -> None:
    options = MixOptions(ratio=Ratio(Fraction(5)), epochs=10)
    found = find_amounts(There(125, 600, 1450, None), None, options)
    assert (found.own, found.originals, found.new) == (125, 600, 145)
    assert told(found) == (
        "own scene to general is 1:2.22, not 1:1: 145 new lines ask for 725 originals at 5:1"
    )
    # Fewer drawn lines: as many others as the own scene, and both rules hold.
    found = find_amounts(There(125, 600, 300, None), None, options)
    assert (found.originals, found.new, found.notes) == (155, 30, ())


def test_new_lines_shrink_where_originals_are_short() -> None:
    options = MixOptions(ratio=Ratio(Fraction(5)), epochs=10, on_shortage="repeat")
    found = find_amounts(There(125, 100, 1200, None), None, options)
    assert (found.kept, found.new) == (225, 45)
    assert "45 new lines an epoch, not 120: all 225 originals let in no more at 5:1" in found.notes


def test_general_lines_and_drawn_originals_share_the_place_by_how_many_there_are() -> None:
    found = find_amounts(There(100, 300, 0, 100), None, MixOptions())
    assert (found.originals, found.general) == (75, 25)
    assert find_amounts(There(100, 0, 0, 300), None, MixOptions()).general == 100


def test_without_own_lines_all_is_as_it_was() -> None:
    found = find_amounts(There(0, 160, 90, 80), None, MixOptions(general_ratio=Fraction(3)))
    assert found == EpochAmounts(0, 160, 20, 60)
    with pytest.raises(InputError, match=r"--new: holds 3 usable lines, 8:1 beside 160 needs 20"):
        find_amounts(There(0, 160, 3, None), None, MixOptions())
    with pytest.raises(UsageError, match="no room for a new one"):
        find_amounts(There(0, 4, 3, None), None, MixOptions())


def test_what_fits_is_named_where_own_lines_have_too_few_new_ones_beside_them() -> None:
    with pytest.raises(
        InputError,
        match=r"holds 2 usable lines, 10:1 beside 267 needs 27\. What fits: --on-shortage repeat, "
        "--on-shortage accept, more new lines",
    ):
        find_amounts(There(120, 600, 2, None), None, MixOptions())
    with pytest.raises(InputError, match="What fits: --epoch-lines 130 "):
        find_amounts(There(120, 600, 13, None), 300, MixOptions())
