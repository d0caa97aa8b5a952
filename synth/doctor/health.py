"""What the doctor finds: one check of the installation, and how all of them are together."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Status = Literal["ok", "warn", "fail"]


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at: its name, how it is, what was found, and what to do about it."""

    name: str
    status: Status
    found: str
    advice: str = ""


def worst(checks: Sequence[Check]) -> Status:
    """Name the worst status among the checks."""
    held = {check.status for check in checks}
    return "fail" if "fail" in held else "warn" if "warn" in held else "ok"
