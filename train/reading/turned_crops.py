"""Crops that lie turned: found among readings, and what reading them in their turns brings."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from unicodedata import normalize

from textlines.formats.predictions import Outcome, Turn
from textlines.pixels.decode import ImageError, read_image
from textlines.profile.reading import Reading
from textlines.progress import Watcher, Watching, unwatched
from textlines.wording import joined, say, say_n
from train.models.records import Turning
from train.reading.crop_reading import usable_cores
from train.reading.ctc import Line
from train.reading.labelled_crops import Labelled
from train.reading.model_opening import Opened
from train.reading.turning import Turned, is_settled, prepared_turns, read_turns, surest


@dataclass(frozen=True, slots=True)
class TurnedCrop:
    """One crop that lies turned.

    Attributes:
        turn: degrees, counter-clockwise, that set it upright.
        as_it_lies, turned: what is read in it before and after.
    """

    path: str
    label: str
    turn: Turn
    as_it_lies: str
    turned: str


@dataclass(frozen=True, slots=True)
class TurnedCrops:
    """What turning is about in some lines.

    Attributes:
        turning: "auto" when the figures are of crops read in their turns, "off" when these were
            looked for beside them.
        lines: that were read.
        accuracy_off, accuracy_auto: share of them read exactly as they lie, and in their turns.
        crops: that were read turned, or (off) are read right or surer when they are.
    """

    turning: Turning
    lines: int
    accuracy_off: float
    accuracy_auto: float
    crops: tuple[TurnedCrop, ...]

    def told(self) -> str:
        """Return it as a sentence; "" when no crop lies turned.

        >>> crop = TurnedCrop("a.jpg", "값 1", 180, "l ㄲ", "값 1")
        >>> TurnedCrops("off", 4, 0.5, 0.75, (crop,)).told()
        '1 of 4 crops lies upside down (read right or surer when turned): --turn auto reads 0.750 \
of the lines exactly, not 0.500'
        """
        if not self.crops:
            return ""
        over = sum(crop.turn == 180 for crop in self.crops)
        side = len(self.crops) - over
        parts = []
        if over:
            parts.append(say("{count:,} upside down", count=over))
        if side:
            parts.append(say("{count:,} on their side", count=side))
        if self.turning == "auto":
            return say_n(
                "{n:,} of {crops} was turned to be read ({how}): {auto:.3f} of the lines are read "
                "exactly, {off:.3f} as they lie",
                "{n:,} of {crops} were turned to be read ({how}): {auto:.3f} of the "
                "lines are read exactly, {off:.3f} as they lie",
                len(self.crops),
                crops=say_n("{n:,} crop", "{n:,} crops", self.lines),
                how=joined(say(" and "), parts),
                auto=self.accuracy_auto,
                off=self.accuracy_off,
            )
        how = say("turned")
        if not (over and side):
            how = say("upside down") if over else say("on their side")
        when = say("read right or surer when turned")
        if over and side:
            when = joined("; ", [when, joined(say(" and "), parts)])
        if self.accuracy_auto > self.accuracy_off:
            change = say(
                "--turn auto reads {auto:.3f} of the lines exactly, not {off:.3f}",
                auto=self.accuracy_auto,
                off=self.accuracy_off,
            )
        else:
            change = say(
                "--turn auto would not help ({off:.3f} -> {auto:.3f})",
                off=self.accuracy_off,
                auto=self.accuracy_auto,
            )
        return say_n(
            "{n:,} of {crops} lies {how} ({when}): {change}",
            "{n:,} of {crops} lie {how} ({when}): {change}",
            len(self.crops),
            crops=say_n("{n:,} crop", "{n:,} crops", self.lines),
            how=how,
            when=when,
            change=change,
        )

    def record(self) -> dict[str, Any]:
        """Return it as plain values for JSON, where the key of a label is `truth`."""
        crops = [
            {("truth" if key == "label" else key): value for key, value in asdict(crop).items()}
            for crop in self.crops
        ]
        return asdict(self) | {"crops": crops}


def turned_crops(opened: Opened, read: Labelled, watching: Watching) -> TurnedCrops:
    """Find the crops that lie turned among those that were read.

    Where they were read as they lie, those are read again that a turn could change: misread ones
    and ones that the model is not sure of.
    """
    if read.turning == "auto":
        return of_outcomes(read.readings, read.done.outcomes)
    doubtful = [reading for reading in read.readings if _is_doubtful(reading)]
    if not doubtful:
        return found_among(read.readings, {})
    with watching("doubtful crops read in their turns") as watch:
        lines = read_in_turns(
            opened,
            [reading.path for reading in doubtful],
            read.images,
            # One that is read right as it lies is only asked what `--turn auto` makes of it.
            lambda at, line: is_settled(line) and _is_right(doubtful[at], line.text),
            watch=watch,
        )
    return found_among(read.readings, lines)


def found_among(readings: Sequence[Reading], lines: Mapping[str, Turned]) -> TurnedCrops:
    """Return which crops lie turned, from readings as they lie.

    Args:
        lines: what was read in some of them, by path and turn.
    """
    crops, off, auto = [], 0, 0
    for reading in readings:
        is_right = _is_right(reading, reading.prediction)
        off += is_right
        if reading.path not in lines:
            auto += is_right
            continue
        by_turn = lines[reading.path]
        turn = surest(by_turn)
        auto += _is_right(reading, by_turn[turn].text)
        if not turn and not is_right:
            others = (turn for turn in by_turn if turn and _is_right(reading, by_turn[turn].text))
            turn = next(others, 0)
        if turn:
            crops.append(
                TurnedCrop(
                    reading.path, reading.label, turn, reading.prediction, by_turn[turn].text
                )
            )
    total = max(len(readings), 1)
    return TurnedCrops("off", len(readings), off / total, auto / total, tuple(crops))


def of_outcomes(readings: Sequence[Reading], outcomes: Sequence[Outcome]) -> TurnedCrops:
    """Return which crops were turned to be read."""
    known = {outcome.path: outcome for outcome in outcomes if outcome.turn}
    crops, off, auto = [], 0, 0
    for reading in readings:
        auto += _is_right(reading, reading.prediction)
        outcome = known.get(reading.path)
        lies = outcome.as_it_lies if outcome else reading.prediction
        off += _is_right(reading, lies)
        if outcome:
            crops.append(
                TurnedCrop(reading.path, reading.label, outcome.turn, lies, reading.prediction)
            )
    total = max(len(readings), 1)
    return TurnedCrops("auto", len(readings), off / total, auto / total, tuple(crops))


def read_in_turns(
    opened: Opened,
    paths: Sequence[str],
    images: Path,
    is_enough: Callable[[int, Line], bool],
    *,
    watch: Watcher = unwatched,
) -> dict[str, Turned]:
    """Read crops in their turns; one that cannot be read, or has one turn alone, is left out.

    Args:
        is_enough: whether a reading as it lies will do, by the number of the path.
    """
    engine = opened.engine
    size = engine.batching.chunk
    total = len(paths)

    def chunk(start: int) -> dict[str, Turned]:
        prepared = {}
        for at in range(start, min(start + size, total)):
            try:
                image = read_image(images / paths[at])
            except ImageError:
                continue
            prepared[at] = prepared_turns(engine.prepare, image, "auto")
        turned = read_turns(engine, prepared, is_enough, lambda at: paths[at])
        return {paths[at]: lines for at, lines in turned.items()}

    read: dict[str, Turned] = {}
    watch(0, total, "")
    with ThreadPoolExecutor(usable_cores(), thread_name_prefix="turning") as pool:
        starts = range(0, total, size)
        for start, turned in zip(starts, pool.map(chunk, starts), strict=True):
            read |= turned
            watch(min(start + size, total), total, "")
    return read


def _is_doubtful(reading: Reading) -> bool:
    is_sure = reading.score is not None and is_settled(Line(reading.prediction, reading.score))
    return not is_sure or not _is_right(reading, reading.prediction)


def _is_right(reading: Reading, text: str) -> bool:
    return normalize("NFC", text) == normalize("NFC", reading.label)
