"""The user's crops: found, decoded, read, and parted by text: to fit to, and to judge by."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from synth.rendering.photos import SUFFIXES
from textlines.errors import InputError
from textlines.files import files_below
from textlines.labels.canonical import LabelError, canonical
from textlines.labels.label_file import read_labels
from textlines.labels.tally import Tally
from textlines.line_reader import Features, LineReader
from textlines.pixels.arrays import Image
from textlines.pixels.decode import ImageError, read_image
from textlines.progress import Watcher, unwatched
from textlines.wording.counts import count_of

MOST = 320
"""Crops that are looked at, at most: more say little more and cost as much again in every trial."""

FEWEST = 24
"""Lines with a text below which nothing is fitted."""

SURE = 0.5
"""Score of a reading that stands for a label that is not there."""


@dataclass(frozen=True, slots=True)
class RealLine:
    """One crop with its text.

    Attributes:
        path: as the label file has it, or below the folder.
        text: the label, or what the recognizer read.
        features: of the recognizer.
    """

    path: str
    image: Image
    text: str
    features: Features


@dataclass(frozen=True, slots=True)
class RealLines:
    """The crops that are used.

    Attributes:
        there: crops that were found. labelled: whether the texts are labels.
        left_out: why others are not used, with counts.
    """

    lines: tuple[RealLine, ...]
    there: int
    labelled: bool
    left_out: dict[str, int]


def read_crops(
    crops: Path,
    labels: Path | None,
    reader: LineReader,
    *,
    seed: int = 1,
    most: int = MOST,
    watch: Watcher = unwatched,
) -> RealLines:
    """Read crops with their labels, or what a recognizer reads in them.

    Args:
        crops: a folder of image files, or the folder that the labels' paths start from.
        labels: None takes all images of the folder.
        seed: chooses, where there are more than `most`.

    Raises:
        InputError: there is no such folder, or too few of its crops can be used.
    """
    if not crops.is_dir():
        raise InputError(
            str(crops), "is no folder", "Name the folder of your crops: --crops crops/."
        )
    tally = Tally()
    found = _listed(crops, labels, tally)
    chosen = [found[at] for at in _chosen(len(found), most, seed)]
    left_out = tally.as_dict()
    lines: list[RealLine] = []
    for done, (path, label) in enumerate(chosen, 1):
        line, why = _line(crops, path, label, reader)
        if line is None:
            left_out[why] = left_out.get(why, 0) + 1
        else:
            lines.append(line)
        watch(done, len(chosen), "")
    if len(lines) < FEWEST:
        reasons = ", ".join(f"{count} {why}" for why, count in left_out.items()) or "no other file"
        raise InputError(
            str(crops),
            f"holds {count_of(len(lines), 'line')} that a style can be fitted to, and {FEWEST} are "
            f"the least ({reasons})",
            "Give more crops, or labels: --labels rec_gt.txt.",
        )
    return RealLines(tuple(lines), len(found), labels is not None, left_out)


def _listed(crops: Path, labels: Path | None, tally: Tally) -> list[tuple[str, str | None]]:
    if labels is None:
        names = [path for path in files_below(crops) if path.suffix.lower() in SUFFIXES]
        return [(path.relative_to(crops).as_posix(), None) for path in names]
    rows = read_labels(labels, tally=tally, home=crops)
    return list({row.path: (row.path, row.label) for row in rows}.values())


def _chosen(count: int, most: int, seed: int) -> list[int]:
    order = np.random.default_rng(seed).permutation(count)[:most]
    return sorted(int(at) for at in order)


def _line(
    crops: Path, path: str, label: str | None, reader: LineReader
) -> tuple[RealLine | None, str]:
    try:
        image = read_image(crops / path)
    except ImageError as error:
        return None, error.reason
    if min(image.shape[:2]) < 4:
        return None, "too_small"
    seen = reader.see([image])[0]
    text = label if label is not None else seen.text if seen.score >= SURE else ""
    try:
        text = canonical(text.strip())
    except LabelError:
        return None, "without_text"
    return RealLine(path, image, text, seen.features), ""


def parted(lines: Sequence[RealLine], seed: int = 1) -> tuple[list[RealLine], list[RealLine]]:
    """Part lines in two sets of as many that share no text: to fit to, and to judge by.

    Where most lines have one text, the sets are smaller than a half: what does not fit is left out.
    """
    texts = sorted({line.text for line in lines})
    order = np.random.default_rng(seed).permutation(len(texts))
    rank = {texts[int(at)]: place for place, at in enumerate(order)}
    sides: tuple[list[RealLine], list[RealLine]] = ([], [])
    by_text: dict[str, list[RealLine]] = {}
    for line in lines:
        by_text.setdefault(line.text, []).append(line)
    for text in sorted(by_text, key=lambda one: (-len(by_text[one]), rank[one])):
        smaller = 0 if len(sides[0]) <= len(sides[1]) else 1
        sides[smaller].extend(by_text[text])
    fewest = min(map(len, sides))
    draws = np.random.default_rng(seed + 1)
    first, second = (
        [side[at] for at in sorted(draws.permutation(len(side))[:fewest])] for side in sides
    )
    return first, second
