import pytest

from balance.checks.findings import Finding, Findings
from textlines.defects import of_lines
from textlines.defects.defect import kept
from textlines.defects.of_checks import CHECK, OF_READER
from textlines.wording import say


def test_every_reason_of_the_reader_has_a_code() -> None:
    # `missing_image` is counted only where a reader is given the data folder; here it is not.
    for code, defect in of_lines.LABEL_FILE.items():
        if code != "missing_image":
            found = OF_READER.get(code, defect)
            assert CHECK[found.code] == found, code


def test_defects_of_the_rules_are_the_same_in_a_check() -> None:
    for code, defect in of_lines.LABEL.items():
        assert CHECK[code] is defect


def test_every_code_says_what_to_do() -> None:
    for code, defect in CHECK.items():
        assert defect.what and defect.mend.endswith((".", "`")), code


def test_findings_count_all_and_keep_the_first() -> None:
    findings = Findings(kept=2)
    for line in range(1, 6):
        findings.add(Finding(of_lines.NO_TAB, "a.txt", line))
    findings.add(Finding(of_lines.BOM, "a.txt", 1))
    assert findings.counts() == {"bom": 1, "no_tab": 5}
    assert [one.line for one in findings.listed("no_tab")] == [1, 2]
    assert list(findings.dropped("a.txt")) == [1, 2, 3, 4, 5]
    assert (findings.total("error"), findings.total("warning")) == (5, 1)
    assert findings.is_bad()


def test_a_warning_is_bad_only_if_strict() -> None:
    findings = Findings()
    findings.add(Finding(of_lines.BOM, "a.txt", 1))
    assert not findings.is_bad() and findings.is_bad(strict=True)


def test_a_code_that_is_not_in_the_table_is_refused() -> None:
    with pytest.raises(KeyError, match="nonsense"):
        Findings().add(Finding(kept("nonsense", say("nonsense")), "a.txt"))
