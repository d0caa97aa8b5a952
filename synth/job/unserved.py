"""A profile of characters that a style and its faces cannot draw, and what would draw them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import chain

from synth.faces.breaking import BreaksError
from synth.faces.face_coverage import characters_of
from synth.faces.face_pool import FacePool
from synth.faces.font_face import Face
from synth.faces.glyph_gate import Gate
from synth.faces.scan import find_faces, machine_sources, user_sources
from synth.job.options import JobOptions
from synth.plan.serving import UNDRAWN
from synth.plan.targets import TargetPlan
from synth.styles.load import load_style, style_names
from synth.styles.model import Style
from textlines.errors import MendError
from textlines.labels.canonical import short

MOST_UNSERVED = 0.5
"""Of what all characters promise to gain: beyond it a run teaches mostly what was not asked for."""


def bearable(chars: str | None) -> float:
    """Return which share of the characters that a run is for may be served short.

    Args:
        chars: those of --chars: each is to be served; None where a profile ranks them.
    """
    return MOST_UNSERVED if chars is None else 0.0


MOST_TRIED = 24
"""Faces that are looked at glyph by glyph; the others only by what they say they hold."""

NAMED = 12
"""Characters, and faces, that a message names at most."""


Gather = Callable[[Style, JobOptions], tuple[tuple[Face, ...], object]]
"""Finds the faces that a style draws from, first of what it gives."""


class UnservedError(MendError):
    """Most of what a profile or a dictionary asks for cannot be drawn with what is at hand."""


def require_served(
    targets: TargetPlan, style: Style, options: JobOptions, pool: FacePool, gather: Gather
) -> None:
    """Refuse a run that could not draw most of what its profile asks for.

    Args:
        style: of the run, as the options have changed it. pool: the faces of the run.
        gather: finds the faces that another style would draw from.

    Raises:
        UnservedError: says how much is not served and why, and which style and faces would.
    """
    share = targets.unserved_share
    if share <= MOST_UNSERVED:
        return
    lost = {char: why for char, why in targets.skipped.items() if char in targets.gains}
    undrawn = tuple(char for char, why in lost.items() if why.startswith(UNDRAWN))
    alone, _ = drawn_by(undrawn, pool.faces, pool.gate)
    others = tuple(char for char in undrawn if char not in alone)
    ways = _ways(others, style, options, pool.gate, gather) if others else []
    if alone:
        ways.append(
            f"The faces draw {_named(alone)}, and no text that holds them: name a --corpus of "
            "texts that these faces can draw."
        )
    if len(lost) > len(undrawn):
        ways.append("What no text or dictionary holds: name another --corpus or --dictionary.")
    raise UnservedError(
        f"--style {options.style}",
        f"serves {len(targets.gains) - len(lost)} of the {len(targets.gains)} characters of "
        f"--profile; {share:.0%} of what they promise to gain is not served ({_reasons(lost)})",
        " ".join([*ways, GO_ON]),
    )


GO_ON = "--allow-unserved goes on without them."


def _reasons(lost: Mapping[str, str]) -> str:
    """Put the characters that are not served into words, those with one reason together."""
    groups: dict[str, list[str]] = {}
    for char, why in lost.items():
        # Behind it stand the faces' own reasons, which differ by the character.
        groups.setdefault(UNDRAWN if why.startswith(UNDRAWN) else why, []).append(char)
    return "; ".join(f"{_named(chars)}: {why}" for why, chars in groups.items())


def _named(chars: Sequence[str]) -> str:
    """Name some characters: all, or the first ones and how many more there are.

    >>> _named(("a", " ")), _named("abcdefghijklmno")
    ("'a' space", "'a' 'b' 'c' 'd' 'e' 'f' 'g' 'h' 'i' 'j' 'k' 'l' and 3 more")
    """
    shown = " ".join("space" if char == " " else short(char) for char in chars[:NAMED])
    more = len(chars) - NAMED
    return f"{shown} and {more} more" if more > 0 else shown


def _ways(
    undrawn: Sequence[str], style: Style, options: JobOptions, gate: Gate, gather: Gather
) -> list[str]:
    """Say which styles and which faces of this machine draw what the run cannot."""
    ways: dict[tuple[tuple[str, ...], tuple[Face, ...]], list[str]] = {}
    for name in style_names():
        built_in = load_style(name)
        if built_in.faces != style.faces:
            try:
                faces, _ = gather(built_in, replace(options, style=name))
            except MendError:  # these --fonts hold nothing of the kind
                continue
            ways.setdefault(drawn_by(undrawn, faces, gate), []).append(name)
    found = [
        (len(drawn), f"--style {' or '.join(names)} draws {_those(drawn, by)}")
        for (drawn, by), names in ways.items()
        if drawn
    ]
    if all(count < len(undrawn) for count, _ in found):
        installed = _installed(style, options)
        drawn, by = drawn_by(undrawn, installed, gate)
        if drawn and len(drawn) > max((count for count, _ in found), default=0):
            folders = dict.fromkeys(f"--fonts {face.path.parent}" for face in by)
            words = f"{' '.join(list(folders)[:NAMED])} draws {_those(drawn, by)}"
            found.append((len(drawn), words))
    found.sort(key=lambda one: -one[0])
    if not found:
        return ["No face on this machine draws them: put one that does into fonts/."]
    return [f"{words}, {count} of these {len(undrawn)}." for count, words in found]


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
    found: dict[str, Face] = {}
    for folder in folders:
        try:
            scan = find_faces([folder], licence=options.fonts_licence)
        except MendError:  # an empty folder
            continue
        found |= {face.id: face for face in scan.faces if face.kind in style.faces}
    return tuple(found[key] for key in sorted(found))


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
        face = max(left, key=lambda one: (len(left[one]), one.weight, one.id))
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
