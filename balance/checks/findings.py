"""What was found, where, and how often."""

from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

from textlines.defects import Defect, Severity
from textlines.defects.of_checks import CHECK
from textlines.wording import UNSAID, Sentence

KEPT = 1000
"""How many findings of one code are listed; all are counted."""


LONGEST_DETAIL = 400
"""Characters of a detail. Labels and paths in it are cut before (to 60 and 120); this holds
whatever a code puts into one."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding.

    Attributes:
        defect: one of `CHECK`.
        file: the label file or dictionary as named by the user.
        line: from 1; 0 when the finding is about the whole file.
        detail: the particulars, in words; `Findings` cuts it after `LONGEST_DETAIL`.
        image: the image's path on the disk, for a page to show; "" without one.
        other: the second image of a pair.
        label: of the line, whole.
        subject: what a finding about a whole file is about, a character say: the same whenever
            it is found, whatever its figures are then.
    """

    defect: Defect
    file: str
    line: int = 0
    detail: Sentence = UNSAID
    image: str = ""
    other: str = ""
    label: str = ""
    subject: str = ""

    @property
    def code(self) -> str:
        """Name the defect."""
        return self.defect.code

    @property
    def severity(self) -> Severity:
        """How bad it is."""
        return self.defect.severity

    @property
    def place(self) -> str:
        """Name the place as a compiler does: file:line."""
        return f"{self.file}:{self.line}" if self.line else self.file


def spoils_line(defect: Defect) -> bool:
    """Whether `--fix` leaves out the line at which a defect stands."""
    return defect.is_error and defect.is_loss


class Findings:
    """Findings by code: all counted, the first `KEPT` of each kept.

    Lines with an error, and those that `--fix` leaves out, are remembered without a limit.
    """

    def __init__(self, kept: int = KEPT) -> None:
        self._kept = kept
        self._counts: Counter[str] = Counter()
        self._listed: dict[str, list[Finding]] = {}
        self._dropped: dict[str, dict[int, str]] = {}
        self._unusable: dict[str, set[int]] = {}

    def add(self, finding: Finding) -> None:
        """Count a finding, and keep it if its code has room.

        Raises:
            KeyError: the defect is none of `CHECK`.
        """
        defect = CHECK[finding.code]
        self._counts[finding.code] += 1
        if defect.is_error and finding.line:
            self._unusable.setdefault(finding.file, set()).add(finding.line)
        if spoils_line(defect) and finding.line:
            self._dropped.setdefault(finding.file, {}).setdefault(finding.line, finding.code)
        listed = self._listed.setdefault(finding.code, [])
        if len(listed) < self._kept:
            if len(finding.detail) > LONGEST_DETAIL:
                finding = replace(finding, detail=Sentence(f"{finding.detail[:LONGEST_DETAIL]}..."))
            listed.append(finding)

    def counts(self) -> dict[str, int]:
        """Return the count of each code that was found, in the order of `CHECK`."""
        return {code: self._counts[code] for code in CHECK if self._counts[code]}

    def listed(self, code: str) -> tuple[Finding, ...]:
        """Return the kept findings of a code in the order in which they were added."""
        return tuple(self._listed.get(code, ()))

    def dropped(self, file: Path | str) -> dict[int, str]:
        """Return the lines of a file that an error spoils, with the first code of each."""
        return dict(self._dropped.get(str(file), {}))

    def unusable(self, file: Path | str) -> frozenset[int]:
        """Return the lines of a file with an error."""
        return frozenset(self._unusable.get(str(file), ()))

    def total(self, severity: Severity) -> int:
        """Count the findings of one severity."""
        return sum(n for code, n in self._counts.items() if CHECK[code].severity == severity)

    def is_bad(self, strict: bool = False) -> bool:
        """Return whether the sets are at fault: an error, or (strict) a warning too."""
        return bool(self.total("error") or (strict and self.total("warning")))
