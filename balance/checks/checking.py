"""All checks over a training, a validation and a reference set."""

import re
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import partial
from itertools import chain
from pathlib import Path

from balance.checks.findings import Findings
from balance.checks.image_checks import check_images, check_steady, check_unlike
from balance.checks.near import NearSearch, find_near
from balance.checks.reading_checks import check_noise
from balance.checks.repeats import check_groups, check_near, check_rendered, check_repeats
from balance.checks.set_figures import (
    CharacterCount,
    DriftRow,
    character_counts,
    check_characters,
    check_drifts,
    check_lines,
    check_ratio,
)
from balance.checks.sets import LineSet, check_fit, read_set
from balance.checks.survey import Survey, survey
from balance.checks.text_checks import (
    check_change,
    check_dictionary,
    check_habits,
    check_labels,
    check_labels_held,
    check_order,
)
from textlines.cluster_joining import connected
from textlines.errors import UsageError
from textlines.files import real_path
from textlines.formats.profile import ErrorProfile, load_profile
from textlines.labels.alphabet import Alphabet, refuse_other_space
from textlines.labels.label_file import PLAIN, Dialect
from textlines.progress import Watcher, unwatched


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is to be checked, and how.

    Attributes:
        train, original, new, val, like: label files by their role; `original` and `new` are
            training files whose ratio is asked too.
        images: the data folder; None takes each label file's own.
        dictionary, base_dictionary: to train with; of the model that is to be tuned.
        use_space_char: whether the model reads spaces; None as dictionary or profile say.
        look: open the images; else texts and paths alone are checked.
        near: search for near duplicates.
        group: the document of a path, for leakage.
        cache: file of image facts from earlier runs; None keeps none.
        dialect: how all of the label files depart from PaddleOCR's form.
        ray: address of a Ray cluster that looks at the images; None looks here. `workers` are then
            tasks at a time, 0 for as many as it has CPUs.
    """

    train: Sequence[Path] = ()
    original: Sequence[Path] = ()
    new: Sequence[Path] = ()
    val: Sequence[Path] = ()
    like: Sequence[Path] = ()
    images: Path | None = None
    dictionary: Path | None = None
    base_dictionary: Path | None = None
    profile: Path | None = None
    predictions: Path | None = None
    use_space_char: bool | None = None
    max_length: int = 25
    floor: int = 200
    look: bool = True
    near: bool = True
    group: re.Pattern[str] | None = None
    cache: Path | None = None
    workers: int = 1
    dialect: Dialect = PLAIN
    ray: str | None = None


@dataclass(frozen=True, slots=True)
class CheckOutcome:
    """What the checks found, with what a page shows of it."""

    findings: Findings
    sets: tuple[LineSet, ...]
    alphabet: Alphabet
    survey: Survey | None
    near: NearSearch | None
    drifts: tuple[DriftRow, ...] = ()
    characters: tuple[CharacterCount, ...] = field(default=(), repr=False)

    @property
    def sizes(self) -> dict[str, tuple[int, int]] | None:
        """Width and height by path on the disk; None if no image was opened."""
        return self.survey.sizes() if self.survey else None


def run_checks(request: Request, watch: Watcher = unwatched) -> CheckOutcome:
    """Read all sets and check them.

    Args:
        watch: told of the images as they are looked at.

    Raises:
        UsageError: no file is named, or one twice.
        InputError: a file that is named is not there, or a dictionary, profile or prediction
            file cannot be used. A label file that cannot be read is a finding.
    """
    findings = Findings()
    sets = _read_sets(request, findings)
    profile = load_profile(request.profile) if request.profile else None
    alphabet = _alphabet(request, sets, profile, findings)
    looked = None
    if request.look:
        paths = (
            line_set.image(line)
            for line_set in sets
            if line_set.role != "like"
            for line in line_set.lines
        )
        with connected(request.ray) if request.ray else nullcontext() as cluster:
            looked = survey(
                paths,
                cache=request.cache,
                workers=request.workers,
                watch=watch,
                cluster=cluster,
            )
        check_steady(looked, findings)
    sizes = looked.sizes() if looked else None
    for line_set in sets:
        if line_set.role != "like":
            if looked:
                faults = {looked.facts[line_set.image(line)].fault for line in line_set.lines}
                if faults == {"missing"}:
                    check_fit(line_set.file, line_set.images, line_set.dialect, findings)
                check_images(line_set, looked, findings)
            check_labels(line_set, alphabet, findings, max_length=request.max_length, sizes=sizes)
            check_habits(line_set, findings)
            check_order(line_set, findings)
    if looked:
        check_unlike(sets, looked, findings)
    check_repeats(sets, looked, findings)
    near = find_near(looked.facts) if looked and request.near else None
    if near:
        check_near(sets, near.pairs, findings)
    check_rendered(sets, findings)
    if request.group:
        check_groups(sets, request.group, findings)
    drifts = check_drifts(sets, looked, findings)
    characters = character_counts(sets)
    hard = {row.char: row.gain for row in profile.ranked if row.proof} if profile else {}
    check_lines(sets, findings)
    check_characters(sets, characters, hard, findings, floor=request.floor)
    check_ratio(sets, findings)
    if request.predictions:
        given = None if alphabet.is_assumed else alphabet
        check_noise(sets, request.predictions, given, findings)
    return CheckOutcome(findings, sets, alphabet, looked, near, drifts, characters)


def _read_sets(request: Request, findings: Findings) -> tuple[LineSet, ...]:
    if not (request.train or request.original or request.new or request.val):
        raise UsageError("FILES", "names no label file", "Name at least one, or --val.")
    if request.group and not request.val:
        raise UsageError("--group", "compares with a validation set", "Name one with --val.")
    named = [*request.train, *request.original, *request.new, *request.val]
    seen: set[Path] = set()
    for file in named:
        if real_path(file) in seen:
            raise UsageError(str(file), "is named twice", "Name each file in one role.")
        seen.add(real_path(file))
    read = partial(read_set, findings=findings, images=request.images, dialect=request.dialect)
    return (
        *(read(file, "train") for file in request.train),
        *(read(file, "train", part="original") for file in request.original),
        *(read(file, "train", part="new") for file in request.new),
        *(read(file, "val") for file in request.val),
        *(read(file, "like") for file in request.like),
    )


def _alphabet(
    request: Request,
    sets: Sequence[LineSet],
    profile: ErrorProfile | None,
    findings: Findings,
) -> Alphabet:
    """Read the dictionary and check it; for want of one assume what the labels hold."""
    asked = request.use_space_char
    known = profile.alphabet.known() if profile else None
    told_by = f"the profile {request.profile}"
    base = None
    if request.base_dictionary:
        base = Alphabet.read(request.base_dictionary, asked, model=known, told_by=told_by)
        known, told_by = base, str(request.base_dictionary)
    if request.dictionary is None:
        if base:
            return base
        if known:
            refuse_other_space(asked, known.use_space_char, f"{told_by}, whose model has")
            return known
        labels = (line.label for line_set in sets for line in line_set.lines)
        return Alphabet.assumed({*chain.from_iterable(labels), "0"})
    alphabet = Alphabet.read(request.dictionary, asked, model=known, told_by=told_by)
    check_dictionary(request.dictionary, alphabet, findings)
    trained = (
        line.label for line_set in sets if line_set.role != "like" for line in line_set.lines
    )
    check_labels_held(request.dictionary, alphabet, trained, findings)
    if known:
        check_change(request.dictionary, alphabet.entries, known.entries, told_by, findings)
    return alphabet
