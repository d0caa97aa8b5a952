"""What a user can ask of `synth generate`, as one value."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from synth.plan.plan_options import PlanOptions
from textlines.profile.support import ENOUGH


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
        own_enough: own lines with a character from which on it counts as taught.
        exclude_texts: text or label files of judging sets.
        family_weights: `family=weight` over an even share for each family.
    """

    profile: Path | None = None
    chars: str | None = None
    text_list: Path | None = None
    corpus: Path | None = None
    languages: tuple[str, ...] = ()
    fonts: tuple[Path, ...] = ()
    fonts_licence: Literal["any", "known"] = "any"
    family_weights: tuple[str, ...] = ()
    backgrounds: Path | None = None
    style: str = "document"
    settings: tuple[str, ...] = ()
    dictionary: Path | None = None
    use_space_char: bool | None = None
    max_length: int | None = None
    own: tuple[Path, ...] = ()
    own_enough: int = ENOUGH
    original: Path | None = None
    like: Path | None = None
    exclude_texts: tuple[Path, ...] = ()
    allow_unserved: bool = False
