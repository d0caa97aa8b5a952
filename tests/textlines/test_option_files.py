"""Options in a file: what is printed for `--config` asks for the same as what was typed."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from tests.running import run_module
from textlines.errors import InputError, MendError, UsageError
from textlines.request_options import SPREAD, Read, command


@dataclass(frozen=True, slots=True, kw_only=True)
class CountRequest:
    """What is counted."""

    labels: Annotated[tuple[Path, ...], SPREAD, typer.Option(help="Label files.")]
    stop_on: Annotated[str, typer.Option("--stop-on", "--until", help="A text.")] = ""
    most: Annotated[int, typer.Option(min=1, help="Lines at most.")] = 100
    share: Annotated[float | None, typer.Option(help="Of all.")] = None
    by: Annotated[Literal["lines", "words"], typer.Option(help="What counts.")] = "lines"
    even: Annotated[bool, typer.Option("--even/--uneven", help="Evenly.")] = True
    size: Annotated[
        int,
        Read(lambda text: int(text.removesuffix("k")) * 1000, shown="4k"),
        typer.Option(help="As in 4k."),
    ] = 4000


ASKED: list[tuple[CountRequest, bool]] = []


def _keep(
    request: CountRequest,
    *,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Count lines."""
    ASKED.append((request, json))


app = typer.Typer(add_completion=False)
app.command("count")(command(CountRequest, _keep))


def printed(*words: str) -> str:
    """Return what a command line prints."""
    done = CliRunner().invoke(app, words)
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done.output


def asked(*words: str) -> tuple[CountRequest, bool]:
    """Return what a command line asks for."""
    ASKED.clear()
    assert printed(*words) == ""
    return ASKED.pop()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder for files of options."""
    return tmp_path_factory.mktemp("options")


@given(
    labels=st.lists(st.sampled_from(["a.txt", "b c.txt", "한글.txt"]), min_size=1, max_size=3),
    stop_on=st.none() | st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=5),
    most=st.none() | st.integers(1, 10**6),
    share=st.none() | st.floats(0, 1),
    by=st.sampled_from([None, "lines", "words"]),
    even=st.sampled_from([None, "--even", "--uneven"]),
    size=st.none() | st.integers(0, 99),
    json=st.booleans(),
)
def test_what_is_printed_asks_for_the_same(
    folder: Path,
    labels: list[str],
    stop_on: str | None,
    most: int | None,
    share: float | None,
    by: str | None,
    even: str | None,
    size: int | None,
    json: bool,
) -> None:
    words = [f"--labels={label}" for label in labels]
    words += [f"--stop-on={stop_on}"] if stop_on is not None else []
    words += [f"--most={most}"] if most is not None else []
    words += [f"--share={share!r}"] if share is not None else []
    words += [f"--by={by}"] if by is not None else []
    words += [even] if even is not None else []
    words += [f"--size={size}k"] if size is not None else []
    words += ["--json"] if json else []
    file = folder / "options.toml"
    file.write_text(printed(*words, "--print-config"), encoding="utf-8", newline="")
    assert asked("--config", str(file)) == asked(*words)
    assert not ASKED


def test_only_what_is_said_is_printed() -> None:
    assert printed("--labels", "a.txt", "--print-config") == 'labels = ["a.txt"]\n'


def test_what_is_typed_wins(folder: Path) -> None:
    file = folder / "wins.toml"
    file.write_text('labels = "a.txt"\nmost = 5\nuntil = "x"\n')
    request, _ = asked("--most", "7", "--config", str(file), "--labels", "b.txt")
    assert request == CountRequest(labels=(Path("b.txt"),), most=7, stop_on="x")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("mist = 5", r"mist: is no option of this command\. It has by, even, json, labels, most"),
        ('config = "b.toml"', "config: is no option of this command"),
        ("most = 0", "most: "),
        ('most = "many"', "most: "),
        ("most = true", r"most: is neither text nor number\. Write it as it is typed"),
        ("most = [1, 2]", "most: is a list where one value stands"),
        ("labels = [[1]]", "labels: is neither text nor number"),
        ("even = 1", "even: is not true or false"),
        ('by = "pages"', "by: .*pages"),
        ('stop-on = "a"\nuntil = "b"', "until: is named twice"),
        ("most = ", r"the file of options is no TOML .* --print-config writes one"),
    ],
)
def test_what_is_no_option_is_refused_with_its_place(folder: Path, text: str, told: str) -> None:
    file = folder / "bad.toml"
    file.write_text(text)
    with pytest.raises(MendError, match=told) as refused:
        asked("--labels", "a.txt", "--config", str(file))
    assert refused.value.where.startswith(str(file))
    assert isinstance(refused.value, UsageError | InputError)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="the file of options is not there"):
        asked("--config", str(tmp_path / "none.toml"))


def test_a_command_runs_by_a_file_as_by_what_is_typed(tmp_path: Path) -> None:
    labels = "".join(f"{at}.png\tline {at}\n" for at in range(40))
    (tmp_path / "old.txt").write_text(labels)
    (tmp_path / "new.txt").write_text("".join(f"n{at}.png\tnew {at}\n" for at in range(8)))
    words = ["--original", "old.txt", "--new", "new.txt", "--ratio", "8:1", "--check-images"]
    words += ["none", "--epochs", "2", "--out", "typed"]
    typed = run_module("balance", "mix", *words, cwd=tmp_path)
    assert typed.returncode == 0, typed.stderr
    said = run_module("balance", "mix", *words, "--print-config", cwd=tmp_path)
    (tmp_path / "mix.toml").write_text(said.stdout)
    again = run_module("balance", "mix", "--config", "mix.toml", "--out", "by_file", cwd=tmp_path)
    assert again.returncode == 0, again.stderr
    lists = sorted((tmp_path / "typed").glob("*.txt"))
    assert lists
    for file in lists:
        assert file.read_bytes() == (tmp_path / "by_file" / file.name).read_bytes()


def test_the_file_of_options_is_not_written_over(tmp_path: Path) -> None:
    (tmp_path / "new.txt").write_text("n.png\tnew\n")
    options = 'original = "old.txt"\nnew = "new.txt"\nout = "out"\n'
    (tmp_path / "mix.toml").write_text(options)
    for output in ("--html", "--out"):
        words = ["--config", "mix.toml", output, "mix.toml"]
        done = run_module("balance", "mix", *words, cwd=tmp_path)
        assert done.returncode == 2, done.stderr
        assert f"{output}, --config: name the same file (mix.toml)" in done.stderr
    assert (tmp_path / "mix.toml").read_text() == options
