import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.train.tuning.test_losses import CASES, by_all_paths, probabilities_of
from textlines.errors import InputError
from textlines.labels.alphabet import Alphabet
from train.reading.ctc import States, ctc_states, read_classes, read_probabilities, smallest_lead

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


def logs_of(logits: np.ndarray, states: States) -> np.ndarray:
    """Return the logarithms at the states' classes."""
    return np.log(np.take_along_axis(probabilities_of(logits), states.classes[:, None], axis=-1))


@pytest.mark.parametrize(("steps", "classes", "label"), CASES)
def test_the_loss_is_the_sum_over_all_paths(
    steps: int, classes: int, label: tuple[int, ...]
) -> None:
    logits = np.random.default_rng(steps).normal(size=(1, steps, classes))
    states = States.of([label])
    losses, _ = ctc_states(logs_of(logits, states), states)
    assert losses[0] == pytest.approx(by_all_paths(logits[0], label), abs=1e-9)


@given(
    labels=st.lists(st.lists(st.integers(1, 4), min_size=1, max_size=5), min_size=1, max_size=4),
    seed=st.integers(0, 100),
)
def test_lines_of_a_batch_do_not_touch_each_other(labels: list[list[int]], seed: int) -> None:
    logits = np.random.default_rng(seed).normal(size=(len(labels), 12, 5)) * 3
    states = States.of(labels)
    losses, shares = ctc_states(logs_of(logits, states), states)
    assert shares.sum(axis=-1) == pytest.approx(np.ones(shares.shape[:2]))
    for number, label in enumerate(labels):
        alone = States.of([label])
        loss, own = ctc_states(logs_of(logits[number : number + 1], alone), alone)
        assert losses[number] == pytest.approx(loss[0])
        assert shares[number, :, : own.shape[-1]] == pytest.approx(own[0])


def test_a_label_that_has_no_room_costs_infinitely_much() -> None:
    states = States.of([(1, 1), (1, 2)])  # two equal ones need a blank between them
    losses, _ = ctc_states(np.full((2, 2, 5), np.log(0.5)), states)
    assert losses[0] == np.inf
    assert losses[1] == pytest.approx(-2 * np.log(0.5))
