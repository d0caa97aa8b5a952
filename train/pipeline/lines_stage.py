"""The stage that shares lines out to roles: a team's own, rendered ones, or some of each.

Rendered lines take the place of what a team has none of: their roles are apart by seed, by texts
and by faces.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from textlines.defects import of_readings
from textlines.errors import InputError
from textlines.files import replacing
from textlines.installing import install_line
from textlines.labels.tally import Tally
from textlines.wording.counts import count_of
from train.pipeline.own_lines import share_own, split_general
from train.pipeline.places import (
    GENERAL_ROLES,
    TARGET_ROLES,
    GeneralSet,
    Places,
    Target,
    needs_guard,
)
from train.pipeline.settings import Settings
from train.pipeline.stage import Command, write_arguments

Call = Callable[[Command], str]
"""Runs a command and gives what it printed; an error ends the stage."""

NEW = "new"
"""The role of the lines that teach: their faces are those of no other role."""

SEED_STEP = 1000
"""Between the seeds of two roles."""

_KINDS: Mapping[str, str] = {"lcd": "seven_segment"}
_TEXT = "text"

_OURS = "Mend "
"""How our own display faces are named. Without --fonts, `synth generate` draws displays by these
alone, while `synth fonts` also lists those that are installed."""


def prepare_lines(
    settings: Settings, target: Target | None, general: Sequence[GeneralSet], call: Call
) -> list[str]:
    """Write the label file of every role.

    Returns:
        What was done, in lines of text.
    """
    places, tally = Places(Path(settings.work)), Tally()
    if target:
        done = share_own(settings, target, places, tally)
    else:
        done = _rendered_target(settings, places, call)
    done += _prepare_general(settings, general, places, tally, call)
    return done + tally.lines(of_readings.SHARED)


def prepare_staying(
    settings: Settings, general: Sequence[GeneralSet], call: Call, *, is_own: bool
) -> list[str]:
    """Write the label files of lines that stay over rounds: all but a team's own.

    Args:
        is_own: the team has lines of its own; else they are rendered.

    Returns:
        What was done, in lines of text.
    """
    places, tally = Places(Path(settings.work)), Tally()
    done = [] if is_own else _rendered_target(settings, places, call)
    done += _prepare_general(settings, general, places, tally, call)
    return done + tally.lines(of_readings.SHARED)


def _rendered_target(settings: Settings, places: Places, call: Call) -> list[str]:
    counts = _render_target(settings, places, call)
    return [f"synthetic, rendered in the style {settings.style}: {_counted(counts)}"]


def _prepare_general(
    settings: Settings, general: Sequence[GeneralSet], places: Places, tally: Tally, call: Call
) -> list[str]:
    done = []
    own_general = settings.general
    shares = dict(
        zip(GENERAL_ROLES, (own_general.original, own_general.stop, own_general.judge), strict=True)
    )
    for general_set in general:
        files = {role: places.lines(role, general_set.name) for role in GENERAL_ROLES}
        counts = split_general(
            general_set.target,
            files=files,
            shares=shares,
            group=own_general.group,
            seed=settings.seed,
            tally=tally,
        )
        done.append(
            f"general lines {general_set.name}:{general_set.comparison}: {_counted(counts)}"
        )
    if needs_guard(general):
        done += _render_guard(settings, places, call, is_alone=not general)
    return done


def _render_target(settings: Settings, places: Places, call: Call) -> dict[str, int]:
    rendered = settings.rendered
    at_hand = families_at_hand(call, settings.style)
    families = apart(at_hand, (*TARGET_ROLES, NEW), settings.style)
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


def render_roles(
    roles: Sequence[tuple[str, int]],
    places: Places,
    *,
    style: str,
    seed: int,
    workers: int,
    call: Call,
    families: Mapping[str, Sequence[str]],
) -> dict[str, int]:
    """Render a label file for each role, none with a text of an earlier one.

    Args:
        roles: with their numbers of lines.
        families: of faces by role; all that are at hand, each in one role.

    Returns:
        Lines by role.
    """
    counts = {}
    done: list[str] = []
    for number, (role, count) in enumerate(roles, 1):
        labels = places.lines(role)
        excluded = [word for path in done for word in ("--exclude-texts", path)]
        call(
            (
                *("synth", "generate", "--style", style, "--count", str(count)),
                *("--seed", str(seed + SEED_STEP * number), "--workers", str(workers)),
                *("--dictionary", str(places.base / "dictionary.txt")),
                *excluded,
                *without_others(families, role),
                *("--out", str(labels.parent)),
            )
        )
        text = (labels.parent / "rec_gt_train.txt").read_text(encoding="utf-8")
        with replacing(labels) as out:
            out.write(text)
        done.append(str(labels))
        counts[role] = text.count("\n")
    return counts


def families_at_hand(call: Call, style: str) -> tuple[str, ...]:
    """List the families that a style draws from, and that draw Latin letters or digits."""
    kind = _KINDS.get(style, _TEXT)
    rows = json.loads(call(("synth", "fonts", "--json")))["rows"]
    wanted, start = ("Latin", "") if kind == _TEXT else ("digits", _OURS)
    return tuple(
        row["family"]
        for row in rows
        if row["kind"] == kind and wanted in row["scripts"] and row["family"].startswith(start)
    )


def apart(families: Sequence[str], roles: Sequence[str], style: str) -> dict[str, tuple[str, ...]]:
    """Share families out so that no two roles have one in common.

    Raises:
        InputError: there are fewer families than roles.
    """
    if len(set(families)) < len(roles):
        raise InputError(
            f"style {style}",
            f"has {count_of(len(set(families)), 'face family', 'face families')} on this machine, "
            f"and {len(roles)} sets of lines need one each",
            f"Name your own lines, or install more: {install_line('fonts')}",
        )
    return families_by_role(families, roles)


def without_others(families: Mapping[str, Sequence[str]], role: str) -> tuple[str, ...]:
    """Return the options that keep a role's lines from the faces of all others.

    >>> without_others({"mine": ["A"], "judge": ["B"]}, "mine")
    ('--family-weight', 'B=0')
    """
    others = sorted(name for other, names in families.items() if other != role for name in names)
    return tuple(word for name in others for word in ("--family-weight", f"{name}=0"))


def families_by_role(families: Sequence[str], roles: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Share face families out to roles, in turn, as they come when sorted by name.

    >>> families_by_role(["c", "a", "b"], ["mine", "judge"])
    {'mine': ('a', 'c'), 'judge': ('b',)}
    """
    ordered = sorted(set(families))
    return {role: tuple(ordered[at :: len(roles)]) for at, role in enumerate(roles)}
