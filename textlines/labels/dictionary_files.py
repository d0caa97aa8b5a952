"""The two files that dictionaries come in: a text file and an exported model's yml."""

import importlib
from pathlib import Path
from typing import Any

from textlines.errors import InputError
from textlines.files import read_text
from textlines.installing import pip_line


def read_entries(path: Path) -> tuple[tuple[str, ...], dict[str, int]]:
    """Read the entries of a dictionary in order, and count what is odd about the file.

    Raises:
        InputError: the file cannot be read, is not UTF-8, or is a yml without a dictionary.
    """
    text = read_text(path, "the dictionary")
    if path.suffix.lower() in (".yml", ".yaml"):
        return _entries_of_yml(path, text), {}
    # As PaddleOCR reads it: lines end at LF alone (not at U+2028 and the like, which
    # str.splitlines would break at), and a CR is stripped.
    lines = text.split("\n")
    if lines[-1] == "":
        lines.pop()
    oddities = {"crlf": sum(line.endswith("\r") for line in lines)}
    with path.open("rb") as file:
        oddities["bom"] = int(file.read(3) == b"\xef\xbb\xbf")
    return tuple(line.strip("\r") for line in lines), oddities


def _entries_of_yml(path: Path, text: str) -> tuple[str, ...]:
    try:
        yaml: Any = importlib.import_module("yaml")
    except ImportError:
        raise InputError(
            str(path),
            "is YAML, which needs PyYAML to be read",
            "Write PostProcess.character_dict to a text file, one entry a line, or run: "
            f"{pip_line('pyyaml')}",
        ) from None
    # The base loader gives every scalar as a string: `~`, `1` and `no` are entries here. The
    # one in C, where it is built, reads 18,000 entries in 0.1 s instead of 2 s.
    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    try:
        content = yaml.load(text, Loader=loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{path}:{mark.line + 1}" if mark else str(path)
        raise InputError(where, f"is no YAML ({getattr(error, 'problem', error)})") from error
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
