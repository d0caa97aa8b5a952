"""What characters take over from those that share something with them."""

from hypothesis import given
from hypothesis import strategies as st

from textlines.profile.pooling import KAPPAS, Cases, across, alike, lent
from textlines.wilson import wilson

CASES = st.lists(
    st.tuples(st.integers(1, 40), st.integers(0, 40)).map(
        lambda pair: Cases("x", pair[0], min(pair))
    ),
    min_size=1,
    max_size=8,
)


def test_cases_that_are_misread_alike_count_for_each_other_and_others_do_not():
    same = [Cases(char, 12, 4) for char in "abcdefgh"]
    one = [Cases("a", 12, 11), *(Cases(char, 12, 0) for char in "bcdefgh")]
    assert alike([same]) > 30 > 3 > alike([one])
    assert alike([[Cases("a", 12, 0)]]) == KAPPAS[-1]


def test_few_members_tell_together_how_alike_they_are():
    pairs = [[Cases("a", 10, 4), Cases("b", 10, 4)]] * 12
    assert alike(pairs) > 2 * alike(pairs[:1])


@given(cases=CASES, kappa=st.sampled_from(KAPPAS))
def test_across_is_wider_than_the_interval_of_all_cases_as_they_are(cases, kappa):
    seen, misread = sum(one.seen for one in cases), sum(one.misread for one in cases)
    low, high = wilson(seen - misread, seen)
    first, last = across(cases, kappa)
    assert first <= low + 1e-9 and last >= high - 1e-9


@given(cases=CASES, kappa=st.sampled_from(KAPPAS))
def test_what_is_taken_over_lies_between_its_own_cases_and_all_of_them(cases, kappa):
    whole = Cases("", sum(one.seen for one in cases), sum(one.misread for one in cases))
    own = cases[0]
    low, high = lent(whole, kappa, own.seen, own.misread)
    if len(cases) == 1:
        assert (low, high) == wilson(own.seen - own.misread, own.seen)
    rates = sorted((1 - own.misread / own.seen, 1 - whole.misread / whole.seen))
    # The others' rate lies beyond that of all; the interval holds the mixture of both.
    assert 0 <= low <= rates[1] + 1e-9 and rates[0] - 1e-9 <= high <= 1
