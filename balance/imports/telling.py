"""Which form a source has, told by what its files hold."""

from collections.abc import Mapping
from pathlib import Path

from balance.imports.finding_images import walked
from balance.imports.forms import FORMS, Format
from textlines.errors import InputError
from textlines.labels.other_forms import OtherForm, form_of
from textlines.pixels.decode import IMAGE_SUFFIXES

MOST_FILES = 200
"""Of a folder that are looked into, of each suffix: the first in order."""

_OUR_OWN = frozenset({"run.json", "import.jsonl", "manifest.jsonl"})

_OF_ONE_FILE: Mapping[Format, str] = {
    "ppocr-det": "Label.txt",
    "ppocr-rec": "rec_gt.txt",
    "lsvt": "",
    "label-studio": "",
}
"""Formats that are one file, with the name that it has in PPOCRLabel's folder."""


def told(source: Path, skip: Path) -> tuple[Format, Path]:
    """Return the format of a source, for `auto`, and its file where there is one alone.

    Args:
        skip: the folder that is written to.

    Raises:
        InputError: nothing stands out, several forms do, or none that can be imported.
    """
    found = forms_in(source, skip)
    named = _alike({form.format: files for form, files in found.items() if form.format})
    if len(named) == 1:
        ((name, files),) = named.items()
        format = _format(name)
        if format == "lmdb" and not source.is_dir():
            return format, source.parent
        return format, _one_of(files, source, format) if format in _OF_ONE_FILE else source
    if named:
        shown = "; ".join(
            f"{name} ({FORMS[_format(name)].name}: {files[0]})" for name, files in named.items()
        )
        raise InputError(
            str(source), f"holds files of {len(named)} forms: {shown}", "Name one in auto's place."
        )
    if found:
        form, files = next(iter(found.items()))
        raise InputError(
            str(files[0]),
            f"is {form.name}, of which nothing can be imported",
            "Name the file or folder of the annotations.",
        )
    raise InputError(
        str(source),
        "is in no form that is known",
        "Name a FORMAT, or describe its JSON: balance import json ... --mapping "
        "(docs/forms.md lists the forms).",
    )


def _one_of(files: list[Path], source: Path, format: Format) -> Path:
    if len(files) == 1:
        return files[0]
    shown = ", ".join(map(str, files[:3])) + (", ..." if len(files) > 3 else "")
    raise InputError(
        str(source),
        f"holds {len(files)} files that are each {FORMS[format].name}: {shown}",
        "Name one of them.",
    )


def source_of(source: Path, format: Format, skip: Path) -> Path:
    """Return the source itself, or in a folder the file of a format that is one file.

    Raises:
        InputError: the folder holds none, or several.
    """
    if format not in _OF_ONE_FILE or not source.is_dir():
        return source
    usual = _OF_ONE_FILE[format]
    if usual and (source / usual).is_file():
        return source
    found = forms_in(source, skip)
    files = [file for form, of_form in found.items() if form.format == format for file in of_form]
    if not files:
        raise InputError(
            str(source), f"holds no {FORMS[format].bare_name}", hint_of(source, format, skip)
        )
    return _one_of(files, source, format)


def refuse_other_form(source: Path, format: Format) -> None:
    """Refuse a file that is known to be of another form than the one that was named.

    Raises:
        InputError: names the form and the call that reads it.
    """
    if format in ("json", "lmdb") or source.is_dir():
        return
    found = form_of(source)
    if found is None or found.format == format or found.format in FORMS[format].like:
        return
    # A text in lines may look like a list of names: only kraken's own name tells it.
    if format == "gt-txt" and source.name.endswith(".gt.txt"):
        return
    call = f"Call: balance import {found.format} {source}"
    raise InputError(
        str(source),
        f"is {found.name}, not {FORMS[format].name}",
        call if found.format else "Name the file or folder of the annotations.",
    )


def hint_of(source: Path, format: Format, skip: Path) -> str:
    """Return what to do where a source gave no line, by what its files are."""
    named = {form.format for form in forms_in(source, skip) if form.format}
    others = sorted(named - {format, *FORMS[format].like})
    if not others or format in named:
        return "Check --images and the format."
    return f"Its files look like {' or '.join(others)}: balance import {others[0]} {source}"


def forms_in(source: Path, skip: Path) -> dict[OtherForm, list[Path]]:
    """Return the forms of a source's files with the files of each, in order."""
    whole = form_of(source)
    if not source.is_dir() or (whole is not None and whole.format):
        return {whole: [source]} if whole else {}
    found: dict[OtherForm, list[Path]] = {}
    counts: dict[str, int] = {}
    for file in walked(source, skip):
        suffix = file.suffix.casefold()
        if suffix in IMAGE_SUFFIXES or file.name in _OUR_OWN:
            continue
        counts[suffix] = counts.get(suffix, 0) + 1
        if counts[suffix] > MOST_FILES:
            continue
        form = form_of(file)
        if form is not None:
            found.setdefault(form, []).append(file)
    # Images alone, where no file says more.
    return found or ({whole: [source]} if whole else {})


def _alike(named: dict[str, list[Path]]) -> dict[str, list[Path]]:
    """Count formats whose files look the same as one."""
    kept: dict[str, list[Path]] = {}
    for name, files in named.items():
        same = next((other for other in kept if name in FORMS[_format(other)].like), name)
        kept.setdefault(same, []).extend(files)
    return kept


def _format(name: str) -> Format:
    for format in FORMS:
        if format == name:
            return format
    raise ValueError(f"{name!r} is no format")
