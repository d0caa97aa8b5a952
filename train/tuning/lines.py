"""The lines of an epoch: what of its lists can be trained on, and what of them cannot, counted."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from textlines.files import open_regular, raise_if_of_the_machine
from textlines.labels.alphabet import Alphabet
from textlines.labels.label_file import LabelLine, read_labels
from textlines.labels.tally import Tally
from textlines.pixels.resize import padded_width
from textlines.rules.line_rules import check_line
from train.tuning.plan_model import EpochList, MixPlan

Sizes = Mapping[str, tuple[int, int]]
"""Width and height of images, in pixels, by path; an image that is not there has none."""

REASONS = {
    "missing_image": "image that is not there, left out",
    "unreadable_image": "image whose size cannot be read, left out",
    "empty": "empty label, left out",
    "too_long": "label longer than the limit, left out",
    "outside_dictionary": "label with a character outside the dictionary, left out",
    "ctc_infeasible": "label that needs more time steps than its image has, left out",
    "control": "label with a control character, left out",
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
        is_new: it was rendered and carries effects already.
    """

    path: str
    ids: tuple[int, ...]
    width: int
    is_new: bool

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


def lists_of(mix: MixPlan, one: EpochList) -> list[tuple[Path, bool]]:
    """Name the lists of an epoch, and whether each is distilled."""
    found = [(Path(mix.path) / one.labelled, False)]
    return [*found, (Path(mix.path) / one.distil, True)] if one.distil else found


def raw_lines(mix: MixPlan, one: EpochList, tally: Tally) -> list[tuple[LabelLine, bool]]:
    """Read an epoch's lists, and of each line whether it is distilled.

    Raises:
        InputError: a list cannot be read.
    """
    return [
        (line, is_distilled)
        for path, is_distilled in lists_of(mix, one)
        for line in read_labels(path, tally=tally, need_label=not is_distilled)
    ]


def training_lines(
    raw: Sequence[tuple[LabelLine, bool]],
    sizes: Sizes,
    alphabet: Alphabet,
    *,
    data: Path,
    bucket: int,
    max_length: int,
    new_heads: Sequence[str],
    tally: Tally,
) -> tuple[TrainingLine, ...]:
    """Turn lines into what is trained on, by path; what cannot be is counted by its first fault.

    Args:
        raw: lines, and whether each is distilled: then its label does not matter.
        tally: grows by `REASONS`.
    """
    found = []
    for line, is_distilled in raw:
        size = sizes.get(line.path)
        if size is None:
            is_there = (data / line.path).is_file()
            tally.add("unreadable_image" if is_there else "missing_image", line.path)
            continue
        width = bucket_width(*size, bucket)
        ids: tuple[int, ...] = ()
        if not is_distilled:
            findings = check_line(
                line.label, alphabet, max_length=max_length, width_px=size[0], height_px=size[1]
            )
            fault = next((one for one in findings if one.severity == "error"), None)
            if fault:
                tally.add(fault.code, f"{line.path} ({fault.detail})")
                continue
            ids = tuple(alphabet.encode(line.label))
        is_new = any(line.path.startswith(head) for head in new_heads)
        found.append(TrainingLine(line.path, ids, width, is_new))
    return tuple(sorted(found, key=lambda one: (one.path, one.ids)))
