"""What `--compare` names: files of predictions, models, or all stock models at hand."""

from pathlib import Path
from typing import TYPE_CHECKING

from textlines.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textlines.labels.tally import Tally
    from train.commands.by_model import ReadRequest
    from train.judging.measuring import OtherReadings

STOCK = "stock"
"""In the place of a name: every published model that is on this machine."""


def is_model(value: str) -> bool:
    """Whether a value names a model to read with, and no file or folder of predictions."""
    from train.models.model_sources import GRAPHS

    path = Path(value)
    if path.is_dir():
        return any((path / name).is_file() for name in ("model.toml", *GRAPHS))
    if path.is_file() or "/" in value or "\\" in value:
        return path.suffix == ".onnx"
    return path.suffix not in (".tsv", ".txt", ".json", ".jsonl", ".csv")


def named(values: "Sequence[str]", model: str | None) -> tuple[list[str], list[str]]:
    """Return the values, `stock` as the names that it stands for, and notes on those not at hand.

    Args:
        model: what is compared with; it is not read twice.
    """
    from train.models.model_sources import how_to_get, stock_models

    stock_name = model and _stock_name(model)
    listed: list[str] = []
    notes: list[str] = []
    for value in values:
        if value != STOCK or Path(value).exists():
            listed.append(value)
            continue
        here, missing = stock_models()
        listed += (name for name in here if name != stock_name)
        notes += (
            f"not compared, as it is not on this machine: {name} (get it: {how_to_get(name)})"
            for name in missing
        )
        if not any(name != stock_name for name in here):
            notes.append("no other stock model is on this machine")
    return list(dict.fromkeys(listed)), notes


def others_at_hand(model: str, labels: Path, images: Path | None) -> list[str]:
    """Write which other stock models are on this machine, and the command that compares them."""
    import shlex

    from train.models.model_sources import stock_models

    here, missing = stock_models()
    stock_name = _stock_name(model)
    others = [name for name in here if name != stock_name]
    if not others:
        return []
    words = ["train", "evaluate", "--model", model, "--labels", str(labels)]
    words += ["--images", str(images)] if images else []
    more = f"; not here: {', '.join(missing)}" if missing else ""
    return [
        f"models: another may read these lines without training: {', '.join(others)}{more}. "
        f"Compare: {shlex.join([*words, '--compare', *others])}"
    ]


def _stock_name(model: str) -> str:
    """Return the name of a model as it was published, where a folder of ours holds no other."""
    from train.models.base_folder import read_base
    from train.models.model_sources import MODEL

    path = Path(model)
    if not (path / MODEL).is_file():
        return model
    base = read_base(path)
    return model if base.source.kind == "tuned" else base.spec.name


def read_others(
    values: "Sequence[str]", request: "ReadRequest", tally: "Tally", *, as_json: bool
) -> "tuple[list[OtherReadings], dict[str, str]]":
    """Read the same crops with each model, and the readings of each file.

    Models read by ONNX on the CPU, but for folders of ours on a GPU; or all by --reference.

    Args:
        request: of the model that they are compared with: its lines, its device, its engine.
        tally: grows by what is odd in files of predictions.

    Returns:
        The readings, and the sha256 of the models' files by name.

    Raises:
        UsageError: a model is named and no label file. InputError: a file or a model cannot be
            read; a model that is not on this machine with how to get it.
    """
    from textlines.labels.label_paths import normal_path
    from train.judging.measuring import OtherReadings
    from train.judging.prediction_files import read_predictions

    others: list[OtherReadings] = []
    inputs: dict[str, str] = {}
    for value in values:
        if not is_model(value):
            path = Path(value)
            predictions = read_predictions(path, tally).predictions
            texts = {normal_path(each.path): each.text for each in predictions}
            others.append(OtherReadings(path.as_posix(), "predictions", texts))
            continue
        if request.labels is None:
            raise UsageError(
                "--compare",
                f"names the model {value}, and there is no --labels to read with it",
                "Name the label file of the lines.",
            )
        other, hashes = _read(value, request, as_json)
        others.append(other)
        inputs |= hashes
    return others, inputs


def _read(
    value: str, request: "ReadRequest", as_json: bool
) -> "tuple[OtherReadings, dict[str, str]]":
    from textlines.labels.label_paths import normal_path
    from textlines.labels.tally import Tally
    from train.commands.by_model import ReadRequest, read_by_model
    from train.judging.measuring import OtherReadings
    from train.models.model_sources import is_stock

    compared = ReadRequest(
        model=value,
        labels=request.labels,
        images=request.images,
        # Of models that are compared, only folders of ours have a choice.
        device=request.device if (Path(value) / "model.toml").is_file() else "cpu",
        reference=request.reference,
        workers=request.workers,
        ray=request.ray,
    )
    # Label lines and crops that are left out are told once, by the model that is measured.
    opened, read = read_by_model(compared, Tally(), out=None, as_json=as_json)
    name = value if is_stock(value) else Path(value).as_posix()
    texts = {normal_path(each.path): each.prediction for each in read.readings}
    hashes = {f"{name}/{file}": known for file, known in opened.hashes.items()}
    return OtherReadings(name, "stock" if is_stock(value) else "model", texts), hashes
