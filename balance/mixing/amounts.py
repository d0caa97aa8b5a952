"""How much of each kind an epoch holds, and what happens when there is too little."""

from dataclasses import dataclass
from fractions import Fraction

from balance.mixing.options import Options
from balance.mixing.ratio import HIGHEST, LOWEST, general_amount
from textlines.errors import InputError


@dataclass(frozen=True, slots=True)
class Amounts:
    """Of one epoch, in lines or in characters (`--by`).

    Attributes:
        own: original and distilled together. general: what stands beside own and new.
        notes: what was accepted although it was asked otherwise, in words.
    """

    own: int
    new: int
    general: int
    notes: tuple[str, ...] = ()


def find_amounts(own: int, new_there: int, general_there: int | None, options: Options) -> Amounts:
    """Find the amounts that hold the ratios.

    Args:
        own: of the original and distilled lines of one epoch, in the unit of the ratio.
        new_there, general_there: of all new and general lines; None without general sources.

    Raises:
        InputError: there is too little, and `on_shortage` is "error".
        UsageError: so few originals that no new line fits.
    """
    new, notes = options.ratio.new_amount(own), []
    if new_there < new:
        if options.on_shortage == "error" or not new_there:
            raise _too_few_new(own, new, new_there, options)
        if options.on_shortage == "accept":
            new = new_there
            if not options.ratio.holds(own, new):
                notes.append(f"only {own / new:.1f}:1, beyond {HIGHEST}:1, as was accepted")
        else:
            notes.append(f"new lines stand {new / new_there:.1f} times in an epoch")
    general = 0
    if general_there is not None:
        general = general_amount(own + new, options.general_ratio)
        if general_there < general:
            if options.on_shortage == "error" or not general_there:
                raise _too_few_general(own + new, general, general_there, options)
            if options.on_shortage == "accept":
                general = general_there
                notes.append(f"own to general is {(own + new) / general:.1f}:1, as was accepted")
            else:
                notes.append(f"general lines stand {general / general_there:.1f} times an epoch")
    return Amounts(own, new, general, tuple(notes))


def _too_few_new(own: int, new: int, there: int, options: Options) -> InputError:
    unit = options.by
    ways = []
    least, most = options.ratio.bounds(own)
    if least <= there <= most:
        fitting = Fraction(own, there)
        ways.append(f"--ratio {-(-fitting.numerator * 100 // fitting.denominator) / 100:.4g}:1")
    fewer = int(there * options.ratio.value)
    if unit == "lines" and fewer >= LOWEST:
        ways.append(f"--epoch-lines {fewer} (other originals in every epoch)")
    ways += ["--on-shortage repeat", "more new lines"]
    return InputError(
        "--new",
        f"holds {there:,} usable {unit}, {float(options.ratio.value):g}:1 beside {own:,} needs "
        f"{new:,}",
        f"What fits: {', '.join(ways)}.",
    )


def _too_few_general(own: int, general: int, there: int, options: Options) -> InputError:
    fitting = f"--general-ratio {-(-100 * own // max(there, 1)) / 100:.4g}:1, " if there else ""
    return InputError(
        "--general",
        f"holds {there:,} usable {options.by}, {float(options.general_ratio):g}:1 of own to "
        f"general beside {own:,} needs {general:,}",
        f"What fits: {fitting}--on-shortage repeat, more general lines.",
    )
