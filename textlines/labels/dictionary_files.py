"""The files that dictionaries come in: a text file, an exported model's yml, a training YAML."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from textlines.errors import InputError
from textlines.files import open_regular, read_text, sha256_of
from textlines.labels.dictionary_kinds import ONE_A_LINE, misfit
from textlines.parsing import parse_toml, parse_yaml

MOST_CLASSES = 200_000
"""Of a network. All of Unicode's characters are 160,000; the largest dictionary has 18,708."""

MOST_CHARACTERS = 256
"""Of an entry. PP-OCRv5's longest has 8."""

RECORDS = ("model.toml", "export.toml")
"""Of the folders that `train weights` and `train export` write, beside their dictionary."""

YAMLS = (".yml", ".yaml")

_ON, _OFF = frozenset({"true", "yes", "on"}), frozenset({"false", "no", "off"})


@dataclass(frozen=True, slots=True)
class DictionaryFile:
    """A dictionary as its file has it.

    Attributes:
        path: of the file that the entries stand in: what a training YAML names.
        entries: in order, without blank and without the space that is appended.
        use_space_char: whether a space follows them, as `told_by` says; None where nobody says.
        told_by: the training YAML, or the record of a model's folder.
        oddities: of the file: "bom", "crlf" (lines).
    """

    path: Path
    entries: tuple[str, ...]
    use_space_char: bool | None = None
    told_by: str = ""
    oddities: Mapping[str, int] = field(default_factory=dict)


def check_entries(where: str, entries: Sequence[str]) -> None:
    """Check that entries are what a dictionary may hold, whichever file they came in.

    Raises:
        InputError: there are too many, or one is too long; names the first.
    """
    if len(entries) > MOST_CLASSES:
        raise InputError(
            where, f"holds {len(entries):,} entries, more than {MOST_CLASSES:,}", ONE_A_LINE
        )
    for number, entry in enumerate(entries, 1):
        if len(entry) > MOST_CHARACTERS:
            raise InputError(
                where,
                f"holds an entry (number {number:,}) of {len(entry):,} characters, more than "
                f"{MOST_CHARACTERS}",
                ONE_A_LINE,
            )


def read_dictionary(path: Path) -> DictionaryFile:
    """Read a dictionary: a text file of one entry a line, or a YAML that holds or names one.

    A line with a space, or another white space, is an entry as any other; a blank line is one that
    matches no text. An `inference.yml` holds its entries; a training YAML of PaddleOCR's is
    followed to its `Global.character_dict_path`.

    Raises:
        InputError: the file cannot be read, is not UTF-8, holds no entry, is of another kind than
            a dictionary (says which), or names a dictionary that is not there.
    """
    text = read_text(path, "the dictionary")
    if path.suffix.lower() in YAMLS:
        return _read_yaml(path, text)
    return _read_lines(path, text)


def entries_file(path: Path) -> Path:
    """Return the file that a dictionary's entries stand in: what a training YAML names, else it.

    That one is to be hashed by whoever records what a result hangs on.

    Raises:
        InputError: as `read_dictionary`, of a YAML.
    """
    return read_dictionary(path).path if path.suffix.lower() in YAMLS else path


def _read_lines(path: Path, text: str) -> DictionaryFile:
    # As PaddleOCR reads it: lines end at LF alone (not at U+2028 and the like, which
    # str.splitlines would break at), and a CR is stripped; no other white space is.
    lines = text.split("\n")
    if lines[-1] == "":
        lines.pop()
    entries = tuple(line.strip("\r") for line in lines)
    fault = misfit(text, entries)
    if fault:
        raise fault.at(str(path))
    _refuse_empty(path, entries)
    check_entries(str(path), entries)
    oddities = {"crlf": sum(line.endswith("\r") for line in lines), "bom": int(_has_mark(path))}
    use_space_char, told_by = _recorded(path)
    return DictionaryFile(path, entries, use_space_char, told_by, oddities)


def _refuse_empty(path: Path, entries: Sequence[str]) -> None:
    if not any(entries):
        raise InputError(str(path), "holds no entry", ONE_A_LINE)


def _has_mark(path: Path) -> bool:
    try:
        with open_regular(path) as file:
            return file.read(3) == b"\xef\xbb\xbf"
    except OSError:
        return False  # a pipe, which is read once


def _recorded(path: Path) -> tuple[bool | None, str]:
    """Read whether a space follows, from the record of the model folder that the file is of."""
    for name in RECORDS:
        record = path.with_name(name)
        if record == path or not record.is_file():
            continue
        what, mend = "the model's record", "Make the folder again, or move the dictionary away."
        content = parse_toml(read_text(record, what), str(record), what, mend)
        files, section = content.get("files"), content.get("dictionary", content)
        if not isinstance(files, dict) or not isinstance(section, dict):
            continue
        says = section.get("use_space_char")
        # Of a file that was put in the dictionary's place it says nothing.
        if isinstance(says, bool) and files.get(path.name) == sha256_of(path):
            return says, str(record)
    return None, ""


def _read_yaml(path: Path, text: str) -> DictionaryFile:
    # Every scalar is a string: `~`, `1` and `no` are entries here.
    content = parse_yaml(text, str(path), "the dictionary", "Name another, or mend it.")
    held = _section(content, "PostProcess").get("character_dict")
    settings = _section(content, "Global")
    if isinstance(held, list) and all(isinstance(entry, str) for entry in held):
        _check_yaml_entries(path, held)
        says, told_by = _recorded(path)
        if "use_space_char" in settings:
            says, told_by = _switch(path, settings), str(path)
        return DictionaryFile(path, tuple(held), says, told_by)
    named = settings.get("character_dict_path")
    if held is None and isinstance(named, str) and named.lower() not in ("", "~", "null"):
        return _followed(path, named, _switch(path, settings))
    raise _no_dictionary(path, content, held)


def _section(content: Any, name: str) -> Mapping[str, Any]:
    found = content.get(name) if isinstance(content, dict) else None
    return found if isinstance(found, dict) else {}


def _check_yaml_entries(path: Path, entries: Sequence[str]) -> None:
    for number, entry in enumerate(entries, 1):
        if "\n" in entry:
            raise InputError(
                str(path), f"character_dict entry {number} holds a line feed", "Mend the entry."
            )
    _refuse_empty(path, entries)
    check_entries(str(path), entries)


def _switch(path: Path, settings: Mapping[str, Any]) -> bool:
    """Read `Global.use_space_char`; PaddleOCR takes a YAML without it as off."""
    value = settings.get("use_space_char", "false")
    word = value.lower() if isinstance(value, str) else ""
    if word in ("", "~", "null") and isinstance(value, str):
        return False
    if word not in _ON | _OFF:
        raise InputError(
            str(path),
            f"says Global.use_space_char: {str(value)[:40]!r}, neither true nor false",
            "Mend it.",
        )
    return word in _ON


def _followed(path: Path, named: str, use_space_char: bool) -> DictionaryFile:
    """Read the dictionary that a training YAML names."""
    places = dictionary_places(path, named)
    place = next((one for one in places if one.is_file()), None)
    if place is None:
        raise InputError(
            str(path),
            f"names the dictionary {named} (Global.character_dict_path), which is not there",
            f"Looked for at {_listed(places)}. Put it there, mend the YAML, or name the dictionary "
            "itself.",
        )
    if place.suffix.lower() in YAMLS:
        raise InputError(
            str(path),
            f"names another YAML as its dictionary ({place})",
            "Name the dictionary's text file as Global.character_dict_path.",
        )
    found = _read_lines(place, read_text(place, f"the dictionary that {path} names"))
    return DictionaryFile(place, found.entries, use_space_char, str(path), found.oddities)


def dictionary_places(path: Path, named: str) -> tuple[Path, ...]:
    """List where the dictionary of a training YAML may lie, in the order of looking.

    Trainings run from a checkout's top, so a path in a YAML starts there: from its own folder on,
    each folder above it is tried, and the working directory last.
    """
    wanted = Path(named.replace("\\", "/"))
    if wanted.is_absolute():
        return (wanted,)
    folder = Path(os.path.abspath(path)).parent  # noqa: PTH100  # a link stays a link
    folders = (folder, *folder.parents, Path.cwd())
    return tuple(dict.fromkeys(one / wanted for one in folders))


def _listed(places: Sequence[Path]) -> str:
    if len(places) == 1:
        return str(places[0])
    return f"{places[0]}, from each folder above that, and at {places[-1]}"


def _no_dictionary(path: Path, content: Any, held: Any) -> InputError:
    """Return the error of a YAML that holds no dictionary and names none: what it is instead."""
    post, settings = _section(content, "PostProcess"), _section(content, "Global")
    name = post.get("name")
    mend = "Name an exported recognition model's inference.yml, or a dictionary text file."
    if isinstance(held, dict) or "rec_char_dict_path" in settings:
        what = f"holds the tokenizer of a formula or document model ({name}), no dictionary"
    elif "character_dict_path" in settings or (isinstance(name, str) and "Label" in name):
        what = (
            "names no dictionary (Global.character_dict_path is empty), which PaddleOCR takes for "
            "the digits and small letters"
        )
        mend = "Write those to a text file, one a line, and name that; or name the model's own."
    elif isinstance(name, str):
        what = f"is of a model that reads no characters ({name}): it holds no dictionary"
    else:
        what = "holds no list PostProcess.character_dict and no Global.character_dict_path"
    return InputError(str(path), what, mend)
