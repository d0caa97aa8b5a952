"""A dictionary of other entries."""

import numpy as np
import pytest

from textlines.errors import UsageError
from textlines.labels.alphabet import Alphabet
from train.networks.spec import NetworkSpec
from train.tuning.prepared_run import BIAS, WEIGHT, parse_rows, with_dictionary

OLD = Alphabet(("a", "b", "W"))
SPEC = NetworkSpec(name="x", family="svtr_lcnet_v4", classes=5, dims=4)
RANDOM = np.random.default_rng(1)
TENSORS = {
    WEIGHT: RANDOM.normal(size=(4, 5)).astype(np.float32),
    BIAS: RANDOM.normal(size=5).astype(np.float32),
    "neck.x": np.ones(3, np.float32),
}


def best_texts(weight: np.ndarray, bias: np.ndarray, alphabet: Alphabet) -> list[str]:
    """Read 500 random time steps, blank as ""."""
    steps = np.random.default_rng(2).normal(size=(500, 4)) * 3
    best = (steps @ weight + bias).argmax(axis=1)
    return ["" if one == 0 else alphabet.decode([int(one)]) for one in best]


@pytest.mark.parametrize(
    ("entries", "starts"),
    [
        (("a", "b", "W", "₩"), {}),
        (("W", "₩", "b", "a"), {"₩": "W"}),  # reordered, and begun from a known one
        (("값", "b", "a", "W", "갑"), {"갑": "a", "값": "b"}),
    ],
)
def test_what_was_read_before_is_read_so_at_step_0(
    entries: tuple[str, ...], starts: dict[str, str]
) -> None:
    new = Alphabet(entries)
    changed = with_dictionary(SPEC, TENSORS, OLD, new, starts)
    assert changed.spec.classes == new.classes
    assert changed.tensors[WEIGHT].shape == (4, new.classes)
    before = best_texts(TENSORS[WEIGHT], TENSORS[BIAS], OLD)
    assert best_texts(changed.tensors[WEIGHT], changed.tensors[BIAS], new) == before
    assert changed.copied == 5
    assert set(changed.started) == set(entries) - set(OLD.entries)
    assert changed.dropped == ()


def test_a_row_begun_from_another_stands_just_below_it() -> None:
    changed = with_dictionary(SPEC, TENSORS, OLD, Alphabet(("a", "b", "W", "₩")), {"₩": "W"})
    assert np.array_equal(changed.tensors[WEIGHT][:, 4], TENSORS[WEIGHT][:, 3])
    assert changed.tensors[BIAS][4] == pytest.approx(TENSORS[BIAS][3] - 1)


def test_entries_that_only_the_old_one_holds_are_named() -> None:
    assert with_dictionary(SPEC, TENSORS, OLD, Alphabet(("a",)), {}).dropped == ("b", "W")


@pytest.mark.parametrize(
    ("starts", "message"),
    [({"x": "W"}, "not in the new dictionary"), ({"₩": "z"}, "not in the model's dictionary")],
)
def test_a_start_that_no_dictionary_holds_is_refused(starts: dict[str, str], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        with_dictionary(SPEC, TENSORS, OLD, Alphabet(("a", "₩")), starts)


def test_pairs_are_parted_at_the_first_sign_behind_the_first_character() -> None:
    assert parse_rows(["₩=W", "==-", "ab=c"]) == {"₩": "W", "=": "-", "ab": "c"}
    for bad in ("₩", "=a", "₩="):
        with pytest.raises(UsageError, match="is not NEW=OLD"):
            parse_rows([bad])


def test_equal_entries_do_not_share_the_probability_of_one() -> None:
    """Of a space that is an entry and appended too, labels encode to the last: it has the row."""
    old = Alphabet(("a", " "), use_space_char=False)
    tensors = {WEIGHT: TENSORS[WEIGHT][:, :3], BIAS: TENSORS[BIAS][:3]}
    changed = with_dictionary(SPEC.with_classes(3), tensors, old, Alphabet(("b", " ", "a")), {})
    weight, bias = changed.tensors[WEIGHT], changed.tensors[BIAS]
    assert np.array_equal(weight[:, 4], tensors[WEIGHT][:, 2])
    assert not weight[:, 2].any()
    assert bias[2] < tensors[BIAS].min()
    assert (changed.copied, dict(changed.started)) == (3, {"b": ""})


def test_equal_entries_that_stay_where_they_are_keep_their_rows() -> None:
    old = Alphabet(("a", " ", "a"))
    changed = with_dictionary(SPEC, TENSORS, old, Alphabet(("a", " ", "a")), {})
    assert np.array_equal(changed.tensors[WEIGHT], TENSORS[WEIGHT])
    assert np.array_equal(changed.tensors[BIAS], TENSORS[BIAS])
    assert (changed.copied, dict(changed.started)) == (5, {})
