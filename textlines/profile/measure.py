"""From readings to an error profile."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from unicodedata import normalize

from textlines.errors import InputError
from textlines.formats.profile import AlphabetRecord, Convention, ErrorProfile
from textlines.labels.alphabet import Alphabet
from textlines.profile.affixes import find_affixes
from textlines.profile.conventions import NORMAL_FORM, conventions
from textlines.profile.han import may_be_read, mistaken
from textlines.profile.parts import part_rows, with_parts
from textlines.profile.reading import Misread, Reading
from textlines.profile.rows import by_count, character_rows, insertions, line_figures, space_row
from textlines.profile.suspects import with_suspicion
from textlines.profile.tally import Counts
from textlines.profile.units import splitter

if TYPE_CHECKING:
    from textlines.profile.glyphs import Glyphs

OUTSIDE = "reads_outside_dictionary"
"""Counts the characters in readings that the dictionary lacks: it is hardly this model's."""


@dataclass(frozen=True, slots=True)
class Origin:
    """What is known of where readings come from; all of it goes into the profile as it is."""

    model: str = ""
    inputs: Mapping[str, str] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    marks: Mapping[str, int] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)
    out_of_fold: int = 0


@dataclass(frozen=True, slots=True)
class Measurement:
    """A profile and the misread lines behind it, in the order in which they were read."""

    profile: ErrorProfile
    misread: tuple[Misread, ...]


def measure(
    readings: Iterable[Reading],
    alphabet: Alphabet | None,
    *,
    max_text_length: int = 25,
    real: Collection[str] = (),
    origin: Origin | None = None,
    glyphs: "Glyphs | None" = None,
) -> Measurement:
    """Measure what a model misread, character by character.

    Conventions (`textlines.profile.conventions`) are found first; what they explain counts as
    read right, and is told apart, so that it never tops a ranking that training is to mend.
    The figures by line hold all differences; `agreed` is the one without conventions.

    Args:
        alphabet: of the model. None assumes one from what labels and readings hold.
        real: paths of lines whose label a person has confirmed.
        glyphs: what tells which Han characters look alike, so that what is seen of one tells of the
            others; without, each stands for itself.

    Raises:
        InputError: there is no reading, or they hold nothing but spaces.
    """
    counts = _counted(tuple(readings), alphabet)
    read = _read_characters(counts)
    if not {*counts.support, *read} - {" "}:
        raise InputError(
            "readings", "hold no character to measure", "See what was left out, and why."
        )
    if alphabet is None:
        alphabet = Alphabet.assumed(sorted({*counts.support, *read}))
    unknown_reads = sum(count for char, count in read.items() if not alphabet.holds(char))
    # A character that the model did read is in its alphabet, whatever the dictionary says; of one
    # that was set aside throughout no label is about.
    foreign = {
        char
        for char, support in counts.support.items()
        if char not in read and not alphabet.holds(char) and counts.aside[char] < support
    }
    agreement = conventions(counts, foreign, alphabet.suggest)
    misread = with_suspicion(counts.misread, agreement, counts.lines, real)
    rows = character_rows(counts, agreement)
    wrong = mistaken(rows) if glyphs else ()
    seen = [row.char for row in rows]
    given = None if alphabet.is_assumed else alphabet.entries
    groups = glyphs.groups(wrong, may_be_read(seen, given)) if glyphs and wrong else ()
    parts = part_rows(rows, groups)
    origin = origin or Origin()
    tally = dict(origin.counts)
    versions = dict(origin.versions)
    if glyphs and wrong:
        versions["han glyphs"] = glyphs.record
    if unknown_reads:
        tally[OUTSIDE] = unknown_reads
    profile = ErrorProfile(
        alphabet=_record(alphabet),
        max_text_length=max_text_length,
        ranked=with_parts(rows, parts),
        parts=parts,
        insertions=insertions(counts, agreement),
        spaces=space_row(counts, agreement),
        lines=line_figures(counts, sum(line.agreed for line in misread)),
        conventions=agreement.found,
        marks=dict(sorted(origin.marks.items())),
        suspected=sum(bool(line.suspected) for line in misread),
        counts=by_count(tally),
        out_of_fold=origin.out_of_fold,
        model=origin.model,
        inputs=dict(origin.inputs),
        versions=dict(sorted(versions.items())),
    )
    return Measurement(profile, misread)


@dataclass(frozen=True, slots=True)
class Apart:
    """What sets labels and readings of a whole set apart, and is no misreading.

    Attributes:
        conventions: most frequent first.
        agreed: of each wrong line, in order, whether nothing else is wrong with it.
    """

    conventions: tuple[Convention, ...]
    agreed: tuple[bool, ...]


def apart(readings: Iterable[Reading]) -> Apart:
    """Find the conventions of a set, without a dictionary."""
    counts = _counted(tuple(readings), None)
    agreement = conventions(counts, (), lambda _: ())
    agreed = tuple(line.agreed for line in with_suspicion(counts.misread, agreement, counts.lines))
    # Texts are compared in NFC: what form they are in makes no line wrong.
    kept = tuple(convention for convention in agreement.found if convention.chars != NORMAL_FORM)
    return Apart(kept, agreed)


def _counted(readings: Sequence[Reading], alphabet: Alphabet | None) -> Counts:
    pairs = [(normalize("NFC", r.label), normalize("NFC", r.prediction)) for r in readings]
    counts, split = Counts(find_affixes(pairs)), splitter(alphabet)
    for reading in readings:
        counts.add(reading, split)
    return counts


def _read_characters(counts: Counts) -> Counter[str]:
    """Count what the readings hold."""
    read = counts.right + counts.inserted + counts.spelled
    for (_, char), count in counts.replaced.items():
        read[char] += count
    return read


def _record(alphabet: Alphabet) -> AlphabetRecord:
    return AlphabetRecord(
        entries=alphabet.entries,
        use_space_char=alphabet.use_space_char,
        sha256=alphabet.sha256,
        assumed=alphabet.is_assumed,
    )
