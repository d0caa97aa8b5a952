from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textlines.formats.profile import ErrorProfile
from textlines.profile.jamo import common_syllables, parts, with_part
from textlines.profile.measure import measure
from textlines.profile.parts import part_rows, unseen_syllables, weakest_part
from textlines.profile.reading import Reading

CH = "차처초추츠치최찬참청책천"
"""Syllables of ㅊ, each seen a few times."""


def mined(pairs: list[tuple[str, str]]) -> ErrorProfile:
    return measure((Reading(f"{n}.jpg", a, b) for n, (a, b) in enumerate(pairs)), None).profile


def alike() -> ErrorProfile:
    """Misread ㅊ as ㅈ in one place of three, whichever syllable it stands in."""
    pairs = [("나라마바사아", "나라마바사아")] * 40
    for at, char in enumerate(CH):
        pairs += [
            (char, with_part(char, "initial", "ㅈ") if k % 3 == at % 3 else char) for k in range(6)
        ]
    return mined([*pairs, ("척", "척"), ("척", "척")])


def one_alone() -> ErrorProfile:
    """Misread one syllable of ㅡ half of the time, and no other."""
    pairs = [("증", "중")] * 10 + [("증", "증")] * 10
    for char in "그드르므브스으즈크트프흐금는들름":
        pairs += [(char, char)] * 15
    return mined([*pairs, ("늑", "늑")])


def test_a_part_has_its_denominators_over_all_syllables() -> None:
    row = next(row for row in alike().parts if (row.place, row.part) == ("initial", "ㅊ"))
    assert (row.seen, row.misread) == (6 * len(CH) + 2, 2 * len(CH))
    assert (row.syllables, row.misread_in) == (len(CH) + 1, len(CH))
    assert row.confusions == {"ㅈ": 2 * len(CH)}
    assert row.is_weak
    assert alike().parts[0] == row
    assert row.interval[0] < row.recall < row.interval[1]


def test_a_final_of_two_consonants_is_one_letter() -> None:
    profile = mined([("값", "갑")] * 9 + [("없", "업")] * 4 + [("않", "안")] * 4 + [("가", "각")])
    found = {(row.place, row.part): dict(row.confusions) for row in profile.parts if row.misread}
    assert found == {
        ("final", "ㅄ"): {"ㅂ": 13},
        ("final", "ㄶ"): {"ㄴ": 4},
        ("final", ""): {"ㄱ": 1},
    }


def test_places_where_no_syllable_was_read_blame_no_part() -> None:
    profile = mined([("차", "X")] * 5 + [("차", "")] * 5 + [("차", "자"), ("차", "차")])
    row = next(row for row in profile.parts if row.part == "ㅊ")
    assert (row.seen, row.misread) == (2, 1)


def test_a_syllable_seen_twice_inherits_what_its_parts_show() -> None:
    profile = alike()
    row = next(row for row in profile.ranked if row.char == "척")
    assert (row.support, row.right) == (2, 2)
    assert row.interval[1] == 1.0
    assert row.pooled is not None
    assert 0.5 < row.pooled[0] < 2 / 3 < row.pooled[1] < 0.9
    assert row.proof == "parts"
    assert row.gain == pytest.approx(2 * (1 - row.pooled[1]), abs=1e-4)


def test_a_fault_of_one_syllable_lends_nothing_to_those_that_share_its_parts() -> None:
    profile = one_alone()
    rows = {row.char: row for row in profile.ranked}
    assert rows["증"].proof == "own"
    assert rows["늑"].pooled is None
    assert (rows["늑"].gain, rows["늑"].proof) == (0, "")
    medial = next(row for row in profile.parts if row.part == "ㅡ")
    assert medial.misread == 10
    # In lines like these it is surely misread, and of other syllables that tells nothing.
    assert 0 < 1 - medial.interval[1] < 1 - medial.recall
    assert medial.across[1] > 0.99
    assert not medial.is_weak
    alone, shared = (
        next(row for row in found.parts if row.misread).alike for found in (profile, alike())
    )
    assert alone < 5 < shared


def test_syllables_never_seen_share_what_those_seen_once_promise() -> None:
    pairs = [(char, with_part(char, "initial", "ㅈ")) for char in CH]
    profile = mined([*pairs * 3, ("나", "나"), ("라", "라"), *[("마", "마")] * 4])
    found = unseen_syllables(profile.ranked, profile.parts, common_syllables())
    group = next(one for one in found if one.part.part == "ㅊ")
    seen = {row.char for row in profile.ranked}
    assert set(group.syllables) == {
        char
        for char in common_syllables()
        if parts(char)[0] == "ㅊ" and char not in seen  # type: ignore[index]
    }
    use = 2 / (2350 - len(seen))
    assert group.gain == pytest.approx(
        len(group.syllables) * use * (1 - group.part.across[1]), rel=1e-6
    )


def test_without_a_weak_part_no_unseen_syllable_is_a_target() -> None:
    profile = one_alone()
    assert unseen_syllables(profile.ranked, profile.parts, common_syllables()) == ()
    assert weakest_part("증", profile.parts) is None


def test_other_scripts_have_no_parts() -> None:
    profile = mined([("0O 値", "OO 直")] * 9)
    assert profile.parts == ()
    assert {row.pooled for row in profile.ranked} == {None}


syllables = st.sampled_from("값갑가각차자참잠증중의외")


@given(st.lists(st.tuples(syllables, syllables), min_size=1, max_size=60))
def test_counts_of_parts_are_those_of_the_syllables(pairs: list[tuple[str, str]]) -> None:
    profile = mined(pairs)
    labels = Counter(label for label, _ in pairs)
    for place in ("initial", "medial", "final"):
        rows = [row for row in profile.parts if row.place == place]
        assert sum(row.seen for row in rows) == sum(labels.values())
        assert sum(row.syllables for row in rows) == len(labels)
    for part in profile.parts:
        assert sum(part.confusions.values()) == part.misread <= part.seen
        assert 0 <= part.interval[0] <= part.recall <= part.interval[1] <= 1
        assert part.across[0] <= part.interval[0] + 1e-6
        assert part.across[1] >= part.interval[1] - 1e-6
    for row in profile.ranked:
        assert row.gain == pytest.approx(row.support * (1 - row.upper), abs=1e-4)
        assert row.upper <= row.interval[1]
    assert part_rows(profile.ranked) == profile.parts
