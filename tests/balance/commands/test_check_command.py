import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from balance.cli import main


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    returncode: int
    stdout: str
    stderr: str


Balance = Callable[..., Done]


@pytest.fixture
def balance(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Balance:
    """Return the command, run in this process; its cache lies in the test's folder."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

    def run(*arguments: object) -> Done:
        monkeypatch.setattr(sys, "argv", ["balance", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            main()
        out = capsys.readouterr()
        return Done(int(end.value.code or 0), out.out, out.err)

    return run


def test_the_command_runs_on_its_own(kit: Any) -> None:
    bad = kit.text("bad.txt", "gone.png\tx\n")
    done = subprocess.run(
        [sys.executable, "-m", "balance", "check", str(bad), "--no-cache"],
        capture_output=True, text=True, encoding="utf-8", check=False,
        env={**os.environ, "XDG_CACHE_HOME": str(kit.folder / "cache")},
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (1, "")
    assert f"  {bad}:1: 'x': gone.png is not there" in done.stdout
    assert not (kit.folder / "cache").exists()


def test_exit_code_is_0_without_an_error_and_1_with_one(kit: Any, balance: Balance) -> None:
    good = kit.lines("good.txt", {"a.png": "12.50", "b.png": "TOTAL"})
    done = balance("check", good)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1].startswith("0 errors, ")
    assert balance("check", good, "--strict").returncode == 1
    bad = kit.text("bad.txt", "gone.png\tx\n")
    done = balance("check", bad)
    assert done.returncode == 1
    assert f"  {bad}:1: 'x': gone.png is not there" in done.stdout


def test_a_second_run_knows_the_images(kit: Any, balance: Balance) -> None:
    file = kit.lines("good.txt", {"a.png": "12.50", "b.png": "TOTAL"})
    for known in (0, 2):
        done = balance("check", file)
        assert f"2 images ({known} known from before)" in done.stdout
    assert "(0 known" in balance("check", file, "--no-cache").stdout


@pytest.mark.parametrize(
    "there, missing, told",
    [
        (0, 3, "3 lines in 1 file, no image looked at: none of the 3 is there"),
        (0, 1, "1 line in 1 file, no image looked at: the one is not there"),
        (2, 1, "3 lines in 1 file, 2 images (0 known from before), 1 more not there, "),
        (1, 0, "1 line in 1 file, 1 image (0 known from before), 0 pairs compared"),
        (0, 0, "0 lines in 1 file, no image to look at"),
    ],
)
def test_only_images_that_are_there_count_as_looked_at(
    there: int, missing: int, told: str, kit: Any, balance: Balance
) -> None:
    if there:
        kit.lines("there.txt", {f"{n}.png": f"12.5{n}" for n in range(there)})
    rows = [f"{n}.png\t12.5{n}\n" for n in range(there + missing)]
    file, html = kit.text("set.txt", "".join(rows)), kit.folder / "c.html"
    done = balance("check", file, "--no-cache", "--html", html)
    line = next(one for one in done.stdout.splitlines() if one.endswith("compared") or told == one)
    assert line.startswith(told)
    figures = json.loads(balance("check", file, "--no-cache", "--json").stdout)
    assert (figures["images"], figures["images_missing"]) == (there, missing)
    page = html.read_text(encoding="utf-8")
    assert ("more are not there" in page) is bool(missing)


def test_json_page_and_fix_come_together(kit: Any, balance: Balance) -> None:
    file = kit.lines("good.txt", {"a.png": " 12.50 ", "b.png": "T" * 30})
    out, html = kit.folder / "fixed.txt", kit.folder / "sub" / "check.html"
    done = balance("check", file, "--json", "--fix", out, "--html", html)
    assert done.returncode == 1
    content = json.loads(done.stdout)
    assert content["fixed"] == {str(out): {"mended": 1, "too_long": 1}}
    assert out.read_text() == "a.png\t12.50\n"
    assert html.read_text(encoding="utf-8").startswith("<!doctype html>")


def test_a_mended_set_is_written_once_and_over_nothing_else(kit: Any, balance: Balance) -> None:
    file = kit.text("a.txt", "a.png\t x\nb.png\ty\n")
    out = kit.folder / "fixed.txt"
    call = ("check", file, "--text-only", "--fix", out)
    first, again = balance(*call), balance(*call)  # as after a kill behind the writing
    assert (again.returncode, again.stdout) == (first.returncode, first.stdout)
    whole = out.read_text()
    assert whole == "a.png\tx\nb.png\ty\n"
    for other in (whole + "c.png\tz\n", whole[:-1], whole.replace("x", "X"), "", "notes"):
        out.write_text(other)
        refused = balance(*call)
        assert refused.returncode == 2
        assert f"--fix: {out} is there already and would be lost. Name a new file" in refused.stderr
        assert out.read_text() == other


def test_several_files_are_mended_into_a_folder(kit: Any, balance: Balance) -> None:
    one, two = kit.text("one.txt", "a.png\t x\n"), kit.text("two.txt", "b.png\ty\n")
    done = balance("check", one, "--val", two, "--text-only", "--fix", kit.folder / "new")
    assert (kit.folder / "new/one.txt").read_text() == "a.png\tx\n"
    assert (kit.folder / "new/two.txt").read_text() == "b.png\ty\n"
    assert "one.txt: 1 line written, 1 of them mended" in done.stdout


def test_usage_errors_end_with_2(kit: Any, balance: Balance) -> None:
    file = kit.text("a.txt", "a.png\tx\n")
    for arguments, words in (
        (("check",), "names no label file"),
        (("check", file, file), "is named twice"),
        (("check", file, "--fix", file), "--fix, FILES: name the same file"),
        (("check", file, "--group", "(", "--val", file), "is no regular expression"),
        (("check", file, "--group", "x"), "compares with a validation set"),
    ):
        done = balance(*arguments)
        assert done.returncode == 2, arguments
        assert words in done.stderr and "Traceback" not in done.stderr
    assert balance("check", kit.folder / "no.txt").returncode == 1


def test_nrtr_lowers_the_limit(kit: Any, balance: Balance) -> None:
    file = kit.text("a.txt", f"a.png\t{'x' * 24}\n")
    assert balance("check", file, "--text-only").returncode == 0
    assert "at most 23" in balance("check", file, "--text-only", "--nrtr").stdout


def test_import_writes_a_set_that_check_finds_sound(kit: Any, balance: Balance) -> None:
    kit.save("page.png", kit.drawn("12.50 TOTAL"))
    wide = 24 * len("12.50 TOTAL") + 16
    marks = [{"transcription": "12.50 TOTAL", "points": [[0, 0], [wide, 0], [wide, 40], [0, 40]]}]
    source = kit.text("det.txt", f"page.png\t{json.dumps(marks)}\n")
    done = balance("import", "ppocr-det", source, "--out", kit.folder / "lines")
    assert (done.returncode, done.stderr) == (0, "")
    assert "rec_gt.txt: 1 line of 1 page" in done.stdout
    assert balance("check", kit.folder / "lines/rec_gt.txt", "--no-cache").returncode == 0
    again = balance("import", "ppocr-det", source, "--out", kit.folder / "lines")
    assert again.returncode == 0 and "all from before: nothing to do" in again.stdout
    assert balance("import", "nonsense", source, "--out", "x").returncode == 2


def test_sarif_comes_together_with_json_page_and_fix(
    kit: Any, balance: Balance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(kit.folder)
    kit.lines("data/labels.txt", {"a.png": " 12.50 ", "b.png": "T" * 30})
    done = balance(
        "check", "data/labels.txt", "--images", ".", "--json", "--fix", "out.txt",
        "--html", "check.html", "--sarif", "sub/check.sarif",
    )  # fmt: skip
    assert done.returncode == 1
    content = json.loads(done.stdout)
    log = json.loads(Path("sub/check.sarif").read_text(encoding="utf-8"))
    (run,) = log["runs"]
    assert run["invocations"][0]["exitCode"] == 1
    assert len(run["results"]) == len(content["findings"])
    assert [(one["ruleId"], one["level"]) for one in run["results"]] == [
        (one["code"], one["severity"]) for one in content["findings"]
    ]
    places = {
        one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for one in run["results"]
    }
    assert places == {"data/labels.txt"}
    assert Path("out.txt").read_text() == "a.png\t12.50\n"
    assert Path("check.html").exists()


def test_sarif_ends_as_the_command_does(kit: Any, balance: Balance) -> None:
    good = kit.lines("good.txt", {"a.png": "12.50", "b.png": "TOTAL"})
    out = kit.folder / "check.sarif"
    for strict, code in (((), 0), (("--strict",), 1)):
        done = balance("check", good, "--sarif", out, *strict)  # the second takes the first's place
        assert (done.returncode, done.stderr) == (code, "")
        assert done.stdout.splitlines()[-1] == f"sarif: {out}"
        (run,) = json.loads(out.read_text(encoding="utf-8"))["runs"]
        assert run["invocations"][0]["exitCode"] == code


def test_sarif_is_written_over_no_file_of_another_kind(kit: Any, balance: Balance) -> None:
    good = kit.lines("good.txt", {"a.png": "12.50"})
    notes = kit.text("notes.json", '{"version": 1}')
    done = balance("check", good, "--sarif", notes)
    assert done.returncode == 2
    assert f"--sarif: {notes} is there, is not a SARIF log as this command writes it" in done.stderr
    assert notes.read_text() == '{"version": 1}'
    done = balance("check", good, "--sarif", good)
    assert (done.returncode, good.read_text()) == (2, "a.png\t12.50\n")
