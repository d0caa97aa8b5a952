"""Shards drawn on a Ray cluster: the same bytes as one process draws.

A task is a shard: its plan rows in, and out what they came to. Where its node sees the folder of
the run, which a token tells that the driver has left there, the task writes images and manifest
rows itself and answers with two numbers. Elsewhere it answers with all of the shard's bytes, and
the driver writes them. Each node finds out for itself: a cluster may hold both kinds.
"""

import os
import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from synth.faces.font_face import Face
from synth.rendering.photos import Listing, PhotoBank
from synth.rendering.sample import RenderEngine, Setup, photo_bank
from synth.run.drawing import RowBlock, draw_block, write_image
from synth.run.folder import finish, finished, marker, shard_folders
from synth.run.plan_files import PlanFiles
from textlines.cluster import Work
from textlines.errors import InputError
from textlines.formats.plan_rows import PlanRow
from textlines.formats.run_record import versions
from textlines.node_files import FilesNeeded, NeededFile, SentFiles, files_at_node
from textlines.partials import partial_file

if TYPE_CHECKING:
    from textlines.cluster import Cluster

SEEN_S = 60.0
"""How long the driver waits to see a shard that a node has written: network file systems keep what
they know of a folder for up to that long."""


@dataclass(frozen=True, slots=True)
class ShardTask:
    """A shard to draw.

    Attributes:
        rows: its lines of the plan. file, first: where they stand: the file, and the first line.
        sent: fonts and photos that a node has asked for, by sha256, as references.
    """

    shard: int
    rows: list[str]
    file: str
    first: int
    sent: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DrawnShard:
    """A shard that was drawn.

    Attributes:
        lines: how many. fallbacks: of these, drawn plain.
        files: paths in the run's folder and sizes of the files in `data`, which holds one behind
            another; none where the node has written them. rows: of the manifest, likewise.
    """

    shard: int
    lines: int
    fallbacks: int
    files: tuple[tuple[str, int], ...] = ()
    data: bytes = b""
    rows: tuple[str, ...] = ()


def draw_on_cluster(
    cluster: "Cluster",
    setup: Setup,
    out: Path,
    most: int,
    files: PlanFiles,
    shards: Sequence[int],
) -> Generator[tuple[int, int], None, None]:
    """Draw shards of a run; each is finished when it is yielded.

    Args:
        setup: with the sha256 of the plan. most: tasks at a time; 0 as many as there are CPUs.

    Yields:
        The lines of a shard, and how many of them fell back to plain, in order of completion.

    Raises:
        MendError: as `Cluster.results`; finished shards stay in every case.
    """
    out = out.absolute()
    photos = None if setup.photos is None else photo_bank(setup.photos).listing
    sent = SentFiles(cluster)
    with folder_token(out) as token:
        work = Work(
            open=partial(NodeDrawing, _placed(setup), _placed_photos(photos), out, token),
            do=draw_shard,
            more=partial(_with_files, sent),
            versions=versions,
        )
        tasks = _tasks(files, shards, out, setup.masks)
        with closing(cluster.results(work, tasks, most=most)) as stream:
            for _, drawn in stream:
                _keep(out, drawn)
                yield drawn.lines, drawn.fallbacks


def _tasks(files: PlanFiles, shards: Sequence[int], out: Path, masks: bool) -> Iterator[ShardTask]:
    for shard in shards:
        rows = files.shard_rows(shard)
        if rows:
            shard_folders(out, (shard,), masks=masks)
            yield ShardTask(shard, rows, *files.place(shard))


@contextmanager
def folder_token(out: Path) -> Iterator[tuple[str, str]]:
    """Leave a file in the folder, while the block runs; yield its name and its content."""
    content = os.urandom(16).hex()
    with partial_file(out / "seen", "w") as (file, path):
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
        yield path.name, content


def _placed(setup: Setup) -> Setup:
    """Return the setup with paths that say the same on every machine."""
    faces = tuple(replace(face, path=face.path.absolute()) for face in setup.faces)
    return replace(setup, faces=faces) if faces else setup


def _placed_photos(listing: Listing | None) -> Listing | None:
    if listing is None:
        return None
    photos = tuple(replace(photo, path=photo.path.absolute()) for photo in listing.photos)
    return replace(listing, photos=photos)


def _with_files(sent: SentFiles, task: ShardTask, needed: FilesNeeded) -> ShardTask:
    return replace(task, sent=sent.added(task.sent, needed))


def _keep(out: Path, drawn: DrawnShard) -> None:
    """Write a shard that was sent back, or wait until one that a node wrote is seen here."""
    if drawn.rows:
        at = 0
        for path, size in drawn.files:
            write_image(f"{out}/{path}", drawn.data[at : at + size])
            at += size
        finish(out, drawn.shard, drawn.rows)
        return
    end = time.monotonic() + SEEN_S
    while not finished(out, drawn.shard):
        if time.monotonic() > end:
            raise InputError(
                str(marker(out, drawn.shard)),
                "was written by a node and does not appear here",
                "Does each node see this folder? The same call goes on.",
            )
        time.sleep(0.5)
        # Opening a folder asks the server of a network file system anew.
        os.close(os.open(marker(out, drawn.shard).parent, os.O_RDONLY))


class NodeDrawing:
    """What a worker draws with: an engine whose fonts and photos are those of its node.

    Args:
        photos: what the driver found in the folder of photos.
        out: the folder of the run, as the driver names it.
        token: name and content of the file that tells whether this node sees it.
    """

    def __init__(
        self, setup: Setup, photos: Listing | None, out: Path, token: tuple[str, str]
    ) -> None:
        self._setup, self._photos = setup, photos
        self.out = out
        self.writes = sees_folder(out, token)
        self._known = {face.id: face for face in setup.faces}
        self._faces: dict[str, Face] = {}
        self._engine: RenderEngine | None = None

    def engine(self, rows: Sequence[PlanRow], sent: Mapping[str, Any]) -> RenderEngine:
        """Return an engine that can draw these rows.

        Args:
            sent: references of files that this node had not, by sha256.

        Raises:
            MoreNeededError: the node lacks fonts of the rows, or photos.
        """
        names = {name for row in rows for name in (row.face, *(part[2] for part in row.parts))}
        # A face that is not known at all is the engine's to refuse.
        new = sorted((names & self._known.keys()) - self._faces.keys())
        faces = [self._known[name] for name in new]
        wanted = [NeededFile(face.sha256, face.path) for face in faces]
        if self._engine is None and self._photos is not None:
            wanted += [NeededFile(photo.sha256, photo.path) for photo in self._photos.photos]
        places = files_at_node(list(dict.fromkeys(wanted)), sent)
        for face in faces:
            self._faces[face.id] = replace(face, path=places[face.sha256])
        if self._engine is None:
            self._engine = self._setup.engine(self._faces, self._bank(places))
        return self._engine

    def _bank(self, places: Mapping[str, Path]) -> PhotoBank | None:
        if self._photos is None or self._setup.photos is None:
            return None
        photos = tuple(replace(one, path=places[one.sha256]) for one in self._photos.photos)
        return PhotoBank(self._setup.photos, replace(self._photos, photos=photos))


def sees_folder(out: Path, token: tuple[str, str]) -> bool:
    """Whether this node sees the driver's folder: the file that lies there, by name and content."""
    name, content = token
    try:
        return (out / name).read_text() == content
    except OSError:
        return False


def draw_shard(drawing: NodeDrawing, task: ShardTask) -> DrawnShard:
    """Draw a shard, in a worker.

    Raises:
        MoreNeededError: the node lacks fonts or photos.
        MendError: a row cannot be drawn, or the folder cannot be written.
    """
    out = drawing.out
    rows = [
        PlanRow.from_json(row, f"{out / task.file}:{number}")
        for number, row in enumerate(task.rows, task.first)
    ]
    engine = drawing.engine(rows, task.sent)
    block = RowBlock(task.shard, 0, task.first, task.rows, task.file)
    if drawing.writes:
        drawn = draw_block(engine, block, out)
        finish(out, task.shard, drawn.lines)
        return DrawnShard(task.shard, len(drawn.lines), drawn.fallbacks)
    files: list[tuple[str, int]] = []
    held: list[bytes] = []

    def keep(path: str, data: bytes) -> None:
        files.append((path, len(data)))
        held.append(data)

    drawn = draw_block(engine, block, out, keep)
    return DrawnShard(
        task.shard,
        len(drawn.lines),
        drawn.fallbacks,
        tuple(files),
        b"".join(held),
        tuple(drawn.lines),
    )
