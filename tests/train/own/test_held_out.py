"""Which lines are held out together, and what models say of their labels."""

from itertools import product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textlines.errors import InputError
from textlines.labels.alphabet import Alphabet
from textlines.profile.suspects import UNREADABLE_NATS, Evidence
from train.own.held_out import bundles_of, deal_folds, read_evidence, write_evidence
from train.reading.ctc import nats_of

ROWS = st.lists(
    st.tuples(st.text("abcdefgh", max_size=1), st.text("0123456789", max_size=2)), max_size=40
)


@given(ROWS, st.integers(2, 5), st.integers(0, 9))
def test_no_document_and_no_image_is_in_two_folds(
    rows: list[tuple[str, str]], count: int, seed: int
) -> None:
    documents, images = [d for d, _ in rows], [i for _, i in rows]
    bundles = bundles_of(documents, images)
    names = [str(at) for at in range(len(rows))]
    try:
        folds = deal_folds(bundles, names, count, seed)
    except InputError:
        assert len(set(bundles)) < count
        return
    assert set(folds) == set(range(count))
    for kind in (documents, images):
        of: dict[str, set[int]] = {}
        for name, fold in zip(kind, folds, strict=True):
            of.setdefault(name, set()).add(fold)
        assert all(len(found) == 1 for found in of.values())


@given(st.integers(5, 200), st.integers(2, 5), st.integers(0, 9))
def test_lines_of_their_own_make_folds_of_equal_size(lines: int, count: int, seed: int) -> None:
    names = [f"{at}.png" for at in range(lines)]
    folds = deal_folds(range(lines), names, count, seed)
    sizes = [folds.count(fold) for fold in range(count)]
    assert max(sizes) - min(sizes) <= 1
    if lines > 40:
        assert folds != deal_folds(range(lines), names, count, seed + 1)


def test_too_few_documents_are_told() -> None:
    with pytest.raises(InputError, match="are of 1 document, fewer than 5 folds"):
        deal_folds(bundles_of(["a"] * 9), [str(at) for at in range(9)], 5, 0)


ALPHABET = Alphabet(("a", "값"), use_space_char=False)
ROW = Evidence("값/1.png", "값", "a", 0.5, 1.5, 0.25, "", 9.0, 0.125)


@pytest.mark.parametrize("text", ["", "a", "aa", "a값", "값a값"])
def test_a_label_is_as_likely_as_all_its_ways_together(text: str) -> None:
    random = np.random.default_rng(3)
    steps = random.random((5, 3), np.float32)
    steps /= steps.sum(axis=1, keepdims=True)
    total = 0.0
    for path in product(range(3), repeat=5):
        kept = [one for at, one in enumerate(path) if one and (not at or path[at - 1] != one)]
        if "".join(ALPHABET.entries[one - 1] for one in kept) == text:
            total += float(np.prod([steps[at, one] for at, one in enumerate(path)]))
    assert nats_of(steps, [text], ALPHABET)[0] == pytest.approx(-np.log(total), rel=1e-6)


def test_what_the_network_cannot_write_is_as_unlikely_as_can_be() -> None:
    steps = np.full((2, 3), 1 / 3, np.float32)
    assert nats_of(steps, ["b"], ALPHABET)[0] == UNREADABLE_NATS
    assert nats_of(steps, ["aaa"], ALPHABET)[0] == UNREADABLE_NATS


def test_evidence_is_read_as_it_was_written(tmp_path: Path) -> None:
    write_evidence(tmp_path / "e.jsonl", [ROW, ROW])
    assert list(read_evidence(tmp_path / "e.jsonl")) == [ROW, ROW]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('"score": 0.5', '"score": "0.5"', "score is '0.5', not a number"),
        ('"score": 0.5', '"score": NaN', "score is nan"),
        ('"label": "값"', '"label": 1', "label is 1, not text"),
        ('"label": "값", ', "", "lacks label"),
    ],
)
def test_a_damaged_row_is_told(tmp_path: Path, old: str, new: str, told: str) -> None:
    file = tmp_path / "e.jsonl"
    write_evidence(file, [ROW])
    file.write_text(file.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    with pytest.raises(InputError, match=rf"e\.jsonl:1: is no row of evidence \({told}"):
        list(read_evidence(file))
