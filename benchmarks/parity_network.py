"""Our network in Paddle against the model's own graph, probability by probability.

The graph is read twice: plain, without what rearranges it for speed, which shows whether the
network is the model; and as it is deployed, by onnxruntime with its optimisations or by paddleocr's
own pipeline, which shows what a user sees of the difference.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from textlines.labels.alphabet import Alphabet
from train.reading.ctc import Probabilities, read_probabilities, smallest_lead
from train.weights.parity import TOLERANCES
from train.weights.readers import Reader

NEAR_TIE = 0.01
"""Two best classes that are nearer to each other at a time step may fall either way."""

LIMIT = TOLERANCES["fp32"]


@dataclass(frozen=True, slots=True)
class Apart:
    """How far two readings of the same lines are apart.

    Attributes:
        lines: that both read. same: with one text.
        ties: of the others, those where the two best classes of a time step are a near tie.
        beyond: lines on which a probability differs by more than 1e-4.
        largest: difference of a class's probability, over all lines and time steps.
    """

    lines: int = 0
    same: int = 0
    ties: int = 0
    beyond: int = 0
    largest: float = 0.0

    def with_line(self, ours: Probabilities, theirs: Probabilities, alphabet: Alphabet) -> "Apart":
        """Count one line more, 1 x T x classes by each reader; NaN counts as a difference of 1."""
        if ours.shape != theirs.shape:
            raise ValueError(f"ours reads {ours.shape}, the other {theirs.shape}")
        largest = float(np.nan_to_num(np.abs(ours - theirs), nan=1.0).max())
        one, other = (read_probabilities(found, alphabet)[0].text for found in (ours, theirs))
        is_tie = one != other and smallest_lead(theirs[0]) < NEAR_TIE
        return Apart(
            self.lines + 1,
            self.same + (one == other),
            self.ties + is_tie,
            self.beyond + (largest > LIMIT),
            max(self.largest, largest),
        )

    def __add__(self, other: "Apart") -> "Apart":
        """Return both sets of lines as one."""
        return Apart(
            self.lines + other.lines,
            self.same + other.same,
            self.ties + other.ties,
            self.beyond + other.beyond,
            max(self.largest, other.largest),
        )

    def differing(self) -> int:
        """Count the lines with another text that are no near ties."""
        return self.lines - self.same - self.ties

    def told(self) -> str:
        """Return the cells of a row.

        >>> Apart(98, 97, 1, 6, 0.00025).told()
        '98 | 2.5e-04 | 6 | 97 | 1'
        """
        return (
            f"{self.lines:,} | {self.largest:.1e} | {self.beyond:,} | {self.same:,} | {self.ties:,}"
        )


HEADING = (
    "| model | read by | set | lines | largest | beyond 1e-4 | same text | near ties |\n"
    "|---|---|---|---|---|---|---|---|"
)


@dataclass(frozen=True, slots=True)
class Compared:
    """A model as it is compared: our network, its alphabet, and readers of its own graph.

    Attributes:
        sources: by what each is called in the table.
    """

    alphabet: Alphabet
    ours: Reader
    sources: Mapping[str, Reader]

    @classmethod
    def of(cls, model: str, out: Path, scratch: Path, dictionary: Path | None = None) -> "Compared":
        """Convert a model as `train weights` does, into the folder `out`, and open its own graph.

        A folder that is there is taken as it is.

        Args:
            scratch: an empty folder, kept as long as what is returned.
            dictionary: None takes the model's own.

        Raises:
            InputError: there is no such model, or it is of no network.
            SystemExit: it is a checkpoint, which nothing but us reads.
        """
        from train.models.base_folder import is_base, read_base
        from train.networks.building import loaded
        from train.networks.devices import use_device
        from train.weights.convert import convert, locate
        from train.weights.readers import network_reader, onnx_reader, paddle_reader

        use_device("cpu", "the CPU")
        located = locate(model)
        if located.kind == "checkpoint":
            raise SystemExit(f"{model} is a checkpoint: there is no graph of its own to read by")
        if not is_base(out):
            convert(model, out, dictionary=dictionary)
        base = read_base(out)
        ours = network_reader(loaded(base.spec, base.tensors()))
        if located.kind == "onnx":
            path = located.files[0]
            sources = {"onnxruntime, plain": onnx_reader(path), "onnxruntime": deployed_onnx(path)}
        else:
            sources = {
                "Paddle, plain": paddle_reader(*located.files),
                "paddleocr": paddleocr_reader(
                    located.files[0].parent, base.dictionary_path, scratch
                ),
            }
        return cls(base.alphabet, ours, sources)

    def read(self, lines: Iterable[npt.NDArray[np.float32]]) -> dict[str, Apart]:
        """Read lines by our network and by each source; return how far each source is from it."""
        found = dict.fromkeys(self.sources, Apart())
        for pixels in lines:
            ours = self.ours(pixels)
            for name, source in self.sources.items():
                found[name] = found[name].with_line(ours, source(pixels), self.alphabet)
        return found


def deployed_onnx(path: Path) -> Reader:
    """Read by an ONNX file in onnxruntime as it is used, with all its optimisations."""
    from train.reading.engine_networks import OnnxNetwork

    return OnnxNetwork(path).probabilities


def paddleocr_reader(folder: Path, dictionary: Path, scratch: Path) -> Reader:
    """Read by the runner of `paddleocr.TextRecognition`, whose own calls return texts alone.

    Args:
        folder: an exported Paddle folder. dictionary: for one without `inference.yml`.
        scratch: folder for a copy that has one; kept as long as the reader is used.
    """
    from train.models.model_sources import CONFIGURATION, source_of
    from train.reading.reference_engine import model_name_of, quiet_paddleocr, with_configuration

    if not (folder / CONFIGURATION).is_file():
        folder = with_configuration(source_of(folder), Alphabet.read(dictionary), scratch)
    pipeline: Any = quiet_paddleocr("benchmarks/parity.py").TextRecognition(
        model_name=model_name_of(folder),
        model_dir=str(folder),
        enable_mkldnn=False,
        device="cpu",
    )
    runner: Callable[..., Any] = pipeline.paddlex_predictor.runner

    def read(lines: npt.NDArray[np.float32]) -> Probabilities:
        return np.asarray(runner(x=[lines])[0], np.float32)

    return read
