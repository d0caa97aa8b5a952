"""The reference pages of docs/ from the code: docs/cli.md and docs/api.md.

    python tools/reference.py           # write both
    python tools/reference.py --check   # ends with 1 where a page is not what the code says

docs/cli.md holds what `--help` says of each command, without its colours and its width.
docs/api.md holds what a package names in `__all__`, with signatures and docstrings; of a request
each field that is an option.
"""

import argparse
import dataclasses
import importlib
import inspect
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import typer
from typer.models import OptionInfo

DOCS = Path(__file__).resolve().parents[1] / "docs"
TOOLS = ("synth", "balance", "train")
CLI_HEAD = """# Commands

Made by `python tools/reference.py` from what `--help` says; do not edit.

Exit codes: 0 done or passed, 1 failed or found, 2 usage, 3 cannot tell, 4 partial (call again to
go on), 130 interrupted.
"""
API_HEAD = """# From Python

Made by `python tools/reference.py` from docstrings; do not edit. What is not named here is not
public: it moves when the house does.
"""


def cli_page() -> str:
    """Return docs/cli.md."""
    parts = [CLI_HEAD]
    for tool in TOOLS:
        group: Any = typer.main.get_command(importlib.import_module(f"{tool}.cli").app)
        context = group.make_context(tool, ["doctor"], resilient_parsing=True)
        parts += _commands(tool, group, context)
    return "\n".join(parts)


def _commands(words: str, group: Any, context: Any) -> Iterator[str]:
    """Yield the sections of a group's commands; those of a group within it stand in its place."""
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        called = f"{words} {name}"
        if hasattr(command, "list_commands"):
            inner = command.make_context(called, [""], resilient_parsing=True)
            yield from _commands(called, command, inner)
        else:
            yield _command(called, command)


def _command(name: str, command: Any) -> str:
    context = command.make_context(name, [], resilient_parsing=True)
    arguments: list[tuple[str, str]] = []
    options: list[tuple[str, str]] = []
    for parameter in command.get_params(context):
        record = parameter.get_help_record(context)
        if record is None or "--help" in parameter.opts:
            continue
        (options if parameter.param_type_name == "option" else arguments).append(record)
    usage = " ".join([name, *command.collect_usage_pieces(context)])
    lines = [f"## {name}", "", inspect.cleandoc(command.help or ""), "", f"`{usage}`", ""]
    for title, records in (("argument", arguments), ("option", options)):
        if records:
            lines += [f"| {title} | |", "|---|---|"]
            lines += [f"| {_code(left)} | {_cell(right)} |" for left, right in records]
            lines.append("")
    return "\n".join(lines)


def _code(text: str) -> str:
    """Return an option as code; one that may stand several times is told by dots.

    >>> _code("--fonts <list[Path]>"), _code("--seed <int>")
    ('`--fonts <path> ...`', '`--seed <int>`')
    """
    repeated = re.sub(r"<list\[(\w+)\]>", lambda kind: f"<{kind[1].lower()}> ...", text)
    return f"`{_cell(repeated)}`"


def _cell(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip().replace("|", "\\|")


def api_page() -> str:
    """Return docs/api.md."""
    parts = [API_HEAD]
    for tool in ("textlines", *TOOLS):
        package = importlib.import_module(tool)
        names = getattr(package, "__all__", ())
        if names:
            parts.append(f"## {tool}\n\n{inspect.getdoc(package)}\n")
            parts += [_documented(tool, name, getattr(package, name)) for name in names]
    return "\n".join(parts)


def _documented(tool: str, name: str, value: Any) -> str:
    lines = [f"### {tool}.{name}", ""]
    options = list(_options(value))
    if callable(value) and not options:
        lines += ["```python", f"{name}{_signature(value)}", "```", ""]
    lines += [_text(value), ""]
    if options:
        lines += ["| field | type, default | |", "|---|---|---|", *options, ""]
    for inner, member in _members(value):
        lines += [f"**`{inner}{_signature(member)}`**", "", _text(member), ""]
    return "\n".join(lines)


def _options(value: Any) -> Iterator[str]:
    """Yield the fields of a request that are options of a command, as rows of a table."""
    if not inspect.isclass(value) or not dataclasses.is_dataclass(value):
        return
    hints = get_type_hints(value, include_extras=True)
    fields: dict[str, Any] = {field.name: field for field in dataclasses.fields(value)}
    for name, parameter in inspect.signature(value).parameters.items():
        kind, *told = get_args(hints[name]) if get_origin(hints[name]) is Annotated else (None,)
        option = next((each for each in told if isinstance(each, OptionInfo)), None)
        if option is None:
            continue
        default = parameter.default
        if fields[name].default_factory is not dataclasses.MISSING:
            default = fields[name].default_factory()
        is_needed = default is inspect.Parameter.empty
        typed = _without_places(inspect.formatannotation(kind))
        shown = typed if is_needed else f"{typed} = {default!r}"
        yield f"| `{name}` | `{_cell(shown)}` | {_cell(option.help or '')} |"


def _members(value: Any) -> Iterator[tuple[str, Any]]:
    """Yield the documented public methods of a class, in the order of its source."""
    if inspect.isclass(value):
        for name, member in vars(value).items():
            if inspect.isfunction(member) and not name.startswith("_") and member.__doc__:
                yield name, member


def _signature(value: Any) -> str:
    try:
        text = str(inspect.signature(value))
    except (TypeError, ValueError):
        return ""
    return _without_places(text).replace("(self, ", "(").replace("(self)", "()")


def _without_places(text: str) -> str:
    """Take the modules of classes away: where one lies is not part of the contract.

    >>> _without_places("dict[str, pathlib.Path]")
    'dict[str, Path]'
    """
    return re.sub(r"\b(?:[a-z_]+\.)+([A-Z]\w*)", r"\1", text)


def _text(value: Any) -> str:
    """Return a docstring as Markdown: sections and doctests as blocks of code."""
    return f"```text\n{inspect.getdoc(value) or ''}\n```"


def main() -> int:
    """Write the pages, or compare them; return 1 where one differs."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing")
    parser.add_argument("--docs", type=Path, default=DOCS)
    arguments = parser.parse_args()
    stale = False
    for name, text in (("cli.md", cli_page()), ("api.md", api_page())):
        path = arguments.docs / name
        if not arguments.check:
            path.write_text(text, encoding="utf-8")
        elif not path.exists() or path.read_text(encoding="utf-8") != text:
            print(f"{path}: not what the code says; run: python tools/reference.py")
            stale = True
    return int(stale)


if __name__ == "__main__":
    sys.exit(main())
