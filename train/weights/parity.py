"""Do two readers read alike? Every probability compared, and the text of every line.

The readers here leave out what rearranges a graph for speed. With it, the very same exported
PP-OCRv4 gives probabilities that are 4.1e-4 apart between onnxruntime and Paddle, and 5.5e-4 and
2.6e-4 from the float64 result (a receipt line where a class stands near 0.5); without it Paddle is
equal to our network in every bit, and onnxruntime within 5.0e-5.

Float32 stays no exact yardstick: there our network itself is 1.4e-4 from its float64 result. A
line on which the two differ by more than the tolerance is settled in float64: an ONNX file is
computed so too, and must agree with our network to the tolerance (7.5e-5 there), or to our own
rounding if that is more. Where there is no float64 form (Paddle's graphs, ONNX files that onnx's
evaluator cannot compute) a line may differ by some times our own rounding, measured on it. How
many lines needed that is counted and told.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from textlines.errors import InputError
from textlines.labels.alphabet import Alphabet
from train.models.base_folder import Parity, Precision
from train.reading.ctc import Probabilities, read_probabilities, smallest_lead
from train.weights.probe_lines import ProbeLine
from train.weights.readers import ExactReader, Reader

TOLERANCES: dict[Precision, float] = {"fp32": 1e-4, "fp16": 2e-3}
"""Largest difference of a probability. fp16 weights are read in fp32 here."""

ROUNDING_FACTOR = 10.0
"""How many times our own rounding on a line a reader without a float64 form may be off there."""


SAME_FUNCTION = 0.01
"""A float64 form that is further than this from its own float32 reading computes something else."""


@dataclass(frozen=True, slots=True)
class OwnReadings:
    """What our network reads, once for all comparisons.

    Attributes:
        probabilities: 1 x T x classes for each line, float32.
        exact: our network in float64; runs only for lines where it is needed.
    """

    lines: Sequence[ProbeLine]
    probabilities: Sequence[Probabilities]
    exact: Reader

    def texts(self, alphabet: Alphabet) -> list[str]:
        """Decode what was read in each line."""
        return [read_probabilities(steps, alphabet)[0].text for steps in self.probabilities]

    @classmethod
    def read(cls, lines: Sequence[ProbeLine], ours: Reader, exact: Reader) -> "OwnReadings":
        """Read all lines, one at a time."""
        return cls(lines, [ours(line.pixels) for line in lines], exact)


def compare(
    of: str,
    other: Reader,
    readings: OwnReadings,
    alphabet: Alphabet,
    precision: Precision,
    *,
    other_exact: ExactReader | None = None,
) -> Parity:
    """Read all lines by another reader and measure how far it is from ours.

    Args:
        other_exact: the other in float64; runs only for lines where it is needed. None where
            there is no such form of it.

    Raises:
        InputError: they differ by more than the tolerance, or in a text; names the line.
    """
    tolerance = TOLERANCES[precision]
    largest, same, ties, beyond = 0.0, 0, 0, 0
    for line, ours in zip(readings.lines, readings.probabilities, strict=True):
        theirs = other(line.pixels)
        if theirs.shape != ours.shape:
            raise _apart(of, line, f"gives {theirs.shape}, ours {ours.shape}")
        difference = _difference(theirs, ours)
        limit = tolerance
        # Not "> tolerance": NaN must not pass.
        if not difference <= limit:
            limit = _settled(of, line, (ours, theirs), readings.exact, other_exact, tolerance)
            beyond += 1
        largest = max(largest, difference)
        (text,), (own_text,) = (read_probabilities(p, alphabet) for p in (theirs, ours))
        if text.text == own_text.text:
            same += 1
        elif smallest_lead(theirs[0]) <= 2 * limit:
            ties += 1
        else:
            raise _apart(of, line, f"reads {text.text!r}, ours {own_text.text!r}")
    return Parity(
        of=of,
        lines=len(readings.lines),
        largest=largest,
        same_text=same,
        tolerance=tolerance,
        beyond=beyond,
        ties=ties,
    )


def _settled(
    of: str,
    line: ProbeLine,
    read: tuple[Probabilities, Probabilities],
    exact: Reader,
    other_exact: ExactReader | None,
    tolerance: float,
) -> float:
    """Distinguish rounding from another network on a line that is beyond the tolerance.

    Args:
        read: ours and theirs in float32.

    Returns:
        The difference that rounding explains there.
    """
    ours, theirs = read
    difference, true = _difference(*read), exact(line.pixels)
    other = other_exact(line.pixels) if other_exact else None
    if other is not None and _difference(other, theirs) <= SAME_FUNCTION:
        apart = _difference(other, true)
        # ONNX holds some numbers (slopes) in float32 alone: that is worth our rounding once.
        if not apart <= max(tolerance, _difference(ours, true)):
            raise _apart(of, line, f"differs by {apart:.2g} even in float64")
        return difference
    limit = max(tolerance, ROUNDING_FACTOR * _difference(ours, true))
    if not difference <= limit:
        raise _apart(of, line, f"differs by {difference:.2g}, more than {limit:.2g}")
    return limit


def _difference(ours: Probabilities, theirs: Probabilities) -> float:
    return float(np.abs(ours.astype(np.float64) - theirs).max())


def _apart(of: str, line: ProbeLine, what: str) -> InputError:
    return InputError(
        f"parity of {of}",
        f"on {line.name} the other {what}",
        "The network was not rebuilt rightly, so nothing was written: report the model.",
    )
