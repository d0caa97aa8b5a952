"""Texts of own shapes: the same marks and words, other digits and letters of codes."""

import re
import subprocess
import sys

from hypothesis import given, settings
from hypothesis import strategies as st

from synth.corpus.own_shapes import NAME, own_corpus, own_shapes, shape_of
from synth.corpus.sources import Cutting
from synth.draws import Draws
from textlines.profile.support import pattern_of

TAGS = ("-KM1", "X1:5:1", "2P24", "LITRES", "24V_DI05", "값 1,000원", "57.00")


def drawn(own, others=(), characters="0123456789", count=60, enough=30):
    source = own_shapes(own, others, characters, enough)
    return [source.grammar.draw(Draws(1, k)) for k in range(count)]


def test_words_marks_and_units_stay_and_digits_vary():
    assert {re.sub("[0-9]", "d", text) for text in drawn(["값 1,000원 LITRES 24V"])} == {
        "값 d,ddd원 LITRES ddV"
    }
    assert own_shapes(["LITRES", "값"], [], "0123456789", 30) is None


@settings(max_examples=25)
@given(own=st.lists(st.sampled_from(TAGS), min_size=1, max_size=6), seed=st.integers(0, 99))
def test_every_text_has_the_pattern_of_an_own_one_and_production_s_characters(own, seed):
    held = frozenset("0123456789KMXPDE") | frozenset("".join(own))
    source = own_shapes(own, (), held, 30)
    if source is None:
        assert all(not re.search("[0-9]", text) for text in own)
        return
    patterns = set(map(pattern_of, own))
    for k in range(20):
        text = source.grammar.draw(Draws(seed, k))
        assert pattern_of(text) in patterns
        assert set(text) <= held


def test_no_number_grows_a_zero_that_none_of_its_shape_has():
    assert not any(text[0] == "0" for text in drawn(["57.20", "18.99"]))
    assert not any(text[0] == "0" for text in drawn(["5,720원"], count=300))
    assert any(text.endswith("0") for text in drawn(["1.57"], count=300))
    assert any(text[0] == "0" for text in drawn(["57.20", "08.99"], count=300))
    assert any(text == "0" for text in drawn(["7"], count=300))


def test_a_letter_that_looks_like_a_digit_goes_only_where_one_stands():
    texts = drawn(["-K12", "O7"], characters="0123456789KMOI", count=400)
    assert {text[0] for text in texts if text[0] != "-"} == {"K", "M", "O"}
    assert {text[1] for text in texts if text[0] == "-"} == {"K", "M"}


def test_a_shape_that_own_lines_hold_in_plenty_is_drawn_less():
    own, others = ["57.00"] * 40, ["57.00"] * 10 + ["A-57"] * 10
    codes = sum("-" in text for text in drawn(own, others, "0123456789A", 600))
    assert 350 < codes < 450  # 10 of 10 + 50 / 10


def test_a_corpus_holds_own_texts_others_and_shapes_cut_as_labels_are():
    corpus = own_corpus(["a  b", "x" * 30, "57.00"], ["A1"], "0123456789A", 30, Cutting(8))
    texts = {source.name: source.texts for source in corpus.lines}
    assert texts["like"] == ("A1",)
    assert texts["own"][0] == "a b"
    assert texts["own"][-1] == "57.00"
    assert set("".join(texts["own"][1:-1])) == {"x"}
    assert max(map(len, texts["own"])) <= 8
    assert [source.name for source in corpus.patterns] == [NAME]
    assert corpus.tally.as_dict() == {"cut": 1, "doubled_spaces": 1}
    assert not corpus.tally.part("left_out")


def test_places_that_vary_are_those_of_digits_and_codes():
    def varied(text):
        return [text[k] for k, place in enumerate(shape_of(text)) if place[0] == "\0"]

    assert varied("-KM1 24V TOTAL Room7 aB2") == [*"KM1", *"24", "7", *"aB2"]


def test_the_hash_of_shapes_is_that_of_another_process() -> None:
    # Numbers with a check digit among them, whose rule is a function.
    call = (
        "from synth.corpus.own_shapes import own_shapes; "
        "print(own_shapes(['120-81-47521', 'A12'], [], set('0123456789-A'), 25).sha256)"
    )
    ran = [
        subprocess.run(
            [sys.executable, "-c", call], capture_output=True, text=True, check=True
        ).stdout
        for _ in range(2)
    ]
    assert ran[0] == ran[1] and len(ran[0].strip()) == 64
