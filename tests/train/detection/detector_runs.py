"""Run folders of detectors, as training leaves them, and models that are made for exports."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx

from textlines.files import sha256_of
from textlines.formats.history import TRAINED, History, Step, write_history
from textlines.formats.seen_images import SeenImages, as_digests, digest
from train.detection.configuration import configuration_text, published_configuration
from train.detection.page_intervals import FigureChange
from train.detection.settings import PredictionSettings
from train.detection.tuned_file import FigureRecord, PagesRecord, SettingsRecord, TunedFile
from train.networks.onnx_program import filled, program_of, values_of

NAME = "PP-OCRv6_tiny_det"
"""Of the base: its settings as published are no others' defaults."""


def tuned_file(settings: PredictionSettings, hashes: dict[str, str]) -> TunedFile:
    """Settings that were searched for the weights of these hashes."""
    pages = PagesRecord(
        labels="pages/Label.txt",
        sha256="0" * 64,
        pages=20,
        regions=55,
        hmean=FigureRecord.of(FigureChange(0.7, 0.8, None)),
    )
    return TunedFile(
        model="RUN/best",
        model_files=hashes,
        objective="hmean",
        tried=120,
        memory_mb=200,
        settings=SettingsRecord.of(settings),
        deployed=SettingsRecord.of(published_configuration(NAME).settings),
        searched=pages,
        judged=pages,
    )


def trained(model: Any, factor: float = 1.25) -> Any:
    """Return a model with other weights, as training leaves it: each times a factor."""
    other = onnx.ModelProto()
    other.CopyFrom(model)
    weights = values_of(other, program_of(other, "a model"))
    assert weights
    return filled(other, {name: one * np.float32(factor) for name, one in weights.items()})


def write_run(
    folder: Path,
    model: Any,
    *,
    base: Path | None = None,
    settings: PredictionSettings | None = None,
) -> Path:
    """Write what is left of a run that is over.

    Args:
        model: of the best weights. base: the exported folder that the graph came as.
        settings: that were tuned; None writes no `tuned.toml`.
    """
    best = folder / "best"
    best.mkdir(parents=True)
    (best / "inference.onnx").write_bytes(model.SerializeToString())
    hashes = {"inference.onnx": sha256_of(best / "inference.onnx")}
    text = configuration_text(published_configuration(NAME))
    (best / "inference.yml").write_text(text, encoding="utf-8")
    if settings is not None:
        tuned_file(settings, hashes).write(best / "tuned.toml")
    step = Step(step=TRAINED, file="pages/Label.txt", sha256="0" * 64, lines=2, round=1)
    seen = SeenImages.of(as_digests([digest(b"one"), digest(b"two")]))
    write_history(History().with_step(step, seen), best, model=hashes)
    (folder / "plan.toml").write_text(f'[base]\nname = "{NAME}"\n', encoding="utf-8")
    if base is not None:
        shutil.copytree(base, folder / "base")
    return folder


def exported_folder(path: Path, out: Path, make: Callable[..., Any]) -> Path:
    """Export a detector as Paddle's program and keep that alone, as PaddleOCR publishes it."""
    made = make(path, out)
    for name in ("inference.onnx", "export.toml", "history.json", "seen_images.npy"):
        (made.path / name).unlink()
    text = configuration_text(published_configuration(NAME))
    (made.path / "inference.yml").write_text(text, encoding="utf-8")
    return Path(made.path)
