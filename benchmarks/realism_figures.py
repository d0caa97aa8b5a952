"""What two sets of readings and crops have in common: figures, and the verdict on them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from textlines.pixels.arrays import Image
from textlines.pixels.resize import to_recognizer
from textlines.profile.align import Edit, align

LINE_POINTS, ONE_EDIT_POINTS = 12.0, 15.0
"""How far the renders' shares may lie from the real crops', in points of 100."""

SEEN_AT_LEAST, REAL_TOP, RENDER_TOP = 10, 6, 10
"""Of the real edits seen at least so often, at most so many are looked for among so many."""

FOUND_SHARE = 2 / 3


@dataclass(frozen=True, slots=True)
class Figures:
    """How a model read a set of lines, case-folded. Shares are 0..1.

    Attributes:
        one_edit: share of the wrong lines that are wrong by a single edit; 0 without any.
        edits: by name, most frequent first, equally frequent ones by name.
    """

    lines: int
    right: float
    characters: float
    one_edit: float
    edits: tuple[tuple[str, int], ...]


def edit_name(edit: Edit) -> str:
    """Name an edit; a space is written as such.

    >>> edit_name(Edit("replaced", "1", "7")), edit_name(Edit("deleted", " ", ""))
    ('1→7', 'del space')
    """
    label, read = (char.replace(" ", "space") for char in (edit.label, edit.read))
    if edit.kind == "deleted":
        return f"del {label}"
    return f"ins {read}" if edit.kind == "inserted" else f"{label}→{read}"


def figures(labels: Sequence[str], readings: Sequence[str]) -> Figures:
    """Compare readings with their labels.

    Raises:
        ValueError: there are none, or not as many readings as labels.

    >>> found = figures(["1.0", "2", "3"], ["10", "2", "31"])
    >>> found.lines, round(found.right, 2), found.one_edit, found.edits
    (3, 0.33, 1.0, (('del .', 1), ('ins 1', 1)))
    """
    if not labels:
        raise ValueError("no lines to compare")
    counts: Counter[str] = Counter()
    wrong, single, accuracy = 0, 0, 0.0
    for label, reading in zip(map(str.casefold, labels), map(str.casefold, readings), strict=True):
        faults = [edit for edit in align(label, reading) if edit.kind != "right"]
        counts.update(map(edit_name, faults))
        wrong += bool(faults)
        single += len(faults) == 1
        accuracy += 1 - len(faults) / max(len(label), len(reading), 1)
    edits = tuple(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
    lines = len(labels)
    return Figures(lines, 1 - wrong / lines, accuracy / lines, single / max(wrong, 1), edits)


@dataclass(frozen=True, slots=True)
class Target:
    """One thing asked of the renders: what was found, and whether it is enough."""

    name: str
    found: str
    reached: bool


def targets(real: Figures, renders: Figures) -> list[Target]:
    """Hold the renders' figures against the real crops'.

    With no real edit seen often enough, none is asked for.
    """
    apart = abs(real.right - renders.right) * 100
    single = abs(real.one_edit - renders.one_edit) * 100
    wanted = [name for name, count in real.edits if count >= SEEN_AT_LEAST][:REAL_TOP]
    seen = {name for name, _ in renders.edits[:RENDER_TOP]}
    lost = [name for name in wanted if name not in seen]
    shared = f"{len(wanted) - len(lost)} of {len(wanted)}"
    if lost:
        shared += f" (not: {', '.join(lost)})"
    # In whole numbers: 4 of 6 is two thirds.
    enough = 3 * (len(wanted) - len(lost)) >= 2 * len(wanted)
    return [
        Target(
            f"line accuracy within {LINE_POINTS:g} points", f"{apart:.1f}", apart <= LINE_POINTS
        ),
        Target("two thirds of the real edits", shared, enough),
        Target(
            f"one-edit share within {ONE_EDIT_POINTS:g} points",
            f"{single:.1f}",
            single <= ONE_EDIT_POINTS,
        ),
    ]


@dataclass(frozen=True, slots=True)
class Look:
    """How a crop looks at the recognizer's height.

    Attributes:
        level: median luminance, 0..255. contrast: from the median down to the 2nd percentile
            (dark ink on a lighter ground), in levels.
        sharpness: the 95th percentile of the step between neighbours in a row, as a share of
            the contrast: 1 would be an edge within one pixel.
    """

    level: float
    contrast: float
    sharpness: float


def look_of(image: Image) -> Look:
    """Measure a crop, H x W x 3 BGR uint8, as the recognizer sees it.

    >>> look_of(np.full((48, 60, 3), 90, np.uint8))
    Look(level=90.0, contrast=0.0, sharpness=0.0)
    """
    grey = cv2.cvtColor(to_recognizer(image), cv2.COLOR_BGR2GRAY).astype(np.int16)
    darkest, middle = np.percentile(grey, (2, 50))
    contrast = float(middle - darkest)
    steps = np.abs(np.diff(grey, axis=1))
    steep = float(np.percentile(steps, 95)) if steps.size else 0.0
    return Look(float(middle), contrast, steep / max(contrast, 1.0))


def mean_look(looks: Sequence[Look]) -> Look:
    """Average looks over a set of crops."""
    level, contrast, sharpness = (
        sum(getattr(look, name) for look in looks) / len(looks) for name in Look.__slots__
    )
    return Look(level, contrast, sharpness)
