"""The texts of a job: alphabet, corpus, limits, what the run is for."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from synth.corpus.load import embedded_corpus, load_corpus, looks_like_labels, stand_ins
from synth.corpus.sources import Corpus, Cutting
from synth.job.options import JobOptions
from synth.plan.budget import Originals, read_originals
from synth.plan.limits import Limits
from synth.plan.request import PlanRequest
from synth.plan.shape import Shape, read_shape
from synth.plan.targets import read_chars
from textlines.errors import InputError, UsageError
from textlines.labels.alphabet import Alphabet
from textlines.labels.canonical import LabelError, canonical
from textlines.labels.files import read_text, sha256_of
from textlines.labels.label_file import read_labels
from textlines.labels.tally import Tally
from textlines.profile.model import ErrorProfile
from textlines.profile.profile_io import load_profile
from textlines.rules.line_rules import MAX_LENGTH


@dataclass(frozen=True, slots=True)
class Texts:
    """Everything of a job that is about texts.

    Attributes:
        request: for the plan. characters: what a label can hold, for the glyph gate.
        inputs: sha256 of the files read, by role. tally: what was odd about them.
    """

    request: PlanRequest
    characters: frozenset[str]
    inputs: dict[str, str]
    tally: Tally


def read_texts(options: JobOptions, style_name: str) -> Texts:
    """Read all files about texts and put the plan's request together.

    Raises:
        InputError, UsageError: a file or an option is not usable; names it.
    """
    inputs: dict[str, str] = {}
    tally = Tally()
    profile = _profile(options.profile, inputs)
    alphabet = _alphabet(options, profile, inputs)
    longest = options.max_length or (profile.max_text_length if profile else MAX_LENGTH)
    like = _shape(options.like, inputs, tally)
    cutting = Cutting(longest, None if like is None else like.length)
    texts = _text_list(options.text_list, inputs, tally)
    if options.corpus is not None:
        corpus = load_corpus(options.corpus, cutting)
    else:
        corpus = Corpus() if texts else embedded_corpus(style_name, cutting)
    inputs["corpus"] = corpus.sha256
    spare = Corpus() if texts else stand_ins(cutting)
    inputs["stand-ins"] = spare.sha256
    tally.merge(corpus.tally)
    chars = read_chars(options.chars) if options.chars is not None else ()
    request = PlanRequest(
        corpus=corpus,
        stand_ins=spare,
        profile=profile,
        chars=chars,
        texts=texts,
        count=options.count,
        originals=_originals(options.original, inputs, tally),
        ratio=options.ratio,
        like=like,
        limits=Limits(alphabet, longest, _excluded(options.exclude_texts, inputs, tally)),
        seed=options.seed,
        style=style_name,
        repeat_cap=options.repeat_cap or None,
        filler_share=options.filler,
        alpha=options.alpha,
        temper=options.temper,
    )
    held = alphabet.characters if alphabet is not None else _assumed(corpus, chars, texts)
    return Texts(request, held, inputs, tally)


def _profile(path: Path | None, inputs: dict[str, str]) -> ErrorProfile | None:
    if path is None:
        return None
    inputs["profile"] = sha256_of(path)
    return load_profile(path)


def _alphabet(
    options: JobOptions, profile: ErrorProfile | None, inputs: dict[str, str]
) -> Alphabet | None:
    if options.dictionary is not None:
        inputs["dictionary"] = sha256_of(options.dictionary)
        return Alphabet.read(options.dictionary, use_space_char=options.use_space_char)
    if profile is not None and not profile.alphabet.assumed:
        return Alphabet(profile.alphabet.entries, profile.alphabet.use_space_char)
    return None


def _assumed(corpus: Corpus, chars: Iterable[str], texts: Iterable[str]) -> frozenset[str]:
    """Take what the texts hold for what a label can hold, where no dictionary was given."""
    held: set[str] = set()
    for char in chars:
        held.update(char)
    for text in texts:
        held.update(text)
    for source in corpus.lines:
        for text in source.texts:
            held.update(text)
    for pattern in corpus.patterns:
        held.update(pattern.grammar.characters)
    return frozenset(held)


def _shape(path: Path | None, inputs: dict[str, str], tally: Tally) -> Shape | None:
    if path is None:
        return None
    inputs["like"] = sha256_of(path)
    return read_shape(path, tally)


def _originals(path: Path | None, inputs: dict[str, str], tally: Tally) -> Originals | None:
    if path is None:
        return None
    inputs["original"] = sha256_of(path)
    return read_originals(path, tally)


def _text_list(path: Path | None, inputs: dict[str, str], tally: Tally) -> tuple[str, ...]:
    if path is None:
        return ()
    inputs["text-list"] = sha256_of(path)
    texts = tuple(_lines_of(path, tally))
    if not texts:
        raise InputError(str(path), "holds no text", "Write one text on each line.")
    return texts


def _excluded(paths: Iterable[Path], inputs: dict[str, str], tally: Tally) -> frozenset[str]:
    found: set[str] = set()
    for number, path in enumerate(paths):
        inputs[f"exclude-texts {number}"] = sha256_of(path)
        found.update(_lines_of(path, tally))
    return frozenset(found)


def _lines_of(path: Path, tally: Tally) -> Iterable[str]:
    """Read the texts of a list or the labels of a label file, canonical."""
    if looks_like_labels(path):
        for row in read_labels(path, tally=tally):
            yield row.label
        return
    for number, line in enumerate(read_text(path, "the list of texts").splitlines(), 1):
        if not line.strip():
            continue
        try:
            yield canonical(line)
        except LabelError as error:
            raise UsageError(f"{path}:{number}", error.what, "Mend or drop the line.") from None
