import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from textlines.errors import InputError
from textlines.labels.alphabet import Alphabet
from textlines.labels.tally import Tally
from textlines.pixels.arrays import Image
from textlines.progress import Watcher, unwatched
from train.detection import tune_job
from train.detection.detector import open_detector
from train.detection.memory import MemoryNeed
from train.detection.page_outcomes import BoxReader
from train.detection.tune_job import Tuned, TuneJob, tune
from train.reading.ctc import Line
from train.reading.engine import Batching

pytest.importorskip("onnxruntime")

Make = Callable[..., Path]


class Low:
    """Reads what is at most 75 pixels high."""

    name, batching, alphabet = "low", Batching(1, 1, False), Alphabet(("o", "k"))

    def prepare(self, image: Image) -> Image:
        return image

    def read(self, prepared: Sequence[Image]) -> list[Line]:
        return [Line("ok" if crop.shape[0] <= 75 else "", 1.0) for crop in prepared]


@contextmanager
def watching(what: str) -> Iterator[Watcher]:
    yield unwatched


@pytest.fixture
def tuned(detector_file: Make) -> Callable[..., Tuned]:
    """Return a function that tunes the detector of dark bars."""
    detector = open_detector(str(detector_file()))

    def run(labels: Path, tally: Tally | None = None, **options: object) -> Tuned:
        need = MemoryNeed(fixed=0, per_pixel=100.0)
        job = TuneJob(detector=detector, model="dark", need=need, labels=labels, **options)  # type: ignore[arg-type]
        return tune(job, Tally() if tally is None else tally, watching)

    return run


def test_boxes_that_are_grown_too_far_are_mended(
    tuned: Callable[..., Tuned], dark_pages: Make
) -> None:
    """Labels close to the bars: at a ratio of 1.5 no box overlaps one by half."""
    result = tuned(dark_pages(), judge=dark_pages("others", 3))
    assert result.settings.unclip_ratio < 1.0
    file = result.file
    assert (file.searched.hmean.before, file.searched.hmean.after) == (0.0, 1.0)
    assert (file.judged.hmean.before, file.judged.hmean.after) == (0.0, 1.0)
    assert (file.judged.pages, file.judged.regions, file.judged.folds) == (3, 6, 0)
    assert file.judged.labels.endswith("others/Label.txt")
    assert file.searched.reading is None
    assert file.deployed.unclip_ratio == 1.5


def test_without_other_pages_each_fold_is_judged_by_the_others(
    tuned: Callable[..., Tuned], dark_pages: Make
) -> None:
    judged = tuned(dark_pages(), folds=3).file.judged
    assert (judged.pages, judged.folds) == (6, 3)
    assert judged.hmean.after == 1.0
    assert judged.hmean.low is not None and judged.hmean.low > 0


def test_reading_wants_other_boxes_than_the_harmonic_mean(
    tuned: Callable[..., Tuned], dark_pages: Make
) -> None:
    """Boxes of stock fit, and the higher bar's is too high to be read."""
    labels = dark_pages(margin=10)
    reader = BoxReader(Low())
    by_mean = tuned(labels, reader=reader, recognizer="low").file
    assert by_mean.settings == by_mean.deployed
    assert by_mean.searched.hmean.before == 1.0
    assert by_mean.searched.reading is not None and by_mean.searched.reading.after == 0.5
    by_reading = tuned(labels, reader=reader, recognizer="low", objective="reading").file
    assert by_reading.judged.reading is not None
    assert (by_reading.judged.reading.before, by_reading.judged.reading.after) == (0.5, 1.0)
    assert by_reading.settings.unclip_ratio < 1.5


def test_reading_is_searched_on_some_pages_of_many(
    tuned: Callable[..., Tuned], dark_pages: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tune_job, "MOST_READ", 4)
    result = tuned(
        dark_pages(margin=10), objective="reading", reader=BoxReader(Low()), recognizer="low"
    )
    assert result.notes[0].startswith("searched on 2 of 6 pages, drawn by --seed 0")
    assert result.file.judged.reading is not None
    assert result.file.judged.regions == 12


def test_labels_that_are_polygons_are_told_where_boxes_are_quads(
    tuned: Callable[..., Tuned], dark_pages: Make
) -> None:
    labels = dark_pages()
    (first, *rest) = labels.read_text(encoding="utf-8").splitlines()
    path, marks = first.split("\t")
    changed = json.loads(marks)
    (left, top), (right, _) = changed[0]["points"][:2]
    changed[0]["points"].insert(1, [(left + right) / 2, top - 1])
    text = "\n".join([f"{path}\t{json.dumps(changed)}", *rest]) + "\n"
    labels.write_text(text, encoding="utf-8")
    notes = tuned(labels).notes
    assert any(one.startswith("1 of 12 labels have more than four corners") for one in notes)
    assert not any("corners" in one for one in tuned(labels, forms=("quad", "poly")).notes)


def test_limits_beyond_memory_are_left_out_and_told(
    tuned: Callable[..., Tuned], dark_pages: Make
) -> None:
    allowed = 100 * 320 * 224
    result = tuned(dark_pages(), memory=allowed, folds=2)
    assert result.settings.limit_side_len == 320
    assert "limits left out, as pages would take more than 0.0 GB" in result.notes[0]
    with pytest.raises(InputError, match="holds no page at any limit"):
        tuned(dark_pages("more"), memory=1000)


def test_pages_that_cannot_be_decoded_are_counted(
    tuned: Callable[..., Tuned], dark_pages: Make
) -> None:
    labels, tally = dark_pages(), Tally()
    (labels.parent / "images" / "2.png").write_bytes(b"none")
    assert tuned(labels, tally, folds=2).file.searched.pages == 5
    assert tally.as_dict() == {"image_broken": 1}


def test_pages_without_any_label_are_refused(tuned: Callable[..., Tuned], dark_pages: Make) -> None:
    with pytest.raises(InputError, match=r"no page with a label that counts \(of 6 pages\)"):
        tuned(dark_pages(text="###"))


def test_a_page_alone_is_refused(tuned: Callable[..., Tuned], dark_pages: Make) -> None:
    with pytest.raises(InputError, match=r"too few pages to judge by \(1\).*--judge"):
        tuned(dark_pages(count=1))


def test_memory_is_told_before_the_search(detector_file: Make, dark_pages: Make) -> None:
    told: list[str] = []
    need = MemoryNeed(fixed=10**9, per_pixel=100.0)
    detector = open_detector(str(detector_file()))
    job = TuneJob(detector=detector, model="dark", need=need, labels=dark_pages(), workers=3)
    tune(job, Tally(), watching, told.append)
    (line,) = told
    assert line.startswith(
        "limits 160 to 960: the largest page as 480 x 320 pixels takes about 1.0 GB of memory, 3 "
    )
