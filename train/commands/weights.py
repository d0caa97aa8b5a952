"""What `train weights` prints."""

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textlines.wording.counts import count_of
from train.commands.needed import need_paddle_on_cpu

if TYPE_CHECKING:
    from train.models.base_folder import Parity
    from train.models.records import Turning
    from train.weights.archives import Unpacked
    from train.weights.convert import Converted

_WORDS = {
    "confirmed_by_name": "of these, named so by the file itself",
    "fused_norms": "normalisations that the exporter had fused",
    "single_numbers": "single numbers in the graph's formulas, which stay as they are",
    "attention_branch": "of the attention branch, left out",
    "unused": "never used for recognition, left out",
    "held_twice": "there by a second name too, alike",
    "other_model": "of the checkpoint's other models, left out",
}


def weights(
    model: str,
    out: Path,
    *,
    dictionary: Path | None,
    use_space_char: bool | None,
    labels: Path | None,
    images: Path | None,
    turning: "Turning | None",
    as_json: bool = False,
) -> None:
    """Convert a model and say what came of it.

    Args:
        as_json: as one JSON object (docs/json.md) in place of lines of text.

    Raises:
        InputError: Paddle is not installed, or as `convert`.
    """
    from textlines.outputs import check_outputs, folder

    check_outputs(
        [folder("--out", out)],
        {"NAME_OR_PATH": model, "--dictionary": dictionary, "--labels": labels, "--images": images},
    )
    need_paddle_on_cpu("train weights")
    from train.weights.archives import unpacked
    from train.weights.convert import convert

    with unpacked(model) as source:
        converted = convert(
            source.path,
            out,
            dictionary=dictionary,
            use_space_char=use_space_char,
            labels=labels,
            images=images,
            turning=turning,
            archive=source.archive,
        )
    if as_json:
        sys.stdout.write(json.dumps(record(converted), ensure_ascii=False) + "\n")
        return
    first, *others = summary(converted)
    printed = [first, *_archive(source), *others]
    sys.stdout.write("".join(f"{line}\n" for line in printed))


def record(converted: "Converted") -> dict[str, Any]:
    """Return a conversion as it is printed in JSON."""
    base, order = converted.base, converted.order or converted.drawn
    return {
        "path": str(base.path),
        "network": base.spec.table(),
        "source": asdict(base.source) | {"precision": base.precision},
        "dictionary": base.alphabet.table(),
        "order": {
            "by": "labels" if converted.order else "drawn lines",
            "is_proven": converted.order is not None and order.is_proven,
            "lines": order.lines,
            "right": order.right,
            "characters": order.characters,
            "characters_right": order.characters_right,
        },
        "parity": [asdict(parity) for parity in base.parity],
        "turn": base.turning,
        "left_out": converted.left_out.as_dict(),
        "history": converted.history.summary(),
    }


def summary(converted: "Converted") -> list[str]:
    """Put a conversion into lines of text."""
    from textlines.labels.alphabet import told_space

    base = converted.base
    spec, alphabet, counts = base.spec, base.alphabet, base.source.tensors
    lines = [
        f"{base.path}: {spec.name} ({spec.family}, {spec.form}, {base.precision} source)",
        f"  tensors     {counts['loaded']} of {counts['loaded']}",
    ]
    for reason, words in _WORDS.items():
        if reason in counts:
            lines.append(f"              {counts[reason]} {words}")
    if base.source.models:
        taken, *others = base.source.models
        lines.append(f"              {taken} was taken of a distillation with {', '.join(others)}")
    entries = count_of(len(alphabet.entries), "entry", "entries")
    lines.append(
        f"  dictionary  {entries}{told_space(alphabet)} + blank = {spec.classes:,} classes"
    )
    lines += [
        f"  {'' if number else 'order':<10}  {line}"
        for number, line in enumerate(_order(converted))
    ]
    lines += [f"  parity      {_told(parity)}" for parity in base.parity]
    if base.source.kind == "checkpoint":
        lines.append("              a checkpoint has no graph of its own to compare with")
    lines += [f"  labels      {reason}" for reason in converted.left_out.lines()]
    if base.turning == "auto":
        lines.append("  turn        crops are read in their turns by all that starts from it")
    lines.append(f"  history     the model has {converted.history.told()}")
    return lines


def _archive(unpacked: "Unpacked") -> list[str]:
    """Write what was read of an archive."""
    if unpacked.archive is None:
        return []
    lines = [
        f"  archive     {count_of(len(unpacked.taken), 'file')} unpacked: {_few(unpacked.taken)}"
    ]
    if unpacked.left:
        lines.append(f"              {len(unpacked.left)} left in it: {_few(unpacked.left)}")
    return lines


def _few(names: Sequence[str], most: int = 6) -> str:
    return ", ".join(names[:most]) + (", …" if len(names) > most else "")


def _order(converted: "Converted") -> list[str]:
    """Write whether the dictionary's order is proven, and by what."""
    order, drawn = converted.order, converted.drawn
    if order is None:
        return [
            "of the dictionary is not proven: any of its length passes. Labelled lines prove it "
            "(--labels)",
            f"of {drawn.lines} drawn lines {drawn.right} are read right, and "
            f"{drawn.characters_right} of their {drawn.characters} characters",
        ]
    words = (
        f"{order.right:,} of {count_of(order.lines, 'labelled line')} and "
        f"{order.characters_right:,} of their {count_of(order.characters, 'character')} are read "
        "right"
    )
    if order.is_proven:
        return [f"of the dictionary fits: {words}"]
    return [f"of the dictionary is not proven, with so few labels: {words}"]


def _told(parity: "Parity") -> str:
    ties = f" ({count_of(parity.ties, 'tie')})" if parity.ties else ""
    limit = f"limit {parity.tolerance:g}"
    if parity.beyond:
        limit += f" but on {count_of(parity.beyond, 'line')}, by float32 rounding as measured there"
    return (
        f"{parity.of}: {parity.largest:.1e} at most ({limit}), same text on "
        f"{parity.same_text} of {count_of(parity.lines, 'line')}{ties}"
    )
