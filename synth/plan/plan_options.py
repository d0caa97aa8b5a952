"""The numbers that a run is asked for: declared here once, for the command, its job and its plan.

Imports next to nothing, as the command's options are made from here before `--help`.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Annotated

if TYPE_CHECKING:  # read when a command line is made; an image drawn by a call needs no typer
    import typer

FOR, WITH, HOW = "What to write", "With what", "Running"
"""Headings of the options in `--help`."""

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

    count: Annotated[int | None, typer.Option(help="Images.", rich_help_panel=FOR)] = None
    ratio: Annotated[
        float,
        typer.Option(help="Original lines beside one new line, 5 to 10.", rich_help_panel=FOR),
    ] = RATIO
    repeat_cap: Annotated[
        int, typer.Option(help="Times one text may appear; 0 = any.", rich_help_panel=FOR)
    ] = 3
    filler: Annotated[
        float | None,
        typer.Option(
            help="Share of natural lines beside the targets; with --own, of lines for every "
            f"character of production alike. Default: {FILLER}; with --own {REST}.",
            rich_help_panel=FOR,
        ),
    ] = None
    alpha: Annotated[
        float,
        typer.Option(
            help="Character counts: 1 = as in natural text, 0 = even.", rich_help_panel=FOR
        ),
    ] = 0.5
    temper: Annotated[
        float,
        typer.Option(
            help="Lines per target: 1 = by the profile's gains, 0 = even.", rich_help_panel=FOR
        ),
    ] = 0.5
    seed: Annotated[int, typer.Option(help="Same seed, same bytes.", rich_help_panel=HOW)] = 1

    def numbers(self) -> dict[str, float | None]:
        """Return all but the seed by name, in the order above."""
        names = [field.name for field in fields(PlanOptions) if field.name != "seed"]
        return {name: getattr(self, name) for name in names}
