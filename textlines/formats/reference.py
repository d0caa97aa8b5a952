"""`docs/formats.md`: each file, who writes and reads it, its fields, and its JSON schema."""

import inspect
import json
from typing import Any, NamedTuple

from pydantic import TypeAdapter

from textlines.formats import (
    block_record,
    folds,
    history,
    look_record,
    mix,
    page_mix,
    profile,
    reading_rules,
    rounds,
    run_record,
)
from textlines.formats.block_record import BlockRecord
from textlines.formats.folds import FoldsRecord, SuspectRow
from textlines.formats.history import HistoryFile
from textlines.formats.line_boxes import LineBoxes
from textlines.formats.line_roles import RoleRow
from textlines.formats.look_record import LookRecord
from textlines.formats.manifest import ManifestRow
from textlines.formats.mix import MixRecord
from textlines.formats.page_mix import PageMixRecord
from textlines.formats.plan_rows import PlanRow
from textlines.formats.predictions import Outcome
from textlines.formats.profile import ErrorProfile
from textlines.formats.reading_rules import RuleFile
from textlines.formats.roles import LineKind
from textlines.formats.rounds import RoundsRecord
from textlines.formats.run_record import RunRecord


class Format(NamedTuple):
    """One file.

    Attributes:
        name: as it lies on the disk. purpose: a sentence or two.
        version: what its readers take. writers, readers: commands.
        model: of the file, or of one of its rows where it `has_rows`; None for plain text.
    """

    name: str
    purpose: str
    version: str
    writers: str
    readers: str
    model: type[Any] | None
    has_rows: bool = False


_ROWS = "1 (rows carry none; a row with another `version` is refused)"

FORMATS = (
    Format(
        "profile.json",
        "What a model misread, character by character: what new lines are drawn for.",
        f"{profile.VERSION}",
        "train mine",
        "synth generate, balance mix, balance check, train plan",
        ErrorProfile,
    ),
    Format(
        "predictions.jsonl",
        "What a model read in each crop, or why it could not. Files of other programs are read by "
        "`train mine` and `train evaluate` too.",
        _ROWS,
        "train evaluate, train mine, train fold, train gate",
        "train evaluate, train mine, train gate, balance check",
        Outcome,
        True,
    ),
    Format(
        "rules.toml",
        "Rules that mend readings without training, with what they gain on lines that they were "
        "not found on. Its head says in six lines how any program applies them.",
        f"{reading_rules.VERSION}",
        "train mine --rules-out",
        "train evaluate --rules, programs of others",
        RuleFile,
    ),
    Format(
        "plan.jsonl, plan/NNNNN.jsonl",
        "What is to be drawn, one row a sample. Written first and whole: in one file, or, of a run "
        "of more lines than one block holds, in a file for each block, by who draws from it.",
        _ROWS,
        "synth generate",
        "synth generate, synth redraw",
        PlanRow,
        True,
    ),
    Format(
        "plan/NNNNN.json",
        "What one block of a plan holds: its counts, which add up to those of `run.json`, and the "
        "sha256 of its rows. It is written last: where it is, the block is planned.",
        f"{block_record.VERSION}",
        "synth generate",
        "synth generate, merge, pack, redraw",
        BlockRecord,
    ),
    Format(
        "manifest.jsonl, shards/NNNN.jsonl",
        "How each sample was drawn. A shard holds 1,000 rows and says by being there that they are "
        "drawn; the manifest holds all of them, byte for byte. A shard may name images of its own "
        "folder alone.",
        _ROWS,
        "synth generate, synth merge",
        "synth merge, synth pack, synth preview, balance mix, balance check, train plan, train "
        "gate",
        ManifestRow,
        True,
    ),
    Format(
        "boxes.jsonl",
        "Where each character of each line lies (`synth generate --boxes`), for the lines of the "
        "label file in its order. With `--masks` the ink of each image lies in `masks/NNNN/*.png`: "
        "a grey picture of its size, 255 where ink covers all of a pixel.",
        _ROWS,
        "synth generate, synth merge",
        "synth pack, programs of others",
        LineBoxes,
        True,
    ),
    Format(
        "run.json",
        "What one run of a command read, did and wrote.",
        f"{run_record.VERSION}",
        "synth generate, balance import",
        "synth generate, merge, pack, preview, redraw; balance mix, balance check, train plan, "
        "train gate: whether the images beside it were rendered",
        RunRecord,
    ),
    Format(
        "mix.json",
        "A mix: its label files, its lists, what each code of the roles stands for. Hashes of all "
        "lists and roles are in `outputs`. Version 1 carried no roles and is refused.",
        f"{mix.VERSION}",
        "balance mix",
        "train plan, train rec, balance mix --previous",
        MixRecord,
    ),
    Format(
        "mix.json (of pages)",
        "A mix of page label files: `kind` says `pages`. Its lists are page label files in "
        "PaddleOCR's form (`path<TAB>[{...}]`), paths from the mix's data folder on, with their "
        "roles beside them as those of lines have; `train.txt` is that of epoch 0.",
        f"{page_mix.VERSION}",
        "balance mix",
        "train det, PaddleOCR (the lists)",
        PageMixRecord,
    ),
    Format(
        "epoch-NNN.txt, epoch-NNN.distil.txt",
        "The lists of an epoch, in PaddleOCR's form: `path<TAB>label`, paths from the mix's data "
        "folder on. `train.txt` is that of epoch 0. Any trainer reads them as they are.",
        "PaddleOCR's",
        "balance mix",
        "train plan, train rec, PaddleOCR",
        None,
    ),
    Format(
        "epoch-NNN.roles, epoch-NNN.distil.roles",
        "What each line of the list of that name is: row k holds the code of line k, one of the "
        "record's `kinds`. `o` original, `w` own, `d` distil, `n` new, `g` general, `r1` the first "
        "replay set; in capitals where the image was rendered, as new lines always were. A role is "
        "the row's and not the path's. `paste epoch-000.roles epoch-000.txt` shows both.",
        "with mix.json",
        "balance mix",
        "train plan, train rec",
        LineKind,
    ),
    Format(
        "roles.tsv",
        "What each of a team's labelled lines is for, one row an image: `sha256<TAB>role<TAB>path` "
        "below that header; roles are train, stop and judge. It goes with the lines; a role that "
        "it gives is never drawn anew, also when the line itself is gone.",
        "none",
        "train share",
        "train share",
        RoleRow,
        True,
    ),
    Format(
        "rounds.json",
        "All rounds of the line (`make loop ROUNDS=3`): what each began from, taught and cost, and "
        "how it ended. `rounds.html` shows it.",
        f"{rounds.VERSION}",
        "dodo.py",
        "programs of others",
        RoundsRecord,
    ),
    Format(
        "folds.json",
        "What folds of a mix's own lines found: for each fold its best epoch and blend and what it "
        "read right, the medians that a plan takes, and how many labels look wrong. Written last, "
        "beside `predictions.jsonl` (each own line as a model read it that was not trained on it).",
        f"{folds.VERSION}",
        "train fold",
        "train plan, train mine",
        FoldsRecord,
    ),
    Format(
        "suspects.tsv",
        "Own lines by how much their label is doubted, the most doubted first, below a header.",
        "none",
        "train fold",
        "people, scripts",
        SuspectRow,
        True,
    ),
    Format(
        "history.json, seen_images.npy",
        "Which lines a model was mined from, trained on and stopped by, in which round. It lies "
        "beside the model and goes where that goes; beside a profile the names start with its own "
        "(`profile.history.json`). The array holds the first 16 bytes of each image's sha256, step "
        f"after step. Format {history.FIRST_FORMAT}, which told no steps apart, is read.",
        f"{history.FORMAT}",
        "train weights, train mine, train plan, train rec, train export",
        "train weights, train plan, train rec, train export, train gate",
        HistoryFile,
    ),
    Format(
        "looks.json",
        "Which lines candidates were judged on, and what each of these looks claimed at: a further "
        "look at a line has to show more. Named by `--looks`; neither a path nor a date stands in "
        "it, and lines are known by the bytes of their images.",
        f"{look_record.VERSION}",
        "train gate",
        "train gate",
        LookRecord,
    ),
)

_HEAD = """\
# Files that cross tools

Printed from the models in `textlines/formats` by `python -m textlines.formats`; a test holds the
two together. Each file has one reader and one writer there. A file of another version is refused
with both versions named; a damaged one with its line, what is wrong, and the way out.

Whether an image was **rendered** is answered in one place (`textlines/formats/rendered.py`): a
`manifest.jsonl` in a folder from the data folder down to the image names it; or it lies below the
`images/` of a folder whose `run.json` is of `synth`; or below a folder whose `run.json` says
`"synthetic": true`. New lines (`balance mix --new`) count as rendered with or without these.
"""


def reference() -> str:
    """Return the whole of `docs/formats.md`."""
    parts = [_HEAD]
    for one in FORMATS:
        parts.append(f"\n## {one.name}\n\n{one.purpose}\n")
        parts.append(
            f"\n* version: {one.version}\n* written by: {one.writers}\n* read by: {one.readers}\n"
        )
        if one.model is not None:
            told = inspect.cleandoc(one.model.__doc__ or "")
            parts.append(f"\n```text\n{told}\n```\n")
            parts.append(f"\n{'Schema of a row' if one.has_rows else 'Schema'}:\n")
            text = json.dumps(schema_of(one.model), ensure_ascii=False, indent=1)
            parts.append(f"\n```json\n{text}\n```\n")
    return "".join(parts)


def schema_of(model: type[Any]) -> dict[str, Any]:
    """Return the JSON schema (draft 2020-12) of a file or row; unknown keys are refused."""
    schema = TypeAdapter(model).json_schema()
    for key in ("description", "title"):  # the former stands above, as the code has it
        _without(schema, key)
    for part in (schema, *schema.get("$defs", {}).values()):
        if part.get("type") == "object" and "properties" in part:
            part.setdefault("additionalProperties", False)
    return schema


def _without(value: Any, key: str) -> None:
    if isinstance(value, dict):
        if isinstance(value.get(key), str):
            del value[key]
        for inner in value.values():
            _without(inner, key)
    elif isinstance(value, list):
        for inner in value:
            _without(inner, key)
