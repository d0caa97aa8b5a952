"""No command writes over what it reads, whichever of its options name the same place."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import pytest
import typer
from typer.models import ArgumentInfo

# Not `sys.path`: other tests put benchmarks/ there, which holds a `train.py`.
ROOT = Path(__file__).resolve().parents[1]

OUTPUTS = {
    ("synth generate", "--out"): "plan.jsonl",
    ("synth pages", "--out"): "plan.jsonl",
    ("synth guard", "--out"): "rec_gt_train.txt",
    ("synth pack", "--out"): "x.txt",
    ("synth preview", "--html"): "",
    ("synth preview", "--png"): "",
    ("synth redraw", "--out"): "",
    ("synth calibrate", "--out"): "",
    ("synth calibrate", "--html"): "",
    ("synth harvest", "--out"): "x.png",
    ("balance mix", "--out"): "train.txt",
    ("balance mix", "--html"): "",
    ("balance check", "--fix"): "",
    ("balance check", "--html"): "",
    ("balance check", "--sarif"): "",
    ("balance import", "--out"): "rec_gt.txt",
    ("balance import", "--html"): "",
    ("train weights", "--out"): "weights.npz",
    ("train collect", "--out"): "queue.jsonl",
    ("train collect", "--html"): "",
    ("train share", "--out"): "train.txt",
    ("train evaluate", "--out"): "",
    ("train evaluate", "--html"): "",
    ("train mine", "--out"): "",
    ("train mine", "--html"): "",
    ("train mine", "--rules-out"): "",
    ("train fold", "--out"): "own.txt",
    ("train fold", "--html"): "",
    ("train plan", "--out"): "plan.toml",
    ("train plan", "--paddleocr-yaml"): "",
    ("train export", "--out"): "inference.json",
    ("train det tune", "--out"): "",
    ("train det plan", "--out"): "plan.toml",
    ("train det plan", "--paddleocr-yaml"): "",
    ("train det export", "--out"): "inference.onnx",
    ("train gate", "--html"): "",
    ("train gate", "--json"): "",
    ("train gate", "--junit"): "",
    ("train gate", "--summary"): "",
    ("train gate", "--out"): "base/x.jsonl",
    ("train line", "--work"): "x.txt",
    ("train line", "--hand-over"): "x.txt",
    ("train init", "--out"): ".github/workflows/mend.yml",
    ("train gate", "--looks"): "",
    ("train det evaluate", "--out"): "",
    ("train det mine", "--out"): "",
    ("train det mine", "--html"): "",
    ("train det gate", "--html"): "",
    ("train det gate", "--json"): "",
    ("train det gate", "--out"): "base/x.txt",
}
"""Every option that names what is written; of folders, a name that is written in them."""

READ_AS_TEXT = {
    ("synth generate", "--style"),
    ("synth calibrate", "--model"),
    ("synth calibrate", "--from"),
    ("synth harvest", "--model"),
    ("balance mix", "--replay"),
    ("balance mix", "--images"),
    ("train weights", "NAME_OR_PATH"),
    ("train collect", "--model"),
    ("train collect", "--second"),
    ("train evaluate", "--model"),
    ("train evaluate", "--compare"),
    ("train mine", "--model"),
    ("train fold", "--general-stop"),
    ("train plan", "--stop-on"),
    ("train plan", "--general-stop"),
    ("train det tune", "--model"),
    ("train det plan", "--model"),
    ("train det plan", "--recognizer"),
    ("train det tune", "--recognizer"),
    ("train det export", "SOURCE"),
    ("train gate", "--base"),
    ("train gate", "--candidate"),
    ("train gate", "--target"),
    ("train gate", "--general"),
    ("train det evaluate", "--model"),
    ("train det evaluate", "--recognizer"),
    ("train det mine", "--model"),
    ("train det gate", "--base"),
    ("train det gate", "--candidate"),
    ("train det gate", "--target"),
    ("train det gate", "--general"),
    ("train det gate", "--general-tuned"),
    ("train det gate", "--recognizer"),
}
"""Options that are text to the parser and name what is read."""

WORDS = {
    "--chars", "--ratio", "--set", "--fonts-licence", "--family-weight", "--shard", "--form",
    "--group", "--caps", "--general-ratio", "--memory", "--model-name", "--row-from", "--synthetic",
    "--filler", "--temper", "--shares", "--detector", "--pattern", "--placeholder", "--text-area",
    "--encoding", "--cut-prefix", "--ray",
    "--language",
}  # fmt: skip
"""Options that are text and no place."""

NAMES = {
    ("synth pages", "--style"),
    ("train line", "STAGE"),
    # Of another machine, and read by its jobs.
    *(("train init", f"--{name}") for name in ("labels", "images", "work", "package", "branch")),
}
"""Options that are text and no place in this command alone."""

NO_OUTPUT = {"synth merge", "synth fonts", "synth doctor", "train rec", "train det rec"}
"""Commands that write into the folder they are given, or nothing."""

NEEDED = {
    "synth generate": {"--chars": "01", "--count": "1", "--out": "other"},
    "synth pages": {"--out": "other"},
    "synth guard": {"--dictionary": "i1", "--out": "other"},
    "synth pack": {"FOLDER": "i1", "--out": "o.lmdb"},
    "synth preview": {"FOLDER": "i1"},
    "synth redraw": {"FOLDER": "i1", "--index": "0"},
    "synth calibrate": {"--crops": "i1", "--out": "other"},
    "synth harvest": {"--crops": "i1", "--out": "other"},
    "balance mix": {"--original": "i1", "--new": "i2", "--out": "other"},
    "balance check": {"FILES": "i1"},
    "balance import": {"FORMAT": "ppocr-rec", "SOURCE": "i1", "--out": "other"},
    "train weights": {"NAME_OR_PATH": "i1", "--out": "other"},
    "train collect": {"--model": "i1", "--images": "i2", "--out": "other"},
    "train share": {"--labels": "i1", "--out": "other"},
    "train evaluate": {"--model": "i1", "--labels": "i2"},
    "train mine": {"--model": "i1", "--labels": "i2"},
    "train fold": {"--model": "i1", "--mix": "i2", "--out": "other"},
    "train plan": {"--model": "i1", "--mix": "i2", "--stop-on": "i3", "--out": "other"},
    "train line": {"STAGE": "generate"},
    "train init": {"--ci": "github"},
    "train export": {"SOURCE": "i1", "--out": "other"},
    "train det tune": {"--model": "i1", "--labels": "i2", "--out": "other"},
    "train det plan": {"--model": "i1", "--mix": "i2", "--out": "other"},
    "train det export": {"SOURCE": "i1", "--out": "other"},
    "train gate": {"--base": "i1", "--candidate": "i2", "--target": "i3", "--general": "i4"},
    "train det evaluate": {"--model": "i1", "--labels": "i2", "--recognizer": "i3"},
    "train det mine": {"--model": "i1", "--labels": "i2"},
    "train det gate": {
        "--base": "i1",
        "--candidate": "i2",
        "--target": "i3",
        "--general": "i4",
        "--recognizer": "i5",
    },
}
"""What each command must be given, so that it comes to look at its outputs."""

IN_PLACE = {
    ("train collect", "--pages"): {"--model": "i1", "--out": "other"},
    ("train collect", "QUEUE"): {"--answers": "i1", "--out": "other"},
    ("train collect", "--answers"): {"QUEUE": "i1", "--out": "other"},
    ("train det export", "--images"): {"SOURCE": "i1", "--out": "other", "--labels": "i2"},
    ("train det tune", "--judge-images"): {"--model": "i1", "--labels": "i2", "--judge": "i3"},
    ("train det gate", "--base-tuned"): {**NEEDED["train det gate"], "--candidate-tuned": "i6"},
    ("train det gate", "--candidate-tuned"): {**NEEDED["train det gate"], "--base-tuned": "i6"},
}
"""What a command must be given, where that hangs on the option that is tried."""

WRITTEN_THEN = {("train collect", name): "rec_gt.txt" for name in ("QUEUE", "--answers")}
"""What is then written in --out."""

FORMS = {
    ("balance mix", "--replay"): "old={}",
    ("train plan", "--stop-on"): "{}:casefold",
    ("train det gate", "--general-tuned"): "old={},i6",
}
"""How an option names a file, where it is not the bare path."""


def options_of(function: Callable[..., None]) -> dict[str, Any]:
    """Return the options of a command as typed (arguments by their metavar), with their types."""
    found = {}
    for name, hint in get_type_hints(function, include_extras=True).items():
        if name == "return" or hint is typer.Context:
            continue
        while get_origin(hint) in (Union, UnionType):  # Annotated[…] | None
            hint = get_args(hint)[0]
        kind, told = get_args(hint)[:2]
        if isinstance(told, ArgumentInfo):
            found[told.metavar or name.upper()] = kind
        else:
            # In `Annotated` the first name stands where the default would.
            names = [str(one) for one in (told.default, *(told.param_decls or ()))]
            names = [one.partition("/")[0] for one in names if one.startswith("--")]
            found[names[0] if names else f"--{name.replace('_', '-')}"] = kind
    return found


def commands() -> Iterator[tuple[str, dict[str, Any]]]:
    for tool in ("synth", "balance", "train"):
        app = import_module(f"{tool}.cli").app
        groups = [(f"{tool} {group.name}", group.typer_instance) for group in app.registered_groups]
        for words, part in [(tool, app), *groups]:
            for command in part.registered_commands:
                assert command.callback
                name = command.name or command.callback.__name__
                yield f"{words} {name}", options_of(command.callback)


def holds(kind: Any, wanted: type) -> bool:
    return kind is wanted or any(holds(part, wanted) for part in get_args(kind))


def pairs() -> list[tuple[str, str, str]]:
    """Name every output with every input of its command."""
    found = []
    for command, options in commands():
        writes = [name for name in options if (command, name) in OUTPUTS]
        reads = [
            name
            for name, kind in options.items()
            if name not in writes
            and name != "--config"  # must be TOML: tests/textlines/test_option_files.py
            and (holds(kind, Path) or (command, name) in READ_AS_TEXT)
        ]
        found += [(command, out, read) for out in writes for read in reads]
    # Refused already as no folder, and no file at all can be one.
    found.remove(("balance mix", "--html", "--images"))
    return found


def test_every_option_of_every_command_is_known_to_read_or_to_write() -> None:
    """An option that is added must be sorted into the tables above, or this fails."""
    declared = set()
    for command, options in commands():
        for name, kind in options.items():
            key = (command, name)
            declared.add(key)
            assert not holds(kind, str) or key in READ_AS_TEXT | NAMES or name in WORDS, key
        if command not in NO_OUTPUT:
            assert any(key[0] == command for key in OUTPUTS), command
    assert set(OUTPUTS) | READ_AS_TEXT <= declared
    assert len(pairs()) > 120


def call(command: str, given: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> int:
    """Call a command in this process as its entry point does."""
    tool, *names = command.split(" ")
    arguments = [value for option, value in given.items() if not option.startswith("-")]
    options = [
        part for option in given if option.startswith("-") for part in (option, given[option])
    ]
    monkeypatch.setattr(sys, "argv", [tool, *names, *arguments, *options])
    with pytest.raises(SystemExit) as ended:
        import_module(f"{tool}.cli").main()
    code = ended.value.code
    return code if isinstance(code, int) else 1


@pytest.mark.parametrize(("command", "output", "input_"), pairs())
def test_an_output_that_is_an_input_is_refused(
    command: str,
    output: str,
    input_: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    within = OUTPUTS[command, output]
    if within:
        within = WRITTEN_THEN.get((command, input_), within)
    out = Path("o")
    victim = out / within if within else out
    victim.parent.mkdir(parents=True, exist_ok=True)
    victim.write_bytes(b"a.jpg\tlabel\n")
    before = sorted(tmp_path.rglob("*"))
    given = dict(IN_PLACE.get((command, input_), NEEDED[command]))
    if input_ == "--predictions" and command.startswith("train"):
        del given["--model"]
    form = FORMS.get((command, input_), "{}")
    read = victim.parent if (command, input_) == ("balance mix", "--images") else victim
    given |= {output: str(out), input_: form.format(read)}
    if (command, output) == ("synth pack", "--out"):
        given["--form"] = "lmdb"
    code = call(command, given, monkeypatch)
    told = capsys.readouterr()
    assert (code, told.out) == (2, ""), told.err
    name, error, where, *_ = told.err.split(": ")
    assert (name, error) == (command.split(" ")[0], "error")
    assert where.startswith(output) and input_ in where, told.err
    assert "Traceback" not in told.err and told.err.count("\n") == 1
    assert victim.read_bytes() == b"a.jpg\tlabel\n"
    assert sorted(tmp_path.rglob("*")) == before


FILES = [key for key, within in OUTPUTS.items() if not within]
# What is there is held against the very lines that would be written, so that a killed call can be
# made again: tests/balance/commands/test_check_command.py.
FILES.remove(("balance check", "--fix"))


@pytest.mark.parametrize(("command", "output"), FILES)
@pytest.mark.parametrize("content", [b"a.jpg\tlabel\n", b"\xff\xd8\xff\xe0JFIF", b'{"a": 1}'])
def test_a_file_of_somebody_else_is_not_replaced(
    content: bytes,
    command: str,
    output: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A crop, a list or a record that no option names: a slip of the completion is enough."""
    monkeypatch.chdir(tmp_path)
    Path("crop.jpg").write_bytes(content)
    code = call(command, {**NEEDED[command], output: "crop.jpg"}, monkeypatch)
    told = capsys.readouterr().err
    assert code == 2, told
    assert f"{output}: crop.jpg is there" in told and "would be lost" in told
    assert Path("crop.jpg").read_bytes() == content


ANY_TWO = [
    (command, one, other)
    for command, one in OUTPUTS
    for same, other in OUTPUTS
    if same == command and one < other
]


@pytest.mark.parametrize(("command", "one", "other"), ANY_TWO)
def test_two_outputs_are_not_one(
    command: str,
    one: str,
    other: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert call(command, {**NEEDED[command], one: "x", other: "x"}, monkeypatch) == 2
    told = capsys.readouterr().err
    assert one in told and other in told and "name the same file (x)" in told
    assert not list(tmp_path.iterdir())


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=folder, capture_output=True, text=True, check=False, env=environment,
    )  # fmt: skip


def test_a_mix_over_the_users_own_folder(tmp_path: Path) -> None:
    """README's own names with `--out .`: the list of all originals would become that of a mix."""
    for name in ("train.txt", "new.txt"):
        lines = "".join(f"{name[:3]}{n}.jpg\tlabel {n}\n" for n in range(40))
        (tmp_path / name).write_text(lines, encoding="utf-8")
    before = {one: one.read_bytes() for one in tmp_path.iterdir()}
    options = ("--new", "new.txt", "--check-images", "none", "--out")
    ended = run(tmp_path, "balance", "mix", "--original", "train.txt", *options, ".")
    assert ended.returncode == 2 and "--out, --original: the folder . would be" in ended.stderr
    # Nor where the folder's train.txt is not the one that is read.
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "train.txt").write_text("mine.jpg\tmine\n", encoding="utf-8")
    ended = run(tmp_path, "balance", "mix", "--original", "train.txt", *options, "d")
    assert ended.returncode == 2, ended.stderr
    assert "--out: d is not empty and holds no mix of ours (train.txt is there)" in ended.stderr
    assert (tmp_path / "d" / "train.txt").read_text(encoding="utf-8") == "mine.jpg\tmine\n"
    assert {one: one.read_bytes() for one in tmp_path.iterdir() if one.is_file()} == before
    # An earlier mix of ours is replaced, and one that was killed on the way as well.
    for _ in range(2):
        ended = run(tmp_path, "balance", "mix", "--original", "train.txt", *options, "mixed")
        assert ended.returncode == 0, ended.stderr
    (tmp_path / "mixed" / "mix.json").rename(tmp_path / "mixed" / ".mix-unfinished")
    ended = run(tmp_path, "balance", "mix", "--original", "train.txt", *options, "mixed")
    assert ended.returncode == 0, ended.stderr
    assert not (tmp_path / "mixed" / ".mix-unfinished").exists()
