"""What a user can ask of `synth generate`, as one value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from synth.assets import style_names
from synth.plan.plan_options import FOR, WITH, PlanOptions
from textlines.errors import UsageError
from textlines.labels.canonical import MAX_LENGTH
from textlines.profile.support import ENOUGH
from textlines.request_options import SPREAD, Read

if TYPE_CHECKING:  # as in `PlanOptions`
    import typer

Licence = Literal["any", "known"]
"""Of fonts: any, or one that is recognised."""


def licence_choice(value: str) -> Licence:
    """Read `--fonts-licence`.

    Raises:
        UsageError: it is neither "any" nor "known".
    """
    if value == "known":
        return "known"
    if value != "any":
        raise UsageError(f"--fonts-licence {value}", "is neither any nor known", "")
    return "any"


def _each_once(values: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))


@dataclass(frozen=True, slots=True, kw_only=True)
class JobOptions(PlanOptions):
    """The options of one run, those of its plan among them; None where the user said nothing.

    Attributes:
        profile, chars, text_list: what the run is for; at most one.
        corpus: text file, label file, TOML or folder, or "embedded:NAME"; None = embedded for
            the style.
        languages: of the sources that say theirs, those that are drawn from; empty = all.
        fonts: folders or files, used alone; empty = what is found on this machine.
        settings: `key=value` over the style's own ("output.height=32").
        dictionary: of the model; None = the profile's, or assumed from the texts.
        allow_unserved: go on where most of what the profile promises cannot be drawn, or the
            script of the dictionary.
        own: label files that are trained on too: what they lack is drawn.
        own_enough: own lines with a character from which on it counts as taught; None: `ENOUGH`.
        exclude_texts: text or label files of judging sets.
        family_weights: `family=weight` over an even share for each family.
        boxes: write where each character lies. masks: write the ink of each line as a picture.
    """

    profile: Annotated[
        Path | None, typer.Option(help="Error profile of `train mine`.", rich_help_panel=FOR)
    ] = None
    chars: Annotated[
        str | None, typer.Option(help='Characters to teach: "0O1lI값갑".', rich_help_panel=FOR)
    ] = None
    text_list: Annotated[
        Path | None,
        typer.Option(help="Write exactly these texts, in turn.", rich_help_panel=FOR),
    ] = None
    own: Annotated[
        tuple[Path, ...],
        SPREAD,
        typer.Option(
            help="Your labelled lines, which train too: what they lack of --profile and of "
            "production (--like) is drawn.",
            rich_help_panel=FOR,
        ),
    ] = ()
    own_enough: Annotated[
        int | None,
        typer.Option(
            help=f"Own lines with a character from which on it is taught. Default: {ENOUGH}.",
            rich_help_panel=FOR,
        ),
    ] = None
    corpus: Annotated[
        Path | None,
        typer.Option(
            help="Text file, label file, folder of them, TOML that mixes sources, or "
            "embedded:NAME, a file that comes with this. "
            "Default: embedded, by style; with --own, texts of the shapes of your lines, and "
            "in Korean or Chinese natural ones for what these lack.",
            rich_help_panel=FOR,
        ),
    ] = None
    languages: Annotated[
        tuple[str, ...],
        Read(_each_once, is_repeated=True),
        typer.Option(
            "--language",
            help="Draw from texts in this language alone: en, ko, zh, zh-Hant, ja, vi, ru, el, ar, "
            "he, th or hi. Default: en, ko and zh, and of the others those that the dictionary is "
            "for.",
            rich_help_panel=FOR,
        ),
    ] = ()
    original: Annotated[
        Path | None,
        typer.Option(
            help="Your label file: sets the number of images by --ratio.", rich_help_panel=FOR
        ),
    ] = None
    like: Annotated[
        Path | None,
        typer.Option(
            help="Label file, or predictions.jsonl of your crops, whose lengths and spaces to "
            "follow; with --own, what production holds.",
            rich_help_panel=FOR,
        ),
    ] = None
    exclude_texts: Annotated[
        tuple[Path, ...],
        typer.Option(
            help="Texts or label files that must not appear (judging sets).", rich_help_panel=FOR
        ),
    ] = ()
    dictionary: Annotated[
        Path | None,
        typer.Option(
            help="PaddleOCR dictionary of the model, or its training YAML.", rich_help_panel=FOR
        ),
    ] = None
    use_space_char: Annotated[
        bool | None,
        typer.Option(
            "--use-space-char/--no-space",
            help="Whether the model reads spaces. [default: as the dictionary's YAML or model "
            "folder or the profile says; else it does]",
            rich_help_panel=FOR,
        ),
    ] = None
    max_length: Annotated[
        int | None,
        typer.Option(help=f"Longest label. Default: {MAX_LENGTH}.", rich_help_panel=FOR),
    ] = None
    allow_unserved: Annotated[
        bool,
        typer.Option(
            "--allow-unserved",
            help="Go on where most of what the profile promises, or the script of the "
            "dictionary, cannot be drawn; end with 0 where named characters get fewer lines.",
            rich_help_panel=FOR,
        ),
    ] = False
    style: Annotated[
        str,
        typer.Option(help=f"{', '.join(style_names())}, or a TOML of yours.", rich_help_panel=WITH),
    ] = "document"
    settings: Annotated[
        tuple[str, ...],
        typer.Option("--set", help="Over the style: output.height=32.", rich_help_panel=WITH),
    ] = ()
    fonts: Annotated[
        tuple[Path, ...], typer.Option(help="Folders of fonts, used alone.", rich_help_panel=WITH)
    ] = ()
    fonts_licence: Annotated[
        Licence,
        Read(licence_choice, shown="any"),
        typer.Option(help="any, or known: leave out unknown licences.", rich_help_panel=WITH),
    ] = "any"
    family_weights: Annotated[
        tuple[str, ...],
        typer.Option(
            "--family-weight",
            help="FAMILY=WEIGHT beside 1 for each family; '*' is every family not named.",
            rich_help_panel=WITH,
        ),
    ] = ()
    backgrounds: Annotated[
        Path | None,
        typer.Option(
            help="Folder of photos to draw on too; photos.p sets how often.", rich_help_panel=WITH
        ),
    ] = None

    boxes: Annotated[
        bool,
        typer.Option(
            "--boxes",
            help="Write where each character lies in its image, to boxes.jsonl.",
            rich_help_panel=FOR,
        ),
    ] = False
    masks: Annotated[
        bool,
        typer.Option(
            "--masks",
            help="Write the ink of each line as a grey picture, to masks/.",
            rich_help_panel=FOR,
        ),
    ] = False

    @property
    def enough(self) -> int:
        """Return how many own lines with a character teach it."""
        return ENOUGH if self.own_enough is None else self.own_enough
