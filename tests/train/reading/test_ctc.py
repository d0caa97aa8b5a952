import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textlines.errors import InputError
from textlines.labels.alphabet import Alphabet
from train.reading.ctc import read_classes, read_probabilities, smallest_lead

ALPHABET = Alphabet(("a", "b", "값"))
CLASSES = ALPHABET.classes
STEPS = st.lists(st.tuples(st.integers(0, CLASSES - 1), st.floats(0.25, 1, width=32)), max_size=30)


def decode_of_paddleocr(best: np.ndarray, sure: np.ndarray) -> tuple[str, float]:
    # BaseRecLabelDecode.decode, line by line.
    character = ["blank", *ALPHABET.entries, " "]
    selection = np.ones(len(best), dtype=bool)
    selection[1:] = best[1:] != best[:-1]
    selection &= best != 0
    kept = list(sure[selection]) or [0]
    return "".join(character[n] for n in best[selection]), float(np.mean(kept))


@given(STEPS)
def test_text_and_score_are_those_of_paddleocr(steps: list[tuple[int, float]]) -> None:
    best = np.array([number for number, _ in steps], np.int64)
    sure = np.array([share for _, share in steps], np.float32)
    line = read_classes(best, sure, ALPHABET)
    text, score = decode_of_paddleocr(best, sure)
    assert line.text == text
    assert line.score == pytest.approx(score, abs=1e-6)


@given(st.lists(STEPS.filter(bool), min_size=2, max_size=5))
def test_a_line_of_a_batch_depends_on_itself_alone(lines: list[list[tuple[int, float]]]) -> None:
    steps = max(map(len, lines))
    batch = np.zeros((len(lines), steps, CLASSES), np.float32)
    batch[..., 0] = 0.2
    for row, line in zip(batch, lines, strict=True):
        for at, (number, share) in enumerate(line):
            row[at, number] = share
    together = read_probabilities(batch, ALPHABET)
    assert together == [read_probabilities(one[None], ALPHABET)[0] for one in batch]
    assert together[::-1] == read_probabilities(batch[::-1], ALPHABET)


def test_repeats_stand_once_unless_a_blank_parts_them() -> None:
    sure = np.full(6, 0.5, np.float32)
    assert read_classes(np.array([1, 1, 0, 1, 3, 4]), sure, ALPHABET).text == "aa값 "
    assert read_classes(np.array([0, 0, 0, 0, 0, 0]), sure, ALPHABET) == read_classes(
        np.array([], np.int64), sure[:0], ALPHABET
    )


def test_the_smallest_lead_is_that_of_the_closest_step() -> None:
    steps = np.array([[0.9, 0.1, 0.0], [0.4, 0.25, 0.35]])
    assert smallest_lead(steps) == pytest.approx(0.05)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_what_is_no_number_is_no_text(value: float) -> None:
    found = np.full((2, 3, CLASSES), 0.1, np.float32)
    found[1, 2, 1] = value
    with pytest.raises(InputError, match=r"m\.onnx: gives NaN or infinity in 1 of 6 time steps"):
        read_probabilities(found, ALPHABET, "m.onnx")
    with pytest.raises(InputError, match="the model: gives no time step for a line"):
        read_probabilities(found[:, :0], ALPHABET)
