"""A Korean recognizer for `benchmarks/korean.py`: PP-OCRv5's backbone, a last layer fitted here.

No Korean weights are in a registry. The backbone of PP-OCRv5 stays as it is, and so do the features
of each line, which are computed once; the neck and a new last layer over PaddleOCR's Korean
dictionary learn on lines that `synth` rendered.
"""

import math
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import paddle

from textlines.formats.history import History
from textlines.labels.alphabet import Alphabet
from textlines.labels.label_file import read_labels
from textlines.labels.tally import Tally
from textlines.pixels.decode import read_image
from textlines.pixels.resize import network_input
from textlines.progress import Watcher, unwatched
from train.models.base_folder import (
    BaseFolder,
    Source,
    Tensors,
    library_versions,
    read_base,
    write_base,
)
from train.networks.building import loaded
from train.reading.onnx_session import open_session
from train.seen import add_step
from train.tuning.losses import LastLayer
from train.tuning.network_readers import TuningGraph
from train.tuning.train_plan import StepPlan
from train.tuning.training_lines import bucket_width
from train.tuning.tunable import Tunable, Updater
from train.weights.graph_export import export_onnx

NAME = "korean_PP-OCRv5_mobile_rec"
"""The network is that of the published model, with another dictionary and other weights."""

PEAK, WARM = 1.5e-3, 0.04
"""The largest rate of the fit (Adam), and the share of its steps before that."""

SHOWN_STEPS = 100

Array = np.ndarray[Any, np.dtype[Any]]


def with_new_head(source: BaseFolder, alphabet: Alphabet, seed: int) -> tuple[Any, Tensors]:
    """Return a network and its weights: those of the source, and a last layer drawn by chance."""
    spec = replace(source.spec.with_classes(alphabet.classes), name=NAME)
    random = np.random.default_rng(seed)
    bound = spec.dims**-0.5
    tensors = dict(source.tensors())
    tensors["head.fc.weight"] = random.uniform(-bound, bound, (spec.dims, spec.classes)).astype(
        np.float32
    )
    tensors["head.fc.bias"] = np.zeros(spec.classes, np.float32)
    return spec, tensors


class Features:
    """The backbone's features of lines, by padded width: float16, N x C x T, in memory."""

    def __init__(self, tunable: Tunable, tensors: Tensors, folder: Path) -> None:
        """Export the backbone."""
        import onnx
        from onnx.utils import Extractor

        folder.mkdir(parents=True, exist_ok=True)
        whole = folder / "whole.onnx"
        TuningGraph(tunable, folder).write(tensors, whole)
        model = onnx.load(str(whole))
        name = model.graph.output[1].name
        backbone = folder / "backbone.onnx"
        onnx.save(
            Extractor(model).extract_model([model.graph.input[0].name], [name]), str(backbone)
        )
        self._session = open_session(backbone, "Start anew.", is_own=True)
        self._input = self._session.get_inputs()[0].name

    def of(
        self, labels: Path, alphabet: Alphabet, bucket: int, watch: Watcher = unwatched
    ) -> dict[int, tuple[Array, list[list[int]]]]:
        """Compute the features of labelled lines; kept in a file beside the label file.

        Returns:
            By width: features, and the classes of each line's label.
        """
        rows = list(read_labels(labels, tally=Tally()))
        found: dict[int, tuple[list[Array], list[list[int]]]] = {}
        for number, row in enumerate(rows):
            ids = alphabet.encode(row.label)
            pixels = network_input(read_image(labels.parent / row.path))
            width = bucket_width(pixels.shape[-1], pixels.shape[-2], bucket)
            padded = np.zeros((1, 3, 48, width), np.float32)
            padded[..., : pixels.shape[-1]] = pixels
            features, classes = found.setdefault(width, ([], []))
            (read,) = self._session.run(None, {self._input: padded})
            features.append(read[0, :, 0].astype(np.float16))
            classes.append(list(ids))
            watch(number + 1, len(rows), "")
        return {width: (np.stack(one), ids) for width, (one, ids) in sorted(found.items())}


def fit(
    tunable: Tunable,
    tensors: Tensors,
    lines: dict[int, tuple[Array, list[list[int]]]],
    *,
    epochs: int,
    batch: int,
    seed: int,
) -> None:
    """Fit the neck and the last layer, in place: CTC, Adam, a rate that falls by a cosine."""
    tunable.choose("head", dropout=True)
    plan = StepPlan(batch=batch)
    updater = Updater(tunable, plan, tensors)
    last = LastLayer(tunable.network, distil_weight=0.0, amp=False)
    batches = [(width, at) for width, (_, ids) in lines.items() for at in range(0, len(ids), batch)]
    steps = epochs * len(batches)
    begun, done, loss_sum, line_sum = time.monotonic(), 0, 0.0, 0
    for epoch in range(epochs):
        random = np.random.default_rng([seed, epoch])
        orders = {width: random.permutation(len(ids)) for width, (_, ids) in lines.items()}
        for pick in random.permutation(len(batches)):
            width, at = batches[pick]
            chosen = orders[width][at : at + batch]
            features, ids = lines[width]
            paddle.seed(seed * 1_000_003 + done)
            given = tunable.network.time_steps(
                paddle.to_tensor(features[chosen].astype(np.float32)[:, :, None])
            )
            loss, ctc, _ = last.losses(given, [ids[one] for one in chosen], [])
            (loss / batch).backward()
            updater.step(rate_of(done, steps))
            done, loss_sum, line_sum = done + 1, loss_sum + float(ctc), line_sum + len(chosen)
            if done % SHOWN_STEPS == 0 or done == steps:
                minutes = (time.monotonic() - begun) / 60
                ctc_mean = loss_sum / line_sum
                print(
                    f"step {done} of {steps}: CTC {ctc_mean:.2f}, {minutes:.1f} minutes", flush=True
                )
                loss_sum, line_sum = 0.0, 0
    tunable.network.eval()


def rate_of(step: int, steps: int) -> float:
    """Return the rate of a step: rising, then falling by half a cosine.

    >>> round(rate_of(1000, 1000), 9)
    0.0
    """
    warm = max(1, round(steps * WARM))
    if step < warm:
        return PEAK * (step + 1) / warm
    return PEAK * (1 + math.cos(math.pi * (step - warm) / max(1, steps - warm))) / 2


def fitted_base(
    source: Path,
    dictionary: Path,
    labels: Sequence[Path],
    out: Path,
    *,
    epochs: int,
    batch: int = 64,
    seed: int = 1,
) -> BaseFolder:
    """Fit a recognizer on rendered lines and write it as a base folder, with what it has seen."""
    alphabet = Alphabet.read(dictionary, True)
    spec, tensors = with_new_head(read_base(source), alphabet, seed)
    tunable = Tunable.of(spec, tensors)
    reader = Features(tunable, tensors, out.parent / "backbone")
    lines: dict[int, tuple[Array, list[list[int]]]] = {}
    history = History()
    for one in labels:
        for width, (features, ids) in reader.of(one, alphabet, StepPlan().bucket, _shown).items():
            known = lines.get(width)
            lines[width] = (
                (np.concatenate([known[0], features]), known[1] + ids) if known else (features, ids)
            )
        history = add_step(history, "train on", one, synthetic=True)
    fit(tunable, tensors, lines, epochs=epochs, batch=batch, seed=seed)
    found = tunable.tensors()

    def write_graph(path: Path) -> None:
        export_onnx(loaded(spec, found), path)

    return write_base(
        out,
        spec=spec,
        tensors=found,
        alphabet=alphabet,
        write_graph=write_graph,
        source=Source(kind="checkpoint", files={}, tensors={"fitted": len(found)}),
        versions=library_versions(),
        history=history,
    )


def _shown(done: int, total: int, _note: str) -> None:
    if done % 1000 == 0 or done == total:
        print(f"features of {done} of {total} lines", flush=True)
