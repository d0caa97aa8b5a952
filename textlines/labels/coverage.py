"""How many of the labels at hand a dictionary can write: that of another model writes few."""

from collections import Counter
from collections.abc import Iterable, Mapping, Set

from textlines.errors import InputError
from textlines.labels.alphabet import Alphabet
from textlines.wording import UNSAID, Sentence, say, say_n

FEW_LABELS = 0.2
"""Share of the labels that a dictionary of theirs can write at the least."""

FEW_LETTERS = 0.5
"""Share of their letters that it holds. Labels of one language and currency signs that a dictionary
lacks may be written by none, and it is theirs all the same."""

MEND = "Name the dictionary of the model that these lines are for."


def refuse_other_labels(where: str, alphabet: Alphabet, labels: Iterable[str]) -> None:
    """Refuse a dictionary that can write few of the labels it is used with.

    Args:
        where: the dictionary's file. labels: canonical ones; repeats count.

    Raises:
        InputError: as `foreign` says.
    """
    told = foreign(alphabet, labels)
    if told:
        raise InputError(where, told, MEND)


def foreign(alphabet: Alphabet, labels: Iterable[str]) -> Sentence:
    """Write that a dictionary can write few of some labels; "" where it can write enough.

    >>> foreign(Alphabet(("a", "b")), ["값 1", "원 2"])
    "can write 0 of the 2 labels at hand: of their 2 letters it lacks 2: '값', '원'"
    >>> foreign(Alphabet(("값", "원")), ["값 1", "원 2"])
    ''
    """
    counted = Counter(labels)
    written = sum(count for label, count in counted.items() if alphabet.holds(label))
    lacking, held = Counter[str](), set[str]()
    for label, count in counted.items():
        for char in set(label):
            if alphabet.holds(char):
                held.add(char)
            else:
                lacking[char] += count
    return few(written, counted.total(), held, lacking)


def few(written: int, labels: int, held: Set[str], lacking: Mapping[str, int]) -> Sentence:
    """Write that few labels can be written; "" where they are enough.

    Few are less than a fifth of the labels, where less than half of their letters are held (of
    their characters without spaces, where they have no letter).

    Args:
        written: labels that the dictionary can write. labels: all of them.
        held, lacking: the characters of all labels; lacking ones with how often they stand there.
    """
    letters = {char for char in (*held, *lacking) if char.isalpha()}
    asked = letters or {char for char in (*held, *lacking) if not char.isspace()}
    lacked = sorted(asked & lacking.keys(), key=lambda char: (-lacking[char], char))
    if written >= FEW_LABELS * labels or len(lacked) <= (1 - FEW_LETTERS) * len(asked):
        return UNSAID
    shown = ", ".join(map(repr, lacked[:5])) + (", ..." if len(lacked) > 5 else "")
    return say(
        "can write {written:,} of {labels} at hand: of their {asked:,} {what} it lacks "
        "{lacked:,}: {shown}",
        written=written,
        labels=say_n("the one label", "the {n:,} labels", labels),
        asked=len(asked),
        what=say("letters") if letters else say("characters"),
        lacked=len(lacked),
        shown=shown,
    )
