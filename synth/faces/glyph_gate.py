"""The glyph gate: for each face and character, whether the glyph stands for that character.

Of many faces at once, one character is looked up as bit sets: bit k stands for face k.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Literal, NamedTuple
from unicodedata import normalize

from synth.corpus.joiners import JOINERS
from synth.corpus.lookalikes import LOOKALIKES, evidence_of, shown
from synth.corpus.orthographies import alphabets_of
from synth.faces.breaking import BreaksError
from synth.faces.font_face import Face
from synth.faces.glyph_ink import (
    CLEAR_DISTANCE,
    CLEAR_PLACE_SHARE,
    LEAST_INK,
    SAME_SHAPE_SHARE,
    TWIN_DISTANCE,
    VISIBLE_PLACE_SHARE,
    GlyphProbe,
    Neighbours,
    as_high,
    ink_amount,
    ink_distance,
    least_distance,
    same_form,
)
from synth.faces.user_cache import cache_dir, read_json, write_json
from textlines.labels.canonical import script_of

Status = Literal["ok", "absent", "blank", "tofu", "breaks"]

_VERSION = "6"
_APART = "\x1f"
"""Between two clusters in a key of the cache: no label holds it."""


class GlyphVerdict(NamedTuple):
    """Whether a character may be drawn in a face.

    reason: "" when it may; else "absent", "blank", "tofu" or "looks like X".
    twins: the characters that the face draws the same, whatever the verdict.
    """

    ok: bool
    reason: str = ""
    twins: tuple[str, ...] = ()


class GlyphFacts(NamedTuple):
    """What is known of one character in one face, whatever line it stands in.

    why: what broke while it was drawn, where the status is "breaks".
    """

    status: Status
    twins: tuple[str, ...] = ()
    why: str = ""


class FaceFacts(NamedTuple):
    """What is known of one face: facts by character, and whether pairs differ visibly."""

    facts: dict[str, GlyphFacts]
    clear: dict[str, bool]


class FaceGate:
    """The gate of one face, for labels over one alphabet.

    Facts are found when they are asked for, and kept in the user's cache by the content of
    the face, the alphabet and the versions of what draws.
    """

    def __init__(self, face: Face, characters: frozenset[str], alphabet_key: str) -> None:
        self.face = face
        self._characters = characters
        self._cache = cache_dir() / "gate" / f"{face.id}-{alphabet_key[:16]}.json"
        self._facts: dict[str, GlyphFacts] = {}
        self._clear: dict[str, bool] = {}
        self._probe: GlyphProbe | None = None
        self._near: Neighbours | None = None
        self._loaded = self._changed = False

    def facts(self, char: str) -> GlyphFacts:
        """Look one character up, or look at its glyph."""
        facts = self._facts.get(char)
        if facts is None:
            if not self._loaded:
                self._load()
                return self.facts(char)
            try:
                facts = self._look(char)
            except BreaksError as error:
                facts = GlyphFacts("breaks", why=error.what)
            self._facts[char] = facts
            self._changed = True
        return facts

    def distinct(self, char: str, other: str) -> bool:
        """Whether the face draws two characters or clusters visibly differently.

        A face that lacks one of them cannot mix them up.
        """
        is_plain = len(char) == len(other) == 1
        # Clusters are set apart: "ab" and "c" are no "a" and "bc".
        key = ("" if is_plain else _APART).join(sorted((char, other)))
        if not self._loaded:
            self._load()
        if key not in self._clear:
            differ = self._differ if is_plain else self._clusters_differ
            self._clear[key] = _if_drawn(lambda: differ(char, other, CLEAR_DISTANCE))
            self._changed = True
        return self._clear[key]

    def clear_in_codes(self, char: str, other: str) -> bool:
        """Whether a person tells two characters apart where nothing else says which it is.

        More is asked than of `distinct`: not only another ink, but another form or size. Of a
        face that lacks one of them a reader cannot know that it does: to him a plain 0 may be an
        O. Only a seven-segment display is known to show digits.
        """
        key = "code " + "".join(sorted((char, other)))
        if not self._loaded:
            self._load()
        if key not in self._clear:
            probe = self._open()
            both = all(map(probe.metrics.nominal, (char, other)))
            self._clear[key] = (
                _if_drawn(lambda: not same_form(probe.ink(char), probe.ink(other)))
                if both
                else self.face.kind == "seven_segment"
            )
            self._changed = True
        return self._clear[key] and self.distinct(char, other)

    def clear_on_line(self, char: str, other: str) -> bool:
        """Whether a person tells two characters apart by form, or by size and place on a line.

        A face that lacks one of them is as it is for `clear_in_codes`: where nothing else says what
        is meant, a ring may be any ring.
        """
        key = "line " + "".join(sorted((char, other)))
        if not self._loaded:
            self._load()
        if key not in self._clear:
            self._clear[key] = _if_drawn(lambda: self._seen_on_line(char, other))
            self._changed = True
        return self._clear[key]

    def _seen_on_line(self, char: str, other: str) -> bool:
        probe = self._open()
        gids = probe.metrics.nominal(char), probe.metrics.nominal(other)
        if not all(gids):
            return not any(char in group and other in group for group in LOOKALIKES)
        a, b = probe.place(gids[0]), probe.place(gids[1])
        if max(abs(a.top - b.top), abs(a.bottom - b.bottom)) >= CLEAR_PLACE_SHARE:
            return True
        return not same_form(probe.ink(char), probe.ink(other))

    def stands_for(
        self,
        char: str,
        line_scripts: Iterable[str] = (),
        alphabets: frozenset[str] = frozenset(),
    ) -> GlyphVerdict:
        """Judge one character in a line that its other characters prove to be in these scripts.

        alphabets: as `alphabets_of` names those of the line.
        """
        facts = self.facts(char)
        if facts.status != "ok":
            return GlyphVerdict(False, facts.status)
        if shown(char, facts.twins, self.face.declared, frozenset(line_scripts), alphabets):
            return GlyphVerdict(True, "", facts.twins)
        return GlyphVerdict(False, f"looks like {''.join(facts.twins)}", facts.twins)

    def line_scripts(self, text: str) -> frozenset[str]:
        """Return the scripts that characters of the line prove it to be in, in this face."""
        scripts = set()
        for char in set(text):
            facts = self.facts(char)
            script = evidence_of(char, facts.twins) if facts.status == "ok" else None
            if script:
                scripts.add(script)
        return frozenset(scripts)

    def judge(self, text: str) -> dict[str, GlyphVerdict]:
        """Judge each character of a line; space too, which needs a glyph and leaves no ink."""
        scripts = self.line_scripts(text)
        alphabets = alphabets_of(text)
        return {char: self.stands_for(char, scripts, alphabets) for char in sorted(set(text))}

    def knows(self, characters: Iterable[str]) -> bool:
        """Whether all these characters have been looked at, now or in an earlier run."""
        if not self._loaded:
            self._load()
        return all(char in self._facts for char in characters)

    def save(self) -> None:
        """Keep what was found in the user's cache, and let go of the open face."""
        self._probe = self._near = None
        if self._changed:
            facts = {
                char: [fact.status, *fact.twins, *((fact.why,) if fact.why else ())]
                for char, fact in self._facts.items()
            }
            held: dict[str, Any] = {"facts": facts, "clear": self._clear}
            write_json(self._cache, _cache_version(), held)
            self._changed = False

    def known(self) -> "FaceFacts":
        """Return all that is known by now, for another process."""
        return FaceFacts(dict(self._facts), dict(self._clear))

    def adopt(self, known: "FaceFacts") -> None:
        """Take over what another process found out about the same face."""
        self._facts.update(known.facts)
        self._clear.update(known.clear)

    def _load(self) -> None:
        self._loaded = True
        held = read_json(self._cache, _cache_version())
        for char, (status, *more) in held.get("facts", {}).items():
            breaks = status == "breaks"
            twins, why = ((), more[0]) if breaks else (tuple(more), "")
            self._facts[char] = GlyphFacts(status, twins, why)
        self._clear.update(held.get("clear", {}))

    def _open(self) -> GlyphProbe:
        if self._probe is None:
            self._probe = GlyphProbe(self.face)
        return self._probe

    def _look(self, char: str) -> GlyphFacts:
        probe = self._open()
        if char in JOINERS:
            # Shaped lines show what it does and never its glyph, which some faces draw as a sign.
            return GlyphFacts("ok" if probe.metrics.nominal(" ") else "absent")
        gid = probe.metrics.nominal(char)
        if not gid:
            return GlyphFacts("absent")
        coarse = probe.coarse(char, gid)
        if char == " ":
            fits = ink_amount(coarse) < LEAST_INK and probe.metrics.advance(gid) > 0
            return GlyphFacts("ok" if fits else "blank")
        if ink_amount(coarse) < LEAST_INK:
            return GlyphFacts("blank")
        if least_distance(coarse, probe.tofu()[None])[0] < TWIN_DISTANCE:
            tofu = ink_distance(probe.ink(char), probe.ink("\U0010ffff"))
            if tofu < TWIN_DISTANCE:
                return GlyphFacts("tofu")
        if self._near is None:
            self._near = Neighbours(probe, self._characters)
        return GlyphFacts("ok", self._near.twins(char, gid))

    def _differ(self, char: str, other: str, least: float) -> bool:
        probe = self._open()
        gids = probe.metrics.nominal(char), probe.metrics.nominal(other)
        if not all(gids):
            return True
        if gids[0] == gids[1]:
            return False
        a, b = probe.place(gids[0]), probe.place(gids[1])
        places = abs(a.left - b.left), abs(a.right - b.right)
        if max(places) > VISIBLE_PLACE_SHARE:
            return True
        inks = probe.ink(char), probe.ink(other)
        # `l` of Noto Sans is its `I` with 5 % of an em on top: much ink, and yet no one tells
        # them apart in a line.
        ends_alike = max(abs(a.top - b.top), abs(a.bottom - b.bottom)) <= SAME_SHAPE_SHARE
        if ends_alike and ink_distance(inks[0], as_high(*inks)) < TWIN_DISTANCE:
            return False
        return ink_distance(*inks) >= least

    def _clusters_differ(self, cluster: str, other: str, least: float) -> bool:
        """Compare two clusters, or a cluster and a character, as they stand in a line."""
        if any(self.facts(each).status != "ok" for each in cluster + other):
            return True
        probe = self._open()
        (ink, width), (other_ink, other_width) = map(probe.cluster_ink, (cluster, other))
        if abs(width - other_width) > VISIBLE_PLACE_SHARE:
            return True
        return ink_distance(ink, other_ink) >= least


def _if_drawn(differ: Callable[[], bool]) -> bool:
    """Return what a comparison says; a character that breaks while drawn is mixed up with none."""
    try:
        return differ()
    except BreaksError:
        return True


class Gate:
    """The gates of many faces over one alphabet.

    Args:
        characters: what a label can hold; forms that NFC changes, forms of several code points,
            white space and joiners are left out, as no label holds them or they are no glyph.
    """

    def __init__(self, characters: Iterable[str]) -> None:
        self.characters = frozenset(
            char
            for char in characters
            if len(char) == 1 and not char.isspace() and normalize("NFC", char) == char
            if char not in JOINERS
        )
        text = "".join(sorted(self.characters))
        self.key = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
        self._faces: dict[str, FaceGate] = {}

    def of(self, face: Face) -> FaceGate:
        """Return the gate of one face."""
        gate = self._faces.get(face.id)
        if gate is None:
            gate = self._faces[face.id] = FaceGate(face, self.characters, self.key)
        return gate

    def stands_for(self, face: Face, char: str, line_scripts: Iterable[str] = ()) -> GlyphVerdict:
        """Judge one character of a line in one face; see `FaceGate.stands_for`."""
        return self.of(face).stands_for(char, line_scripts)

    def distinct(self, face: Face, char: str, other: str) -> bool:
        """Whether a face draws two characters visibly differently."""
        return self.of(face).distinct(char, other)


def _cache_version() -> str:
    """Return what the facts hang on beside face and alphabet: our rules and what draws."""
    import uharfbuzz
    from PIL import features

    freetype = features.version("freetype2")
    return f"{_VERSION} freetype {freetype} uharfbuzz {uharfbuzz.__version__}"


@dataclass(frozen=True, slots=True)
class CharMasks:
    """Which faces may draw one character.

    Attributes:
        free: those that may draw it in any line.
        proves: those in which it proves its line to be in `script`.
        unsure: for each set of look-alikes, with what the faces declare of it: the faces in
            which the line decides.
        asked: the scripts whose proof matters to `unsure`.
        any: all faces that may draw it in one line or another, the pairs obeyed.
    """

    script: str
    free: int
    proves: int
    unsure: Mapping[tuple[tuple[str, ...], frozenset[str] | None], int]
    asked: tuple[str, ...]
    any: int


def char_masks(char: str, gates: Sequence[FaceGate], partners: Sequence[str]) -> CharMasks:
    """Look one character up in every face.

    partners: what it is confused with; a face that does not draw them visibly differently
        may not draw it.
    """
    free = proves = 0
    unsure: dict[tuple[tuple[str, ...], frozenset[str] | None], int] = {}
    for k, gate in enumerate(gates):
        facts = gate.facts(char)
        if facts.status != "ok" or not all(gate.distinct(char, other) for other in partners):
            continue
        if not facts.twins:
            free |= 1 << k
        else:
            declared = gate.face.declared
            if declared is not None:
                declared = declared & {char, *facts.twins}
            key = (facts.twins, declared)
            unsure[key] = unsure.get(key, 0) | 1 << k
        if evidence_of(char, facts.twins):
            proves |= 1 << k
    scripts = {script_of(char)} | {script_of(twin) for twins, _ in unsure for twin in twins}
    wide = {"Han", "Hangul", "Hiragana", "Katakana", "Bopomofo"}
    asked = tuple(sorted(scripts | wide)) if unsure else ()
    union = free
    for mask in unsure.values():
        union |= mask
    return CharMasks(script_of(char), free, proves, unsure, asked, union)


def decided(
    char: str,
    masks: CharMasks,
    proofs: Sequence[tuple[str, int]],
    alphabets: frozenset[str] = frozenset(),
) -> int:
    """Return the faces that may draw the character in a line.

    proofs: (script, faces in which the line is proven to be in it), of `masks.asked` only.
    alphabets: as `alphabets_of` names those of the line.
    """
    allowed = masks.free
    for (twins, declared), faces in masks.unsure.items():
        for count in range(len(proofs) + 1):
            for held in combinations(proofs, count):
                where = faces
                for script, proof in proofs:
                    where &= proof if (script, proof) in held else ~proof
                scripts = frozenset(script for script, _ in held)
                if where and shown(char, twins, declared, scripts, alphabets):
                    allowed |= where
    return allowed
