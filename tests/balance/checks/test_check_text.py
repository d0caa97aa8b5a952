"""The findings as SARIF: what the schema of 2.1.0 demands, and what code scanning asks on top."""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

from balance.checks import check_text
from balance.checks.check_text import MOST_RESULTS, SARIF_ROOT, sarif_json, sarif_log
from balance.checks.checking import CheckOutcome
from balance.checks.findings import KEPT
from balance.checks.near import NearSearch
from textlines.defects.of_checks import CHECK

# Of each object that we write: what it must hold, and what else it may (the schema forbids the
# rest). A value that is an object or a list of objects is of the kind named behind it.
KINDS: Mapping[str, tuple[set[str], dict[str, str]]] = {
    "log": ({"version", "runs"}, {"$schema": "", "version": "", "runs": "run"}),
    "run": (
        {"tool"},
        {
            "tool": "tool", "results": "result", "invocations": "invocation", "columnKind": "",
            "originalUriBaseIds": "*artifactLocation",
        },
    ),
    "tool": ({"driver"}, {"driver": "toolComponent"}),
    "toolComponent": (
        {"name"},
        {
            "name": "", "version": "", "semanticVersion": "", "rules": "descriptor",
            "notifications": "descriptor",
        },
    ),
    "descriptor": (
        {"id"},
        {
            "id": "", "name": "", "shortDescription": "text", "fullDescription": "text",
            "help": "text", "defaultConfiguration": "configuration", "properties": "",
        },
    ),
    "text": ({"text"}, {"text": "", "markdown": ""}),
    "configuration": (set(), {"level": ""}),
    "result": (
        {"message"},
        {
            "message": "text", "ruleId": "", "ruleIndex": "", "level": "",
            "locations": "location", "relatedLocations": "location", "partialFingerprints": "",
        },
    ),
    "location": (set(), {"id": "", "physicalLocation": "physical", "message": "text"}),
    "physical": (
        {"artifactLocation"}, {"artifactLocation": "artifactLocation", "region": "region"}
    ),
    "artifactLocation": (set(), {"uri": "", "uriBaseId": "", "description": "text"}),
    "region": ({"startLine"}, {"startLine": ""}),
    "invocation": (
        {"executionSuccessful"},
        {
            "executionSuccessful": "", "exitCode": "",
            "toolExecutionNotifications": "notification",
        },
    ),
    "notification": (
        {"message"},
        {"message": "text", "level": "", "descriptor": "reference", "associatedRule": "reference"},
    ),
    "reference": ({"id"}, {"id": "", "index": ""}),
}  # fmt: skip

LEVELS = {"error", "warning", "note"}


def assert_of_kind(value: Any, kind: str, where: str = "log") -> None:
    """Check an object and all in it by `KINDS`."""
    must, may = KINDS[kind]
    assert isinstance(value, dict), where
    assert must <= value.keys() <= may.keys(), (where, value.keys())
    for name, part in value.items():
        inner, place = may[name], f"{where}.{name}"
        if inner.startswith("*"):
            for key, one in part.items():
                assert_of_kind(one, inner[1:], f"{place}.{key}")
        elif inner:
            for number, one in enumerate(part if isinstance(part, list) else [part]):
                assert_of_kind(one, inner, f"{place}[{number}]")
        if name in ("text", "id", "name", "ruleId", "uri", "markdown"):
            assert part != "", place


def assert_valid(log: dict[str, Any]) -> None:
    """Check what the schema and code scanning demand of a log."""
    assert_of_kind(log, "log")
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert len({rule["id"] for rule in rules}) == len(rules)
    for rule in rules:
        assert rule["defaultConfiguration"]["level"] in LEVELS
        assert len(rule["fullDescription"]["text"]) <= 1024
        assert rule["help"]["text"]
    notifications = run["tool"]["driver"]["notifications"]
    told = run["invocations"][0]["toolExecutionNotifications"]
    for one in told:
        assert notifications[one["descriptor"]["index"]]["id"] == one["descriptor"]["id"]
        if "associatedRule" in one:
            assert rules[one["associatedRule"]["index"]]["id"] == one["associatedRule"]["id"]
        assert one["level"] in LEVELS
    assert len(run["results"]) <= MOST_RESULTS
    for result in run["results"]:
        rule = rules[result["ruleIndex"]]
        assert rule["id"] == result["ruleId"]
        assert result["level"] == rule["defaultConfiguration"]["level"]
        (location,) = result["locations"]
        assert location["physicalLocation"]["region"]["startLine"] >= 1
        fingerprint = result["partialFingerprints"]["primaryLocationLineHash"]
        assert re.fullmatch(r"[0-9a-f]{16}:[1-9][0-9]*", fingerprint)
        places = [location, *result.get("relatedLocations", ())]
        for place in places:
            assert_uri(place["physicalLocation"]["artifactLocation"], run["originalUriBaseIds"])
    names = [tuple(one["partialFingerprints"].values()) for one in run["results"]]
    assert len(set(names)) == len(names)


def assert_uri(place: dict[str, str], bases: Mapping[str, Any]) -> None:
    parts = urlsplit(place["uri"])
    assert re.fullmatch(r"[\w.~!$&'()*+,;=:@%/-]+", place["uri"], re.ASCII), place
    assert ".." not in parts.path.split("/")
    if "uriBaseId" in place:
        assert place["uriBaseId"] in bases
        assert not parts.scheme and not parts.path.startswith("/")
    else:
        assert parts.scheme == "file" and parts.path.startswith("/")


def bad_sets(kit: Any) -> CheckOutcome:
    """Check sets with findings about lines, pairs of images, whole files and a dictionary."""
    kit.lines("데이터 1/a b.txt", {"a.png": "12.50", "b.png": "x" * 26, "c.png": "값 {0} [1](2)"})
    kit.save("데이터 1/a.png", kit.drawn("12.50"))
    kit.save("데이터 1/d.png", kit.drawn("12.50"))
    file = kit.folder / "데이터 1/a b.txt"
    more = "d.png\t12.51\ngone.png\t<b>\nno tab\n\nno tab\nc.png\t a\x00b\n"
    file.write_text(file.read_text() + more)
    val = kit.lines("val.txt", {"v.png": "1" * 40})
    dictionary = kit.text("dict.txt", "1\n2\n\n1\nx\n")
    return kit.check(file, val=[val], dictionary=dictionary)


def results(log: dict[str, Any], code: str) -> list[dict[str, Any]]:
    return [one for one in log["runs"][0]["results"] if one["ruleId"] == code]


def test_a_log_holds_what_the_schema_and_code_scanning_demand(kit: Any) -> None:
    checked = bad_sets(kit)
    log = json.loads(sarif_json(checked, root=kit.folder, exit_code=1))
    assert_valid(log)
    found = log["runs"][0]["results"]
    assert len(found) == sum(checked.findings.counts().values())
    assert {one["ruleId"] for one in found} >= {
        "no_tab", "blank_line", "binary", "too_long", "label_conflict", "image_missing",
        "char_scarce", "few_lines", "dictionary_duplicate", "outside_dictionary",
    }  # fmt: skip
    order = [("error", "warning", "note").index(one["level"]) for one in found]
    assert order == sorted(order)
    assert log["runs"][0]["invocations"] == [
        {"executionSuccessful": True, "exitCode": 1, "toolExecutionNotifications": []}
    ]


def test_every_code_is_a_rule_with_its_help(kit: Any) -> None:
    rules = sarif_log(bad_sets(kit), root=kit.folder, exit_code=0)["runs"][0]["tool"]["driver"]
    assert [rule["id"] for rule in rules["rules"]] == list(CHECK)
    mixed = next(rule for rule in rules["rules"] if rule["id"] == "dictionary_nfc")
    assert mixed["name"] == "DictionaryNfc"
    assert mixed["defaultConfiguration"] == {"level": "note"}
    assert mixed["properties"]["problem.severity"] == "recommendation"
    for rule in rules["rules"]:
        assert rule["help"]["markdown"] == CHECK[rule["id"]].mend
        assert rule["shortDescription"]["text"].casefold() == CHECK[rule["id"]].what.casefold()


def test_a_result_names_file_and_line_and_the_images_that_are_there(kit: Any) -> None:
    log = sarif_log(bad_sets(kit), root=kit.folder, exit_code=1)
    conflict = results(log, "label_conflict")[1]
    place = conflict["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uriBaseId"] == SARIF_ROOT
    assert unquote(place["artifactLocation"]["uri"]) == "데이터 1/a b.txt"
    assert place["region"] == {"startLine": 4}
    related = [
        (unquote(one["physicalLocation"]["artifactLocation"]["uri"]), one["message"]["text"])
        for one in conflict["relatedLocations"]
    ]
    assert related == [("데이터 1/d.png", "the image"), ("데이터 1/a.png", "the other image")]
    assert conflict["message"]["text"].startswith("same image, different labels: '12.51': with ")
    assert "relatedLocations" not in results(log, "image_missing")[0]
    whole = results(log, "few_lines")[0]["locations"][0]["physicalLocation"]
    assert whole["region"] == {"startLine": 1}
    written = results(log, "dictionary_duplicate")[0]["locations"][0]["physicalLocation"]
    assert (written["artifactLocation"]["uri"], written["region"]) == ("dict.txt", {"startLine": 4})


def test_files_outside_are_named_by_their_whole_address(kit: Any) -> None:
    log = sarif_log(bad_sets(kit), root=kit.folder / "데이터 1", exit_code=1)
    assert_valid(log)
    place = results(log, "few_lines")[0]["locations"][0]["physicalLocation"]["artifactLocation"]
    assert unquote(place["uri"]) == "a b.txt"
    place = results(log, "dictionary_blank")[0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": f"file://{kit.folder}/dict.txt"}


def test_messages_are_neither_placeholders_nor_links_nor_commands(kit: Any) -> None:
    file = kit.text("a.txt", "a.png\t값 {0} [1](2)\u202e\nb\u200b.png\t{x}\n")
    log = sarif_log(kit.check(file, look=False, max_length=3), root=kit.folder, exit_code=1)
    (found,) = results(log, "too_long")
    assert "'값 {{0}} \\[1\\](2)\\u202e'" in found["message"]["text"]
    assert "\u202e" not in json.dumps(log, ensure_ascii=False)
    assert_valid(log)


def test_a_file_whose_name_is_no_utf8_gives_a_log_that_is(kit: Any, tmp_path: Path) -> None:
    name = b"\xb0\xaa.txt".decode("utf-8", "surrogateescape")
    try:
        (tmp_path / name).write_text("no tab\n")
    except OSError:
        pytest.skip("this disk takes UTF-8 names only")
    log = sarif_json(kit.check(tmp_path / name, look=False), root=tmp_path, exit_code=1)
    (found,) = results(json.loads(log.encode()), "no_tab")
    place = found["locations"][0]["physicalLocation"]["artifactLocation"]
    assert place == {"uri": "%B0%AA.txt", "uriBaseId": SARIF_ROOT}


def fingerprints(checked: CheckOutcome, root: Path) -> dict[str, str]:
    """Return fingerprint by code and label or first words, of findings that stay."""
    log = sarif_log(checked, root=root, exit_code=1)
    return {
        one["partialFingerprints"]["primaryLocationLineHash"]: one["ruleId"]
        for one in log["runs"][0]["results"]
    }


def test_fingerprints_stay_while_lines_come_and_go_above(kit: Any) -> None:
    lines = ["a.png\t값1\n", "b.png\t값 2 \n", "b.png\t값3\n", "no tab\n", "also none\n", "a\t \n"]
    file = kit.text("a.txt", "".join(lines))
    options = {"look": False, "floor": 3}
    before = fingerprints(kit.check(file, **options), kit.folder)
    assert {"label_conflict", "no_tab", "trailing_space", "char_few"} <= {*before.values()}
    # Another line on top: every place moves, and `값` stands there four times and not three.
    file.write_text("z.png\t9값\n" + "".join(lines))
    after = fingerprints(kit.check(file, **options), kit.folder)
    gone = {name: code for name, code in before.items() if name not in after}
    came = {name: code for name, code in after.items() if name not in before}
    assert gone == {} and [*came.values()] == ["char_few"]  # of `9`
    # A mended line takes its own findings away, and none of another.
    file.write_text("".join(lines).replace("값 2 ", "값 2"))
    mended = fingerprints(kit.check(file, **options), kit.folder)
    lost = {code for name, code in before.items() if name not in mended}
    assert lost == {"trailing_space", "label_conflict"}


def test_fingerprints_do_not_hang_on_where_the_repository_lies(kit: Any, tmp_path: Path) -> None:
    names = []
    for place in ("one", "two/three"):
        file = kit.text(f"{place}/data/a.txt", "a.png\t값 1\nb.png\tx \n")
        kit.save(f"{place}/data/a.png", kit.drawn("1"))
        names.append(fingerprints(kit.check(file), kit.folder / place))
    assert names[0] == names[1]


def test_what_is_counted_and_not_listed_is_told_in_a_notification(kit: Any) -> None:
    file = kit.text("a.txt", "a.png\tx\n" + "\n" * (KEPT + 500))
    log = sarif_log(kit.check(file, look=False), root=kit.folder, exit_code=0)
    assert len(results(log, "blank_line")) == KEPT
    (told,) = log["runs"][0]["invocations"][0]["toolExecutionNotifications"]
    index = list(CHECK).index("blank_line")
    assert told == {
        "descriptor": {"id": "findings_not_listed", "index": 0},
        "associatedRule": {"id": "blank_line", "index": index},
        "level": "warning",
        "message": {
            "text": "blank_line: 1,500 findings, 1,000 of them listed here; the summary counts all"
        },
    }
    assert_valid(log)


def test_a_run_holds_no_more_results_than_code_scanning_takes(
    kit: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked = bad_sets(kit)
    monkeypatch.setattr(check_text, "MOST_RESULTS", 3)
    (run,) = sarif_log(checked, root=kit.folder, exit_code=1)["runs"]
    assert [one["level"] for one in run["results"]] == ["error"] * 3
    told = [one["message"]["text"] for one in run["invocations"][0]["toolExecutionNotifications"]]
    left = sum(
        int(of.replace(",", "")) - int(listed.replace(",", ""))
        for text in told
        for of, listed in [re.findall(r"([\d,]+) (?:findings?|of them)", text)]
    )
    assert left == sum(checked.findings.counts().values()) - 3


def test_pairs_that_were_not_compared_are_told(kit: Any) -> None:
    checked = replace(bad_sets(kit), near=NearSearch((), 500_000, 12_345))
    (run,) = sarif_log(checked, root=kit.folder, exit_code=1)["runs"]
    (told,) = run["invocations"][0]["toolExecutionNotifications"]
    assert told["message"]["text"] == ("12,345 pairs of images were not compared, for their number")
    assert told["descriptor"] == {"id": "pairs_not_compared", "index": 1}
