"""Style files: TOML to a checked `Style`."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from synth.styles.model import Style
from textlines.errors import InputError, UsageError
from textlines.files import read_text
from textlines.parsing import parse_toml

HERE = Path(__file__).parent


def style_names() -> tuple[str, ...]:
    """List the styles that come with the package."""
    return tuple(sorted(path.stem for path in HERE.glob("*.toml")))


def load_style(name_or_path: str, settings: Sequence[str] = ()) -> Style:
    """Read a style by its name (`lcd`) or from a file of the user's (`./my-lcd.toml`).

    Args:
        settings: `key=value` pairs that go over the file, keys with dots between the parts and
            values as TOML writes them: `output.height=32`, `camera.jpeg.p=0`.

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
        raise UsageError(str(path), describe(error), "See docs/styles.md for all keys.") from None


def _set(raw: dict[str, Any], setting: str) -> None:
    """Put one `key=value` into a style as read."""
    key, sign, value = setting.partition("=")
    *parents, last = key.strip().split(".")
    try:
        if not sign or not last:
            raise ValueError("there is no key=value in it")
        new = parse_toml(f"value = {value}", "--set", "it", "")["value"]
        table = raw
        for parent in parents:
            table = table.setdefault(parent, {})
        table[last] = new
    except (InputError, ValueError, AttributeError, TypeError) as error:
        raise UsageError(
            f"--set {setting}", f"cannot be read ({error})", "Write --set output.height=32."
        ) from None


def describe(error: ValidationError) -> str:
    """Say what pydantic found, as `key: what` with dots between the parts of a key."""
    found = []
    for item in error.errors(include_url=False)[:5]:
        key = ".".join(str(part) for part in item["loc"])
        what = "is unknown" if item["type"] == "extra_forbidden" else item["msg"]
        found.append(f"{key} {what}" if what == "is unknown" else f"{key}: {what}")
    more = error.error_count() - len(found)
    return "; ".join(found) + (f"; and {more} more" if more > 0 else "")
