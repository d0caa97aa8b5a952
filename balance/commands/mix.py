"""`balance mix`: original and new lines in a held ratio, one list an epoch."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from balance.mixing.mix_request import MixRequest
from textlines.request_options import command, spread_options

if TYPE_CHECKING:
    from balance.mixing.mix_job import Result

MANY = spread_options(MixRequest)
"""Options that take several values."""


def mix(request: MixRequest) -> dict[str, Any]:
    """Mix lines to one training list an epoch, as `balance mix` does, and print nothing.

    Returns:
        The record that stands in `mix.json` (docs/formats.md); of a dry run too, which writes
        nothing.

    Raises:
        MendError: files or options cannot be used as they are; its text is the command's.
    """
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
    from balance.mixing.out_folder import WRITTEN, refuse_foreign
    from balance.mixing.sorting import line_space
    from textlines.outputs import check_outputs, folder, page
    from textlines.wording import pages_in

    writes = (folder("--out", request.folder, WRITTEN), page("--html", request.html))
    reads = {
        "--own": request.own,
        "--original": request.original,
        "--new": request.new,
        "--distil": request.distil,
        "--general": request.general,
        "--replay": [file for files in request.replay.values() for file in files],
        "--dictionary": request.dictionary,
        "--profile": request.profile,
        "--like": request.like,
        "--previous": request.previous,
        "--images": list(request.images.values()),
    }
    check_outputs(writes, reads)
    if request.folder:
        refuse_foreign(request.folder)
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


def _print_mix(
    request: MixRequest,
    *,
    json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
) -> None:
    """Mix original and new lines to one training list an epoch, in a ratio that holds in each.

    Lines that a model cannot be trained on are left out and counted. The new lines are so chosen
    that characters are evened and frequent words keep their share. Own lines need no new ones.
    """
    if request.even and request.alpha == 1 and not request.profile:
        print("note: alpha 1 without a profile aims at the natural distribution", file=sys.stderr)
    from balance.mixing.mix_told import print_summary, summary_json

    with mixing(request) as result:
        if json:
            sys.stdout.write(summary_json(result))
        else:
            print_summary(result, request.folder, request.page)


command_line = command(MixRequest, _print_mix)
