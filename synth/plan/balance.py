"""The counts of characters (grapheme clusters) that a plan steers towards."""

from collections import Counter
from collections.abc import Mapping, Sequence

from textlines.labels.canonical import clusters


class CharacterBalance:
    """Scores texts by how much they bring the planned characters towards a target.

    The target is q(c) = (1 - s) * t(c) + s * h(c), with t(c) proportional to p(c) ** alpha: the
    natural shares p, tempered (alpha 1 leaves them, 0 evens them out), and h: the shares of the
    hard characters. Of several carriers the one with the highest mean of q(c) / planned(c) is
    taken, which is the steepest way down for the divergence KL(q, planned).

    Args:
        natural: counts of characters in natural text.
        hard: how many lines are planned for each hard character.
        alpha: 0..1.
        hard_share: s, 0..1.
    """

    def __init__(
        self,
        natural: Mapping[str, int],
        hard: Mapping[str, int],
        alpha: float,
        hard_share: float,
    ) -> None:
        total = sum(natural.values()) or 1
        # Rounded, as the last digits of pow differ between C libraries.
        tempered = {
            char: round((count / total) ** alpha, 12) for char, count in sorted(natural.items())
        }
        tempered_total = sum(tempered.values()) or 1.0
        hard_total = sum(hard.values()) or 1
        share = hard_share if hard else 0.0
        self.target: dict[str, float] = {
            char: (1 - share) * tempered.get(char, 0.0) / tempered_total
            + share * hard.get(char, 0) / hard_total
            for char in sorted({*natural, *hard})
        }
        self.planned: Counter[str] = Counter()
        self._total = 0

    def add(self, text: str) -> None:
        """Count the characters of a planned line."""
        parts = clusters(text)
        self.planned.update(parts)
        self._total += len(parts)

    def score(self, text: str) -> float:
        """Give the mean of target / planned over the text's characters."""
        planned, target = self.planned, self.target
        # One virtual line of the target itself, so that a run's first lines count for little.
        total = self._total + 100.0
        gain = 0.0
        parts = clusters(text)
        for char in parts:
            wanted = target.get(char, 0.0)
            gain += wanted * total / (planned[char] + 100.0 * wanted + 1e-9) if wanted else 0.0
        return gain / len(parts)

    def best(self, texts: Sequence[str]) -> int:
        """Give the position of the text that scores highest; the first among equals."""
        if len(texts) == 1:
            return 0
        scores = [self.score(text) for text in texts]
        return scores.index(max(scores))
