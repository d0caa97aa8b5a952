"""Corpora, faces and profiles for the tests of plans."""

from array import array
from dataclasses import fields

from synth.corpus.grammar import parse_patterns
from synth.corpus.sources import Corpus, LineSource, PatternSource
from synth.plan.plan_options import PlanOptions
from synth.plan.request import PlanRequest
from synth.plan.serving import Plan
from textlines.formats.profile import (
    AlphabetRecord,
    CharacterRow,
    ErrorProfile,
    LineFigures,
    SpaceRow,
)

NUMBERS = tuple(field.name for field in fields(PlanOptions))


class Faces:
    """Draws all but the refused characters, and counts what it was asked."""

    def __init__(self, refused=""):
        self.refused, self.asked = frozenset(refused), 0

    def choose(self, text, draws, lines=()):
        self.asked += 1
        return None if self.refused & set(text) else f"face-{draws.whole(0, 3)}"

    def why_not(self, text):
        return {f"absent {char!r}": 3 for char in sorted(self.refused & set(text))}


def lines(*texts, name="own", share=1.0, sha="a"):
    places = {}
    entries = array("I", (places.setdefault(text, len(places)) for text in texts))
    return LineSource(name, share, tuple(places), entries, sha)


def patterns(*rules, name="forms", share=1.0, sha="p"):
    table = "".join(
        f"[[line]]\nname = 'r{k}'\nrule = '''{rule}'''\n" for k, rule in enumerate(rules)
    )
    return PatternSource(name, share, parse_patterns(table), sha)


WORDS = (
    *("harbor", "maple", "orchid", "lantern", "silver", "copper", "window", "garden", "bridge"),
    *("river", "corner", "letter", "ticket", "butter", "pocket", "summer", "winter", "planet"),
)
ENGLISH = lines(
    *(f"{one} {other}" for one in WORDS for other in WORDS if one != other),
    *(f"{word} {k * 37 % 1000}" for k, word in enumerate(WORDS * 4)),
    *("total due", "total due", "total due", "total due"),
    sha="english",
)
KOREAN = lines(
    *(
        "값이 올랐다",
        "꽃값 계산",
        "물건 값",
        "맑은 물",
        "갑판 위",
        "산과 들",
        "강가의 집",
        "갈대밭",
    ),
    *("감나무 아래", "각자 부담", "간장 두 병", "갖은 양념"),
    name="korean",
    sha="korean",
)
CODES = patterns("[A-Z][0-9][A-Z0-9]{4}", "[a-z][0-9][A-Za-z0-9]{4}", name="codes", sha="codes")
METERS = patterns("<number 0.00..999.99>", name="meters", sha="meters")


def corpus(*sources):
    ordered = sorted(sources, key=lambda source: (source.sha256, source.name))
    return Corpus(
        lines=tuple(s for s in ordered if isinstance(s, LineSource)),
        patterns=tuple(s for s in ordered if isinstance(s, PatternSource)),
    )


def request(**asked):
    """Return a request; what `PlanOptions` holds goes into its options."""
    numbers = {name: asked.pop(name) for name in NUMBERS if name in asked}
    return PlanRequest(options=PlanOptions(**numbers), **asked)


def planned(faces=None, **asked):
    """Make a plan; return its rows and its report."""
    plan = Plan(request(**asked), faces or Faces())
    rows = list(plan)
    return rows, plan.report()


def row(char, support, right, gain, confusions=None, deletions=0, proof="own"):
    share = right / support
    return CharacterRow(
        char=char,
        support=support,
        right=right,
        recall=share,
        interval=(share, share),
        gain=gain,
        confusions=confusions or {},
        deletions=deletions,
        proof=proof,
    )


def profile(ranked, unproven=(), insertions=None, spaces=(0, 0, 0)):
    return ErrorProfile(
        alphabet=AlphabetRecord(entries=("1",), use_space_char=True, sha256="", assumed=True),
        max_text_length=25,
        ranked=(*ranked, *(row.model_copy(update={"proof": ""}) for row in unproven)),
        insertions=insertions or {},
        spaces=SpaceRow(
            support=spaces[0] + spaces[1],
            right=spaces[0],
            deletions=spaces[1],
            insertions=spaces[2],
        ),
        lines=LineFigures(lines=1, exact=0, casefold=0, nospace=0, character_accuracy=0, edits=0),
    )
