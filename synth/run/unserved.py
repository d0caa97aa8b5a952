"""What a run is asked for and cannot draw: characters of a profile, a script, a language.

Every dictionary holds Latin letters and digits beside its script, and texts that come with this
package are in twelve languages. Of a Tamil dictionary alone only English lines would come.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import chain

from synth.assets import style_names
from synth.corpus.dictionary_languages import leading_script
from synth.corpus.sources import Corpus
from synth.faces.breaking import BreaksError
from synth.faces.face_coverage import characters_of, writes
from synth.faces.face_pool import FacePool
from synth.faces.font_face import Face
from synth.faces.font_packages import packages_of
from synth.faces.glyph_gate import Gate
from synth.faces.scan import find_faces, machine_sources, user_sources
from synth.plan.request import TargetPlan
from synth.plan.serving import UNDRAWN, Undrawn
from synth.rendering.style import Style, load_style
from synth.run.job_faces import gather_faces, held_by
from synth.run.job_options import JobOptions
from textlines.errors import MendError
from textlines.installing import install_line
from textlines.labels.alphabet import Alphabet
from textlines.labels.canonical import short
from textlines.labels.scripts import script_of
from textlines.wording.counts import count_of

MOST_UNSERVED = 0.5
"""Of what all characters promise to gain: beyond it a run teaches mostly what was not asked for."""

MOST_TRIED = 24
"""Faces that are looked at glyph by glyph; the others only by what they say they hold."""

NAMED = 12
"""Characters, and faces, that a message names at most."""

GO_ON = "--allow-unserved goes on without them."

SCRIPTS = {
    "ar": "Arabic",
    "el": "Greek",
    "en": "Latin",
    "he": "Hebrew",
    "hi": "Devanagari",
    "ja": "Hiragana",
    "ko": "Hangul",
    "ru": "Cyrillic",
    "th": "Thai",
    "vi": "Latin",
    "zh": "Han",
    "zh-Hant": "Han",
}
"""What the languages of the package's texts are written in, as far as no other writes so."""


def bearable(chars: str | None) -> float:
    """Return which share of the characters that a run is for may be served short.

    Args:
        chars: those of --chars: each is to be served; None where a profile ranks them.
    """
    return MOST_UNSERVED if chars is None else 0.0


class UnservedError(MendError):
    """Most of what a profile or a dictionary asks for cannot be drawn with what is at hand."""


def require_served(targets: TargetPlan, style: Style, options: JobOptions, pool: FacePool) -> None:
    """Refuse a run that could not draw most of what its profile asks for.

    Args:
        style: of the run, as the options have changed it. pool: the faces of the run.

    Raises:
        UnservedError: says how much is not served and why, and which style and faces would.
    """
    share = targets.unserved_share
    if share <= MOST_UNSERVED:
        return
    lost = {char: why for char, why in targets.skipped.items() if char in targets.gains}
    undrawn = tuple(char for char, why in lost.items() if isinstance(why, Undrawn))
    alone, _ = drawn_by(undrawn, pool.faces, pool.gate)
    others = tuple(char for char in undrawn if char not in alone)
    ways = _ways(others, style, options, pool.gate) if others else []
    if alone:
        ways.append(
            f"The faces draw {_named(alone)}, and no text that holds them: name a --corpus of "
            "texts that these faces can draw."
        )
    if len(lost) > len(undrawn):
        ways.append("What no text or dictionary holds: name another --corpus or --dictionary.")
    raise UnservedError(
        f"--style {options.style}",
        f"serves {len(targets.gains) - len(lost):,} of the "
        f"{count_of(len(targets.gains), 'character')} of --profile; {share:.0%} of what "
        f"they promise to gain is not served ({_reasons(lost)})",
        " ".join([*ways, GO_ON]),
    )


def _reasons(lost: Mapping[str, str]) -> str:
    """Put the characters that are not served into words, those with one reason together."""
    groups: dict[str, list[str]] = {}
    for char, why in lost.items():
        # Behind it stand the faces' own reasons, which differ by the character.
        groups.setdefault(UNDRAWN if isinstance(why, Undrawn) else why, []).append(char)
    return "; ".join(f"{_named(chars)}: {why}" for why, chars in groups.items())


def _named(chars: Sequence[str]) -> str:
    """Name some characters: all, or the first ones and how many more there are.

    >>> _named(("a", " ")), _named("abcdefghijklmno")
    ("'a' space", "'a' 'b' 'c' 'd' 'e' 'f' 'g' 'h' 'i' 'j' 'k' 'l' and 3 more")
    """
    shown = " ".join("space" if char == " " else short(char) for char in chars[:NAMED])
    more = len(chars) - NAMED
    return f"{shown} and {more} more" if more > 0 else shown


def _ways(undrawn: Sequence[str], style: Style, options: JobOptions, gate: Gate) -> list[str]:
    """Return which styles and which faces of this machine draw what the run cannot."""
    ways: dict[tuple[tuple[str, ...], tuple[Face, ...]], list[str]] = {}
    for name in style_names():
        built_in = load_style(name)
        if built_in.faces != style.faces:
            try:
                faces, _ = gather_faces(built_in, replace(options, style=name))
            except MendError:  # these --fonts hold nothing of the kind
                continue
            ways.setdefault(drawn_by(undrawn, faces, gate), []).append(name)
    drawing = [
        (len(drawn), f"--style {' or '.join(names)} draws {_those(drawn, by)}")
        for (drawn, by), names in ways.items()
        if drawn
    ]
    if all(count < len(undrawn) for count, _ in drawing):
        installed = _installed(style, options)
        drawn, by = drawn_by(undrawn, installed, gate)
        if drawn and len(drawn) > max((count for count, _ in drawing), default=0):
            folders = dict.fromkeys(f"--fonts {face.path.parent}" for face in by)
            words = f"{' '.join(list(folders)[:NAMED])} draws {_those(drawn, by)}"
            drawing.append((len(drawn), words))
    drawing.sort(key=lambda way: -way[0])
    if not drawing:
        return ["No face on this machine draws them: put one that does into fonts/."]
    return [f"{words}, {count} of these {len(undrawn)}." for count, words in drawing]


def _those(drawn: Sequence[str], by: Sequence[Face]) -> str:
    families = dict.fromkeys(face.family for face in by)
    return f"{_named(drawn)} ({', '.join(list(families)[:NAMED])})"


def _installed(style: Style, options: JobOptions) -> tuple[Face, ...]:
    """Find the faces of this machine that a style could draw from, were they named."""
    folders = [
        source.folder
        for source in chain(user_sources(), machine_sources())
        if source.folder.is_dir()
    ]
    faces: dict[str, Face] = {}
    for folder in folders:
        try:
            scan = find_faces([folder], licence=options.fonts_licence)
        except MendError:  # an empty folder
            continue
        faces |= {face.id: face for face in scan.faces if face.kind in style.faces}
    return tuple(faces[key] for key in sorted(faces))


def drawn_by(
    chars: Sequence[str], faces: Iterable[Face], gate: Gate
) -> tuple[tuple[str, ...], tuple[Face, ...]]:
    """Find faces that between them draw characters, those that draw most of them first.

    Returns:
        The characters that are drawn, in their order, and the faces.
    """
    held = {face: _said_to_hold(face, chars) for face in faces}
    drawn: set[str] = set()
    by: list[Face] = []
    for _ in range(MOST_TRIED):
        left = {face: chars - drawn for face, chars in held.items() if chars - drawn}
        if not left:
            break
        face = max(left, key=lambda other: (len(left[other]), other.weight, other.id))
        del held[face]
        shown = {char for char in left[face] if _draws(gate, face, char)}
        if shown:
            drawn |= shown
            by.append(face)
    return tuple(char for char in chars if char in drawn), tuple(by)


def _said_to_hold(face: Face, chars: Sequence[str]) -> frozenset[str]:
    try:
        held = characters_of(face)
    except BreaksError:
        return frozenset()
    return frozenset(char for char in chars if held.issuperset(char))


def _draws(gate: Gate, face: Face, target: str) -> bool:
    """Whether a face's glyphs stand for all that a target is made of."""
    return all(gate.stands_for(face, char).ok for char in target)


def require_script(
    options: JobOptions,
    style: Style,
    alphabet: Alphabet | None,
    corpus: Corpus,
    faces: Iterable[Face],
) -> None:
    """Refuse a run of a dictionary alone that would hold no line of the dictionary's script.

    Whoever names targets, texts or lines says what is to be drawn, and display styles draw digits
    and signs: those are not asked.

    Raises:
        UnservedError: names the script, and what lacks: faces, or texts.
    """
    given = (options.profile, options.chars, options.text_list, options.corpus)
    if alphabet is None or any(option is not None for option in given) or options.own:
        return
    if options.dictionary is None or options.allow_unserved or "text" not in style.faces:
        return
    script, characters = leading_script(alphabet.characters)
    if not script:
        return
    named = script.replace("_", " ")
    lacks, ways = [], []
    if not any(writes(face, characters) for face in faces):
        lacks.append("no face at hand holds them")
        ways.append(
            f"Install a font of {named} ({_bringing(script)}), or name its folder with --fonts."
        )
    if characters.isdisjoint(held_by((corpus,), ())):
        lacks.append("no text that comes with this package is written in them")
        ways.append("Name texts of yours with --corpus or --text-list.")
    if lacks:
        raise UnservedError(
            f"--dictionary {options.dictionary}",
            f"is of {named} ({len(characters):,} of "
            f"its {count_of(len(alphabet.entries), 'entry', 'entries')}), and "
            f"{', and '.join(lacks)}",
            " ".join([*ways, GO_ON]),
        )


def _bringing(script: str) -> str:
    """Say in words what brings fonts of a script."""
    packages = packages_of(script)
    extras = () if packages is None else packages.extras(frozenset())
    if not extras:
        return f"such as Noto Sans {script.replace('_', ' ')}"
    return f"{install_line(extras[-1])} brings some"


def require_languages(
    options: JobOptions, style: Style, corpus: Corpus, faces: Iterable[Face]
) -> None:
    """Refuse a run in a language whose script no face writes: codes and figures alone would come.

    Texts of the user's own are not asked what they are written in.

    Raises:
        UnservedError: names the language and its script.
    """
    named = [name for name in options.languages if name in SCRIPTS]
    if not named or options.corpus is not None or options.allow_unserved:
        return
    if "text" not in style.faces:
        return
    fonts, held = tuple(faces), held_by((corpus,), ())
    for name in named:
        characters = frozenset(char for char in held if script_of(char) == SCRIPTS[name])
        if characters and not any(writes(face, characters) for face in fonts):
            raise UnservedError(
                f"--language {name}",
                f"is written in {SCRIPTS[name]}, and no face at hand holds it: codes and figures "
                "alone would come",
                f"Install a font of {SCRIPTS[name]} (synth doctor names packages), or name its "
                f"folder with --fonts. {GO_ON}",
            )
