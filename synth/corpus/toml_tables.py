"""Read a TOML file into a frozen value; what is wrong with it names the file and the key."""

from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from textlines.errors import InputError
from textlines.files import read_text
from textlines.parsing import parse_toml

M = TypeVar("M", bound=BaseModel)


def read_table(where: Path | str, model: type[M], text: str | None = None) -> M:
    """Read a TOML file, or `text` in its stead, and check it against the model.

    Raises:
        InputError: it cannot be read, is not TOML or UTF-8, or a key is unknown or wrong.
    """
    if text is None:
        text = read_text(Path(where), "the corpus file")
    table = parse_toml(text, str(where), "the corpus file", "Mend that line.")
    try:
        return model.model_validate(table)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        if first["type"] == "extra_forbidden":
            raise InputError(
                str(where), f"has an unknown key {key!r}", f"It may hold {_known(model)}."
            ) from None
        raise InputError(str(where), f"key {key!r}: {first['msg']}", "Mend that value.") from None


def _known(model: type[BaseModel]) -> str:
    """List the keys that a model takes, those of the tables in it after their own."""
    names = []
    for name, field in model.model_fields.items():
        inner = [
            item
            for item in (field.annotation, *getattr(field.annotation, "__args__", ()))
            if isinstance(item, type) and issubclass(item, BaseModel)
        ]
        names.append(f"{name} ({', '.join(inner[0].model_fields)})" if inner else name)
    return ", ".join(names)
