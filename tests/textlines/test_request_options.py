"""A command line made from a frozen request: the same names, types, defaults and help."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from textlines.errors import UsageError
from textlines.request_options import (
    SPREAD,
    Read,
    check_request,
    command,
    spread_options,
)


def read_pairs(values: list[str]) -> dict[str, int]:
    """Read NAME=NUMBER."""
    pairs = {}
    for value in values:
        name, equals, number = value.partition("=")
        if not equals:
            raise UsageError("--pair", f"{value!r} is no NAME=NUMBER", "As in a=1.")
        pairs[name] = int(number)
    return pairs


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """The base of a request."""

    labels: Annotated[tuple[Path, ...], SPREAD, typer.Option(help="Label files.")]
    more: Annotated[
        tuple[str, ...], SPREAD, typer.Option("--more", "--further", help="Others.")
    ] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CountRequest(Files):
    """What is counted."""

    most: Annotated[int, typer.Option(min=1, help="Lines at most.")] = 100
    by: Annotated[Literal["lines", "words"], typer.Option(help="What counts.")] = "lines"
    share: Annotated[float | None, typer.Option(help="Of all.")] = None
    pairs: Annotated[
        Mapping[str, int],
        Read(read_pairs, is_repeated=True),
        typer.Option("--pair", help="NAME=NUMBER."),
    ] = field(default_factory=dict)
    size: Annotated[
        int,
        Read(lambda text: int(text.removesuffix("k")) * 1000, shown="4k"),
        typer.Option(help="As in 4k."),
    ] = 4000
    strict: Annotated[bool, typer.Option("--strict", help="Stop at once.")] = False


ASKED: list[tuple[CountRequest, bool]] = []


def _keep(
    request: CountRequest,
    *,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Count lines."""
    ASKED.append((request, json))


app = typer.Typer()
app.command("count")(command(CountRequest, _keep))


def asked(*words: str) -> tuple[CountRequest, bool]:
    """Return what a command line asks for."""
    ASKED.clear()
    done = CliRunner().invoke(app, words)
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == 0, done.output
    return ASKED.pop()


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowRequest:
    """What is shown: one thing, that stands without a name."""

    source: Annotated[str, typer.Argument(metavar="SOURCE", help="What is shown.")]
    part: Annotated[int, typer.Argument(min=0, help="Of it.")] = 0
    most: Annotated[int, typer.Option(min=1, help="Lines at most.")] = 100

    def __post_init__(self) -> None:
        check_request(self)


def test_what_stands_without_a_name_is_read_in_its_place() -> None:
    shown: list[ShowRequest] = []

    def keep(request: ShowRequest) -> None:
        shown.append(request)

    app = typer.Typer()
    app.command()(command(ShowRequest, keep))
    for words in (["a.txt"], ["--most", "3", "a.txt", "2"]):
        assert CliRunner().invoke(app, words).exit_code == 0
    assert shown == [ShowRequest(source="a.txt"), ShowRequest(source="a.txt", part=2, most=3)]
    assert CliRunner().invoke(app, []).exit_code == 2
    with pytest.raises(UsageError, match=r"^PART: -1 is not in the range x>=0"):
        ShowRequest(source="a.txt", part=-1)


def test_what_is_not_said_is_as_the_request_says() -> None:
    assert asked("--labels", "a.txt") == (CountRequest(labels=(Path("a.txt"),)), False)


@given(
    labels=st.lists(st.sampled_from(["a.txt", "b/c.txt"]), min_size=1, max_size=3),
    more=st.lists(st.sampled_from(["x", "y z"]), max_size=2),
    most=st.integers(1, 10**6),
    by=st.sampled_from(["lines", "words"]),
    share=st.none() | st.floats(0, 1),
    pairs=st.dictionaries(st.sampled_from("abc"), st.integers(0, 9)),
    size=st.integers(0, 99),
    strict=st.booleans(),
    json=st.booleans(),
)
def test_a_command_line_asks_for_what_a_request_says(
    labels: list[str],
    more: list[str],
    most: int,
    by: Literal["lines", "words"],
    share: float | None,
    pairs: dict[str, int],
    size: int,
    strict: bool,
    json: bool,
) -> None:
    words = [word for label in labels for word in ("--labels", label)]
    words += [word for value in more for word in ("--further", value)]
    words += ["--most", str(most), "--by", by, "--size", f"{size}k"]
    words += [word for name, count in pairs.items() for word in ("--pair", f"{name}={count}")]
    words += ["--share", repr(share)] if share is not None else []
    words += [flag for flag, is_set in (("--strict", strict), ("--json", json)) if is_set]
    assert asked(*words) == (
        CountRequest(
            labels=tuple(map(Path, labels)),
            more=tuple(more),
            most=most,
            by=by,
            share=share,
            pairs=pairs,
            size=size * 1000,
            strict=strict,
        ),
        json,
    )


def test_the_help_has_each_default_as_it_is_written() -> None:
    text = " ".join(CliRunner().invoke(app, ["--help"], env={"COLUMNS": "200"}).output.split())
    for part in ("Count lines.", "[required]", "[default: 4k]", "[default: lines]", "--further"):
        assert part in text


def test_what_cannot_be_read_is_refused_by_its_name() -> None:
    with pytest.raises(UsageError, match=r"--pair: 'a' is no NAME=NUMBER\. As in a=1\."):
        asked("--labels", "a.txt", "--pair", "a")


def test_options_with_several_values_are_those_marked_by_all_their_names() -> None:
    assert spread_options(CountRequest) == {"--labels", "--more", "--further"}
