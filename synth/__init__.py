"""The rendering engine: text-line images whose labels are never wrong.

    import synth

    sample = synth.render("47.01", style="lcd", seed=3)
    sample.image       # height x width x 3, uint8, BGR
    sample.record      # its row of the manifest
    for sample in synth.Renderer("receipt", seed=1).lines(["합계 12,500원", "Total 4.20"]):
        ...

`Renderer` says what it takes: a style by name, as a file, a table or a `Style`; fonts by licence
and weight; an alphabet. Importing this loads nothing heavy: names are looked up when they are used.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from synth.api import Renderer, render
    from synth.rendering.sample import Sample
    from synth.rendering.style import Style

__all__ = ["Renderer", "Sample", "Style", "render"]


def __getattr__(name: str) -> Any:
    if name in ("Renderer", "render"):
        from synth import api

        return getattr(api, name)
    if name == "Sample":
        from synth.rendering.sample import Sample

        return Sample
    if name == "Style":
        from synth.rendering.style import Style

        return Style
    raise AttributeError(f"module 'synth' has no attribute {name!r}")
