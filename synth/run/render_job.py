"""Options to a job: style, faces, texts, and what tells one run from another."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from synth.corpus.corpus_files import (
    embedded_corpus,
    embedded_languages,
    load_corpus,
    read_excluded,
    stand_ins,
)
from synth.corpus.corpus_files import read_texts as read_listed
from synth.corpus.sources import Corpus, Cutting
from synth.faces.face_pool import FacePool, joined_weights
from synth.faces.scan import FaceScan
from synth.plan.block_reports import recorded
from synth.plan.bounds import Limits, LineShape, Originals, read_like, read_originals
from synth.plan.plan_blocks import PlanBlock, block_size
from synth.plan.plan_report import ImageRates, PlanReport
from synth.plan.request import PlanRequest, TargetPlan
from synth.plan.serving import Plan
from synth.plan.targets import read_chars
from synth.rendering.line_proof import line_fault, runs_together
from synth.rendering.line_setting import LineSetter
from synth.rendering.sample import Setup, photo_bank
from synth.rendering.style import Style, load_style, needs_photos, on_photos
from synth.run.job_faces import Progress, confusable_pairs, family_weights, gather_faces, held_by
from synth.run.job_options import JobOptions
from synth.run.oddities import oddities_of
from synth.run.own_texts import OwnTexts, read_own
from synth.run.unserved import require_languages, require_script, require_served
from textlines.defects import of_texts
from textlines.errors import UsageError
from textlines.files import replacing, sha256_of
from textlines.formats.block_record import BlockRecord, block_file, block_record
from textlines.formats.plan_rows import PlanRow, write_plan
from textlines.formats.run_record import BLOCK_ROWS
from textlines.labels.alphabet import Alphabet, refuse_other_space
from textlines.labels.canonical import MAX_LENGTH
from textlines.labels.dictionary_files import entries_file
from textlines.labels.tally import Tally

if TYPE_CHECKING:
    from textlines.formats.profile import ErrorProfile


TRIED = 40
"""Samples drawn to learn what one costs."""

KEPT = "codes kept from faces that mix "
"""What the counts start with of texts with a code that some faces could not draw clearly."""

KEPT_LINES = "texts without a neighbour kept from faces that mix "

KEPT_APART = "texts kept from faces that run their letters together"

NOT_BY_HAND = "codes kept from handwritten faces"

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


@dataclass(frozen=True, slots=True)
class RenderJob:
    """A run ready to be planned and drawn.

    Attributes:
        scan: of the fonts; None when only display faces of our own are drawn.
        configuration: all that the output depends on beside the inputs, as plain values.
        oddities: what of the files read was left out or changed, by kind and reason.
        setter: sets lines vertically or in several faces, and counts them; None where none is.
        block: rows that each block of the plan has but the last; of a plan in one file, all.
    """

    options: JobOptions
    style: Style
    pool: FacePool
    scan: FaceScan | None
    texts: Texts
    setup: Setup
    configuration: dict[str, Any]
    oddities: Tally
    setter: LineSetter | None = None
    block: int = 0

    @property
    def rows(self) -> int:
        """Return the lines that are asked for."""
        return self.texts.request.rows

    @property
    def in_blocks(self) -> bool:
        """Whether the run is planned in blocks."""
        return 0 < self.block < self.rows

    def plan(self, block: PlanBlock | None = None) -> Plan:
        """Begin the plan, or that of a block. What the faces may draw is looked up first.

        Raises:
            UnservedError: most of what the profile asks for cannot be drawn.
        """

        def check(targets: TargetPlan) -> None:
            require_served(targets, self.style, self.options, self.pool)

        allowed, set_line = self.options.allow_unserved, self.setter.set if self.setter else None
        return Plan(self.texts.request, self.pool, None if allowed else check, set_line, block)

    def of_block(self) -> "RenderJob":
        """Return the job as it is before anything was planned, for one block of its run."""
        pool = self.pool.afresh()
        return replace(self, pool=pool, setter=LineSetter.of(self.style, pool))

    def write_block(self, out: Path, number: int) -> tuple[BlockRecord, PlanReport]:
        """Plan one block, and write its rows and then its record into a run's folder.

        The block depends on no other one, nor on what this job has planned before.

        Raises:
            InputError, UsageError: as `Plan`; or the folder cannot be written.
        """
        job = self.of_block()
        plan = job.plan(PlanBlock.of(self.rows, self.block, number))
        begun = {**plan.begun, **job.counts()}
        digest = write_plan(out / block_file(number), plan)
        job.pool.save()
        report = plan.report()
        block = recorded(
            report,
            digest,
            begun,
            job.counts(),
            {face.id: f"{face.path}: {why}" for face, why in job.pool.broken.items()},
            plan.reasons,
        )
        block.write(out / block_record(number))
        return block, report

    def counts(self) -> dict[str, int]:
        """Return what faces were kept from, and how lines are set, as far as it was planned."""
        pool = self.pool
        kept = {f"{KEPT}{pair}": n for pair, n in sorted(pool.kept_from_codes.items())}
        kept |= {f"{KEPT_LINES}{pair}": n for pair, n in sorted(pool.kept_from_lines.items())}
        if pool.codes_not_by_hand:
            kept[NOT_BY_HAND] = pool.codes_not_by_hand
        if pool.kept_apart:
            kept[KEPT_APART] = pool.kept_apart
        return {**kept, **(dict(sorted(self.setter.counts.items())) if self.setter else {})}

    def write_plan(self, path: Path) -> tuple[int, PlanReport]:
        """Write `plan.jsonl`, whole or not at all; gives the number of rows and the report."""
        plan = self.plan()
        rows = 0
        with replacing(path) as file:
            for row in plan:
                file.write(row.to_json() + "\n")
                rows += 1
        self.pool.save()
        return rows, plan.report()


def assemble(options: JobOptions, watch: Progress | None = None) -> RenderJob:
    """Put a job together.

    Raises:
        InputError, UsageError: what cannot be used, with the option or file named.
    """
    style = load_style(options.style, options.settings)
    if needs_photos(style) and options.backgrounds is None:
        raise UsageError(
            f"--style {options.style}",
            "draws on photos, and no folder of photos is given",
            "Name one with --backgrounds, or say --set surfaces.photo.p=0.",
        )
    texts = read_texts(options, style.name, style.texts or style.name)
    faces, scan = gather_faces(style, options, watch)
    require_script(options, style, texts.request.limits.alphabet, texts.request.corpus, faces)
    require_languages(options, style, texts.request.corpus, faces)
    pool = FacePool(
        faces,
        texts.characters,
        pairs=confusable_pairs(texts.request),
        family_weights=joined_weights(
            faces, style.family_weights, family_weights(options.family_weights, faces)
        ),
        face_weights=style.face_weights,
        fault=line_fault,
        runs_together=runs_together,
        handwritten=style.handwritten,
    )
    profile = texts.request.profile
    setup = Setup(
        style=style,
        faces=pool.faces,
        photos=options.backgrounds,
        seed=options.seed,
        distractor_weight=1.0 if profile is None else _distractor_weight(profile),
        boxes=options.boxes,
        masks=options.masks,
    )
    block = block_size(texts.request.rows)
    configuration = {
        **setup.identity(),
        "plan": {
            "chars": options.chars,
            **texts.request.numbers(),
            **({} if options.original else {"ratio": None}),
            "max_length": texts.request.limits.max_length,
            "use_space_char": texts.use_space_char,
            "family_weights": list(options.family_weights),
            **({"own_enough": options.enough} if options.own else {}),
            **({"languages": sorted(options.languages)} if options.languages else {}),
            **({BLOCK_ROWS: block} if block < texts.request.rows else {}),
        },
    }
    photos = None if options.backgrounds is None else photo_bank(options.backgrounds).listing
    counted = oddities_of(texts.tally, scan, photos)
    if photos is not None and not needs_photos(on_photos(style)):
        counted.add(of_texts.UNUSED_PHOTO, count=len(photos.photos))
    return RenderJob(
        options=options,
        style=style,
        pool=pool,
        scan=scan,
        texts=texts,
        setup=setup,
        configuration=configuration,
        oddities=counted,
        setter=LineSetter.of(style, pool),
        block=block,
    )


def _distractor_weight(profile: "ErrorProfile") -> float:
    from synth.plan.profile_targets import distractor_weight

    return distractor_weight(profile)


def read_texts(options: JobOptions, style_name: str, texts_of: str = "") -> Texts:
    """Read all files about texts and put the plan's request together.

    Args:
        texts_of: the style whose embedded texts are drawn; empty for those of `style_name`.

    Raises:
        InputError, UsageError: a file or an option is not usable; names it.
    """
    inputs: dict[str, str] = {}
    tally = Tally()
    profile = _profile(options.profile, inputs)
    alphabet = _alphabet(options, profile, inputs)
    longest = _longest(options, profile)
    like_texts = _like(options.like, inputs, tally)
    like = LineShape.of(like_texts) if like_texts else None
    cutting = Cutting(longest, None if like is None else like.length)
    texts = _text_list(options.text_list, inputs, tally)
    chars = read_chars(options.chars) if options.chars is not None else ()
    own_texts = (
        read_own(options, profile, named=chars, like=like_texts, inputs=inputs, tally=tally)
        if options.own
        else None
    )
    languages = _languages(options)
    held = frozenset[str]() if alphabet is None else alphabet.characters
    if options.corpus is not None:
        corpus = load_corpus(options.corpus, cutting, languages, held)
    elif own_texts is not None:
        corpus = own_texts.corpus(
            cutting,
            lambda of: embedded_corpus(texts_of or style_name, cutting, languages or of, held),
        )
    else:
        corpus = (
            Corpus() if texts else embedded_corpus(texts_of or style_name, cutting, languages, held)
        )
    inputs["corpus"] = corpus.sha256
    aimed = options.profile is not None or options.chars is not None or own_texts is not None
    # What no text of a corpus holds of its dictionary is aimed at too.
    aimed = aimed or bool(corpus.dictionaries)
    spare = stand_ins(cutting, languages) if aimed else Corpus()
    inputs["stand-ins"] = spare.sha256
    request = PlanRequest(
        options=options,
        corpus=corpus,
        stand_ins=spare,
        profile=profile,
        chars=chars,
        texts=texts,
        beside=None if own_texts is None else own_texts.beside,
        looks_like_own=own_texts is not None and options.corpus is None,
        originals=_originals(options, own_texts, inputs, tally),
        like=like,
        limits=Limits(alphabet, longest, _excluded(options.exclude_texts, inputs, tally)),
        style=style_name,
    )
    if alphabet is None:
        read = () if profile is None else (*profile.alphabet.entries, *_misread(profile))
        used = () if own_texts is None else tuple(own_texts.beside.production.characters)
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
                f"Say one of {', '.join(known)}, or name texts of yours with --corpus.",
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
    options: JobOptions, own_texts: OwnTexts | None, inputs: dict[str, str], tally: Tally
) -> Originals | None:
    """Count the original lines: of --original, and own ones where they set the number of images."""
    path = options.original
    originals = None
    if path is not None:
        inputs["original"] = sha256_of(path)
        originals = read_originals(path, tally)
    if own_texts is None or (path is None and options.count is not None):
        return originals
    # A file that is named twice counts once.
    return own_texts.originals(originals, inputs.get("original", ""))


def _text_list(path: Path | None, inputs: dict[str, str], tally: Tally) -> tuple[str, ...]:
    if path is None:
        return ()
    inputs["text-list"] = sha256_of(path)
    return read_listed(path, tally)


def _excluded(paths: Sequence[Path], inputs: dict[str, str], tally: Tally) -> frozenset[str]:
    for number, path in enumerate(paths):
        inputs[f"exclude-texts {number}"] = sha256_of(path)
    return read_excluded(paths, tally)


def trial(job: RenderJob, workers: int) -> tuple[PlanReport, ImageRates]:
    """Plan a run, draw its first samples in memory, and give report and rates.

    Of a run in blocks the first block alone is planned: the others are like it.
    """
    if job.in_blocks:
        job = job.of_block()
        plan = job.plan(PlanBlock.of(job.rows, job.block, 0))
    else:
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
