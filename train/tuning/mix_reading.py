"""What a mix says of itself: `mix.json`, its lists and where its lines came from."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from textlines.errors import InputError
from textlines.files import sha256_of
from textlines.formats.run_record import RunRecord

MIX = "mix.json"
_AGAIN = "Make the mix again with `balance mix`."


@dataclass(frozen=True, slots=True)
class MixSource:
    """One label file of a mix.

    Attributes:
        role: "original", "distil", "new", "general" or the name of a replay source.
        labels, images: the file, and the folder that its own paths start from.
        sha256: of the file when it was mixed.
        head: what stands before its paths in the lists.
    """

    role: str
    labels: Path
    images: Path
    sha256: str
    head: str


@dataclass(frozen=True, slots=True)
class MixEpoch:
    """One list of a mix and its amounts, as `mix.json` has them."""

    labelled: str
    distil: str
    new: int
    original: int
    ratio: float | None


@dataclass(frozen=True, slots=True)
class Mix:
    """A mix on disk.

    Attributes:
        folder: that holds `mix.json` and the lists. data: what the lists' paths start from.
    """

    folder: Path
    data: Path
    epochs: tuple[MixEpoch, ...]
    sources: tuple[MixSource, ...]

    def new_heads(self) -> tuple[str, ...]:
        """Say how the paths of new lines start, where that tells them from all others.

        A source whose paths start from the data folder itself has no head of its own.
        """
        heads = {one.head for one in self.sources if one.role == "new" and one.head}
        others = {one.head for one in self.sources if one.role != "new"}
        return tuple(sorted(heads - others))

    def sha256(self, epoch: MixEpoch) -> str:
        """Hash the lists of an epoch.

        Raises:
            InputError: one is not there.
        """
        names = [name for name in (epoch.labelled, epoch.distil) if name]
        joined = "".join(sha256_of(self.folder / name) for name in names)
        return hashlib.sha256(joined.encode()).hexdigest()


def read_mix(folder: Path) -> Mix:
    """Read `mix.json` of a folder, or the file itself.

    Raises:
        InputError: it is not there, is no record of `balance mix`, or its lists changed since.
    """
    path = folder / MIX if folder.is_dir() else folder
    if not path.is_file():
        raise InputError(str(folder), f"is no mix (it holds no {MIX})", _AGAIN)
    record = RunRecord.read(path)
    if record.command != "balance mix":
        raise InputError(str(path), f"was written by {record.command!r}", _AGAIN)
    home = path.parent.absolute()
    try:
        mix = _mix(home, record.configuration)
    except (KeyError, TypeError) as error:
        raise InputError(str(path), f"lacks {error}", _AGAIN) from error
    for name, known in record.outputs.items():
        if name.endswith(".txt") and (home / name).is_file() and sha256_of(home / name) != known:
            raise InputError(str(home / name), f"is not the list that {MIX} describes", _AGAIN)
    missing = [
        n for e in mix.epochs for n in (e.labelled, e.distil) if n and not (home / n).is_file()
    ]
    if missing:
        raise InputError(str(home / missing[0]), "is not there", _AGAIN)
    if not mix.epochs:
        raise InputError(str(path), "holds no list", _AGAIN)
    return mix


def _mix(home: Path, content: Mapping[str, Any]) -> Mix:
    epochs = tuple(
        MixEpoch(
            labelled=one["list"],
            distil=one["distil_list"] or "",
            new=int(one["new"]),
            original=int(one["original"]) + int(one["distil"]),
            ratio=one["ratio"],
        )
        for one in content["epochs"]
    )
    sources = tuple(
        MixSource(
            role=one["role"],
            labels=(home / one["labels"]).resolve(),
            images=(home / one["images"]).resolve(),
            sha256=one["sha256"],
            head=one["head"],
        )
        for one in content["sources"]
    )
    return Mix(home, (home / content["data_folder"]).resolve(), epochs, sources)
