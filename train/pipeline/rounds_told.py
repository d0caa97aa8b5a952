"""What rounds came to, from the files that their stages have left: `rounds.json` and its page."""

import os
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from textlines.errors import MendError
from textlines.files import replacing
from textlines.formats.judged_set import JudgedSet
from textlines.formats.predictions import read_outcomes
from textlines.formats.profile import ErrorProfile, load_profile
from textlines.formats.rounds import (
    ROUNDS,
    ROUNDS_PAGE,
    TIMES,
    Ending,
    JudgedRow,
    RoundRow,
    RoundsRecord,
    TaughtRow,
)
from textlines.formats.run_record import RunRecord, read_run
from textlines.labels.label_file import read_labels
from textlines.labels.tally import Tally
from textlines.wilson import paired
from textlines.wording import language_of, speaking
from train.judging.judged_lines import predictions_of
from train.judging.verdict import ChangeRow, GateVerdict
from train.pipeline.places import GeneralSet, Places, round_name
from train.pipeline.rounds import EndedRound, read_ended
from train.pipeline.settings import Settings
from train.pipeline.stage import stage_seconds

TAUGHT = 40
"""Characters of a profile that a round is told by: those with the most to gain."""


def tell_rounds(
    settings: Settings,
    general: Sequence[GeneralSet],
    *,
    is_own: bool,
    ending: Ending | None = None,
    awaited: str = "",
) -> RoundsRecord:
    """Write `rounds.json` and `rounds.html` into the folder of the work.

    The page is in the language that the environment asks for.

    Args:
        is_own: the team's own lines are taught, and no rendered ones.
        ending: why there is no further round; None while there may be.
        awaited: the file of answers that the line waits for; "" for none.

    Raises:
        InputError: a file cannot be written, or what a stage left cannot be read.
    """
    from train.pipeline.rounds_page import rounds_page

    home = Path(settings.work)
    record = RoundsRecord(
        model=settings.model,
        rounds=tuple(_rows(settings, home, is_own=is_own)),
        most=settings.rounds.most,
        patience=settings.rounds.patience,
        budget=settings.rounds.minutes,
        ending=ending or "",
        awaited=awaited,
        synthetic=not is_own or not general,
    )
    record.write(home / ROUNDS)
    with speaking(language_of(None, os.environ)), replacing(home / ROUNDS_PAGE) as out:
        out.write(rounds_page(record))
    return record


def _rows(settings: Settings, home: Path, *, is_own: bool) -> Iterator[RoundRow]:
    ended, _ = read_ended(home, Places(home).start)
    number = 1
    folders: list[Places] = []
    while (home / round_name(number)).is_dir():
        folders.append(Places(home / round_name(number), home))
        number += 1
    profiles = [_profile(places) for places in folders]
    for at, places in enumerate(folders):
        record = ended[at] if at < len(ended) else None
        after = profiles[at + 1] if at + 1 < len(folders) else None
        yield _row(
            settings,
            places,
            at + 1,
            record,
            profile=profiles[at],
            after=after,
            is_own=is_own,
            first=folders[0],
        )


def _row(
    settings: Settings,
    places: Places,
    number: int,
    ended: EndedRound | None,
    *,
    profile: ErrorProfile | None,
    after: ErrorProfile | None,
    is_own: bool,
    first: Places,
) -> RoundRow:
    run = _run(places)
    # A verdict that the next call makes anew tells nothing of this round yet.
    verdict = _verdict(places) if ended and ended.verdict else None
    minutes: defaultdict[str, float] = defaultdict(float)
    for stage, seconds in stage_seconds(places.work / TIMES):
        minutes[stage] += seconds / 60
    target = verdict.target if verdict else None
    lines = places.own / "judge.txt" if is_own else places.lines("judge")
    judged = JudgedSet(lines, settings.own.comparison)
    return RoundRow(
        number=number,
        base=ended.base if ended else 0,
        started=ended.started if ended else 0,
        outcome=ended.outcome if ended else "",
        asked=_count_lines(places.queue / "queue.jsonl"),
        labelled=_count_lines(places.labelled / "rec_gt.txt"),
        own=_own_lines(places) if is_own else 0,
        drawn=_count_lines(places.new / "rec_gt_train.txt"),
        target=_judged(target) if target else None,
        general=tuple(
            _judged(row.figures, row.name)
            for row in (verdict.sets if verdict else ())
            if row.role == "general"
        ),
        since_start=since_start(judged, first, places) if target else None,
        level=verdict.paid.target.alpha if verdict and verdict.paid else None,
        taught=tuple(_taught(profile, after, run, verdict)) if profile else (),
        minutes={name: round(value, 3) for name, value in minutes.items()},
        made=_below(places.candidate, places.root)
        if (places.candidate / "export.toml").is_file()
        else "",
    )


def since_start(judged: JudgedSet, first: Places, places: Places) -> JudgedRow | None:
    """Return the target by the start model and by a round's candidate, of the same lines.

    The start model read the lines that judged the first round; where others have come since, or
    a label was changed, nothing is said.

    Args:
        first, places: of the first round, and of the one that is told of.
    """
    theirs = predictions_of(first.verdict.with_name("predictions"), "base", judged.path)
    ours = predictions_of(places.verdict.with_name("predictions"), "candidate", judged.path)
    if not (theirs.is_file() and ours.is_file() and judged.path.is_file()):
        return None
    start = {row.path: row.text for row in read_outcomes(theirs) if not row.fault}
    now = {row.path: row.text for row in read_outcomes(ours) if not row.fault}
    labels = {
        line.path: line.label
        for line in read_labels(judged.path, tally=Tally())
        if line.path in now and judged.key(line.label)
    }
    if not labels or not labels.keys() <= start.keys():
        return None
    right = [
        (
            judged.key(start[path]) == judged.key(label),
            judged.key(now[path]) == judged.key(label),
        )
        for path, label in labels.items()
    ]
    mended = sum(after and not before for before, after in right)
    broken = sum(before and not after for before, after in right)
    count = len(right)
    return JudgedRow(
        lines=count,
        base=sum(before for before, _ in right) / count,
        candidate=sum(after for _, after in right) / count,
        change=(mended - broken) / count,
        interval=paired(mended, broken, count),
    )


def _judged(row: ChangeRow, name: str = "") -> JudgedRow:
    return JudgedRow(
        name=name,
        lines=row.lines,
        base=row.base,
        candidate=row.candidate,
        change=row.change,
        interval=row.interval,
    )


def _taught(
    profile: ErrorProfile,
    after: ErrorProfile | None,
    run: RunRecord | None,
    verdict: GateVerdict | None,
) -> Iterator[TaughtRow]:
    """Yield the characters that are misread, the most to gain first."""
    later = {row.char: row.recall for row in after.ranked} if after else {}
    judged = {row.char: row for row in verdict.characters} if verdict else {}
    rows = run.teaching.rows if run and run.teaching else ()
    lines = {row.name: row for row in rows if row.kind == "character"}
    asked: Mapping[str, Any] = run.asked if run else {}
    misread = [row for row in profile.ranked if row.right < row.support]
    for row in misread[:TAUGHT]:
        known, seen = lines.get(row.char), judged.get(row.char)
        planned = asked.get(row.char)
        yield TaughtRow(
            char=row.char,
            confused=max(row.confusions, key=lambda char: row.confusions[char], default=""),
            support=row.support,
            own=known.own if known else None,
            drawn=known.drawn if known else planned.planned if planned else None,
            before=row.recall,
            after=later.get(row.char),
            judged=seen.support if seen else 0,
            judged_base=seen.base_recall if seen else None,
            judged_candidate=seen.candidate_recall if seen else None,
        )


def _verdict(places: Places) -> GateVerdict | None:
    try:
        return GateVerdict.model_validate_json(places.verdict.read_bytes())
    except (OSError, ValueError):
        return None


def _profile(places: Places) -> ErrorProfile | None:
    if not (places.profile.is_file() and places.manifest("mine").is_file()):
        return None
    return load_profile(places.profile)


def _run(places: Places) -> RunRecord | None:
    try:
        return read_run(places.new)
    except MendError:
        return None


def _own_lines(places: Places) -> int:
    """Count the lines that the folds were dealt: all that trained in this round."""
    return _count_lines(places.folds / "own.txt")


def _count_lines(file: Path) -> int:
    if not file.is_file():
        return 0
    with file.open("rb") as content:
        return sum(bool(line.strip()) for line in content)


def _below(path: Path, folder: Path) -> str:
    return path.relative_to(folder).as_posix()
