"""`train export`: a trained recognizer as the folder that goes into production."""

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from textlines.wording.counts import count_of
from train.shared_options import Json, Turn

if TYPE_CHECKING:
    from train.export.candidate import Exported
    from train.models.base_folder import Parity


def export(
    source: Annotated[
        Path,
        typer.Argument(help="A run folder (its best/ is taken), or a folder of `train weights`."),
    ],
    out: Annotated[Path, typer.Option(help="Folder to make, e.g. candidate/.")],
    labels: Annotated[
        Path | None,
        typer.Option(help="Label file of real lines to prove both forms on; 64 of them at most."),
    ] = None,
    images: Annotated[
        Path | None,
        typer.Option(help="Folder that paths start from. [default: that of the label file]"),
    ] = None,
    model_name: Annotated[
        str | None,
        typer.Option(
            help="Name under which paddleocr opens it, one of its own. [default: the base's]"
        ),
    ] = None,
    turn: Turn = None,
    pdparams: Annotated[
        bool,
        typer.Option(
            "--pdparams",
            help="Also write pretrained.pdparams, for PaddleOCR's own training: it has the "
            "statistics of the lines that the run was trained on, else of --labels.",
        ),
    ] = False,
    json: Json = False,
) -> None:
    """Write a recognizer as PaddleOCR 3.x and onnxruntime read it, proven to read alike.

    inference.json, inference.pdiparams and inference.yml for PaddleOCR, inference.onnx with the
    dictionary inside, dictionary.txt, a record of hashes and comparisons (export.toml), and the
    history of the lines that its steps have seen. Float32. Nothing is written if a form reads
    otherwise than the network. Says how paddleocr, RapidOCR and OpenVINO open it.
    """
    from json import dumps

    from textlines.outputs import check_outputs, folder
    from textlines.progress import watching
    from train.commands.needed import need_paddle_on_cpu
    from train.export.export_source import open_source

    check_outputs(
        [folder("--out", out)],
        {"SOURCE": [source, source / "best"], "--labels": labels, "--images": images},
    )

    # What was named is looked at first: its faults are told without Paddle, and before Paddle is
    # loaded, which takes seconds.
    opened = open_source(source)
    need_paddle_on_cpu("train export", "yaml")
    from train.export.candidate import write_candidate

    with watching("lines read by each form", as_json=json) as watch:
        exported = write_candidate(
            opened,
            out,
            labels=labels,
            images=images,
            model_name=model_name,
            turning=turn,
            with_checkpoint=pdparams,
            watch=watch,
        )
    if json:
        sys.stdout.write(dumps(record(exported), ensure_ascii=False) + "\n")
        return
    sys.stdout.write("".join(f"{line}\n" for line in summary(exported)))


_SETTLED_ON = {
    "mix": "lines that the run was trained on; PaddleOCR's training goes on from there",
    "labels": "the lines of --labels; train on lines like these",
}


def record(exported: "Exported") -> dict[str, Any]:
    """Return an export as it is printed in JSON."""
    from train.export.candidate import opening_lines

    source, base = exported.source, exported.source.base
    return {
        "path": str(exported.path),
        "model_name": exported.model_name,
        "source": {
            "path": str(source.asked),
            "of": "run" if source.is_run else "base",
            "name": base.spec.name,
        },
        "dictionary": base.alphabet.table(),
        "files": dict(exported.files),
        "turn": exported.turning,
        "settled_on": exported.settled_on or None,
        "parity": [asdict(parity) for parity in exported.parity],
        "left_out": exported.left_out.as_dict(),
        "history": exported.history.summary(),
        "open_with": dict(opening_lines(exported.path, exported.model_name)),
    }


def summary(exported: "Exported") -> list[str]:
    """Put an export into lines of text."""
    from textlines.labels.alphabet import told_space
    from train.export.candidate import opening_lines
    from train.reading.turning import IN_PADDLEOCR

    source, base, history = exported.source, exported.source.base, exported.history
    of = f"{source.asked}/best" if source.is_run else str(source.asked)
    entries = count_of(len(base.alphabet.entries), "entry", "entries")
    lines = [
        f"{exported.path}: {base.spec.name} from {of}, fp32",
        f"  dictionary  {entries}{told_space(base.alphabet)}",
        f"  files       {', '.join(exported.files)}",
    ]
    if exported.turning == "auto":
        lines.append(f"  turn        crops are read in their turns; in PaddleOCR: {IN_PADDLEOCR}")
    lines += [f"  parity      {_told(parity)}" for parity in exported.parity]
    if exported.settled_on:
        lines.append(f"  settled on  {_SETTLED_ON[exported.settled_on]}")
    lines += [f"  labels      {reason}" for reason in exported.left_out.lines()]
    lines.append(
        f"  history     {count_of(history.saw, 'step')} saw "
        f"{count_of(len(history.images), 'image')}"
        if not history.gaps
        else "  history     not whole: `train gate` cannot tell which lines it has seen "
        f"({'; '.join(history.gaps)})"
    )
    opened = opening_lines(exported.path, exported.model_name)
    lines += [f"  {name:<10}  {line}" for name, line in opened.items()]
    return lines


def _told(parity: "Parity") -> str:
    ties = f" ({count_of(parity.ties, 'tie')})" if parity.ties else ""
    beyond = (
        f", {count_of(parity.beyond, 'line')} within 10 x their rounding" if parity.beyond else ""
    )
    return (
        f"{parity.of}: {parity.largest:.1e} at most (limit {parity.tolerance:g}{beyond}), "
        f"same text on {parity.same_text} of {count_of(parity.lines, 'line')}{ties}"
    )
