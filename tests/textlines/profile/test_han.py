"""Han characters that look alike: grouped, pooled, and planned for."""

import pytest

from synth.plan.part_lines import may_be_planned, minimal_partners, part_pairs
from synth.plan.profile_targets import plan_profile
from textlines.formats.profile import load_profile, save_profile
from textlines.labels.alphabet import Alphabet
from textlines.profile.han import common_han, may_be_read, standard_of
from textlines.profile.measure import measure
from textlines.profile.part_words import part_name, part_read_as
from textlines.profile.parts import unseen_syllables
from textlines.profile.reading import Reading

GROUPS = (("己", "已", "巳"), ("未", "末"), ("土", "士"), ("人", "入"))


class Listed:
    """Groups that are named and not measured, and what was asked of them."""

    record = "no face"

    def __init__(self, groups=GROUPS):
        self._groups, self.asked = groups, []

    def groups(self, wanted, others):
        self.asked.append((tuple(wanted), tuple(others)))
        return tuple(group for group in self._groups if set(group) & set(wanted))


def mined(pairs, glyphs, alphabet=None):
    readings = (Reading(f"{n}.jpg", a, b) for n, (a, b) in enumerate(pairs))
    return measure(readings, alphabet, glyphs=glyphs).profile


PLAIN = [("中文字", "中文字")] * 60
ALIKE = [
    *[("己", "已")] * 6,
    *[("己", "己")] * 12,
    *[("已", "己")] * 5,
    *[("已", "已")] * 11,
    *[("未", "末")] * 7,
    *[("未", "未")] * 14,
    *[("末", "未")] * 2,
    *[("末", "末")] * 5,
    *[("土", "土")] * 3,
]


def test_a_group_has_its_denominators_over_all_members():
    profile = mined(PLAIN + ALIKE, Listed())
    rows = {row.part: row for row in profile.parts}
    assert set(rows) == {"己已巳", "未末"}  # no member of the others was misread as another
    row = rows["己已巳"]
    assert (row.place, row.seen, row.misread, row.syllables, row.misread_in) == (
        "glyph",
        34,
        11,
        2,
        2,
    )
    assert row.confusions == {"已": 6, "己": 5}
    assert row.is_weak and row.across[1] > row.interval[1]
    assert part_name(row) == "alike 己已巳→已"
    assert part_read_as(row) == "已 ×6  己 ×5, in 2 of 2 characters"
    assert profile.versions["han glyphs"] == "no face"


def test_what_is_read_as_no_member_blames_no_group():
    profile = mined([*PLAIN, *[("己", "中")] * 5, ("己", "x"), ("己", "")], Listed())
    assert not profile.parts


def test_a_member_seen_twice_inherits_what_its_group_shows():
    pairs = PLAIN + ALIKE + [("巳", "巳")] * 2
    row = {row.char: row for row in mined(pairs, Listed()).ranked}["巳"]
    assert (row.support, row.right, row.proof) == (2, 2, "parts")
    assert row.pooled is not None and row.pooled[1] < 0.95 < row.interval[1]
    alone = {row.char: row for row in mined(pairs, None).ranked}["巳"]
    assert alone.pooled is None and not alone.proof and alone.gain < row.gain


def test_a_fault_of_one_member_lends_next_to_nothing():
    # In every group one member alone is misread, and much.
    pairs = [*PLAIN, *[("巳", "巳")] * 12]
    for bad, good in (("己", "已"), ("未", "末"), ("土", "士"), ("人", "入")):
        pairs += [(bad, good)] * 14 + [(bad, bad)] * 6 + [(good, good)] * 20
    profile = mined(pairs, Listed())
    rows = {row.char: row for row in profile.ranked}
    assert all(row.alike < 3 for row in profile.parts)
    assert not rows["巳"].proof or rows["巳"].proof == "own"
    for bad in "己未土人":
        assert rows[bad].proof == "own"


def test_without_a_misread_han_no_glyph_is_measured():
    glyphs = Listed()
    profile = mined([("값 1", "갑 1"), ("中", "中"), ("中", "x")], glyphs)
    assert not glyphs.asked and "han glyphs" not in profile.versions


def test_members_never_seen_become_targets_with_their_partners(tmp_path):
    profile = mined(PLAIN + ALIKE + [("木", "木")], Listed())
    save_profile(profile, tmp_path / "profile.json")
    profile = load_profile(tmp_path / "profile.json")
    plan = plan_profile(
        profile, 300, 0.2, 0.5, lambda char: None, may_be_planned(profile.alphabet.known())
    )
    assert "巳" in plan.unseen and "巳" in plan.wanted()
    partners = {pair.other for pair in plan.pairs if pair.one == "巳"}
    assert partners <= {"己", "已"} and partners
    (unseen,) = unseen_syllables(profile.ranked, profile.parts, common_han())
    assert unseen.syllables == ("巳",)
    pairs = dict(part_pairs(profile, None))
    assert pairs["巳"] == "已" and pairs["未"] == "末" and "中" not in pairs


def test_partners_are_the_other_members_by_how_often_one_is_read_as_them():
    (row,) = [row for row in mined(PLAIN + ALIKE, Listed()).parts if len(row.part) == 3]
    assert minimal_partners("巳", row) == {"已": 6, "己": 5}
    assert minimal_partners("已", row) == {"己": 5, "巳": 1}


def test_only_what_the_model_may_read_is_grouped():
    glyphs = Listed()
    mined(PLAIN + ALIKE, glyphs, Alphabet((*"中文字己已未末土", "가")))
    ((wanted, others),) = glyphs.asked
    assert set(wanted) == set("己已未末") and set(others) == set("中文字己已未末土")


def test_what_may_be_read_is_of_the_standard_of_the_texts():
    assert may_be_read("們國", None) == tuple(sorted({*common_han("big5")}))
    assert set("們國") <= set(may_be_read("们国們國", common_han()))
    assert standard_of("") == "gb2312"
    every = [*common_han(), *common_han("big5"), *common_han("shift_jis")]
    assert set(may_be_read("国家", every)) == set(common_han())
    assert may_be_read("未a", ("a", "未", "末")) == ("未", "末")


@pytest.mark.parametrize("encoding", ["gb2312", "big5", "shift_jis", "euc_kr"])
def test_standards_hold_thousands(encoding):
    assert 4_600 < len(common_han(encoding)) < 13_100
