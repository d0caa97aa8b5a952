"""What a mix is asked for: files, ratio, limits and all other options, as values.

Imports next to nothing: the options of `balance mix` are made from here before `--help`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

import typer

from balance.label_options import CutPrefix, Encoding, UseSpaceChar
from balance.mixing.option_values import (
    Cap,
    Ratio,
    read_caps,
    read_images,
    read_memory,
    read_ratio,
    read_replay,
)
from textlines.errors import UsageError
from textlines.labels.canonical import MAX_LENGTH
from textlines.request_options import SPREAD, Read, check_request
from textlines.wording import LANG_HELP, Language

if TYPE_CHECKING:
    from textlines.labels.label_file import Dialect

By = Literal["lines", "characters"]
CheckImages = Literal["listing", "stat", "none"]
OnShortage = Literal["error", "repeat", "accept"]
Placing = Literal["in_place", "link", "copy"]


# Two bases of one class cannot both have slots; neither is made more than once in a run.
@dataclass(frozen=True, kw_only=True)
class MixInputs:
    """The files that a mix reads.

    Attributes:
        own: labelled lines of the team's own scene, all in every epoch.
        replay: label files by the name of their set.
        images: the folder that paths start from, by role; "" is for all roles without one. What
            is not named takes each label file's own.
        previous: the mix.json of an earlier mix, whose lines are preferred.
        encoding, cut_prefix: how all of the label files depart from PaddleOCR's form.
    """

    new: Annotated[
        tuple[Path, ...],
        SPREAD,
        typer.Option(help="Label files of the new lines. [needed without --own]"),
    ] = ()
    own: Annotated[
        tuple[Path, ...],
        SPREAD,
        typer.Option(
            help="Label files of lines of your own scene, labelled by people: all in every epoch, "
            "and counted as original."
        ),
    ] = ()
    original: Annotated[
        tuple[Path, ...],
        SPREAD,
        typer.Option(help="Label files of the lines that the model was trained on."),
    ] = ()
    distil: Annotated[
        tuple[Path, ...],
        SPREAD,
        typer.Option(
            "--distil",
            "--distill",
            help="Label files of original lines whose target is the base model's reading; labels "
            "may be missing. Of pages: folders or lists of photos without labels. Never crops of "
            "production whose reading nobody confirmed: what the base misreads would be taught.",
        ),
    ] = ()
    general: Annotated[
        tuple[Path, ...], SPREAD, typer.Option(help="Label files of real lines of other scenes.")
    ] = ()
    replay: Annotated[
        Mapping[str, tuple[Path, ...]],
        Read(read_replay, is_repeated=True),
        SPREAD,
        typer.Option(help="NAME=FILE: further lines, all in every epoch."),
    ] = field(default_factory=dict)
    dictionary: Annotated[
        Path | None,
        typer.Option(
            help="The model's dictionary (.txt, its inference.yml, or its training YAML)."
        ),
    ] = None
    profile: Annotated[
        Path | None, typer.Option(help="Error profile: its hard characters are raised.")
    ] = None
    images: Annotated[
        Mapping[str, Path],
        Read(read_images, is_repeated=True),
        SPREAD,
        typer.Option(
            help="DIR or ROLE=DIR (new=renders): folder that the paths start from, of all label "
            "files or of those of one role. [default: each label file's own]"
        ),
    ] = field(default_factory=dict)
    encoding: Encoding = ""
    cut_prefix: CutPrefix = ""
    like: Annotated[
        Path | None, typer.Option(help="Label file of production lines, to match and compare.")
    ] = None
    previous: Annotated[
        Path | None, typer.Option(help="mix.json of an earlier mix: its new lines are preferred.")
    ] = None

    @property
    def dialect(self) -> "Dialect":
        """Return how the label files depart from PaddleOCR's form.

        Raises:
            UsageError: there is no such encoding of texts.
        """
        from textlines.labels.label_file import Dialect

        return Dialect(self.encoding, self.cut_prefix)


@dataclass(frozen=True, kw_only=True)
class MixOptions:
    """How a mix is made.

    Attributes:
        general_ratio: of the own scene to general scenes.
        own_times: how often an own line stands in every epoch; None as `times_of` says.
        epochs: how many lists. epoch_lines: original lines (own and distilled ones among them) in
            each; None takes all, and beside own lines what the ratios ask for.
        even: choose new lines by what they hold; else by hash alone.
        alpha: 0..1, how natural the target is; 1 is the natural distribution.
        word_floor: share of its expected count that a frequent word or character keeps, 0..1.
        floor_words, floor_characters: how many of the most frequent have a floor.
        repeat_originals: how often an original line with rare characters may stand at most.
    """

    floor_words: ClassVar[int] = 1000
    floor_characters: ClassVar[int] = 200

    ratio: Annotated[
        Ratio,
        Read(lambda text: Ratio(read_ratio(text, "--ratio")), shown="8:1"),
        typer.Option(help="Original to new, 5:1 to 10:1."),
    ] = field(default_factory=Ratio)
    by: Annotated[By, typer.Option(help="What the ratio counts.")] = "lines"
    general_ratio: Annotated[
        Fraction,
        Read(lambda text: read_ratio(text, "--general-ratio"), shown="1:1"),
        typer.Option(
            help="Own (original and new) to general lines; with --own: own and new to all others."
        ),
    ] = Fraction(1)
    own_times: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=100,
            help="How often an own line stands in an epoch. [default: 120 / lines, 1 to 8]",
        ),
    ] = None
    epochs: Annotated[int, typer.Option(min=1, max=1000, help="How many lists.")] = 1
    epoch_lines: Annotated[
        int | None,
        typer.Option(
            "--epoch-lines",
            "--epoch-pages",
            min=5,
            help="Original lines (own ones among them) in each list, others each time. [default: "
            "all; with --own: as many as the two ratios ask for]",
        ),
    ] = None
    on_shortage: Annotated[
        OnShortage, typer.Option(help="When there are too few new or general lines.")
    ] = "error"
    check_images: Annotated[CheckImages, typer.Option(help="How to find missing images.")] = (
        "listing"
    )
    even: Annotated[
        bool, typer.Option("--even/--no-even", help="Choose new lines by what they hold.")
    ] = True
    alpha: Annotated[
        float,
        typer.Option(min=0, max=1, help="Target of evening: 1 natural, 0 all characters alike."),
    ] = 0.5
    word_floor: Annotated[
        float,
        typer.Option(
            min=0,
            max=1,
            help="Share of its count that a word that is frequent beside the new lines keeps.",
        ),
    ] = 0.9
    caps: Annotated[
        tuple[Cap, ...],
        Read(read_caps),
        typer.Option(help="Most new lines of one text, face, source: text=3,face=10%."),
    ] = ()
    repeat_originals: Annotated[
        int, typer.Option(min=1, max=20, help="How often an original with rare characters stands.")
    ] = 1
    max_length: Annotated[
        int, typer.Option(min=1, help="Longest label that the model is trained on.")
    ] = MAX_LENGTH
    use_space_char: UseSpaceChar = None
    strict: Annotated[
        bool, typer.Option("--strict", help="Stop where a line would be left out.")
    ] = False
    seed: Annotated[int, typer.Option(help="Another seed draws other lines.")] = 0


@dataclass(frozen=True, kw_only=True)
class MixRequest(MixOptions, MixInputs):
    """What `balance mix` is asked for: which files, mixed how, written where.

    Attributes:
        link, copy: what `out` gets of the images; neither leaves them where they are.
        big, memory: how many lines are kept in memory, in bytes; the others lie on disk.
        out: the folder of the lists; None with `dry_run`.
        html: the page; None puts it into `out`. lang: of the page; None as the locale says.

    Raises:
        UsageError: what is needed is missing, two options contradict each other, or a number is out
            of range.
    """

    link: Annotated[
        bool, typer.Option("--link", help="Link the images' folders into the out folder.")
    ] = False
    copy: Annotated[bool, typer.Option("--copy", help="Copy the images into it.")] = False
    lmdb: Annotated[bool, typer.Option("--lmdb", help="Pack each list as an LMDB too.")] = False
    big: Annotated[
        bool,
        typer.Option(
            "--big", help="Keep all but new and own lines on disk, even where --memory would do."
        ),
    ] = False
    memory: Annotated[
        int,
        Read(read_memory, shown="4GB"),
        typer.Option(
            help="What lines may take of memory, beside new and own ones; more are sorted on disk."
        ),
    ] = 4 << 30
    out: Annotated[Path | None, typer.Option(help="Folder for the lists and mix.json.")] = None
    html: Annotated[
        Path | None, typer.Option(help="Write the report here. [default: mix.html in --out]")
    ] = None
    lang: Annotated[Language | None, typer.Option(help=LANG_HELP, show_default=False)] = None
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print what would be mixed, and write nothing.")
    ] = False

    def __post_init__(self) -> None:
        check_request(self)
        if self.out is None and not self.dry_run:
            raise UsageError("--out", "is missing", "Name a folder, or say --dry-run.")
        if self.link and self.copy:
            raise UsageError("--link", "contradicts --copy", "Say one of them.")
        if self.own:
            return
        if self.own_times:
            raise UsageError("--own-times", "is for own lines", "Name them: --own FILE.")
        if not self.new:
            raise UsageError(
                "--new",
                "is missing, and --own too",
                "Name the lines that are to teach: drawn ones (--new) or your own (--own).",
            )
        if not self.original and not self.distil:
            raise UsageError(
                "--original",
                "is missing, and --distil too",
                "Name the lines that the model is to keep, with labels or without.",
            )

    @property
    def placing(self) -> Placing:
        """Return what becomes of the images."""
        return "link" if self.link else "copy" if self.copy else "in_place"

    @property
    def folder(self) -> Path | None:
        """Return the folder that is written; None for a dry run."""
        return None if self.dry_run else self.out

    @property
    def page(self) -> Path | None:
        """Return the page that is written, if any."""
        return self.html or (self.folder / "mix.html" if self.folder else None)
