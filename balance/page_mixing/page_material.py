"""All page label files of a mix, read: pages that can be trained on, each under one role.

Which page is which is told by its image, whatever it is called: one that stood under two roles
would be kept and taught at once, or judged as general and trained on as own.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path, PurePosixPath

import numpy as np

from balance.mixing.material import refuse_twice
from balance.mixing.mix_request import CheckImages, MixRequest
from balance.mixing.option_values import ALL_ROLES
from balance.page_mixing.page_request import is_unlabelled, named_files
from textlines.defects import Defect, of_annotations
from textlines.errors import InputError, UsageError
from textlines.files import files_below, read_text, real_path, sha256_of
from textlines.formats.rendered import RenderedImages
from textlines.formats.roles import Role
from textlines.labels.tally import Tally
from textlines.pixels.decode import IMAGE_SUFFIXES, ImageError, decode_image, read_bytes
from textlines.progress import Watcher, unwatched
from textlines.regions.page_file import (
    UNREADABLE,
    LabelledRegion,
    PageLabels,
    label_file_of,
    read_pages,
)
from textlines.regions.polygons import is_valid
from textlines.wording.counts import count_of


@dataclass(frozen=True, slots=True, eq=False)
class Page:
    """A page that can be trained on.

    Attributes:
        place: of its row, `file:row`. home: the folder that its path starts from.
        path: from there on, as the image is called on the disk.
        is_labelled: whether anybody said where its lines are; what a detector finds itself is the
            target of a page that is not.
        regions: as they are written: corners to a tenth of a pixel, unreadable ones as `###`.
        source: number of its file. is_rendered: whether the image was drawn.
        sha256: of the image.
    """

    place: str
    home: Path
    path: str
    regions: tuple[LabelledRegion, ...]
    source: int
    is_rendered: bool
    sha256: str
    is_labelled: bool = True

    @property
    def is_negative(self) -> bool:
        """Whether the page has no text at all, as its label says."""
        return self.is_labelled and not self.regions

    @property
    def text_lines(self) -> int:
        """Count the regions that a detector is to find."""
        return sum(not region.is_ignored for region in self.regions)


@dataclass(frozen=True, slots=True, eq=False)
class PageSource:
    """One page label file.

    Attributes:
        name: of the role, with the name of a replay set: "original", "replay:receipts".
        path: the file, or a folder of pages without labels. sha256: of the file; of a folder, of
            the names and hashes of its pages.
        seen: rows whose image is there.
        pages: those that may stay, in the file's order.
        tally: what was left out, changed or met.
    """

    role: Role
    name: str
    path: Path
    sha256: str
    seen: int
    pages: tuple[Page, ...]
    tally: Tally

    @property
    def rendered(self) -> int:
        """Count the pages whose image was drawn."""
        return sum(page.is_rendered for page in self.pages)

    @property
    def negatives(self) -> int:
        """Count the pages without text."""
        return sum(page.is_negative for page in self.pages)

    @property
    def regions(self) -> int:
        """Count the text lines that a detector is to find."""
        return sum(page.text_lines for page in self.pages)

    @property
    def ignored(self) -> int:
        """Count the regions that nobody can read."""
        return sum(len(page.regions) for page in self.pages) - self.regions


@dataclass(frozen=True, slots=True, eq=False)
class PageMaterial:
    """What a mix of pages is made of: its files in the order of their roles."""

    sources: tuple[PageSource, ...]

    def of(self, name: str) -> tuple[Page, ...]:
        """Return the pages of a role, or of a replay set by its whole name."""
        return tuple(
            page for source in self.sources if source.name == name for page in source.pages
        )

    def replay(self) -> Mapping[str, tuple[Page, ...]]:
        """Return the pages of replay sets by the name of the set."""
        names = dict.fromkeys(source.name for source in self.sources if source.role == "replay")
        return {name.partition(":")[2]: self.of(name) for name in names}

    def tallies(self) -> dict[str, Tally]:
        """Return what was met in each role, its files together."""
        by_name: dict[str, Tally] = {}
        for source in self.sources:
            by_name.setdefault(source.name, Tally()).merge(source.tally)
        return by_name


def read_page_material(request: MixRequest, watch: Watcher = unwatched) -> PageMaterial:
    """Read all files, and look at each image.

    Raises:
        InputError: a file cannot be read or holds no usable page, one image stands under two roles,
            or (strict) something would be left out.
        UsageError: a file is named twice.
    """
    named = [
        (role, name, path if _has_no_labels(role, path) else label_file_of(path))
        for role, name, path in named_files(request)
    ]
    refuse_twice((role, path) for role, _, path in named)
    tallies = [Tally() for _ in named]
    read = [
        list(_labels_of(role, path, request, tally))
        for (role, _, path), tally in zip(named, tallies, strict=True)
    ]
    known: dict[str, tuple[str, Page]] = {}
    twice: list[str] = []
    rendered = RenderedImages()
    sources = []
    total, done = sum(map(len, read)), 0
    for number, ((role, name, path), labels, tally) in enumerate(
        zip(named, read, tallies, strict=True)
    ):
        reader = _PageReader(number, role, request.check_images, request.strict, rendered, tally)
        kept = []
        for one in labels:
            page = reader.page(one)
            done += 1
            watch(done, total, "")
            if page is None:
                continue
            other_name, other = known.setdefault(page.sha256, (name, page))
            if other is page:
                kept.append(page)
            elif other_name == name:
                where = f"{page.place} (as {other.place})"
                reader.count(of_annotations.SAME_IMAGE, where)
            else:
                twice.append(f"{page.place}, {other.place} ({other_name}, {name})")
        if not kept and not twice:
            raise _nothing_left(path, tally)
        digest = _folder_digest(kept) if path.is_dir() else sha256_of(path)
        sources.append(PageSource(role, name, path, digest, len(labels), tuple(kept), tally))
    if twice:
        raise InputError(
            twice[0],
            f"show the same image: {count_of(len(twice), 'page')} of this mix "
            f"{'stands' if len(twice) == 1 else 'stand'} under two roles",
            "A page has one role: take it out of one of the files.",
        )
    return PageMaterial(tuple(sources))


def _labels_of(role: Role, path: Path, request: MixRequest, tally: Tally) -> Iterable[PageLabels]:
    if _has_no_labels(role, path):
        return _unlabelled(path, request.images.get(role), tally)
    images = _images_of(role, path, request.images)
    return read_pages(path, tally=tally, images=images, strict=request.strict)


def _has_no_labels(role: Role, path: Path) -> bool:
    return role == "distil" and is_unlabelled(path)


def _unlabelled(path: Path, images: Path | None, tally: Tally) -> Iterator[PageLabels]:
    """Yield the pages of a folder, in the order of their names, or of a list of paths.

    Raises:
        InputError: the list cannot be read.
        MachineError: a folder may not be listed.
    """
    if path.is_dir():
        images_there = (
            file.relative_to(path).as_posix()
            for file in files_below(path)
            if file.suffix.lower() in IMAGE_SUFFIXES
        )
        rows, home = [(name, name) for name in sorted(images_there)], path
    else:
        text = read_text(path, "the list of pages")
        numbered = enumerate(text.splitlines(), 1)
        rows = [(row.strip(), f"{path}:{number}") for number, row in numbered if row.strip()]
        home = images or path.parent
    for name, place in dict(rows).items():
        image = home / name
        if not image.is_file() or not real_path(image).is_relative_to(real_path(home)):
            tally.add(of_annotations.IMAGE_MISSING, f"{place} ({name})")
            continue
        yield PageLabels(name, image, place, (), is_negative=False)


def _folder_digest(pages: Sequence[Page]) -> str:
    rows = sorted(f"{page.path}\t{page.sha256}" for page in pages)
    return hashlib.sha256("\n".join(rows).encode()).hexdigest()


_TRIED = 20
"""Pages whose images tell which of two folders a file means."""


def _images_of(role: Role, path: Path, images: Mapping[str, Path]) -> Path | None:
    """Find what the paths of a file start from; None for its own folder or the one above.

    That of its role, else the one for all roles, unless its images do not lie there but beside it.

    Raises:
        UsageError: other images of these names lie in both: one of them is another page's.
    """
    if role in images or ALL_ROLES not in images:
        return images.get(role)
    asked = images[ALL_ROLES]
    beside, here = (
        {page.path: page.image for page in islice(_quietly(path, folder), _TRIED)}
        for folder in (None, asked)
    )
    for name in beside.keys() & here.keys():
        if real_path(beside[name]) != real_path(here[name]):
            raise UsageError(
                "--images",
                f"{name} of {path} lies in {asked} and beside the file too",
                f"Say which is meant: --images {role}={path.parent} or {role}={asked}.",
            )
    return None if beside and not here else asked


def _quietly(path: Path, images: Path | None) -> Iterator[PageLabels]:
    return read_pages(path, tally=Tally(), images=images)


@dataclass(frozen=True, slots=True)
class _PageReader:
    """Makes pages of what one file says; counts in `tally` what it leaves out."""

    source: int
    role: Role
    how: CheckImages
    is_strict: bool
    rendered: RenderedImages
    tally: Tally

    def page(self, labels: PageLabels) -> Page | None:
        """Return a page; None (counted) for one that cannot be trained on.

        Raises:
            InputError: (strict) it would be left out.
        """
        regions = tuple(filter(None, map(self._written, labels.regions)))
        is_labelled = self.role != "distil"
        if not is_labelled:
            regions = ()
        elif not regions and not labels.is_negative:
            self.count(of_annotations.REGIONS_LOST, labels.place)
            return None
        try:
            data = read_bytes(labels.image)
            if self.how != "none":
                decode_image(data, name=str(labels.image))
        except ImageError as error:
            self.count(of_annotations.IMAGE_BROKEN, f"{labels.place} ({error.what})")
            return None
        home = labels.image.parents[len(PurePosixPath(labels.path).parts) - 1]
        path = labels.image.relative_to(home).as_posix()
        # New pages are what was made to teach, with or without a record beside them.
        drawn = self.role == "new" or self.rendered.find(path, home) is not None
        return Page(
            *(labels.place, home, path, regions, self.source, drawn),
            hashlib.sha256(data).hexdigest(),
            is_labelled,
        )

    def _written(self, region: LabelledRegion) -> LabelledRegion | None:
        """Return a region as lists hold it; None (counted) where nothing is left of it."""
        polygon = np.round(region.polygon, 1)
        if not is_valid(polygon):
            self.count(of_annotations.NO_AREA, region.place)
            return None
        # PaddleOCR does not know all marks, and takes some for texts.
        text = UNREADABLE[0] if region.is_ignored else region.text
        return replace(region, polygon=polygon, text=text)

    def count(self, defect: Defect, place: str) -> None:
        """Count what is left out.

        Raises:
            InputError: (strict) it is an error.
        """
        if self.is_strict and defect.is_error:
            raise InputError(place, defect.what, "Mend it or mix without --strict.")
        self.tally.add(defect, place)


def _nothing_left(path: Path, tally: Tally) -> InputError:
    told = "; ".join(tally.lines(of_annotations.PAGE_MIX)) or "it is empty"
    return InputError(
        str(path),
        f"holds no usable page ({told})",
        "Paths start from the file's folder, from the one above, or from --images.",
    )


def draw_key(page: Page, seed: int, name: str, copy: int = 0) -> bytes:
    """Return what a page is drawn and listed by, the smallest first: a function of its image.

    So neither the order of files and rows nor another file changes what is drawn.

    Args:
        name: of the role. copy: its number, where a page stands several times in a list.
    """
    return hashlib.blake2b(
        f"{seed}\0{name}\0{page.sha256}\0{copy}".encode(), digest_size=8
    ).digest()


def in_order(pages: Sequence[Page], seed: int, name: str) -> tuple[Page, ...]:
    """Return the pages of a role in the order that they are drawn in."""
    return tuple(sorted(pages, key=lambda page: (draw_key(page, seed, name), page.sha256)))
