"""Style files: TOML to a checked `Style`."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from pydantic import ValidationError

from synth.styles.model import Style
from textlines.errors import InputError, UsageError
from textlines.files import read_text
from textlines.parsing import parse_toml, parse_value

HERE = Path(__file__).parent


def style_names() -> tuple[str, ...]:
    """List the styles that come with the package."""
    return tuple(sorted(path.stem for path in HERE.glob("*.toml")))


def load_style(name_or_path: str, settings: Sequence[str] = ()) -> Style:
    """Read a style by its name (`lcd`) or from a file of the user's (`./my-lcd.toml`).

    Args:
        settings: `key=value` pairs that go over the file, keys with dots between the parts and
            values as TOML writes them, or text without its quotes: `output.height=32`,
            `camera.jpeg.p=0`, `output.format=png`.

    Raises:
        UsageError: there is no such style, the file is no TOML, or a key in it is unknown or
            has a value out of range; names the file and the key.
    """
    path = Path(name_or_path)
    if path.suffix != ".toml":
        path = HERE / f"{name_or_path}.toml"
        if not path.exists():
            raise UsageError(
                f"--style {name_or_path}",
                "there is no such style",
                f"There are: {', '.join(style_names())}; or name a .toml file of your own.",
            )
    elif not path.exists():
        raise UsageError(str(path), "there is no such file", "")
    try:
        raw = parse_toml(read_text(path, "the style"), str(path), "the style", "")
    except InputError as error:
        raise UsageError(str(path), f"cannot be read as TOML ({error.what})", error.mend) from None
    raw.setdefault("name", path.stem)
    for setting in settings:
        _set(raw, setting)
    try:
        return Style.model_validate(raw)
    except ValidationError as error:
        where = _setting_at(error, settings) or str(path)
        raise UsageError(where, describe(error), "See docs/styles.md for all keys.") from None


def _set(raw: dict[str, Any], setting: str) -> None:
    """Put one `key=value` into a style as read."""
    key, sign, value = setting.partition("=")
    path = key.strip().split(".")
    if not sign or not all(path):
        raise UsageError(
            f"--set {setting}", "there is no key=value in it", "Write --set output.height=32."
        )
    table: Any = raw
    for depth, parent in enumerate(path[:-1], 1):
        table = table.setdefault(parent, {})
        if not isinstance(table, dict):
            raise UsageError(
                f"--set {setting}",
                f"{'.'.join(path[:depth])} is a value in this style and holds no keys",
                f"Write it whole: --set '{'.'.join(path[:depth])}={{ p = 0.5 }}'.",
            )
    table[path[-1]] = parse_value(value.strip(), is_text=_takes_text(path))


def _takes_text(path: Sequence[str]) -> bool:
    """Whether a key of a style, by the parts of its name, takes text."""
    model: Any = Style
    for name in path:
        fields = getattr(model, "model_fields", {})
        if name not in fields:
            return False
        model = fields[name].annotation
    return model is str or (
        get_origin(model) is Literal and all(isinstance(one, str) for one in get_args(model))
    )


def _setting_at(error: ValidationError, settings: Sequence[str]) -> str:
    """Return the last of `--set` that gave the first value at fault; "" where the file did."""
    fault = [str(part) for part in error.errors(include_url=False)[0]["loc"]]
    for setting in reversed(settings):
        path = setting.partition("=")[0].strip().split(".")
        if fault[: len(path)] == path[: len(fault)]:
            return f"--set {setting}"
    return ""


def describe(error: ValidationError) -> str:
    """Say what pydantic found, as `key: what` with dots between the parts of a key."""
    found = []
    for item in error.errors(include_url=False)[:5]:
        key = ".".join(str(part) for part in item["loc"])
        what = "is unknown" if item["type"] == "extra_forbidden" else item["msg"]
        found.append(f"{key} {what}" if what == "is unknown" else f"{key}: {what}")
    more = error.error_count() - len(found)
    return "; ".join(found) + (f"; and {more} more" if more > 0 else "")
