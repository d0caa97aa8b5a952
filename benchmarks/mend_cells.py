"""The cells of `benchmarks/mend.py --matrix`: what is trained on what, and what each is called."""

import itertools
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

SCENES = ("meters", "receipts", "wiretags")
KINDS = {
    "scene": ("own", "drawn", "both"),
    "labels": ("none", "drawn"),
    "left-out": ("own", "drawn", "both", "served", "holding"),
}
"""Arms by kind of cell.

scene: all train lines of a scene; own lines alone, drawn lines alone, both; exported and gated.
labels: so many own lines, without and with drawn ones.
left-out: own lines none of which holds a character; alone; drawn lines alone; both, drawn as if
there were no own line; both, drawn for what own lines lack (`synth generate --own`); as many own
lines that hold the character as often as the scene does.
"""

UNDRAWN = ("none", "own", "holding")
"""Arms without drawn lines."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One training and what is measured of it.

    Attributes:
        kind, arm: as in `KINDS`. model: for `train weights`.
        labels: own lines to train on; -1 for all. character: left out of them.
        tune: what `train plan` is told to tune; "" tells it nothing, and the key holds others.
        options: further options of `train plan`, by a name that the key holds.
        style: of the drawn lines; "" is the scene's own, CALIBRATED one that is fitted to the crops
            of the pool, without their labels. "" where none are drawn: the cell is of every style.
        stop: DRAWN stops by lines that were drawn and not trained on; "" by real ones.
    """

    kind: str
    scene: str
    model: str
    arm: str
    seed: int = 1
    labels: int = -1
    character: str = ""
    variant: str = ""
    tune: str = ""
    options: tuple[str, ...] = ()
    style: str = ""
    stop: str = ""

    @property
    def key(self) -> str:
        """Return the name of the cell's folder and row."""
        model = self.model.removesuffix("_rec").removesuffix("_mobile")
        parts = [self.kind, self.scene, model, self.arm]
        parts += [f"{self.labels}"] if self.labels >= 0 else []
        parts += [f"u{ord(self.character):04x}"] if self.character else []
        parts += [self.variant] if self.variant else []
        parts += [self.tune] if self.tune else []
        parts += [self.style] if self.style else []
        parts += [f"by-{self.stop}"] if self.stop else []
        return "-".join([*parts, f"s{self.seed}"])


CALIBRATED, DRAWN = "calibrated", "drawn"


def read_cells(path: Path) -> list[Cell]:
    """Read a list of cells: TOML, `[[cells]]`, each value one or a list of values (their product).

    Raises:
        SystemExit: a key or a value is none.
    """
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    found: dict[str, Cell] = {}
    for row in content.get("cells", []):
        for cell in _product(row, path):
            found.setdefault(cell.key, cell)
    if not found:
        raise SystemExit(f"{path}: holds no [[cells]]")
    return list(found.values())


def _product(row: dict[str, object], path: Path) -> Iterator[Cell]:
    known = {field.name for field in fields(Cell)}
    if unknown := set(row) - known:
        raise SystemExit(f"{path}: unknown key {sorted(unknown)[0]!r}; known: {sorted(known)}")
    options = row.get("options", [])
    assert isinstance(options, list)
    names = [name for name in row if name != "options"]
    given = (row[name] for name in names)
    values: list[list[Any]] = [one if isinstance(one, list) else [one] for one in given]
    for chosen in itertools.product(*values):
        cell = Cell(**dict(zip(names, chosen, strict=True)), options=tuple(options))
        if cell.arm in UNDRAWN:
            cell = replace(cell, style="", stop="")
        if cell.scene not in SCENES or cell.arm not in KINDS.get(cell.kind, ()):
            raise SystemExit(f"{path}: no such cell: {cell.key}")
        if cell.kind == "left-out" and len(cell.character) != 1:
            raise SystemExit(f"{path}: {cell.key} names no character to leave out")
        yield cell
