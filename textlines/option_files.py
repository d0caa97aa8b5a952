"""Options of a command in a file: `--config mix.toml`, and `--print-config`, which writes one.

    ratio = "8:1"
    original = ["old.txt", "older.txt"]
    even = false

The keys are the options as they are typed, without their dashes; the values are what would be typed
after them. What is typed beside `--config` wins. Made for each command that a request declares
(`textlines.request_options.command`), so that nothing is declared here.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from textlines.errors import UsageError
from textlines.files import read_text
from textlines.parsing import parse_toml, to_toml

if TYPE_CHECKING:
    from typer.core import TyperOption

CONFIG = "--config"
PRINT = "--print-config"


def _take(context: typer.Context, file: Path | None) -> Path | None:
    """Let the options of a file stand where none are typed: it is read before all others.

    Raises:
        MendError: the file is none, or holds what the command does not take.
    """
    if file is None or context.resilient_parsing:
        return file
    what, mend = "the file of options", f"{PRINT} writes one to begin with."
    content = parse_toml(read_text(file, what), str(file), what, mend)
    options = {
        name: parameter
        for parameter in _options(context)
        for name in {parameter.name or "", *map(_key, parameter.opts)}
    }
    defaults: dict[str, Any] = {}
    for key, value in content.items():
        parameter = options.get(_key(key))
        if parameter is None or parameter.name is None:
            listed = ", ".join(sorted({_shown(each) for each in options.values()}))
            raise UsageError(f"{file}: {key}", "is no option of this command", f"It has {listed}.")
        if parameter.name in defaults:
            raise UsageError(f"{file}: {key}", "is named twice", "Keep one.")
        defaults[parameter.name] = _checked(context, parameter, value, f"{file}: {key}")
    context.default_map = defaults
    return file


def _checked(context: typer.Context, option: "TyperOption", value: Any, where: str) -> Any:
    """Return a value as the parser wants it: texts in a list where several may stand, or a switch.

    Raises:
        UsageError: it is not what the option takes.
    """
    if option.is_flag:
        if not isinstance(value, bool):
            raise UsageError(where, "is not true or false", "")
        return value
    values = value if isinstance(value, list) else [value]
    several = option.multiple or option.nargs != 1
    if len(values) != 1 and not several:
        raise UsageError(where, "is a list where one value stands", "")
    for each in values:
        if isinstance(each, bool) or not isinstance(each, str | int | float):
            raise UsageError(where, "is neither text nor number", "Write it as it is typed.")
    typed = [str(each) for each in values]
    prepared = typed if several else typed[0]
    try:
        option.process_value(context, prepared)
    except typer.BadParameter as error:
        what = error.message.removeprefix("Value error, ").rstrip(".")
        raise UsageError(where, what, "") from error
    return prepared


def said_options(context: typer.Context, values: Mapping[str, Any]) -> str:
    """Return the options that were said, by the command line or a file, as TOML for `--config`.

    Args:
        values: of the options by their parameter's name, as they were parsed.
    """
    return to_toml(
        {
            _shown(parameter): _plain(values[parameter.name])
            for parameter in _options(context)
            if parameter.name in values and _is_said(context, parameter.name)
        }
    )


def _is_said(context: typer.Context, name: str) -> bool:
    source = context.get_parameter_source(name)
    return source is not None and source.name in ("COMMANDLINE", "DEFAULT_MAP", "ENVIRONMENT")


def _plain(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value if isinstance(value, bool | int | float | str) else str(value)


def _options(context: typer.Context) -> "Iterator[TyperOption]":
    """Yield what a file may hold."""
    from typer.core import TyperOption

    for parameter in context.command.params:
        if isinstance(parameter, TyperOption) and not {CONFIG, PRINT} & set(parameter.opts):
            yield parameter


def _shown(parameter: "TyperOption") -> str:
    """Return the key of an option: its first long name, without dashes."""
    names = parameter.opts
    return next((name for name in names if name.startswith("--")), names[0]).lstrip("-")


def _key(name: str) -> str:
    return name.lstrip("-").replace("-", "_")


ConfigFile = Annotated[
    Path | None,
    typer.Option(
        CONFIG,
        metavar="FILE",
        is_eager=True,
        callback=_take,
        help="TOML file of options, by their names here; what is typed wins. Paths in it are as if "
        "they were typed.",
    ),
]
PrintConfig = Annotated[
    bool, typer.Option(PRINT, help="Print the options that are said, for --config, and end.")
]
