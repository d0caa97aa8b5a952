"""Was this image rendered? Answered here alone, from what a run leaves beside its images.

A folder tells of the images below it: `manifest.jsonl` by naming them; the `run.json` of `synth`
by its `images/`, where an unfinished run has no manifest yet; another program's `run.json` by
saying `"synthetic": true`, at its top or in its configuration, for all of them. Images that a
person laid into a run's folder beside `images/` are none of the run's.
"""

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from textlines.files import open_regular, read_text, real_path, unreadable
from textlines.formats.manifest import MANIFEST, ManifestFacts, read_facts
from textlines.formats.rows import LONGEST_ROW
from textlines.formats.run_record import PAGES, RECORD
from textlines.labels.label_file import read_labels
from textlines.labels.tally import Tally
from textlines.parsing import parse_json

IMAGES = "images/"
"""Where a run of `synth` puts its images, and nothing else."""

_KEYS = {"index", "image", "text", "sha256"}


@dataclass(frozen=True, slots=True)
class RenderedFolder:
    """What a folder tells of the images below it.

    Attributes:
        manifest: names rendered images; None without one of ours.
        head: how the paths of further rendered images start, from the folder on: "" for all;
            None where the folder tells of no other.
    """

    manifest: Path | None
    head: str | None

    def rows(self) -> Iterator[ManifestFacts]:
        """Read what the manifest knows of the images.

        Raises:
            InputError: the manifest is damaged; says where.
        """
        return read_facts(self.manifest) if self.manifest else iter(())


def rendered_folder(folder: Path) -> RenderedFolder | None:
    """Read what a folder tells of the images below it; None for a folder that tells nothing.

    Raises:
        InputError: its `run.json` is damaged.
    """
    head = _head_of(folder / RECORD)
    manifest = folder / MANIFEST
    if head == IMAGES and _content_of(folder / RECORD).get("command") == PAGES:
        # Its manifest tells of pages, whose lines are no images.
        return RenderedFolder(None, head)
    # Other programs have files of that name, too.
    if _is_there(manifest) and (head == IMAGES or _is_ours(manifest)):
        return RenderedFolder(manifest, head)
    return RenderedFolder(None, head) if head is not None else None


@dataclass(frozen=True, slots=True)
class Rendered:
    """A rendered image: the folder that says so; the manifest's text and face id, "" if unnamed."""

    folder: str
    text: str = ""
    face: str = ""


class RenderedImages:
    """Finds rendered images. Remembers the folders that it asked."""

    def __init__(self) -> None:
        self._told: dict[str, RenderedFolder | None] = {}
        self._named: dict[str, Mapping[str, Rendered]] = {}

    def find(self, path: str, root: Path) -> Rendered | None:
        """Look up an image; None if nothing says that it was rendered.

        The folders from the data folder down to the image are asked; a link to an image counts
        as what it leads to.

        Args:
            path: from the data folder on. root: that folder.

        Raises:
            InputError: a manifest or record on the way is damaged.
        """
        place = PurePosixPath(root / path)
        found = self._find(place, PurePosixPath(root))
        if found is None and os.path.islink(place):  # noqa: PTH114 (as `_is_there`)
            real = PurePosixPath(real_path(Path(place)))
            return self._find(real, PurePosixPath(real.anchor))
        return found

    def _find(self, image: PurePosixPath, root: PurePosixPath) -> Rendered | None:
        for parent in image.parents:
            folder = str(parent)
            if folder not in self._told:
                self._told[folder] = rendered_folder(Path(folder))
            told = self._told[folder]
            if told is not None:
                name = str(image.relative_to(parent))
                if folder not in self._named:
                    self._named[folder] = {
                        row.image: Rendered(folder, row.text, row.face.id) for row in told.rows()
                    }
                known = self._named[folder].get(name)
                if known is None and told.head is not None and name.startswith(told.head):
                    known = Rendered(folder)
                if known is not None:
                    return known
            if parent == root:
                break
        return None


def holds_rendered(labels: Path, images: Path | None = None) -> bool:
    """Whether any line of a label file names a rendered image.

    Args:
        images: the folder that paths start from; None takes the label file's.

    Raises:
        InputError: the label file, or what stands beside the images, cannot be read.
    """
    return any_rendered(
        (line.path for line in read_labels(labels, tally=Tally(), need_label=False)),
        images or labels.parent,
    )


def any_rendered(paths: Iterable[str], root: Path) -> bool:
    """Whether any of some images, their paths from `root` on, was rendered; as `find`."""
    images = RenderedImages()
    return any(images.find(path, root) is not None for path in paths)


def _is_there(file: Path) -> bool:
    # Not Path.is_file: it raises on a name that is too long for the disk, and labels name such.
    return os.path.isfile(file)  # noqa: PTH113


def _is_ours(manifest: Path) -> bool:
    """Whether the first row is one of ours; what no program could read is not."""
    try:
        with open_regular(manifest) as file:
            first = json.loads(file.readline(LONGEST_ROW))
    except OSError as error:
        raise unreadable(manifest, error, "the manifest") from error
    except (ValueError, RecursionError):
        return False
    return isinstance(first, dict) and first.keys() >= _KEYS


def profile_of(labels: Path) -> str:
    """Return the sha256 of the profile that the lines of a label file were rendered for.

    "" where no `run.json` beside the file names one.

    Raises:
        InputError: the `run.json` is damaged.
    """
    inputs = _content_of(labels.parent / RECORD).get("inputs")
    found = inputs.get("profile") if isinstance(inputs, dict) else None
    return found if isinstance(found, str) else ""


def _head_of(record: Path) -> str | None:
    """Read how the images start that a `run.json` says were rendered; None for none."""
    content = _content_of(record)
    configuration = content.get("configuration")
    marks = [content, configuration if isinstance(configuration, dict) else {}]
    if any(one.get("synthetic") is True for one in marks):
        return ""
    return IMAGES if str(content.get("command", "")).split(" ")[0] == "synth" else None


def _content_of(record: Path) -> dict[str, Any]:
    """Read a `run.json` of any program; {} where none is, or it holds no object."""
    if not _is_there(record):
        return {}
    what = "the run record"
    content = parse_json(read_text(record, what), str(record), what, "Mend it or remove it.")
    return content if isinstance(content, dict) else {}
