"""The verdict as JUnit XML, for the machines that show test results: a case for each criterion."""

import re
from xml.etree import ElementTree as ET

from train.judging.gate_text import headline
from train.judging.verdict import Verdict

SUITE = "train gate"

# Characters that XML 1.0 cannot hold, whatever they are escaped to.
_BARRED = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(verdict: Verdict) -> str:
    """Write the verdict.

    A failed criterion is a `failure`. One that cannot be told is `skipped`, with its reason, for
    it says nothing against the candidate; that the gate has not passed is told by the suite's
    property `outcome` and by the exit code. One that was not judged is skipped too.
    """
    cases = verdict.criteria
    suite = ET.Element(
        "testsuite",
        name=SUITE,
        tests=str(len(cases)),
        failures=str(sum(one.status == "failed" for one in cases)),
        errors="0",
        skipped=str(sum(one.status in ("cannot_tell", "not_judged") for one in cases)),
    )
    properties = ET.SubElement(suite, "properties")
    for name, value in (
        ("outcome", verdict.outcome),
        ("headline", headline(verdict)),
        ("base", verdict.base),
        ("candidate", verdict.candidate),
        *(("note", note) for note in verdict.notes),
    ):
        ET.SubElement(properties, "property", name=name, value=_text(value))
    for one in cases:
        case = ET.SubElement(suite, "testcase", classname="gate", name=one.key)
        told = _text(f"{one.title}: {one.told}")
        if one.status == "failed":
            ET.SubElement(case, "failure", message=told, type="failed").text = told
        elif one.status != "passed":
            words = "cannot tell" if one.status == "cannot_tell" else "not judged"
            ET.SubElement(case, "skipped", message=f"{words}: {told}")
        else:
            ET.SubElement(case, "system-out").text = told
    whole = ET.Element("testsuites")
    whole.append(suite)
    ET.indent(whole)
    body = ET.tostring(whole, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{body}\n'


def _text(text: str) -> str:
    return _BARRED.sub("\ufffd", text)
