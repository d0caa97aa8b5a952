"""A plan without a folder: what a run would hold and cost."""

import time

from synth.job.assemble import Job
from synth.plan.plan_report import ImageRates, PlanReport
from textlines.formats.plan_rows import PlanRow

TRIED = 40
"""Samples drawn to learn what one costs."""


def trial(job: Job, workers: int) -> tuple[PlanReport, ImageRates]:
    """Plan the whole run, draw its first samples in memory, and give report and rates."""
    plan = job.plan()
    first: list[PlanRow] = []
    for row in plan:
        if len(first) < TRIED:
            first.append(row)
    job.pool.save()
    engine = job.setup.engine()
    engine.sample(first[0])  # opens the photos and the first face
    start = time.process_time()
    sizes = [len(engine.sample(row).data) for row in first]
    seconds = (time.process_time() - start) / len(sizes)
    return plan.report(), ImageRates(seconds, sum(sizes) / len(sizes), workers)
