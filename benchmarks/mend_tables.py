"""What the cells of `benchmarks/mend.py --matrix` say together: tables, and what must hold."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from benchmarks.mend_cells import CALIBRATED, UNDRAWN
from train.judging.intervals import change_interval, group_numbers

MUSTS = {
    ("meters", "v4"): ("all", 0.94),
    ("meters", "v5"): ("all", 0.90),
    ("meters", "v6 small"): ("all", 0.90),
    ("meters", "v6 tiny"): ("all", 0.80),
    ("wiretags", "v4"): ("all", 0.85),
}
ENOUGH = 25, 100
"""Own lines with drawn ones of a fitted style; own lines alone that they are to be as good as."""

COSTLY = 0.05
"""Of lines that hold a character, what leaving it out has to cost for the character to count."""

UNSEEN = 0.78
"""Of wiretags' lines whose text training does not hold."""

Rows = Sequence[dict[str, Any]]
Cells = dict[tuple[Any, ...], list[dict[str, Any]]]


def told(rows: Rows) -> tuple[str, bool]:
    """Return the tables of all cells, and whether a must is missed or cannot be told yet."""
    lines: list[str] = []
    fails: list[str] = []
    for part in (_scenes, _labels, _left_out):
        part(rows, lines, fails)
    lines += ["", *(f"MISSED: {one}" for one in fails)] if fails else ["", "no must is missed"]
    return "\n".join(lines), bool(fails)


def accuracy(row: dict[str, Any], keep: Callable[[Any], bool] = lambda line: True) -> float:
    """Return the share of a cell's lines read right."""
    chosen = [line for line in row["lines"] if keep(line)]
    return float(np.mean([line[2] for line in chosen])) if chosen else float("nan")


def change(pairs: Iterable[tuple[dict[str, Any], dict[str, Any]]], keep: Any = None) -> Any:
    """Return the change from the first to the second of each pair, pooled, with its interval.

    A line stands with all its readings, of every cell and seed, as they are readings of one crop:
    to `change_interval` a crop is a group.
    """
    crops: list[str] = []
    changes: list[float] = []
    for before, after in pairs:
        for one, other in zip(before["lines"], after["lines"], strict=True):
            assert one[0] == other[0]
            if keep is None or keep(one):
                crops.append(f"{before['scene']} {one[0]}")
                changes.append(float(other[2]) - float(one[2]))
    if not changes:
        return None
    found = np.array(changes)
    # Of one crop alone nothing can be said.
    low, high = change_interval(found, group_numbers(crops)) or (-1.0, 1.0)
    return 100 * float(found.mean()), 100 * low, 100 * high, len(set(crops))


def _of_styles(rows: Rows) -> list[tuple[str, list[dict[str, Any]]]]:
    """Return the rows of cells with drawn lines, by style: none of the scene's own at the least."""
    found = _by([row for row in rows if row["arm"] not in UNDRAWN], "style")
    return sorted((style, some) for (style,), some in found.items()) or [("", [])]


def _told_style(style: str) -> str:
    return style or "the scene's own style"


def _seeds(rows: Rows) -> dict[int, dict[str, Any]]:
    return {row["seed"]: row for row in rows}


def _by(rows: Rows, *names: str) -> Cells:
    found: Cells = defaultdict(list)
    for row in rows:
        found[tuple(row[name] for name in names)].append(row)
    return found


def _short(model: str) -> str:
    """Return the generation of a published model, and its size where a generation has several.

    >>> [_short(name) for name in ("PP-OCRv5_mobile_rec", "PP-OCRv6_tiny_rec", "own")]
    ['v5', 'v6 tiny', 'own']
    """
    return (
        model.removeprefix("PP-OCR").removesuffix("_rec").removesuffix("_mobile").replace("_", " ")
    )


def _scenes(rows: Rows, lines: list[str], fails: list[str]) -> None:
    scenes = [row for row in rows if row["kind"] == "scene"]
    if not scenes:
        return
    lines += ["", "scene | model | arm | dev | texts not trained on | gate | general | minutes"]
    for (scene, model, arm, *ways), cells in _by(
        scenes, "scene", "model", "arm", "variant", "style", "stop"
    ).items():
        variant = " ".join(filter(None, ways))
        dev = [accuracy(row) for row in cells]
        unseen = [accuracy(row, lambda line: not line[3]) for row in cells]
        general = [row["verdict"]["general"] or {} for row in cells]
        changes = ", ".join(_interval(one) for one in general)
        lines.append(
            f"{scene} | {_short(model)} | {arm} {variant} | {_mean(dev)} | {_mean(unseen)} | "
            f"{', '.join(str(row['gate']) for row in cells)} | {changes} | "
            f"{_mean([row['minutes'] for row in cells], '.1f')}"
        )
        if arm != "both" or variant:
            continue
        must = MUSTS.get((scene, _short(model)))
        if must and np.mean(dev) < must[1]:
            fails.append(f"{scene} {_short(model)}: {np.mean(dev):.3f}, not {must[1]}")
        if must and any(row["gate"] for row in cells):
            fails.append(f"{scene} {_short(model)}: the gate passed not all candidates")
        if must and scene == "wiretags" and np.mean(unseen) < UNSEEN:
            fails.append(f"{scene} unseen texts: {np.mean(unseen):.3f}, not {UNSEEN}")
        for one in general:
            low = (one.get("interval") or [0.0])[0]
            if scene != "receipts" and low < -0.01:
                fails.append(f"{scene} {_short(model)}: general lines {_interval(one)}")


def _labels(rows: Rows, lines: list[str], fails: list[str]) -> None:
    cells = [row for row in rows if row["kind"] == "labels"]
    if not cells:
        return
    alone = _by([row for row in cells if row["arm"] == "none"], "scene", "labels")
    lines += ["", "labels saved: scene | own lines | alone | and drawn | style | change"]
    lines += [
        f"{scene} | {labels} | {_mean(list(map(accuracy, some)))} | - | - | -"
        for (scene, labels), some in sorted(alone.items())
    ]
    for style, drawn in _of_styles(cells):
        with_drawn = _by(drawn, "scene", "labels")
        pairs = []
        for (scene, labels), some in sorted(with_drawn.items()):
            mine = _seeds_of_both(_seeds(alone[scene, labels]), _seeds(some))
            pairs += mine if labels else []
            lines.append(
                f"{scene} | {labels} | {_mean(list(map(accuracy, alone[scene, labels])))} | "
                f"{_mean(list(map(accuracy, some)))} | {_told_style(style)} | "
                f"{_points(change(mine))}"
            )
        pooled = change(pairs)
        words = f"own and drawn in {_told_style(style)} against own alone"
        lines.append(f"{words}, pooled: {_points(pooled)}")
        if pooled is None or pooled[1] < -3:
            fails.append(f"{words}: {_points(pooled)}")
        if style == CALIBRATED:
            _saved(alone, with_drawn, lines, fails)


def _saved(alone: Cells, drawn: Cells, lines: list[str], fails: list[str]) -> None:
    """Hold few own lines and drawn ones against more own lines alone."""
    few, more = ENOUGH
    pairs: list[tuple[dict[str, Any], dict[str, Any]]] = []
    for scene in sorted({scene for scene, _ in drawn}):
        mine = _seeds_of_both(_seeds(alone[scene, more]), _seeds(drawn[scene, few]))
        lines.append(f"{scene}, {few} own and drawn against {more} own: {_points(change(mine))}")
        pairs += mine
    found = change(pairs)
    lines.append(f"{few} own and drawn against {more} own, pooled: {_points(found)}")
    if found is None or found[0] < 0 or found[1] < -3:
        fails.append(f"{few} own and drawn against {more} own: {_points(found)}")


def _left_out(rows: Rows, lines: list[str], fails: list[str]) -> None:
    cells = [row for row in rows if row["kind"] == "left-out"]
    if not cells:
        return
    undrawn = [row for row in cells if row["arm"] in UNDRAWN]
    for style, drawn in _of_styles(cells):
        _left_out_of([*undrawn, *drawn], style, lines, fails)


def _left_out_of(cells: Rows, style: str, lines: list[str], fails: list[str]) -> None:
    """Tell the cells of one style; those of own lines alone are of every style."""
    arms = ("own", "drawn", "both", "served", "holding")
    lines += ["", f"left out, {_told_style(style)}: scene | character | " + " | ".join(arms)]
    pairs: dict[str, list[Any]] = {arm: [] for arm in arms}
    way: list[Any] = []
    costly = characters = 0
    for (scene, character), some in sorted(_by(cells, "scene", "character").items()):
        texts = {line[1] for row in some for line in row["lines"] if line[3]}

        def keep(line: Any, character: str = character, texts: Any = texts) -> bool:
            return character in line[1] and line[1] not in texts

        of_arm = {
            arm: {row["seed"]: _only(row, keep) for row in some if row["arm"] == arm}
            for arm in arms
        }
        shares = {arm: [accuracy(row) for row in of_arm[arm].values()] for arm in arms}
        lines.append(f"{scene} | {character} | " + " | ".join(_mean(shares[arm]) for arm in arms))
        characters += 1
        if not all(shares.values()):
            continue  # not all of its cells are there
        if np.mean(shares["holding"]) - np.mean(shares["own"]) < COSTLY:
            continue
        costly += 1
        for arm in arms:
            pairs[arm] += _seeds_of_both(of_arm[arm], of_arm["served"])
        way += _seeds_of_both(of_arm["own"], of_arm["holding"])
    lines.append(f"leaving out costs five points or more for {costly} of {characters}")
    if not costly:
        fails.append("left out: no character whose leaving out costs five points")
        return
    for arm in arms:
        found = change(pairs[arm])
        lines.append(f"served against {arm}: {_points(found)}")
        if (arm == "both" and found[1] <= 0) or (arm == "drawn" and found[0] < 0):
            fails.append(f"served against {arm}: {_points(found)}")
    gained, whole_way = change(pairs["own"])[0], change(way)[0]
    lines.append(f"of the way to lines that hold it: {gained / whole_way:.2f}")
    if gained < 2 / 3 * whole_way:
        fails.append(f"served goes {gained / whole_way:.2f} of the way, not two thirds")


def _seeds_of_both(one: dict[int, Any], other: dict[int, Any]) -> list[tuple[Any, Any]]:
    return [(one[seed], other[seed]) for seed in one if seed in other]


def _only(row: dict[str, Any], keep: Any) -> dict[str, Any]:
    return row | {"lines": [line for line in row["lines"] if keep(line)]}


def _mean(values: Sequence[float], form: str = ".3f") -> str:
    if not values:
        return "-"
    each = f" ({', '.join(format(one, form) for one in values)})" if len(values) > 1 else ""
    return f"{format(float(np.mean(values)), form)}{each}"


def _points(found: Any) -> str:
    if found is None:
        return "-"
    value, low, high, count = found
    return f"{value:+.1f} ({low:+.1f} to {high:+.1f}), {count} lines"


def _interval(change: dict[str, Any]) -> str:
    if not change:
        return "-"
    low, high = change["interval"]
    return f"{100 * change['change']:+.2f} ({100 * low:+.2f} to {100 * high:+.2f})"
