"""`--fix`: a new label file with what is safe mended and what is wrong left out."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from unicodedata import normalize

from balance.checks.findings import Findings
from balance.checks.sets import LineSet
from balance.checks.text_checks import Sizes
from textlines.defects import of_lines
from textlines.errors import UsageError
from textlines.files import open_regular, real_path, unreadable
from textlines.labels.alphabet import Alphabet
from textlines.labels.label_file import write_labels
from textlines.labels.tally import Tally
from textlines.rules.line_rules import check_line

# Without ZWNJ and ZWJ, which Persian and Indic spelling needs.
_ZERO_WIDTH = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff]"
)
_JOINERS = re.compile("[\u200c\u200d]")
_SPACES = re.compile("[ \u00a0\u2007\u202f]+")


def mended(label: str, alphabet: Alphabet) -> str:
    r"""Mend what can be mended without looking at the image.

    Composes (NFC), takes out characters without width (joiners only where the dictionary lacks
    them), makes every space a plain one, and strips and joins spaces.

    >>> mended(" A\u200b\u00a0 B ", Alphabet(("A", "B")))
    'A B'
    """
    text = _ZERO_WIDTH.sub("", normalize("NFC", label))
    if not alphabet.holds("\u200c") or not alphabet.holds("\u200d"):
        text = _JOINERS.sub(lambda joiner: joiner[0] if alphabet.holds(joiner[0]) else "", text)
    # Taking out a grapheme joiner may leave two characters that compose.
    return normalize("NFC", _SPACES.sub(" ", text).strip(" "))


def targets(sets: Sequence[LineSet], out: Path) -> dict[Path, LineSet]:
    """Return the sets by the file each is written to: OUT, or files of their names in it for more.

    Raises:
        UsageError: a file would be written over a set, or two sets have one name.
    """
    checked = {real_path(line_set.file) for line_set in sets}
    judged = [line_set for line_set in sets if line_set.role != "like"]
    named: dict[Path, LineSet] = {}
    for line_set in judged:
        target = out if len(judged) == 1 and not out.is_dir() else out / line_set.file.name
        if real_path(target) in checked:
            raise UsageError(
                "--fix", f"{target} is a file that is checked", "Name a new file: none is changed."
            )
        if target in named:
            raise UsageError(
                "--fix",
                f"two files are named {line_set.file.name}",
                "Check them one after the other.",
            )
        named[target] = line_set
    return named


def write_mended(
    target: Path,
    line_set: LineSet,
    findings: Findings,
    alphabet: Alphabet,
    *,
    max_length: int,
    sizes: Sizes | None,
) -> Tally:
    """Write a set anew, whole or not at all.

    A file that is there must hold these very lines: those of a call that was killed when it had
    written them.

    Returns:
        kept, mended, and what was left out by code.

    Raises:
        UsageError: the file is there and holds something else.
        InputError: the file cannot be written.
    """
    tally = Tally()
    rows = _rows(
        line_set, findings.dropped(line_set.name), alphabet, max_length, sizes or {}, tally
    )
    if not target.exists():
        write_labels(target, rows)
    elif not _holds(target, rows):
        raise UsageError(
            "--fix", f"{target} is there already and would be lost", "Name a new file."
        )
    return tally


def _holds(target: Path, rows: Iterable[tuple[str, str]]) -> bool:
    """Whether a file holds these lines as they would be written, and no others."""
    try:
        with open_regular(target) as there:
            if any(there.readline() != f"{path}\t{label}\n".encode() for path, label in rows):
                return False
            return not there.read(1)
    except OSError as error:
        raise unreadable(target, error) from error


def _rows(
    line_set: LineSet,
    dropped: Mapping[int, str],
    alphabet: Alphabet,
    max_length: int,
    sizes: Sizes,
    tally: Tally,
) -> Iterator[tuple[str, str]]:
    lines = {line.number for line in line_set.lines}
    for number, code in sorted(dropped.items()):
        if number not in lines:  # the reader gave no line for it
            tally.add(code, f"{line_set.name}:{number}")
    for line in line_set.lines:
        place = f"{line_set.name}:{line.number}"
        label = mended(line.label, alphabet)
        width, height = sizes.get(line_set.image(line), (0, 0))
        line_faults = (
            check_line(label, alphabet, max_length=max_length, width_px=width, height_px=height)
            if width
            else check_line(label, alphabet, max_length=max_length)
        )
        faults: list[str] = [finding.code for finding in line_faults if finding.defect.is_error]
        other = dropped.get(line.number, "")
        # An error of the label as it was may be gone now that the label is mended.
        if other and other not in _OF_LABEL:
            faults.append(other)
        if faults:
            tally.add(faults[0], place)
            continue
        tally.add("mended" if label != line.label else "kept", place)
        yield line.path, label


_OF_LABEL = {code for code, defect in of_lines.LABEL.items() if defect.is_error}
