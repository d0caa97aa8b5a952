"""What `import balance` offers: the words of the command, its files, its errors."""

import json
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import pytest

import balance
from balance.mixing.mix_request import MixRequest
from tests.running import files_of, run_module
from textlines import MendError, UsageError


def label_file(folder: Path, count: int, text: str) -> Path:
    """Write lines and their images."""
    folder.mkdir(parents=True)
    rows = []
    for number in range(count):
        (folder / f"{number}.jpg").write_bytes(b"P5 1 1 255 %d" % number)
        rows.append(f"{number}.jpg\t{text} {number % 7}\n")
    path = folder / "rec_gt.txt"
    path.write_text("".join(rows), encoding="utf-8")
    return path


@pytest.fixture
def original(tmp_path: Path) -> Path:
    return label_file(tmp_path / "own", 100, "Total")


@pytest.fixture
def new(tmp_path: Path) -> Path:
    return label_file(tmp_path / "new", 40, "합계")


def test_a_call_writes_what_the_command_writes_and_returns_what_it_prints(
    original: Path, new: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "mixed"
    told = run_module(
        *("balance", "mix", "--original", original, "--new", new, "--out", out),
        *("--ratio", "5:1", "--epochs", "3", "--caps", "text=3", "--lang", "en", "--json"),
    )
    assert told.returncode == 0, told.stderr
    written = files_of(out)
    mixed = balance.mix(
        balance.MixRequest(
            original=(original,),
            new=(new,),
            out=out,
            ratio=balance.Ratio(Fraction(5)),
            epochs=3,
            caps=(balance.Cap("text", most=3),),
            lang="en",
        )
    )
    assert capfd.readouterr() == ("", "")
    assert mixed == json.loads(told.stdout)
    assert files_of(out) == written
    assert len(mixed["configuration"]["epochs"]) == 3


def test_a_dry_run_writes_nothing(original: Path, new: Path, tmp_path: Path) -> None:
    before = files_of(tmp_path)
    mixed = balance.mix(MixRequest(original=(original,), new=(new,), dry_run=True))
    assert mixed["configuration"]["epochs"][0]["original"] == 100
    assert files_of(tmp_path) == before


@pytest.mark.parametrize(
    "changed",
    [
        {"new": ()},
        {"out": None},
        {"link": True, "copy": True},
        {"original": ()},
        {"own_times": 3},
        {"encoding": "klingon"},
        {"new": (Path("nowhere.txt"),)},
    ],
)
def test_an_error_is_raised_with_the_words_of_the_command(
    changed: dict[str, object], original: Path, new: Path, tmp_path: Path
) -> None:
    asked: dict[str, object] = {"original": (original,), "new": (new,), "out": tmp_path / "mixed"}
    asked |= changed
    words: list[str] = []
    for name, value in asked.items():
        option = f"--{name.replace('_', '-')}"
        for each in value if isinstance(value, tuple) else () if value is None else (value,):
            words += [option] if each is True else [option, str(each)]
    told = run_module("balance", "mix", *words)
    with pytest.raises(MendError) as error:
        balance.mix(MixRequest(**asked))  # type: ignore[arg-type]
    assert told.stderr.splitlines()[-1] == f"balance: error: {error.value}"
    assert told.returncode == error.value.exit_code
    assert isinstance(error.value, UsageError) is (told.returncode == 2)


def test_distilled_lines_are_named_in_both_spellings(
    original: Path, new: Path, tmp_path: Path
) -> None:
    more = label_file(tmp_path / "more", 20, "Cash")
    for spelling in ("--distil", "--distill"):
        told = run_module(
            *("balance", "mix", spelling, original, more, "--new", new, "--dry-run", "--json")
        )
        assert told.returncode == 0, told.stderr
        assert json.loads(told.stdout)["configuration"]["epochs"][0]["distil"] == 120


def test_importing_it_loads_nothing_heavy() -> None:
    code = (
        "import sys, balance\n"
        "balance.MixRequest(own=('a',), out='b')\n"
        "print([name for name in ('numpy', 'cv2', 'pydantic') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
    assert set(balance.__all__) == {name for name in balance.__all__ if hasattr(balance, name)}
