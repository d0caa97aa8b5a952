"""What a person said of single crops: `marks.tsv`."""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal, get_args

from textlines.errors import InputError
from textlines.files import read_text, replacing
from textlines.labels.label_paths import normal_path

Mark = Literal["label_wrong", "ignore", "real"]
"""The label is wrong; the crop is to be left out; the label is right and the model wrong."""

MARKS: tuple[Mark, ...] = get_args(Mark)
HEADER = "path\tmark"


def read_marks(path: Path) -> dict[str, Mark]:
    """Read marks: `path<TAB>mark` a line, with or without the header.

    Raises:
        InputError: the file cannot be read, a line has other columns or an unknown mark, or two
            lines disagree; names the line.
    """
    marks: dict[str, Mark] = {}
    for number, line in enumerate(read_text(path, "the file of marks").split("\n"), 1):
        line = line.removesuffix("\r")
        if not line.strip() or (number == 1 and line == HEADER):
            continue
        where = f"{path}:{number}"
        image, tab, word = line.partition("\t")
        if not tab or not image or "\t" in word:
            raise InputError(where, "is not path<TAB>mark", "Save the marks again.")
        mark = next((mark for mark in MARKS if mark == word.strip()), None)
        if mark is None:
            raise InputError(
                where, f"holds the unknown mark {word!r}", f"Marks are {', '.join(MARKS)}."
            )
        name = normal_path(image.replace("\\", "/"))
        if marks.setdefault(name, mark) != mark:
            raise InputError(
                where, f"marks {name} as {mark}, an earlier line as {marks[name]}", "Keep one."
            )
    return marks


def write_marks(path: Path, marks: Mapping[str, Mark]) -> None:
    """Write marks by falling path, whole or not at all.

    Raises:
        InputError: the file cannot be written.
    """
    with replacing(path) as out:
        out.write(f"{HEADER}\n")
        out.writelines(f"{name}\t{mark}\n" for name, mark in sorted(marks.items()))
