"""A style as it stands in the record of a run."""

from typing import Any

from synth.rendering.pipelines import DISTRIBUTIONS, TABLE
from synth.rendering.style import Style
from textlines.installing import installed_versions

_LATER = (
    ((), "texts"),
    ((), "family_weights"),
    ((), "palette"),
    ((), "patch"),
    ((), "lettering"),
    ((), "bend"),
    (("output",), "native"),
    (("output",), "enlarge"),
    (("output",), "window"),
    (("text",), "character_width"),
    (("text",), "gaps"),
    (("text",), "sizes"),
    (("text",), "faces"),
    (("text",), "vertical"),
)
"""Keys of a style that came later: where they say nothing, runs from before them are the same."""


def described(style: Style) -> dict[str, Any]:
    """Return a style as plain values, and the versions of what it is drawn with beside ours."""
    content = style.model_dump(mode="json", by_alias=True)
    usual = Style(name=style.name).model_dump(mode="json", by_alias=True)
    for tables, key in _LATER:
        held, as_usual = content, usual
        for table in tables:
            held, as_usual = held[table], as_usual[table]
        if held[key] == as_usual[key]:
            del held[key]
    versions: dict[str, str] = {}
    # Runs from before there were such keys are the same runs.
    if style.albumentations is None:
        del content[TABLE]
    else:
        versions |= installed_versions(DISTRIBUTIONS)
    if style.plugins:
        versions |= installed_versions(style.plugins)
    else:
        del content["plugins"]
    return {"style": content, **({"packages": versions} if versions else {})}
