"""The crops as files: those of a folder, listed, and those cut out of whole pages.

Pages are cut as PaddleOCR cuts them for its recognizer.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path, PurePosixPath

import cv2

from textlines.defects import of_queues
from textlines.errors import InputError
from textlines.files import files_below, read_text, real_path, replacing, unwritable
from textlines.labels.label_paths import normal_path
from textlines.labels.tally import Tally
from textlines.parsing import parse_json
from textlines.pixels.arrays import Image
from textlines.pixels.decode import IMAGE_SUFFIXES, ImageError, read_image
from textlines.pixels.rectify import CannotRectifyError, Point, rectify
from textlines.progress import Watcher, unwatched
from train.detection.detector import open_detector
from train.judging.json_forms import path_in

CUT = "cut"
"""Folder of the crops in that of the queue: a folder for each page in it."""

CUT_GROUP = r"^(.+)/"
"""Expression for the document of such a crop: all lines of a page belong together."""

WHOLE = ".whole"
"""File in the folder of a page all of whose crops are there."""


def list_crops(images: Path, tally: Tally, *, without: Path | None = None) -> list[str]:
    """List the images below a folder, by path.

    Hidden files and folders are passed over; links to folders are not followed.

    Args:
        without: a folder in it that is not looked into: that of the results.
        tally: grows by `of_queues.LISTING`.

    Returns:
        Paths from the folder on, with slashes.

    Raises:
        InputError: it is no folder, or holds no image.
    """
    if not images.is_dir():
        raise InputError(str(images), "is no folder", "Name the folder of the crops.")
    # Crops that were cut out of pages lie in the folder of the results.
    inside = without is not None and not real_path(images).is_relative_to(real_path(without))
    paths = []
    for path in files_below(images):
        inner = path.relative_to(images)
        name = inner.as_posix()
        if any(part.startswith(".") for part in inner.parts) or (
            inside and without and path.is_relative_to(without)
        ):
            continue
        if path.suffix.lower() not in IMAGE_SUFFIXES:
            tally.add(of_queues.NO_IMAGE, name)
        elif any(char in name for char in "\t\r\n"):
            tally.add(of_queues.ODD_PATH, repr(name))
        else:
            paths.append(normal_path(name))
    if not paths:
        raise InputError(
            str(images),
            f"holds no image ({'; '.join(tally.lines(of_queues.LISTING)) or 'it is empty'})",
            "Name the folder of the crops; for whole pages there are --pages and --results.",
        )
    return sorted(paths)


def cut_pages(
    pages: Path, detector: str, out: Path, tally: Tally, watch: Watcher = unwatched
) -> Path:
    """Find the lines of pages by a detector as paddleocr predicts with it, and cut them out.

    A page that was cut by an earlier call is not cut again.

    Args:
        pages: a folder of images, to its depths.
        detector: a name, an exported folder or an ONNX file.
        out: the folder of the crops.
        tally: grows by `of_queues.CUTTING`.

    Returns:
        `out`.

    Raises:
        InputError: there is no page, no such detector, or a crop cannot be written.
    """
    names = list_crops(pages, tally, without=out)
    find: Callable[[Image], list[list[Point]]] | None = None
    for done, name in enumerate(names):
        watch(done, len(names), "")
        folder = out / PurePosixPath(name).with_suffix("")
        if (folder / WHOLE).exists():
            continue
        image = _page(pages / name, tally)
        if image is None:
            continue
        find = find or _detector(detector)
        _cut(image, find(image), folder, name, tally)
    watch(len(names), len(names), "")
    return out


def cut_results(
    results: Path, images: Path | None, out: Path, tally: Tally, watch: Watcher = unwatched
) -> Path:
    """Cut lines out of pages by the boxes in PaddleOCR's `res.json` files.

    Args:
        results: a folder of them, to its depths, or one.
        images: the folder of the pages, by their names; None takes the paths in the files.
        out, tally: as of `cut_pages`.

    Raises:
        InputError: there is no result, or a crop cannot be written.
    """
    files = (
        [results]
        if results.is_file()
        else [file for file in files_below(results) if file.suffix == ".json"]
    )
    if not files:
        raise InputError(str(results), "holds no JSON file", "Name the folder of the results.")
    for done, file in enumerate(files):
        watch(done, len(files), "")
        boxes, path = _result(file, tally)
        if not boxes:
            continue
        page = images / PurePosixPath(path.replace("\\", "/")).name if images else Path(path)
        if not page.is_absolute() and not page.is_file():
            page = file.parent / page
        if not page.is_file():
            tally.add(of_queues.NO_PAGE, f"{file}: {path}")
            continue
        folder = out / file.stem.removesuffix("_res")
        if (folder / WHOLE).exists():
            continue
        image = _page(page, tally)
        if image is not None:
            _cut(image, boxes, folder, file.name, tally)
    watch(len(files), len(files), "")
    if not out.is_dir():
        raise InputError(
            str(results),
            f"gives no crop ({'; '.join(tally.lines(of_queues.CUTTING))})",
            "Name --images.",
        )
    return out


def _page(path: Path, tally: Tally) -> Image | None:
    try:
        return read_image(path)
    except ImageError:
        tally.add(of_queues.BROKEN_PAGE, str(path))
        return None


def _result(file: Path, tally: Tally) -> tuple[list[list[Point]], str]:
    what = "the result"
    content = parse_json(read_text(file, what), str(file), what, "")
    inner = content.get("res", content) if isinstance(content, dict) else None
    polygons = None
    if isinstance(inner, dict):
        polygons = inner.get("rec_polys") or inner.get("dt_polys")
    if not isinstance(polygons, list):
        tally.add(of_queues.NO_RESULT, str(file))
        return [], ""
    try:
        boxes = [[(float(x), float(y)) for x, y in polygon] for polygon in polygons]
    except (TypeError, ValueError):
        tally.add(of_queues.NO_RESULT, str(file))
        return [], ""
    return boxes, path_in(content)


def _cut(
    image: Image, boxes: Iterable[Sequence[Point]], folder: Path, name: str, tally: Tally
) -> None:
    """Write the crops of a page; the mark comes last."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        crops = 0
        for number, crop in _crops(image, boxes, name, tally):
            done, data = cv2.imencode(".png", crop)
            if done:
                (folder / f"{number:04d}.png").write_bytes(data.tobytes())
                crops += 1
        if not crops:
            tally.add(of_queues.NO_LINE, name)
        with replacing(folder / WHOLE) as out:
            out.write("")
    except OSError as error:
        raise unwritable(folder, error) from error


def _crops(
    image: Image, boxes: Iterable[Sequence[Point]], name: str, tally: Tally
) -> Iterator[tuple[int, Image]]:
    for number, box in enumerate(boxes):
        try:
            yield number, rectify(image, box).image
        except CannotRectifyError:
            tally.add(of_queues.BAD_BOX, f"{name}: {number}")


def _detector(name: str) -> Callable[[Image], list[list[Point]]]:
    """Open a detector; return a function from a page to its boxes from top to bottom.

    Raises:
        InputError: it is not there, or what runs it is not installed.
    """
    detector = open_detector(name)

    def find(image: Image) -> list[list[Point]]:
        boxes = [[(float(x), float(y)) for x, y in box.polygon] for box in detector.boxes(image)]
        return sorted(boxes, key=lambda box: (round(box[0][1] / 10), box[0][0]))

    return find
