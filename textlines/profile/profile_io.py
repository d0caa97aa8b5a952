"""The file of an error profile."""

import hashlib
import json
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from textlines.errors import InputError
from textlines.files import read_text, replacing
from textlines.profile.model import VERSION, ErrorProfile

_AGAIN = "Make it again with `train mine`."


def save_profile(profile: ErrorProfile, path: Path) -> None:
    """Write a profile, whole or not at all: JSON, UTF-8, the same bytes for the same profile.

    Raises:
        InputError: the file cannot be written.
    """
    with replacing(path) as out:
        out.write(profile_text(profile))


def profile_text(profile: ErrorProfile) -> str:
    """Give the content of a profile's file."""
    return json.dumps(profile.model_dump(mode="json"), ensure_ascii=False, indent=1) + "\n"


def profile_sha256(profile: ErrorProfile) -> str:
    """Hash what `save_profile` writes, in hexadecimal."""
    return hashlib.sha256(profile_text(profile).encode()).hexdigest()


def load_profile(path: Path) -> ErrorProfile:
    """Read a profile.

    Raises:
        InputError: the file is not there, no JSON, no profile, of another version, or holds
            unknown or wrong values; each is named.
    """
    where = str(path)
    text = read_text(path, "the profile")
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        raise InputError(
            f"{where}:{error.lineno}", f"is not JSON ({error.msg})", f"{_AGAIN}"
        ) from error
    except ValueError as error:  # a number of thousands of digits
        raise InputError(where, f"is not JSON ({error})", _AGAIN) from error
    except RecursionError as error:
        raise InputError(where, "is nested too deeply for a profile", _AGAIN) from error
    if not isinstance(data, dict) or "version" not in data:
        raise InputError(where, "is JSON, but no error profile (it has no version)", _AGAIN)
    if data["version"] != VERSION:
        raise InputError(
            where,
            f"is a profile of version {data['version']!r}, this program reads version {VERSION}",
            f"{_AGAIN[:-1]} of this version, or use the program that wrote it.",
        )
    try:
        return ErrorProfile.model_validate(data)
    except ValidationError as error:
        raise InputError(where, _told(error), _AGAIN) from error


def _told(error: ValidationError) -> str:
    """Name the first three faults that pydantic found, by their place in the file."""
    faults = error.errors(include_url=False)
    told = [f"{_place(fault['loc'])}: {fault['msg'].lower()}" for fault in faults[:3]]
    more = f" and {len(faults) - 3} more" if len(faults) > 3 else ""
    return f"holds what a profile may not: {'; '.join(told)}{more}"


def _place(steps: tuple[Any, ...]) -> str:
    """Write a place as one reads it: ranked[3].recall."""
    text = ""
    for step in steps:
        text += f"[{step}]" if isinstance(step, int) else f".{step}"
    return text.lstrip(".")
