"""The lines of a label file read by a model, for the commands that take --model."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from textlines.cluster_joining import RAY_HELP
from textlines.errors import UsageError
from textlines.request_options import check_request
from train.shared_options import (
    CutPrefix,
    Device,
    Encoding,
    Engine,
    Images,
    Reference,
    Strict,
    Turn,
    Workers,
)

if TYPE_CHECKING:
    from textlines.labels.label_file import Dialect
    from textlines.labels.tally import Tally
    from textlines.outputs import Output
    from train.reading.crop_reading import Elsewhere
    from train.reading.labelled_crops import Labelled
    from train.reading.model_opening import Opened
    from train.reading.turned_crops import TurnedCrops


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadRequest:
    """Which lines are read, with which model, and how.

    Attributes:
        model: None for requests that may bring predictions in its place.
        encoding, cut_prefix: how the label file departs from PaddleOCR's form.
        turn: whether crops are read in their turns too; None as the model's record says.
        ray: address of a Ray cluster that reads; None reads here. `workers` are then tasks at a
            time, None for as many as it has CPUs.
    """

    labels: Annotated[
        Path | None, typer.Option(help="Label file: path, tab, text. Needed with --model.")
    ] = None
    model: Annotated[
        str | None,
        typer.Option(
            help="What to read with: a folder of `train weights`, an exported Paddle folder, an "
            ".onnx file, or a name (PP-OCRv4_mobile_rec)."
        ),
    ] = None
    images: Images = None
    encoding: Encoding = ""
    cut_prefix: CutPrefix = ""
    dictionary: Annotated[
        Path | None, typer.Option(help="The model's dictionary, if none is with it.")
    ] = None
    turn: Turn = None
    reference: Reference = False
    engine: Engine = "auto"
    device: Device = "auto"
    workers: Workers = None
    ray: Annotated[str | None, typer.Option(metavar="ADDRESS", help=RAY_HELP)] = None
    strict: Strict = False

    def __post_init__(self) -> None:
        check_request(self)
        if self.ray is not None and self.model is None:
            raise UsageError("--ray", "reads crops with a model", "Name one with --model.")
        if self.ray is not None and (
            self.reference or self.engine == "paddle" or self.device == "gpu"
        ):
            raise UsageError(
                "--ray",
                "reads by onnxruntime on CPUs",
                "Leave --reference, --engine paddle and --device gpu away.",
            )

    @property
    def dialect(self) -> "Dialect":
        """Return how the label file departs from PaddleOCR's form.

        Raises:
            UsageError: there is no such encoding of texts.
        """
        from textlines.labels.label_file import Dialect

        return Dialect(self.encoding, self.cut_prefix)


def predictions_outputs(option: str, out: Path | None) -> "list[Output | None]":
    """Declare the file of predictions and the folder of its shards."""
    from textlines.outputs import PREDICTIONS, file, folder

    shards = out.with_suffix("") if out and out.suffix else None
    return [file(option, out, PREDICTIONS), folder(option, shards)]


def read_by_model(
    request: ReadRequest,
    tally: "Tally",
    *,
    out: Path | None,
    as_json: bool,
    use_space_char: bool | None = None,
) -> "tuple[Opened, Labelled]":
    """Open a model and read all crops, with progress on stderr.

    Args:
        request: names a model.
        tally: grows by what is left out.
        out: file for the predictions, in which a killed run goes on.
        use_space_char: what the user says of the model, which knows; None says nothing.

    Raises:
        UsageError: there is no label file, or two engines are named, or the model has a space and
            the user says no (or the other way round), or as `open_model`.
        InputError: as `open_model` and `read_labelled`.
    """
    if request.model is None:
        raise UsageError("--model", "is missing", "Name the model to read with.")
    if request.labels is None:
        raise UsageError("--labels", "is missing", "Name the label file of the lines to read.")
    if request.reference and request.engine != "auto":
        raise UsageError("--reference, --engine", "name two engines", "Leave one of the two away.")
    from textlines.labels.alphabet import refuse_other_space
    from textlines.progress import watching
    from train.reading.labelled_crops import read_labelled
    from train.reading.model_opening import open_model

    opened = open_model(
        request.model,
        dictionary=request.dictionary,
        engine="onnx" if request.ray else "reference" if request.reference else request.engine,
        device="cpu" if request.ray else request.device,
    )
    has_space = opened.alphabet.use_space_char
    refuse_other_space(use_space_char, has_space, f"{opened.source.path}, which has")
    with (
        reading_elsewhere(request, opened) as elsewhere,
        watching("lines read", as_json=as_json) as watch,
    ):
        read = read_labelled(
            opened,
            request.labels,
            tally,
            images=request.images,
            turning=request.turn or opened.turning,
            out=out,
            workers=request.workers,
            strict=request.strict,
            dialect=request.dialect,
            watch=watch,
            elsewhere=elsewhere,
        )
    return opened, read


@contextmanager
def reading_elsewhere(request: ReadRequest, opened: "Opened") -> "Iterator[Elsewhere | None]":
    """Connect to the cluster that a request names; give what reads there, None without one."""
    if request.ray is None:
        yield None
        return
    from textlines.cluster_joining import connected
    from train.reading.cluster_reading import read_on_cluster

    with connected(request.ray) as cluster:
        yield partial(read_on_cluster, cluster, opened, request.workers or 0)


def find_turned(opened: "Opened", read: "Labelled", *, as_json: bool) -> "TurnedCrops":
    """Find the crops that lie turned, with progress on stderr where some are read again."""
    from functools import partial

    from textlines.progress import watching
    from train.reading.turned_crops import turned_crops

    return turned_crops(opened, read, partial(watching, as_json=as_json))
