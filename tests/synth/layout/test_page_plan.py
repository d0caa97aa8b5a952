import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synth.layout.page_job import PageJob
from synth.layout.page_plan import NO_FACE, plan_pages, read_plan
from textlines.errors import InputError
from textlines.labels.tally import Tally


@pytest.fixture(scope="module")
def job(page_job: Callable[..., PageJob]) -> PageJob:
    return page_job()


@settings(max_examples=15, deadline=None)
@given(count=st.integers(1, 60), negatives=st.floats(0, 0.9))
def test_pages_without_text_are_the_share_that_is_asked_for(
    job: PageJob, count: int, negatives: float
) -> None:
    plan = list(plan_pages(job.texts, job.pools, count, negatives, 1, Tally()))
    assert [page.index for page in plan] == list(range(count))
    empty = sum(page.kind == "empty" for page in plan)
    assert empty == int(count * negatives + 1e-9)


def test_a_plan_is_read_as_it_was_written(job: PageJob, tmp_path: Path) -> None:
    path = tmp_path / "plan.jsonl"
    rows, counts = job.write_plan(path)
    assert list(read_plan(path)) == job.plan()
    assert rows == 40 and counts["pages without text"] == 4


def test_a_damaged_plan_is_refused_with_its_line(job: PageJob, tmp_path: Path) -> None:
    path = tmp_path / "plan.jsonl"
    job.write_plan(path)
    first, *rest = path.read_text().splitlines()
    broken = json.dumps({**json.loads(rest[0]), "shown": [{"face": "x"}]})
    path.write_text(f"{first}\n{broken}\n")
    with pytest.raises(InputError, match=r"plan\.jsonl:2"):
        list(read_plan(path))


def test_every_text_is_drawn_by_a_face_that_may(job: PageJob) -> None:
    for page in job.plan():
        pool = job.pools.of(page.display)
        for shown in page.shown:
            assert pool.allows(shown.face, shown.text)
        for words in page.words.values():
            assert all(job.pools.print.allows(word.face, word.text) for word in words)


def test_words_that_no_face_draws_are_counted(job: PageJob) -> None:
    texts = replace(job.texts, own=("TOTAL", "물"))
    tally = Tally()
    plan = list(plan_pages(texts, job.pools, 3, 0.0, 1, tally))
    drawn = {word.text for page in plan for words in page.words.values() for word in words}
    assert drawn == {"TOTAL"}
    assert tally[NO_FACE] > 0 and "물" in tally.places(NO_FACE)
