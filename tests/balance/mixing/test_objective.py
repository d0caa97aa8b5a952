"""What a mix is moved toward where an error profile names what is misread."""

import numpy as np

from balance.mixing.objective import MOST_RAISE, UNPROVEN_SHARE, CharacterTarget, make_target
from textlines.formats.profile import ErrorProfile
from textlines.profile.jamo import with_part
from textlines.profile.measure import measure
from textlines.profile.reading import Reading

CH = "차처초추츠치최찬참청책천"


def mined(pairs: list[tuple[str, str]]) -> ErrorProfile:
    return measure((Reading(f"{n}.jpg", a, b) for n, (a, b) in enumerate(pairs)), None).profile


def target(chars: str, profile: ErrorProfile | None) -> CharacterTarget:
    expected = np.zeros(0x10000)
    expected[[ord(char) for char in chars]] = 10
    return make_target(expected, 1.0, profile)


def raised(chars: str, profile: ErrorProfile) -> dict[str, float]:
    """Return by how much each character is raised beside one that is not."""
    found = target(chars, profile)
    shares = dict(zip(map(chr, found.codes), found.shares, strict=True))
    least = min(shares.values())
    return {char: shares[char] / least for char in chars}


def test_the_hardest_character_is_raised_most_and_hard_ones_come_by_gain() -> None:
    profile = mined([("1", "7")] * 30 + [("1", "1")] * 30 + [("5", "S")] * 5 + [("5", "5")] * 40)
    found = raised("123456789", profile)
    assert abs(found["1"] - MOST_RAISE) < 1e-9
    assert 1 < found["5"] < found["1"]
    assert found["2"] == 1
    hard = target("123456789", profile)
    assert [chr(hard.codes[at]) for at in hard.hard] == ["1", "5"]


def test_what_is_surely_misread_is_raised_though_it_was_seen_seldom() -> None:
    profile = mined(
        [("증", "중")] * 8 + [("증", "증")] * 11 + [("0", "O")] * 9 + [("0", "0")] * 500
    )
    found = raised("증가나0", profile)
    assert found["증"] > 2


def test_what_may_be_well_read_takes_a_fifth_of_what_is_raised_at_most() -> None:
    doubtful = [(char, char) for char in "abcdefgh" for _ in range(4)]
    doubtful += [(char, "#") for char in "abcdefgh"]
    profile = mined([("1", "7")] * 2 + [("1", "1")] * 30 + doubtful)
    assert len([row for row in profile.unproven if row.gain > 0]) == 8
    chars = "1abcdefghz"
    plain, found = target(chars, None), target(chars, profile)
    least = float(found.shares.min())
    added = {chr(c): s / least - 1 for c, s in zip(found.codes, found.shares, strict=True)}
    part = sum(n for char, n in added.items() if char in "abcdefgh") / sum(added.values())
    assert 0 < part <= UNPROVEN_SHARE + 1e-9
    assert len(plain.shares) == len(found.shares)


def test_a_syllable_that_was_never_seen_is_raised_by_its_weak_part() -> None:
    pairs = [(char, with_part(char, "initial", "ㅈ")) for char in CH] * 3
    profile = mined([*pairs, *((char, char) for char in CH * 3), ("누", "누"), ("루", "루")])
    found = raised("차촌눈마", profile)
    assert found["차"] > found["촌"] > found["눈"] == found["마"] == 1
