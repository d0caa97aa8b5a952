"""Label files read for checking: every oddity of the reader becomes a finding with its line."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from balance.checks.findings import Finding, Findings
from textlines.defects import Defect, Effect, of_checks
from textlines.errors import InputError
from textlines.labels.fitting import candidates, fit_of, other_form, way_in
from textlines.labels.label_file import PLAIN, Dialect, LabelLine, read_labels
from textlines.labels.label_paths import shown_path
from textlines.labels.tally import Tally
from textlines.wording import UNSAID, Sentence, arranged, say

Role = Literal["train", "val", "like"]
"""`like` is a reference: compared with, and not itself at fault."""

_PLACE = re.compile(r":(\d+)(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class LineSet:
    """The usable lines of one label file.

    Attributes:
        file: as the user named it.
        images: the folder that paths start from.
        part: "original" or "new" where the user says so, for the ratio.
        dialect: how the file was read.
    """

    file: Path
    role: Role
    lines: tuple[LabelLine, ...]
    images: Path
    part: str = ""
    dialect: Dialect = PLAIN

    @property
    def name(self) -> str:
        """The file as findings name it."""
        return str(self.file)

    def image(self, line: LabelLine) -> str:
        """Return the path of a line's image on the disk."""
        return f"{self.images}/{line.path}"

    def finding(
        self, defect: Defect, line: LabelLine, detail: Sentence = UNSAID, other: str = ""
    ) -> Finding:
        """Make a finding about one of the lines."""
        return Finding(defect, self.name, line.number, detail, self.image(line), other, line.label)


class _Recorder(Tally):
    """A tally that hands on every place, not the first five."""

    __slots__ = ("_file", "_findings")

    def __init__(self, file: str, findings: Findings) -> None:
        super().__init__()
        self._file, self._findings = file, findings

    def add(
        self,
        reason: Defect | str,
        place: str = "",
        count: int = 1,
        effect: Effect | None = None,
        encoding: str = "",
    ) -> None:
        super().add(reason, place, count, effect, encoding)
        match = _PLACE.match(place, len(self._file))
        number, detail = (int(match[1]), match[2].strip(" ()")) if match else (0, "")
        code = reason if isinstance(reason, str) else reason.code
        defect = of_checks.OF_READER.get(code) or of_checks.CHECK[code]
        self._findings.add(Finding(defect, self._file, number, Sentence(detail)))


def read_set(
    file: Path,
    role: Role,
    findings: Findings,
    *,
    images: Path | None = None,
    part: str = "",
    dialect: Dialect = PLAIN,
) -> LineSet:
    """Read a label file; what is odd goes to `findings`, unless it is a reference.

    A file that cannot be used at all is a finding too, so that the others are still checked.

    Raises:
        InputError: the file is not there, or is a folder.
    """
    if not file.is_file():
        what = "is a folder" if file.is_dir() else "is not there"
        mend = "Name a label file (LMDB: `balance import lmdb` first)."
        raise InputError(str(file), what, mend)
    sink = Findings() if role == "like" else findings
    folder = images or file.parent
    before = _stamp(file)
    lines: tuple[LabelLine, ...] = ()
    try:
        recorder = _Recorder(str(file), sink)
        lines = tuple(read_labels(file, tally=recorder, home=folder, dialect=dialect))
    except InputError as error:
        findings.add(
            Finding(
                of_checks.UNUSABLE_FILE,
                str(file),
                detail=arranged("{what}. {mend}", what=error.what, mend=error.mend),
            )
        )
    else:
        if not lines:
            size = file.stat().st_size
            other = other_form(file)
            detail = (
                say("it is {form}. {way_in}", form=other.name, way_in=way_in(file, other))
                if other
                else say("{size:,} bytes", size=size)
            )
            findings.add(Finding(of_checks.NO_LINES, str(file), detail=detail))
            check_fit(file, folder, dialect, findings)
    if _stamp(file) != before:
        findings.add(Finding(of_checks.CHANGED_WHILE_READ, str(file)))
    line_set = LineSet(file, role, lines, folder, part, dialect)
    for line in lines:
        # The form cannot hold these on writing: `textlines.labels.write_labels`.
        if not line.path.isprintable() or line.path[0] in "[\ufeff":
            sink.add(
                line_set.finding(
                    of_checks.ODD_PATH, line, Sentence(ascii(shown_path(line.path, 60)))
                )
            )
    return line_set


def check_fit(file: Path, images: Path, dialect: Dialect, findings: Findings) -> None:
    """Report where the images of a label file are, if its paths do not say it and others would."""
    if fit := fit_of(file, candidates(file, images), dialect):
        findings.add(
            Finding(
                of_checks.PATHS_DO_NOT_FIT,
                str(file),
                detail=arranged("{told}. {mend}", told=fit.told(), mend=fit.mend(file)),
            )
        )


def _stamp(file: Path) -> tuple[int, int, int]:
    try:
        stat = file.stat()
    except OSError:
        return (0, 0, 0)
    return (stat.st_ino, stat.st_size, stat.st_mtime_ns)
