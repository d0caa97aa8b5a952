"""Labels and readings with one kind of fault each, that a rule can mend."""

import random
from collections.abc import Callable

from textlines.profile.reading import Reading

Make = Callable[[random.Random], tuple[str, str]]


def readings(make: Make, lines: int = 120, seed: int = 1) -> list[Reading]:
    """Return lines of a maker of (label, reading)."""
    draws = random.Random(seed)
    pairs = [make(draws) for _ in range(lines)]
    return [Reading(f"crops/{n:04}.png", *pair) for n, pair in enumerate(pairs)]


def misread(draws: random.Random, text: str, changes: dict[str, str], p: float = 0.5) -> str:
    """Return a text in which some characters are read as others."""
    return "".join(changes.get(c, c) if draws.random() < p else c for c in text)


def picked(draws: random.Random, chars: str, count: int) -> str:
    """Return a word of some characters."""
    return "".join(draws.choice(chars) for _ in range(count))


DIGITS = "0123456789"


def code(draws: random.Random) -> tuple[str, str]:
    """Two letters, five digits; digits read as letters and letters as digits."""
    head, tail = picked(draws, "ABCDEFHKOSZ", 2), picked(draws, DIGITS, 5)
    read = misread(draws, head, {"O": "0", "S": "5"}, 0.2)
    return head + tail, read + misread(draws, tail, {"0": "O", "1": "I", "8": "B"}, 0.3)


def two_shapes(draws: random.Random) -> tuple[str, str]:
    """Six characters: either two letters and four digits, or digits alone."""
    if draws.random() < 0.5:
        return code_of(draws, "ACEHK", 4)
    return code_of(draws, DIGITS, 4)


def code_of(draws: random.Random, heads: str, digits: int) -> tuple[str, str]:
    """Return a code whose last part is misread."""
    head, tail = picked(draws, heads, 2), picked(draws, DIGITS, digits)
    return head + tail, head + misread(draws, tail, {"0": "O", "1": "I"}, 0.4)


def amount(draws: random.Random) -> tuple[str, str]:
    """Digits alone, of any length, some read as letters."""
    text = picked(draws, DIGITS, draws.randint(3, 12))
    return text, misread(draws, text, {"0": "O", "5": "S"}, 0.3)


def plate(draws: random.Random) -> tuple[str, str]:
    """A Korean plate, whose space is lost or read as a point."""
    text = f"{picked(draws, DIGITS, draws.choice([2, 3]))}{draws.choice('가나다라마')} "
    text += picked(draws, DIGITS, 4)
    return text, text.replace(" ", draws.choice(["", "", ".", " "]))


def chinese_plate(draws: random.Random) -> tuple[str, str]:
    """A plate whose point after the second character is lost."""
    text = f"{draws.choice('苏皖沪')}{draws.choice('ABD')}·{picked(draws, 'ABC' + DIGITS, 5)}"
    return text, text.replace("·", draws.choice(["", "·", "-"]))


def meter(draws: random.Random) -> tuple[str, str]:
    """A reading with two decimals, whose point is lost."""
    text = f"{picked(draws, DIGITS, draws.choice([2, 3]))}.{picked(draws, DIGITS, 2)}"
    return text, text.replace(".", "") if draws.random() < 0.4 else text


def unwritten(draws: random.Random) -> tuple[str, str]:
    """A plate whose labels leave the point out that is read."""
    label, _ = chinese_plate(draws)
    return label.replace("·", ""), label


def full_width(draws: random.Random) -> tuple[str, str]:
    """A colon and brackets read in full width."""
    text = f"합계: {picked(draws, DIGITS, 4)} (원)"
    return text, misread(draws, text, {":": "：", "(": "（", " ": "\u3000"}, 0.4)


def half_width(draws: random.Random) -> tuple[str, str]:
    """Labels in full width, readings in half width."""
    label, read = full_width(draws)
    wide = str.maketrans({":": "：", "(": "（", " ": "\u3000"})
    return label.translate(wide), read.translate(wide) if draws.random() < 0.4 else read


def capitals(draws: random.Random) -> tuple[str, str]:
    """Labels in capitals, some of them read in small letters."""
    text = picked(draws, "ABDEGHNRT", 6)
    return text, text.lower() if draws.random() < 0.4 else text


def numbered(draws: random.Random) -> tuple[str, str]:
    """`No.` in front and `kWh` behind, lost in part or misread."""
    text = f"No.{picked(draws, DIGITS, draws.randint(2, 6))}kWh"
    read = draws.choice([text, text.replace("No.", ""), text.replace("No.", "o.")])
    return text, draws.choice([read, read.replace("kWh", "kwh"), read.replace("kWh", "kW")])


def noise(draws: random.Random) -> tuple[str, str]:
    """Words of which a tenth of the characters is read as any other."""
    letters = "abcdefghiklmnoprstuvwyzABCDEFGH0123456789 .,:-"
    text = picked(draws, letters, draws.randint(3, 14)).strip() or "a"
    changed = "".join(draws.choice(letters) if draws.random() < 0.1 else c for c in text)
    return text, changed
