"""`balance mix`: original and new lines, or pages, in a held ratio, one list an epoch."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Annotated, Any

import typer

from balance.mixing.mix_request import MixRequest
from textlines.request_options import command, spread_options

if TYPE_CHECKING:
    from balance.mixing.mix_job import Result
    from balance.page_mixing.page_job import PageResult

MANY = spread_options(MixRequest)
"""Options that take several values."""


def mix(request: MixRequest) -> dict[str, Any]:
    """Mix lines or pages to one training list an epoch, as `balance mix` does, and print nothing.

    Returns:
        The record that stands in `mix.json` (docs/formats.md); of a dry run too, which writes
        nothing.

    Raises:
        MendError: files or options cannot be used as they are; its text is the command's.
    """
    from balance.page_mixing.page_request import is_of_pages

    if is_of_pages(request):
        from balance.page_mixing.page_told import page_summary_of

        return page_summary_of(mix_pages(request))
    from balance.mixing.mix_told import summary_of

    with mixing(request) as result:
        return summary_of(result)


@contextmanager
def mixing(request: MixRequest) -> "Iterator[Result]":
    """Mix, write lists, record and page, and lend the result: its lines go at the end.

    Raises:
        MendError: files or options cannot be used as they are.
    """
    from balance.mixing.mix_job import run
    from balance.mixing.mix_page import save_report
    from balance.mixing.sorting import line_space
    from textlines.wording import pages_in

    _check_places(request)
    with line_space(request.folder, request.memory, is_on_disk=request.big) as space:
        result = run(
            request,
            request,
            request.folder,
            placing=request.placing,
            lmdb=request.lmdb,
            space=space,
        )
        if request.page:
            with pages_in(request.lang):
                save_report(result, request.page)
        yield result


def mix_pages(request: MixRequest, *, is_watched: bool = False, json: bool = False) -> "PageResult":
    """Mix pages, and write lists, record and report.

    Args:
        is_watched: show on stderr how many images were looked at; as JSON lines with `json`.

    Raises:
        MendError: files or options cannot be used as they are.
    """
    from balance.page_mixing.page_job import run_pages
    from balance.page_mixing.page_report import save_page_report
    from textlines.errors import InputError
    from textlines.installing import install_line, missing_modules
    from textlines.progress import unwatched, watching
    from textlines.wording import pages_in

    if missing_modules("shapely"):
        what = "needs shapely for the regions of pages, which is not installed"
        raise InputError("balance mix", what, f"Run: {install_line('detect')}")
    _check_places(request)
    with watching("pages", as_json=json) if is_watched else nullcontext(unwatched) as watch:
        result = run_pages(request, watch)
    if request.page:
        with pages_in(request.lang):
            save_page_report(result, request.page)
    return result


def _check_places(request: MixRequest) -> None:
    """Check that nothing is written over what is read, nor into a folder of somebody else."""
    from balance.mixing.out_folder import WRITTEN, refuse_foreign
    from textlines.outputs import check_outputs, folder, page
    from textlines.regions.page_file import label_file_of

    writes = (folder("--out", request.folder, WRITTEN), page("--html", request.html))
    reads = {
        "--own": map(label_file_of, request.own),
        "--original": map(label_file_of, request.original),
        "--new": map(label_file_of, request.new),
        "--distil": request.distil,
        "--general": map(label_file_of, request.general),
        "--replay": [label_file_of(file) for files in request.replay.values() for file in files],
        "--dictionary": request.dictionary,
        "--profile": request.profile,
        "--like": request.like,
        "--previous": request.previous,
        "--images": list(request.images.values()),
    }
    check_outputs(writes, reads)
    if request.folder:
        refuse_foreign(request.folder)


def _print_mix(
    request: MixRequest,
    *,
    json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
) -> None:
    """Mix original and new lines to one training list an epoch, in a ratio that holds in each.

    Lines that a model cannot be trained on are left out and counted. The new lines are so chosen
    that characters are evened and frequent words keep their share. Own lines need no new ones.

    Page label files (path, tab, JSON of corners, as PPOCRLabel writes) are mixed likewise for a
    detector, page by page; options on texts do not apply to them.
    """
    from balance.page_mixing.page_request import is_of_pages

    if is_of_pages(request):
        from balance.page_mixing.page_told import page_summary_json, print_page_summary

        mixed = mix_pages(request, is_watched=True, json=json)
        if json:
            sys.stdout.write(page_summary_json(mixed))
        else:
            print_page_summary(mixed, request.folder, request.page)
        return
    if request.even and request.alpha == 1 and not request.profile:
        print("note: alpha 1 without a profile aims at the natural distribution", file=sys.stderr)
    from balance.mixing.mix_told import print_summary, summary_json

    with mixing(request) as result:
        if json:
            sys.stdout.write(summary_json(result))
        else:
            print_summary(result, request.folder, request.page)


command_line = command(MixRequest, _print_mix)
