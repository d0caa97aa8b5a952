"""The sets of each scene of `benchmarks/mend.py --matrix`: who trains, stops, judges, keeps."""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.mend_job import Splits, receipt_of

Row = tuple[str, str]
"""Path and label."""

SHARES = {"wiretags": (400, 100), "meters": (110, 40)}
"""Of the labels-saved and left-out cells: lines in the pool and to stop by; the others judge."""

STOPS = {"wiretags": 100, "meters": 40, "receipts": 450}
"""Lines of the train split that a scene's cells stop by."""

STYLES = {"wiretags": "document", "meters": "lcd", "receipts": "receipt"}
TURNED = frozenset({"wiretags"})
"""Scenes whose crops may lie upside down."""

FOLDED = frozenset({"receipts"})
"""Scenes whose labels say nothing of case."""


@dataclass(frozen=True, slots=True)
class General:
    """Lines of other scenes: to distil from; to stop and to judge by, with comparisons."""

    originals: tuple[Path, ...]
    stop: tuple[str, ...]
    judge: tuple[str, ...]


def rank(seed: int, name: str) -> bytes:
    """Return what a name is drawn by."""
    return hashlib.sha256(f"{seed}\n{name}".encode()).digest()


def rows_of(labels: Path) -> list[Row]:
    """Read a label file."""
    lines = labels.read_text(encoding="utf-8").splitlines()
    return [(path, label) for path, _, label in (line.partition("\t") for line in lines)]


def crops_alone(labels: Path, out: Path) -> Path:
    """Link the crops of a label file into a folder that holds no others; return it."""
    out.mkdir(parents=True, exist_ok=True)
    for path, _ in rows_of(labels):
        link = out / Path(path).name
        if not link.exists():
            link.symlink_to((labels.parent / path).resolve())
    return out


class Sets:
    """Writes label files of parts of real sets, each in a folder with a link to the crops."""

    def __init__(self, data: Path, out: Path) -> None:
        self._data, self._out = data, out

    def source(self, scene: str, split: str) -> Path:
        """Return the folder of a scene's split."""
        name = {"meters": "sevenseg", "receipts": "sroie"}.get(scene, scene)
        return self._data / name / split

    def write(self, name: str, source: Path, rows: Iterable[Row]) -> Path:
        """Write rows as a label file of their own; the same rows leave the file as it is."""
        folder = self._out / name
        folder.mkdir(parents=True, exist_ok=True)
        if not (folder / "crops").exists():
            (folder / "crops").symlink_to((source / "crops").resolve())
        labels = folder / "rec_gt.txt"
        content = "".join(f"{path}\t{label}\n" for path, label in rows)
        if not labels.exists() or labels.read_text(encoding="utf-8") != content:
            labels.write_text(content, encoding="utf-8")
        return labels

    def parted(self, scene: str, *amounts: int) -> list[list[Row]]:
        """Part the train split into so many lines each and the rest, by group and hash.

        A group is the text, or the receipt: it stands in one part alone.
        """
        rows = rows_of(self.source(scene, "train") / "rec_gt.txt")
        group: Callable[[Row], str] = (
            (lambda row: receipt_of(row[0])) if scene == "receipts" else (lambda row: row[1])
        )
        of_group: dict[str, list[Row]] = {}
        for row in rows:
            of_group.setdefault(group(row), []).append(row)
        parts: list[list[Row]] = [[] for _ in range(len(amounts) + 1)]
        # Large groups first, so that each part comes near to its amount.
        for name in sorted(of_group, key=lambda one: (-len(of_group[one]), rank(0, one))):
            lines = of_group[name]
            room = [amount - len(part) for amount, part in zip(amounts, parts, strict=False)]
            room.append(len(rows) - sum(amounts) - len(parts[-1]))
            fitting = [at for at, left in enumerate(room) if left >= len(lines)]
            weights = [room[at] for at in fitting] if fitting else room
            drawn = int.from_bytes(rank(1, name)[:8], "big") / 2**64 * max(sum(weights), 1)
            chosen = fitting[-1] if fitting else room.index(max(room))
            for at, weight in zip(fitting, weights, strict=False):
                if drawn < weight:
                    chosen = at
                    break
                drawn -= weight
            parts[chosen].extend(lines)
        return parts

    def general(self, scene: str) -> General:
        """Write the general lines of a scene."""
        sroie, iiit = self._data / "sroie", self._data / "iiit5k"
        splits = Splits(self._out, sroie, iiit)
        word_dev, receipt_dev = iiit / "dev/rec_gt.txt", sroie / "dev/rec_gt.txt"
        if scene == "receipts":
            return General(
                (splits.words("iiit5k-original", 0, 40),),
                (f"{splits.words('iiit5k-stop', 40, 70)}:alnum",),
                (f"{splits.words('iiit5k-judge', 70, 100)}:alnum", f"{word_dev}:alnum"),
            )
        return General(
            (splits.receipts("sroie-original", 0, 50), splits.words("iiit5k-original-60", 0, 60)),
            (
                f"{splits.receipts('sroie-stop', 50, 60)}:casefold",
                f"{splits.words('iiit5k-stop-60', 60, 70)}:alnum",
            ),
            (
                f"{receipt_dev}:casefold",
                f"{word_dev}:alnum",
                f"{splits.receipts('sroie-judge', 60, 100)}:casefold",
                f"{splits.words('iiit5k-judge-70', 70, 100)}:alnum",
            ),
        )


def sampled(rows: list[Row], count: int, seed: int, without: str = "") -> list[Row]:
    """Draw lines by hash; none that holds `without`.

    Raises:
        SystemExit: there are too few.
    """
    there = [row for row in rows if not without or without not in row[1]]
    if count > len(there):
        raise SystemExit(f"{len(there)} lines to draw {count} from")
    return sorted(there, key=lambda row: rank(seed, row[0]))[:count]
