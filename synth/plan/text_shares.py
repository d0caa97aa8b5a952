"""Which blocks of a run a text may stand in, so that the repeat cap holds over all of them.

Blocks are planned apart and know nothing of each other: that they do not let a text through too
often together is decided by the text itself. The cap is divided by the blocks; what is left over
goes to as many of them, evenly spread from the text's place on, which is a hash of it. So the
shares of a text in all blocks add up to the cap, for every text.

In a run of thousands of blocks, a text that is drawn freely would be another block's nearly every
time. The last digits of a text enter its place as a number, which can be solved for: a text with
digits is steered to the block by writing others there.
"""

from collections.abc import Iterable
from hashlib import blake2b
from string import digits as DIGITS

from synth.draws import Draws
from synth.plan.plan_blocks import PlanBlock

_FACTOR = 1_000_000_007
"""Numbers are multiplied with it, so that round ones (prices, dates) are spread over all blocks. A
prime: it can be divided by again, whatever number of digits there is."""

_ROOM = 8
"""Numbers for each block that the digits which enter a place make room for, at least."""

_SOLUTIONS = 8
"""Numbers that are tried for one that leaves what a text is to hold."""

_HIDDEN = "\0"


class TextShare:
    """How often each text may stand in one block.

    Args:
        block: of the run. cap: how often a text may stand in the whole of it, 1 and more.
        seed: of the run.
        pairs: characters that are exchanged in texts. What differs in these alone has one place, so
            that both lines of a round stand in one block.

    >>> shares = [TextShare(PlanBlock(k, 5, 0, 1), cap=3, seed=1) for k in range(5)]
    >>> [share.of("Total 12.30") for share in shares], sum(share.of("값") for share in shares)
    ([1, 0, 1, 1, 0], 3)
    """

    def __init__(
        self, block: PlanBlock, cap: int, seed: int, pairs: Iterable[tuple[str, str]] = ()
    ) -> None:
        self._number, self._blocks = block.number, block.count
        self._each, self._more = divmod(cap, block.count)
        self._key = blake2b(f"{seed}/place".encode(), digest_size=16).digest()
        self._folded = _folded(pairs)
        self._digits = "".join(digit for digit in DIGITS if ord(digit) not in self._folded)
        self._values = {digit: value for value, digit in enumerate(self._digits)}
        self._most_digits = 0
        if len(self._digits) > 1:
            while len(self._digits) ** self._most_digits < _ROOM * block.count:
                self._most_digits += 1

    @property
    def tries(self) -> int:
        """Return how many texts are to be drawn, about, for one that may stand in the block."""
        return 1 if self._each else -(-self._blocks // self._more)

    def of(self, text: str) -> int:
        """Return how often the text may stand in the block."""
        if not self._more:
            return self._each
        ahead = (self._number - self._place(text)) % self._blocks
        turn = -(-ahead * self._more // self._blocks)
        return self._each + (turn < self._more and turn * self._blocks // self._more == ahead)

    def steered(self, text: str, draws: Draws, held: str = "") -> str | None:
        """Write other digits into a text, so that it may stand in the block.

        Args:
            held: what the text is to hold, where some of its digits allow that.

        Returns:
            The text, of the same length; None where its digits are too few. Whether it is still a
            text of its source is not asked.
        """
        at = self._places_of(text) if self._more else []
        if not at:
            return None
        span, start = len(self._digits) ** len(at), self._hash(text, at)
        other: str | None = None
        for _ in range(_SOLUTIONS):
            ahead = draws.whole(0, self._more) * self._blocks // self._more
            wanted = (self._number - ahead - start) % self._blocks
            low = -(-wanted * span // self._blocks)
            high = -(-(wanted + 1) * span // self._blocks)
            if low < high:
                number = draws.whole(low, high) * pow(_FACTOR, -1, span) % span
                other = self._written(text, at, number)
                if held in other:
                    break
        return other

    def _written(self, text: str, at: list[int], number: int) -> str:
        written = list(text)
        for place in at:
            number, value = divmod(number, len(self._digits))
            written[place] = self._digits[value]
        return "".join(written)

    def _place(self, text: str) -> int:
        """Return where a text stands among the blocks."""
        at = self._places_of(text)
        span, number = 1, 0
        for place in at:
            number += self._values[text[place]] * span
            span *= len(self._digits)
        spread = number * _FACTOR % span * self._blocks // span
        return (self._hash(text, at) + spread) % self._blocks

    def _places_of(self, text: str) -> list[int]:
        """Return where the digits stand that enter a place as a number, the last one first."""
        values, at = self._values, list[int]()
        if self._most_digits:
            for place in range(len(text) - 1, -1, -1):
                if text[place] in values:
                    at.append(place)
                    if len(at) == self._most_digits:
                        break
        return at

    def _hash(self, text: str, at: list[int]) -> int:
        folded = text.translate(self._folded) if self._folded else text
        if at:
            left = list(folded)
            for place in at:
                left[place] = _HIDDEN
            folded = "".join(left)
        return int.from_bytes(
            blake2b(folded.encode(), digest_size=8, key=self._key).digest(), "little"
        )


def _folded(pairs: Iterable[tuple[str, str]]) -> dict[int, int]:
    """Return one character for all that are exchanged for each other, by code point."""
    first: dict[str, str] = {}

    def root(char: str) -> str:
        while first.setdefault(char, char) != char:
            char = first[char]
        return char

    for one, other in pairs:
        if len(one) == len(other) == 1:
            ends = sorted((root(one), root(other)))
            first[ends[1]] = ends[0]
    return {ord(char): ord(root(char)) for char in list(first)}
