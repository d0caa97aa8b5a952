import pytest

from balance.checks.codes import CODES, OF_READER
from balance.checks.findings import Finding, Findings
from textlines.labels.label_file import REASONS
from textlines.rules.line_rules import SEVERITIES


def test_every_reason_of_the_reader_has_a_code() -> None:
    # `missing_image` is counted only where a reader is given the data folder; here it is not.
    for reason in REASONS.keys() - {"missing_image"}:
        assert OF_READER.get(reason, reason) in CODES, reason


def test_codes_of_the_rules_keep_their_severity() -> None:
    for code, severity in SEVERITIES.items():
        assert CODES[code].severity == severity, code


def test_every_code_says_what_to_do() -> None:
    for name, code in CODES.items():
        assert code.words and code.mend.endswith((".", "`")), name
        assert not code.drops or code.severity == "error", name


def test_findings_count_all_and_keep_the_first() -> None:
    findings = Findings(kept=2)
    for line in range(1, 6):
        findings.add(Finding("no_tab", "a.txt", line))
    findings.add(Finding("bom", "a.txt", 1))
    assert findings.counts() == {"bom": 1, "no_tab": 5}
    assert [one.line for one in findings.listed("no_tab")] == [1, 2]
    assert list(findings.dropped("a.txt")) == [1, 2, 3, 4, 5]
    assert (findings.total("error"), findings.total("warning")) == (5, 1)
    assert findings.is_bad()


def test_a_warning_is_bad_only_if_strict() -> None:
    findings = Findings()
    findings.add(Finding("bom", "a.txt", 1))
    assert not findings.is_bad() and findings.is_bad(strict=True)


def test_a_code_that_is_not_in_the_table_is_refused() -> None:
    with pytest.raises(KeyError, match="nonsense"):
        Findings().add(Finding("nonsense", "a.txt"))
