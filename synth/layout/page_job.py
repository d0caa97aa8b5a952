"""Options to a job of pages: scene, faces, texts, and what tells one run from another."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from synth.corpus.corpus_files import EMBEDDED, embedded_corpus, load_corpus, read_texts
from synth.corpus.sources import Corpus
from synth.faces.display import display_faces
from synth.faces.face_pool import FacePool
from synth.faces.font_face import HANDWRITTEN, Face
from synth.faces.scan import FaceScan, find_faces
from synth.layout.aims import Aims
from synth.layout.page_engine import PageSetup
from synth.layout.page_plan import PlannedPage, Pools, Texts, WordGroup, plan_pages
from synth.layout.scenes import Scene, load_scene
from synth.rendering.line_proof import line_fault, runs_together
from synth.rendering.sample import photo_bank
from synth.rendering.style import Style
from synth.run.job_faces import Progress, held_by, usual
from synth.run.job_options import Licence
from synth.run.oddities import broken_faces, oddities_of
from textlines.errors import InputError, UsageError
from textlines.files import replacing, sha256_of
from textlines.formats.missed_lines import read_missed
from textlines.labels.canonical import canonical, clusters
from textlines.labels.tally import Tally

WORDS_FILE = "device_words.toml"

NAMES: WordGroup = "name"

ANY_LANGUAGE: tuple[WordGroup, ...] = ("unit", "button", "small")

LANGUAGES = ("en", "ko", "zh")
"""In which there are names on devices."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageOptions:
    """What pages are asked for.

    Attributes:
        profile: `det.json` of `train det mine`; None: heights are spread evenly.
        style: a scene. count: pages. negatives: share of them without text, 0..1.
        size: the longer side in pixels.
        corpus: what displays show; None: what comes with the style.
        chars: of which the texts of displays hold one each, in turn. text_list: what displays
            show, in turn, one a line.
        words: printed on housings, one a line; None: ours. languages: of ours; () for all.
        fonts: for print, used alone; () for those of this machine.
        backgrounds: folder of photos without text; None: walls of ours.
        seed: any whole number.

    Raises:
        UsageError: a number is out of range, or options contradict each other.
    """

    profile: Path | None = None
    style: str = "lcd"
    count: int = 500
    negatives: float = 0.1
    size: int = 960
    corpus: Path | None = None
    chars: str | None = None
    text_list: Path | None = None
    words: Path | None = None
    languages: tuple[str, ...] = ()
    fonts: tuple[Path, ...] = ()
    fonts_licence: Licence = "any"
    backgrounds: Path | None = None
    seed: int = 1

    def __post_init__(self) -> None:
        """Check what is asked for."""
        if self.count < 1:
            raise UsageError(f"--count {self.count}", "is below 1", "Ask for one page at least.")
        if not 0 <= self.negatives < 1:
            raise UsageError(
                f"--negatives {self.negatives:g}",
                "is not from 0 up to 1",
                "Say which share of the pages is without text, as 0.1.",
            )
        if not LEAST_SIZE <= self.size <= MOST_SIZE:
            raise UsageError(
                f"--size {self.size}",
                f"is not from {LEAST_SIZE} to {MOST_SIZE}",
                "Say the longer side of a page in pixels, about the limit of the detector.",
            )
        given = {"--corpus": self.corpus, "--chars": self.chars}
        for option, value in given.items() if self.text_list is not None else ():
            if value is not None:
                raise UsageError(
                    f"{option} and --text-list", "exclude each other", "A list is shown as it is."
                )
        if self.chars is not None and not self.chars.strip():
            raise UsageError("--chars", "names no character", 'Name some: --chars "58".')
        for name in self.languages:
            if name not in LANGUAGES:
                raise UsageError(
                    f"--language {name}",
                    "is none that words on devices come in",
                    f"Say {', '.join(LANGUAGES)}, or name words of yours with --words.",
                )
        if self.languages and self.words is not None:
            raise UsageError(
                "--language and --words",
                "exclude each other",
                "Your words are printed as they are.",
            )


LEAST_SIZE, MOST_SIZE = 320, 4096
"""Longer sides of pages in pixels."""


@dataclass(frozen=True, slots=True)
class PageJob:
    """A run of pages ready to be planned and drawn.

    Attributes:
        inputs: sha256 of the files read, by role. oddities: what was odd about them.
        scan: of the fonts. configuration: all else that the output depends on, as plain values.
        tally: what the plan leaves out; grows as it is made.
    """

    options: PageOptions
    scene: Scene
    texts: Texts
    pools: Pools
    setup: PageSetup
    scan: FaceScan
    inputs: dict[str, str]
    oddities: Tally
    configuration: dict[str, Any]
    tally: Tally = field(default_factory=Tally)

    def write_plan(self, path: Path) -> tuple[int, dict[str, int]]:
        """Write the plan, whole or not at all; return its number of pages and its counts."""
        options, rows = self.options, 0
        empty = 0
        with replacing(path) as file:
            for planned in self.plan():
                file.write(planned.to_json() + "\n")
                rows, empty = rows + 1, empty + (planned.kind == "empty")
        self.pools.save()
        for pool in self.pools.all():
            self.tally.merge(broken_faces(pool.broken))
        assert rows == options.count
        return rows, {**self.tally.by_effect(), EMPTY_PAGES: empty}

    def plan(self) -> Sequence[PlannedPage]:
        """Make the plan."""
        options = self.options
        return list(
            plan_pages(
                self.texts, self.pools, options.count, options.negatives, options.seed, self.tally
            )
        )


EMPTY_PAGES = "pages without text"


def assemble_pages(options: PageOptions, watch: Progress | None = None) -> PageJob:
    """Put a job of pages together.

    Raises:
        InputError, UsageError: what cannot be used, with the option or file named.
    """
    scene = load_scene(options.style)
    inputs: dict[str, str] = {}
    tally = Tally()
    texts = _texts(options, scene, inputs, tally)
    pools, faces, scan = _faces(options, scene, texts, watch)
    _refuse_undrawable(texts, pools)
    aims = Aims()
    if options.profile is not None:
        inputs["profile"] = sha256_of(options.profile)
        aims = Aims(read_missed(options.profile))
    setup = PageSetup(
        scene=scene,
        faces=faces,
        photos=options.backgrounds,
        size_px=options.size,
        aims=aims,
        seed=options.seed,
    )
    photos = None if options.backgrounds is None else photo_bank(options.backgrounds).listing
    configuration = {
        **setup.identity(),
        "plan": {
            "count": options.count,
            "negatives": options.negatives,
            "languages": sorted(options.languages),
            **({} if options.chars is None else {"chars": options.chars}),
        },
    }
    oddities = oddities_of(tally, scan, photos)
    return PageJob(options, scene, texts, pools, setup, scan, inputs, oddities, configuration)


def _texts(options: PageOptions, scene: Scene, inputs: dict[str, str], tally: Tally) -> Texts:
    """Read what displays show and what is printed beside them."""
    if options.corpus is None:
        shown = embedded_corpus(scene.display.texts or scene.display.name)
    else:
        shown = load_corpus(options.corpus)
    tally.merge(shown.tally)
    inputs["corpus"] = shown.sha256
    ours = load_corpus(Path(EMBEDDED + WORDS_FILE))
    inputs["words"] = ours.sha256
    grammar = ours.patterns[0].grammar
    words = {"": {group: grammar.only((group,)) for group in ANY_LANGUAGE}}
    for language in options.languages or LANGUAGES:
        words[language] = {NAMES: grammar.only((language,))}
    own: tuple[str, ...] = ()
    if options.words is not None:
        inputs["words"] = sha256_of(options.words)
        own = read_texts(options.words, tally)
    listed: tuple[str, ...] = ()
    if options.text_list is not None:
        inputs["text-list"] = sha256_of(options.text_list)
        listed = read_texts(options.text_list, tally)
    chars = dict.fromkeys(one for one in clusters(canonical(options.chars or " ")) if one.strip())
    return Texts(shown, words, own, listed, tuple(chars))


def _refuse_undrawable(texts: Texts, pools: Pools) -> None:
    """Refuse texts and characters that were asked for and that no face of displays draws.

    Raises:
        InputError: names the first of them, and why the faces refuse it.
    """
    for option, wanted in (("--text-list", texts.listed), ("--chars", texts.chars)):
        refused = [
            text
            for text in wanted
            if not (pools.segments.allowed(text) or pools.dots.allowed(text))
        ]
        if refused:
            why = ", ".join(pools.dots.why_not(refused[0])) or "none is sound"
            more = f", and {len(refused) - 1:,} more" if len(refused) > 1 else ""
            raise InputError(
                option,
                f"holds what no face of displays draws: {refused[0]!r} ({why}){more}",
                "Take it out: displays show digits, signs and some letters.",
            )


def _faces(
    options: PageOptions, scene: Scene, texts: Texts, watch: Progress | None
) -> tuple[Pools, tuple[Face, ...], FaceScan]:
    """Find faces: of displays our own, for print the fonts named or those of this machine.

    Raises:
        UsageError: there is none for print.
    """

    def progress(done: int, total: int) -> None:
        if watch is not None:
            watch("reading fonts", done, total)

    scan = find_faces(options.fonts, licence=options.fonts_licence, progress=progress)
    printed = [
        face for face in scan.faces if face.kind == "text" and HANDWRITTEN not in face.traits
    ]
    if not printed:
        raise UsageError(
            "--fonts",
            "no face for the words on devices is among those found",
            "Install fonts (synth fonts shows what is found), or name a folder of them.",
        )
    ours = display_faces()
    given = (*texts.own, *texts.listed, *texts.chars)
    held = held_by([texts.shown, *_word_sources(texts)], given) | usual()

    def pool(faces: Sequence[Face], style: Style) -> FacePool:
        return FacePool(
            faces,
            held,
            family_weights=style.family_weights,
            face_weights=style.face_weights,
            fault=line_fault,
            runs_together=runs_together,
        )

    pools = Pools(
        segments=pool([face for face in ours if face.kind == "seven_segment"], scene.display),
        dots=pool([face for face in ours if face.kind == "dot_matrix"], scene.display),
        print=pool(printed, scene.print),
    )
    return pools, (*ours, *pools.print.faces), scan


def _word_sources(texts: Texts) -> list[Corpus]:
    """Return the corpora whose characters words are made of."""
    return [] if texts.own else [load_corpus(Path(EMBEDDED + WORDS_FILE))]
