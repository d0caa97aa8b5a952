"""The script that a dictionary or a language is written in, and whether a run can draw it.

Every dictionary holds Latin letters and digits beside its script, and texts that come with this
package are Korean, Chinese and English. Of a Thai dictionary alone only English lines would come.
"""

from collections import Counter
from collections.abc import Iterable

from synth.corpus.sources import Corpus
from synth.faces.breaking import BreaksError
from synth.faces.face_coverage import characters_of
from synth.faces.font_face import Face
from synth.job.options import JobOptions
from synth.job.unserved import GO_ON, UnservedError
from synth.styles.model import Style
from textlines.labels.alphabet import Alphabet
from textlines.labels.scripts import script_of

LEADS = 0.5
"""Share of the number of Latin letters from which on another script is the dictionary's own.
PaddleOCR's English dictionary holds 49 Greek letters beside 140 Latin ones, its Tamil one 72."""

OF_A_SCRIPT = 0.25
"""Share of a script's characters in a dictionary that a face holds which writes it."""

SCRIPTS = {"ko": "Hangul", "zh": "Han", "en": "Latin"}
"""What the languages of the package's texts are written in."""

_NO_SCRIPT = frozenset({"Common", "Inherited", "Unknown"})


def leading_script(characters: Iterable[str]) -> tuple[str, frozenset[str]]:
    """Return the script that a dictionary is for, and its characters; "" where it has no letters.

    >>> name, characters = leading_script("abcdef가각갂1")
    >>> name, sorted(characters)
    ('Hangul', ['가', '각', '갂'])
    >>> leading_script("abcdefα1")[0]
    'Latin'
    """
    by_script: dict[str, set[str]] = {}
    for char in characters:
        by_script.setdefault(script_of(char), set()).add(char)
    counts = Counter({name: len(held) for name, held in by_script.items()})
    others = [name for name in counts if name not in _NO_SCRIPT and name != "Latin"]
    name = max(others, key=lambda one: (counts[one], one), default="")
    if not name or counts[name] < LEADS * counts["Latin"]:
        name = "Latin" if counts["Latin"] else ""
    return name, frozenset(by_script.get(name, ()))


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
    if alphabet is None or any(one is not None for one in given) or options.own:
        return
    if options.dictionary is None or options.allow_unserved or "text" not in style.faces:
        return
    script, characters = leading_script(alphabet.characters)
    if not script:
        return
    named = script.replace("_", " ")
    lacks, ways = [], []
    if not any(_writes(face, characters) for face in faces):
        lacks.append("no face at hand holds them")
        ways.append(
            f"Install a font of {named} (such as Noto Sans {named}), or name its folder with "
            "--fonts."
        )
    if characters.isdisjoint(_characters(corpus)):
        lacks.append("no text that comes with this package is written in them")
        ways.append("Name texts of yours with --corpus or --text-list.")
    if lacks:
        raise UnservedError(
            f"--dictionary {options.dictionary}",
            f"is of {named} ({len(characters):,} of its {len(alphabet.entries):,} entries), and "
            f"{', and '.join(lacks)}",
            " ".join([*ways, GO_ON]),
        )


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
    fonts, held = tuple(faces), _characters(corpus)
    for name in named:
        characters = frozenset(char for char in held if script_of(char) == SCRIPTS[name])
        if characters and not any(_writes(face, characters) for face in fonts):
            raise UnservedError(
                f"--language {name}",
                f"is written in {SCRIPTS[name]}, and no face at hand holds it: codes and figures "
                "alone would come",
                f"Install a font of {SCRIPTS[name]} (synth doctor names packages), or name its "
                f"folder with --fonts. {GO_ON}",
            )


def _writes(face: Face, characters: frozenset[str]) -> bool:
    try:
        held = characters_of(face)
    except BreaksError:
        return False
    # An entry of several code points is written by a face that holds them all.
    return sum(held.issuperset(char) for char in characters) >= OF_A_SCRIPT * len(characters)


def _characters(corpus: Corpus) -> frozenset[str]:
    found: set[str] = set()
    for source in corpus.lines:
        for text in source.texts:
            found.update(text)
    for patterns in corpus.patterns:
        found.update(patterns.grammar.characters)
    return frozenset(found)
