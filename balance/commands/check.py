"""`balance check`."""

import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from balance.label_options import CutPrefix, Encoding, UseSpaceChar
from textlines.cluster_joining import RAY_HELP
from textlines.errors import InputError, UsageError
from textlines.wording import LANG_HELP, Language, pages_in

if TYPE_CHECKING:
    from textlines.outputs import Given

Files = list[Path] | None

MANY = frozenset({"--val", "--like", "--original", "--new"})
"""Options that take several files at once."""


def check(
    files: Annotated[
        Files, typer.Argument(metavar="FILES", help="Label files to train on.", show_default=False)
    ] = None,
    val: Annotated[Files, typer.Option(help="Label file to validate or judge on.")] = None,
    like: Annotated[
        Files, typer.Option(help="Label file like production: compared with, not checked.")
    ] = None,
    original: Annotated[
        Files, typer.Option(help="Training file of original lines, for the ratio.")
    ] = None,
    new: Annotated[Files, typer.Option(help="Training file of new lines, for the ratio.")] = None,
    images: Annotated[
        Path | None,
        typer.Option(help="Folder that paths start from. [default: that of each label file]"),
    ] = None,
    encoding: Encoding = "",
    cut_prefix: CutPrefix = "",
    dictionary: Annotated[
        Path | None,
        typer.Option(help="Dictionary to train with (.txt, inference.yml, or a training YAML)."),
    ] = None,
    base_dictionary: Annotated[
        Path | None, typer.Option(help="Dictionary of the model that is to be tuned.")
    ] = None,
    use_space_char: UseSpaceChar = None,
    profile: Annotated[
        Path | None, typer.Option(help="profile.json of `train mine`: its characters are judged.")
    ] = None,
    predictions: Annotated[
        Path | None,
        typer.Option(
            help="What a model read, to suspect labels and find crops that lie turned: a table "
            "(path, truth, prediction[, score, turn]) or a predictions.jsonl."
        ),
    ] = None,
    max_length: Annotated[int, typer.Option(min=1, help="Longest label.")] = 25,
    nrtr: Annotated[
        bool, typer.Option("--nrtr", help="Train with the NRTR branch: labels up to 23.")
    ] = False,
    floor: Annotated[
        int, typer.Option(min=0, help="Samples that each character should have in training.")
    ] = 200,
    group: Annotated[
        str | None,
        typer.Option(help="Expression that finds a path's document (its first group)."),
    ] = None,
    text_only: Annotated[bool, typer.Option("--text-only", help="Do not open images.")] = False,
    no_near: Annotated[
        bool, typer.Option("--no-near", help="Do not search for near duplicates.")
    ] = False,
    no_cache: Annotated[
        bool, typer.Option("--no-cache", help="Look at every image, whatever was seen before.")
    ] = False,
    workers: Annotated[
        int,
        typer.Option(
            min=0,
            help="Processes that look at images; 0: all cores. With --ray: tasks at a time.",
        ),
    ] = 0,
    ray: Annotated[str | None, typer.Option(metavar="ADDRESS", help=RAY_HELP)] = None,
    fix: Annotated[
        Path | None,
        typer.Option(help="Write mended label files here: a new file, or a folder for several."),
    ] = None,
    html: Annotated[Path | None, typer.Option(help="Write a page to look through.")] = None,
    lang: Annotated[Language | None, typer.Option(help=LANG_HELP, show_default=False)] = None,
    sarif: Annotated[
        Path | None,
        typer.Option(help="Write the findings as SARIF 2.1.0, for code scanning."),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="End with 1 for a warning too.")] = False,
) -> None:
    """Find what is wrong with a set of labelled lines before it costs a GPU-hour.

    Ends with 0 when no error was found, 1 when one was, 2 for wrong options. Files that are
    checked are never changed.
    """
    if ray is not None and text_only:
        raise UsageError("--ray, --text-only", "exclude each other", "Images are what it looks at.")
    _check_outputs(
        fix,
        html,
        sarif,
        [*(files or ()), *(original or ()), *(new or ()), *(val or ())],
        {
            "FILES": files,
            "--original": original,
            "--new": new,
            "--val": val,
            "--like": like,
            "--images": images,
            "--dictionary": dictionary,
            "--base-dictionary": base_dictionary,
            "--profile": profile,
            "--predictions": predictions,
        },
    )
    from balance.checks.check_text import fixed_lines, sarif_json, summary_json, text_lines
    from balance.checks.checking import Request, run_checks
    from balance.checks.survey import cache_file
    from textlines.labels.label_file import Dialect
    from textlines.progress import watching

    request = Request(
        train=files or (),
        original=original or (),
        new=new or (),
        val=val or (),
        like=like or (),
        images=images,
        dictionary=dictionary,
        base_dictionary=base_dictionary,
        profile=profile,
        predictions=predictions,
        use_space_char=use_space_char,
        max_length=min(max_length, 23) if nrtr else max_length,
        floor=floor,
        look=not text_only,
        near=not no_near,
        group=_pattern(group),
        cache=None if no_cache or text_only else cache_file(),
        workers=workers or (0 if ray else len(os.sched_getaffinity(0))),
        dialect=Dialect(encoding, cut_prefix),
        ray=ray,
    )
    with watching("images looked at") as watch:
        checked = run_checks(request, watch)
    fixed = {}
    if fix:
        from balance.checks.mending import targets, write_mended

        for target, line_set in targets(checked.sets, fix).items():
            fixed[str(target)] = write_mended(
                target,
                line_set,
                checked.findings,
                checked.alphabet,
                max_length=request.max_length,
                sizes=checked.sizes,
            )
    if html:
        from balance.checks.check_page import check_page
        from textlines.files import replacing

        with replacing(html) as out, pages_in(lang):
            out.write(check_page(checked))
    exit_code = 1 if checked.findings.is_bad(strict) else 0
    if sarif:
        from textlines.files import replacing

        with replacing(sarif) as out:
            out.write(sarif_json(checked, root=Path.cwd(), exit_code=exit_code))
    if json:
        sys.stdout.write(summary_json(checked, fixed))
    else:
        for line in (*text_lines(checked), *fixed_lines(fixed)):
            print(line)
        if html:
            print(f"page: {html}")
        if sarif:
            print(f"sarif: {sarif}")
    raise typer.Exit(exit_code)


def _pattern(group: str | None) -> re.Pattern[str] | None:
    try:
        return re.compile(group) if group is not None else None
    except re.error as error:
        raise UsageError("--group", f"is no regular expression ({error})") from error


def _check_outputs(
    fix: Path | None,
    html: Path | None,
    sarif: Path | None,
    checked: list[Path],
    inputs: "dict[str, Given]",
) -> None:
    """Find out before the work what cannot come of it."""
    from textlines.outputs import ANY, SARIF, check_outputs, file, folder, page

    written = [page("--html", html), file("--sarif", sarif, SARIF)]
    names = {file.name for file in checked}  # two files of one name are refused when they are read
    if fix is not None and (len(checked) > 1 or fix.is_dir()):
        check_outputs([folder("--fix", fix, names), *written], inputs)
        check_outputs([file("--fix", fix / name, ANY) for name in sorted(names)], {})
    else:
        check_outputs([file("--fix", fix, ANY), *written], inputs)
    images = inputs["--images"]
    if isinstance(images, Path) and not images.is_dir():
        raise InputError(str(images), "is no folder", "Name the folder of the images.")
