"""Crops read on a Ray cluster, by the graph that reads them here.

A task is a block of consecutive crops; outcomes come back in the order of the crops. Crops are
read one by one, so that no reading depends on what else stands in its block.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textlines.cluster import Work
from textlines.errors import UsageError
from textlines.files import sha256_of
from textlines.formats.predictions import Outcome
from textlines.installing import installed_versions
from textlines.labels.alphabet import Alphabet
from textlines.node_files import FilesNeeded, NeededFile, SentFiles, files_at_node
from textlines.pixels.arrays import Image
from textlines.pixels.decode import decode_image
from textlines.pixels.sent_images import BlockSender, ImageBlock
from train.models.records import Turning
from train.reading.crop_reading import read_chunk
from train.reading.engine import CtcEngine
from train.reading.engine_networks import OnnxNetwork
from train.reading.model_opening import Opened

if TYPE_CHECKING:
    from textlines.cluster import Cluster

BLOCK = 256
"""Crops of one task: a few seconds of one core."""


@dataclass(frozen=True, slots=True)
class ReadTask:
    """Crops to read.

    Attributes:
        names: as outcomes name them. sent: the model, where a node has asked for it, by sha256.
    """

    names: tuple[str, ...]
    block: ImageBlock
    sent: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class NodeReader:
    """What a worker reads with: its engine is opened with the first task."""

    graph: NeededFile
    alphabet: Alphabet
    turning: Turning
    _engine: CtcEngine | None = None

    def engine(self, sent: Mapping[str, Any]) -> CtcEngine:
        """Return the engine.

        Raises:
            MoreNeededError: this node has not got the model.
        """
        if self._engine is None:
            place = files_at_node([self.graph], sent)[self.graph.sha256]
            self._engine = CtcEngine(OnnxNetwork(place), self.alphabet)
        return self._engine


def read_on_cluster(
    cluster: "Cluster",
    opened: Opened,
    most: int,
    paths: Sequence[str],
    images: Path,
    turning: Turning = "off",
) -> Iterator[list[Outcome]]:
    """Read crops; give the outcomes in their order, a block at a time.

    Args:
        most: tasks at a time; 0 as many as the cluster has CPUs.
        paths: from `images` on.

    Raises:
        UsageError: the engine is none that nodes read by.
        MendError: as `Cluster.results`.
    """
    engine = opened.engine
    if not isinstance(engine, CtcEngine) or not isinstance(engine.network, OnnxNetwork):
        raise UsageError(
            "--ray",
            f"reads by onnxruntime, and {engine.name} was asked for",
            "Leave --engine, --reference and --device gpu away.",
        )
    graph = Path(engine.network.place).absolute()
    sender, files = BlockSender(), SentFiles(cluster)
    work = Work(
        open=partial(NodeReader, NeededFile(sha256_of(graph), graph), engine.alphabet, turning),
        do=read_block,
        more=partial(_fuller, sender, files),
        versions=_versions,
    )
    tasks = (
        ReadTask(tuple(names), sender.block([str(images / name) for name in names]))
        for names in (paths[at : at + BLOCK] for at in range(0, len(paths), BLOCK))
    )
    with closing(cluster.in_order(work, tasks, most=most)) as stream:
        yield from stream


def read_block(reader: NodeReader, task: ReadTask) -> list[Outcome]:
    """Read the crops of a task, in a worker.

    Raises:
        MoreNeededError: the node has not got the model, or sees other crops than the driver.
        InputError: the model gives no probabilities for one; names it.
    """
    engine = reader.engine(task.sent)
    task.block.require_seen()

    def read(number: int, _: str) -> Image:
        return decode_image(task.block.read(number), name=task.block.paths[number])

    return read_chunk(engine, task.names, read, reader.turning)


def _fuller(sender: BlockSender, files: SentFiles, task: ReadTask, asked: Any) -> ReadTask:
    if isinstance(asked, FilesNeeded):
        return replace(task, sent=files.added(task.sent, asked))
    return replace(task, block=sender.fuller(task.block))


def _versions() -> dict[str, str]:
    return installed_versions(
        (
            *("numpy", "onnxruntime"),
            *("opencv-python-headless", "opencv-python", "opencv-contrib-python"),
        )
    )
