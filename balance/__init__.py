"""Mix original and new lines in a held ratio, and find what is wrong with a set of lines.

    from pathlib import Path

    import balance

    mixed = balance.mix(
        balance.MixRequest(
            original=(Path("own/train.txt"),),
            new=(Path("drawn/rec_gt_train.txt"),),
            out=Path("mixed"),
        )
    )
    mixed["configuration"]["epochs"][0]["new"]

A request has the words of the command's options. What is wrong is raised as
`textlines.MendError`. Importing this loads nothing heavy: names are looked up when they are used.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from balance.commands.mix import mix
    from balance.mixing.mix_request import MixRequest
    from balance.mixing.option_values import Cap, Ratio

__all__ = ["Cap", "MixRequest", "Ratio", "mix"]


def __getattr__(name: str) -> Any:
    if name == "mix":
        from balance.commands.mix import mix

        return mix
    if name == "MixRequest":
        from balance.mixing.mix_request import MixRequest

        return MixRequest
    if name in ("Cap", "Ratio"):
        from balance.mixing import option_values

        return getattr(option_values, name)
    raise AttributeError(f"module 'balance' has no attribute {name!r}")
