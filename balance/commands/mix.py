"""`balance mix`: original and new lines in a held ratio, one list an epoch."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from balance.commands.options import CutPrefix, Encoding
from textlines.wording import LANG_HELP, Language, pages_in

MANY = frozenset({"--own", "--original", "--new", "--distil", "--general", "--replay", "--images"})
"""Options that take several values."""


class By(StrEnum):
    lines = "lines"
    characters = "characters"


class OnShortage(StrEnum):
    error = "error"
    repeat = "repeat"
    accept = "accept"


class CheckImages(StrEnum):
    listing = "listing"
    stat = "stat"
    none = "none"


def mix(
    new: Annotated[
        list[Path] | None,
        typer.Option(help="Label files of the new lines. [needed without --own]"),
    ] = None,
    own: Annotated[
        list[Path] | None,
        typer.Option(
            help="Label files of lines of your own scene, labelled by people: all in every epoch, "
            "and counted as original."
        ),
    ] = None,
    own_times: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=100,
            help="How often an own line stands in an epoch. [default: 120 / lines, 1 to 8]",
        ),
    ] = None,
    original: Annotated[
        list[Path] | None,
        typer.Option(help="Label files of the lines that the model was trained on."),
    ] = None,
    distil: Annotated[
        list[Path] | None,
        typer.Option(
            help="Label files of original lines whose target is the base model's reading; labels "
            "may be missing. Never crops of production whose reading nobody confirmed: what the "
            "base misreads would be taught."
        ),
    ] = None,
    general: Annotated[
        list[Path] | None, typer.Option(help="Label files of real lines of other scenes.")
    ] = None,
    replay: Annotated[
        list[str] | None, typer.Option(help="NAME=FILE: further lines, all in every epoch.")
    ] = None,
    dictionary: Annotated[
        Path | None,
        typer.Option(
            help="The model's dictionary (.txt, its inference.yml, or its training YAML)."
        ),
    ] = None,
    use_space_char: Annotated[
        bool | None,
        typer.Option(
            "--use-space-char/--no-space",
            help="Whether the model reads spaces. [default: as the dictionary's YAML or model "
            "folder or the profile says; else it does]",
        ),
    ] = None,
    profile: Annotated[
        Path | None, typer.Option(help="Error profile: its hard characters are raised.")
    ] = None,
    images: Annotated[
        list[str] | None,
        typer.Option(
            help="DIR or ROLE=DIR (new=renders): folder that the paths start from, of all label "
            "files or of those of one role. [default: each label file's own]"
        ),
    ] = None,
    encoding: Encoding = "",
    cut_prefix: CutPrefix = "",
    ratio: Annotated[str, typer.Option(help="Original to new, 5:1 to 10:1.")] = "8:1",
    by: Annotated[By, typer.Option(help="What the ratio counts.")] = By.lines,
    general_ratio: Annotated[
        str,
        typer.Option(
            help="Own (original and new) to general lines; with --own: own and new to all others."
        ),
    ] = "1:1",
    epochs: Annotated[int, typer.Option(min=1, max=1000, help="How many lists.")] = 1,
    epoch_lines: Annotated[
        int | None,
        typer.Option(
            min=5,
            help="Original lines (own ones among them) in each list, others each time. [default: "
            "all; with --own: as many as the two ratios ask for]",
        ),
    ] = None,
    like: Annotated[
        Path | None, typer.Option(help="Label file of production lines, to match and compare.")
    ] = None,
    previous: Annotated[
        Path | None, typer.Option(help="mix.json of an earlier mix: its new lines are preferred.")
    ] = None,
    on_shortage: Annotated[
        OnShortage, typer.Option(help="When there are too few new or general lines.")
    ] = OnShortage.error,
    check_images: Annotated[
        CheckImages, typer.Option(help="How to find missing images.")
    ] = CheckImages.listing,
    even: Annotated[
        bool, typer.Option("--even/--no-even", help="Choose new lines by what they hold.")
    ] = True,
    alpha: Annotated[
        float,
        typer.Option(min=0, max=1, help="Target of evening: 1 natural, 0 all characters alike."),
    ] = 0.5,
    word_floor: Annotated[
        float,
        typer.Option(
            min=0,
            max=1,
            help="Share of its count that a word that is frequent beside the new lines keeps.",
        ),
    ] = 0.9,
    caps: Annotated[
        str, typer.Option(help="Most new lines of one text, face, source: text=3,face=10%.")
    ] = "",
    repeat_originals: Annotated[
        int, typer.Option(min=1, max=20, help="How often an original with rare characters stands.")
    ] = 1,
    max_length: Annotated[
        int, typer.Option(min=1, help="Longest label that the model is trained on.")
    ] = 25,
    link: Annotated[
        bool, typer.Option("--link", help="Link the images' folders into the out folder.")
    ] = False,
    copy: Annotated[bool, typer.Option("--copy", help="Copy the images into it.")] = False,
    lmdb: Annotated[bool, typer.Option("--lmdb", help="Pack each list as an LMDB too.")] = False,
    big: Annotated[
        bool,
        typer.Option(
            "--big", help="Keep all but new and own lines on disk, even where --memory would do."
        ),
    ] = False,
    memory: Annotated[
        str,
        typer.Option(
            help="What lines may take of memory, beside new and own ones; more are sorted on disk."
        ),
    ] = "4GB",
    out: Annotated[Path | None, typer.Option(help="Folder for the lists and mix.json.")] = None,
    html: Annotated[
        Path | None, typer.Option(help="Write the report here. [default: mix.html in --out]")
    ] = None,
    lang: Annotated[Language | None, typer.Option(help=LANG_HELP, show_default=False)] = None,
    seed: Annotated[int, typer.Option(help="Another seed draws other lines.")] = 0,
    strict: Annotated[
        bool, typer.Option("--strict", help="Stop where a line would be left out.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print what would be mixed, and write nothing.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
) -> None:
    """Mix original and new lines to one training list an epoch, in a ratio that holds in each.

    Lines that a model cannot be trained on are left out and counted. The new lines are so chosen
    that characters are evened and frequent words keep their share. Own lines need no new ones.
    """
    from balance.mixing import (
        WRITTEN,
        MixInputs,
        MixOptions,
        Placing,
        Ratio,
        line_space,
        print_summary,
        read_caps,
        read_images,
        read_memory,
        read_ratio,
        refuse_foreign,
        run,
        save_report,
        summary_json,
    )
    from textlines.errors import UsageError
    from textlines.labels.label_file import Dialect
    from textlines.outputs import check_outputs, folder, page

    if out is None and not dry_run:
        raise UsageError("--out", "is missing", "Name a folder, or say --dry-run.")
    most = read_memory(memory)
    if link and copy:
        raise UsageError("--link", "contradicts --copy", "Say one of them.")
    if even and alpha == 1 and not profile:
        print("note: alpha 1 without a profile aims at the natural distribution", file=sys.stderr)
    if not own:
        if own_times:
            raise UsageError("--own-times", "is for own lines", "Name them: --own FILE.")
        if not new:
            raise UsageError(
                "--new",
                "is missing, and --own too",
                "Name the lines that are to teach: drawn ones (--new) or your own (--own).",
            )
        if not original and not distil:
            raise UsageError(
                "--original",
                "is missing, and --distil too",
                "Name the lines that the model is to keep, with labels or without.",
            )
    sources, folders = _named(replay or []), read_images(images or [])
    writes = (folder("--out", None if dry_run else out, WRITTEN), page("--html", html))
    reads = {
        "--own": own,
        "--original": original,
        "--new": new,
        "--distil": distil,
        "--general": general,
        "--replay": [file for files in sources.values() for file in files],
        "--dictionary": dictionary,
        "--profile": profile,
        "--like": like,
        "--previous": previous,
        "--images": list(folders.values()),
    }
    check_outputs(writes, reads)
    if target := None if dry_run else out:
        refuse_foreign(target)
    inputs = MixInputs(
        own=tuple(own or ()),
        original=tuple(original or ()),
        new=tuple(new or ()),
        distil=tuple(distil or ()),
        general=tuple(general or ()),
        replay=sources,
        dictionary=dictionary,
        profile=profile,
        like=like,
        previous=previous,
        images=folders,
        dialect=Dialect(encoding, cut_prefix),
    )
    options = MixOptions(
        ratio=Ratio(read_ratio(ratio, "--ratio")),
        by=by.value,
        general_ratio=read_ratio(general_ratio, "--general-ratio"),
        own_times=own_times,
        epochs=epochs,
        epoch_lines=epoch_lines,
        on_shortage=on_shortage.value,
        check_images=check_images.value,
        even=even,
        alpha=alpha,
        word_floor=word_floor,
        caps=read_caps(caps),
        repeat_originals=repeat_originals,
        max_length=max_length,
        use_space_char=use_space_char,
        strict=strict,
        seed=seed,
    )
    placing: Placing = "link" if link else "copy" if copy else "in_place"
    report = html or (target / "mix.html" if target else None)
    with line_space(target, most, is_on_disk=big) as space:
        result = run(inputs, options, target, placing=placing, lmdb=lmdb, space=space)
        if report:
            with pages_in(lang):
                save_report(result, report)
    if json:
        sys.stdout.write(summary_json(result))
    else:
        print_summary(result, target, report)


def _named(values: list[str]) -> dict[str, tuple[Path, ...]]:
    """Read NAME=FILE; a name may come several times, and a file after it belongs to it."""
    from textlines.errors import UsageError

    found: dict[str, tuple[Path, ...]] = {}
    last = ""
    for value in values:
        name, equals, file = value.partition("=")
        if not equals:
            name, file = last, value
        if not name or not file or not name.replace("-", "").replace("_", "").isalnum():
            raise UsageError("--replay", f"{value!r} is no NAME=FILE", "As in invoices=old.txt.")
        found[name] = (*found.get(name, ()), Path(file))
        last = name
    return found
