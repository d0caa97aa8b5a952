"""The pages of each epoch: own ones in all of them, others drawn, as many as the ratios ask for.

Amounts are those of text lines (`balance.mixing.epoch_amounts`), counted by pages. A page is drawn
again only when all of its role were drawn, and pages without text stand in every epoch by their
share, to within one: a detector that sees none of them for an epoch learns to find text anywhere.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from balance.mixing.epoch_amounts import EpochAmounts, There, epoch_amounts, own_times
from balance.mixing.mix_request import MixOptions
from balance.page_mixing.page_material import Page, PageMaterial, draw_key, in_order
from textlines.rules.proportions import LOWEST
from textlines.wording import Sentence, say_n


@dataclass(frozen=True, slots=True, eq=False)
class PagePool:
    """Pages of a role that epochs draw from.

    Attributes:
        with_text, negatives: in the order that they are drawn in.
    """

    with_text: tuple[Page, ...]
    negatives: tuple[Page, ...]

    @classmethod
    def of(cls, pages: Sequence[Page], seed: int, name: str) -> "PagePool":
        """Make a pool of the pages of a role."""
        ordered = in_order(pages, seed, name)
        return cls(
            tuple(page for page in ordered if not page.is_negative),
            tuple(page for page in ordered if page.is_negative),
        )

    def __len__(self) -> int:
        return len(self.with_text) + len(self.negatives)

    def drawn(self, epoch: int, amount: int) -> tuple[Page, ...]:
        """Return the pages of an epoch, each epoch's being the next after those before it.

        Args:
            epoch: its number, from 0. amount: of every epoch; more than there are gives pages
                several times.
        """
        if not len(self):
            return ()
        start, stop = epoch * amount, (epoch + 1) * amount
        # Shares of all that was drawn so far, so that no epoch is off by more than one.
        low, high = (upto * len(self.negatives) // len(self) for upto in (start, stop))
        return (
            *_turning(self.with_text, start - low, stop - high),
            *_turning(self.negatives, low, high),
        )


def _turning(pages: Sequence[Page], start: int, stop: int) -> Iterator[Page]:
    return (pages[at % len(pages)] for at in range(start, stop))


@dataclass(frozen=True, slots=True, eq=False)
class PageEpoch:
    """The pages of one list, by the name of their role; a page as often as it stands.

    Attributes:
        number: from 0.
        by_name: "own", "original", "distil", "new", "general", "replay:receipts"; all but those of
            replay sets are there, be they empty.
    """

    number: int
    by_name: Mapping[str, tuple[Page, ...]]

    def count(self, *names: str) -> int:
        """Count the rows of some roles."""
        return sum(len(self.by_name[name]) for name in names)

    def regions(self, *names: str) -> int:
        """Count the text lines to find in the rows of some roles."""
        return sum(page.text_lines for name in names for page in self.by_name[name])

    @property
    def negatives(self) -> int:
        """Count the rows that are pages without text."""
        return sum(page.is_negative for pages in self.by_name.values() for page in pages)

    @property
    def replay(self) -> Mapping[str, int]:
        """Count the rows of replay sets, by the name of the set."""
        named = {name.partition(":"): len(pages) for name, pages in self.by_name.items()}
        return {name: count for (_, colon, name), count in named.items() if colon}

    def rows(self, seed: int) -> list[Page]:
        """Return all pages in the order of the list, copies of one far from each other."""
        keyed = []
        for name, pages in self.by_name.items():
            copies = Counter[str]()
            for page in pages:
                keyed.append((draw_key(page, seed, name, copies[page.sha256]), page))
                copies[page.sha256] += 1
        return [page for _, page in sorted(keyed, key=lambda pair: (pair[0], pair[1].sha256))]


@dataclass(frozen=True, slots=True, eq=False)
class PageMixture:
    """All epochs, and what they were drawn by.

    Attributes:
        amounts: of every epoch. own_times: how often each own page stands; 0 without any.
    """

    material: PageMaterial
    options: MixOptions
    amounts: EpochAmounts
    epochs: tuple[PageEpoch, ...]
    own_times: int


def make_page_mix(material: PageMaterial, options: MixOptions) -> PageMixture:
    """Mix.

    Raises:
        InputError: too few new or general pages.
        UsageError: so few originals that no new page fits.
    """
    seed = options.seed
    own = in_order(material.of("own"), seed, "own")
    rendered = sum(page.is_rendered for page in own)
    times, own_notes = own_times(len(own), rendered, options, "pages")
    kept = (*material.of("original"), *material.of("distil"))
    pools = {
        "original": PagePool.of(kept, seed, "original"),
        **{name: PagePool.of(material.of(name), seed, name) for name in ("new", "general")},
    }
    originals, new, general = pools.values()
    there = There(len(own) * times, len(originals), len(new), len(general) or None, "pages")
    amounts = epoch_amounts(there, there.own, there.originals, options)
    amounts = replace(amounts, notes=(*own_notes, *amounts.notes))
    drawn = {"original": amounts.originals, "new": amounts.new, "general": amounts.general}
    replay = {
        f"replay:{name}": in_order(pages, seed, f"replay:{name}")
        for name, pages in material.replay().items()
    }
    epochs = tuple(
        PageEpoch(
            number,
            {
                "own": own * times,
                **_parted(
                    {name: pools[name].drawn(number, amount) for name, amount in drawn.items()}
                ),
                **replay,
            },
        )
        for number in range(options.epochs)
    )
    amounts = replace(amounts, notes=(*amounts.notes, *_region_notes(epochs)))
    return PageMixture(material, options, amounts, epochs, times if own else 0)


def _parted(drawn: Mapping[str, tuple[Page, ...]]) -> dict[str, tuple[Page, ...]]:
    """Part pages without labels, which are drawn as originals are, from those with labels."""
    originals = drawn["original"]
    return {
        **drawn,
        "original": tuple(page for page in originals if page.is_labelled),
        "distil": tuple(page for page in originals if not page.is_labelled),
    }


def _region_notes(epochs: Sequence[PageEpoch]) -> Iterator[Sentence]:
    """Yield a note where new pages are so full that their text lines go beyond the ratio."""
    ratios = [
        epoch.regions("own", "original") / new for epoch in epochs if (new := epoch.regions("new"))
    ]
    beyond = [ratio for ratio in ratios if ratio < LOWEST]
    if beyond:
        yield say_n(
            "by text lines original to new falls to {least:.1f}:1, {n:,} of {all:,} lists is below "
            "{lowest}:1: new pages hold more lines than the others",
            "by text lines original to new falls to {least:.1f}:1, {n:,} of {all:,} lists are "
            "below {lowest}:1: new pages hold more lines than the others",
            len(beyond),
            least=min(beyond),
            all=len(epochs),
            lowest=LOWEST,
        )
