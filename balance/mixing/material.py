"""All files of a mix, read."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path

import numpy as np

from balance.mixing.label_blocks import (
    CODE_POINTS,
    Holding,
    count_words,
    hold,
    most_frequent,
    word_hashes,
)
from balance.mixing.label_columns import (
    BlockReader,
    Images,
    Provenance,
    SourceFile,
    home_of,
    read_lines,
)
from balance.mixing.lots import Lot
from balance.mixing.mix_request import By, MixInputs, MixOptions
from balance.mixing.screening import LabelReader, Screen
from balance.mixing.slices import Hashes, Ints
from balance.mixing.sorting import LineSorter, LineSpace
from textlines.defects import of_lines
from textlines.errors import InputError, UsageError
from textlines.files import real_path
from textlines.formats.profile import ErrorProfile, load_profile
from textlines.formats.roles import Role
from textlines.labels.alphabet import Alphabet
from textlines.labels.coverage import MEND, few
from textlines.labels.fitting import nothing_left
from textlines.labels.tally import KEPT_PLACES, Tally


@dataclass(frozen=True)
class Material:
    """What a mix is made of: label files in the order of their roles, and what judges them.

    Attributes:
        own, new: lines of these roles, in memory. kept: original and distilled lines.
        replay: by the name of the set.
        like: lines of use, with what is known of their file.
    """

    sources: tuple[SourceFile, ...]
    own: Lot
    kept: Lot
    new: Lot
    general: Lot
    replay: Mapping[str, Lot]
    alphabet: Alphabet | None
    profile: ErrorProfile | None
    like: tuple[SourceFile, Lot] | None

    def of(self, *roles: Role) -> tuple[SourceFile, ...]:
        """Return the label files of some roles."""
        return tuple(source for source in self.sources if source.role in roles)

    def paths(self) -> dict[int, Path]:
        """Return the paths of all label files by the number that lines have; `like` is the last."""
        files = [*self.sources, *([self.like[0]] if self.like else [])]
        return {number: file.path for number, file in enumerate(files)}

    def frequent_words(self, most: int) -> Hashes:
        """Find the most frequent words of own and original lines, each line once."""
        words = count_words(np.zeros(0, np.uint64))
        for source in self.of("original", "own"):
            words = words.plus(source.words)
        return most_frequent(words, most)

    def holds(self, words: Hashes, *roles: Role) -> Holding:
        """Return what all lines of some roles hold, from what was counted on reading."""
        codes = np.zeros(CODE_POINTS, np.int64)
        counts = np.zeros(len(words), np.int64)
        for source in self.of(*roles):
            codes += source.code_counts
            counts += source.words.of(words)
        return Holding(codes, counts)


_IN_MEMORY = frozenset({"new", "own"})
"""Whose lines are in memory however many others there are: chosen from, or labelled by hand."""

_GROUPS: Mapping[str, str] = {"original": "kept", "distil": "kept"}
"""Roles whose lines are drawn together."""


def read_material(
    inputs: MixInputs, options: MixOptions, space: LineSpace | None = None
) -> Material:
    """Read all files.

    Args:
        space: takes the lines of all roles but new and own ones that outgrow memory; None keeps
            all there.

    Raises:
        InputError: a file cannot be read, or holds no usable line.
        UsageError: distilled lines without labels, counted by characters.
    """
    profile = load_profile(inputs.profile) if inputs.profile else None
    alphabet = None
    if inputs.dictionary:
        alphabet = Alphabet.read(
            inputs.dictionary,
            options.use_space_char,
            model=profile.alphabet.known() if profile else None,
            told_by=f"the profile {inputs.profile}",
        )
    screen = Screen(alphabet)
    known: dict[Path, Images] = {}
    asked: dict[Path, Provenance] = {}

    sources: list[SourceFile] = []

    def read(
        path: Path, role: Role, name: str, sorter: LineSorter, *, is_like: bool = False
    ) -> SourceFile:
        folder = home_of(path, role, inputs.images, inputs.dialect)
        how = "none" if is_like else options.check_images
        images = (
            known.setdefault(folder, Images(folder, how)) if not is_like else Images(folder, "none")
        )
        labels = LabelReader(
            screen if not is_like else Screen(None),
            options.max_length,
            has_rules=role != "distil" and not is_like,
            wants_words=options.even and role in ("original", "own", "new"),
        )
        strict = options.strict and not is_like
        # Nobody asks whether the lines of a reference were rendered.
        provenance = Provenance(folder) if is_like else asked.setdefault(folder, Provenance(folder))
        reader = BlockReader(
            path, "new" if is_like else role, images, labels, provenance, strict, inputs.dialect
        )
        by: By = "lines" if is_like else options.by
        source = read_lines(reader, name, sorter, len(sources), options.seed, by)
        if not source.usable:
            _refuse_foreign(inputs.dictionary, (source,))
            raise nothing_left(
                path, source.tally, images=folder, dialect=inputs.dialect, what="usable line",
                defects=of_lines.MIX, hint=_way_out(source.tally),
            )  # fmt: skip
        return source

    named: list[tuple[Role, str, tuple[Path, ...]]] = [
        ("own", "own", inputs.own),
        ("original", "original", inputs.original),
        ("distil", "distil", inputs.distil),
        ("new", "new", inputs.new),
        ("general", "general", inputs.general),
        *(("replay", f"replay:{name}", paths) for name, paths in inputs.replay.items()),
    ]
    lots: dict[str, Lot] = {}
    for group, of_group in groupby(named, lambda row: _GROUPS.get(row[0], row[1])):
        sorter = LineSorter(space, stays=group in _IN_MEMORY)
        roles: dict[int, Role] = {}
        for role, name, paths in of_group:
            for path in paths:
                source = read(path, role, name, sorter)
                roles[len(sources)] = role
                sources.append(source)
        lot = sorter.seal(roles)
        lots[group] = _without_repeats(lot, sources) if group in _IN_MEMORY else lot
    refuse_twice((source.role, source.path) for source in sources)
    _refuse_foreign(inputs.dictionary, sources)
    like: tuple[SourceFile, Lot] | None = None
    if inputs.like:
        sorter = LineSorter(space, stays=False)
        source = read(inputs.like, "general", "like", sorter, is_like=True)
        like = source, sorter.seal({len(sources): "general"})
    replay = {name: lots[f"replay:{name}"] for name in inputs.replay}
    return Material(
        tuple(sources),
        lots["own"],
        lots["kept"],
        lots["new"],
        lots["general"],
        replay,
        alphabet,
        profile,
        like,
    )


def _way_out(tally: Tally) -> str:
    """Return what to do about a file of which every line was left out; "" where none is known."""
    reason = next(iter(tally.as_dict()), "")
    if reason == of_lines.MISSING_IMAGE.code:
        return "Is --images right? Paths start from it; by default from the label file's folder."
    if reason == of_lines.OUTSIDE_DICTIONARY.code:
        return "Is --dictionary that of the model? See what its labels hold: balance check."
    return ""


def _refuse_foreign(dictionary: Path | None, sources: Sequence[SourceFile]) -> None:
    """Refuse a dictionary by which nearly all lines are left out: it is of another model."""
    # Distilled lines are read by a model, and no dictionary is asked about them.
    asked = [source for source in sources if source.role != "distil"]
    outside, held = Counter[str](), set[str]()
    written = left_out = 0
    for source in asked:
        outside.update(source.outside)
        held.update(map(chr, np.flatnonzero(source.code_counts).tolist()))
        written += source.usable
        left_out += source.tally[of_lines.OUTSIDE_DICTIONARY.code]
    fault = few(written, written + left_out, held - outside.keys(), outside)
    if dictionary and fault:
        raise InputError(str(dictionary), fault, MEND)


def refuse_twice(files: Iterable[tuple[Role, Path]]) -> None:
    """Refuse a file in two roles: it would count on both sides of a ratio.

    Raises:
        UsageError: names it with both options.
    """
    seen: dict[Path, Role] = {}
    for role, path in files:
        real = real_path(path)
        if real in seen:
            raise UsageError(f"--{role}", f"{path} is named as --{seen[real]} too", "Name it once.")
        seen[real] = role


def _without_repeats(lot: Lot, sources: list[SourceFile]) -> Lot:
    """Leave out lines that stand in a file twice: one drawn again is no other line.

    Own lines stand equally often, whatever their file repeats. Counts of the files follow.
    """
    numbers = lot.origins >> 1
    again = np.zeros(len(lot), np.bool_)
    again[1:] = (lot.keys[1:] == lot.keys[:-1]) & (numbers[1:] == numbers[:-1])
    if not again.any():
        return lot
    for number in lot.roles:
        lines = np.flatnonzero(again & (numbers == number))
        if len(lines):
            lines = lines[np.argsort(lot.starts[lines], kind="stable")]
            sources[number] = _without_lines(sources[number], lot, lines)
    return lot.kept(~again)


def _without_lines(source: SourceFile, lot: Lot, lines: Ints) -> SourceFile:
    source.tally.add(of_lines.REPEATED_LINE, count=len(lines))
    for path in lot.paths(lines[:KEPT_PLACES]):
        source.tally.add(of_lines.REPEATED_LINE, f"{source.path} ({path})", count=0)
    labels, size = lot.labels(lines)
    codes = source.code_counts - hold([(labels, size)], np.zeros(0, np.uint64)).codes
    words = source.words
    if source.role == "own":
        words = words.minus(count_words(word_hashes(labels, size)))
    return replace(
        source,
        usable=source.usable - len(lines),
        rendered=source.rendered - int(np.count_nonzero(lot.origins[lines] & 1)),
        code_counts=codes,
        words=words,
    )
