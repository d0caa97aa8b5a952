"""The lines of a label file read by a model, for the commands that take --model."""

from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from textlines.labels.label_file import Dialect
    from textlines.labels.tally import Tally
    from textlines.outputs import Output
    from train.models.records import Turning
    from train.networks.devices import DeviceChoice
    from train.reading.labelled_crops import Labelled
    from train.reading.model_opening import Opened
    from train.reading.turned_crops import TurnedCrops


def predictions_outputs(option: str, out: Path | None) -> "list[Output | None]":
    """Declare the file of predictions and the folder of its shards."""
    from textlines.outputs import PREDICTIONS, file, folder

    shards = out.with_suffix("") if out and out.suffix else None
    return [file(option, out, PREDICTIONS), folder(option, shards)]


def read_by_model(
    model: str,
    labels: Path | None,
    tally: "Tally",
    *,
    images: Path | None,
    dictionary: Path | None,
    engine: Literal["auto", "onnx", "paddle"],
    reference: bool,
    device: "DeviceChoice",
    workers: int | None,
    out: Path | None,
    strict: bool,
    as_json: bool,
    turn: "Turning | None" = None,
    dialect: "Dialect | None" = None,
    use_space_char: bool | None = None,
) -> "tuple[Opened, Labelled]":
    """Open a model and read all crops, with progress on stderr.

    Args:
        tally: grows by what is left out.
        out: file for the predictions, in which a killed run goes on.
        turn: whether crops are read in their turns too; None as the model's record says.
        dialect: how the label file departs from PaddleOCR's form; None: not at all.
        use_space_char: what the user says of the model, which knows; None says nothing.

    Raises:
        UsageError: there is no label file, or two engines are named, or the model has a space and
            the user says no (or the other way round), or as `open_model`.
        InputError: as `open_model` and `read_labelled`.
    """
    from textlines.errors import UsageError

    if labels is None:
        raise UsageError("--labels", "is missing", "Name the label file of the lines to read.")
    if reference and engine != "auto":
        raise UsageError("--reference, --engine", "name two engines", "Leave one of the two away.")
    from textlines.labels.alphabet import refuse_other_space
    from textlines.labels.label_file import PLAIN
    from textlines.progress import watching
    from train.reading.labelled_crops import read_labelled
    from train.reading.model_opening import open_model

    opened = open_model(
        model,
        dictionary=dictionary,
        engine="reference" if reference else engine,
        device=device,
    )
    has_space = opened.alphabet.use_space_char
    refuse_other_space(use_space_char, has_space, f"{opened.source.path}, which has")
    with watching("lines read", as_json=as_json) as watch:
        read = read_labelled(
            opened,
            labels,
            tally,
            images=images,
            turning=turn or opened.turning,
            out=out,
            workers=workers,
            strict=strict,
            dialect=dialect or PLAIN,
            watch=watch,
        )
    return opened, read


def find_turned(opened: "Opened", read: "Labelled", *, as_json: bool) -> "TurnedCrops":
    """Find the crops that lie turned, with progress on stderr where some are read again."""
    from functools import partial

    from textlines.progress import watching
    from train.reading.turned_crops import turned_crops

    return turned_crops(opened, read, partial(watching, as_json=as_json))
