"""`mix.json` with its lists: what a mix is made of, and what each line of each list is."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

import numpy as np
from annotated_types import Ge
from pydantic import AliasChoices, Field

from textlines.errors import InputError
from textlines.files import real_path, sha256_of
from textlines.formats.contract import (
    Contract,
    Document,
    Record,
    check_version,
    read_document,
    validated,
)
from textlines.formats.roles import LineKind, Role, read_roles
from textlines.labels.label_file import LabelLine, read_labels
from textlines.labels.tally import Tally
from textlines.wording.counts import count_of

MIX = "mix.json"

VERSION = 2
"""Of the file. Version 1 said nothing of the roles of lines."""

PAGES = "pages"
"""Under `kind` in the record of a mix of pages (`page_mix`); one of text lines has no kind."""

KIND = Document("the mix record", "a mix record", "Make the mix again with `balance mix`.")

_NO_ROLES = "it does not say which lines are new and which were rendered"

Count = Annotated[int, Ge(0)]
Name = Annotated[str, Field(pattern=r"^[^/\\\x00-\x1f]+$")]
"""Of a file beside the record."""


class MixSource(Contract):
    """One label file of a mix.

    Attributes:
        role, name: as in `LineKind`.
        labels, images: the file, and the folder that its own paths start from, both from the
            record's folder on.
        sha256: of the file when it was mixed.
        lines: in the file. usable: of them, in the lists or held back for later epochs.
        rendered: of the usable ones.
        times: how often each usable line stands in every epoch; None where an epoch draws some.
        head: what stands before its paths in the lists.
        counts: what was left out, changed or met, by reason.
    """

    role: Role
    name: str
    labels: str
    images: str
    sha256: str
    lines: Count
    usable: Count
    rendered: Count
    times: Annotated[int, Ge(1)] | None = None
    head: str = ""
    counts: Mapping[str, Count] = {}

    @property
    def is_own(self) -> bool:
        """Whether its lines are a team's own labelled ones."""
        return self.role == "own"


class MixEpoch(Contract):
    """The lists of one epoch and what they hold.

    Attributes:
        list: name of the label file. roles: of the file that holds each line's code.
        distil_list, distil_roles: those of lines whose target is the base model's reading; None
            where there is none.
        own, original, distil, new, general: rows; an own line counts as often as it stands. Mixes
            before own lines had a role hold none. replay: lines by the name of the set.
        ratio: of own, original and distilled to new, by lines or characters; None without a new
            line.
        scene_to_general: of the own scene to general scenes. With own lines: own and new to
            original, distilled and general. Without: original, distilled and new to general.
            Earlier mixes name it `own_to_general`.
        divergence: of the characters from the target, in nats.
        divergence_without_floors: of what is chosen where no frequent word or character keeps a
            floor; None where that is the same.
        words_below_floor, characters_below_floor: frequent ones that stand too seldom.
        churn: share of an earlier mix's choice that is not in this one.
        batch_loss, certain_share_of_best, over_caps: how good the evened choice is.
    """

    list: Name
    roles: Name
    distil_list: Name | None = None
    distil_roles: Name | None = None
    own: Count = 0
    original: Count
    distil: Count
    new: Count
    general: Count
    replay: Mapping[str, Count] = {}
    ratio: float | None = None
    scene_to_general: Annotated[
        float | None, Field(validation_alias=AliasChoices("scene_to_general", "own_to_general"))
    ] = None
    divergence: float
    divergence_without_floors: float | None = None
    words_below_floor: Count
    characters_below_floor: Count
    churn: float | None = None
    batch_loss: float | None = None
    certain_share_of_best: float | None = None
    over_caps: Count = 0

    @property
    def kept(self) -> int:
        """Return the rows that count as original in original : new."""
        return self.own + self.original + self.distil

    @property
    def labelled(self) -> int:
        """Count the lines that carry their label as the target of training."""
        return self.own + self.original + self.new + self.general + sum(self.replay.values())


class MixConfiguration(Contract):
    """How a mix was asked for, and what came of it.

    Attributes:
        general_ratio: of the own scene to general scenes; None where neither own nor general lines
            are there.
        own_times: how often each own line stands in every epoch; None without own lines.
        data_folder: what the paths of the lists start from, from the record's folder on.
        kinds: what the codes of the roles stand for.
        ratio: of original to new that was asked for; None without a new line.
        caps, divergence, drift, budget, notes: figures of the mix, for people.
    """

    ratio: float | None
    by: Literal["lines", "characters"]
    general_ratio: float | None
    own_times: Annotated[int, Ge(1)] | None = None
    epoch_lines: int | None
    on_shortage: str
    check_images: str
    even: bool
    alpha: float
    word_floor: float
    floor_words: int
    floor_characters: int
    caps: tuple[Mapping[str, Any], ...] = ()
    repeat_originals: int
    max_length: int
    use_space_char: bool
    dictionary_sha256: str | None
    data_folder: str
    kinds: tuple[LineKind, ...]
    sources: tuple[MixSource, ...]
    epochs: tuple[MixEpoch, ...]
    divergence: Mapping[str, float] = {}
    drift: Mapping[str, Mapping[str, Any]] = {}
    budget: Mapping[str, Any] = {}
    notes: tuple[str, ...] = ()


class MixRecord(Record):
    """A mix.

    Attributes:
        inputs, outputs: sha256 by the file's name.
        counts: what was left out, changed or met, by role and reason.
    """

    version: Literal[2] = 2
    command: Literal["balance mix"] = "balance mix"
    configuration: MixConfiguration
    seed: int
    inputs: Mapping[str, str] = {}
    outputs: Mapping[str, str] = {}
    counts: Mapping[str, Count] = {}
    versions: Mapping[str, str] = {}


class ListedLine(NamedTuple):
    """A line of a list, and what it is."""

    line: LabelLine
    kind: LineKind


@dataclass(frozen=True, slots=True)
class MixFolder:
    """A mix on disk, its lists the ones that its record describes.

    Attributes:
        folder: that holds the record and the lists. data: what the lists' paths start from.
        sha256: of the record.
    """

    folder: Path
    data: Path
    record: MixRecord
    sha256: str

    @property
    def epochs(self) -> tuple[MixEpoch, ...]:
        """The lists."""
        return self.record.configuration.epochs

    @property
    def sources(self) -> tuple[MixSource, ...]:
        """The label files."""
        return self.record.configuration.sources

    def place(self, path: str) -> Path:
        """Return the full path of what the record names from its folder on."""
        return real_path(self.folder / path)

    def lines(self, epoch: MixEpoch, tally: Tally) -> Iterator[ListedLine]:
        """Read the lists of an epoch, labelled lines first, with what each line is.

        Raises:
            InputError: a list cannot be read, or has another number of lines than its roles.
        """
        yield from self._read(epoch.list, epoch.roles, epoch.labelled, tally)
        if epoch.distil_list and epoch.distil_roles:
            yield from self._read(epoch.distil_list, epoch.distil_roles, epoch.distil, tally)

    def _read(self, name: str, roles: str, count: int, tally: Tally) -> Iterator[ListedLine]:
        kinds = self.record.configuration.kinds
        numbers = read_roles(self.folder / roles, kinds)
        if len(numbers) != count:
            raise InputError(
                str(self.folder / roles),
                f"holds {count_of(len(numbers), 'role')}, {name} has {count_of(count, 'line')}",
                KIND.again,
            )
        path, last = self.folder / name, 0
        need = not all(kinds[at].role == "distil" for at in np.unique(numbers).tolist())
        for line in read_labels(path, tally=tally, need_label=need):
            last = line.number
            if last > count:
                break
            yield ListedLine(line, kinds[numbers[last - 1]])
        if last > count:
            raise InputError(
                f"{path}:{last}", f"has a line beyond the {count:,} with a role", KIND.again
            )


def read_mix(folder: Path) -> MixFolder:
    """Read `mix.json` of a folder, or the file itself, and check the lists that it describes.

    Raises:
        InputError: it is not there, is damaged or of another version; a list is missing, was
            changed since, or its roles are not those that the record counts.
    """
    path = folder / MIX if folder.is_dir() else folder
    if not path.is_file():
        raise InputError(str(folder), f"is no mix (it holds no {MIX})", KIND.again)
    record = read_mix_record(path)
    home = path.parent.absolute()
    for name, known in record.outputs.items():
        if "/" in name or name.startswith("."):
            raise InputError(str(path), f"names the output {name!r} elsewhere", KIND.again)
        if (home / name).is_file() and sha256_of(home / name) != known:
            raise InputError(str(home / name), f"is not the list that {MIX} describes", KIND.again)
    epochs = record.configuration.epochs
    if not epochs:
        raise InputError(str(path), "holds no list", KIND.again)
    for epoch in epochs:
        for name in _files(epoch):
            if name not in record.outputs:
                raise InputError(str(path), f"does not say what {name} held", KIND.again)
            if not (home / name).is_file():
                raise InputError(str(home / name), "is not there", KIND.again)
    data = real_path(home / record.configuration.data_folder)
    found = MixFolder(home, data, record, sha256_of(path))
    for epoch in epochs:
        _check_roles(found, epoch)
    return found


def read_mix_record(path: Path) -> MixRecord:
    """Read a mix record alone.

    Raises:
        InputError: the file cannot be read, is no mix record, is damaged or of another version.
    """
    content = read_document(path, KIND)
    command = content.get("command")
    if command != "balance mix":
        raise InputError(str(path), f"was written by {command!r}, it is no mix", KIND.again)
    if content.get("kind") == PAGES:
        raise InputError(
            str(path),
            "is a mix of pages, which teaches a detector (`train det`)",
            "A recognizer learns from text lines: mix label files of crops.",
        )
    check_version(content, path, KIND, VERSION, too_old=_NO_ROLES)
    return validated(MixRecord, content, path, KIND)


def is_mix_record(path: Path) -> bool:
    """Whether a file is the record of a mix, of any version."""
    return _of_any_version(path) is not None


def outputs_of(path: Path) -> set[str]:
    """Name the outputs of a mix of any version, to tell what it left in its folder."""
    outputs = (_of_any_version(path) or {}).get("outputs")
    return {str(name) for name in outputs} if isinstance(outputs, dict) else set()


def _of_any_version(path: Path) -> Mapping[str, Any] | None:
    try:
        content = read_document(path, KIND)
    except InputError:
        return None
    return content if content.get("command") == "balance mix" else None


def _files(epoch: MixEpoch) -> list[str]:
    both = (epoch.list, epoch.roles, epoch.distil_list, epoch.distil_roles)
    return [name for name in both if name]


def _check_roles(mix: MixFolder, epoch: MixEpoch) -> None:
    """Hold the roles of an epoch's lists against what the record counts.

    Raises:
        InputError: they differ.
    """
    kinds = mix.record.configuration.kinds
    found = dict[str, int]()
    for name in (epoch.roles, epoch.distil_roles):
        if name:
            counts = np.bincount(read_roles(mix.folder / name, kinds), minlength=len(kinds))
            for kind, count in zip(kinds, counts.tolist(), strict=True):
                found[kind.name] = found.get(kind.name, 0) + count
    wanted = {
        "own": epoch.own,
        "original": epoch.original,
        "distil": epoch.distil,
        "new": epoch.new,
        "general": epoch.general,
        **{f"replay:{name}": count for name, count in epoch.replay.items()},
    }
    for name in {**wanted, **found}:
        if wanted.get(name, 0) != found.get(name, 0):
            raise InputError(
                str(mix.folder / epoch.roles),
                f"holds {count_of(found.get(name, 0), 'line')} of the role {name}, {MIX} counts "
                f"{wanted.get(name, 0):,}",
                KIND.again,
            )
