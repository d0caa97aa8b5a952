"""Whether a mix is asked for pages, told by its files; and which options then mean nothing."""

from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field, fields
from pathlib import Path
from typing import Any

from balance.mixing.mix_request import MixRequest
from textlines.errors import InputError, UsageError
from textlines.formats.roles import Role
from textlines.labels.other_forms import form_of
from textlines.regions.page_file import label_file_of

_FORM = "ppocr-det"
"""What `textlines.labels.other_forms` calls page label files and their folders."""

_OF_LINES: Mapping[str, str] = {
    "dictionary": "a detector reads nothing",
    "profile": "a detector reads nothing",
    "like": "it compares texts",
    "previous": "a page is drawn by its image: the same pages come again without it",
    "encoding": "page label files are UTF-8",
    "cut_prefix": "paths of pages are fitted to what is there by themselves; see --images",
    "by": "pages are counted, and the regions on them are told",
    "even": "pages are drawn by hash",
    "alpha": "it evens characters",
    "word_floor": "it evens words",
    "caps": "they limit texts and faces",
    "repeat_originals": "it evens characters",
    "max_length": "a detector reads nothing",
    "use_space_char": "a detector reads nothing",
    "lmdb": "PaddleOCR trains detectors on page label files",
    "big": "pages are few, their images stay where they are",
    "memory": "pages are few, their images stay where they are",
}
"""Options that speak of text lines alone, and why pages have no use for them."""


def named_files(request: MixRequest) -> Iterator[tuple[Role, str, Path]]:
    """Yield role, name of the role and path of each label file that is to be mixed."""
    plain: tuple[tuple[Role, tuple[Path, ...]], ...] = (
        ("own", request.own),
        ("original", request.original),
        ("distil", request.distil),
        ("new", request.new),
        ("general", request.general),
    )
    for role, paths in plain:
        yield from ((role, role, path) for path in paths)
    for name, paths in request.replay.items():
        yield from (("replay", f"replay:{name}", path) for path in paths)


def is_of_pages(request: MixRequest) -> bool:
    """Whether the label files hold pages; by what stands in them, whatever they are called.

    Raises:
        UsageError: some hold pages and others do not, or an option is for text lines.
        InputError: some hold pages, and another one is not there.
    """
    pages: list[tuple[Role, Path]] = []
    others: list[tuple[Role, Path]] = []
    for role, _, path in named_files(request):
        if role == "distil" and is_unlabelled(path):
            continue  # what it is for, the other files say
        form = form_of(path)
        is_page_file = form is not None and form.format == _FORM
        (pages if is_page_file else others).append((role, path))
    if not pages:
        return False
    if others:
        (role, path), (other_role, other) = pages[0], others[0]
        if not other.exists():
            raise InputError(str(other), "is not there", f"Check the path of --{other_role}.")
        form = form_of(other)
        what = f"is {form.name}" if form else "does not look like one"
        raise UsageError(
            f"--{role}, --{other_role}",
            f"{path} holds labelled pages (JSON behind the tab), {other} {what}",
            "Mix pages with pages, for a detector, or lines with lines, for a recognizer.",
        )
    _refuse_options(request, pages[0][1])
    return True


def is_unlabelled(path: Path) -> bool:
    """Whether a path is a folder of images, or a list of their paths without labels."""
    if path.is_dir():
        return not label_file_of(path).is_file()
    if not path.is_file():
        return False
    with path.open(encoding="utf-8", errors="replace") as rows:
        first = next((row for row in rows if row.strip()), "")
    return bool(first) and "\t" not in first


def _refuse_options(request: MixRequest, file: Path) -> None:
    for field in fields(request):
        why = _OF_LINES.get(field.name)
        if why and getattr(request, field.name) != _default(field):
            option = "--no-even" if field.name == "even" else f"--{field.name.replace('_', '-')}"
            raise UsageError(
                option, f"is for text lines, {file} holds pages: {why}", f"Leave {option} out."
            )


def _default(field: "Field[Any]") -> Any:
    if field.default_factory is not MISSING:
        return field.default_factory()
    return field.default
