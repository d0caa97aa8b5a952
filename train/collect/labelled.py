"""`train collect --answers`: a queue's answers as labelled lines with their roles."""

import hashlib
import json
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import cv2

from textlines.defects import of_queues
from textlines.errors import InputError
from textlines.files import replacing, unwritable
from textlines.formats.line_roles import LINE_ROLES, ROLES, LineRole, RoleRow, write_line_roles
from textlines.formats.predictions import Turn
from textlines.labels.tally import Tally
from textlines.pixels.decode import ImageError, read_image
from train.collect.answers import Agreement, Answers, agreed
from train.collect.joined_lines import (
    COLLECTED,
    LABELS,
    LEFT_OUT,
    LEFT_OUT_HEAD,
    PSEUDO,
    Kept,
    number_of,
    place_of,
    read_kept,
    record_with,
)
from train.collect.queue import (
    CONFIRM,
    TAKEN_MOST,
    Confirmation,
    Queue,
    Queued,
    read_accepted,
)
from train.own.sharing import CROPS
from train.reading.turning import turned
from train.seen import hashes_of

WRITTEN = (LABELS, LEFT_OUT, COLLECTED, PSEUDO, ROLES, CROPS)
"""What the command writes into its folder."""

_WHY = {"unreadable": "nobody can read it", "not_text": "no text"}


@dataclass(frozen=True, slots=True)
class Labelled:
    """What came of the answers.

    Attributes:
        lines: by role. before: of other queues, which were there.
        accepted: of those that train, readings that nobody typed.
        left_out: by why. unanswered: crops of the queue that nobody has answered yet.
        turned: lines whose crop was written turned upright.
        lying: lines to stop and judge by whose crop lies turned, as production has it.
        mended: typed texts that differ from the reading shown, of how many shown.
        confirmation: of readings to be taken without a label; None where none are.
        again: rows whose answers differ, and those to be confirmed beyond the first.
    """

    lines: Mapping[LineRole, int]
    before: Mapping[LineRole, int]
    accepted: int
    left_out: Mapping[str, int]
    unanswered: int
    turned: int
    lying: int
    mended: tuple[int, int]
    agreement: Agreement
    confirmation: Confirmation | None
    again: tuple[Queued, ...]


@dataclass(frozen=True, slots=True)
class _Line:
    """A line to write, its crop below the folder of images, or of crops once it is written.

    Attributes:
        sha256: of the crop's file; "" where the queue does not say.
    """

    path: str
    label: str
    role: LineRole
    turn: Turn
    sha256: str = ""
    is_pseudo: bool = False


def label(queue: Queue, answers: Sequence[Answers], out: Path, tally: Tally) -> Labelled:
    """Write the labelled lines: crops, label file, roles, and what was left out.

    Crops that train are written upright, as a reader that turns nothing sees them; those to stop
    and judge by stay as production holds them. All are copies: the folder may be moved.

    Args:
        out: a new folder, or that of an earlier call: for the same queue, or for queues that came
            before it or after it; their lines and roles stay as they are.
        tally: grows by `of_queues.LABELLED`.

    Raises:
        InputError: answers belong to another queue or give a crop another role, or `out` holds
            something else.
    """
    agreement = _checked(queue, answers)
    kept = read_kept(out, queue.record)
    lines, left_out = [], []
    for row in queue.rows:
        answer = agreement.answers.get(row.id)
        if answer is None:
            continue
        if answer.kind != "text":
            left_out.append((row.path, answer.kind))
            continue
        lines.append(_Line(row.path, answer.text, row.role, answer.turn, row.sha256))
    confirmation = _confirmation(queue, agreement)
    if confirmation is not None and confirmation.is_enough:
        lines += _taken(queue, agreement)
    written = list(_write_crops(queue, lines, out, kept, tally))
    _write(
        out,
        kept=kept,
        lines=written,
        left_out=left_out,
        queue=queue,
        answers=answers,
        confirmation=confirmation,
    )
    offered = [
        answer
        for answer in agreement.answers.values()
        if answer.kind == "text" and answer.shown is not None
    ]
    return Labelled(
        lines={role: sum(line.role == role for line in written) for role in LINE_ROLES},
        before=kept.lines,
        accepted=sum(line.is_pseudo for line in written),
        left_out=Counter(kind for _, kind in left_out),
        unanswered=len(list(first_page(queue.rows)))
        - len(agreement.answers)
        - len(agreement.disputed),
        turned=sum(line.turn != 0 and line.role == "train" for line in written),
        lying=sum(line.turn != 0 and line.role != "train" for line in written),
        mended=(sum(answer.text != answer.shown for answer in offered), len(offered)),
        agreement=agreement,
        confirmation=confirmation,
        again=tuple(_again(queue, agreement, confirmation)),
    )


def first_page(rows: Sequence[Queued]) -> Iterator[Queued]:
    """Yield the rows of the page that is written with the queue."""
    confirmed = 0
    for row in rows:
        confirmed += row.part == "confirm"
        if row.part != "confirm" or confirmed <= CONFIRM:
            yield row


def _checked(queue: Queue, answers: Sequence[Answers]) -> Agreement:
    rows = {row.id: row for row in queue.rows}
    for file in answers:
        if file.queue != queue.record.queue_sha256:
            raise InputError(
                str(file.path), f"answers another queue than {queue.folder}", "Name its queue."
            )
        for answer in file.answers:
            row = rows.get(answer.id)
            if row is None or (row.path, row.role) != (answer.path, answer.role):
                named = "no crop" if row is None else "another path or role for the crop"
                raise InputError(
                    f"{file.path}: {answer.path}",
                    f"names {named} {answer.id} of the queue",
                    "Save the answers again from the queue's page.",
                )
    return agreed(answers)


def _confirmation(queue: Queue, agreement: Agreement) -> Confirmation | None:
    if queue.record.accept is None:
        return None
    answered = [
        (row, agreement.answers[row.id])
        for row in queue.rows
        if row.part == "confirm" and row.id in agreement.answers
    ]
    right = sum(answer.kind == "text" and answer.text == row.text for row, answer in answered)
    return Confirmation(right, len(answered))


def _again(
    queue: Queue, agreement: Agreement, confirmation: Confirmation | None
) -> Iterator[Queued]:
    disputed = set(agreement.disputed)
    yield from (row for row in queue.rows if row.id in disputed)
    missing = confirmation.missing if confirmation else None
    asked = {row.id for row in first_page(queue.rows)} | agreement.answers.keys() | disputed
    if confirmation and confirmation.asked >= CONFIRM and missing:
        left = [row for row in queue.rows if row.part == "confirm" and row.id not in asked]
        yield from left[:missing]


def _taken(queue: Queue, agreement: Agreement) -> list[_Line]:
    """Return the accepted readings that nobody has answered."""
    said = agreement.answers.keys() | set(agreement.disputed)
    asked = {row.path for row in queue.rows if row.part != "confirm" or row.id in said}
    taken = [reading for reading in read_accepted(queue.folder) if reading.path not in asked]
    return [
        _Line(reading.path, reading.text, "train", reading.turn, is_pseudo=True)
        for reading in taken[:TAKEN_MOST]
    ]


def _write_crops(
    queue: Queue, lines: Sequence[_Line], out: Path, kept: Kept, tally: Tally
) -> Iterator[_Line]:
    """Copy the crops, those that train upright; give the lines as they are written."""
    images, place, labelled = queue.images, place_of(queue.record), kept.images
    hashes = hashes_of([images / line.path for line in lines])
    for line, sha256 in zip(lines, hashes, strict=True):
        if sha256 is None:
            tally.add(of_queues.MISSING, line.path)
            continue
        if line.sha256 not in ("", sha256):
            tally.add(of_queues.CHANGED, line.path)
            continue
        if sha256 in labelled:
            tally.add(of_queues.LABELLED_BEFORE, line.path)
            continue
        source, path = images / line.path, f"{place}{line.path}"
        upright = line.turn != 0 and line.role == "train"
        if upright:
            path = Path(path).with_suffix(".png").as_posix()
        target = out / CROPS / path
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            if upright:
                sha256 = _write_turned(source, line.turn, target)
                if sha256 in labelled:
                    target.unlink()
                    tally.add(of_queues.LABELLED_BEFORE, line.path)
                    continue
            else:
                shutil.copyfile(source, target)
        except ImageError:
            tally.add(of_queues.MISSING, line.path)
            continue
        except OSError as error:
            raise unwritable(target, error) from error
        yield replace(line, path=path, sha256=sha256)


def _write_turned(source: Path, turn: Turn, target: Path) -> str:
    """Write a crop turned, and return the sha256 of the file."""
    done, data = cv2.imencode(".png", turned(read_image(source), turn))
    if not done:
        raise InputError(str(source), "cannot be written as PNG", "")
    content = data.tobytes()
    target.write_bytes(content)
    return hashlib.sha256(content).hexdigest()


def _write(
    out: Path,
    kept: Kept,
    lines: Sequence[_Line],
    left_out: Sequence[tuple[str, str]],
    queue: Queue,
    answers: Sequence[Answers],
    confirmation: Confirmation | None,
) -> None:
    ordered = sorted(lines, key=lambda line: line.path)
    rows = [RoleRow(line.sha256, line.role, f"{CROPS}/{line.path}") for line in ordered]
    write_line_roles(out / ROLES, [*kept.roles, *rows])
    with replacing(out / LABELS) as file:
        file.writelines(_by_path(kept.labels, map(_label_row, ordered)))
    place = place_of(queue.record)
    with replacing(out / LEFT_OUT) as file:
        file.write(f"{LEFT_OUT_HEAD}\n")
        # Those of the first queue first, whichever came last.
        own = [f"{place}{path}\t{_WHY[kind]}" for path, kind in left_out]
        rows_of_all = sorted([*kept.left_out, *own], key=number_of)
        file.writelines(f"{row}\n" for row in rows_of_all)
    pseudo = [line for line in ordered if line.is_pseudo]
    if pseudo or kept.pseudo:
        with replacing(out / PSEUDO) as file:
            file.writelines(_by_path(kept.pseudo, map(_label_row, pseudo)))
    else:
        (out / PSEUDO).unlink(missing_ok=True)
    entry = {
        "queue": queue.record.queue_sha256,
        "answers": [{"by": file.by, "answers": len(file.answers)} for file in answers],
        "lines": {role: sum(line.role == role for line in lines) for role in LINE_ROLES},
        "accepted": len(pseudo),
        "confirmation": asdict(confirmation) if confirmation else None,
        "left_out": len(left_out),
    }
    with replacing(out / COLLECTED) as file:
        content = record_with(kept, entry, queue.record)
        file.write(json.dumps(content, ensure_ascii=False, indent=1) + "\n")


def _label_row(line: _Line) -> str:
    return f"{CROPS}/{line.path}\t{line.label}"


def _by_path(kept: Sequence[str], rows: Iterable[str]) -> Iterator[str]:
    """Yield rows of label files in the order of their paths, each with its line feed."""
    for row in sorted([*kept, *rows], key=lambda row: row.partition("\t")[0]):
        yield f"{row}\n"
