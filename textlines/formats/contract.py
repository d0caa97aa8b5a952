"""What the models of all files share: values that never change, versions, faults in words."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, NamedTuple, TypeVar

from pydantic import AfterValidator, BaseModel, ValidationError

from textlines.errors import InputError
from textlines.files import read_text, replacing
from textlines.parsing import parse_json
from textlines.wording import Said, Sentence

_SHOWN = 3
"""Faults of one file that a message names."""


def _is_record(said: Said) -> Said:
    if said:
        Sentence.of_record(said)
    return said


SaidRecord = Annotated[Mapping[str, Any], AfterValidator(_is_record)]
"""A sentence of a file with its figures apart (`Sentence.record_of_figures`), beside the words."""


class Contract(BaseModel, frozen=True, extra="forbid", defer_build=True):
    """A value of a file. Unknown keys are refused: a later version may mean something by them."""


class Record(Contract):
    """A value that is a file of its own."""

    def write(self, path: Path) -> None:
        """Write the record as JSON with sorted keys, whole or not at all.

        Raises:
            InputError: the file cannot be written.
        """
        content = self.model_dump(mode="json")
        with replacing(path) as out:
            out.write(json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True) + "\n")


Model = TypeVar("Model", bound=BaseModel)


class Document(NamedTuple):
    """How messages speak of a file that holds one JSON object.

    Attributes:
        what: its use ("the profile"). noun: what it is ("an error profile").
        again: how it is made again, a sentence. key: under which its version stands.
    """

    what: str
    noun: str
    again: str
    key: str = "version"


def read_document(path: Path, kind: Document) -> dict[str, Any]:
    """Read a JSON object, whatever its version.

    Raises:
        InputError: the file cannot be read, is no JSON, or is no object.
    """
    content = parse_json(read_text(path, kind.what), str(path), kind.what, kind.again)
    if not isinstance(content, dict):
        raise InputError(str(path), f"is JSON, but no {_bare(kind.noun)}", kind.again)
    return content


def check_version(
    content: Mapping[str, Any], path: Path, kind: Document, version: int, *, too_old: str = ""
) -> None:
    """Refuse an object of another version.

    Args:
        too_old: why earlier versions are not read; without it they are refused as later ones are.

    Raises:
        InputError: says both versions and the way out.
    """
    found = content.get(kind.key)
    if type(found) is int and found == version:
        return
    if found is None:
        raise InputError(
            str(path), f"is JSON, but no {_bare(kind.noun)} (it has no {kind.key})", kind.again
        )
    what = f"is {kind.noun} of {kind.key} {found!r}, this program reads {kind.key} {version}"
    if too_old and type(found) is int and found < version:
        raise InputError(str(path), f"{what}: {too_old}", kind.again)
    raise InputError(str(path), what, f"{kind.again} Or use the program version that wrote it.")


def validated(
    model: type[Model], content: Mapping[str, Any], where: str | Path, kind: Document
) -> Model:
    """Make a model of an object.

    Raises:
        InputError: keys are missing or unknown, or values are wrong; names the first of them.
    """
    try:
        return model.model_validate(content)
    except ValidationError as error:
        raise InputError(
            str(where), f"holds what {kind.noun} may not: {faults_of(error)}", kind.again
        ) from error


def faults_of(error: ValidationError) -> str:
    """Put the first faults that pydantic found into words, by their place in the file."""
    faults = error.errors(include_url=False)
    told = [f"{_place(fault['loc'])}: {fault['msg'].lower()}" for fault in faults[:_SHOWN]]
    more = f" and {len(faults) - _SHOWN} more" if len(faults) > _SHOWN else ""
    return f"{'; '.join(told)}{more}"


def _bare(noun: str) -> str:
    return noun.partition(" ")[2]


def _place(steps: tuple[Any, ...]) -> str:
    """Write a place as one reads it: ranked[3].recall."""
    text = ""
    for step in steps:
        text += f"[{step}]" if isinstance(step, int) else f".{step}"
    return text.lstrip(".") or "it"
