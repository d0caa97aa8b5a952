"""The stage that shares lines out to roles: a team's own, rendered ones, or some of each."""

import json
from collections.abc import Sequence
from pathlib import Path

from textlines.defects import of_readings
from textlines.labels.tally import Tally
from train.pipeline.own_lines import share_own, split_general
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
from train.pipeline.table import (
    GENERAL_ROLES,
    TARGET_ROLES,
    GeneralSet,
    Places,
    Target,
    needs_guard,
)


def prepare_lines(
    settings: Settings, target: Target | None, general: Sequence[GeneralSet], call: Call
) -> list[str]:
    """Write the label file of every role.

    Returns:
        What was done, in lines of text.
    """
    places, told, tally = Places(Path(settings.work)), [], Tally()
    if target:
        told += share_own(settings, target, places, tally)
    else:
        counts = _render_target(settings, places, call)
        told.append(f"synthetic, rendered in the style {settings.style}: {_counted(counts)}")
    own_general = settings.general
    shares = dict(
        zip(GENERAL_ROLES, (own_general.original, own_general.stop, own_general.judge), strict=True)
    )
    for one in general:
        files = {role: places.lines(role, one.name) for role in GENERAL_ROLES}
        counts = split_general(
            one.target,
            files=files,
            shares=shares,
            group=own_general.group,
            seed=settings.seed,
            tally=tally,
        )
        told.append(f"general lines {one.name}:{one.comparison}: {_counted(counts)}")
    if needs_guard(general):
        told += _render_guard(settings, places, call, is_alone=not general)
    return told + tally.lines(of_readings.SHARED)


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


def _render_guard(settings: Settings, places: Places, call: Call, *, is_alone: bool) -> list[str]:
    """Render a guard, or go on with the one that is there.

    Args:
        is_alone: there are no general lines of the team's own.
    """
    printed = call(
        (
            *("synth", "guard", "--dictionary", str(places.base / "dictionary.txt")),
            *("--count", str(settings.rendered.guard), "--seed", str(settings.seed)),
            *("--workers", str(settings.workers), "--json", "--out", str(places.guard)),
        )
    )
    event = json.loads(printed.splitlines()[-1])
    why = "there are no general lines" if is_alone else "the general lines hold next to no long one"
    counts = _counted(event["lines"])
    return [
        f"synthetic guard, as {why}: {counts}; it can fail a candidate and cannot pass one",
        *event["told"],
    ]


def _counted(counts: dict[str, int]) -> str:
    return ", ".join(f"{role} {count:,}" for role, count in counts.items())
