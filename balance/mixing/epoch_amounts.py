"""How much of each kind an epoch holds, and what happens when there is too little."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil

from balance.mixing.amount_words import (
    UNITS,
    Unit,
    few_others,
    general_again,
    new_again,
    none_fits,
    nothing_kept,
    own_rendered,
    own_stand,
    too_few_originals,
)
from balance.mixing.mix_request import MixOptions
from textlines.errors import InputError, UsageError
from textlines.rules.proportions import ABOUT, HIGHEST, LOWEST, OWN_ROWS, times_of
from textlines.wording import Sentence, say, say_n
from textlines.wording.counts import count_of


def _general_amount(scene: int, ratio: Fraction) -> int:
    """Return how many general lines stand beside so many of one's own (original and new).

    >>> _general_amount(2946, Fraction(3))
    982
    """
    return int(scene / ratio + Fraction(1, 2))


@dataclass(frozen=True, slots=True)
class There:
    """All that a mix can take from, in lines, in characters (`--by`) or in pages.

    Attributes:
        own: own lines, as often as they stand in every epoch. originals: original and distilled.
        general: None without general sources.
        unit: what is counted.
    """

    own: int
    originals: int
    new: int
    general: int | None
    unit: Unit = "lines"

    @property
    def kept(self) -> int:
        """Return the most that can stand as original in one epoch."""
        return self.own + self.originals

    @property
    def noun(self) -> str:
        """Return what stands in a row of a list."""
        return "page" if self.unit == "pages" else "line"


@dataclass(frozen=True, slots=True)
class EpochAmounts:
    """Of one epoch, in the unit of `There`.

    Attributes:
        own: own lines, as often as they stand. originals: original and distilled ones.
        general: what stands beside them.
        notes: what was accepted although it was asked otherwise, in words.
    """

    own: int
    originals: int
    new: int
    general: int
    notes: tuple[Sentence, ...] = ()

    @property
    def kept(self) -> int:
        """Return what counts as original in original : new."""
        return self.own + self.originals


def find_amounts(there: There, wanted: int | None, options: MixOptions) -> EpochAmounts:
    """Find the amounts that hold the ratios.

    Args:
        wanted: of own, original and distilled lines together in one epoch, own ones at least; None
            takes what the ratios ask for beside own lines, and all without any.

    Raises:
        InputError: there is too little, and `on_shortage` is "error".
        UsageError: so few originals that no new line fits.
    """
    if there.own:
        return _beside_own(there, wanted, options)
    kept = there.originals if wanted is None else wanted
    new, notes = options.ratio.new_amount(kept, there.noun), list[Sentence]()
    if there.new < new:
        if options.on_shortage == "error" or not there.new:
            raise _too_few_new(kept, new, there, options)
        new = _short(kept, new, there, options, notes)
    general = 0
    if there.general is not None:
        general = _general_amount(kept + new, options.general_ratio)
        if there.general < general:
            if options.on_shortage == "error" or not there.general:
                raise _too_few_general(kept + new, general, there, options)
            if options.on_shortage == "accept":
                general = there.general
                notes.append(
                    say(
                        "own to general is {ratio:.1f}:1, as was accepted",
                        ratio=(kept + new) / general,
                    )
                )
            else:
                notes.append(general_again(general / there.general, there.unit))
    return EpochAmounts(0, kept, new, general, tuple(notes))


def _beside_own(there: There, wanted: int | None, options: MixOptions) -> EpochAmounts:
    """Find the amounts of an epoch that holds all own lines.

    Two rules meet: original to new, and the own scene (own and new lines) to all others, 1:1.
    Without `--epoch-lines` the new lines are dealt out to the epochs, as many as the ratio lets in.
    Others follow: as many as own and new together, and never fewer than the ratio asks for.
    """
    notes = list[Sentence]()
    if wanted is None:
        share = -(-there.new // options.epochs)
        new = _dealt(there, share, options)
        originals, general = _others_beside(there, new, options)
        if 0 < new < share:
            notes.append(
                say(
                    "{new:,} new {unit} an epoch, not {share:,}: all {kept:,} originals let in no "
                    "more at {ratio:g}:1",
                    new=new,
                    unit=UNITS[there.unit],
                    share=share,
                    kept=there.kept,
                    ratio=float(options.ratio.value),
                )
            )
    else:
        originals, new = wanted - there.own, _room(wanted, options) if there.new else 0
        is_enough = options.on_shortage != "repeat" and options.ratio.holds(wanted, there.new)
        if there.new < new and is_enough:
            notes.append(
                say(
                    "{new:,} new {unit} an epoch: no more are there",
                    new=there.new,
                    unit=UNITS[there.unit],
                )
            )
            new = there.new
        beside = _general_amount(there.own + new, options.general_ratio) - originals
        general = _general(max(0, beside), there, options)
    kept = there.own + originals
    if there.new < new:
        if options.on_shortage == "error":
            raise _too_few_new(kept, new, there, options)
        new = _short(kept, new, there, options, notes)
    if there.new and not new:
        notes.append(none_fits(kept, there.new, there.unit))
    amounts = EpochAmounts(there.own, originals, new, general)
    return replace(amounts, notes=(*notes, *_scene_notes(amounts, there, options)))


def _room(kept: int, options: MixOptions) -> int:
    """Find how many new lines stand beside so many originals; 0 where none fits."""
    return options.ratio.new_amount(kept) if kept >= LOWEST else 0


def _dealt(there: There, share: int, options: MixOptions) -> int:
    """Find how many new lines stand in an epoch beside as many others as the rules ask for.

    Args:
        share: of all new lines, what falls to one epoch.
    """
    new = min(share, _room(there.kept, options))
    while new:
        # More originals than 10:1 need more new lines, which need more originals: at most all.
        least = -(-(there.own + _others_beside(there, new, options)[0]) // HIGHEST)
        if least <= new:
            break
        new = least
    return new


def _others_beside(there: There, new: int, options: MixOptions) -> tuple[int, int]:
    """Find how many originals and general lines stand beside own and new ones.

    Both share the place by how many of them there are.
    """
    wanted = _general_amount(there.own + new, options.general_ratio)
    least = ceil(options.ratio.value * new) - there.own
    general = there.general or 0
    fair = wanted * there.originals // max(1, there.originals + general)
    originals = min(there.originals, max(least, fair, wanted - general, 0))
    return originals, _general(max(0, wanted - originals), there, options)


def _general(wanted: int, there: There, options: MixOptions) -> int:
    if not there.general or options.on_shortage == "repeat":
        return wanted if there.general else 0
    return min(wanted, there.general)


def _short(kept: int, new: int, there: There, options: MixOptions, notes: list[Sentence]) -> int:
    """Find how many new lines stand where too few are there, and say it."""
    if options.on_shortage == "repeat":
        notes.append(new_again(new / there.new, there.unit))
        return new
    if not options.ratio.holds(kept, there.new):
        notes.append(
            say(
                "only {ratio:.1f}:1, beyond {highest}:1, as was accepted",
                ratio=kept / there.new,
                highest=HIGHEST,
            )
        )
    return there.new


def _scene_notes(amounts: EpochAmounts, there: There, options: MixOptions) -> Iterator[Sentence]:
    """Yield a note where the own scene does not stand to all others as it should, and why."""
    scene, others = amounts.own + amounts.new, amounts.originals + amounts.general
    if not others:
        yield nothing_kept(there.unit)
        return
    asked = float(options.general_ratio)
    if scene > ABOUT * asked * others:
        why = few_others(others, there.originals + (there.general or 0), there.unit)
        actual = f"{scene / others:.2f}:1"
    elif scene * ABOUT < asked * others:
        why = say(
            "{new:,} new {unit} ask for {originals:,} originals at {ratio:g}:1",
            new=amounts.new,
            unit=UNITS[there.unit],
            originals=ceil(options.ratio.value * amounts.new),
            ratio=float(options.ratio.value),
        )
        if options.epoch_lines is not None:
            why = say_n(
                "--epoch-lines asks for {n:,} original",
                "--epoch-lines asks for {n:,} originals",
                amounts.kept,
            )
        actual = f"1:{others / scene:.2f}"
    else:
        return
    yield say(
        "own scene to general is {ratio}, not {asked:g}:1: {why}",
        ratio=actual,
        asked=asked,
        why=why,
    )


def _too_few_new(kept: int, new: int, there: There, options: MixOptions) -> InputError:
    unit, noun = there.unit, there.noun
    ways = []
    least, most = options.ratio.bounds(kept)
    if least <= there.new <= most:
        fitting = Fraction(kept, there.new)
        ways.append(f"--ratio {-(-fitting.numerator * 100 // fitting.denominator) / 100:.4g}:1")
    fewer = int(there.new * (HIGHEST if there.own else options.ratio.value))
    if unit != "characters" and fewer >= max(LOWEST, there.own):
        ways.append(f"--epoch-{noun}s {fewer} (other originals in every epoch)")
    ways += ["--on-shortage repeat", *(["--on-shortage accept"] if there.own else [])]
    ways.append(f"more new {noun}s")
    asked = HIGHEST if there.own else float(options.ratio.value)
    return InputError(
        "--new",
        f"holds {there.new:,} usable {unit}, {asked:g}:1 beside {kept:,} needs {new:,}",
        f"What fits: {', '.join(ways)}.",
    )


def _too_few_general(scene: int, general: int, there: There, options: MixOptions) -> InputError:
    have, fitting = there.general or 0, ""
    if have:
        fitting = f"--general-ratio {-(-100 * scene // have) / 100:.4g}:1, "
    return InputError(
        "--general",
        f"holds {have:,} usable {there.unit}, {float(options.general_ratio):g}:1 of own to "
        f"general beside {scene:,} needs {general:,}",
        f"What fits: {fitting}--on-shortage repeat, more general {there.noun}s.",
    )


def own_times(
    rows: int, rendered: int, options: MixOptions, unit: Unit = "lines"
) -> tuple[int, tuple[Sentence, ...]]:
    """Find how often each own line or page stands in an epoch, and say so.

    Args:
        rows: how many there are. rendered: those of them whose image was drawn.
    """
    if not rows:
        return 1, ()
    usual = times_of(rows)
    times = options.own_times or usual
    why: str = f"{OWN_ROWS} / {rows}"
    if options.own_times:
        why = say("--own-times; {usual} would be usual", usual=usual)
    notes = [
        say_n(
            "{own} once in every epoch ({why}): {rows}",
            "{own} {n} times in every epoch ({why}): {rows}",
            times,
            own=own_stand(rows, unit),
            why=why,
            rows=say_n("{n:,} row", "{n:,} rows", rows * times),
        )
    ]
    if rendered:
        notes.append(own_rendered(rendered, unit))
    return times, tuple(notes)


def epoch_amounts(
    there: There, own_rows: int, original_rows: int, options: MixOptions
) -> EpochAmounts:
    """Find what an epoch holds of each, with a note if it is not what was asked for.

    Args:
        own_rows: own lines or pages, as often as they stand. original_rows: all others that count
            as original.
    """
    rows, wanted, notes = own_rows + original_rows, options.epoch_lines, list[Sentence]()
    if wanted is not None and wanted > rows:
        notes.append(too_few_originals(rows, wanted, there.unit))
        wanted = rows
    if wanted is not None and wanted < own_rows:
        raise UsageError(
            f"--epoch-{there.noun}s",
            f"asks for {count_of(wanted, 'original')}, own {there.noun}s alone fill "
            f"{count_of(own_rows, 'row')} of every epoch",
            f"Ask for more, or let own {there.noun}s stand less often: --own-times.",
        )
    if wanted is not None and there.unit == "characters":
        drawn = wanted - own_rows
        wanted = there.own + int(there.originals * drawn / max(original_rows, 1))
    amounts = find_amounts(there, wanted, options)
    return replace(amounts, notes=(*notes, *amounts.notes))
