"""A rule is told only where its gain is proven on lines that it was not found on."""

from pathlib import Path

import pytest

from tests.train.judging import made_up
from textlines.errors import InputError
from textlines.formats.profile import ErrorProfile
from textlines.formats.reading_rules import RULE_KINDS, load_rules, ruled
from textlines.profile.measure import measure
from textlines.profile.reading import Reading
from textlines.wording import speaking
from train.judging.mine_tables import rules_section
from train.judging.mine_text import rule_lines
from train.judging.rule_gains import save_profile_rules, search_rules


@pytest.mark.parametrize(
    "make",
    [made_up.code, made_up.plate, made_up.full_width, made_up.capitals, made_up.numbered],
    ids=lambda one: one.__name__,
)
def test_figures_add_up_and_hold_on_other_lines(make: made_up.Make) -> None:
    search = search_rules(made_up.readings(make))
    assert search is not None and search.found
    first, last = search.found[0], search.found[-1]
    assert (first.before, last.after) == (search.before, search.after)
    for one, following in zip(search.found, search.found[1:], strict=False):
        assert one.after == following.before
    for one in search.found:
        assert one.gain == pytest.approx((one.mended - one.broken) / one.lines, abs=1e-5)
        assert one.p < 0.05 and one.interval is not None and one.interval[0] > 0
        assert one.changed >= one.mended + one.broken
    others = made_up.readings(make, lines=400, seed=3)
    after = sum(ruled(search.rules(), one.prediction) == one.label for one in others) / 400
    assert search.interval is not None
    low, high = (search.before + bound for bound in search.interval)
    assert low - 0.08 <= after <= high + 0.08


def test_noise_gives_no_rule() -> None:
    told = [search_rules(made_up.readings(made_up.noise, lines=80, seed=k)) for k in range(40)]
    assert sum(bool(one and one.found) for one in told) <= 2


def test_what_holds_in_one_text_only_is_not_told() -> None:
    """100 crops of one label are one case: they stand in one half, and count once."""
    odd = [Reading(f"o{n}.png", "A1", "AI") for n in range(100)]
    plain = [Reading(f"{n}.png", f"B{n % 10}", f"B{n % 10}") for n in range(60)]
    search = search_rules(odd + plain)
    assert search is not None and not search.found and search.documents == 11


def test_a_document_is_one_case_as_well() -> None:
    lines = made_up.readings(made_up.capitals, lines=100)
    documents = ["all" if one.label != one.prediction else f"{n}" for n, one in enumerate(lines)]
    search = search_rules(lines, documents)
    assert search is not None and not search.found


def test_lines_that_a_rule_breaks_are_counted_and_shown_first() -> None:
    lines = made_up.readings(made_up.meter, lines=160)
    lines += [Reading(f"whole{n}.png", f"{n + 1000}", f"{n + 1000}") for n in range(9)]
    search = search_rules(lines)
    assert search is not None
    (one,) = search.found
    assert one.broken == 9 and one.mended > 40
    assert one.examples[0].is_broken and not one.examples[-1].is_broken
    assert one.examples[0].made == one.examples[0].read[:2] + "." + one.examples[0].read[2:]
    (first, together) = rule_lines(search)
    assert f"Mends {one.mended}, breaks 9 of 169 lines" in first
    assert "on lines that they were not found on" in together


def test_what_was_tried_and_is_not_proven_is_counted() -> None:
    lines = made_up.readings(made_up.noise, lines=60)
    lines += [Reading(f"{n}.png", f"{n}: a", f"{n}： a") for n in range(4)]
    search = search_rules(lines)
    assert search is not None
    assert len(search.unproven) + len(search.found) == search.tried
    if search.unproven:
        assert f"{len(search.unproven)} more tried" in rule_lines(search)[-1]


def test_too_few_lines_are_not_searched() -> None:
    assert search_rules(made_up.readings(made_up.capitals, lines=39)) is None
    assert search_rules([Reading(f"{n}", "A", "a") for n in range(100)]) is None


def test_the_page_shows_rules_in_two_languages_with_examples() -> None:
    found = search_rules(made_up.readings(made_up.plate))
    section = rules_section(found)
    assert section is not None
    assert "stands at place 5 from the end" in section.body and "뒤에서" not in section.body
    with speaking("ko"):
        korean = rules_section(found)
    assert korean is not None
    assert "뒤에서 5번째" in korean.body and "stands" not in korean.body
    assert "crops/" in section.body and "mends" in section.body
    assert rules_section(None) is None and rule_lines(None) == []


def test_rules_go_through_the_profile_into_a_file(tmp_path: Path) -> None:
    lines = made_up.readings(made_up.numbered) + made_up.readings(made_up.numbered, seed=5)
    profile = measure(lines, None).profile
    with pytest.raises(InputError, match="--rules-out: 240 lines of few texts"):
        save_profile_rules(profile, tmp_path / "r.toml")
    held = profile.model_copy(update={"rules": search_rules(lines)})
    again = ErrorProfile.model_validate_json(held.model_dump_json())
    assert again == held
    assert (
        save_profile_rules(again, tmp_path / "r.toml")
        == len(load_rules(tmp_path / "r.toml").rules)
        > 0
    )
    kinds = [RULE_KINDS.index(rule.kind) for rule in load_rules(tmp_path / "r.toml").rules]
    assert kinds == sorted(kinds)
