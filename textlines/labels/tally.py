"""Counts by reason, with the first places of each."""

from collections.abc import Mapping

from textlines.terminal import shown_line

KEPT_PLACES = 5
"""How many places are kept of each reason."""


class Tally:
    """What a reader met: how often, by reason, and where first.

    A value that grows; one for each reader or worker, merged in a set order afterwards.

    >>> tally = Tally()
    >>> tally.add("no_tab", "rec_gt.txt:3")
    >>> tally.add("no_tab", "rec_gt.txt:9")
    >>> tally["no_tab"], tally["bom"], tally.lines()
    (2, 0, ['no_tab: 2 (rec_gt.txt:3, rec_gt.txt:9)'])
    """

    __slots__ = ("_counts", "_places")

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}
        self._places: dict[str, list[str]] = {}

    def add(self, reason: str, place: str = "", count: int = 1) -> None:
        """Count a reason; `place` is "file:line", a sample or nothing."""
        self._counts[reason] = self._counts.get(reason, 0) + count
        if place:
            places = self._places.setdefault(reason, [])
            if len(places) < KEPT_PLACES:
                places.append(place)

    def merge(self, other: "Tally") -> None:
        """Add what another tally counted; its places come after those already here."""
        for reason, count in other._counts.items():
            self.add(reason, count=count)
            for place in other._places.get(reason, ()):
                self.add(reason, place, count=0)

    def __getitem__(self, reason: str) -> int:
        return self._counts.get(reason, 0)

    def __bool__(self) -> bool:
        return any(self._counts.values())

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Tally):
            return NotImplemented
        return self.as_dict() == other.as_dict() and self._places == other._places

    __hash__ = None  # type: ignore[assignment]  # it grows

    def __repr__(self) -> str:
        return f"Tally({self.as_dict()})"

    def as_dict(self) -> dict[str, int]:
        """Give the counts by reason, most frequent first, for a manifest."""
        ranked = sorted(self._counts.items(), key=lambda item: (-item[1], item[0]))
        return {reason: count for reason, count in ranked if count}

    def places(self, reason: str) -> tuple[str, ...]:
        """Give the first places of a reason, `KEPT_PLACES` at most."""
        return tuple(self._places.get(reason, ()))

    def lines(self, words: Mapping[str, str] | None = None) -> list[str]:
        """Write one line for each reason, most frequent first.

        `words` tells what the reasons mean; a reason that it lacks is written as it is.
        """
        lines = []
        for reason, count in self.as_dict().items():
            # Keys of strangers' JSON may hold a line feed, and write a line of their own.
            places = ", ".join(map(shown_line, self.places(reason)))
            more = ", ..." if places and count > len(self.places(reason)) else ""
            name = (words or {}).get(reason, reason)
            lines.append(f"{name}: {count:,}" + (f" ({places}{more})" if places else ""))
        return lines
