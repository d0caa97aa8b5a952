"""The labels of the own lines that a mix trains on."""

from textlines.formats.mix import MixFolder
from textlines.labels.tally import Tally


def own_labels(mix: MixFolder) -> list[str]:
    """Return the label of each own line, each line once, however often it stands in the lists.

    Own lines have a role of their own in a mix; one that names none as such has none.

    Raises:
        InputError: a list cannot be read.
    """
    if not any(kind.role == "own" for kind in mix.record.configuration.kinds):
        return []
    labels: dict[str, str] = {}
    for epoch in mix.epochs:
        for one in mix.lines(epoch, Tally()):
            if one.kind.role == "own":
                labels.setdefault(one.line.path, one.line.label)
    return list(labels.values())
