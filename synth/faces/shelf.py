"""The faces of a plan in a worker: by id, each file checked when it is first used."""

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from synth.faces.face import Face
from textlines.errors import InputError


def to_config(faces: Iterable[Face]) -> list[dict[str, Any]]:
    """Describe faces as JSON can hold them, for another process; sorted by id."""
    return [
        {
            "path": str(face.path),
            "index": face.index,
            "sha256": face.sha256,
            "family": face.family,
            "style": face.style,
            "licence": face.licence,
            "declared": None if face.declared is None else "".join(sorted(face.declared)),
            "weight": face.weight,
            "kind": face.kind,
        }
        for face in sorted(faces, key=lambda f: (f.id, str(f.path)))
    ]


def from_config(described: Iterable[Mapping[str, Any]]) -> list[Face]:
    """Make the faces that `to_config` described. No file is opened; see `FaceShelf`."""
    return [
        Face(
            path=Path(entry["path"]),
            declared=None if entry["declared"] is None else frozenset(entry["declared"]),
            **{k: entry[k] for k in entry if k not in ("path", "declared")},
        )
        for entry in described
    ]


class FaceShelf:
    """Faces by id. A file is read and compared with its sha256 the first time it is asked for."""

    def __init__(self, faces: Iterable[Face]) -> None:
        self._faces = {face.id: face for face in faces}
        self._checked: set[tuple[str, str]] = set()

    @classmethod
    def from_config(cls, described: Iterable[Mapping[str, Any]]) -> "FaceShelf":
        """Make a shelf of what `to_config` described."""
        return cls(from_config(described))

    def by_id(self, face_id: str) -> Face:
        """Give the face with this id, its file being what it was when the plan was made.

        Raises:
            InputError: no face has the id; or its file is gone or has changed.
        """
        face = self._faces.get(face_id)
        if face is None:
            raise InputError(
                f"face {face_id}",
                f"is none of the {len(self._faces)} faces at hand",
                "Name the folder that the plan was made with by --fonts.",
            )
        key = (str(face.path), face.sha256)
        if key not in self._checked:
            self._check(face)
            self._checked.add(key)
        return face

    def _check(self, face: Face) -> None:
        mend = "Put the file back, or make a new plan in a new folder."
        try:
            data = face.path.read_bytes()
        except OSError as error:
            raise InputError(str(face.path), f"cannot be read ({error.strerror})", mend) from None
        if hashlib.sha256(data).hexdigest() != face.sha256:
            raise InputError(str(face.path), "has changed since the plan was made", mend)
