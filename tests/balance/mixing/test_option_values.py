from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from balance.mixing.option_values import Ratio, read_ratio
from textlines.errors import UsageError


@given(originals=st.integers(0, 10**8), tenths=st.integers(50, 100))
def test_the_new_amount_never_leaves_ten_to_one_and_five_to_one(
    originals: int, tenths: int
) -> None:
    ratio = Ratio(Fraction(tenths, 10))
    try:
        new = ratio.new_amount(originals)
    except UsageError:
        assert originals < 5
    else:
        assert ratio.holds(originals, new)
        assert abs(new - originals / ratio.value) <= 1


@pytest.mark.parametrize("text", ["", "8:0", "a:1", "8:1:1", "-8:1", "0"])
def test_what_is_no_ratio_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match=r"--ratio: .* is no ratio"):
        read_ratio(text, "--ratio")


@pytest.mark.parametrize("text", ["4.9:1", "11"])
def test_a_ratio_outside_five_to_ten_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match=r"is not within 5:1 and 10:1"):
        Ratio(read_ratio(text, "--ratio"))
