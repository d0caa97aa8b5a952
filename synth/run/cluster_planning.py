"""Blocks of a run's plan made on a Ray cluster, before its shards are drawn there.

A task is a block: it depends on no other one. Where its node sees the folder of the run it writes
the block's files itself; elsewhere their bytes come back, and the driver writes them.
"""

from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from synth.plan.plan_report import PlanReport
from synth.run.cluster_drawing import folder_token, sees_folder
from synth.run.plan_files import PlanFiles
from synth.run.render_job import RenderJob
from textlines.cluster import Work
from textlines.files import replacing_bytes
from textlines.formats.block_record import BlockRecord, block_file, block_record
from textlines.formats.run_record import versions
from textlines.node_files import FilesNeeded, NeededFile, SentFiles, files_at_node

if TYPE_CHECKING:
    from textlines.cluster import Cluster


@dataclass(frozen=True, slots=True)
class BlockTask:
    """A block to plan.

    Attributes:
        sent: fonts that a node has asked for, by sha256, as references.
    """

    number: int
    sent: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PlannedBlock:
    """A block that was planned.

    Attributes:
        files: what it wrote, by path in the run's folder, rows first and the record last; none
            where the node has written them.
    """

    record: BlockRecord
    report: PlanReport
    files: tuple[tuple[str, bytes], ...] = ()


def plan_on_cluster(
    cluster: "Cluster", job: RenderJob, out: Path, files: PlanFiles, shards: range, most: int
) -> Iterator[PlannedBlock]:
    """Plan the blocks of these shards that are missing; each is written when it is yielded.

    Args:
        most: tasks at a time; 0 as many as there are CPUs.

    Raises:
        MendError: as `Cluster.results`; finished blocks stay in every case.
    """
    if not shards:
        return
    numbers = range(files.block_of(shards[0]), files.block_of(shards[-1]) + 1)
    tasks = (BlockTask(number) for number in numbers if not files.is_planned(number))
    out = out.absolute()
    sent = SentFiles(cluster)
    with folder_token(out) as token:
        work = Work(
            open=partial(NodePlanning, job, out, token),
            do=plan_block,
            more=partial(_with_files, sent),
            versions=versions,
        )
        with closing(cluster.results(work, tasks, most=most)) as stream:
            for _, planned in stream:
                for path, data in planned.files:
                    with replacing_bytes(out / path) as file:
                        file.write(data)
                yield planned


class NodePlanning:
    """What a worker plans with: a job whose fonts are those of its node.

    Args:
        out: the folder of the run, as the driver names it.
        token: name and content of the file that tells whether this node sees it.
    """

    def __init__(self, job: RenderJob, out: Path, token: tuple[str, str]) -> None:
        self._job, self._is_placed = job, False
        self.out = out
        self.writes = sees_folder(out, token)

    def job(self, sent: Mapping[str, Any]) -> RenderJob:
        """Return the job; what its faces look like is read from this node's files.

        Raises:
            MoreNeededError: the node lacks fonts.
        """
        if not self._is_placed:
            faces = self._job.pool.faces
            wanted = dict.fromkeys(NeededFile(face.sha256, face.path) for face in faces)
            pool = self._job.pool.moved(files_at_node(list(wanted), sent))
            self._job, self._is_placed = replace(self._job, pool=pool), True
        return self._job


def plan_block(planning: NodePlanning, task: BlockTask) -> PlannedBlock:
    """Plan a block, in a worker.

    Raises:
        MoreNeededError: the node lacks fonts.
        MendError: as `RenderJob.write_block`.
    """
    job = planning.job(task.sent)
    if planning.writes:
        return PlannedBlock(*job.write_block(planning.out, task.number))
    with TemporaryDirectory(prefix="ocr-mend-") as folder:
        record, report = job.write_block(Path(folder), task.number)
        paths = (block_file(task.number), block_record(task.number))
        read = tuple((path, (Path(folder) / path).read_bytes()) for path in paths)
    return PlannedBlock(record, report, read)


def _with_files(sent: SentFiles, task: BlockTask, needed: FilesNeeded) -> BlockTask:
    return replace(task, sent=sent.added(task.sent, needed))
