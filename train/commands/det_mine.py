"""`train det mine`: which text lines a detector misses."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from textlines.request_options import command
from textlines.wording import Sentence, pages_in
from train.commands.det_pages import PagesRequest, judging, need_one, open_pages
from train.shared_options import Json, Lang

if TYPE_CHECKING:
    from train.detection.judged_pages import JudgedPage
    from train.detection.mining import LineFacts, Mined


@dataclass(frozen=True, slots=True, kw_only=True)
class DetMineRequest(PagesRequest):
    """What is looked for, and what is written of it; the fields are the options of the command.

    Attributes:
        out: the figures; html: the page. areas: failures that the page shows.
    """

    out: Annotated[Path | None, typer.Option(help="Write the figures here (JSON).")] = None
    html: Annotated[
        Path | None, typer.Option(help="Write a page with pictures of what is missed.")
    ] = None
    areas: Annotated[int, typer.Option(min=0, help="How many failures the page shows at most.")] = (
        72
    )
    lang: Lang = None


def det_mine(request: DetMineRequest) -> dict[str, Any]:
    """Find which lines a detector misses and write what is named, as `train det mine` does.

    Nothing goes to stdout; progress goes to stderr.

    Returns:
        What `train det mine --json` prints (docs/json.md).

    Raises:
        MendError: files or options cannot be used as they are; its text is the command's.
    """
    mined, _ = mined_by(request, as_json=False)
    return mined.figures.model_dump(mode="json", exclude={"evaluation": {"by_page"}})


def mined_by(request: DetMineRequest, *, as_json: bool) -> "tuple[Mined, list[Sentence]]":
    """Mine, and write figures and page where they are asked for; return notes, too.

    Args:
        as_json: whether progress goes to stderr as JSON lines.

    Raises:
        MendError: files or options cannot be used as they are.
    """
    from textlines.defects import of_annotations
    from textlines.files import replacing
    from textlines.labels.tally import Tally
    from textlines.outputs import DETECTION, check_outputs, file, page
    from train.detection.evaluation import evaluate_pages
    from train.detection.mining import facts_of, mine

    check_outputs(
        [file("--out", request.out, DETECTION), page("--html", request.html)],
        {
            "--labels": request.labels,
            "--model": request.model,
            "--images": request.images,
            "--tuned": request.tuned,
        },
    )
    tally = Tally()
    opened = open_pages(request, "train det mine", tally)
    judged: list[JudgedPage] = []
    lines: list[LineFacts] = []
    with judging(opened, tally, strict=request.strict, as_json=as_json) as seen:
        for judged_page, image in seen:
            size = opened.detector.settings.input_size
            lines += facts_of(judged_page, len(judged), image, size)
            judged.append(judged_page)
    need_one(judged, opened, request)
    evaluation = evaluate_pages(
        judged,
        detector=opened.name,
        settings=opened.settings,
        tally=tally,
        inputs=opened.inputs,
        versions=opened.versions,
    )
    mined = mine(judged, lines, evaluation)
    notes = tally.lines(of_annotations.PAGE_FILE)
    if request.out:
        with replacing(request.out) as out:
            out.write(mined.figures.model_dump_json(indent=1) + "\n")
    if request.html:
        from train.detection.mine_page import mine_page

        with replacing(request.html) as out, pages_in(request.lang):
            out.write(mine_page(mined, areas=request.areas, notes=notes))
    return mined, notes


def _print_mine(request: DetMineRequest, *, json: Json = False) -> None:
    """Find which text lines a detector misses, and what they have in common.

    Says first whether the labels follow another convention than the detector (words where it finds
    lines), which no setting mends; then failures by class, size, contrast and place.
    """
    mined, notes = mined_by(request, as_json=json)
    if json:
        figures = mined.figures.model_dump_json(exclude={"evaluation": {"by_page"}})
        sys.stdout.write(figures + "\n")
        return
    from train.detection.mine_text import print_det_mined

    print_det_mined(mined.figures, notes)
    for what, path in (("figures", request.out), ("page", request.html)):
        if path:
            print(f"{what}: {path}")


command_line = command(DetMineRequest, _print_mine)
