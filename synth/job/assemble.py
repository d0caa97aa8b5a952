"""Options to a job: style, faces, texts, and what tells one run from another."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from synth.engine.setup import Setup, photo_bank
from synth.faces.display import display_faces
from synth.faces.face_pool import FacePool
from synth.faces.font_face import HANDWRITTEN, Face
from synth.faces.scan import FaceScan, find_faces
from synth.ink.joined import runs_together
from synth.ink.proof import line_fault
from synth.job.dictionary_script import require_languages, require_script
from synth.job.oddities import UNUSED_PHOTOS, oddities_of
from synth.job.options import JobOptions
from synth.job.texts import Texts, read_texts
from synth.plan.build import Plan, build_plan
from synth.plan.report import PlanReport
from synth.plan.targets import TargetPlan
from synth.styles.load import load_style
from synth.styles.model import Style
from synth.styles.photos import needs_photos, on_photos
from textlines.errors import UsageError
from textlines.files import replacing
from textlines.labels.tally import Tally

if TYPE_CHECKING:
    from textlines.formats.profile import ErrorProfile
    from textlines.labels.alphabet import Alphabet

Told = Callable[[str, int, int], None]
"""Called with (what is being done, done, of how many) while a job is put together."""


@dataclass(frozen=True, slots=True)
class Job:
    """A run ready to be planned and drawn.

    Attributes:
        scan: of the fonts; None when only display faces of our own are drawn.
        configuration: all that the output depends on beside the inputs, as plain values.
        oddities: what of the files read was left out or changed, by kind and reason.
    """

    options: JobOptions
    style: Style
    pool: FacePool
    scan: FaceScan | None
    texts: Texts
    setup: Setup
    configuration: dict[str, Any]
    oddities: Tally

    def plan(self) -> Plan:
        """Begin the plan. What the faces may draw is looked up first.

        Raises:
            UnservedError: most of what the profile asks for cannot be drawn.
        """
        from synth.job.unserved import require_served

        def check(targets: TargetPlan) -> None:
            require_served(targets, self.style, self.options, self.pool, gather_faces)

        allowed = self.options.allow_unserved
        return build_plan(self.texts.request, self.pool, None if allowed else check)

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


def assemble(options: JobOptions, told: Told | None = None) -> Job:
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
    texts = read_texts(options, style.name)
    faces, scan = gather_faces(style, options, told)
    require_script(options, style, texts.request.limits.alphabet, texts.request.corpus, faces)
    require_languages(options, style, texts.request.corpus, faces)
    pool = FacePool(
        faces,
        texts.characters,
        pairs=_pairs(texts),
        family_weights=_weights(options.family_weights, faces),
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
    )
    configuration = {
        **setup.identity(),
        "plan": {
            "chars": options.chars,
            "count": texts.request.rows,
            "ratio": options.ratio if options.original else None,
            "repeat_cap": options.repeat_cap,
            "filler": options.filler_share,
            "alpha": options.alpha,
            "temper": options.temper,
            "max_length": texts.request.limits.max_length,
            "use_space_char": texts.use_space_char,
            "family_weights": list(options.family_weights),
            **({"own_enough": options.own_enough} if options.own else {}),
            **({"languages": sorted(options.languages)} if options.languages else {}),
        },
    }
    photos = None if options.backgrounds is None else photo_bank(options.backgrounds).listing
    counted = oddities_of(texts.tally, scan, photos)
    if photos is not None and not needs_photos(on_photos(style)):
        counted.add(UNUSED_PHOTOS, count=len(photos.photos))
    return Job(options, style, pool, scan, texts, setup, configuration, counted)


def gather_faces(
    style: Style, options: JobOptions, told: Told | None = None
) -> tuple[tuple[Face, ...], FaceScan | None]:
    """Find the faces of the kinds that a style draws from: our display faces, and fonts.

    Raises:
        InputError: there is none.
    """
    wanted = set(style.faces)
    found: list[Face] = []
    if wanted - {"text"} and not options.fonts:
        found += display_faces()
    scan = None
    if "text" in wanted or options.fonts:

        def progress(done: int, total: int) -> None:
            if told is not None:
                told("reading fonts", done, total)

        scan = find_faces(options.fonts, licence=options.fonts_licence, progress=progress)
        found += scan.faces
    fitting = tuple(face for face in found if face.kind in wanted)
    if not fitting:
        raise UsageError(
            f"--style {options.style}",
            f"draws from faces of the kind {', '.join(sorted(wanted))}; "
            f"none of the {len(found)} found is one",
            "Name other --fonts, or say in fonts/catalogue.toml what kind yours are.",
        )
    if not style.handwritten and all(HANDWRITTEN in face.traits for face in fitting):
        raise UsageError(
            f"--style {options.style}",
            f"draws in no handwritten face, and all {len(fitting)} faces found are handwritten",
            "Name other --fonts, or let it draw in them: --set handwritten=0.03.",
        )
    return fitting, scan


def _pairs(texts: Texts) -> list[tuple[str, str]]:
    """Name the confusable pairs that a face must draw visibly differently."""
    profile = texts.request.profile
    if profile is not None:
        return _profile_pairs(profile, texts.request.limits.alphabet)
    from synth.corpus.character_classes import partners

    return list(partners(texts.request.chars))


def _distractor_weight(profile: "ErrorProfile") -> float:
    from synth.plan.profile_targets import distractor_weight

    return distractor_weight(profile)


def _profile_pairs(profile: "ErrorProfile", alphabet: "Alphabet | None") -> list[tuple[str, str]]:
    from synth.plan.part_lines import part_pairs
    from synth.plan.profile_targets import MOST_PARTNERS

    pairs = list(part_pairs(profile, alphabet))
    for row in profile.ranked:
        near = sorted(row.confusions.items(), key=lambda item: (-item[1], item[0]))
        pairs += [
            (row.char, other)
            for other, _ in near[:MOST_PARTNERS]
            if other.strip() and row.char.strip() and other != row.char
        ]
    return pairs


def _weights(given: tuple[str, ...], faces: tuple[Face, ...]) -> dict[str, float]:
    families = {face.family for face in faces}
    found: dict[str, float] = {}
    for text in given:
        name, _, value = text.rpartition("=")
        try:
            found[name] = float(value)
        except ValueError:
            found[name] = -1.0
        if not name or not found[name] >= 0:
            raise UsageError(
                f"--family-weight {text}", "is not FAMILY=WEIGHT", "Write 'Noto Sans KR=2'."
            )
        if name not in families:
            raise UsageError(
                f"--family-weight {text}",
                f"there is no family {name!r} among {len(families)}",
                "synth fonts lists them.",
            )
    return found
