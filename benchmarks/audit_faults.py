"""What an audit found of the faults that `faults.py` planted."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Score:
    """Counts by kind of fault, and of the samples without a fault.

    `by_sha256` and `clean_by_sha256` count what the sha256 of the image alone gives away; all
    other counts leave that check out. `placed`: found at the very cluster, or as a whole line.
    """

    planted: Mapping[str, int]
    found: Mapping[str, int]
    placed: Mapping[str, int]
    by_sha256: Mapping[str, int]
    missed: Sequence[Mapping[str, Any]]
    clean: int
    alarmed: Sequence[str]
    clean_by_sha256: int


def score(audited: Sequence[Any], planted: Sequence[Mapping[str, Any]]) -> Score:
    """Count what was found of the planted faults, and the alarms on the other samples."""
    faults = {(fault["run"], fault["index"]): fault for fault in planted}
    counts, found, placed, by_sha = Counter[str](), Counter[str](), Counter[str](), Counter[str]()
    missed, alarmed, clean, clean_by_sha = [], [], 0, 0
    for folder, rows in audited:
        name = folder.path.resolve().name
        for row, alarms, _ in rows:
            fault = faults.get((name, row["index"]))
            told = [alarm for alarm in alarms if alarm.code != "sha256"]
            changed = len(told) < len(alarms)
            if fault is None:
                clean += 1
                clean_by_sha += changed
                if told:
                    words = "; ".join(f"{alarm.code} {alarm.detail}" for alarm in told)
                    alarmed.append(f"{name} {row['index']} {row['text']!r}: {words}")
                continue
            kind = fault["kind"]
            counts[kind] += 1
            by_sha[kind] += changed
            found[kind] += bool(told)
            placed[kind] += any(alarm.at in (-1, fault["cluster"]) for alarm in told)
            if not told:
                missed.append(fault)
    return Score(counts, found, placed, by_sha, missed, clean, alarmed, clean_by_sha)


def tell_score(result: Score) -> Iterator[str]:
    """Say it in lines."""
    yield f"{'fault':12}{'planted':>9}{'found':>7}{'share':>9}{'in place':>10}{'by sha256':>11}"
    for kind, count in sorted(result.planted.items()):
        hit = result.found[kind]
        yield (
            f"{kind:12}{count:9d}{hit:7d}{hit / count:9.1%}"
            f"{result.placed[kind]:10d}{result.by_sha256[kind]:11d}"
        )
    count, hit = sum(result.planted.values()), sum(result.found.values())
    yield f"{'all':12}{count:9d}{hit:7d}{hit / max(count, 1):9.1%}  (sha256 left out)"
    for fault in result.missed:
        where = f"{fault['run']} {fault['index']}"
        yield f"missed: {where} {fault['kind']} {fault['text']!r} {fault['detail']}"
    wrong = len(result.alarmed)
    yield (
        f"clean samples {result.clean}: {wrong} false alarms ({wrong / max(result.clean, 1):.2%}), "
        f"{result.clean_by_sha256} by sha256"
    )
    yield from (f"false alarm: {line}" for line in result.alarmed)
