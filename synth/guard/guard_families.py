"""Face families shared out to the parts of a guard: no part draws with a family of another."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from synth.corpus.dictionary_languages import leading_script, writes
from synth.faces.face_coverage import characters_of, scripts_of
from synth.faces.font_face import Face
from synth.guard.guard_texts import LANGUAGES, PARTS, Language, PartName
from synth.guard.guard_texts import characters_of as written_by
from textlines.errors import InputError
from textlines.installing import install_line
from textlines.labels.alphabet import Alphabet
from textlines.wording.counts import count_of

NEED: tuple[PartName, ...] = ("judge", "replay", "stop")
"""Who is served first where a language has fewer families than there are parts."""


@dataclass(frozen=True, slots=True)
class SharedFamilies:
    """Families by part.

    Attributes:
        families: of each part, sorted.
        drawable: for each language that a part can write, in the order of `LANGUAGES`, the
            characters that the dictionary and its faces hold.
        told: what is missing where, in words.
    """

    families: Mapping[PartName, tuple[str, ...]]
    drawable: Mapping[PartName, Mapping[Language, frozenset[str]]]
    told: tuple[str, ...]


def characters_by_family(faces: Sequence[Face]) -> dict[str, frozenset[str]]:
    """Return the characters that all faces of a family hold, of text faces alone."""
    held_by_family: dict[str, frozenset[str]] = {}
    for face in faces:
        if face.kind == "text":
            held = characters_of(face)
            held_by_family[face.family] = held_by_family.get(face.family, held) & held
    return held_by_family


def held_languages(alphabet: Alphabet) -> tuple[Language, ...]:
    """Return the languages that a dictionary is for.

    It holds the commonest characters of their scripts; and of those whose texts are lines, nearly
    all letters, in the script that is its own: Chinese dictionaries hold those of Russian too.
    """
    held = frozenset(scripts_of(alphabet.characters))
    return tuple(
        language
        for language in LANGUAGES
        if (
            writes(alphabet.characters, written_by(language))
            if language.lines
            else held.issuperset(language.scripts)
        )
    )


def shared_out(
    families: Mapping[str, frozenset[str]], languages: Sequence[Language], alphabet: Alphabet
) -> SharedFamilies:
    """Share families out so that each part can write as many of the languages as there are faces.

    Args:
        families: the characters that each holds.
        languages: that the dictionary holds.

    Raises:
        InputError: fewer than three families can write any of the languages, or none is held.
    """
    if not languages:
        raise InputError(
            "--dictionary",
            "holds none of the scripts that guard lines are written in (Latin, Hangul, Han, kana, "
            "Arabic, Cyrillic, Devanagari, Greek, Hebrew, Thai)",
            "Guard such a model by labelled lines of its own.",
        )
    able = {
        language.name: sorted(
            name
            for name, held in families.items()
            # What the dictionary lacks is not written, and need not be drawn.
            if held.issuperset(written_by(language) & alphabet.characters)
        )
        for language in languages
    }
    part_of: dict[str, PartName] = {}
    left = len(set().union(*able.values()))
    # What few families can write is shared out first.
    for language in sorted(
        languages, key=lambda language: (len(able[language.name]), language.name)
    ):
        counts = dict.fromkeys(NEED, 0)
        for family in able[language.name]:
            if family in part_of:
                counts[part_of[family]] += 1
        for family in able[language.name]:
            if family not in part_of:
                empty = [part_name for part_name in NEED if part_name not in part_of.values()]
                # The last families go to parts that have none, whatever they write.
                free = empty if left <= len(empty) else NEED
                part = min(free, key=lambda part_name: (counts[part_name], NEED.index(part_name)))
                left -= 1
                part_of[family] = part
                counts[part] += 1
    of_part = {
        part: tuple(sorted(name for name, owner in part_of.items() if owner == part))
        for part in PARTS
    }
    writes = {
        part: {
            language: _drawable(
                [families[name] for name in able[language.name] if part_of[name] == part]
            )
            & alphabet.characters
            for language in languages
            if any(part_of[name] == part for name in able[language.name])
        }
        for part in PARTS
    }
    lost = [part for part in PARTS if not writes[part]]
    if lost:
        raise InputError(
            "guard",
            f"has {count_of(len(part_of), 'face family', 'face families')} for its three parts, "
            f"which share none: nothing "
            f"is left for {', '.join(lost)}",
            f"Name more --fonts, or install some: {install_line('fonts')}",
        )
    gaps = []
    script, _ = leading_script(alphabet.characters)
    written = [one for one in LANGUAGES if one in languages or not one.lines]
    if script and not any(script in language.scripts for language in written):
        gaps.append(
            f"{script}: the dictionary's own script, and no guard lines are written in it: guard "
            "it by labelled lines of yours"
        )
    for language in languages:
        missing = [part for part in PARTS if language not in writes[part]]
        if missing:
            scripts = ", ".join(language.scripts[:-1])
            gaps.append(
                f"{language.name} ({scripts}): "
                f"{count_of(len(able[language.name]), 'family', 'families')} can write it, "
                f"and no family is in two parts: no such lines in {', '.join(missing)}. More "
                f"families: --fonts, or {install_line('fonts')}"
            )
    return SharedFamilies(of_part, writes, tuple(gaps))


def _drawable(held: Sequence[frozenset[str]]) -> frozenset[str]:
    """Return the characters that all of some families hold, and the space.

    Any face of the part may be drawn for a line.
    """
    return frozenset.intersection(*held) | {" "}
