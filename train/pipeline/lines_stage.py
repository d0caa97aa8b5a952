"""The stage that shares lines out to roles: a team's own, rendered ones, or some of each."""

from pathlib import Path

from textlines.labels.tally import Tally
from train.own.label_sets import WORDS
from train.pipeline.own_lines import split_own
from train.pipeline.rendered_lines import (
    NEW,
    Call,
    apart,
    families_at_hand,
    render_roles,
    without_others,
    write_arguments,
)
from train.pipeline.settings import Settings
from train.pipeline.table import GENERAL_ROLES, TARGET_ROLES, Places, Target


def prepare_lines(
    settings: Settings, target: Target | None, general: Target | None, call: Call
) -> list[str]:
    """Write the label file of every role.

    Returns:
        What was done, in lines of text.
    """
    places, told, tally = Places(Path(settings.work)), [], Tally()
    if target:
        own = settings.own
        shares = {"mine": own.mine, "stop": own.stop, "judge": own.judge}
        counts = split_own(target, places, shares, own.group, settings.seed, tally)
        told.append(f"own crops: {_counted(counts)}")
    else:
        counts = _render_target(settings, places, call)
        told.append(f"synthetic, rendered in the style {settings.style}: {_counted(counts)}")
    if general:
        own_general = settings.general
        shares = dict(
            zip(
                GENERAL_ROLES,
                (own_general.original, own_general.stop, own_general.judge),
                strict=True,
            )
        )
        counts = split_own(general, places, shares, own_general.group, settings.seed, tally)
        told.append(f"own general lines: {_counted(counts)}")
    else:
        counts = _render_general(settings, places, call)
        style = settings.rendered.general_style
        told.append(f"synthetic, rendered in the style {style}: {_counted(counts)}")
    return told + tally.lines(WORDS)


def _render_target(settings: Settings, places: Places, call: Call) -> dict[str, int]:
    rendered = settings.rendered
    found = families_at_hand(call, settings.style)
    families = apart(found, (*TARGET_ROLES, NEW), settings.style)
    write_arguments(places.new_faces, without_others(families, NEW))
    return render_roles(
        list(zip(TARGET_ROLES, (rendered.mine, rendered.stop, rendered.judge), strict=True)),
        places,
        style=settings.style,
        seed=settings.seed,
        workers=settings.workers,
        call=call,
        families=families,
    )


def _render_general(settings: Settings, places: Places, call: Call) -> dict[str, int]:
    rendered = settings.rendered
    counts = (rendered.original, rendered.general_stop, rendered.general_judge)
    style = rendered.general_style
    return render_roles(
        list(zip(GENERAL_ROLES, counts, strict=True)),
        places,
        style=style,
        seed=settings.seed + 500_000,
        workers=settings.workers,
        call=call,
        families=apart(families_at_hand(call, style), GENERAL_ROLES, style),
    )


def _counted(counts: dict[str, int]) -> str:
    return ", ".join(f"{role} {count:,}" for role, count in counts.items())
