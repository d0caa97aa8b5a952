"""What a plan is asked for."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from synth.corpus.sources import Corpus
from synth.plan.budget import Originals, count_for
from synth.plan.limits import Limits
from synth.plan.shape import Shape
from textlines.errors import UsageError

if TYPE_CHECKING:
    from synth.plan.beside import Beside
    from textlines.formats.profile import ErrorProfile

MOST_ROWS = 100_000_000


@dataclass(frozen=True, kw_only=True, eq=False)
class PlanRequest:
    """Everything that a plan depends on, beside the faces.

    With `texts`, exactly these are planned, in turn. With `profile` or `chars`, the run is for
    hard characters. With none of the three, texts come from the corpus as they are.

    Attributes:
        corpus: where texts come from.
        stand_ins: sources for characters that the corpus does not hold (their shares are 0).
        profile, chars, texts: see above; at most one of them.
        beside: own lines and production: the run is for what own lines lack, of the profile or
            the characters and of all else that production holds.
        looks_like_own: the corpus is made of own texts: a character is rather set into one of
            these than looked for in `stand_ins`.
        count: lines of the run. Without it: by `originals` and `ratio`; with `texts`, one each.
        originals: the team's own lines. ratio: original lines beside one new line.
        like: lengths and spaces to follow.
        limits: alphabet, length limit, texts of judging sets.
        seed: any whole number. style: written into each row.
        repeat_cap: how often one text may stand in the run; None: as often as it is drawn.
        filler_share: of the lines, natural text beside the lines for hard characters; they
            keep common words common. 0..1.
        alpha: how far character counts keep to natural shares (1) or are evened out (0).
        temper: how far lines follow a profile's gains (1) or are evened out (0).

    Raises:
        UsageError: two of profile, chars and texts are given, or a number is out of range.
    """

    corpus: Corpus = field(default_factory=Corpus)
    stand_ins: Corpus = field(default_factory=Corpus)
    profile: "ErrorProfile | None" = None
    chars: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    beside: "Beside | None" = None
    looks_like_own: bool = False
    count: int | None = None
    originals: Originals | None = None
    ratio: float = 8.0
    like: Shape | None = None
    limits: Limits = field(default_factory=Limits)
    seed: int = 1
    style: str = "document"
    repeat_cap: int | None = 3
    filler_share: float = 0.3
    alpha: float = 0.5
    temper: float = 0.5

    def __post_init__(self) -> None:
        asked = [
            name
            for name, value in (
                ("--profile", self.profile),
                ("--chars", self.chars),
                ("--text-list", self.texts),
            )
            if value
        ]
        if len(asked) > 1:
            raise UsageError(" and ".join(asked), "exclude each other", "Name one of them.")
        for option, value in (
            ("--filler", self.filler_share),
            ("--alpha", self.alpha),
            ("--temper", self.temper),
        ):
            if not 0 <= value <= 1:
                raise UsageError(option, f"is {value:g}, not from 0 to 1", "Name a share.")
        if self.repeat_cap is not None and not 1 <= self.repeat_cap <= 60_000:
            raise UsageError(
                "--repeat-cap", f"is {self.repeat_cap}, not from 1 to 60,000", "Name another."
            )
        if not 1 <= self.rows <= MOST_ROWS:
            raise UsageError(
                "--count", f"is {self.rows}, not from 1 to {MOST_ROWS:,}", "Name another."
            )
        if not self.texts and not (self.corpus.lines or self.corpus.patterns):
            raise UsageError(
                "--corpus", "holds neither lines nor patterns", "Add a source of texts."
            )

    @property
    def rows(self) -> int:
        """Give the number of lines that the run is to have.

        Raises:
            UsageError: neither count nor originals nor texts say it.
        """
        if self.count is not None:
            return self.count
        if self.originals is not None:
            return count_for(self.originals.lines, self.ratio)
        if self.texts:
            return len(self.texts)
        raise UsageError(
            "--count", "is missing", "Say how many lines, or name your own with --original."
        )
