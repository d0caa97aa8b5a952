import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice, product
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from tests.running import run_module
from textlines.formats.history import History, write_history
from train.cli import main
from train.seen import add_step

GENERAL = 400
"""Lines enough for sets in which nothing flips to rule out a point."""


class World:
    """A base that reads 1 and l for each other, and sets whose every image is another."""

    def __init__(self, tiny: Any, make_tiny: Callable[..., Path], folder: Path) -> None:
        self.tiny, self.make, self.folder = tiny, make_tiny, folder
        self.base = self.model(folder / "base", swapped="1l")
        self.candidate = self.model(folder / "candidate")
        self.target = self.set("judge", product("1l", "1.", "1l", "1a"))
        self.general = self.set("general", islice(product("ab값.", repeat=5), GENERAL))

    def model(self, folder: Path, *, swapped: str = "") -> Path:
        """Write a model that reads two characters for each other; "" reads all right."""
        turn = dict(zip(swapped, reversed(swapped), strict=True))
        entries = [turn.get(entry, entry) for entry in self.tiny.entries]
        return self.make(folder / "model.onnx", entries=entries)

    def set(self, name: str, texts: Iterable[tuple[str, ...]]) -> Path:
        """Write a set of lines."""
        rows = [(f"{n}.png", "".join(text), "".join(text)) for n, text in enumerate(texts)]
        file: Path = self.tiny.labels(self.folder / name, rows)
        return file

    def options(self, *more: str | Path, **changed: Path) -> list[str | Path]:
        """Return the options of a call, `more` behind the general set."""
        paths = {"base": self.base, "candidate": self.candidate, "target": self.target, **changed}
        named = [part for name, path in paths.items() for part in (f"--{name}", path)]
        return [*named, "--general", self.general, *more, "--workers", "1"]


@pytest.fixture(scope="module")
def world(
    tiny_at: Callable[[Path], Any],
    make_tiny: Callable[..., Path],
    tmp_path_factory: pytest.TempPathFactory,
) -> World:
    """Return a world that no test may change."""
    folder = tmp_path_factory.mktemp("world")
    return World(tiny_at(folder / "none"), make_tiny, folder)


@dataclass(frozen=True)
class Run:
    returncode: int
    stdout: str
    stderr: str


Gate = Callable[..., Run]


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Gate:
    """Return a function that runs the command in this process: a new one takes seconds."""

    def run(arguments: Sequence[str | Path]) -> Run:
        monkeypatch.setattr(sys, "argv", ["train", "gate", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            main()
        told = capsys.readouterr()
        assert isinstance(end.value.code, int)
        return Run(end.value.code, told.out, told.err)

    return run


def test_a_candidate_that_mends_the_target_passes_in_every_form(
    world: World, gate: Gate, tmp_path: Path
) -> None:
    html, out, xml = tmp_path / "v.html", tmp_path / "v.json", tmp_path / "v.xml"
    kept, markdown = tmp_path / "kept", tmp_path / "v.md"
    files = ("--html", html, "--json", out, "--junit", xml, "--summary", markdown, "--out", kept)
    done = gate(world.options(*files))
    assert done.returncode == 0, done.stderr + done.stdout
    assert done.stdout.splitlines()[0] == "PASSED"
    assert "no history: what was seen is not known" in done.stdout
    assert "smallest provable gain" in done.stdout
    verdict = json.loads(out.read_text(encoding="utf-8"))
    assert verdict["outcome"] == "passed"
    target = next(row for row in verdict["sets"] if row["role"] == "target")
    assert (target["name"], target["comparison"]) == ("judge/rec_gt.txt", "exact")
    assert target["figures"]["candidate"] == 1.0
    assert target["figures"]["broken"] == 0
    assert verdict["general"]["lines"] == GENERAL
    assert {line["kind"] for line in verdict["flipped"]} == {"mended"}
    suite = ET.fromstring(xml.read_text(encoding="utf-8")).find("testsuite")
    assert suite is not None and suite.get("failures") == "0"
    assert len(suite.findall("testcase")) == len(verdict["criteria"]) == 8
    told = markdown.read_text(encoding="utf-8").splitlines()
    assert told[0] == "## ✅ PASSED"
    assert (
        sum(line.startswith("| ") for line in told)
        == len(verdict["criteria"]) + len([*verdict["sets"], *verdict["vetoes"]]) + 4
    )  # the heads of both tables
    assert f"summary: {markdown}" in done.stdout
    page = html.read_text(encoding="utf-8")
    assert page.count("data:image/jpeg;base64,") == len(verdict["flipped"])
    assert len(list(kept.rglob("*.jsonl"))) == 8  # a file and a shard, two sets, two models
    again = gate(world.options("--json", out, "--out", kept))
    assert again.returncode == 0, again.stderr
    known = json.loads(out.read_text(encoding="utf-8"))
    assert {k: v for k, v in known.items() if k != "inputs"} == {
        k: v for k, v in verdict.items() if k != "inputs"
    }


def test_a_candidate_that_breaks_the_general_set_fails(
    world: World, gate: Gate, tmp_path: Path
) -> None:
    worse = world.model(tmp_path / "worse", swapped="ab")
    done = gate(world.options("--junit", tmp_path / "v.xml", candidate=worse))
    assert done.returncode == 1, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == "FAILED"
    for key in ("general sets together", "No general set got worse", "was read well fell"):
        assert any(line.startswith("FAILED") and key in line for line in lines[1:]), key
    suite = ET.fromstring((tmp_path / "v.xml").read_text(encoding="utf-8")).find("testsuite")
    assert suite is not None and int(suite.get("failures", "0")) >= 3


def test_the_same_model_elsewhere_changes_nothing(world: World, gate: Gate, tmp_path: Path) -> None:
    copy = shutil.copy(world.base, tmp_path / "model.onnx")
    done = gate(world.options(candidate=Path(copy)))
    assert done.returncode == 3
    assert done.stdout.startswith("CANNOT TELL")
    assert "base and candidate are the same files in two places" in done.stdout
    assert "no gain is seen that more lines could prove" in done.stdout


def test_several_sets_and_comparisons_and_groups(world: World, gate: Gate) -> None:
    more = world.set("more", islice(product(".a값", repeat=5), 120))
    done = gate(world.options(f"{more}:alnum", "--group", r"^(\d+)\.png"))
    assert done.returncode == 0, done.stderr + done.stdout
    # Fifty documents without a flip prove what fifty lines would, however many lines they have.
    done = gate(world.options(f"{more}:alnum", "--group", r"^(\d+)\d\.png"))
    assert done.returncode == 3, done.stderr + done.stdout
    told = next(line for line in done.stdout.splitlines() if "general sets together" in line)
    assert told.startswith("cannot tell") and "more lines like these would decide" in told
    assert "more/rec_gt.txt" in done.stdout
    assert "alnum" in done.stdout
    assert "judge/rec_gt.txt: 10 paths match no --group and stand alone" in done.stdout
    # "....." holds nothing that alnum compares; what `general` has too is judged there.
    assert "image that an earlier line or set has too, left out" in done.stdout
    assert "label of which the comparison leaves nothing, left out: 1" in done.stdout


def test_spaces_lost_under_a_comparison_that_ignores_them_fail(
    world: World, gate: Gate, tmp_path: Path
) -> None:
    spaced = world.set("spaced", islice(product("ab", " ", "ab1l", " ", "ab값.", "ab."), 96))
    blind = world.model(tmp_path / "blind", swapped="1 .l")
    page, out = tmp_path / "v.html", tmp_path / "v.json"
    done = gate(
        world.options(f"{spaced}:nospace", "--html", page, "--json", out, candidate=world.candidate)
    )
    assert done.returncode == 0, done.stdout
    assert "spaced/rec_gt.txt:nospace does not look at spaces" in done.stdout
    worse = gate(world.options(f"{spaced}:alnum", "--html", page, "--json", out, candidate=blind))
    assert worse.returncode == 1
    verdict = json.loads(out.read_text(encoding="utf-8"))
    status = {one["key"]: one["status"] for one in verdict["criteria"]}
    assert (status["strictest"], status["spaces"]) == ("failed", "failed")
    row = next(one for one in verdict["sets"] if one["name"].startswith("spaced"))
    assert row["figures"]["broken"] == 0, "alnum sees none of it"
    veto = verdict["vetoes"][0]
    assert (veto["kind"], veto["comparison"]) == ("strictest", "exact")
    assert veto["figures"]["broken"] > 20 and not veto["figures"]["mended"]
    lost = [line for line in verdict["flipped"] if line["set"].startswith("spaced")]
    assert lost and all(line["strictly"] and line["kind"] == "broken" for line in lost)
    html = page.read_text(encoding="utf-8")
    assert "What was forgotten (" in html and "by its strictest comparison alone" in html
    assert "What to do: " in html


def test_sets_that_an_earlier_step_saw_are_refused(
    world: World, gate: Gate, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    shutil.copy(world.target.parent / "3.png", elsewhere / "other-name.png")
    trained = elsewhere / "train.txt"
    trained.write_text("other-name.png\tx\n", encoding="utf-8")
    model = world.model(tmp_path / "candidate")
    write_history(add_step(History(), "train on", trained), model.parent)
    out = tmp_path / "v.json"
    done = gate(world.options("--json", out, candidate=model))
    assert done.returncode == 3
    assert done.stdout.startswith("CANNOT TELL (refused)")
    assert "judge/rec_gt.txt: 1 of 16 images were seen" in done.stdout
    assert json.loads(out.read_text(encoding="utf-8"))["is_refused"] is True
    allowed = gate(world.options("--allow-seen", candidate=model))
    assert allowed.returncode == 0, allowed.stderr + allowed.stdout
    assert "earlier steps saw (--allow-seen)" in allowed.stdout.splitlines()[0]
    assert "1 of 16 images were seen" in allowed.stdout


def test_what_the_base_saw_its_candidate_saw_too(world: World, gate: Gate, tmp_path: Path) -> None:
    base, model = world.model(tmp_path / "b", swapped="1l"), world.model(tmp_path / "c")
    write_history(add_step(History(), "stop on", world.general), base.parent)
    write_history(History(), model.parent)
    done = gate(world.options(base=base, candidate=model))
    assert done.returncode == 3
    assert f"by round 1: stop on {world.general} ({GENERAL}); this very file by: " in done.stdout


def test_unseen_lines_and_rendered_ones_are_told(world: World, gate: Gate, tmp_path: Path) -> None:
    model, target = world.model(tmp_path / "c"), tmp_path / "judge"
    write_history(History(), model.parent)
    shutil.copytree(world.target.parent, target)
    (target / "run.json").write_text('{"synthetic": true}')
    done = gate(
        world.options(*("--synthetic", "the demo"), candidate=model, target=target / "rec_gt.txt")
    )
    assert done.returncode == 0, done.stderr
    first = done.stdout.splitlines()[0]
    assert first.startswith("PASSED · synthetic: the demo; ")
    assert first.endswith("judge/rec_gt.txt holds rendered lines")
    assert "0 earlier steps saw 0 images, none of these" in done.stdout


def test_rendered_general_lines_alone_cannot_pass_a_candidate(
    world: World, gate: Gate, tmp_path: Path
) -> None:
    general = tmp_path / "guard"
    shutil.copytree(world.general.parent, general)
    (general / "run.json").write_text('{"synthetic": true}')
    options = [*world.options()]
    options[options.index(world.general)] = general / "rec_gt.txt"
    done = gate(options)
    assert done.returncode == 3, done.stdout
    assert "all of these lines are rendered" in done.stdout
    beside = gate([*options, "--general", world.set("real", product("1ab", repeat=5))])
    assert beside.returncode == 0, beside.stdout
    assert beside.stdout.startswith("PASSED\n"), "the verdict is one of real lines"
    assert "guard/rec_gt.txt holds rendered lines: it can fail a candidate" in beside.stdout


@pytest.mark.parametrize(
    "arguments, code, message",
    [
        (["--target", "none.txt"], 1, "none.txt: the label file is not there"),
        (["--general", "GENERAL:alnumm"], 2, "'alnumm' is no comparison"),
        (["--general", "TARGET:alnum"], 2, "are the same file"),
        (["--candidate", "BASE"], 2, "are the same model"),
        (["--candidate", "none/"], 1, "is not there"),
        (["--group", "x"], 2, "captures nothing"),
        (["--group", "(zz)"], 2, "matches none"),
        (["--images", "."], 1, "Name that folder: --images"),
        (["--general", "BLANK"], 1, "that can be read"),
        (["--delta", "0"], 2, "Invalid value for '--delta'"),
        (["--candidate", "BROKEN"], 1, "is no JSON"),
    ],
)
def test_errors_are_one_message_and_an_exit_code(
    arguments: list[str], code: int, message: str, world: World, gate: Gate, tmp_path: Path
) -> None:
    blank = tmp_path / "blank" / "gt.txt"
    blank.parent.mkdir()
    (blank.parent / "0.png").write_bytes(b"no image")
    blank.write_text("0.png\t1\n", encoding="utf-8")
    broken = world.model(tmp_path / "broken")
    (broken.parent / "history.json").write_text("{")
    asked = {
        "--base": str(world.base),
        "--candidate": str(world.candidate),
        "--target": str(world.target),
        "--general": str(world.general),
    }
    named = {"GENERAL": world.general, "TARGET": world.target, "BASE": world.base}
    named |= {"BLANK": blank, "BROKEN": broken}
    option, value = arguments
    for name, path in named.items():
        value = value.replace(name, str(path))
    asked[option] = value
    done = gate([part for pair in asked.items() for part in pair])
    assert (done.returncode, message in " ".join(done.stderr.split())) == (code, True), done.stderr
    assert "Traceback" not in done.stderr


def test_the_exit_code_is_that_of_the_process(world: World) -> None:
    def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
        return run_module("train", "gate", *arguments)

    done = run(*world.options(candidate=world.candidate))
    assert (done.returncode, done.stdout.splitlines()[0]) == (0, "PASSED"), done.stderr
    missing = run("--base", world.base)
    assert missing.returncode == 2
    assert "Missing option '--candidate'" in missing.stderr


def test_without_a_target_it_cannot_tell_and_says_how_many_lines_would_do(
    world: World, tmp_path: Path
) -> None:
    page, data = tmp_path / "v.html", tmp_path / "v.json"
    done = run_module(
        *("train", "gate", "--base", world.base, "--candidate", world.candidate),
        *("--general", world.general, "--json", data, "--html", page),
    )
    assert done.returncode == 3, done.stderr
    assert done.stdout.startswith("CANNOT TELL\n")
    assert "no line to judge on: label 60 more" in done.stdout
    verdict = json.loads(data.read_text(encoding="utf-8"))
    assert verdict["criteria"][0]["more_lines"] == 60 and not verdict["is_refused"]
    assert "label 60 more" in page.read_text(encoding="utf-8")


def test_both_are_read_in_turns_and_what_that_alone_brings_is_told(
    make_tiny: Callable[..., Path], tiny_at: Any, gate: Gate, tmp_path: Path
) -> None:
    said = {"ocr-mend-turn": "auto"}
    base = make_tiny(tmp_path / "base/m.onnx", upper=True)
    candidate = make_tiny(tmp_path / "candidate/m.onnx", upper=True, properties=said)
    tiny = tiny_at(base)
    files = {}
    for name, texts in (("target", product("1l", "1.", "ab값")), ("general", product("ab", "값1"))):
        rows = []
        for number, text in enumerate(texts):
            label = "".join(text) * 2
            tiny.turned(tmp_path / name / f"{number}.png", label, 180 if number < 3 else 0)
            rows.append(f"{number}.png\t{label}\n")
        files[name] = tmp_path / name / "gt.txt"
        files[name].write_text("".join(rows), encoding="utf-8")
    out, html = tmp_path / "v.json", tmp_path / "v.html"
    names = [
        ("--base", base),
        ("--candidate", candidate),
        *((f"--{n}", f) for n, f in files.items()),
    ]
    options = [word for pair in names for word in pair]
    done = gate([*options, "--json", out, "--html", html, "--out", tmp_path / "kept"])
    assert done.returncode == 3, done.stderr  # the two are alike
    assert "both read crops in their turns, as the record of the candidate says" in done.stdout
    assert "turned: 6 by the base, 6 by the candidate" in done.stdout
    verdict = json.loads(out.read_text(encoding="utf-8"))
    assert verdict["target"]["base"] == verdict["target"]["candidate"] == 1.0
    alone = verdict["turning"]["target"]
    assert (alone["base"], alone["candidate"], alone["mended"]) == (0.75, 1.0, 3)
    assert (alone["lines"], verdict["turning"]["general"]["mended"]) == (12, 3)
    assert "Crops read in their turns" in html.read_text(encoding="utf-8")
    # What was read is taken up again, with what it tells of turning.
    again = gate([*options, "--json", out, "--out", tmp_path / "kept"])
    assert again.returncode == 3
    assert json.loads(out.read_text(encoding="utf-8"))["turning"] == verdict["turning"]
    plain = gate([*options, "--json", out, "--turn", "off"])
    verdict = json.loads(out.read_text(encoding="utf-8"))
    assert verdict["turning"] is None and verdict["target"]["base"] == 0.75
    assert "--turn off: read as crops lie" in plain.stdout


def test_further_looks_at_the_same_lines_are_paid_for_and_told_in_every_form(
    world: World, gate: Gate, tmp_path: Path
) -> None:
    looks, page = tmp_path / "looks.json", tmp_path / "v.html"
    out, xml = tmp_path / "v.json", tmp_path / "v.xml"
    # 400 general lines without a flip rule a point out in one look, 500 in one of two.
    more = world.set("rest", islice(product("ab값.", repeat=5), GENERAL, GENERAL + 160))
    paying = ("--looks", looks, "--planned-looks", "2")
    files = (more, *paying, "--html", page, "--json", out, "--junit", xml)
    other = world.model(tmp_path / "other", swapped="1l")
    first = gate(world.options(*files, candidate=other))
    assert first.returncode == 3 and "look 1 of 2 at these lines" in first.stdout, first.stderr
    second = gate(world.options(*files))
    assert second.returncode == 0, second.stderr + second.stdout
    told = "look 2 of 2 at these lines: intervals at 97.5 %"
    assert second.stdout.splitlines()[0] == f"PASSED · {told}"
    assert f"Looks at these lines are paid for: {told}" in second.stdout
    assert "(97.5 %: +" in second.stdout
    verdict = json.loads(out.read_text(encoding="utf-8"))
    assert verdict["paid"]["target"] == {"number": 2, "alpha": 0.025, "spent": 0.05}
    levels = {one["key"]: one.get("level") for one in verdict["criteria"]}
    assert (levels["target_gain"], levels["general_change"]) == (0.975, 0.975)
    assert levels["characters"] is None and "looks" in levels
    html = page.read_text(encoding="utf-8").replace("\N{NO-BREAK SPACE}", " ")
    assert told in html and told in xml.read_text(encoding="utf-8")
    assert "share the 5 % that may go wrong" in html and "(97.5 %: +" in html
    assert str(tmp_path) not in looks.read_text(), "neither a path nor a date"
    # The same again costs nothing; a third candidate is not read.
    before = looks.read_bytes()
    again = gate(world.options(*files))
    assert again.returncode == 0 and "which costs nothing" in again.stdout
    assert looks.read_bytes() == before
    third = world.model(tmp_path / "third", swapped="ab")
    refused = gate(world.options(*files, candidate=third))
    assert refused.returncode == 3, refused.stderr
    assert refused.stdout.startswith("CANNOT TELL (refused) · look 3 of 2 at these lines\n")
    assert "label crops that arrived since" in refused.stdout
    assert json.loads(out.read_text(encoding="utf-8"))["is_refused"] is True
    assert looks.read_bytes() == before, "lines that were not read were not looked at"


def test_without_a_record_nothing_of_a_verdict_is_of_looks(
    world: World, gate: Gate, tmp_path: Path
) -> None:
    out = tmp_path / "v.json"
    done = gate(world.options("--json", out))
    assert "(95 %:" not in done.stdout and "look 1" not in done.stdout
    verdict = json.loads(out.read_text(encoding="utf-8"))
    assert "paid" not in verdict and all("level" not in one for one in verdict["criteria"])


@pytest.mark.parametrize(
    ("options", "code", "message"),
    [
        (["--planned-looks", "3"], 2, "--planned-looks: needs a record of them"),
        (["--looks", "L", "--planned-looks", "0"], 2, "Invalid value for '--planned-looks'"),
        (["--looks", "OTHER"], 2, "would be lost"),
        (["--looks", "GENERAL"], 2, "--general"),
    ],
)
def test_wrong_records_of_looks_are_one_message(
    options: list[str], code: int, message: str, world: World, gate: Gate, tmp_path: Path
) -> None:
    other = tmp_path / "other.json"
    other.write_text('{"version": 1}')
    named = {"L": tmp_path / "l.json", "OTHER": other, "GENERAL": world.general}
    done = gate(world.options(*(str(named.get(value, value)) for value in options)))
    assert (done.returncode, message in " ".join(done.stderr.split())) == (code, True), done.stderr
