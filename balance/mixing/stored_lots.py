"""Lines of a store in the order of their keys: all of them, or so many after another."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from balance.mixing.arrays import Bytes, Ints, with_slack
from balance.mixing.lines import Source
from balance.mixing.store import Store

_BUCKET = 48
"""Bits of a key below those that are counted together."""


@dataclass(frozen=True, slots=True)
class Cut:
    """A place in the order of a lot: behind so many lines, before the one of that key, source, row.

    Attributes:
        amount: of the lines before it.
    """

    lines: int
    amount: int
    key: int
    source: int
    row: int

    def behind(self) -> str:
        """Write the condition for lines at the cut and behind it."""
        key, source = self.key, self.source
        return (
            f"(key > {key} OR (key = {key} AND (source > {source} OR "
            f"(source = {source} AND rowid >= {self.row}))))"
        )


Ranges = tuple[tuple[Cut | None, Cut | None], ...]
"""From a cut (None: the start) to another (None: the end)."""


@dataclass(frozen=True, slots=True)
class StoredSome:
    """Some lines of a lot: all of them `times` over, and those between pairs of cuts.

    Attributes:
        names: role of each source by its number; the lines are of these sources.
        counts: lines and amount by source.
    """

    store: Store
    names: Mapping[int, str]
    times: int
    ranges: Ranges
    counts: Mapping[int, tuple[int, int]]

    def __len__(self) -> int:
        return sum(self.counts[number][0] for number in self.names)

    @property
    def amount(self) -> int:
        """Add their sizes up."""
        return sum(self.counts[number][1] for number in self.names)

    def of_role(self, *roles: str) -> "StoredSome":
        """Give those that come from sources of these roles."""
        kept = {number: role for number, role in self.names.items() if role in roles}
        return StoredSome(self.store, kept, self.times, self.ranges, self.counts)

    def selects(self, columns: str) -> list[str]:
        """Write the queries that together give the lines, in no order."""
        if not len(self):
            return []
        return _selects(columns, list(self.names), self.times, self.ranges)

    def label_blocks(self) -> Iterator[tuple[Bytes, int]]:
        """Give the labels, one a line, some at a time: a buffer with slack and its size."""
        for query in self.selects("split_part(line, chr(9), 2)"):
            for rows in self.store.rows(query):
                text = "".join([f"{label}\n" for (label,) in rows]).encode()
                yield with_slack(text), len(text)


def _selects(
    columns: str,
    numbers: Sequence[int],
    times: int,
    ranges: Ranges,
) -> list[str]:
    listed = ", ".join(map(str, numbers))
    start = f"SELECT {columns} FROM lines WHERE source IN ({listed})"
    found = [start] * times
    for low, high in ranges:
        found.append(start)
        if low:
            found[-1] += f" AND {low.behind()}"
        if high:
            found[-1] += f" AND NOT {high.behind()}"
    return found


@dataclass(frozen=True)
class StoredLot:
    """All lines of some sources of a store.

    Attributes:
        sources: by their number.
        totals: lines and amount by source.
    """

    store: Store
    sources: Mapping[int, Source]
    totals: Mapping[int, tuple[int, int]] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "totals", self.count(1, ()))

    def __len__(self) -> int:
        return sum(lines for lines, _ in self.totals.values())

    @property
    def amount(self) -> int:
        """Add their sizes up."""
        return sum(amount for _, amount in self.totals.values())

    def all(self) -> StoredSome:
        """Give all of them."""
        return self.some(1, ())

    def some(self, times: int, ranges: Ranges) -> StoredSome:
        """Give all lines `times` over, and those between pairs of cuts."""
        counts = self.totals if times == 1 and not ranges else self.count(times, ranges)
        roles = {number: source.role for number, source in self.sources.items()}
        return StoredSome(self.store, roles, times, ranges, counts)

    def count(self, times: int, ranges: Ranges) -> dict[int, tuple[int, int]]:
        """Count lines and amount by source."""
        found = dict.fromkeys(self.sources, (0, 0))
        if not self.sources:
            return found
        columns = "source, count(*) AS lines, sum(size)::BIGINT AS amount"
        for copies, query in zip(
            [times] + [1] * len(ranges),
            _selects(columns, list(self.sources), 1, ranges),
            strict=True,
        ):
            for rows in self.store.rows(f"{query} GROUP BY source") if copies else ():
                for source, lines, amount in rows:
                    before = found[source]
                    found[source] = (before[0] + copies * lines, before[1] + copies * amount)
        return found

    def drawer(self) -> "StoredDrawer":
        """Start drawing."""
        return StoredDrawer(self)

    def cut(self, amount: int) -> Cut | None:
        """Find the cut behind as many lines as fit `amount`; None if all do."""
        buckets, lines, amounts = self._buckets
        upto = np.cumsum(amounts)
        at = int(np.searchsorted(upto, amount, "right"))
        if at == len(upto):
            return None
        rows = self.store.table(
            "SELECT key, source, rowid AS row, size FROM lines "
            f"WHERE source IN ({self._listed}) AND key >> {_BUCKET} = {int(buckets[at])} "
            "ORDER BY key, source, rowid"
        )
        before = int(upto[at] - amounts[at])
        inside = np.cumsum(rows["size"].astype(np.int64))
        k = int(np.searchsorted(inside, amount - before, "right"))
        taken = int(inside[k - 1]) if k else 0
        place = (int(rows[name][k]) for name in ("key", "source", "row"))
        return Cut(int(lines[:at].sum()) + k, before + taken, *place)

    @property
    def _listed(self) -> str:
        return ", ".join(map(str, self.sources))

    @cached_property
    def _buckets(self) -> tuple[Ints, Ints, Ints]:
        """Count lines and amount by the first bits of the key."""
        found = self.store.table(
            f"SELECT key >> {_BUCKET} AS bucket, count(*) AS lines, sum(size)::BIGINT AS amount "
            f"FROM lines WHERE source IN ({self._listed}) GROUP BY bucket ORDER BY bucket"
        )
        return (
            found["bucket"].astype(np.int64),
            found["lines"].astype(np.int64),
            found["amount"].astype(np.int64),
        )


class StoredDrawer:
    """Draws lines of a lot in their order. Remembers how far it came."""

    def __init__(self, lot: StoredLot) -> None:
        self._lot = lot
        self._next: Cut | None = None

    def draw(self, amount: int) -> StoredSome:
        """Give the next lines that together are at most `amount`."""
        total, start = self._lot.amount, self._next
        if not total:
            return self._lot.some(0, ())
        before = start.amount if start else 0
        times, rest = divmod(amount, total)
        ranges: Ranges
        if before + rest < total:
            end = self._lot.cut(before + rest)
            ranges = ((start, end),)
        else:
            # On to the end of the order, and again from its start.
            end = self._lot.cut(before + rest - total)
            ranges = ((start, None), (None, end))
        self._next = end if end and end.lines else None
        return self._lot.some(times, ranges if rest else ())
