"""What `train plan` is asked for, and what `--set` changes.

Imports next to nothing: the options of the command are made from here.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from textlines.errors import UsageError
from textlines.formats.judged_set import JudgedSet
from textlines.parsing import parse_value
from textlines.request_options import SPREAD, Read, check_request
from train.networks.devices import Device, DeviceChoice, chosen_device
from train.shared_options import GeneralStops, StopImages, Turn, read_sets

Mode = Literal["head", "whole", "both"]
"""Layers that learn: neck and last layer, all, or one after the other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRequest:
    """What a run is to do, and where it is written; the fields are the options of the command.

    Attributes:
        model: the folder of the base model. mix: the folder of the mix. out: of the run.
        stop_on, general_stop: label files with their comparisons; images: the folder that their
            paths start from; None takes the folder of each.
        folds: of `train fold`, in place of `stop_on`, or beside it to vet the own lines.
        minutes: 0 for no budget.
        tune: None is the head on a CPU and with folds, and the whole network on a GPU.
        rate: peak of the whole network's stage; None takes the guide's. head_rate: of the head's.
        profile: what the new lines were made for (`rows_from` and `wavering` take from it).
        earlier_profile: of new lines that earlier rounds drew.
        turn: whether crops are read in their turns; None as the base model's record says.
        changes: `key=value`, made to the plan last (`--set`).
        fold_count: folds to plan for, in place of `stop_on` and `folds`; 0 for one run. No option:
            `train fold` asks so.

    Raises:
        UsageError: a number is out of range.
    """

    model: Annotated[Path, typer.Option(help="Folder of `train weights`: what to start from.")]
    mix: Annotated[Path, typer.Option(help="Folder of `balance mix`: what to train on.")]
    out: Annotated[Path, typer.Option(help="Folder of the run.")]
    stop_on: Annotated[
        tuple[JudgedSet, ...],
        Read(read_sets, is_repeated=True),
        SPREAD,
        typer.Option(
            metavar="FILE[:COMPARISON]...",
            help="Label files of lines that are to be read better; the run stops and blends by "
            "them. Never those that the gate judges by. COMPARISON: exact (default), casefold, "
            "alnum, nospace.",
        ),
    ] = ()
    folds: Annotated[
        Path | None,
        typer.Option(
            help="Folder of `train fold` on the same own lines. In place of --stop-on the run "
            "ends and blends where the folds were best; beside it they only vet the labels."
        ),
    ] = None
    suspects: Annotated[
        Literal["stop", "accept"],
        typer.Option(help="Labels that the folds doubt: stop where they are many, or go on."),
    ] = "stop"
    general_stop: GeneralStops = ()
    images: StopImages = None
    minutes: Annotated[
        float,
        typer.Option(
            min=0,
            help="Fit the epochs to this wall time; train rec keeps to it where the machine is "
            "slower. [default: no budget]",
        ),
    ] = 0.0
    tune: Annotated[
        Mode | None,
        typer.Option(
            help="head: neck and last layer on features that are kept on disk, a step costs a "
            "twentieth. whole: every layer. both: one after the other. [default: head on a CPU, "
            "whole on a GPU]"
        ),
    ] = None
    rate: Annotated[
        float | None,
        typer.Option(help="Peak learning rate of the whole network. [default: the guide's]"),
    ] = None
    head_rate: Annotated[
        float | None, typer.Option(help="Peak rate of the head. [default: 20 times the guide's]")
    ] = None
    batch: Annotated[int, typer.Option(min=1, help="Lines a step on each device.")] = 32
    devices: Annotated[int, typer.Option(min=1, help="Processes that share a step.")] = 1
    device: Annotated[
        DeviceChoice,
        typer.Option(help="What to train on. auto: a GPU where this Paddle has one, else the CPU."),
    ] = "auto"
    dictionary: Annotated[
        Path | None,
        typer.Option(help="Another dictionary than the model's: known rows are copied."),
    ] = None
    use_space_char: Annotated[
        bool | None,
        typer.Option(
            "--use-space-char/--no-space",
            help="Whether a space follows it. [default: as its YAML or model folder says; else as "
            "in the base model]",
        ),
    ] = None
    row_from: Annotated[
        tuple[str, ...],
        typer.Option(metavar="NEW=OLD", help="A new entry that starts from an old one."),
    ] = ()
    profile: Annotated[
        Path | None,
        typer.Option(
            help="Error profile the new lines were made for: the lines it was mined from count as "
            "seen, and new entries start from what they were read as."
        ),
    ] = None
    earlier_profile: Annotated[
        tuple[Path, ...],
        typer.Option(
            help="Further profiles that new lines of the mix were made for, in earlier rounds: "
            "what they were mined from counts as seen. Repeatable."
        ),
    ] = ()
    turn: Turn = None
    like: Annotated[
        Path | None,
        typer.Option(
            help="Label file of lines as production holds them: what of it own lines lack is "
            "where further labels help. [default: the profile's characters]"
        ),
    ] = None
    seen: Annotated[
        tuple[Path, ...],
        typer.Option(help="Further label files that an earlier step has read. Repeatable."),
    ] = ()
    changes: Annotated[
        tuple[str, ...],
        typer.Option("--set", metavar="KEY=VALUE", help="Change a value: step.batch=16."),
    ] = ()
    paddleocr_yaml: Annotated[
        Path | None,
        typer.Option(
            help="Also write the plan's stage of the whole network for PaddleOCR's own "
            "tools/train.py, with the weights and label files that it takes (--tune whole or both)."
        ),
    ] = None
    seed: Annotated[int, typer.Option(help="Another seed orders and varies lines otherwise.")] = 0
    fold_count: int = 0

    def __post_init__(self) -> None:
        check_request(self)

    def tuned_on(self) -> tuple[Mode, Device]:
        """Return what is tuned and on what: here, where the request leaves it open.

        Folds tell of the head alone.
        """
        device = chosen_device(self.device)
        on_gpu: Mode = "whole" if device == "gpu" and self.folds is None else "head"
        return self.tune or on_gpu, device


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


def asked_warmups(changes: tuple[str, ...], stages: int) -> frozenset[int]:
    """Return the numbers of the stages whose warm-up `--set` has set, alone or with all else."""
    keys = [change.partition("=")[0].strip() for change in changes]
    if "stages" in keys:
        return frozenset(range(stages))
    matches = (re.fullmatch(r"stages\.(\d+)(\.warmup)?", key) for key in keys)
    return frozenset(int(match[1]) for match in matches if match)


def _known(holder: Any) -> str:
    if isinstance(holder, dict):
        return f"Known here: {', '.join(holder)}."
    if isinstance(holder, list):
        return f"Known here: 0..{len(holder) - 1}." if holder else "The list is empty."
    return f"{holder!r} is a value, it holds no others."


def _copied(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _copied(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_copied(item) for item in value]
    return value
