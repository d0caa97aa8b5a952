"""Counts by reason, with the first places of each, and what became of what was counted."""

from collections.abc import Mapping

from textlines.defects import EFFECT_WORDS, EFFECTS, Defect, Defects, Effect
from textlines.terminal import shown_line
from textlines.wording import Sentence, arranged, joined

KEPT_PLACES = 5
"""How many places are kept of each reason."""


class Tally:
    """What a reader met: how often, by reason, and where first.

    A value that grows; one for each reader or worker, merged in a set order afterwards.

    Attributes:
        encoding: what the first line that is not UTF-8 looks like, of those that look like
            something; "" without one.

    >>> tally = Tally()
    >>> from textlines.defects.of_lines import NO_TAB
    >>> tally.add(NO_TAB, "rec_gt.txt:3")
    >>> tally.add(NO_TAB, "rec_gt.txt:9")
    >>> tally["no_tab"], tally["bom"], tally.lines()
    (2, 0, ['no_tab: 2 (rec_gt.txt:3, rec_gt.txt:9)'])
    """

    __slots__ = ("_counts", "_effects", "_places", "encoding")

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}
        self._effects: dict[str, Effect] = {}
        self._places: dict[str, list[str]] = {}
        self.encoding = ""

    def add(
        self,
        reason: Defect | str,
        place: str = "",
        count: int = 1,
        effect: Effect | None = None,
        encoding: str = "",
    ) -> None:
        """Count a defect, with its effect, or another reason.

        Args:
            place: "file:line", a sample or nothing.
            encoding: as the attribute, of what is counted now.
            effect: of a reason that is no defect: one for all its counts; None is what was said of
                it before or will be, and `left_out` where nothing is.

        Raises:
            ValueError: another effect was said of the reason.
        """
        if isinstance(reason, Defect):
            effect, reason = reason.effect, reason.code
        if effect is not None and self._effects.setdefault(reason, effect) != effect:
            raise ValueError(f"{reason!r} is counted as {self._effects[reason]}, not as {effect}")
        self._counts[reason] = self._counts.get(reason, 0) + count
        self.encoding = self.encoding or encoding
        if place:
            places = self._places.setdefault(reason, [])
            if len(places) < KEPT_PLACES:
                places.append(place)

    def merge(self, other: "Tally") -> None:
        """Add what another tally counted; its places come after those already here."""
        self.encoding = self.encoding or other.encoding
        for reason, count in other._counts.items():
            self.add(reason, count=count, effect=other._effects.get(reason))
            for place in other._places.get(reason, ()):
                self.add(reason, place, count=0)

    def __getitem__(self, reason: str) -> int:
        return self._counts.get(reason, 0)

    def __bool__(self) -> bool:
        return any(self._counts.values())

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Tally):
            return NotImplemented
        mine, its = (
            {reason: (count, one.effect(reason)) for reason, count in one.as_dict().items()}
            for one in (self, other)
        )
        return mine == its and self._places == other._places

    __hash__ = None  # type: ignore[assignment]  # it grows

    def __repr__(self) -> str:
        return f"Tally({self.as_dict()})"

    def as_dict(self) -> dict[str, int]:
        """Return the counts by reason, most frequent first, for a manifest."""
        ranked = sorted(self._counts.items(), key=lambda item: (-item[1], item[0]))
        return {reason: count for reason, count in ranked if count}

    def effect(self, reason: str) -> Effect:
        """Return what became of what was counted for a reason."""
        return self._effects.get(reason, "left_out")

    def part(self, effect: Effect) -> "Tally":
        """Return a new tally of the reasons with one effect, with their counts and places.

        >>> tally = Tally()
        >>> tally.add("cut", "a.txt:1", effect="changed")
        >>> tally.add("control", "a.txt:2")
        >>> tally.part("changed").lines(), tally.part("left_out").as_dict()
        (['cut: 1 (a.txt:1)'], {'control': 1})
        """
        return self.renamed({one: one for one in self._counts if self.effect(one) == effect})

    def renamed(self, names: Mapping[str, str]) -> "Tally":
        """Return a new tally of the reasons in `names`, under the names given there."""
        found = Tally()
        for reason, name in names.items():
            if reason in self._counts:
                found.add(name, count=self._counts[reason], effect=self._effects.get(reason))
                for place in self.places(reason):
                    found.add(name, place, count=0)
        return found

    def by_effect(self) -> dict[str, int]:
        """Return the counts by effect and reason, for a record: `changed: cut`."""
        return {
            f"{EFFECT_WORDS[effect]}: {reason}": count
            for effect in EFFECTS
            for reason, count in self.part(effect).as_dict().items()
        }

    def places(self, reason: str) -> tuple[str, ...]:
        """Return the first places of a reason, `KEPT_PLACES` at most."""
        return tuple(self._places.get(reason, ()))

    def lines(self, defects: Defects | None = None) -> list[Sentence]:
        """Write one line for each reason, most frequent first.

        A reason that the table lacks is written as it is.
        """
        lines = []
        for reason, count in self.as_dict().items():
            # Keys of strangers' JSON may hold a line feed, and write a line of their own.
            shown = [
                one if isinstance(one, Sentence) else shown_line(one) for one in self.places(reason)
            ]
            if shown and count > len(shown):
                shown.append("...")
            layout = "{name}: {count:,} ({places})" if shown else "{name}: {count:,}"
            defect = (defects or {}).get(reason)
            name, places = defect.sentence if defect else reason, joined(", ", shown)
            lines.append(arranged(layout, name=name, count=count, places=places))
        return lines
