"""The stages of the line as a `dvc.yaml`: what each depends on, leaves, and takes of the settings.

`dvc repro` runs `train line STAGE`, which skips what its own manifest says is done. DVC keeps the
candidate and the verdict alone: the rest stays in the folder of the work, where the stages go on
with what a kill left. A stage that leaves part of a folder would come back without the rest.
"""

import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel

from textlines.files import read_text
from textlines.parsing import parse_toml
from train.pipeline.line import Line
from train.pipeline.places import Places
from train.pipeline.settings import SETTINGS, Settings
from train.pipeline.stage import PREPARE_LINES, Stage
from train.pipeline.table import GATE, line_stages
from train.pipeline.workflow_files import WRITTEN_BY
from train.pipeline.yaml_text import yaml_text

_HEAD = f"""\
{WRITTEN_BY} --dvc` from the stages of the line. Write it again: `train init --dvc --force`.
"""

_KEPT_HERE: Mapping[str, object] = {"cache": False, "persist": True}

NO_STAGE = frozenset({"work", "collect", "rounds"})
"""Keys of the settings that no stage hangs on: where all is made, and what another line does."""


@dataclass(frozen=True, slots=True)
class NamedFiles:
    """What a line was read from, as it was named.

    Attributes:
        labels, images: None where lines are rendered; no images where the label file's folder holds
            them.
        has_work: whether the folder of the work was named, and not by the settings.
    """

    settings: Path
    labels: Path | None = None
    images: Path | None = None
    has_work: bool = False


def dvc_file(line: Line, files: NamedFiles) -> str:
    """Return the stages of a line as YAML for DVC, their paths as the line names them.

    Raises:
        InputError: the settings cannot be read.
    """
    written = _written_keys(files.settings)
    stages = {
        stage.name: _stage(stage, line, files, _params(files.settings, keys, written))
        for stage, keys in zip(line.stages, keys_by_stage(line).values(), strict=True)
    }
    return _HEAD + yaml_text({"stages": stages})


def keys_by_stage(line: Line) -> dict[str, tuple[str, ...]]:
    """Return which keys of the settings each stage hangs on: those that a change of changes it.

    >>> from train.pipeline.stage import Runner
    >>> settings = Settings()
    >>> stages = tuple(line_stages(settings, None, ()))
    >>> keys_by_stage(Line(settings, None, (), stages, Runner()))["export"]
    ()
    """
    found: dict[str, list[str]] = {stage.name: [] for stage in line.stages}
    before = {stage.name: stage.configuration() for stage in line.stages}
    for key, changed in _changes(line.settings):
        after = {
            stage.name: stage.configuration()
            for stage in line_stages(changed, line.target, line.general)
        }
        for name, configuration in before.items():
            if after.get(name) != configuration:
                found[name].append(key)
    return {name: tuple(keys) for name, keys in found.items()}


def _changes(settings: Settings) -> Iterator[tuple[str, Settings]]:
    """Yield each key with the settings in which it alone has another value."""
    for name in Settings.model_fields:
        if name in NO_STAGE:
            continue
        value = getattr(settings, name)
        if isinstance(value, BaseModel):
            for inner, field in type(value).model_fields.items():
                other = _other(getattr(value, inner), field.annotation)
                changed = value.model_copy(update={inner: other})
                yield f"{name}.{inner}", settings.model_copy(update={name: changed})
        else:
            other = _other(value, Settings.model_fields[name].annotation)
            yield name, settings.model_copy(update={name: other})


def _other(value: object, annotation: Any) -> object:
    if get_origin(annotation) is Literal:
        return next(choice for choice in get_args(annotation) if choice != value)
    if isinstance(value, str):
        return f"{value}x"
    if isinstance(value, tuple):
        return (*value, "x")
    if isinstance(value, int | float):
        return value + 1
    return 7.0  # minutes that are "auto"


def _written_keys(path: Path) -> frozenset[str]:
    """Return the keys that a file of settings writes down, those of tables with their table."""
    text = read_text(path, "the pipeline's settings")
    content = parse_toml(text, str(path), "the pipeline's settings", "Mend it.")
    inner = frozenset(
        f"{name}.{key}"
        for name, value in content.items()
        if isinstance(value, dict)
        for key in value
    )
    return inner | {name for name, value in content.items() if not isinstance(value, dict)}


def _params(settings: Path, keys: tuple[str, ...], written: frozenset[str]) -> list[object]:
    """Return the keys that a stage hangs on; the whole file where it leaves one of them unsaid.

    DVC ends with an error for a key that is not there, and would not see one that is added.
    """
    if not keys:
        return []
    return [{str(settings): list(keys) if written.issuperset(keys) else None}]


def _stage(
    stage: Stage, line: Line, files: NamedFiles, params: list[object]
) -> Mapping[str, object]:
    deps = [*([stage.before] if stage.before else []), *_outside(stage, line, files)]
    places = Places(line.work)
    metrics = [places.verdict.with_suffix(".json")] if stage.name == GATE else []
    kept = [path for path in stage.outputs if path.is_relative_to(places.candidate)]
    left = [path for path in (*stage.outputs, stage.manifest) if path not in (*kept, *metrics)]
    parts: dict[str, list[object]] = {
        "deps": [str(path) for path in dict.fromkeys(deps)],
        "params": params,
        "outs": [
            *([{str(places.candidate): {"persist": True}}] if kept else []),
            *({str(path): _KEPT_HERE} for path in left),
        ],
        "metrics": [{str(path): _KEPT_HERE} for path in metrics],
    }
    filled = {name: part for name, part in parts.items() if part}
    return {"cmd": shlex.join(_command(stage, line, files)), **filled}


def _command(stage: Stage, line: Line, files: NamedFiles) -> list[str]:
    command = ["train", "line", stage.name]
    if files.settings != SETTINGS:
        command += ["--settings", str(files.settings)]
    if files.labels is not None:
        command += ["--labels", str(files.labels)]
    if files.images is not None:
        command += ["--images", str(files.images)]
    if files.has_work:
        command += ["--work", str(line.work)]
    # A verdict is what the stage is to leave; "failed" is one.
    return [*command, "--any-verdict"] if stage.name == GATE else command


def _outside(stage: Stage, line: Line, files: NamedFiles) -> Iterator[Path]:
    """Yield the files and folders that a stage reads beside what others leave."""
    if (PREPARE_LINES,) in stage.commands:
        yield from _of_lines(line, files)
    for command in stage.commands:
        for word in command[2:]:
            path = Path(word)
            if path.is_relative_to(line.work) or word == ".":
                continue
            if word and path.exists():
                yield path


def _of_lines(line: Line, files: NamedFiles) -> Iterator[Path]:
    if files.labels is not None:
        yield files.labels
        yield files.images or files.labels.parent
    own = line.settings.own
    for word in (own.stop_labels, own.judge_labels, own.roles, own.marks):
        if word:
            yield Path(word)
    for judged, images in line.settings.general.sets():
        yield judged.path
        yield Path(images) if images else judged.path.parent
