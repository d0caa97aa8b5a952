"""What a source holds: which form its files have, and where the images of its pages lie."""

import os
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from balance.imports.foreign_forms import FORMS, Format
from textlines.errors import InputError
from textlines.files import raise_unlisted, sha256_of
from textlines.labels.other_forms import OtherForm, form_of
from textlines.pixels.decode import IMAGE_SUFFIXES


def _is_same(folder: str, name: str, other: Path) -> bool:
    return os.path.realpath(Path(folder, name)) == os.path.realpath(other)


def walked(root: Path, skip: Path | None = None) -> Iterator[Path]:
    """Yield the files in a folder and in depth below it, in the order of their names.

    Links to folders are not followed, so that a loop of links ends. `skip` is passed over with
    all below it: what an import writes is not what it reads, even in the same folder.
    """
    for folder, names, files in os.walk(root, onerror=raise_unlisted):
        names[:] = sorted(n for n in names if skip is None or not _is_same(folder, n, skip))
        for name in sorted(files):
            yield Path(folder, name)


def _key(name: str) -> str:
    """Return what a name is found by: composed (a Mac decomposes), and in small letters."""
    return unicodedata.normalize("NFC", name).casefold()


def _parts(path: str | Path) -> list[str]:
    return [_key(part) for part in str(path).replace("\\", "/").split("/") if part not in ("", ".")]


def _shared(ours: list[str], theirs: list[str]) -> int:
    """Count the last folders that two paths have in common."""
    count = 0
    for our_folder, their_folder in zip(reversed(ours), reversed(theirs), strict=False):
        if our_folder != their_folder:
            break
        count += 1
    return count


class ImageFinder:
    """The images below some folders, by name and by name without suffix.

    Of several images of one name the one whose folders fit best is meant: those that the
    annotation names, else those of the annotation's own file. Where that does not tell, images of
    one content are one image, and of others none is taken: a crop of the wrong page would have a
    wrong label. `unclear` holds the names that this was so of.
    """

    def __init__(self, folders: Iterable[Path], skip: Path | None = None) -> None:
        self.unclear: list[str] = []
        self._by_name: dict[str, list[Path]] = {}
        self._by_stem: dict[str, list[Path]] = {}
        self._count = 0
        for root in folders:
            for path in walked(root, skip):
                if path.name.casefold().endswith(IMAGE_SUFFIXES):
                    self._count += 1
                    self._by_name.setdefault(_key(path.name), []).append(path)
                    self._by_stem.setdefault(_key(path.stem), []).append(path)

    def __len__(self) -> int:
        return self._count

    def named(self, name: str, near: Path | None = None) -> Path | None:
        """Find an image by its file name, or a path that ends in it.

        Args:
            near: the annotation's file.
        """
        parts = _parts(name)
        paths = self._by_name.get(parts[-1], []) if parts else []
        return self._best(paths, name, parts[:-1], near)

    def of_stem(self, stem: str, near: Path | None = None) -> Path | None:
        """Find an image by its name without suffix; MTWI's `T1.jpg.txt` means `T1.jpg.jpg`."""
        parts = _parts(stem)
        if not parts:
            return None
        paths = self._by_stem.get(parts[-1]) or self._by_name.get(parts[-1], [])
        return self._best(paths, stem, parts[:-1], near)

    def of(self, name: str, near: Path) -> Path | None:
        """Find an image by its name with or without a suffix; "" is named as `near` is."""
        if not name:
            return self.of_stem(near.name.removesuffix(near.suffix), near)
        named = self.named(name, near)
        if named is not None or name.casefold().endswith(IMAGE_SUFFIXES):
            return named
        return self.of_stem(name, near)

    def _best(
        self, paths: list[Path], name: str, folders: list[str], near: Path | None
    ) -> Path | None:
        if len(paths) < 2:
            return paths[0] if paths else None
        last = unicodedata.normalize("NFC", name.replace("\\", "/").rpartition("/")[2])
        beside = _parts(near.absolute().parent) if near else []

        def fit(path: Path) -> tuple[int, bool, int]:
            ours = _parts(path.absolute().parent)
            is_exact = unicodedata.normalize("NFC", path.name) == last
            return _shared(ours, folders), is_exact, _shared(ours, beside)

        best = max(map(fit, paths))
        fitting = [path for path in paths if fit(path) == best]
        # KAIST has a mask beside each page, under its name: page.jpg, page.bmp.
        pages = [path for path in fitting if path.suffix.casefold() != ".bmp"]
        if pages and len({path.parent for path in fitting}) == 1:
            fitting = pages
        if len(fitting) > 1 and len({sha256_of(path) for path in fitting}) > 1:
            self.unclear.append(name)
            return None
        return fitting[0]


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


def form_and_file_of(source: Path, skip: Path) -> tuple[Format, Path]:
    """Return the format of a source, for `auto`, and its file where there is one alone.

    Args:
        skip: the folder that is written to.

    Raises:
        InputError: nothing stands out, several forms do, or none that can be imported.
    """
    forms = forms_in(source, skip)
    named = _joined_alike({form.format: files for form, files in forms.items() if form.format})
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
    if forms:
        form, files = next(iter(forms.items()))
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
    forms = forms_in(source, skip)
    files = [file for form, of_form in forms.items() if form.format == format for file in of_form]
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
    form = form_of(source)
    if form is None or form.format == format or form.format in FORMS[format].like:
        return
    # A text in lines may look like a list of names: only kraken's own name tells it.
    if format == "gt-txt" and source.name.endswith(".gt.txt"):
        return
    call = f"Call: balance import {form.format} {source}"
    raise InputError(
        str(source),
        f"is {form.name}, not {FORMS[format].name}",
        call if form.format else "Name the file or folder of the annotations.",
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
    forms: dict[OtherForm, list[Path]] = {}
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
            forms.setdefault(form, []).append(file)
    # Images alone, where no file says more.
    return forms or ({whole: [source]} if whole else {})


def _joined_alike(named: dict[str, list[Path]]) -> dict[str, list[Path]]:
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
