"""The lines of an epoch: what can be trained on and in which turn, and which lines share a step.

What cannot be trained on is counted. Crops are turned as the base model reads them when a run is
planned. Steps are a function of seed, epoch and lines, the same in every process. Own lines are
known again by the hash of all of them: folds are of these own lines or of others.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple
from unicodedata import normalize

import numpy as np

from textlines.defects import of_lines
from textlines.errors import InputError
from textlines.files import open_regular, raise_if_of_the_machine, replacing, sha256_of
from textlines.formats.mix import ListedLine, MixFolder
from textlines.formats.predictions import Outcome, Turn, read_outcomes, row_of
from textlines.labels.alphabet import Alphabet
from textlines.labels.tally import Tally
from textlines.pixels.resize import LEAST_WIDTH, padded_width
from textlines.progress import Watcher, unwatched
from textlines.rules.line_rules import check_line
from train.reading.crop_reading import outcome_of_turns
from train.reading.ctc import Line
from train.reading.model_opening import Opened
from train.reading.turned_crops import read_in_turns
from train.reading.turning import is_settled, nearest, surest
from train.seen import hashes_of
from train.tuning.train_plan import TurnPlan

Sizes = Mapping[str, tuple[int, int]]
"""Width and height of images, in pixels, by path; an image that is not there has none."""

TURNS = "turns.jsonl"
"""In the folder of a run, beside its plan: what the base model reads in each crop that is trained
on turned. A crop that it does not name is trained on as it lies."""

_AGAIN = "Put the file back, or make the plan again: train plan --turn auto."


@dataclass(frozen=True, slots=True)
class TrainingLine:
    """One line of an epoch.

    Attributes:
        path: from the data folder on.
        ids: classes of its label; () for a line whose target is the base model's reading.
        width: of the network's input for it, in pixels, padded.
        is_new: it stands in its list as a new line.
        is_rendered: its image was rendered and carries effects already: it is not varied.
        turn: degrees, counter-clockwise, by which its crop is turned to be trained on.
        copy: how many equal lines stand before it in its list.
        is_own: it is one of the team's own labelled lines.
    """

    path: str
    ids: tuple[int, ...]
    width: int
    is_new: bool
    is_rendered: bool
    turn: Turn = 0
    copy: int = 0
    is_own: bool = False

    @property
    def is_distilled(self) -> bool:
        """Whether the base model's reading is its target."""
        return not self.ids


def bucket_width(width: int, height: int, bucket: int) -> int:
    """Return the padded width of a crop in training, a multiple of `bucket` from 320 on.

    >>> bucket_width(200, 48, 64), bucket_width(330, 48, 64)
    (320, 384)
    """
    padded = padded_width(width, height)
    return padded if padded == 320 else -(-padded // bucket) * bucket


def image_size(path: Path) -> tuple[int, int] | None:
    """Read an image's width and height from its head, upright; None if it cannot be read.

    Raises:
        MachineError: the file may not be read, memory is short, or Pillow does not load.
    """
    from PIL import Image

    try:
        with open_regular(path) as file, Image.open(file) as opened:
            width, height = opened.size
            turned = opened.getexif().get(0x0112, 1) in (5, 6, 7, 8)
    # The parsers of heads and tags fail with whatever they met (SyntaxError, struct.error, ...).
    except Exception as error:
        raise_if_of_the_machine(path, error)
        return None
    return (height, width) if turned else (width, height)


def sizes_of(paths: Sequence[str], data: Path, workers: int = 4) -> dict[str, tuple[int, int]]:
    """Read the sizes of images; what cannot be read is not among them."""
    unique = list(dict.fromkeys(paths))
    with ThreadPoolExecutor(workers, thread_name_prefix="sizes") as pool:
        sizes = list(pool.map(image_size, [data / path for path in unique]))
    return {path: size for path, size in zip(unique, sizes, strict=True) if size}


def training_lines(
    raw: Sequence[ListedLine],
    sizes: Sizes,
    alphabet: Alphabet,
    *,
    data: Path,
    bucket: int,
    max_length: int,
    tally: Tally,
    turns: Mapping[str, Turn] | None = None,
) -> tuple[TrainingLine, ...]:
    """Turn lines into what is trained on, by path; what cannot be is counted by its first fault.

    Args:
        raw: lines with their kinds; the label of a distilled one does not matter.
        tally: grows by `of_lines.TRAINING`.
        turns: of the crops that do not lie upright, by path.
    """
    lines = []
    for line, kind in raw:
        size = sizes.get(line.path)
        if size is None:
            is_there = (data / line.path).is_file()
            tally.add(of_lines.UNREADABLE_IMAGE if is_there else of_lines.MISSING_IMAGE, line.path)
            continue
        turn: Turn = (turns or {}).get(line.path, 0)
        if turn in (90, 270):
            size = (size[1], size[0])
        width = bucket_width(*size, bucket)
        ids: tuple[int, ...] = ()
        if kind.role != "distil":
            findings = check_line(
                line.label, alphabet, max_length=max_length, width_px=size[0], height_px=size[1]
            )
            fault = next((finding for finding in findings if finding.defect.is_error), None)
            if fault:
                tally.add(fault.defect, f"{line.path} ({fault.detail})")
                continue
            ids = tuple(alphabet.encode(line.label))
        lines.append(
            TrainingLine(
                line.path,
                ids,
                width,
                is_new=kind.role == "new",
                is_rendered=kind.rendered,
                turn=turn,
                is_own=kind.is_own,
            )
        )
    return _counted(sorted(lines, key=lambda line: (line.path, line.ids)))


def _counted(lines: Iterable[TrainingLine]) -> tuple[TrainingLine, ...]:
    """Number equal lines."""
    seen: Counter[TrainingLine] = Counter()
    counted = []
    for line in lines:
        counted.append(replace(line, copy=seen[line]) if seen[line] else line)
        seen[line] += 1
    return tuple(counted)


def read_line_turns(
    opened: Opened, mix: MixFolder, *, watch: Watcher = unwatched
) -> tuple[tuple[Outcome, ...], int]:
    """Read the lines of all lists in their turns.

    A labelled line is trained on in the turn whose reading is nearest to its label, a distilled one
    in the surest. Rendered lines lie as they were drawn and are not read.

    Returns:
        What was read in the crops that lie turned, by path; and how many crops were read.
    """
    labels = _labels_of(mix)
    paths = sorted(labels)

    def is_enough(at: int, line: Line) -> bool:
        label = labels[paths[at]]
        return is_settled(line) if label is None else normalize("NFC", line.text) == label

    read = read_in_turns(opened, paths, mix.data, is_enough, watch=watch)
    turned = []
    for path, lines in sorted(read.items()):
        label = labels[path]
        turn = surest(lines) if label is None else nearest(lines, label)
        if turn:
            turned.append(outcome_of_turns(path, lines, turn))
    return tuple(turned), len(read)


def _labels_of(mix: MixFolder) -> dict[str, str | None]:
    """Return the labels of the lines that were not rendered, by path; None for distilled ones.

    A line that stands in both roles has its label.
    """
    labels: dict[str, str | None] = {}
    for epoch in mix.epochs:
        for line, kind in mix.lines(epoch, Tally()):
            if kind.rendered:
                continue
            if kind.role == "distil":
                labels.setdefault(line.path, None)
            else:
                labels[line.path] = normalize("NFC", line.label)
    return labels


def turn_plan(outcomes: Iterable[Outcome], lines: int) -> TurnPlan:
    """Return what a plan holds of the turns.

    Args:
        lines: that were read.
    """
    listed = list(outcomes)
    content = "".join(map(row_of, listed)).encode()
    return TurnPlan(sha256=hashlib.sha256(content).hexdigest(), lines=lines, turned=len(listed))


def write_turns(outcomes: Iterable[Outcome], run: Path) -> None:
    """Write the turns into the folder of a run, whole or not at all.

    Raises:
        InputError: the file cannot be written.
    """
    with replacing(run / TURNS) as out:
        out.writelines(map(row_of, outcomes))


def planned_turns(run: Path, plan: TurnPlan | None) -> Mapping[str, Turn]:
    """Read the turns that a run was planned with, by path; none where crops are read as they lie.

    Raises:
        InputError: the file is not there, or not the one that was planned with.
    """
    if plan is None:
        return {}
    path = run / TURNS
    if not path.is_file():
        raise InputError(str(path), "is not there: which lines lie turned is not known", _AGAIN)
    if sha256_of(path) != plan.sha256:
        raise InputError(str(path), "is not the file that was planned with", _AGAIN)
    return turns_by_path(read_outcomes(path))


def turns_by_path(outcomes: Iterable[Outcome]) -> dict[str, Turn]:
    """Return the turn of each crop that lies turned."""
    return {outcome.path: outcome.turn for outcome in outcomes if outcome.turn}


@dataclass(frozen=True, slots=True)
class Batch:
    """Lines of one padded width, by their numbers among the epoch's lines."""

    numbers: tuple[int, ...]
    width: int


def batches(
    lines: Sequence[TrainingLine], size: int, *, seed: int, epoch: int
) -> tuple[Batch, ...]:
    """Put an epoch's lines into batches, in the order of its steps.

    Lines of a width are shuffled and cut into batches; all batches are shuffled. The last batch
    of a width may be smaller: none is filled up with lines that are then seen more often.

    Args:
        size: lines in a batch at most.

    Raises:
        ValueError: the size is below 1.
    """
    if size < 1:
        raise ValueError(f"a batch holds 1 line or more, got {size}")
    random = np.random.Generator(np.random.PCG64([seed & 0xFFFFFFFF, epoch]))
    widths: dict[int, list[int]] = {}
    for number, line in enumerate(lines):
        widths.setdefault(line.width, []).append(number)
    made = []
    for width, numbers in sorted(widths.items()):
        order = random.permutation(len(numbers))
        shuffled = [numbers[at] for at in order]
        made += [
            Batch(tuple(shuffled[at : at + size]), width) for at in range(0, len(shuffled), size)
        ]
    return tuple(made[at] for at in random.permutation(len(made)))


def batches_in(lines: Sequence[TrainingLine], size: int) -> int:
    """Count the batches that an epoch's lines make, whatever their order."""
    widths = Counter(line.width for line in lines)
    return sum(-(-count // size) for count in widths.values())


def heaviest(lists: Sequence[Sequence[TrainingLine]], size: int) -> tuple[int, int]:
    """Return lines and width of the batch with the most pixels; the wider of two.

    Args:
        lists: lines of each epoch's list. size: lines in a batch at most.

    >>> lines = [TrainingLine("a", (1,), width, False, False) for width in (320, 320, 320, 640)]
    >>> heaviest([lines], 2), heaviest([lines], 3)
    ((1, 640), (3, 320))
    """
    sizes = [
        (min(count, size), width)
        for lines in lists
        for width, count in Counter(line.width for line in lines).items()
    ]
    return max(
        sizes, key=lambda batch: (batch[0] * batch[1], batch[1]), default=(size, LEAST_WIDTH)
    )


def steps_in(batch_count: int, devices: int) -> int:
    """Count the steps of an epoch when so many devices share each.

    >>> steps_in(5, 2)
    3
    """
    return -(-batch_count // devices)


def share_of(batches: Sequence[Batch], step: int, rank: int, devices: int) -> Batch | None:
    """Return what one device does in a step; None where the epoch's end leaves it without work."""
    at = step * devices + rank
    return batches[at] if at < len(batches) else None


class OwnLine(NamedTuple):
    """One of a mix's own lines: its path in the lists, and its label."""

    path: str
    label: str


def own_lines(mix: MixFolder) -> tuple[OwnLine, ...]:
    """List the own lines of a mix's lists, each once, by path.

    Raises:
        InputError: a list cannot be read.
    """
    if not any(kind.is_own for kind in mix.record.configuration.kinds):
        return ()  # without a look into lists that may be long
    lines = {
        OwnLine(line.path, line.label)
        for epoch in mix.epochs
        for line, kind in mix.lines(epoch, Tally())
        if kind.is_own
    }
    return tuple(sorted(lines))


def own_sha256(lines: Iterable[OwnLine], data: Path) -> str:
    """Hash own lines by their images and labels, wherever they lie and whatever they are called.

    Args:
        data: the folder that paths start from. An image that is not there counts by its path.
    """
    lines = list(lines)
    images = hashes_of([data / line.path for line in lines])
    rows = {
        f"{image or line.path}\t{line.label}\n" for line, image in zip(lines, images, strict=True)
    }
    return hashlib.sha256("".join(sorted(rows)).encode()).hexdigest()
