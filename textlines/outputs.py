"""No output of a command may be one of its inputs, another output, or a file of somebody else.

A command declares what it writes and what it reads, by option, before it reads or writes anything:
files that are replaced whole (`a label file as --html`) are lost without a word otherwise.
"""

import os
import re
import stat
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import combinations
from pathlib import Path
from types import MappingProxyType

from textlines.errors import InputError, UsageError

_BEGINNING_BYTES = 4096
"""Of a file that is there: enough to see what it is."""


@dataclass(frozen=True, slots=True)
class Form:
    """What a file must look like to be replaced: as the command itself writes it.

    Attributes:
        name: in words, with its article ("an HTML page").
        start: what its first bytes match.
    """

    name: str
    start: re.Pattern[bytes]

    def fits(self, beginning: bytes) -> bool:
        """Whether a file that starts so may be replaced; nothing is lost with an empty one."""
        return not beginning.strip() or bool(self.start.match(beginning))


PAGE = Form("an HTML page", re.compile(rb"\s*<!doctype html", re.IGNORECASE))
PREDICTIONS = Form(
    "a file of predictions", re.compile(rb'\{"path": "(?:[^"\\]|\\.)*", "(?:text|fault)": ')
)
PROFILE = Form("an error profile", re.compile(rb'\{\s*"version": \d+,\s*"alphabet": '))
SARIF = Form("a SARIF log", re.compile(rb'\{\s*"\$schema": "[^"]*\bsarif\b'))
RULES = Form("a file of rules", re.compile(rb"# Rules that mend readings, "))
DETECTION = Form("figures of a detector", re.compile(rb'\{\s*"version": ?\d+,\s*"detector": ?"'))
ANY = Form("a file", re.compile(rb""))
"""For a command that looks itself at what is there."""

NEW = Form("a new file", re.compile(rb"(?!)"))
"""For what cannot be told from a user's own: label files and images. It must not be there."""


@dataclass(frozen=True, slots=True)
class Output:
    """A file or a folder that a command writes.

    Attributes:
        option: as typed ("--html").
        form: what a file in its place must look like; None for a folder.
        names: of a folder, what is written at its top, as patterns; () is all of it. Neither an
            input nor another output may stand there.
    """

    option: str
    path: Path
    form: Form | None = None
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Tree:
    """A folder that is read to its depths: what is written inside would be read the next time."""

    path: Path


Given = Path | Tree | str | None | Iterable[Path | str]
"""What an option holds: a path, several, a tree, the name of a model (a path if it is there)."""


def check_outputs(outputs: Iterable[Output | None], inputs: Mapping[str, Given]) -> None:
    """Check all outputs of a command against each other, its inputs and what is there.

    Paths are compared by what they lead to, through links, and by the file itself where it is
    there (hard links, file systems without case). Devices and pipes are written to as they are
    and not checked.

    Args:
        outputs: None stands for an option that was not given.
        inputs: by option; a folder of inputs may lie around an output unless it is a `Tree`.

    Raises:
        UsageError: an output is, holds or lies in an input, two outputs are one, or an output
            would replace a file that the command cannot have written; names both options.
        InputError: a folder stands where a file is to be written, or a file for a folder.
    """
    wanted = [one for one in outputs if one is not None and not _is_stream(one.path)]
    named = [(option, path, tree) for option, path, tree in _listed({**inputs, **_also_read.get()})]
    for one in wanted:
        for option, path, is_tree in named:
            _check_input(one, option, path, is_tree)
    for first, second in combinations(wanted, 2):
        _check_pair(first, second)
    for one in wanted:
        _check_there(one)


_also_read: ContextVar[Mapping[str, Path]] = ContextVar("also read", default=MappingProxyType({}))


@contextmanager
def also_reading(option: str, path: Path | None) -> Iterator[None]:
    """Let `check_outputs` count a file that was read before the command began to its inputs."""
    token = _also_read.set({} if path is None else {option: path})
    try:
        yield
    finally:
        _also_read.reset(token)


def page(option: str, path: Path | None) -> Output | None:
    """Declare an HTML page."""
    return file(option, path, PAGE)


def file(option: str, path: Path | None, form: Form) -> Output | None:
    """Declare a file; None when the option was not given."""
    return None if path is None else Output(option, path, form)


def folder(option: str, path: Path | None, names: Iterable[str] = ()) -> Output | None:
    """Declare a folder, all of which or some `names` belong to the command; None as in `file`."""
    return None if path is None else Output(option, path, None, tuple(names))


def _listed(inputs: Mapping[str, Given]) -> Iterator[tuple[str, Path, bool]]:
    for option, given in inputs.items():
        if given is None:
            continue
        several = [given] if isinstance(given, str | Path | Tree) else list(given)
        for one in several:
            if isinstance(one, Tree):
                yield option, one.path, True
            elif isinstance(one, Path):
                yield option, one, False
            # The name of a model is no path, whatever folder is to be called so.
            elif os.path.lexists(one):
                yield option, Path(one), False


def _check_input(output: Output, option: str, path: Path, is_tree: bool) -> None:
    where = f"{output.option}, {option}"
    if _is_same(output.path, path):
        raise UsageError(
            where,
            f"name the same {'folder' if output.path.is_dir() else 'file'} ({output.path}), and "
            "what is read there would be lost",
            f"Name another {output.option}.",
        )
    if output.form is None and _is_written(path, output):
        raise UsageError(
            where,
            f"the folder {output.path} would be written over {path}, which is read",
            f"Name a folder of its own as {output.option}.",
        )
    if is_tree and _relative(output.path, path) is not None:
        raise UsageError(
            where,
            f"{output.path} lies in {path}, all of which is read",
            f"Name a place outside as {output.option}.",
        )


def _check_pair(first: Output, second: Output) -> None:
    where = f"{first.option}, {second.option}"
    mend = f"Name another {second.option if second.form else first.option}."
    if _is_same(first.path, second.path):
        raise UsageError(where, f"name the same file ({second.path})", mend)
    for outer, inner in ((first, second), (second, first)):
        inside = _relative(inner.path, outer.path)
        if inside is None:
            continue
        if outer.form is not None:
            raise UsageError(where, f"{inner.path} lies in {outer.path}, which is no folder", mend)
        if inner.form is None or (outer.names and _is_written(inner.path, outer)):
            raise UsageError(
                where, f"{inner.path} is what {outer.option} writes there itself", mend
            )


def _check_there(output: Output) -> None:
    path, option = output.path, output.option
    if output.form is None:
        if path.exists() and not path.is_dir():
            raise InputError(str(path), "is a file", f"Name a folder as {option}.")
        return
    if path.is_dir():
        raise InputError(str(path), "is a folder", "Name a file.")
    try:
        with path.open("rb") as there:
            beginning = there.read(_BEGINNING_BYTES)
    except OSError:
        return  # nothing there, or writing it says what is wrong
    if output.form.fits(beginning):
        return
    if output.form is NEW:
        raise UsageError(option, f"{path} is there already and would be lost", "Name a new file.")
    raise UsageError(
        option,
        f"{path} is there, is not {output.form.name} as this command writes it, and would be lost",
        "Name another file.",
    )


def _is_stream(path: Path) -> bool:
    """Whether a path leads to a device, a pipe or a socket."""
    try:
        mode = path.stat().st_mode
    except OSError:
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


def _places(path: Path) -> tuple[Path, Path]:
    """Return the path through all links, and as it is written."""
    return Path(os.path.realpath(path)), Path(os.path.abspath(path))  # noqa: PTH100


def _is_same(one: Path, other: Path) -> bool:
    if set(_places(one)) & set(_places(other)):
        return True
    try:
        return one.samefile(other)
    except OSError:
        return False


def _is_written(path: Path, output: Output) -> bool:
    """Whether a path lies where a command writes into its folder."""
    inside = _relative(path, output.path)
    if inside is None:
        return False
    return not output.names or any(fnmatchcase(inside.parts[0], name) for name in output.names)


def _relative(path: Path, outer: Path) -> Path | None:
    """Return a path as seen from a folder around it; None if it does not lie inside."""
    for place in _places(path):
        for around in _places(outer):
            if around in place.parents:
                return place.relative_to(around)
        for parent in place.parents:
            try:
                if parent.samefile(outer):
                    return place.relative_to(parent)
            except OSError:
                continue
    return None
