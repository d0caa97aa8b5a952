"""The texts of a job: alphabet, corpus, limits, what the run is for."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from synth.corpus.corpus_files import (
    embedded_corpus,
    embedded_languages,
    load_corpus,
    read_excluded,
    stand_ins,
)
from synth.corpus.corpus_files import read_texts as read_listed
from synth.corpus.sources import Corpus, Cutting
from synth.job.held import held_by
from synth.job.options import JobOptions
from synth.job.own_lines import OwnLines, read_own
from synth.plan.budget import Originals, read_originals
from synth.plan.limits import Limits
from synth.plan.request import PlanRequest
from synth.plan.shape import Shape, read_like
from synth.plan.targets import read_chars
from textlines.errors import UsageError
from textlines.files import sha256_of
from textlines.labels.alphabet import Alphabet, refuse_other_space
from textlines.labels.dictionary_files import entries_file
from textlines.labels.tally import Tally
from textlines.rules.line_rules import MAX_LENGTH

if TYPE_CHECKING:
    from textlines.formats.profile import ErrorProfile

LONGEST = 400
"""Characters of a label at most: at 7 pixels each they fill the widest image of a style."""


@dataclass(frozen=True, slots=True)
class Texts:
    """Everything of a job that is about texts.

    Attributes:
        request: for the plan. characters: what a label can hold, for the glyph gate.
        inputs: sha256 of the files read, by role. tally: what was odd about them.
        use_space_char: whether a space follows the dictionary's entries, as it was read.
    """

    request: PlanRequest
    characters: frozenset[str]
    inputs: dict[str, str]
    tally: Tally
    use_space_char: bool


def read_texts(options: JobOptions, style_name: str) -> Texts:
    """Read all files about texts and put the plan's request together.

    Raises:
        InputError, UsageError: a file or an option is not usable; names it.
    """
    inputs: dict[str, str] = {}
    tally = Tally()
    profile = _profile(options.profile, inputs)
    alphabet = _alphabet(options, profile, inputs)
    longest = _longest(options, profile)
    like_texts = _like(options.like, inputs, tally)
    like = Shape.of(like_texts) if like_texts else None
    cutting = Cutting(longest, None if like is None else like.length)
    texts = _text_list(options.text_list, inputs, tally)
    chars = read_chars(options.chars) if options.chars is not None else ()
    own = read_own(options, profile, chars, like_texts, inputs, tally) if options.own else None
    languages = _languages(options)
    if options.corpus is not None:
        corpus = load_corpus(options.corpus, cutting, languages)
    elif own is not None:
        corpus = own.corpus(cutting)
    else:
        corpus = Corpus() if texts else embedded_corpus(style_name, cutting, languages)
    inputs["corpus"] = corpus.sha256
    aimed = options.profile is not None or options.chars is not None or own is not None
    # What no text of a corpus holds of its dictionary is aimed at too.
    aimed = aimed or bool(corpus.dictionaries)
    spare = stand_ins(cutting, languages) if aimed else Corpus()
    inputs["stand-ins"] = spare.sha256
    request = PlanRequest(
        corpus=corpus,
        stand_ins=spare,
        profile=profile,
        chars=chars,
        texts=texts,
        beside=None if own is None else own.beside,
        looks_like_own=own is not None and options.corpus is None,
        count=options.count,
        originals=_originals(options, own, inputs, tally),
        ratio=options.ratio,
        like=like,
        limits=Limits(alphabet, longest, _excluded(options.exclude_texts, inputs, tally)),
        seed=options.seed,
        style=style_name,
        repeat_cap=options.repeat_cap or None,
        filler_share=options.filler_share,
        alpha=options.alpha,
        temper=options.temper,
    )
    if alphabet is not None:
        held = alphabet.characters
    else:
        read = () if profile is None else (*profile.alphabet.entries, *_misread(profile))
        used = () if own is None else tuple(own.beside.production.characters)
        held = held_by((corpus, spare), (*chars, *texts, *read, *used))
    has_space = alphabet.use_space_char if alphabet else options.use_space_char is not False
    return Texts(request, held, inputs, tally, has_space)


def _languages(options: JobOptions) -> tuple[str, ...]:
    """Check what --language names.

    Raises:
        UsageError: nothing that comes with the package is in it, or a list of texts is drawn.
    """
    known = embedded_languages()
    for name in options.languages:
        if name not in known and options.corpus is None:
            raise UsageError(
                f"--language {name}",
                "is none of the languages that texts come in with this package",
                f"Say {' or '.join(known)}, or name texts of yours with --corpus.",
            )
    if options.languages and options.text_list is not None:
        raise UsageError(
            "--language and --text-list", "exclude each other", "A list is drawn as it stands."
        )
    return options.languages


def _longest(options: JobOptions, profile: "ErrorProfile | None") -> int:
    longest = profile.max_text_length if profile else MAX_LENGTH
    if options.max_length is not None:
        longest = options.max_length
        if not 1 <= longest <= LONGEST:
            raise UsageError(
                f"--max-length {longest}",
                f"is not from 1 to {LONGEST}",
                "Say how many characters the model reads at most.",
            )
    return min(longest, LONGEST)


def _profile(path: Path | None, inputs: dict[str, str]) -> "ErrorProfile | None":
    if path is None:
        return None
    from textlines.formats.profile import load_profile  # only runs with a profile need it

    inputs["profile"] = sha256_of(path)
    return load_profile(path)


def _alphabet(
    options: JobOptions, profile: "ErrorProfile | None", inputs: dict[str, str]
) -> Alphabet | None:
    if options.dictionary is not None:
        inputs["dictionary"] = sha256_of(entries_file(options.dictionary))
        return Alphabet.read(
            options.dictionary,
            options.use_space_char,
            model=profile.alphabet.known() if profile else None,
            told_by=f"the profile {options.profile}",
        )
    known = profile.alphabet.known() if profile else None
    if known is not None:
        by = f"the profile {options.profile}, whose model has"
        refuse_other_space(options.use_space_char, known.use_space_char, by)
    return known


def _misread(profile: "ErrorProfile") -> Iterator[str]:
    """Name what a profile's characters were read as, and what is drawn for their parts."""
    from synth.plan.part_lines import part_pairs

    for row in profile.ranked:
        yield from row.confusions
    for pair in part_pairs(profile, None):
        yield from pair


def _like(path: Path | None, inputs: dict[str, str], tally: Tally) -> tuple[str, ...]:
    if path is None:
        return ()
    inputs["like"] = sha256_of(path)
    return read_like(path, tally)


def _originals(
    options: JobOptions, own: OwnLines | None, inputs: dict[str, str], tally: Tally
) -> Originals | None:
    """Count the original lines: of --original, and own ones where they set the number of images."""
    path = options.original
    found = None
    if path is not None:
        inputs["original"] = sha256_of(path)
        found = read_originals(path, tally)
    if own is None or (path is None and options.count is not None):
        return found
    # A file that is named twice counts once.
    return own.originals(found, inputs.get("original", ""))


def _text_list(path: Path | None, inputs: dict[str, str], tally: Tally) -> tuple[str, ...]:
    if path is None:
        return ()
    inputs["text-list"] = sha256_of(path)
    return read_listed(path, tally)


def _excluded(paths: Sequence[Path], inputs: dict[str, str], tally: Tally) -> frozenset[str]:
    for number, path in enumerate(paths):
        inputs[f"exclude-texts {number}"] = sha256_of(path)
    return read_excluded(paths, tally)
