"""The own lines of a mix, each with the fold that it is held out in."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from textlines.errors import InputError
from textlines.formats.mix import MixFolder
from train.own.folds import bundles_of, folds_of
from train.own.sharing import documents_of
from train.seen import hashes_of
from train.tuning.folded import OwnLine, own_lines


@dataclass(frozen=True, slots=True)
class Held:
    """Own lines with the folds that they are held out in.

    Attributes:
        lines: with their paths in the lists. names: their paths in the label file of own lines; of
            several such files, as the lists have them.
        folds: of each line, from 0. documents: of each line.
        images: the folder that `names` start from.
    """

    lines: tuple[OwnLine, ...]
    names: tuple[str, ...]
    folds: tuple[int, ...]
    documents: tuple[str, ...]
    images: Path

    def members(self, fold: int) -> list[int]:
        """Return the numbers of a fold's lines."""
        return [number for number, own in enumerate(self.folds) if own == fold]


def held_lines(mix: MixFolder, *, group: str, count: int, seed: int) -> Held:
    """Deal the own lines of a mix out to folds.

    Args:
        group: expression on the path whose first brackets name the document; "" for none.

    Raises:
        InputError: there is none, or there are fewer documents than folds.
        UsageError: the expression does not fit the paths.
    """
    lines = own_lines(mix)
    if not lines:
        raise InputError(
            str(mix.folder),
            "holds no own line to hold out",
            "Mix a team's labelled lines as such: balance mix --own FILE.",
        )
    names, images = _names(mix, lines)
    documents = documents_of(names, group)
    hashes = hashes_of([mix.data / line.path for line in lines])
    copies = [one or line.path for one, line in zip(hashes, lines, strict=True)]
    bundles = bundles_of(documents, copies, [line.path for line in lines])
    folds = folds_of(bundles, names, count, seed)
    return Held(lines, names, tuple(folds), documents, images)


def _names(mix: MixFolder, lines: Sequence[OwnLine]) -> tuple[tuple[str, ...], Path]:
    sources = [one for one in mix.sources if one.is_own]
    if len(sources) == 1 and all(line.path.startswith(sources[0].head) for line in lines):
        names = tuple(line.path.removeprefix(sources[0].head) for line in lines)
        return names, mix.place(sources[0].images)
    return tuple(line.path for line in lines), mix.data
