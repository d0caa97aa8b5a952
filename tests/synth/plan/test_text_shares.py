from hypothesis import given
from hypothesis import strategies as st

from synth.draws import Draws
from synth.plan.plan_blocks import PlanBlock
from synth.plan.text_shares import TextShare

TEXTS = st.text(st.sampled_from("0123456789OIl값갑 .-₩A"), min_size=1, max_size=12)
PAIRS = [("0", "O"), ("1", "l"), ("l", "I")]


def shares(blocks, cap, seed, pairs=()):
    return [TextShare(PlanBlock(k, blocks, 0, 1), cap, seed, pairs) for k in range(blocks)]


@given(text=TEXTS, blocks=st.integers(1, 40), cap=st.integers(1, 60), seed=st.integers(0, 9))
def test_the_shares_of_a_text_add_up_to_the_cap(text, blocks, cap, seed):
    of = [share.of(text) for share in shares(blocks, cap, seed, PAIRS)]
    assert sum(of) == cap
    assert max(of) - min(of) <= 1


@given(text=TEXTS, seed=st.integers(0, 9))
def test_texts_that_differ_in_partners_alone_have_the_same_shares(text, seed):
    turned = text.translate(str.maketrans("0O1lI", "O0lI1"))
    of, of_turned = (
        [share.of(one) for share in shares(17, 3, seed, PAIRS)] for one in (text, turned)
    )
    assert of == of_turned


@given(text=TEXTS, blocks=st.integers(2, 5000), cap=st.integers(1, 9), seed=st.integers(0, 9))
def test_a_steered_text_may_stand_in_its_block(text, blocks, cap, seed):
    share = TextShare(PlanBlock(seed % blocks, blocks, 0, 1), cap, seed, PAIRS)
    other = share.steered(text, Draws(seed, 0))
    if cap % blocks == 0 or not set(text) & set("23456789"):
        assert other is None
    elif other is not None:
        assert share.of(other) >= 1
        changed = [(a, b) for a, b in zip(text, other, strict=True) if a != b]
        assert all(a in "23456789" and b in "23456789" for a, b in changed)


def test_steering_reaches_texts_of_thousands_of_blocks():
    share = TextShare(PlanBlock(7, 5000, 0, 1), 3, 1)
    found = [share.steered(f"A{k:05}-17.{k % 100:02}", Draws(1, k), "7") for k in range(300)]
    assert all(text is not None and share.of(text) == 1 for text in found)
    assert sum("7" in text for text in found if text) > 280


def test_prices_are_spread_over_all_blocks():
    held = [sum(share.of(f"₩{price},000") for price in range(10, 100)) for share in shares(5, 1, 1)]
    assert sum(held) == 90
    assert min(held) > 10
