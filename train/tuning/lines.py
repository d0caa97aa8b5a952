"""The lines of an epoch: what of its lists can be trained on, and what of them cannot, counted."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from textlines.files import open_regular, raise_if_of_the_machine
from textlines.formats.mix import ListedLine
from textlines.formats.predictions import Turn
from textlines.labels.alphabet import Alphabet
from textlines.labels.tally import Tally, left_out
from textlines.pixels.resize import padded_width
from textlines.rules.line_rules import check_line
from textlines.wording import say

Sizes = Mapping[str, tuple[int, int]]
"""Width and height of images, in pixels, by path; an image that is not there has none."""

REASONS = {
    "missing_image": left_out(say("image that is not there")),
    "unreadable_image": left_out(say("image whose size cannot be read")),
    "empty": left_out(say("empty label")),
    "too_long": left_out(say("label longer than the limit")),
    "outside_dictionary": left_out(say("label with a character outside the dictionary")),
    "ctc_infeasible": left_out(say("label that needs more time steps than its image has")),
    "control": left_out(say("label with a control character")),
}
"""Why a line is not trained on, in words. PaddleOCR would put another line in its place, or train
on what is left of the label, without a word."""


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
        """Tell whether the base model's reading is its target."""
        return not self.ids


def bucket_width(width: int, height: int, bucket: int) -> int:
    """Give the padded width of a crop in training, a multiple of `bucket` from 320 on.

    >>> bucket_width(200, 48, 64), bucket_width(330, 48, 64)
    (320, 384)
    """
    own = padded_width(width, height)
    return own if own == 320 else -(-own // bucket) * bucket


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
        found = list(pool.map(image_size, [data / path for path in unique]))
    return {path: size for path, size in zip(unique, found, strict=True) if size}


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
        tally: grows by `REASONS`.
        turns: of the crops that do not lie upright, by path.
    """
    found = []
    for line, kind in raw:
        size = sizes.get(line.path)
        if size is None:
            is_there = (data / line.path).is_file()
            tally.add("unreadable_image" if is_there else "missing_image", line.path)
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
            fault = next((one for one in findings if one.severity == "error"), None)
            if fault:
                tally.add(fault.code, f"{line.path} ({fault.detail})")
                continue
            ids = tuple(alphabet.encode(line.label))
        found.append(
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
    return _counted(sorted(found, key=lambda one: (one.path, one.ids)))


def _counted(lines: Iterable[TrainingLine]) -> tuple[TrainingLine, ...]:
    """Number equal lines."""
    seen: Counter[TrainingLine] = Counter()
    counted = []
    for line in lines:
        counted.append(replace(line, copy=seen[line]) if seen[line] else line)
        seen[line] += 1
    return tuple(counted)
