"""The numbers that a run is asked for: declared here once, for the command, its job and its plan.

Imports next to nothing, as the command's options take their defaults from here before `--help`.
"""

from dataclasses import dataclass, fields

FILLER = 0.3
"""Share of natural lines beside those for hard characters."""

REST = 0.1
"""Beside own lines, the share of lines for every character of production alike, so that what own
lines teach is absent from no drawn ones: what stands in real lines alone is told apart by the look
of a line."""

RATIO = 8.0
"""Original lines beside one new line, where nothing else is asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanOptions:
    """How many lines, and how they are shared out; None where the user said nothing.

    Out of range they are refused by `synth.plan.request.PlanRequest`.

    Attributes:
        count: lines of the run. Without it: by the team's own lines and `ratio`; of a list of
            texts, one each.
        ratio: original lines beside one new line, 5 to 10.
        repeat_cap: how often one text may stand in the run, at most 60,000; 0: as often as it is
            drawn.
        filler: share of natural lines beside those for hard characters, which keep common words
            common; beside own lines, of those for every character of production alike. 0..1;
            None: `FILLER`, or `REST`.
        alpha: how far character counts keep to natural shares (1) or are evened out (0).
        temper: how far lines follow a profile's gains (1) or are evened out (0).
        seed: any whole number.
    """

    count: int | None = None
    ratio: float = RATIO
    repeat_cap: int = 3
    filler: float | None = None
    alpha: float = 0.5
    temper: float = 0.5
    seed: int = 1

    def numbers(self) -> dict[str, float | None]:
        """Return all but the seed by name, in the order above."""
        names = [field.name for field in fields(PlanOptions) if field.name != "seed"]
        return {name: getattr(self, name) for name in names}
