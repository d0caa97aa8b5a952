"""The files of a mix, read."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from balance.mixing.arrays import SLACK, Bytes, runs
from balance.mixing.homes import home_of
from balance.mixing.labels import LabelReader
from balance.mixing.lines import Lines, Source
from balance.mixing.listing import Images
from balance.mixing.material import Material
from balance.mixing.options import Inputs, Options
from balance.mixing.pool import order_of
from balance.mixing.provenance import Provenance
from balance.mixing.reading import BlockReader, read_source
from balance.mixing.reasons import REASONS
from balance.mixing.screen import Screen
from balance.mixing.store import Store
from balance.mixing.stored_stock import read_into
from balance.mixing.words import word_hashes
from textlines.errors import InputError, UsageError
from textlines.files import real_path
from textlines.formats.profile import load_profile
from textlines.formats.roles import Role
from textlines.labels.alphabet import Alphabet
from textlines.labels.coverage import MEND, few
from textlines.labels.fitting import nothing_left
from textlines.labels.tally import KEPT_PLACES, Tally

IN_MEMORY: frozenset[Role] = frozenset({"new", "own"})
"""Whose lines are in memory however many others there are: chosen from, or labelled by hand."""


def read_material(inputs: Inputs, options: Options, store: Store | None = None) -> Material:
    """Read all files.

    Args:
        store: takes the lines of all roles but new and own ones, where they outgrow memory.

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

    sources: list[Source] = []

    def read(path: Path, role: Role, name: str, *, is_like: bool = False) -> Source:
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
        if store and role not in IN_MEMORY and not is_like:
            source = read_into(store, len(sources), name, reader, options)
        else:
            source = read_source(reader, name)
            source.lines.refuse_unlabelled(path, role, options.by)
        if not source.usable:
            _refuse_foreign(inputs.dictionary, (source,))
            raise nothing_left(
                path, source.tally, images=folder, dialect=inputs.dialect, what="usable line",
                words=REASONS, hint=_way_out(source.tally),
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
    for role, name, paths in named:
        for path in paths:
            source = read(path, role, name)
            if role in IN_MEMORY:
                source = _without_repeats(source)
            if store and role == "own":
                # Frequent words are looked for among all lines to be kept.
                store.add_words(len(sources), source.words)
                source = replace(source, words=np.zeros(0, np.uint64))
            sources.append(source)
    if store:
        store.seal()
    _refuse_twice(sources)
    _refuse_foreign(inputs.dictionary, sources)
    like = read(inputs.like, "general", "like", is_like=True) if inputs.like else None
    return Material(tuple(sources), alphabet, profile, like)


def _way_out(tally: Tally) -> str:
    """Say what to do about a file of which every line was left out; "" where that is not known."""
    reason = next(iter(tally.as_dict()), "")
    if reason == "missing_image":
        return "Is --images right? Paths start from it; by default from the label file's folder."
    if reason == "outside_dictionary":
        return "Is --dictionary that of the model? See what its labels hold: balance check."
    return ""


def _refuse_foreign(dictionary: Path | None, sources: Sequence[Source]) -> None:
    """Refuse a dictionary by which nearly all lines are left out: it is of another model."""
    # Distilled lines are read by a model, and no dictionary is asked about them.
    asked = [one for one in sources if one.role != "distil"]
    outside, held = Counter[str](), set[str]()
    written = left_out = 0
    for one in asked:
        outside.update(one.outside)
        held.update(map(chr, np.flatnonzero(one.code_counts).tolist()))
        written += one.usable
        left_out += one.tally["outside_dictionary"]
    told = few(written, written + left_out, held - outside.keys(), outside)
    if dictionary and told:
        raise InputError(str(dictionary), told, MEND)


def _refuse_twice(sources: list[Source]) -> None:
    """Refuse a file in two roles: it would count on both sides of a ratio."""
    seen: dict[Path, Source] = {}
    for source in sources:
        other = seen.setdefault(real_path(source.path), source)
        if other is not source:
            raise UsageError(
                f"--{source.role}", f"{source.path} is named as --{other.role} too", "Name it once."
            )


def _without_repeats(source: Source) -> Source:
    """Leave out lines that stand in the file twice: one drawn again is no other line.

    Own lines stand equally often, whatever their file repeats.
    """
    lines = source.lines
    order = order_of(lines.hashes)
    edges = runs(lines.hashes[order])
    if len(edges) - 1 == len(lines):
        return source
    # Of equal lines the one that stands first.
    first = np.sort(np.minimum.reduceat(order, edges[:-1]))
    again = np.setdiff1d(order, first)
    source.tally.add("repeated_line", count=len(again))
    for at in again[:KEPT_PLACES].tolist():
        source.tally.add("repeated_line", f"{source.path} ({lines.text(at)[0]})", count=0)
    codes = source.code_counts.copy()
    for at in again.tolist():
        for char in lines.text(at)[1]:
            codes[ord(char)] -= 1
    kept = lines.take(first)
    words = source.words
    if source.role == "own" and len(words):
        words = word_hashes(*_labels_of(kept))
    return replace(source, lines=kept, code_counts=codes, words=words)


def _labels_of(lines: Lines) -> tuple[Bytes, int]:
    """Copy labels out, one a line; gives a buffer with slack and its size."""
    labels = lines.labels()
    return labels, len(labels) - SLACK
