"""From a model's name or path to an engine that reads, and the record of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from textlines.errors import InputError, UsageError
from textlines.files import sha256_of
from textlines.installing import installed_versions
from textlines.labels.alphabet import Alphabet
from textlines.labels.dictionary_files import (
    DictionaryFile,
    check_entries,
    entries_file,
    read_dictionary,
)
from textlines.wording import Sentence, say
from train.models.base_folder import read_base
from train.models.model_sources import Form, ModelSource, resolve
from train.models.network_alphabet import fitted
from train.models.records import Turning, own_onnx, recorded_turning
from train.networks.devices import Device, DeviceChoice, chosen_device
from train.networks.spec import dictionary_fault
from train.reading.engine import CtcEngine, Engine, EngineName
from train.reading.engine_networks import OnnxNetwork, PaddleNetwork

Choice = Literal["auto", "onnx", "paddle", "reference"]


@dataclass(frozen=True, slots=True)
class Opened:
    """An engine, and what a reading by it depends on.

    Attributes:
        hashes: sha256 of the model's files and its dictionary, by name.
        turning: whether its record says that crops are read in their turns.
    """

    engine: Engine
    source: ModelSource
    hashes: Mapping[str, str]
    turning: Turning = "off"

    @property
    def alphabet(self) -> Alphabet:
        """Return the alphabet that it reads with."""
        return self.engine.alphabet

    def versions(self) -> dict[str, str]:
        """Return the versions of what the readings depend on."""
        names = ("numpy", "opencv-python-headless", "opencv-python", "opencv-contrib-python")
        return {"engine": self.engine.name, **installed_versions(names)}


def open_model(
    model: str,
    *,
    dictionary: Path | None = None,
    engine: Choice = "auto",
    device: DeviceChoice = "cpu",
) -> Opened:
    """Open a model to read with.

    Args:
        model: a folder of `train weights`, an exported folder, an .onnx file, or a name.
        dictionary: None takes the one that belongs to the model.
        engine: auto is onnx on the CPU and paddle on a GPU.
        device: auto as `reading_device` says.

    Raises:
        InputError: there is no such model, it is broken, or its dictionary is missing or of
            another length than its last layer.
        UsageError: the engine cannot read this form of model, or there is no such device.
    """
    device = reading_device(model, device, engine)
    chosen: EngineName = ("onnx" if device == "cpu" else "paddle") if engine == "auto" else engine
    if device == "gpu" and chosen != "paddle":
        raise UsageError(
            "--device gpu", f"is not for {chosen}", "Leave --engine away, or use --device cpu."
        )
    wanted: dict[EngineName, Form] = {"onnx": "onnx", "paddle": "base", "reference": "exported"}
    source = resolve(model, wanted[chosen])
    if source.form == "checkpoint":
        raise InputError(
            str(source.path),
            "is a checkpoint, which cannot read as it is",
            f"Make a model of it first: train weights {source.path.name} --out base/.",
        )
    opened = _OPENERS[chosen](source, dictionary, device)
    turning = recorded_turning(source)
    if source.form == "onnx" and isinstance(opened, CtcEngine):
        turning = getattr(opened.network, "turning", "off")
    has_own = isinstance(opened, CtcEngine) and bool(getattr(opened.network, "entries", None))
    beside = None if source.form == "onnx" and has_own else source.dictionary
    return Opened(opened, source, _hashes(source, dictionary or beside), turning)


def reading_device(model: str, asked: DeviceChoice, engine: Choice = "auto") -> Device:
    """Return what "auto" is for a model: a GPU where one is here and the model can be read there.

    A folder of ours can; an exported model and an ONNX file are read by onnxruntime on the CPU.
    """
    if asked != "auto":
        return asked
    can = engine in ("auto", "paddle") and (Path(model) / "model.toml").is_file()
    return chosen_device("auto") if can else "cpu"


def _open_onnx(source: ModelSource, dictionary: Path | None, device: Device) -> Engine:
    from train.reading.conversion import converted

    if source.form == "base":
        graph = source.path / "inference.onnx"
        network = OnnxNetwork(graph)
        return CtcEngine(network, _alphabet(source, dictionary, network.classes, None))
    if source.form == "exported":
        _check_has_dictionary(source, dictionary)  # before a conversion that takes long
        network = OnnxNetwork(own_onnx(source) or converted(source))
        return CtcEngine(network, _alphabet(source, dictionary, network.classes, None))
    network = OnnxNetwork(source.path)
    return CtcEngine(network, _alphabet(source, dictionary, network.classes, network.entries))


def _open_paddle(source: ModelSource, dictionary: Path | None, device: Device) -> Engine:
    if source.form != "base":
        raise UsageError(
            "--engine paddle" if device == "cpu" else f"--device {device}",
            f"needs a folder of `train weights`, and {source.path} is none",
            f"Make one: train weights {source.name} --out base/.",
        )
    network = PaddleNetwork(read_base(source.path), device)
    return CtcEngine(network, _alphabet(source, dictionary, network.classes, None))


def _open_reference(source: ModelSource, dictionary: Path | None, device: Device) -> Engine:
    from train.reading.reference_engine import ReferenceEngine, check_exported

    check_exported(source)
    _check_has_dictionary(source, dictionary)
    place = dictionary or source.dictionary
    if place is None:
        raise _no_dictionary(source)
    return ReferenceEngine(source, Alphabet.read(place))


_OPENERS = {"onnx": _open_onnx, "paddle": _open_paddle, "reference": _open_reference}


def _alphabet(
    source: ModelSource, dictionary: Path | None, classes: int, entries: tuple[str, ...] | None
) -> Alphabet:
    """Find the model's dictionary, and whether a space follows it: its length tells.

    Args:
        entries: that the model's file holds.
    """
    place = dictionary or (None if entries else source.dictionary)
    if place is None and entries is None:
        raise _no_dictionary(source)
    where = str(place or source.path)
    if place:
        return fitted(where, read_dictionary(place), classes)
    if not entries:
        raise dictionary_fault(where, 0, True, classes)
    check_entries(where, entries)
    return fitted(where, DictionaryFile(source.path, tuple(entries)), classes)


def _check_has_dictionary(source: ModelSource, dictionary: Path | None) -> None:
    if dictionary is None and source.dictionary is None:
        raise _no_dictionary(source)


def _no_dictionary(source: ModelSource) -> InputError:
    return InputError(
        str(source.path),
        "has no dictionary with it",
        "Name it: --dictionary FILE, one entry a line, or the inference.yml that was exported "
        "with the model.",
    )


def _hashes(source: ModelSource, dictionary: Path | None) -> dict[str, str]:
    named = {"dictionary": sha256_of(entries_file(dictionary))} if dictionary else {}
    return {**source.hashes(), **named}


def open_two(base: str, candidate: str, *, device: DeviceChoice) -> tuple[Opened, Opened]:
    """Open the two models of a gate on one device: a GPU where both can be read there.

    Raises:
        InputError, UsageError: as `open_model`.
    """
    devices = {reading_device(name, device) for name in (base, candidate)}
    shared: Device = devices.pop() if len(devices) == 1 else "cpu"
    return open_model(base, device=shared), open_model(candidate, device=shared)


def turning_of_two(
    asked: Turning | None, base: Opened, candidate: Opened
) -> tuple[Turning, list[Sentence | str]]:
    """Return whether the two models of a gate read crops in their turns, and what to mind of them.

    Args:
        asked: None as the record of either says.
    """
    notes: list[Sentence | str] = []
    recorded: Turning = "auto" if "auto" in (candidate.turning, base.turning) else "off"
    turning = asked or recorded
    if asked is None and turning == "auto":
        notes.append(
            say("both read crops in their turns, as the record of the candidate says")
            if candidate.turning == "auto"
            else say("both read crops in their turns, as the record of the base says")
        )
    if turning == "off" and recorded == "auto":
        notes.append(say("--turn off: read as crops lie, which is not how a record says they are"))
    if dict(base.source.hashes()) == dict(candidate.source.hashes()):
        notes.append(say("base and candidate are the same files in two places"))
    return turning, notes
