"""The two files that dictionaries come in: a text file and an exported model's yml."""

import importlib.util
from collections.abc import Sequence
from pathlib import Path

from textlines.errors import InputError
from textlines.files import open_regular, read_text
from textlines.installing import pip_line
from textlines.parsing import parse_yaml

MOST_CLASSES = 200_000
"""Of a network. All of Unicode's characters are 160,000; the largest dictionary has 18,708."""

MOST_CHARACTERS = 256
"""Of an entry. PP-OCRv5's longest has 8."""


def check_entries(where: str, entries: Sequence[str]) -> None:
    """Check that entries are what a dictionary may hold, whichever file they came in.

    Raises:
        InputError: there are too many, or one is too long; names the first.
    """
    mend = "Name a dictionary, one entry a line."
    if len(entries) > MOST_CLASSES:
        raise InputError(where, f"holds {len(entries):,} entries, more than {MOST_CLASSES:,}", mend)
    for number, entry in enumerate(entries, 1):
        if len(entry) > MOST_CHARACTERS:
            raise InputError(
                where,
                f"holds an entry (number {number:,}) of {len(entry):,} characters, more than "
                f"{MOST_CHARACTERS}",
                mend,
            )


def read_entries(path: Path) -> tuple[tuple[str, ...], dict[str, int]]:
    """Read the entries of a dictionary in order, and count what is odd about the file.

    Raises:
        InputError: the file cannot be read, is not UTF-8, or is a yml without a dictionary.
    """
    text = read_text(path, "the dictionary")
    if path.suffix.lower() in (".yml", ".yaml"):
        entries = _entries_of_yml(path, text)
        check_entries(str(path), entries)
        return entries, {}
    # As PaddleOCR reads it: lines end at LF alone (not at U+2028 and the like, which
    # str.splitlines would break at), and a CR is stripped.
    lines = text.split("\n")
    if lines[-1] == "":
        lines.pop()
    oddities = {"crlf": sum(line.endswith("\r") for line in lines)}
    oddities["bom"] = int(_has_mark(path))
    entries = tuple(line.strip("\r") for line in lines)
    check_entries(str(path), entries)
    return entries, oddities


def _has_mark(path: Path) -> bool:
    try:
        with open_regular(path) as file:
            return file.read(3) == b"\xef\xbb\xbf"
    except OSError:
        return False  # a pipe, which is read once


def _entries_of_yml(path: Path, text: str) -> tuple[str, ...]:
    if importlib.util.find_spec("yaml") is None:
        raise InputError(
            str(path),
            "is YAML, which needs PyYAML to be read",
            "Write PostProcess.character_dict to a text file, one entry a line, or run: "
            f"{pip_line('pyyaml')}",
        )
    # Every scalar is a string: `~`, `1` and `no` are entries here.
    content = parse_yaml(text, str(path), "the dictionary", "Name another, or mend it.")
    section = content.get("PostProcess") if isinstance(content, dict) else None
    entries = section.get("character_dict") if isinstance(section, dict) else None
    if not isinstance(entries, list) or not all(isinstance(entry, str) for entry in entries):
        raise InputError(
            str(path),
            "holds no list PostProcess.character_dict",
            "Name an exported recognition model's inference.yml, or a dictionary text file.",
        )
    for number, entry in enumerate(entries, 1):
        if "\n" in entry:
            raise InputError(
                str(path), f"character_dict entry {number} holds a line feed", "Mend the entry."
            )
    return tuple(entries)
