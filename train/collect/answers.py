"""`answers.json`: what people typed in the labelling page, and how far several of them agree."""

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, get_args

from textlines.errors import InputError
from textlines.formats.contract import Document, check_version, read_document
from textlines.formats.line_roles import LINE_ROLES, LineRole
from textlines.formats.predictions import TURNS, Turn
from textlines.formats.rows import RowError, is_label, refuse_keys, wrong
from textlines.labels.label_paths import path_fault
from textlines.wilson import wilson

FORMAT = "ocr-mend answers"
VERSION = 1

KIND = Document("the answers", "a file of answers", "Save the answers again in the labelling page.")

AnswerKind = Literal["text", "unreadable", "not_text"]
"""What was typed; nobody could read it; there is no text in the crop."""

ANSWER_KINDS: tuple[AnswerKind, ...] = get_args(AnswerKind)

_MOST_SECONDS = 86400
"""The page counts two minutes of a crop at most; a day is no time that it writes."""

_KEYS = frozenset({"format", "version", "queue", "by", "answers"})
_ANSWER_KEYS = frozenset({"id", "path", "role", "kind", "text", "turn", "shown", "seconds"})


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody said of a crop.

    Attributes:
        id: of the crop in the queue.
        path: of the crop, below the folder of images.
        role: what its line is for.
        text: in NFC, without white space at its ends; "" unless the kind is `text`.
        turn: degrees, counter-clockwise, by which the crop stood turned when it was answered.
        shown: the reading that was offered, in NFC; None when none was.
        seconds: that the crop was on the screen.
        by: who answered, "" when nobody says; several names are joined by ", ".
    """

    id: str
    path: str
    role: LineRole
    kind: AnswerKind
    text: str
    turn: Turn
    shown: str | None
    seconds: float
    by: str

    @property
    def keeps_shown(self) -> bool:
        """Whether the answer is the reading that was offered, but for white space at its ends."""
        return self.kind == "text" and self.shown is not None and self.text == self.shown.strip()


@dataclass(frozen=True, slots=True)
class Answers:
    """A file of answers.

    Attributes:
        path: of the file.
        queue: the sha256 of the queue that was answered.
        stripped: answers that had white space at an end of their text.
    """

    path: Path
    queue: str
    by: str
    answers: tuple[Answer, ...]
    stripped: int


def read_answers(path: Path) -> Answers:
    """Read a file that the labelling page saved.

    Raises:
        InputError: the file cannot be read, is none of answers or of another version, holds what
            it may not, or answers one crop twice; names the answer.
    """
    content = read_document(path, KIND)
    if content.get("format") != FORMAT:
        raise InputError(
            str(path), f"is JSON, but no file of answers (its format is not {FORMAT!r})", KIND.again
        )
    check_version(content, path, KIND, VERSION)
    try:
        queue, by, rows = _head(content)
    except RowError as error:
        raise InputError(str(path), f"is no file of answers ({error})", KIND.again) from error
    answers: dict[str, Answer] = {}
    numbers: dict[str, int] = {}
    stripped = 0
    for number, row in enumerate(rows, 1):
        try:
            answer = _answer(row, by)
        except RowError as error:
            raise InputError(
                _place(path, number, row), f"cannot be used ({error})", KIND.again
            ) from error
        if answer.id in answers:
            raise InputError(
                _place(path, number, row),
                f"answers a crop that answer {numbers[answer.id]} answered already "
                f"({_said(answers[answer.id])}, then {_said(answer)})",
                "Keep one of the two.",
            )
        answers[answer.id], numbers[answer.id] = answer, number
        stripped += row["text"] != row["text"].strip()
    return Answers(path, queue, by, tuple(answers.values()), stripped)


@dataclass(frozen=True, slots=True)
class Agreement:
    """What several files of answers to one queue say together.

    Attributes:
        answers: by the crop's id: the one answer, or the one that more than any other gave and
            at least two.
        disputed: ids of crops whose answers differ and have no majority: to be asked again.
        asked_twice: crops that were answered at least twice. alike: of them, those whose answers
            are all the same.
        offered: answers given with a reading on the screen. kept: of them, those that are that
            reading. blind: answers given without one.
    """

    answers: Mapping[str, Answer]
    disputed: tuple[str, ...]
    asked_twice: int
    alike: int
    offered: int
    kept: int
    blind: int

    @property
    def share_alike(self) -> float | None:
        """The share of `alike` among `asked_twice`, 0..1; None when no crop was asked twice."""
        return self.alike / self.asked_twice if self.asked_twice else None

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of `share_alike` (Wilson)."""
        return wilson(self.alike, self.asked_twice)


def agreed(files: Sequence[Answers]) -> Agreement:
    """Put the answers of several people together; the order of the files does not matter.

    Two answers are alike when their kinds are and, of texts, each character: spaces count. What
    one person (by name) said twice alike counts once.

    Raises:
        InputError: two files are of different queues, or give one crop two paths or two roles.
    """
    given: dict[str, list[Answer]] = {}
    first: dict[str, tuple[Answers, Answer]] = {}
    for file in files:
        if file.queue != files[0].queue:
            raise InputError(
                f"{files[0].path} and {file.path}",
                f"answer different queues ({files[0].queue[:12]}…, {file.queue[:12]}…)",
                "Read the answers to each queue apart.",
            )
        for answer in file.answers:
            known_file, known = first.setdefault(answer.id, (file, answer))
            if (known.path, known.role) != (answer.path, answer.role):
                raise InputError(
                    f"{known_file.path} and {file.path}",
                    f"differ on the crop {answer.id}: {known.path} to {known.role}, "
                    f"{answer.path} to {answer.role}",
                    "One of the two was changed after the page saved it: save it again.",
                )
            given.setdefault(answer.id, []).append(answer)
    settled: dict[str, Answer] = {}
    disputed: list[str] = []
    asked_twice = alike = 0
    for id in sorted(given):
        answers = _of_different_people(given[id])
        counts = Counter((answer.kind, answer.text) for answer in answers).most_common()
        if len(answers) > 1:
            asked_twice += 1
            alike += len(counts) == 1
        most = counts[0][1]
        if len(counts) > 1 and (most < 2 or counts[1][1] == most):
            disputed.append(id)
        else:
            settled[id] = _joined([a for a in answers if (a.kind, a.text) == counts[0][0]])
    every = [answer for answers in given.values() for answer in answers]
    offered = sum(answer.shown is not None for answer in every)
    return Agreement(
        answers=settled,
        disputed=tuple(disputed),
        asked_twice=asked_twice,
        alike=alike,
        offered=offered,
        kept=sum(answer.keeps_shown for answer in every),
        blind=len(every) - offered,
    )


def _of_different_people(answers: Sequence[Answer]) -> list[Answer]:
    """Leave out what a person of that name said before; in an order that no file order changes."""
    kept: list[Answer] = []
    for answer in sorted(answers, key=_order):
        if not answer.by or all(
            (earlier.by, earlier.kind, earlier.text) != (answer.by, answer.kind, answer.text)
            for earlier in kept
        ):
            kept.append(answer)
    return kept


def _joined(alike: Sequence[Answer]) -> Answer:
    """Return one answer for several that are alike, in the turn that most of them have."""
    turns = Counter(answer.turn for answer in alike)
    best = min(alike, key=lambda answer: (-turns[answer.turn], *_order(answer)))
    return replace(best, by=", ".join(sorted({answer.by for answer in alike if answer.by})))


def _order(answer: Answer) -> tuple[Any, ...]:
    shown = answer.shown
    return (
        answer.turn,
        answer.by,
        answer.text,
        answer.kind,
        shown or "",
        shown is None,
        answer.seconds,
    )


def _head(content: dict[str, Any]) -> tuple[str, str, list[Any]]:
    refuse_keys(content, _KEYS)
    queue, by, rows = content["queue"], content["by"], content["answers"]
    if type(queue) is not str or not re.fullmatch("[0-9a-f]{64}", queue):
        raise wrong("queue", queue, "a sha256")
    if type(by) is not str or (by and not is_label(unicodedata.normalize("NFC", by))):
        raise wrong("by", by, "a name in one line")
    if type(rows) is not list:
        raise wrong("answers", rows, "a list")
    return queue, unicodedata.normalize("NFC", by).strip(), rows


def _answer(row: object, by: str) -> Answer:
    if type(row) is not dict:
        raise RowError("it is no JSON object")
    refuse_keys(row, _ANSWER_KEYS)
    id, path, kind, turn = row["id"], row["path"], row["kind"], row["turn"]
    shown, seconds = row["shown"], row["seconds"]
    if not is_label(id):
        raise wrong("id", id, "the id of a crop")
    if type(path) is not str or path_fault(path) is not None:
        raise wrong("path", path, "a path below the folder of images")
    if row["role"] not in LINE_ROLES:
        raise wrong("role", row["role"], f"one of {', '.join(LINE_ROLES)}")
    if kind not in ANSWER_KINDS:
        raise wrong("kind", kind, f"one of {', '.join(ANSWER_KINDS)}")
    if type(turn) is not int or turn not in TURNS:
        raise wrong("turn", turn, f"one of {', '.join(map(str, TURNS))}")
    if shown is not None and type(shown) is not str:
        raise wrong("shown", shown, "a text or null")
    # Compared with bounds, NaN and whole numbers beyond every float are refused as well.
    if type(seconds) not in (int, float) or not 0 <= seconds <= _MOST_SECONDS:
        raise wrong("seconds", seconds, f"a number from 0 to {_MOST_SECONDS}")
    return Answer(
        id=id,
        path=path,
        role=row["role"],
        kind=kind,
        text=_text(row["text"], kind),
        turn=turn,
        shown=None if shown is None else unicodedata.normalize("NFC", shown),
        seconds=float(seconds),
        by=by,
    )


def _text(text: object, kind: AnswerKind) -> str:
    if kind != "text":
        if text != "":
            raise wrong("text", text, f"empty, as that of the kind {kind} is")
        return ""
    if type(text) is not str:
        raise wrong("text", text, "a text")
    composed = unicodedata.normalize("NFC", text)
    if not composed.strip():
        raise RowError("its text is empty")
    if not is_label(composed):
        raise wrong("text", text, "one line without tabs and control characters")
    return composed.strip()


def _place(path: Path, number: int, row: object) -> str:
    id = row.get("id") if isinstance(row, dict) else None
    return f"{path}: answer {number}" + (f" ({id[:80]})" if isinstance(id, str) else "")


def _said(answer: Answer) -> str:
    return repr(answer.text) if answer.kind == "text" else answer.kind
