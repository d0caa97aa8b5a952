"""The pages of a gate as files: what is judged, at which settings, and which steps saw it.

To tune the settings of a prediction is a step that sees pages, as to train is: what is tuned on the
pages that judge is too good on them. So the search of each file of tuned settings is added to what
the models' histories tell.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from textlines.defects import of_readings
from textlines.errors import InputError, UsageError
from textlines.files import sha256_of
from textlines.formats.history import History, Step
from textlines.formats.judged_set import JudgedSet
from textlines.formats.rendered import RenderedImages
from textlines.formats.seen_images import SeenImages
from textlines.labels.tally import Tally
from textlines.regions.page_file import PageLabels, label_file_of, read_pages
from textlines.wording import say
from train.detection.judged_pages import no_page
from train.detection.named_pages import NamedPages
from train.detection.tuned_file import PagesRecord, TunedFile, read_tuned
from train.judging.judged_sets import (
    ListedSet,
    listed_set,
    refuse_shared,
    refuse_twice,
    short_names,
)
from train.models.model_sources import CONFIGURATION
from train.seen import digests_of

TUNED = say("tune on")
"""The step that searched settings on pages."""


@dataclass(frozen=True, slots=True)
class ListedPages:
    """A set of pages before any detector sees it.

    Attributes:
        listed: its files and their digests. pages: those that judge, none of which an earlier page
            or set has, too.
    """

    listed: ListedSet
    pages: tuple[PageLabels, ...]

    @property
    def name(self) -> str:
        """The name, unique among the sets."""
        return self.listed.name


def list_pages(
    targets: Sequence[NamedPages],
    general: Sequence[NamedPages],
    tally: Tally,
    images: Path | None = None,
    *,
    workers: int = 4,
) -> tuple[ListedPages, ...]:
    """List the sets, targets first.

    Args:
        tally: grows by what is left out of the label files.
        images: the folder that paths start from; None looks beside each label file.

    Raises:
        UsageError: a file or a name is given twice, or a target and a general set share images.
        InputError: a label file cannot be read, or holds no page of its own.
    """
    wanted = [*((one, True) for one in targets), *((one, False) for one in general)]
    files = [label_file_of(one.path) for one, _ in wanted]
    for file in files:
        if not file.is_file():
            raise InputError(
                str(file), "the page label file is not there", "Name a file, or its folder."
            )
    refuse_twice([JudgedSet(file) for file in files])
    names = _names([one for one, _ in wanted], files)
    owners: dict[bytes, str] = {}
    sets: list[ListedPages] = []
    for (_, is_target), file, name in zip(wanted, files, names, strict=True):
        of_set = Tally()
        pages = list(read_pages(file, tally=of_set, images=images))
        if not pages:
            raise no_page(file, of_set)
        tally.merge(of_set)
        listed = listed_set(
            JudgedSet(file),
            {page.path: page.image for page in pages},
            is_target=is_target,
            name=name,
            lines=len(pages),
            is_synthetic=_are_rendered(pages),
            owners=owners,
            workers=workers,
        )
        for page in pages:
            if page.path in listed.repeated:
                tally.add(of_readings.REPEATED_IMAGE, f"{name}: {page.path}")
        kept = tuple(page for page in pages if page.path not in listed.repeated)
        sets.append(ListedPages(listed, kept))
    refuse_shared([one.listed for one in sets], owners)
    return tuple(sets)


def _names(wanted: Sequence[NamedPages], files: Sequence[Path]) -> list[str]:
    """Return what each set is called: its name, or what its path has for itself.

    Raises:
        UsageError: two are called the same.
    """
    names = [one.name or short for one, short in zip(wanted, short_names(files), strict=True)]
    for at, name in enumerate(names):
        if name in names[:at]:
            raise UsageError(
                f"{wanted[names.index(name)]}, {wanted[at]}",
                f"are both called {name}",
                "Give each set a name of its own: NAME=FILE.",
            )
    return names


def _are_rendered(pages: Sequence[PageLabels]) -> bool:
    images = RenderedImages()
    return any(images.find(page.path, _root_of(page)) is not None for page in pages)


def _root_of(page: PageLabels) -> Path:
    """Return the folder that the path of a page starts from."""
    return page.image.parents[len(PurePosixPath(page.path).parts) - 1]


@dataclass(frozen=True, slots=True)
class TunedSettings:
    """A file of tuned settings, read and checked.

    Attributes:
        path: of the file. sha256: of it.
    """

    path: Path
    file: TunedFile
    sha256: str


def read_tuned_for(
    path: Path, hashes: Mapping[str, str], *, model: str, option: str
) -> TunedSettings:
    """Read a file of tuned settings, of this very model.

    Args:
        hashes: sha256 of the files of the model, by name; its configuration does not count, as
            that is where tuned settings are put.
        model: as it was named. option: that names the model ("--base").

    Raises:
        InputError: it cannot be read, or was tuned for another model.
    """
    tuned = read_tuned(path)
    if _network(tuned.model_files) != _network(hashes):
        raise InputError(
            str(path),
            f"was tuned for another model ({tuned.model}) than {option} {model}",
            f"Tune that one: train det tune --model {model} --labels PAGES --out {path}",
        )
    return TunedSettings(path, tuned, sha256_of(path))


def _network(hashes: Mapping[str, str]) -> frozenset[str]:
    return frozenset(
        digest for name, digest in hashes.items() if PurePosixPath(name).name != CONFIGURATION
    )


def searched_on(tuned: Sequence[TunedSettings], images: Path | None = None) -> History:
    """Return which pages the searches of tuned settings saw.

    A file of tuned settings names its label file, with the hash of it. Where that still lies there
    its images are hashed; else which images it had is a gap.

    Args:
        images: the folder that paths start from, where they do not from the label file's.
    """
    history = History()
    for one in tuned:
        searched = one.file.searched
        pages = _searched_pages(searched, images)
        digests, _ = digests_of([page.image for page in pages])
        step = Step(
            step=TUNED,
            file=searched.labels,
            sha256=searched.sha256,
            lines=searched.pages,
            synthetic=_are_rendered(pages),
        )
        history = history.with_step(step, SeenImages.of(digests))
        if len(digests) < searched.pages:
            history = history.with_gap(
                say(
                    "{tuned} was searched on {labels}, whose images are not there as they were",
                    tuned=one.path.as_posix(),
                    labels=searched.labels,
                )
            )
    return history


def _searched_pages(searched: PagesRecord, images: Path | None) -> list[PageLabels]:
    """Read the pages of a label file that is there as it was; none of another."""
    labels = label_file_of(Path(searched.labels))
    if not labels.is_file() or sha256_of(labels) != searched.sha256:
        return []
    named = Path(searched.images) if searched.images else None
    for folder in dict.fromkeys((named, None, images)):
        pages = list(read_pages(labels, tally=Tally(), images=folder))
        if pages:
            return pages
    return []
