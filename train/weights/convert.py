"""`train weights`: from a model as it is found to a base folder that is proven to read alike."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from textlines.errors import InputError
from textlines.files import open_regular, sha256_of
from textlines.formats.history import History
from textlines.labels.alphabet import Alphabet
from textlines.labels.coverage import refuse_other_labels
from textlines.labels.tally import Tally
from train.models.base_folder import (
    BaseFolder,
    Parity,
    Source,
    Tensors,
    is_base,
    library_versions,
    refuse_foreign,
    write_base,
)
from train.models.configuration import MODEL_NAMES
from train.models.graph_files import Graph, is_marked_onnx, read_onnx, read_pir, read_program
from train.models.model_sources import CONFIGURATION, PUBLISHED, inherited, resolve, source_of
from train.models.network_alphabet import alphabet_of
from train.models.records import Turning, recorded_turning
from train.networks.building import loaded
from train.networks.graph_spec import GraphSpec, Spec
from train.networks.recognizer import Recognizer, fuse
from train.networks.spec import likely_name
from train.reading.conversion import converted
from train.seen import add_look
from train.weights.as_graph import as_graph
from train.weights.checkpoint import Matched, read_checkpoint
from train.weights.graph_export import export_onnx
from train.weights.graph_match import UnknownNetworkError, match_graph
from train.weights.order import Order, order_of, refuse_other_order
from train.weights.parity import OwnReadings, compare
from train.weights.probe_lines import fixed_lines, real_lines
from train.weights.readers import (
    exact_onnx_reader,
    exact_reader,
    network_reader,
    onnx_reader,
    paddle_reader,
)

_FOR_DOWNLOAD = re.compile(r"(?:_(?:infer|train|pretrained))?(?:\.pdparams|\.onnx)?$")
"""What files and folders for download have behind the published name."""

SourceKind = Literal["checkpoint", "paddle", "onnx"]

COMPARED = "compare on"
"""The look at real lines that two forms of a model are compared on."""


@dataclass(frozen=True, slots=True)
class Located:
    """The files of a model that is to be converted.

    Attributes:
        name: the published name if the user gave one or the folder tells it; "" if not.
        file_name: the published name that the file or its folder has for a name, as those for
            download have; "" for none. Nothing but the name says so.
        files: of paddle, the program and the weights; else the one file.
        dictionary: that belongs to it; None for none (an ONNX file may hold its own).
    """

    kind: SourceKind
    name: str
    files: tuple[Path, ...]
    dictionary: Path | None = None
    file_name: str = ""


def locate(model: str) -> Located:
    """Find the weights of a model: as every command finds it, the exported form first.

    Raises:
        InputError: there is no such model, or it is one of ours already.
    """
    source = resolve(model, "exported")
    if source.form == "base":
        raise InputError(
            model, "is a model folder of `train weights` already", "Use it as it is: --model."
        )
    published = source.name if PUBLISHED.match(source.name) else ""
    file_name = _published_as(source.path)
    if source.form == "onnx":
        own_name = _name_within(source.dictionary) if source.dictionary else ""
        return Located("onnx", published or own_name, (source.path,), source.dictionary, file_name)
    if source.form == "checkpoint":
        own_name = _name_within(source.path.parent / CONFIGURATION)
        return Located("checkpoint", own_name, source.files, file_name=file_name)
    own_name = _name_within(source.path / CONFIGURATION) or published
    return Located("paddle", own_name, source.files, source.dictionary, file_name)


def _published_as(path: Path) -> str:
    """Return the published name that a file or its folder is named after; "" for none.

    >>> _published_as(Path("PP-OCRv5_server_rec_pretrained.pdparams"))
    'PP-OCRv5_server_rec'
    >>> _published_as(Path("korean_PP-OCRv3_mobile_rec_train/best_accuracy.pdparams"))
    'korean_PP-OCRv3_mobile_rec'
    """
    for name in (path.name, path.absolute().parent.name):
        bare = _FOR_DOWNLOAD.sub("", name)
        if PUBLISHED.match(bare):
            return bare
    return ""


def _name_within(configuration: Path) -> str:
    """Read `Global.model_name` of an inference.yml; "" where there is none.

    A line of text is enough: the file's 18,000 other lines are read elsewhere, once.
    """
    try:
        with open_regular(configuration) as file:
            beginning = file.read(4000).decode("utf-8", "replace")[:2000]
    except OSError:
        return ""
    match = re.search(r"^\s+model_name:\s*([\w.-]+)\s*$", beginning, re.MULTILINE)
    return match[1] if match else ""


@dataclass(frozen=True, slots=True)
class Converted:
    """What came of a conversion.

    Attributes:
        base: the folder. left_out: of the label file given for parity, counts by reason.
        history: that the model brought, and the base folder carries on.
        order: what labelled lines say of the dictionary's order; None without labels.
        drawn: what the drawn lines say of it, which prove nothing.
    """

    base: BaseFolder
    left_out: Tally
    history: History
    order: Order | None
    drawn: Order


def convert(
    model: str,
    out: Path,
    *,
    dictionary: Path | None = None,
    use_space_char: bool | None = None,
    labels: Path | None = None,
    images: Path | None = None,
    turning: Turning | None = None,
    archive: Path | None = None,
) -> Converted:
    """Make a base folder of a model.

    Args:
        model: a published name, a .pdparams file, an exported folder or an ONNX file.
        out: the folder to make; written whole or not at all.
        dictionary, use_space_char: None takes the model's own, and what fits.
        labels, images: real lines to compare on, beside the fixed ones: what is read there must
            be what the labels say.
        turning: whether crops are to be read in their turns; None as the model's record says.
        archive: that the model was unpacked from, for the record.

    Raises:
        InputError: the model cannot be read, its tensors are not all of a network that we know,
            its dictionary is of another length or order, the network reads otherwise than the
            model, or the history beside the model is broken.
    """
    refuse_foreign(out, is_base)
    located = locate(model)
    where = str(located.files[0])
    left_out = Tally()
    # Before the weights, which take seconds: a path that is not there is told at once.
    lines = list(fixed_lines())
    if labels is not None:
        lines += real_lines(labels, images, left_out)
    is_marked = located.kind == "onnx" and is_marked_onnx(located.files[0])
    history = inherited(located.files, is_marked=is_marked)
    if labels is not None:
        # Nothing of the model changes by it: a look.
        history = add_look(history, COMPARED, labels, len(lines) - len(fixed_lines()))
    matched, within, recorded = _read(located)
    alphabet = alphabet_of(
        where,
        matched.spec,
        named=dictionary,
        beside=located.dictionary,
        within=within,
        use_space_char=use_space_char,
    )
    spec = matched.spec
    spec = replace(spec, name=_name_of(located, spec))
    network = loaded(spec, matched.tensors)
    readings = OwnReadings.read(lines, network_reader(network), exact_reader(network))
    drawn, order = _orders(readings, alphabet, has_labels=labels is not None)
    if order is not None:
        # A model's own dictionary too: somebody may have put another in its place.
        held = str(dictionary or (None if within else located.dictionary) or where)
        refuse_other_labels(held, alphabet, [line.label for line in lines[len(fixed_lines()) :]])
        refuse_other_order(held, order)
    proven = _against_source(located, network, readings, alphabet, matched)
    base = write_base(
        out,
        spec=spec,
        tensors=matched.tensors,
        alphabet=alphabet,
        write_graph=_exporting(network, readings, alphabet),
        source=Source(
            kind=located.kind,
            files={
                path.name: sha256_of(path)
                for path in (*located.files, *([archive] if archive else []))
            },
            tensors=matched.counts,
            models=matched.models,
        ),
        precision=matched.precision,
        parity=proven,
        versions=library_versions(),
        history=history,
        turning=turning or recorded,
        program=_program_of(located, spec),
    )
    return Converted(base, left_out, history, order, drawn)


def _program_of(located: Located, spec: Spec) -> Path | None:
    """Return the Paddle program that a network is the graph of."""
    is_graph = located.kind == "paddle" and isinstance(spec, GraphSpec)
    return located.files[0] if is_graph else None


def _name_of(located: Located, spec: Spec) -> str:
    """Name the model: as it says itself, as its file is named, as its size tells, or its family.

    A file's name counts only if the network is one of that name.
    """
    if isinstance(spec, GraphSpec):
        return located.name or spec.family
    by_file = located.file_name if located.file_name in MODEL_NAMES.get(spec.family, ()) else ""
    return located.name or by_file or likely_name(spec.family, spec.classes) or spec.family


def _orders(
    readings: OwnReadings, alphabet: Alphabet, *, has_labels: bool
) -> tuple[Order, Order | None]:
    """Return what drawn lines say of the dictionary's order, and what labelled ones do."""
    count = len(fixed_lines())
    texts = [line.label for line in readings.lines]
    read = readings.texts(alphabet)
    drawn = order_of(*_with_text(texts[:count], read[:count]), alphabet)
    return drawn, order_of(texts[count:], read[count:], alphabet) if has_labels else None


def _with_text(texts: Sequence[str], read: Sequence[str]) -> tuple[list[str], list[str]]:
    kept = [(text, reading) for text, reading in zip(texts, read, strict=True) if text]
    return [text for text, _ in kept], [reading for _, reading in kept]


def _read(located: Located) -> tuple[Matched, tuple[str, ...], Turning]:
    """Read a model's tensors, the dictionary that its file holds, and whether crops are turned."""
    first = located.files[0]
    if located.kind == "checkpoint":
        return read_checkpoint(first), (), "off"
    if located.kind == "onnx":
        model = read_onnx(first)
        return _matched(str(first), model.graph, lambda: first), model.entries, model.turning
    read: Callable[[Path, Path], Graph] = read_pir if first.suffix == ".json" else read_program
    source = source_of(first.parent)
    matched = _matched(str(first.parent), read(*located.files), lambda: converted(source))
    return matched, (), recorded_turning(source)


def _matched(where: str, graph: Graph, as_onnx: Callable[[], Path]) -> Matched:
    """Put a graph's layers into one of our networks; where none fits, take the graph itself.

    Args:
        as_onnx: returns the graph as an ONNX file.
    """
    try:
        return match_graph(where, graph)
    except UnknownNetworkError:
        return as_graph(where, as_onnx())


def _against_source(
    located: Located,
    network: Recognizer,
    readings: OwnReadings,
    alphabet: Alphabet,
    matched: Matched,
) -> tuple[Parity, ...]:
    """Compare our network with the model's own graph; a checkpoint has none."""
    if located.kind == "checkpoint":
        # Nothing else reads it: its tensors went by name and size into the network of its names.
        # Fusing is what every later step does to it, so that much can be proven.
        if network.spec.form == "fused":
            return ()
        fused = network_reader(fuse(loaded(network.spec, matched.tensors)))
        of = "the network with branches and fused"
        return (compare(of, fused, readings, alphabet, "fp32"),)
    of = "the model's own graph and ours in Paddle"
    if located.kind == "onnx":
        path = located.files[0]
        exact = exact_onnx_reader(path)
        source = onnx_reader(path)
        return (compare(of, source, readings, alphabet, matched.precision, other_exact=exact),)
    return (compare(of, paddle_reader(*located.files), readings, alphabet, matched.precision),)


def _exporting(
    network: Recognizer, readings: OwnReadings, alphabet: Alphabet
) -> Callable[[Path], Parity]:
    """Return a function that writes the ONNX file and proves that it reads as the network does."""

    def write(path: Path) -> Parity:
        export_onnx(fuse(loaded(network.spec, _tensors_of(network))), path)
        of = "ours in Paddle and our ONNX file"
        exact = exact_onnx_reader(path)
        reader = onnx_reader(path, is_own=True)
        return compare(of, reader, readings, alphabet, "fp32", other_exact=exact)

    return write


def _tensors_of(network: Recognizer) -> Tensors:
    return {name: value.numpy() for name, value in network.state_dict().items()}
