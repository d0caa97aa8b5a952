"""What a face is known by, in plans and in manifests, whatever its file is called."""

from dataclasses import dataclass
from typing import Any

from textlines.formats.rows import is_count, wrong

Instance = tuple[tuple[str, float], ...]
"""Where in a variable font a face stands: (tag, value) of each axis, in the order of the file's
`fvar`; empty for a file without axes."""


def face_id(sha256: str, index: int, instance: Instance = ()) -> str:
    """Name a face by its content: 16 digits of the file's sha256, its number there, its axes.

    Axes are 16.16 fixed-point numbers: ten digits tell any two of a file's instances apart.

    >>> face_id("0123456789abcdef" * 4, 2)
    '0123456789abcdef-2'
    >>> face_id("0123456789abcdef" * 4, 0, (("wght", 700.0), ("slnt", -9.5)))
    '0123456789abcdef-0-wght700-slnt-9.5'
    """
    axes = "".join(f"-{tag.strip()}{value:.10g}" for tag, value in instance)
    return f"{sha256[:16]}-{index}{axes}"


@dataclass(frozen=True, slots=True)
class FaceOf:
    """The face of a sample: its family, the file's sha256, its number in the file, a licence.

    Attributes:
        instance: [tag, value] of each axis of a variable font; of any other file the key is
            left out, as it is in manifests from before instances were drawn.
    """

    family: str
    sha256: str
    index: int
    licence: str
    instance: Instance = ()

    @property
    def id(self) -> str:
        """The face's id, as plans have it."""
        return face_id(self.sha256, self.index, self.instance)

    def as_dict(self) -> dict[str, Any]:
        """Return the object that a manifest holds."""
        held: dict[str, Any] = {
            "family": self.family,
            "sha256": self.sha256,
            "index": self.index,
            "licence": self.licence,
        }
        return held | {"instance": self.instance} if self.instance else held


_TEXTS = ("family", "sha256", "licence")
_KEYS = frozenset({*_TEXTS, "index"})


def face_of(content: object) -> FaceOf:
    """Make a face of what a manifest holds.

    Raises:
        RowError: a key is missing or unknown, or a value is wrong.
    """
    if type(content) is not dict or content.keys() - {"instance"} != _KEYS:
        raise wrong("face", content, f"an object of {', '.join(sorted(_KEYS))}")
    if not is_count(content["index"]):
        raise wrong("face.index", content["index"], "a whole number from 0 on")
    for key in _TEXTS:
        if type(content[key]) is not str:
            raise wrong(f"face.{key}", content[key], "text")
    instance = content.get("instance", [])
    if type(instance) is not list or not all(map(_is_axis, instance)):
        raise wrong("face.instance", instance, "a list of [axis, number]")
    return FaceOf(
        content["family"],
        content["sha256"],
        content["index"],
        content["licence"],
        tuple((tag, float(value)) for tag, value in instance),
    )


def _is_axis(pair: object) -> bool:
    if type(pair) is not list or len(pair) != 2 or type(pair[0]) is not str:
        return False
    # NaN and infinity are no numbers: nothing of ours writes them.
    return type(pair[1]) in (int, float) and abs(pair[1]) < 1e300
