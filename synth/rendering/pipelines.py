"""A pipeline of albumentations in a style: its last stage, before the image is encoded.

    [albumentations]
    p = 0.5                    # share of lines
    file = "worn.json"         # what A.save or json.dump(A.to_dict(...)) wrote, beside the style

The style keeps the serialised form itself, so that a run is described by its record. Each line has
a seed of its own: the same bytes for any workers, with the same release of albumentations on the
same kind of CPU (its floats are not ours to bound). Whether the line is legible is judged after it,
as after any effect. What moves pixels is refused: boxes and the proof of each character would stay
where the ink no longer is; [geometry] turns lines with both.
"""

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from pydantic import BaseModel, Field, field_validator

from textlines.errors import MachineError, UsageError
from textlines.files import read_text
from textlines.installing import install_line, installed_versions
from textlines.parsing import parse_json
from textlines.pixels.arrays import Image

TABLE = "albumentations"
DISTRIBUTIONS = ("albumentations", "albucore")
"""What the pixels of a pipeline depend on."""

PROBES = 3
"""Images that a pipeline is tried on before a run begins."""

_PROBE: Final = np.tile(np.linspace(40, 215, 160, dtype=np.uint8)[None, :, None], (48, 1, 3))


class PipelinePart(BaseModel, frozen=True, extra="forbid", defer_build=True):
    """A pipeline and how often it is used.

    p: share of lines, 0..1.
    pipeline: as `albumentations.to_dict` returns it.
    """

    p: float = Field(1.0, ge=0, le=1)
    pipeline: Mapping[str, Any]

    @field_validator("pipeline")
    @classmethod
    def _is_serialised(cls, pipeline: Mapping[str, Any]) -> Mapping[str, Any]:
        if not isinstance(pipeline.get("transform"), Mapping):
            raise ValueError('holds no "transform": write it with albumentations.to_dict or save')
        # Plain values alone, so that a record holds the very same.
        json.dumps(pipeline)
        return pipeline


def embed_pipeline(table: dict[str, Any], folder: Path) -> None:
    """Put the pipeline of a style as read in the place of its `file`.

    Args:
        folder: that the file's path starts from.

    Raises:
        InputError: the file cannot be read or is no JSON.
    """
    part = table.get(TABLE)
    if not isinstance(part, dict) or not isinstance(part.get("file"), str):
        return
    path = folder / part["file"]
    mend = "Write it with albumentations.save(pipeline, path)."
    content = parse_json(read_text(path, "the pipeline"), str(path), "the pipeline", mend)
    table[TABLE] = {key: value for key, value in part.items() if key != "file"}
    table[TABLE]["pipeline"] = content


@dataclass(frozen=True, slots=True)
class BoundPipeline:
    """A pipeline that can be applied. Made once for each process.

    Attributes:
        p: share of lines. place: what to name in a message.
    """

    p: float
    place: str
    compose: Any

    def apply(self, image: Image, seed: int) -> Image:
        """Return an image (H x W x 3 BGR) after the pipeline, drawn from a seed of 32 bits.

        Raises:
            UsageError: a transform fails, or changes the shape or the kind of numbers.
        """
        self.compose.set_random_seed(seed)
        try:
            # albumentations counts channels as RGB.
            changed = self.compose(image=np.ascontiguousarray(image[:, :, ::-1]))["image"]
        except Exception as error:
            raise UsageError(
                self.place,
                f"cannot be applied to an image ({_on_one_line(error)})",
                "Mend the pipeline.",
            ) from error
        if changed.dtype != np.uint8 or changed.shape != image.shape:
            raise UsageError(
                self.place,
                f"makes {changed.dtype} of {changed.shape} of uint8 of {image.shape}",
                "Leave out what changes the size or the kind of numbers (ToFloat, Normalize).",
            )
        return np.ascontiguousarray(changed[:, :, ::-1])


def bind_pipeline(part: PipelinePart, place: str) -> BoundPipeline:
    """Build a pipeline, refuse what moves pixels, and try it.

    Args:
        place: what to name in a message: the style and the key.

    Raises:
        MachineError: albumentations is not installed.
        UsageError: it does not load, moves pixels, or does not give back images.
    """
    # It asks a server for its newest release where it is not told to leave that.
    os.environ.setdefault("NO_ALBUMENTATIONS_UPDATE", "1")
    try:
        import albumentations
    except ImportError as error:
        raise MachineError(
            place, f"needs albumentations ({error})", f"Install it: {install_line('augment')}"
        ) from error
    try:
        loaded = albumentations.from_dict(dict(part.pipeline))
    except Exception as error:
        written = part.pipeline.get("__version__")
        here = installed_versions(DISTRIBUTIONS)["albumentations"]
        raise UsageError(
            place,
            f"is no pipeline that albumentations {here} loads ({type(error).__name__}: "
            f"{_on_one_line(error)})",
            "Mend that transform."
            if written == here
            else f"It was written by {written or 'no release'}: write it again with {here}.",
        ) from error
    moving = sorted({type(each).__name__ for each in _transforms(loaded) if _moves(each)})
    if moving:
        raise UsageError(
            place,
            f"moves pixels ({', '.join(moving)}), and the boxes of characters would not follow",
            "Leave that out; [geometry] of the style turns, shears and bends lines.",
        )
    compose = loaded if isinstance(loaded, albumentations.Compose) else _composed(loaded)
    bound = BoundPipeline(part.p, place, compose)
    for seed in range(PROBES):
        bound.apply(_PROBE, seed)
    return bound


def _on_one_line(error: Exception) -> str:
    """Return what a library says, without its links."""
    return " ".join(str(error).partition("For further information")[0].split())


def _composed(transform: Any) -> Any:
    import albumentations

    return albumentations.Compose([transform])


def _transforms(transform: Any) -> Iterator[Any]:
    """Yield the transforms of a pipeline, those within others too."""
    inner = getattr(transform, "transforms", None)
    if inner is None:
        yield transform
        return
    for each in inner:
        yield from _transforms(each)


def _moves(transform: Any) -> bool:
    """Whether a transform moves pixels: it asks for masks too and does more than blank some."""
    from albumentations import DualTransform, NoOp, PixelDropout
    from albumentations.augmentations.dropout.transforms import BaseDropout

    return isinstance(transform, DualTransform) and not isinstance(
        transform, BaseDropout | PixelDropout | NoOp
    )
