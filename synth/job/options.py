"""What a user can ask of `synth generate`, as one value."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class JobOptions:
    """The options of one run; None where the user said nothing.

    Attributes:
        profile, chars, text_list: what the run is for; at most one.
        corpus: text file, label file, TOML or folder; None = embedded for the style.
        fonts: folders or files, used alone; empty = what is found on this machine.
        settings: `key=value` over the style's own ("output.height=32").
        dictionary: of the model; None = the profile's, or assumed from the texts.
        allow_unserved: go on where most of what the profile promises cannot be drawn.
        exclude_texts: text or label files of judging sets.
        family_weights: `family=weight` over an even share for each family.
    """

    profile: Path | None = None
    chars: str | None = None
    text_list: Path | None = None
    corpus: Path | None = None
    fonts: tuple[Path, ...] = ()
    fonts_licence: Literal["any", "known"] = "any"
    family_weights: tuple[str, ...] = ()
    backgrounds: Path | None = None
    style: str = "document"
    settings: tuple[str, ...] = ()
    dictionary: Path | None = None
    use_space_char: bool = True
    max_length: int | None = None
    count: int | None = None
    original: Path | None = None
    ratio: float = 8.0
    like: Path | None = None
    exclude_texts: tuple[Path, ...] = ()
    repeat_cap: int = 3
    filler: float = 0.3
    alpha: float = 0.5
    temper: float = 0.5
    allow_unserved: bool = False
    seed: int = 1
