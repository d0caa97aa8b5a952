"""`plan.toml`: a plan on disk, and single values of it changed by `--set key=value`."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from textlines.errors import InputError, UsageError
from textlines.files import read_text, replacing
from textlines.parsing import parse_toml, parse_value
from train.models.base_folder import to_toml
from train.tuning.plan_model import FORMAT, TrainPlan

PLAN = "plan.toml"

_AGAIN = "Mend the value, or make the plan again with `train plan`."


def plan_text(plan: TrainPlan) -> str:
    """Write a plan as TOML; lists of tables as PaddleOCR's users know them, `[[stages]]`."""
    content = plan.model_dump(mode="json", exclude_none=True)
    tables = {
        "stages": content.pop("stages"),
        "mix.lists": content["mix"].pop("lists"),
        "rules": content.pop("rules"),
    }
    text = to_toml(content)
    for name, rows in tables.items():
        for row in rows:
            said = row.pop("said", None)
            text += f"\n[[{name}]]\n" + to_toml(row)
            text += to_toml({name: {"said": said}}) if said else ""
    return text


def write_plan(plan: TrainPlan, path: Path) -> None:
    """Write a plan, whole or not at all.

    Raises:
        InputError: the file cannot be written.
    """
    with replacing(path) as out:
        out.write(plan_text(plan))


def read_plan(path: Path) -> TrainPlan:
    """Read a plan.

    Raises:
        InputError: the file is not there, no TOML, of another format, or holds unknown keys or
            values out of their range; names each.
    """
    content = parse_toml(read_text(path, "the plan"), str(path), "the plan", _AGAIN)
    found = content.get("format")
    if found != FORMAT:
        old = found == 1
        raise InputError(
            str(path),
            f"is a plan of format {found}, not {FORMAT}"
            + (": it does not say which lines are new and which were rendered" if old else ""),
            "Make the mix and the plan again: balance mix, train plan." if old else _AGAIN,
        )
    try:
        plan = TrainPlan.model_validate(content)
    except ValidationError as error:
        raise InputError(str(path), f"is no plan ({faults_of(error)})", _AGAIN) from error
    if not plan.stop.target and plan.folds is None:
        raise InputError(
            str(path), "names nothing to stop by (stop.target is empty, there are no folds)", _AGAIN
        )
    return plan


def with_values(content: Mapping[str, Any], changes: Sequence[str]) -> dict[str, Any]:
    """Change values of a plan's content by `key=value`, keys as `step.batch` or `stages.0.rate`.

    Values are TOML; what is none is text, and so is all that stands in the place of text.

    Raises:
        UsageError: a change has no "=", or names what no plan has.

    >>> with_values({"step": {"batch": 32}}, ["step.batch=16"])
    {'step': {'batch': 16}}
    >>> with_values({"step": {"wavering": ""}}, ["step.wavering=10"])
    {'step': {'wavering': '10'}}
    """
    changed: dict[str, Any] = _copied(content)
    for change in changes:
        key, equals, text = change.partition("=")
        if not equals:
            raise UsageError(f"--set {change}", "has no '='", "Write --set step.batch=16.")
        *path, last = key.strip().split(".")
        place: Any = changed
        for name in (*path, last):
            holder = place
            index: Any = int(name) if isinstance(holder, list) and name.isdecimal() else name
            try:
                place = holder[index]
            except (KeyError, IndexError, TypeError):
                raise UsageError(
                    f"--set {key}", f"names no value of a plan ({name!r})", _known(holder)
                ) from None
        holder[index] = parse_value(text, is_text=type(place) is str)
    return changed


def faults_of(error: ValidationError) -> str:
    """Put what pydantic found into one line."""
    return "; ".join(
        f"{'.'.join(map(str, fault['loc'])) or 'plan'}: {fault['msg']}" for fault in error.errors()
    )


def _known(holder: Any) -> str:
    if isinstance(holder, dict):
        return f"Known here: {', '.join(holder)}."
    if isinstance(holder, list):
        return f"Known here: 0..{len(holder) - 1}." if holder else "The list is empty."
    return f"{holder!r} is a value, it holds no others."


def _copied(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _copied(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_copied(one) for one in value]
    return value
