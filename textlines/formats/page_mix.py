"""`mix.json` of pages with its lists: what a mix is made of, and what each page of each list is.

A list is a page label file as PaddleOCR reads it, its paths from the mix's data folder on; a file
of roles beside it tells what each row is for, as beside the lists of text lines.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from annotated_types import Ge
from pydantic import Field

from textlines.defects import of_annotations
from textlines.errors import InputError
from textlines.files import read_text, real_path, sha256_of
from textlines.formats.contract import (
    Contract,
    Document,
    Record,
    check_version,
    read_document,
    validated,
)
from textlines.formats.mix import MIX, PAGES
from textlines.formats.roles import LineKind, Role, read_roles
from textlines.labels.tally import Tally
from textlines.regions.page_file import PageLabels, read_pages
from textlines.wording.counts import count_of

VERSION = 1
"""Of the file."""

KIND = Document(
    "the mix record", "a record of a mix of pages", "Make the mix again with `balance mix`."
)

Count = Annotated[int, Ge(0)]
Name = Annotated[str, Field(pattern=r"^[^/\\\x00-\x1f]+$")]
"""Of a file beside the record."""


class PageMixSource(Contract):
    """One page label file of a mix.

    Attributes:
        role, name: as in `LineKind`.
        labels: the file, from the record's folder on.
        sha256: of the file when it was mixed.
        pages: rows of the file whose image is there. usable: of them, in the lists or held back
            for later epochs. rendered: of the usable ones.
        regions: text lines that a detector is to find on the usable pages. ignored: those that
            nobody can read, beside them. negatives: usable pages without text.
        times: how often each usable page stands in every epoch; None where an epoch draws some.
        counts: what was left out, changed or met, by reason.
    """

    role: Role
    name: str
    labels: str
    sha256: str
    pages: Count
    usable: Count
    rendered: Count
    regions: Count
    ignored: Count
    negatives: Count
    times: Annotated[int, Ge(1)] | None = None
    counts: Mapping[str, Count] = {}

    @property
    def is_own(self) -> bool:
        """Whether its pages are a team's own labelled ones."""
        return self.role == "own"


class PageMixEpoch(Contract):
    """The list of one epoch and what it holds.

    Attributes:
        list: name of the page label file. roles: of the file that holds each page's code.
        own, original, distil, new, general: rows, which are pages; an own page counts as often as
            it stands. Pages of distil have no labels, and what the base finds on them is their
            target; they are no pages without text. replay: pages by the name of the set.
            negatives: pages without text among all.
        ratio: of own, original and distilled to new pages; None without a new page.
        region_ratio: the same by the regions on them; None without a new region.
        scene_to_general: of the own scene to general scenes, by pages. With own pages: own and new
            to original, distilled and general. Without: original, distilled and new to general.
            None where there is nothing general.
        regions: text lines to find in all its rows. regions_by_role: the same by the role's name.
    """

    list: Name
    roles: Name
    own: Count = 0
    original: Count
    distil: Count = 0
    new: Count
    general: Count
    replay: Mapping[str, Count] = {}
    negatives: Count
    ratio: float | None = None
    region_ratio: float | None = None
    scene_to_general: float | None = None
    regions: Count
    regions_by_role: Mapping[str, Count]

    @property
    def kept(self) -> int:
        """Return the pages that count as original in original : new."""
        return self.own + self.original + self.distil

    @property
    def pages(self) -> int:
        """Return the rows of the list."""
        return self.kept + self.new + self.general + sum(self.replay.values())


class PageMixConfiguration(Contract):
    """How a mix was asked for, and what came of it.

    Attributes:
        ratio: of original to new that was asked for; None without a new page.
        general_ratio: of the own scene to general scenes; None where neither own nor general pages
            are there.
        own_times: how often each own page stands in every epoch; None without own pages.
        epoch_lines: original pages in each list that were asked for; None for as many as fit.
        data_folder: what the paths of the lists start from, from the record's folder on.
        kinds: what the codes of the roles stand for.
        notes: what was accepted although it was asked otherwise, in words.
    """

    ratio: float | None
    general_ratio: float | None
    own_times: Annotated[int, Ge(1)] | None = None
    epoch_lines: int | None
    on_shortage: str
    check_images: str
    data_folder: str
    kinds: tuple[LineKind, ...]
    sources: tuple[PageMixSource, ...]
    epochs: tuple[PageMixEpoch, ...]
    notes: tuple[str, ...] = ()


class PageMixRecord(Record):
    """A mix of pages.

    Attributes:
        inputs, outputs: sha256 by the file's name.
        counts: what was left out, changed or met, by role and reason.
    """

    kind: Literal["pages"] = "pages"
    version: Literal[1] = 1
    command: Literal["balance mix"] = "balance mix"
    configuration: PageMixConfiguration
    seed: int
    inputs: Mapping[str, str] = {}
    outputs: Mapping[str, str] = {}
    counts: Mapping[str, Count] = {}
    versions: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True, eq=False)
class MixedPage:
    """A page of a list, and what it is.

    Attributes:
        labels: with its image; the place is that in the list.
        role: what it is for. rendered: whether its image was drawn.
    """

    labels: PageLabels
    role: Role
    rendered: bool


@dataclass(frozen=True, slots=True)
class PageMixFolder:
    """A mix of pages on disk.

    Attributes:
        path: the folder that holds the record and the lists.
        data: what the paths of the lists start from.
        sha256: of the record.
    """

    path: Path
    data: Path
    record: PageMixRecord
    sha256: str

    @property
    def epochs(self) -> tuple[PageMixEpoch, ...]:
        """The lists."""
        return self.record.configuration.epochs

    @property
    def sources(self) -> tuple[PageMixSource, ...]:
        """The page label files."""
        return self.record.configuration.sources

    def place(self, path: str) -> Path:
        """Return the full path of what the record names from its folder on."""
        return real_path(self.path / path)

    def pages(self, epoch: PageMixEpoch) -> list[MixedPage]:
        """Read the list of an epoch: its pages in its order, one as often as it stands.

        Raises:
            InputError: the list or its roles are missing, were changed since, or have another
                number of rows; or the image of a page is not there any more.
        """
        for name in (epoch.list, epoch.roles):
            self._check(name)
        kinds = self.record.configuration.kinds
        numbers = read_roles(self.path / epoch.roles, kinds).tolist()
        rows = read_text(self.path / epoch.list, "the list of pages").split("\n")[:-1]
        if not len(rows) == len(numbers) == epoch.pages:
            raise InputError(
                str(self.path / epoch.list),
                f"has {count_of(len(rows), 'row')} and {count_of(len(numbers), 'role')}, {MIX} "
                f"counts {count_of(epoch.pages, 'page')}",
                KIND.again,
            )
        known = self._by_path(epoch.list)
        return [
            MixedPage(known[row.partition("\t")[0]], kinds[number].role, kinds[number].rendered)
            for row, number in zip(rows, numbers, strict=True)
        ]

    def _by_path(self, name: str) -> dict[str, PageLabels]:
        tally, file = Tally(), self.path / name
        found = {page.path: page for page in read_pages(file, tally=tally, images=self.data)}
        # A page may stand several times; whatever else is left out was there when it was mixed.
        left_out = tally.part("left_out").as_dict()
        left_out.pop(of_annotations.PAGE_TWICE.code, None)
        if left_out:
            reason = next(iter(left_out))
            raise InputError(
                tally.places(reason)[0],
                f"is a {of_annotations.PAGE_FILE[reason].what} ({count_of(left_out[reason], 'row')}"
                f" of {name}; images start from {self.data})",
                "Put the images back where they were, or make the mix again with `balance mix`.",
            )
        return found

    def _check(self, name: str) -> None:
        known = self.record.outputs.get(name)
        if known is None:
            raise InputError(str(self.path / MIX), f"does not say what {name} held", KIND.again)
        if not (self.path / name).is_file():
            raise InputError(str(self.path / name), "is not there", KIND.again)
        if sha256_of(self.path / name) != known:
            raise InputError(
                str(self.path / name), f"is not the list that {MIX} describes", KIND.again
            )


def read_page_mix(path: Path) -> PageMixFolder:
    """Read `mix.json` of a folder, or the file itself. Lists are checked as they are read.

    Raises:
        InputError: it is not there, is damaged, of another version, or of a mix of text lines.
    """
    file = path / MIX if path.is_dir() else path
    if not file.is_file():
        raise InputError(str(path), f"is no mix (it holds no {MIX})", KIND.again)
    content = read_document(file, KIND)
    command = content.get("command")
    if command != "balance mix":
        raise InputError(str(file), f"was written by {command!r}, it is no mix", KIND.again)
    if content.get("kind") != PAGES:
        raise InputError(
            str(file),
            "is a mix of text lines, which teaches a recognizer (`train rec`)",
            "A detector learns from pages: mix page label files, `balance mix --own "
            "pages/Label.txt`.",
        )
    check_version(content, file, KIND, VERSION)
    record = validated(PageMixRecord, content, file, KIND)
    if not record.configuration.epochs:
        raise InputError(str(file), "holds no list", KIND.again)
    home = file.parent.absolute()
    data = real_path(home / record.configuration.data_folder)
    return PageMixFolder(home, data, record, sha256_of(file))
