"""Options declared once: a frozen request says them, and the command line is made from it.

    @dataclass(frozen=True, slots=True, kw_only=True)
    class CountRequest:
        labels: Annotated[tuple[Path, ...], SPREAD, typer.Option(help="Label files.")]
        most: Annotated[int, typer.Option(help="Lines that are counted at most.", min=1)] = 100

    def _print_count(request: CountRequest, *, json: Json = False) -> None: ...

    app.command("count")(command(CountRequest, _print_count))

A field is an option of its name, its type, its default and its help; one with `typer.Argument`
stands without a name; a field without either is none. A request calls `check_request` on itself,
as Python may write into it what a command line would refuse. `Read` says how a value that is no
bare text, number or path is written on a command line.
"""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, dataclass, fields
from inspect import Parameter, Signature, signature
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    Final,
    Literal,
    TypeVar,
    get_args,
    get_origin,
    get_type_hints,
)

from textlines.errors import UsageError

if TYPE_CHECKING:
    from typer.models import ArgumentInfo, OptionInfo

Request = TypeVar("Request")


class _Spread:
    """The type of `SPREAD`."""


SPREAD: Final = _Spread()
"""Beside a tuple: several values may stand after the option (`--new a.txt b.txt`)."""


@dataclass(frozen=True, slots=True)
class Read:
    """How a value is written on the command line.

    Attributes:
        value: makes it of what was typed, of all values where the option may stand several times;
            raises UsageError.
        shown: how the default is written; "" for a default that is not shown.
        is_repeated: whether the option may stand several times.
    """

    value: Callable[[Any], Any]
    shown: str = ""
    is_repeated: bool = False


def command(request: type[Request], run: Callable[..., None]) -> Callable[..., None]:
    """Return a function that typer makes a command of: its options are those of the request.

    Args:
        request: a dataclass whose fields are `Annotated` with `typer.Option`.
        run: takes the request, and by keyword what only the printing asks for: further options,
            annotated likewise. Its docstring is the help.
    """
    hints = _hints(request)
    asked = _options_of(request, hints)
    parameters = [_parameter(field, hints[name]) for name, field in asked.items()]
    more = get_type_hints(run, include_extras=True)
    _, *others = signature(run).parameters.values()
    parameters += [other.replace(annotation=more[other.name]) for other in others]
    parameters += _of_files()

    def call(**values: Any) -> None:
        from textlines.option_files import CONFIG, said_options
        from textlines.outputs import also_reading

        context, config = values.pop("context"), values.pop("config")
        if values.pop("print_config"):
            print(said_options(context, values), end="")
            return
        typed = {name: values.pop(name) for name in asked}
        with also_reading(CONFIG, config):
            run(request(**_read(asked, hints, typed)), **values)

    call.__doc__, call.__module__ = run.__doc__, run.__module__
    call.__annotations__ = {each.name: each.annotation for each in parameters} | {"return": None}
    call.__signature__ = Signature(parameters)  # type: ignore[attr-defined]
    return call


def _of_files() -> list[Parameter]:
    """Return the options that every command of a request has beside its own."""
    import typer

    from textlines.option_files import ConfigFile, PrintConfig

    return [
        Parameter("context", Parameter.KEYWORD_ONLY, annotation=typer.Context),
        Parameter("config", Parameter.KEYWORD_ONLY, default=None, annotation=ConfigFile),
        Parameter("print_config", Parameter.KEYWORD_ONLY, default=False, annotation=PrintConfig),
    ]


def spread_options(request: type) -> frozenset[str]:
    """Return the options of a request after which several values may stand, as typed.

    For `textlines.console.spread_values`, which writes the option before each of them.
    """
    hints = _hints(request)
    return frozenset(
        name
        for field, hint in hints.items()
        if SPREAD in _told(hint)
        for name in _names(field, hint)
    )


def check_request(request: object) -> None:
    """Check the numbers and choices of a request, which a command line has checked before.

    Raises:
        UsageError: one is out of its range, or none of its choices; as the command line says it.
    """
    hints = _hints(type(request))
    for name in _options_of(type(request), hints):
        value, kind = getattr(request, name), get_args(hints[name])[0]
        option = _option(hints[name])
        assert option is not None  # all of these are
        where = _names(name, hints[name])[0].partition("/")[0]
        choices = [choice for part in (kind, *get_args(kind)) for choice in _choices(part)]
        if choices and value is not None and value not in choices:
            listed = ", ".join(map(repr, choices))
            raise UsageError(where, f"{value!r} is not one of {listed}", "")
        low, high = option.min, option.max
        if not isinstance(value, int | float) or isinstance(value, bool):
            continue
        if (low is not None and value < low) or (high is not None and value > high):
            bounds = f"{low}<=x<={high}" if None not in (low, high) else _half_bound(low, high)
            raise UsageError(where, f"{value} is not in the range {bounds}", "")


def _half_bound(low: float | None, high: float | None) -> str:
    return f"x<={high}" if low is None else f"x>={low}"


def _choices(kind: Any) -> tuple[Any, ...]:
    return get_args(kind) if get_origin(kind) is Literal else ()


def _options_of(request: type, hints: Mapping[str, Any]) -> "dict[str, Field[Any]]":
    """Return the fields that are options, by name."""
    return {
        field.name: field for field in fields(request) if _option(hints[field.name]) is not None
    }


def _names(field: str, hint: Any) -> list[str]:
    """Return what an option is called, as typed: its own names, or the field's."""
    from typer.models import OptionInfo

    option = _option(hint)
    if option is not None and not isinstance(option, OptionInfo):
        return [option.metavar or field.upper()]
    # In `Annotated` the first name stands where the default would.
    names = [] if option is None else [option.default, *(option.param_decls or ())]
    if names := [name for name in names if isinstance(name, str)]:
        return names
    return [f"--{field.replace('_', '-')}"]


def _hints(request: type) -> dict[str, Any]:
    """Return the types of the fields, with what stands beside them.

    Typer is imported here alone: a module of requests whose annotations are not evaluated
    (`from __future__ import annotations`) can be imported without it.
    """
    import typer

    return get_type_hints(request, localns={"typer": typer}, include_extras=True)


def _option(hint: Any) -> "OptionInfo | ArgumentInfo | None":
    from typer.models import ArgumentInfo, OptionInfo

    kinds = (OptionInfo, ArgumentInfo)
    return next((told for told in _told(hint) if isinstance(told, kinds)), None)


def _told(hint: Any) -> tuple[Any, ...]:
    """Return what stands in `Annotated` beside the type; () beside a bare one."""
    return tuple(hint.__metadata__) if get_origin(hint) is Annotated else ()


def _reading(hint: Any) -> Read | None:
    return next((told for told in _told(hint) if isinstance(told, Read)), None)


def _parameter(field: "Field[Any]", hint: Any) -> Parameter:
    """Return a field as a parameter of a command: tuples as lists, others as they are typed."""
    reading, kind = _reading(hint), get_args(hint)[0]
    default = Parameter.empty if field.default is MISSING else field.default
    if field.default_factory is not MISSING:
        default = field.default_factory()
    if reading is not None:
        kind = list[str] if reading.is_repeated else str
        default = default if default is Parameter.empty else reading.shown
    elif get_origin(kind) is tuple:
        kind = list[get_args(kind)[0]]  # type: ignore[misc]
    if get_origin(kind) is list and default is not Parameter.empty:
        kind, default = kind | None, None
    options = [told for told in _told(hint) if not isinstance(told, Read | _Spread)]
    return Parameter(
        field.name,
        Parameter.KEYWORD_ONLY,
        default=default,
        annotation=Annotated[kind, *options],
    )


def _read(
    asked: Mapping[str, "Field[Any]"], hints: Mapping[str, Any], typed: Mapping[str, Any]
) -> dict[str, Any]:
    """Return what was typed as values of the fields; left out is what was not said.

    Raises:
        UsageError: a value cannot be read.
    """
    values: dict[str, Any] = {}
    for name, value in typed.items():
        reading, kind = _reading(hints[name]), get_args(hints[name])[0]
        if reading is not None:
            if value is not None:
                values[name] = reading.value(value)
        elif get_origin(kind) is tuple:
            values[name] = tuple(value or ())
        else:
            values[name] = value
    return values
