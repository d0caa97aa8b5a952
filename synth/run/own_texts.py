"""The team's own lines, which train too, and the production that is to be read."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from synth.corpus.own_shapes import own_corpus
from synth.corpus.sources import Corpus, Cutting, merged
from synth.plan.beside_own import Beside
from synth.plan.bounds import Originals
from synth.run.job_options import JobOptions
from textlines.defects import of_texts
from textlines.errors import UsageError
from textlines.files import sha256_of
from textlines.labels.canonical import clusters
from textlines.labels.fitting import nothing_left
from textlines.labels.label_file import read_labels
from textlines.labels.tally import Tally
from textlines.profile.support import Support

if TYPE_CHECKING:
    from textlines.formats.profile import ErrorProfile


@dataclass(frozen=True)
class OwnTexts:
    """What own lines hold.

    Attributes:
        texts: by file, under the file's sha256. others: further texts of production.
        beside: for the plan.
    """

    texts: dict[str, tuple[str, ...]]
    others: tuple[str, ...]
    beside: Beside

    def corpus(self, cutting: Cutting, natural: Callable[[Sequence[str]], Corpus]) -> Corpus:
        """Make a corpus of texts that look like these, and of natural ones for what they lack.

        Args:
            natural: returns natural texts in some languages; asked where they get a share.
        """
        own_texts = tuple(text for texts in self.texts.values() for text in texts)
        characters = self.beside.production.characters
        own = own_corpus(own_texts, self.others, characters, self.beside.enough, cutting)
        share = self.beside.natural_share
        if not share:
            return own
        return merged(own.scaled(1 - share), natural(self.beside.languages).scaled(share))

    def originals(self, others: Originals | None, known: str) -> Originals:
        """Count own lines beside other originals; the file with the sha256 `known` is in these."""
        lines, characters = 0, Counter[str]()
        if others is not None:
            lines = others.lines
            characters.update(others.characters)
        for digest, texts in self.texts.items():
            if digest != known:
                lines += len(texts)
                for text in texts:
                    characters.update(clusters(text))
        return Originals(lines, dict(sorted(characters.items())))


def read_own(
    options: JobOptions,
    profile: "ErrorProfile | None",
    named: Sequence[str],
    like: Sequence[str],
    inputs: dict[str, str],
    tally: Tally,
) -> OwnTexts:
    """Read own lines and see what production holds: `like`, else the own lines themselves.

    What the profile's lines hold belongs to production too, and what is named by --chars. A
    character that a single text of `like` holds, no own line and no line of the profile, is taken
    for a misreading and counted: readings are not labels.

    Raises:
        UsageError: options that exclude each other, or a number out of range.
        InputError: a file cannot be read or holds no label.
    """
    if options.text_list is not None:
        raise UsageError("--own and --text-list", "exclude each other", "Name one of them.")
    if options.enough < 1:
        raise UsageError(
            f"--own-enough {options.enough}",
            "is below 1",
            "Say how many own lines with a character teach it.",
        )
    texts: dict[str, tuple[str, ...]] = {}
    for number, path in enumerate(options.own):
        digest = inputs[f"own {number}"] = sha256_of(path)
        labels = tuple(row.label for row in read_labels(path, tally=tally))
        if not labels:
            raise nothing_left(path, tally, what="labelled line", mend="Name another --own.")
        texts[digest] = labels
    own_support = Support.of(text for labels in texts.values() for text in labels)
    others = tuple(like)
    support = Support.of(others) if others else own_support
    used = _of_profile(profile, support.lines)
    used |= {char: 1 for char in named if char not in used}
    sure = {*own_support.characters, *used}
    once = (
        {c for c, n in support.characters.items() if n == 1 and c not in sure} if others else set()
    )
    for char in sorted(once):
        tally.add(of_texts.READ_ONCE, f"{options.like}: {char!r}")
    kept = {char: n for char, n in support.characters.items() if char not in once}
    production = replace(support, characters={**used, **kept})
    return OwnTexts(
        texts,
        tuple(text for text in others if once.isdisjoint(clusters(text))),
        Beside(own_support, production, "like" if others else "own lines", options.enough),
    )


def _of_profile(profile: "ErrorProfile | None", lines: int) -> dict[str, int]:
    """Count in how many of so many lines each character of a profile stands, by its use there."""
    if profile is None:
        return {}
    measured = max(profile.lines.lines, 1)
    return {
        row.char: min(lines, max(1, round(lines * row.support / measured)))
        for row in profile.ranked
        if row.support
    }
