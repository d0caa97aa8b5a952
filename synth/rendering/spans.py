"""How a value of a style is written: a number, a range, or a part with its parameters."""

from collections.abc import Mapping
from itertools import accumulate
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, Field, model_validator

from synth.draws import Draws
from textlines.wording.counts import count_of

Number = int | float

MOST = 1e6
"""Beyond any size, angle or factor of a text line; what is larger overflows while it is drawn."""


class Span(BaseModel, frozen=True, extra="forbid", defer_build=True):
    """A distribution that one number is drawn from.

    In a style file: `3` (always 3), `[0.4, 1.2]` (evenly between), `{ low = 1, high = 40,
    shape = "log" }` (evenly in the logarithm), or `{ values = [1, 2], weights = [9, 1] }`.
    Bounds that are both whole numbers draw whole numbers, the upper one included.

    Raises:
        ValueError: high is below low, weights and values differ in number, or a number is not
            finite or beyond `MOST`.
    """

    low: Number = 0
    high: Number = 0
    shape: str = "even"
    values: tuple[Number, ...] = ()
    weights: tuple[Number, ...] = ()

    @model_validator(mode="after")
    def _check(self) -> "Span":
        if not all(abs(number) <= MOST for number in (self.low, self.high, *self.values)):
            raise ValueError(f"a number is beyond {MOST:,.0f} or none")
        if not all(abs(weight) <= MOST for weight in self.weights):
            raise ValueError(f"a weight is beyond {MOST:,.0f} or none")
        if self.values:
            if self.weights and len(self.weights) != len(self.values):
                weights = count_of(len(self.weights), "weight")
                raise ValueError(f"{count_of(len(self.values), 'value')} but {weights}")
            if self.weights and (min(self.weights) < 0 or sum(self.weights) <= 0):
                raise ValueError("weights must not be negative and not all 0")
            return self
        if self.high < self.low:
            raise ValueError(f"high {self.high} is below low {self.low}")
        if self.shape not in ("even", "log"):
            raise ValueError(f"shape {self.shape!r} is neither 'even' nor 'log'")
        if self.shape == "log" and self.low <= 0:
            raise ValueError(f"shape 'log' needs low above 0, got {self.low}")
        return self

    def draw(self, draws: Draws) -> Number:
        """Draw one number. Takes one value from the stream, whatever the shape.

        >>> Span(low=2, high=2).draw(Draws(1, 1))
        2
        """
        if self.values:
            weights = self.weights or (1,) * len(self.values)
            return draws.weighted(self.values, list(accumulate(weights)))
        if isinstance(self.low, int) and isinstance(self.high, int):
            return draws.whole(self.low, self.high + 1)
        if self.shape == "log":
            return float(self.low * (self.high / self.low) ** draws.unit())
        return draws.span(self.low, self.high)


def _read(value: Any) -> Any:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return Span(low=value, high=value)
    if isinstance(value, (list, tuple)):
        if len(value) != 2:
            raise ValueError(f"a range has two numbers, got {value!r}")
        return Span(low=value[0], high=value[1])
    return value


SpanField = Annotated[Span, BeforeValidator(_read)]
"""A `Span` that also takes the short forms of a style file."""


class StyleTable(BaseModel, frozen=True, extra="forbid", defer_build=True):
    """A value whose unknown keys are refused."""


class StylePart(StyleTable):
    """An effect, a surface or a distractor with the distributions of its parameters.

    p: how often it is used (share 0..1; for a surface: its weight beside the others).
    with_: one span for each parameter that the function takes by that name.
    """

    p: float = Field(1.0, ge=0, le=MOST)
    with_: Mapping[str, SpanField] = {}


def _part(value: Any) -> Any:
    """Read `{ p = 0.3, sigma = [0.4, 1.2] }`: all keys but `p` are parameters."""
    if isinstance(value, Mapping) and "with_" not in value:
        return {"p": value.get("p", 1.0), "with_": {k: v for k, v in value.items() if k != "p"}}
    return value


PartField = Annotated[StylePart, BeforeValidator(_part)]
