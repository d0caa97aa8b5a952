"""The faces of a job: found, weighed, told apart, and what a label is taken to be able to hold."""

from collections.abc import Callable, Iterable
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING

from synth.assets import asset_dir
from synth.corpus.corpus_files import stand_ins
from synth.corpus.sources import Corpus
from synth.faces.display import display_faces
from synth.faces.face_pool import EVERY_OTHER
from synth.faces.font_face import HANDWRITTEN, Face
from synth.faces.scan import FaceScan, find_faces
from synth.faces.user_cache import cache_dir, read_json, write_json
from synth.plan.request import PlanRequest
from synth.rendering.style import Style
from synth.run.job_options import JobOptions
from textlines.errors import UsageError
from textlines.wording.counts import count_of, form_of

if TYPE_CHECKING:
    from textlines.formats.profile import ErrorProfile
    from textlines.labels.alphabet import Alphabet


Progress = Callable[[str, int, int], None]
"""Called with (what is being done, done, of how many) while a job is put together."""

_ASCII = tuple(map(chr, range(0x20, 0x7F)))

_VERSION = "1"


def gather_faces(
    style: Style, options: JobOptions, watch: Progress | None = None
) -> tuple[tuple[Face, ...], FaceScan | None]:
    """Find the faces of the kinds that a style draws from: our display faces, and fonts.

    Raises:
        InputError: there is none.
    """
    wanted = set(style.faces)
    faces: list[Face] = []
    if wanted - {"text"} and not options.fonts:
        faces += display_faces()
    scan = None
    if "text" in wanted or options.fonts:

        def progress(done: int, total: int) -> None:
            if watch is not None:
                watch("reading fonts", done, total)

        scan = find_faces(options.fonts, licence=options.fonts_licence, progress=progress)
        faces += scan.faces
    fitting = tuple(face for face in faces if face.kind in wanted)
    if not fitting:
        raise UsageError(
            f"--style {options.style}",
            f"draws from faces of the kind {', '.join(sorted(wanted))}; "
            f"none of the {len(faces)} found is one",
            "Name other --fonts, or say in fonts/catalogue.toml what kind yours are.",
        )
    if not style.handwritten and all(HANDWRITTEN in face.traits for face in fitting):
        raise UsageError(
            f"--style {options.style}",
            f"draws in no handwritten face, and {count_of(len(fitting), 'face')} found "
            f"{form_of(len(fitting), 'is', 'are all')} handwritten",
            "Name other --fonts, or let it draw in them: --set handwritten=0.03.",
        )
    return fitting, scan


def confusable_pairs(request: PlanRequest) -> list[tuple[str, str]]:
    """Name the confusable pairs that a face must draw visibly differently."""
    profile = request.profile
    if profile is not None:
        return _profile_pairs(profile, request.limits.alphabet)
    from synth.corpus.character_classes import partners

    return list(partners(request.chars))


def _profile_pairs(profile: "ErrorProfile", alphabet: "Alphabet | None") -> list[tuple[str, str]]:
    from synth.plan.part_lines import part_pairs
    from synth.plan.targets import MOST_PARTNERS

    pairs = list(part_pairs(profile, alphabet))
    for row in profile.ranked:
        near = sorted(row.confusions.items(), key=lambda item: (-item[1], item[0]))
        pairs += [
            (row.char, other)
            for other, _ in near[:MOST_PARTNERS]
            if other.strip() and row.char.strip() and other != row.char
        ]
    return pairs


def family_weights(given: tuple[str, ...], faces: tuple[Face, ...]) -> dict[str, float]:
    """Read the weights of families, `FAMILY=WEIGHT`, 0 and more; `*` for all not named.

    Raises:
        UsageError: one is not of that form, or none of the faces is of its family.
    """
    families = {face.family for face in faces}
    weights: dict[str, float] = {}
    for text in given:
        name, _, value = text.rpartition("=")
        try:
            weights[name] = float(value)
        except ValueError:
            weights[name] = -1.0
        if not name or not weights[name] >= 0:
            raise UsageError(
                f"--family-weight {text}", "is not FAMILY=WEIGHT", "Write 'Noto Sans KR=2'."
            )
        if name not in families and name != EVERY_OTHER:
            raise UsageError(
                f"--family-weight {text}",
                f"there is no family {name!r} among {len(families)}",
                "synth fonts lists them.",
            )
    return weights


def held_by(corpora: Iterable[Corpus], texts: Iterable[str]) -> frozenset[str]:
    """Gather the characters of lines, of what patterns may write, and of further texts."""
    held: set[str] = set()
    for text in texts:
        held.update(text)
    for corpus in corpora:
        for source in corpus.lines:
            for line in source.texts:
                held.update(line)
        for pattern in corpus.patterns:
            held.update(pattern.grammar.characters)
    return frozenset(held)


@lru_cache(maxsize=1)
def usual() -> frozenset[str]:
    """Return the characters of ASCII and of the embedded corpora.

    Kept in the user's cache by the content of their files: to read all patterns takes longer
    than a first image does.
    """
    digest = sha256(_VERSION.encode())
    for path in sorted(asset_dir("corpora").iterdir()):
        if path.is_file():
            digest.update(f"{path.name}\0{path.stat().st_size}\0".encode())
            digest.update(path.read_bytes())
    place, version = cache_dir() / "usual.json", digest.hexdigest()
    known = read_json(place, version).get("characters")
    if isinstance(known, str) and known:
        return frozenset(known)
    held = held_by([stand_ins()], _ASCII)
    write_json(place, version, {"characters": "".join(sorted(held))})
    return held
