"""The faces that a run draws with, how often each is drawn, and the choice of one for a text."""

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import replace
from itertools import accumulate
from pathlib import Path

from synth.corpus.lookalikes import holds_code, unclear_in_codes, untold_pairs
from synth.corpus.orthographies import alphabets_of
from synth.draws import Draws
from synth.faces.font_face import HANDWRITTEN, Face
from synth.faces.glyph_gate import CharMasks, FaceFacts, FaceGate, Gate, char_masks, decided
from textlines.errors import InputError
from textlines.labels.canonical import short
from textlines.signals import signals_held, worker_pool
from textlines.wording.counts import count_of, form_of

EVERY_OTHER = "*"
"""Among weights of families: of those that are not named. 1 without it."""


def joined_weights(faces: Iterable[Face], *weights: Mapping[str, float]) -> dict[str, float]:
    """Multiply weights of families that were named in several places.

    Args:
        weights: by the family's name; `EVERY_OTHER` for those not named.

    Returns:
        By the name of each family of the faces.
    """
    joined = {face.family: 1.0 for face in faces}
    for given in weights:
        other = given.get(EVERY_OTHER, 1.0)
        joined = {name: value * given.get(name, other) for name, value in joined.items()}
    return joined


def weigh(
    faces: Sequence[Face],
    family_weights: Mapping[str, float],
    face_weights: Mapping[str, float],
    handwritten: float = 0.0,
) -> tuple[list[str], list[float]]:
    """Share the draws out: among designs evenly, among the faces of each by their weights.

    A design is a family, or the families that the catalogue says are one.

    Args:
        family_weights: factors by the family's name; 1 for those not named.
        face_weights: factors by a face's kind and by each of its traits, so that a family of
            italics alone is drawn less often too. A face never falls out by them.
        handwritten: share of all draws that handwritten faces take together, 0..1, where there
            are others too.

    Returns:
        The ids and the running sums of their weights; faces of weight 0 are left out.
    """
    of_design: dict[str, float] = {}
    for face in faces:
        design = face.design or face.family
        of_design[design] = of_design.get(design, 0.0) + face.weight
    drawn: list[tuple[Face, float]] = []
    for face in faces:
        share = family_weights.get(face.family, 1.0) * face.weight
        for name in (face.kind, *face.traits):
            share *= face_weights.get(name, 1.0)
        drawn.append((face, share / of_design[face.design or face.family]))
    by_hand = sum(share for face, share in drawn if HANDWRITTEN in face.traits)
    printed = sum(share for face, share in drawn if HANDWRITTEN not in face.traits)
    if by_hand and printed:
        factors = {True: handwritten / by_hand, False: (1 - handwritten) / printed}
        drawn = [(face, share * factors[HANDWRITTEN in face.traits]) for face, share in drawn]
    drawn = [(face, share) for face, share in drawn if share > 0]
    return [face.id for face, _ in drawn], list(accumulate(share for _, share in drawn))


Pair = tuple[str, str]

IsClear = Callable[[FaceGate, str, str], bool]
"""Whether a face tells two characters apart where nothing else does."""


class FacePool:
    """Faces, what each may draw, and how often each is drawn.

    A face is drawn by family first and by face then: each family that may draw the text has
    the same share, whatever the number of its faces, times its entry in `family_weights`, and each
    face times those of its kind and traits in `face_weights`.

    Args:
        faces: in any order; one that is there twice counts once.
        characters: what a label can hold (`Alphabet.characters`), for the glyph gate.
        pairs: confusable pairs; either of a pair is drawn only where the two differ visibly.
        fault: says how a face breaks at a whole line (None: it does not), for what no look at
            single characters shows.
        family_weights: by the family's name, as `joined_weights` returns them; 1 for those not
            named, 0 for never.
        face_weights: by kind and trait, above 0; 1 for those not named.
        runs_together: tells whether a face lets neighbours in a line lie on each other's ink; such
            a face draws other lines.
        handwritten: share of handwritten faces among the draws, 0..1; 0 draws with none of them.

    Raises:
        InputError: there is no face.
    """

    def __init__(
        self,
        faces: Iterable[Face],
        characters: Iterable[str],
        pairs: Iterable[Pair] = (),
        family_weights: Mapping[str, float] | None = None,
        face_weights: Mapping[str, float] | None = None,
        fault: Callable[[Face, str], str | None] | None = None,
        handwritten: float = 0.0,
        runs_together: Callable[[Face, str], bool] | None = None,
    ) -> None:
        by_id = {face.id: face for face in sorted(faces, key=lambda f: (f.id, str(f.path)))}
        self.faces: tuple[Face, ...] = tuple(by_id.values())
        if not self.faces:
            raise InputError(
                "faces", "there is none to draw with", "Name a folder of fonts with --fonts."
            )
        self.gate = Gate(characters)
        self.pairs = tuple(sorted({(min(pair), max(pair)) for pair in pairs}))
        self.family_weights = dict(family_weights or {})
        self.face_weights = dict(face_weights or {})
        self.handwritten = handwritten
        self._by_hand = sum((HANDWRITTEN in f.traits) << k for k, f in enumerate(self.faces))
        self._gates = [self.gate.of(face) for face in self.faces]
        self._by_id = by_id
        self._partners: dict[str, list[str]] = {}
        for char, other in self.pairs:
            self._partners.setdefault(char, []).append(other)
            self._partners.setdefault(other, []).append(char)
        # Texts are looked at by character; of these a text holds several together.
        self._clusters = {target: -1 for target in self._partners if len(target) > 1}
        self._fault, self._runs_together = fault, runs_together
        self.kept_apart = 0
        """Choices of a face that were made anew, as the face sets neighbours of the text on each
        other's ink."""
        self.broken: dict[Face, str] = {}
        """Faces that broke while something was drawn, and at what: none is drawn with again."""
        self._sound = (1 << len(self.faces)) - 1
        self._masks: dict[str, CharMasks] = {}
        self._decided: dict[tuple[str, int], int] = {}
        self._lines: dict[tuple[frozenset[str], tuple[tuple[str, int], ...]], int] = {}
        self._clear: dict[Pair, int] = {}
        self._placed: dict[Pair, int] = {}
        self.kept_from_lines: Counter[str] = Counter()
        """Texts without a neighbour that tells that faces were kept from, by the pair that not even
        the faces' own line tells apart in those."""
        self.kept_from_codes: Counter[str] = Counter()
        """Texts with a code that faces were kept from, by the pair that those do not tell apart."""
        self.codes_not_by_hand = 0
        """Texts with a code that handwritten faces were kept from."""
        self._lots: dict[int, tuple[list[str], list[float]]] = {}

    def weighed(
        self,
        family_weights: Mapping[str, float],
        face_weights: Mapping[str, float],
        handwritten: float,
    ) -> "FacePool":
        """Return a pool of the same faces that draws them in other shares.

        It shares what is known of faces and texts with this one: a character is looked at once.
        """
        pool = copy(self)
        pool.family_weights = joined_weights(pool.faces, family_weights)
        pool.face_weights, pool.handwritten, pool._lots = dict(face_weights), handwritten, {}
        return pool

    def moved(self, places: Mapping[str, Path]) -> "FacePool":
        """Return a pool of the same faces that reads their files elsewhere.

        Args:
            places: by the sha256 of the font file.
        """
        pool = copy(self)
        pool.faces = tuple(replace(face, path=places[face.sha256]) for face in self.faces)
        pool._by_id = {face.id: face for face in pool.faces}
        pool._gates = [pool.gate.of(face) for face in pool.faces]
        return pool

    def afresh(self) -> "FacePool":
        """Return a pool of the same faces, weighed alike, of which nothing was asked yet.

        What single glyphs look like is known to both. Which faces broke, and what was counted, is
        not carried over: choices from here on do not depend on those that were made before.
        """
        pool = copy(self)
        pool._sound = (1 << len(pool.faces)) - 1
        pool.broken, pool.kept_apart, pool.codes_not_by_hand = {}, 0, 0
        pool.kept_from_lines, pool.kept_from_codes = Counter(), Counter()
        # A face that breaks at a character is left out when that is looked up for the first time.
        pool._masks, pool._decided, pool._lines = {}, {}, {}
        return pool

    def choose(self, text: str, draws: Draws, lines: Sequence[str] = ()) -> str | None:
        """Draw the id of a face that may draw every character of the text; None if none may.

        Takes one value from the stream, whether it finds a face or not, and one more for each
        face that turns out to break at the text or to let its letters run together. A face that
        breaks is left out from there on.

        Args:
            lines: what will be drawn, where the text is several lines set together.

        Raises:
            InputError: no face is left.
        """
        return self._choose(lambda: self.allowed(text), lines or (text,), draws)

    def choose_beside(
        self, first: str, text: str, spans: Sequence[tuple[int, int]], draws: Draws
    ) -> str | None:
        """Draw the id of a second face of a line, of the first one's kind; None if none may.

        Args:
            first: the id of the face that draws the rest of the text.
            spans: from which to before which character the second face draws.

        Raises:
            InputError: no face is left.
        """
        parts = tuple(text[start:end] for start, end in spans)
        kind = self.by_id(first).kind
        others = sum(
            (face.kind == kind and face.id != first) << k for k, face in enumerate(self.faces)
        )
        return self._choose(lambda: others & self._allowed_beside(first, text, parts), parts, draws)

    def _allowed_beside(self, first: str, text: str, parts: Sequence[str]) -> int:
        """Return the faces that may draw parts of a text whose rest the first face draws.

        What the rest proves of the line's script holds for the parts too.
        """
        part = " ".join(parts)
        allowed = self.allowed(part)
        scripts, alphabets = self.gate.of(self.by_id(first)).line_scripts(text), alphabets_of(text)
        for char in sorted(set(part)):
            masks = self._masks[char]
            if masks.unsure:
                proofs = [(script, -1) for script in masks.asked if script in scripts]
                allowed &= decided(char, masks, proofs, alphabets)
        return allowed

    def _choose(self, allowed: Callable[[], int], lines: Sequence[str], draws: Draws) -> str | None:
        """Draw a face of those that are allowed, and that neither breaks nor sets ink on ink."""
        declined = 0
        while True:
            ids, cumulative = self._lot(allowed() & ~declined)
            if not ids:
                draws.unit()
                return None
            chosen = draws.weighted(ids, cumulative)
            face = self._by_id[chosen]
            faults = (self._fault(face, line) for line in lines if self._fault)
            why = next((fault for fault in faults if fault), None)
            if why is not None:
                self._leave_out(self.faces.index(face), why)
            elif self._collides(face, lines):
                declined |= 1 << self.faces.index(face)
                self.kept_apart += 1
            else:
                return chosen

    def _collides(self, face: Face, lines: Sequence[str]) -> bool:
        return self._runs_together is not None and any(
            self._runs_together(face, line) for line in lines
        )

    def _leave_out(self, place: int, why: str) -> None:
        """Draw with a face no more.

        The plan is made in one process and in one order, so that every call and every share
        leaves a face out at the same place.
        """
        if not self._sound >> place & 1:
            return
        self._sound &= ~(1 << place)
        self.broken[self.faces[place]] = why
        if not self._sound:
            shown = "; ".join(f"{face.path}: {words}" for face, words in self.broken.items())
            raise InputError(
                "--fonts",
                f"leaves no face to draw with: each of {len(self.faces)} breaks "
                f"({short(shown, 300)})",
                "Name fonts that can be drawn with.",
            )

    def why_not(self, text: str) -> dict[str, int]:
        """Count the faces that refuse the text, by reason and character; most frequent first."""
        reasons: Counter[str] = Counter()
        for gate in self._gates:
            for char, verdict in gate.judge(text).items():
                if not verdict.ok:
                    reasons[f"{verdict.reason} {char!r}"] += 1
                for partner in self._partners.get(char, ()):
                    if not gate.distinct(char, partner):
                        reasons[f"not clear from {partner!r} {char!r}"] += 1
            for target in self._clusters:
                for partner in self._partners[target] if target in text else ():
                    if not gate.distinct(target, partner):
                        reasons[f"not clear from {partner!r} {target!r}"] += 1
            for first, second in self._unclear(text):
                if not gate.clear_in_codes(first, second):
                    reasons[f"in a code not clear {first!r} {second!r}"] += 1
            for first, second in self._unplaced(text):
                if not gate.clear_on_line(first, second):
                    reasons[f"without a neighbour not clear {first!r} {second!r}"] += 1
            if self._runs_together is not None and self._runs_together(gate.face, text):
                reasons["letters run together"] += 1
            if HANDWRITTEN in gate.face.traits and self._is_printed(text):
                reasons["a code in handwriting" if self.handwritten else HANDWRITTEN] += 1
        return dict(sorted(reasons.items(), key=lambda item: (-item[1], item[0])))

    def by_id(self, face_id: str) -> Face:
        """Return the face with this id.

        Raises:
            InputError: no face of the pool has it.
        """
        face = self._by_id.get(face_id)
        if face is None:
            raise InputError(
                f"face {face_id}",
                form_of(
                    len(self.faces),
                    "is not the one face at hand",
                    f"is none of the {count_of(len(self.faces), 'face')} at hand",
                ),
                "Name the folder that the plan was made with by --fonts.",
            )
        return face

    def allows(self, face_id: str, text: str) -> bool:
        """Return whether a face of the pool may draw the text by itself."""
        place = self.faces.index(self.by_id(face_id))
        return bool(self.allowed(text) >> place & 1)

    def allowed(self, text: str) -> int:
        """Return the faces that may draw the text as a bit set over `faces`."""
        known = self._masks
        allowed = -1
        unsure: list[tuple[str, CharMasks]] = []
        proofs: dict[str, int] = {}
        for char in set(text):
            masks = known.get(char)
            if masks is None:
                masks = known[char] = char_masks(char, self._gates, self._partners.get(char, ()))
                for k, gate in enumerate(self._gates):
                    if gate.facts(char).status == "breaks":
                        self._leave_out(k, gate.facts(char).why)
            allowed &= masks.any
            if masks.unsure:
                unsure.append((char, masks))
            if masks.proves:
                script = masks.script
                proofs[script] = proofs.get(script, 0) | masks.proves
        if allowed and unsure:
            # Long bit sets are hashed once for the line, not once for each character.
            alphabets = alphabets_of(text)
            key = (alphabets, tuple(sorted(proofs.items())))
            line = self._lines.setdefault(key, len(self._lines))
            for char, masks in unsure:
                mask = self._decided.get((char, line))
                if mask is None:
                    asked = [(s, proofs[s]) for s in masks.asked if s in proofs]
                    mask = self._decided[char, line] = decided(char, masks, asked, alphabets)
                allowed &= mask
            if len(self._decided) > 500_000:
                self._decided.clear()
                self._lines.clear()
        allowed = max(allowed, 0) & self._sound
        for target in self._clusters:
            if target in text:
                allowed &= self._told_apart(target)
        for pair in self._unclear(text):
            kept = allowed & self._where(pair, FaceGate.clear_in_codes, self._clear)
            if kept != allowed:
                self.kept_from_codes["".join(pair)] += 1
            allowed = kept
        for pair in self._unplaced(text):
            kept = allowed & self._where(pair, FaceGate.clear_on_line, self._placed)
            if kept != allowed:
                self.kept_from_lines["".join(pair)] += 1
            allowed = kept
        if allowed & self._by_hand and self._is_printed(text):
            self.codes_not_by_hand += self.handwritten > 0
            allowed &= ~self._by_hand
        return allowed

    def _is_printed(self, text: str) -> bool:
        """Whether a text is drawn in no handwritten face."""
        return not self.handwritten or holds_code(text)

    def _unclear(self, text: str) -> list[Pair]:
        """Name the pairs that only the face tells apart in this text, of what labels can hold."""
        return self._held(unclear_in_codes(text))

    def _unplaced(self, text: str) -> list[Pair]:
        """Name the pairs that only the face's line tells apart in this text."""
        return self._held(untold_pairs(text))

    def _held(self, pairs: Iterable[Pair]) -> list[Pair]:
        """Return those pairs that labels can hold, in order."""
        return sorted(pair for pair in pairs if self.gate.characters.issuperset(pair))

    def _where(self, pair: Pair, is_clear: IsClear, known: dict[Pair, int]) -> int:
        """Return the faces in which the two are clear, as a bit set; `known` grows by it."""
        mask = known.get(pair)
        if mask is None:
            mask = sum(is_clear(gate, *pair) << k for k, gate in enumerate(self._gates))
            known[pair] = mask
        return mask

    def _told_apart(self, target: str) -> int:
        """Return the faces that draw a cluster and its partners differently, as a bit set."""
        mask = self._clusters[target]
        if mask < 0:
            mask = 0
            for k, gate in enumerate(self._gates):
                mask |= all(gate.distinct(target, o) for o in self._partners[target]) << k
            self._clusters[target] = mask
        return mask

    def prepare(
        self,
        characters: Iterable[str],
        progress: Callable[[int, int], None] | None = None,
        workers: int = 1,
    ) -> None:
        """Look characters up in every face at once, and keep what was found in the cache.

        Not needed before `choose`, but faster than line by line: each face is opened once,
        and `workers` processes (0 = one for each core) share the faces. `progress` is told of
        (faces done, faces).
        """
        asked = "".join(sorted(set(characters)))
        left = [gate for gate in self._gates if not gate.knows(asked)]
        done = len(self._gates) - len(left)
        for gate, facts in zip(left, self._look_all(left, asked, workers), strict=True):
            gate.adopt(facts)
            done += 1
            if progress is not None:
                progress(done, len(self._gates))

    def _look_all(self, gates: Sequence[FaceGate], asked: str, workers: int) -> Iterator[FaceFacts]:
        tasks = [(gate, asked, self._partners) for gate in gates]
        count = min(workers or os.cpu_count() or 1, len(tasks))
        # Starting processes costs as much as looking at some eight faces.
        if count < 2 or len(tasks) < 8:
            yield from map(_look, tasks)
            return
        with worker_pool(count) as executor:
            with signals_held():
                answers = executor.map(_look, tasks)
            yield from answers

    def save(self) -> None:
        """Keep what was found out about glyphs in the user's cache."""
        for gate in self._gates:
            gate.save()

    def _lot(self, mask: int) -> tuple[list[str], list[float]]:
        """Return the ids of the faces of a bit set, with the running sums of their weights."""
        lot = self._lots.get(mask)
        if lot is None:
            faces = [face for k, face in enumerate(self.faces) if mask >> k & 1]
            lot = weigh(faces, self.family_weights, self.face_weights, self.handwritten)
            if len(self._lots) >= 4096:
                self._lots.clear()
            self._lots[mask] = lot
        return lot


def _look(task: tuple[FaceGate, str, Mapping[str, Sequence[str]]]) -> FaceFacts:
    """Look characters up in one face; in a process of the pool or in this one."""
    gate, asked, partners = task
    for char in asked:
        gate.facts(char)
        for partner in partners.get(char, ()):
            gate.distinct(char, partner)
    gate.save()
    return gate.known()
