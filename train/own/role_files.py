"""`train share`: a team's labelled lines into label files to train on, to stop by, to judge on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from textlines.defects import of_readings
from textlines.errors import InputError, UsageError
from textlines.files import unwritable
from textlines.formats.line_roles import (
    LINE_ROLES,
    ROLES,
    LineRole,
    RoleRow,
    read_line_roles,
    write_line_roles,
)
from textlines.labels.fitting import nothing_left
from textlines.labels.tally import Tally
from textlines.wording.counts import count_of, form_of
from train.judging.mining import Mark, read_marks
from train.judging.significance import LEAST_JUDGED
from train.own.sharing import (
    CROPS,
    LEAST_STOPPED,
    HashedLine,
    documents_of,
    hashed_lines,
    link_images,
    shared_out,
    with_floors,
    write_linked,
)

FILES: Mapping[LineRole, str] = {role: f"{role}.txt" for role in LINE_ROLES}

WRITTEN = (*FILES.values(), ROLES, CROPS)
"""What the command writes into its folder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareOptions:
    """What `train share` is asked for.

    Attributes:
        labels, images: the label file, and the folder that its paths start from.
        group: a regular expression on the path whose first capture group names the document; ""
            for none.
        shares: per cent by role, 100 in all.
        roles: a file of roles that came with the lines; None takes one beside the label file.
        marks: what a person said of single lines.
        out: the folder of the label files.
        given: label files of lines that have a role, by role, their paths from `images` on. None
            of `labels` is drawn for such a role.
    """

    labels: Path
    images: Path
    group: str
    shares: Mapping[LineRole, int]
    roles: Path | None
    marks: Path | None
    seed: int
    out: Path
    given: Mapping[LineRole, Path] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SharedLines:
    """What came of it.

    Attributes:
        lines: by role, also of roles without a file.
        kept: lines whose role was known. documents: of all lines.
        notes: what to mind.
    """

    lines: Mapping[LineRole, int]
    kept: int
    documents: int
    notes: tuple[str, ...]


def parse_shares(text: str) -> dict[LineRole, int]:
    """Read the shares of train, stop and judge.

    Raises:
        UsageError: they are no three whole per cents that add up to 100, or none trains.

    >>> parse_shares("65/15/20")
    {'train': 65, 'stop': 15, 'judge': 20}
    """
    parts = text.split("/")
    if len(parts) == 3 and all(part.isascii() and part.isdecimal() for part in parts):
        numbers = [int(part) for part in parts]
        if sum(numbers) == 100 and numbers[0]:
            return dict(zip(LINE_ROLES, numbers, strict=True))
    raise UsageError(
        f"--shares {text}",
        "is not three whole per cents that add up to 100, the first above 0",
        "Write TRAIN/STOP/JUDGE: --shares 65/15/20.",
    )


def roles_beside(labels: Path, roles: Path | None) -> Path | None:
    """Return the file of roles that came with a label file; None where there is none."""
    if roles is not None:
        return roles
    beside = labels.with_name(ROLES)
    return beside if beside.is_file() else None


def share(options: ShareOptions, tally: Tally) -> SharedLines:
    """Write the label files and the roles.

    Roles that are known, from the file that came with the lines or from an earlier call, stay;
    their rows stay too when their lines are gone.

    Args:
        tally: grows by `of_readings.SHARED`.

    Raises:
        InputError: a file cannot be read or written, two files of roles disagree, or no line is
            left to train on.
        UsageError: the regular expression does not fit the paths.
    """
    if not options.images.is_dir():
        raise InputError(str(options.images), "is no folder", "Name the folder of the images.")
    _check_out(options.out)
    known = _known(options)
    listed = hashed_lines(options.labels, options.images, tally)
    for role, file in options.given.items():
        theirs = hashed_lines(file, options.images, tally)
        _take_given(known, theirs, role, file)
        listed += theirs
    hashed = _unmarked(listed, options.marks, tally)
    if not hashed:
        raise nothing_left(
            options.labels,
            tally,
            images=options.images,
            what="labelled line to share",
            defects=of_readings.SHARED,
        )
    documents = documents_of([line.line.path for line in hashed], options.group)
    kept = {sha256: row.role for sha256, row in known.items()}
    images = [line.sha256 for line in hashed]
    shares = _without_given(options)
    drawn, copies = shared_out(documents, images, shares, options.seed, kept)
    if copies:
        tally.add(of_readings.IMAGE_COPIED, count=copies)
    roles = _settled(drawn, images, kept, shares)
    lines = {role: roles.count(role) for role in LINE_ROLES}
    if not lines["train"]:
        raise InputError(
            str(options.labels),
            f"leaves no line to train on ({count_of(len(hashed), 'line')}, "
            f"{count_of(len(set(documents)), 'document')}, {count_of(len(kept), 'role')} known)",
            "Add lines of other documents, or give roles by --roles.",
        )
    rows = dict(known)
    for line, role in zip(hashed, roles, strict=True):
        rows.setdefault(line.sha256, RoleRow(line.sha256, role, line.line.path))
    _write(options, hashed, roles, lines, rows)
    return SharedLines(
        lines,
        sum(line.sha256 in kept for line in hashed),
        len(set(documents)),
        tuple(_notes(lines, shares)),
    )


def has_file(role: LineRole, lines: Mapping[LineRole, int]) -> bool:
    """Whether a role of so many lines gets a label file: a judge from 60 lines on."""
    return lines[role] >= (LEAST_JUDGED if role == "judge" else 1)


def _take_given(
    known: dict[str, RoleRow], lines: Sequence[HashedLine], role: LineRole, file: Path
) -> None:
    """Add the roles of lines that came in a file of their own.

    Raises:
        InputError: one of them has another role already.
    """
    for line in lines:
        before = known.setdefault(line.sha256, RoleRow(line.sha256, role, line.line.path))
        if before.role != role:
            raise InputError(
                f"{file}:{line.line.number}",
                f"gives {line.line.path} the role {role}, it has the role {before.role}",
                "Roles are for good: take the line out of this file.",
            )


def _without_given(options: ShareOptions) -> dict[LineRole, int]:
    """Return the shares, those of roles that came in files of their own given to training."""
    shares = {role: 0 if role in options.given else share for role, share in options.shares.items()}
    shares["train"] += 100 - sum(shares.values())
    return shares


def _settled(
    drawn: Sequence[LineRole],
    images: Sequence[str],
    kept: Mapping[str, LineRole],
    shares: Mapping[LineRole, int],
) -> tuple[LineRole, ...]:
    """Let lines train that would make too small a set; roles that are known stay."""
    met = {kept[sha256] for sha256 in images if sha256 in kept}
    settled = with_floors(drawn, shares, met)
    return tuple(kept.get(sha256, role) for sha256, role in zip(images, settled, strict=True))


def _check_out(out: Path) -> None:
    """Refuse a folder whose label files are somebody else's: they would be lost."""
    theirs = [name for name in FILES.values() if (out / name).exists()]
    if theirs and not (out / ROLES).is_file():
        raise InputError(
            str(out / theirs[0]),
            f"is there, and no {ROLES} beside it: it is not of an earlier call",
            "Name a new folder as --out.",
        )


def _known(options: ShareOptions) -> dict[str, RoleRow]:
    """Read the roles that came with the lines, and those of an earlier call.

    Raises:
        InputError: they disagree over an image.
    """
    files = [roles_beside(options.labels, options.roles)]
    if (options.out / ROLES).is_file():
        files.append(options.out / ROLES)
    known: dict[str, RoleRow] = {}
    for file in dict.fromkeys(path for path in files if path is not None):
        for sha256, row in read_line_roles(file).items():
            before = known.setdefault(sha256, row)
            if before.role != row.role:
                raise InputError(
                    str(file),
                    f"gives the image of {row.path} the role {row.role}, {files[0]} {before.role}",
                    "Name a new folder as --out, or keep one of the two files.",
                )
    return known


def _unmarked(listed: Sequence[HashedLine], marks: Path | None, tally: Tally) -> list[HashedLine]:
    """Leave out what a person has marked as wrong or to be ignored.

    A mark may name a line as the label files of an earlier call do, through their link: such are
    the lines that `train fold` shows.
    """
    paths = {line.line.path for line in listed}
    said: dict[str, Mark] = {}
    for path, mark in (read_marks(marks) if marks else {}).items():
        name = path if path in paths else path.removeprefix(f"{CROPS}/")
        if name in paths:
            said[name] = mark
        else:
            tally.add(of_readings.UNMATCHED_MARK, path)
    kept = []
    for line in listed:
        if said.get(line.line.path) in ("label_wrong", "ignore"):
            tally.add(of_readings.MARKED_OUT, line.line.path)
        else:
            kept.append(line)
    return kept


def _write(
    options: ShareOptions,
    hashed: Sequence[HashedLine],
    roles: Sequence[LineRole],
    lines: Mapping[LineRole, int],
    rows: Mapping[str, RoleRow],
) -> None:
    out = options.out
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise unwritable(out, error) from error
    # First: roles that are written are kept by the next call, whatever ends this one.
    write_line_roles(out / ROLES, rows.values())
    link_images(out, options.images)
    for role, name in FILES.items():
        chosen = [line.line for line, drawn in zip(hashed, roles, strict=True) if drawn == role]
        if has_file(role, lines):
            write_linked(out / name, chosen)
        else:
            (out / name).unlink(missing_ok=True)


def _notes(lines: Mapping[LineRole, int], shares: Mapping[LineRole, int]) -> list[str]:
    notes = []
    if not has_file("judge", lines):
        share = shares["judge"]
        more = -(-LEAST_JUDGED * 100 // share) if share else LEAST_JUDGED
        if lines["judge"]:
            note = (
                f"{count_of(lines['judge'], 'line')} {form_of(lines['judge'], 'is', 'are')} kept "
                f"to judge on, and below {LEAST_JUDGED} no judge is made of them: label "
                f"{LEAST_JUDGED - lines['judge']:,} more with that role"
            )
        else:
            note = (
                f"fewer than {LEAST_JUDGED} lines would judge: no judge is made, and these lines "
                "train for good. `train gate` without --target then ends with 3. Label about "
                f"{more:,} more at once, or give {LEAST_JUDGED} new ones the role judge by --roles"
            )
        notes.append(note)
    if not has_file("stop", lines):
        notes.append(
            f"no line is set apart to stop by (from {LEAST_STOPPED} lines on one is): `train fold` "
            "stops by five folds, `train plan --folds` takes what they found"
        )
    return notes
