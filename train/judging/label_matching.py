"""Predictions and labels of the same images, brought together."""

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePosixPath

from textlines.labels.label_file import LabelLine
from textlines.labels.label_paths import normal_path
from textlines.labels.tally import Tally
from textlines.profile.reading import Reading
from train.judging.raw import Prediction


def match_labels(
    predictions: Iterable[Prediction], labels: Sequence[LabelLine], images: Path, tally: Tally
) -> list[Reading]:
    """Give each label its prediction, in the order of the labels.

    A prediction finds its label by the same path; by its path from the folder of images on; by
    its last parts (`/data/set/crops/1.jpg` for `crops/1.jpg`); by a file name that one label
    alone has. What finds none, or finds one that is taken, is left out and counted; so is a
    label without prediction.

    Args:
        images: the folder that label paths start from.
    """
    wanted: dict[str, LabelLine] = {}
    for line in labels:
        if line.path in wanted:
            tally.add("repeated_label", line.path)
        else:
            wanted[line.path] = line
    finder = _Finder(wanted, images, tally)
    found: dict[str, Prediction] = {}
    for prediction in predictions:
        path = finder.find(prediction)
        if path in found:
            tally.add("repeated_prediction", prediction.place)
        elif path:
            found[path] = prediction
    readings = []
    for path, line in wanted.items():
        if (one := found.get(path)) is None:
            tally.add("no_prediction", path)
            continue
        if one.truth is not None and one.truth != line.label:
            tally.add("truth_replaced", one.place)
        readings.append(Reading(path, line.label, one.text, one.score))
    return readings


def with_own_truth(predictions: Iterable[Prediction], images: Path, tally: Tally) -> list[Reading]:
    """Take the truths that the predictions bring along, in their order.

    Args:
        images: paths that lie in this folder are written from it on.
    """
    readings: dict[str, Reading] = {}
    for one in predictions:
        path = normal_path(one.path)
        for folder in _names_of(images):
            if path.startswith(f"{folder}/"):
                path = path.removeprefix(f"{folder}/")
                tally.add("matched_by_folder", one.place)
                break
        if path in readings:
            tally.add("repeated_prediction", one.place)
        elif one.truth is None:
            tally.add("no_label", one.place)
        else:
            readings[path] = Reading(path, one.truth, one.text, one.score)
    return list(readings.values())


def _names_of(folder: Path) -> list[str]:
    """Give the folder as it was named and in full; "." stands in no path."""
    names = {normal_path(one.as_posix()) for one in (folder, folder.absolute())}
    return sorted(names - {"."})


class _Finder:
    """Finds the label path of a prediction, and counts how."""

    def __init__(self, wanted: dict[str, LabelLine], images: Path, tally: Tally) -> None:
        self._wanted, self._tally = wanted, tally
        self._folders = _names_of(images)
        paths = [PurePosixPath(path) for path in wanted]
        self._names = _unique((path.name, str(path)) for path in paths)
        self._stems = _unique((path.stem, str(path)) for path in paths)

    def find(self, prediction: Prediction) -> str:
        path = normal_path(prediction.path)
        if path in self._wanted:
            return path
        for folder in self._folders:
            rest = path.removeprefix(f"{folder}/")
            if rest != path and rest in self._wanted:
                return self._counted("matched_by_folder", rest, prediction)
        parts = PurePosixPath(path).parts
        for start in range(1, len(parts) - 1):
            tail = "/".join(parts[start:])
            if tail in self._wanted:
                return self._counted("matched_by_tail", tail, prediction)
        names = self._stems if prediction.is_stem else self._names
        name = PurePosixPath(path).name
        if name not in names:
            return self._counted("no_label", "", prediction)
        if not names[name]:
            return self._counted("ambiguous_name", "", prediction)
        return self._counted("matched_by_name", names[name], prediction)

    def _counted(self, reason: str, path: str, prediction: Prediction) -> str:
        self._tally.add(reason, prediction.place)
        return path


def _unique(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Map names to their path, and those of several paths to ""."""
    listed = list(pairs)
    counts = Counter(name for name, _ in listed)
    return {name: path if counts[name] == 1 else "" for name, path in listed}
