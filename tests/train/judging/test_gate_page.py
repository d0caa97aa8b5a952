"""The verdict as text, as JUnit XML and as a page."""

from xml.etree import ElementTree as ET

import pytest

from train.judging.gate_page import verdict_page
from train.judging.gate_text import (
    SHOWN_FLIPS,
    advice,
    headline,
    junit,
    print_verdict,
    reasons,
    shown_flips,
    todos,
)
from train.judging.verdict import (
    ChangeRow,
    Criterion,
    FlippedLine,
    GateVerdict,
    KindRow,
    Outcome,
    SeenRow,
    SetRow,
    Status,
    VetoRow,
)

FIGURES = ChangeRow(
    lines=98,
    base=0.684,
    candidate=0.816,
    change=0.132,
    interval=(0.06, 0.21),
    flips=0.2,
    mended=16,
    broken=3,
)


def flip(number: int, kind: str) -> FlippedLine:
    return FlippedLine(
        set="t.txt",
        path=f"{number}.png",
        kind=kind,  # type: ignore[arg-type]
        truth="<b>1 0</b>",
        base="",
        candidate="1",
    )


def verdict(outcome: Outcome = "passed", status: Status = "passed", **more: object) -> GateVerdict:
    rows = [
        SetRow(
            name="t.txt",
            role="target",
            comparison="exact",
            figures=FIGURES,
            p=0.004,
            holm=None,
            drawn="lines",
            left_out=2,
        )
    ]
    fields: dict[str, object] = {
        "outcome": outcome,
        "base": "base/",
        "candidate": "candidate\x07/",
        "criteria": (
            Criterion(
                key="target_gain",
                title="The target got better",
                status=status,
                told="because <of> this",
                value=0.132,
                interval=(0.06, 0.21),
            ),
            Criterion(key="spaces", title="Spaces", status="not_judged", told="none"),
        ),
        "target": FIGURES,
        "sets": tuple(rows),
        "smallest_gain": 0.09,
        "smallest_gain_flips": 0.02,
        "delta_points": 1.0,
        "seed": 1,
    }
    return GateVerdict.model_validate(fields | more)


def test_the_verdict_is_read_back_from_its_json() -> None:
    one = verdict(flipped=(flip(1, "mended"),))
    assert GateVerdict.model_validate_json(one.to_json()) == one


@pytest.mark.parametrize("outcome, code", [("passed", 0), ("failed", 1), ("cannot_tell", 3)])
def test_the_exit_code_is_that_of_the_outcome(outcome: Outcome, code: int) -> None:
    assert verdict(outcome).exit_code == code


@pytest.mark.parametrize(
    "more, expected",
    [
        ({}, "PASSED"),
        ({"synthetic": ("t.txt holds rendered lines",)}, "PASSED · synthetic: t.txt holds"),
        ({"seen": (SeenRow(set="t.txt", steps=(), images=1, of=9),)}, "(--allow-seen)"),
        ({"outcome": "cannot_tell", "is_refused": True}, "CANNOT TELL (refused)"),
    ],
)
def test_the_first_line_says_what_the_verdict_is_worth(
    more: dict[str, object], expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    one = verdict(**more)  # type: ignore[arg-type]
    assert expected in headline(one)
    print_verdict(one)
    assert capsys.readouterr().out.splitlines()[0] == headline(one)


@pytest.mark.parametrize(
    "outcome, status, words",
    [
        (
            "passed",
            "passed",
            "It may replace the base: the target reads better, and a loss of more ",
        ),
        (
            "failed",
            "failed",
            "Do not release it. Worse than the base, or not shown not to be: ",
        ),
        ("cannot_tell", "cannot_tell", "Do not release it yet: the lines cannot tell. Open: the "),
    ],
)
def test_a_release_manager_is_told_what_to_do(
    outcome: Outcome, status: Status, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    one = verdict(outcome, status)
    assert advice(one).startswith(words)
    assert advice(one) in verdict_page(one, {})
    print_verdict(one)
    assert advice(one) in capsys.readouterr().out


def general_flip(number: int, truth: str, *, strictly: bool = False) -> FlippedLine:
    return flip(number, "broken").model_copy(
        update={"set": "g.txt", "truth": truth, "strictly": strictly}
    )


def test_what_was_forgotten_is_shown_by_script_and_length() -> None:
    general = SetRow(
        name="g.txt",
        role="general",
        comparison="alnum",
        figures=FIGURES,
        p=0.1,
        holm=0.2,
        drawn="lines",
        left_out=0,
    )
    book = "the boat lay still upon the water until the morning"
    kinds = (
        KindRow(script="Latin", length="40 and more", lines=40, mended=0, broken=9),
        KindRow(script="Hangul", length="1 to 9", lines=30, mended=2, broken=1),
        KindRow(script="Han", length="1 to 9", lines=30, mended=2, broken=0),
    )
    flipped = (
        general_flip(1, book, strictly=True),
        general_flip(2, "값 5"),
        flip(3, "broken"),
    )
    sets = (*verdict().sets, general)
    one = verdict("failed", "failed", sets=sets, kinds=kinds, flipped=flipped)
    html = verdict_page(one, {("g.txt", "1.png"): "data:image/jpeg;base64,AAAA"})
    section = html[html.index('id="forgotten"') : html.index('id="broken"')]
    first, second = section.index("Latin, 40 and more characters"), section.index("Hangul, 1 to 9")
    assert first < second and "Han, 1 to 9" not in section
    assert "9 of 40 broken, 0 mended; 1 are shown" in section
    assert "1 of 30 broken, 2 mended" in section
    assert section.count("by its strictest comparison alone") == 1
    assert "data:image/jpeg;base64,AAAA" in section and "3.png" not in section
    told = (
        "Do not release it. Of 100 lines it now misreads 10 that the base reads right, and mends 4"
    )
    assert told in advice(one)
    assert "What was forgotten (10)" in html and "Broken lines (1)" in html


@pytest.mark.parametrize(
    "keys, expected",
    [
        (
            ("general_change",),
            "Of 400 lines it now misreads 7 that the base reads right, and mends 2",
        ),
        (("general_change", "strictest"), "misreads 7 that the base reads right, and mends 2"),
        (("strictest",), "Of 400 lines it now misreads 9 that the base reads right, and mends 5"),
        (("long_lines", "strictest"), "misreads 9 that the base reads right, and mends 5"),
    ],
)
def test_the_advice_counts_as_the_criterion_that_decides(
    keys: tuple[str, ...], expected: str
) -> None:
    criteria = tuple(Criterion(key=key, title=key, status="failed", told="because") for key in keys)
    general = FIGURES.model_copy(update={"lines": 400, "mended": 2, "broken": 7})
    kinds = (KindRow(script="Latin", length="1 to 9", lines=400, mended=5, broken=9),)
    one = verdict("failed", criteria=criteria, general=general, kinds=kinds)
    assert expected in advice(one)


def test_vetoes_stand_beside_the_sets(capsys: pytest.CaptureFixture[str]) -> None:
    row = VetoRow(
        kind="long_lines", name="long lines", comparison="exact", figures=FIGURES, p=0.1, holm=0.3
    )
    one = verdict(vetoes=(row,))
    print_verdict(one)
    told = capsys.readouterr().out
    assert "long lines  veto    exact" in told
    assert "veto, exact, drawn by lines" in verdict_page(one, {})


def test_reasons_are_the_criteria_that_decided() -> None:
    assert reasons(verdict("failed", "failed")) == (
        "The target got better: FAILED. because <of> this",
    )


@pytest.mark.parametrize(
    "status, failures, skipped, child",
    [
        ("passed", "0", "1", "system-out"),
        ("failed", "1", "1", "failure"),
        ("cannot_tell", "0", "2", "skipped"),
        ("not_judged", "0", "2", "skipped"),
    ],
)
def test_each_criterion_is_a_test_case(
    status: Status, failures: str, skipped: str, child: str
) -> None:
    suite = ET.fromstring(junit(verdict("failed", status))).find("testsuite")
    assert suite is not None
    assert (suite.get("tests"), suite.get("failures"), suite.get("skipped")) == (
        "2",
        failures,
        skipped,
    )
    case = suite.find("testcase[@name='target_gain']")
    assert case is not None
    assert [part.tag for part in case] == [child]
    words = case[0].get("message") or case[0].text or ""
    assert "because <of> this" in words
    values = {one.get("name"): one.get("value") for one in suite.iter("property")}
    assert values["candidate"] == "candidate\ufffd/"
    assert values["outcome"] == "failed"


def test_the_page_is_whole_and_escapes_what_it_shows() -> None:
    one = verdict(flipped=(flip(1, "mended"), flip(2, "broken")))
    html = verdict_page(one, {("t.txt", "1.png"): "data:image/jpeg;base64,AAAA"})
    assert html.startswith("<!doctype html>")
    for part in (
        '<span class="verdict passed">PASSED</span>',
        "because &lt;of&gt; this",
        "&lt;b&gt;1␣0&lt;/b&gt;",
        "data:image/jpeg;base64,AAAA",
        "the crop cannot be shown",
        "(nothing)",
        "Smallest provable gain",
        "+13.20",
        "Broken lines (1)",
    ):
        assert part in html, part
    assert "http://" not in html and "https://" not in html


def test_a_refused_verdict_has_a_page_too() -> None:
    one = verdict("cannot_tell", "cannot_tell", is_refused=True, sets=(), target=None)
    assert "CANNOT TELL (refused)" in verdict_page(one, {})


def test_many_flips_are_thinned_and_the_page_says_so() -> None:
    one = verdict(flipped=tuple(flip(k, "broken") for k in range(2 * SHOWN_FLIPS + 1)))
    assert len({line.path for line in shown_flips(one)}) == SHOWN_FLIPS
    assert f"{SHOWN_FLIPS} of them are shown" in verdict_page(one, {})


def test_the_same_advice_is_given_once(capsys: pytest.CaptureFixture[str]) -> None:
    failed = [
        Criterion(key=key, title=key, status="failed", told="t", todo="Add lines.")
        for key in ("general_sets", "long_lines")
    ]
    one = verdict("failed", criteria=tuple(failed))
    assert todos(failed) == ("Add lines.", "")
    print_verdict(one)
    assert capsys.readouterr().out.count("What to do: Add lines.") == 1
    assert verdict_page(one, {}).count("What to do: Add lines.") == 1
