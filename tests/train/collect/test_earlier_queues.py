"""Later queues: nothing is asked for twice, and what judges arrived since, at the first one's rate.

Crops are files of any bytes, whose readings lie in the queue's folder already: nothing is read.
"""

import json
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textlines.errors import InputError, UsageError
from textlines.files import sha256_of
from textlines.formats.seen_images import as_digests
from textlines.labels.tally import Tally
from train.collect.choosing import Amounts, amounts_of
from train.collect.earlier_queues import read_earlier
from train.collect.job import CollectOptions, begin, collect
from train.collect.queue import LISTED, READINGS, RECORD, Queue, read_queue
from train.collect.readings import CropReadings, Readers, ScoredText, row_of, stamp_of

GROUP = r"^([^_/]+)_"
RECORD_OF: dict[str, object] = {"models": {}, "views": True, "turn": "off"}


@dataclass(frozen=True)
class Made:
    """A crop: its document, and what it shows; two that show one thing are near copies."""

    document: int
    shows: int
    is_copy: bool = False


class Production:
    """A folder of crops that grows, and the queues that were drawn from it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.images = folder, folder / "production"
        self.images.mkdir()
        self.shows: dict[str, int] = {}
        self.seen: list[set[str]] = []
        self.queues: list[Queue] = []

    def add(self, crops: Sequence[Made]) -> None:
        """Let crops arrive."""
        for crop in crops:
            name = f"d{crop.document}_{len(self.shows)}.png"
            # The bytes of a copy are those of whatever shows the same.
            self.shows[name] = crop.shows
            content = f"{crop.shows}" if crop.is_copy else f"{crop.shows} {name}"
            (self.images / name).write_text(content)

    def names(self) -> list[str]:
        return sorted(path.name for path in self.images.iterdir())

    def collect(self, budget: int, **changed: Any) -> Queue:
        """Draw a further queue, after all before."""
        out = self.folder / f"queue-{len(self.queues)}"
        self.read(out)
        options = CollectOptions(
            images=self.images,
            out=out,
            amounts=amounts_of(budget),
            group=GROUP,
            earlier=read_earlier([queue.folder for queue in self.queues]),
        )
        options = replace(options, **changed)
        no_reader = cast("Readers", None)
        made = collect(no_reader, ("m", ""), RECORD_OF, options, Tally())
        self.queues.append(made)
        self.seen.append({sha256_of(self.images / name) for name in self.names()})
        return made

    def read(self, out: Path) -> None:
        """Write down what would be read in the crops that are there."""
        begin(out, RECORD_OF)
        rows = []
        for name in self.names():
            shows = self.shows[name]
            reading = ScoredText(f"t{shows}", 0.9, 0.9)
            row = CropReadings(
                name,
                by_model=(reading,),
                nats=((reading.text, 0.1, 0.0),),
                fingerprint=f"{shows * 0x1F3D5B79A2C4E6881:032x}"[-32:],
                look=(1, 2, 3, 4),
                size=(9, 9),
                stamp=stamp_of(self.images / name),
            )
            rows.append(row_of(row))
        (out / READINGS).write_text("".join(rows), encoding="utf-8")


@pytest.fixture
def made(tmp_path: Path) -> Production:
    return Production(tmp_path)


def fresh(count: int, first: int = 0) -> list[Made]:
    """Make crops that share nothing."""
    return [Made(number, number) for number in range(first, first + count)]


crops = st.builds(Made, st.integers(0, 12), st.integers(0, 40), st.booleans())
batches = st.lists(st.lists(crops, min_size=1, max_size=24), min_size=2, max_size=4)


@settings(deadline=None, max_examples=12)
@given(batches, st.integers(4, 20), st.booleans())
def test_over_any_sequence_of_queues_nothing_is_asked_twice_or_judged_that_was_there(
    arriving: list[list[Made]], budget: int, is_moved: bool
) -> None:
    folder = Path(tempfile.mkdtemp(prefix="queues"))
    try:
        made = Production(folder)
        for batch in arriving:
            made.add(batch)
            queue = made.collect(budget)
            if is_moved:  # what was asked for leaves the folder: it is known all the same
                for row in queue.rows[::2]:
                    (made.images / row.path).unlink()
        check_laws(made)
    finally:
        shutil.rmtree(folder)


def check_laws(made: Production, *, keeps_rate: bool = True) -> None:
    asked: set[str] = set()
    shown: set[int] = set()
    documents: set[str] = set()
    listed: set[str] = set()
    for queue, seen in zip(made.queues, made.seen, strict=True):
        rows = queue.rows
        assert not asked & {row.sha256 for row in rows}, "asked for twice"
        assert not shown & {made.shows[row.path] for row in rows}, "a near copy"
        assert not documents & {row.path.partition("_")[0] for row in rows}, "its document judges"
        random = [row for row in rows if row.part == "random"]
        assert not listed & {row.sha256 for row in random}, "judged though it was there before"
        assert len({row.sha256 for row in rows}) == len(rows)
        asked |= {row.sha256 for row in rows}
        shown |= {made.shows[row.path] for row in rows}
        documents |= {row.path.partition("_")[0] for row in random}
        listed |= seen
        trained = {row.path.partition("_")[0] for row in rows if row.role == "train"}
        assert not trained & documents
    if not keeps_rate:
        return
    first, *later = made.queues
    rate = first.count(part="random") / max(first.record.fresh, 1)
    arrived = sum(queue.record.arrived for queue in later)
    drawn = sum(queue.count(part="random") for queue in later)
    assert drawn <= rate * arrived + 0.5


def test_the_random_part_is_of_what_arrived_at_the_rate_of_the_first(made: Production) -> None:
    made.add(fresh(400))
    first = made.collect(100, amounts=Amounts(50, 20, 30))
    total = random = judge = 0
    for at, arriving in enumerate((7, 60, 0, 3, 130)):
        made.add(fresh(arriving, 1000 * (at + 1)))
        queue = made.collect(60)
        assert queue.record.arrived == arriving
        total, random = total + arriving, random + queue.count(part="random")
        judge += queue.count(role="judge")
        assert abs(random - total / 8) <= 0.5 and abs(judge - random * 0.6) <= 0.5
        # The rest of the budget is chosen, whenever it arrived.
        assert queue.count() == 60 and queue.count(part="chosen") == 60 - queue.count(part="random")
        assert queue.record.asked == sum(len(one.rows) for one in made.queues[:-1])
    assert queue.record.earlier[0] == first.record.queue_sha256 and len(queue.record.earlier) == 5
    check_laws(made)


def test_where_nothing_arrived_all_of_the_budget_is_chosen(made: Production) -> None:
    made.add(fresh(90))
    made.collect(20)
    queue = made.collect(20)
    assert (queue.count(part="random"), queue.count(part="chosen")) == (0, 20)
    assert queue.record.arrived == 0
    before = {path.name: path.read_bytes() for path in queue.folder.iterdir()}
    made.queues.pop()
    shutil.rmtree(queue.folder)
    assert made.collect(20) == queue, "a call that is made again draws the same"
    assert {path.name: path.read_bytes() for path in queue.folder.iterdir()} == before


def test_a_budget_that_is_too_small_for_the_rate_goes_to_the_random_part(made: Production) -> None:
    made.add(fresh(40))
    made.collect(20, amounts=Amounts(10, 4, 6))
    made.add(fresh(100, 1000))
    queue = made.collect(8)
    assert (queue.count(part="random"), queue.count(part="chosen")) == (8, 0)


def test_numbers_that_are_asked_for_stand_and_are_drawn_from_what_arrived(made: Production) -> None:
    made.add(fresh(40))
    made.collect(10)
    made.add(fresh(30, 1000))
    queue = made.collect(20, amounts=Amounts(9, 5, 6), keeps_rate=False)
    assert (queue.count(role="stop"), queue.count(role="judge")) == (5, 6)
    check_laws(made, keeps_rate=False)


def test_a_file_that_was_saved_again_is_a_near_copy_and_does_not_judge(made: Production) -> None:
    made.add(fresh(30))
    made.collect(10, amounts=Amounts(0, 0, 10))
    # Everything arrives once more, encoded anew: new bytes, and no new picture.
    made.add([Made(500 + number, number) for number in range(30)])
    queue = made.collect(40)
    assert queue.record.arrived == 30 and queue.count(part="random") == 0
    assert {made.shows[row.path] for row in queue.rows} <= set(range(30)) - {
        made.shows[row.path] for row in made.queues[0].rows
    }


def test_every_crop_that_a_queue_saw_is_listed(made: Production) -> None:
    made.add(fresh(30))
    queue = made.collect(6)
    earlier = read_earlier([queue.folder])
    assert earlier is not None and len(earlier.listed) == 30
    hashes = [bytes.fromhex(sha256)[:16] for sha256 in made.seen[0]]
    assert earlier.listed.holds(as_digests(hashes)).all()


def test_a_queue_of_an_older_program_is_known_by_what_it_read(made: Production) -> None:
    made.add(fresh(40))
    first = made.collect(10)
    record = {k: v for k, v in asdict(first.record).items()
              if k not in ("earlier", "asked", "arrived", "listed_sha256")}  # fmt: skip
    (first.folder / RECORD).write_text(json.dumps({"version": 1, **record}))
    (first.folder / LISTED).unlink()
    made.add(fresh(30, 1000))
    queue = made.collect(20)
    assert queue.record.arrived == 30
    check_laws(made)
    (first.folder / READINGS).unlink()
    with pytest.raises(InputError, match=r"holds neither crops\.npy nor readings\.jsonl"):
        read_earlier([first.folder])


def test_all_earlier_queues_have_to_be_named(made: Production) -> None:
    made.add(fresh(60))
    first, second = made.collect(10), made.collect(10)
    with pytest.raises(UsageError, match="followed 1 more that this call does not name") as refused:
        read_earlier([second.folder])
    assert "--earlier FIRST SECOND" in str(refused.value)
    both = read_earlier([second.folder, first.folder, second.folder])
    assert both is not None and [one.folder for one in both.queues] == [first.folder, second.folder]
    assert read_earlier([]) is None


def test_a_list_of_crops_that_was_changed_is_refused(made: Production) -> None:
    made.add(fresh(20))
    first = made.collect(6)
    whole = (first.folder / LISTED).read_bytes()
    (first.folder / LISTED).write_bytes(whole[:-16])
    with pytest.raises(InputError, match="its header says 320 bytes, it has 304"):
        read_earlier([first.folder])
    (first.folder / LISTED).write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    with pytest.raises(InputError, match="was changed after the queue was written"):
        read_earlier([first.folder])
    assert read_queue(first.folder) == first
