"""The pages of a run, and the batches of crops that its steps are made on.

A crop is a function of (seed, epoch, place in the epoch): a resumed run sees what an unbroken one
sees, and crops that are made ahead of their step are the same.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from textlines.errors import InputError
from textlines.formats.page_mix import MixedPage, PageMixFolder
from textlines.pixels.decode import ImageError, read_image
from train.detection.configuration import DetectorConfiguration
from train.detection.detector import normalised
from train.page_tuning.page_crops import CropRule, PageCrop, page_crop
from train.page_tuning.page_plan import DetPlan
from train.page_tuning.shrunk_labels import BorderTarget

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class PageBatch:
    """What one step is made on.

    Attributes:
        pages: N x 3 x side x side, normalised. core, counts: N x side x side, 0 or 1.
        learns_labels: of each crop, whether its core is that of labels; else the base's map is to
            be put there.
        border: what a branch of thresholds is to say of the crops that learn labels, in their
            order; None where there is no branch, or no such crop.
    """

    pages: Floats
    core: Floats
    counts: Floats
    learns_labels: npt.NDArray[np.bool_]
    border: BorderTarget | None = None


@dataclass(frozen=True, slots=True, eq=False)
class TrainedPages:
    """The pages of each list that are trained on.

    Attributes:
        lists: of pages, in the order of the mix's lists.
    """

    plan: DetPlan
    configuration: DetectorConfiguration
    lists: tuple[tuple[MixedPage, ...], ...]

    def pages_of(self, epoch: int) -> tuple[MixedPage, ...]:
        """Return the pages of an epoch; lists start again when they are used up."""
        return self.lists[epoch % len(self.lists)]

    def steps_of(self, epoch: int) -> int:
        """Count the steps of an epoch: whole batches, one at least."""
        return max(1, len(self.pages_of(epoch)) // self.plan.step.batch)

    def place_of(self, done: int) -> tuple[int, int]:
        """Return the epoch, and the step in it, of the step behind `done` others."""
        epoch = 0
        while done >= self.steps_of(epoch):
            done -= self.steps_of(epoch)
            epoch += 1
        return epoch, done

    def batches(self, first: int, last: int, workers: int = 1) -> Iterator[PageBatch]:
        """Make the batches of steps `first` up to `last`, in their order, some ahead of their use.

        Args:
            workers: threads that make crops; as many batches are made ahead.

        Raises:
            InputError: an image cannot be decoded any more.
        """
        with ThreadPoolExecutor(workers, thread_name_prefix="crops") as pool:
            ahead: deque[Future[PageBatch]] = deque()
            for done in range(first, last):
                while len(ahead) <= workers and done + len(ahead) < last:
                    ahead.append(pool.submit(self.batch, done + len(ahead)))
                yield ahead.popleft().result()

    def batch(self, done: int) -> PageBatch:
        """Make the batch of the step behind `done` others."""
        epoch, step = self.place_of(done)
        pages, size = self.pages_of(epoch), self.plan.step.batch
        order = np.random.default_rng([self.plan.seed, epoch]).permutation(len(pages))
        places = [int(order[at % len(pages)]) for at in range(step * size, (step + 1) * size)]
        crops = [
            self._crop(pages[place], [self.plan.seed, epoch, place, at])
            for at, place in enumerate(places)
        ]
        learns_labels = np.array([self.plan.learns_labels(pages[at].role) for at in places])
        counts = np.stack([crop.target.counts for crop in crops]).astype(np.float32)
        counts[~learns_labels] = 1  # the base says of every pixel what it is
        return PageBatch(
            pages=np.stack([normalised(crop.image, self.configuration) for crop in crops]),
            core=np.stack([crop.target.core for crop in crops]).astype(np.float32),
            counts=counts,
            learns_labels=learns_labels,
            border=_together([crop.border for crop in crops if crop.border]),
        )

    def _crop(self, page: MixedPage, stream: Sequence[int]) -> PageCrop:
        step, shown = self.plan.step, self.plan.shown_as(page.role)
        rule = CropRule(
            side=step.side,
            low=shown.low,
            high=shown.high,
            ratio=shown.ratio,
            varies=step.augment,
            strange=0.0 if self.plan.learns_labels(page.role) else step.strange,
            has_border=step.has_branch and self.plan.learns_labels(page.role),
        )
        try:
            image = read_image(page.labels.image)
        except ImageError as error:
            raise InputError(
                str(page.labels.image),
                f"cannot be decoded any more ({error.what})",
                "Put the image back, or make mix and plan again.",
            ) from error
        return page_crop(page.labels, image, rule, np.random.default_rng(stream))


def _together(borders: Sequence[BorderTarget]) -> BorderTarget | None:
    """Stack the targets of crops."""
    if not borders:
        return None
    return BorderTarget(
        np.stack([border.threshold for border in borders]),
        np.stack([border.band for border in borders]),
    )


def trained_pages(
    plan: DetPlan,
    mix: PageMixFolder,
    configuration: DetectorConfiguration,
    held: frozenset[str],
) -> TrainedPages:
    """Read the pages of a mix's lists.

    Args:
        held: paths of pages that are held out, from the mix's data folder on.

    Raises:
        InputError: a list cannot be read, or holds other pages than were planned with.
    """
    lists = tuple(
        tuple(page for page in mix.pages(epoch) if page.labels.path not in held)
        for epoch in mix.epochs
    )
    counts = tuple(map(len, lists))
    if counts != plan.mix.lists:
        raise InputError(
            plan.mix.path,
            f"gives {counts} pages in its lists, {plan.mix.lists} were planned",
            "Images vanished or changed since: put them back, or make a new plan.",
        )
    return TrainedPages(plan, configuration, lists)
